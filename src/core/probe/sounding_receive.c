#include "core/probe/sounding_parts.h"

/* How many blocks the window has that is on its way. */
static uint32_t window_blocks(const struct sounding *s)
{
    uint64_t left = s->setup.blocks_total - s->report.blocks;

    if (s->end_at != 0)
        return s->end_at;
    return s->report.windowsize < left ? s->report.windowsize : (uint32_t)left;
}

static uint64_t mask_of(uint32_t blocks)
{
    return blocks >= SOUNDING_WINDOW_MAX ? UINT64_MAX : ((uint64_t)1 << blocks) - 1;
}

static uint32_t blocks_in_row(uint64_t seen)
{
    return seen == UINT64_MAX ? SOUNDING_WINDOW_MAX : (uint32_t)__builtin_ctzll(~seen);
}

/* What came of a window from its beginning is acknowledged, the rest of it comes again. */
static void close_window(struct sounding *s, uint32_t blocks, uint64_t now_ms)
{
    struct sounding_report *r = &s->report;
    bool is_end = s->end_at != 0 && blocks == s->end_at;

    r->arrived += (uint32_t)__builtin_popcountll(s->seen);
    r->blocks += blocks;
    r->bytes += (uint64_t)blocks * r->blksize;
    s->base = (uint16_t)(s->base + blocks);
    s->seen = 0;
    s->end_at = 0;
    s->silent = 0;
    if (is_end || r->blocks >= s->setup.blocks_max || r->blocks >= s->setup.blocks_total)
        sounding_finish(s, SOUNDING_DONE, now_ms);
    else
        sounding_owe_ack(s, now_ms);
}

void sounding_receive_begin(struct sounding *s, const struct packet *answer, uint64_t now_ms)
{
    if (answer->opcode == OPCODE_OACK)
        sounding_owe_ack(s, now_ms);
    else
        sounding_receive_data(s, answer, now_ms);
}

static void mark(struct sounding *s, uint32_t place, struct span data)
{
    struct sounding_report *r = &s->report;
    uint64_t bit = (uint64_t)1 << place;

    r->doubled += (s->seen & bit) != 0;
    r->disordered += (s->seen & bit) == 0 && s->seen > bit;
    s->seen |= bit;
    if (data.size < r->blksize) {
        s->end_at = place + 1;
        r->is_end_seen = true;
    }
}

/* How long it took says how long the others may be waited for. */
static void note_first(struct sounding *s, struct span data, uint64_t now_ms)
{
    struct sounding_report *r = &s->report;
    struct round_trip trip = {.is_known = false};

    r->first_size = (uint32_t)data.size;
    r->has_data_trip = r->has_oack && r->lost == 0;
    r->data_trip_ms = (uint32_t)(now_ms - s->moving_since_ms);
    if (!r->has_data_trip)
        return;
    round_trip_measure(&trip, r->data_trip_ms);
    uint32_t wait_ms = round_trip_wait_ms(&trip, s->setup.wait_ms);
    if (wait_ms < s->setup.wait_ms)
        s->setup.wait_ms = wait_ms;
}

void sounding_receive_data(struct sounding *s, const struct packet *packet, uint64_t now_ms)
{
    uint16_t place = (uint16_t)(packet->block - s->base - 1);

    /* What a window begins with may be lost; what it ends with tells, as no window that begins with 0 comes so far. */
    if (s->setup.trick == TRICK_ROLLOVER && s->report.blocks == UINT16_MAX && packet->block == s->report.windowsize) {
        s->report.goes_on_with_one = true;
        sounding_finish(s, SOUNDING_DONE, now_ms);
        return;
    }
    if (place >= window_blocks(s) || packet->data.size > s->report.blksize) {
        s->report.doubled += place >= window_blocks(s);
        return;
    }
    if (s->base == 0 && place == 0)
        note_first(s, packet->data, now_ms);
    mark(s, place, packet->data);
    if (s->setup.trick != TRICK_NONE && s->setup.trick != TRICK_ROLLOVER) {
        sounding_play(s, now_ms);
        return;
    }
    uint32_t blocks = window_blocks(s);
    bool is_last_here = s->seen >> (blocks - 1) & 1;
    s->deadline_ms = now_ms + (is_last_here && SOUNDING_GAP_MS < s->setup.wait_ms ? SOUNDING_GAP_MS : s->setup.wait_ms);
    if ((s->seen & mask_of(blocks)) == mask_of(blocks)) {
        /* What is left at the end of the file is none. */
        s->report.whole += blocks == s->report.windowsize;
        close_window(s, blocks, now_ms);
    }
}

/* Some of a window came; or nothing, and who can say whether it or its ACK was lost. */
void sounding_receive_timer(struct sounding *s, uint64_t now_ms)
{
    struct sounding_report *r = &s->report;
    uint32_t row = blocks_in_row(s->seen);

    if (s->seen == 0) {
        r->lost += s->silent == 0;
        if (++s->silent >= s->setup.silent_max)
            sounding_finish(s, SOUNDING_STOPPED, now_ms);
        else
            sounding_owe_ack(s, now_ms);
        return;
    }
    r->torn++;
    /* What is missing at its end is missing for one reason, and may only be late. */
    uint32_t last = SOUNDING_WINDOW_MAX - (uint32_t)__builtin_clzll(s->seen);
    r->lost += last - (uint32_t)__builtin_popcountll(s->seen) + (last < window_blocks(s));
    if (row > r->longest)
        r->longest = row;
    /* Of a window whose first block is missing nothing can be acknowledged. */
    close_window(s, row, now_ms);
}
