/*
 * A seed becomes a world, and the world runs to its end.
 */
#ifndef SIMULATION_RUN_H
#define SIMULATION_RUN_H

#include "statistics.h"

struct run_result {
    bool is_good;
    uint64_t hash;
};

/* Runs one world. If it fails, prints what is wrong, how to see it again, and the end of its trace. */
struct run_result run_seed(uint64_t seed, struct statistics *statistics, bool is_told);

/* Over many worlds: false, and prints why, if more was sent twice than the losses explain. */
bool run_check_resent(const struct statistics *statistics);
/* Models, faults, outcomes and what forgers try, and how often each was met; false if one never was. */
bool run_print_coverage(const struct statistics *statistics, bool only_gaps);

#endif
