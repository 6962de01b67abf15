#include "core/server/life.h"

static struct life_step perform(void)
{
    return (struct life_step){.task = LIFE_PERFORM};
}

static enum transfer_outcome outcome_of(const struct life *life)
{
    static const enum transfer_outcome outcomes[] = {
        [END_BY_ADMINISTRATOR] = OUTCOME_ENDED,
        [END_BY_STOP] = OUTCOME_STOPPED,
        [END_EVICTED] = OUTCOME_EVICTED,
        [END_SUPERSEDED] = OUTCOME_SUPERSEDED,
    };

    ASSERT(life->end != END_NONE);
    return outcomes[life->end];
}

static struct life_step rest_until(uint64_t until_ms)
{
    return (struct life_step){.task = LIFE_REST, .until_ms = until_ms};
}

/* A doubt has its time wherever the session is; else only one that waits has. One that starves is woken soon anyway. */
static struct life_step go_on(const struct life *life, const struct transfer *t)
{
    if (life->doubt != DOUBT_NONE && life->state != LIFE_STARVED && life->end < END_SUPERSEDED)
        return rest_until(life->doubt_until_ms);
    if (life->state == LIFE_WAITING)
        return rest_until(t->deadline_ms);
    return (struct life_step){.task = LIFE_NOTHING};
}

struct life_step life_start(struct life *life, const struct transfer *t)
{
    ASSERT(life->state == LIFE_OPENING && transfer_is_waiting(t));
    life->state = LIFE_WAITING;
    return go_on(life, t);
}

/* The client goes on, so the request in doubt was a late copy, or forged. */
static bool forget_doubt(struct life *life)
{
    if (life->doubt != DOUBT_OPEN)
        return false;
    life->doubt = DOUBT_NONE;
    return true;
}

struct life_step life_on_datagram(struct life *life, struct transfer *t, const struct packet *packet, uint64_t now_ms,
                                  struct action *action)
{
    ASSERT(life->state != LIFE_OPENING && life->state != LIFE_OVER);
    /* An ERROR may be the rebooted client's, about a block that it no longer wants. */
    bool is_forgotten = packet->opcode != OPCODE_ERROR && forget_doubt(life);
    struct life_step step = go_on(life, t);
    if (life->state == LIFE_WAITING && life->doubt != DOUBT_BROKEN) {
        transfer_on_datagram(t, packet, now_ms, action);
        step = perform();
    }
    step.request = is_forgotten ? REQUEST_FORGET : REQUEST_NONE;
    return step;
}

/* Silence behind a repeated request: the client begins anew. */
static struct life_step break_doubt(struct life *life, struct transfer *t, uint64_t now_ms, struct action *action)
{
    /* Whatever became of the new request: the client has not missed this transfer. */
    if (life->doubt == DOUBT_BROKEN)
        return life_on_end(life, t, END_SUPERSEDED, now_ms, action);
    life->doubt = DOUBT_BROKEN;
    life->doubt_until_ms = now_ms + LIFE_DOUBT_MS;
    struct life_step step = life->state == LIFE_STARVED ? rest_until(now_ms + LIFE_STARVED_MS) : go_on(life, t);
    step.request = REQUEST_RETAKE;
    return step;
}

struct life_step life_on_timer(struct life *life, struct transfer *t, uint64_t now_ms, struct action *action)
{
    if (life->doubt != DOUBT_NONE && now_ms >= life->doubt_until_ms && life->end < END_SUPERSEDED)
        return break_doubt(life, t, now_ms, action);
    if (life->state == LIFE_STARVED) {
        transfer_ask_again(t, now_ms, action);
        return perform();
    }
    if (life->state != LIFE_WAITING || life->doubt != DOUBT_NONE)
        return go_on(life, t);
    struct life_step step = perform();
    step.is_unasked = t->standing == STANDING_STRANGER;
    transfer_on_timer(t, now_ms, action);
    return step;
}

