#include "win32/worker_parts.h"

#include <stdlib.h>

enum {
    DATAGRAMS_PER_TURN = 64, /* of one socket, before timers and mail have their turn */
    DEADLINES_PER_TURN = 16, /* before the sockets have their turn: thousands may be due at once after a storm */
    BACKLOG_MS = 250,        /* timers wait for what lies in the sockets, but no longer than this */
    STOP_TURN_MS = 50,
    CROWD_WAIT_MS = 1, /* before one with many transfers is tried again that another worker serves */
    RETIRE_EVERY_MS = 1000,
    LOOK_MS = 60 * 1000 /* without anything to do: unused sockets are to be given back */
};

/* -- datagrams -- */

/* By the pair of TIDs: who sends to another port of ours than he is served from is a stranger there. */
static struct session *find_session(struct worker *worker, const struct endpoint *from, const struct udp *udp)
{
    struct session *session = (struct session *)peers_find(&worker->peers, from);

    return session != NULL && session->outlet->udp == udp ? session : NULL;
}

/*
 * RFC 1350 section 4: a wrong TID gets ERROR 5, and nobody's transfer is disturbed. An ERROR is never answered. Whose upload
 * was stored gets its last ACK again, however late it asks.
 */
static void answer_stranger(struct worker *worker, struct udp *udp, const struct endpoint *from,
                            const struct packet *packet, const struct udp_arrival *arrival, uint64_t now_ms)
{
    uint8_t bytes[PACKET_CONTROL_SIZE_MAX];
    bool is_answered = packet->opcode == OPCODE_DATA || packet->opcode == OPCODE_ACK || packet->opcode == OPCODE_OACK;
    enum ended_answer late = ended_judge(&worker->ended, from, packet, now_ms);
    struct span part;

    if (!is_answered || admission_is_bogus_source(from) || late == ENDED_QUIET)
        return;
    /* It is being served from another port: an ERROR might be taken for that one's. */
    if (peers_find(&worker->peers, from) != NULL)
        return;
    bool may_answer = late == ENDED_ACK ? shared_may_refuse(worker->shared, from)
                                        : shared_may_refuse_stray(worker->shared, from, now_ms);
    if (!may_answer)
        return;
    if (late == ENDED_ACK)
        part = span_of(bytes, packet_encode_ack(bytes, packet->block));
    else
        part = span_of(bytes, packet_encode_error(bytes, ERROR_CODE_UNKNOWN_TID, "Unknown transfer ID"));
    udp_send(udp, from, arrival != NULL ? &arrival->local : NULL, &part, 1);
}

/*
 * Superseded, and its mail not read yet. A download may still be completed by what lay in the socket, an upload must take
 * no more; over a single port even the new transfer's packets would come here.
 */
static bool is_stale(const struct worker *worker, struct session *session)
{
    return atomic_load_explicit(&session->is_superseded, memory_order_relaxed) &&
           (session->entry.is_upload || worker->is_single_port);
}

static void on_datagram(struct worker *worker, struct udp *udp, const struct endpoint *from, struct span datagram,
                        const struct udp_arrival *arrival, uint64_t now_ms)
{
    struct packet packet;
    enum decoding decoding = packet_decode(&packet, datagram);

    if (decoding == DECODING_MALFORMED)
        return;
    if (decoding == DECODING_UNKNOWN_OPCODE || packet.opcode == OPCODE_RRQ || packet.opcode == OPCODE_WRQ) {
        if (worker->sink != NULL)
            worker->sink(worker->sink_context, udp, from, arrival, datagram);
        return;
    }
    struct session *session = find_session(worker, from, udp);
    /* The listener mails a session before it sends the first answer, so its client cannot be faster than this. */
    if ((session == NULL || is_stale(worker, session)) && worker_read_mail(worker, GetTickCount64()))
        session = find_session(worker, from, udp);
    if (session != NULL && is_stale(worker, session))
        return;
    if (session == NULL) {
        answer_stranger(worker, udp, from, &packet, arrival, now_ms);
        return;
    }
    worker_follow(worker, session,
                  life_on_datagram(&session->life, &session->transfer, &packet, now_ms, &worker->action), now_ms);
}

/* The listener has it opened again. */
static void lose_listening(struct worker *worker, struct udp *udp, DWORD error)
{
    outlets_break(worker->outlets, udp);
    worker->broken(worker->sink_context, &udp->local, error);
}

static enum udp_result receive(struct worker *worker, struct udp *udp)
{
    struct endpoint from;
    size_t size;
    struct udp_arrival arrival = {.interface_index = 0};
    struct udp_arrival *wanted = worker->is_single_port ? &arrival : NULL;
    enum udp_result result = udp_receive(udp, worker->datagram, sizeof worker->datagram, &size, &from, wanted);

