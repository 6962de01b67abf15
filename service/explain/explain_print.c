#include "service/explain/explain_parts.h"

#include "core/base/utf8.h"
#include "service/tell/page.h"
#include "service/tell/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void print(const char *label, const char *format, ...) __attribute__((format(gnu_printf, 2, 3)));

static void print(const char *label, const char *format, ...)
{
    static char value[EXPLAIN_FILE_MAX + EXPLAIN_TEXT_MAX], line[EXPLAIN_FILE_MAX + EXPLAIN_TEXT_MAX * 2];
    va_list values;

    va_start(values, format);
    vsnprintf(value, sizeof value, format, values);
    va_end(values);
    snprintf(line, sizeof line, "  %-12s %s\n", label, value);
    screen_answer(line);
}

static void print_head(const struct explanation *e)
{
    static char line[EXPLAIN_FILE_MAX];
    char name[PATH_TEXT_MAX], client[ENDPOINT_TEXT_MAX], error[32] = "";
    const char *verbs[] = {[false] = "get", [true] = "put"};

    path_printable(span_of_text(e->wish->question.name), name, sizeof name);
    if (strcmp(e->outcome, "refused") == 0)
        snprintf(error, sizeof error, " with ERROR %u", e->error_code);
    snprintf(line, sizeof line, "%s \"%s\" from %s: would %s%s%s%s%s\n", verbs[e->wish->question.is_upload], name,
             endpoint_address_text(&e->client, client), strcmp(e->outcome, "no service") == 0 ? "find " : "be ",
             e->outcome, error, e->is_served ? "" : ": ", e->is_served ? "" : e->why);
    screen_answer(line);
}

void explain_print_text(const struct explanation *e)
{
    print_head(e);
    print("decided by", "%s", e->rule);
    if (e->is_served && e->request.is_upload)
        print("file", "%s would be created", e->file);
    else if (e->is_served)
        print("file", "%s, %llu bytes", e->file, (unsigned long long)e->size);
    if (e->is_served && e->oack_size > 0)
        print("OACK", "%s (%u bytes)", e->oack, (unsigned)e->oack_size);
    else if (e->is_served)
        print("OACK", "none: no option is agreed to, so %s comes first", e->request.is_upload ? "ACK 0" : "DATA 1");
    if (e->ungranted[0] != 0)
        print("left out", "%s", e->ungranted);
    if (e->is_served)
        print("blocks", "%u bytes, %u in a window, MTU %u%s", e->agreement.blksize, e->agreement.windowsize,
              e->config.mtu != 0 ? e->config.mtu : e->mtu,
              e->config.mtu != 0 ? " by the parameter Mtu"
              : e->mtu == 0      ? ", which is unknown here: give --mtu"
                                 : "");
    print("rights", "%s", e->rights);
    for (size_t i = 0; i < e->note_count; i++)
        print("note", "%s", e->notes[i]);
}

void explain_print_json(const struct explanation *e)
{
    struct page page = {0};
    struct json json = page_json(&page);
    char name[EXPLAIN_TEXT_MAX], client[ENDPOINT_TEXT_MAX];
    bool is_refused = strcmp(e->outcome, "refused") == 0;

    json_open(&json, NULL, '{');
    json_text(&json, "request", e->wish->question.is_upload ? "put" : "get");
    utf8_copy(name, sizeof name, e->wish->question.name);
    utf8_make_printable(name);
    json_text(&json, "name", name);
    json_text(&json, "client", endpoint_address_text(&e->client, client));
    json_text(&json, "mode", e->wish->question.mode);
    json_text(&json, "verdict", e->outcome);
    if (is_refused)
        json_number(&json, "error", e->error_code);
    json_text(&json, "why", e->is_served ? NULL : e->why);
    json_text(&json, "rule", e->rule);
    json_text(&json, "file", e->file[0] ? e->file : NULL);
    if (e->is_served) {
        if (!e->request.is_upload)
            json_number(&json, "size", e->size);
        json_text(&json, "oack", e->oack_size > 0 ? e->oack : NULL);
        json_text(&json, "left_out", e->ungranted);
        json_number(&json, "blksize", e->agreement.blksize);
        json_number(&json, "windowsize", e->agreement.windowsize);
    }
    json_number(&json, "mtu", e->config.mtu != 0 ? e->config.mtu : e->mtu);
    json_text(&json, "rights", e->rights);
    json_open(&json, "notes", '[');
    for (size_t i = 0; i < e->note_count; i++)
        json_text(&json, NULL, e->notes[i]);
    json_close(&json, '[');
    json_close(&json, '{');
    char *text = page_end(&page);
    if (text)
        screen_answer(text);
    else
        screen_write(STD_ERROR_HANDLE, "tftpd explain: there is no memory; end other programs and ask again.\n");
    free(text);
}
