/*
 * What every unit test needs: cmocka with the headers it wants first, and a check that can say which row of a table
 * failed.
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* CHECK(condition, "row %s", ...): the message is printed when the condition does not hold. */
#define CHECK(condition, ...)      \
    do {                           \
        if (!(condition))          \
            fail_msg(__VA_ARGS__); \
    } while (0)

/* A small generator of our own, so that a seed means the same numbers on every C library. */
static inline uint32_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static inline uint32_t random_below(uint64_t *state, uint32_t bound)
{
    return random_next(state) % bound;
}

#endif
