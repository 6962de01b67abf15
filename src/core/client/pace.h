/*
 * So many bytes a second: what goes is paid for in time, and the next may go when that is over. Up to PACE_CREDIT_MS of what was
 * not used is made up for, as timers are coarse.
 */
#ifndef CORE_CLIENT_PACE_H
#define CORE_CLIENT_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PACE_CREDIT_MS = 50, /* three ticks of Windows' timer */
    PACE_STEP_MS = 250,  /* what goes at once takes no longer: a server repeats what is not answered for long */
    PACE_RATE_MIN = 2048 /* bytes a second: a block of 512 fits into a step */
};

struct pace {
    uint64_t rate;   /* bytes a second, at least PACE_RATE_MIN; 0: no limit */
    uint64_t due_ns; /* when what went is paid for */
};

/* The most bytes that may go at once; UINT32_MAX without a limit. */
uint32_t pace_step_bytes(uint64_t rate);
/* Never for longer than PACE_STEP_MS from now: nobody else can make us wait by sending more than was asked for. */
void pace_spend(struct pace *pace, size_t bytes, uint64_t now_ms);
/* When more may go; not later than now: at once. */
uint64_t pace_due_ms(const struct pace *pace);

#endif
