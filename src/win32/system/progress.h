/*
 * How far something slow has come, for another thread to see.
 */
#ifndef WIN32_PROGRESS_H
#define WIN32_PROGRESS_H

#include <stdatomic.h>
#include <stddef.h>

struct progress {
    _Atomic(const char *) awaited; /* what it waits for, in constant words */
    atomic_uint steps;             /* changes whenever something got done */
};

/* progress may be NULL: then nobody looks. */
static inline void progress_step(struct progress *progress)
{
    if (progress != NULL)
        atomic_fetch_add(&progress->steps, 1);
}

static inline void progress_await(struct progress *progress, const char *awaited)
{
    if (progress != NULL)
        atomic_store(&progress->awaited, awaited);
    progress_step(progress);
}

#endif
