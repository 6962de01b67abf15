#include "win32/server/worker_parts.h"

#include <stdlib.h>

enum {
    DEADLINES_PER_TURN = 16, /* before the sockets have their turn: thousands may be due at once after a storm */
    BACKLOG_MS = 250,        /* timers wait for what lies in the sockets, but no longer than this */
    STOP_TURN_MS = 50,
    TURN_WAIT_MS = 1, /* before one is tried again whom another worker serves, or who found no room in a send buffer */
    RETIRE_EVERY_MS = 1000,
    LOOK_MS = 60 * 1000 /* without anything to do: unused sockets are to be given back */
};

bool worker_may_repeat_first(struct worker *worker)
{
    struct shared *shared = worker->shared;
    bool may = bucket_take(&worker->first_resends, atomic_load(&shared->first_resends_per_second), GetTickCount64());

    if (!may)
        InterlockedIncrement64(&shared->counts.resends_withheld);
    return may;
}

/* Those due at due_ms or before. Returns true if there may be more of them. */
static bool fire_deadlines(struct worker *worker, uint64_t due_ms)
{
    uint64_t now_ms = GetTickCount64();

    for (int i = 0; i < DEADLINES_PER_TURN; i++) {
        struct deadline *due = deadlines_take_due(&worker->deadlines, due_ms);
        if (due == NULL)
            return false;
        struct session *session = CONTAINING_RECORD(due, struct session, deadline);
        worker_follow(worker, session, life_on_timer(&session->life, &session->transfer, now_ms, &worker->action),
                      now_ms);
    }
    return true;
}

static DWORD wait_ms_of(const struct worker *worker, bool is_stopping, uint64_t now_ms)
{
    uint64_t next_ms = deadlines_next(&worker->deadlines);
    uint32_t look_ms = worker->is_single_port ? UDP_LOOK_MS : LOOK_MS;

    if (next_ms > now_ms + look_ms)
        next_ms = now_ms + look_ms;
    if (worker->turns.waiting > 0 && now_ms + TURN_WAIT_MS < next_ms)
        next_ms = now_ms + TURN_WAIT_MS;
    if (is_stopping && now_ms + STOP_TURN_MS < next_ms)
        next_ms = now_ms + STOP_TURN_MS;
    return next_ms > now_ms ? (DWORD)(next_ms - now_ms) : 0;
}

static void sleep_until_next(struct worker *worker, bool is_stopping)
{
    uint64_t now_ms = GetTickCount64();
    DWORD wait_ms = wait_ms_of(worker, is_stopping, now_ms);
    bool is_mail;

    atomic_store(&worker->wakes_at_ms, now_ms + wait_ms);
    if (atomic_load(&worker->mailbox) == NULL && !(!is_stopping && atomic_load(&worker->is_stopping)))
        worker->woken_by = worker_wait(worker, wait_ms, &is_mail);
    atomic_store(&worker->wakes_at_ms, 0);
}

static void end_waiting_sessions(struct worker *worker, uint64_t now_ms)
{
    /* Ending one moves others in the table towards lower slots, perhaps past this place: look until nothing changes. */
    for (uint32_t slot = 0; slot < worker->peers.capacity;) {
        struct session *session = (struct session *)worker->peers.slots[slot];
        if (session == NULL || session->life.end >= END_BY_STOP) {
            slot++;
            continue;
        }
        worker_end(worker, session, END_BY_STOP, now_ms);
    }
}

