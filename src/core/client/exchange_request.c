#include "core/client/exchange_parts.h"

#include "core/base/utf8.h"

#include <inttypes.h>
#include <stdio.h>

enum { LINE_OPTIONS, LINE_BARE };

static const char begun_anew[] = "The client asks again for less";
static const char bad_oack[] = "The answer to the options breaks RFC 2347";

/* -- the request -- */

static bool asks_tsize(const struct exchange *x)
{
    const struct exchange_setup *s = &x->setup;

    return s->wants_tsize && !s->is_netascii && (!s->is_put || s->has_size);
}

static bool has_options(const struct exchange *x)
{
    return !x->setup.is_bare && (asks_tsize(x) || x->asked_blksize != BLKSIZE_DEFAULT || x->asked_windowsize != 1 ||
                                 x->setup.server_timeout_s != 0);
}

/* False: it does not fit any more. */
static bool add_text(uint8_t *bytes, size_t *used, const char *text)
{
    size_t size = strlen(text) + 1;

    if (size > EXCHANGE_REQUEST_MAX - *used)
        return false;
    memcpy(bytes + *used, text, size);
    *used += size;
    return true;
}

static bool add_option(uint8_t *bytes, size_t *used, const char *name, uint64_t value)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRIu64, value);
    return add_text(bytes, used, name) && add_text(bytes, used, digits);
}

size_t request_encode(const struct exchange *x, bool is_bare, uint8_t *bytes)
{
    const struct exchange_setup *s = &x->setup;
    size_t used = 2;

    write_u16(bytes, s->is_put ? OPCODE_WRQ : OPCODE_RRQ);
    bool fits = add_text(bytes, &used, s->name) && add_text(bytes, &used, s->is_netascii ? "netascii" : "octet");
    if (!is_bare) {
        fits = fits && (!asks_tsize(x) || add_option(bytes, &used, "tsize", s->is_put ? s->size : 0));
        fits = fits && (x->asked_blksize == BLKSIZE_DEFAULT || add_option(bytes, &used, "blksize", x->asked_blksize));
        fits = fits && (x->asked_windowsize == 1 || add_option(bytes, &used, "windowsize", x->asked_windowsize));
        fits = fits && (s->server_timeout_s == 0 || add_option(bytes, &used, "timeout", s->server_timeout_s));
    }
    return fits ? used : 0;
}

/* -- an attempt -- */

/*
 * Whom this repetition is for: after two in vain every other one is for a server that does not answer options at all. But
 * not from the same port: late answers to both could agree on what the server has forgotten for the other.
 */
static bool is_for_old_server(const struct exchange *x)
{
    bool is_bare_turn = x->sends != 0 && x->sends % 2 == 0;

    if (x->is_refused)
        return true;
    return has_options(x) && !x->setup.is_options_only && is_bare_turn && !x->has_one_port;
}

static void ask(struct exchange *x)
{
    x->line = is_for_old_server(x) && !x->has_one_port ? LINE_BARE : LINE_OPTIONS;
    x->owes_request = true;
}

bool request_without_port(struct exchange *x)
{
    if (x->line != LINE_BARE)
        return false;
    x->has_one_port = true;
    ask(x);
    return true;
}

void request_begin(struct exchange *x, uint64_t now_ms)
{
    x->state = EXCHANGE_ASKING;
    x->sends = 0;
    memset(x->line_sends, 0, sizeof x->line_sends);
    x->progress_ms = now_ms;
    ask(x);
}

bool request_next(struct exchange *x, struct exchange_action *action)
{
    if (!x->owes_request)
        return false;
    if (!x->is_open[x->line]) {
        action->kind = EXCHANGE_NEW_PORT;
        action->line = x->line;
        return true;
    }
    bool is_bare = x->line == LINE_BARE || x->is_refused || !has_options(x);
    exchange_ask_control(action, x->line, &x->setup.server, request_encode(x, is_bare, action->control));
    return true;
}

void request_on_sent(struct exchange *x, uint64_t now_ms)
{
    x->owes_request = false;
    x->wait_ms = wait_of_request_ms(x, x->sends);
    x->sends++;
    x->line_sends[x->line]++;
    x->sent_ms[x->line] = now_ms;
    x->deadline_ms = now_ms + x->wait_ms;
}

bool request_is_begun_anew(const struct exchange *x)
{
    return (x->report.fallbacks & (FALLBACK_BLOCKS | FALLBACK_WINDOW)) != 0;
}

