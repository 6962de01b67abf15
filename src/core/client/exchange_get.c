#include "core/client/exchange_parts.h"

static uint16_t wire_block(const struct exchange *x, uint64_t block)
{
    if (x->rollover == 0 || block == 0)
        return (uint16_t)block;
    return (uint16_t)((block - 1) % UINT16_MAX + 1);
}

static bool is_announced_too_large(const struct exchange *x)
{
    return x->report.has_tsize && x->setup.size_max != 0 && x->report.tsize > x->setup.size_max;
}

void get_begin(struct exchange *x, const struct packet *answer, uint64_t now_ms)
{
    x->wire_bytes = 0;
    x->is_timed = x->is_repeat = false;
    x->unwritten = span_nothing();
    x->owes_reply = answer->opcode == OPCODE_OACK;
    x->pending = answer->data;
    x->state = EXCHANGE_OPENING;
    wait_progress(x, now_ms);
    if (is_announced_too_large(x))
        exchange_fail(x, CAUSE_TOO_LARGE);
    else if (request_is_begun_anew(x))
        get_on_opened(x, now_ms); /* by an attempt before this one */
}

/* What netascii's tsize counts differs between servers, so it is never asked; 0 is what a server says that does not know. */
static enum cause judge_size(const struct exchange *x)
{
    uint64_t announced = x->report.has_tsize ? x->report.tsize : 0;

    if (x->setup.size_max != 0 && x->wire_bytes > x->setup.size_max)
        return CAUSE_TOO_LARGE;
    if (announced != 0 && (x->wire_bytes > announced || (x->is_complete && x->wire_bytes != announced)))
        return CAUSE_WRONG_SIZE;
    return CAUSE_DONE;
}

static void translate(struct exchange *x, struct span data)
{
    if (!x->setup.is_netascii) {
        x->unwritten = data;
        return;
    }
    size_t size = netascii_decode(&x->text, data, x->setup.memory);
    if (x->is_complete)
        size += netascii_decode_end(&x->text, x->setup.memory + size);
    x->unwritten = span_of(x->setup.memory, size);
}

static void settle(struct exchange *x, uint64_t now_ms)
{
    if (x->is_complete && x->unwritten.size == 0)
        exchange_end(x, now_ms);
}

static void measure(struct exchange *x, uint64_t now_ms)
{
    if (x->moved == x->acked + 1) {
        if (x->is_timed)
            wait_sample(x, x->timed_ms, now_ms);
        x->window_begun_ms = now_ms;
    }
    if (x->moved - x->acked == x->report.windowsize) {
        x->window_ms = (uint32_t)(now_ms - x->window_begun_ms);
        x->is_window_whole = true;
    }
}

static void take_next(struct exchange *x, struct span data, uint64_t now_ms)
{
    if (data.size > x->report.blksize) {
        exchange_fail(x, CAUSE_PROTOCOL);
        return;
    }
    x->moved++;
    x->wire_bytes += data.size;
    pace_spend(&x->pace, data.size, now_ms);
    x->is_complete = data.size < x->report.blksize;
    x->is_data_seen = true;
    measure(x, now_ms);
    wait_progress(x, now_ms);
    enum cause cause = judge_size(x);
    if (cause != CAUSE_DONE) {
        exchange_fail(x, cause);
        return;
    }
    translate(x, data);
    x->gap_at = UINT64_MAX;
    x->is_repeat = false;
    x->owes_reply = x->is_complete || x->moved - x->acked >= x->report.windowsize;
    settle(x, now_ms);
}

void get_on_opened(struct exchange *x, uint64_t now_ms)
{
    x->state = EXCHANGE_MOVING;
    x->progress_ms = now_ms;
    wait_arm(x, now_ms);
    /* An OACK is owed ACK 0; without one the answer was the first block. */
    if (!x->owes_reply)
        take_next(x, x->pending, now_ms);
}

