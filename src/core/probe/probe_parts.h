/*
 * What probe*.c share. Nobody else includes this.
 */
#ifndef CORE_PROBE_PROBE_PARTS_H
#define CORE_PROBE_PROBE_PARTS_H

#include "core/probe/probe.h"

/* A step is soundings, one after the other, each of which leaves something in the findings; STEP_PING has none. */
struct probe_step_row {
    const char *name;
    uint32_t ms_max;
    bool (*wants)(const struct probe *p);
    /* What to sound next; p->round counts. False: this step is at its end. */
    bool (*plan)(struct probe *p, struct sounding_setup *setup);
    void (*take)(struct probe *p);
};

extern const struct probe_step_row probe_steps[STEP_OVER];

/* probe_steps.c, for probe_measure.c */

enum { STEP_SENDS = 3, STEP_SENDS_OF_MANY = 2 /* of one request among many */ };

bool step_is_alive(const struct probe *p);
bool step_is_served(const struct probe *p);
/* One of the running step that asks for this name, and has no options as yet. */
struct sounding_setup step_sounding(const struct probe *p, const char *name, uint32_t sends);
void step_ask(struct sounding_setup *setup, enum option option, uint32_t value);
/* What became of the sounding that has just ended. */
struct finding_answer step_answer(const struct probe *p);

/* probe_measure.c: what is measured, once it is known what the server grants */

bool wants_blocks(const struct probe *p);
bool plan_blocks(struct probe *p, struct sounding_setup *setup);
void take_blocks(struct probe *p);

bool wants_windows(const struct probe *p);
bool plan_windows(struct probe *p, struct sounding_setup *setup);
void take_windows(struct probe *p);

bool wants_manners(const struct probe *p);
bool plan_manners(struct probe *p, struct sounding_setup *setup);
void take_manners(struct probe *p);

bool wants_put(const struct probe *p);
bool plan_put(struct probe *p, struct sounding_setup *setup);
void take_put(struct probe *p);

#endif
