/*
 * The watch over one transfer: sees every datagram that reaches it, everything it asks for and everything it sends, counts
 * blocks by itself from what is on the wire, and fails the world where a rule is broken. It never asks the core what it
 * thinks.
 */
#ifndef SIMULATION_WATCH_H
#define SIMULATION_WATCH_H

#include "core/transfer/transfer.h"
#include "world.h"

/* How long a request that came again late is doubted, and the old transfer stays behind it. */
enum { WATCH_DOUBT_MS = 6000, WATCH_BROKEN_MS = 2000 };

/* Why the transfer is at work. */
enum watch_cause { CAUSE_REQUEST, CAUSE_DATAGRAM, CAUSE_TIMER, CAUSE_REPEAT, CAUSE_ABORT };

struct watch {
    const struct config *config;
    struct agreement agreement;
    bool is_upload;
    bool is_netascii;
    struct span wire; /* of a download: everything that is to be sent */
    enum watch_cause cause;
    uint64_t begun_ms;
    uint64_t caused_ms;
    uint64_t last_news_ms;   /* something was sent, or came that was new */
    uint64_t progress_ms;    /* something came that was new, or was sent for the first time */
    uint64_t unproven_bytes; /* of data, before any was acknowledged */
    bool is_spent;           /* no other block is affordable before one is acknowledged */
    uint64_t gap_ms;         /* between the last two sends that only the timer made */
    uint32_t sent;           /* datagrams since the cause */
    uint32_t sent_data;      /* of these, DATA */
    uint32_t sent_in_all;
    uint32_t timer_sends; /* in a row, without anything from the client */
    bool has_answered;    /* anything valid came from the client */
    bool has_sent_error;
    bool is_copy;       /* the datagram is the last block that came, once more */
    bool is_stray;      /* the datagram acknowledges what is acknowledged already, or was never sent */
    uint32_t doubts;    /* how often its request came again late: the server waits a little longer for it */
    bool is_doubted;    /* since the last send that only the timer made */
    bool is_stored;     /* the commit went well */
    bool is_superseded; /* the server has turned to its client's next request: this one owes nothing more */
    bool has_ended;
    uint64_t stored_ms;
    uint64_t taken_ms;     /* when data last got further; at first its beginning */
    bool has_taken;        /* any data */
    uint64_t acked_ms;     /* upload: when an ACK left */
    uint64_t high;         /* download: highest block sent; upload: blocks that came in order */
    uint64_t acked;        /* download: highest block acknowledged */
    uint64_t position;     /* download: the block sent last */
    uint64_t gone_back_to; /* download: the highest block that a datagram made it go back to */
    uint64_t data_sent;
    uint64_t data_resent;
    bool has_short; /* upload: the short block has come */
    bool has_error_from_client;
    bool is_heard;    /* since it last moved on */
    bool must_answer; /* upload: the stored one's last block came again */
    uint8_t *raw;     /* upload: what came in order */
    size_t raw_size;
    size_t raw_capacity;
};

/* The world's server knows the rest; wire is lent. */
void watch_begin(struct world *w, struct watch *watch, const struct transfer_setup *setup, struct span wire);
void watch_free(struct world *w, struct watch *watch);

void watch_cause(struct world *w, struct watch *watch, enum watch_cause cause);
/* It is about to be ended, if it has not ended by itself. */
void watch_cause_unless_over(struct world *w, struct watch *watch, enum watch_cause cause);
/* Its request came again late. */
void watch_doubt(struct world *w, struct watch *watch);
/* A datagram that the transfer takes. */
void watch_datagram(struct world *w, struct watch *watch, struct span datagram);
void watch_action(struct world *w, struct watch *watch, const struct action *action);
/* A datagram that leaves; head and tail as in network_send. */
void watch_send(struct world *w, struct watch *watch, struct span head, struct span tail);
/* The bytes that are to get their name, and that they have got it. */
void watch_commit(struct world *w, struct watch *watch, struct span bytes);
void watch_stored(struct world *w, struct watch *watch);
/* It waits, or waits for the disk: everything that the cause led to is done. */
void watch_settled(struct world *w, struct watch *watch, uint64_t until_ms);
void watch_finish(struct world *w, struct watch *watch, const struct transfer_report *report);

#endif
