/* link: -Wl,--wrap=file_read,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "counts.h"
#include "files.h"

#include "win32/cache_parts.h"

#include <stdlib.h>

enum { CHUNKS = 64, MIB = 1024 * 1024, WAITERS = 50, READ_THREADS = 2 };

enum status __real_file_read(HANDLE handle, uint64_t offset, void *bytes, uint32_t size, uint32_t *got);
enum status __wrap_file_read(HANDLE handle, uint64_t offset, void *bytes, uint32_t size, uint32_t *got);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __real_free(void *memory);
void __wrap_free(void *memory);

/* What the disk and the memory are made to do. */
static struct {
    HANDLE gate; /* reads wait for it; NULL: they do not */
    enum status read_status;
    uint32_t missing; /* bytes the file has lost at its end */
    volatile LONG reads;
    bool is_out_of_memory;
} lab;
static volatile LONG allocated; /* and not freed */

enum status __wrap_file_read(HANDLE handle, uint64_t offset, void *bytes, uint32_t size, uint32_t *got)
{
    InterlockedIncrement(&lab.reads);
    if (lab.gate != NULL)
        WaitForSingleObject(lab.gate, PATIENCE_MS);
    *got = 0;
    if (lab.read_status != STATUS_OK)
        return lab.read_status;
    return __real_file_read(handle, offset, bytes, size - lab.missing, got);
}

static void *count_in(void *memory)
{
    if (memory != NULL)
        InterlockedIncrement(&allocated);
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return lab.is_out_of_memory ? NULL : count_in(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return lab.is_out_of_memory ? NULL : count_in(__real_calloc(count, size));
}

void __wrap_free(void *memory)
{
    if (memory != NULL)
        InterlockedDecrement(&allocated);
    __real_free(memory);
}

static const char *directory;
static struct root *root;
static struct jobs *jobs;
static struct cache *cache;
static unsigned handles;
static LONG allocated_before;

static int set_up(void **state)
{
    (void)state;
    memset(&lab, 0, sizeof lab);
    directory = files_directory();
    allocated_before = allocated;
    handles = counts_handles();
    jobs = jobs_open(READ_THREADS);
    cache = jobs != NULL ? cache_open(CHUNKS / 16, jobs) : NULL;
    return cache == NULL || root_open(&root, directory) != 0;
}

/* At the end nothing is held, whatever the test did. */
static int tear_down(void **state)
{
    (void)state;
    jobs_close(jobs);
    for (uint32_t i = 0; i < cache->chunk_count; i++) {
        CHECK(atomic_load(&cache->chunks[i].pins) == 0, "chunk %u is pinned", (unsigned)i);
        CHECK(cache->chunks[i].state == CHUNK_EMPTY || cache->chunks[i].state == CHUNK_READY, "chunk %u is being read",
              (unsigned)i);
        CHECK(cache->chunks[i].waiters == NULL, "chunk %u has waiters", (unsigned)i);
    }
    cache_close(cache);
    root_release(root);
    assert_int_equal(allocated, allocated_before);
    assert_int_equal(counts_handles(), handles);
    return 0;
}

static void make(const char *name, size_t size, unsigned seed)
{
    files_make(files_path(directory, name), size, seed);
}

static struct cached_file *attach(const char *name)
{
    struct opened_file opened;

    if (file_open(root, name, &opened) != STATUS_OK)
        return NULL;
    return cache_attach(cache, &opened);
}

/* How long a chunk of a file of this size is. */
static uint32_t chunk_size(size_t size, uint32_t number)
{
    size_t left = size - (size_t)number * CACHE_CHUNK_SIZE;

    return left < CACHE_CHUNK_SIZE ? (uint32_t)left : CACHE_CHUNK_SIZE;
}

static bool holds(const struct chunk_hint *hint, size_t size, unsigned seed, uint32_t number)
{
    struct span bytes = cache_bytes(hint);

    return bytes.size == chunk_size(size, number) &&
           files_match(bytes.bytes, bytes.size, seed, (uint64_t)number * CACHE_CHUNK_SIZE);
}

static enum cache_answer pin_blocking(struct cached_file *file, uint32_t number, struct chunk_hint *hint,
                                      enum status *status)
{
    *status = STATUS_OK;
    return cache_pin(cache, file, number, hint, NULL, status);
}

/* While the threads of the jobs are held up, what is to be read ahead may take every chunk. */
static enum cache_answer pin_patiently(struct cached_file *file, uint32_t number, struct chunk_hint *hint,
                                       enum status *status)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
    enum cache_answer answer = pin_blocking(file, number, hint, status);

    for (; answer == CACHE_EXHAUSTED && GetTickCount64() < end_ms; Sleep(1))
        answer = pin_blocking(file, number, hint, status);
    return answer;
}

