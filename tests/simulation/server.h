/*
 * Plays the part of src/win32 around the core: intake, session and worker, with the same order of calls, on the virtual
 * clock. There are no threads: what another thread would do comes as a moment of its own.
 */
#ifndef SIMULATION_SERVER_H
#define SIMULATION_SERVER_H

#include "core/admission.h"
#include "core/deadlines.h"
#include "core/limiter.h"
#include "core/request.h"
#include "core/transfer.h"
#include "disk.h"
#include "network.h"
#include "watch.h"

enum {
    SERVER_WORKERS = 3,
    SERVER_FIRST_TID = 2000, /* the port of the first worker */
    SERVER_TRANSFERS_MAX = 64,
    SERVER_CAPACITY = SERVER_TRANSFERS_MAX + ADMISSION_SPARE,
    SERVER_ENDED_MAX = 64,
    SERVER_ENDED_QUIET_MS = 2000
};

struct worker {
    uint32_t number;
    struct peers peers;
    struct deadlines deadlines;
    struct limiter limiter;
    struct bucket first_resends;
    uint64_t wakes_at_ms;
    uint32_t ended_next;
    struct {
        struct endpoint at;
        uint64_t quiet_until_ms;
    } ended[SERVER_ENDED_MAX];
    struct peer *peer_slots[4096];
    struct deadline *deadline_heap[SERVER_CAPACITY];
};

struct session {
    struct entry entry; /* first: the indexes point at its peer */
    struct deadline deadline;
    struct transfer transfer;
    struct action action;
    struct worker *worker;
    struct request *request;      /* until it is open */
    struct datagram *datagram;    /* of the request; its packet points into it */
    const struct disk_file *file; /* of a download */
    struct disk_upload upload;
    char path[PATH_TEXT_MAX];
    uint8_t *memory;
    uint32_t blocks_done;
    struct datagram *doubtful;
    uint64_t doubtful_until_ms;
    uint32_t losses_before; /* of its client, when it began */
    enum status io_status;
    bool is_parked; /* for the disk */
    bool may_wait;  /* for the disk: not before the first answer */
    bool is_unasked;
    bool is_doomed;
    bool is_stopped;
    struct watch watch;
};

struct server {
    struct admission admission;
    struct peer *peer_slots[4096];
    struct peer *host_slots[4096];
    struct host hosts[SERVER_CAPACITY];
    struct limiter limiter;
    struct worker workers[SERVER_WORKERS];
    uint32_t next_worker;
    uint8_t last_worker[256];
    uint32_t session_count; /* begun and not finished, or being opened */
    bool is_stopping;
};

void server_make(struct world *w);
/* False, and the world has failed, if anything is still there. */
void server_check_empty(struct world *w);
void server_free(struct world *w);

void server_on_datagram(struct world *w, struct datagram *datagram);
void server_on_retake(struct world *w, struct datagram *request);
void server_on_worker(struct world *w, uint32_t number);
void server_on_disk(struct world *w, struct session *session);
void server_end_one(struct world *w); /* as an administrator may */
void server_stop(struct world *w);
/* After each moment: the workers' alarm clocks, and what must be true at any time. */
void server_settle(struct world *w);

/* A peer that is being served, and the port it is served from; false if there is none. */
bool server_any_peer(struct world *w, struct endpoint *peer, struct endpoint *tid);

/* session.c */

/* Performs the session's action and what follows until it waits, is parked for the disk, or has finished. */
void session_run(struct world *w, struct session *session);
void session_resume(struct world *w, struct session *session);

/* server.c, for session.c and intake.c */

uint64_t server_now_ms(const struct world *w);
struct endpoint server_tid(const struct world *w, const struct worker *worker);
bool server_may_repeat_first(struct world *w, struct worker *worker);

/* worker.c, for intake.c */

void worker_start(struct world *w, struct session *session);
void worker_end(struct world *w, struct session *session); /* superseded */
void worker_repeat(struct world *w, struct session *session, struct datagram *request);

/* intake.c */

void intake_take(struct world *w, struct datagram *request);
void intake_opened(struct world *w, struct session *session);

#endif
