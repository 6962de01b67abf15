#include "win32/worker_parts.h"

#include <stdlib.h>

enum {
    DATAGRAMS_PER_TURN = 64, /* of one socket, before timers and mail have their turn */
    DEADLINES_PER_TURN = 16, /* before the sockets have their turn: thousands may be due at once after a storm */
    BACKLOG_MS = 250,        /* timers wait for what lies in the sockets, but no longer than this */
    STOP_TURN_MS = 50,
    LUCK_MAX = 8,      /* hits that are remembered */
    LUCK_LOST = 4,     /* by a miss */
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

/*
 * Sleeps until there is mail, or a socket has something, whose event is returned; or the time is over. Else, and for mail,
 * which is read in every turn anyway, WORKER_NO_EVENT, and *is_mail tells.
 */
static uint32_t wait(struct worker *worker, DWORD wait_ms, bool *is_mail)
{
    HANDLE handles[MAXIMUM_WAIT_OBJECTS] = {worker->event};
    uint32_t count = outlets_events(worker->outlets, worker->next_event, handles + 1);
    DWORD woken = WaitForMultipleObjects(1 + count, handles, FALSE, wait_ms);

    *is_mail = woken == WAIT_OBJECT_0;
    if (woken <= WAIT_OBJECT_0 || woken > WAIT_OBJECT_0 + count)
        return WORKER_NO_EVENT;
    uint32_t event = (worker->next_event + (woken - WAIT_OBJECT_0) - 1) % count;
    worker->next_event = (event + 1) % count;
    return event;
}

/* Each once: whoever has more sets the event again. Who strays or comes late meets a socket without transfers. */
static void read_event(struct worker *worker, uint32_t event)
{
    struct udp *sockets[OUTLETS_SHARE_MAX];
    size_t with_transfers;
    size_t count = outlets_of_event(worker->outlets, event, sockets, &with_transfers);
    bool has_found = false;

    for (size_t i = 0; i < with_transfers; i++)
        has_found |= receive(worker, sockets[i]) != UDP_NOTHING;
    for (size_t i = with_transfers; i < count && !has_found; i++)
        receive(worker, sockets[i]);
    if (has_found && worker->trust_in_luck < LUCK_MAX)
        worker->trust_in_luck++;
}

/*
 * A wait costs as much as a read. Where every socket is likely to have something, they are read one after the other without
 * asking; misses teach otherwise. Returns false once there was nothing.
 */
static bool read_by_luck(struct worker *worker)
{
    struct udp *udp = NULL;

    if (worker->trust_in_luck > 0)
        udp = outlets_next_in_use(worker->outlets, &worker->next_socket);
    if (udp == NULL)
        return false;
    bool has_found = receive(worker, udp) != UDP_NOTHING;
    worker->trust_in_luck += has_found ? 1 : -LUCK_LOST;
    if (worker->trust_in_luck > LUCK_MAX)
        worker->trust_in_luck = LUCK_MAX;
    if (worker->trust_in_luck < -LUCK_LOST)
        worker->trust_in_luck = -LUCK_LOST;
    return worker->trust_in_luck > 0;
}

/* A listening socket tells of the next datagram only after a receive that found nothing. */
static bool drain_listening(struct worker *worker)
{
    struct udp *sockets[WORKER_LISTENING_MAX];
    size_t count = outlets_listening(worker->outlets, sockets, WORKER_LISTENING_MAX);
    bool may_have_more = false;

    for (size_t i = 0; i < count; i++) {
        enum udp_result result = UDP_RECEIVED;
        for (int k = 0; k < DATAGRAMS_PER_TURN && (result == UDP_RECEIVED || result == UDP_SPOILT); k++)
            result = receive(worker, sockets[i]);
        may_have_more |= result == UDP_RECEIVED || result == UDP_SPOILT;
    }
    return may_have_more;
}

/* What the sleep ended for, and what luck finds. Returns true if there may be more. */
static bool drain(struct worker *worker)
{
    uint32_t event = worker->woken_by;

    if (worker->is_single_port)
        return drain_listening(worker);
    worker->woken_by = WORKER_NO_EVENT;
    if (event != WORKER_NO_EVENT)
        read_event(worker, event);
    for (int i = 0; i < DATAGRAMS_PER_TURN; i++)
        if (!read_by_luck(worker))
            return false;
    return true;
}

/* All that has come until now. Returns false if that is too much for a turn. */
static bool drain_all(struct worker *worker)
{
    bool is_mail = true;
    uint32_t event = WORKER_NO_EVENT;

    if (worker->is_single_port)
        return true;
    for (int i = 0; i < DATAGRAMS_PER_TURN && (is_mail || event != WORKER_NO_EVENT); i++) {
        event = wait(worker, 0, &is_mail);
        if (event != WORKER_NO_EVENT)
            read_event(worker, event);
    }
    return !is_mail && event == WORKER_NO_EVENT;
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

    if (next_ms > now_ms + LOOK_MS)
        next_ms = now_ms + LOOK_MS;
    if (worker->turns.waiting > 0 && now_ms + CROWD_WAIT_MS < next_ms)
        next_ms = now_ms + CROWD_WAIT_MS;
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
        worker->woken_by = wait(worker, wait_ms, &is_mail);
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
        bool may_have_more = drain(worker);
        worker_look_at_repeats(worker, may_have_more, GetTickCount64());
        worker_read_mail(worker, GetTickCount64());
        /* The answer to what is due may have come. */
        if (deadlines_next(&worker->deadlines) <= begun_ms) {
            may_have_more |= !drain_all(worker);
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
    worker->outlets =
        outlets_open(&(struct outlets_setup){.config = config, .worker = worker->number, .workers = workers});
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
