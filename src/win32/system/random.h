/*
 * Numbers that nobody can foresee, from the system's generator.
 */
#ifndef WIN32_RANDOM_H
#define WIN32_RANDOM_H

#include <stdint.h>

/* All 32 bits are random. */
uint32_t random_number(void);
/* The same of 64 bits, as a seed. */
uint64_t random_seed(void);

#endif
