#include "win32/worker_parts.h"

#include <stdlib.h>

enum {
    BUSY_TURNS_MAX = 16, /* that left a socket with more to read: then repeated requests are looked at all the same */
    /*
     * Of silence behind a repeated request: longer than a round trip of a server that a thousand machines ask at once,
     * shorter than the patience of a boot ROM that was switched on again.
     */
    DOUBT_MS = 2000
};

void worker_post(struct worker *worker, struct session *session, enum session_mail mail, uint64_t due_ms)
{
    if (atomic_fetch_or(&session->mail, mail) == 0) {
        struct session *first = atomic_load(&worker->mailbox);
        do {
            session->next_mail = first;
        } while (!atomic_compare_exchange_weak(&worker->mailbox, &first, session));
    }
    /* The worker stores the time first and looks into its mailbox then; here it is the other way round. */
    if (due_ms < atomic_load(&worker->wakes_at_ms))
        SetEvent(worker->event);
}

static struct session *take_mail(struct worker *worker)
{
    struct session *newest = atomic_exchange(&worker->mailbox, NULL);
    struct session *oldest = NULL;

    while (newest != NULL) {
        struct session *next = newest->next_mail;
        newest->next_mail = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

/* Its late packets must not draw an ERROR, which the client might take for the answer to its next request. */
static void remember_ended(struct worker *worker, const struct endpoint *peer)
{
    uint32_t place = worker->ended_next++ % WORKER_ENDED_MAX;

    worker->ended[place].at = *peer;
    worker->ended[place].quiet_until_ms = GetTickCount64() + WORKER_ENDED_QUIET_MS;
}

bool worker_has_ended_lately(const struct worker *worker, const struct endpoint *peer, uint64_t now_ms)
{
    for (size_t i = 0; i < WORKER_ENDED_MAX; i++)
        if (now_ms < worker->ended[i].quiet_until_ms && endpoint_equal(&worker->ended[i].at, peer))
            return true;
    return false;
}

/* Back to where requests are judged: the transfer it seemed to repeat is over, or has gone on since. */
static void retake(struct shared *shared, struct repeated_request *request)
{
    /* The server stops by pausing first and then waiting for the count: one of the two sees the other. */
    InterlockedIncrement(&shared->retakes);
    if (shared->is_paused) {
        InterlockedDecrement(&shared->retakes);
        free(request);
        return;
    }
    jobs_put(shared->jobs, &request->job);
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

static void end_session(struct worker *worker, struct session *session)
{
    struct shared *shared = session->shared;

    if (peers_remove(&worker->peers, &session->entry.peer))
        remember_ended(worker, &session->entry.peer.at);
    deadlines_clear(&worker->deadlines, &session->deadline);
    worker->session_count--;
    AcquireSRWLockExclusive(&shared->admission_lock);
    count_end(&shared->counts, &session->transfer);
    admission_leave(&shared->admission, &session->entry);
    ReleaseSRWLockExclusive(&shared->admission_lock);
    if (session->doubtful != NULL) {
        retake(shared, session->doubtful);
        session->doubtful = NULL;
    }
    /* Mail posted before it left is still in the box; then whoever empties that frees it. */
    session->is_ended = true;
    if (atomic_load(&session->mail) == 0 && !session->is_repeat_listed)
        session_dispose(session);
}

/* While there is a doubt nothing is sent for lack of an answer: it would come before the one to the new request. */
static void wait_for_client(struct worker *worker, struct session *session, uint64_t until_ms)
{
    if (session->doubtful != NULL)
        until_ms = session->doubtful->until_ms;
    deadlines_set(&worker->deadlines, &session->deadline, until_ms);
}

void worker_settle(struct worker *worker, struct session *session, enum session_state state, uint64_t now_ms)
{
    if (state == SESSION_WAITS && session->is_doomed) {
        transfer_abort(&session->transfer, OUTCOME_SUPERSEDED, now_ms, &worker->action);
        state = session_run(session, &worker->action, now_ms);
    }
    bool is_stopping = atomic_load_explicit(&worker->is_stopping, memory_order_relaxed);
    if (state == SESSION_WAITS && (is_stopping || session->is_stopped)) {
        transfer_abort(&session->transfer, is_stopping ? OUTCOME_STOPPED : OUTCOME_ENDED, now_ms, &worker->action);
        state = session_run(session, &worker->action, now_ms);
    }
    if (state == SESSION_WAITS)
        wait_for_client(worker, session, worker->action.wait.until_ms);
    else if (state == SESSION_FINISHED)
        end_session(worker, session);
    else if (session->is_starved)
        deadlines_set(&worker->deadlines, &session->deadline, now_ms + SESSION_STARVED_MS);
    else
        deadlines_clear(&worker->deadlines, &session->deadline);
}

/* It leaves the index at once, so that the one that follows it can take its place there. */
static void doom(struct worker *worker, struct session *session)
{
    if (peers_remove(&worker->peers, &session->entry.peer))
        remember_ended(worker, &session->entry.peer.at);
    session->is_doomed = true;
}

static void start(struct worker *worker, struct session *session)
{
    struct session *old = (struct session *)peers_find(&worker->peers, &session->entry.peer.at);

    /* Superseded; its MAIL_END may be behind, where another's mail for it was being posted at that moment. */
    if (old != NULL)
        doom(worker, old);
    bool is_added = peers_add(&worker->peers, &session->entry.peer);
    ASSERT(is_added);
    worker->session_count++;
    deadlines_set(&worker->deadlines, &session->deadline, session->transfer.deadline_ms);
}

static void list_repeat(struct worker *worker, struct session *session)
{
    if (session->is_repeat_listed)
        return;
    session->is_repeat_listed = true;
    session->next_repeat = worker->repeats;
    worker->repeats = session;
}

static void read_mail_of(struct worker *worker, struct session *session, unsigned mail, uint64_t now_ms)
{
    enum session_state state = SESSION_PARKED;

    if (mail & MAIL_REPEAT)
        list_repeat(worker, session);
    if (session->is_ended) {
        if (!session->is_repeat_listed)
            session_dispose(session);
        return;
    }
    if (mail & MAIL_START)
        start(worker, session);
    if (mail & MAIL_END)
        doom(worker, session);
    if (mail & MAIL_STOP)
        session->is_stopped = true;
    if (mail & MAIL_IO) {
        state = session_resume(session, &worker->action, now_ms);
    } else if (transfer_is_waiting(&session->transfer)) {
        transfer_on_timer(&session->transfer, now_ms, &worker->action);
        state = session_run(session, &worker->action, now_ms);
    }
    worker_settle(worker, session, state, now_ms);
}

bool worker_read_mail(struct worker *worker, uint64_t now_ms)
{
    struct session *session = take_mail(worker);
    bool has_mail = session != NULL;

    while (session != NULL) {
        struct session *next = session->next_mail;
        /* From here on it may be in the box again. */
        unsigned mail = atomic_exchange(&session->mail, 0);
        read_mail_of(worker, session, mail, now_ms);
        session = next;
    }
    return has_mail;
}

void worker_begin_anew(struct session *session)
{
    struct repeated_request *request = session->doubtful;

    session->doubtful = NULL;
    request->begins_anew = true;
    retake(session->shared, request);
}

/*
 * The client has answered, and then its first request comes again. It may be a late copy that lay in the listening
 * socket behind a stall, or the client rebooted: silence tells (fire_deadlines). More copies tell nothing, for a client
 * that had no answer for long has sent several.
 */
static void doubt(struct worker *worker, struct session *session, struct repeated_request *request, uint64_t now_ms)
{
    if (session->doubtful != NULL) {
        free(request);
        return;
    }
    session->doubtful = request;
    request->until_ms = now_ms + DOUBT_MS;
    if (transfer_is_waiting(&session->transfer))
        wait_for_client(worker, session, request->until_ms);
}

void worker_forget_doubt(struct session *session)
{
    free(session->doubtful);
    session->doubtful = NULL;
}

static void on_repeat(struct worker *worker, struct session *session, uint64_t now_ms)
{
    struct repeated_request *request = atomic_exchange(&session->repeat, NULL);

    session->is_repeat_listed = false;
    if (session->is_ended) {
        if (request != NULL)
            retake(worker->shared, request);
        if (atomic_load(&session->mail) == 0)
            session_dispose(session);
        return;
    }
    if (request != NULL && session->transfer.has_answered) {
        doubt(worker, session, request, now_ms);
        return;
    }
    if (request != NULL && transfer_is_waiting(&session->transfer)) {
        transfer_on_repeat(&session->transfer, now_ms, &worker->action);
        worker_settle(worker, session, session_run(session, &worker->action, now_ms), now_ms);
    }
    free(request);
}

/*
 * Repeated requests wait until the sockets have been emptied once more: what the client had sent before it asked again
 * (its last ACK, or the ERROR that ends a probe) may still lie there, and then the request is no repetition but new.
 */
void worker_look_at_repeats(struct worker *worker, bool has_more, uint64_t now_ms)
{
    worker->busy_turns = has_more ? worker->busy_turns + 1 : 0;
    if (worker->busy_turns % BUSY_TURNS_MAX != 0)
        return;
    while (worker->repeats != NULL) {
        struct session *session = worker->repeats;
        worker->repeats = session->next_repeat;
        on_repeat(worker, session, now_ms);
    }
}
