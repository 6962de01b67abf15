#include "core/probe/probe_parts.h"

/* -- what is common -- */

bool step_is_alive(const struct probe *p)
{
    return p->findings.answered > 0;
}

bool step_is_served(const struct probe *p)
{
    return step_is_alive(p) && findings_is_served(&p->findings);
}

struct sounding_setup step_sounding(const struct probe *p, const char *name, uint32_t sends)
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

void step_ask(struct sounding_setup *setup, enum option option, uint32_t value)
{
    setup->asked |= 1u << option;
    setup->values[option] = value;
}

/* Where the time of its step was over before it was asked often enough, that is silence as well. */
struct finding_answer step_answer(const struct probe *p)
{
    const struct sounding_report *r = &p->sounding.report;
    bool is_silent = r->end == SOUNDING_UNFINISHED && !p->is_ended;
    struct finding_answer answer = {.is_asked = true,
                                    .end = is_silent ? SOUNDING_SILENT : r->end,
                                    .code = r->code,
                                    .text_size = r->text_size,
                                    .has_oack = r->has_oack};

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

static bool wants_size(const struct probe *p)
{
    return p->setup.is_size && p->setup.name != NULL;
}

static bool plan_size(struct probe *p, struct sounding_setup *setup)
{
    *setup = step_sounding(p, p->setup.name, STEP_SENDS);
    if (p->round == 0)
        step_ask(setup, OPTION_TSIZE, 0);
    return p->round == 0 || (p->round == 1 && may_be_served_bare(&p->findings.file));
}

static void take_size_alone(struct probe *p)
{
    struct finding_answer answer = step_answer(p);

    if (p->round == 0)
        p->findings.file = answer;
    else
        p->findings.bare = answer;
    take_size(p);
}

/* -- a name that nobody has -- */

static bool wants_absent(const struct probe *p)
{
    return !p->setup.is_size;
}

static bool plan_absent(struct probe *p, struct sounding_setup *setup)
{
    *setup = step_sounding(p, p->setup.absent, p->round == 0 ? STEP_SENDS : STEP_SENDS_OF_MANY);
    return p->round < FINDINGS_REQUESTS && (p->round == 0 || step_is_alive(p));
}

static void take_absent(struct probe *p)
{
    const struct sounding_report *r = &p->sounding.report;
    struct findings *f = &p->findings;

    f->asked += r->sends > 0;
    f->answered += r->from.port != 0;
    if (p->round == 0)
        f->absent = step_answer(p);
}

static bool wants_ping(const struct probe *p)
{
    const struct findings *f = &p->findings;

    return f->asked > 0 && f->absent.end == SOUNDING_SILENT && f->stranger.port == 0 && f->ping == PING_NOT_ASKED;
}

/* -- the file -- */

static bool wants_file(const struct probe *p)
{
    return step_is_alive(p) && p->setup.name != NULL;
}

static bool plan_file(struct probe *p, struct sounding_setup *setup)
{
    *setup = step_sounding(p, p->setup.name, STEP_SENDS);
    step_ask(setup, OPTION_TSIZE, 0);
    step_ask(setup, OPTION_BLKSIZE, FINDINGS_BLKSIZE);
    step_ask(setup, OPTION_WINDOWSIZE, 16);
    step_ask(setup, OPTION_TIMEOUT, PROBE_TIMEOUT_S);
    step_ask(setup, OPTION_ROLLOVER, 0);
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

    f->file = step_answer(p);
    f->is_oack_broken = r->end == SOUNDING_BROKEN;
    if (r->end == SOUNDING_DONE) {
        f->together = r->granted;
        note_grants(p, r->granted);
    }
    take_size(p);
}

static bool wants_bare(const struct probe *p)
{
    return step_is_alive(p) && p->findings.file.is_asked && may_be_served_bare(&p->findings.file);
}

static bool plan_bare(struct probe *p, struct sounding_setup *setup)
{
    *setup = step_sounding(p, p->setup.name, STEP_SENDS);
    return p->round == 0;
}

static void take_bare(struct probe *p)
{
    p->findings.bare = step_answer(p);
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

static bool wants_options(const struct probe *p)
{
    /* Each silence would cost the waits of a request. */
    return step_is_served(p) && p->findings.file.end != SOUNDING_SILENT;
}

static bool plan_options(struct probe *p, struct sounding_setup *setup)
{
    while (p->round < ALONE_COUNT && !alone[p->round].is_about_its_limit &&
           p->findings.together >> alone[p->round].option & 1)
        p->round++;
    if (p->round >= ALONE_COUNT)
        return false;
    *setup = step_sounding(p, p->setup.name, STEP_SENDS_OF_MANY);
    step_ask(setup, alone[p->round].option, alone[p->round].value);
    return true;
}

static void take_options(struct probe *p)
{
    const struct sounding_report *r = &p->sounding.report;
    enum sounding_end end = step_answer(p).end;
    unsigned asked = p->sounding.setup.asked;
    struct findings *f = &p->findings;

    if (end == SOUNDING_UNFINISHED)
        return;
    f->asked_alone |= asked;
    f->is_oack_broken |= end == SOUNDING_BROKEN;
    if (end == SOUNDING_SILENT)
        f->unanswered |= asked;
    if (end != SOUNDING_DONE)
        return;
    f->alone |= r->granted;
    note_grants(p, r->granted);
    take_size(p);
}

/* Their times add up to more than there is: few servers need all of them, and PROBE_MS_MAX holds. */
const struct probe_step_row probe_steps[STEP_OVER] = {
    [STEP_SIZE] = {"size", 20000, wants_size, plan_size, take_size_alone},
    [STEP_ABSENT] = {"answer", 10000, wants_absent, plan_absent, take_absent},
    [STEP_PING] = {"ping", 4000, wants_ping, NULL, NULL},
    [STEP_FILE] = {"file", 8000, wants_file, plan_file, take_file},
    [STEP_BARE] = {"file", 8000, wants_bare, plan_bare, take_bare},
    [STEP_OPTIONS] = {"options", 5000, wants_options, plan_options, take_options},
    [STEP_BLOCKS] = {"blocks", 15000, wants_blocks, plan_blocks, take_blocks},
    [STEP_WINDOWS] = {"windows", 10000, wants_windows, plan_windows, take_windows},
    [STEP_MANNERS] = {"manners", 21000, wants_manners, plan_manners, take_manners},
    [STEP_PUT] = {"put", 10000, wants_put, plan_put, take_put},
};
