#include "core/probe/probe_parts.h"

enum {
    IN_VAIN_MAX = 3,     /* soundings of a step without any answer, before it is given up */
    LAST_WAIT_MS = 2500, /* for the longest block and those before it, on a line of 1 Mbit/s, behind a modem's queue */
    WINDOW_MS = 3000,    /* of each size */
    SILENT_WINDOWS = 4,  /* their waits double: longer than a window's time */
    ROLLOVER_WINDOWSIZE = 51
};

static const uint32_t window_sizes[FINDINGS_WINDOWS] = {1, 4, 16, 64};

/* -- blocks -- */

static bool plan_search(struct probe *p, struct block_search *search, struct sounding_setup *setup)
{
    uint32_t blksize;

    if (p->in_vain >= IN_VAIN_MAX)
        p->findings.unfinished |= 1u << p->step;
    if (p->in_vain >= IN_VAIN_MAX || !block_search_next(search, &blksize))
        return false;
    *setup = step_sounding(p, p->setup.name, STEP_SENDS_OF_MANY);
    step_ask(setup, OPTION_BLKSIZE, blksize);
    setup->blocks_max = 1;
    /* More time than the others had, whose waits were learnt of short blocks: a long one takes its time on a thin line. */
    if (block_search_is_last_try(search))
        setup->wait_ms = 2 * setup->wait_ms > LAST_WAIT_MS ? 2 * setup->wait_ms : LAST_WAIT_MS;
    return true;
}

/* Returns false where it tells nothing of blocks. */
static bool take_block(struct probe *p, struct block_search *search)
{
    const struct sounding_report *r = &p->sounding.report;
    bool is_write = p->sounding.setup.is_write;
    uint32_t came = is_write || r->first_size > r->blksize ? r->blksize : r->first_size;

    if (r->end == SOUNDING_STOPPED) {
        block_search_lost(search, r->blksize);
        return true;
    }
    if (r->end != SOUNDING_DONE || r->blocks == 0) {
        p->in_vain++;
        return false;
    }
    p->in_vain = 0;
    block_search_arrived(search, came);
    if (r->blksize < search->asking)
        block_search_limit(search, r->blksize);
    if (came < r->blksize) {
        block_search_limit(search, came);
        p->findings.has_size = true;
        p->findings.size = came;
    }
    return true;
}

bool wants_blocks(const struct probe *p)
{
    const struct findings *f = &p->findings;

    return !p->setup.is_quick && step_is_served(p) && findings_is_granted(f, OPTION_BLKSIZE) &&
           (!f->has_size || f->size > BLKSIZE_DEFAULT);
}

bool plan_blocks(struct probe *p, struct sounding_setup *setup)
{
    struct findings *f = &p->findings;
    uint32_t top = findings_blksize_limit(f);

    if (p->round == 0)
        block_search_begin(&f->blocks, f->has_size && f->size < top ? (uint32_t)f->size : top);
    f->has_blocks = true;
    return plan_search(p, &f->blocks, setup);
}

void take_blocks(struct probe *p)
{
    take_block(p, &p->findings.blocks);
}

/* -- windows -- */

bool wants_windows(const struct probe *p)
{
    const struct findings *f = &p->findings;

    return !p->setup.is_quick && step_is_served(p) && (!f->has_blocks || block_search_has_found(&f->blocks));
}

/* What is asked for in this round; 0: nothing, as it was asked before. */
static uint32_t windowsize_of(const struct findings *f, uint32_t round)
{
    uint32_t limit = findings_windowsize_limit(f);
    uint32_t size = window_sizes[round] < limit ? window_sizes[round] : limit;

    return round > 0 && size <= window_sizes[round - 1] ? 0 : size;
}

bool plan_windows(struct probe *p, struct sounding_setup *setup)
{
    const struct findings *f = &p->findings;
    uint32_t blksize = findings_blksize(f);
    uint64_t blocks = f->has_size ? f->size / blksize : UINT64_MAX;

    /* The server may grant less for blocks of this size than it does for short ones. */
    bool is_limited = p->round > 0 && f->windows[p->round - 1].windowsize < f->windows[p->round - 1].asked;

    if (is_limited)
        return false;
    while (p->round < FINDINGS_WINDOWS &&
           (windowsize_of(f, p->round) == 0 || blocks < (uint64_t)windowsize_of(f, p->round) * PROBE_WINDOWS_MIN))
        p->round++;
    if (p->round >= FINDINGS_WINDOWS)
        return false;
    *setup = step_sounding(p, p->setup.name, STEP_SENDS);
    if (blksize != BLKSIZE_DEFAULT)
        step_ask(setup, OPTION_BLKSIZE, blksize);
    setup->values[OPTION_WINDOWSIZE] = windowsize_of(f, p->round);
    if (setup->values[OPTION_WINDOWSIZE] > 1)
        step_ask(setup, OPTION_WINDOWSIZE, setup->values[OPTION_WINDOWSIZE]);
    setup->blocks_max = blocks < PROBE_WINDOW_BLOCKS ? (uint32_t)blocks : PROBE_WINDOW_BLOCKS;
    setup->blocks_total = f->has_size ? blocks + 1 : UINT64_MAX;
    setup->silent_max = SILENT_WINDOWS;
    if (setup->until_ms > p->planned_ms + WINDOW_MS)
        setup->until_ms = p->planned_ms + WINDOW_MS;
    return true;
}

