#include "victims.h"

#include "clients.h"
#include "disk.h"
#include "forger.h"
#include "statistics.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    PEERS_MAX = 512, /* what more of them do is not judged */
    PAIRS_MAX = 8    /* the last ports that a peer was sent to from */
};

/* A port of the server that a peer is sent to from. */
struct victim_pair {
    uint16_t tid;
    bool is_forged;
    uint32_t requests; /* of the peer, when that was decided */
};

struct victim_peer {
    struct endpoint at;
    struct victim *victim;
    uint32_t requests;      /* that came from there, forged or not */
    bool is_request_forged; /* the last of them */
    bool is_packet_forged;  /* the last packet of any kind */
    uint64_t heard_ms;      /* when that came */
    uint16_t newest_tid;    /* of its newest transfer */
    uint32_t pair_next;
    struct victim_pair pairs[PAIRS_MAX];
};

struct victim {
    struct endpoint at; /* port 0 */
    uint64_t forged;    /* bytes that came in its name */
    uint64_t allowed;   /* what they may draw where no port is guessed */
    uint64_t drawn;
    bool is_hit_by_data;
};

struct victims {
    bool has_guesses;
    uint64_t forged;
    uint64_t drawn;
    uint64_t guesses;
    uint64_t hits;
    uint64_t upload_packets;
    uint64_t uploads;
    struct {
        bool is_waiting;
        uint64_t asked_ms;
    } clients[WORLD_CLIENTS_MAX];
    uint32_t victim_count;
    uint32_t peer_count;
    struct victim victims[FORGER_TARGETS_MAX];
    struct victim_peer peers[PEERS_MAX];
};

void victims_make(struct world *w, bool has_guesses)
{
    w->victims = world_allocate(w, sizeof *w->victims);
    memset(w->victims, 0, sizeof *w->victims);
    w->victims->has_guesses = has_guesses;
}

void victims_free(struct world *w)
{
    world_free(w, w->victims);
    w->victims = NULL;
}

static struct victim *find_victim(const struct world *w, const struct endpoint *at)
{
    for (uint32_t i = 0; i < w->victims->victim_count; i++)
        if (endpoint_same_address(&w->victims->victims[i].at, at))
            return &w->victims->victims[i];
    return NULL;
}

void victims_add(struct world *w, const struct endpoint *at)
{
    if (find_victim(w, at) != NULL)
        return;
    ASSERT(w->victims->victim_count < FORGER_TARGETS_MAX);
    struct victim *victim = &w->victims->victims[w->victims->victim_count++];
    *victim = (struct victim){.at = *at};
    victim->at.port = 0;
}

static struct victim_peer *find_peer(const struct world *w, const struct endpoint *at)
{
    for (uint32_t i = 0; i < w->victims->peer_count; i++)
        if (endpoint_equal(&w->victims->peers[i].at, at))
            return &w->victims->peers[i];
    return NULL;
}

/* NULL: no victim's, or one too many. */
static struct victim_peer *get_peer(struct world *w, const struct endpoint *at)
{
    struct victim_peer *peer = find_peer(w, at);
    struct victim *victim = find_victim(w, at);

    if (peer != NULL || victim == NULL || w->victims->peer_count == PEERS_MAX)
        return peer;
    peer = &w->victims->peers[w->victims->peer_count++];
    *peer = (struct victim_peer){.at = *at, .victim = victim};
    return peer;
}

static struct victim_pair *find_pair(struct victim_peer *peer, uint16_t tid)
{
    for (uint32_t i = 0; i < PAIRS_MAX; i++)
        if (peer->pairs[i].tid == tid)
            return &peer->pairs[i];
    return NULL;
}

/* -- rules 1 and 2: bytes -- */

static bool is_request(const struct datagram *datagram)
{
    return datagram->size > 2 && (read_u16(datagram->bytes) == 1 || read_u16(datagram->bytes) == 2);
}

/* A request to read without options: it ends behind its second string. */
static bool is_bare(const struct datagram *datagram)
{
    const uint8_t *end = datagram->bytes + datagram->size;
    const uint8_t *at = datagram->bytes + 2;

    if (!is_request(datagram) || read_u16(datagram->bytes) != 1)
        return false;
    for (int strings = 0; strings < 2 && at != NULL; strings++) {
        at = memchr(at, 0, (size_t)(end - at));
        at = at == NULL ? NULL : at + 1;
    }
    return at == end;
}

