/* The part of src/win32/worker.c and worker_mail.c: datagrams, deadlines and mail become events of the core. */
#include "clients.h"
#include "server.h"
#include "statistics.h"

enum { WINDOWS_PER_LOSS_MAX = 6 };

static void remember_ended(struct world *w, struct worker *worker, const struct endpoint *peer)
{
    uint32_t place = worker->ended_next++ % SERVER_ENDED_MAX;

    worker->ended[place].at = *peer;
    worker->ended[place].quiet_until_ms = server_now_ms(w) + SERVER_ENDED_QUIET_MS;
}

static bool has_ended_lately(const struct world *w, const struct worker *worker, const struct endpoint *peer)
{
    for (size_t i = 0; i < SERVER_ENDED_MAX; i++)
        if (server_now_ms(w) < worker->ended[i].quiet_until_ms && endpoint_equal(&worker->ended[i].at, peer))
            return true;
    return false;
}

static void retake(struct world *w, struct datagram *request)
{
    world_at(w, w->now_ms, MOMENT_RETAKE, 0, request);
}

/*
 * Where nothing but loss happens, a lost datagram makes few windows be sent again: the one it was in, and then those for
 * what the client answers to blocks of it that it had. Whoever is gone before its last ACK arrives is sent to in vain.
 */
static void check_resent(struct world *w, const struct session *session)
{
    const struct watch *watch = &session->watch;
    const struct endpoint *peer = &session->entry.peer.at;
    /* A path that becomes longer is taken for a loss once. */
    uint64_t losses = client_losses(w, peer) - session->losses_before + (w->faults.detour_latency_ms != 0);
    uint32_t class = statistics_class(w);
    uint32_t window = watch->agreement.has_msftwindow ? watch->agreement.windowsize_max : watch->agreement.windowsize;

    if (!client_is_honest(w, peer))
        return;
    w->statistics->blocks_sent[class] += watch->data_sent;
    w->statistics->blocks_resent[class] += watch->data_resent;
    REQUIRE(w,
            w->kind == WORLD_ROUGH || session->action.finish.outcome != OUTCOME_DONE ||
                watch->data_resent <= losses * WINDOWS_PER_LOSS_MAX * window,
            "%u blocks are sent again for %u lost datagrams, windowsize is %u", (unsigned)watch->data_resent,
            (unsigned)losses, window);
}

static void end_session(struct world *w, struct session *session)
{
    struct worker *worker = session->worker;

    w->statistics->outcomes[session->action.finish.outcome]++;
    check_resent(w, session);
    if (peers_remove(&worker->peers, &session->entry.peer))
        remember_ended(w, worker, &session->entry.peer.at);
    deadlines_clear(&worker->deadlines, &session->deadline);
    admission_leave(&w->server->admission, &session->entry);
    w->server->session_count--;
    if (session->doubtful != NULL)
        retake(w, session->doubtful);
    disk_discard(w, &session->upload);
    watch_free(w, &session->watch);
    world_free(w, session->memory);
    world_free(w, session);
}

static bool is_waiting(const struct session *session)
{
    return !session->is_parked && session->action.kind == ACTION_WAIT;
}

static void wait_for_client(struct session *session, uint64_t until_ms)
{
    deadlines_set(&session->worker->deadlines, &session->deadline,
                  session->doubtful != NULL ? session->doubtful_until_ms : until_ms);
}

static void settle(struct world *w, struct session *session)
{
    uint64_t now_ms = server_now_ms(w);

    if (is_waiting(session) && session->is_doomed) {
        watch_cause(w, &session->watch, CAUSE_ABORT);
        transfer_abort(&session->transfer, OUTCOME_SUPERSEDED, now_ms, &session->action);
        session_run(w, session);
    }
    if (is_waiting(session) && (w->server->is_stopping || session->is_stopped)) {
        watch_cause(w, &session->watch, CAUSE_ABORT);
        transfer_abort(&session->transfer, w->server->is_stopping ? OUTCOME_STOPPED : OUTCOME_ENDED, now_ms,
                       &session->action);
        session_run(w, session);
    }
    if (session->action.kind == ACTION_FINISH)
        end_session(w, session);
    else if (is_waiting(session))
        wait_for_client(session, session->action.wait.until_ms);
    else
        deadlines_clear(&session->worker->deadlines, &session->deadline);
}

static void fire_timer(struct world *w, struct session *session)
{
    session->is_unasked = !session->transfer.has_answered;
    watch_cause(w, &session->watch, CAUSE_TIMER);
    transfer_on_timer(&session->transfer, server_now_ms(w), &session->action);
    session_run(w, session);
    session->is_unasked = false;
    settle(w, session);
}

/* It leaves the index at once, so that the one that follows it can take its place there. */
static void doom(struct world *w, struct session *session)
{
    if (peers_remove(&session->worker->peers, &session->entry.peer))
        remember_ended(w, session->worker, &session->entry.peer.at);
    session->is_doomed = true;
}

void worker_start(struct world *w, struct session *session)
{
    struct worker *worker = session->worker;
    struct session *old = (struct session *)peers_find(&worker->peers, &session->entry.peer.at);

    if (old != NULL)
        doom(w, old);
    REQUIRE(w, peers_add(&worker->peers, &session->entry.peer), "a worker's index is full or has two of one peer");
    deadlines_set(&worker->deadlines, &session->deadline, session->transfer.deadline_ms);
}

void worker_end(struct world *w, struct session *session)
{
    doom(w, session);
    if (is_waiting(session))
        settle(w, session);
}