static enum cause silence(const struct exchange *x)
{
    if (request_is_begun_anew(x))
        return CAUSE_STOPPED;
    if (x->report.stranger.port != 0)
        return CAUSE_OTHER_ADDRESS;
    if (x->report.is_nonsense_heard)
        return CAUSE_PROTOCOL;
    return x->report.unreachable > 0 ? CAUSE_NOTHING_LISTENS : CAUSE_NO_ANSWER;
}

static bool is_asked_enough(const struct exchange *x, uint64_t now_ms)
{
    if (x->setup.wait_ms != 0 && !request_is_begun_anew(x))
        return now_ms >= x->begun_ms + x->setup.wait_ms;
    return x->sends > x->setup.retries;
}

void request_on_timer(struct exchange *x, uint64_t now_ms)
{
    if (is_asked_enough(x, now_ms))
        exchange_fail(x, silence(x));
    else
        ask(x);
}

/* A device that is still asleep may say so through its neighbour: who is told to wait, waits. */
void request_on_unreachable(struct exchange *x)
{
    if (x->report.unreachable >= EXCHANGE_UNREACHABLE_MAX && x->setup.wait_ms == 0)
        exchange_fail(x, silence(x));
}

/* What is smaller of these, and less than it was; 0 if nothing is. */
static uint32_t step_below(uint32_t value, const uint32_t *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (steps[i] < value)
            return steps[i];
    return 0;
}

static void begin_anew(struct exchange *x, unsigned fallback, uint64_t now_ms)
{
    exchange_owe_error(x, x->line, &x->tid, ERROR_CODE_UNDEFINED, begun_anew);
    x->report.fallbacks |= fallback;
    x->may_be_stored |= put_has_sent_all(x);
    x->tid.port = 0;
    memset(x->is_open, 0, sizeof x->is_open);
    request_begin(x, now_ms);
}

static bool may_begin_anew(const struct exchange *x)
{
    return x->file_bytes <= x->setup.again_bytes_max;
}

static bool ask_shorter_blocks(struct exchange *x, uint64_t now_ms)
{
    static const uint32_t steps[] = {1428, 1024, BLKSIZE_DEFAULT};
    uint32_t blksize = step_below(x->report.blksize, steps, sizeof steps / sizeof steps[0]);

    if (blksize == 0 || !may_begin_anew(x))
        return false;
    x->asked_blksize = blksize;
    begin_anew(x, FALLBACK_BLOCKS, now_ms);
    return true;
}

static bool ask_smaller_window(struct exchange *x, uint64_t now_ms)
{
    static const uint32_t steps[] = {4, 1};
    uint32_t windowsize = step_below(x->report.windowsize, steps, sizeof steps / sizeof steps[0]);

    if (windowsize == 0 || x->is_window_whole || x->window_tries < EXCHANGE_WINDOW_TRIES || !may_begin_anew(x))
        return false;
    x->asked_windowsize = windowsize;
    begin_anew(x, FALLBACK_WINDOW, now_ms);
    return true;
}

bool request_after_torn_window(struct exchange *x, uint64_t now_ms)
{
    x->window_tries++;
    return ask_smaller_window(x, now_ms);
}

bool request_after_silence(struct exchange *x, uint64_t now_ms)
{
    if (!x->is_data_seen && x->silent >= EXCHANGE_SILENT_BLOCKS && ask_shorter_blocks(x, now_ms))
        return true;
    /* A get that has seen no block knows nothing of windows. */
    return (x->setup.is_put || x->is_data_seen) && request_after_torn_window(x, now_ms);
}

/* -- the answer -- */

/* Without options, from a port of its own: the server may take a request from the same one for a repetition. */
static void refuse_options(struct exchange *x, uint64_t now_ms)
{
    if (x->is_refused)
        return;
    x->is_refused = true;
    /* One that is out already is that request. */
    if (x->line_sends[LINE_BARE] == 0)
        request_begin(x, now_ms);
}

static bool may_be_bare(const struct exchange *x, uint8_t line)
{
    return line == LINE_OPTIONS && has_options(x) && !x->is_refused && !x->setup.is_options_only;
}

void request_on_error(struct exchange *x, const struct endpoint *from, const struct packet *packet)
{
    size_t length = utf8_cut(packet->data, EXCHANGE_ERROR_TEXT_MAX);

    x->report.from = *from;
    x->report.error_code = packet->code;
    memcpy(x->error_text, packet->data.bytes, length);
    x->report.error_text = span_of(x->error_text, length);
    /* The file that is there may be ours, of which the last ACK was lost. */
    bool is_ours_perhaps = packet->code == ERROR_CODE_EXISTS && (x->may_be_stored || put_has_sent_all(x));
    x->tid.port = 0; /* it is over there, and no ERROR answers one */
    exchange_fail(x, is_ours_perhaps ? CAUSE_UNCONFIRMED : CAUSE_SERVER_ERROR);
}

