/* Time moves in steps, and waits end at one. */
#include "strict.h"

enum { TICK_US = 15625, TICK_UNITS = TICK_US * 10 };

IMPORTED(GetTickCount64)
IMPORTED(GetSystemTimeAsFileTime)
IMPORTED(GetLocalTime)
IMPORTED(GetSystemTime)
IMPORTED(Sleep)
IMPORTED(SleepConditionVariableSRW)

static uint64_t tick_before_us(uint64_t now_us)
{
    return now_us / TICK_US * TICK_US;
}

uint64_t strict_now_us(void)
{
    LARGE_INTEGER now, per_second;

    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&per_second);
    return (uint64_t)now.QuadPart / (uint64_t)per_second.QuadPart * 1000000 +
           (uint64_t)now.QuadPart % (uint64_t)per_second.QuadPart * 1000000 / (uint64_t)per_second.QuadPart;
}

static ULONGLONG WINAPI tick_count(void)
{
    return strict_holds(RULE_CLOCK_TICK) ? tick_before_us(strict_now_us()) / 1000 : REAL(GetTickCount64)();
}
REPLACE(GetTickCount64, tick_count);

static void WINAPI system_time(FILETIME *time)
{
    ULARGE_INTEGER units;

    if (!strict_holds(RULE_CLOCK_TICK)) {
        REAL(GetSystemTimeAsFileTime)(time);
        return;
    }
    GetSystemTimePreciseAsFileTime(time);
    units.u.LowPart = time->dwLowDateTime;
    units.u.HighPart = time->dwHighDateTime;
    units.QuadPart = units.QuadPart / TICK_UNITS * TICK_UNITS;
    time->dwLowDateTime = units.u.LowPart;
    time->dwHighDateTime = units.u.HighPart;
}
REPLACE(GetSystemTimeAsFileTime, system_time);

static void WINAPI system_time_in_parts(SYSTEMTIME *parts)
{
    FILETIME time;

    system_time(&time);
    FileTimeToSystemTime(&time, parts);
}
REPLACE(GetSystemTime, system_time_in_parts);

static void WINAPI local_time_in_parts(SYSTEMTIME *parts)
{
    SYSTEMTIME universal;

    system_time_in_parts(&universal);
    if (!SystemTimeToTzSpecificLocalTime(NULL, &universal, parts))
        *parts = universal;
}
REPLACE(GetLocalTime, local_time_in_parts);

/* A wait counts from the last tick, and ends at the first one that is not before its end. */
DWORD strict_wait_ms(DWORD wait_ms)
{
    if (wait_ms == 0 || wait_ms == INFINITE || !strict_holds(RULE_CLOCK_TICK))
        return wait_ms;
    uint64_t now_us = strict_now_us();
    uint64_t end_us = tick_before_us(tick_before_us(now_us) + (uint64_t)wait_ms * 1000 + TICK_US - 1);
    strict_count(RULE_CLOCK_TICK);
    return (DWORD)((end_us - now_us + 999) / 1000);
}

static void WINAPI sleep_to_tick(DWORD wait_ms)
{
    REAL(Sleep)(strict_wait_ms(wait_ms));
}
REPLACE(Sleep, sleep_to_tick);

static BOOL WINAPI sleep_on_condition(CONDITION_VARIABLE *condition, SRWLOCK *lock, DWORD wait_ms, ULONG flags)
{
    return REAL(SleepConditionVariableSRW)(condition, lock, strict_wait_ms(wait_ms), flags);
}
REPLACE(SleepConditionVariableSRW, sleep_on_condition);
