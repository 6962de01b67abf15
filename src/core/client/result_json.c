#include "core/client/result.h"

#include "core/base/json.h"
#include "core/base/sheet.h"

#include <inttypes.h>

static void add_member(struct sheet *line, const char *name)
{
    sheet_print(line, "%s\"%s\":", line->used > 1 ? "," : "", name);
}

/* value may be any bytes without a NUL; what is no UTF-8 stands as U+FFFD. */
static void add_text(struct sheet *line, const char *name, const char *value)
{
    char escape[JSON_ESCAPE_MAX];

    add_member(line, name);
    sheet_print(line, "\"");
    while (*value != 0) {
        size_t size = json_escape(&value, escape);
        sheet_print(line, "%.*s", (int)size, escape);
    }
    sheet_print(line, "\"");
}

static void add_number(struct sheet *line, const char *name, uint64_t value)
{
    add_member(line, name);
    sheet_print(line, "%" PRIu64, value);
}

static void add_null(struct sheet *line, const char *name)
{
    add_member(line, name);
    sheet_print(line, "null");
}

static void add_optional(struct sheet *line, const char *name, bool is_known, uint64_t value)
{
    if (is_known)
        add_number(line, name, value);
    else
        add_null(line, name);
}

static void add_fallback(struct sheet *line, unsigned fallbacks)
{
    static const struct {
        unsigned fallback;
        const char *name;
    } names[] = {{FALLBACK_BARE, "no-options"}, {FALLBACK_BLOCKS, "blksize"}, {FALLBACK_WINDOW, "windowsize"}};
    bool has_one = false;

    add_member(line, "fallback");
    sheet_print(line, "[");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (fallbacks & names[i].fallback) {
            sheet_print(line, "%s\"%s\"", has_one ? "," : "", names[i].name);
            has_one = true;
        }
    sheet_print(line, "]");
}

static void add_figures(struct sheet *line, const struct exchange_report *r)
{
    uint64_t rate = r->duration_ms > 0 ? r->bytes * 1000 / r->duration_ms : r->bytes * 1000;

    add_number(line, "bytes", r->bytes);
    add_member(line, "seconds");
    sheet_print(line, "%" PRIu64 ".%03u", r->duration_ms / 1000, (unsigned)(r->duration_ms % 1000));
    add_number(line, "rate", rate);
    add_number(line, "blksize", r->blksize);
    add_number(line, "windowsize", r->windowsize);
    add_optional(line, "tsize", r->has_tsize, r->tsize);
    add_optional(line, "rtt_ms", r->has_round_trip, r->round_trip_ms);
    add_number(line, "resent", r->resent);
    add_number(line, "lost", r->lost);
    add_number(line, "doubled", r->doubled);
    add_fallback(line, r->fallbacks);
}

static void add_end(struct sheet *line, const struct result *result)
{
    const struct exchange_report *r = &result->report;
    char text[EXCHANGE_ERROR_TEXT_MAX + 1];
    bool is_error = r->cause == CAUSE_SERVER_ERROR;

    add_number(line, "exit", (uint64_t)cause_exit_code(r->cause, r->error_code));
    add_text(line, "reason", cause_text(r->cause));
    add_optional(line, "error_code", is_error, r->error_code);
    if (is_error) {
        if (r->error_text.size > 0)
            memcpy(text, r->error_text.bytes, r->error_text.size);
        text[r->error_text.size] = 0;
        add_text(line, "error_text", text);
    } else {
        add_null(line, "error_text");
    }
    if (result->hash[0] != 0)
        add_text(line, "sha256", result->hash);
    else
        add_null(line, "sha256");
}

char *result_json(const struct result *result, char *text)
{
    struct sheet line = sheet_in(text, RESULT_JSON_MAX);

    sheet_print(&line, "{");
    add_text(&line, "op", result->is_put ? "put" : "get");
    add_text(&line, "host", result->job->address.host);
    add_text(&line, "address", result->server);
    add_number(&line, "port", result->job->address.port);
    add_text(&line, "remote", result->job->address.name);
    add_text(&line, "local", result->job->local);
    add_text(&line, "mode", result->job->is_netascii ? "netascii" : "octet");
    add_figures(&line, &result->report);
    add_end(&line, result);
    sheet_print(&line, "}\n");
    return text;
}