void take_windows(struct probe *p)
{
    const struct sounding_report *r = &p->sounding.report;
    /* A file that ends too soon says nothing of windows. */
    bool is_enough = !r->is_end_seen || r->whole + r->torn >= PROBE_WINDOWS_MIN;

    p->findings.windows[p->round] = (struct finding_window){
        .is_measured = is_enough && (r->end == SOUNDING_DONE || r->end == SOUNDING_STOPPED),
        .asked = p->sounding.setup.values[OPTION_WINDOWSIZE],
        .windowsize = r->windowsize,
        .blksize = r->blksize,
        .blocks = r->blocks,
        .bytes = r->bytes,
        .ms = r->moving_ms,
        .arrived = r->arrived,
        .lost = r->lost,
        .doubled = r->doubled,
        .disordered = r->disordered,
        .whole = r->whole,
        .torn = r->torn,
        .longest = r->longest,
    };
}

/* -- manners -- */

bool wants_manners(const struct probe *p)
{
    return p->setup.is_deep && step_is_served(p) && (!p->findings.has_size || p->findings.size > BLKSIZE_DEFAULT);
}

/* 65535 is a multiple of the window, so that one begins just behind it. */
static bool plan_rollover(const struct findings *f, struct sounding_setup *setup)
{
    bool is_possible = findings_is_granted(f, OPTION_BLKSIZE) && findings_windowsize_limit(f) >= ROLLOVER_WINDOWSIZE &&
                       f->has_size && f->size >= (uint64_t)(UINT16_MAX + 2 * ROLLOVER_WINDOWSIZE) * BLKSIZE_MIN;

    step_ask(setup, OPTION_BLKSIZE, BLKSIZE_MIN);
    step_ask(setup, OPTION_WINDOWSIZE, ROLLOVER_WINDOWSIZE);
    setup->blocks_max = UINT16_MAX + 1;
    setup->silent_max = SILENT_WINDOWS;
    return is_possible;
}

/*
 * Any packet may be lost on its way, and a server's timer looks like a second answer to a doubled ACK where we are held up: so
 * one play is not enough.
 */
static const uint32_t tries_max[TRICK_COUNT] = {
    [TRICK_WITHHELD] = PROBE_WITHHELD_PLAYS,
    [TRICK_DOUBLED] = PROBE_DOUBLED_PLAYS,
    [TRICK_STRANGER] = PROBE_STRANGER_PLAYS,
    [TRICK_ROLLOVER] = 1,
};

static enum sounding_trick next_trick(const struct findings *f)
{
    enum sounding_trick trick = TRICK_WITHHELD;

    while (trick < TRICK_COUNT &&
           (f->tricks[trick].tries >= tries_max[trick] || finding_trick_is_seen(&f->tricks[trick])))
        trick++;
    return trick;
}

bool plan_manners(struct probe *p, struct sounding_setup *setup)
{
    *setup = step_sounding(p, p->setup.name, STEP_SENDS_OF_MANY);
    setup->blocks_max = 1;
    setup->trick = next_trick(&p->findings);
    if (setup->trick == TRICK_ROLLOVER)
        return plan_rollover(&p->findings, setup);
    return setup->trick < TRICK_COUNT;
}

static enum finding_rollover rollover_of(const struct sounding_report *r)
{
    if (r->blocks > UINT16_MAX)
        return ROLLOVER_0;
    if (r->blocks < UINT16_MAX)
        return ROLLOVER_UNKNOWN;
    if (r->goes_on_with_one)
        return ROLLOVER_1;
    return r->end == SOUNDING_STOPPED || r->end == SOUNDING_ERROR ? ROLLOVER_NOTHING : ROLLOVER_UNKNOWN;
}

void take_manners(struct probe *p)
{
    const struct sounding_report *r = &p->sounding.report;
    struct finding_trick *trick = &p->findings.tricks[p->sounding.setup.trick];
    bool is_played = r->blocks > 0 && !r->is_end_seen && !r->is_cut;

    trick->tries++;
    if (p->sounding.setup.trick == TRICK_ROLLOVER) {
        p->findings.rollover = rollover_of(r);
        return;
    }
    trick->plays += is_played && (p->sounding.setup.trick != TRICK_DOUBLED || r->copies > 0);
    trick->doubles += r->copies > 1;
    trick->is_repeated = r->is_repeated;
    trick->repeated_ms = r->repeated_ms;
    trick->is_refused = r->is_refused;
    trick->is_taken_as_ours = r->is_taken_as_ours;
}

/* -- a put -- */

bool wants_put(const struct probe *p)
{
    return step_is_alive(p) && p->setup.put_name != NULL;
}

bool plan_put(struct probe *p, struct sounding_setup *setup)
{
    struct findings *f = &p->findings;
    bool is_known = findings_is_granted(f, OPTION_BLKSIZE);
    bool is_answered = f->put.end == SOUNDING_DONE || f->put.end == SOUNDING_STOPPED;

    if (p->round == 0)
        block_search_begin(&f->put_blocks, is_known ? findings_blksize_limit(f) : BLKSIZE_MAX);
    if (p->round > 0 && !is_answered)
        return false;
    if (!plan_search(p, &f->put_blocks, setup))
        return false;
    if (p->round == 0)
        setup->sends_max = STEP_SENDS;
    setup->name = p->setup.put_name;
    setup->is_write = true;
    setup->memory = p->setup.memory;
    return true;
}

void take_put(struct probe *p)
{
    struct finding_answer answer = step_answer(p);
    bool is_news = p->round == 0 || answer.end == SOUNDING_ERROR;

    if (take_block(p, &p->findings.put_blocks) || is_news)
        p->findings.put = answer;
}
