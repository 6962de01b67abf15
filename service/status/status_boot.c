#include "service/status/status_boot.h"

#include "core/bootrules/rules.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 512, AGE_MAX = 24, RULE_MAX = 32, LINES_OF_HEAD = 3 };

/* In JSON, and behind what is said in a line. */
static const struct {
    const char *name;
    const char *words;
} courses[] = {
    [COURSE_HEARD] = {"heard", ""},
    [COURSE_OFFERED] = {"offered", ""},
    [COURSE_CAME] = {"came", "; it came for its file"},
    [COURSE_HINTED] = {"never_came", "; it never came for it"},
};

static size_t course_of(const struct companion_machine *machine)
{
    return machine->course <= COURSE_HINTED ? machine->course : COURSE_HEARD;
}

static enum boot_reason reason_of(const struct companion_machine *machine)
{
    return machine->reason < BOOT_REASON_COUNT ? (enum boot_reason)machine->reason : BOOT_MALFORMED;
}

/* "12 s", "3 min", "2 h". */
static void age_text(uint64_t age_ms, char *text)
{
    uint64_t seconds = age_ms / 1000;

    if (seconds < 120)
        snprintf(text, AGE_MAX, "%llu s", (unsigned long long)seconds);
    else if (seconds < 7200)
        snprintf(text, AGE_MAX, "%llu min", (unsigned long long)(seconds / 60));
    else
        snprintf(text, AGE_MAX, "%llu h", (unsigned long long)(seconds / 3600));
}

/* "PxeBoot 1"; empty: no line decided. */
static void rule_text(const struct companion_machine *machine, char *text)
{
    text[0] = 0;
    if (machine->rule_line > 0 && machine->rule_list < BOOT_LIST_COUNT)
        snprintf(text, RULE_MAX, "%s %u", boot_list_name((enum boot_list)machine->rule_list),
                 (unsigned)machine->rule_line);
}

static void what_text(const struct companion_machine *machine, char *text)
{
    char rule[RULE_MAX];

    rule_text(machine, rule);
    if (machine->is_waiting)
        snprintf(text, TEXT_MAX, "waits: tftpd approve %.*s", (int)strcspn(machine->identity, " "), machine->identity);
    else if (reason_of(machine) == BOOT_WAITING)
        snprintf(text, TEXT_MAX, "it was approved, and is answered when it asks again");
    else
        snprintf(text, TEXT_MAX, "%s%s%s%s%s%s%s", boot_reason_text(reason_of(machine)),
                 machine->file[0] != 0 ? ", \"" : "", machine->file, machine->file[0] != 0 ? "\"" : "",
                 rule[0] != 0 ? " by " : "", rule, courses[course_of(machine)].words);
}

static void add_machine(struct lines *lines, const struct companion_machine *machine)
{
    char age[AGE_MAX], what[TEXT_MAX], address[ENDPOINT_TEXT_MAX] = "-", answers[AGE_MAX];

    age_text(machine->age_ms, age);
    what_text(machine, what);
    if (machine->has_address)
        endpoint_address_text(&machine->address, address);
    snprintf(answers, sizeof answers, "%u of %u", machine->answers, machine->requests);
    lines_add(lines, "%-17.*s  %-26s %-15s %7s ago %11s  %s", (int)strcspn(machine->identity, " "), machine->identity,
              machine->kind, address, age, answers, what);
}

void status_boot_text(struct lines *lines, const struct pipe_conversation *now, unsigned rows)
{
    const struct companion_state *boot = &now->reply.boot;
    uint32_t shown = boot->machine_count;

    if (!boot->is_on || (rows > 0 && lines->count + 2 > rows))
        return;
    lines_add(lines, "%s", "");
    lines_add(lines, "Boot requests are %s on %u sockets: %llu %sanswered, %llu not answered, %llu over a limit",
              boot->is_watch ? "watched" : "answered", boot->sockets, (unsigned long long)boot->answered,
              boot->is_watch ? "would be " : "", (unsigned long long)boot->refused, (unsigned long long)boot->limited);
    if (rows > 0) {
        unsigned left = rows > lines->count + LINES_OF_HEAD ? rows - lines->count - LINES_OF_HEAD : 0;
        shown = shown < left ? shown : left;
    }
    if (shown > 0)
        lines_add(lines, "%-17s  %-26s %-15s %11s %11s  %s", "MACHINE", "KIND", "ADDRESS", "LAST", "ANSWERED", "WHAT");
    for (uint32_t i = 0; i < shown; i++)
        add_machine(lines, &now->machines[i]);
}

static void put_machine(struct json *json, const struct companion_machine *machine)
{
    char address[ENDPOINT_TEXT_MAX], rule[RULE_MAX];

    rule_text(machine, rule);
    json_open(json, NULL, '{');
    json_text(json, "machine", machine->identity);
    json_text(json, "kind", machine->kind);
    json_text(json, "address", machine->has_address ? endpoint_address_text(&machine->address, address) : NULL);
    json_number(json, "age_ms", machine->age_ms);
    json_number(json, "requests", machine->requests);
    json_number(json, "answers", machine->answers);
    json_bool(json, "waiting", machine->is_waiting);
    json_text(json, "reason", boot_reason_name(reason_of(machine)));
    json_text(json, "course", courses[course_of(machine)].name);
    json_text(json, "rule", rule[0] != 0 ? rule : NULL);
    json_text(json, "file", machine->file[0] != 0 ? machine->file : NULL);
    json_close(json, '{');
}

void status_boot_json(struct json *json, const struct pipe_conversation *now)
{
    const struct companion_state *boot = &now->reply.boot;

    json_open(json, "boot", '{');
    json_text(json, "mode", !boot->is_on ? "off" : boot->is_watch ? "watch" : "answer");
    json_number(json, "sockets", boot->sockets);
    json_number(json, "answered", boot->answered);
    json_number(json, "refused", boot->refused);
    json_number(json, "limited", boot->limited);
    json_open(json, "machines", '[');
    for (uint32_t i = 0; i < boot->machine_count; i++)
        put_machine(json, &now->machines[i]);
    json_close(json, '[');
    json_close(json, '{');
}
