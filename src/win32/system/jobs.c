#include "win32/system/jobs.h"

#include <stdbool.h>
#include <stdlib.h>

struct lane {
    struct job *first;
    struct job **end;
    uint32_t running;
    uint32_t running_max;
    uint64_t turn; /* when a job of it was taken last */
};

struct jobs {
    SRWLOCK lock;
    CONDITION_VARIABLE has_work;
    struct lane lanes[JOBS_LANES];
    uint64_t turn;
    struct progress *progress; /* NULL: nobody looks */
    bool is_closing;
    uint32_t thread_count;
    HANDLE threads[];
};

static bool may_run(const struct jobs *jobs, const struct lane *lane)
{
    const struct lane *lanes = jobs->lanes;
    uint32_t slow = lanes[JOBS_WRITES].running + lanes[JOBS_BACKGROUND].running;
    bool leaves_half = lane == &lanes[JOBS_READS] || slow < lanes[JOBS_WRITES].running_max;

    return lane->first != NULL && lane->running < lane->running_max && leaves_half;
}

/* The lane whose turn it is, NULL if nothing may run. */
static struct lane *choose(struct jobs *jobs)
{
    struct lane *chosen = NULL;

    for (struct lane *lane = jobs->lanes; lane < jobs->lanes + JOBS_LANES; lane++)
        if (may_run(jobs, lane) && (chosen == NULL || lane->turn < chosen->turn))
            chosen = lane;
    return chosen;
}

static struct job *begin(struct jobs *jobs, struct lane *lane)
{
    struct job *job = lane->first;

    lane->first = job->next;
    if (lane->first == NULL)
        lane->end = &lane->first;
    lane->running++;
    lane->turn = ++jobs->turn;
    return job;
}

/*
 * The next job and its lane. lane is that of the job which the thread has just done, NULL if it has done none: its place
 * is given away in the same moment, so whatever may not run waits for a thread that will come here.
 */
static struct job *take(struct jobs *jobs, struct lane **lane)
{
    struct job *job = NULL;

    AcquireSRWLockExclusive(&jobs->lock);
    if (*lane != NULL) {
        (*lane)->running--;
        progress_step(jobs->progress);
    }
    while ((*lane = choose(jobs)) == NULL && !jobs->is_closing)
        SleepConditionVariableSRW(&jobs->has_work, &jobs->lock, INFINITE, 0);
    if (*lane != NULL)
        job = begin(jobs, *lane);
    /* The thread that was woken for this one may have found another, or nothing that might run then. */
    bool is_more = choose(jobs) != NULL;
    ReleaseSRWLockExclusive(&jobs->lock);
    if (is_more)
        WakeConditionVariable(&jobs->has_work);
    return job;
}

static DWORD WINAPI run(void *context)
{
    struct jobs *jobs = context;
    struct lane *lane = NULL;

    for (struct job *job = take(jobs, &lane); job != NULL; job = take(jobs, &lane))
        job->run(job);
    return 0;
}

static uint32_t part_of(uint32_t threads, uint32_t divisor)
{
    return threads > divisor ? threads / divisor : 1;
}

struct jobs *jobs_open(uint32_t threads)
{
    struct jobs *jobs = calloc(1, sizeof *jobs + threads * sizeof jobs->threads[0]);

    if (jobs == NULL)
        return NULL;
    InitializeSRWLock(&jobs->lock);
    InitializeConditionVariable(&jobs->has_work);
    for (size_t i = 0; i < JOBS_LANES; i++)
        jobs->lanes[i].end = &jobs->lanes[i].first;
    jobs->lanes[JOBS_READS].running_max = threads;
    jobs->lanes[JOBS_WRITES].running_max = part_of(threads, 2);
    jobs->lanes[JOBS_BACKGROUND].running_max = part_of(threads, 4);
    while (jobs->thread_count < threads) {
        HANDLE thread = CreateThread(NULL, 0, run, jobs, 0, NULL);
        if (thread == NULL) {
            jobs_close(jobs);
            return NULL;
        }
        jobs->threads[jobs->thread_count++] = thread;
    }
    return jobs;
}

void jobs_put(struct jobs *jobs, enum jobs_lane lane, struct job *job)
{
    job->next = NULL;
    AcquireSRWLockExclusive(&jobs->lock);
    *jobs->lanes[lane].end = job;
    jobs->lanes[lane].end = &job->next;
    ReleaseSRWLockExclusive(&jobs->lock);
    WakeConditionVariable(&jobs->has_work);
}

void jobs_report(struct jobs *jobs, struct progress *progress)
{
    AcquireSRWLockExclusive(&jobs->lock);
    jobs->progress = progress;
    ReleaseSRWLockExclusive(&jobs->lock);
}

void jobs_close(struct jobs *jobs)
{
    AcquireSRWLockExclusive(&jobs->lock);
    jobs->is_closing = true;
    ReleaseSRWLockExclusive(&jobs->lock);
    WakeAllConditionVariable(&jobs->has_work);
    for (uint32_t i = 0; i < jobs->thread_count; i++) {
        WaitForSingleObject(jobs->threads[i], INFINITE);
        CloseHandle(jobs->threads[i]);
    }
    free(jobs);
}
