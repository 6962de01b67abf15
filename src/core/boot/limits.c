#include "core/boot/limits.h"

static uint32_t total_rate(uint32_t per_second)
{
    return per_second * BOOT_TOTAL_SHARE;
}

static void init_all(struct bucket *buckets, size_t count, uint32_t per_second)
{
    for (size_t i = 0; i < count; i++)
        bucket_init(&buckets[i], per_second);
}

void boot_limits_init(struct boot_limits *limits, uint32_t per_second, uint64_t seed)
{
    limits->seed = seed;
    init_all(limits->clients, BOOT_CLIENT_BUCKETS, BOOT_CLIENT_BURST);
    limiter_init(&limits->addresses, BOOT_ADDRESS_PER_SECOND, seed);
    init_all(limits->relays, BOOT_RELAY_BUCKETS, BOOT_RELAY_PER_SECOND);
    init_all(limits->interfaces, BOOT_INTERFACE_BUCKETS, per_second);
    bucket_init(&limits->total, total_rate(per_second));
}

static size_t client_place(const struct boot_limits *limits, const struct identity *identity)
{
    struct endpoint key = {.port = 0};

    if (identity->has_mac)
        memcpy(key.address, identity->mac, MAC_SIZE);
    else
        memcpy(key.address, identity->guid, GUID_SIZE);
    return endpoint_hash(&key, limits->seed) % BOOT_CLIENT_BUCKETS;
}

static size_t relay_place(const struct boot_limits *limits, const struct endpoint *relay)
{
    struct endpoint key = endpoint_host(relay);

    return endpoint_hash(&key, limits->seed) % BOOT_RELAY_BUCKETS;
}

enum boot_reason boot_limits_take(struct boot_limits *limits, const struct boot_decision *decision,
                                  const struct endpoint *aim, uint32_t interface_index, uint32_t per_second,
                                  uint64_t now_ms)
{
    /* A bucket holds what it is filled with in a second: this one's clock is so much slower than its burst is larger. */
    enum { CLIENT_SLOWER = BOOT_CLIENT_BURST / BOOT_CLIENT_PER_SECOND };
    bool is_relayed = !endpoint_is_unspecified(&decision->relay);
    struct {
        struct bucket *bucket;
        uint32_t per_second;
        uint64_t now_ms;
        enum boot_reason reason;
        bool counts;
    } shares[] = {
        {&limits->clients[client_place(limits, &decision->machine.identity)], BOOT_CLIENT_BURST, now_ms / CLIENT_SLOWER,
         BOOT_CLIENT_LIMIT, true},
        {&limits->relays[relay_place(limits, &decision->relay)], BOOT_RELAY_PER_SECOND, now_ms, BOOT_RELAY_LIMIT,
         is_relayed},
        {&limits->interfaces[interface_index % BOOT_INTERFACE_BUCKETS], per_second, now_ms, BOOT_INTERFACE_LIMIT, true},
        {&limits->total, total_rate(per_second), now_ms, BOOT_TOTAL_LIMIT, true},
    };
    enum { SHARES = sizeof shares / sizeof shares[0] };

    for (size_t i = 0; i < SHARES; i++)
        if (shares[i].counts && !bucket_has(shares[i].bucket, shares[i].per_second, shares[i].now_ms))
            return shares[i].reason;
    if (aim != NULL && !limiter_has(&limits->addresses, aim, BOOT_ADDRESS_PER_SECOND, now_ms))
        return BOOT_ADDRESS_LIMIT;
    for (size_t i = 0; i < SHARES; i++)
        if (shares[i].counts)
            bucket_take(shares[i].bucket, shares[i].per_second, shares[i].now_ms);
    if (aim != NULL)
        limiter_allows(&limits->addresses, aim, BOOT_ADDRESS_PER_SECOND, now_ms);
    return BOOT_NOTHING_AGAINST;
}
