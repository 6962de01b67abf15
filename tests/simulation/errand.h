/*
 * Our own client in a world: owns one exchange after the other, as the program does, until one has done its work. What it
 * reports is held against the files on both sides.
 */
#ifndef SIMULATION_ERRAND_H
#define SIMULATION_ERRAND_H

#include "core/client/exchange.h"
#include "network.h"

enum { MANNERS_ERRORS_MAX = 32 };

/* What the client sent, counted by what is on the wire, apart from the core. */
struct manners {
    bool is_timer;         /* the timer is why it is at work, and nothing has come since it was before */
    uint64_t timer_ms;     /* when the timer last made it send; 0: something came since */
    uint64_t gap_ms;       /* between the last two of these */
    bool has_waited_again; /* this timer has been looked at */
    uint32_t ports;        /* opened since an attempt last began */
    uint32_t high;         /* put: highest block sent */
    uint32_t last_ack;     /* get: the block, and when it was acknowledged last by reason of a datagram */
    uint64_t last_ack_ms;
    uint32_t same_acks;
    uint32_t error_count;
    struct endpoint errors[MANNERS_ERRORS_MAX]; /* who was sent ERROR 5 */
    uint8_t error_lines[MANNERS_ERRORS_MAX];
    size_t window_bytes; /* as agreed when a block was last written */
    uint64_t committed_ms;
};

struct errand {
    uint32_t index;
    struct exchange exchange;
    struct exchange_setup setup;
    struct exchange_action action;
    struct endpoint at[EXCHANGE_LINES]; /* port 0: not open */
    uint64_t wakes_at_ms;
    uint64_t begun_ms; /* this attempt */
    uint32_t attempts;
    uint32_t judged; /* of these */
    bool has_ended;
    bool was_unconfirmed; /* an earlier attempt, so the file may be there */
    enum cause cause;     /* of the last attempt */
    struct exchange_report report;
    uint64_t datagrams; /* sent in this attempt */
    struct span source; /* what the other side has, or what is to be put; octets of the file */
    uint8_t *stored;
    size_t stored_size;
    size_t stored_capacity;
    bool is_committed;
    struct manners manners;
};

/* setup.memory is the errand's own; source is lent. It begins at start_ms. */
void errand_start(struct world *w, struct errand *e, uint32_t index, const struct exchange_setup *setup,
                  struct span source, uint32_t start_ms);
/* It has ended, and begins anew a little later. */
void errand_again(struct world *w, struct errand *e);
void errand_free(struct world *w, struct errand *e);

/* The system has no second port for the request without options. */
bool errand_has_one_port(const struct world *w);

/* False: it is for none of its ports. */
bool errand_on_datagram(struct world *w, struct errand *e, const struct datagram *datagram);
void errand_on_timer(struct world *w, struct errand *e);
void errand_interrupt(struct world *w, struct errand *e);
void errand_on_unreachable(struct world *w, struct errand *e, uint8_t line);

/* manners.c */

void manners_on_event(struct errand *e, bool is_timer);
void manners_on_port(struct world *w, struct errand *e);
void manners_on_send(struct world *w, struct errand *e, uint8_t line, const struct endpoint *to, struct span datagram);
/* A block begins the file anew. */
void manners_on_restart(struct world *w, struct errand *e);
/* The datagram has been answered, or not. */
void manners_check_answer(struct world *w, struct errand *e, const struct datagram *datagram,
                          uint64_t datagrams_before);
void manners_on_finish(struct world *w, struct errand *e);

/* Every datagram that a perfect network would have carried from the client. */
uint64_t errand_least(const struct errand *e);

#endif
