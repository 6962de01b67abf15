/*
 * A few threads for whatever may wait on a disk or a share, so that no listener or worker has to.
 *
 * Jobs wait in lanes, each in its order. Writing and background work together run on at most half of the threads, and
 * background work on a quarter, so that a read never waits behind flushes and a write never behind a sweep. Reads may use
 * every thread. A thread that is free takes from the lane that has waited longest for its turn, so none starves.
 *
 * Half of one thread, and a quarter of fewer than four, count as one thread. With two or three, reads keep the others, but
 * writes wait for background work. A single thread serves the lanes in turn: a read waits for one job of each other lane.
 */
#ifndef WIN32_JOBS_H
#define WIN32_JOBS_H

#include "win32/system/progress.h"
#include "win32/system/windows.h"

#include <stdint.h>

/* Lies inside the thing it works on; nothing is allocated. It may be put again from within run. */
struct job {
    struct job *next;
    void (*run)(struct job *job);
};

enum jobs_lane {
    JOBS_READS,      /* a client waits for data, or for the answer to its request */
    JOBS_WRITES,     /* whatever changes a disk, or closes what lies on one */
    JOBS_BACKGROUND, /* nobody waits for it, and it may take minutes */
    JOBS_LANES
};

struct jobs;

/* threads is at least 1. NULL when memory or threads are out. */
struct jobs *jobs_open(uint32_t threads);
/* From here on each job that is done is a step of progress, which outlives the jobs; it may be NULL. */
void jobs_report(struct jobs *jobs, struct progress *progress);
void jobs_put(struct jobs *jobs, enum jobs_lane lane, struct job *job);
/* Runs what was put, then ends the threads. */
void jobs_close(struct jobs *jobs);

#endif
