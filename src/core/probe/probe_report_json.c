#include "core/probe/probe_report.h"

#include "core/base/json.h"
#include "core/base/sheet.h"
#include "core/probe/fingerprint.h"
#include "core/probe/probe.h"

static void add_optional(struct json *json, const char *name, bool is_known, uint64_t value)
{
    if (is_known)
        json_number(json, name, value);
    else
        json_text(json, name, NULL);
}

static void add_head(struct json *json, const char *op, const struct address *address, const struct findings *f)
{
    char text[ENDPOINT_TEXT_MAX];

    json_text(json, "op", op);
    json_text(json, "host", address->host);
    json_text(json, "address", f->server.port != 0 ? endpoint_address_text(&f->server, text) : NULL);
    json_number(json, "port", address->port);
    json_text(json, "remote", f->name);
}

static void add_error(struct json *json, const struct finding_answer *answer)
{
    bool is_error = answer->end == SOUNDING_ERROR;
    char words[SOUNDING_TEXT_MAX + 1];

    memcpy(words, answer->text, answer->text_size);
    words[answer->text_size] = 0;
    add_optional(json, "error_code", is_error, answer->code);
    json_text(json, "error_text", is_error ? words : NULL);
}

static void add_answer(struct json *json, const struct findings *f)
{
    char text[ENDPOINT_TEXT_MAX];

    json_open(json, "answer", '{');
    json_number(json, "asked", f->asked);
    json_number(json, "answered", f->answered);
    json_text(json, "from", f->from.port != 0 ? endpoint_text(&f->from, text) : NULL);
    json_text(json, "other", f->stranger.port != 0 ? endpoint_text(&f->stranger, text) : NULL);
    json_bool(json, "single_port", f->from.port != 0 && f->from.port == f->server.port);
    add_optional(json, "rtt_ms", f->trip.is_known, f->trip.smooth_ms);
    add_error(json, &f->absent);
    json_text(json, "perhaps", fingerprint_of(f).name);
    json_close(json, '{');
}

static void add_options(struct json *json, const struct findings *f)
{
    json_open(json, "granted", '{');
    for (uint32_t i = 0; i < SOUNDING_OPTIONS; i++) {
        enum option option = sounding_options[i].option;
        add_optional(json, sounding_options[i].name, findings_is_granted(f, option), f->granted[option]);
    }
    json_close(json, '{');
}

static void add_blocks(struct json *json, const char *name, bool is_measured, const struct block_search *b)
{
    json_open(json, name, '{');
    add_optional(json, "arrived", is_measured && block_search_has_found(b), b->arrived);
    add_optional(json, "lost", is_measured && b->lost != 0, b->lost);
    json_close(json, '{');
}

static void add_windows(struct json *json, const struct findings *f)
{
    json_open(json, "windows", '[');
    for (uint32_t i = 0; i < FINDINGS_WINDOWS; i++) {
        const struct finding_window *w = &f->windows[i];
        if (!w->is_measured)
            continue;
        json_open(json, NULL, '{');
        json_number(json, "windowsize", w->windowsize);
        json_number(json, "blksize", w->blksize);
        json_number(json, "blocks", w->blocks);
        json_thousandths(json, "seconds", w->ms);
        json_number(json, "rate", findings_rate(w));
        json_number(json, "arrived", w->arrived);
        json_number(json, "lost", w->lost);
        json_number(json, "doubled", w->doubled);
        json_number(json, "disordered", w->disordered);
        json_number(json, "whole", w->whole);
        json_number(json, "torn", w->torn);
        json_number(json, "longest", w->longest);
        json_close(json, '{');
    }
    json_close(json, '[');
}

