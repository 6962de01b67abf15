#include "core/probe/sounding_parts.h"

enum { WITHHELD_MS = 6000 /* longer than the timers of most servers: theirs are 1 to 5 s */ };

/* The first block has come. */
void sounding_play(struct sounding *s, uint64_t now_ms)
{
    s->state = SOUNDING_WATCHING;
    s->moving_since_ms = now_ms;
    s->base = 1;
    s->report.blocks = 1;
    s->report.bytes = s->report.first_size;
    if (s->report.is_end_seen) {
        sounding_finish(s, SOUNDING_DONE, now_ms);
        return;
    }
    if (s->setup.trick == TRICK_WITHHELD) {
        s->deadline_ms = now_ms + WITHHELD_MS;
        return;
    }
    sounding_owe_ack(s, now_ms);
    if (s->setup.trick == TRICK_DOUBLED)
        s->due_times = 2;
    else
        s->due_line = 1;
}

static void watch_data(struct sounding *s, uint16_t block, uint64_t now_ms)
{
    struct sounding_report *r = &s->report;

    /* Sooner it is the same one, doubled on its way. */
    if (block == 1 && s->setup.trick == TRICK_WITHHELD && now_ms - s->moving_since_ms >= SOUNDING_GAP_MS) {
        r->is_repeated = true;
        r->repeated_ms = (uint32_t)(now_ms - s->moving_since_ms);
        sounding_finish(s, SOUNDING_DONE, now_ms);
    }
    if (block != 2)
        return;
    r->copies++;
    /* The second answer would leave with the first; what comes later is by the server's timer. */
    if (s->setup.trick == TRICK_DOUBLED && now_ms + SOUNDING_GAP_MS < s->deadline_ms)
        s->deadline_ms = now_ms + SOUNDING_GAP_MS;
    r->is_taken_as_ours = s->setup.trick == TRICK_STRANGER;
}

void sounding_watch(struct sounding *s, uint8_t line, const struct packet *packet, uint64_t now_ms)
{
    if (packet->opcode == OPCODE_DATA)
        watch_data(s, packet->block, now_ms);
    else if (packet->opcode == OPCODE_ERROR && line == 1)
        s->report.is_refused = packet->code == ERROR_CODE_UNKNOWN_TID;
    else if (packet->opcode == OPCODE_ERROR)
        s->tid.port = 0;
    if (packet->opcode == OPCODE_ERROR && s->state == SOUNDING_WATCHING)
        sounding_finish(s, SOUNDING_DONE, now_ms);
}