static void check_chunk(struct cached_file *file, uint32_t number, struct chunk_hint *hint, size_t size, unsigned seed)
{
    enum status status;

    assert_int_equal(pin_patiently(file, number, hint, &status), CACHE_PINNED);
    CHECK(holds(hint, size, seed, number), "chunk %u is not of seed %u", (unsigned)number, seed);
    cache_unpin(hint);
}

static void check_whole(struct cached_file *file, size_t size, unsigned seed)
{
    struct chunk_hint hint = {NULL, 0, 0};

    for (uint32_t number = 0; (size_t)number * CACHE_CHUNK_SIZE < size; number++)
        check_chunk(file, number, &hint, size, seed);
}

static void shares_one_object_among_all(void **state)
{
    (void)state;
    make("a.img", 100000, 1);
    make("b.img", 100000, 1);
    unsigned before = counts_handles();
    struct cached_file *first = attach("a.img");
    assert_ptr_equal(attach("A.IMG"), first);
    assert_ptr_equal(attach("a.img"), first);
    struct cached_file *other = attach("b.img");
    assert_ptr_not_equal(other, first);
    assert_int_equal(counts_handles(), before + 2); /* the spare ones were closed */
    assert_string_equal(cached_file_path(first), "a.img");
    assert_int_equal(cached_file_size(first), 100000);
    check_whole(first, 100000, 1);
    LONG reads = lab.reads;
    assert_int_equal(reads, 2);
    check_whole(first, 100000, 1);
    assert_int_equal(lab.reads, reads);
    for (int i = 0; i < 3; i++)
        cache_release(cache, first);
    cache_release(cache, other);
}

static void keeps_contents_but_no_handle_of_an_idle_file(void **state)
{
    (void)state;
    make("a.img", 200000, 1);
    unsigned before = counts_handles();
    struct cached_file *file = attach("a.img");
    check_whole(file, 200000, 1);
    cache_release(cache, file);
    assert_true(counts_await_handles(before));
    LONG reads = lab.reads;
    assert_ptr_equal(attach("a.img"), file);
    check_whole(file, 200000, 1);
    assert_int_equal(lab.reads, reads);
    assert_int_equal(counts_handles(), before + 1);
    cache_release(cache, file);
    assert_true(counts_await_handles(before));
    assert_true(DeleteFileA(files_path(directory, "a.img")));
}

/* Whoever attached before goes on with what was there; whoever comes later gets what is there now. */
static void a_replaced_file_is_another(void **state)
{
    (void)state;
    make("a.img", 300000, 1);
    struct cached_file *old = attach("a.img");
    struct chunk_hint hint = {NULL, 0, 0};
    check_chunk(old, 0, &hint, 300000, 1);
    assert_true(MoveFileA(files_path(directory, "a.img"), files_path(directory, "b.img")));
    make("a.img", 300000, 2);
    struct cached_file *new = attach("a.img");
    assert_ptr_not_equal(new, old);
    check_whole(new, 300000, 2);
    check_whole(old, 300000, 1);
    cache_release(cache, old);
    cache_release(cache, new);
}

static void a_changed_file_is_another(void **state)
{
    (void)state;
    make("a.img", 300000, 1);
    struct cached_file *old = attach("a.img");
    check_whole(old, 300000, 1);
    files_set_age(files_path(directory, "a.img"), FILES_AGE_S / 2);
    struct cached_file *new = attach("a.img");
    assert_ptr_not_equal(new, old);
    check_whole(old, 300000, 1);
    cache_release(cache, old);
    cache_release(cache, new);
}