/* Old devices have no code of their own for options that they do not know. */
static bool is_about_options(const struct packet *error)
{
    return error->code == ERROR_CODE_UNDEFINED || error->code == ERROR_CODE_ILLEGAL ||
           error->code == ERROR_CODE_OPTIONS;
}

/* One option of an OACK: asked for, once, and within what was asked (RFC 2347, 2348, 2349, 7440). */
static bool take_option(struct exchange *x, enum option option, uint64_t value)
{
    switch (option) {
    case OPTION_TSIZE:
        x->report.has_tsize = asks_tsize(x);
        x->report.tsize = value;
        return asks_tsize(x);
    case OPTION_BLKSIZE:
        x->report.blksize = (uint32_t)value;
        return x->asked_blksize != BLKSIZE_DEFAULT && value >= BLKSIZE_MIN && value <= x->asked_blksize;
    case OPTION_WINDOWSIZE:
        x->report.windowsize = (uint32_t)value;
        return x->asked_windowsize != 1 && value >= 1 && value <= x->asked_windowsize;
    case OPTION_TIMEOUT: return x->setup.server_timeout_s != 0 && value == x->setup.server_timeout_s;
    default: return false;
    }
}

static bool take_options(struct exchange *x, uint8_t line, const struct packet *packet)
{
    unsigned taken = 0;

    for (unsigned i = 0; i < packet->option_count; i++) {
        enum option option = options_find(packet->options[i].name);
        uint64_t value;
        if (line == LINE_BARE || !has_options(x) || taken >> option & 1 ||
            !span_to_number(packet->options[i].value, UINT64_MAX, &value) || !take_option(x, option, value))
            return false;
        taken |= 1u << option;
    }
    return true;
}

static void forget_grants(struct exchange *x)
{
    x->report.blksize = BLKSIZE_DEFAULT;
    x->report.windowsize = 1;
    x->report.has_tsize = x->report.has_oack = false;
}

static void on_bad_oack(struct exchange *x, uint8_t line, const struct endpoint *from, uint64_t now_ms)
{
    forget_grants(x);
    exchange_owe_error(x, line, from, ERROR_CODE_OPTIONS, bad_oack);
    if (may_be_bare(x, line))
        refuse_options(x, now_ms);
    else
        exchange_fail(x, CAUSE_PROTOCOL);
}

/* A server that takes no options answers as if there were none. */
static bool is_good_answer(const struct exchange *x, const struct packet *packet)
{
    switch (packet->opcode) {
    case OPCODE_OACK: return true;
    case OPCODE_DATA: return !x->setup.is_put && packet->block == 1;
    case OPCODE_ACK: return x->setup.is_put && packet->block == 0;
    default: return false;
    }
}

static void begin_attempt(struct exchange *x)
{
    x->acked = x->moved = x->file_bytes = 0;
    x->gap_at = UINT64_MAX;
    x->window_tries = 0;
    x->is_data_seen = false;
    x->text = (struct netascii){.has_seen_cr = false};
}

static void on_good_answer(struct exchange *x, uint8_t line, const struct endpoint *from, const struct packet *packet,
                           uint64_t now_ms)
{
    x->line = line;
    x->owes_request = false;
    x->tid = *from;
    x->report.from = *from;
    x->report.has_oack = packet->opcode == OPCODE_OACK;
    if (line == LINE_BARE || x->is_refused)
        x->report.fallbacks |= FALLBACK_BARE;
    if (x->line_sends[line] == 1)
        wait_sample(x, x->sent_ms[line], now_ms);
    begin_attempt(x);
    if (x->setup.is_put)
        put_begin(x, now_ms);
    else
        get_begin(x, packet, now_ms);
}

void request_on_packet(struct exchange *x, uint8_t line, const struct endpoint *from, const struct packet *packet,
                       uint64_t now_ms)
{
    /* What a refused line still hears are repetitions of what was refused; where there is one port, these are OACKs. */
    if (line == LINE_OPTIONS && x->is_refused && (!x->has_one_port || packet->opcode == OPCODE_OACK))
        return;
    if (packet->opcode == OPCODE_ERROR) {
        if (is_about_options(packet) && may_be_bare(x, line))
            refuse_options(x, now_ms);
        else
            request_on_error(x, from, packet);
        return;
    }
    if (!is_good_answer(x, packet)) {
        x->report.is_nonsense_heard = true;
        return;
    }
    forget_grants(x);
    if (packet->opcode == OPCODE_OACK && !take_options(x, line, packet)) {
        on_bad_oack(x, line, from, now_ms);
        return;
    }
    on_good_answer(x, line, from, packet, now_ms);
}
