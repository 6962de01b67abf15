/*
 * A few threads for whatever may wait on a disk or a share, so that no listener or worker has to.
 */
#ifndef WIN32_JOBS_H
#define WIN32_JOBS_H

#include "win32/windows.h"

#include <stdint.h>

/* Lies inside the thing it works on; nothing is allocated. It may be put again from within run. */
struct job {
    struct job *next;
    void (*run)(struct job *job);
};

struct jobs;

struct jobs *jobs_open(uint32_t threads);
void jobs_put(struct jobs *jobs, struct job *job);
/* Runs what was put, then ends the threads. */
void jobs_close(struct jobs *jobs);

#endif
