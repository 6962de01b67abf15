/*
 * The core ends the process where it finds a mistake of its own (ASSERT). Then the seed is told before it goes.
 */
#ifndef SIMULATION_TRAP_H
#define SIMULATION_TRAP_H

#include <stdint.h>

/* This seed is run now. */
void trap_seed(uint64_t seed);

#endif
