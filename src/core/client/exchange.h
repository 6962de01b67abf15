/*
 * One exchange with a server, from the side that asks: a file fetched (get) or stored (put), as a machine without socket,
 * clock or file. Its owner tells it what happened; each call fills in exactly one action. EXCHANGE_WAIT accepts events (a
 * datagram, the timer, an unreachable port, an interruption); every other action but FINISH is owed its answer before
 * anything else. The machine asserts this order.
 *
 * It keeps the rules of RFC 1350, 2347, 2348, 2349, 7440 and 1123 (4.2.3.1), and three fallbacks for what the field does to
 * them: a server that does not know options is asked without any, a path that loses long blocks is asked for shorter ones,
 * and one that loses windows for smaller ones. Each begins a new attempt; once a whole window has got through, or data that
 * cannot be read or written again, nothing is begun anew.
 *
 * Where a rate is set, data of a put and the acknowledgments of a get wait for their turn, and no more is asked for at once than
 * goes in PACE_STEP_MS: a server that has waited for longer would say everything again.
 *
 * A request leaves from a port of its own, and so may two be out at once: with options from line 0, without from line 1.
 * The first good answer decides; who answers the other one hears an ERROR. Where there is no second port only a refusal of the
 * options makes a request without, and it leaves from line 0 too.
 */
#ifndef CORE_CLIENT_EXCHANGE_H
#define CORE_CLIENT_EXCHANGE_H

#include "core/base/endpoint.h"
#include "core/client/cause.h"
#include "core/client/pace.h"
#include "core/client/round_trip.h"
#include "core/wire/netascii.h"
#include "core/wire/options.h"

enum {
    EXCHANGE_LINES = 2,
    EXCHANGE_REQUEST_MAX = 512, /* bytes: what a server has to take (RFC 2347) */
    EXCHANGE_ERROR_TEXT_MAX = 200,
    EXCHANGE_STRANGERS_MAX = 16, /* who is answered with an ERROR, once each; more are not answered */
    EXCHANGE_WAIT_MS_MAX = 4000, /* back-off goes no further, unless the first wait is longer */
    EXCHANGE_RETRIES_MAX = 100,
    EXCHANGE_WINDOW_BYTES_MAX = 64 * 1024 * 1024, /* windowsize times blksize that is asked for */
    EXCHANGE_UNREACHABLE_MAX = 3, /* so often the host may say that nothing listens, before it is believed */
    EXCHANGE_WINDOW_TRIES = 3,    /* windows without a whole one, before a smaller one is asked for */
    EXCHANGE_SILENT_BLOCKS = 2,   /* waits in vain for the first block, before shorter ones are asked for */
    EXCHANGE_ECHO_MS =
        50 /* a block that comes again so soon after its ACK was doubled on its way, and is not answered */
};

struct exchange_setup {
    struct endpoint server; /* where the request goes; answers are taken from this address alone */
    bool is_put;
    bool is_netascii;
    const char *name;         /* on the server, as it goes out; lent for the exchange */
    uint32_t blksize;         /* asked for; BLKSIZE_DEFAULT leaves the option out */
    uint32_t windowsize;      /* the same with 1; exchange_window_max says how many may be asked for */
    bool wants_tsize;         /* never asked in netascii, nor for a put whose size is not known */
    bool is_bare;             /* no options at all */
    bool is_options_only;     /* a server without options is not asked again without them */
    uint8_t server_timeout_s; /* asked for; 0 leaves the option out */
    uint32_t timeout_ms;      /* the first wait, at least 1 */
    uint32_t retries;         /* repetitions in vain; patience is the time that these take */
    uint32_t wait_ms;  /* so long it is asked again and again until somebody answers; 0: as often as retries say */
    bool has_size;     /* put: the size of the local file is known */
    uint64_t size;     /* put: of the local file, in octets */
    uint64_t size_max; /* get: more is refused; 0: no limit */
    uint64_t rate;     /* bytes of data a second, at least PACE_RATE_MIN; 0: no limit */
    uint64_t again_bytes_max; /* of the local file's beginning, may be read or written once more */
    uint8_t *memory;          /* of exchange_memory_size, owned by the caller; NULL if that is 0 */
};

enum exchange_fallback {
    FALLBACK_BARE = 1 << 0,   /* a request without options was the one that was answered */
    FALLBACK_BLOCKS = 1 << 1, /* shorter blocks than the server had granted */
    FALLBACK_WINDOW = 1 << 2
};

