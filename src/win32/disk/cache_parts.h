/*
 * What cache.c, cache_files.c and cache_chunks.c share. Nobody else includes this. Unless a line says otherwise, the
 * caller holds the cache's lock.
 */
#ifndef WIN32_CACHE_PARTS_H
#define WIN32_CACHE_PARTS_H

#include "win32/disk/cache.h"

#include <stdatomic.h>

enum {
    FILE_BUCKETS = 1024,
    STRANGERS_PART = 4,        /* the chunks that are being read for strangers are at most this part of all */
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
    struct chunk *next_of_file;
    struct chunk **place_of_file; /* what points at it in its file's list */
    struct chunk *older;          /* in the order of last use; in neither while it is being read */
    struct chunk *newer;
    atomic_bool is_strangers; /* read for strangers alone; written under the lock */
    struct cache_waiter *waiters;
    bool is_job_put; /* and has not run yet: until then the chunk gets no other contents */
    struct job job;
};

struct cached_file {
    struct cache *cache;
    HANDLE handle; /* NULL while nobody uses the file */
    struct file_identity identity;
    uint32_t bucket;
    uint64_t settled_ms; /* of GetTickCount64: a write from then on shows in the identity */
    uint32_t references; /* one for each: its place in a bucket, user, chunk, close job; freed with the last */
    uint32_t users;      /* transfers, and chunks being read: who needs the handle */
    struct chunk *chunks;
    bool is_shared; /* in a bucket: others with the same identity may attach */
    struct cached_file *next_in_bucket;
    struct cached_file *older; /* while the bucket has the only reference: in the order in which that came about */
    struct cached_file *newer;
    bool is_closing; /* close_job has been put */
    struct job close_job;
    char path[];
};

struct cache {
    SRWLOCK lock;
    CONDITION_VARIABLE chunk_read;
    struct jobs *jobs;
    struct cached_file *files[FILE_BUCKETS];
    struct cached_file *first_to_forget;
    struct cached_file *last_to_forget;
    uint32_t remembered; /* files in that list */
    struct chunk **chunk_buckets;
    uint32_t bucket_count; /* a power of two */
    uint32_t chunk_count;
    uint32_t unused;           /* chunks[unused..] never held anything */
    uint32_t strangers_chunks; /* being read for strangers alone */
    uint64_t reads;
    uint64_t bytes_read;
    struct chunk *oldest;
    struct chunk *newest;
    struct chunk *chunks;
};

/* cache_files.c */

/* One reference more; one less. */
void cache_files_retain(struct cache *cache, struct cached_file *file);
void cache_files_release(struct cache *cache, struct cached_file *file);
/* One user more; one less: the last closes the handle, elsewhere, for that may block on a share. */
void cache_files_begin_use(struct cache *cache, struct cached_file *file);
void cache_files_end_use(struct cache *cache, struct cached_file *file);
/* Its handle may be of no use any more: whoever attaches from now on brings another. */
void cache_files_distrust(struct cache *cache, struct cached_file *file);
/* Frees all of them, at the end: no chunk has contents any more. Without the lock. */
void cache_files_close(struct cache *cache);

/* cache_chunks.c */

struct chunk *cache_chunks_find(struct cache *cache, const struct cached_file *file, uint32_t number);
/* A chunk for this place in the file, in state READING and claimed; NULL if there is none to be had. */
struct chunk *cache_chunks_begin_reading(struct cache *cache, struct cached_file *file, uint32_t number,
                                         enum cache_reader reader);
/* Puts the job that reads the chunk. */
void cache_chunks_read_later(struct chunk *chunk);
/* Reads it on this thread, and pins it before anybody can take it away. Without the lock. */
enum status cache_chunks_read_now(struct chunk *chunk, struct chunk_hint *hint);
/* A chunk that is ready: under the lock nobody can claim it in between. */
void cache_chunks_pin(struct chunk *chunk, struct chunk_hint *hint);
/* Somebody who is known wants it: it is the last to give way, at once or when it has been read. */
void cache_chunks_touch(struct cache *cache, struct chunk *chunk);
/* Forgets what is kept of the file. Nobody uses it, and the caller has a reference. */
void cache_chunks_drop(struct cache *cache, struct cached_file *file);
/* Forgets everything. Without the lock, at the end. */
void cache_chunks_close(struct cache *cache);

#endif
