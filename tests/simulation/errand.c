#include "errand.h"

#include "statistics.h"

enum {
    FIRST_PORT = 1024,
    PAUSE_MS = 1500,
    STEPS_MAX = 200000,             /* actions at one moment */
    ATTEMPT_MS_MAX = 5 * 60 * 1000, /* and so much for each block that got through */
    BLOCK_MS_MAX = 2500
};

static bool has_port(const struct errand *e, uint16_t port)
{
    for (uint8_t line = 0; line < EXCHANGE_LINES; line++)
        if (e->at[line].port == port)
            return true;
    return false;
}

/* None that it has or had: a server that knows it of the request before would be right to be silent. */
static void draw_port(struct world *w, struct errand *e, uint8_t line)
{
    uint16_t port;

    do
        port = (uint16_t)(FIRST_PORT + world_random(w, 60000));
    while (has_port(e, port));
    e->at[line] = world_address(NETWORK_CLIENTS + e->index, port);
}

static void arm(struct world *w, struct errand *e, uint64_t until_ms)
{
    e->wakes_at_ms = until_ms > w->now_ms ? until_ms : w->now_ms;
    world_at(w, e->wakes_at_ms, MOMENT_CLIENT, e->index, NULL);
}

static void store(struct world *w, struct errand *e)
{
    struct span bytes = e->action.write.bytes;
    uint64_t offset = e->action.write.offset;

    if (offset == 0 && e->stored_size > 0)
        manners_on_restart(w, e);
    if (offset == 0)
        e->stored_size = 0;
    e->manners.window_bytes = (size_t)e->exchange.report.windowsize * e->exchange.report.blksize;
    REQUIRE(w, bytes.size > 0 && offset == e->stored_size, "a write of %u bytes at %u, behind %u", (unsigned)bytes.size,
            (unsigned)offset, (unsigned)e->stored_size);
    REQUIRE(w, !e->is_committed, "a write behind the end");
    if (e->stored_size + bytes.size > e->stored_capacity) {
        uint8_t *before = e->stored;
        e->stored_capacity = (e->stored_size + bytes.size) * 2;
        e->stored = world_allocate(w, e->stored_capacity);
        if (e->stored_size > 0)
            memcpy(e->stored, before, e->stored_size);
        world_free(w, before);
    }
    memcpy(e->stored + e->stored_size, bytes.bytes, bytes.size);
    e->stored_size += bytes.size;
}

static bool is_fetched_whole(const struct errand *e)
{
    return e->stored_size == e->source.size &&
           (e->source.size == 0 || memcmp(e->stored, e->source.bytes, e->source.size) == 0);
}

bool errand_has_one_port(const struct world *w)
{
    /* Without drawing: the other worlds stay what they are. */
    return w->seed % 8 >= 6;
}

/* Some systems know that the link is gone, and say it. Without drawing, too. */
static bool is_cut_off(const struct world *w)
{
    bool is_told = w->seed % 8 == 4 || w->seed % 8 == 5;

    return is_told && w->now_ms >= w->faults.partition_from_ms && w->now_ms < w->faults.partition_until_ms;
}

static enum cause perform(struct world *w, struct errand *e)
{
    const struct exchange_action *action = &e->action;

    switch (action->kind) {
    case EXCHANGE_NEW_PORT:
        if (action->line == 1 && errand_has_one_port(w))
            return CAUSE_SOCKET;
        draw_port(w, e, action->line);
        manners_on_port(w, e);
        return CAUSE_DONE;
    case EXCHANGE_SEND:
        REQUIRE(w, e->at[action->line].port != 0, "a datagram leaves from no port");
        REQUIRE(w, action->send.bytes.size <= 4 + 65464u, "a datagram of %u bytes", (unsigned)action->send.bytes.size);
        e->datagrams++;
        manners_on_send(w, e, action->line, &action->send.to, action->send.bytes);
        if (is_cut_off(w))
            return CAUSE_SOCKET;
        network_send(w, &e->at[action->line], &action->send.to, action->send.bytes, span_of(NULL, 0));
        return CAUSE_DONE;
    case EXCHANGE_OPEN: return CAUSE_DONE;
    case EXCHANGE_WRITE: store(w, e); return CAUSE_DONE;
    case EXCHANGE_COMMIT:
        REQUIRE(w, action->size == e->stored_size, "%u bytes to commit, and there are %u", (unsigned)action->size,
                (unsigned)e->stored_size);
        REQUIRE(w, is_fetched_whole(e), "the file is not the server's");
        e->is_committed = true;
        e->manners.committed_ms = w->now_ms;
        return CAUSE_DONE;
    default: ASSERT(false);
    }
}

static void answer_read(struct world *w, struct errand *e)
{
    uint64_t offset = e->action.read.offset;
    size_t left = offset < e->source.size ? e->source.size - (size_t)offset : 0;
    size_t size = e->action.read.size < left ? e->action.read.size : left;

    if (size > 1 && world_chance(w, 100))
        size = 1 + world_random(w, (uint32_t)size);
    exchange_answer_read(&e->exchange, CAUSE_DONE, span_of(e->source.bytes + offset, size), w->now_ms, &e->action);
}

