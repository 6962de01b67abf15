/*
 * What cache.c, cache_files.c and cache_chunks.c share. Nobody else includes this. Unless a line says otherwise, the
 * caller holds the cache's lock.
 */
#ifndef WIN32_CACHE_PARTS_H
#define WIN32_CACHE_PARTS_H

#include "win32/cache.h"

#include <stdatomic.h>

enum {
    FILE_BUCKETS = 1024,
    CHUNK_CLAIMED = 0x40000000 /* in pins: nobody may pin it now */
};

enum chunk_state {
    CHUNK_EMPTY,
    CHUNK_QUEUED, /* a job will read it, unless somebody who blocks comes first */
    CHUNK_READING,
    CHUNK_READY
};

struct chunk {
    atomic_uint generation; /* changes whenever the chunk is given other contents */
    atomic_uint pins;
    enum chunk_state state;
    uint32_t number;
    uint32_t size;
    uint8_t *bytes; /* allocated when first used */
    struct cached_file *file;
    struct cache *cache;
    struct chunk *next_in_bucket;
    struct chunk *older; /* in the order of last use */
    struct chunk *newer;
    struct cache_waiter *waiters;
    bool is_job_put; /* and has not run yet: until then the chunk gets no other contents */
    struct job job;
};

struct cached_file {
    struct cache *cache;
    HANDLE handle; /* NULL while nobody uses the file */
    struct file_identity identity;
    uint32_t users;  /* transfers, and chunks being read */
    uint32_t chunks; /* with its contents */
    bool is_shared;  /* in a bucket: others with the same identity may attach */
    struct cached_file *next_in_bucket;
    bool is_closing; /* close_job has been put */
    struct job close_job;
    char path[];
};

struct cache {
    SRWLOCK lock;
    CONDITION_VARIABLE chunk_read;
    struct jobs *jobs;
    struct cached_file *files[FILE_BUCKETS];
    struct chunk **chunk_buckets;
    uint32_t bucket_count; /* a power of two */
    uint32_t chunk_count;
    uint32_t unused; /* chunks[unused..] never held anything */
    uint64_t reads;
    uint64_t bytes_read;
    struct chunk *oldest;
    struct chunk *newest;
    struct chunk *chunks;
};

/* cache_files.c */

/* Frees it if nobody uses it and nothing is kept of it. */
void cache_files_free_if_unused(struct cache *cache, struct cached_file *file);
/* One user less; the last one closes the handle, elsewhere, for that may block on a share. */
void cache_files_let_go(struct cache *cache, struct cached_file *file);

/* cache_chunks.c */

struct chunk *cache_chunks_find(struct cache *cache, const struct cached_file *file, uint32_t number);
/* A chunk for this place in the file, in state READING and claimed; NULL if there is none to be had. */
struct chunk *cache_chunks_begin_reading(struct cache *cache, struct cached_file *file, uint32_t number);
/* Puts the job that reads the chunk. */
void cache_chunks_read_later(struct chunk *chunk);
/* Reads it on this thread. Without the lock. */
enum status cache_chunks_read_now(struct chunk *chunk);
void cache_chunks_touch(struct cache *cache, struct chunk *chunk);
/* Forgets what is kept of the file, as far as nobody is sending it; may free the file. */
void cache_chunks_drop(struct cache *cache, struct cached_file *file);
/* Forgets everything. Without the lock, at the end. */
void cache_chunks_close(struct cache *cache);

#endif
