/*
 * Owns one exchange as the program does, with a file in memory and a clock that only the test moves. Each asker_ call hands
 * the machine one event, performs what it asks until it waits or finishes, and leaves in `log` what was done:
 * "PORT 0 RRQ f octet tsize=0 blksize=1428", "OPEN 20 ACK 0", "WRITE 0+512 ACK 1", "DATA 1-4", "ERROR 8", "COMMIT 20",
 * "FINISH 13" with the exit code, "" for nothing. Reads are not told.
 */
#ifndef UNIT_ASKER_H
#define UNIT_ASKER_H

#include "core/client/exchange.h"

enum { ASKER_LOG_MAX = 512, ASKER_START_MS = 1000000, ASKER_TID = 4000, ASKER_MEMORY_MAX = 1 << 20 };

enum asker_kind { GET = 0, PUT = 1, TEXT = 2 };

struct asker {
    struct exchange exchange;
    struct exchange_setup setup; /* may be changed between asker_init and asker_begin */
    struct exchange_action action;
    uint64_t now_ms;
    const uint8_t *file; /* put: of file_size */
    size_t file_size;
    size_t read_max; /* how much a READ lends at once; 0: all it asks for */
    uint8_t *stored;
    size_t stored_size;
    unsigned writes;
    unsigned sends;
    enum cause port_cause; /* what these are answered with */
    enum cause open_cause;
    enum cause send_cause;
    enum cause read_cause;
    enum cause write_cause;
    enum cause commit_cause;
    void (*deliver)(void *context, struct span datagram); /* gets each datagram to the server; may be NULL */
    void *context;
    uint8_t sent[65536]; /* the last datagram */
    size_t sent_size;
    struct endpoint sent_to;
    uint8_t sent_line;
    bool is_finished;
    uint16_t run_first; /* of the DATA run at the end of log */
    uint16_t run_last;
    size_t run_place; /* SIZE_MAX: no such run */
    char log[ASKER_LOG_MAX];
};

extern const struct endpoint asker_server; /* of its transfer */

/* kind: a sum of enum asker_kind; blksize 512, windowsize 1 and no tsize unless the test sets more. */
void asker_init(struct asker *a, unsigned kind, const void *file, size_t file_size);
void asker_begin(struct asker *a);
void asker_free(struct asker *a);

/* A get with tsize that is begun, and answered with these options; oack "": not yet. kind: GET, or GET | TEXT. */
void asker_get(struct asker *a, unsigned kind, uint32_t blksize, uint32_t windowsize, const char *oack);
/* From the first to the last block of driver_content, all whole. */
void asker_blocks(struct asker *a, uint64_t first, uint64_t last, uint32_t blksize);
/* From the server's transfer, to the line that is answered, or asked from. */
void asker_datagram(struct asker *a, struct span datagram);
void asker_datagram_from(struct asker *a, uint8_t line, const struct endpoint *from, struct span datagram);
void asker_data(struct asker *a, uint16_t block, const void *bytes, size_t size);
void asker_ack(struct asker *a, uint16_t block);
void asker_error(struct asker *a, uint16_t code, const char *text);
/* Options as wire_request has them. */
void asker_oack(struct asker *a, const char *options);
size_t asker_make_oack(uint8_t *bytes, const char *options);
/* The clock jumps to the deadline and the timer comes. */
void asker_timeout(struct asker *a);
/* The clock moves on, without the timer. */
void asker_pass(struct asker *a, uint32_t ms);
void asker_timer(struct asker *a);
void asker_unreachable(struct asker *a, uint8_t line);
void asker_interrupt(struct asker *a);

/* Milliseconds from now until the deadline. */
uint64_t asker_wait_ms(const struct asker *a);

#endif