/* Beside what a step and the credit are, no byte goes before its time. */
static void check_rate(struct world *w, const struct errand *e)
{
    uint64_t paid_ms = e->report.duration_ms + PACE_STEP_MS + PACE_CREDIT_MS;

    if (e->setup.rate != 0 && !e->setup.is_netascii)
        REQUIRE(w, e->report.bytes <= e->setup.rate * paid_ms / 1000, "%u bytes in %u ms are more than %u a second",
                (unsigned)e->report.bytes, (unsigned)e->report.duration_ms, (unsigned)e->setup.rate);
}

static void finish(struct world *w, struct errand *e)
{
    e->report = e->action.finish;
    e->cause = e->report.cause;
    e->at[0].port = e->at[1].port = 0;
    e->was_unconfirmed |= e->cause == CAUSE_UNCONFIRMED || e->cause == CAUSE_INTERRUPTED;
    w->statistics->causes[e->cause]++;
    world_note(w, "client %u: exit code %d, %s", e->index, cause_exit_code(e->cause, e->report.error_code),
               cause_text(e->cause));
    REQUIRE(w, w->now_ms - e->begun_ms <= ATTEMPT_MS_MAX + e->report.blocks * BLOCK_MS_MAX, "it took %u s",
            (unsigned)((w->now_ms - e->begun_ms) / 1000));
    REQUIRE(w, e->setup.is_put || e->is_committed == (e->cause == CAUSE_DONE),
            "stored and said to have failed, or not");
    REQUIRE(w, e->cause != CAUSE_DONE || e->report.bytes == e->source.size, "%u bytes are told, of %u",
            (unsigned)e->report.bytes, (unsigned)e->source.size);
    check_rate(w, e);
    manners_on_finish(w, e);
    e->has_ended = true;
    e->wakes_at_ms = UINT64_MAX;
}

static void run(struct world *w, struct errand *e)
{
    for (uint32_t steps = 0; e->action.kind != EXCHANGE_WAIT && w->failure[0] == 0; steps++) {
        REQUIRE(w, steps < STEPS_MAX, "the machine runs in circles");
        if (e->action.kind == EXCHANGE_FINISH) {
            finish(w, e);
            return;
        }
        if (e->action.kind == EXCHANGE_READ)
            answer_read(w, e);
        else
            exchange_answer(&e->exchange, perform(w, e), w->now_ms, &e->action);
    }
    if (w->failure[0] == 0)
        arm(w, e, e->action.wait.until_ms);
}

static void begin(struct world *w, struct errand *e)
{
    e->attempts++;
    e->begun_ms = w->now_ms;
    e->has_ended = false;
    e->datagrams = 0;
    e->stored_size = 0;
    e->manners = (struct manners){.ports = 0};
    exchange_begin(&e->exchange, &e->setup, w->now_ms, &e->action);
    run(w, e);
}

void errand_start(struct world *w, struct errand *e, uint32_t index, const struct exchange_setup *setup,
                  struct span source, uint32_t start_ms)
{
    *e = (struct errand){.index = index, .setup = *setup, .source = source};
    size_t size = exchange_memory_size(setup);
    if (size > 0)
        e->setup.memory = world_allocate(w, size);
    e->has_ended = true;
    arm(w, e, w->now_ms + start_ms);
}

void errand_free(struct world *w, struct errand *e)
{
    world_free(w, e->setup.memory);
    world_free(w, e->stored);
}

/* A wait after an end is the pause before the next attempt. */
void errand_on_timer(struct world *w, struct errand *e)
{
    if (w->now_ms != e->wakes_at_ms)
        return;
    if (e->has_ended) {
        begin(w, e);
        return;
    }
    /* What was only waiting for its turn belongs to what happened before. */
    if (!e->exchange.is_held_back)
        manners_on_event(e, w->now_ms >= e->action.wait.until_ms);
    exchange_on_timer(&e->exchange, w->now_ms, &e->action);
    run(w, e);
}

bool errand_on_datagram(struct world *w, struct errand *e, const struct datagram *datagram)
{
    for (uint8_t line = 0; line < EXCHANGE_LINES && !e->has_ended; line++)
        if (e->at[line].port != 0 && endpoint_equal(&e->at[line], &datagram->to)) {
            uint64_t before = e->datagrams;
            manners_on_event(e, false);
            exchange_on_datagram(&e->exchange, line, &datagram->from, span_of(datagram->bytes, datagram->size),
                                 w->now_ms, &e->action);
            run(w, e);
            manners_check_answer(w, e, datagram, before);
            return true;
        }
    return false;
}

void errand_on_unreachable(struct world *w, struct errand *e, uint8_t line)
{
    if (e->has_ended || e->at[line].port == 0)
        return;
    exchange_on_unreachable(&e->exchange, line, w->now_ms, &e->action);
    run(w, e);
}

void errand_interrupt(struct world *w, struct errand *e)
{
    if (e->has_ended)
        return;
    manners_on_event(e, false);
    exchange_interrupt(&e->exchange, w->now_ms, &e->action);
    run(w, e);
    REQUIRE(w, e->has_ended, "interrupted, and it goes on");
}

void errand_again(struct world *w, struct errand *e)
{
    arm(w, e, w->now_ms + PAUSE_MS);
}

/* The request; then an ACK for each window, or each block. */
uint64_t errand_least(const struct errand *e)
{
    uint64_t blocks = e->report.blocks;
    uint64_t windows = (blocks + e->report.windowsize - 1) / e->report.windowsize;

    if (e->setup.is_put)
        return 1 + blocks;
    return 1 + windows + e->report.has_oack;
}
