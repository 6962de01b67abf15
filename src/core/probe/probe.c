#include "core/probe/probe_parts.h"

enum { PACKET_WAIT_MS = 5 /* for its turn, where too many have left already */ };

const char *probe_step_name(enum probe_step step)
{
    return step < STEP_OVER ? probe_steps[step].name : "end";
}

/* -- limits -- */

static uint64_t ends_ms(const struct probe *p)
{
    return p->begun_ms + PROBE_MS_MAX;
}

static uint64_t bytes_so_far(const struct probe *p)
{
    return p->findings.wire_bytes + (p->is_begun ? p->sounding.report.wire_bytes : 0);
}

/* Whoever is over a limit says goodbye to the server, and that is all. */
static void hold_limits(struct probe *p, uint64_t now_ms)
{
    struct findings *f = &p->findings;

    if (p->is_ended || p->step == STEP_OVER)
        return;
    f->is_out_of_time = now_ms >= ends_ms(p);
    f->is_out_of_bytes = bytes_so_far(p) >= PROBE_BYTES_MAX - PROBE_BYTES_SPARE;
    if (!f->is_out_of_time && !f->is_out_of_bytes)
        return;
    p->is_ended = true;
    f->unfinished |= 1u << p->step;
    if (p->is_begun)
        sounding_stop(&p->sounding, now_ms);
}

/* -- steps -- */

static void enter(struct probe *p, enum probe_step step, uint64_t now_ms)
{
    p->step = step;
    p->round = p->in_vain = 0;
    if (step == STEP_OVER)
        return;
    p->step_ends_ms = now_ms + probe_steps[step].ms_max;
    if (p->step_ends_ms > ends_ms(p))
        p->step_ends_ms = ends_ms(p);
}

static void take_result(struct probe *p)
{
    const struct sounding_report *r = &p->sounding.report;
    struct findings *f = &p->findings;

    p->is_begun = false;
    f->soundings += r->sends > 0;
    f->wire_bytes += r->wire_bytes;
    f->datagrams += r->datagrams;
    if (r->stranger.port != 0)
        f->stranger = r->stranger;
    if (r->from.port != 0)
        f->from = r->from;
    f->is_nonsense_heard |= r->is_nonsense_heard;
    if (r->has_round_trip)
        round_trip_measure(&f->trip, r->round_trip_ms);
    if (r->has_data_trip)
        round_trip_measure(&f->data_trip, r->data_trip_ms);
    probe_steps[p->step].take(p);
    p->round++;
}

static void begin_sounding(struct probe *p, const struct sounding_setup *setup, uint64_t now_ms)
{
    memset(p->is_open, 0, sizeof p->is_open);
    p->is_begun = sounding_begin(&p->sounding, setup, now_ms);
    p->findings.is_name_too_long |= !p->is_begun;
    p->is_ended |= !p->is_begun;
}

/* On to the next sounding, or to the end. */
static void advance(struct probe *p, uint64_t now_ms)
{
    struct sounding_setup setup;

    p->planned_ms = now_ms;
    while (!p->is_begun && p->step != STEP_OVER) {
        const struct probe_step_row *row = &probe_steps[p->step];
        bool is_open = !p->is_ended && row->wants(p);
        if (is_open && p->step == STEP_PING)
            return;
        if (is_open && now_ms >= p->step_ends_ms)
            p->findings.unfinished |= 1u << p->step;
        else if (is_open && row->plan(p, &setup)) {
            begin_sounding(p, &setup, now_ms);
            continue;
        }
        enter(p, p->step + 1, now_ms);
    }
}

/* -- actions -- */

static void wait(struct probe *p, uint64_t until_ms, struct probe_action *action)
{
    action->kind = PROBE_WAIT;
    action->until_ms = until_ms < ends_ms(p) || p->is_ended ? until_ms : ends_ms(p);
}

static bool is_new_port_due(const struct probe *p, uint8_t *line)
{
    for (*line = 0; *line < SOUNDING_LINES; (*line)++)
        if (!p->is_open[*line] && (*line == 0 || sounding_has_second_line(&p->sounding)))
            return true;
    return false;
}

/* A request has to keep its distance to the last one, and any packet finds a token. */
static bool may_send(struct probe *p, uint64_t now_ms, uint64_t *when_ms)
{
    bool is_request = p->sounding.due == DUE_REQUEST;

    *when_ms = p->next_request_ms;
    if (is_request && now_ms < p->next_request_ms)
        return false;
    *when_ms = now_ms + PACKET_WAIT_MS;
    if (!bucket_take(&p->packets, PROBE_PACKETS_PER_SECOND, now_ms))
        return false;
    if (is_request)
        p->next_request_ms = now_ms + PROBE_REQUEST_GAP_MS;
    return true;
}

