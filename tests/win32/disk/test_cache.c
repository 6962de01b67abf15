/* link: -Wl,--wrap=file_read,--wrap=malloc,--wrap=calloc,--wrap=free,--wrap=__imp_GetTickCount64 */
#include "cache_lab.h"

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
    assert_int_equal(cache_pin(cache, file, CHUNKS, &hints[CHUNKS], READER_KNOWN, &waiter, &status), CACHE_EXHAUSTED);
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

static void await_all(struct cached_file *file, enum status wanted)
{
    struct chunk_hint hint = {NULL, 0, 0};
    enum status status;

    close_gate();
    for (size_t i = 0; i < WAITERS; i++)
        assert_int_equal(cache_pin(cache, file, 0, &hint, READER_KNOWN, &patients[i].waiter, &status), CACHE_AWAITED);
    open_gate();
    for (size_t i = 0; i < WAITERS; i++) {
        CHECK(patients[i].calls == 1, "waiter %u was called %ld times", (unsigned)i, patients[i].calls);
        assert_int_equal(patients[i].status, wanted);
    }
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
    assert_int_equal(cache_pin(cache, file, 0, &hint, READER_KNOWN, &patients[0].waiter, &status), CACHE_PINNED);
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

/* As long as somebody has it open its handle would be everybody's, and a handle does not outlive the reset of its share. */
static void a_handle_that_failed_is_nobody_elses(void **state)
{
    struct chunk_hint hint = {NULL, 0, 0};
    enum status status;

    (void)state;
    make("a.img", 1000, 1);
    struct cached_file *first = attach("a.img");
    struct cached_file *second = attach("a.img");
    assert_ptr_equal(first, second);
    cache_release(cache, second);
    lab.read_status = STATUS_BROKEN;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pin_blocking(first, 0, &hint, &status), CACHE_FAILED);
    lab.read_status = STATUS_OK;
    second = attach("a.img");
    assert_ptr_not_equal(first, second);
    check_whole(second, 1000, 1);
    cache_release(cache, first);
    cache_release(cache, second);
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
    assert_int_equal(cache_pin(cache, file, 0, &hint, READER_KNOWN, &patients[0].waiter, &status), CACHE_AWAITED);
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
    assert_int_equal(cache_pin(cache, file, 0, &hint, READER_KNOWN, &patients[0].waiter, &status), CACHE_AWAITED);
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

static enum cache_answer pin_as(enum cache_reader reader, struct cached_file *file, uint32_t number,
                                struct chunk_hint *hint)
{
    enum status status = STATUS_OK;

    return cache_pin(cache, file, number, hint, reader, NULL, &status);
}

/* Chunks from this one on, one after the other. */
static void read_as(enum cache_reader reader, struct cached_file *file, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        struct chunk_hint hint = {NULL, 0, 0};
        assert_int_equal(pin_as(reader, file, i, &hint), CACHE_PINNED);
        cache_unpin(&hint);
    }
}

static void a_request_costs_one_read(void **state)
{
    enum { REQUESTS = 40 };
    struct cached_file *files[REQUESTS];

    (void)state;
    for (unsigned i = 0; i < REQUESTS; i++) {
        char name[16];
        snprintf(name, sizeof name, "%u.img", i);
        make(name, 3 * CACHE_CHUNK_SIZE, i);
        files[i] = attach(name);
        read_as(READER_STRANGER, files[i], 0, 1);
    }
    for (unsigned i = 0; i < REQUESTS; i++) {
        assert_null(cache_chunks_find(cache, files[i], 1)); /* nor will it be read later */
        cache_release(cache, files[i]);
    }
    assert_int_equal(lab.reads, REQUESTS);
    assert_int_equal(cache_figures(cache).reads, REQUESTS);
}

static void strangers_do_not_turn_the_cache_over(void **state)
{
    const size_t big = (size_t)2 * CHUNKS * CACHE_CHUNK_SIZE;
    const uint32_t known = CHUNKS - 2; /* chunks that are used, and one that is read ahead */

    (void)state;
    make("known.img", big, 1);
    make("forged.img", big, 2);
    struct cached_file *image = attach("known.img");
    struct cached_file *forged = attach("forged.img");
    for (uint32_t i = 0; i < known; i++) {
        struct chunk_hint hint = {NULL, 0, 0};
        check_chunk(image, i, &hint, big, 1);
    }
    while (cache_figures(cache).reads <= known) /* that one is ready, too */
        Sleep(0);
    for (int round = 0; round < 8; round++)
        read_as(READER_STRANGER, forged, 0, 2 * CHUNKS);
    LONG reads = lab.reads;
    assert_int_equal(reads, known + 1 + 8 * 2 * CHUNKS);
    read_as(READER_KNOWN, image, 0, known);
    assert_int_equal(lab.reads, reads);
    cache_release(cache, image);
    cache_release(cache, forged);
}

