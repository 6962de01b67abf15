#include "core/transfer/transfer_parts.h"

/* In a row. More would bring little through a network that loses one packet in ten, and cost windows at all others. */
enum { DOWNLOAD_DOUBTS_MAX = 4 };
enum { DOWNLOAD_WHOLE_REPEATS = 1 };

/* Only of netascii. */
static struct netascii_work *work_of(const struct transfer *t)
{
    return (struct netascii_work *)(void *)t->memory;
}

void download_begin(struct transfer *t)
{
    if (t->is_netascii)
        memset(work_of(t), 0, sizeof *work_of(t));
    t->last = t->is_netascii ? UINT64_MAX : t->file_size / t->agreement.blksize + 1;
}

struct block_place transfer_block_place(const struct transfer *t, uint64_t block)
{
    uint64_t offset = (block - 1) * t->agreement.blksize;
    uint64_t left = t->file_size - offset;

    return (struct block_place){offset, left < t->agreement.blksize ? (uint32_t)left : t->agreement.blksize};
}

uint64_t download_bytes(const struct transfer *t)
{
    if (t->acked != t->last)
        return t->acked * t->agreement.blksize;
    return t->is_netascii ? (t->last - 1) * t->agreement.blksize + t->last_size : t->file_size;
}

void download_rewind(struct transfer *t)
{
    t->sent = t->acked;
    t->rewound_at = t->acked;
    /* What is sent twice cannot be timed: its answer may belong to either (Karn, RFC 6298 section 3). */
    t->timed_block = 0;
    if (t->is_netascii)
        work_of(t)->cursor = work_of(t)->checkpoint;
    t->is_block_ready = false;
    t->filled = 0;
}

static void measure_round_trip(struct transfer *t, uint64_t now_ms)
{
    if (t->timed_block == 0 || t->acked < t->timed_block)
        return;
    uint32_t sample_ms = now_ms > t->timed_ms ? (uint32_t)(now_ms - t->timed_ms) : 0;
    uint32_t error_ms = sample_ms > t->round_trip_ms ? sample_ms - t->round_trip_ms : t->round_trip_ms - sample_ms;
    if (!t->has_round_trip) {
        t->round_trip_ms = sample_ms;
        t->round_trip_variation_ms = sample_ms / 2;
    } else {
        t->round_trip_variation_ms = (3 * t->round_trip_variation_ms + error_ms) / 4;
        t->round_trip_ms = (7 * t->round_trip_ms + sample_ms) / 8;
    }
    t->has_round_trip = true;
    t->is_backed_off = false;
    t->timed_block = 0;
}

/* Windows Boot Manager names the next window in a fifth byte; behind the last block it means nothing. */
static void take_window(struct transfer *t, const struct packet *packet)
{
    if (!t->agreement.has_msftwindow || packet->data.size == 0 || packet->data.bytes[0] == 0)
        return;
    uint32_t window = packet->data.bytes[0];
    t->window = window < t->agreement.windowsize_max ? window : t->agreement.windowsize_max;
}

void transfer_on_segmented(struct transfer *t)
{
    t->awaits_segments = true;
}

void transfer_on_segmentation_refused(struct transfer *t, bool is_for_good)
{
    t->sends_singly = true;
    if (is_for_good)
        t->segmentation_news = SEGMENTATION_REFUSED;
}

enum segmentation_news transfer_take_segmentation_news(struct transfer *t)
{
    enum segmentation_news news = t->segmentation_news;

    t->segmentation_news = SEGMENTATION_NO_NEWS;
    return news;
}

/*
 * Before the client moves on to this block. If all that it acknowledges was sent twice, nothing was heard of the first
 * sending, and what is sent again leaves one by one: the path is well, and what left in one call was lost as a whole.
 */
static void judge_segmentation(struct transfer *t, uint64_t block)
{
    bool is_lost = block <= t->doubled;

    if (!t->awaits_segments)
        return;
    t->awaits_segments = false;
    t->sends_singly = is_lost;
    t->segmentation_news = is_lost ? SEGMENTATION_LOST : SEGMENTATION_ARRIVED;
}

/* Sooner than a client asks again after silence: it has something of the window, which is not lost as a whole. */
static void forget_segmentation(struct transfer *t, uint64_t now_ms)
{
    if (now_ms < t->timed_ms + TRANSFER_TIMEOUT_MS_MIN)
        t->awaits_segments = false;
}

static void advance(struct transfer *t, uint64_t block, uint64_t now_ms)
{
    bool is_gap = block < t->sent;
    bool is_doubtful = block <= t->doubled;

    judge_segmentation(t, block);
    t->acked = block;
    measure_round_trip(t, now_ms);
    if (t->is_netascii && work_of(t)->cursor.block == block)
        work_of(t)->checkpoint = work_of(t)->cursor;
    /*
     * Clients answer packets that they have already with the number of their last good block. Each answer taken for a gap
     * would make more such packets, and so on to the end: the Sorcerer's Apprentice in windows. So ACKs that may answer
     * a copy lead back only a few times before a window has gone through as a whole; the timer is there as well. Nor does
     * the very number lead back that comes again (EDK2).
     */
    if (!is_gap) {
        t->sent = block;
        t->doubts = 0;
    } else if (!is_doubtful || t->doubts < DOWNLOAD_DOUBTS_MAX) {
        download_rewind(t);
        t->doubts = is_doubtful ? (uint8_t)(t->doubts + 1) : 0;
    }
    if (is_doubtful)
        t->rewound_at = block;
    transfer_progress(t, STANDING_PROVEN, now_ms);
    if (block == t->last)
        transfer_finish(t, OUTCOME_DONE);
}

