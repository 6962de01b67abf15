#include "core/client/exchange_parts.h"

enum {
    WHOLE_REPEATS = 1, /* silence repeats a whole window so often, then a block: a path that is gone is not sent to */
    DOUBTS_MAX = 4
};

/* A block lies in the ring of the window until it is acknowledged, header and all. */
static uint8_t *slot(const struct exchange *x, uint64_t block)
{
    return x->setup.memory + (size_t)(block % x->report.windowsize) * (PACKET_HEADER_SIZE + x->report.blksize);
}

void put_begin(struct exchange *x, uint64_t now_ms)
{
    x->high = 0;
    x->last = UINT64_MAX;
    x->filled = 0;
    x->timed_block = 0;
    x->resent_to = 0;
    x->doubts = 0;
    x->is_built = false;
    x->state = EXCHANGE_MOVING;
    wait_progress(x, now_ms);
}

/* Everything behind the last acknowledged block is sent again; what is sent twice is not timed (Karn). */
static void go_back(struct exchange *x)
{
    x->moved = x->acked;
    x->gap_at = x->acked;
    x->timed_block = 0;
}

bool put_has_sent_all(const struct exchange *x)
{
    return x->setup.is_put && x->state == EXCHANGE_MOVING && x->high == x->last;
}

/* It is asked for anew with a smaller window, but for an end that may be stored already: then that would be a second put. */
static bool is_begun_anew(struct exchange *x, uint64_t now_ms)
{
    return !put_has_sent_all(x) && request_after_torn_window(x, now_ms);
}

static void advance(struct exchange *x, uint64_t block, uint64_t now_ms)
{
    bool is_gap = block < x->moved;
    bool is_whole = block - x->acked >= x->report.windowsize;
    bool is_doubtful = block <= x->resent_to;

    if (x->timed_block != 0 && block >= x->timed_block)
        wait_sample(x, x->timed_ms, now_ms);
    x->acked = block;
    x->is_data_seen = true;
    x->is_window_whole |= is_whole;
    /*
     * Servers answer blocks that they have already with the number of their last good one. Each answer taken for a gap would
     * make more such blocks, and so on: the Sorcerer's Apprentice in windows. So ACKs that may answer a copy lead back only a
     * few times before a window has gone through as a whole; the timer is there as well.
     */
    if (!is_gap) {
        x->moved = block;
        x->doubts = 0;
    } else if (!is_doubtful || x->doubts < DOUBTS_MAX) {
        go_back(x);
        x->doubts = is_doubtful ? (uint8_t)(x->doubts + 1) : 0;
    }
    if (is_doubtful)
        x->gap_at = block;
    wait_progress(x, now_ms);
    if (block == x->last)
        exchange_end(x, now_ms);
    else if (is_gap && !is_whole)
        is_begun_anew(x, now_ms);
}

/*
 * The first block of a window was lost: everything goes back, once for this value. Without windows a second ACK never makes
 * anything be sent (RFC 1123, 4.2.3.1: Sorcerer's Apprentice).
 */
static bool is_gap_at_first(const struct exchange *x, uint64_t block)
{
    return x->report.windowsize > 1 && block == x->acked && x->moved > x->acked && x->gap_at != x->acked;
}

static void on_ack(struct exchange *x, uint16_t wire, uint64_t now_ms)
{
    uint64_t block = x->acked + (uint16_t)(wire - (uint16_t)x->acked);

    if (block > x->acked && block <= x->high) {
        advance(x, block, now_ms);
    } else if (is_gap_at_first(x, block)) {
        if (!is_begun_anew(x, now_ms))
            go_back(x);
    } else {
        x->report.doubled++;
    }
}

void put_on_packet(struct exchange *x, const struct packet *packet, uint64_t now_ms)
{
    if (packet->opcode == OPCODE_ACK)
        on_ack(x, packet->block, now_ms);
}

