/*
 * A server of lies: serves one file, or takes one, by RFC 1350, 2347 and 7440, but for the one thing that its row says. It is
 * written apart from the core. What a client has to make of each lie stands in the table.
 */
#ifndef SIMULATION_LIAR_H
#define SIMULATION_LIAR_H

#include "core/client/cause.h"
#include "core/wire/packet.h"
#include "network.h"

enum { LIAR_TALKS_MAX = 128, LIAR_WINDOW_MAX = 64, LIAR_BLKSIZE_MAX = 9000 };

/* What the client has to make of it; EITHER: whole, or it fails. */
enum lie_result { RESULT_WHOLE, RESULT_CAUSE, RESULT_EITHER };

enum lie_kind {
    LIE_NONE,
    LIE_NO_OPTIONS,      /* as if RFC 1350 were the only one */
    LIE_REFUSES_OPTIONS, /* with ERROR `number` */
    LIE_DROPS_OPTIONS,   /* silence to a request that has any */
    LIE_OACK,            /* `text` in place of the OACK */
    LIE_OACK_ALWAYS,     /* to a bare request too */
    LIE_SIZE,            /* tsize is wrong by `number` */
    LIE_SILENT,          /* to requests */
    LIE_SILENT_AFTER,    /* that many packets of its */
    LIE_NO_LAST_ACK,
    LIE_ERROR,       /* ERROR `number` in place of an answer */
    LIE_ERROR_AFTER, /* in the middle */
    LIE_DOUBLES,     /* each packet so many times */
    LIE_SKIPS,       /* the first sending of each such block */
    LIE_SWAPS,       /* each pair of packets */
    LIE_NUMBERS,     /* of each such block the first sending has another number */
    LIE_OPCODES,     /* each such packet is of no kind that there is */
    LIE_OTHER_PORT,  /* each such packet comes from another port */
    LIE_MOVES,       /* from packet `number` on it answers from another port */
    LIE_OTHER_HOST,  /* everything comes from another address */
    LIE_TOO_LONG,    /* block `number` is a byte longer than agreed */
    LIE_ENDLESS,     /* the file never ends */
    LIE_CUTS,        /* block `number` is short, and the last */
    LIE_SLOW,        /* each answer takes so many ms more */
    LIE_BLOCKS_LOST, /* datagrams of more bytes are lost, both ways */
    LIE_WINDOW_LOST, /* of a burst what is behind that many packets is lost, both ways */
    LIE_ROLLOVER_1,  /* 1 follows 65535 */
    LIE_OACK_AGAIN,  /* before each block */
    LIE_ACKS_AHEAD,  /* of what was not sent */
    LIE_ACKS_EACH,   /* block of a window */
    LIE_NOISE,       /* beside each packet */
    LIE_TWO_ANSWERS  /* each request is a transfer of its own, from a port of its own */
};

struct lie {
    const char *name;
    enum lie_kind kind;
    int32_t number;
    const char *text;
    enum lie_result get;
    enum lie_result put;
    enum cause get_cause; /* with RESULT_CAUSE */
    enum cause put_cause;
    uint16_t code;      /* with CAUSE_SERVER_ERROR */
    unsigned fallbacks; /* of enum exchange_fallback, that a whole file must have taken */
};

extern const struct lie lies[];
extern const uint32_t lie_count;

/* One transfer, or what the liar takes for one. */
struct talk {
    struct endpoint client;
    struct endpoint tid;
    bool is_put;
    bool is_over;
    bool has_oack;
    bool is_slow; /* what is owed comes later */
    uint32_t blksize;
    uint32_t window;
    uint64_t acked; /* get: by the client */
    uint64_t sent;
    uint64_t high;
    uint64_t received; /* put: in order */
    uint64_t answered; /* put: last acknowledged */
    uint32_t repeats;
    uint64_t due_ms;
    uint8_t *stored;
    size_t stored_size;
    uint64_t skipped; /* the highest block that was */
    uint32_t burst;   /* packets at this moment, and which moment */
    uint64_t burst_ms;
    uint32_t heard_burst;
    uint64_t heard_ms;
};

struct liar {
    const struct lie *lie;
    struct span file;
    struct talk talks[LIAR_TALKS_MAX];
    uint32_t talk_count;
    uint32_t packets;      /* sent */
    struct datagram *kept; /* of a pair that is swapped */
    size_t stored_max;
    bool is_stored_whole; /* put: some talk has taken all of it */
    struct span expected; /* of a put */
};

void liar_make(struct liar *liar, const struct lie *lie, struct span file, struct span expected);
void liar_free(struct world *w, struct liar *liar);
void liar_on_datagram(struct world *w, struct liar *liar, const struct datagram *datagram);
/* MOMENT_WORKER with the talk's number. */
void liar_on_timer(struct world *w, struct liar *liar, uint32_t number);

#endif
