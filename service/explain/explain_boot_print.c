#include "service/explain/explain_boot.h"

#include "core/base/utf8.h"
#include "service/tell/page.h"
#include "service/tell/screen.h"

#include <stdio.h>
#include <stdlib.h>

enum { BYTES_TEXT_MAX = BOOT_REPLY_MAX * 4, LINE_TEXT_MAX = BOOT_WORD_MAX * 4 };

/* Each line of the text, indented. */
static void print_lines(const char *indent, const char *text)
{
    while (*text != 0) {
        size_t length = strcspn(text, "\n");
        screen_say("%s%.*s\n", indent, (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static void print_bytes(const char *what, struct span bytes)
{
    static char text[BYTES_TEXT_MAX];

    if (bytes.size == 0)
        return;
    screen_say("  %s, %u bytes:\n", what, (unsigned)bytes.size);
    print_lines("    ", boot_explain_bytes(bytes, text, sizeof text));
}

void explain_boot_print_text(const struct boot_explanation *e)
{
    static const char *const outcomes[] = {
        [EXPLAIN_BOOT_ANSWERED] = "would be answered",
        [EXPLAIN_BOOT_WATCHED] = "would be watched",
        [EXPLAIN_BOOT_SILENT] = "would not be answered",
        [EXPLAIN_BOOT_UNHEARD] = "would not be heard",
    };
    static char text[BOOT_EXPLAIN_TEXT_MAX];
    const struct boot_reply *reply = &e->decision.reply;

    snprintf(text, sizeof text, "%s", e->wish.name);
    utf8_make_printable(text);
    screen_say("boot %s: %s%s%s\n", text, outcomes[e->outcome], e->why[0] != 0 ? ": " : "", e->why);
    if (e->is_decided)
        print_lines("  ", boot_explain(&e->question, &e->decision, text, sizeof text));
    if (e->file[0] != 0)
        screen_say("  file: %s\n", e->file);
    print_bytes("request", e->question.datagram);
    print_bytes("reply", span_of(reply->bytes, reply->size));
    explain_print_basis(&e->basis);
}

/* -- JSON ---------------------------------------------------------------------------------------------------------- */

/* "0201...", or null. */
static void json_bytes(struct json *json, const char *name, struct span bytes)
{
    static char text[2 * BOOT_REPLY_MAX + 1];

    for (size_t i = 0; i < bytes.size; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes.bytes[i]);
    json_text(json, name, bytes.size > 0 ? text : NULL);
}

static void json_rule(struct json *json, const char *name, const struct boot_explanation *e,
                      const struct boot_rule *rule)
{
    char line[LINE_TEXT_MAX];

    json_text(json, name, rule != NULL ? boot_rule_text(&e->rules, rule, line, sizeof line) : NULL);
}

static void json_bootp_host(struct json *json, const struct boot_explanation *e, const struct bootp_host *host)
{
    char line[LINE_TEXT_MAX];

    snprintf(line, sizeof line, "%s %u: %s", boot_list_name(BOOT_LIST_BOOTP), (unsigned)host->number,
             boot_text(&e->rules, host->line));
    json_text(json, "host", line);
}

static void json_decision(struct json *json, const struct boot_explanation *e)
{
    const struct boot_decision *decision = &e->decision;
    const struct boot_reply *reply = &decision->reply;
    char text[ENDPOINT_TEXT_MAX];
    char file[sizeof decision->file];

    json_text(json, "reason", boot_reason_name(decision->reason));
    json_text(json, "advice", boot_reason_advice(decision->reason));
    json_text(json, "on", endpoint_text(&e->question.arrival.address, text));
    if (decision->bootp_host != NULL)
        json_bootp_host(json, e, decision->bootp_host);
    else
        json_rule(json, "host", e, decision->choice.host);
    json_rule(json, "rule", e, decision->choice.rule);
    json_rule(json, "entry", e, decision->entry);
    utf8_copy(file, sizeof file, decision->file);
    utf8_make_printable(file);
    json_text(json, "file", file[0] != 0 ? file : NULL);
    json_text(json, "file_state", e->file[0] != 0 ? e->file : NULL);
    json_text(json, "to", reply->size > 0 ? endpoint_text(&reply->to, text) : NULL);
    json_bool(json, "broadcast", reply->is_broadcast);
    json_bytes(json, "request_bytes", e->question.datagram);
    json_bytes(json, "reply_bytes", span_of(reply->bytes, reply->size));
}

static void json_told(struct json *json, const struct boot_explanation *e)
{
    static char text[BOOT_EXPLAIN_TEXT_MAX];
    char line[LINE_TEXT_MAX];

    json_open(json, "told", '[');
    for (const char *at = boot_explain(&e->question, &e->decision, text, sizeof text); *at != 0;) {
        size_t length = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, at);
        json_text(json, NULL, line);
        at += length + (at[length] == '\n');
    }
    json_close(json, '[');
}

void explain_boot_print_json(const struct boot_explanation *e)
{
    static const char *const verdicts[] = {
        [EXPLAIN_BOOT_ANSWERED] = "answered",
        [EXPLAIN_BOOT_WATCHED] = "watched",
        [EXPLAIN_BOOT_SILENT] = "silent",
        [EXPLAIN_BOOT_UNHEARD] = "unheard",
    };
    struct page page = {0};
    struct json json = page_json(&page);
    char name[EXPLAIN_TEXT_MAX];

    json_open(&json, NULL, '{');
    json_text(&json, "request", "boot");
    utf8_copy(name, sizeof name, e->wish.name);
    utf8_make_printable(name);
    json_text(&json, "machine", name);
    json_text(&json, "verdict", verdicts[e->outcome]);
    json_text(&json, "why", e->why[0] != 0 ? e->why : NULL);
    if (e->is_decided) {
        json_decision(&json, e);
        json_told(&json, e);
    }
    explain_json_basis(&e->basis, &json);
    json_close(&json, '{');
    char *text = page_end(&page);
    screen_answer(text);
    free(text);
}
