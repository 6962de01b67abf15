/*
 * Worlds of `tftp probe`: a seed says whether our own server is asked or one that lies (liar.h), what is on the way to it,
 * and what it allows. What must hold:
 *
 *   - where nothing is lost by chance, what was made up is found: the largest block to the byte, the window, the port, what
 *     is granted, each lie by its name; and nothing else is;
 *   - it ends within its time, its bytes and its packets, asks for two names alone, and stores nothing;
 *   - each exchange has its end: the server has no transfer left when the probe is over.
 */
#ifndef SIMULATION_PROBING_H
#define SIMULATION_PROBING_H

#include "run.h"

struct run_result probing_run_seed(uint64_t seed, struct statistics *statistics, bool is_told);

#endif