/* The client whose first block we sent has answered. */
static void what_a_stranger_entered_lasts_once_he_is_known(void **state)
{
    struct chunk_hint hint = {NULL, 0, 0};
    const size_t big = (size_t)2 * CHUNKS * CACHE_CHUNK_SIZE;

    (void)state;
    make("a.img", 1000, 1);
    make("forged.img", big, 2);
    struct cached_file *file = attach("a.img");
    struct cached_file *forged = attach("forged.img");
    read_as(READER_STRANGER, forged, 0, 2 * CHUNKS);
    assert_int_equal(pin_as(READER_STRANGER, file, 0, &hint), CACHE_PINNED);
    cache_unpin(&hint);
    assert_int_equal(pin_as(READER_KNOWN, file, 0, &hint), CACHE_PINNED);
    cache_unpin(&hint);
    read_as(READER_STRANGER, forged, 0, 2 * CHUNKS);
    LONG reads = lab.reads;
    assert_int_equal(pin_as(READER_KNOWN, file, 0, &hint), CACHE_PINNED);
    cache_unpin(&hint);
    assert_int_equal(lab.reads, reads);
    cache_release(cache, file);
    cache_release(cache, forged);
}

/* Who asks for it again and again must not keep it from giving way. */
static void strangers_make_nothing_last(void **state)
{
    const size_t rest = (size_t)(CHUNKS - 1) * CACHE_CHUNK_SIZE;

    (void)state;
    make("a.img", 1000, 1);
    make("b.img", rest, 2);
    make("c.img", 1000, 3);
    struct cached_file *forged = attach("a.img");
    struct cached_file *image = attach("b.img");
    struct cached_file *other = attach("c.img");
    check_whole(forged, 1000, 1);
    check_whole(image, rest, 2);
    assert_int_equal(lab.reads, CHUNKS);
    read_as(READER_STRANGER, forged, 0, 1);
    assert_int_equal(lab.reads, CHUNKS);
    check_whole(other, 1000, 3);
    assert_null(cache_chunks_find(cache, forged, 0));
    check_whole(image, rest, 2);
    assert_int_equal(lab.reads, CHUNKS + 1);
    cache_release(cache, forged);
    cache_release(cache, image);
    cache_release(cache, other);
}

/* Whose answers are said again while the disk is slow. */
static void strangers_who_wait_have_a_part_of_the_cache(void **state)
{
    const size_t big = (size_t)2 * CHUNKS * CACHE_CHUNK_SIZE;
    const uint32_t part = CHUNKS / STRANGERS_PART;
    struct chunk_hint hint = {NULL, 0, 0};
    enum status status;

    (void)state;
    make("forged.img", big, 2);
    struct cached_file *file = attach("forged.img");
    close_gate();
    for (uint32_t i = 0; i < WAITERS; i++) {
        enum cache_answer answer = cache_pin(cache, file, i, &hint, READER_STRANGER, &patients[i].waiter, &status);
        assert_int_equal(answer, i < part ? CACHE_AWAITED : CACHE_EXHAUSTED);
    }
    /* Somebody who is known waits for one of theirs: it counts as his. The next of it is theirs, too. */
    assert_int_equal(cache_pin(cache, file, 3, &hint, READER_KNOWN, &patients[part].waiter, &status), CACHE_AWAITED);
    for (uint32_t i = part + 1; i < WAITERS; i++) {
        enum cache_answer answer = cache_pin(cache, file, i, &hint, READER_STRANGER, &patients[i].waiter, &status);
        assert_int_equal(answer, i == part + 1 ? CACHE_AWAITED : CACHE_EXHAUSTED);
    }
    for (uint32_t i = part + 2; i < WAITERS; i++)
        assert_int_equal(cache_pin(cache, file, CHUNKS, &hint, READER_KNOWN, &patients[i].waiter, &status),
                         CACHE_AWAITED);
    open_gate();
    for (uint32_t i = 0; i < WAITERS; i++)
        CHECK(patients[i].calls == 1, "waiter %u was called %ld times", (unsigned)i, patients[i].calls);
    cache_release(cache, file);
    done_with_gate();
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(serves_more_than_it_holds),
        TEST(a_stale_hint_does_no_harm),
        TEST(knows_when_every_chunk_is_in_use),
        TEST(reads_once_and_calls_all_who_wait),
        TEST(tells_all_who_wait_why_it_failed),
        TEST(a_handle_that_failed_is_nobody_elses),
        TEST(blocks_until_another_has_read),
        TEST(waits_for_no_reading_that_has_not_begun),
        TEST(reads_one_chunk_ahead),
        TEST(a_request_costs_one_read),
        TEST(strangers_do_not_turn_the_cache_over),
        TEST(what_a_stranger_entered_lasts_once_he_is_known),
        TEST(strangers_make_nothing_last),
        TEST(strangers_who_wait_have_a_part_of_the_cache),
        TEST(bears_being_out_of_memory),
    };

    return cmocka_run_group_tests_name("cache", tests, NULL, NULL) != 0;
}
