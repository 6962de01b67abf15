/*
 * The ports that transfers answer from, of one worker: a pool that is drawn from, counted and retired. Each local address
 * has so many places, chosen at random; a place gets its port when it is first drawn. RFC 1350 wants TIDs chosen at random;
 * who forges a client's address has to guess the place, for he cannot see from which port he is answered.
 *
 * Who opens and closes sockets owns the pool and guards it. Tids of one pool lie in one array, so that a number stands for
 * each.
 */
#ifndef CORE_TIDS_H
#define CORE_TIDS_H

#include "core/base/endpoint.h"

enum {
    TIDS_IDLE_MS = 5 * 60 * 1000, /* unused for so long, a port is given back */
    TIDS_SPARE = 16 /* kept free for addresses that come anew: the longest unused makes room before that */
};

enum tid_state {
    TID_FREE,
    TID_OPEN,
    TID_RETIRED /* its owner is to close it; nobody draws it any more */
};

struct tid {
    struct endpoint local; /* port 0 */
    uint64_t used_ms;      /* when it was drawn or left last */
    uint32_t place;
    uint32_t users; /* transfers */
    uint8_t state;  /* enum tid_state */
};

struct tids {
    struct tid *tids; /* the caller's, cleared, of capacity entries */
    uint32_t capacity;
    uint32_t places; /* of each local address */
    uint32_t in_use; /* entries that are not free */
};

void tids_init(struct tids *tids, struct tid *memory, uint32_t capacity, uint32_t places);

enum tids_answer {
    TIDS_DRAWN,   /* open, and has one user more */
    TIDS_TO_OPEN, /* the same, once its owner has opened it; else tids_failed */
    TIDS_NONE     /* everything is in use: the client has to ask again */
};

/* random: of all 32 bits. number is the place in the array. */
enum tids_answer tids_draw(struct tids *tids, const struct endpoint *local, uint32_t random, uint64_t now_ms,
                           uint32_t *number);
/* It could not be opened. */
void tids_failed(struct tids *tids, uint32_t number);
/* One user more of one that has some. */
void tids_share(struct tids *tids, uint32_t number);
/* One user less. */
void tids_leave(struct tids *tids, uint32_t number, uint64_t now_ms);
/* Retires what is not used: idle for TIDS_IDLE_MS, or the longest unused where few are free. False: none is to be closed. */
bool tids_retire(struct tids *tids, uint64_t now_ms, uint32_t *number);
/* A retired one is closed. */
void tids_closed(struct tids *tids, uint32_t number);

#endif
