#include "client/doctor.h"

#include "client/clock.h"
#include "client/lines.h"
#include "client/ping.h"
#include "core/base/utf8.h"
#include "core/probe/probe.h"
#include "core/probe/probe_report.h"
#include "win32/system/random.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    DATAGRAMS_IN_ROW = 64,          /* then the clock is looked at */
    BUFFER_BYTES = 8 * 1024 * 1024, /* the largest window, of the longest blocks */
    NAME_MAX = 32
};

/* One for the process; too large for a stack. */
static struct doctor {
    const struct command *command;
    struct console *console;
    const struct job *job;
    const char *program;
    struct probe probe;
    struct probe_setup setup;
    struct probe_action action;
    struct lines lines;
    enum probe_step told;
    char absent[NAME_MAX];
    struct verdicts verdicts;
    char text[PROBE_REPORT_MAX];
    uint8_t datagram[UDP_DATAGRAM_MAX];
} doctor;

/* -- what the machine asks for -- */

static void trace(const char *mark, uint8_t line, const struct endpoint *other, struct span datagram)
{
    if (doctor.command->is_traced)
        console_trace(doctor.console, doctor.lines.sockets[line].local.port, mark, other, datagram);
}

static bool send_datagram(void)
{
    const struct sounding_send *send = &doctor.action.send;
    bool is_sent = lines_send(&doctor.lines, send->line, &send->to, send->bytes);

    trace(">", send->line, &send->to, send->bytes);
    return is_sent;
}

/* Half a minute is long for who looks at a console. */
static void tell_step(void)
{
    bool is_wanted = (doctor.console->is_console || doctor.command->is_verbose) && !doctor.command->is_quiet;
    char text[64];

    if (!is_wanted || doctor.probe.step == doctor.told || doctor.probe.step == STEP_OVER)
        return;
    doctor.told = doctor.probe.step;
    snprintf(text, sizeof text, "tftp: looking at: %s\n", probe_step_name(doctor.told));
    console_say(doctor.console, text);
}

/* It takes its time, in which nothing else is looked at. */
static void answer_ping(void)
{
    struct probe_action *action = &doctor.action;
    HANDLE stop = doctor.console->stop;
    enum finding_ping result = ping(&action->send.to, action->send.bytes, stop);

    if (WaitForSingleObject(stop, 0) == WAIT_OBJECT_0)
        probe_interrupt(&doctor.probe, now_ms(), action);
    else
        probe_answer_ping(&doctor.probe, result, now_ms(), action);
}

/* True when it is over. */
static bool run(void)
{
    struct probe *probe = &doctor.probe;
    struct probe_action *action = &doctor.action;

    while (action->kind != PROBE_WAIT && action->kind != PROBE_FINISH) {
        tell_step();
        if (action->kind == PROBE_PING)
            answer_ping();
        else if (action->kind == PROBE_NEW_PORT)
            probe_answer(probe, lines_open(&doctor.lines, action->line), now_ms(), action);
        else
            probe_answer(probe, send_datagram(), now_ms(), action);
    }
    return action->kind == PROBE_FINISH;
}

/* -- what happens -- */

static bool take_datagrams(uint8_t line)
{
    struct endpoint from;
    size_t size;

    for (int i = 0; i < DATAGRAMS_IN_ROW; i++) {
        enum lines_news news = lines_receive(&doctor.lines, line, doctor.datagram, &size, &from);
        if (news == LINES_NOTHING)
            return false;
        if (news == LINES_UNREACHABLE) {
            probe_on_unreachable(&doctor.probe, now_ms(), &doctor.action);
        } else {
            struct span datagram = span_of(doctor.datagram, size);
            trace("<", line, &from, datagram);
            probe_on_datagram(&doctor.probe, line, &from, datagram, now_ms(), &doctor.action);
        }
        if (run())
            return true;
    }
    /* There may be more, and the event tells of it once. */
    SetEvent(doctor.lines.events[line]);
    return false;
}

static DWORD wait_ms(void)
{
    uint64_t now = now_ms(), until_ms = doctor.action.until_ms;

    return until_ms > now ? (DWORD)(until_ms - now) : 0;
}

static void live(void)
{
    HANDLE handles[] = {doctor.console->stop, doctor.lines.events[0], doctor.lines.events[1]};
    bool is_over = run();

    while (!is_over) {
        DWORD woken = WaitForMultipleObjects(sizeof handles / sizeof handles[0], handles, FALSE, wait_ms());
        if (woken == WAIT_OBJECT_0) {
            probe_interrupt(&doctor.probe, now_ms(), &doctor.action);
            is_over = run();
            continue;
        }
        if (woken == WAIT_OBJECT_0 + 1 || woken == WAIT_OBJECT_0 + 2)
            is_over = take_datagrams((uint8_t)(woken - WAIT_OBJECT_0 - 1));
        if (is_over || now_ms() < doctor.action.until_ms)
            continue;
        probe_on_timer(&doctor.probe, now_ms(), &doctor.action);
        is_over = run();
    }
}

