/*
 * What a client and an owner of the transfer machine may expect, by the protocol alone: what was sent, acknowledged and
 * received. Each event is told to the machine and to the model, and the machine is held to the model.
 */
#ifndef FUZZ_TRANSFER_MODEL_H
#define FUZZ_TRANSFER_MODEL_H

#include "fuzz.h"

#include "core/transfer/transfer.h"

enum {
    CONTENT_SIZE = 128 * 1024,
    NETASCII_FILE_MAX = 2048,
    UPLOAD_MAX = 1024 * 1024,
};

struct model {
    struct transfer transfer;
    struct transfer_setup setup;
    struct action action;
    uint64_t now_ms;
    bool is_finished;
    /* What the disk and the owner do. */
    enum status status;    /* of the next READ, SEND_BLOCKS, WRITE or COMMIT */
    unsigned blocks_shift; /* SEND_BLOCKS are taken in ever smaller parts; 0: all at once */
    size_t read_max;       /* lent by READ at once; 0: all */
    bool asks_again;
    unsigned abandon_in; /* actions; 0: never */
    /* What is known of the client. */
    bool has_answered;
    bool has_heard; /* anything but a request again */
    bool is_offering;
    bool has_sent_error;
    bool is_proven; /* by data: it acknowledged some, or sent some behind an acknowledgment */
    unsigned sends; /* of the event under way */
    unsigned unanswered_sends;
    unsigned repeats;       /* of the request, before the client answered */
    uint64_t allowed_bytes; /* that may still leave before the client has proved itself, headers included */
    uint64_t progress_ms;   /* when patience began to count: the client moved on, or was sent what it never had */
    unsigned silences;      /* that repeated something since then */
    unsigned timers;        /* that came due since the client last moved on */
    /* Download. */
    const uint8_t *expected; /* netascii: on the wire */
    uint64_t size;           /* on the wire */
    uint64_t last;
    uint64_t acked;
    uint64_t sent;
    uint64_t high;
    uint32_t window;
    bool has_grown;  /* in this event: the window */
    bool may_resend; /* in this event */
    bool has_answered_gap;
    /* Upload. */
    uint64_t received;
    uint64_t confirmed;
    uint64_t confirmed_ms;
    bool is_gap; /* in this event: not the next block, nor the last again */
    bool is_complete;
    bool is_committed;
    uint64_t committed_ms;
    bool must_fail;
    uint8_t *stored;
    size_t stored_size;
    uint8_t *accepted;
    size_t accepted_size;
};

/* CONTENT_SIZE bytes, every place different and full of line ends. The file of a netascii download begins so. */
const uint8_t *model_content(void);
/* The 16-bit number of a block, by the agreed rollover. */
uint16_t model_wire_number(const struct model *m, uint64_t block);

/* setup but for its memory, and stored and accepted (of UPLOAD_MAX) are filled in; wire is of 2 * NETASCII_FILE_MAX. */
void model_begin(struct model *m, uint8_t *wire);
/* Each is an event for a transfer that is not finished. */
void model_deliver(struct model *m, struct span datagram);
void model_come_due(struct model *m, uint64_t late_ms);
void model_come_early(struct model *m);
void model_ask_once_more(struct model *m);
/* By the service, an administrator or the client's new beginning. */
void model_end(struct model *m, unsigned choice);

#endif
