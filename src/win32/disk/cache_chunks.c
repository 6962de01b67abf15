#include "win32/disk/cache_parts.h"

#include <stdlib.h>

static void unlink_chunk(struct cache *cache, struct chunk *chunk)
{
    *(chunk->older ? &chunk->older->newer : &cache->oldest) = chunk->newer;
    *(chunk->newer ? &chunk->newer->older : &cache->newest) = chunk->older;
    chunk->older = NULL;
    chunk->newer = NULL;
}

static void link_newest(struct cache *cache, struct chunk *chunk)
{
    chunk->older = cache->newest;
    chunk->newer = NULL;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = chunk;
    cache->newest = chunk;
}

static void link_oldest(struct cache *cache, struct chunk *chunk)
{
    chunk->newer = cache->oldest;
    chunk->older = NULL;
    *(cache->oldest ? &cache->oldest->older : &cache->newest) = chunk;
    cache->oldest = chunk;
}

static struct chunk **chunk_bucket(struct cache *cache, const struct cached_file *file, uint32_t number)
{
    uint64_t hash = ((uint64_t)(uintptr_t)file >> 4 ^ (uint64_t)number << 24) * 0x9E3779B97F4A7C15u;

    return &cache->chunk_buckets[hash >> 32 & (cache->bucket_count - 1)];
}

struct chunk *cache_chunks_find(struct cache *cache, const struct cached_file *file, uint32_t number)
{
    struct chunk *chunk = *chunk_bucket(cache, file, number);

    while (chunk != NULL && (chunk->file != file || chunk->number != number))
        chunk = chunk->next_in_bucket;
    return chunk;
}

static void link_of_file(struct cached_file *file, struct chunk *chunk)
{
    chunk->next_of_file = file->chunks;
    chunk->place_of_file = &file->chunks;
    if (file->chunks != NULL)
        file->chunks->place_of_file = &chunk->next_of_file;
    file->chunks = chunk;
}

static void unlink_of_file(struct chunk *chunk)
{
    *chunk->place_of_file = chunk->next_of_file;
    if (chunk->next_of_file != NULL)
        chunk->next_of_file->place_of_file = chunk->place_of_file;
}

/* Its contents belong to no file any more; nobody can pin it with a hint from before. */
static void empty_chunk(struct cache *cache, struct chunk *chunk)
{
    struct chunk **place = chunk_bucket(cache, chunk->file, chunk->number);
    struct cached_file *file = chunk->file;

    while (*place != chunk)
        place = &(*place)->next_in_bucket;
    *place = chunk->next_in_bucket;
    unlink_of_file(chunk);
    atomic_fetch_add(&chunk->generation, 1);
    chunk->state = CHUNK_EMPTY;
    chunk->file = NULL;
    cache_files_release(cache, file);
}

static bool claim(struct chunk *chunk)
{
    unsigned none = 0;

    return atomic_compare_exchange_strong(&chunk->pins, &none, CHUNK_CLAIMED);
}

static void unclaim(struct chunk *chunk)
{
    atomic_fetch_sub(&chunk->pins, CHUNK_CLAIMED);
}

/* An empty chunk that is claimed and in no list, or NULL. The oldest that nobody is sending from gives way. */
static struct chunk *obtain_chunk(struct cache *cache)
{
    if (cache->unused < cache->chunk_count) {
        struct chunk *chunk = &cache->chunks[cache->unused];
        chunk->bytes = malloc(CACHE_CHUNK_SIZE);
        if (chunk->bytes != NULL) {
            cache->unused++;
            chunk->cache = cache;
            atomic_store(&chunk->pins, CHUNK_CLAIMED);
            return chunk;
        }
    }
    for (struct chunk *chunk = cache->oldest; chunk != NULL; chunk = chunk->newer) {
        if (chunk->is_job_put || !claim(chunk))
            continue;
        unlink_chunk(cache, chunk);
        if (chunk->state == CHUNK_READY)
            empty_chunk(cache, chunk);
        return chunk;
    }
    return NULL;
}

void cache_chunks_drop(struct cache *cache, struct cached_file *file)
{
    /* So none is being read or sent, and none need be claimed: nobody writes its bytes before that. */
    ASSERT(file->users == 0);
    while (file->chunks != NULL) {
        struct chunk *chunk = file->chunks;
        unlink_chunk(cache, chunk);
        empty_chunk(cache, chunk);
        link_oldest(cache, chunk);
    }
}

static enum status read_chunk(struct chunk *chunk)
{
    struct cached_file *file = chunk->file;
    uint64_t offset = (uint64_t)chunk->number * CACHE_CHUNK_SIZE;
    uint64_t left = file->identity.size - offset;
    uint32_t wanted = left < CACHE_CHUNK_SIZE ? (uint32_t)left : CACHE_CHUNK_SIZE;
    enum status status = file_read(file->handle, offset, chunk->bytes, wanted, &chunk->size);