static void add_manners(struct json *json, const struct findings *f)
{
    const struct finding_trick *timer = &f->tricks[TRICK_WITHHELD], *stranger = &f->tricks[TRICK_STRANGER];
    uint32_t answers = findings_answers_to_doubled_ack(f);
    bool is_known = f->rollover == ROLLOVER_0 || f->rollover == ROLLOVER_1;

    json_open(json, "manners", '{');
    add_optional(json, "repeats_after_ms", timer->is_repeated, timer->repeated_ms);
    add_optional(json, "answers_to_doubled_ack", answers > 0, answers);
    add_optional(json, "takes_strangers_ack",
                 finding_trick_is_seen(stranger) || stranger->plays >= PROBE_STRANGER_PLAYS,
                 stranger->is_taken_as_ours);
    add_optional(json, "after_65535", is_known, f->rollover == ROLLOVER_1);
    json_close(json, '{');
}

static void add_verdicts(struct json *json, const struct verdicts *verdicts)
{
    json_open(json, "lines", '[');
    for (uint32_t i = 0; i < verdicts->count; i++) {
        const struct verdict *line = &verdicts->lines[i];
        json_open(json, NULL, '{');
        json_text(json, "state", verdict_state_text(line->state));
        json_text(json, "what", line->what);
        json_text(json, "meaning", line->meaning);
        json_text(json, "remedy", line->remedy[0] != 0 ? line->remedy : NULL);
        json_close(json, '{');
    }
    json_close(json, '[');
}

char *probe_report_json(const struct address *address, const struct findings *f, const struct verdicts *verdicts,
                        char *text)
{
    struct sheet line = sheet_in(text, PROBE_REPORT_MAX);
    struct json json = {.put = sheet_put, .out = &line};
    uint32_t best = findings_best_window(f), cut = findings_cut_window(f);

    json_open(&json, NULL, '{');
    add_head(&json, "probe", address, f);
    add_answer(&json, f);
    add_optional(&json, "tsize", f->has_size, f->size);
    add_optional(&json, "mtu", f->mtu != 0, f->mtu);
    add_options(&json, f);
    add_blocks(&json, "blocks", f->has_blocks, &f->blocks);
    add_blocks(&json, "put_blocks", f->put.is_asked, &f->put_blocks);
    add_windows(&json, f);
    add_optional(&json, "best_window", best < FINDINGS_WINDOWS,
                 best < FINDINGS_WINDOWS ? f->windows[best].windowsize : 0);
    add_optional(&json, "window_limit", cut < FINDINGS_WINDOWS, cut < FINDINGS_WINDOWS ? f->windows[cut].longest : 0);
    add_manners(&json, f);
    add_verdicts(&json, verdicts);
    json_number(&json, "exchanges", f->soundings);
    json_number(&json, "bytes", f->wire_bytes);
    json_thousandths(&json, "seconds", f->duration_ms);
    json_number(&json, "exit", (uint64_t)verdicts_exit_code(verdicts, f));
    json_close(&json, '{');
    sheet_print(&line, "\n");
    return text;
}

char *probe_failure_json(bool is_size, const struct address *address, enum cause cause, char *text)
{
    static const struct findings nothing;
    struct sheet line = sheet_in(text, PROBE_REPORT_MAX);
    struct json json = {.put = sheet_put, .out = &line};

    json_open(&json, NULL, '{');
    add_head(&json, is_size ? "size" : "probe", address, &nothing);
    json_text(&json, "reason", cause_text(cause));
    json_number(&json, "exit", (uint64_t)cause_exit_code(cause, 0));
    json_close(&json, '{');
    sheet_print(&line, "\n");
    return text;
}

char *probe_size_json(const struct address *address, const struct findings *f, char *text)
{
    struct sheet line = sheet_in(text, PROBE_REPORT_MAX);
    struct json json = {.put = sheet_put, .out = &line};

    json_open(&json, NULL, '{');
    add_head(&json, "size", address, f);
    add_optional(&json, "size", f->has_size, f->size);
    json_number(&json, "exit", (uint64_t)probe_size_exit_code(f));
    json_text(&json, "reason", probe_size_reason(f));
    add_error(&json, findings_of_file(f));
    json_close(&json, '{');
    sheet_print(&line, "\n");
    return text;
}