/* Said again, unless what asks for it is a copy that the network has made. */
static void repeat_reply(struct exchange *x, uint64_t now_ms)
{
    bool is_echo = now_ms < x->timed_ms + EXCHANGE_ECHO_MS && x->state != EXCHANGE_DALLYING;

    x->report.doubled++;
    if (x->acked != x->moved || is_echo)
        return;
    x->owes_reply = x->is_repeat = true;
    x->report.resent++;
}

/* Some of a window was lost: the server is told how far it came, once for each gap (RFC 7440, section 4). */
static void on_gap(struct exchange *x, uint64_t now_ms)
{
    if (x->report.windowsize == 1 || x->gap_at == x->moved)
        return;
    x->gap_at = x->moved;
    x->report.lost++;
    if (!request_after_torn_window(x, now_ms))
        x->owes_reply = x->is_repeat = true;
}

/*
 * 0 follows 65535, and with some servers 1 does. What a window begins with may be lost, what it ends with tells: no window
 * that begins with 0 comes so far. But a window of half of all numbers may bring the same one again from before them.
 */
static void look_for_rollover(struct exchange *x, uint16_t wire)
{
    bool is_at_end = x->moved == UINT16_MAX && x->acked == UINT16_MAX;
    bool is_telling = wire == x->report.windowsize && wire <= UINT16_MAX / 2;

    if (x->rollover == 0 && is_at_end && is_telling) {
        x->rollover = 1;
        x->gap_at = UINT64_MAX;
    }
}

static void on_data(struct exchange *x, const struct packet *packet, uint64_t now_ms)
{
    look_for_rollover(x, packet->block);
    x->is_data_seen = true;
    if (x->state == EXCHANGE_MOVING && packet->block == wire_block(x, x->moved + 1)) {
        take_next(x, packet->data, now_ms);
        return;
    }
    uint16_t ahead = (uint16_t)(packet->block - wire_block(x, x->moved + 1));
    if (x->moved > 0 && packet->block == wire_block(x, x->moved))
        repeat_reply(x, now_ms);
    else if (x->state == EXCHANGE_MOVING && ahead < 2 * x->report.windowsize)
        on_gap(x, now_ms);
    else
        x->report.doubled++;
}

void get_on_packet(struct exchange *x, const struct packet *packet, uint64_t now_ms)
{
    if (packet->opcode == OPCODE_DATA)
        on_data(x, packet, now_ms);
    else if (packet->opcode == OPCODE_OACK && x->report.has_oack && !x->is_data_seen)
        repeat_reply(x, now_ms);
}

void get_on_written(struct exchange *x, uint64_t now_ms)
{
    x->file_bytes += x->unwritten.size;
    x->unwritten = span_nothing();
    settle(x, now_ms);
}

void get_on_sent(struct exchange *x, uint64_t now_ms)
{
    /* A slow disk is not the server's silence. */
    if (x->acked != x->moved)
        x->progress_ms = now_ms;
    x->is_timed = !x->is_repeat;
    x->timed_ms = now_ms;
    x->acked = x->moved;
    x->owes_reply = false;
    /* Dallying lasts one timeout, however often the last block comes. */
    if (x->state != EXCHANGE_DALLYING)
        wait_arm(x, now_ms);
}

void get_on_timer(struct exchange *x, uint64_t now_ms)
{
    if (!wait_again(x, now_ms)) {
        exchange_fail(x, CAUSE_STOPPED);
        return;
    }
    if (request_after_silence(x, now_ms))
        return;
    /* It answers the gap as well, if there is one. */
    x->gap_at = x->moved;
    x->owes_reply = x->is_repeat = true;
    x->report.resent++;
}

bool get_next(struct exchange *x, struct exchange_action *action)
{
    if (x->unwritten.size > 0) {
        action->kind = EXCHANGE_WRITE;
        action->write.bytes = x->unwritten;
        action->write.offset = x->file_bytes;
        return true;
    }
    if (!x->owes_reply)
        return false;
    exchange_ask_control(action, x->line, &x->tid, packet_encode_ack(action->control, wire_block(x, x->moved)));
    return true;
}