static void count_forged(struct world *w, struct victim_peer *peer, const struct datagram *datagram)
{
    struct victims *v = w->victims;
    uint64_t bytes = datagram->size + VICTIMS_UDP_HEADERS;
    uint16_t opcode = datagram->size >= 2 ? read_u16(datagram->bytes) : 0;

    v->forged += bytes;
    v->upload_packets += opcode == 2 || opcode == 3;
    v->guesses += !is_request(datagram);
    peer->victim->forged += bytes;
    peer->victim->allowed +=
        is_bare(datagram) ? (uint64_t)w->config.first_sends_max * VICTIMS_FIRST_BLOCK : bytes * VICTIMS_ASKED_RATIO_MAX;
    v->hits += !is_request(datagram) && peer->newest_tid == datagram->to.port;
    if (opcode == 3 && find_pair(peer, datagram->to.port) != NULL)
        peer->victim->is_hit_by_data = true;
}

static void note_asking(struct world *w, const struct datagram *datagram)
{
    const struct client *c = client_find(w, &datagram->from);

    if (c == NULL || !is_request(datagram) || w->victims->clients[c->index].is_waiting)
        return;
    w->victims->clients[c->index].is_waiting = true;
    w->victims->clients[c->index].asked_ms = w->now_ms;
}

void victims_on_arrival(struct world *w, const struct datagram *datagram)
{
    struct victim_peer *peer = get_peer(w, &datagram->from);
    struct victim_pair *pair = peer != NULL ? find_pair(peer, datagram->to.port) : NULL;

    if (!datagram->is_forged)
        note_asking(w, datagram);
    if (peer == NULL)
        return;
    peer->is_packet_forged = datagram->is_forged;
    peer->heard_ms = w->now_ms;
    if (datagram->is_forged)
        count_forged(w, peer, datagram);
    if (is_request(datagram)) {
        peer->requests++;
        peer->is_request_forged = datagram->is_forged;
    } else if (!datagram->is_forged && pair != NULL && datagram->size >= 2 && read_u16(datagram->bytes) != 5) {
        pair->is_forged = false;
    }
}

static bool is_first_answer(struct span head)
{
    uint16_t opcode = read_u16(head.bytes);

    return opcode == 6 || (opcode == 3 && read_u16(head.bytes + 2) == 1) ||
           (opcode == 4 && read_u16(head.bytes + 2) == 0);
}

/* What is sent is about a forged packet: of a transfer the request that began it, of an ERROR besides the last packet. */
static bool is_drawn(const struct world *w, struct victim_peer *peer, uint16_t tid, struct span head)
{
    struct victim_pair *pair = find_pair(peer, tid);
    /* The port for an ERROR to what it asked itself is drawn like any other, and may be that of a forged transfer. */
    bool is_own_error = read_u16(head.bytes) == 5 && !peer->is_packet_forged && peer->heard_ms == w->now_ms;

    if (is_own_error)
        return false;
    /* Of a client's own transfer DATA 1 may come behind an OACK, or once more. */
    bool is_own_data = pair != NULL && !pair->is_forged && read_u16(head.bytes) == 3;

    if (is_first_answer(head) && !is_own_data && (pair == NULL || pair->requests != peer->requests)) {
        if (pair == NULL)
            pair = &peer->pairs[peer->pair_next++ % PAIRS_MAX];
        *pair = (struct victim_pair){tid, peer->is_request_forged, peer->requests};
        peer->newest_tid = tid;
    }
    return pair != NULL ? pair->is_forged : peer->is_packet_forged;
}

/* One window of the largest blocks, and a block for each time that it is said again. */
static uint64_t luck_bytes(const struct world *w)
{
    const struct config *config = &w->config;
    uint32_t largest = config->block_size_max + 4 + VICTIMS_UDP_HEADERS;
    /* Waits double from 10 ms at least to 16 s, until patience ends. */
    uint32_t repeats = 11 + config->silence_s / 16 + config->first_sends_max;

    if (config->mtu != 0 && config->mtu < largest)
        largest = config->mtu;
    return (uint64_t)(config->window_size_max + repeats) * largest;
}