struct exchange_report {
    enum cause cause;
    uint16_t error_code;      /* with SERVER_ERROR, the server's */
    struct span error_text;   /* of the same: as it came, at most EXCHANGE_ERROR_TEXT_MAX bytes, the exchange's own */
    struct endpoint from;     /* the server's address and port; port 0: it never answered */
    struct endpoint stranger; /* of the first answer from an address that was not asked; port 0: there was none */
    uint32_t strangers;       /* datagrams that belonged to no transfer of ours */
    uint32_t unreachable;     /* how often the host said that nothing listens there */
    bool is_nonsense_heard;   /* the server sent what is no answer to a request */
    bool has_oack;
    bool has_tsize;
    uint64_t tsize;
    uint32_t blksize;
    uint32_t windowsize;
    unsigned fallbacks;   /* of enum exchange_fallback */
    uint64_t bytes;       /* of the local file: received, or acknowledged */
    uint64_t duration_ms; /* from the first request to the last block; the wait behind it does not count */
    bool has_round_trip;
    uint32_t round_trip_ms;
    uint64_t blocks;  /* of data: received in order, or acknowledged */
    uint64_t resent;  /* put: blocks sent again; get: acknowledgments sent again */
    uint64_t lost;    /* get: gaps that were seen */
    uint64_t doubled; /* datagrams of the server that came again */
};

enum exchange_action_kind {
    EXCHANGE_NEW_PORT, /* a new socket for action.line, from a port of its own; the one that was there is closed */
    EXCHANGE_SEND,     /* send.bytes from action.line to send.to */
    EXCHANGE_OPEN,     /* get: the server has answered well; size is what it has announced, 0 if it has not */
    EXCHANGE_READ,     /* put: up to read.size bytes at read.offset; none means the end */
    EXCHANGE_WRITE,    /* get: write.bytes at write.offset */
    EXCHANGE_COMMIT,   /* get: all is written, size bytes; the file gets its name */
    EXCHANGE_WAIT,     /* nothing to do before wait.until_ms */
    EXCHANGE_FINISH
};

/*
 * READ and WRITE go forward without a gap; only where an attempt begins anew do they begin again at 0, and only within
 * again_bytes_max. One that brings no byte has no WRITE, but a COMMIT of 0. Spans are lent until the answer.
 */
struct exchange_action {
    enum exchange_action_kind kind;
    uint8_t line;  /* NEW_PORT and SEND */
    uint64_t size; /* OPEN and COMMIT */
    struct {
        struct endpoint to;
        struct span bytes;
    } send;
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
    struct exchange_report finish;
    uint8_t control[EXCHANGE_REQUEST_MAX]; /* what send.bytes points at, unless it is data */
};

enum exchange_state {
    EXCHANGE_ASKING,   /* a request is out, and nothing good has come back */
    EXCHANGE_OPENING,  /* get: it was answered, and the owner is asked for the local file */
    EXCHANGE_MOVING,   /* data goes one way, acknowledgments the other */
    EXCHANGE_STORING,  /* get: the last block is written */
    EXCHANGE_DALLYING, /* get: stored; the last ACK may have been lost */
    EXCHANGE_OVER
};

/* An ERROR that leaves before anything else; and who has had one. */
struct exchange_owed {
    bool is_owed;
    uint8_t line;
    uint16_t code;
    const char *text;
    struct endpoint to;
};
struct exchange_stranger {
    uint8_t line;
    struct endpoint at;
};

/* Private to exchange*.c and their tests. */
struct exchange {
    struct exchange_setup setup;
    uint8_t state; /* enum exchange_state */
    uint8_t asked; /* enum exchange_action_kind that is owed its answer, or EXCHANGE_WAIT */
    uint8_t cause; /* enum cause, once it is over */
    uint8_t line;  /* the one that is asked from, then the one that was answered */
    bool is_open[EXCHANGE_LINES];
    bool is_refused;   /* the options were: only what has none goes on */
    bool has_one_port; /* line 0 alone, which a request without options has only where the others are refused */
    bool has_sent;     /* the system has let something leave */
    bool is_cut_off;   /* but not the last of it */
    bool owes_request; /* asking */
    bool owes_reply;   /* get: an ACK */
    uint32_t asked_blksize;
    uint32_t asked_windowsize;
    uint32_t sends;                      /* requests of this attempt, on both lines */
    uint32_t line_sends[EXCHANGE_LINES]; /* of these */
    uint64_t sent_ms[EXCHANGE_LINES];
    uint64_t begun_ms;
    uint64_t deadline_ms;
    uint64_t progress_ms; /* when the server last moved on, or was first sent what it is to answer */
    uint64_t ended_ms;    /* when the last block came or was acknowledged */
    uint32_t wait_ms;     /* before the next repetition, back-off included */
    uint32_t silent;      /* waits in vain, in a row */
    struct round_trip trip;
    struct pace pace;
    bool is_held_back;    /* what it would send now waits for its turn, and the server for it */
    uint64_t patience_ms; /* how long it goes on without any progress */
    bool is_timed;        /* get: the ACK of timed_ms left once only, so its answer can be measured */
    bool is_repeat;       /* get: the ACK that is owed says nothing new */
    bool is_backed_off;
    uint64_t timed_ms; /* when the last ACK left, or the block timed_block */
    struct endpoint tid;
    struct exchange_owed owed;
    struct exchange_stranger strangers[EXCHANGE_STRANGERS_MAX];
    uint32_t stranger_count;
    struct exchange_report report; /* what is counted */
    uint8_t error_text[EXCHANGE_ERROR_TEXT_MAX];

