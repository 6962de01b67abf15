/*
 * Who is this? The one answer to how far a client is believed, asked by all who send, count, tell or make room.
 *
 * A source address may be forged, and whoever forges it sees nothing of what is sent there. What he cannot know he has to
 * guess: the port that a transfer answers from (core/server/tids). So an answer to that port proves little by itself,
 * data that was acknowledged more, and what is sent before that is counted in bytes, as QUIC does (RFC 9000, section
 * 8).
 */
#ifndef CORE_STANDING_H
#define CORE_STANDING_H

#include "core/base/endpoint.h"

enum standing {
    STANDING_STRANGER, /* nothing ever came back */
    STANDING_ANSWERED, /* something did: a lucky guess would look the same */
    STANDING_PROVEN,   /* took data and said so, or sent more for our acknowledgment */
    STANDING_COUNT
};

enum {
    STANDING_HEADERS = 28,     /* of IPv4 and UDP, counted with every datagram */
    STANDING_REPLY_FACTOR = 3, /* times the bytes of its requests may leave for a stranger (RFC 9000, 8.1) */
    STANDING_BYTES_PER_PORT =
        192, /* a guess at the port is to bring little more than it costs: 32 bytes and many misses */
    STANDING_BUDGET_WINDOWS = 3, /* times the parameter UnprovenBytes may leave before a client is proven */
    STANDING_KNOWN_MS = 600 * 1000,
    STANDING_KNOWN_SETS = 1024,
    STANDING_KNOWN_WAYS = 4 /* addresses in a set, which a hash chooses: the one least lately seen gives way */
};

/* Bytes of data, headers included, that may be under way to a client whose address is not known. */
uint32_t standing_window_bytes(uint32_t unproven_bytes, uint32_t ports);

/* The most bytes of UDP payload that may answer a request of this size, so that nobody is hit with more than he pays for. */
size_t standing_reply_max(size_t request_size);

/* Addresses that have finished a transfer in the last STANDING_KNOWN_MS. Guarded by its owner. */
struct known {
    uint64_t seed; /* of endpoint_hash */
    struct {
        struct endpoint address; /* port 0 */
        uint64_t until_ms;       /* 0: nobody */
    } places[STANDING_KNOWN_SETS][STANDING_KNOWN_WAYS];
};

/* known is cleared memory but for its seed. The port of address does not count. */
void standing_learn(struct known *known, const struct endpoint *address, uint64_t now_ms);
bool standing_knows(const struct known *known, const struct endpoint *address, uint64_t now_ms);

#endif
