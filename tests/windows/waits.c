/* Waits that end at a tick, and do not hear of datagrams of which Windows would not have told. */
#include "strict.h"

IMPORTED(WaitForSingleObject)
IMPORTED(WaitForMultipleObjects)
IMPORTED(SetEvent)

static BOOL WINAPI set_event(HANDLE event)
{
    strict_sets(event);
    return REAL(SetEvent)(event);
}
REPLACE(SetEvent, set_event);

static DWORD left_ms(uint64_t begun_ms, DWORD wait_ms)
{
    uint64_t gone_ms = strict_now_us() / 1000 - begun_ms;

    if (wait_ms == INFINITE)
        return INFINITE;
    return gone_ms < wait_ms ? (DWORD)(wait_ms - gone_ms) : 0;
}

static DWORD WINAPI wait_for_any(DWORD count, const HANDLE *handles, BOOL is_for_all, DWORD wait_ms)
{
    uint64_t begun_ms = strict_now_us() / 1000;
    DWORD whole_ms = strict_wait_ms(wait_ms);
    DWORD woken;

    do
        woken = REAL(WaitForMultipleObjects)(count, handles, is_for_all, left_ms(begun_ms, whole_ms));
    while (!is_for_all && woken < WAIT_OBJECT_0 + count && strict_is_silent(handles[woken - WAIT_OBJECT_0]));
    return woken;
}
REPLACE(WaitForMultipleObjects, wait_for_any);

static DWORD WINAPI wait_for_one(HANDLE handle, DWORD wait_ms)
{
    uint64_t begun_ms = strict_now_us() / 1000;
    DWORD whole_ms = strict_wait_ms(wait_ms);
    DWORD woken;

    do
        woken = REAL(WaitForSingleObject)(handle, left_ms(begun_ms, whole_ms));
    while (woken == WAIT_OBJECT_0 && strict_is_silent(handle));
    return woken;
}
REPLACE(WaitForSingleObject, wait_for_one);