struct life_step life_on_repeat(struct life *life, struct transfer *t, enum admission_likeness likeness,
                                uint64_t now_ms, struct action *action)
{
    struct life_step step = go_on(life, t);

    step.request = REQUEST_FORGET;
    if (life->doubt != DOUBT_NONE)
        return step; /* more copies tell nothing: a client that had no answer for long has sent several */
    if (t->standing != STANDING_STRANGER || likeness == REQUEST_LATE) {
        life->doubt = DOUBT_OPEN;
        life->doubt_until_ms = now_ms + (t->is_upload ? LIFE_DOUBT_UPLOAD_MS : LIFE_DOUBT_MS);
        step = go_on(life, t);
        step.request = REQUEST_KEEP;
    } else if (likeness == REQUEST_OTHER) {
        step.request = REQUEST_RETAKE;
    } else if (life->state == LIFE_WAITING) {
        transfer_on_repeat(t, now_ms, action);
        step = perform();
        step.request = REQUEST_FORGET;
    }
    return step;
}

struct life_step life_on_io(struct life *life, struct transfer *t, enum status status, uint64_t now_ms,
                            struct action *action)
{
    bool is_read = t->asked == ACTION_SEND_BLOCKS || t->asked == ACTION_READ;
    bool is_stored = t->asked == ACTION_COMMIT && status == STATUS_OK;

    ASSERT(life->state == LIFE_PARKED);
    /* It has what others need no more room for, and its client is owed the last ACK. */
    if (is_stored && life->end == END_EVICTED)
        life->end = END_NONE;
    if (life->end >= END_EVICTED && !is_stored) {
        /* What a client sent before it began anew must not take the name from what it sends now. */
        transfer_abandon(t, outcome_of(life), now_ms, action);
    } else if (is_read && status == STATUS_OK) {
        transfer_ask_again(t, now_ms, action);
    } else if (t->asked == ACTION_READ) {
        transfer_answer_read(t, status, span_nothing(), now_ms, action);
    } else {
        transfer_answer(t, status, 1, now_ms, action);
    }
    return perform();
}

struct life_step life_on_turn(struct life *life, struct transfer *t, uint64_t now_ms, struct action *action)
{
    ASSERT(life->state == LIFE_READY);
    transfer_ask_again(t, now_ms, action);
    return perform();
}

struct life_step life_on_end(struct life *life, struct transfer *t, enum life_end end, uint64_t now_ms,
                             struct action *action)
{
    bool is_idle = life->state == LIFE_READY || life->state == LIFE_STARVED;

    ASSERT(end != END_NONE && life->state != LIFE_OPENING && life->state != LIFE_OVER);
    if (end > life->end)
        life->end = (uint8_t)end;
    if (life->state == LIFE_WAITING) {
        transfer_abort(t, outcome_of(life), now_ms, action);
        return perform();
    }
    /* The others end with an ERROR, which the transfer can make only once it waits. */
    if (is_idle && life->end >= END_EVICTED) {
        struct life_step step = perform();
        step.gives_up_turn = life->state == LIFE_READY;
        transfer_abandon(t, outcome_of(life), now_ms, action);
        return step;
    }
    return go_on(life, t);
}

struct life_step life_on_performed(struct life *life, struct transfer *t, enum life_performed performed,
                                   uint64_t now_ms, struct action *action)
{
    static const enum life_state states[] = {
        [PERFORMED_WAITS] = LIFE_WAITING,   [PERFORMED_YIELDS] = LIFE_READY,  [PERFORMED_PARKS] = LIFE_PARKED,
        [PERFORMED_STARVES] = LIFE_STARVED, [PERFORMED_FINISHED] = LIFE_OVER,
    };

    ASSERT(life->state != LIFE_OVER);
    life->state = (uint8_t)states[performed];
    if (performed == PERFORMED_FINISHED)
        return (struct life_step){.task = LIFE_FREE,
                                  .request = life->doubt == DOUBT_OPEN ? REQUEST_RETAKE : REQUEST_NONE};
    if (performed == PERFORMED_STARVES)
        return rest_until(now_ms + LIFE_STARVED_MS);
    if (performed != PERFORMED_WAITS)
        return rest_until(life->doubt == DOUBT_NONE ? UINT64_MAX : life->doubt_until_ms);
    if (life->end == END_NONE)
        return go_on(life, t);
    transfer_abort(t, outcome_of(life), now_ms, action);
    return perform();
}
