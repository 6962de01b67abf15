#include "core/limiter.h"

enum { MILLI = 1000 };

void bucket_init(struct bucket *bucket, uint32_t per_second)
{
    *bucket = (struct bucket){.tokens_milli = per_second * MILLI};
}

bool bucket_take(struct bucket *bucket, uint32_t per_second, uint64_t now_ms)
{
    ASSERT(per_second > 0 && per_second <= UINT32_MAX / MILLI);
    uint32_t full = per_second * MILLI;
    uint32_t passed_ms = (uint32_t)now_ms - bucket->filled_ms;
    uint64_t tokens = bucket->tokens_milli + (uint64_t)passed_ms * per_second;

    bucket->filled_ms = (uint32_t)now_ms;
    bucket->tokens_milli = tokens < full ? (uint32_t)tokens : full;
    if (bucket->tokens_milli < MILLI)
        return false;
    bucket->tokens_milli -= MILLI;
    return true;
}

void limiter_init(struct limiter *limiter, uint32_t per_second)
{
    for (size_t i = 0; i < LIMITER_BUCKETS; i++)
        bucket_init(&limiter->buckets[i], per_second);
}

bool limiter_allows(struct limiter *limiter, const struct endpoint *source, uint32_t per_second, uint64_t now_ms)
{
    struct endpoint address = *source;

    address.port = 0;
    return bucket_take(&limiter->buckets[endpoint_hash(&address) % LIMITER_BUCKETS], per_second, now_ms);
}
