/* Reads and writes: one at a time on a synchronous handle; now or later on another one. */
#include "file_facts.h"

#include <stdlib.h>

enum { DISK_MS = 15 };

IMPORTED(ReadFile)
IMPORTED(WriteFile)
IMPORTED(SetEvent)
IMPORTED(CloseHandle)
IMPORTED(Sleep)

static void wait_for_disk(void)
{
    if (strict_draws(RULE_SLOW_READ))
        REAL(Sleep)(DISK_MS);
}

/* Waits for the operation that is under way. */
static void enter(struct file_facts *facts)
{
    if (!strict_holds(RULE_ONE_READER) || TryAcquireSRWLockExclusive(&facts->operation))
        return;
    AcquireSRWLockExclusive(&facts->operation);
    strict_count(RULE_ONE_READER);
}

static void leave(struct file_facts *facts)
{
    if (strict_holds(RULE_ONE_READER))
        ReleaseSRWLockExclusive(&facts->operation);
}

/* -- overlapped reads that come later --------------------------------------------------------------------------------- */

struct pending {
    HANDLE handle;
    void *bytes;
    DWORD size;
    OVERLAPPED *theirs;
};

/* Waits for the end, whether Wine ends it now or later. */
static NTSTATUS read_now(const struct pending *pending, DWORD *got)
{
    OVERLAPPED ours = {
        .Offset = pending->theirs->Offset,
        .OffsetHigh = pending->theirs->OffsetHigh,
        .hEvent = CreateEventW(NULL, TRUE, FALSE, NULL),
    };
    BOOL is_read = REAL(ReadFile)(pending->handle, pending->bytes, pending->size, got, &ours);

    if (!is_read && GetLastError() == ERROR_IO_PENDING)
        is_read = GetOverlappedResult(pending->handle, &ours, got, TRUE);
    bool is_end = !is_read && GetLastError() == ERROR_HANDLE_EOF;
    REAL(CloseHandle)(ours.hEvent);
    return is_read ? 0 : is_end ? STRICT_END_OF_FILE : (NTSTATUS)ours.Internal;
}

static DWORD WINAPI complete(void *context)
{
    struct pending pending = *(struct pending *)context;
    HANDLE event = pending.theirs->hEvent;
    DWORD got = 0;

    free(context);
    wait_for_disk();
    NTSTATUS result = read_now(&pending, &got);
    pending.theirs->InternalHigh = got;
    InterlockedExchange64((volatile LONG64 *)&pending.theirs->Internal, (LONG64)(ULONG)result);
    REAL(SetEvent)(event);
    return 0;
}

static BOOL pend(HANDLE handle, void *bytes, DWORD size, OVERLAPPED *theirs)
{
    struct pending *pending = malloc(sizeof *pending);

    if (pending == NULL)
        abort();
    *pending = (struct pending){handle, bytes, size, theirs};
    ResetEvent(theirs->hEvent);
    theirs->Internal = STRICT_PENDING;
    theirs->InternalHigh = 0;
    if (!QueueUserWorkItem(complete, pending, WT_EXECUTELONGFUNCTION))
        abort();
    SetLastError(ERROR_IO_PENDING);
    return FALSE;
}

/* -- the calls -------------------------------------------------------------------------------------------------------- */

static BOOL WINAPI read_file(HANDLE handle, void *bytes, DWORD size, DWORD *got, OVERLAPPED *overlapped)
{
    struct file_facts *facts = file_facts_of(handle);

    if (facts == NULL)
        return REAL(ReadFile)(handle, bytes, size, got, overlapped);
    if (!facts->is_synchronous && overlapped == NULL) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if (!facts->is_synchronous)
        return overlapped->hEvent != NULL && strict_draws(RULE_READ_PENDS)
                   ? pend(handle, bytes, size, overlapped)
                   : REAL(ReadFile)(handle, bytes, size, got, overlapped);
    enter(facts);
    wait_for_disk();
    BOOL is_read = REAL(ReadFile)(handle, bytes, size, got, overlapped);
    leave(facts);
    return is_read;
}
REPLACE(ReadFile, read_file);

static BOOL WINAPI write_file(HANDLE handle, const void *bytes, DWORD size, DWORD *written, OVERLAPPED *overlapped)
{
    struct file_facts *facts = file_facts_of(handle);
    bool is_alone = facts != NULL && facts->is_synchronous;

    if (is_alone)
        enter(facts);
    BOOL is_written = REAL(WriteFile)(handle, bytes, size, written, overlapped);
    if (is_alone)
        leave(facts);
    return is_written;
}
REPLACE(WriteFile, write_file);
