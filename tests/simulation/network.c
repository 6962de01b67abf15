#include "network.h"

#include "clients.h"
#include "statistics.h"
#include "victims.h"

struct datagram *network_copy(struct world *w, const struct endpoint *from, const struct endpoint *to, struct span head,
                              struct span tail)
{
    struct datagram *datagram = world_allocate(w, sizeof *datagram + head.size + tail.size);

    *datagram = (struct datagram){.from = *from, .to = *to, .is_forged = w->is_forging, .size = head.size + tail.size};
    memcpy(datagram->bytes, head.bytes, head.size);
    if (tail.size > 0)
        memcpy(datagram->bytes + head.size, tail.bytes, tail.size);
    return datagram;
}

static bool is_to_server(const struct endpoint *to)
{
    struct endpoint server = world_address(NETWORK_SERVER, 0);

    return endpoint_same_address(to, &server) || endpoint_is_broadcast(to);
}

static bool is_lost(struct world *w, bool to_server)
{
    const struct faults *faults = &w->faults;
    bool is_cut = w->now_ms >= faults->partition_from_ms && w->now_ms < faults->partition_until_ms;

    if (is_cut && world_fault(w, 1000, FAULT_PARTITION))
        return true;
    return world_fault(w, to_server ? faults->loss_to_server : faults->loss_to_client, FAULT_LOSS);
}

/* False: so damaged that a checksum tells, and it does not arrive. */
static bool damage(struct world *w, struct datagram *datagram)
{
    bool is_damaged = false;

    if (datagram->size > 0 && world_fault(w, w->faults.corruption, FAULT_CORRUPTION)) {
        /* Most of a datagram is payload, most of what matters is in front. */
        size_t range = world_chance(w, 500) && datagram->size > 4 ? 4 : datagram->size;
        datagram->bytes[world_random(w, (uint32_t)range)] ^= (uint8_t)(1u << world_random(w, 8));
        is_damaged = true;
    }
    if (datagram->size > 0 && world_fault(w, w->faults.truncation, FAULT_TRUNCATION)) {
        datagram->size = world_random(w, (uint32_t)datagram->size);
        is_damaged = true;
    }
    if (!is_damaged)
        return true;
    if (!w->faults.has_checksum)
        client_taint(w, is_to_server(&datagram->to) ? &datagram->from : &datagram->to);
    return !w->faults.has_checksum;
}

static uint64_t delay_ms(struct world *w)
{
    const struct faults *faults = &w->faults;
    bool is_detour = faults->detour_latency_ms != 0 && w->now_ms >= faults->detour_from_ms;
    uint64_t delay = is_detour ? faults->detour_latency_ms : faults->latency_ms;

    if (w->now_ms >= faults->heal_ms)
        return delay;
    if (faults->jitter_ms > 0)
        delay += world_random(w, faults->jitter_ms);
    if (world_fault(w, faults->reordering, FAULT_REORDERING))
        delay += world_random(w, faults->reordering_ms);
    return delay;
}

void network_send(struct world *w, const struct endpoint *from, const struct endpoint *to, struct span head,
                  struct span tail)
{
    bool to_server = is_to_server(to);

    w->statistics->datagrams++;
    if (w->victims != NULL && !to_server)
        victims_on_send(w, from, to, head, head.size + tail.size);
    for (int copy = world_fault(w, w->faults.doubling, FAULT_DOUBLING) ? 2 : 1; copy > 0; copy--) {
        struct datagram *datagram = network_copy(w, from, to, head, tail);
        if (is_lost(w, to_server)) {
            client_count_loss(w, to_server ? from : to);
            world_note_datagram(w, "lost ", datagram);
            world_free(w, datagram);
        } else if (!damage(w, datagram)) {
            world_note_datagram(w, "spoilt", datagram);
            world_free(w, datagram);
        } else {
            world_at(w, w->now_ms + delay_ms(w), MOMENT_DATAGRAM, 0, datagram);
        }
    }
}
