/*
 * So many a second and no more. A bucket of tokens for one thing in all; and, for ERROR packets, a bucket per source
 * address in a table of fixed size, where sources of the same hash share one. What an attacker gains by that is to
 * silence errors to others, never more errors.
 */
#ifndef CORE_LIMITER_H
#define CORE_LIMITER_H

#include "core/endpoint.h"

enum { LIMITER_BUCKETS = 1024 };

struct bucket {
    uint32_t tokens_milli; /* thousandths */
    uint32_t filled_ms;    /* low bits of the time of the last filling */
};

/* Full: per_second (1 to 4,000,000) is the size of a burst too. */
void bucket_init(struct bucket *bucket, uint32_t per_second);
/* True if there was a token. per_second may be another at each call, as the parameter changes. */
bool bucket_take(struct bucket *bucket, uint32_t per_second, uint64_t now_ms);

struct limiter {
    struct bucket buckets[LIMITER_BUCKETS];
};

void limiter_init(struct limiter *limiter, uint32_t per_second);
/* True if one more may go to this source now. */
bool limiter_allows(struct limiter *limiter, const struct endpoint *source, uint32_t per_second, uint64_t now_ms);

#endif
