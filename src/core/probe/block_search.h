/*
 * The largest block that arrives, to the byte: first the sizes that are common, then, where one is lost, the one byte behind
 * the largest that came, as most limits are just there, and then halving. Packets are lost for no reason, too: a limit has to
 * be proved by losses in a row, and while it is looked for one is enough.
 */
#ifndef CORE_PROBE_BLOCK_SEARCH_H
#define CORE_PROBE_BLOCK_SEARCH_H

#include "core/wire/options.h"

enum { BLOCK_SEARCH_TRIES = 3 /* losses that prove a limit */ };

struct block_search {
    uint32_t arrived; /* the largest that did; BLKSIZE_MIN - 1: none */
    uint32_t lost;    /* the smallest that did not; 0: none */
    uint32_t proved;  /* the smallest that was lost so often; 0: none */
    uint32_t top;     /* nothing larger is of interest */
    uint32_t asking;
    uint32_t losses; /* of it, in a row, where they have to prove something */
    bool is_edge_known;
};

void block_search_begin(struct block_search *search, uint32_t top);
/* The size to try next; false: it is known. */
bool block_search_next(struct block_search *search, uint32_t *blksize);
/* If this one is lost as well, it is for good. */
bool block_search_is_last_try(const struct block_search *search);
/* Of what was tried; the server may have granted less. */
void block_search_arrived(struct block_search *search, uint32_t blksize);
void block_search_lost(struct block_search *search, uint32_t blksize);
/* The server or its file has no larger ones. */
void block_search_limit(struct block_search *search, uint32_t top);

static inline bool block_search_has_found(const struct block_search *search)
{
    return search->arrived >= BLKSIZE_MIN;
}

#endif
