#include "core/probe/probe_parts.h"

enum {
    SENDS = 3, /* of a request */
    SENDS_OF_MANY = 2,
    IN_VAIN_MAX = 3,   /* soundings of a step without any answer, before it is given up */
    WINDOW_MS = 3000,  /* of each size */
    SILENT_WINDOWS = 4 /* their waits double: longer than a window's time */
};

static const uint32_t window_sizes[FINDINGS_WINDOWS] = {1, 4, 16, 64};

/* -- what is common -- */

static bool is_alive(const struct probe *p)
{
    return p->findings.answered > 0;
}

static bool is_served(const struct probe *p)
{
    return is_alive(p) && findings_is_served(&p->findings);
}

static struct sounding_setup sounding_of(const struct probe *p, const char *name, uint32_t sends)
{
    return (struct sounding_setup){
        .server = p->setup.server,
        .name = name,
        .blocks_total = UINT64_MAX,
        .sends_max = sends,
        .first_ms = p->setup.timeout_ms,
        .wait_ms = round_trip_wait_ms(&p->findings.data_trip, p->setup.timeout_ms),
        .silent_max = 1,
        .until_ms = p->step_ends_ms,
    };
}

static void ask_option(struct sounding_setup *setup, enum option option, uint32_t value)
{
    setup->asked |= 1u << option;
    setup->values[option] = value;
}

static struct finding_answer answer_of(const struct sounding_report *r)
{
    struct finding_answer answer = {
        .is_asked = true, .end = r->end, .code = r->code, .text_size = r->text_size, .has_oack = r->has_oack};

    memcpy(answer.text, r->text, sizeof answer.text);
    return answer;
}

/* Old devices have no code of their own for options that they do not know. */
static bool is_about_options(const struct finding_answer *answer)
{
    return answer->end == SOUNDING_ERROR && (answer->code == ERROR_CODE_UNDEFINED ||
                                             answer->code == ERROR_CODE_ILLEGAL || answer->code == ERROR_CODE_OPTIONS);
}

static bool may_be_served_bare(const struct finding_answer *answer)
{
    return answer->end == SOUNDING_SILENT || answer->end == SOUNDING_BROKEN || is_about_options(answer);
}

static void take_size(struct probe *p)
{
    const struct sounding_report *r = &p->sounding.report;
    struct findings *f = &p->findings;

    if (r->end != SOUNDING_DONE)
        return;
    if (r->granted >> OPTION_TSIZE & 1) {
        f->has_size = true;
        f->size = r->values[OPTION_TSIZE];
    } else if (!r->has_oack && r->is_end_seen) {
        f->has_size = true;
        f->size = r->first_size;
    }
}

/* -- the size alone -- */

static bool is_size_wanted(const struct probe *p)
{
    return p->setup.is_size && p->setup.name != NULL;
}

static bool plan_size(struct probe *p, struct sounding_setup *setup, uint64_t now_ms)
{
    (void)now_ms;
    *setup = sounding_of(p, p->setup.name, SENDS);
    if (p->round == 0)
        ask_option(setup, OPTION_TSIZE, 0);
    return p->round == 0 || (p->round == 1 && may_be_served_bare(&p->findings.file));
}

static void take_size_alone(struct probe *p)
{
    struct finding_answer answer = answer_of(&p->sounding.report);

    if (p->round == 0)
        p->findings.file = answer;
    else
        p->findings.bare = answer;
    take_size(p);
}

/* -- a name that nobody has -- */

static bool is_absent_wanted(const struct probe *p)
{
    return !p->setup.is_size;
}

static bool plan_absent(struct probe *p, struct sounding_setup *setup, uint64_t now_ms)
{
    (void)now_ms;
    *setup = sounding_of(p, p->setup.absent, p->round == 0 ? SENDS : SENDS_OF_MANY);
    return p->round < FINDINGS_REQUESTS && (p->round == 0 || is_alive(p));
}

static void take_absent(struct probe *p)
{
    const struct sounding_report *r = &p->sounding.report;
    struct findings *f = &p->findings;

    f->asked += r->sends;
    f->answered += r->from.port != 0;
    if (p->round == 0)
        f->absent = answer_of(r);
}

static bool is_ping_wanted(const struct probe *p)
{
    const struct findings *f = &p->findings;

    return f->asked > 0 && f->absent.end == SOUNDING_SILENT && f->stranger.port == 0 && f->ping == PING_NOT_ASKED;
}

/* -- the file -- */

static bool is_file_wanted(const struct probe *p)
{
    return is_alive(p) && p->setup.name != NULL;
}

static bool plan_file(struct probe *p, struct sounding_setup *setup, uint64_t now_ms)
{
    (void)now_ms;
    *setup = sounding_of(p, p->setup.name, SENDS);
    ask_option(setup, OPTION_TSIZE, 0);
    ask_option(setup, OPTION_BLKSIZE, FINDINGS_BLKSIZE);
    ask_option(setup, OPTION_WINDOWSIZE, 16);
    ask_option(setup, OPTION_TIMEOUT, PROBE_TIMEOUT_S);
    ask_option(setup, OPTION_ROLLOVER, 0);
    p->findings.asked_options = setup->asked;
    return p->round == 0;
}