/* -- before and behind it -- */

static int fail(enum cause cause, DWORD error)
{
    char host[ADDRESS_HOST_MAX];

    utf8_printable(span_of_text(doctor.job->address.host), host, sizeof host);
    snprintf(doctor.text, sizeof doctor.text, "tftp: %s: %s (%s)\n", host, cause_text(cause),
             text_of_error(error).text);
    console_say(doctor.console, doctor.text);
    if (doctor.command->is_json)
        console_tell(doctor.console, false,
                     probe_failure_json(doctor.setup.is_size, &doctor.job->address, cause, doctor.text));
    return cause_exit_code(cause, 0);
}

static DWORD find_server(void)
{
    const struct command *command = doctor.command;
    const struct address *address = &doctor.job->address;
    int family = command->is_ipv4_only ? AF_INET : command->is_ipv6_only ? AF_INET6 : AF_UNSPEC;
    DWORD error = lines_resolve(address->host, address->port, family, &doctor.setup.server);

    if (error != 0)
        return error;
    int other = endpoint_is_ipv4(&doctor.setup.server) ? AF_INET6 : AF_INET;
    if (lines_resolve(address->host, address->port, other, &doctor.setup.other) != 0 ||
        endpoint_equal(&doctor.setup.other, &doctor.setup.server))
        doctor.setup.other.port = 0;
    return 0;
}

static bool prepare_memory(void)
{
    if (doctor.command->put_name == NULL)
        return true;
    doctor.setup.memory = malloc(SOUNDING_MEMORY_SIZE);
    for (size_t i = 0; i < SOUNDING_MEMORY_SIZE && doctor.setup.memory != NULL; i++)
        doctor.setup.memory[i] = (uint8_t)random_number();
    return doctor.setup.memory != NULL;
}

static bool prepare(void)
{
    const struct command *command = doctor.command;
    const struct job *job = doctor.job;

    snprintf(doctor.absent, sizeof doctor.absent, "probe-%08x.bin", random_number());
    doctor.setup.name = job->address.name[0] != 0 ? job->address.name : NULL;
    doctor.setup.absent = doctor.absent;
    doctor.setup.put_name = command->put_name;
    doctor.setup.is_quick = command->is_quick;
    doctor.setup.is_deep = command->is_deep;
    doctor.setup.timeout_ms = command->timeout_s * 1000;
    doctor.setup.is_this_machine = lines_is_own(&doctor.setup.server);
    doctor.setup.mtu = lines_mtu_towards(&doctor.setup.server);
    doctor.lines.local = command->interface;
    doctor.lines.port_low = command->local_port_low;
    doctor.lines.port_high = command->local_port_high;
    doctor.lines.buffer_bytes = BUFFER_BYTES;
    return lines_make(&doctor.lines) && prepare_memory();
}

static int tell_size(void)
{
    const struct findings *f = probe_findings(&doctor.probe);
    const struct address *address = &doctor.job->address;
    int code = probe_size_exit_code(f);
    bool is_told = true;

    if (doctor.command->is_json)
        is_told = console_tell(doctor.console, false, probe_size_json(address, f, doctor.text));
    if (code != 0)
        console_say(doctor.console, probe_size_text(address, f, doctor.program, doctor.text));
    else if (!doctor.command->is_json)
        is_told = console_tell(doctor.console, false, probe_size_text(address, f, doctor.program, doctor.text));
    return is_told ? code : cause_exit_code(CAUSE_STDOUT, 0);
}

static int tell(void)
{
    const struct findings *f = probe_findings(&doctor.probe);

    verdicts_make(&doctor.verdicts, f, doctor.program);
    if (doctor.command->is_json)
        probe_report_json(&doctor.job->address, f, &doctor.verdicts, doctor.text);
    else
        probe_report_text(f, &doctor.verdicts, doctor.text);
    int code = verdicts_exit_code(&doctor.verdicts, f);
    return console_tell(doctor.console, false, doctor.text) ? code : cause_exit_code(CAUSE_STDOUT, 0);
}

int doctor_run(const struct command *command, struct console *console, const struct job *job, const char *program)
{
    int code;

    doctor.command = command;
    doctor.console = console;
    doctor.job = job;
    doctor.program = program;
    doctor.told = STEP_OVER;
    doctor.setup.is_size = command->verb == COMMAND_SIZE;
    DWORD error = find_server();
    if (error != 0)
        return fail(CAUSE_HOST_NAME, error);
    if (prepare()) {
        probe_begin(&doctor.probe, &doctor.setup, now_ms(), &doctor.action);
        live();
        code = command->verb == COMMAND_SIZE ? tell_size() : tell();
    } else {
        code = fail(CAUSE_SOCKET, ERROR_NOT_ENOUGH_MEMORY);
    }
    lines_free(&doctor.lines);
    free(doctor.setup.memory);
    return code;
}
