/*
 * What worker.c, worker_sockets.c, worker_mail.c and worker_life.c share. Nobody else includes this.
 */
#ifndef WIN32_WORKER_PARTS_H
#define WIN32_WORKER_PARTS_H

#include "core/server/ended.h"
#include "win32/server/worker.h"

enum {
    WORKER_LISTENING_MAX = 64 /* sockets that it reads in single-port mode */
};

#define WORKER_NO_EVENT UINT32_MAX

struct worker {
    struct shared *shared;
    HANDLE thread;
    HANDLE event;
    struct outlets *outlets;
    struct peers peers;
    struct deadlines deadlines;
    struct turns turns;
    struct session *served; /* whose turn it is, and has not been used */
    uint32_t number;
    bool is_single_port;
    bool has_crowd_waiting;      /* somebody's turn was put off for another worker's sake */
    bool has_met_full;           /* who was served last found no room for a datagram */
    struct bucket first_resends; /* to those who have never answered */
    struct ended ended;
    _Atomic(struct session *) mailbox;
    struct session *in_hand;      /* mail taken out of it, and not read yet */
    _Atomic uint64_t wakes_at_ms; /* 0 while awake */
    atomic_bool is_stopping;
    uint32_t session_count;
    struct repeated_request *repeats; /* to be looked at once the sockets are empty */
    uint32_t busy_turns;              /* in a row that left a socket with more to read */
    uint64_t retired_ms;              /* when unused sockets were looked for */
    uint32_t next_event;              /* of its outlets, that is looked at first: they go round */
    uint32_t next_socket;             /* that is read without being asked */
    int trust_in_luck;                /* above 0: the next socket is likely to have something */
    uint32_t woken_by;                /* the event that ended its sleep, or WORKER_NO_EVENT */
    worker_request_sink *sink;        /* for requests, in single-port mode */
    worker_broken_sink *broken;
    void *sink_context;
    struct action action;
    struct peer **peer_slots;
    struct deadline **deadline_heap;
    uint8_t datagram[UDP_DATAGRAM_MAX];
};

/* worker_sockets.c */

/*
 * Sleeps until there is mail, or a socket has something, whose event is returned; or the time is over. Else, and for mail,
 * which is read in every turn anyway, WORKER_NO_EVENT, and *is_mail tells.
 */
uint32_t worker_wait(struct worker *worker, DWORD wait_ms, bool *is_mail);
/* What the sleep ended for, and what luck finds. Returns true if there may be more. */
bool worker_drain(struct worker *worker);
/* All that has come until now. Returns false if that is too much for a turn. */
bool worker_drain_all(struct worker *worker);

/* worker_life.c: what follows from an event in the life of a session */

void worker_follow(struct worker *worker, struct session *session, struct life_step step, uint64_t now_ms);
/* Its peer's packets are no longer its own; they are remembered as late. */
void worker_leave_index(struct worker *worker, struct session *session, uint64_t now_ms);
/* Somebody wants it to end. */
void worker_end(struct worker *worker, struct session *session, enum life_end end, uint64_t now_ms);
/* Gives each of the waiting clients a turn. Returns true if somebody still waits who could go on at once. */
bool worker_serve_turns(struct worker *worker);
/* Back to where requests are judged; frees it where nobody judges any more. */
void worker_retake(struct shared *shared, struct repeated_request *request);

/* worker_mail.c */

/*
 * Takes out what is in the box. True if somebody wants a transfer to end: then the sockets are to be emptied before that mail
 * is read, as what its client had sent before counts first.
 */
bool worker_take_mail(struct worker *worker);
/* Reads what is in hand. */
void worker_read_mail(struct worker *worker, uint64_t now_ms);
/*
 * While the sockets are being emptied: only what begins is begun, in hand or in the box, for its client may be there already.
 * True if there was any.
 */
bool worker_begin_mailed(struct worker *worker, uint64_t now_ms);
/* Requests that came again, once the sockets have been emptied behind them. */
void worker_look_at_repeats(struct worker *worker, bool has_more, uint64_t now_ms);

#endif
