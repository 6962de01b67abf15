/*
 * What probe*.c share. Nobody else includes this.
 */
#ifndef CORE_PROBE_PROBE_PARTS_H
#define CORE_PROBE_PROBE_PARTS_H

#include "core/probe/probe.h"

/* A step is soundings, one after the other, each of which leaves something in the findings. */
struct probe_step_row {
    const char *name;
    uint32_t ms_max;
    bool (*is_wanted)(const struct probe *p);
    /* What to sound next; p->round counts. False: this step is at its end. */
    bool (*plan)(struct probe *p, struct sounding_setup *setup, uint64_t now_ms);
    void (*take)(struct probe *p);
};

extern const struct probe_step_row probe_steps[STEP_COUNT];

#endif
