#include "client/errand.h"

#include "client/clock.h"
#include "client/files.h"
#include "client/lines.h"
#include "core/base/sheet.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    DATAGRAMS_IN_ROW = 64, /* then the clock is looked at */
    BUFFER_MIN = 256 * 1024,
    BUFFER_MAX = 64 * 1024 * 1024,
    HEADERS = 64 /* of a datagram, as sockets count them */
};

/* One at a time; too large for a stack. */
static struct errand {
    const struct command *command;
    struct console *console;
    struct result *result;
    struct exchange exchange;
    struct exchange_setup setup;
    struct exchange_action action;
    struct lines lines;
    struct source source;
    struct target target;
    bool is_warned;      /* of a binary that goes as text */
    bool is_answer_told; /* -v */
    unsigned fallbacks_told;
    char detail[FILES_DETAIL_MAX];
    uint8_t datagram[UDP_DATAGRAM_MAX];
} errand;

/* -- what is said on the way -- */

static void trace(const char *mark, uint8_t line, const struct endpoint *other, struct span datagram)
{
    if (errand.command->is_traced)
        console_trace(errand.console, errand.lines.sockets[line].local.port, mark, other, datagram);
}

/* Who answers, and what was agreed. */
static void tell_answer(void)
{
    const struct exchange_report *r = exchange_so_far(&errand.exchange);
    char text[PROGRESS_TEXT_MAX], at[ENDPOINT_TEXT_MAX];
    struct sheet line = sheet_in(text, sizeof text);

    if (!errand.command->is_verbose || errand.is_answer_told || !exchange_is_answered(&errand.exchange))
        return;
    errand.is_answer_told = true;
    sheet_print(&line, "tftp: %s answers: %s, blksize %u, windowsize %u", endpoint_text(&r->from, at),
                r->has_oack ? "options" : "no options", r->blksize, r->windowsize);
    if (r->has_tsize)
        sheet_print(&line, ", %llu bytes", (unsigned long long)r->tsize);
    sheet_print(&line, "\n");
    console_say(errand.console, text);
}

static void tell_fallback(void)
{
    static const struct {
        unsigned fallback;
        const char *text;
    } texts[] = {
        {FALLBACK_BARE, "tftp: a request without options was answered\n"},
        {FALLBACK_BLOCKS, "tftp: no block got through: again with shorter ones\n"},
        {FALLBACK_WINDOW, "tftp: no window got through whole: again with a smaller one\n"},
    };
    unsigned news = exchange_so_far(&errand.exchange)->fallbacks & ~errand.fallbacks_told;

    errand.fallbacks_told |= news;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && errand.command->is_verbose; i++)
        if (news & texts[i].fallback)
            console_say(errand.console, texts[i].text);
}

/* A 0 at the beginning, and the mode is Windows' default: most likely the -i was forgotten. */
static void warn_of_text(struct span bytes)
{
    if (errand.is_warned || !errand.setup.is_netascii)
        return;
    errand.is_warned = true;
    if (errand.command->is_windows_form && bytes.size > 0 && memchr(bytes.bytes, 0, bytes.size) != NULL &&
        !errand.command->is_quiet)
        console_say(errand.console,
                    "tftp: this is no text, and without -i it is transferred as one, which changes it\n");
}

/* -- what the machine asks for -- */

static enum cause fail(enum cause cause, DWORD error)
{
    snprintf(errand.detail, sizeof errand.detail, "%s", text_of_error(error).text);
    return cause;
}

static enum cause open_line(uint8_t line)
{
    return lines_open(&errand.lines, line) ? CAUSE_DONE : fail(CAUSE_SOCKET, errand.lines.error);
}

static enum cause send_datagram(void)
{
    const struct exchange_action *action = &errand.action;
    bool is_sent = lines_send(&errand.lines, action->line, &action->send.to, action->send.bytes);

    trace(">", action->line, &action->send.to, action->send.bytes);
    return is_sent ? CAUSE_DONE : fail(CAUSE_SOCKET, errand.lines.error);
}

static enum cause perform(void)
{
    const struct exchange_action *action = &errand.action;
    const struct command *command = errand.command;

    switch (action->kind) {
    case EXCHANGE_NEW_PORT: return open_line(action->line);
    case EXCHANGE_SEND: return send_datagram();
    case EXCHANGE_OPEN: return target_open(&errand.target, action->size);
    case EXCHANGE_WRITE:
        warn_of_text(action->write.bytes);
        return target_write(&errand.target, action->write.offset, action->write.bytes);
    case EXCHANGE_COMMIT: return target_commit(&errand.target, action->size, command->has_hash ? command->hash : NULL);
    default: ASSERT(false);
    }
}

