#include "core/base/peers.h"

void peers_init(struct peers *peers, struct peer **slots, uint32_t capacity, uint64_t seed)
{
    ASSERT(capacity > 0 && (capacity & (capacity - 1)) == 0);
    memset(slots, 0, capacity * sizeof slots[0]);
    *peers = (struct peers){.slots = slots, .capacity = capacity, .seed = seed};
}

/* The slot that holds this peer, or the empty one where it would go. */
static uint32_t slot_of(const struct peers *peers, const struct endpoint *at, uint32_t hash)
{
    uint32_t slot = hash & (peers->capacity - 1);

    while (peers->slots[slot] != NULL &&
           !(peers->slots[slot]->hash == hash && endpoint_equal(&peers->slots[slot]->at, at)))
        slot = (slot + 1) & (peers->capacity - 1);
    return slot;
}

struct peer *peers_find(const struct peers *peers, const struct endpoint *at)
{
    return peers->slots[slot_of(peers, at, endpoint_hash(at, peers->seed))];
}

bool peers_add(struct peers *peers, struct peer *peer)
{
    peer->hash = endpoint_hash(&peer->at, peers->seed);
    uint32_t slot = slot_of(peers, &peer->at, peer->hash);

    if (peers->slots[slot] != NULL || peers->count >= peers->capacity / 4 * 3)
        return false;
    peers->slots[slot] = peer;
    peers->count++;
    return true;
}

bool peers_remove(struct peers *peers, const struct peer *peer)
{
    uint32_t mask = peers->capacity - 1;
    uint32_t hole = slot_of(peers, &peer->at, peer->hash);

    if (peers->slots[hole] != peer)
        return false;
    peers->count--;
    /* Close the hole: whoever would still be found through it moves into it, and leaves a hole of its own. */
    for (uint32_t slot = (hole + 1) & mask; peers->slots[slot] != NULL; slot = (slot + 1) & mask) {
        uint32_t home = peers->slots[slot]->hash & mask;
        if (((slot - home) & mask) >= ((slot - hole) & mask)) {
            peers->slots[hole] = peers->slots[slot];
            hole = slot;
        }
    }
    peers->slots[hole] = NULL;
    return true;
}
