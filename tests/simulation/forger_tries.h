/*
 * The single things that a forger tries, each at one target. For forger.c.
 */
#ifndef SIMULATION_FORGER_TRIES_H
#define SIMULATION_FORGER_TRIES_H

#include "forger.h"
#include "wire.h"

#define FORGER_LARGE_FILE "f" /* the shorter the name, the fewer bytes have to be forged */

struct plan;

/* Somebody in whose name he sends, and what he believes to be going on there. */
struct target {
    struct endpoint at;
    struct client *client; /* NULL: nobody is there */
    bool is_very_port;     /* of the client, wherever that is by now */
    bool is_upload;
    uint16_t block;
    uint16_t window;
    size_t request_size; /* 0: none yet */
    uint8_t request[WIRE_SIZE_MAX];
};

struct forger {
    uint64_t random;
    bool has_guesses;
    bool has_client_names;   /* uploads under the names of clients' */
    bool is_greedy;          /* he asks for the largest windows and files */
    bool fills;              /* MaxTransfers is small */
    uint32_t sweep_permille; /* of guesses, those at every port */
    uint32_t weights[TRY_COUNT];
    const struct plan *plan; /* for each target in turn; NULL: what comes to his mind */
    uint32_t plan_step;
    uint32_t pace_ms;
    uint32_t turns_left;
    uint32_t packets_left;
    uint32_t target_count;
    struct target *target; /* the one he is busy with */
    struct target targets[FORGER_TARGETS_MAX];
};

/* From his own source of chance. */
uint32_t forger_draw(struct forger *f, uint32_t bound);
bool forger_chance(struct forger *f, uint32_t permille);

void forger_count(struct world *w, enum forger_try number);
/* How often he thinks of it, beside others; 0: it is only counted. */
uint32_t forger_try_weight(const struct forger *f, enum forger_try number);
void forger_run_try(struct world *w, enum forger_try number, struct target *t);

#endif
