/*
 * An index of things by the peer's address and port: open addressing over pointers to a struct peer that lies inside
 * the indexed thing. The memory is the caller's; nothing is allocated here.
 */
#ifndef CORE_PEERS_H
#define CORE_PEERS_H

#include "core/base/endpoint.h"

struct peer {
    struct endpoint at;
    uint32_t hash; /* filled in by peers_add */
};

struct peers {
    struct peer **slots;
    uint32_t capacity; /* a power of two */
    uint32_t count;
    uint64_t seed; /* of endpoint_hash */
};

/* slots has capacity entries and is cleared here. */
void peers_init(struct peers *peers, struct peer **slots, uint32_t capacity, uint64_t seed);
struct peer *peers_find(const struct peers *peers, const struct endpoint *at);
/* False if an equal peer is there already, or the table is three quarters full. */
bool peers_add(struct peers *peers, struct peer *peer);
/* Removes this very peer; false if another or none stands for its address. */
bool peers_remove(struct peers *peers, const struct peer *peer);

#endif
