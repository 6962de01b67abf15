#include "win32/disk/cache_parts.h"

#include <stdlib.h>

struct cache *cache_open(uint32_t mib, struct jobs *jobs)
{
    struct cache *cache = calloc(1, sizeof *cache);

    if (cache == NULL)
        return NULL;
    InitializeSRWLock(&cache->lock);
    InitializeConditionVariable(&cache->chunk_read);
    cache->jobs = jobs;
    cache->chunk_count = mib * (1024 * 1024 / CACHE_CHUNK_SIZE);
    cache->bucket_count = 64;
    while (cache->bucket_count < cache->chunk_count)
        cache->bucket_count *= 2;
    cache->chunks = calloc(cache->chunk_count, sizeof cache->chunks[0]);
    cache->chunk_buckets = calloc(cache->bucket_count, sizeof cache->chunk_buckets[0]);
    if (cache->chunks == NULL || cache->chunk_buckets == NULL) {
        cache_close(cache);
        return NULL;
    }
    return cache;
}

void cache_close(struct cache *cache)
{
    if (cache->chunks != NULL)
        cache_chunks_close(cache);
    cache_files_close(cache);
    free(cache->chunks);
    free(cache->chunk_buckets);
    free(cache);
}

struct cache_figures cache_figures(struct cache *cache)
{
    AcquireSRWLockExclusive(&cache->lock);
    struct cache_figures figures = {
        .reads = cache->reads,
        .bytes_read = cache->bytes_read,
        .bytes_held = (uint64_t)cache->unused * CACHE_CHUNK_SIZE,
        .bytes_max = (uint64_t)cache->chunk_count * CACHE_CHUNK_SIZE,
    };
    ReleaseSRWLockExclusive(&cache->lock);
    return figures;
}

static void read_ahead(struct cache *cache, struct cached_file *file, uint32_t number)
{
    uint64_t offset = (uint64_t)number * CACHE_CHUNK_SIZE;

    if (offset >= file->identity.size || cache_chunks_find(cache, file, number) != NULL)
        return;
    struct chunk *chunk = cache_chunks_begin_reading(cache, file, number, READER_KNOWN);
    if (chunk != NULL)
        cache_chunks_read_later(chunk);
}

/* Not what was entered as a stranger by one who is known now: the chunk is to last from now on, and the next be read. */
static bool pin_hinted(const struct chunk_hint *hint, uint32_t number, enum cache_reader reader)
{
    if (hint->chunk == NULL || hint->number != number)
        return false;
    unsigned before = atomic_fetch_add(&hint->chunk->pins, 1);
    if (!(before & CHUNK_CLAIMED) && atomic_load(&hint->chunk->generation) == hint->generation &&
        (reader == READER_STRANGER || !atomic_load(&hint->chunk->is_strangers)))
        return true;
    atomic_fetch_sub(&hint->chunk->pins, 1);
    return false;
}

static struct chunk *find_for(struct cache *cache, const struct cached_file *file, uint32_t number,
                              enum cache_reader reader)
{
    struct chunk *chunk = cache_chunks_find(cache, file, number);

    if (chunk != NULL && reader == READER_KNOWN)
        cache_chunks_touch(cache, chunk);
    return chunk;
}

/*
 * For a caller that may block: waits while another thread reads, or reads by itself. It never waits for a job to begin:
 * the caller may be a job, too.
 */
static enum cache_answer pin_blocking(struct cache *cache, struct cached_file *file, uint32_t number,
                                      struct chunk_hint *hint, enum cache_reader reader, enum status *status)
{
    for (;;) {
        struct chunk *chunk = find_for(cache, file, number, reader);
        if (chunk != NULL && chunk->state == CHUNK_READY) {
            cache_chunks_pin(chunk, hint);
            return CACHE_PINNED;
        }
        if (chunk != NULL && chunk->state == CHUNK_READING) {
            SleepConditionVariableSRW(&cache->chunk_read, &cache->lock, INFINITE, 0);
            continue;
        }
        if (chunk == NULL)
            chunk = cache_chunks_begin_reading(cache, file, number, reader);
        if (chunk == NULL)
            return CACHE_EXHAUSTED;
        chunk->state = CHUNK_READING;
        ReleaseSRWLockExclusive(&cache->lock);
        *status = cache_chunks_read_now(chunk, hint);
        AcquireSRWLockExclusive(&cache->lock);
        return *status == STATUS_OK ? CACHE_PINNED : CACHE_FAILED;
    }
}

static enum cache_answer pin_waiting(struct cache *cache, struct cached_file *file, uint32_t number,
                                     struct chunk_hint *hint, enum cache_reader reader, struct cache_waiter *waiter)
{
    struct chunk *chunk = find_for(cache, file, number, reader);

    if (chunk != NULL && chunk->state == CHUNK_READY) {
        cache_chunks_pin(chunk, hint);
        return CACHE_PINNED;
    }
    bool is_new = chunk == NULL;
    if (is_new)
        chunk = cache_chunks_begin_reading(cache, file, number, reader);
    if (chunk == NULL)
        return CACHE_EXHAUSTED;
    waiter->next = chunk->waiters;
    chunk->waiters = waiter;
    if (is_new)
        cache_chunks_read_later(chunk);
    return CACHE_AWAITED;
}

enum cache_answer cache_pin(struct cache *cache, struct cached_file *file, uint32_t number, struct chunk_hint *hint,
                            enum cache_reader reader, struct cache_waiter *waiter, enum status *status)
{
    enum cache_answer answer;

    if (pin_hinted(hint, number, reader))
        return CACHE_PINNED;
    AcquireSRWLockExclusive(&cache->lock);
    if (waiter == NULL)
        answer = pin_blocking(cache, file, number, hint, reader, status);
    else
        answer = pin_waiting(cache, file, number, hint, reader, waiter);
    if (reader == READER_KNOWN && (answer == CACHE_PINNED || answer == CACHE_AWAITED))
        read_ahead(cache, file, number + 1);
    ReleaseSRWLockExclusive(&cache->lock);
    return answer;
}

void cache_unpin(const struct chunk_hint *hint)
{
    atomic_fetch_sub(&hint->chunk->pins, 1);
}

struct span cache_bytes(const struct chunk_hint *hint)
{
    return span_of(hint->chunk->bytes, hint->chunk->size);
}
