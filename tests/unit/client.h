/*
 * Clients as RFC 1350 and RFC 7440 describe them, written apart from the core: one that fetches, one that stores.
 * Both answer a datagram by filling in what they would send; the test decides what becomes of that.
 */
#ifndef UNIT_CLIENT_H
#define UNIT_CLIENT_H

#include "core/base/bytes.h"

enum { CLIENT_REPLIES_MAX = 256 };

struct fetcher {
    uint32_t blksize;
    uint32_t window;
    unsigned rollover;
    bool acks_every_stray; /* EDK2: the last good block again for each packet that is not the next; else once a gap */
    uint16_t last;         /* number of the last good block */
    bool has_begun;        /* data has come */
    bool has_acked_gap;
    bool is_done;
    uint32_t since_ack;
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    uint16_t replies[CLIENT_REPLIES_MAX]; /* ACKs not yet taken, oldest first */
    uint32_t reply_count;
};

void fetcher_init(struct fetcher *f, uint32_t blksize, uint32_t window, unsigned rollover);
void fetcher_free(struct fetcher *f);
/* A datagram from the server; fits driver.deliver, with the fetcher as its context. */
void fetcher_take(void *fetcher, struct span datagram);
bool fetcher_next_reply(struct fetcher *f, uint16_t *block);
/* It has waited long enough and says again what it has. */
void fetcher_timeout(struct fetcher *f);

struct storer {
    const uint8_t *bytes;
    size_t size;
    uint32_t blksize;
    uint32_t window;
    unsigned rollover;
    uint64_t acked;
    uint16_t acked_number;
    uint64_t sent;
    uint16_t sent_number;
    uint64_t last;
    bool has_begun; /* the OACK or ACK 0 has come */
    bool is_done;
};

void storer_init(struct storer *s, const void *bytes, size_t size, uint32_t blksize, uint32_t window,
                 unsigned rollover);
void storer_take(void *storer, struct span datagram);
/* Writes the next DATA that it wants to send now and returns its size, or 0. datagram has 4 + blksize bytes. */
size_t storer_next(struct storer *s, uint8_t *datagram);
void storer_timeout(struct storer *s);

#endif
