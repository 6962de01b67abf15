/*
 * What worker.c and worker_sockets.c share. Nobody else includes this.
 */
#ifndef WIN32_WORKER_PARTS_H
#define WIN32_WORKER_PARTS_H

#include "win32/worker.h"

enum {
    WORKER_ENDED_MAX = 64,
    WORKER_ENDED_QUIET_MS = 2000 /* late packets of an ended transfer draw no ERROR for so long */
};

struct worker_socket {
    struct udp udp;
    worker_request_sink *sink; /* NULL: a TID socket, where a request means nothing */
    void *context;
};

struct worker {
    struct shared *shared;
    HANDLE thread;
    HANDLE event;
    struct peers peers;
    struct deadlines deadlines;
    struct limiter limiter;      /* ERRORs to strangers */
    struct bucket first_resends; /* to those who have never answered */
    _Atomic(struct session *) mailbox;
    _Atomic uint64_t wakes_at_ms; /* 0 while awake */
    atomic_bool is_stopping;
    uint32_t session_count;
    struct session *repeats; /* to be looked at once the sockets are empty */
    uint32_t busy_turns;     /* in a row that left a socket with more to read */
    uint32_t ended_next;     /* a ring: whose transfers ended lately */
    struct {
        struct endpoint at;
        uint64_t quiet_until_ms;
    } ended[WORKER_ENDED_MAX];
    SRWLOCK outlets_lock;
    struct port_range port_range;
    uint32_t port_offset;
    bool is_single_port;
    atomic_uint socket_count;
    struct worker_socket sockets[WORKER_OUTLETS_MAX];
    size_t outlet_count;
    struct outlet outlets[WORKER_OUTLETS_MAX];
    struct action action;
    struct peer **peer_slots;
    struct deadline **deadline_heap;
    uint8_t datagram[UDP_DATAGRAM_MAX];
};

/* worker_mail.c: the life of a session here */

/* What follows from where session_run has left it: a deadline, an abort that was due, or its end. */
void worker_settle(struct worker *worker, struct session *session, enum session_state state, uint64_t now_ms);
/* True if there was any. */
bool worker_read_mail(struct worker *worker, uint64_t now_ms);
/* Requests that came again, once the sockets have been emptied behind them. */
void worker_look_at_repeats(struct worker *worker, bool has_more, uint64_t now_ms);
/* The request in doubt was no late copy: its client has fallen silent. */
void worker_begin_anew(struct session *session);
/* The client goes on, so the request in doubt was a late copy. */
void worker_forget_doubt(struct session *session);
bool worker_has_ended_lately(const struct worker *worker, const struct endpoint *peer, uint64_t now_ms);

#endif
