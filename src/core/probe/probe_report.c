#include "core/probe/probe_report.h"

#include "core/base/sheet.h"
#include "core/client/result.h"
#include "core/base/utf8.h"

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

static enum cause size_cause(const struct findings *f)
{
    if (f->is_interrupted)
        return CAUSE_INTERRUPTED;
    if (f->is_name_too_long)
        return CAUSE_NAME_TOO_LONG;
    if (f->is_socket_lost)
        return CAUSE_SOCKET;
    switch (findings_of_file(f)->end) {
    case SOUNDING_DONE: return CAUSE_DONE;
    case SOUNDING_ERROR: return CAUSE_SERVER_ERROR;
    case SOUNDING_BROKEN: return CAUSE_PROTOCOL;
    case SOUNDING_UNREACHABLE: return CAUSE_NOTHING_LISTENS;
    default:
        return f->stranger.port != 0 ? CAUSE_OTHER_ADDRESS : f->is_nonsense_heard ? CAUSE_PROTOCOL : CAUSE_NO_ANSWER;
    }
}

int probe_size_exit_code(const struct findings *f)
{
    enum cause cause = size_cause(f);

    if (cause == CAUSE_DONE)
        return f->has_size ? 0 : VERDICT_EXIT_WARN;
    return cause_exit_code(cause, findings_of_file(f)->code);
}

const char *probe_size_reason(const struct findings *f)
{
    enum cause cause = size_cause(f);

    return cause == CAUSE_DONE && !f->has_size ? "it is there, and the server tells no size" : cause_text(cause);
}

/* A name or a server's text, that may be anything. */
static void add_foreign(struct sheet *out, struct span bytes)
{
    char copy[ADDRESS_NAME_MAX];

    sheet_print(out, "%s", utf8_printable(bytes, copy, sizeof copy));
}

static void add_size_reason(struct sheet *out, const struct address *address, const struct findings *f)
{
    const struct finding_answer *answer = findings_of_file(f);
    enum cause cause = size_cause(f);
    char at[ENDPOINT_TEXT_MAX];

    sheet_print(out, "tftp: \"");
    add_foreign(out, span_of_text(address->name));
    sheet_print(out, "\" on ");
    add_foreign(out, span_of_text(address->host));
    if (cause == CAUSE_SERVER_ERROR) {
        sheet_print(out, ": ERROR %u, \"", answer->code);
        add_foreign(out, span_of(answer->text, answer->text_size));
        sheet_print(out, "\"");
    } else {
        sheet_print(out, ": %s", probe_size_reason(f));
    }
    if (cause >= CAUSE_NO_ANSWER && cause <= CAUSE_STOPPED)
        sheet_print(out, ", %s, port %u, in %" PRIu64 " s", endpoint_address_text(&f->server, at), f->server.port,
                    (f->duration_ms + 500) / 1000);
    sheet_print(out, "\n");
}

static void add_size_remedy(struct sheet *out, const struct findings *f, const char *program)
{
    enum cause cause = size_cause(f);
    char at[ENDPOINT_TEXT_MAX];

    if (cause == CAUSE_OTHER_ADDRESS)
        sheet_print(out, "Answers came from %s: ask that address.\n", endpoint_address_text(&f->stranger, at));
    if (cause == CAUSE_NO_ANSWER && !f->is_this_machine)
        sheet_print(out, RESULT_FIREWALL_ADVICE, program);
}

char *probe_size_text(const struct address *address, const struct findings *f, const char *program, char *text)
{
    struct sheet out = sheet_in(text, PROBE_REPORT_MAX);

    if (probe_size_exit_code(f) == 0) {
        sheet_print(&out, "%" PRIu64 "\n", f->size);
        return text;
    }
    add_size_reason(&out, address, f);
    add_size_remedy(&out, f, program);
    return text;
}
