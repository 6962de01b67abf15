/*
 * One thread that runs many transfers: it owns a pool of sockets (outlets), an index by peer, a heap of deadlines, turns and
 * a mailbox. Its loop waits for a datagram, mail or the next deadline; nothing in it allocates, formats, opens or blocks.
 */
#ifndef WIN32_WORKER_H
#define WIN32_WORKER_H

#include "win32/server/session.h"

struct worker;

/* A datagram that reached a worker's socket and is a request (single-port mode). Called on the worker's thread. */
typedef void worker_request_sink(void *context, const struct udp *udp, const struct endpoint *from,
                                 const struct udp_arrival *arrival, struct span datagram);

/* A listening socket that the worker reads has become useless, and is closed. Called on the worker's thread. */
typedef void worker_broken_sink(void *context, const struct endpoint *local, DWORD error);

/* number: which of so many workers. NULL when threads, memory or handles are out. */
struct worker *worker_open(struct shared *shared, const struct config *config, uint32_t number, uint32_t workers);
/* Ends all its transfers, telling their clients; ask all workers first, so that none waits for another's disk. */
void worker_ask_stop(struct worker *worker);
/* Asks, and returns when none is left. */
void worker_stop(struct worker *worker);
/* Frees a stopped worker. */
void worker_close(struct worker *worker);

/* For a listening socket that the worker is to read (single-port mode): open it with this event, then hand it over. */
HANDLE worker_event(struct worker *worker);
bool worker_adopt(struct worker *worker, const struct udp *listening, worker_request_sink *sink,
                  worker_broken_sink *broken, void *context);

/* The sockets its transfers answer from. */
struct outlets *worker_outlets(struct worker *worker);

/*
 * Who has never answered may be forged: in all only FirstResendsPerSecond first answers go out again, the others count as
 * lost. On the worker's thread.
 */
bool worker_may_repeat_first(struct worker *worker);

/* The session it is serving found no room for a datagram: its turn is over. On the worker's thread. */
void worker_meets_full(struct worker *worker);

/*
 * How many of so many wanted blocks this session may send now; 0: it has to wait for its turn. On the worker's thread.
 */
uint32_t worker_blocks_now(struct worker *worker, struct session *session, uint32_t wanted);

/*
 * Leaves mail for one of its sessions. The caller holds the admission lock, or is the session's own job or chunk, so
 * that the session cannot end in between. The worker is woken unless it will wake before due_ms anyway.
 */
void worker_post(struct worker *worker, struct session *session, enum session_mail mail, uint64_t due_ms);

#endif