static void next_of_sounding(struct probe *p, uint64_t now_ms, struct probe_action *action)
{
    const struct sounding *s = &p->sounding;
    uint64_t until_ms = s->deadline_ms < s->setup.until_ms ? s->deadline_ms : s->setup.until_ms;

    if (is_new_port_due(p, &action->line))
        action->kind = PROBE_NEW_PORT;
    else if ((s->due == DUE_NOTHING && s->owed_to.port == 0) || !may_send(p, now_ms, &until_ms))
        wait(p, until_ms, action);
    else if (sounding_next(&p->sounding, &action->send))
        action->kind = PROBE_SEND;
}

static void ask_ping_or_finish(struct probe *p, struct probe_action *action)
{
    action->kind = p->step == STEP_PING ? PROBE_PING : PROBE_FINISH;
    if (action->kind == PROBE_PING)
        action->send = (struct sounding_send){.to = p->setup.server, .bytes = sounding_request(&p->sounding)};
}

/* The one planner. */
static void next(struct probe *p, uint64_t now_ms, struct probe_action *action)
{
    hold_limits(p, now_ms);
    while (p->is_begun && sounding_is_over(&p->sounding)) {
        take_result(p);
        advance(p, now_ms);
    }
    advance(p, now_ms);
    if (p->is_begun)
        next_of_sounding(p, now_ms, action);
    else
        ask_ping_or_finish(p, action);
    if (action->kind == PROBE_FINISH)
        p->findings.duration_ms = now_ms - p->begun_ms;
    p->asked = action->kind;
}

void probe_begin(struct probe *p, const struct probe_setup *setup, uint64_t now_ms, struct probe_action *action)
{
    ASSERT(setup->timeout_ms > 0 && (setup->put_name == NULL || setup->memory != NULL));
    memset(p, 0, sizeof *p);
    p->setup = *setup;
    p->findings = (struct findings){
        .server = setup->server,
        .name = setup->name,
        .put_name = setup->put_name,
        .mtu = setup->mtu,
        .is_this_machine = setup->is_this_machine,
        .other = setup->other,
    };
    p->begun_ms = now_ms;
    p->sounding.state = SOUNDING_OVER;
    bucket_init(&p->packets, PROBE_PACKETS_PER_SECOND);
    p->packets.filled_ms = (uint32_t)now_ms;
    enter(p, STEP_SIZE, now_ms);
    next(p, now_ms, action);
}

/* -- answers and events -- */

void probe_answer(struct probe *p, bool is_done, uint64_t now_ms, struct probe_action *action)
{
    ASSERT(p->asked == PROBE_NEW_PORT || p->asked == PROBE_SEND);
    /* To a stranger there may be no way, which says nothing of the server. */
    is_done |= p->asked == PROBE_SEND && p->sounding.owed_to.port != 0;
    if (!is_done && p->asked == PROBE_NEW_PORT && action->line > 0) {
        /* Of --local-port there may be one: this sounding has to do without, and nothing of it has left yet. */
        sounding_stop(&p->sounding, now_ms);
    } else if (!is_done) {
        p->findings.is_socket_lost = p->is_ended = true;
        p->is_begun = false;
    } else if (p->asked == PROBE_NEW_PORT) {
        p->is_open[action->line] = true;
    } else {
        sounding_on_sent(&p->sounding, now_ms);
    }
    next(p, now_ms, action);
}

void probe_answer_ping(struct probe *p, enum finding_ping ping, uint64_t now_ms, struct probe_action *action)
{
    ASSERT(p->asked == PROBE_PING);
    p->findings.ping = ping;
    next(p, now_ms, action);
}

void probe_on_datagram(struct probe *p, uint8_t line, const struct endpoint *from, struct span datagram,
                       uint64_t now_ms, struct probe_action *action)
{
    ASSERT(p->asked == PROBE_WAIT && line < SOUNDING_LINES);
    /* A line that is closed was a sounding's before. */
    if (p->is_open[line])
        sounding_on_datagram(&p->sounding, line, from, datagram, now_ms);
    next(p, now_ms, action);
}

void probe_on_timer(struct probe *p, uint64_t now_ms, struct probe_action *action)
{
    ASSERT(p->asked == PROBE_WAIT);
    sounding_on_timer(&p->sounding, now_ms);
    next(p, now_ms, action);
}

void probe_on_unreachable(struct probe *p, uint64_t now_ms, struct probe_action *action)
{
    ASSERT(p->asked == PROBE_WAIT);
    sounding_on_unreachable(&p->sounding, now_ms);
    next(p, now_ms, action);
}

void probe_interrupt(struct probe *p, uint64_t now_ms, struct probe_action *action)
{
    ASSERT(p->asked == PROBE_WAIT || p->asked == PROBE_PING);
    p->findings.is_interrupted = p->is_ended = true;
    sounding_stop(&p->sounding, now_ms);
    next(p, now_ms, action);
}