static void begin_anew(struct world *w, struct session *session)
{
    struct datagram *request = session->doubtful;

    session->doubtful = NULL;
    request->begins_anew = true;
    retake(w, request);
}

static void doubt(struct world *w, struct session *session, struct datagram *request)
{
    if (session->doubtful != NULL) {
        world_free(w, request);
        return;
    }
    session->doubtful = request;
    session->doubtful_until_ms = server_now_ms(w) + WATCH_DOUBT_MS;
    session->watch.doubts++;
    session->watch.is_doubted = true;
    if (is_waiting(session))
        wait_for_client(session, session->doubtful_until_ms);
}

void worker_repeat(struct world *w, struct session *session, struct datagram *request)
{
    if (session->transfer.has_answered) {
        doubt(w, session, request);
        return;
    }
    if (is_waiting(session)) {
        watch_cause(w, &session->watch, CAUSE_REPEAT);
        transfer_on_repeat(&session->transfer, server_now_ms(w), &session->action);
        session_run(w, session);
        settle(w, session);
    }
    world_free(w, request);
}

static void forget_doubt(struct world *w, struct session *session)
{
    world_free(w, session->doubtful);
    session->doubtful = NULL;
}

static void answer_stranger(struct world *w, struct worker *worker, const struct endpoint *from,
                            const struct packet *packet)
{
    uint8_t bytes[PACKET_CONTROL_SIZE_MAX];
    struct endpoint tid = server_tid(w, worker);
    bool is_answered = packet->opcode == OPCODE_DATA || packet->opcode == OPCODE_ACK || packet->opcode == OPCODE_OACK;

    if (!is_answered || admission_is_bogus_source(from) || has_ended_lately(w, worker, from) ||
        !limiter_allows(&worker->limiter, from, w->config.errors_per_second, server_now_ms(w)))
        return;
    size_t size = packet_encode_error(bytes, ERROR_CODE_UNKNOWN_TID, "Unknown transfer ID");
    network_send(w, &tid, from, span_of(bytes, size), span_of(NULL, 0));
}

static void to_worker(struct world *w, struct worker *worker, const struct datagram *datagram)
{
    struct packet packet;
    struct span bytes = span_of(datagram->bytes, datagram->size);
    enum decoding decoding = packet_decode(&packet, bytes);

    if (decoding != DECODING_OK || packet.opcode == OPCODE_RRQ || packet.opcode == OPCODE_WRQ)
        return;
    struct session *session = (struct session *)peers_find(&worker->peers, &datagram->from);
    if (session == NULL) {
        answer_stranger(w, worker, &datagram->from, &packet);
        return;
    }
    REQUIRE(w,
            session->entry.peer.at.port == datagram->from.port &&
                memcmp(session->entry.peer.at.address, datagram->from.address, 16) == 0,
            "a stranger's datagram reaches the transfer of another");
    if (packet.opcode != OPCODE_ERROR)
        forget_doubt(w, session);
    if (!is_waiting(session))
        return;
    watch_cause(w, &session->watch, CAUSE_DATAGRAM);
    watch_datagram(w, &session->watch, bytes);
    transfer_on_datagram(&session->transfer, &packet, server_now_ms(w), &session->action);
    session_run(w, session);
    settle(w, session);
}

void server_on_datagram(struct world *w, struct datagram *datagram)
{
    uint16_t opcode = datagram->size >= 2 ? read_u16(datagram->bytes) : 0;
    bool is_transfer = opcode >= OPCODE_DATA && opcode <= OPCODE_OACK;

    if (datagram->to.port == NETWORK_PORT && !(w->config.single_port && is_transfer)) {
        if (!w->server->is_stopping)
            intake_take(w, datagram);
        return;
    }
    uint32_t number = w->config.single_port ? 0 : (uint32_t)datagram->to.port - SERVER_FIRST_TID;
    if (number < SERVER_WORKERS)
        to_worker(w, &w->server->workers[number], datagram);
}

void server_on_worker(struct world *w, uint32_t number)
{
    struct worker *worker = &w->server->workers[number];
    struct deadline *due;

    worker->wakes_at_ms = UINT64_MAX;
    while ((due = deadlines_take_due(&worker->deadlines, server_now_ms(w))) != NULL) {
        struct session *session = (struct session *)(void *)((char *)due - offsetof(struct session, deadline));
        if (session->doubtful != NULL) {
            begin_anew(w, session);
            deadlines_set(&worker->deadlines, &session->deadline, server_now_ms(w) + session->transfer.wait_ms);
        } else {
            fire_timer(w, session);
        }
    }
}

void server_on_disk(struct world *w, struct session *session)
{
    if (session->request != NULL) {
        intake_opened(w, session);
        return;
    }
    session_resume(w, session);
    settle(w, session);
}

/* The waiting ones; those that wait for the disk follow when it comes back. */
static void end_waiting(struct world *w, uint32_t most)
{
    for (uint32_t i = 0; i < SERVER_WORKERS; i++) {
        struct peers *peers = &w->server->workers[i].peers;
        for (uint32_t slot = 0; slot < peers->capacity && most > 0;) {
            struct session *session = (struct session *)peers->slots[slot];
            if (session == NULL || !is_waiting(session)) {
                slot++;
                continue;
            }
            most--;
            session->is_stopped = true;
            settle(w, session);
        }
    }
}

void server_end_one(struct world *w)
{
    end_waiting(w, 1);
}

void server_stop(struct world *w)
{
    w->server->is_stopping = true;
    end_waiting(w, UINT32_MAX);
}
