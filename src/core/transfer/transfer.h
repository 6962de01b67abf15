/*
 * One transfer as a machine without socket, clock or file. The owner tells it what happened; each call fills in exactly
 * one action. ACTION_WAIT accepts events (a datagram, the timer, a repeated request, an abort); every other action but
 * FINISH is owed its answer before anything else; FINISH ends the transfer. The machine asserts this order.
 *
 * Handlers record facts; one planner (next, in transfer.c) decides what they lead to. While something is lent (a SEND or
 * WRITE points into the transfer's memory or the action) the owner neither changes nor frees it.
 *
 * Blocks are counted in 64 bits from 1 and become 16 bits only on the wire. A download in octet mode needs no memory:
 * block n is bytes [(n-1) * blksize, n * blksize) of the file, wherever the owner keeps them.
 */
#ifndef CORE_TRANSFER_H
#define CORE_TRANSFER_H

#include "core/transfer/segmentation.h"
#include "core/transfer/standing.h"
#include "core/wire/netascii.h"
#include "core/wire/options.h"
#include "core/wire/status.h"

enum {
    TRANSFER_WRITE_SIZE = 64 * 1024,   /* uploads are collected to about this before they are written */
    TRANSFER_TIMEOUT_MS_MIN = 250,     /* an adapted timeout is never shorter */
    TRANSFER_MARGIN_MS_MIN = 100,      /* nor so little longer than the round trip: clocks and timers are coarse */
    TRANSFER_FIRST_WAIT_MS_MAX = 6000, /* before the client has ever answered, whatever timeout it asked for */
    TRANSFER_DALLY_MS = 1000, /* a stored upload stays so long; who asks later is remembered (core/server/ended) */
    TRANSFER_TIMEOUT_MS_MAX = 16000, /* back-off goes no further, unless the client asked for more */
    TRANSFER_CONTROL_MAX = 256       /* any ACK, OACK or ERROR of a transfer */
};

enum transfer_outcome {
    OUTCOME_DONE,
    OUTCOME_UNCONFIRMED,     /* all data was sent, the last ACK never came: normal where a client reboots at once */
    OUTCOME_PROBE,           /* ERROR 0 or 8 right after an OACK with the size: that was all the client wanted */
    OUTCOME_CLIENT_ERROR,    /* the client sent an ERROR */
    OUTCOME_NEVER_ANSWERED,  /* nothing ever came back */
    OUTCOME_NEVER_TOOK_DATA, /* the OACK was acknowledged, the first data never */
    OUTCOME_MISUNDERSTOOD,   /* packets came, and none that answers the offer */
    OUTCOME_SILENT,          /* the client stopped answering */
    OUTCOME_STUCK,           /* the client went on sending, and got no further */
    OUTCOME_OVERSIZED,       /* an upload's data packet is larger than the block size that was agreed */
    OUTCOME_TOO_LARGE,
    OUTCOME_WRONG_SIZE, /* not the size the client had announced */
    OUTCOME_FILE_ERROR, /* the status in the report says which */
    OUTCOME_STOPPED,    /* the service is stopping */
    OUTCOME_ENDED,      /* an administrator ended it */
    OUTCOME_SUPERSEDED, /* the same client began anew */
    OUTCOME_EVICTED,    /* made room for others at MaxTransfers */
    OUTCOME_COUNT
};

const char *transfer_outcome_text(enum transfer_outcome outcome);
/* False where it went as the client wanted, or was superseded by itself. */
bool transfer_outcome_is_failure(enum transfer_outcome outcome);

struct transfer_setup {
    struct agreement agreement;
    bool is_upload;
    bool is_netascii;
    uint64_t file_size;        /* of a download, in octets */
    uint64_t upload_bytes_max; /* of an upload; 0: no limit */
    uint16_t request_bytes;    /* of the request's datagram: what leaves for a stranger is measured by it */
    uint16_t silence_s;        /* without progress before it is given up, whatever the client's timeout */
    uint16_t unproven_s;       /* the same while no data has been taken */
    uint32_t unproven_bytes;   /* data that may be under way to a client that is not proven, headers included */
    uint8_t first_sends_max;   /* sends of the first answer before the client has ever answered */
    uint8_t *memory; /* of transfer_memory_size, as malloc aligns it, owned by the caller; NULL if that is 0 */
};

struct transfer_report {
    enum transfer_outcome outcome;
    enum status status;      /* with OUTCOME_FILE_ERROR */
    uint16_t client_code;    /* with PROBE and CLIENT_ERROR */
    struct span client_text; /* the ERROR's text, lent by the datagram of this very call */
    uint32_t oversize;       /* with OVERSIZED: bytes in the client's data packet */
    uint64_t bytes;          /* download: acknowledged; upload: stored; in octets of the wire */
    uint64_t blocks_sent;    /* DATA or ACK packets, repetitions included; an upload's OACK is its ACK 0 */
    uint64_t blocks_resent;
    uint64_t duration_ms;
};

