#include "win32/server/worker_parts.h"

#include <stdlib.h>

void worker_retake(struct shared *shared, struct repeated_request *request)
{
    /* The server stops by pausing first and then waiting for the count: one of the two sees the other. */
    InterlockedIncrement(&shared->retakes);
    if (shared->is_paused) {
        InterlockedDecrement(&shared->retakes);
        free(request);
        return;
    }
    jobs_put(shared->jobs, JOBS_READS, &request->job);
}

/* Together with its leaving the index, so that a snapshot has it either among the running or among the ended. */
static void count_end(struct shared_counts *counts, const struct transfer *t)
{
    counts->finished += !transfer_outcome_is_failure(t->outcome);
    counts->failed += transfer_outcome_is_failure(t->outcome);
    counts->outcomes[t->outcome]++;
    counts->blocks_resent += (LONG64)t->blocks_resent;
    *(t->is_upload ? &counts->bytes_received : &counts->bytes_sent) += (LONG64)transfer_bytes(t);
}

void worker_leave_index(struct worker *worker, struct session *session, uint64_t now_ms)
{
    const struct transfer *t = &session->transfer;
    const struct endpoint *peer = &session->entry.peer.at;

    if (!peers_remove(&worker->peers, &session->entry.peer))
        return;
    if (transfer_is_stored(t))
        ended_add_stored(&worker->ended, peer, transfer_wire_block(t, t->sent), now_ms);
    else
        ended_add(&worker->ended, peer, now_ms);
}

static bool has_proven_its_address(const struct transfer *t)
{
    return t->outcome == OUTCOME_DONE && t->standing != STANDING_STRANGER;
}

static void end_session(struct worker *worker, struct session *session, uint64_t now_ms)
{
    struct shared *shared = session->shared;

    worker_leave_index(worker, session, now_ms);
    deadlines_clear(&worker->deadlines, &session->deadline);
    turns_leave(&worker->turns, session->bucket);
    outlets_leave(worker->outlets, session->outlet);
    worker->session_count--;
    AcquireSRWLockExclusive(&shared->admission_lock);
    count_end(&shared->counts, &session->transfer);
    if (has_proven_its_address(&session->transfer))
        standing_learn(&shared->known, &session->entry.peer.at, now_ms);
    admission_leave(&shared->admission, &session->entry);
    ReleaseSRWLockExclusive(&shared->admission_lock);
    if (session->doubtful != NULL)
        worker_retake(shared, session->doubtful);
    session->doubtful = NULL;
    /* Mail posted before it left is still in the box; then whoever empties that frees it. */
    if (atomic_load(&session->mail) == 0 && !session->is_repeat_listed)
        session_dispose(session);
}

static void settle_doubt(struct session *session, enum life_request request)
{
    struct repeated_request *doubtful = session->doubtful;

    if (request == REQUEST_NONE || doubtful == NULL)
        return;
    session->doubtful = NULL;
    doubtful->begins_anew = session->life.doubt == DOUBT_BROKEN;
    if (request == REQUEST_RETAKE)
        worker_retake(session->shared, doubtful);
    else
        free(doubtful);
}

static enum life_performed perform(struct worker *worker, struct session *session, bool is_unasked, uint64_t now_ms)
{
    session->is_unasked = is_unasked;
    enum life_performed performed = session_perform(session, &worker->action, now_ms);
    session->is_unasked = false;
    if (performed == PERFORMED_YIELDS)
        turns_put(&worker->turns, &session->turn, session->bucket);
    return performed;
}

void worker_follow(struct worker *worker, struct session *session, struct life_step step, uint64_t now_ms)
{
    settle_doubt(session, step.request);
    if (step.gives_up_turn)
        turns_remove(&worker->turns, &session->turn, session->bucket);
    while (step.task == LIFE_PERFORM) {
        enum life_performed performed = perform(worker, session, step.is_unasked, now_ms);
        step = life_on_performed(&session->life, &session->transfer, performed, now_ms, &worker->action);
    }
    if (step.task == LIFE_FREE)
        end_session(worker, session, now_ms);
    else if (step.task == LIFE_REST && step.until_ms == UINT64_MAX)
        deadlines_clear(&worker->deadlines, &session->deadline);
    else if (step.task == LIFE_REST)
        deadlines_set(&worker->deadlines, &session->deadline, step.until_ms);
}

void worker_end(struct worker *worker, struct session *session, enum life_end end, uint64_t now_ms)
{
    worker_follow(worker, session, life_on_end(&session->life, &session->transfer, end, now_ms, &worker->action),
                  now_ms);
}

/* -- turns -- */

void worker_meets_full(struct worker *worker)
{
    worker->has_met_full = true;
}

uint32_t worker_blocks_now(struct worker *worker, struct session *session, uint32_t wanted)
{
    struct turns *turns = &worker->turns;
    bool is_contended = shared_is_contended(worker->shared, session->bucket);
    bool is_its_turn = worker->served == session;
    bool is_under_way = session->blocks_done > 0; /* broken off for a disk, it goes on where it was */
    uint32_t most = session->blocks_done + TURNS_BLOCKS;

    worker->served = NULL;
    if (!is_its_turn && !is_under_way) {
        bool must_wait = is_contended && turns_is_crowd(turns, session->bucket);
        if (must_wait || !turns_goes_at_once(turns, session->bucket))
            return 0;
    }
    if (!is_contended && turns_is_alone(turns, session->bucket))
        most = session->blocks_done + TURNS_BLOCKS_ALONE;
    return wanted < most ? wanted : most;
}

static void serve(struct worker *worker, struct session *session, uint64_t now_ms)
{
    worker->served = session;
    worker->has_met_full = false;
    worker_follow(worker, session, life_on_turn(&session->life, &session->transfer, now_ms, &worker->action), now_ms);
    worker->served = NULL;
}

bool worker_serve_turns(struct worker *worker)
{
    uint64_t now_ms = GetTickCount64();
    uint32_t held_up = 0;

    worker->has_crowd_waiting = false;
    turns_next_round(&worker->turns);
    for (uint32_t left = worker->turns.waiting; left > 0; left--) {
        uint8_t bucket = turns_next_bucket(&worker->turns);
        bool is_crowd = turns_is_crowd(&worker->turns, bucket);
        /* One address with many transfers on all workers is to others as one client on one worker. */
        if (is_crowd && !shared_begin_turn(worker->shared, bucket)) {
            worker->has_crowd_waiting = true;
            turns_pass(&worker->turns);
            continue;
        }
        serve(worker, CONTAINING_RECORD(turns_take(&worker->turns), struct session, turn), now_ms);
        held_up += worker->has_met_full;
        if (is_crowd)
            shared_end_turn(worker->shared, bucket);
    }
    return worker->turns.waiting > held_up;
}
