/*
 * What the findings of a probe mean: a line for each thing, its state, and what mends it. A line that says FAIL is something
 * that stops a boot, and has a cause of core/client/cause; WARN is something that costs.
 */
#ifndef CORE_PROBE_VERDICT_H
#define CORE_PROBE_VERDICT_H

#include "core/client/cause.h"
#include "core/probe/findings.h"

enum {
    VERDICTS_MAX = 32,
    VERDICT_MEANING_MAX = 1024, /* the longest name, the longest text of a server, and ours */
    VERDICT_REMEDY_MAX = 1500,
    VERDICT_EXIT_WARN = 1
};

enum verdict_state { VERDICT_NOTE, VERDICT_OK, VERDICT_WARN, VERDICT_FAIL };

struct verdict {
    enum verdict_state state;
    const char *what;
    char meaning[VERDICT_MEANING_MAX]; /* printable */
    char remedy[VERDICT_REMEDY_MAX];   /* or empty; lines are ended by LF but the last */
    enum cause cause;                  /* with FAIL */
    uint16_t code;                     /* with FAIL and CAUSE_SERVER_ERROR */
};

struct verdicts {
    uint32_t count;
    struct verdict lines[VERDICTS_MAX];
};

/* program: the path of this one, for the firewall's rule. */
void verdicts_make(struct verdicts *verdicts, const struct findings *f, const char *program);
/* 0: all is well; VERDICT_EXIT_WARN; or the code of the first failure's cause (core/client/cause). */
int verdicts_exit_code(const struct verdicts *verdicts, const struct findings *f);

const char *verdict_state_text(enum verdict_state state);

#endif
