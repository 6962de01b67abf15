/*
 * Worlds of our own client: against our own server, or against a server of lies (liar.h). A seed says which, and what is
 * asked, what the network does and who meddles. What must hold:
 *
 *   - a file is whole on its other side, or the exit code is not 0; nothing is stored of what failed;
 *   - without faults our server serves at once, and nothing is sent twice; each lie has the result of its row;
 *   - once the trouble is over the next attempt succeeds;
 *   - strangers change nothing; every attempt ends; over all worlds the client sends at most three times the least.
 */
#ifndef SIMULATION_ASKING_H
#define SIMULATION_ASKING_H

#include "run.h"

struct run_result asking_run_seed(uint64_t seed, struct statistics *statistics, bool is_told);

/* Over many worlds: false, and prints why, if the client sent too much. */
bool asking_check_sent(const struct statistics *statistics);
/* Lies and causes, and how often each was met; false if one never was. */
bool asking_print_coverage(const struct statistics *statistics, bool only_gaps);

#endif
