/*
 * The probe, whose server, clock and system the input plays. Whatever comes, it asks for its two names alone and writes only
 * where that was wanted, ends what was begun, keeps its limits, and what it says is fit for a console and for programs.
 */
#include "fuzz.h"

#include "core/probe/probe.h"
#include "core/probe/probe_report.h"

#include <stdio.h>
#include <stdlib.h>

enum { EVENTS_MAX = 400, ACTIONS_MAX = 10000, TID = 4000, DATAGRAM_MAX = 2048, SPARE_MS = 1000 };

struct model {
    struct probe probe;
    struct probe_setup setup;
    struct probe_action action;
    struct feed *feed;
    uint64_t now_ms;
    uint64_t requested_ms;
    bool is_open[SOUNDING_LINES];
    bool is_confined; /* to one port, and without a way to other hosts */
    bool is_finished;
};

static const char absent_name[] = "absent", file_name[] = "file", put_name[] = "put";

static bool is_name(struct span name, const char *text)
{
    return name.size == strlen(text) && memcmp(name.bytes, text, name.size) == 0;
}

static void check_sent(struct model *m)
{
    const struct sounding_send *send = &m->action.send;
    struct packet packet;

    MUST(m->is_open[send->line] && send->to.port != 0);
    MUST(packet_decode(&packet, send->bytes) == DECODING_OK && packet.opcode != OPCODE_OACK);
    MUST(send->bytes.size <= SOUNDING_REQUEST_MAX || packet.opcode == OPCODE_DATA);
    MUST(packet.opcode != OPCODE_DATA || (m->setup.put_name != NULL && packet.block == 1));
    if (packet.opcode == OPCODE_WRQ)
        MUST(m->setup.put_name != NULL && is_name(packet.name, put_name));
    if (packet.opcode == OPCODE_RRQ)
        MUST(is_name(packet.name, absent_name) || is_name(packet.name, file_name));
    if (packet.opcode > OPCODE_WRQ)
        return;
    MUST(endpoint_equal(&send->to, &m->setup.server));
    MUST(m->requested_ms == 0 || m->now_ms >= m->requested_ms + PROBE_REQUEST_GAP_MS);
    m->requested_ms = m->now_ms;
}

/* Whether the system does what is asked for, which is none of the server's business. */
static bool is_done(const struct model *m)
{
    if (!m->is_confined)
        return true;
    return m->action.kind == PROBE_NEW_PORT ? m->action.line == 0
                                            : endpoint_same_address(&m->action.send.to, &m->setup.server);
}

static void check_text(const char *text, bool is_ascii)
{
    size_t length = strlen(text);

    MUST(length > 0 && length + 1 < PROBE_REPORT_MAX && text[length - 1] == '\n');
    for (const char *c = text; *c != 0; c++)
        MUST(((uint8_t)*c >= ' ' && (uint8_t)*c != 0x7f && (!is_ascii || (uint8_t)*c < 0x80)) || *c == '\n');
}

static void check_end(struct model *m)
{
    static char text[PROBE_REPORT_MAX];
    static struct verdicts verdicts;
    static const struct address address = {.host = "h", .name = "file", .port = 69};
    const struct findings *f = probe_findings(&m->probe);

    m->is_finished = true;
    verdicts_make(&verdicts, f, "p");
    MUST(verdicts_exit_code(&verdicts, f) >= 0 && !f->is_socket_lost);
    MUST(f->answered <= f->asked && f->wire_bytes <= PROBE_BYTES_MAX + DATAGRAM_MAX);
    check_text(probe_report_text(f, &verdicts, text), false);
    check_text(probe_report_json(&address, f, &verdicts, text), true);
    check_text(probe_size_text(&address, f, "p", text), false);
    check_text(probe_size_json(&address, f, text), true);
}

static void run(struct model *m)
{
    for (int i = 0; m->action.kind != PROBE_WAIT; i++) {
        MUST(i < ACTIONS_MAX);
        if (m->action.kind == PROBE_FINISH) {
            check_end(m);
            return;
        }
        if (m->action.kind == PROBE_PING) {
            probe_answer_ping(&m->probe, (enum finding_ping)(PING_ANSWERED + feed_below(m->feed, 4)), m->now_ms,
                              &m->action);
            continue;
        }
        if (m->action.kind == PROBE_NEW_PORT)
            m->is_open[m->action.line] = is_done(m);
        else
            check_sent(m);
        probe_answer(&m->probe, is_done(m), m->now_ms, &m->action);
    }
    MUST(m->action.until_ms <= m->now_ms + PROBE_MS_MAX);
}

static void deliver(struct model *m, unsigned whence, const uint8_t *bytes, size_t size)
{
    struct endpoint from = m->setup.server;
    uint8_t *copy = malloc(size + 1);

    MUST(copy != NULL);
    /* The server's port of this exchange, another one, another host, port 69. */
    from.port = whence % 4 == 3 ? 69 : (uint16_t)(TID + whence % 2);
    if (whence % 4 == 2)
        from.address[15]++;
    if (size > 0)
        memcpy(copy, bytes, size);
    probe_on_datagram(&m->probe, whence / 4 % 2, &from, span_of(copy, size), m->now_ms, &m->action);
    run(m);
    free(copy);
}

