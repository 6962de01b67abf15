/*
 * A thread that looks each second how far something slow has come, so that nothing waits without end for a disk or a share
 * that does not answer.
 */
#ifndef SERVICE_WATCHDOG_H
#define SERVICE_WATCHDOG_H

#include "win32/system/progress.h"
#include "win32/system/windows.h"

#include <stdbool.h>

enum { WATCHDOG_LOOK_MS = 1000, WATCHDOG_PATIENCE_S = 60 };

/* Both functions are called on its thread. bite may be NULL. */
struct watchdog {
    struct progress *progress;
    void (*look)(void *context); /* each second */
    void (*bite)(void *context); /* once, after WATCHDOG_PATIENCE_S in which nothing got done; it looks no more then */
    void *context;
    HANDLE over;   /* the rest is its own */
    HANDLE thread; /* NULL: there was no memory for one, and nobody looks */
};

/* The first four are filled in; it lives until watchdog_end has returned. */
void watchdog_begin(struct watchdog *dog);
/* Neither function is called any more. */
void watchdog_end(struct watchdog *dog);

#endif
