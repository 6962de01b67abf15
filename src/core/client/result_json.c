#include "core/client/result.h"

#include "core/base/json.h"
#include "core/base/sheet.h"

static void add_optional(struct json *json, const char *name, bool is_known, uint64_t value)
{
    if (is_known)
        json_number(json, name, value);
    else
        json_text(json, name, NULL);
}

static void add_fallbacks(struct json *json, unsigned fallbacks)
{
    static const struct {
        unsigned fallback;
        const char *name;
    } names[] = {{FALLBACK_BARE, "no-options"}, {FALLBACK_BLOCKS, "blksize"}, {FALLBACK_WINDOW, "windowsize"}};

    json_open(json, "fallback", '[');
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (fallbacks & names[i].fallback)
            json_text(json, NULL, names[i].name);
    json_close(json, '[');
}

static void add_figures(struct json *json, const struct exchange_report *r)
{
    uint64_t rate = r->duration_ms > 0 ? r->bytes * 1000 / r->duration_ms : r->bytes * 1000;

    json_number(json, "bytes", r->bytes);
    json_thousandths(json, "seconds", r->duration_ms);
    json_number(json, "rate", rate);
    json_number(json, "blksize", r->blksize);
    json_number(json, "windowsize", r->windowsize);
    add_optional(json, "tsize", r->has_tsize, r->tsize);
    add_optional(json, "rtt_ms", r->has_round_trip, r->round_trip_ms);
    json_number(json, "resent", r->resent);
    json_number(json, "lost", r->lost);
    json_number(json, "doubled", r->doubled);
    add_fallbacks(json, r->fallbacks);
}

static void add_end(struct json *json, const struct result *result)
{
    const struct exchange_report *r = &result->report;
    char text[EXCHANGE_ERROR_TEXT_MAX + 1];
    bool is_error = r->cause == CAUSE_SERVER_ERROR;

    json_number(json, "exit", (uint64_t)cause_exit_code(r->cause, r->error_code));
    json_text(json, "reason", cause_text(r->cause));
    add_optional(json, "error_code", is_error, r->error_code);
    if (r->error_text.size > 0)
        memcpy(text, r->error_text.bytes, r->error_text.size);
    text[r->error_text.size] = 0;
    json_text(json, "error_text", is_error ? text : NULL);
    json_text(json, "sha256", result->hash[0] != 0 ? result->hash : NULL);
}

char *result_json(const struct result *result, char *text)
{
    struct sheet line = sheet_in(text, RESULT_JSON_MAX);
    struct json json = {.put = sheet_put, .out = &line};

    json_open(&json, NULL, '{');
    json_text(&json, "op", result->is_put ? "put" : "get");
    json_text(&json, "host", result->job->address.host);
    json_text(&json, "address", result->server);
    json_number(&json, "port", result->job->address.port);
    json_text(&json, "remote", result->job->address.name);
    json_text(&json, "local", result->job->local);
    json_text(&json, "mode", result->job->is_netascii ? "netascii" : "octet");
    add_figures(&json, &result->report);
    add_end(&json, result);
    json_close(&json, '{');
    sheet_print(&line, "\n");
    return text;
}
