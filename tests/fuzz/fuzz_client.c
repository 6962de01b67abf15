/*
 * Our own client: the exchange, whose server, clock and owner the input plays; and what it reads, which is a command line.
 * Whatever comes, a get's file is written without a gap, what a put sends is its file's, waits are bounded, and it ends.
 */
#include "fuzz.h"

#include "core/client/command.h"
#include "core/client/exchange.h"
#include "core/client/result.h"
#include "core/client/trace.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    EVENTS_MAX = 300,
    FILE_MAX = 8192,
    ACTIONS_MAX = 100000,
    DATAGRAM_MAX = 2048,
    WORDS_MAX = 8,
    WORD_MAX = 200,
    MEMORY_MAX = 20000,
    RATE = 20000 /* bytes a second, where there is one */
};

struct model {
    struct exchange exchange;
    struct exchange_setup setup;
    struct exchange_action action;
    struct feed *feed;
    uint64_t now_ms;
    uint64_t written;
    uint64_t again_max; /* the most that was ever begun anew */
    uint32_t read_max;
    enum cause trouble; /* what the next file action is answered with */
    bool is_open[EXCHANGE_LINES];
    bool is_committed;
    bool is_finished;
    uint16_t number; /* of the last block or ACK that was sent */
};

static const uint8_t *content(void)
{
    static uint8_t bytes[FILE_MAX];

    if (bytes[1] == 0)
        for (uint32_t i = 0; i < FILE_MAX; i++)
            bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    bytes[1] = 1;
    return bytes;
}

static void check_sent(struct model *m)
{
    struct span sent = m->action.send.bytes;
    const struct exchange_report *r = &m->exchange.report;
    char text[TRACE_TEXT_MAX];

    MUST(m->is_open[m->action.line] && sent.size >= 4 && m->action.send.to.port != 0);
    uint16_t opcode = read_u16(sent.bytes);
    MUST(opcode != OPCODE_OACK && opcode <= OPCODE_ERROR);
    if (opcode <= OPCODE_WRQ)
        MUST(sent.size <= EXCHANGE_REQUEST_MAX && m->action.send.to.port == m->setup.server.port);
    else
        m->number = read_u16(sent.bytes + 2);
    if (opcode == OPCODE_DATA && !m->setup.is_netascii) {
        uint64_t offset = (uint64_t)(m->number - 1u) * r->blksize;
        MUST(sent.size - 4 <= r->blksize && offset + sent.size - 4 <= FILE_MAX);
        MUST(memcmp(sent.bytes + 4, content() + offset, sent.size - 4) == 0);
    }
    MUST(opcode != OPCODE_DATA || m->setup.is_put);
    MUST(opcode != OPCODE_ACK || !m->setup.is_put);
    trace_text(sent, text);
}

static void check_written(struct model *m)
{
    MUST(m->action.write.bytes.size > 0 && !m->is_committed);
    if (m->action.write.offset == 0 && m->written > 0) {
        MUST(m->written <= m->setup.again_bytes_max);
        m->written = 0;
    }
    MUST(m->action.write.offset == m->written);
    m->written += m->action.write.bytes.size;
    MUST(m->setup.size_max == 0 || m->written <= m->setup.size_max + 1);
}

static enum cause perform(struct model *m)
{
    enum cause trouble = m->trouble;

    switch (m->action.kind) {
    case EXCHANGE_NEW_PORT: m->is_open[m->action.line] = true; return CAUSE_DONE;
    case EXCHANGE_SEND: check_sent(m); return CAUSE_DONE;
    case EXCHANGE_WRITE: check_written(m); break;
    case EXCHANGE_COMMIT:
        /* An attempt that found the file empty writes nothing over what one before it wrote. */
        if (m->action.size == 0 && m->exchange.report.fallbacks & (FALLBACK_BLOCKS | FALLBACK_WINDOW))
            m->written = 0;
        MUST(m->action.size == m->written && !m->is_committed);
        m->is_committed = trouble == CAUSE_DONE;
        break;
    default: MUST(m->action.kind == EXCHANGE_OPEN); break;
    }
    m->trouble = CAUSE_DONE;
    return trouble;
}

static void answer_read(struct model *m)
{
    uint64_t offset = m->action.read.offset;
    uint64_t left = offset < m->setup.size ? m->setup.size - offset : 0;
    size_t size = m->action.read.size;

    MUST(size > 0 && offset <= FILE_MAX);
    if (size > left)
        size = (size_t)left;
    if (size > m->read_max && m->read_max > 0)
        size = m->read_max;
    enum cause trouble = m->trouble;
    m->trouble = CAUSE_DONE;
    exchange_answer_read(&m->exchange, trouble, span_of(content() + offset, size), m->now_ms, &m->action);
}

