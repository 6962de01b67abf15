/*
 * What the service is doing at one moment: plain data without pointers, so that it can be sent over a pipe. Made while
 * transfers run and without disturbing them.
 */
#ifndef WIN32_SNAPSHOT_H
#define WIN32_SNAPSHOT_H

#include "core/events/event.h"
#include "core/server/unsent.h"
#include "win32/system/windows.h"

struct shared;

enum {
    SNAPSHOT_NAME_MAX = 256,
    SNAPSHOT_TRANSFERS_MAX = 1000 /* that are told one by one */
};

struct snapshot_transfer {
    uint32_t id;
    uint8_t is_upload;
    uint8_t is_netascii;
    uint8_t has_answered; /* false: its client may never have been there */
    uint8_t has_size;
    struct endpoint client;
    struct mac mac; /* as far as it is known */
    uint64_t size;  /* of the file, or as the client announced; 0 without has_size */
    uint64_t bytes; /* so far */
    uint64_t blocks_resent;
    uint64_t age_ms;
    uint32_t blksize;
    uint32_t windowsize;
    char name[SNAPSHOT_NAME_MAX]; /* UTF-8, cut to fit */
};

struct snapshot_totals {
    uint64_t outcomes[OUTCOME_COUNT]; /* of ended transfers */
    uint64_t refusals[REFUSAL_COUNT];
    uint64_t unsent[UNSENT_REASONS];
    uint64_t started;
    uint64_t finished;
    uint64_t failed;
    uint64_t refused;
    uint64_t dropped;
    uint64_t errors_withheld;
    uint64_t resends_withheld;
    uint64_t gave_way;
    /* These count running transfers as well. */
    uint64_t bytes_sent;
    uint64_t bytes_received;
    uint64_t blocks_resent;
};

struct snapshot {
    uint32_t running;
    uint32_t unanswered;     /* of those, whose client has not answered yet */
    uint32_t transfer_count; /* in the list, at most SNAPSHOT_TRANSFERS_MAX */
    uint32_t is_paused;
    struct snapshot_totals totals;
    uint64_t cache_reads;
    uint64_t cache_bytes_read;
    uint64_t cache_bytes_held;
    uint64_t cache_bytes_max;
};

/* Fills in snapshot, and list (room for SNAPSHOT_TRANSFERS_MAX, or NULL) in no order. Any thread. */
void snapshot_take(struct shared *shared, struct snapshot *snapshot, struct snapshot_transfer *list);

/* Has a transfer ended as an administrator's wish. False if none runs under this id. Any thread. */
bool snapshot_stop_transfer(struct shared *shared, uint32_t id);

#endif