static void check_bytes(struct world *w, const struct victim *victim)
{
    const struct victims *v = w->victims;

    if (!v->has_guesses) {
        REQUIRE(w, victim->drawn <= victim->allowed,
                "rule 1: %" PRIu64 " forged bytes draw %" PRIu64 " to one victim, where %" PRIu64 " are allowed",
                victim->forged, victim->drawn, victim->allowed);
        return;
    }
    uint64_t hits = v->hits < 1 ? 1 : v->hits < VICTIMS_LUCK_MAX ? v->hits : VICTIMS_LUCK_MAX;
    REQUIRE(w, w->config.single_port || v->drawn <= v->forged * VICTIMS_RATIO_MAX + hits * luck_bytes(w),
            "rule 2: %" PRIu64 " forged bytes draw %" PRIu64 " to all victims, with %" PRIu64 " of %" PRIu64
            " guesses right",
            v->forged, v->drawn, v->hits, v->guesses);
}

void victims_on_send(struct world *w, const struct endpoint *tid, const struct endpoint *to, struct span head,
                     size_t size)
{
    struct victim_peer *peer = find_peer(w, to);

    if (peer == NULL || !is_drawn(w, peer, tid->port, head))
        return;
    peer->victim->drawn += size + VICTIMS_UDP_HEADERS;
    w->victims->drawn += size + VICTIMS_UDP_HEADERS;
    check_bytes(w, peer->victim);
}

/* -- rule 4: who is served beside him -- */

/*
 * Somebody who does no harm and is no victim, where nothing but the forger can keep him from being served. Where all
 * transfers have one port, who forges may hold every place as if his victims took the data.
 */
static bool is_bystander(const struct world *w, const struct client *c)
{
    if (w->config.single_port && w->victims->has_guesses)
        return false;
    return w->kind == WORLD_STRICT && !(c->model->habits & (HABIT_MISCHIEF | HABIT_VANISHES)) &&
           find_victim(w, &c->at) == NULL;
}

static struct disk_file *find_own_name(const struct world *w, const struct client *c)
{
    char path[PATH_TEXT_MAX];

    return path_normalize(span_of_text(c->model->path), path) == PATH_OK ? disk_find(w->disk, path) : NULL;
}

/* What it asks for is not there, or its name is taken. */
static bool is_due(const struct world *w, const struct client *c, uint16_t code)
{
    if (client_is_miss(c) || c->model->habits & HABIT_BAD_NAME)
        return code == 1 || code == 2;
    return code == 6 && client_is_upload(c) && find_own_name(w, c) != NULL;
}

void victims_on_client(struct world *w, const struct datagram *datagram)
{
    const struct client *c = client_find(w, &datagram->to);

    if (c == NULL || datagram->size < 4 || datagram->to.port != c->at.port || c->stage != STAGE_ASKED ||
        !w->victims->clients[c->index].is_waiting || !is_bystander(w, c))
        return;
    uint64_t waited_ms = w->now_ms - w->victims->clients[c->index].asked_ms;
    uint16_t code = read_u16(datagram->bytes) == 5 ? read_u16(datagram->bytes + 2) : 0;
    bool is_error = read_u16(datagram->bytes) == 5;
    REQUIRE(w, !is_error || is_due(w, c, code), "rule 4: %s hears ERROR %u before it is served", c->model->name, code);
    REQUIRE(w, waited_ms <= VICTIMS_SERVED_MS, "rule 4: %s is served after %" PRIu64 " ms", c->model->name, waited_ms);
    w->victims->clients[c->index].is_waiting = false;
}

/* -- rule 5: what is stored -- */

static bool is_forged_whole(const struct disk_file *file)
{
    for (size_t i = 0; i < file->size; i++)
        if (file->bytes[i] != FORGER_BYTE)
            return false;
    return true;
}

/* As it is in the file, or as it was on the wire: a request that was forged in its name may have had another mode. */
static bool is_whole(struct world *w, const struct client *c, const struct disk_file *file)
{
    bool is_raw = file->size == c->upload_size && (file->size == 0 || memcmp(file->bytes, c->upload, file->size) == 0);

    return is_raw || (find_own_name(w, c) == file && client_is_own_stored(w, c));
}