static void check_end(struct model *m)
{
    const struct exchange_report *r = &m->action.finish;
    static char text[RESULT_JSON_MAX];
    static struct job job = {.local = "l"};
    struct result result = {.job = &job, .is_put = m->setup.is_put, .report = *r, .program = "p"};
    int code = cause_exit_code(r->cause, r->error_code);

    m->is_finished = true;
    MUST(code >= 0 && (code == 0) == (r->cause == CAUSE_DONE));
    MUST(m->setup.is_put || (r->cause == CAUSE_DONE) == m->is_committed);
    MUST(r->cause != CAUSE_DONE || !m->setup.is_put || r->bytes == m->setup.size);
    result_failure(&result, text);
    for (const char *c = text; *c != 0; c++)
        MUST((uint8_t)*c >= ' ' || *c == '\n');
    result_json(&result, text);
    for (const char *c = text; *c != 0; c++)
        MUST(((uint8_t)*c >= ' ' && (uint8_t)*c < 0x7f) || *c == '\n');
}

static void run(struct model *m)
{
    for (int i = 0; m->action.kind != EXCHANGE_WAIT; i++) {
        MUST(i < ACTIONS_MAX);
        if (m->action.kind == EXCHANGE_FINISH) {
            check_end(m);
            return;
        }
        if (m->action.kind == EXCHANGE_READ)
            answer_read(m);
        else
            exchange_answer(&m->exchange, perform(m), m->now_ms, &m->action);
    }
    /* Whatever was learnt of a slow way, no wait outlasts the patience; behind the last ACK of a get one wait may. */
    uint64_t most_ms = m->exchange.is_held_back ? PACE_STEP_MS : m->exchange.patience_ms;
    if (m->exchange.state == EXCHANGE_DALLYING && most_ms < EXCHANGE_WAIT_MS_MAX)
        most_ms = EXCHANGE_WAIT_MS_MAX;
    MUST(m->action.wait.until_ms <= m->now_ms + most_ms);
}

static void deliver(struct model *m, unsigned whence, const uint8_t *bytes, size_t size)
{
    struct endpoint from = m->setup.server;

    /* The transfer's port, another one, another host, port 69. */
    from.port = whence % 4 == 3 ? 69 : (uint16_t)(4000 + whence % 4 % 2);
    if (whence % 4 == 2)
        from.address[15]++;
    uint8_t *copy = malloc(size + 1);
    MUST(copy != NULL);
    if (size > 0)
        memcpy(copy, bytes, size);
    exchange_on_datagram(&m->exchange, whence / 4 % 2 ? 1 : m->exchange.line, &from, span_of(copy, size), m->now_ms,
                         &m->action);
    run(m);
    free(copy);
}

/* What an honest server would send now, or nearly. */
static void server_speaks(struct model *m, unsigned way, uint8_t detail)
{
    uint8_t bytes[4 + DATAGRAM_MAX] = {0, OPCODE_ACK};
    uint32_t blksize = m->exchange.report.blksize < DATAGRAM_MAX ? m->exchange.report.blksize : DATAGRAM_MAX;
    uint16_t next = (uint16_t)(m->setup.is_put ? m->number : m->exchange.moved + 1);
    size_t size = 4;

    if (!m->setup.is_put) {
        bytes[1] = OPCODE_DATA;
        size += way == 1 ? detail % blksize : blksize;
        memcpy(bytes + 4, content() + detail, size - 4);
    }
    write_u16(bytes + 2, (uint16_t)(way >= 2 ? next + detail - 8 : next));
    deliver(m, 0, bytes, size);
}

static void server_agrees(struct model *m, uint8_t detail)
{
    static const char *const oacks[] = {
        "",
        "blksize\0"
        "8\0",
        "blksize\0"
        "600\0windowsize\0"
        "2\0",
        "tsize\0"
        "20\0",
        "tsize\0"
        "0\0blksize\0"
        "512\0",
        "windowsize\0"
        "4\0",
        "timeout\0"
        "3\0",
        "blksize\0"
        "99999\0",
    };
    static const size_t sizes[] = {0, 10, 25, 9, 20, 13, 10, 14};
    uint8_t bytes[64] = {0, OPCODE_OACK};

    memcpy(bytes + 2, oacks[detail % 8], sizes[detail % 8]);
    deliver(m, 0, bytes, 2 + sizes[detail % 8]);
}

