#include "core/server/turns.h"

void turns_init(struct turns *turns)
{
    memset(turns, 0, sizeof *turns);
    turns->round = 1;
}

uint8_t turns_bucket_of(const struct endpoint *client, uint64_t seed)
{
    struct endpoint host = endpoint_host(client);

    return (uint8_t)(endpoint_hash(&host, seed) % TURNS_BUCKETS);
}

void turns_enter(struct turns *turns, uint8_t bucket)
{
    turns->buckets[bucket].members++;
}

void turns_leave(struct turns *turns, uint8_t bucket)
{
    ASSERT(turns->buckets[bucket].members > 0);
    turns->buckets[bucket].members--;
}

bool turns_is_alone(const struct turns *turns, uint8_t bucket)
{
    return turns->waiting == (turns->buckets[bucket].first != NULL ? 1 : 0);
}

bool turns_is_crowd(const struct turns *turns, uint8_t bucket)
{
    return turns->buckets[bucket].members >= TURNS_CROWD;
}

void turns_next_round(struct turns *turns)
{
    turns->round++;
}

bool turns_goes_at_once(struct turns *turns, uint8_t bucket)
{
    struct turns_bucket *b = &turns->buckets[bucket];

    if (b->first != NULL || b->went == turns->round)
        return false;
    b->went = turns->round;
    return true;
}

static void join_ring(struct turns *turns, uint8_t bucket)
{
    if (turns->waiting++ == 0)
        turns->first = bucket;
    else
        turns->buckets[turns->last].after = bucket;
    turns->last = bucket;
}

/* The first of the ring leaves it. */
static void leave_ring(struct turns *turns)
{
    turns->first = turns->buckets[turns->first].after;
    turns->waiting--;
}

void turns_put(struct turns *turns, struct turn *turn, uint8_t bucket)
{
    struct turns_bucket *b = &turns->buckets[bucket];

    turn->next = NULL;
    if (b->first == NULL) {
        b->end = &b->first;
        join_ring(turns, bucket);
    }
    *b->end = turn;
    b->end = &turn->next;
}

struct turn *turns_take(struct turns *turns)
{
    if (turns->waiting == 0)
        return NULL;
    uint8_t bucket = (uint8_t)turns->first;
    struct turns_bucket *b = &turns->buckets[bucket];
    struct turn *turn = b->first;

    leave_ring(turns);
    b->first = turn->next;
    if (b->first != NULL)
        join_ring(turns, bucket);
    return turn;
}

uint8_t turns_next_bucket(const struct turns *turns)
{
    ASSERT(turns->waiting > 0);
    return (uint8_t)turns->first;
}

void turns_pass(struct turns *turns)
{
    uint8_t bucket = turns_next_bucket(turns);

    leave_ring(turns);
    join_ring(turns, bucket);
}

void turns_remove(struct turns *turns, struct turn *turn, uint8_t bucket)
{
    struct turns_bucket *b = &turns->buckets[bucket];
    struct turn **place = &b->first;

    while (*place != turn) {
        ASSERT(*place != NULL);
        place = &(*place)->next;
    }
    *place = turn->next;
    if (turn->next == NULL)
        b->end = place;
    if (b->first != NULL)
        return;
    /* The ring has no member with an empty queue. It goes round once, so that the others keep their order. */
    for (uint32_t left = turns->waiting; left > 0; left--) {
        if (turns->first == bucket)
            leave_ring(turns);
        else
            turns_pass(turns);
    }
}
