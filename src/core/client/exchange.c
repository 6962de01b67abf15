#include "core/client/exchange_parts.h"

static const char no_transfer[] = "Unknown transfer ID";
static const char superseded[] = "The client has had another answer";

void exchange_ask_control(struct exchange_action *action, uint8_t line, const struct endpoint *to, size_t size)
{
    ASSERT(size > 0 && size <= sizeof action->control);
    action->kind = EXCHANGE_SEND;
    action->line = line;
    action->send.to = *to;
    action->send.bytes = span_of(action->control, size);
}

void exchange_owe_error(struct exchange *x, uint8_t line, const struct endpoint *to, uint16_t code, const char *text)
{
    ASSERT(!x->owed.is_owed);
    x->owed = (struct exchange_owed){.is_owed = true, .line = line, .code = code, .text = text, .to = *to};
}

void exchange_fail(struct exchange *x, enum cause cause)
{
    bool is_told = x->tid.port != 0 && !x->owed.is_owed;
    bool is_silence = cause == CAUSE_NO_ANSWER || cause == CAUSE_NOTHING_LISTENS || cause == CAUSE_STOPPED;

    if (is_silence && x->is_cut_off)
        cause = CAUSE_SOCKET;
    if (is_told)
        exchange_owe_error(x, x->line, &x->tid, cause_error_code(cause), cause_error_text(cause));
    x->state = EXCHANGE_OVER;
    x->cause = (uint8_t)cause;
}

void exchange_end(struct exchange *x, uint64_t now_ms)
{
    x->ended_ms = now_ms;
    x->cause = CAUSE_DONE;
    x->state = x->setup.is_put ? EXCHANGE_OVER : EXCHANGE_STORING;
}

uint64_t exchange_bytes(const struct exchange *x)
{
    uint64_t acked_bytes = x->acked * x->report.blksize;

    /* The last block is shorter than the others, so with it the count comes past the file's end. */
    return x->setup.is_put && acked_bytes < x->file_bytes ? acked_bytes : x->file_bytes;
}

bool exchange_size(const struct exchange *x, uint64_t *size)
{
    *size = x->setup.is_put ? x->setup.size : x->report.tsize;
    return x->setup.is_put ? x->setup.has_size : x->report.has_tsize && x->report.tsize != 0;
}

static void report(const struct exchange *x, uint64_t now_ms, struct exchange_action *action)
{
    uint64_t end_ms = x->ended_ms != 0 ? x->ended_ms : now_ms;

    action->kind = EXCHANGE_FINISH;
    action->finish = x->report;
    action->finish.cause = x->cause;
    action->finish.bytes = exchange_bytes(x);
    action->finish.blocks = x->setup.is_put ? x->acked : x->moved;
    action->finish.duration_ms = end_ms - x->begun_ms;
    action->finish.has_round_trip = x->trip.is_known;
    action->finish.round_trip_ms = x->trip.smooth_ms;
}

static bool move(struct exchange *x, struct exchange_action *action)
{
    return x->setup.is_put ? put_next(x, action) : get_next(x, action);
}

/* Once all is stored nothing is to be saved any more. */
static bool is_early(const struct exchange *x, uint64_t now_ms, const struct exchange_action *action)
{
    return x->state == EXCHANGE_MOVING && action->kind == EXCHANGE_SEND && now_ms < pace_due_ms(&x->pace);
}

/* The one planner: state and facts become the next action. */
static void next(struct exchange *x, uint64_t now_ms, struct exchange_action *action)
{
    bool has_action = true;

    if (x->owed.is_owed) {
        exchange_ask_control(action, x->owed.line, &x->owed.to,
                             packet_encode_error(action->control, x->owed.code, x->owed.text));
        x->asked = EXCHANGE_SEND;
        return;
    }
    switch (x->state) {
    case EXCHANGE_ASKING: has_action = request_next(x, action); break;
    case EXCHANGE_OPENING:
        action->kind = EXCHANGE_OPEN;
        action->size = x->report.has_tsize ? x->report.tsize : 0;
        break;
    case EXCHANGE_MOVING:
    case EXCHANGE_DALLYING: has_action = move(x, action); break;
    case EXCHANGE_STORING:
        action->kind = EXCHANGE_COMMIT;
        action->size = x->file_bytes;
        break;
    default: report(x, now_ms, action); break;
    }
    x->is_held_back = has_action && is_early(x, now_ms, action);
    if (!has_action || x->is_held_back) {
        action->kind = EXCHANGE_WAIT;
        action->wait.until_ms = x->is_held_back ? pace_due_ms(&x->pace) : x->deadline_ms;
    }
    x->asked = (uint8_t)action->kind;
}

