#include "win32/disk/cache_parts.h"

#include <stdlib.h>

/*
 * The path counts: two names of one file would else put each other out, and volumes mounted below one root have its
 * number.
 */
static uint32_t bucket_of(const struct opened_file *opened)
{
    uint64_t hash = opened->identity.index ^ opened->identity.volume;

    for (const char *c = opened->path; *c != 0; c++)
        hash = (hash ^ (uint8_t)*c) * 0x9E3779B97F4A7C15u;
    return hash >> 32 & (FILE_BUCKETS - 1);
}

static struct cached_file *find_file(struct cache *cache, const struct opened_file *opened)
{
    struct cached_file *file = cache->files[bucket_of(opened)];

    while (file != NULL && (file->identity.index != opened->identity.index ||
                            file->identity.volume != opened->identity.volume || strcmp(file->path, opened->path) != 0))
        file = file->next_in_bucket;
    return file;
}

/* Nobody uses it and nothing is kept of it, but when its state was first seen. */
static bool is_remembered(const struct cached_file *file)
{
    return file->is_shared && file->references == 1;
}

static void unlink_remembered(struct cache *cache, struct cached_file *file)
{
    *(file->older ? &file->older->newer : &cache->first_to_forget) = file->newer;
    *(file->newer ? &file->newer->older : &cache->last_to_forget) = file->older;
    cache->remembered--;
}

static void unshare(struct cache *cache, struct cached_file *file)
{
    struct cached_file **place = &cache->files[file->bucket];

    if (is_remembered(file))
        unlink_remembered(cache, file);
    while (*place != file)
        place = &(*place)->next_in_bucket;
    *place = file->next_in_bucket;
    file->is_shared = false;
    cache_files_release(cache, file);
}

static void remember(struct cache *cache, struct cached_file *file)
{
    file->older = cache->last_to_forget;
    file->newer = NULL;
    *(file->older ? &file->older->newer : &cache->first_to_forget) = file;
    cache->last_to_forget = file;
    if (++cache->remembered > CACHE_REMEMBERED_MAX)
        unshare(cache, cache->first_to_forget);
}

void cache_files_retain(struct cache *cache, struct cached_file *file)
{
    if (is_remembered(file))
        unlink_remembered(cache, file);
    file->references++;
}

void cache_files_release(struct cache *cache, struct cached_file *file)
{
    ASSERT(file->references > 0);
    if (--file->references == 0)
        free(file);
    else if (is_remembered(file))
        remember(cache, file);
}

static void run_close_job(struct job *job)
{
    struct cached_file *file = CONTAINING_RECORD(job, struct cached_file, close_job);
    struct cache *cache = file->cache;

    AcquireSRWLockExclusive(&cache->lock);
    /* Somebody may have attached in the meantime, then it stays open. */
    while (file->users == 0 && file->handle != NULL) {
        HANDLE handle = file->handle;
        /* From here on it may be written: what is kept now must differ from what it is then, to be seen as outdated. */
        if (!file->is_shared || GetTickCount64() < file->settled_ms)
            cache_chunks_drop(cache, file);
        file->handle = NULL;
        ReleaseSRWLockExclusive(&cache->lock);
        CloseHandle(handle);
        AcquireSRWLockExclusive(&cache->lock);
    }
    file->is_closing = false;
    cache_files_release(cache, file);
    ReleaseSRWLockExclusive(&cache->lock);
}

void cache_files_begin_use(struct cache *cache, struct cached_file *file)
{
    cache_files_retain(cache, file);
    file->users++;
}

void cache_files_end_use(struct cache *cache, struct cached_file *file)
{
    if (--file->users == 0 && !file->is_closing) {
        file->is_closing = true;
        file->close_job.run = run_close_job;
        cache_files_retain(cache, file);
        jobs_put(cache->jobs, JOBS_WRITES, &file->close_job);
    }
    cache_files_release(cache, file);
}

void cache_files_distrust(struct cache *cache, struct cached_file *file)
{
    if (file->is_shared)
        unshare(cache, file);
}

void cache_release(struct cache *cache, struct cached_file *file)
{
    AcquireSRWLockExclusive(&cache->lock);
    cache_files_end_use(cache, file);
    ReleaseSRWLockExclusive(&cache->lock);
}

/* Written so long ago, whoever's clock the file system goes by, that another write shows in the time of the last one. */
static bool is_old(const struct file_identity *identity)
{
    FILETIME now;
    const uint64_t ticks_per_s = 10 * 1000 * 1000;

    GetSystemTimeAsFileTime(&now);
    uint64_t now_ticks = (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    return identity->written < now_ticks && now_ticks - identity->written > CACHE_OLD_S * ticks_per_s;
}

/* Shared, and with its first user. */
static struct cached_file *make_file(struct cache *cache, const struct opened_file *opened)
{
    size_t path_size = strlen(opened->path) + 1;
    struct cached_file *file = calloc(1, sizeof *file + path_size);

    if (file == NULL)
        return NULL;
    file->cache = cache;
    file->identity = opened->identity;
    file->settled_ms = is_old(&opened->identity) ? 0 : GetTickCount64() + CACHE_SETTLE_MS;
    memcpy(file->path, opened->path, path_size);
    file->bucket = bucket_of(opened);
    file->is_shared = true;
    file->next_in_bucket = cache->files[file->bucket];
    cache->files[file->bucket] = file;
    file->users = 1;
    file->references = 2;
    return file;
}

static bool is_same_state(const struct file_identity *a, const struct file_identity *b)
{
    return a->size == b->size && a->written == b->written && a->changed == b->changed;
}

/* The object for what was opened, with one user more: the shared one if its contents still hold, else a new one. */
static struct cached_file *find_or_make(struct cache *cache, const struct opened_file *opened)
{
    struct cached_file *file = find_file(cache, opened);

    if (file != NULL && is_same_state(&file->identity, &opened->identity)) {
        cache_files_begin_use(cache, file);
        return file;
    }
    if (file != NULL) {
        if (file->users == 0)
            cache_chunks_drop(cache, file);
        unshare(cache, file);
    }
    return make_file(cache, opened);
}

struct cached_file *cache_attach(struct cache *cache, const struct opened_file *opened)
{
    HANDLE spare = opened->handle;

    AcquireSRWLockExclusive(&cache->lock);
    struct cached_file *file = find_or_make(cache, opened);
    if (file != NULL && file->handle == NULL) {
        file->handle = opened->handle;
        spare = NULL;
    }
    ReleaseSRWLockExclusive(&cache->lock);
    if (spare != NULL)
        CloseHandle(spare);
    return file;
}

void cache_files_close(struct cache *cache)
{
    for (size_t i = 0; i < FILE_BUCKETS; i++)
        for (struct cached_file *file = cache->files[i], *next; file != NULL; file = next) {
            next = file->next_in_bucket;
            ASSERT(is_remembered(file));
            free(file);
        }
}

const char *cached_file_path(const struct cached_file *file)
{
    return file->path;
}

uint64_t cached_file_size(const struct cached_file *file)
{
    return file->identity.size;
}