    return status == STATUS_OK && chunk->size < wanted ? STATUS_CHANGED : status;
}

void cache_chunks_pin(struct chunk *chunk, struct chunk_hint *hint)
{
    atomic_fetch_add(&chunk->pins, 1);
    *hint = (struct chunk_hint){chunk, atomic_load(&chunk->generation), chunk->number};
}

/* Publishes what was read, pinned where there is a hint, or undoes the attempt; and tells those who waited. */
static void finish_reading(struct chunk *chunk, enum status status, struct chunk_hint *hint)
{
    struct cache *cache = chunk->cache;
    struct cached_file *file = chunk->file;

    AcquireSRWLockExclusive(&cache->lock);
    struct cache_waiter *waiter = chunk->waiters;
    chunk->waiters = NULL;
    cache->reads++;
    cache->bytes_read += chunk->size;
    bool is_strangers = atomic_load(&chunk->is_strangers);
    cache->strangers_chunks -= is_strangers;
    if (status == STATUS_OK)
        chunk->state = CHUNK_READY;
    else
        empty_chunk(cache, chunk);
    if (status == STATUS_OK && !is_strangers)
        link_newest(cache, chunk);
    else
        link_oldest(cache, chunk);
    if (status == STATUS_OK && hint != NULL)
        cache_chunks_pin(chunk, hint);
    unclaim(chunk);
    if (status != STATUS_OK)
        cache_files_distrust(cache, file);
    cache_files_end_use(cache, file);
    ReleaseSRWLockExclusive(&cache->lock);
    WakeAllConditionVariable(&cache->chunk_read);
    while (waiter != NULL) {
        /* ready may hand the waiter to another thread, which may end it. */
        struct cache_waiter *next = waiter->next;
        waiter->ready(waiter, status);
        waiter = next;
    }
}

static void run_read_job(struct job *job)
{
    struct chunk *chunk = CONTAINING_RECORD(job, struct chunk, job);
    struct cache *cache = chunk->cache;

    AcquireSRWLockExclusive(&cache->lock);
    bool is_wanted = chunk->state == CHUNK_QUEUED;
    chunk->is_job_put = false;
    if (is_wanted)
        chunk->state = CHUNK_READING;
    ReleaseSRWLockExclusive(&cache->lock);
    if (is_wanted)
        finish_reading(chunk, read_chunk(chunk), NULL);
}

struct chunk *cache_chunks_begin_reading(struct cache *cache, struct cached_file *file, uint32_t number,
                                         enum cache_reader reader)
{
    bool is_strangers = reader == READER_STRANGER;

    if (is_strangers && cache->strangers_chunks >= cache->chunk_count / STRANGERS_PART)
        return NULL;
    struct chunk *chunk = obtain_chunk(cache);
    if (chunk == NULL)
        return NULL;
    struct chunk **bucket = chunk_bucket(cache, file, number);
    atomic_fetch_add(&chunk->generation, 1);
    chunk->state = CHUNK_READING;
    chunk->file = file;
    chunk->number = number;
    chunk->size = 0;
    chunk->waiters = NULL;
    chunk->next_in_bucket = *bucket;
    *bucket = chunk;
    link_of_file(file, chunk);
    atomic_store(&chunk->is_strangers, is_strangers);
    cache->strangers_chunks += is_strangers;
    cache_files_retain(cache, file);
    cache_files_begin_use(cache, file);
    return chunk;
}

void cache_chunks_read_later(struct chunk *chunk)
{
    chunk->state = CHUNK_QUEUED;
    chunk->is_job_put = true;
    chunk->job.run = run_read_job;
    jobs_put(chunk->cache->jobs, JOBS_READS, &chunk->job);
}

enum status cache_chunks_read_now(struct chunk *chunk, struct chunk_hint *hint)
{
    enum status status = read_chunk(chunk);

    finish_reading(chunk, status, hint);
    return status;
}

void cache_chunks_touch(struct cache *cache, struct chunk *chunk)
{
    bool was_strangers = atomic_exchange(&chunk->is_strangers, false);

    if (chunk->state == CHUNK_READY) {
        unlink_chunk(cache, chunk);
        link_newest(cache, chunk);
    } else {
        cache->strangers_chunks -= was_strangers;
    }
}

void cache_chunks_close(struct cache *cache)
{
    for (struct chunk *chunk = cache->oldest; chunk != NULL; chunk = chunk->newer)
        if (chunk->state == CHUNK_READY)
            empty_chunk(cache, chunk);
    for (uint32_t i = 0; i < cache->unused; i++)
        free(cache->chunks[i].bytes);
}