static void forgets_the_contents_of_a_file_that_changed(void **state)
{
    (void)state;
    make("a.img", 300000, 1);
    unsigned before = counts_handles();
    struct cached_file *file = attach("a.img");
    check_whole(file, 300000, 1);
    cache_release(cache, file);
    assert_true(counts_await_handles(before));
    make("a.img", 300000, 2); /* the same file to the file system, and of the same size */
    files_set_age(files_path(directory, "a.img"), FILES_AGE_S / 2);
    file = attach("a.img");
    check_whole(file, 300000, 2);
    cache_release(cache, file);
}

static void does_not_share_what_was_just_written(void **state)
{
    (void)state;
    make("a.img", 100000, 1);
    files_set_age(files_path(directory, "a.img"), 0);
    struct cached_file *first = attach("a.img");
    struct cached_file *second = attach("a.img");
    assert_ptr_not_equal(first, second);
    check_whole(first, 100000, 1);
    assert_int_equal(lab.reads, 2);
    check_whole(second, 100000, 1);
    assert_int_equal(lab.reads, 4);
    cache_release(cache, first);
    cache_release(cache, second);
    files_set_age(files_path(directory, "a.img"), CACHE_SETTLE_MS / 1000 + 1);
    first = attach("a.img");
    assert_ptr_equal(attach("a.img"), first);
    cache_release(cache, first);
    cache_release(cache, first);
}

static void serves_more_than_it_holds(void **state)
{
    const size_t size = 8 * MIB - 100;
    struct chunk_hint pinned = {NULL, 0, 0};
    enum status status;

    (void)state;
    make("big.img", size, 1);
    struct cached_file *file = attach("big.img");
    assert_int_equal(pin_blocking(file, 5, &pinned, &status), CACHE_PINNED);
    check_whole(file, size, 1);
    check_whole(file, size, 1);
    assert_true(holds(&pinned, size, 1, 5)); /* nobody took it meanwhile */
    cache_unpin(&pinned);
    cache_release(cache, file);
}

static void a_stale_hint_does_no_harm(void **state)
{
    const size_t size = 8 * MIB;
    struct chunk_hint hint = {NULL, 0, 0};

    (void)state;
    make("big.img", size, 1);
    make("small.img", 1000, 2);
    struct cached_file *file = attach("big.img");
    struct cached_file *small = attach("small.img");
    check_chunk(small, 0, &hint, 1000, 2);
    struct chunk_hint stale = hint;
    check_whole(file, size, 1); /* small.img's chunk has other contents now */
    assert_true(stale.chunk->file != small);
    check_chunk(small, 0, &stale, 1000, 2);
    cache_release(cache, small);
    cache_release(cache, file);
}

static void knows_when_every_chunk_is_in_use(void **state)
{
    const size_t size = (size_t)(CHUNKS + 2) * CACHE_CHUNK_SIZE;
    struct chunk_hint hints[CHUNKS + 1] = {{NULL, 0, 0}};
    struct cache_waiter waiter = {NULL, NULL};
    enum status status;

    (void)state;
    make("big.img", size, 1);
    struct cached_file *file = attach("big.img");
    for (uint32_t i = 0; i < CHUNKS; i++)
        assert_int_equal(pin_blocking(file, i, &hints[i], &status), CACHE_PINNED);
    assert_int_equal(pin_blocking(file, CHUNKS, &hints[CHUNKS], &status), CACHE_EXHAUSTED);
    assert_int_equal(cache_pin(cache, file, CHUNKS, &hints[CHUNKS], &waiter, &status), CACHE_EXHAUSTED);
    cache_unpin(&hints[7]);
    check_chunk(file, CHUNKS, &hints[CHUNKS], size, 1);
    for (uint32_t i = 0; i < CHUNKS; i++) {
        if (i == 7)
            continue;
        assert_true(holds(&hints[i], size, 1, i));
        cache_unpin(&hints[i]);
    }
    cache_release(cache, file);
}

struct patient {
    struct cache_waiter waiter;
    volatile LONG calls;
    enum status status;
};
static struct patient patients[WAITERS];

static void on_ready(struct cache_waiter *waiter, enum status status)
{
    struct patient *patient = CONTAINING_RECORD(waiter, struct patient, waiter);

    patient->status = status;
    InterlockedIncrement(&patient->calls);
}

static void close_gate(void)
{
    lab.gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    memset(patients, 0, sizeof patients);
    for (size_t i = 0; i < WAITERS; i++)
        patients[i].waiter.ready = on_ready;
}