enum action_kind {
    ACTION_SEND,        /* one datagram: send.bytes */
    ACTION_SEND_BLOCKS, /* DATA packets from the file: blocks.first .. blocks.first + blocks.count - 1 */
    ACTION_READ,        /* up to read.size bytes of the file at read.offset; none means its end */
    ACTION_WRITE,       /* write.bytes at write.offset of the unfinished upload */
    ACTION_COMMIT,      /* give the upload its name, without ever replacing a file */
    ACTION_WAIT,        /* nothing to do before wait.until_ms */
    ACTION_FINISH
};

struct action {
    enum action_kind kind;
    struct {
        struct span bytes;
    } send;
    struct {
        uint64_t first;
        uint32_t count;
    } blocks;
    struct {
        uint64_t offset;
        size_t size;
    } read;
    struct {
        struct span bytes;
        uint64_t offset;
    } write;
    struct {
        uint64_t until_ms;
    } wait;
    struct transfer_report finish;
    uint8_t control[TRANSFER_CONTROL_MAX]; /* what send.bytes points at, unless it is data */
};

enum transfer_phase {
    PHASE_OFFERING, /* the OACK or an upload's ACK 0 is out */
    PHASE_SENDING,
    PHASE_RECEIVING,
    PHASE_COMMITTING,
    PHASE_DALLYING, /* the upload is stored; its last ACK may have been lost */
    PHASE_REFUSING, /* an ERROR is owed, then the end */
    PHASE_FINISHED
};

/*
 * Private to transfer.c, download.c, upload.c and their tests. Ten thousand may be open at once, so what only one
 * direction needs shares its place with the other's, and what only netascii needs lies in the memory.
 */
struct transfer {
    struct agreement agreement;
    uint8_t *memory;
    uint64_t file_size;
    uint64_t begun_ms;
    uint64_t deadline_ms;
    uint64_t progress_ms; /* when the client last moved on, or was first sent what it is to answer */
    uint64_t acked;       /* blocks: acknowledged by the client, or to it */
    uint64_t sent;        /* download: blocks sent since the last rewind; upload: blocks received */
    uint64_t rewound_at;  /* the block behind which a gap was last answered, UINT64_MAX for none */
    uint64_t blocks_sent;
    uint64_t blocks_resent;
    uint64_t timed_ms; /* download: when timed_block was sent; upload: when the last ACK was */
    union {
        struct {                    /* download */
            uint64_t high;          /* highest block ever sent */
            uint64_t doubled;       /* highest block sent more than once */
            uint64_t last;          /* number of the last block, UINT64_MAX until known */
            uint64_t timed_block;   /* the block whose round trip is being measured, 0 for none */
            uint32_t round_trip_ms; /* smoothed, and its variation (RFC 6298) */
            uint32_t round_trip_variation_ms;
        };
        struct { /* upload */
            uint64_t upload_bytes_max;
            uint64_t ended_ms; /* when it was stored; 0 before */
            uint64_t bytes;    /* received, as they were on the wire */
            uint64_t written;  /* bytes in the file */
            uint32_t oversize; /* bytes in a data packet that was refused for them, else 0 */
            struct netascii decoder;
        };
    };
    uint32_t memory_size;
    uint32_t last_size; /* netascii download: bytes of the last block, once it is known */
    uint32_t filled;    /* bytes in memory, of the block or of what is to be written */
    uint32_t window;    /* blocks: as agreed, or as the last msftwindow acknowledgment said */
    uint32_t wait_ms;   /* before the next repetition, back-off included */
    uint32_t credit;    /* bytes, headers included, that may still leave before the client is proven */
    uint32_t unproven_bytes;
    uint16_t request_bytes;
    uint16_t silence_s;
    uint16_t unproven_s;
    uint8_t retries;
    uint8_t repeats; /* requests that came again and were answered again */
    uint8_t first_sends_max;
    uint8_t phase;   /* enum transfer_phase */
    uint8_t asked;   /* enum action_kind that is owed its answer, or ACTION_WAIT */
    uint8_t outcome; /* enum transfer_outcome, once it is decided */
    uint8_t status;  /* enum status */
    uint8_t doubts;  /* download: gone back for ACKs that may have answered a copy, and no whole window since */
    bool is_upload;
    bool is_netascii;
    uint8_t standing; /* enum standing */
    bool has_round_trip;
    bool is_backed_off;        /* download: data was repeated by the timer, and no round trip measured since */
    bool is_heard;             /* something came from the client since it last moved on */
    bool owes_reply;           /* the offer, or an ACK */
    bool is_complete;          /* upload: the last block has come */
    bool is_block_ready;       /* netascii download: memory holds the block of its cursor */
    bool awaits_segments;      /* download: of what is not acknowledged, something left first in one call with others */
    bool sends_singly;         /* download: such a call was lost as a whole, or refused */
    uint8_t segmentation_news; /* enum segmentation_news, until it is taken */
};

