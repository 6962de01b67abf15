/*
 * A cache of 64 chunks below a fresh directory, with a disk, a memory and a clock that do what a test wants. Included by
 * the programs that are linked with these functions replaced.
 */
#ifndef WIN32_TESTS_CACHE_LAB_H
#define WIN32_TESTS_CACHE_LAB_H

#include "counts.h"
#include "files.h"

#include "win32/disk/cache_parts.h"

#include <stdio.h>
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

static inline void *count_in(void *memory)
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

typedef ULONGLONG(WINAPI *tick_function)(void);
extern tick_function __real___imp_GetTickCount64;
extern tick_function __wrap___imp_GetTickCount64;
static uint64_t stopped_ms; /* where the clock stands; 0: it runs */

static inline ULONGLONG WINAPI lab_ticks(void)
{
    return stopped_ms != 0 ? stopped_ms : __real___imp_GetTickCount64();
}
tick_function __wrap___imp_GetTickCount64 = lab_ticks;

static const char *directory;
static struct root *root;
static struct jobs *jobs;
static struct cache *cache;
static unsigned handles;
static LONG allocated_before;

static inline int set_up(void **state)
{
    (void)state;
    memset(&lab, 0, sizeof lab);
    stopped_ms = 0;
    directory = files_directory();
    allocated_before = allocated;
    handles = counts_handles();
    jobs = jobs_open(READ_THREADS);
    cache = jobs != NULL ? cache_open(CHUNKS / 16, jobs) : NULL;
    return cache == NULL || root_open(&root, directory) != 0;
}

/* At the end nothing is held, whatever the test did. */
static inline int tear_down(void **state)
{
    (void)state;
    if (lab.gate != NULL)
        SetEvent(lab.gate);
    jobs_close(jobs);
    for (uint32_t i = 0; i < cache->chunk_count; i++) {
        CHECK(atomic_load(&cache->chunks[i].pins) == 0, "chunk %u is pinned", (unsigned)i);
        CHECK(cache->chunks[i].state == CHUNK_EMPTY || cache->chunks[i].state == CHUNK_READY, "chunk %u is being read",
              (unsigned)i);
        CHECK(cache->chunks[i].waiters == NULL, "chunk %u has waiters", (unsigned)i);
    }
    assert_int_equal(cache->strangers_chunks, 0);
    cache_close(cache);
    root_release(root);
    assert_int_equal(allocated, allocated_before);
    assert_int_equal(counts_handles(), handles);
    return 0;
}

static inline void make(const char *name, size_t size, unsigned seed)
{
    files_make(files_path(directory, name), size, seed);
}

static inline struct cached_file *attach(const char *name)
{
    struct opened_file opened;

    if (file_open(root, name, &opened) != STATUS_OK)
        return NULL;
    return cache_attach(cache, &opened);
}

/* How long a chunk of a file of this size is. */
static inline uint32_t chunk_size(size_t size, uint32_t number)
{
    size_t left = size - (size_t)number * CACHE_CHUNK_SIZE;

    return left < CACHE_CHUNK_SIZE ? (uint32_t)left : CACHE_CHUNK_SIZE;
}

static inline bool holds(const struct chunk_hint *hint, size_t size, unsigned seed, uint32_t number)
{
    struct span bytes = cache_bytes(hint);

    return bytes.size == chunk_size(size, number) &&
           files_match(bytes.bytes, bytes.size, seed, (uint64_t)number * CACHE_CHUNK_SIZE);
}

static inline enum cache_answer pin_blocking(struct cached_file *file, uint32_t number, struct chunk_hint *hint,
                                             enum status *status)
{
    *status = STATUS_OK;
    return cache_pin(cache, file, number, hint, READER_KNOWN, NULL, status);
}

/* While the threads of the jobs are held up, what is to be read ahead may take every chunk. */
static inline enum cache_answer pin_patiently(struct cached_file *file, uint32_t number, struct chunk_hint *hint,
                                              enum status *status)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
    enum cache_answer answer = pin_blocking(file, number, hint, status);

    for (; answer == CACHE_EXHAUSTED && GetTickCount64() < end_ms; Sleep(1))
        answer = pin_blocking(file, number, hint, status);
    return answer;
}

static inline void check_chunk(struct cached_file *file, uint32_t number, struct chunk_hint *hint, size_t size,
                               unsigned seed)
{
    enum status status;

    assert_int_equal(pin_patiently(file, number, hint, &status), CACHE_PINNED);
    CHECK(holds(hint, size, seed, number), "chunk %u is not of seed %u", (unsigned)number, seed);
    cache_unpin(hint);
}

static inline void check_whole(struct cached_file *file, size_t size, unsigned seed)
{
    struct chunk_hint hint = {NULL, 0, 0};

    for (uint32_t number = 0; (size_t)number * CACHE_CHUNK_SIZE < size; number++)
        check_chunk(file, number, &hint, size, seed);
}

struct patient {
    struct cache_waiter waiter;
    volatile LONG calls;
    enum status status;
};
static struct patient patients[WAITERS];

static inline void on_ready(struct cache_waiter *waiter, enum status status)
{
    struct patient *patient = CONTAINING_RECORD(waiter, struct patient, waiter);

    patient->status = status;
    InterlockedIncrement(&patient->calls);
}

static inline void close_gate(void)
{
    lab.gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    memset(patients, 0, sizeof patients);
    for (size_t i = 0; i < WAITERS; i++)
        patients[i].waiter.ready = on_ready;
}

static inline void open_gate(void)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;

    SetEvent(lab.gate);
    for (size_t i = 0; i < WAITERS; i++)
        while (patients[i].calls == 0 && GetTickCount64() < end_ms)
            Sleep(1);
}

static inline void done_with_gate(void)
{
    CloseHandle(lab.gate);
    lab.gate = NULL;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
