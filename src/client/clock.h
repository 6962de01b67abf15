/*
 * The clock of the client. Finer than the 16 ms of GetTickCount64: round trips of a LAN are measured with it.
 */
#ifndef CLIENT_CLOCK_H
#define CLIENT_CLOCK_H

#include "win32/system/windows.h"

#include <stdint.h>

static inline uint64_t now_ms(void)
{
    LARGE_INTEGER count, frequency;

    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    uint64_t ticks = (uint64_t)count.QuadPart, rate = (uint64_t)frequency.QuadPart;
    return ticks / rate * 1000 + ticks % rate * 1000 / rate;
}

#endif