/* What was asked for is granted, or nearly. */
static void server_agrees(struct model *m, uint8_t detail)
{
    const struct sounding_setup *asked = &m->probe.sounding.setup;
    uint8_t bytes[DATAGRAM_MAX] = {0, OPCODE_OACK};
    size_t used = 2;

    for (uint32_t i = 0; i < SOUNDING_OPTIONS; i++) {
        const struct sounding_option *row = &sounding_options[i];
        uint64_t value = row->option == OPTION_TSIZE ? detail * 997u : asked->values[row->option];
        if (!(asked->asked >> row->option & 1) || (detail >> i % 8 & 1 && detail > 127))
            continue;
        if (row->option == OPTION_MSFTWINDOW)
            value = MSFTWINDOW_GRANTED;
        if (row->option == OPTION_BLKSIZE && value > DATAGRAM_MAX - 4)
            value = DATAGRAM_MAX - 4;
        if (row->option == OPTION_WINDOWSIZE && value > 64)
            value = 64;
        memcpy(bytes + used, row->name, strlen(row->name) + 1);
        used += strlen(row->name) + 1;
        used += (size_t)snprintf((char *)bytes + used, 24, "%llu", (unsigned long long)value) + 1;
    }
    deliver(m, 0, bytes, used);
}

static void server_speaks(struct model *m, unsigned way, uint8_t detail)
{
    uint8_t bytes[DATAGRAM_MAX] = {0, OPCODE_DATA};
    const struct sounding *s = &m->probe.sounding;
    uint32_t blksize = s->report.blksize < DATAGRAM_MAX - 4 ? s->report.blksize : DATAGRAM_MAX - 4;
    uint16_t next = (uint16_t)(s->base + 1 + (way == 2 ? detail % 70u : (unsigned)__builtin_popcountll(s->seen)));

    bytes[1] = s->setup.is_write ? OPCODE_ACK : OPCODE_DATA;
    write_u16(bytes + 2, s->setup.is_write ? detail % 3 : next);
    deliver(m, way == 3 ? detail : 0, bytes, s->setup.is_write ? 4 : 4 + (way == 1 ? detail % blksize : blksize));
}

static void run_event(struct model *m)
{
    unsigned op = feed_below(m->feed, 16);
    uint8_t detail = feed_byte(m->feed);
    uint8_t error[] = {0, OPCODE_ERROR, 0, detail % 10, 'n', (uint8_t)(detail + 1), 0};
    struct span bytes;

    switch (op) {
    case 4:
    case 5: server_agrees(m, detail); break;
    case 6:
    case 7:
        if (m->now_ms < m->action.until_ms)
            m->now_ms = m->action.until_ms;
        m->now_ms += op == 7 ? detail * 4u : 0;
        probe_on_timer(&m->probe, m->now_ms, &m->action);
        run(m);
        break;
    case 8: m->now_ms += detail; break;
    case 9:
        probe_on_unreachable(&m->probe, m->now_ms, &m->action);
        run(m);
        break;
    case 10:
        if (detail < 200)
            break;
        probe_interrupt(&m->probe, m->now_ms, &m->action);
        MUST(m->action.kind == PROBE_FINISH || m->action.kind == PROBE_SEND || m->action.kind == PROBE_WAIT);
        run(m);
        break;
    case 11: deliver(m, detail / 64, error, sizeof error); break;
    case 12:
    case 13:
        for (unsigned i = 0; i < detail % 80u && !m->is_finished; i++)
            server_speaks(m, 0, 0);
        break;
    case 14:
        bytes = feed_span(m->feed, detail % 64);
        deliver(m, detail, bytes.bytes, bytes.size);
        break;
    default: server_speaks(m, op, detail); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static struct model m;
    static uint8_t memory[SOUNDING_MEMORY_SIZE];
    struct feed feed = {input, size};
    unsigned flags = feed_byte(&feed);

    m = (struct model){.feed = &feed, .now_ms = 1000000, .is_confined = (flags >> 5 & 3) == 1};
    m.setup = (struct probe_setup){
        .server = endpoint_ipv4(10, 0, 0, 1, 69),
        .name = flags & 1 ? NULL : file_name,
        .absent = absent_name,
        .put_name = flags & 2 ? put_name : NULL,
        .is_size = (flags >> 2 & 7) == 7,
        .is_quick = (flags >> 5 & 3) == 3,
        .is_deep = flags >> 7 & 1,
        .timeout_ms = 1000,
        .mtu = 1500,
        .memory = memory,
    };
    uint64_t begun_ms = m.now_ms;
    probe_begin(&m.probe, &m.setup, m.now_ms, &m.action);
    run(&m);
    for (int i = 0; i < EVENTS_MAX && feed.size > 0 && !m.is_finished; i++)
        run_event(&m);
    /* Whatever happened, it ends when the server says nothing more. */
    while (!m.is_finished) {
        if (m.now_ms < m.action.until_ms)
            m.now_ms = m.action.until_ms;
        probe_on_timer(&m.probe, m.now_ms, &m.action);
        run(&m);
    }
    MUST(m.now_ms <= begun_ms + PROBE_MS_MAX + EVENTS_MAX * SPARE_MS * 2);
    return 0;
}
