/*
 * So many a second and no more. A bucket of tokens for one thing in all; and a bucket for each source, in tables of fixed
 * size where sources of the same hash share one: by address, and by network (endpoint_network) with
 * ENDPOINT_NETWORK_SHARE times the rate. What an attacker gains by sharing is that others get less, never that he gets more.
 */
#ifndef CORE_LIMITER_H
#define CORE_LIMITER_H

#include "core/base/endpoint.h"

enum { LIMITER_BUCKETS = 1024 };

struct bucket {
    uint32_t tokens_milli; /* thousandths */
    uint32_t filled_ms;    /* low bits of the time of the last filling */
};

/* Full: per_second (1 to 4,000,000) is the size of a burst too. */
void bucket_init(struct bucket *bucket, uint32_t per_second);
/* True if there was a token. per_second may be another at each call, as the parameter changes. */
bool bucket_take(struct bucket *bucket, uint32_t per_second, uint64_t now_ms);
/* True if there is one; it stays there. */
bool bucket_has(const struct bucket *bucket, uint32_t per_second, uint64_t now_ms);

struct limiter {
    uint64_t seed; /* of endpoint_hash */
    struct bucket addresses[LIMITER_BUCKETS];
    struct bucket networks[LIMITER_BUCKETS]; /* of IPv6; an IPv4 address is its own */
};

void limiter_init(struct limiter *limiter, uint32_t per_second, uint64_t seed);
/* True if one more may go to this source, whatever its port, now. */
bool limiter_allows(struct limiter *limiter, const struct endpoint *source, uint32_t per_second, uint64_t now_ms);
/* Whether limiter_allows would say so; nothing is taken. */
bool limiter_has(const struct limiter *limiter, const struct endpoint *source, uint32_t per_second, uint64_t now_ms);

#endif
