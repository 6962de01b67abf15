/*
 * File contents that all transfers share: one object per file and state of it (identity, size, time of last write), its
 * contents in chunks of 64 KiB, a bounded number of chunks in all. A mass boot of one image reads the disk once.
 *
 * A hit costs a packet two atomic operations and no lock: the reader keeps a hint to the chunk it used last and pins it
 * while it sends. Only entering another chunk takes the cache's lock; a miss goes to the job threads.
 */
#ifndef WIN32_CACHE_H
#define WIN32_CACHE_H

#include "win32/disk/file.h"
#include "win32/system/jobs.h"

enum {
    CACHE_CHUNK_SIZE = 64 * 1024,
    CACHE_SETTLE_MS = 2100,     /* the coarsest clock of a file system, FAT's, ticks every 2 s, and ours every 16 ms */
    CACHE_OLD_S = 600,          /* since the last write: beyond what clocks of machines that speak Kerberos differ by */
    CACHE_REMEMBERED_MAX = 1024 /* files of which nothing is kept but when their state was first seen */
};

struct cache;
struct cached_file;
struct chunk;

struct cache *cache_open(uint32_t mib, struct jobs *jobs);
/* No file is attached any more and no job runs. */
void cache_close(struct cache *cache);

/*
 * Takes over the opened handle. NULL when memory is out (the handle is closed then). All who attach to the same state of
 * the same file, by the same name, share it; its handle keeps everybody from writing.
 */
struct cached_file *cache_attach(struct cache *cache, const struct opened_file *opened);
/*
 * The handle is closed by a job thread when the last user lets go. The contents stay as long as there is room, if a write
 * from then on would show: if the file was old when it was opened, or its state was first seen CACHE_SETTLE_MS ago.
 */
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

/* Who reads. One request, which may be forged, makes a stranger. */
enum cache_reader {
    READER_STRANGER, /* nothing is read ahead for it, and what is read for it alone is the first to give way */
    READER_KNOWN
};

enum cache_answer {
    CACHE_PINNED,    /* the hint's chunk may be used until cache_unpin */
    CACHE_AWAITED,   /* waiter->ready will be called */
    CACHE_EXHAUSTED, /* every chunk is in use this very moment, or strangers have their part of them */
    CACHE_FAILED     /* only with a NULL waiter; status says why */
};

/*
 * Pins the chunk with this number. A NULL waiter means that the caller may block: then a missing chunk is read here and
 * now. When somebody who is known enters a chunk, the next one is asked for, too.
 */
enum cache_answer cache_pin(struct cache *cache, struct cached_file *file, uint32_t number, struct chunk_hint *hint,
                            enum cache_reader reader, struct cache_waiter *waiter, enum status *status);
void cache_unpin(const struct chunk_hint *hint);
/* The bytes of the pinned chunk: shorter than CACHE_CHUNK_SIZE only at the end of the file. */
struct span cache_bytes(const struct chunk_hint *hint);

#endif
