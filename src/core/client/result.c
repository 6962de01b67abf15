#include "core/client/result.h"

#include "core/base/utf8.h"
#include "core/base/sheet.h"

#include <inttypes.h>

/* Windows' own client counts so: a part of a second is one, and what is left of the rate is cut off. */
static uint64_t whole_seconds(const struct exchange_report *report)
{
    uint64_t seconds = (report->duration_ms + 999) / 1000;

    return seconds == 0 ? 1 : seconds;
}

char *result_success(const struct result *result, char *text)
{
    struct sheet line = sheet_in(text, RESULT_TEXT_MAX);
    uint64_t seconds = whole_seconds(&result->report), bytes = result->report.bytes;

    sheet_print(&line, "Transfer successful: %" PRIu64 " bytes in %" PRIu64 " second(s), %" PRIu64 " bytes/s\n", bytes,
                seconds, bytes / seconds);
    return text;
}

char *result_advice(const struct result *result, char *text)
{
    const struct exchange_report *r = &result->report;
    struct sheet line = sheet_in(text, RESULT_TEXT_MAX);

    if (r->fallbacks & FALLBACK_BARE)
        sheet_print(&line,
                    "tftp: only a request without options was answered; where that is always so, -n saves the wait\n");
    if (r->fallbacks & FALLBACK_BLOCKS)
        sheet_print(&line, "tftp: longer blocks did not arrive; where that is always so, -b %u saves the attempt\n",
                    r->blksize);
    if (r->fallbacks & FALLBACK_WINDOW)
        sheet_print(&line, "tftp: no larger window arrived whole; where that is always so, -w %u saves the attempt\n",
                    r->windowsize);
    return text;
}

/* -- failures -- */

/* The server's text, or a name, that may be anything. */
static void add_foreign(struct sheet *line, struct span bytes)
{
    char copy[COMMAND_LOCAL_MAX];

    sheet_print(line, "%s", utf8_printable(bytes, copy, sizeof copy));
}

static void add_name(struct sheet *line, const char *name)
{
    sheet_print(line, "\"");
    add_foreign(line, span_of_text(name));
    sheet_print(line, "\"");
}

/* What Windows' client says first; nothing where its words are not known. */
static void add_windows_words(struct sheet *line, const struct result *result)
{
    switch (result->report.cause) {
    case CAUSE_NO_ANSWER: sheet_print(line, "Timeout occurred\nConnect request failed\n"); break;
    case CAUSE_SERVER_ERROR:
        sheet_print(line, "Error on server : ");
        add_foreign(line, result->report.error_text);
        sheet_print(line, "\n");
        break;
    case CAUSE_LOCAL_FILE:
        if (!result->is_put)
            break;
        sheet_print(line, "tftp: can't read from local file '");
        add_foreign(line, span_of_text(result->job->local));
        sheet_print(line, "'\n");
        break;
    default: break;
    }
}

static void add_firewall(struct sheet *line, const struct result *result)
{
    if (!result->is_this_machine)
        sheet_print(line, RESULT_FIREWALL_ADVICE, result->program);
}

static const char *error_meaning(uint16_t code)
{
    static const char *const meanings[] = {
        [ERROR_CODE_UNDEFINED] = "see its text",
        [ERROR_CODE_NOT_FOUND] = "there is no such file; on some servers letters' case and the folder in front count",
        [ERROR_CODE_ACCESS] = "its rules forbid it: on a tftpd, `tftpd explain` says which",
        [ERROR_CODE_FULL] = "its disk is full, or the file is larger than it takes",
        [ERROR_CODE_ILLEGAL] = "it does not understand the request",
        [ERROR_CODE_UNKNOWN_TID] = "it does not know the transfer (any more)",
        [ERROR_CODE_EXISTS] = "a file of that name is there already, and it replaces none",
        [ERROR_CODE_NO_USER] = "there is no such user",
        [ERROR_CODE_OPTIONS] = "it refuses the options: try -n",
    };

    return code < sizeof meanings / sizeof meanings[0] ? meanings[code] : "a code that no RFC knows; see its text";
}

/* What else was seen, or mends it; a sentence each, each in a line of its own. */
static void add_remedy(struct sheet *line, const struct result *result)
{
    const struct exchange_report *r = &result->report;
    char stranger[ENDPOINT_TEXT_MAX];

    switch (r->cause) {
    case CAUSE_NO_ANSWER: add_firewall(line, result); break;
    case CAUSE_NOTHING_LISTENS:
        sheet_print(line,
                    "The host is there and says so itself: is its TFTP service started, and on this port (-p)?\n");
        break;
    case CAUSE_OTHER_ADDRESS:
        sheet_print(line, "Answers came from %s: ask that address.\n", endpoint_address_text(&r->stranger, stranger));
        break;
    case CAUSE_STOPPED:
        sheet_print(line,
                    "%" PRIu64
                    " bytes had arrived. If it stops at the same place again, try shorter blocks (-b 512) or "
                    "no windows (-w 1).\n",
                    r->bytes);
        break;
    case CAUSE_WRONG_SIZE:
        sheet_print(line,
                    "%" PRIu64 " bytes were announced. If the server is to be believed all the same: --no-tsize\n",
                    r->tsize);
        break;
    case CAUSE_UNCONFIRMED: sheet_print(line, "Look at the server whether it has the file, whole.\n"); break;
    case CAUSE_EXISTS: sheet_print(line, "Without --no-clobber it is replaced.\n"); break;
    case CAUSE_SOCKET:
        sheet_print(line,
                    "Is the address of --interface one of this machine, is a port of --local-port free, and does the "
                    "firewall let this program send?\n");
        break;
    default: break;
    }
}

static void add_reason(struct sheet *line, const struct result *result)
{
    const struct exchange_report *r = &result->report;

    sheet_print(line, "tftp: ");
    add_name(line, result->is_put ? result->job->local : result->job->address.name);
    sheet_print(line, result->is_put ? " was not stored: " : " was not fetched: ");
    if (r->cause == CAUSE_SERVER_ERROR)
        sheet_print(line, "ERROR %u, %s", r->error_code, error_meaning(r->error_code));
    else
        sheet_print(line, "%s", cause_text(r->cause));
    if (result->detail != NULL && result->detail[0] != 0) {
        sheet_print(line, " (");
        add_foreign(line, span_of_text(result->detail));
        sheet_print(line, ")");
    }
    if (r->cause >= CAUSE_NO_ANSWER && r->cause <= CAUSE_STOPPED && result->server[0] != 0)
        sheet_print(line, ", %s, port %u, in %" PRIu64 " s", result->server, result->job->address.port,
                    (r->duration_ms + 500) / 1000);
    sheet_print(line, "\n");
}

char *result_failure(const struct result *result, char *text)
{
    struct sheet line = sheet_in(text, RESULT_TEXT_MAX);

    add_windows_words(&line, result);
    add_reason(&line, result);
    add_remedy(&line, result);
    return text;
}
