#include "driver.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>

enum { CONTENT_MAX = 2 * 1024 * 1024, STEPS_MAX = 1000000 };

static const char *const outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_DONE] = "done",
    [OUTCOME_UNCONFIRMED] = "unconfirmed",
    [OUTCOME_PROBE] = "probe",
    [OUTCOME_CLIENT_ERROR] = "client-error",
    [OUTCOME_NEVER_ANSWERED] = "never-answered",
    [OUTCOME_NEVER_TOOK_DATA] = "never-took-data",
    [OUTCOME_MISUNDERSTOOD] = "misunderstood",
    [OUTCOME_SILENT] = "silent",
    [OUTCOME_STUCK] = "stuck",
    [OUTCOME_OVERSIZED] = "oversized",
    [OUTCOME_TOO_LARGE] = "too-large",
    [OUTCOME_WRONG_SIZE] = "wrong-size",
    [OUTCOME_FILE_ERROR] = "file-error",
    [OUTCOME_STOPPED] = "stopped",
    [OUTCOME_ENDED] = "ended",
    [OUTCOME_SUPERSEDED] = "superseded",
    [OUTCOME_EVICTED] = "evicted",
};

const uint8_t *driver_content(size_t size)
{
    static uint8_t content[CONTENT_MAX];

    ASSERT(size <= sizeof content);
    if (content[1] == 0)
        for (uint32_t i = 0; i < sizeof content; i++)
            content[i] = (uint8_t)((i * 2654435761u >> 11) ^ i);
    content[1] = 1;
    return content;
}

static void note(struct driver *d, const char *text)
{
    size_t used = strlen(d->log);

    d->run_place = SIZE_MAX;
    snprintf(d->log + used, sizeof d->log - used, "%s%s", used > 0 ? " " : "", text);
}

static void note_data(struct driver *d, uint16_t block)
{
    char text[32];

    if (d->run_place != SIZE_MAX && wire_after(d->run_last, d->setup.agreement.rollover) == block) {
        d->log[d->run_place] = 0;
        snprintf(text, sizeof text, "DATA %u-%u", (unsigned)d->run_first, (unsigned)block);
    } else {
        d->run_first = block;
        d->run_place = strlen(d->log);
        snprintf(text, sizeof text, "DATA %u", (unsigned)block);
    }
    size_t place = d->run_place;
    note(d, text);
    d->run_place = place;
    d->run_last = block;
}

static void send(struct driver *d, struct span datagram)
{
    char text[WIRE_SIZE_MAX];

    ASSERT(datagram.size >= 4 && datagram.size <= sizeof d->sent);
    memmove(d->sent, datagram.bytes, datagram.size);
    d->sent_size = datagram.size;
    if (read_u16(d->sent) == 3)
        note_data(d, read_u16(d->sent + 2));
    else
        note(d, wire_text(span_of(d->sent, d->sent_size), text, sizeof text));
    if (d->deliver != NULL)
        d->deliver(d->context, span_of(d->sent, d->sent_size));
}

static uint32_t send_blocks(struct driver *d)
{
    uint32_t count = d->action.blocks.count;

    ASSERT(count > 0 && !d->setup.is_netascii);
    if (d->blocks_max != 0 && count > d->blocks_max)
        count = d->blocks_max;
    if (d->segments && count > 1 && transfer_is_new_block(&d->transfer, d->action.blocks.first) &&
        transfer_may_segment(&d->transfer))
        transfer_on_segmented(&d->transfer);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t datagram[65536];
        uint64_t block = d->action.blocks.first + i;
        struct block_place place = transfer_block_place(&d->transfer, block);
        ASSERT(place.offset + place.size <= d->setup.file_size);
        write_u16(datagram, 3);
        write_u16(datagram + 2, transfer_wire_block(&d->transfer, block));
        if (d->file != NULL && place.size > 0)
            memcpy(datagram + 4, d->file + place.offset, place.size);
        send(d, span_of(datagram, 4 + (d->file != NULL ? place.size : 0)));
    }
    return count;
}

static enum status write_upload(struct driver *d)
{
    char text[64];
    struct span bytes = d->action.write.bytes;

