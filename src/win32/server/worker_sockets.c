#include "win32/server/sends.h"
#include "win32/server/worker_parts.h"

enum {
    DATAGRAMS_PER_TURN = 64, /* before timers and mail have their turn */
    LUCK_MAX = 8,            /* hits that are remembered */
    LUCK_LOST = 4            /* by a miss */
};

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

    /* An answer from another address than it was sent to means nothing to anybody. */
    bool is_addressed = arrival == NULL || !endpoint_is_unspecified(&arrival->local);

    if (!is_answered || !is_addressed || endpoint_is_bogus_source(from) || late == ENDED_QUIET)
        return;
    /* It is being served from another port: an ERROR might be taken for that one's. */
    if (peers_find(&worker->peers, from) != NULL)
        return;
    bool may_answer = late == ENDED_ACK ? shared_may_refuse(worker->shared, from)
                                        : shared_may_refuse_stray(worker->shared, from, now_ms);
    if (!may_answer)
        return;
    size_t size = late == ENDED_ACK ? packet_encode_ack(bytes, packet->block)
                                    : packet_encode_error(bytes, ERROR_CODE_UNKNOWN_TID, "Unknown transfer ID");
    struct span part = span_of(bytes, size);
    struct udp_sent sent = udp_send(udp, from, arrival, &part, 1);
    sends_hear(worker->shared, from, arrival, &sent);
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
    if ((session == NULL || is_stale(worker, session)) && worker_begin_mailed(worker, GetTickCount64()))
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

/* Whether another may be worth it. A broken socket has nothing any more: to go on reading it would never end. */
static bool receive(struct worker *worker, struct udp *udp)
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
    return result == UDP_RECEIVED || result == UDP_SPOILT;
}

uint32_t worker_wait(struct worker *worker, DWORD wait_ms, bool *is_mail)
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

/*
 * Each once: whoever has more sets the event again. Who strays or comes late meets a socket without transfers, which is
 * passed over where another explains the event: a read that finds nothing costs as much as one that does.
 */
static void read_event(struct worker *worker, uint32_t event)
{
    struct udp *sockets[OUTLETS_SHARE_MAX];
    size_t with_transfers;
    size_t count = outlets_of_event(worker->outlets, event, sockets, &with_transfers);
    bool has_found = false;

    for (size_t i = 0; i < with_transfers; i++)
        has_found |= receive(worker, sockets[i]);
    for (size_t i = with_transfers; i < count; i++) {
        sockets[i]->is_passed_over = has_found;
        if (!has_found)
            receive(worker, sockets[i]);
    }
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
    bool has_found = receive(worker, udp);
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
        bool has_found = true;
        for (int k = 0; k < DATAGRAMS_PER_TURN && has_found; k++)
            has_found = receive(worker, sockets[i]);
        may_have_more |= has_found;
    }
    return may_have_more;
}

bool worker_drain(struct worker *worker)
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

bool worker_drain_all(struct worker *worker)
{
    bool is_mail = true;
    uint32_t event = WORKER_NO_EVENT;

    if (worker->is_single_port)
        return true;
    for (int i = 0; i < DATAGRAMS_PER_TURN && (is_mail || event != WORKER_NO_EVENT); i++) {
        event = worker_wait(worker, 0, &is_mail);
        if (event != WORKER_NO_EVENT)
            read_event(worker, event);
    }
    return !is_mail && event == WORKER_NO_EVENT;
}
