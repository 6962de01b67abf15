#include "win32/worker_parts.h"

#include <stdlib.h>

enum {
    DATAGRAMS_PER_TURN = 64, /* of one socket, before timers and mail have their turn */
    DEADLINES_PER_TURN = 16, /* before the sockets have their turn: thousands may be due at once after a storm */
    BACKLOG_MS = 250,        /* timers wait for what lies in the sockets, but no longer than this */
    STOP_TURN_MS = 50
};

/* -- datagrams -- */

static struct session *find_session(struct worker *worker, const struct endpoint *from)
{
    return (struct session *)peers_find(&worker->peers, from);
}

/* RFC 1350 section 4: a wrong TID gets ERROR 5, and nobody's transfer is disturbed. An ERROR is never answered. */
static void answer_stranger(struct worker *worker, struct udp *udp, const struct endpoint *from,
                            const struct packet *packet, const struct udp_arrival *arrival, uint64_t now_ms)
{
    uint8_t bytes[PACKET_CONTROL_SIZE_MAX];
    bool is_answered = packet->opcode == OPCODE_DATA || packet->opcode == OPCODE_ACK || packet->opcode == OPCODE_OACK;

    if (!is_answered || admission_is_bogus_source(from) || worker_has_ended_lately(worker, from, now_ms) ||
        !limiter_allows(&worker->limiter, from, atomic_load(&worker->shared->errors_per_second), now_ms))
        return;
    struct span part = span_of(bytes, packet_encode_error(bytes, ERROR_CODE_UNKNOWN_TID, "Unknown transfer ID"));
    udp_send(udp, from, arrival ? &arrival->local : NULL, &part, 1);
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

static void on_datagram(struct worker *worker, struct worker_socket *socket, const struct endpoint *from,
                        struct span datagram, const struct udp_arrival *arrival, uint64_t now_ms)
{
    struct packet packet;
    enum decoding decoding = packet_decode(&packet, datagram);

    if (decoding == DECODING_MALFORMED)
        return;
    if (decoding == DECODING_UNKNOWN_OPCODE || packet.opcode == OPCODE_RRQ || packet.opcode == OPCODE_WRQ) {
        if (socket->sink != NULL)
            socket->sink(socket->context, &socket->udp, from, arrival, datagram);
        return;
    }
    struct session *session = find_session(worker, from);
    /* The listener mails a session before it sends the first answer, so its client cannot be faster than this. */
    if ((session == NULL || is_stale(worker, session)) && worker_read_mail(worker, GetTickCount64()))
        session = find_session(worker, from);
    if (session != NULL && is_stale(worker, session))
        return;
    if (session == NULL) {
        answer_stranger(worker, &socket->udp, from, &packet, arrival, now_ms);
        return;
    }
    /* An ERROR may be the rebooted client's, about a block that it no longer wants. */
    if (packet.opcode != OPCODE_ERROR)
        worker_forget_doubt(session);
    /* What arrives while a file is being waited for is dropped, as a network may do. */
    if (!transfer_is_waiting(&session->transfer))
        return;
    transfer_on_datagram(&session->transfer, &packet, now_ms, &worker->action);
    worker_settle(worker, session, session_run(session, &worker->action, now_ms), now_ms);
}

/* Returns true if the socket may have more. */
static bool drain(struct worker *worker, struct worker_socket *socket)
{
    struct udp_arrival arrival = {.interface_index = 0};
    struct udp_arrival *wanted = socket->sink != NULL ? &arrival : NULL;

    for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
        struct endpoint from;
        size_t size;
        enum udp_result result =
            udp_receive(&socket->udp, worker->datagram, sizeof worker->datagram, &size, &from, wanted);
        if (result == UDP_NOTHING || result == UDP_BROKEN)
            return false;
        /* The time of now: a listener may have begun the transfer since this turn did. */
        if (result == UDP_RECEIVED)
            on_datagram(worker, socket, &from, span_of(worker->datagram, size), wanted, GetTickCount64());
    }
    return true;
}

/* -- the loop -- */

/* The cache may have room again. */
static void feed(struct worker *worker, struct session *session, uint64_t now_ms)
{
    session->is_starved = false;
    session->io_status = STATUS_OK;
    worker_settle(worker, session, session_resume(session, &worker->action, now_ms), now_ms);
}

bool worker_may_repeat_first(struct worker *worker)
{
    struct shared *shared = worker->shared;
    bool may = bucket_take(&worker->first_resends, atomic_load(&shared->first_resends_per_second), GetTickCount64());

    if (!may)
        InterlockedIncrement64(&shared->counts.resends_withheld);
    return may;
}