static void complete_block(struct exchange *x, bool is_end)
{
    x->is_built = true;
    packet_encode_data_header(slot(x, x->high + 1), (uint16_t)(x->high + 1));
    if (is_end && x->filled < x->report.blksize) {
        x->last = x->high + 1;
        x->last_size = x->filled;
    }
}

static bool is_end_known(const struct exchange *x)
{
    return x->setup.has_size && x->file_bytes == x->setup.size;
}

/* At the end of the file: what netascii still holds back, and the block is as long as it is. */
static void end_block(struct exchange *x)
{
    uint8_t *output = slot(x, x->high + 1) + PACKET_HEADER_SIZE + x->filled;

    if (x->setup.is_netascii)
        x->filled += (uint32_t)netascii_encode_end(&x->text, output, x->report.blksize - x->filled);
    complete_block(x, true);
}

void put_on_read(struct exchange *x, struct span bytes)
{
    uint8_t *output = slot(x, x->high + 1) + PACKET_HEADER_SIZE + x->filled;
    size_t room = x->report.blksize - x->filled;
    struct netascii_step step = {bytes.size, bytes.size};

    if (bytes.size == 0 && x->setup.has_size) {
        exchange_fail(x, CAUSE_SHRUNK);
        return;
    }
    if (bytes.size == 0) {
        end_block(x);
        return;
    }
    ASSERT(bytes.size <= room);
    if (x->setup.is_netascii)
        step = netascii_encode(&x->text, bytes, output, room);
    else
        memcpy(output, bytes.bytes, bytes.size);
    x->file_bytes += step.read;
    x->filled += (uint32_t)step.written;
    if (x->filled == x->report.blksize)
        complete_block(x, false);
}

static uint32_t size_of(const struct exchange *x, uint64_t block)
{
    return block == x->last ? x->last_size : x->report.blksize;
}

void put_on_sent(struct exchange *x, uint64_t now_ms)
{
    x->moved++;
    pace_spend(&x->pace, size_of(x, x->moved), now_ms);
    if (x->moved <= x->high) {
        x->report.resent++;
        if (x->moved > x->resent_to)
            x->resent_to = x->moved;
    } else {
        x->high = x->moved;
        x->is_built = false;
        x->filled = 0;
        x->timed_block = x->high;
        x->timed_ms = now_ms;
        /* A slow disk is not the server's silence. */
        x->progress_ms = now_ms;
    }
    wait_arm(x, now_ms);
}

void put_on_timer(struct exchange *x, uint64_t now_ms)
{
    if (!wait_again(x, now_ms)) {
        exchange_fail(x, put_has_sent_all(x) ? CAUSE_UNCONFIRMED : CAUSE_STOPPED);
        return;
    }
    if (!request_after_silence(x, now_ms))
        go_back(x);
}

/* Builds the block behind high, as far as that needs no answer. */
static bool build(struct exchange *x, struct exchange_action *action)
{
    if (!x->is_built && is_end_known(x))
        end_block(x);
    if (x->is_built)
        return false;
    size_t room = x->report.blksize - x->filled;
    uint64_t left = x->setup.has_size ? x->setup.size - x->file_bytes : UINT64_MAX;
    action->kind = EXCHANGE_READ;
    action->read.offset = x->file_bytes;
    action->read.size = left < room ? (size_t)left : room;
    return true;
}

bool put_next(struct exchange *x, struct exchange_action *action)
{
    uint32_t window = x->silent > WHOLE_REPEATS ? 1 : x->report.windowsize;
    uint64_t target = x->last - x->acked < window ? x->last : x->acked + window;

    if (x->moved >= target)
        return false;
    if (x->moved == x->high && build(x, action))
        return true;
    /* What was built may be the last block. */
    uint64_t block = x->moved + 1;
    action->kind = EXCHANGE_SEND;
    action->line = x->line;
    action->send.to = x->tid;
    action->send.bytes = span_of(slot(x, block), PACKET_HEADER_SIZE + size_of(x, block));
    return true;
}
