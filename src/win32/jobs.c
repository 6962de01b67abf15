#include "win32/jobs.h"

#include <stdbool.h>
#include <stdlib.h>

struct jobs {
    SRWLOCK lock;
    CONDITION_VARIABLE has_work;
    struct job *first;
    struct job **end;
    bool is_closing;
    uint32_t thread_count;
    HANDLE threads[];
};

static struct job *take(struct jobs *jobs)
{
    struct job *job;

    AcquireSRWLockExclusive(&jobs->lock);
    while (jobs->first == NULL && !jobs->is_closing)
        SleepConditionVariableSRW(&jobs->has_work, &jobs->lock, INFINITE, 0);
    job = jobs->first;
    if (job != NULL) {
        jobs->first = job->next;
        if (jobs->first == NULL)
            jobs->end = &jobs->first;
    }
    ReleaseSRWLockExclusive(&jobs->lock);
    return job;
}

static DWORD WINAPI run(void *context)
{
    struct jobs *jobs = context;

    for (struct job *job = take(jobs); job != NULL; job = take(jobs))
        job->run(job);
    return 0;
}

struct jobs *jobs_open(uint32_t threads)
{
    struct jobs *jobs = calloc(1, sizeof *jobs + threads * sizeof jobs->threads[0]);

    if (jobs == NULL)
        return NULL;
    InitializeSRWLock(&jobs->lock);
    InitializeConditionVariable(&jobs->has_work);
    jobs->end = &jobs->first;
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

void jobs_put(struct jobs *jobs, struct job *job)
{
    job->next = NULL;
    AcquireSRWLockExclusive(&jobs->lock);
    *jobs->end = job;
    jobs->end = &job->next;
    ReleaseSRWLockExclusive(&jobs->lock);
    WakeConditionVariable(&jobs->has_work);
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
