/*
 * Owns one transfer as the service does, with a file in memory, an upload in memory and a clock that only the test
 * moves. Each driver_ call hands the machine one event, performs what it asks until it waits or finishes, and leaves in
 * `log` what was done: "DATA 1-4", "WRITE 0+1024 ACK 2", "COMMIT ACK 3", "ERROR 3 FINISH too-large", "" for nothing.
 */
#ifndef UNIT_DRIVER_H
#define UNIT_DRIVER_H

#include "core/transfer/transfer.h"

enum { DRIVER_LOG_MAX = 512, DRIVER_START_MS = 1000000 };

enum driver_kind { DOWNLOAD = 0, UPLOAD = 1, NETASCII = 2 };

struct driver {
    struct transfer transfer;
    struct transfer_setup setup; /* may be changed between driver_init and driver_begin */
    struct action action;
    uint64_t now_ms;
    const uint8_t *file; /* of setup.file_size; NULL: the blocks have no content */
    uint8_t *memory;
    uint8_t *stored;
    size_t stored_size;
    size_t stored_capacity;
    unsigned reads;
    unsigned writes;
    unsigned commits;
    enum status read_status;
    enum status blocks_status;
    enum status write_status;
    enum status commit_status;
    uint32_t blocks_max;                                  /* how many of SEND_BLOCKS are taken at once; 0: all */
    bool segments;                                        /* new blocks leave in one call where they may */
    size_t read_max;                                      /* how much a READ lends at once; 0: all it asks for */
    void (*deliver)(void *context, struct span datagram); /* gets each datagram; may be NULL */
    void *context;
    uint8_t sent[65536]; /* the last datagram */
    size_t sent_size;
    bool is_finished;
    uint16_t run_first; /* of the DATA run at the end of log */
    uint16_t run_last;
    size_t run_place; /* SIZE_MAX: no such run */
    char log[DRIVER_LOG_MAX];
};

/* kind: a sum of enum driver_kind; options as wire_request has them, agreed to without limits. */
void driver_init(struct driver *d, unsigned kind, const char *options, const void *file, uint64_t file_size);
void driver_begin(struct driver *d);
/* Both at once. */
void driver_start(struct driver *d, unsigned kind, const char *options, const void *file, uint64_t file_size);
void driver_free(struct driver *d);

void driver_datagram(struct driver *d, struct span datagram);
void driver_ack(struct driver *d, uint16_t block);
void driver_ack_window(struct driver *d, uint16_t block, uint8_t window); /* five bytes */
void driver_data(struct driver *d, uint16_t block, const void *bytes, size_t size);
void driver_error(struct driver *d, uint16_t code, const char *text);
/* The clock jumps to the deadline and the timer comes. */
void driver_timeout(struct driver *d);
/* The clock moves on, without the timer. */
void driver_pass(struct driver *d, uint32_t ms);
void driver_timer(struct driver *d);
void driver_repeat(struct driver *d);
void driver_abort(struct driver *d, enum transfer_outcome outcome);

/* Milliseconds from now until the deadline. */
uint64_t driver_wait_ms(const struct driver *d);

/* A file whose every place is different from its neighbours. Static memory, at most 2 MiB. */
const uint8_t *driver_content(size_t size);

#define EXPECT(d, text) assert_string_equal((d)->log, text)

#endif
