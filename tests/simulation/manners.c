/* What a server and its network may expect of a client, looked at from the outside. */
#include "errand.h"

enum {
    BACK_OFF_MS_MAX = 4000,
    ECHO_MS = 50,
    DALLY_MS_MIN = 250,
    PORTS_MAX = 2,   /* with options, and without */
    WINDOW_TRIES = 3 /* no more is begun anew than what these can hold */
};

void manners_on_event(struct errand *e, bool is_timer)
{
    struct manners *m = &e->manners;

    if (!is_timer)
        m->timer_ms = m->gap_ms = 0;
    m->is_timer = is_timer;
    m->has_waited_again = false;
}

void manners_on_port(struct world *w, struct errand *e)
{
    struct manners *m = &e->manners;
    uint32_t fallbacks =
        (uint32_t)__builtin_popcount(e->exchange.report.fallbacks & (FALLBACK_BLOCKS | FALLBACK_WINDOW));

    /* Each step down begins with a port, and there are three of blocks and two of windows. */
    REQUIRE(w, ++m->ports <= PORTS_MAX + (fallbacks > 0 ? 2 * 5 : 0), "the %uth port", m->ports);
    m->timer_ms = m->gap_ms = 0;
    m->high = 0;
    m->last_ack_ms = 0; /* those that follow are of another transfer */
}

/* Whatever is repeated because nothing came: each time after twice as long, from when the last of it left. */
static void check_back_off(struct world *w, struct manners *m)
{
    uint64_t gap_ms = w->now_ms - m->timer_ms;

    if (!m->is_timer)
        return;
    if (!m->has_waited_again && m->timer_ms != 0) {
        uint64_t least_ms = 2 * m->gap_ms < BACK_OFF_MS_MAX ? 2 * m->gap_ms : BACK_OFF_MS_MAX;
        REQUIRE(w, gap_ms >= least_ms, "repeated after %u ms, and before after %u", (unsigned)gap_ms,
                (unsigned)m->gap_ms);
        m->gap_ms = gap_ms;
    }
    m->has_waited_again = true;
    m->timer_ms = w->now_ms;
}

static void check_error(struct world *w, struct manners *m, uint8_t line, const struct endpoint *to)
{
    for (uint32_t i = 0; i < m->error_count; i++)
        REQUIRE(w, m->error_lines[i] != line || !endpoint_equal(&m->errors[i], to), "ERROR 5 to a stranger, again");
    REQUIRE(w, m->error_count < MANNERS_ERRORS_MAX, "ERRORs without end");
    if (m->error_count == MANNERS_ERRORS_MAX)
        return;
    m->error_lines[m->error_count] = line;
    m->errors[m->error_count++] = *to;
}

/* Sorcerer's Apprentice: without windows a block is sent again by the timer alone. */
static void check_data(struct world *w, struct errand *e, uint16_t block)
{
    struct manners *m = &e->manners;
    bool is_new = (uint16_t)(block - (uint16_t)m->high) == 1;

    REQUIRE(w, is_new || m->is_timer || e->exchange.report.windowsize > 1, "block %u again, and the timer is not why",
            block);
    if (is_new)
        m->high++;
}

/* The very ACK again is for a gap, once, or for a block that comes again when its sender has missed it. */
static void check_ack(struct world *w, struct errand *e, uint16_t block)
{
    struct manners *m = &e->manners;

    if (m->is_timer || e->is_committed)
        return;
    bool is_same = m->last_ack == block && m->last_ack_ms != 0;
    m->same_acks = is_same && w->now_ms < m->last_ack_ms + ECHO_MS ? m->same_acks + 1 : 0;
    /* Where it is seen that 1 follows 65535 the server is told once more. */
    REQUIRE(w, m->same_acks <= 1u + (block == UINT16_MAX), "ACK %u again and again", block);
    m->last_ack = block;
    m->last_ack_ms = w->now_ms;
}

void manners_on_send(struct world *w, struct errand *e, uint8_t line, const struct endpoint *to, struct span datagram)
{
    uint16_t opcode = read_u16(datagram.bytes);
    uint16_t number = read_u16(datagram.bytes + 2);

    if (opcode != OPCODE_ERROR)
        check_back_off(w, &e->manners);
    if (opcode == OPCODE_ERROR && number == ERROR_CODE_UNKNOWN_TID)
        check_error(w, &e->manners, line, to);
    if (opcode == OPCODE_DATA)
        check_data(w, e, number);
    if (opcode == OPCODE_ACK)
        check_ack(w, e, number);
}

void manners_on_restart(struct world *w, struct errand *e)
{
    size_t most = e->manners.window_bytes * WINDOW_TRIES;

    REQUIRE(w, e->stored_size <= most, "%u bytes are thrown away, which is more than %u windows",
            (unsigned)e->stored_size, WINDOW_TRIES);
}

/*
 * The last block once more, and it is stored: its sender has missed the ACK. (That of the other request, which was told to
 * end, may come from the same address: of a server with one port.)
 */
void manners_check_answer(struct world *w, struct errand *e, const struct datagram *datagram, uint64_t datagrams_before)
{
    bool is_data = datagram->size >= 4 && read_u16(datagram->bytes) == OPCODE_DATA;
    bool is_ours =
        endpoint_equal(&datagram->from, &e->exchange.tid) && endpoint_equal(&datagram->to, &e->at[e->exchange.line]);

    if (!e->is_committed || e->has_ended || !is_data || !is_ours ||
        read_u16(datagram->bytes + 2) != (uint16_t)e->exchange.moved || e->exchange.rollover != 0)
        return;
    REQUIRE(w, e->datagrams > datagrams_before, "the last block comes again, and is not acknowledged");
}

void manners_on_finish(struct world *w, struct errand *e)
{
    struct manners *m = &e->manners;

    REQUIRE(w, !e->is_committed || !m->is_timer || w->now_ms >= m->committed_ms + DALLY_MS_MIN,
            "gone %u ms after it was stored", (unsigned)(w->now_ms - m->committed_ms));
}