    /* The time of now: a listener may have begun the transfer since this turn did. */
    if (result == UDP_RECEIVED)
        on_datagram(worker, udp, &from, span_of(worker->datagram, size), wanted, GetTickCount64());
    else if (result == UDP_BROKEN && worker->is_single_port)
        lose_listening(worker, udp, (DWORD)WSAGetLastError());
    return result;
}

/* What became of a look into the sockets. */
struct look {
    bool has_found;
    bool may_have_more;
};

static struct look drain_one(struct worker *worker, struct udp *udp)
{
    struct look look = {.may_have_more = true};

    for (int i = 0; i < DATAGRAMS_PER_TURN && look.may_have_more; i++) {
        enum udp_result result = receive(worker, udp);
        look.may_have_more = result == UDP_RECEIVED || result == UDP_SPOILT;
        look.has_found = look.has_found || look.may_have_more;
    }
    return look;
}

/*
 * A socket alone is read until it is empty, and so is each listening socket: it tells of the next datagram only after a
 * receive that found nothing. Of several only those that have something are read, each once: to find one
 * empty costs as much as to read it, and whoever has more sets the event again.
 */
static struct look drain(struct worker *worker, bool with_idle)
{
    size_t count = outlets_gather(worker->outlets, with_idle, worker->sockets, WORKER_SOCKETS_MAX);
    struct look look = {.has_found = false};

    if (count == 1 || worker->is_single_port) {
        for (size_t i = 0; i < count; i++) {
            struct look one = drain_one(worker, worker->sockets[i]);
            look.has_found |= one.has_found;
            look.may_have_more |= one.may_have_more;
        }
        return look;
    }
    count = udp_find_ready(&worker->poll, worker->sockets, count);
    for (size_t i = 0; i < count; i++)
        receive(worker, worker->sockets[i]);
    look.has_found = count > 0;
    return look;
}

/* Who comes late or strays meets a socket without transfers; those are looked at when nothing else explains the event. */
static void sweep(struct worker *worker, bool is_unexplained)
{
    uint64_t now_ms = GetTickCount64();

    worker->is_sweep_due = worker->is_sweep_due || is_unexplained;
    if (!worker->is_sweep_due || now_ms < worker->swept_ms + WORKER_SWEEP_MS)
        return;
    worker->swept_ms = now_ms;
    /* As long as there is something: what stays unread sets no event. */
    worker->is_sweep_due = drain(worker, true).has_found;
}

/* -- the loop -- */

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
    uint64_t sweep_ms = worker->swept_ms + WORKER_SWEEP_MS;

    if (next_ms > now_ms + LOOK_MS)
        next_ms = now_ms + LOOK_MS;
    if (worker->is_sweep_due && sweep_ms < next_ms)
        next_ms = sweep_ms;
    if (worker->turns.waiting > 0 && now_ms + CROWD_WAIT_MS < next_ms)
        next_ms = now_ms + CROWD_WAIT_MS;
    if (is_stopping && now_ms + STOP_TURN_MS < next_ms)
        next_ms = now_ms + STOP_TURN_MS;
    return next_ms > now_ms ? (DWORD)(next_ms - now_ms) : 0;
}

/* Returns true if an event ended it. */
static bool sleep_until_next(struct worker *worker, bool is_stopping)
{
    uint64_t now_ms = GetTickCount64();
    DWORD wait_ms = wait_ms_of(worker, is_stopping, now_ms);
    bool is_woken = false;

    atomic_store(&worker->wakes_at_ms, now_ms + wait_ms);
    if (atomic_load(&worker->mailbox) == NULL && !(!is_stopping && atomic_load(&worker->is_stopping)))
        is_woken = WaitForSingleObject(worker->event, wait_ms) == WAIT_OBJECT_0;
    atomic_store(&worker->wakes_at_ms, 0);
    return is_woken;
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
    bool is_woken = false;

    for (;;) {
        bool is_stopping = atomic_load(&worker->is_stopping);
        uint64_t begun_ms = GetTickCount64();
        struct look look = drain(worker, false);
        worker_look_at_repeats(worker, look.may_have_more, GetTickCount64());
        bool has_mail = worker_read_mail(worker, GetTickCount64());
        sweep(worker, is_woken && !look.has_found && !has_mail);
        /* What came until this turn began has been read, or else waits: the answer to what is due may be among it. */
        bool may_have_more = look.may_have_more;
        may_have_more |= fire_deadlines(worker, may_have_more ? begun_ms - BACKLOG_MS : begun_ms);
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
        is_woken = !may_have_more && worker->repeats == NULL && sleep_until_next(worker, is_stopping);
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
        .event = worker->event, .config = config, .worker = worker->number, .workers = workers});
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