static void fire_timer(struct worker *worker, struct session *session, uint64_t now_ms)
{
    session->is_unasked = !session->transfer.has_answered;
    transfer_on_timer(&session->transfer, now_ms, &worker->action);
    enum session_state state = session_run(session, &worker->action, now_ms);
    session->is_unasked = false;
    worker_settle(worker, session, state, now_ms);
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
        if (session->is_starved) {
            feed(worker, session, now_ms);
            continue;
        }
        if (session->doubtful != NULL) {
            /* Silence: it rebooted. Nothing of the old transfer must come before the answer to the new request. */
            worker_begin_anew(session);
            deadlines_set(&worker->deadlines, &session->deadline, now_ms + session->transfer.wait_ms);
            continue;
        }
        fire_timer(worker, session, now_ms);
    }
    return true;
}

static void sleep_until_next(struct worker *worker, bool is_stopping)
{
    uint64_t next_ms = deadlines_next(&worker->deadlines);
    uint64_t now_ms = GetTickCount64();
    DWORD wait_ms = INFINITE;

    if (next_ms != UINT64_MAX)
        wait_ms = next_ms > now_ms ? (DWORD)(next_ms - now_ms) : 0;
    if (is_stopping)
        wait_ms = STOP_TURN_MS;
    atomic_store(&worker->wakes_at_ms, wait_ms == INFINITE ? UINT64_MAX : now_ms + wait_ms);
    if (atomic_load(&worker->mailbox) == NULL && !(!is_stopping && atomic_load(&worker->is_stopping)))
        WaitForSingleObject(worker->event, wait_ms);
    atomic_store(&worker->wakes_at_ms, 0);
}

static void end_waiting_sessions(struct worker *worker, uint64_t now_ms)
{
    /* Ending one moves others in the table towards lower slots, perhaps past this place: look until nothing changes. */
    for (uint32_t slot = 0; slot < worker->peers.capacity;) {
        struct session *session = (struct session *)worker->peers.slots[slot];
        if (session == NULL || !transfer_is_waiting(&session->transfer)) {
            slot++;
            continue;
        }
        transfer_on_timer(&session->transfer, now_ms, &worker->action);
        worker_settle(worker, session, session_run(session, &worker->action, now_ms), now_ms);
    }
}

static DWORD WINAPI run(void *context)
{
    struct worker *worker = context;

    for (;;) {
        bool is_stopping = atomic_load(&worker->is_stopping);
        bool may_have_more = false;
        unsigned count = atomic_load(&worker->socket_count);
        uint64_t begun_ms = GetTickCount64();
        for (unsigned i = 0; i < count; i++)
            may_have_more |= drain(worker, &worker->sockets[i]);
        worker_look_at_repeats(worker, may_have_more, GetTickCount64());
        worker_read_mail(worker, GetTickCount64());
        /* What came until this turn began has been read, or else waits: the answer to what is due may be among it. */
        may_have_more |= fire_deadlines(worker, may_have_more ? begun_ms - BACKLOG_MS : begun_ms);
        if (is_stopping) {
            end_waiting_sessions(worker, GetTickCount64());
            if (worker->session_count == 0 && atomic_load(&worker->mailbox) == NULL && worker->repeats == NULL)
                return 0;
        }
        if (!may_have_more && worker->repeats == NULL)
            sleep_until_next(worker, is_stopping);
    }
}

struct worker *worker_open(struct shared *shared, const struct config *config)
{
    static volatile LONG made;
    uint32_t slots = admission_slots(config->transfers_max);
    uint32_t transfers = config->transfers_max + ADMISSION_SPARE;
    struct worker *worker = calloc(1, sizeof *worker);

    if (worker == NULL)
        return NULL;
    worker->shared = shared;
    worker->port_range = config->port_range;
    worker->port_offset = (uint32_t)InterlockedIncrement(&made);
    worker->is_single_port = config->single_port != 0;
    InitializeSRWLock(&worker->outlets_lock);
    limiter_init(&worker->limiter, config->errors_per_second);
    bucket_init(&worker->first_resends, config->first_resends_per_second);
    worker->peer_slots = malloc(slots * sizeof worker->peer_slots[0]);
    worker->deadline_heap = malloc(transfers * sizeof worker->deadline_heap[0]);
    worker->event = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (worker->peer_slots == NULL || worker->deadline_heap == NULL || worker->event == NULL)
        goto fail;
    peers_init(&worker->peers, worker->peer_slots, slots);
    deadlines_init(&worker->deadlines, worker->deadline_heap, transfers);
    worker->thread = CreateThread(NULL, 0, run, worker, 0, NULL);
    if (worker->thread == NULL)
        goto fail;
    return worker;
fail:
    worker_close(worker);
    return NULL;
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
    for (unsigned i = 0; i < atomic_load(&worker->socket_count); i++)
        udp_close(&worker->sockets[i].udp);
    if (worker->thread != NULL)
        CloseHandle(worker->thread);
    if (worker->event != NULL)
        CloseHandle(worker->event);
    free(worker->peer_slots);
    free(worker->deadline_heap);
    free(worker);
}