static void run_event(struct model *m)
{
    unsigned op = feed_below(m->feed, 16);
    uint8_t detail = feed_byte(m->feed);
    struct span bytes;

    switch (op) {
    case 5: server_agrees(m, detail); break;
    case 6:
    case 7:
        if (m->now_ms < m->action.wait.until_ms)
            m->now_ms = m->action.wait.until_ms;
        m->now_ms += op == 7 ? detail * 16u : 0;
        exchange_on_timer(&m->exchange, m->now_ms, &m->action);
        run(m);
        break;
    case 8: m->now_ms += detail * 4u; break;
    case 9:
        exchange_on_unreachable(&m->exchange, detail % 2, m->now_ms, &m->action);
        run(m);
        break;
    case 10:
        if (detail < 200)
            break;
        exchange_interrupt(&m->exchange, m->now_ms, &m->action);
        MUST(m->action.kind == EXCHANGE_FINISH || m->action.kind == EXCHANGE_SEND);
        run(m);
        MUST(m->is_finished);
        break;
    case 11: m->trouble = detail % 8 ? CAUSE_DONE : CAUSE_DISK_FULL; break;
    case 12: m->read_max = detail; break;
    case 13:
        for (unsigned i = 0; i < detail % 64u && !m->is_finished; i++)
            server_speaks(m, 0, 0);
        break;
    case 14:
    case 15:
        bytes = feed_span(m->feed, detail % 64);
        deliver(m, detail, bytes.bytes, bytes.size);
        break;
    default: server_speaks(m, op, detail); break;
    }
}

static void read_setup(struct model *m)
{
    static const uint32_t blksizes[] = {512, 8, 1428, 600, 9000, 512, 16, 1000};
    static const uint32_t windows[] = {1, 1, 2, 4, 16, 64, 3, 1};
    unsigned flags = feed_byte(m->feed), shape = feed_byte(m->feed), size = feed_u16(m->feed);

    m->setup = (struct exchange_setup){
        .server = endpoint_ipv4(10, 0, 0, 1, 69),
        .is_put = flags & 1,
        .is_netascii = flags >> 1 & 1,
        .name = "f",
        .blksize = blksizes[shape % 8],
        .windowsize = windows[shape / 8 % 8],
        .wants_tsize = flags >> 2 & 1,
        .is_bare = (flags >> 3 & 3) == 3,
        .is_options_only = (flags >> 3 & 3) == 2,
        .server_timeout_s = flags >> 5 & 1 ? 3 : 0,
        .timeout_ms = 1000,
        .retries = shape / 64,
        .wait_ms = (flags >> 6 & 3) == 3 ? 5000 : 0,
        .has_size = !(flags >> 6 & 1),
        .size = size % FILE_MAX,
        .rate = size / FILE_MAX == 7 ? RATE : 0,
        .size_max = (flags >> 6 & 3) == 2 ? 3000 : 0,
        .again_bytes_max = flags & 128 ? 1000 : UINT64_MAX,
    };
    /* What is large takes its time. */
    if (m->setup.blksize * m->setup.windowsize > MEMORY_MAX)
        m->setup.windowsize = 2;
    size_t memory_size = exchange_memory_size(&m->setup);
    m->setup.memory = memory_size > 0 ? malloc(memory_size) : NULL;
}

static void exchange_target(struct feed *feed)
{
    static struct model m;

    m = (struct model){.feed = feed, .now_ms = 1000000};
    read_setup(&m);
    exchange_begin(&m.exchange, &m.setup, m.now_ms, &m.action);
    run(&m);
    for (int i = 0; i < EVENTS_MAX && feed->size > 0 && !m.is_finished; i++)
        run_event(&m);
    /* Whatever happened, it ends when the server says nothing more. */
    while (!m.is_finished) {
        if (m.now_ms < m.action.wait.until_ms)
            m.now_ms = m.action.wait.until_ms;
        exchange_on_timer(&m.exchange, m.now_ms, &m.action);
        run(&m);
    }
    free(m.setup.memory);
}

/* A name that is made from a server's never leads out of the folder. */
static void check_local(const struct command *command, const struct job *job)
{
    if (command->verb != COMMAND_GET || command->output != NULL || command->name_count > 1)
        return;
    MUST(strpbrk(job->local, "/\\:*?\"<>|") == NULL && strcmp(job->local, "..") != 0 && job->local[0] != 0);
}

static void command_target(struct feed *feed)
{
    static struct command command;
    static char texts[WORDS_MAX][WORD_MAX];
    const char *words[WORDS_MAX];
    size_t count = 0;
    struct job job;

    while (count < WORDS_MAX && feed->size > 0) {
        words[count] = feed_text(feed, texts[count], WORD_MAX);
        count++;
    }
    if (!command_parse(&command, count, words)) {
        MUST(command.problem[0] != 0);
        return;
    }
    if (command.verb < COMMAND_GET)
        return;
    for (size_t i = 0; i < command_job_count(&command); i++) {
        MUST(command_job(&command, i, &job));
        MUST(job.address.port != 0 && job.address.host[0] != 0);
        MUST(job.address.name[0] != 0 || command.verb == COMMAND_PROBE);
        MUST((job.local[0] != 0) == (command.verb <= COMMAND_PUT));
        check_local(&command, &job);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct feed feed = {bytes, size};

    if (feed_byte(&feed) == 'c')
        command_target(&feed);
    else
        exchange_target(&feed);
    return 0;
}
