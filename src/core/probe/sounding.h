/*
 * One exchange of the probe: a request, its first answer, and, where that is wanted, so many blocks of data; then an ERROR
 * that ends it, so that the server holds nothing for us. A machine without socket, clock or file. Nothing of what arrives is
 * kept but counts, so the blocks of a window are marked in a word: what is lost, comes twice or out of order is seen as such.
 *
 * It is strict where the client is forgiving (core/client/exchange): it never asks again for less, as each failure is news.
 */
#ifndef CORE_PROBE_SOUNDING_H
#define CORE_PROBE_SOUNDING_H

#include "core/base/endpoint.h"
#include "core/client/round_trip.h"
#include "core/wire/options.h"

enum {
    SOUNDING_LINES = 2,         /* the second one is for the packet of a stranger */
    SOUNDING_REQUEST_MAX = 512, /* bytes: what a server has to take (RFC 2347) */
    SOUNDING_TEXT_MAX = 200,    /* of a server's ERROR */
    SOUNDING_WINDOW_MAX = 64,   /* blocks, a bit of a word for each */
    SOUNDING_GAP_MS = 50,       /* by which packets may be apart that left together */
    SOUNDING_UNREACHABLE_MAX = 3,
    SOUNDING_UNREACHABLE_WAIT_MS = 200, /* before it is asked again whether something listens */
    SOUNDING_MEMORY_SIZE = PACKET_HEADER_SIZE + BLKSIZE_MAX
};

/* The options that are asked for, in the order of a request. */
enum { SOUNDING_OPTIONS = 6 };
struct sounding_option {
    enum option option;
    const char *name;
};
extern const struct sounding_option sounding_options[SOUNDING_OPTIONS];

/* What is done to the server to see what it makes of it, once the first block has come (core/probe/sounding_manners.c). */
enum sounding_trick {
    TRICK_NONE,
    TRICK_WITHHELD, /* its ACK stays away: when is the block repeated? */
    TRICK_DOUBLED,  /* its ACK leaves twice: does the next block come twice? */
    TRICK_STRANGER, /* its ACK comes from another port: is that refused with ERROR 5? */
    TRICK_ROLLOVER, /* none is played on it, but more than 65535 blocks are taken: what follows that number? */
    TRICK_COUNT
};

struct sounding_setup {
    struct endpoint server;
    const char *name; /* lent for the sounding */
    bool is_write;
    unsigned asked; /* bit per enum option */
    uint32_t values[OPTION_COUNT];
    uint32_t blocks_max;   /* it ends behind so many blocks; 0: with the first answer. A write has one at most */
    uint64_t blocks_total; /* of the file, at least 1; UINT64_MAX: unknown */
    uint32_t sends_max;    /* of the request, from 1 */
    uint32_t first_ms;     /* the wait behind the first of these; it doubles */
    uint32_t wait_ms;      /* for data */
    uint32_t silent_max;   /* waits for data in vain, in a row, before it is given up; from 1. A write has one */
    uint64_t until_ms;     /* it ends then, wherever it is */
    enum sounding_trick trick;
    uint8_t *memory; /* a write's: of SOUNDING_MEMORY_SIZE, lent; its data is what stands there */
};

enum sounding_end {
    SOUNDING_UNFINISHED,  /* stopped by its owner before it had an answer */
    SOUNDING_SILENT,      /* no answer to the request */
    SOUNDING_UNREACHABLE, /* the host says that nothing listens there */
    SOUNDING_ERROR,       /* the server's: code and text. It may have answered before: see from and blocks */
    SOUNDING_BROKEN,      /* an OACK that breaks a rule */
    SOUNDING_STOPPED,     /* it answered, and not all came of what was to come */
    SOUNDING_DONE
};