/* What Ctrl+C broke off is no failure of its own, and what it ended is not whole: a pipe, or what was typed. */
static enum cause read_source(struct span *bytes)
{
    enum cause cause = source_read(&errand.source, errand.action.read.offset, errand.action.read.size, bytes);
    bool is_pipe_end = cause == CAUSE_DONE && bytes->size == 0 && !errand.source.is_file;
    bool is_stopped = is_pipe_end ? console_is_stopped_at_pipe_end(errand.console) : console_is_stopped();

    return is_stopped ? CAUSE_INTERRUPTED : cause;
}

static void answer_read(void)
{
    struct span bytes = span_nothing();
    enum cause cause = console_is_stopped() ? CAUSE_INTERRUPTED : read_source(&bytes);

    warn_of_text(bytes);
    exchange_answer_read(&errand.exchange, cause, bytes, now_ms(), &errand.action);
}

static bool is_of_file(enum exchange_action_kind kind)
{
    return kind == EXCHANGE_OPEN || kind == EXCHANGE_WRITE || kind == EXCHANGE_COMMIT;
}

static void answer(void)
{
    bool is_file = is_of_file(errand.action.kind);
    bool is_stopped = is_file && console_is_stopped();
    enum cause cause = is_stopped ? CAUSE_INTERRUPTED : perform();

    if (cause != CAUSE_DONE && is_file && console_is_stopped())
        cause = CAUSE_INTERRUPTED;
    exchange_answer(&errand.exchange, cause, now_ms(), &errand.action);
}

/* True when it is over. */
static bool run(void)
{
    while (errand.action.kind != EXCHANGE_WAIT && errand.action.kind != EXCHANGE_FINISH) {
        if (errand.action.kind == EXCHANGE_READ)
            answer_read();
        else
            answer();
        tell_answer();
        tell_fallback();
    }
    return errand.action.kind == EXCHANGE_FINISH;
}

/* -- what happens -- */

static bool take_datagrams(uint8_t line)
{
    struct endpoint from;
    size_t size;

    for (int i = 0; i < DATAGRAMS_IN_ROW; i++) {
        enum lines_news news = lines_receive(&errand.lines, line, errand.datagram, &size, &from);
        if (news == LINES_NOTHING)
            return false;
        if (news == LINES_UNREACHABLE) {
            exchange_on_unreachable(&errand.exchange, line, now_ms(), &errand.action);
        } else {
            trace("<", line, &from, span_of(errand.datagram, size));
            exchange_on_datagram(&errand.exchange, line, &from, span_of(errand.datagram, size), now_ms(),
                                 &errand.action);
        }
        if (run())
            return true;
    }
    /* There may be more, and the event tells of it once. */
    SetEvent(errand.lines.events[line]);
    return false;
}

static DWORD wait_ms(void)
{
    uint64_t until_ms = errand.action.wait.until_ms, shown_ms = console_due_ms(errand.console), now = now_ms();

    if (exchange_is_moving(&errand.exchange) && shown_ms < until_ms)
        until_ms = shown_ms;
    uint64_t wait = until_ms > now ? until_ms - now : 0;
    return wait < INFINITE ? (DWORD)wait : INFINITE - 1;
}

static void show_progress(void)
{
    uint64_t size;
    bool is_known = exchange_size(&errand.exchange, &size);

    if (exchange_is_moving(&errand.exchange))
        console_progress(errand.console, exchange_bytes(&errand.exchange), is_known ? size : 0, now_ms());
}

static void live(void)
{
    HANDLE handles[] = {errand.console->stop, errand.lines.events[0], errand.lines.events[1]};
    bool is_over = run();

    while (!is_over) {
        DWORD woken = WaitForMultipleObjects(sizeof handles / sizeof handles[0], handles, FALSE, wait_ms());
        if (woken == WAIT_OBJECT_0) {
            exchange_interrupt(&errand.exchange, now_ms(), &errand.action);
            is_over = run();
            continue;
        }
        if (woken == WAIT_OBJECT_0 + 1 || woken == WAIT_OBJECT_0 + 2)
            is_over = take_datagrams((uint8_t)(woken - WAIT_OBJECT_0 - 1));
        if (is_over)
            break;
        if (now_ms() >= errand.action.wait.until_ms) {
            exchange_on_timer(&errand.exchange, now_ms(), &errand.action);
            is_over = run();
        }
        show_progress();
    }
}

/* -- before and behind it -- */

static enum cause find_server(const struct job *job)
{
    const struct command *command = errand.command;
    int family = command->is_ipv4_only ? AF_INET : command->is_ipv6_only ? AF_INET6 : AF_UNSPEC;
    DWORD error = lines_resolve(job->address.host, job->address.port, family, &errand.setup.server);

    if (error != 0)
        return fail(CAUSE_HOST_NAME, error);
    endpoint_address_text(&errand.setup.server, errand.result->server);
    errand.result->is_this_machine = lines_is_own(&errand.setup.server);
    return CAUSE_DONE;
}

