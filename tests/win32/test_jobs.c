/* link: -Wl,--wrap=__imp_CreateThread */
#include "counts.h"
#include "files.h"

#include "win32/jobs.h"

enum { JOBS = 1000, THREADS = 4 };

typedef HANDLE(WINAPI *create_thread)(SECURITY_ATTRIBUTES *, SIZE_T, LPTHREAD_START_ROUTINE, void *, DWORD, DWORD *);
extern create_thread __real___imp_CreateThread;
extern create_thread __wrap___imp_CreateThread;

static int threads_left = INT32_MAX; /* before the system has no more */

static HANDLE WINAPI maybe_create(SECURITY_ATTRIBUTES *security, SIZE_T stack, LPTHREAD_START_ROUTINE run,
                                  void *context, DWORD flags, DWORD *id)
{
    if (threads_left-- <= 0) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    return __real___imp_CreateThread(security, stack, run, context, flags, id);
}
create_thread __wrap___imp_CreateThread = maybe_create;

static struct numbered {
    struct job job;
    struct jobs *jobs;
    unsigned number;
    volatile LONG runs;
} many[JOBS];

static volatile LONG run_count;
static unsigned order[JOBS];
static HANDLE gate;

static void run_one(struct job *job)
{
    struct numbered *self = CONTAINING_RECORD(job, struct numbered, job);

    InterlockedIncrement(&self->runs);
    order[InterlockedIncrement(&run_count) - 1] = self->number;
}

static void run_gate(struct job *job)
{
    (void)job;
    WaitForSingleObject(gate, PATIENCE_MS);
}

static int prepare(void **state)
{
    (void)state;
    memset(many, 0, sizeof many);
    for (unsigned i = 0; i < JOBS; i++) {
        many[i].job.run = run_one;
        many[i].number = i;
    }
    run_count = 0;
    threads_left = INT32_MAX;
    gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    CloseHandle(gate);
    return 0;
}

static struct jobs *open_jobs(uint32_t threads)
{
    struct jobs *jobs = jobs_open(threads);

    assert_non_null(jobs);
    return jobs;
}

static void runs_each_job_once(void **state)
{
    struct jobs *jobs = open_jobs(THREADS);

    (void)state;
    for (unsigned i = 0; i < JOBS; i++)
        jobs_put(jobs, &many[i].job);
    jobs_close(jobs);
    assert_int_equal(run_count, JOBS);
    for (unsigned i = 0; i < JOBS; i++)
        CHECK(many[i].runs == 1, "job %u ran %ld times", i, many[i].runs);
}

static void runs_them_in_their_order(void **state)
{
    struct jobs *jobs = open_jobs(1);

    (void)state;
    for (unsigned i = 0; i < JOBS; i++)
        jobs_put(jobs, &many[i].job);
    jobs_close(jobs);
    for (unsigned i = 0; i < JOBS; i++)
        CHECK(order[i] == i, "job %u ran as number %u", order[i], i);
}

static DWORD WINAPI open_gate_later(void *context)
{
    (void)context;
    Sleep(50);
    SetEvent(gate);
    return 0;
}

static void close_runs_what_is_left(void **state)
{
    struct jobs *jobs = open_jobs(1);
    struct job first = {.run = run_gate};

    (void)state;
    jobs_put(jobs, &first);
    for (unsigned i = 0; i < JOBS; i++)
        jobs_put(jobs, &many[i].job);
    HANDLE opener = CreateThread(NULL, 0, open_gate_later, NULL, 0, NULL);
    jobs_close(jobs);
    assert_int_equal(run_count, JOBS);
    WaitForSingleObject(opener, PATIENCE_MS);
    CloseHandle(opener);
}

static void run_chain(struct job *job)
{
    struct numbered *self = CONTAINING_RECORD(job, struct numbered, job);

    if (InterlockedIncrement(&run_count) < JOBS)
        jobs_put(self->jobs, job);
}

static void takes_a_job_again_from_within_even_while_closing(void **state)
{
    struct jobs *jobs = open_jobs(2);

    (void)state;
    many[0].jobs = jobs;
    many[0].job.run = run_chain;
    jobs_put(jobs, &many[0].job);
    jobs_close(jobs);
    assert_int_equal(run_count, JOBS);
}

static volatile LONG together;

static void run_meeting(struct job *job)
{
    struct numbered *self = CONTAINING_RECORD(job, struct numbered, job);

    if (InterlockedIncrement(&together) == THREADS)
        SetEvent(gate);
    self->runs = WaitForSingleObject(gate, PATIENCE_MS) == WAIT_OBJECT_0;
}

static void one_slow_job_does_not_hold_up_others(void **state)
{
    struct jobs *jobs = open_jobs(THREADS);

    (void)state;
    together = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        many[i].job.run = run_meeting;
        jobs_put(jobs, &many[i].job);
    }
    jobs_close(jobs);
    for (unsigned i = 0; i < THREADS; i++)
        CHECK(many[i].runs, "job %u never met the others", i);
}

static void leaves_nothing_when_threads_run_out(void **state)
{
    unsigned threads = counts_threads();
    unsigned handles = counts_handles();

    (void)state;
    for (int left = 0; left < THREADS; left++) {
        threads_left = left;
        assert_null(jobs_open(THREADS));
    }
    assert_true(counts_await_handles(handles));
    assert_int_equal(counts_threads(), threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(runs_each_job_once, prepare, clean_up),
        cmocka_unit_test_setup_teardown(runs_them_in_their_order, prepare, clean_up),
        cmocka_unit_test_setup_teardown(close_runs_what_is_left, prepare, clean_up),
        cmocka_unit_test_setup_teardown(takes_a_job_again_from_within_even_while_closing, prepare, clean_up),
        cmocka_unit_test_setup_teardown(one_slow_job_does_not_hold_up_others, prepare, clean_up),
        cmocka_unit_test_setup_teardown(leaves_nothing_when_threads_run_out, prepare, clean_up),
    };

    return cmocka_run_group_tests_name("jobs", tests, NULL, NULL) != 0;
}
