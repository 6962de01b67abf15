#include "win32/server/worker_parts.h"

#include <stdlib.h>

enum {
    MAIL_ENDS = MAIL_SUPERSEDED | MAIL_EVICTED | MAIL_ENDED,
    BUSY_TURNS_MAX = 16 /* that left a socket with more to read: then repeated requests are looked at all the same */
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

/* The oldest first. */
static struct session *empty_box(struct worker *worker)
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

bool worker_take_mail(struct worker *worker)
{
    bool has_ends = false;

    ASSERT(worker->in_hand == NULL);
    worker->in_hand = empty_box(worker);
    for (struct session *session = worker->in_hand; session != NULL; session = session->next_mail)
        has_ends |= (atomic_load(&session->mail) & MAIL_ENDS) != 0;
    return has_ends;
}

static void start(struct worker *worker, struct session *session, uint64_t now_ms)
{
    struct session *old = (struct session *)peers_find(&worker->peers, &session->entry.peer.at);

    /* Superseded; its mail may be behind, where another's mail for it was being posted at that moment. */
    if (old != NULL)
        worker_leave_index(worker, old, now_ms);
    bool is_added = peers_add(&worker->peers, &session->entry.peer);
    ASSERT(is_added);
    worker->session_count++;
    turns_enter(&worker->turns, session->bucket);
    outlets_look(worker->outlets, session->outlet);
    worker_follow(worker, session, life_start(&session->life, &session->transfer), now_ms);
}

static void list_repeat(struct worker *worker, struct session *session)
{
    struct repeated_request *request = atomic_exchange(&session->repeat, NULL);

    /* One at a time is looked at: who asks twice in a moment says nothing more by it. */
    if (request == NULL || session->is_repeat_listed) {
        free(request);
        return;
    }
    session->is_repeat_listed = true;
    request->session = session;
    request->next = worker->repeats;
    worker->repeats = request;
}

static void on_io(struct worker *worker, struct session *session, uint64_t now_ms)
{
    if (session->io_status != STATUS_OK)
        session->blocks_done = 0;
    worker_follow(worker, session,
                  life_on_io(&session->life, &session->transfer, session->io_status, now_ms, &worker->action), now_ms);
}

static bool is_over(const struct session *session)
{
    return session->life.state == LIFE_OVER;
}

/* It may have been begun while it was in hand. */
static bool is_to_begin(const struct session *session, unsigned mail)
{
    return (mail & MAIL_START) != 0 && session->life.state == LIFE_OPENING;
}

static void read_mail_of(struct worker *worker, struct session *session, unsigned mail, uint64_t now_ms)
{
    static const struct {
        enum session_mail mail;
        enum life_end end;
    } ends[] = {
        {MAIL_SUPERSEDED, END_SUPERSEDED},
        {MAIL_EVICTED, END_EVICTED},
        {MAIL_ENDED, END_BY_ADMINISTRATOR},
    };

    if (mail & MAIL_REPEAT)
        list_repeat(worker, session);
    if (is_over(session)) {
        if (!session->is_repeat_listed)
            session_dispose(session);
        return;
    }
    if (is_to_begin(session, mail))
        start(worker, session, now_ms);
    /* At once, so that the one that follows it can take its place there. */
    if (mail & MAIL_SUPERSEDED)
        worker_leave_index(worker, session, now_ms);
    /* With the disk's answer in the same mail it is parked, and only remembers how it is to end. */
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (!(mail & ends[i].mail))
            continue;
        worker_end(worker, session, ends[i].end, now_ms);
        break;
    }
    if (mail & MAIL_IO)
        on_io(worker, session, now_ms);
}

void worker_read_mail(struct worker *worker, uint64_t now_ms)
{
    while (worker->in_hand != NULL) {
        struct session *session = worker->in_hand;
        worker->in_hand = session->next_mail;
        /* From here on it may be in the box again. */
        unsigned mail = atomic_exchange(&session->mail, 0);
        read_mail_of(worker, session, mail, now_ms);
    }
}

bool worker_begin_mailed(struct worker *worker, uint64_t now_ms)
{
    struct session *next;
    bool has_begun = false;

    for (struct session *session = worker->in_hand; session != NULL; session = session->next_mail)
        if (is_to_begin(session, atomic_load(&session->mail))) {
            start(worker, session, now_ms);
            has_begun = true;
        }
    for (struct session *session = empty_box(worker); session != NULL; session = next) {
        next = session->next_mail;
        unsigned mail = atomic_exchange(&session->mail, 0);
        if (is_to_begin(session, mail)) {
            start(worker, session, now_ms);
            has_begun = true;
        }
        if ((mail & ~(unsigned)MAIL_START) != 0)
            worker_post(worker, session, (enum session_mail)(mail & ~(unsigned)MAIL_START), 0);
    }
    return has_begun;
}

static void on_repeat(struct worker *worker, struct session *session, struct repeated_request *request, uint64_t now_ms)
{
    struct life_step step =
        life_on_repeat(&session->life, &session->transfer, request->likeness, now_ms, &worker->action);

    if (step.request == REQUEST_KEEP) {
        session->doubtful = request;
    } else if (step.request == REQUEST_RETAKE) {
        request->begins_anew = true;
        worker_retake(worker->shared, request);
    } else {
        free(request);
    }
    step.request = REQUEST_NONE;
    worker_follow(worker, session, step, now_ms);
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
        struct repeated_request *request = worker->repeats;
        struct session *session = request->session;
        worker->repeats = request->next;
        session->is_repeat_listed = false;
        if (!is_over(session)) {
            on_repeat(worker, session, request, now_ms);
            continue;
        }
        worker_retake(worker->shared, request);
        if (atomic_load(&session->mail) == 0)
            session_dispose(session);
    }
}
