/* link: -Wl,--wrap=__imp_CreateThread */
#include "counts.h"
#include "files.h"

#include "win32/system/jobs.h"

enum { JOBS = 1000, THREADS = 4, THREADS_MAX = 9 };

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
    enum jobs_lane lane;
    unsigned number;
    volatile LONG runs;
} many[JOBS];

static volatile LONG run_count;
static unsigned order[JOBS];
static HANDLE gate;
static HANDLE begun; /* counts the jobs that wait for the gate or have passed it */
static HANDLE all_done;
static volatile LONG now_running[JOBS_LANES];
static volatile LONG most_running[JOBS_LANES];
static volatile LONG slow_running; /* writes and background work */
static volatile LONG most_slow_running;

static void run_one(struct job *job)
{
    struct numbered *self = CONTAINING_RECORD(job, struct numbered, job);

    InterlockedIncrement(&self->runs);
    LONG place = InterlockedIncrement(&run_count);
    order[place - 1] = self->number;
    if (place == JOBS)
        SetEvent(all_done);
}

static void raise_to(volatile LONG *most, LONG value)
{
    for (LONG seen = *most; seen < value; seen = *most)
        InterlockedCompareExchange(most, value, seen);
}

static void run_gate(struct job *job)
{
    struct numbered *self = CONTAINING_RECORD(job, struct numbered, job);
    bool is_slow = self->lane != JOBS_READS;

    raise_to(&most_running[self->lane], InterlockedIncrement(&now_running[self->lane]));
    if (is_slow)
        raise_to(&most_slow_running, InterlockedIncrement(&slow_running));
    ReleaseSemaphore(begun, 1, NULL);
    WaitForSingleObject(gate, PATIENCE_MS);
    if (is_slow)
        InterlockedDecrement(&slow_running);
    InterlockedDecrement(&now_running[self->lane]);
    run_one(job);
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
    memset((void *)most_running, 0, sizeof most_running);
    most_slow_running = 0;
    gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    all_done = CreateEventW(NULL, TRUE, FALSE, NULL);
    begun = CreateSemaphoreW(NULL, 0, JOBS, NULL);
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    CloseHandle(gate);
    CloseHandle(all_done);
    CloseHandle(begun);
    return 0;
}

static struct jobs *open_jobs(uint32_t threads)
{
    struct jobs *jobs = jobs_open(threads);

    assert_non_null(jobs);
    return jobs;
}

/* count jobs from this number on, all in one lane. */
static void put(struct jobs *jobs, enum jobs_lane lane, unsigned from, unsigned count, void (*run)(struct job *))
{
    for (unsigned i = from; i < from + count; i++) {
        many[i].lane = lane;
        many[i].job.run = run;
        jobs_put(jobs, lane, &many[i].job);
    }
}

static void await_begun(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(WaitForSingleObject(begun, PATIENCE_MS), WAIT_OBJECT_0);
}

/* None is forgotten while all threads sleep: nothing else is put that would wake one, nor is it closed. */
static void runs_each_job_once(void **state)
{
    struct jobs *jobs = open_jobs(THREADS);

    (void)state;
    for (unsigned i = 0; i < JOBS; i++)
        put(jobs, i % JOBS_LANES, i, 1, run_one);
    assert_int_equal(WaitForSingleObject(all_done, PATIENCE_MS), WAIT_OBJECT_0);
    jobs_close(jobs);
    assert_int_equal(run_count, JOBS);
    for (unsigned i = 0; i < JOBS; i++)
        CHECK(many[i].runs == 1, "job %u ran %ld times", i, many[i].runs);
}

/* A stop behind a hundred slow flushes is no stop that hangs. */
static void each_job_that_is_done_is_a_step(void **state)
{
    static struct progress progress;
    struct jobs *jobs = open_jobs(THREADS);

    (void)state;
    jobs_report(jobs, &progress);
    for (unsigned i = 0; i < JOBS; i++)
        put(jobs, i % JOBS_LANES, i, 1, run_one);
    jobs_close(jobs);
    assert_int_equal(atomic_load(&progress.steps), JOBS);
}

static void runs_them_in_their_order(void **state)
{
    (void)state;
    for (enum jobs_lane lane = 0; lane < JOBS_LANES; lane++) {
        struct jobs *jobs = open_jobs(1);
        run_count = 0;
        put(jobs, lane, 0, JOBS, run_one);
        jobs_close(jobs);
        for (unsigned i = 0; i < JOBS; i++)
            CHECK(order[i] == i, "job %u ran as number %u in lane %d", order[i], i, lane);
    }
}

/* Writes and background work on blocked disks: each may have so many threads, and reads run on what is left. */
static void reads_keep_half_of_the_threads(void **state)
{
    static const struct {
        uint32_t threads;
        LONG writes;
        LONG background;
    } rows[] = {{2, 1, 1}, {3, 1, 1}, {4, 2, 1}, {5, 2, 1}, {8, 4, 2}, {THREADS_MAX, 4, 2}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (enum jobs_lane lane = JOBS_WRITES; lane <= JOBS_BACKGROUND; lane++) {
            LONG limit = lane == JOBS_WRITES ? rows[i].writes : rows[i].background;
            clean_up(state);
            prepare(state);
            struct jobs *jobs = open_jobs(rows[i].threads);
            put(jobs, lane, 0, 100, run_gate);
            await_begun((unsigned)limit);
            /* So many at once, all of which have to begin before the gate is opened. */
            put(jobs, JOBS_READS, 100, rows[i].threads - (unsigned)limit, run_gate);
            await_begun(rows[i].threads - (unsigned)limit);
            SetEvent(gate);
            jobs_close(jobs);
            CHECK(most_running[lane] == limit, "lane %d had %ld of %u threads, not %ld", lane, most_running[lane],
                  rows[i].threads, limit);
            assert_int_equal(run_count, 100 + rows[i].threads - (unsigned)limit);
        }
    }
}

