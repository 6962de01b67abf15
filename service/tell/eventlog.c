#include "service/tell/eventlog.h"

#include "win32/system/paths.h"
#include "win32/system/text.h"

#include <stdlib.h>
#include <wchar.h>

enum { SOURCE_MAX = 260, PROGRAM_MAX = 1024, INSERT_UNITS_MAX = 2 * EVENT_INSERT_BYTES_MAX + EVENT_INSERTS_MAX };

struct eventlog {
    HANDLE source;
    enum event_level lowest;
};

/* How a level is told to the event log: its type, and the severity in the two highest bits of the identifier. */
static const struct {
    WORD type;
    DWORD severity;
} levels[] = {
    [EVENT_DETAIL] = {EVENTLOG_INFORMATION_TYPE, 0x40000000u},
    [EVENT_INFORMATION] = {EVENTLOG_INFORMATION_TYPE, 0x40000000u},
    [EVENT_WARNING] = {EVENTLOG_WARNING_TYPE, 0x80000000u},
    [EVENT_ERROR] = {EVENTLOG_ERROR_TYPE, 0xc0000000u},
};

/*
 * Viewers take %n, %%n and %{SID} in an insert for a place to put more into, and there is no escape (MS-EVEN 3.2.4.1.5):
 * a space behind the '%' is what Microsoft advises for the scope of an IPv6 address (KB 934640). text has room for twice
 * its length.
 */
static void part_percent_signs(wchar_t *text)
{
    for (wchar_t *at = wcschr(text, L'%'); at; at = wcschr(at + 1, L'%'))
        if (at[1] && wcschr(L"0123456789%{", at[1])) {
            wmemmove(at + 2, at + 1, wcslen(at + 1) + 1);
            at[1] = L' ';
        }
}

/* Fills strings with the event's fields in UTF-16, kept in buffer. Returns their number. */
static WORD wide_inserts(const struct event *event, const wchar_t **strings, wchar_t *buffer)
{
    const char *inserts[EVENT_INSERTS_MAX];
    char bytes[EVENT_INSERT_BYTES_MAX];
    size_t count = event_inserts(event, inserts, bytes);
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        strings[i] = buffer + used;
        text_to_wide(inserts[i], buffer + used, INSERT_UNITS_MAX - used);
        part_percent_signs(buffer + used);
        used += wcslen(buffer + used) + 1;
    }
    return (WORD)count;
}

static void write_event(void *context, const struct event *event, const SYSTEMTIME *local)
{
    const struct eventlog *eventlog = context;
    const struct event_kind *kind = event_kind(event->id);
    const wchar_t *strings[EVENT_INSERTS_MAX];
    wchar_t buffer[INSERT_UNITS_MAX];

    (void)local; /* the event log stamps its records itself */
    if (kind->level < eventlog->lowest)
        return;
    ReportEventW(eventlog->source, levels[kind->level].type, (WORD)kind->category,
                 levels[kind->level].severity | kind->id, NULL, wide_inserts(event, strings, buffer), 0, strings, NULL);
}

/*
 * `sc create` alone does not say where the texts are; an account that may not write there does without, and the event
 * log then shows the bare facts.
 */
static void register_texts(const char *source)
{
    char program[PROGRAM_MAX];

    if (paths_own_program(program, sizeof program))
        eventlog_register(source, program);
}

struct eventlog *eventlog_open(const char *source, enum event_level lowest)
{
    struct eventlog *eventlog = calloc(1, sizeof *eventlog);
    wchar_t wide[SOURCE_MAX];

    if (!eventlog)
        return NULL;
    eventlog->lowest = lowest;
    if (text_to_wide(source, wide, SOURCE_MAX)) {
        register_texts(source);
        eventlog->source = RegisterEventSourceW(NULL, wide);
    }
    if (!eventlog->source) {
        free(eventlog);
        return NULL;
    }
    return eventlog;
}

struct journal_sink eventlog_sink(struct eventlog *eventlog)
{
    return (struct journal_sink){write_event, NULL, eventlog};
}

void eventlog_close(struct eventlog *eventlog)
{
    DeregisterEventSource(eventlog->source);
    free(eventlog);
}

void eventlog_tell(const char *source, const struct event *event)
{
    struct eventlog *eventlog = eventlog_open(source, EVENT_DETAIL);

    if (!eventlog)
        return;
    write_event(eventlog, event, NULL);
    eventlog_close(eventlog);
}
