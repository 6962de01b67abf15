/*
 * Turns: whoever has data to send gets a bounded amount, then the next, by client address and not by transfer, so that one
 * address with hundreds of transfers is as one client to the others (stochastic fair queueing: a hash puts addresses into
 * buckets, each with its queue; buckets go round).
 *
 * Who comes anew goes at once, without waiting behind the queues: once in each round. A round is what its owner makes of
 * it: it empties its sockets, then serves each waiting bucket once.
 */
#ifndef CORE_TURNS_H
#define CORE_TURNS_H

#include "core/base/endpoint.h"

enum {
    TURNS_BUCKETS = 256,
    TURNS_BLOCKS = 8,        /* of a turn where others wait */
    TURNS_BLOCKS_ALONE = 64, /* where nobody else does */
    TURNS_CROWD = 4          /* transfers of one bucket on one worker from which on it may not crowd out others */
};

/* Lies inside the thing that waits. */
struct turn {
    struct turn *next;
};

struct turns_bucket {
    struct turn *first;
    struct turn **end; /* where the next one goes; NULL while the queue is empty */
    uint32_t went;     /* the round in which it went at once */
    uint32_t members;  /* transfers, waiting or not */
    uint16_t after;    /* the bucket behind it in the ring */
};

struct turns {
    uint32_t round;
    uint32_t waiting; /* buckets in the ring */
    uint16_t first;   /* of the ring */
    uint16_t last;
    struct turns_bucket buckets[TURNS_BUCKETS];
};

void turns_init(struct turns *turns);
/* The bucket of a client, whatever its port; seed is that of endpoint_hash. */
uint8_t turns_bucket_of(const struct endpoint *client, uint64_t seed);
/* A transfer comes, or leaves. */
void turns_enter(struct turns *turns, uint8_t bucket);
void turns_leave(struct turns *turns, uint8_t bucket);
/* Nobody of another bucket waits. */
bool turns_is_alone(const struct turns *turns, uint8_t bucket);
bool turns_is_crowd(const struct turns *turns, uint8_t bucket);

void turns_next_round(struct turns *turns);
/* True if it need not wait: nobody of its bucket does, and none has gone at once in this round. It has gone then. */
bool turns_goes_at_once(struct turns *turns, uint8_t bucket);
void turns_put(struct turns *turns, struct turn *turn, uint8_t bucket);
/* The next one's turn, or NULL; its bucket goes to the end of the ring. */
struct turn *turns_take(struct turns *turns);
/* The bucket whose turn is next; only while waiting > 0. */
uint8_t turns_next_bucket(const struct turns *turns);
/* The bucket whose turn is next gives it to the one behind it. */
void turns_pass(struct turns *turns);
/* Takes one out that waits. */
void turns_remove(struct turns *turns, struct turn *turn, uint8_t bucket);

#endif