static void open_gate(void)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;

    SetEvent(lab.gate);
    for (size_t i = 0; i < WAITERS; i++)
        while (patients[i].calls == 0 && GetTickCount64() < end_ms)
            Sleep(1);
}

static void await_all(struct cached_file *file, enum status wanted)
{
    struct chunk_hint hint = {NULL, 0, 0};
    enum status status;

    close_gate();
    for (size_t i = 0; i < WAITERS; i++)
        assert_int_equal(cache_pin(cache, file, 0, &hint, &patients[i].waiter, &status), CACHE_AWAITED);
    open_gate();
    for (size_t i = 0; i < WAITERS; i++) {
        CHECK(patients[i].calls == 1, "waiter %u was called %ld times", (unsigned)i, patients[i].calls);
        assert_int_equal(patients[i].status, wanted);
    }
}

static void done_with_gate(void)
{
    CloseHandle(lab.gate);
    lab.gate = NULL;
}

static void reads_once_and_calls_all_who_wait(void **state)
{
    struct chunk_hint hint = {NULL, 0, 0};
    enum status status;

    (void)state;
    make("a.img", 1000, 1);
    struct cached_file *file = attach("a.img");
    await_all(file, STATUS_OK);
    assert_int_equal(lab.reads, 1);
    assert_int_equal(cache_pin(cache, file, 0, &hint, &patients[0].waiter, &status), CACHE_PINNED);
    assert_true(holds(&hint, 1000, 1, 0));
    cache_unpin(&hint);
    cache_release(cache, file);
    done_with_gate();
}

static void tells_all_who_wait_why_it_failed(void **state)
{
    struct chunk_hint hint = {NULL, 0, 0};
    enum status status;

    (void)state;
    make("a.img", 1000, 1);
    struct cached_file *file = attach("a.img");
    lab.read_status = STATUS_BROKEN;
    await_all(file, STATUS_BROKEN);
    assert_int_equal(pin_blocking(file, 0, &hint, &status), CACHE_FAILED);
    assert_int_equal(status, STATUS_BROKEN);
    lab.read_status = STATUS_OK;
    lab.missing = 1; /* shorter than it was when it was opened */
    assert_int_equal(pin_blocking(file, 0, &hint, &status), CACHE_FAILED);
    assert_int_equal(status, STATUS_CHANGED);
    lab.missing = 0;
    check_whole(file, 1000, 1); /* nothing of the failures was kept */
    cache_release(cache, file);
    done_with_gate();
}

static struct chunk_hint other_hint;
static enum cache_answer other_answer;

static DWORD WINAPI pin_elsewhere(void *file)
{
    enum status status;

    other_answer = pin_blocking(file, 0, &other_hint, &status);
    return 0;
}