/* Bytes the transfer needs beside its struct: none for octet downloads. */
size_t transfer_memory_size(const struct transfer_setup *setup);

void transfer_begin(struct transfer *t, const struct transfer_setup *setup, uint64_t now_ms, struct action *action);

/* The answer to SEND, SEND_BLOCKS (count: how many were handed to the network, at least 1), WRITE and COMMIT. A lost
 * datagram and a refused send are the same thing: the timer repairs both. */
void transfer_answer(struct transfer *t, enum status status, uint32_t count, uint64_t now_ms, struct action *action);
/* The answer to READ. bytes are lent for this call; empty means the end of the file. */
void transfer_answer_read(struct transfer *t, enum status status, struct span bytes, uint64_t now_ms,
                          struct action *action);

/*
 * Asks the open question once more, unchanged: for an owner that could not answer it at once. A SEND of a stranger's is not
 * asked again (transfer_may_be_asked_again): it has been paid for.
 */
void transfer_ask_again(struct transfer *t, uint64_t now_ms, struct action *action);

/* A datagram from the transfer's own peer. */
void transfer_on_datagram(struct transfer *t, const struct packet *packet, uint64_t now_ms, struct action *action);
/* May come early or late; early just waits again. */
void transfer_on_timer(struct transfer *t, uint64_t now_ms, struct action *action);
/*
 * The client sent the very request again before it answered anything: it may not have seen the first answer. Repeated
 * requests have an allowance of their own, first_sends_max, or the timer would have used it up when Cisco IOS asks
 * again after 4 s; and each pays for bytes of its own.
 */
void transfer_on_repeat(struct transfer *t, uint64_t now_ms, struct action *action);
/* Ends it: STOPPED and ENDED tell the client with an ERROR, SUPERSEDED and EVICTED say nothing. */
void transfer_abort(struct transfer *t, enum transfer_outcome outcome, uint64_t now_ms, struct action *action);

/* True while events are accepted; false while an answer is owed. */
static inline bool transfer_is_waiting(const struct transfer *t)
{
    return t->asked == ACTION_WAIT;
}

/*
 * True before the last data of a file or the last ACK of an upload goes out, and from then on: its client may ask for the
 * next file before it is known here that it has this one.
 */
static inline bool transfer_is_ending(const struct transfer *t)
{
    return t->phase == PHASE_DALLYING ||
           (t->phase == PHASE_SENDING && t->standing != STANDING_STRANGER && t->last - t->acked <= t->window);
}

/* An upload that has its name: all that is left to do is to acknowledge its last block, however often that comes. */
static inline bool transfer_is_stored(const struct transfer *t)
{
    return t->is_upload && t->ended_ms != 0;
}

static inline bool transfer_may_be_asked_again(const struct transfer *t)
{
    return t->standing != STANDING_STRANGER || t->asked != ACTION_SEND;
}

/* A download's block that was never sent before. */
static inline bool transfer_is_new_block(const struct transfer *t, uint64_t block)
{
    return block > t->high;
}

/*
 * True if new blocks may leave in one call that the system cuts into datagrams; then the owner says so before it answers.
 * False for the rest of a transfer once such a call was lost as a whole, or has been refused: an attempt costs a time-out.
 */
static inline bool transfer_may_segment(const struct transfer *t)
{
    return !t->sends_singly;
}

void transfer_on_segmented(struct transfer *t);
/* is_for_good: not for the sake of the path to this client. */
void transfer_on_segmentation_refused(struct transfer *t, bool is_for_good);
/* What has been learnt since this was asked last. */
enum segmentation_news transfer_take_segmentation_news(struct transfer *t);

/* In place of any answer or event: ends it silently. Nothing is lent any more. */
void transfer_abandon(struct transfer *t, enum transfer_outcome outcome, uint64_t now_ms, struct action *action);

/* Octets of the wire that the client has acknowledged, or that have come from it. */
uint64_t transfer_bytes(const struct transfer *t);

/* The block's place in the file, for octet downloads; size is 0 for the empty last block. */
struct block_place {
    uint64_t offset;
    uint32_t size;
};
struct block_place transfer_block_place(const struct transfer *t, uint64_t block);
/* The 16-bit number of a block on the wire, by the agreed rollover. */
uint16_t transfer_wire_block(const struct transfer *t, uint64_t block);

#endif