/* One that stores whatever it likes under whatever name, without forging anything. */
static bool has_hostile_client(const struct world *w)
{
    for (uint32_t i = 0; i < w->client_count; i++)
        if (w->clients[i].model->habits & HABIT_HOSTILE)
            return true;
    return false;
}

/* A client's upload may have another's name where a request was forged in its name and came before its own. */
static void check_file(struct world *w, const struct disk_file *file)
{
    const struct client *owner = NULL;

    for (uint32_t i = 0; i < w->client_count; i++) {
        const struct client *c = &w->clients[i];
        bool has_name = client_is_upload(c) && find_own_name(w, c) == file;
        if (client_is_upload(c) && (is_whole(w, c, file) || (has_name && c->model->habits & HABIT_MISCHIEF)))
            return;
        if (has_name)
            owner = c;
    }
    if (is_forged_whole(file)) {
        w->victims->uploads++;
        return;
    }
    if (owner == NULL || has_hostile_client(w))
        return;
    const struct victim *victim = find_victim(w, &owner->at);
    REQUIRE(w, victim != NULL && victim->is_hit_by_data, "rule 5: the upload of %s is spoilt", owner->model->name);
    w->victims->uploads++;
}

void victims_check_end(struct world *w)
{
    for (uint32_t i = 0; i < w->client_count; i++)
        REQUIRE(w, !w->victims->clients[i].is_waiting || !is_bystander(w, &w->clients[i]), "rule 4: %s is never served",
                w->clients[i].model->name);
    for (uint32_t i = 0; i < w->disk->file_count && !w->config.single_port; i++)
        if (w->disk->files[i].is_upload)
            check_file(w, &w->disk->files[i]);
}

/* -- over all worlds -- */

void victims_count(struct world *w)
{
    const struct victims *v = w->victims;
    enum statistics_forger kind = !v->has_guesses         ? STATISTICS_FORGER_ASKS
                                  : w->config.single_port ? STATISTICS_FORGER_SINGLE_PORT
                                                          : STATISTICS_FORGER_GUESSES;
    struct statistics_forged *sum = &w->statistics->forged[kind];

    sum->worlds++;
    sum->forged += v->forged;
    sum->drawn += v->drawn;
    sum->guesses += v->guesses;
    sum->hits += v->hits;
    sum->upload_packets += v->upload_packets;
    sum->uploads += v->uploads;
    if (v->forged > 0 && v->drawn * 100 / v->forged >= sum->worst_percent) {
        sum->worst_percent = v->drawn * 100 / v->forged;
        sum->worst_seed = w->seed;
    }
}

bool victims_check_all(const struct statistics *s)
{
    const struct statistics_forged *sum = &s->forged[STATISTICS_FORGER_GUESSES];
    bool is_too_much = sum->drawn > sum->forged * VICTIMS_RATIO_MAX;
    bool is_too_cheap = sum->uploads * VICTIMS_UPLOAD_PACKETS_MIN > sum->upload_packets;

    if (is_too_much)
        printf("# rule 2: over all worlds %" PRIu64 " forged bytes draw %" PRIu64 ".\n", sum->forged, sum->drawn);
    if (is_too_cheap)
        printf("# rule 5: %" PRIu64 " forged packets store %" PRIu64 " files.\n", sum->upload_packets, sum->uploads);
    return !is_too_much && !is_too_cheap;
}

void victims_print(const struct statistics *s)
{
    static const char *const texts[STATISTICS_FORGER_KINDS] = {"no port guessed", "ports guessed", "single port"};

    for (uint32_t kind = 0; kind < STATISTICS_FORGER_KINDS; kind++) {
        const struct statistics_forged *sum = &s->forged[kind];
        double forged = sum->forged > 0 ? (double)sum->forged : 1;
        printf("# forger, %-15s %6" PRIu64 " worlds, %9" PRIu64 " bytes drew %10" PRIu64
               ": %.2f times, worst %.2f (seed %" PRIu64 ")\n",
               texts[kind], sum->worlds, sum->forged, sum->drawn, (double)sum->drawn / forged,
               (double)sum->worst_percent / 100, sum->worst_seed);
        printf("#   %" PRIu64 " of %" PRIu64 " guesses right; %" PRIu64 " files with forged bytes for %" PRIu64
               " packets\n",
               sum->hits, sum->guesses, sum->uploads, sum->upload_packets);
    }
}