    snprintf(text, sizeof text, "WRITE %llu+%llu", (unsigned long long)d->action.write.offset,
             (unsigned long long)bytes.size);
    note(d, text);
    ASSERT(bytes.size > 0 && d->action.write.offset == d->stored_size);
    if (d->write_status != STATUS_OK)
        return d->write_status;
    if (d->stored_size + bytes.size > d->stored_capacity) {
        d->stored_capacity = (d->stored_size + bytes.size) * 2;
        d->stored = realloc(d->stored, d->stored_capacity);
        ASSERT(d->stored != NULL);
    }
    memcpy(d->stored + d->stored_size, bytes.bytes, bytes.size);
    d->stored_size += bytes.size;
    d->writes++;
    return STATUS_OK;
}

static void read_file(struct driver *d)
{
    uint64_t offset = d->action.read.offset;
    size_t size = d->action.read.size;

    d->reads++;
    /* A copy of its own, so that a sanitizer sees who reads beyond what was lent. */
    ASSERT(size > 0);
    uint8_t *lent = malloc(size);
    ASSERT(lent != NULL);
    if (offset >= d->setup.file_size)
        size = 0;
    else if (d->setup.file_size - offset < size)
        size = (size_t)(d->setup.file_size - offset);
    if (d->read_max != 0 && size > d->read_max)
        size = d->read_max;
    if (size > 0)
        memcpy(lent, d->file + offset, size);
    transfer_answer_read(&d->transfer, d->read_status, span_of(lent, size), d->now_ms, &d->action);
    free(lent);
}

/* A question asked again is the same question. */
static void ask_again(struct driver *d)
{
    struct action before = d->action;

    transfer_ask_again(&d->transfer, d->now_ms, &d->action);
    ASSERT(d->action.kind == before.kind);
    ASSERT(before.kind != ACTION_READ ||
           (d->action.read.offset == before.read.offset && d->action.read.size == before.read.size));
    ASSERT(before.kind != ACTION_SEND_BLOCKS ||
           (d->action.blocks.first == before.blocks.first && d->action.blocks.count == before.blocks.count));
    ASSERT(before.kind != ACTION_SEND || (d->action.send.bytes.size == before.send.bytes.size &&
                                          d->action.send.bytes.bytes == before.send.bytes.bytes &&
                                          memcmp(d->action.control, before.control, sizeof before.control) == 0));
}

/* Performs one action; false if the machine waits or has ended. */
static bool perform(struct driver *d)
{
    enum status status = STATUS_OK;
    uint32_t count = 1;
    char text[64];

    bool is_for_network = d->action.kind == ACTION_SEND_BLOCKS || d->action.kind == ACTION_SEND;
    if ((d->action.kind == ACTION_READ || is_for_network) && transfer_may_be_asked_again(&d->transfer))
        ask_again(d);
    switch (d->action.kind) {
    case ACTION_SEND: send(d, d->action.send.bytes); break;
    case ACTION_SEND_BLOCKS:
        status = d->blocks_status;
        if (status == STATUS_OK)
            count = send_blocks(d);
        break;
    case ACTION_READ: read_file(d); return true;
    case ACTION_WRITE: status = write_upload(d); break;
    case ACTION_COMMIT:
        note(d, "COMMIT");
        d->commits++;
        status = d->commit_status;
        break;
    case ACTION_WAIT:
        ASSERT(d->action.wait.until_ms == d->transfer.deadline_ms && transfer_is_waiting(&d->transfer));
        return false;
    default:
        snprintf(text, sizeof text, "FINISH %s", outcome_names[d->action.finish.outcome]);
        note(d, text);
        d->is_finished = true;
        return false;
    }
    transfer_answer(&d->transfer, status, count, d->now_ms, &d->action);
    return true;
}

static void run(struct driver *d)
{
    unsigned steps = 0;

    while (perform(d))
        ASSERT(++steps < STEPS_MAX);
}

static void clear_log(struct driver *d)
{
    ASSERT(!d->is_finished);
    d->log[0] = 0;
    d->run_place = SIZE_MAX;
}

