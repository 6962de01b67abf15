/* link: -Wl,--wrap=file_read */
/*
 * Many threads on a cache far too small for them: files are attached, changed, read at random places with and without
 * waiting, kept pinned, released; reads fail now and then. Whatever is pinned must hold its file's bytes.
 */
#include "counts.h"
#include "files.h"

#include "win32/disk/cache_parts.h"

#include <stdio.h>

enum {
    THREADS = 8,
    FILES = 8,
    RUN_MS = 2000,
    PINS_PER_FILE = 12,
    TRIES = 10000, /* to pin one chunk, while others take it away again */
    SAMPLES = 40,
    FAILS_ONCE_IN = 97,
    WORDS_MAX = 160
};

enum status __real_file_read(HANDLE handle, uint64_t offset, void *bytes, uint32_t size, uint32_t *got);
enum status __wrap_file_read(HANDLE handle, uint64_t offset, void *bytes, uint32_t size, uint32_t *got);

static volatile LONG reads;

enum status __wrap_file_read(HANDLE handle, uint64_t offset, void *bytes, uint32_t size, uint32_t *got)
{
    if (InterlockedIncrement(&reads) % FAILS_ONCE_IN == 0)
        return STATUS_DENIED; /* as no read fails by itself */
    return __real_file_read(handle, offset, bytes, size, got);
}

/* Together five times what the cache holds. */
static const uint32_t sizes[FILES] = {1,       CACHE_CHUNK_SIZE, CACHE_CHUNK_SIZE + 1, 700000, 3000001, 5000000,
                                      6000000, 7000000};

static struct root *root;
static struct cache *cache;
static volatile LONG is_over;
static volatile LONG pinned_count;
static volatile LONG failed_count;
static volatile LONG complaints;
static char first_complaint[WORDS_MAX];

static void complain(const char *words, unsigned file, unsigned number)
{
    if (InterlockedIncrement(&complaints) == 1)
        snprintf(first_complaint, sizeof first_complaint, "%s (file %u, chunk %u)", words, file, number);
}

struct hammer {
    uint64_t seed;
    struct cache_waiter waiter;
    HANDLE ready;
    enum status status;
};

static void on_ready(struct cache_waiter *waiter, enum status status)
{
    struct hammer *hammer = CONTAINING_RECORD(waiter, struct hammer, waiter);

    hammer->status = status;
    SetEvent(hammer->ready);
}

static struct cached_file *attach(unsigned file)
{
    struct opened_file opened;
    char name[16];

    snprintf(name, sizeof name, "%u.img", file);
    return file_open(root, name, &opened) == STATUS_OK ? cache_attach(cache, &opened) : NULL;
}

static void check(struct hammer *hammer, const struct chunk_hint *hint, unsigned file, unsigned number)
{
    struct span bytes = cache_bytes(hint);
    uint64_t offset = (uint64_t)number * CACHE_CHUNK_SIZE;
    uint64_t left = sizes[file] - offset;

    if (bytes.size != (left < CACHE_CHUNK_SIZE ? left : CACHE_CHUNK_SIZE)) {
        complain("wrong size", file, number);
        return;
    }
    for (int i = 0; i < SAMPLES; i++) {
        uint32_t place = random_below(&hammer->seed, (uint32_t)bytes.size);
        if (bytes.bytes[place] != files_byte(file, offset + place)) {
            complain("wrong bytes", file, number);
            return;
        }
    }
}

/* True if it is pinned; false after a failed read, which is nothing to complain of. */
static bool pin(struct hammer *hammer, struct cached_file *cached, unsigned file, unsigned number,
                struct chunk_hint *hint)
{
    bool may_block = random_below(&hammer->seed, 2) == 0;
    enum cache_reader reader = random_below(&hammer->seed, 4) == 0 ? READER_STRANGER : READER_KNOWN;

    for (int i = 0; i < TRIES; i++) {
        enum status status = STATUS_OK;
        switch (cache_pin(cache, cached, number, hint, reader, may_block ? NULL : &hammer->waiter, &status)) {
        case CACHE_PINNED: InterlockedIncrement(&pinned_count); return true;
        case CACHE_EXHAUSTED: Sleep(1); break;
        case CACHE_FAILED:
            if (!may_block || status != STATUS_DENIED)
                complain("failed without a reason", file, number);
            InterlockedIncrement(&failed_count);
            return false;
        case CACHE_AWAITED:
            if (may_block)
                complain("awaited by nobody", file, number);
            if (WaitForSingleObject(hammer->ready, PATIENCE_MS) != WAIT_OBJECT_0) {
                complain("never ready", file, number);
                return false;
            }
            if (hammer->status != STATUS_OK && hammer->status != STATUS_DENIED)
                complain("failed by itself", file, number);
            if (hammer->status != STATUS_OK) {
                InterlockedIncrement(&failed_count);
                return false;
            }
            break;
        }
    }
    complain("never pinned", file, number);
    return false;
}

