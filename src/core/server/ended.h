/*
 * Whose transfers ended lately, by peer: what still comes from them is late, not strange. It must not draw an ERROR, which
 * the client might take for the answer to its next request; and whose upload was stored gets its last ACK again, however
 * late its timer repeats the last block (RFC 1350 section 6: the last ACK may be lost).
 */
#ifndef CORE_ENDED_H
#define CORE_ENDED_H

#include "core/base/endpoint.h"
#include "core/wire/packet.h"

enum {
    ENDED_QUIET_MS = 2000,
    ENDED_STORED_MS = 60 * 1000, /* longer than any client repeats a block */
    ENDED_SETS = 128,
    ENDED_WAYS = 4 /* peers in a set, which a hash chooses: the first to be forgotten gives way */
};

struct ended_place {
    struct endpoint at;
    uint64_t quiet_until_ms;
    uint64_t stored_until_ms; /* 0: no upload, or not stored */
    uint16_t last_block;      /* of the stored upload, as on the wire */
};

/* Cleared memory but for the seed; its owner's, on one thread. */
struct ended {
    uint64_t seed; /* of endpoint_hash */
    struct ended_place places[ENDED_SETS][ENDED_WAYS];
};

void ended_add(struct ended *ended, const struct endpoint *peer, uint64_t now_ms);
void ended_add_stored(struct ended *ended, const struct endpoint *peer, uint16_t last_block, uint64_t now_ms);

enum ended_answer {
    ENDED_UNKNOWN, /* a stranger: RFC 1350 section 4 has ERROR 5 for it */
    ENDED_QUIET,   /* say nothing */
    ENDED_ACK      /* the last block of a stored upload: acknowledge it again */
};

enum ended_answer ended_judge(const struct ended *ended, const struct endpoint *peer, const struct packet *packet,
                              uint64_t now_ms);

#endif
