#include "win32/cache_parts.h"

#include <stdlib.h>

static struct cached_file **file_bucket(struct cache *cache, const struct file_identity *identity)
{
    uint64_t hash = (identity->index ^ identity->volume) * 0x9E3779B97F4A7C15u;

    return &cache->files[hash >> 32 & (FILE_BUCKETS - 1)];
}

static struct cached_file *find_file(struct cache *cache, const struct file_identity *identity)
{
    struct cached_file *file = *file_bucket(cache, identity);

    while (file != NULL && (file->identity.index != identity->index || file->identity.volume != identity->volume))
        file = file->next_in_bucket;
    return file;
}

static void unshare(struct cache *cache, struct cached_file *file)
{
    struct cached_file **place = file_bucket(cache, &file->identity);

    if (!file->is_shared)
        return;
    while (*place != file)
        place = &(*place)->next_in_bucket;
    *place = file->next_in_bucket;
    file->is_shared = false;
}

void cache_files_free_if_unused(struct cache *cache, struct cached_file *file)
{
    if (file->users > 0 || file->chunks > 0 || file->is_closing)
        return;
    unshare(cache, file);
    free(file);
}

static void run_close_job(struct job *job)
{
    struct cached_file *file = CONTAINING_RECORD(job, struct cached_file, close_job);
    struct cache *cache = file->cache;

    AcquireSRWLockExclusive(&cache->lock);
    /* Somebody may have attached in the meantime, then it stays open. */
    while (file->users == 0 && file->handle != NULL) {
        HANDLE handle = file->handle;
        file->handle = NULL;
        ReleaseSRWLockExclusive(&cache->lock);
        CloseHandle(handle);
        AcquireSRWLockExclusive(&cache->lock);
    }
    file->is_closing = false;
    cache_files_free_if_unused(cache, file);
    ReleaseSRWLockExclusive(&cache->lock);
}

void cache_files_let_go(struct cache *cache, struct cached_file *file)
{
    if (--file->users > 0)
        return;
    if (file->handle != NULL && !file->is_closing) {
        file->is_closing = true;
        file->close_job.run = run_close_job;
        jobs_put(cache->jobs, JOBS_WRITES, &file->close_job);
    }
    if (!file->is_shared && file->chunks > 0)
        cache_chunks_drop(cache, file);
    else
        cache_files_free_if_unused(cache, file);
}

void cache_release(struct cache *cache, struct cached_file *file)
{
    AcquireSRWLockExclusive(&cache->lock);
    cache_files_let_go(cache, file);
    ReleaseSRWLockExclusive(&cache->lock);
}

/* Long enough unchanged that another change would show in the time of the last write. */
static bool is_settled(const struct file_identity *identity)
{
    FILETIME now;
    const uint64_t ticks_per_ms = 10000;

    GetSystemTimeAsFileTime(&now);
    uint64_t now_ticks = (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    return identity->written + CACHE_SETTLE_MS * ticks_per_ms < now_ticks;
}

static struct cached_file *make_file(struct cache *cache, const struct opened_file *opened)
{
    size_t path_size = strlen(opened->path) + 1;
    struct cached_file *file = calloc(1, sizeof *file + path_size);

    if (file == NULL)
        return NULL;
    file->cache = cache;
    file->identity = opened->identity;
    memcpy(file->path, opened->path, path_size);
    if (is_settled(&opened->identity)) {
        struct cached_file **bucket = file_bucket(cache, &file->identity);
        file->is_shared = true;
        file->next_in_bucket = *bucket;
        *bucket = file;
    }
    return file;
}

static bool is_same_state(const struct cached_file *file, const struct opened_file *opened)
{
    return file->identity.size == opened->identity.size && file->identity.written == opened->identity.written &&
           file->identity.changed == opened->identity.changed && strcmp(file->path, opened->path) == 0;
}

/* The object for what was opened: the shared one if its contents still hold, else a new one. */
static struct cached_file *find_or_make(struct cache *cache, const struct opened_file *opened)
{
    struct cached_file *file = find_file(cache, &opened->identity);

    if (file != NULL && is_same_state(file, opened))
        return file;
    if (file != NULL) {
        unshare(cache, file);
        file->users++;
        cache_files_let_go(cache, file);
    }
    return make_file(cache, opened);
}

struct cached_file *cache_attach(struct cache *cache, const struct opened_file *opened)
{
    HANDLE spare = opened->handle;

    AcquireSRWLockExclusive(&cache->lock);
    struct cached_file *file = find_or_make(cache, opened);
    if (file != NULL) {
        file->users++;
        if (file->handle == NULL) {
            file->handle = opened->handle;
            spare = NULL;
        }
    }
    ReleaseSRWLockExclusive(&cache->lock);
    if (spare != NULL)
        CloseHandle(spare);
    return file;
}

const char *cached_file_path(const struct cached_file *file)
{
    return file->path;
}

uint64_t cached_file_size(const struct cached_file *file)
{
    return file->identity.size;
}
