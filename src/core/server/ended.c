#include "core/server/ended.h"

static const struct ended_place *find(const struct ended *ended, const struct endpoint *peer)
{
    const struct ended_place *set = ended->places[endpoint_hash(peer, ended->seed) % ENDED_SETS];

    for (size_t way = 0; way < ENDED_WAYS; way++)
        if (set[way].quiet_until_ms != 0 && endpoint_equal(&set[way].at, peer))
            return &set[way];
    return NULL;
}

static uint64_t forgotten_ms(const struct ended_place *place)
{
    return place->stored_until_ms > place->quiet_until_ms ? place->stored_until_ms : place->quiet_until_ms;
}

/* The peer's own place, or that of the set which is forgotten first. */
static struct ended_place *place_for(struct ended *ended, const struct endpoint *peer)
{
    struct ended_place *set = ended->places[endpoint_hash(peer, ended->seed) % ENDED_SETS];
    struct ended_place *first = &set[0];

    for (size_t way = 0; way < ENDED_WAYS; way++) {
        if (set[way].quiet_until_ms != 0 && endpoint_equal(&set[way].at, peer))
            return &set[way];
        if (forgotten_ms(&set[way]) < forgotten_ms(first))
            first = &set[way];
    }
    return first;
}

void ended_add(struct ended *ended, const struct endpoint *peer, uint64_t now_ms)
{
    *place_for(ended, peer) = (struct ended_place){.at = *peer, .quiet_until_ms = now_ms + ENDED_QUIET_MS};
}

void ended_add_stored(struct ended *ended, const struct endpoint *peer, uint16_t last_block, uint64_t now_ms)
{
    *place_for(ended, peer) = (struct ended_place){
        .at = *peer,
        .quiet_until_ms = now_ms + ENDED_QUIET_MS,
        .stored_until_ms = now_ms + ENDED_STORED_MS,
        .last_block = last_block,
    };
}

enum ended_answer ended_judge(const struct ended *ended, const struct endpoint *peer, const struct packet *packet,
                              uint64_t now_ms)
{
    const struct ended_place *place = find(ended, peer);

    if (place == NULL)
        return ENDED_UNKNOWN;
    if (packet->opcode == OPCODE_DATA && now_ms < place->stored_until_ms && packet->block == place->last_block)
        return ENDED_ACK;
    return now_ms < place->quiet_until_ms ? ENDED_QUIET : ENDED_UNKNOWN;
}
