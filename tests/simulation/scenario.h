/*
 * What kind of world a seed makes: parameters, faults, files and clients.
 */
#ifndef SIMULATION_SCENARIO_H
#define SIMULATION_SCENARIO_H

#include "world.h"

/* Before the disk and the server are made. */
void scenario_choose(struct world *w);
/* The files, and the clients with the time at which each begins. */
void scenario_populate(struct world *w);

#endif
