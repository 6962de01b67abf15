/* The part of src/win32/worker*.c: datagrams, deadlines and mail become events in the life of a session. */
#include "clients.h"
#include "server.h"
#include "statistics.h"

enum {
    WINDOWS_PER_LOSS_MAX = 6,
    TIMERS_MAX = 100 * SERVER_CAPACITY /* at one moment: the clock stands still in between */
};

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

static void leave_index(struct world *w, struct session *session)
{
    struct worker *worker = session->worker;
    const struct transfer *t = &session->transfer;
    const struct endpoint *peer = &session->entry.peer.at;

    if (!peers_remove(&worker->peers, &session->entry.peer))
        return;
    if (transfer_is_stored(t))
        ended_add_stored(&worker->ended, peer, transfer_wire_block(t, t->sent), server_now_ms(w));
    else
        ended_add(&worker->ended, peer, server_now_ms(w));
}

static void end_session(struct world *w, struct session *session)
{
    struct worker *worker = session->worker;
    const struct transfer *t = &session->transfer;

    w->statistics->outcomes[session->action.finish.outcome]++;
    check_resent(w, session);
    leave_index(w, session);
    deadlines_clear(&worker->deadlines, &session->deadline);
    turns_leave(&worker->turns, session->bucket);
    tids_leave(&worker->tids, session->tid, server_now_ms(w));
    if (t->outcome == OUTCOME_DONE && t->standing != STANDING_STRANGER)
        standing_learn(&w->server->known, &session->entry.peer.at, server_now_ms(w));
    admission_leave(&w->server->admission, &session->entry);
    w->server->session_count--;
    if (session->doubtful != NULL)
        retake(w, session->doubtful);
    disk_discard(w, &session->upload);
    watch_free(w, &session->watch);
    world_free(w, session->memory);
    world_free(w, session);
}

static void settle_doubt(struct world *w, struct session *session, enum life_request request)
{
    struct datagram *doubtful = session->doubtful;

    if (request == REQUEST_NONE || doubtful == NULL)
        return;
    session->doubtful = NULL;
    doubtful->begins_anew = session->life.doubt == DOUBT_BROKEN;
    if (request == REQUEST_RETAKE)
        retake(w, doubtful);
    else
        world_free(w, doubtful);
}

static enum life_performed perform(struct world *w, struct session *session, bool is_unasked)
{
    session->is_unasked = is_unasked;
    enum life_performed performed = session_perform(w, session);
    session->is_unasked = false;
    if (performed == PERFORMED_YIELDS)
        turns_put(&session->worker->turns, &session->turn, session->bucket);
    return performed;
}

static void follow(struct world *w, struct session *session, struct life_step step)
{
    struct worker *worker = session->worker;

    settle_doubt(w, session, step.request);
    if (step.gives_up_turn)
        turns_remove(&worker->turns, &session->turn, session->bucket);
    while (step.task == LIFE_PERFORM && w->failure[0] == 0) {
        enum life_performed performed = perform(w, session, step.is_unasked);
        if (session->life.end != END_NONE)
            watch_cause_unless_over(w, &session->watch, CAUSE_ABORT);
        step = life_on_performed(&session->life, &session->transfer, performed, server_now_ms(w), &session->action);
    }
    if (w->failure[0] != 0)
        return;
    if (step.task == LIFE_FREE)
        end_session(w, session);
    else if (step.task == LIFE_REST && step.until_ms == UINT64_MAX)
        deadlines_clear(&worker->deadlines, &session->deadline);
    else if (step.task == LIFE_REST)
        deadlines_set(&worker->deadlines, &session->deadline, step.until_ms);
}

static bool is_waiting(const struct session *session)
{
    return session->life.state == LIFE_WAITING;
}

void worker_start(struct world *w, struct session *session)
{
    struct worker *worker = session->worker;
    struct session *old = (struct session *)peers_find(&worker->peers, &session->entry.peer.at);

    if (old != NULL)
        leave_index(w, old);
    REQUIRE(w, peers_add(&worker->peers, &session->entry.peer), "a worker's index is full or has two of one peer");
    turns_enter(&worker->turns, session->bucket);
    follow(w, session, life_start(&session->life, &session->transfer));
}

