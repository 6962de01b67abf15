/*
 * The life of a session: what becomes of a transfer between its request and its end. One machine, run by the service's
 * workers and by the simulation: an event comes in, one step comes out. Three facts with names make it up:
 *
 *   where it is     life_state: being opened, waiting, ready for its turn, parked for a disk, starved for room, over
 *   may it speak    life_doubt: its request came again after its client had answered; nothing leaves until that is clear
 *   how it ends     life_end: what somebody else wants of it, done as soon as the transfer takes it
 *
 * The doubt: a request that comes again may be a late copy that lay in the listening socket behind a stall, or the client
 * rebooted. The client's next packet tells, or its silence. A boot ROM takes whoever answers first for its server, so until
 * then nothing of the old transfer may leave; and a forged request costs a running transfer nothing.
 */
#ifndef CORE_LIFE_H
#define CORE_LIFE_H

#include "core/server/admission.h"
#include "core/transfer/transfer.h"

enum {
    /*
     * Of silence behind a repeated request: longer than a round trip of a server that a thousand machines ask at once,
     * shorter than the patience of a boot ROM that was switched on again.
     */
    LIFE_DOUBT_MS = 2000,
    LIFE_DOUBT_UPLOAD_MS = 6000, /* a client that has lost an ACK repeats its block after 5 s (tftp-hpa, tftpy) */
    LIFE_STARVED_MS = 10         /* before a cache whose every chunk is in use is asked again */
};

enum life_state { LIFE_OPENING, LIFE_WAITING, LIFE_READY, LIFE_PARKED, LIFE_STARVED, LIFE_OVER };

enum life_doubt {
    DOUBT_NONE,
    DOUBT_OPEN,
    DOUBT_BROKEN /* silence: the client begins anew, and this one is about to be superseded */
};

/* Of two wishes the later in this order counts. */
enum life_end {
    END_NONE,
    END_BY_ADMINISTRATOR,
    END_BY_STOP,   /* the service is stopping */
    END_EVICTED,   /* it makes room for others at MaxTransfers */
    END_SUPERSEDED /* its client began anew */
};

struct life {
    uint64_t doubt_until_ms;
    uint8_t state; /* enum life_state */
    uint8_t doubt; /* enum life_doubt */
    uint8_t end;   /* enum life_end */
};

enum life_task {
    LIFE_NOTHING, /* it goes on as before, with the deadline it has */
    LIFE_REST,    /* nothing to do until until_ms, or until an event comes */
    LIFE_PERFORM, /* the action and what follows from it, then life_on_performed */
    LIFE_FREE     /* it is over */
};

/* What is to become of a request that came again. */
enum life_request {
    REQUEST_NONE,
    REQUEST_FORGET, /* free it: the one that just came, or the one that was kept */
    REQUEST_KEEP,   /* the one that just came, until the doubt is over */
    REQUEST_RETAKE  /* the one that was kept, or just came, is judged as a new one */
};

struct life_step {
    enum life_task task;
    enum life_request request;
    uint64_t until_ms;  /* REST: UINT64_MAX for ever */
    bool is_unasked;    /* PERFORM: what is sent repeats the first answer, and nobody has asked for that */
    bool gives_up_turn; /* PERFORM: it was ready, and takes its turn no more */
};

/* How far the owner got with an action. */
enum life_performed {
    PERFORMED_WAITS,
    PERFORMED_YIELDS, /* it has more to send and waits for its turn; then life_on_turn */
    PERFORMED_PARKS,  /* for a disk; then life_on_io */
    PERFORMED_STARVES,
    PERFORMED_FINISHED
};

/* False: what the action would send counts as lost. */
static inline bool life_may_speak(const struct life *life)
{
    return life->doubt == DOUBT_NONE && life->end < END_EVICTED;
}

/* A cleared life is being opened. Its first answer is out, or about to be, and its worker has it. */
struct life_step life_start(struct life *life, const struct transfer *t);

/* A datagram of its peer. What comes while it does not wait is dropped, as a network may do. */
struct life_step life_on_datagram(struct life *life, struct transfer *t, const struct packet *packet, uint64_t now_ms,
                                  struct action *action);
/* May come early or late. */
struct life_step life_on_timer(struct life *life, struct transfer *t, uint64_t now_ms, struct action *action);
/* A request of its client. */
struct life_step life_on_repeat(struct life *life, struct transfer *t, enum admission_likeness likeness,
                                uint64_t now_ms, struct action *action);
/* The disk has done what it was parked for, ended with this status. */
struct life_step life_on_io(struct life *life, struct transfer *t, enum status status, uint64_t now_ms,
                            struct action *action);
/* It is its turn to send. */
struct life_step life_on_turn(struct life *life, struct transfer *t, uint64_t now_ms, struct action *action);
/* Somebody wants it to end. */
struct life_step life_on_end(struct life *life, struct transfer *t, enum life_end end, uint64_t now_ms,
                             struct action *action);
struct life_step life_on_performed(struct life *life, struct transfer *t, enum life_performed performed,
                                   uint64_t now_ms, struct action *action);

#endif