    /* The attempt that was answered; blocks are counted in 64 bits from 1. */
    uint64_t acked;        /* by us, or by the server */
    uint64_t moved;        /* get: received in order; put: sent since the last going back */
    uint64_t gap_at;       /* the block behind which a gap was last answered, UINT64_MAX for none */
    uint64_t file_bytes;   /* get: in the local file; put: read from it */
    uint32_t window_tries; /* without a whole one */
    bool is_window_whole;  /* at least one was */
    bool is_data_seen;     /* get: any DATA; put: any ACK of data */
    bool is_complete;      /* get: the last block has come */
    uint8_t rollover;      /* get: what follows 65535, as seen */
    struct netascii text;
    struct span pending;   /* get: of the block that came, not yet taken */
    struct span unwritten; /* get: what it has become */
    uint32_t window_ms;    /* get: what a whole window takes */
    uint64_t window_begun_ms;
    uint64_t wire_bytes;  /* get: received */
    uint64_t high;        /* put: highest block that is made, and sent */
    uint64_t last;        /* put: number of the last block, UINT64_MAX until known */
    bool may_be_stored;   /* put: an attempt before this one had sent all */
    uint64_t timed_block; /* put */
    uint64_t resent_to;   /* put: the highest block that was sent more than once */
    uint8_t doubts;       /* put: ACKs in a row that led back and may answer a copy */
    uint32_t filled;      /* put: bytes of the block behind high */
    uint32_t last_size;   /* put */
    bool is_built;        /* put: that block is ready */
};

/* The most blocks of this size that may be asked for in one window. */
uint32_t exchange_window_max(uint32_t blksize);
/* Bytes that the exchange needs beside its struct. */
size_t exchange_memory_size(const struct exchange_setup *setup);

void exchange_begin(struct exchange *x, const struct exchange_setup *setup, uint64_t now_ms,
                    struct exchange_action *action);
/*
 * The answer to NEW_PORT, SEND, OPEN, WRITE and COMMIT. CAUSE_DONE: it went well; any other ends the exchange with it, and
 * tells the server. But a SEND that the system refuses is lost, which the timer repairs: CAUSE_SOCKET then ends it only
 * if nothing has ever left, or in the place of the server's silence. Without a NEW_PORT for line 1 it goes on with line 0.
 */
void exchange_answer(struct exchange *x, enum cause cause, uint64_t now_ms, struct exchange_action *action);
/* The answer to READ. bytes are lent for this call. */
void exchange_answer_read(struct exchange *x, enum cause cause, struct span bytes, uint64_t now_ms,
                          struct exchange_action *action);

/* The datagram is lent until the next WAIT or FINISH. */
void exchange_on_datagram(struct exchange *x, uint8_t line, const struct endpoint *from, struct span datagram,
                          uint64_t now_ms, struct exchange_action *action);
/* May come early or late; early just waits again. */
void exchange_on_timer(struct exchange *x, uint64_t now_ms, struct exchange_action *action);
/* The host says that nothing listens where a datagram of this line went. */
void exchange_on_unreachable(struct exchange *x, uint8_t line, uint64_t now_ms, struct exchange_action *action);
/* By its user. What is stored already stays a success. */
void exchange_interrupt(struct exchange *x, uint64_t now_ms, struct exchange_action *action);

/* For a progress line: bytes of the local file that have arrived on their side. */
uint64_t exchange_bytes(const struct exchange *x);
/* The size of the whole file, if it is known. */
bool exchange_size(const struct exchange *x, uint64_t *size);
/* What is known and counted so far; its cause is not. */
static inline const struct exchange_report *exchange_so_far(const struct exchange *x)
{
    return &x->report;
}

/* The server has answered an attempt that goes on. */
static inline bool exchange_is_answered(const struct exchange *x)
{
    return x->state > EXCHANGE_ASKING && x->state < EXCHANGE_OVER;
}

/* Data is on its way: there is progress to show. */
static inline bool exchange_is_moving(const struct exchange *x)
{
    return x->state == EXCHANGE_MOVING;
}

static inline bool exchange_is_waiting(const struct exchange *x)
{
    return x->asked == EXCHANGE_WAIT;
}

#endif
