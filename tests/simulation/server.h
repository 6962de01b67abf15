/*
 * Plays the part of src/win32 around the core: sockets, files and threads become moments of the virtual clock. What is
 * decided, the core decides, as in the service: admission, life, turns, tids, ended, standing.
 */
#ifndef SIMULATION_SERVER_H
#define SIMULATION_SERVER_H

#include "core/base/deadlines.h"
#include "core/server/admission.h"
#include "core/server/ended.h"
#include "core/server/errors.h"
#include "core/server/life.h"
#include "core/server/request.h"
#include "core/server/tids.h"
#include "core/server/turns.h"
#include "disk.h"
#include "network.h"
#include "watch.h"

enum {
    SERVER_HASH_SEED = 1,
    SERVER_WORKERS = 3,
    SERVER_FIRST_TID = 2000, /* the first port of the first worker */
    SERVER_TIDS_MAX = 512,   /* ports of a worker */
    SERVER_TRANSFERS_MAX = 64,
    SERVER_CAPACITY = SERVER_TRANSFERS_MAX + ADMISSION_SPARE
};

struct worker {
    uint32_t number;
    struct peers peers;
    struct deadlines deadlines;
    struct bucket first_resends;
    uint64_t wakes_at_ms; /* what is due then */
    uint64_t woken_at_ms; /* and the moment for it; an earlier one may have taken its place */
    struct ended ended;
    struct turns turns;
    struct session *served; /* whose turn it is */
    struct tids tids;
    struct tid tid_memory[SERVER_TIDS_MAX];
    struct peer *peer_slots[4096];
    struct deadline *deadline_heap[SERVER_CAPACITY];
};

struct session {
    struct entry entry; /* first: the indexes point at its peer */
    struct deadline deadline;
    struct transfer transfer;
    struct life life;
    struct turn turn;
    struct action action;
    struct worker *worker;
    uint32_t tid; /* of its worker's */
    uint8_t bucket;
    struct request *request;      /* until it is open */
    struct datagram *datagram;    /* of the request; its packet points into it */
    const struct disk_file *file; /* of a download */
    struct disk_upload upload;
    char path[PATH_TEXT_MAX];
    uint8_t *memory;
    uint32_t blocks_done;
    uint32_t lost_segments; /* what left in one call was lost as a whole, it was noticed */
    bool is_in_segments;    /* what is sent now left in one call, and is lost */
    struct datagram *doubtful;
    uint32_t losses_before; /* of its client, when it began */
    enum status io_status;
    bool is_known; /* its address has finished a transfer lately */
    bool may_wait; /* for the disk: not before the first answer */
    bool is_unasked;
    struct watch watch;
};

struct server {
    struct admission admission;
    struct peer *peer_slots[4096];
    struct peer *host_slots[ADMISSION_SCOPES][4096];
    struct host hosts[SERVER_CAPACITY * ADMISSION_SCOPES];
    struct errors errors;
    struct known known;
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

/* Performs the session's action and what follows until it waits, has had its turn, is parked for the disk, or has finished. */
enum life_performed session_perform(struct world *w, struct session *session);
/* What the disk did while the session was parked. */
enum status session_io_status(struct world *w, struct session *session);

/* server.c, for session.c and intake.c */

uint64_t server_now_ms(const struct world *w);
/* A port of this worker for one more transfer; it is to be left. */
uint32_t server_draw_tid(struct world *w, struct worker *worker);
struct endpoint server_tid(const struct world *w, const struct worker *worker, uint32_t tid);
bool server_may_repeat_first(struct world *w, struct worker *worker);

/* worker.c, for session.c and intake.c */

void worker_start(struct world *w, struct session *session);
void worker_end(struct world *w, struct session *session, enum life_end end);
void worker_repeat(struct world *w, struct session *session, struct datagram *request,
                   enum admission_likeness likeness);
/* How many of so many wanted blocks it may send now; 0: it waits for its turn. */
uint32_t worker_blocks_now(struct session *session, uint32_t wanted);
/* Gives each of the waiting clients a turn. */
void worker_serve_turns(struct world *w, struct worker *worker);

/* intake.c */

void intake_take(struct world *w, struct datagram *request);
void intake_opened(struct world *w, struct session *session);

#endif
