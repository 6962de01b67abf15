#include "counts.h"

#include "files.h"

#include <stdlib.h>
#include <tlhelp32.h>
#include <winternl.h>

enum { ALL_HANDLES = 16, LIST_BYTES = 1024 * 1024, POLL_MS = 5 };

struct handle_row {
    USHORT process;
    USHORT back_trace;
    UCHAR type;
    UCHAR attributes;
    USHORT value;
    void *object;
    ULONG access;
};

struct handle_list {
    ULONG count;
    struct handle_row rows[];
};

unsigned counts_handles(void)
{
    static uint64_t memory[LIST_BYTES / sizeof(uint64_t)];
    const struct handle_list *list = (const struct handle_list *)(const void *)memory;
    DWORD self = GetCurrentProcessId();
    unsigned count = 0;
    ULONG size;

    assert_int_equal(NtQuerySystemInformation((SYSTEM_INFORMATION_CLASS)ALL_HANDLES, memory, sizeof memory, &size), 0);
    for (ULONG i = 0; i < list->count; i++)
        count += list->rows[i].process == self;
    assert_true(count > 0);
    return count;
}

unsigned counts_threads(void)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 thread = {.dwSize = sizeof thread};
    DWORD self = GetCurrentProcessId();
    unsigned count = 0;

    assert_true(snapshot != INVALID_HANDLE_VALUE);
    for (BOOL has_one = Thread32First(snapshot, &thread); has_one; has_one = Thread32Next(snapshot, &thread))
        count += thread.th32OwnerProcessID == self;
    CloseHandle(snapshot);
    return count;
}

bool counts_await_handles(unsigned at_most)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;

    while (counts_handles() > at_most) {
        if (GetTickCount64() >= end_ms)
            return false;
        Sleep(POLL_MS);
    }
    return true;
}