static void note_grants(struct probe *p, unsigned granted)
{
    const struct sounding *s = &p->sounding;
    struct findings *f = &p->findings;

    for (enum option option = 0; option < OPTION_COUNT; option++) {
        if (!(granted >> option & 1))
            continue;
        if (s->report.values[option] > f->granted[option])
            f->granted[option] = s->report.values[option];
        f->asked_most[option] = s->setup.values[option];
    }
}

static void take_file(struct probe *p)
{
    const struct sounding_report *r = &p->sounding.report;
    struct findings *f = &p->findings;

    f->file = answer_of(r);
    f->is_oack_broken = r->end == SOUNDING_BROKEN;
    if (r->end == SOUNDING_DONE) {
        f->together = r->granted;
        note_grants(p, r->granted);
    }
    take_size(p);
}

static bool is_bare_wanted(const struct probe *p)
{
    return is_alive(p) && p->findings.file.is_asked && may_be_served_bare(&p->findings.file);
}

static bool plan_bare(struct probe *p, struct sounding_setup *setup, uint64_t now_ms)
{
    (void)now_ms;
    *setup = sounding_of(p, p->setup.name, SENDS);
    return p->round == 0;
}

static void take_bare(struct probe *p)
{
    p->findings.bare = answer_of(&p->sounding.report);
    take_size(p);
}

/* -- each option alone: the first two always, to see how far they go -- */

static const struct {
    enum option option;
    uint32_t value;
    bool is_about_its_limit;
} alone[] = {
    {OPTION_BLKSIZE, BLKSIZE_MAX, true},
    {OPTION_WINDOWSIZE, WINDOWSIZE_MAX, true},
    {OPTION_TSIZE, 0, false},
    {OPTION_TIMEOUT, PROBE_TIMEOUT_S, false},
    {OPTION_ROLLOVER, 0, false},
    {OPTION_MSFTWINDOW, FINDINGS_MSFTWINDOW, false},
};

enum { ALONE_COUNT = sizeof alone / sizeof alone[0] };

static bool are_options_wanted(const struct probe *p)
{
    /* Each silence would cost the waits of a request. */
    return is_served(p) && p->findings.file.end != SOUNDING_SILENT;
}

static bool plan_options(struct probe *p, struct sounding_setup *setup, uint64_t now_ms)
{
    (void)now_ms;
    while (p->round < ALONE_COUNT && !alone[p->round].is_about_its_limit &&
           p->findings.together >> alone[p->round].option & 1)
        p->round++;
    if (p->round >= ALONE_COUNT)
        return false;
    *setup = sounding_of(p, p->setup.name, SENDS_OF_MANY);
    ask_option(setup, alone[p->round].option, alone[p->round].value);
    return true;
}

static void take_options(struct probe *p)
{
    const struct sounding_report *r = &p->sounding.report;

    p->findings.is_oack_broken |= r->end == SOUNDING_BROKEN;
    if (r->end != SOUNDING_DONE)
        return;
    p->findings.alone |= r->granted;
    note_grants(p, r->granted);
    take_size(p);
}

/* -- blocks -- */

static bool plan_search(struct probe *p, struct block_search *search, struct sounding_setup *setup)
{
    uint32_t blksize;

    if (p->in_vain >= IN_VAIN_MAX)
        p->findings.unfinished |= 1u << p->step;
    if (p->in_vain >= IN_VAIN_MAX || !block_search_next(search, &blksize))
        return false;
    *setup = sounding_of(p, p->setup.name, SENDS_OF_MANY);
    ask_option(setup, OPTION_BLKSIZE, blksize);
    setup->blocks_max = 1;
    /* More time than the others had. */
    if (block_search_is_last_try(search))
        setup->wait_ms *= 2;
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

static bool are_blocks_wanted(const struct probe *p)
{
    const struct findings *f = &p->findings;

    return !p->setup.is_quick && is_served(p) && findings_is_granted(f, OPTION_BLKSIZE) &&
           (!f->has_size || f->size > BLKSIZE_DEFAULT);
}

static bool plan_blocks(struct probe *p, struct sounding_setup *setup, uint64_t now_ms)
{
    struct findings *f = &p->findings;
    uint32_t top = findings_blksize_limit(f);

    (void)now_ms;
    if (p->round == 0)
        block_search_begin(&f->blocks, f->has_size && f->size < top ? (uint32_t)f->size : top);
    f->has_blocks = true;
    return plan_search(p, &f->blocks, setup);
}

static void take_blocks(struct probe *p)
{
    take_block(p, &p->findings.blocks);
}

/* -- windows -- */

static bool are_windows_wanted(const struct probe *p)
{
    const struct findings *f = &p->findings;

    return !p->setup.is_quick && is_served(p) && (!f->has_blocks || block_search_has_found(&f->blocks));
}

/* What is asked for in this round; 0: nothing, as it was asked before. */
static uint32_t windowsize_of(const struct findings *f, uint32_t round)
{
    uint32_t limit = findings_windowsize_limit(f);
    uint32_t size = window_sizes[round] < limit ? window_sizes[round] : limit;

    return round > 0 && size <= window_sizes[round - 1] ? 0 : size;
}

static bool plan_windows(struct probe *p, struct sounding_setup *setup, uint64_t now_ms)
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
    *setup = sounding_of(p, p->setup.name, SENDS);
    if (blksize != BLKSIZE_DEFAULT)
        ask_option(setup, OPTION_BLKSIZE, blksize);
    setup->values[OPTION_WINDOWSIZE] = windowsize_of(f, p->round);
    if (setup->values[OPTION_WINDOWSIZE] > 1)
        ask_option(setup, OPTION_WINDOWSIZE, setup->values[OPTION_WINDOWSIZE]);
    setup->blocks_max = blocks < PROBE_WINDOW_BLOCKS ? (uint32_t)blocks : PROBE_WINDOW_BLOCKS;
    setup->blocks_total = f->has_size ? blocks + 1 : UINT64_MAX;
    setup->silent_max = SILENT_WINDOWS;
    if (setup->until_ms > now_ms + WINDOW_MS)
        setup->until_ms = now_ms + WINDOW_MS;
    return true;
}

