#include "core/base/limiter.h"

enum { MILLI = 1000, PER_SECOND_MAX = UINT32_MAX / MILLI };

void bucket_init(struct bucket *bucket, uint32_t per_second)
{
    *bucket = (struct bucket){.tokens_milli = per_second * MILLI};
}

static uint32_t tokens_milli_at(const struct bucket *bucket, uint32_t per_second, uint64_t now_ms)
{
    ASSERT(per_second > 0 && per_second <= PER_SECOND_MAX);
    uint32_t full = per_second * MILLI;
    uint32_t passed_ms = (uint32_t)now_ms - bucket->filled_ms;
    uint64_t tokens = bucket->tokens_milli + (uint64_t)passed_ms * per_second;

    return tokens < full ? (uint32_t)tokens : full;
}

bool bucket_has(const struct bucket *bucket, uint32_t per_second, uint64_t now_ms)
{
    return tokens_milli_at(bucket, per_second, now_ms) >= MILLI;
}

bool bucket_take(struct bucket *bucket, uint32_t per_second, uint64_t now_ms)
{
    bucket->tokens_milli = tokens_milli_at(bucket, per_second, now_ms);
    bucket->filled_ms = (uint32_t)now_ms;
    if (bucket->tokens_milli < MILLI)
        return false;
    bucket->tokens_milli -= MILLI;
    return true;
}

static uint32_t network_rate(uint32_t per_second)
{
    return per_second <= PER_SECOND_MAX / ENDPOINT_NETWORK_SHARE ? per_second * ENDPOINT_NETWORK_SHARE : PER_SECOND_MAX;
}

void limiter_init(struct limiter *limiter, uint32_t per_second, uint64_t seed)
{
    limiter->seed = seed;
    for (size_t i = 0; i < LIMITER_BUCKETS; i++) {
        bucket_init(&limiter->addresses[i], per_second);
        bucket_init(&limiter->networks[i], network_rate(per_second));
    }
}

/* Where the source has its buckets; network is LIMITER_BUCKETS if its address is its network. */
struct places {
    size_t address;
    size_t network;
};

static struct places places_of(const struct limiter *limiter, const struct endpoint *source)
{
    struct endpoint address = endpoint_host(source);
    struct endpoint network = endpoint_network(source);
    struct places places = {.network = LIMITER_BUCKETS};

    places.address = endpoint_hash(&address, limiter->seed) % LIMITER_BUCKETS;
    if (!endpoint_same_address(&network, &address))
        places.network = endpoint_hash(&network, limiter->seed) % LIMITER_BUCKETS;
    return places;
}

bool limiter_allows(struct limiter *limiter, const struct endpoint *source, uint32_t per_second, uint64_t now_ms)
{
    struct places places = places_of(limiter, source);

    return bucket_take(&limiter->addresses[places.address], per_second, now_ms) &&
           (places.network == LIMITER_BUCKETS ||
            bucket_take(&limiter->networks[places.network], network_rate(per_second), now_ms));
}

bool limiter_has(const struct limiter *limiter, const struct endpoint *source, uint32_t per_second, uint64_t now_ms)
{
    struct places places = places_of(limiter, source);

    return bucket_has(&limiter->addresses[places.address], per_second, now_ms) &&
           (places.network == LIMITER_BUCKETS ||
            bucket_has(&limiter->networks[places.network], network_rate(per_second), now_ms));
}