/* Blocks that go in one packet, and room for two windows of them. */
static void choose_blksize(void)
{
    const struct command *command = errand.command;
    struct exchange_setup *setup = &errand.setup;
    uint32_t mtu = command->blksize == 0 && !command->is_bare ? lines_mtu_towards(&setup->server) : 0;

    setup->blksize = command_blksize(command, &setup->server, mtu);
    uint64_t window = (uint64_t)setup->windowsize * (setup->blksize + HEADERS) * 2;
    errand.lines.buffer_bytes = (int)(window < BUFFER_MIN ? BUFFER_MIN : window > BUFFER_MAX ? BUFFER_MAX : window);
}

static enum cause prepare_lines(void)
{
    const struct command *command = errand.command;

    errand.lines.local = command->interface;
    errand.lines.port_low = command->local_port_low;
    errand.lines.port_high = command->local_port_high;
    return lines_make(&errand.lines) ? CAUSE_DONE : fail(CAUSE_SOCKET, ERROR_NOT_ENOUGH_MEMORY);
}

static enum cause prepare_file(const struct job *job)
{
    const struct command *command = errand.command;

    if (!errand.result->is_put)
        return target_prepare(&errand.target, job->local, command->is_no_clobber, command->wants_hash);
    enum cause cause = source_open(&errand.source, job->local, command->wants_hash);
    errand.setup.has_size = errand.source.is_file;
    errand.setup.size = errand.source.size;
    errand.setup.again_bytes_max = source_again_bytes(&errand.source);
    return cause;
}

static enum cause prepare(const struct job *job)
{
    const struct command *command = errand.command;

    errand.setup = (struct exchange_setup){
        .is_put = errand.result->is_put,
        .is_netascii = job->is_netascii,
        .name = job->address.name,
        .windowsize = command->windowsize,
        .wants_tsize = !command->has_no_tsize,
        .is_bare = command->is_bare,
        .is_options_only = command->is_options_only,
        .server_timeout_s = (uint8_t)command->server_timeout_s,
        .timeout_ms = command->timeout_s * 1000,
        .retries = command->retries,
        .wait_ms = command->wait_s * 1000,
        .size_max = command->size_max,
        .rate = command->rate,
    };
    enum cause cause = prepare_lines();
    if (cause == CAUSE_DONE)
        cause = prepare_file(job);
    /* What has gone out to a pipe or a device cannot be taken back. */
    if (!errand.result->is_put)
        errand.setup.again_bytes_max = errand.target.is_straight ? 0 : UINT64_MAX;
    if (cause == CAUSE_DONE)
        cause = find_server(job);
    if (cause == CAUSE_DONE)
        choose_blksize();
    size_t size = exchange_memory_size(&errand.setup);
    errand.setup.memory = size > 0 ? malloc(size) : NULL;
    if (cause == CAUSE_DONE && size > 0 && errand.setup.memory == NULL)
        cause = fail(CAUSE_SOCKET, ERROR_NOT_ENOUGH_MEMORY);
    return cause;
}

static void tell_hash(void)
{
    uint8_t digest[COMMAND_HASH_SIZE];

    if (!errand.command->wants_hash || errand.result->report.cause != CAUSE_DONE)
        return;
    if (!errand.result->is_put) {
        memcpy(errand.result->hash, errand.target.hash_text, sizeof errand.result->hash);
        return;
    }
    hash_end(&errand.source.hash, digest);
    hash_text(digest, errand.result->hash);
}

/* What the system once refused to send may have ended nothing. */
static const char *detail_of(enum cause cause)
{
    if (cause == CAUSE_HOST_NAME || cause == CAUSE_SOCKET)
        return errand.detail;
    return errand.result->is_put ? errand.source.detail : errand.target.detail;
}

void errand_run(const struct command *command, struct console *console, struct result *result)
{
    memset(&errand, 0, sizeof errand);
    errand.command = command;
    errand.console = console;
    errand.result = result;
    errand.source.handle = errand.target.handle = INVALID_HANDLE_VALUE;
    console_file(console, errand.result->is_put ? result->job->local : result->job->address.name, now_ms());
    enum cause cause = prepare(result->job);
    if (cause == CAUSE_DONE) {
        exchange_begin(&errand.exchange, &errand.setup, now_ms(), &errand.action);
        live();
        result->report = errand.action.finish;
    } else {
        result->report = (struct exchange_report){.cause = cause, .blksize = BLKSIZE_DEFAULT, .windowsize = 1};
    }
    console_clear(console);
    result->detail = detail_of(result->report.cause);
    tell_hash();
}

void errand_free(void)
{
    lines_free(&errand.lines);
    source_close(&errand.source);
    target_close(&errand.target);
    free(errand.setup.memory);
    errand.setup.memory = NULL;
}