void download_on_ack(struct transfer *t, const struct packet *packet, uint64_t now_ms)
{
    uint64_t block = transfer_block_from_wire(t, t->acked, t->high - t->acked, packet->block);

    if (block == UINT64_MAX)
        return;
    take_window(t, packet);
    if (t->phase == PHASE_OFFERING) {
        t->phase = PHASE_SENDING;
        transfer_progress(t, STANDING_ANSWERED, now_ms);
    } else if (block > t->acked) {
        advance(t, block, now_ms);
    } else if (t->window > 1 && t->sent > t->acked && t->rewound_at != t->acked) {
        /*
         * The first block of the window was lost (RFC 7440, section 4): go back, once for this value. Without
         * windows a second ACK never triggers a send (RFC 1123, 4.2.3.1: Sorcerer's Apprentice).
         */
        forget_segmentation(t, now_ms);
        download_rewind(t);
    }
}

/* On the wire; the last block may be shorter, which does no harm. */
static uint32_t block_bytes(const struct transfer *t)
{
    return STANDING_HEADERS + PACKET_HEADER_SIZE + t->agreement.blksize;
}

void download_on_sent(struct transfer *t, uint32_t count, uint64_t now_ms)
{
    uint64_t repeated = t->high > t->sent ? t->high - t->sent : 0;
    uint64_t spent = (uint64_t)count * block_bytes(t);

    t->credit -= spent < t->credit ? (uint32_t)spent : t->credit;
    t->blocks_sent += count;
    if (repeated > count)
        repeated = count;
    t->blocks_resent += repeated;
    if (repeated > 0 && t->sent + repeated > t->doubled)
        t->doubled = t->sent + repeated;
    t->sent += count;
    if (t->sent > t->high) {
        t->high = t->sent;
        /* A slow disk is not the client's silence. */
        t->progress_ms = now_ms;
        t->timed_block = t->sent;
        t->timed_ms = now_ms;
    }
}

static void complete_block(struct transfer *t)
{
    struct netascii_cursor *cursor = &work_of(t)->cursor;

    t->is_block_ready = true;
    cursor->block++;
    if (t->filled < t->agreement.blksize) {
        t->last = cursor->block;
        t->last_size = t->filled;
    }
}

void download_on_read(struct transfer *t, struct span bytes)
{
    struct netascii_cursor *cursor = &work_of(t)->cursor;
    uint8_t *output = work_of(t)->datagram + PACKET_HEADER_SIZE + t->filled;
    size_t room = t->agreement.blksize - t->filled;

    if (bytes.size == 0) {
        t->filled += (uint32_t)netascii_encode_end(&cursor->state, output, room);
        complete_block(t);
        return;
    }
    struct netascii_step step = netascii_encode(&cursor->state, bytes, output, room);
    cursor->offset += step.read;
    t->filled += (uint32_t)step.written;
    if (t->filled == t->agreement.blksize)
        complete_block(t);
}

/*
 * Netascii is translated block by block as it is sent. After a rewind it is translated again from the checkpoint, and
 * blocks that the client has are dropped.
 */
static void next_netascii(struct transfer *t, struct action *action)
{
    struct netascii_work *work = work_of(t);

    if (t->is_block_ready && work->cursor.block <= t->sent) {
        t->is_block_ready = false;
        t->filled = 0;
        if (work->cursor.block == t->acked)
            work->checkpoint = work->cursor;
    }
    if (t->is_block_ready) {
        packet_encode_data_header(work->datagram, transfer_wire_block(t, work->cursor.block));
        action->kind = ACTION_SEND;
        action->send.bytes = span_of(work->datagram, PACKET_HEADER_SIZE + t->filled);
        return;
    }
    action->kind = ACTION_READ;
    action->read.offset = work->cursor.offset;
    action->read.size = t->agreement.blksize;
}

/*
 * Silence repeats a whole window only for a client that has taken data, and only once; then a block at a time until
 * something comes: a path or a client that is gone is not sent to, and a lucky guess at the port brings little.
 */
static uint32_t window_now(const struct transfer *t)
{
    uint8_t whole = t->standing == STANDING_PROVEN ? DOWNLOAD_WHOLE_REPEATS : 0;

    return t->retries > whole ? 1 : t->window;
}

bool download_next(struct transfer *t, struct action *action)
{
    uint32_t window = window_now(t);
    uint64_t target = t->last - t->acked < window ? t->last : t->acked + window;

    if (t->sent >= target)
        return false;
    uint64_t wanted = target - t->sent;
    uint64_t affordable = t->standing == STANDING_PROVEN ? wanted : t->credit / block_bytes(t);
    if (affordable == 0)
        return false;
    if (t->is_netascii) {
        next_netascii(t, action);
        return true;
    }
    action->kind = ACTION_SEND_BLOCKS;
    action->blocks.first = t->sent + 1;
    action->blocks.count = (uint32_t)(wanted < affordable ? wanted : affordable);
    return true;
}

enum transfer_outcome download_give_up(const struct transfer *t)
{
    enum { SURELY_PASSES = 512 }; /* no path loses a packet of that size for its size */
    bool is_tiny = t->last == 1 && t->file_size <= SURELY_PASSES;

    if (t->acked == 0 && !is_tiny)
        return OUTCOME_NEVER_TOOK_DATA;
    if (t->high == t->last)
        return OUTCOME_UNCONFIRMED;
    return t->is_heard ? OUTCOME_STUCK : OUTCOME_SILENT;
}
