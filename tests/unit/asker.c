#include "asker.h"
#include "driver.h"
#include "guard.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS_MAX = 1000000, STORED_MAX = 2 * 1024 * 1024 };

const struct endpoint asker_server = {.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1},
                                      .port = ASKER_TID};

static void note(struct asker *a, const char *text)
{
    size_t used = strlen(a->log);

    a->run_place = SIZE_MAX;
    snprintf(a->log + used, sizeof a->log - used, "%s%s", used > 0 ? " " : "", text);
}

static void note_data(struct asker *a, uint16_t block)
{
    char text[32];

    if (a->run_place != SIZE_MAX && (uint16_t)(a->run_last + 1) == block) {
        a->log[a->run_place] = 0;
        snprintf(text, sizeof text, "DATA %u-%u", (unsigned)a->run_first, (unsigned)block);
    } else {
        a->run_first = block;
        a->run_place = strlen(a->log);
        snprintf(text, sizeof text, "DATA %u", (unsigned)block);
    }
    size_t place = a->run_place;
    note(a, text);
    a->run_place = place;
    a->run_last = block;
}

/* "RRQ name mode tsize=0 blksize=1428" */
static void note_request(struct asker *a)
{
    char text[WIRE_SIZE_MAX];
    size_t used = (size_t)snprintf(text, sizeof text, a->sent[1] == 1 ? "RRQ" : "WRQ");

    ASSERT(a->sent[a->sent_size - 1] == 0);
    for (size_t at = 2, word = 0; at < a->sent_size; at += strlen((char *)a->sent + at) + 1, word++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%c%s", word < 2 || word % 2 == 0 ? ' ' : '=',
                                 (char *)a->sent + at);
    note(a, text);
}

static void send(struct asker *a)
{
    char text[WIRE_SIZE_MAX];
    struct span datagram = a->action.send.bytes;

    ASSERT(datagram.size >= 4 && datagram.size <= sizeof a->sent);
    memcpy(a->sent, datagram.bytes, datagram.size);
    a->sent_size = datagram.size;
    a->sent_to = a->action.send.to;
    a->sent_line = a->action.line;
    a->sends++;
    unsigned opcode = read_u16(a->sent);
    if (opcode <= 2)
        note_request(a);
    else if (opcode == 3)
        note_data(a, read_u16(a->sent + 2));
    else
        note(a, wire_text(datagram, text, sizeof text));
    if (a->deliver != NULL)
        a->deliver(a->context, datagram);
}

static void store(struct asker *a)
{
    char text[64];

    snprintf(text, sizeof text, "WRITE %u+%u", (unsigned)a->action.write.offset, (unsigned)a->action.write.bytes.size);
    note(a, text);
    ASSERT(a->action.write.offset + a->action.write.bytes.size <= STORED_MAX && a->action.write.bytes.size > 0);
    memcpy(a->stored + a->action.write.offset, a->action.write.bytes.bytes, a->action.write.bytes.size);
    a->stored_size = (size_t)a->action.write.offset + a->action.write.bytes.size;
    a->writes++;
}

static void answer_read(struct asker *a)
{
    size_t offset = (size_t)a->action.read.offset;
    size_t left = offset < a->file_size ? a->file_size - offset : 0;
    size_t size = a->action.read.size < left ? a->action.read.size : left;

    ASSERT(a->action.read.size > 0);
    if (a->read_max > 0 && size > a->read_max)
        size = a->read_max;
    struct span bytes = guard_span(size > 0 ? a->file + offset : NULL, size);
    exchange_answer_read(&a->exchange, a->read_cause, bytes, a->now_ms, &a->action);
}

static enum cause perform(struct asker *a)
{
    char text[64];

    switch (a->action.kind) {
    case EXCHANGE_NEW_PORT:
        snprintf(text, sizeof text, "PORT %u", a->action.line);
        note(a, text);
        return a->port_cause;
    case EXCHANGE_SEND: send(a); return a->send_cause;
    case EXCHANGE_OPEN:
        snprintf(text, sizeof text, "OPEN %u", (unsigned)a->action.size);
        note(a, text);
        return a->open_cause;
    case EXCHANGE_WRITE: store(a); return a->write_cause;
    case EXCHANGE_COMMIT:
        snprintf(text, sizeof text, "COMMIT %u", (unsigned)a->action.size);
        note(a, text);
        return a->commit_cause;
    default: ASSERT(false);
    }
}

static void run(struct asker *a)
{
    char text[32];

    for (int steps = 0; steps < STEPS_MAX; steps++) {
        if (a->action.kind == EXCHANGE_WAIT)
            return;
        if (a->action.kind == EXCHANGE_FINISH) {
            ASSERT(!a->is_finished);
            a->is_finished = true;
            snprintf(text, sizeof text, "FINISH %d",
                     cause_exit_code(a->action.finish.cause, a->action.finish.error_code));
            note(a, text);
            return;
        }
        if (a->action.kind == EXCHANGE_READ)
            answer_read(a);
        else
            exchange_answer(&a->exchange, perform(a), a->now_ms, &a->action);
    }
    ASSERT(false);
}