static void take_windows(struct probe *p)
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

static bool are_manners_wanted(const struct probe *p)
{
    return p->setup.is_deep && is_served(p) && (!p->findings.has_size || p->findings.size > BLKSIZE_DEFAULT);
}

static bool plan_manners(struct probe *p, struct sounding_setup *setup, uint64_t now_ms)
{
    (void)now_ms;
    *setup = sounding_of(p, p->setup.name, SENDS_OF_MANY);
    setup->blocks_max = 1;
    setup->trick = (enum sounding_trick)(p->round + 1);
    return setup->trick < TRICK_COUNT;
}

static void take_manners(struct probe *p)
{
    const struct sounding_report *r = &p->sounding.report;

    p->findings.tricks[p->sounding.setup.trick] = (struct finding_trick){
        .is_played = r->blocks > 0 && !r->is_end_seen,
        .is_repeated = r->is_repeated,
        .repeated_ms = r->repeated_ms,
        .copies = r->copies,
        .is_refused = r->is_refused,
        .is_taken_as_ours = r->is_taken_as_ours,
    };
}

/* -- a put -- */

static bool is_put_wanted(const struct probe *p)
{
    return is_alive(p) && p->setup.put_name != NULL;
}

static bool plan_put(struct probe *p, struct sounding_setup *setup, uint64_t now_ms)
{
    struct findings *f = &p->findings;
    bool is_known = findings_is_granted(f, OPTION_BLKSIZE);

    (void)now_ms;
    if (p->round == 0)
        block_search_begin(&f->put_blocks, is_known ? findings_blksize_limit(f) : BLKSIZE_MAX);
    if (p->round > 0 && f->put.end == SOUNDING_ERROR)
        return false;
    if (!plan_search(p, &f->put_blocks, setup))
        return false;
    setup->name = p->setup.put_name;
    setup->is_write = true;
    setup->memory = p->setup.memory;
    return true;
}

static void take_put(struct probe *p)
{
    struct finding_answer answer = answer_of(&p->sounding.report);
    bool is_news = p->round == 0 || answer.end == SOUNDING_ERROR;

    if (take_block(p, &p->findings.put_blocks) || is_news)
        p->findings.put = answer;
}

static bool plan_nothing(struct probe *p, struct sounding_setup *setup, uint64_t now_ms)
{
    (void)p;
    (void)setup;
    (void)now_ms;
    return false;
}

static void take_nothing(struct probe *p)
{
    (void)p;
}

/* Their times add up to more than there is: few servers need all of them, and PROBE_MS_MAX holds. */
const struct probe_step_row probe_steps[STEP_COUNT] = {
    [STEP_SIZE] = {"size", 20000, is_size_wanted, plan_size, take_size_alone},
    [STEP_ABSENT] = {"answer", 10000, is_absent_wanted, plan_absent, take_absent},
    [STEP_PING] = {"ping", 4000, is_ping_wanted, plan_nothing, take_nothing},
    [STEP_FILE] = {"file", 8000, is_file_wanted, plan_file, take_file},
    [STEP_BARE] = {"file", 8000, is_bare_wanted, plan_bare, take_bare},
    [STEP_OPTIONS] = {"options", 5000, are_options_wanted, plan_options, take_options},
    [STEP_BLOCKS] = {"blocks", 15000, are_blocks_wanted, plan_blocks, take_blocks},
    [STEP_WINDOWS] = {"windows", 10000, are_windows_wanted, plan_windows, take_windows},
    [STEP_MANNERS] = {"manners", 10000, are_manners_wanted, plan_manners, take_manners},
    [STEP_PUT] = {"put", 10000, is_put_wanted, plan_put, take_put},
};
