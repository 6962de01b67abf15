/* For the tests of the rules: which of them hold from here on. */
#ifndef WINDOWS_WORLD_H
#define WINDOWS_WORLD_H

#include "strict.h"

#include <stdio.h>

/* only and without as in the environment; "" for none. */
static inline void world(uint64_t seed, const char *only, const char *without)
{
    char text[32];

    snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
    SetEnvironmentVariableA("STRICT_SEED", text);
    SetEnvironmentVariableA("STRICT_ONLY", only);
    SetEnvironmentVariableA("STRICT_WITHOUT", without);
    strict_begin();
}

#endif
