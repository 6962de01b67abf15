/*
 * The local side of a file: what a put reads and what a get writes. A get's target is what it was until all is there: the new
 * file grows beside it, marked for deletion, so that not even a killed process leaves something, and takes its name at the
 * end. Devices, pipes and "-" are read and written straight.
 */
#ifndef CLIENT_FILES_H
#define CLIENT_FILES_H

#include "client/hash.h"
#include "core/client/command.h"
#include "core/client/exchange.h"

enum {
    FILES_PATH_MAX = 32768, /* UTF-16 units: Windows takes no longer path */
    FILES_BUFFER = 1024 * 1024,
    FILES_DETAIL_MAX = 1024
};

/* What a put reads. Whatever lies in the buffer may be read again, and a file from its beginning. */
struct source {
    HANDLE handle;
    bool is_file; /* and no pipe or device: it has a size, and can be read again */
    uint64_t size;
    uint8_t *buffer; /* FILES_BUFFER */
    uint64_t begin;  /* of what is in it */
    size_t used;
    struct hash hash;
    uint64_t hashed;
    char detail[FILES_DETAIL_MAX]; /* why it failed */
};

/* path "-": the standard input. */
enum cause source_open(struct source *source, const char *path, bool is_hashed);
enum cause source_read(struct source *source, uint64_t offset, size_t size, struct span *bytes);
void source_close(struct source *source);
/* So much of its beginning may be read again. */
uint64_t source_again_bytes(const struct source *source);

struct target {
    HANDLE handle;
    bool is_straight; /* no file beside it: a device, a pipe, the standard output */
    bool is_standard;
    bool is_no_clobber;
    bool is_kept; /* the unfinished file is whole, and only its name is missing */
    wchar_t path[FILES_PATH_MAX];
    wchar_t unfinished[FILES_PATH_MAX];
    uint8_t *buffer; /* FILES_BUFFER */
    size_t used;
    uint64_t offset; /* in the file, of what is in the buffer */
    struct hash hash;
    char hash_text[RESULT_HASH_TEXT_MAX]; /* once it is committed, if it is hashed */
    char detail[FILES_DETAIL_MAX];
};

/* Before anything is asked for: only looks. path "-": the standard output. */
enum cause target_prepare(struct target *target, const char *path, bool is_no_clobber, bool is_hashed);
/* size: announced, or 0. */
enum cause target_open(struct target *target, uint64_t size);
enum cause target_write(struct target *target, uint64_t offset, struct span bytes);
/* expected: the hash that it must have; NULL: any. */
enum cause target_commit(struct target *target, uint64_t size, const uint8_t *expected);
/* What was not committed is gone. */
void target_close(struct target *target);

#endif