static void clear(struct asker *a)
{
    a->log[0] = 0;
    a->run_place = SIZE_MAX;
}

void asker_init(struct asker *a, unsigned kind, const void *file, size_t file_size)
{
    memset(a, 0, sizeof *a);
    a->now_ms = ASKER_START_MS;
    a->file = file;
    a->file_size = file_size;
    a->setup = (struct exchange_setup){
        .server = asker_server,
        .is_put = kind & PUT,
        .is_netascii = kind & TEXT,
        .name = "f",
        .blksize = BLKSIZE_DEFAULT,
        .windowsize = 1,
        .timeout_ms = 1000,
        .retries = 5,
        .has_size = kind & PUT,
        .size = file_size,
        .again_bytes_max = UINT64_MAX,
    };
    a->setup.server.port = 69;
    a->stored = malloc(STORED_MAX);
    ASSERT(a->stored != NULL);
}

void asker_begin(struct asker *a)
{
    size_t size = exchange_memory_size(&a->setup);

    a->setup.memory = size > 0 ? malloc(size) : NULL;
    clear(a);
    exchange_begin(&a->exchange, &a->setup, a->now_ms, &a->action);
    run(a);
}

void asker_free(struct asker *a)
{
    free(a->setup.memory);
    free(a->stored);
}

void asker_datagram_from(struct asker *a, uint8_t line, const struct endpoint *from, struct span datagram)
{
    clear(a);
    exchange_on_datagram(&a->exchange, line, from, guard_span(datagram.bytes, datagram.size), a->now_ms, &a->action);
    run(a);
}

void asker_datagram(struct asker *a, struct span datagram)
{
    asker_datagram_from(a, a->exchange.line, &asker_server, datagram);
}

void asker_data(struct asker *a, uint16_t block, const void *bytes, size_t size)
{
    static uint8_t datagram[65536 + 4];

    ASSERT(size <= 65536);
    write_u16(datagram, OPCODE_DATA);
    write_u16(datagram + 2, block);
    if (size > 0)
        memcpy(datagram + 4, bytes, size);
    asker_datagram(a, span_of(datagram, size + 4));
}

void asker_ack(struct asker *a, uint16_t block)
{
    uint8_t datagram[4] = {0, OPCODE_ACK, (uint8_t)(block >> 8), (uint8_t)block};

    asker_datagram(a, span_of(datagram, sizeof datagram));
}

void asker_error(struct asker *a, uint16_t code, const char *text)
{
    uint8_t datagram[300] = {0, OPCODE_ERROR, (uint8_t)(code >> 8), (uint8_t)code};
    size_t size = strlen(text) + 1;

    ASSERT(size + 4 <= sizeof datagram);
    memcpy(datagram + 4, text, size);
    asker_datagram(a, span_of(datagram, size + 4));
}

size_t asker_make_oack(uint8_t *bytes, const char *options)
{
    size_t size = wire_request(bytes, 6, "", "", options);

    memmove(bytes + 2, bytes + 4, size - 4);
    return size - 2;
}

void asker_oack(struct asker *a, const char *options)
{
    uint8_t datagram[WIRE_SIZE_MAX];

    asker_datagram(a, span_of(datagram, asker_make_oack(datagram, options)));
}

void asker_timer(struct asker *a)
{
    clear(a);
    exchange_on_timer(&a->exchange, a->now_ms, &a->action);
    run(a);
}

void asker_timeout(struct asker *a)
{
    ASSERT(a->action.kind == EXCHANGE_WAIT);
    if (a->action.wait.until_ms > a->now_ms)
        a->now_ms = a->action.wait.until_ms;
    asker_timer(a);
}

void asker_pass(struct asker *a, uint32_t ms)
{
    a->now_ms += ms;
}

void asker_unreachable(struct asker *a, uint8_t line)
{
    clear(a);
    exchange_on_unreachable(&a->exchange, line, a->now_ms, &a->action);
    run(a);
}

void asker_interrupt(struct asker *a)
{
    clear(a);
    exchange_interrupt(&a->exchange, a->now_ms, &a->action);
    run(a);
}

uint64_t asker_wait_ms(const struct asker *a)
{
    ASSERT(a->action.kind == EXCHANGE_WAIT);
    return a->action.wait.until_ms - a->now_ms;
}

void asker_get(struct asker *a, unsigned kind, uint32_t blksize, uint32_t windowsize, const char *oack)
{
    asker_init(a, kind, NULL, 0);
    a->setup.blksize = blksize;
    a->setup.windowsize = windowsize;
    a->setup.wants_tsize = true;
    asker_begin(a);
    if (oack[0] != 0)
        asker_oack(a, oack);
}

void asker_blocks(struct asker *a, uint64_t first, uint64_t last, uint32_t blksize)
{
    for (uint64_t block = first; block <= last; block++)
        asker_data(a, (uint16_t)block, driver_content(block * blksize) + (block - 1) * blksize, blksize);
}
