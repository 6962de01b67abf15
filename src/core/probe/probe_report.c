#include "core/probe/probe_report.h"

#include "core/base/sheet.h"

#include <inttypes.h>
#include <stdio.h>

enum { WHAT_WIDTH = 12 };

/* The first line of a remedy stands behind an arrow, the others below it. */
static void add_remedy(struct sheet *out, const char *remedy)
{
    const char *mark = "->";

    while (*remedy != 0) {
        size_t length = strcspn(remedy, "\n");
        sheet_print(out, "      %-*s %2s %.*s\n", WHAT_WIDTH, "", mark, (int)length, remedy);
        remedy += length + (remedy[length] == '\n');
        mark = "";
    }
}

static void add_verdicts(struct sheet *out, const struct verdicts *verdicts)
{
    for (uint32_t i = 0; i < verdicts->count; i++) {
        const struct verdict *line = &verdicts->lines[i];
        sheet_print(out, "%-5s %-*s %s\n", verdict_state_text(line->state), WHAT_WIDTH, line->what, line->meaning);
        add_remedy(out, line->remedy);
    }
}

static void add_options(struct sheet *out, const struct findings *f)
{
    if ((f->together | f->alone) == 0)
        return;
    sheet_print(out, "\n%-12s %10s %20s\n", "option", "asked", "granted");
    for (uint32_t i = 0; i < SOUNDING_OPTIONS; i++) {
        enum option option = sounding_options[i].option;
        if (findings_is_granted(f, option))
            sheet_print(out, "%-12s %10u %20" PRIu64 "\n", sounding_options[i].name, f->asked_most[option],
                        f->granted[option]);
        else
            sheet_print(out, "%-12s %10s %20s\n", sounding_options[i].name, "", "-");
    }
}

static void add_windows(struct sheet *out, const struct findings *f)
{
    if (findings_best_window(f) == FINDINGS_WINDOWS)
        return;
    sheet_print(out, "\n%-12s %7s %7s %6s %6s %6s %8s\n", "windowsize", "blksize", "blocks", "lost", "whole", "torn",
                "KB/s");
    for (uint32_t i = 0; i < FINDINGS_WINDOWS; i++) {
        const struct finding_window *w = &f->windows[i];
        if (w->is_measured)
            sheet_print(out, "%-12u %7u %7" PRIu64 " %6" PRIu64 " %6u %6u %8" PRIu64 "\n", w->windowsize, w->blksize,
                        w->blocks, w->lost, w->whole, w->torn, findings_rate(w) / 1000);
    }
}

char *probe_report_text(const struct findings *f, const struct verdicts *verdicts, char *text)
{
    struct sheet out = sheet_in(text, PROBE_REPORT_MAX);

    add_verdicts(&out, verdicts);
    add_options(&out, f);
    add_windows(&out, f);
    sheet_print(&out, "\nasked %u times: %" PRIu64 " bytes, %" PRIu64 ".%" PRIu64 " s\n", f->soundings, f->wire_bytes,
                f->duration_ms / 1000, f->duration_ms % 1000 / 100);
    return text;
}

/* -- the size alone -- */

static const struct finding_answer *last_answer(const struct findings *f)
{
    return f->bare.is_asked ? &f->bare : &f->file;
}

static enum cause size_cause(const struct findings *f)
{
    if (f->is_interrupted)
        return CAUSE_INTERRUPTED;
    if (f->is_name_too_long)
        return CAUSE_NAME_TOO_LONG;
    if (f->is_socket_lost)
        return CAUSE_SOCKET;
    switch (last_answer(f)->end) {
    case SOUNDING_DONE: return CAUSE_DONE;
    case SOUNDING_ERROR: return CAUSE_SERVER_ERROR;
    case SOUNDING_BROKEN: return CAUSE_PROTOCOL;
    case SOUNDING_UNREACHABLE: return CAUSE_NOTHING_LISTENS;
    default: return f->stranger.port != 0 ? CAUSE_OTHER_ADDRESS : CAUSE_NO_ANSWER;
    }
}

int probe_size_exit_code(const struct findings *f)
{
    enum cause cause = size_cause(f);

    if (cause == CAUSE_DONE)
        return f->has_size ? 0 : VERDICT_EXIT_WARN;
    return cause_exit_code(cause, last_answer(f)->code);
}

char *probe_size_text(const struct address *address, const struct findings *f, char *text)
{
    struct sheet out = sheet_in(text, PROBE_REPORT_MAX);
    enum cause cause = size_cause(f);

    if (probe_size_exit_code(f) == 0)
        sheet_print(&out, "%" PRIu64 "\n", f->size);
    else if (cause == CAUSE_SERVER_ERROR)
        sheet_print(&out, "tftp: \"%s\" on %s: ERROR %u\n", address->name, address->host, last_answer(f)->code);
    else
        sheet_print(&out, "tftp: \"%s\" on %s: %s\n", address->name, address->host,
                    cause == CAUSE_DONE ? "it is there, and the server tells no size" : cause_text(cause));
    return text;
}