void driver_init(struct driver *d, unsigned kind, const char *options, const void *file, uint64_t file_size)
{
    static const struct option_limits limits = {.blksize_max = BLKSIZE_MAX,
                                                .windowsize_max = WINDOWSIZE_MAX,
                                                .window_bytes_max = INT32_MAX,
                                                .timeout_ms = 1000};
    struct option_facts facts = {(kind & UPLOAD) != 0, (kind & NETASCII) != 0, file_size};
    uint8_t bytes[WIRE_SIZE_MAX];
    struct packet packet;

    memset(d, 0, sizeof *d);
    size_t size = wire_request(bytes, kind & UPLOAD ? 2 : 1, "f", "octet", options);
    ASSERT(packet_decode(&packet, span_of(bytes, size)) == DECODING_OK);
    d->setup.agreement = options_agree(&packet, &limits, &facts);
    d->setup.is_upload = facts.is_upload;
    d->setup.is_netascii = facts.is_netascii;
    d->setup.file_size = file_size;
    d->setup.request_bytes = WIRE_SIZE_MAX;
    d->setup.silence_s = 3600;
    d->setup.unproven_s = 3600;
    d->setup.unproven_bytes = 1024 * 1024;
    d->setup.first_sends_max = 3;
    d->file = file;
    d->now_ms = DRIVER_START_MS;
}

void driver_begin(struct driver *d)
{
    size_t size = transfer_memory_size(&d->setup);

    d->memory = size > 0 ? malloc(size) : NULL;
    d->setup.memory = d->memory;
    clear_log(d);
    transfer_begin(&d->transfer, &d->setup, d->now_ms, &d->action);
    run(d);
}

void driver_start(struct driver *d, unsigned kind, const char *options, const void *file, uint64_t file_size)
{
    driver_init(d, kind, options, file, file_size);
    driver_begin(d);
}

void driver_free(struct driver *d)
{
    free(d->memory);
    free(d->stored);
    memset(d, 0, sizeof *d);
}

void driver_datagram(struct driver *d, struct span datagram)
{
    struct packet packet;

    clear_log(d);
    ASSERT(packet_decode(&packet, datagram) == DECODING_OK);
    transfer_on_datagram(&d->transfer, &packet, d->now_ms, &d->action);
    run(d);
}

void driver_ack(struct driver *d, uint16_t block)
{
    uint8_t bytes[4] = {0, 4, (uint8_t)(block >> 8), (uint8_t)block};

    driver_datagram(d, span_of(bytes, sizeof bytes));
}

void driver_ack_window(struct driver *d, uint16_t block, uint8_t window)
{
    uint8_t bytes[5] = {0, 4, (uint8_t)(block >> 8), (uint8_t)block, window};

    driver_datagram(d, span_of(bytes, sizeof bytes));
}

void driver_data(struct driver *d, uint16_t block, const void *bytes, size_t size)
{
    uint8_t datagram[65536];

    ASSERT(size <= sizeof datagram - 4);
    write_u16(datagram, 3);
    write_u16(datagram + 2, block);
    if (size > 0)
        memcpy(datagram + 4, bytes, size);
    driver_datagram(d, span_of(datagram, 4 + size));
}

void driver_error(struct driver *d, uint16_t code, const char *text)
{
    static uint8_t datagram[WIRE_SIZE_MAX]; /* the report's text points into it */
    size_t length = strlen(text);

    datagram[1] = 5;
    write_u16(datagram + 2, code);
    memcpy(datagram + 4, text, length + 1);
    driver_datagram(d, span_of(datagram, 4 + length + 1));
}

void driver_timer(struct driver *d)
{
    clear_log(d);
    transfer_on_timer(&d->transfer, d->now_ms, &d->action);
    run(d);
    /* Or it would come again at once. */
    ASSERT(d->is_finished || d->action.wait.until_ms > d->now_ms);
}

void driver_timeout(struct driver *d)
{
    if (d->now_ms < d->action.wait.until_ms)
        d->now_ms = d->action.wait.until_ms;
    driver_timer(d);
}

void driver_pass(struct driver *d, uint32_t ms)
{
    d->now_ms += ms;
}

void driver_repeat(struct driver *d)
{
    clear_log(d);
    transfer_on_repeat(&d->transfer, d->now_ms, &d->action);
    run(d);
}

void driver_abort(struct driver *d, enum transfer_outcome outcome)
{
    clear_log(d);
    transfer_abort(&d->transfer, outcome, d->now_ms, &d->action);
    run(d);
}

uint64_t driver_wait_ms(const struct driver *d)
{
    return d->action.wait.until_ms - d->now_ms;
}