uint32_t exchange_window_max(uint32_t blksize)
{
    uint32_t blocks = EXCHANGE_WINDOW_BYTES_MAX / (blksize + PACKET_HEADER_SIZE);

    return blocks < WINDOWSIZE_MAX ? blocks : WINDOWSIZE_MAX;
}

size_t exchange_memory_size(const struct exchange_setup *setup)
{
    uint32_t blksize = setup->blksize > BLKSIZE_DEFAULT ? setup->blksize : BLKSIZE_DEFAULT;

    if (setup->is_put)
        return (size_t)setup->windowsize * (blksize + PACKET_HEADER_SIZE);
    return setup->is_netascii ? (size_t)blksize + 1 : 0;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

void exchange_begin(struct exchange *x, const struct exchange_setup *setup, uint64_t now_ms,
                    struct exchange_action *action)
{
    ASSERT(setup->blksize >= BLKSIZE_MIN && setup->blksize <= BLKSIZE_MAX);
    ASSERT(setup->windowsize >= 1 && setup->windowsize <= exchange_window_max(setup->blksize));
    ASSERT(setup->timeout_ms >= 1 && setup->retries <= EXCHANGE_RETRIES_MAX);
    ASSERT(setup->rate == 0 || setup->rate >= PACE_RATE_MIN);
    ASSERT(setup->memory != NULL || exchange_memory_size(setup) == 0);
    uint32_t step = pace_step_bytes(setup->rate);
    memset(x, 0, sizeof *x);
    x->setup = *setup;
    x->begun_ms = now_ms;
    x->patience_ms = wait_patience_ms(x);
    x->pace.rate = setup->rate;
    x->asked_blksize = least(setup->blksize, step);
    x->asked_windowsize = least(setup->windowsize, step / x->asked_blksize);
    x->report.blksize = BLKSIZE_DEFAULT;
    x->report.windowsize = 1;
    if (request_encode(x, setup->is_bare, action->control) != 0)
        request_begin(x, now_ms);
    else
        exchange_fail(x, CAUSE_NAME_TOO_LONG);
    next(x, now_ms, action);
}

/* -- answers -- */

static void on_sent(struct exchange *x, uint64_t now_ms)
{
    if (x->owed.is_owed)
        x->owed.is_owed = false;
    else if (x->state == EXCHANGE_ASKING)
        request_on_sent(x, now_ms);
    else if (x->setup.is_put)
        put_on_sent(x, now_ms);
    else
        get_on_sent(x, now_ms);
}

static void on_stored(struct exchange *x, uint64_t now_ms)
{
    x->state = EXCHANGE_DALLYING;
    /* One timeout, as it is now: so long the server has missed the last ACK, if it has. */
    x->deadline_ms = now_ms + wait_of_trip_ms(x);
}

/*
 * An ERROR that cannot be told changes nothing: it may be a stranger's, to whom there is no way. Anything else is as good as
 * lost, for a link may come back; but where nothing has ever left, and nobody is waited for, it is said at once.
 */
static enum cause judge_sent(struct exchange *x, enum cause cause)
{
    if (x->owed.is_owed)
        return CAUSE_DONE;
    x->is_cut_off = cause != CAUSE_DONE;
    x->has_sent |= !x->is_cut_off;
    return x->has_sent || x->setup.wait_ms != 0 ? CAUSE_DONE : cause;
}

void exchange_answer(struct exchange *x, enum cause cause, uint64_t now_ms, struct exchange_action *action)
{
    enum exchange_action_kind asked = x->asked;

    if (asked == EXCHANGE_SEND)
        cause = judge_sent(x, cause);
    if (cause != CAUSE_DONE && asked == EXCHANGE_NEW_PORT && request_without_port(x)) {
        next(x, now_ms, action);
        return;
    }
    if (cause != CAUSE_DONE) {
        /* A second failure on the way out changes nothing any more. */
        if (x->state == EXCHANGE_OVER || x->state == EXCHANGE_DALLYING)
            x->state = EXCHANGE_OVER;
        else
            exchange_fail(x, cause);
        next(x, now_ms, action);
        return;
    }
    switch (asked) {
    case EXCHANGE_NEW_PORT: x->is_open[x->line] = true; break;
    case EXCHANGE_SEND: on_sent(x, now_ms); break;
    case EXCHANGE_OPEN: get_on_opened(x, now_ms); break;
    case EXCHANGE_WRITE: get_on_written(x, now_ms); break;
    case EXCHANGE_COMMIT: on_stored(x, now_ms); break;
    default: ASSERT(false); /* an answer to a question that was not asked */
    }
    next(x, now_ms, action);
}

void exchange_answer_read(struct exchange *x, enum cause cause, struct span bytes, uint64_t now_ms,
                          struct exchange_action *action)
{
    ASSERT(x->asked == EXCHANGE_READ);
    if (cause != CAUSE_DONE)
        exchange_fail(x, cause);
    else
        put_on_read(x, bytes);
    next(x, now_ms, action);
}

/* -- events -- */

/* True the first time; false as well where there are too many. */
static bool is_new_stranger(struct exchange *x, uint8_t line, const struct endpoint *from)
{
    for (uint32_t i = 0; i < x->stranger_count; i++)
        if (x->strangers[i].line == line && endpoint_equal(&x->strangers[i].at, from))
            return false;
    if (x->stranger_count == EXCHANGE_STRANGERS_MAX)
        return false;
    x->strangers[x->stranger_count++] = (struct exchange_stranger){line, *from};
    return true;
}

/* Whoever does not belong to the transfer hears it once, and disturbs nothing (RFC 1350, section 4). */
static void on_stranger(struct exchange *x, uint8_t line, const struct endpoint *from, const struct packet *packet)
{
    bool is_server = endpoint_same_address(from, &x->setup.server);
    bool is_other_line = is_server && line != x->line;

    if (!is_other_line)
        x->report.strangers++;
    if (!is_server && x->report.stranger.port == 0)
        x->report.stranger = *from;
    if (packet->opcode == OPCODE_ERROR || !is_new_stranger(x, line, from))
        return;
    if (is_other_line)
        exchange_owe_error(x, line, from, ERROR_CODE_UNDEFINED, superseded);
    else
        exchange_owe_error(x, line, from, ERROR_CODE_UNKNOWN_TID, no_transfer);
}

static void on_own(struct exchange *x, const struct packet *packet, uint64_t now_ms)
{
    if (packet->opcode == OPCODE_ERROR && x->state == EXCHANGE_DALLYING) {
        x->state = EXCHANGE_OVER;
    } else if (packet->opcode == OPCODE_ERROR) {
        request_on_error(x, &x->tid, packet);
    } else if (x->setup.is_put) {
        put_on_packet(x, packet, now_ms);
    } else {
        get_on_packet(x, packet, now_ms);
    }
}

static void hear(struct exchange *x, uint8_t line, const struct endpoint *from, struct span datagram, uint64_t now_ms)
{
    bool is_asking = x->state == EXCHANGE_ASKING;
    bool is_server = endpoint_same_address(from, &x->setup.server);
    struct packet packet;

    if (packet_decode(&packet, datagram) != DECODING_OK)
        x->report.is_nonsense_heard |= is_asking && is_server;
    else if (is_asking && is_server)
        request_on_packet(x, line, from, &packet, now_ms);
    else if (!is_asking && line == x->line && endpoint_equal(from, &x->tid))
        on_own(x, &packet, now_ms);
    else
        on_stranger(x, line, from, &packet);
}

void exchange_on_datagram(struct exchange *x, uint8_t line, const struct endpoint *from, struct span datagram,
                          uint64_t now_ms, struct exchange_action *action)
{
    ASSERT(exchange_is_waiting(x) && line < EXCHANGE_LINES);
    /* From port 0 no system sends, and nobody could be answered there; a line that is closed was an attempt's before. */
    if (from->port != 0 && x->is_open[line])
        hear(x, line, from, datagram, now_ms);
    next(x, now_ms, action);
}

void exchange_on_timer(struct exchange *x, uint64_t now_ms, struct exchange_action *action)
{
    ASSERT(exchange_is_waiting(x));
    if (now_ms >= x->deadline_ms && !x->is_held_back) {
        if (x->state == EXCHANGE_ASKING)
            request_on_timer(x, now_ms);
        else if (x->state == EXCHANGE_DALLYING)
            x->state = EXCHANGE_OVER;
        else if (x->setup.is_put)
            put_on_timer(x, now_ms);
        else
            get_on_timer(x, now_ms);
    }
    next(x, now_ms, action);
}

void exchange_on_unreachable(struct exchange *x, uint8_t line, uint64_t now_ms, struct exchange_action *action)
{
    ASSERT(exchange_is_waiting(x) && line < EXCHANGE_LINES);
    /* Behind the first answer it is news of a packet, not of the server: the timer decides. */
    if (x->state == EXCHANGE_ASKING) {
        x->report.unreachable++;
        request_on_unreachable(x);
    }
    next(x, now_ms, action);
}

void exchange_interrupt(struct exchange *x, uint64_t now_ms, struct exchange_action *action)
{
    ASSERT(exchange_is_waiting(x));
    if (x->state == EXCHANGE_DALLYING)
        x->state = EXCHANGE_OVER;
    else
        exchange_fail(x, CAUSE_INTERRUPTED);
    next(x, now_ms, action);
}
