#include "core/transfer/transfer_parts.h"

static bool is_size_refused(struct transfer *t, size_t size, bool is_last)
{
    uint64_t total = t->bytes + size;

    if (t->upload_bytes_max != 0 && total > t->upload_bytes_max) {
        transfer_refuse(t, OUTCOME_TOO_LARGE, STATUS_OK);
        return true;
    }
    /* What netascii's tsize counts differs between clients, and 0 is what a client says that does not know. */
    bool is_announced = t->agreement.has_tsize && t->agreement.tsize != 0 && !t->is_netascii;
    if (is_announced && (total > t->agreement.tsize || (is_last && total != t->agreement.tsize))) {
        transfer_refuse(t, OUTCOME_WRONG_SIZE, STATUS_OK);
        return true;
    }
    return false;
}

static void keep(struct transfer *t, struct span data, bool is_last)
{
    ASSERT(t->filled + data.size < t->memory_size);
    if (t->is_netascii) {
        t->filled += (uint32_t)netascii_decode(&t->decoder, data, t->memory + t->filled);
        if (is_last)
            t->filled += (uint32_t)netascii_decode_end(&t->decoder, t->memory + t->filled);
        return;
    }
    memcpy(t->memory + t->filled, data.bytes, data.size);
    t->filled += (uint32_t)data.size;
}

static void accept(struct transfer *t, struct span data, uint64_t now_ms)
{
    bool is_last = data.size < t->agreement.blksize;

    t->sent++;
    /* What comes behind an acknowledgment of ours is no guess. */
    transfer_progress(t, t->acked > 0 ? STANDING_PROVEN : STANDING_ANSWERED, now_ms);
    if (is_size_refused(t, data.size, is_last))
        return;
    keep(t, data, is_last);
    t->bytes += data.size;
    t->phase = PHASE_RECEIVING;
    t->is_complete = is_last;
    t->rewound_at = UINT64_MAX;
    t->owes_reply = is_last || t->sent - t->acked >= t->window;
}

/* A client that does not heed what was granted would repeat such blocks until it gives up, and never learn why. */
static void refuse_oversize(struct transfer *t, size_t size, uint64_t now_ms)
{
    transfer_progress(t, STANDING_ANSWERED, now_ms);
    t->oversize = (uint32_t)size;
    transfer_refuse(t, OUTCOME_OVERSIZED, STATUS_OK);
}

/* A block that is not the next one: perhaps our ACK was lost, perhaps one of its window (RFC 7440, section 4). */
static void on_other_block(struct transfer *t, uint16_t wire, uint64_t now_ms)
{
    bool is_repeated_last = t->sent > 0 && wire == transfer_wire_block(t, t->sent);

    if (is_repeated_last) {
        /*
         * Some clients answer each ACK with a block (atftp), or a window: were every copy that a network made of one
         * block acknowledged, there would be ever more of them (Sorcerer's Apprentice). Whoever has lost the ACK
         * repeats its block later. After the last block nothing can follow an ACK.
         */
        bool is_echo = t->phase == PHASE_RECEIVING && now_ms < t->timed_ms + UPLOAD_ECHO_MS;
        if (t->sent == t->acked && !t->owes_reply && !is_echo) {
            t->owes_reply = true;
            t->blocks_resent++;
        }
        return;
    }
    bool is_ahead = transfer_block_from_wire(t, t->sent + 1, (uint64_t)t->window * 2, wire) != UINT64_MAX;
    if (t->window > 1 && is_ahead && t->rewound_at != t->sent) {
        t->rewound_at = t->sent;
        t->owes_reply = true;
        if (t->phase == PHASE_OFFERING) {
            /* Who sends data has seen the offer: it is owed ACK 0, not the OACK again. */
            t->phase = PHASE_RECEIVING;
            transfer_progress(t, STANDING_ANSWERED, now_ms);
        }
    }
}

void upload_on_data(struct transfer *t, const struct packet *packet, uint64_t now_ms)
{
    bool is_next = packet->block == transfer_wire_block(t, t->sent + 1) && !t->is_complete;

    if (packet->data.size > t->agreement.blksize) {
        if (is_next)
            refuse_oversize(t, packet->data.size, now_ms);
        return;
    }
    if (is_next)
        accept(t, packet->data, now_ms);
    else
        on_other_block(t, packet->block, now_ms);
}

void upload_on_written(struct transfer *t)
{
    t->written += t->filled;
    t->filled = 0;
}

/* What is in memory goes to the file when the upload is complete, or when another window would not fit behind it. */
static bool is_write_due(const struct transfer *t)
{
    size_t window_bytes = (size_t)t->window * t->agreement.blksize;

    return t->filled > 0 && (t->is_complete || t->filled + window_bytes > t->memory_size - UPLOAD_SPARE_BYTES);
}

bool upload_next(struct transfer *t, uint64_t now_ms, struct action *action)
{
    if (!t->owes_reply)
        return false;
    if (is_write_due(t)) {
        action->kind = ACTION_WRITE;
        action->write.bytes = span_of(t->memory, t->filled);
        action->write.offset = t->written;
        return true;
    }
    if (t->is_complete && t->phase != PHASE_DALLYING) {
        t->phase = PHASE_COMMITTING;
        action->kind = ACTION_COMMIT;
        return true;
    }
    /* A slow disk is not the client's silence. */
    if (t->acked != t->sent)
        t->progress_ms = now_ms;
    t->acked = t->sent;
    transfer_ask_control(action, packet_encode_ack(action->control, transfer_wire_block(t, t->sent)));
    return true;
}