static DWORD WINAPI run(void *context)
{
    struct worker *worker = context;

    for (;;) {
        bool is_stopping = atomic_load(&worker->is_stopping);
        uint64_t begun_ms = GetTickCount64();
        bool may_have_more = worker_drain(worker);
        if (worker_take_mail(worker) || worker->repeats != NULL)
            may_have_more |= !worker_drain_all(worker);
        worker_look_at_repeats(worker, may_have_more, GetTickCount64());
        worker_read_mail(worker, GetTickCount64());
        /* The answer to what is due may have come. */
        if (deadlines_next(&worker->deadlines) <= begun_ms) {
            worker_take_mail(worker);
            may_have_more |= !worker_drain_all(worker);
            worker_read_mail(worker, GetTickCount64());
            may_have_more |= fire_deadlines(worker, may_have_more ? begun_ms - BACKLOG_MS : begun_ms);
        }
        may_have_more |= worker_serve_turns(worker) && !worker->has_crowd_waiting;
        if (is_stopping) {
            end_waiting_sessions(worker, GetTickCount64());
            if (worker->session_count == 0 && atomic_load(&worker->mailbox) == NULL && worker->repeats == NULL)
                return 0;
        }
        if (begun_ms >= worker->retired_ms + RETIRE_EVERY_MS) {
            worker->retired_ms = begun_ms;
            outlets_retire(worker->outlets, begun_ms);
        }
        if (!may_have_more && worker->repeats == NULL)
            sleep_until_next(worker, is_stopping);
    }
}

static bool make_parts(struct worker *worker, const struct config *config, uint32_t workers)
{
    uint32_t slots = admission_slots(config->transfers_max);
    uint32_t transfers = config->transfers_max + ADMISSION_SPARE;

    worker->peer_slots = malloc(slots * sizeof worker->peer_slots[0]);
    worker->deadline_heap = malloc(transfers * sizeof worker->deadline_heap[0]);
    worker->event = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (worker->peer_slots == NULL || worker->deadline_heap == NULL || worker->event == NULL)
        return false;
    worker->outlets = outlets_open(&(struct outlets_setup){
        .changed = worker->event, .config = config, .worker = worker->number, .workers = workers});
    if (worker->outlets == NULL)
        return false;
    peers_init(&worker->peers, worker->peer_slots, slots, worker->shared->hash_seed);
    worker->ended.seed = worker->shared->hash_seed;
    deadlines_init(&worker->deadlines, worker->deadline_heap, transfers);
    turns_init(&worker->turns);
    return true;
}

struct worker *worker_open(struct shared *shared, const struct config *config, uint32_t number, uint32_t workers)
{
    struct worker *worker = calloc(1, sizeof *worker);

    if (worker == NULL)
        return NULL;
    worker->shared = shared;
    worker->number = number;
    worker->woken_by = WORKER_NO_EVENT;
    worker->is_single_port = config->single_port != 0;
    bucket_init(&worker->first_resends, config->first_resends_per_second);
    if (make_parts(worker, config, workers))
        worker->thread = CreateThread(NULL, 0, run, worker, 0, NULL);
    if (worker->thread != NULL)
        return worker;
    worker_close(worker);
    return NULL;
}

HANDLE worker_event(struct worker *worker)
{
    return worker->event;
}

struct outlets *worker_outlets(struct worker *worker)
{
    return worker->outlets;
}

bool worker_adopt(struct worker *worker, const struct udp *listening, worker_request_sink *sink,
                  worker_broken_sink *broken, void *context)
{
    worker->sink = sink;
    worker->broken = broken;
    worker->sink_context = context;
    bool has_room = outlets_adopt(worker->outlets, listening);
    SetEvent(worker->event);
    return has_room;
}

void worker_ask_stop(struct worker *worker)
{
    atomic_store(&worker->is_stopping, true);
    SetEvent(worker->event);
}

void worker_stop(struct worker *worker)
{
    worker_ask_stop(worker);
    WaitForSingleObject(worker->thread, INFINITE);
}

void worker_close(struct worker *worker)
{
    if (worker->outlets != NULL)
        outlets_close(worker->outlets);
    if (worker->thread != NULL)
        CloseHandle(worker->thread);
    if (worker->event != NULL)
        CloseHandle(worker->event);
    free(worker->peer_slots);
    free(worker->deadline_heap);
    free(worker);
}