/* One user of a file: neighbouring and random chunks, two hints in turn as a session has them. */
static void use(struct hammer *hammer, unsigned file)
{
    struct cached_file *cached = attach(file);
    struct chunk_hint hints[2] = {{NULL, 0, 0}, {NULL, 0, 0}};
    unsigned chunks = sizes[file] / CACHE_CHUNK_SIZE + (sizes[file] % CACHE_CHUNK_SIZE != 0);
    unsigned number = random_below(&hammer->seed, chunks);

    if (cached == NULL) {
        complain("not attached", file, 0);
        return;
    }
    for (int i = 0; i < PINS_PER_FILE; i++) {
        struct chunk_hint *hint = &hints[number & 1];
        if (pin(hammer, cached, file, number, hint)) {
            check(hammer, hint, file, number);
            if (random_below(&hammer->seed, 8) == 0)
                Sleep(0);
            check(hammer, hint, file, number);
            cache_unpin(hint);
        }
        bool is_jump = random_below(&hammer->seed, 4) == 0;
        number = is_jump ? random_below(&hammer->seed, chunks) : (number + random_below(&hammer->seed, 2)) % chunks;
    }
    cache_release(cache, cached);
}

static DWORD WINAPI run_hammer(void *context)
{
    struct hammer *hammer = context;

    while (!is_over && complaints == 0)
        use(hammer, random_below(&hammer->seed, FILES));
    return 0;
}

/* Its time of change moves on, so what was shared is not any more; sometimes it is too fresh to be shared at all. */
static void change_a_file(const char *directory, uint64_t *seed)
{
    char name[16];
    FILETIME time;
    uint64_t age = (uint64_t)random_below(seed, 10) * 10 * 1000 * 1000;

    snprintf(name, sizeof name, "%u.img", random_below(seed, FILES));
    HANDLE file = CreateFileA(files_path(directory, name), FILE_WRITE_ATTRIBUTES,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    GetSystemTimeAsFileTime(&time);
    uint64_t then = ((uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime) - age;
    time = (FILETIME){(DWORD)then, (DWORD)(then >> 32)};
    SetFileTime(file, NULL, NULL, &time);
    CloseHandle(file);
}

static void check_nothing_held(void)
{
    for (uint32_t i = 0; i < cache->chunk_count; i++) {
        const struct chunk *chunk = &cache->chunks[i];
        CHECK(atomic_load(&chunk->pins) == 0, "chunk %u: pins %x", (unsigned)i, atomic_load(&chunk->pins));
        CHECK(chunk->state != CHUNK_READING && chunk->state != CHUNK_QUEUED && chunk->waiters == NULL,
              "chunk %u is being read", (unsigned)i);
        CHECK(chunk->file == NULL || chunk->file->users == 0, "chunk %u: its file has users", (unsigned)i);
    }
    assert_int_equal(cache->strangers_chunks, 0);
}

/* Else the run has shown little, as on a slow machine it may after RUN_MS. */
static bool has_seen_enough(void)
{
    return pinned_count > 1000 && failed_count > 0;
}

static void keeps_its_promises_under_many_threads(void **state)
{
    static struct hammer hammers[THREADS];
    HANDLE threads[THREADS];
    const char *directory = files_directory();
    uint64_t seed = 7;
    unsigned handles;

    (void)state;
    for (unsigned i = 0; i < FILES; i++) {
        char name[16];
        snprintf(name, sizeof name, "%u.img", i);
        files_make(files_path(directory, name), sizes[i], i);
    }
    handles = counts_handles();
    assert_int_equal(root_open(&root, directory), 0);
    struct jobs *jobs = jobs_open(2);
    cache = cache_open(4, jobs);
    assert_non_null(cache);
    for (unsigned i = 0; i < THREADS; i++) {
        hammers[i].seed = i + 1;
        hammers[i].waiter.ready = on_ready;
        hammers[i].ready = CreateEventW(NULL, FALSE, FALSE, NULL);
        threads[i] = CreateThread(NULL, 0, run_hammer, &hammers[i], 0, NULL);
    }
    uint64_t begun_ms = GetTickCount64();
    while (GetTickCount64() < begun_ms + RUN_MS || (!has_seen_enough() && GetTickCount64() < begun_ms + PATIENCE_MS)) {
        change_a_file(directory, &seed);
        Sleep(5);
    }
    InterlockedExchange(&is_over, TRUE);
    DWORD ended = WaitForMultipleObjects(THREADS, threads, TRUE, PATIENCE_MS);
    CHECK(complaints == 0, "%s", first_complaint);
    assert_int_equal(ended, WAIT_OBJECT_0);
    for (unsigned i = 0; i < THREADS; i++) {
        CloseHandle(threads[i]);
        CloseHandle(hammers[i].ready);
    }
    jobs_close(jobs);
    check_nothing_held();
    cache_close(cache);
    root_release(root);
    assert_int_equal(counts_handles(), handles);
    print_message("# %ld pins, %ld reads, %ld of them failed for a user\n", pinned_count, reads, failed_count);
    assert_true(has_seen_enough());
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_its_promises_under_many_threads)};

    return cmocka_run_group_tests_name("cache hammer", tests, NULL, NULL) != 0;
}