static void blocks_until_another_has_read(void **state)
{
    struct chunk_hint hint = {NULL, 0, 0};
    enum status status;

    (void)state;
    make("a.img", 1000, 1);
    struct cached_file *file = attach("a.img");
    close_gate();
    assert_int_equal(cache_pin(cache, file, 0, &hint, &patients[0].waiter, &status), CACHE_AWAITED);
    memset(&other_hint, 0, sizeof other_hint);
    HANDLE thread = CreateThread(NULL, 0, pin_elsewhere, file, 0, NULL);
    assert_int_equal(WaitForSingleObject(thread, 30), WAIT_TIMEOUT);
    SetEvent(lab.gate);
    assert_int_equal(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    assert_int_equal(other_answer, CACHE_PINNED);
    assert_int_equal(lab.reads, 1);
    assert_true(holds(&other_hint, 1000, 1, 0));
    cache_unpin(&other_hint);
    cache_release(cache, file);
    done_with_gate();
}

struct blocking_job {
    struct job job;
    struct cached_file *file;
    HANDLE done;
};

static void run_blocking_job(struct job *job)
{
    struct blocking_job *self = CONTAINING_RECORD(job, struct blocking_job, job);

    WaitForSingleObject(lab.gate, PATIENCE_MS);
    pin_elsewhere(self->file);
    SetEvent(self->done);
}

/* A request that is judged again runs as a job: what it blocks for must not lie behind it in the queue. */
static void waits_for_no_reading_that_has_not_begun(void **state)
{
    struct blocking_job blocking[READ_THREADS];
    struct chunk_hint hint = {NULL, 0, 0};
    enum status status;

    (void)state;
    make("a.img", 1000, 1);
    struct cached_file *file = attach("a.img");
    close_gate();
    memset(&other_hint, 0, sizeof other_hint);
    for (size_t i = 0; i < READ_THREADS; i++) {
        blocking[i] = (struct blocking_job){.job.run = run_blocking_job, .file = file};
        blocking[i].done = CreateEventW(NULL, TRUE, FALSE, NULL);
        jobs_put(jobs, JOBS_READS, &blocking[i].job);
    }
    assert_int_equal(cache_pin(cache, file, 0, &hint, &patients[0].waiter, &status), CACHE_AWAITED);
    SetEvent(lab.gate);
    for (size_t i = 0; i < READ_THREADS; i++) {
        assert_int_equal(WaitForSingleObject(blocking[i].done, PATIENCE_MS), WAIT_OBJECT_0);
        CloseHandle(blocking[i].done);
        cache_unpin(&other_hint);
    }
    assert_int_equal(patients[0].calls, 1);
    assert_int_equal(lab.reads, 1);
    check_whole(file, 1000, 1);
    cache_release(cache, file);
    done_with_gate();
}

static void reads_one_chunk_ahead(void **state)
{
    struct chunk_hint hint = {NULL, 0, 0};
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
    enum status status;

    (void)state;
    make("a.img", 3 * CACHE_CHUNK_SIZE, 1);
    struct cached_file *file = attach("a.img");
    assert_int_equal(pin_blocking(file, 0, &hint, &status), CACHE_PINNED);
    while (lab.reads < 2 && GetTickCount64() < end_ms)
        Sleep(1);
    assert_int_equal(lab.reads, 2);
    cache_unpin(&hint);
    check_chunk(file, 1, &hint, 3 * CACHE_CHUNK_SIZE, 1);
    cache_release(cache, file); /* perhaps while the third is being read */
}

static void bears_an_empty_file(void **state)
{
    (void)state;
    make("empty", 0, 0);
    unsigned before = counts_handles();
    struct cached_file *file = attach("empty");
    assert_int_equal(cached_file_size(file), 0);
    cache_release(cache, file);
    assert_true(counts_await_handles(before));
}

static void bears_being_out_of_memory(void **state)
{
    struct opened_file opened;
    struct chunk_hint hint = {NULL, 0, 0};
    enum status status;

    (void)state;
    make("a.img", 2 * CACHE_CHUNK_SIZE, 1);
    unsigned before = counts_handles();
    assert_int_equal(file_open(root, "a.img", &opened), STATUS_OK);
    lab.is_out_of_memory = true;
    struct cached_file *file = cache_attach(cache, &opened);
    assert_null(cache_open(4, jobs));
    lab.is_out_of_memory = false;
    assert_null(file);
    assert_int_equal(counts_handles(), before);
    file = attach("a.img");
    lab.is_out_of_memory = true;
    enum cache_answer answer = pin_blocking(file, 0, &hint, &status);
    lab.is_out_of_memory = false;
    assert_int_equal(answer, CACHE_EXHAUSTED);
    check_whole(file, 2 * CACHE_CHUNK_SIZE, 1);
    cache_release(cache, file);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shares_one_object_among_all),
        TEST(keeps_contents_but_no_handle_of_an_idle_file),
        TEST(a_replaced_file_is_another),
        TEST(a_changed_file_is_another),
        TEST(forgets_the_contents_of_a_file_that_changed),
        TEST(does_not_share_what_was_just_written),
        TEST(serves_more_than_it_holds),
        TEST(a_stale_hint_does_no_harm),
        TEST(knows_when_every_chunk_is_in_use),
        TEST(reads_once_and_calls_all_who_wait),
        TEST(tells_all_who_wait_why_it_failed),
        TEST(blocks_until_another_has_read),
        TEST(waits_for_no_reading_that_has_not_begun),
        TEST(reads_one_chunk_ahead),
        TEST(bears_an_empty_file),
        TEST(bears_being_out_of_memory),
    };

    return cmocka_run_group_tests_name("cache", tests, NULL, NULL) != 0;
}