void worker_end(struct world *w, struct session *session, enum life_end end)
{
    if (end == END_SUPERSEDED)
        leave_index(w, session);
    bool gives_up_turn = session->life.state == LIFE_READY && end >= END_EVICTED;
    if (is_waiting(session) || gives_up_turn)
        watch_cause(w, &session->watch, CAUSE_ABORT);
    follow(w, session, life_on_end(&session->life, &session->transfer, end, server_now_ms(w), &session->action));
}

void worker_repeat(struct world *w, struct session *session, struct datagram *request, enum admission_likeness likeness)
{
    if (is_waiting(session) && session->transfer.standing == STANDING_STRANGER && likeness == REQUEST_SAME)
        watch_cause(w, &session->watch, CAUSE_REPEAT);
    struct life_step step =
        life_on_repeat(&session->life, &session->transfer, likeness, server_now_ms(w), &session->action);
    if (step.request == REQUEST_KEEP) {
        session->doubtful = request;
        watch_doubt(w, &session->watch);
    } else if (step.request == REQUEST_RETAKE) {
        request->begins_anew = true;
        retake(w, request);
    } else {
        world_free(w, request);
    }
    step.request = REQUEST_NONE;
    follow(w, session, step);
}

uint32_t worker_blocks_now(struct session *session, uint32_t wanted)
{
    struct worker *worker = session->worker;
    bool is_its_turn = worker->served == session;
    uint32_t most = session->blocks_done + TURNS_BLOCKS;

    worker->served = NULL;
    if (!is_its_turn && session->blocks_done == 0 && !turns_goes_at_once(&worker->turns, session->bucket))
        return 0;
    return wanted < most ? wanted : most;
}

void worker_serve_turns(struct world *w, struct worker *worker)
{
    turns_next_round(&worker->turns);
    for (uint32_t left = worker->turns.waiting; left > 0; left--) {
        struct turn *turn = turns_take(&worker->turns);
        struct session *session = (struct session *)(void *)((char *)turn - offsetof(struct session, turn));
        worker->served = session;
        follow(w, session, life_on_turn(&session->life, &session->transfer, server_now_ms(w), &session->action));
        worker->served = NULL;
    }
}

static void answer_stranger(struct world *w, struct worker *worker, const struct datagram *datagram,
                            const struct packet *packet)
{
    uint8_t bytes[PACKET_CONTROL_SIZE_MAX];
    const struct endpoint *from = &datagram->from;
    bool is_answered = packet->opcode == OPCODE_DATA || packet->opcode == OPCODE_ACK || packet->opcode == OPCODE_OACK;
    enum ended_answer late = ended_judge(&worker->ended, from, packet, server_now_ms(w));
    size_t size;

    if (!is_answered || endpoint_is_bogus_source(from) || late == ENDED_QUIET)
        return;
    if (peers_find(&worker->peers, from) != NULL)
        return;
    bool (*may_answer)(struct errors *, const struct endpoint *, uint32_t, uint64_t) =
        late == ENDED_ACK ? errors_allow : errors_allow_stray;
    if (!may_answer(&w->server->errors, from, w->config.errors_per_second, server_now_ms(w)))
        return;
    if (late == ENDED_ACK)
        size = packet_encode_ack(bytes, packet->block);
    else
        size = packet_encode_error(bytes, ERROR_CODE_UNKNOWN_TID, "Unknown transfer ID");
    network_send(w, &datagram->to, from, span_of(bytes, size), span_of(NULL, 0));
}