static void writes_and_background_share_their_half(void **state)
{
    struct jobs *jobs = open_jobs(THREADS);

    (void)state;
    put(jobs, JOBS_BACKGROUND, 0, 50, run_gate); /* a sweep, and more */
    await_begun(1);
    put(jobs, JOBS_WRITES, 50, 50, run_gate);
    await_begun(1); /* no write waits for the background work */
    put(jobs, JOBS_READS, 100, 2, run_gate);
    await_begun(2);
    assert_int_equal(most_slow_running, 2);
    SetEvent(gate);
    jobs_close(jobs);
    assert_int_equal(most_slow_running, 2);
    assert_int_equal(most_running[JOBS_BACKGROUND], 1);
    assert_int_equal(run_count, 102);
}

static void reads_may_have_every_thread(void **state)
{
    struct jobs *jobs = open_jobs(THREADS);

    (void)state;
    put(jobs, JOBS_READS, 0, THREADS, run_gate);
    await_begun(THREADS);
    SetEvent(gate);
    jobs_close(jobs);
}

/* One thread, and each lane has work for hours: they take turns, each in its own order. */
static void no_lane_starves(void **state)
{
    static const unsigned turns[] = {200, 300, 101, 201, 301, 102, 202, 302, 103};
    struct jobs *jobs = open_jobs(1);

    (void)state;
    put(jobs, JOBS_READS, 100, 1, run_gate);
    await_begun(1);
    put(jobs, JOBS_READS, 101, 50, run_one);
    put(jobs, JOBS_WRITES, 200, 50, run_one);
    put(jobs, JOBS_BACKGROUND, 300, 50, run_one);
    SetEvent(gate);
    jobs_close(jobs);
    assert_int_equal(order[0], 100);
    for (size_t i = 0; i < COUNT_OF(turns); i++)
        CHECK(order[1 + i] == turns[i], "job %u ran as number %u", order[1 + i], (unsigned)i);
    assert_int_equal(run_count, 151);
}

static HANDLE turnstile; /* a semaphore */

static void run_turnstile(struct job *job)
{
    ReleaseSemaphore(begun, 1, NULL);
    WaitForSingleObject(turnstile, PATIENCE_MS);
    run_one(job);
}

/* Reads hang on every thread, and more of them wait: the first thread that comes free takes the write. */
static void a_write_gets_the_next_free_thread(void **state)
{
    struct jobs *jobs = open_jobs(2);

    (void)state;
    turnstile = CreateSemaphoreW(NULL, 0, JOBS, NULL);
    put(jobs, JOBS_READS, 0, 10, run_turnstile);
    await_begun(2);
    put(jobs, JOBS_WRITES, 10, 1, run_gate);
    ReleaseSemaphore(turnstile, 1, NULL);
    await_begun(1);
    assert_int_equal(now_running[JOBS_WRITES], 1);
    SetEvent(gate);
    ReleaseSemaphore(turnstile, 9, NULL);
    jobs_close(jobs);
    assert_int_equal(run_count, 11);
    CloseHandle(turnstile);
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

    (void)state;
    put(jobs, JOBS_READS, 0, 1, run_gate);
    for (unsigned i = 1; i < JOBS; i++)
        put(jobs, i % JOBS_LANES, i, 1, run_one);
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
        jobs_put(self->jobs, (enum jobs_lane)(run_count % JOBS_LANES), job);
}

static void takes_a_job_again_from_within_even_while_closing(void **state)
{
    struct jobs *jobs = open_jobs(2);

    (void)state;
    many[0].jobs = jobs;
    put(jobs, JOBS_WRITES, 0, 1, run_chain);
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
    put(jobs, JOBS_READS, 0, THREADS, run_meeting);
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
        cmocka_unit_test_setup_teardown(each_job_that_is_done_is_a_step, prepare, clean_up),
        cmocka_unit_test_setup_teardown(runs_them_in_their_order, prepare, clean_up),
        cmocka_unit_test_setup_teardown(reads_keep_half_of_the_threads, prepare, clean_up),
        cmocka_unit_test_setup_teardown(writes_and_background_share_their_half, prepare, clean_up),
        cmocka_unit_test_setup_teardown(reads_may_have_every_thread, prepare, clean_up),
        cmocka_unit_test_setup_teardown(no_lane_starves, prepare, clean_up),
        cmocka_unit_test_setup_teardown(a_write_gets_the_next_free_thread, prepare, clean_up),
        cmocka_unit_test_setup_teardown(close_runs_what_is_left, prepare, clean_up),
        cmocka_unit_test_setup_teardown(takes_a_job_again_from_within_even_while_closing, prepare, clean_up),
        cmocka_unit_test_setup_teardown(one_slow_job_does_not_hold_up_others, prepare, clean_up),
        cmocka_unit_test_setup_teardown(leaves_nothing_when_threads_run_out, prepare, clean_up),
    };

    return cmocka_run_group_tests_name("jobs", tests, NULL, NULL) != 0;
}
