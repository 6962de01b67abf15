#include "prober.h"

#include "core/client/trace.h"
#include "guard.h"
#include "wire.h"

#include <stdio.h>

enum { STEPS_MAX = 100000 };

static void note(struct prober *p, const char *text)
{
    size_t used = strlen(p->log);

    snprintf(p->log + used, sizeof p->log - used, "%s%s", used > 0 ? " " : "", text);
}

static void note_number(struct prober *p, const char *what, unsigned number)
{
    char text[64];

    snprintf(text, sizeof text, "%s %u", what, number);
    note(p, text);
}

static void note_sent(struct prober *p)
{
    struct span bytes = p->action.send.bytes;
    char text[TRACE_TEXT_MAX];
    uint16_t opcode = read_u16(bytes.bytes);

    p->sends++;
    p->requests += opcode <= OPCODE_WRQ;
    p->sent_size = bytes.size;
    p->sent_to = p->action.send.to;
    p->sent_line = p->action.send.line;
    if (opcode == OPCODE_ERROR)
        note_number(p, "ERROR", read_u16(bytes.bytes + 2));
    else
        note(p, trace_text(bytes, text));
}

static bool is_pausing(const struct prober *p)
{
    return p->action.kind == PROBE_WAIT && p->probe.sounding.due == DUE_REQUEST;
}

static void perform(struct prober *p)
{
    struct probe_action *action = &p->action;

    switch (action->kind) {
    case PROBE_NEW_PORT:
        if (action->line > 0)
            note_number(p, "PORT", action->line);
        probe_answer(&p->probe, !p->is_broken && !(p->has_one_port && action->line > 0), p->now_ms, action);
        break;
    case PROBE_SEND:
        note_sent(p);
        probe_answer(&p->probe, true, p->now_ms, action);
        break;
    case PROBE_PING:
        note(p, "PING");
        probe_answer_ping(&p->probe, p->ping, p->now_ms, action);
        break;
    default:
        p->now_ms = action->until_ms;
        probe_on_timer(&p->probe, p->now_ms, action);
        break;
    }
}

static void run(struct prober *p)
{
    for (int steps = 0; p->action.kind != PROBE_FINISH && (p->action.kind != PROBE_WAIT || is_pausing(p)); steps++) {
        ASSERT(steps < STEPS_MAX);
        perform(p);
    }
    if (p->action.kind != PROBE_FINISH || p->is_finished)
        return;
    p->is_finished = true;
    note(p, "FINISH");
}

void prober_init(struct prober *p, const char *name)
{
    *p = (struct prober){.now_ms = PROBER_START_MS, .ping = PING_SILENT};
    p->setup = (struct probe_setup){
        .server = endpoint_ipv4(10, 0, 0, 1, 69),
        .name = name,
        .absent = "absent",
        .timeout_ms = 1000,
        .mtu = 1500,
        .memory = p->memory,
    };
    p->tid = endpoint_ipv4(10, 0, 0, 1, PROBER_TID);
}

void prober_begin(struct prober *p)
{
    p->log[0] = 0;
    probe_begin(&p->probe, &p->setup, p->now_ms, &p->action);
    run(p);
}

void prober_datagram(struct prober *p, uint8_t line, const struct endpoint *from, struct span datagram)
{
    p->log[0] = 0;
    probe_on_datagram(&p->probe, line, from, guard_span(datagram.bytes, datagram.size), p->now_ms, &p->action);
    run(p);
}

void prober_error(struct prober *p, uint16_t code, const char *text)
{
    uint8_t bytes[WIRE_SIZE_MAX];

    prober_datagram(p, 0, &p->tid, span_of(bytes, packet_encode_error(bytes, code, text)));
}

void prober_oack(struct prober *p, const char *options)
{
    uint8_t bytes[WIRE_SIZE_MAX];
    size_t size = wire_request(bytes, OPCODE_OACK, "n", "m", options);

    /* A request without its name and its mode. */
    memmove(bytes + 2, bytes + 6, size - 6);
    prober_datagram(p, 0, &p->tid, span_of(bytes, size - 4));
}

void prober_data(struct prober *p, uint16_t block, size_t size)
{
    static uint8_t bytes[SOUNDING_MEMORY_SIZE + 1];

    packet_encode_data_header(bytes, block);
    prober_datagram(p, 0, &p->tid, span_of(bytes, PACKET_HEADER_SIZE + size));
}

void prober_ack(struct prober *p, uint16_t block)
{
    uint8_t bytes[PACKET_HEADER_SIZE];

    prober_datagram(p, 0, &p->tid, span_of(bytes, packet_encode_ack(bytes, block)));
}

void prober_timeout(struct prober *p)
{
    p->log[0] = 0;
    p->now_ms = p->action.until_ms;
    probe_on_timer(&p->probe, p->now_ms, &p->action);
    run(p);
}

void prober_pass(struct prober *p, uint32_t ms)
{
    p->now_ms += ms;
}

void prober_unreachable(struct prober *p)
{
    p->log[0] = 0;
    probe_on_unreachable(&p->probe, p->now_ms, &p->action);
    run(p);
}

void prober_alive(struct prober *p)
{
    prober_begin(p);
    for (int i = 0; i < FINDINGS_REQUESTS; i++) {
        prober_pass(p, 10);
        prober_error(p, ERROR_CODE_NOT_FOUND, "File not found");
    }
}

void prober_file(struct prober *p, const char *options)
{
    prober_alive(p);
    prober_pass(p, 10);
    prober_oack(p, options);
}

int prober_exit_code(const struct prober *p, struct verdicts *verdicts)
{
    ASSERT(p->is_finished);
    verdicts_make(verdicts, prober_findings(p), "tftp.exe");
    return verdicts_exit_code(verdicts, prober_findings(p));
}
