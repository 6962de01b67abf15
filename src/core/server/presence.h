/*
 * A thing that the service needs of the machine and may lose for a time: a listening socket, the start directory. It has
 * one state, is tried again at a measured pace while it is not there, and what becomes of it is told once.
 */
#ifndef CORE_PRESENCE_H
#define CORE_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

enum presence_state {
    PRESENCE_AWAITED, /* not there, and it is nobody's fault: an address that is not up yet */
    PRESENCE_OPEN,
    PRESENCE_TAKEN,  /* another program has it */
    PRESENCE_FAILED, /* it cannot be had, for any other reason */
    PRESENCE_BROKEN, /* it was open, and is of no use any more */
    PRESENCE_STATES
};

/* All zero: awaited, to be tried at once, nothing told. */
struct presence {
    enum presence_state state;
    uint32_t told;   /* a bit for each state that was told since it was open last */
    uint64_t due_ms; /* no attempt before this */
};

/* True for who is to try now; the next attempt is due pace_ms later. */
bool presence_try(struct presence *presence, uint64_t now_ms, uint32_t pace_ms);
/*
 * The new state; true if it is to be told: each state once until the thing is open, and open if anything was told before.
 * One that has been open for longer than the pace is tried again at once.
 */
bool presence_becomes(struct presence *presence, enum presence_state state);

#endif
