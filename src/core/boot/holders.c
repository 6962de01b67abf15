#include "core/boot/holders.h"

static bool is_heard(const struct holder *holder, uint64_t now_ms)
{
    return holder->heard_ms != 0 && now_ms - holder->heard_ms < HOLDERS_AGE_MS;
}

static size_t set_of(const struct holders *holders, const struct endpoint *address)
{
    struct endpoint key = endpoint_host(address);

    return endpoint_hash(&key, holders->seed) % HOLDERS_SETS;
}

/* The place of this address in its set, or the one that gives way. */
static struct holder *place_for(struct holder set[HOLDERS_WAYS], const struct endpoint *address)
{
    struct holder *oldest = &set[0];

    for (size_t way = 0; way < HOLDERS_WAYS; way++) {
        if (set[way].heard_ms != 0 && endpoint_same_address(&set[way].address, address))
            return &set[way];
        if (set[way].heard_ms < oldest->heard_ms)
            oldest = &set[way];
    }
    return oldest;
}

static void learn(struct holders *holders, const struct endpoint *address, const struct mac *mac, uint64_t now_ms)
{
    struct holder *place = place_for(holders->places[mac->source - MAC_BY_DHCP][set_of(holders, address)], address);
    bool is_its_own = is_heard(place, now_ms) && endpoint_same_address(&place->address, address);

    if (is_its_own && !mac_is_proved(mac)) {
        place->is_disputed |= memcmp(place->mac, mac->bytes, MAC_SIZE) != 0;
        place->heard_ms = now_ms;
        return;
    }
    *place = (struct holder){.address = endpoint_host(address), .heard_ms = now_ms};
    memcpy(place->mac, mac->bytes, MAC_SIZE);
}

void holders_hear(struct holders *holders, const struct boot_decision *decision, uint64_t now_ms)
{
    struct mac mac = {.source = decision->claim};

    ASSERT(now_ms > 0);
    if (mac.source == MAC_UNKNOWN)
        return;
    memcpy(mac.bytes, decision->machine.identity.mac, MAC_SIZE);
    learn(holders, mac.source == MAC_BY_BOOTP ? &decision->bootp_host->address : &decision->client, &mac, now_ms);
}

struct mac holders_find(const struct holders *holders, const struct endpoint *address, uint64_t now_ms)
{
    struct mac mac = {.source = MAC_UNKNOWN};
    size_t set = set_of(holders, address);

    for (size_t kind = HOLDERS_KINDS; kind-- > 0;)
        for (size_t way = 0; way < HOLDERS_WAYS; way++) {
            const struct holder *place = &holders->places[kind][set][way];
            if (!is_heard(place, now_ms) || !endpoint_same_address(&place->address, address))
                continue;
            if (place->is_disputed)
                return mac;
            mac.source = (uint8_t)(MAC_BY_DHCP + kind);
            memcpy(mac.bytes, place->mac, MAC_SIZE);
            return mac;
        }
    return mac;
}
