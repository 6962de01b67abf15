/*
 * Owns one session as a worker does, and lives its life: an event, the step it leads to, what is performed and what follows
 * from that. `log` says what became of the last event: "forget DATA 3 until 1000", "(ERROR 0) ended retake", "-" for nothing.
 */
#ifndef UNIT_OWNER_H
#define UNIT_OWNER_H

#include "core/server/life.h"

enum { OWNER_FILE_SIZE = 20, OWNER_LOG_MAX = 256 };

/* until_ms is what was asked for last and has not come due; UINT64_MAX: nothing. */
struct owner {
    struct life life;
    struct transfer transfer;
    struct transfer_setup setup;
    struct action action;
    uint64_t now_ms;
    uint64_t until_ms;
    enum life_performed with_data; /* how far it gets with blocks of a file, or their reading */
    bool is_over;
    char log[OWNER_LOG_MAX];
};

enum event {
    NEXT, /* the datagram that leads on, were it heard */
    LATE, /* one that does not */
    ERROR_PACKET,
    TIMER_EARLY,
    TIMER,
    SAME, /* its request again */
    OTHER,
    COPY,   /* the request before, late */
    RESUME, /* what it was put off for is there: a turn, room, the disk; only where that can come */
    FAIL,   /* the disk */
    ADMINISTRATOR,
    STOP,
    EVICT,
    SUPERSEDE,
    EVENTS
};

/*
 * kind and options as for driver_init. Its first answer is out, and nothing has come. What is to be put off from then on is
 * chosen in with_data.
 */
void owner_begin(struct owner *o, unsigned kind, const char *options);
void owner_free(struct owner *o);
void owner_happen(struct owner *o, enum event event);

#endif