struct sounding_report {
    enum sounding_end end;
    uint16_t code;
    size_t text_size;
    uint8_t text[SOUNDING_TEXT_MAX];
    struct endpoint from;     /* port 0: never answered */
    struct endpoint stranger; /* of the first answer from another address; port 0: there was none */
    bool is_nonsense_heard;   /* from the server's address: no answer to a request */
    bool has_oack;
    unsigned granted; /* bit per enum option */
    uint64_t values[OPTION_COUNT];
    uint32_t sends; /* of the request */
    uint32_t unreachable;
    bool has_round_trip; /* of the request; one that left twice is not measured */
    uint32_t round_trip_ms;
    uint32_t blksize;
    uint32_t windowsize;
    uint64_t blocks; /* acknowledged: by us in order, or by the server */
    uint64_t bytes;  /* their payload */
    uint32_t first_size;
    bool has_data_trip; /* of the first block that was acknowledged for, and did not have to be asked for twice */
    uint32_t data_trip_ms;
    bool is_end_seen; /* a block that ends the file */
    uint64_t arrived; /* blocks that came, in windows that were then acknowledged */
    uint64_t lost;    /* the end of a window, however long, as one */
    uint64_t doubled;
    uint64_t disordered;
    uint32_t whole;   /* windows that arrived whole */
    uint32_t torn;    /* and those that did not */
    uint32_t longest; /* blocks in a row from the beginning of a torn one */
    uint64_t moving_ms;
    uint64_t wire_bytes; /* all datagrams of both sides */
    uint32_t datagrams;  /* ours */
    bool is_cut;         /* its owner or its time ended it, so there may have been more to come */
    bool is_repeated;    /* TRICK_WITHHELD: the block came again, so long after it came */
    uint32_t repeated_ms;
    uint32_t copies;       /* TRICK_DOUBLED: how often the next block came */
    bool is_refused;       /* TRICK_STRANGER: with ERROR 5 */
    bool is_taken_as_ours; /* the next block came, to the one or the other */
    bool goes_on_with_one; /* TRICK_ROLLOVER; with 0 if more blocks came, else it is not known */
};

enum sounding_state {
    SOUNDING_ASKING,   /* a request is out */
    SOUNDING_MOVING,   /* it was answered, and data goes its way */
    SOUNDING_WATCHING, /* a trick was played, and what the server makes of it is looked at */
    SOUNDING_ENDING,   /* the ERROR that ends it has to leave */
    SOUNDING_OVER
};

enum sounding_due { DUE_NOTHING, DUE_REQUEST, DUE_ACK, DUE_DATA, DUE_ERROR };

/* Private to sounding*.c and their tests. */
struct sounding {
    struct sounding_setup setup;
    struct sounding_report report;
    enum sounding_state state;
    enum sounding_due due;
    uint8_t due_line;
    uint8_t due_times; /* of an ACK: the trick's second one */
    uint16_t error_code;
    const char *error_text;
    struct endpoint tid;
    struct endpoint owed_to; /* a stranger who is told so; port 0: none */
    bool is_stranger_told;
    uint64_t begun_ms;
    uint64_t moving_since_ms;
    uint64_t sent_ms;
    uint64_t deadline_ms;
    uint32_t next_wait_ms;
    uint32_t silent;
    uint16_t base;   /* the number last acknowledged */
    uint64_t seen;   /* bit 0: the block behind it */
    uint32_t end_at; /* of the window: how many blocks the file's end leaves in it; 0: not seen */
    uint8_t control[SOUNDING_REQUEST_MAX];
};

struct sounding_send {
    uint8_t line;
    struct endpoint to;
    struct span bytes; /* lent until the next call */
};

/* False: the request does not fit into SOUNDING_REQUEST_MAX bytes, and it is not begun. */
bool sounding_begin(struct sounding *s, const struct sounding_setup *setup, uint64_t now_ms);
/* True: this is to be sent, and told by sounding_on_sent; nothing else may come in between. */
bool sounding_next(struct sounding *s, struct sounding_send *send);
void sounding_on_sent(struct sounding *s, uint64_t now_ms);
void sounding_on_datagram(struct sounding *s, uint8_t line, const struct endpoint *from, struct span datagram,
                          uint64_t now_ms);
void sounding_on_timer(struct sounding *s, uint64_t now_ms);
void sounding_on_unreachable(struct sounding *s, uint64_t now_ms);
/* The request of the one that is running, or has ended; lent until the next call. */
struct span sounding_request(struct sounding *s);
/* It ends here; a server that has answered is told. */
void sounding_stop(struct sounding *s, uint64_t now_ms);

static inline bool sounding_is_over(const struct sounding *s)
{
    return s->state == SOUNDING_OVER && s->owed_to.port == 0;
}

/* Datagrams leave from both lines. */
static inline bool sounding_has_second_line(const struct sounding *s)
{
    return s->setup.trick == TRICK_STRANGER;
}

#endif