static void to_worker(struct world *w, struct worker *worker, const struct datagram *datagram)
{
    struct packet packet;
    struct span bytes = span_of(datagram->bytes, datagram->size);
    enum decoding decoding = packet_decode(&packet, bytes);

    if (decoding != DECODING_OK || packet.opcode == OPCODE_RRQ || packet.opcode == OPCODE_WRQ)
        return;
    struct session *session = (struct session *)peers_find(&worker->peers, &datagram->from);
    struct endpoint tid = session != NULL ? server_tid(w, worker, session->tid) : datagram->to;
    if (session == NULL || !endpoint_equal(&tid, &datagram->to)) {
        answer_stranger(w, worker, datagram, &packet);
        return;
    }
    REQUIRE(w,
            session->entry.peer.at.port == datagram->from.port &&
                memcmp(session->entry.peer.at.address, datagram->from.address, 16) == 0,
            "a stranger's datagram reaches the transfer of another");
    if (is_waiting(session) && session->life.doubt != DOUBT_BROKEN) {
        watch_cause(w, &session->watch, CAUSE_DATAGRAM);
        watch_datagram(w, &session->watch, bytes);
    }
    follow(w, session,
           life_on_datagram(&session->life, &session->transfer, &packet, server_now_ms(w), &session->action));
}

void server_on_datagram(struct world *w, struct datagram *datagram)
{
    uint16_t opcode = datagram->size >= 2 ? read_u16(datagram->bytes) : 0;
    bool is_transfer = opcode >= OPCODE_DATA && opcode <= OPCODE_OACK;

    if (datagram->to.port == NETWORK_PORT && !(w->config.single_port && is_transfer)) {
        bool is_heard = errors_hear(&w->server->errors, &datagram->from, w->config.errors_per_second,
                                    server_now_ms(w)) == ERRORS_HEARD;
        if (!w->server->is_stopping && is_heard)
            intake_take(w, datagram);
        return;
    }
    uint32_t number = w->config.single_port ? 0 : (uint32_t)datagram->to.port - SERVER_FIRST_TID;
    struct worker *worker = &w->server->workers[number / SERVER_TIDS_MAX % SERVER_WORKERS];
    if (number < SERVER_WORKERS * SERVER_TIDS_MAX && worker->tid_memory[number % SERVER_TIDS_MAX].state == TID_OPEN)
        to_worker(w, worker, datagram);
}

static void on_timer(struct world *w, struct session *session)
{
    bool is_starting = is_waiting(session) && session->life.doubt == DOUBT_NONE;

    if (is_starting)
        watch_cause(w, &session->watch, CAUSE_TIMER);
    else if (is_waiting(session) && session->life.doubt == DOUBT_BROKEN)
        watch_cause(w, &session->watch, CAUSE_ABORT);
    follow(w, session, life_on_timer(&session->life, &session->transfer, server_now_ms(w), &session->action));
}

void server_on_worker(struct world *w, uint32_t number)
{
    struct worker *worker = &w->server->workers[number];
    struct deadline *due;
    uint32_t timers = 0;

    if (worker->woken_at_ms != w->now_ms)
        return;
    worker->wakes_at_ms = UINT64_MAX;
    while (w->failure[0] == 0 && (due = deadlines_take_due(&worker->deadlines, server_now_ms(w))) != NULL) {
        REQUIRE(w, ++timers < TIMERS_MAX, "a timer is due again and again");
        on_timer(w, (struct session *)(void *)((char *)due - offsetof(struct session, deadline)));
    }
    worker_serve_turns(w, worker);
}

void server_on_disk(struct world *w, struct session *session)
{
    if (session->request != NULL) {
        intake_opened(w, session);
        return;
    }
    enum status status = session_io_status(w, session);
    if (status != STATUS_OK)
        session->blocks_done = 0;
    follow(w, session, life_on_io(&session->life, &session->transfer, status, server_now_ms(w), &session->action));
}

/* Those that wait for the disk or their turn follow when it comes back. */
static void end_some(struct world *w, enum life_end end, uint32_t most)
{
    for (uint32_t i = 0; i < SERVER_WORKERS; i++) {
        struct peers *peers = &w->server->workers[i].peers;
        for (uint32_t slot = 0; slot < peers->capacity && most > 0 && w->failure[0] == 0;) {
            struct session *session = (struct session *)peers->slots[slot];
            if (session == NULL || session->life.end >= end) {
                slot++;
                continue;
            }
            most--;
            worker_end(w, session, end);
        }
    }
}

void server_end_one(struct world *w)
{
    end_some(w, END_BY_ADMINISTRATOR, 1);
}

void server_stop(struct world *w)
{
    w->server->is_stopping = true;
    end_some(w, END_BY_STOP, UINT32_MAX);
}
