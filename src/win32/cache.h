/*
 * File contents that all transfers share: one object per file and state of it (identity, size, time of last write), its
 * contents in chunks of 64 KiB, a bounded number of chunks in all. A mass boot of one image reads the disk once.
 *
 * A hit costs a packet two atomic operations and no lock: the reader keeps a hint to the chunk it used last and pins it
 * while it sends. Only entering another chunk takes the cache's lock; a miss goes to the job threads.
 */
#ifndef WIN32_CACHE_H
#define WIN32_CACHE_H

#include "win32/file.h"
#include "win32/jobs.h"

enum {
    CACHE_CHUNK_SIZE = 64 * 1024,
    CACHE_SETTLE_MS = 2000 /* a file written later than this before it was opened is not shared: FAT's clock ticks so */
};

struct cache;
struct cached_file;
struct chunk;

struct cache *cache_open(uint32_t mib, struct jobs *jobs);
/* No file is attached any more and no job runs. */
void cache_close(struct cache *cache);

/* Takes over the opened handle. NULL when memory is out (the handle is closed then). */
struct cached_file *cache_attach(struct cache *cache, const struct opened_file *opened);
/* The handle is closed by a job thread when the last user lets go; the contents stay as long as there is room. */
void cache_release(struct cache *cache, struct cached_file *file);

struct cache_figures {
    uint64_t reads; /* of the disk, each of a chunk */
    uint64_t bytes_read;
    uint64_t bytes_held; /* memory for chunks */
    uint64_t bytes_max;
};
struct cache_figures cache_figures(struct cache *cache);

const char *cached_file_path(const struct cached_file *file);
uint64_t cached_file_size(const struct cached_file *file);

/* Where a reader was last; starts as zeros. */
struct chunk_hint {
    struct chunk *chunk;
    uint32_t generation;
    uint32_t number; /* of the chunk in its file */
};

/* A reader that waits for a chunk. ready is called once, on a job thread, without any lock held. */
struct cache_waiter {
    struct cache_waiter *next;
    void (*ready)(struct cache_waiter *waiter, enum status status);
};

enum cache_answer {
    CACHE_PINNED,    /* the hint's chunk may be used until cache_unpin */
    CACHE_AWAITED,   /* waiter->ready will be called */
    CACHE_EXHAUSTED, /* every chunk is in use this very moment */
    CACHE_FAILED     /* only with a NULL waiter; status says why */
};

/*
 * Pins the chunk with this number. A NULL waiter means that the caller may block: then a missing chunk is read here and
 * now. Entering a chunk also asks for the next one to be read ahead.
 */
enum cache_answer cache_pin(struct cache *cache, struct cached_file *file, uint32_t number, struct chunk_hint *hint,
                            struct cache_waiter *waiter, enum status *status);
void cache_unpin(const struct chunk_hint *hint);
/* The bytes of the pinned chunk: shorter than CACHE_CHUNK_SIZE only at the end of the file. */
struct span cache_bytes(const struct chunk_hint *hint);

#endif
