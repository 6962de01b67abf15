/* What is known of the handles of files: shared by the rooms files.c, paths.c and reads.c. */
#ifndef WINDOWS_FILE_FACTS_H
#define WINDOWS_FILE_FACTS_H

#include "strict.h"

#include <winternl.h>

/* Some of them are winnt.h's. */
#define STRICT_ACCESS_DENIED     ((NTSTATUS)0xC0000022)
#define STRICT_INVALID_PARAMETER ((NTSTATUS)0xC000000D)
#define STRICT_END_OF_FILE       ((NTSTATUS)0xC0000011)
#define STRICT_PENDING           ((NTSTATUS)0x00000103)

struct file_facts {
    SRWLOCK operation; /* held by the one that is under way, of a synchronous handle */
    bool is_known;
    bool is_synchronous;
    bool is_path_opened; /* a directory that was opened by its path */
    NTSTATUS lost;       /* what everything below it gives; 0: nothing */
    wchar_t *spelling;   /* as it was opened, below which handle */
    HANDLE below;
};

/* NULL where nothing is known of it. */
struct file_facts *file_facts_of(HANDLE handle);
/* The new handle of a file on a disk; the spelling's text is copied. */
struct file_facts *file_learn(HANDLE handle, bool is_synchronous, HANDLE below, const wchar_t *spelling, size_t units);

#endif
