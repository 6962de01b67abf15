/*
 * Events on their way to the administrator: a bounded queue and one thread that formats and writes, so that nobody who
 * tells something waits for a disk. What does not fit is counted, and told once there is room.
 */
#ifndef WIN32_JOURNAL_H
#define WIN32_JOURNAL_H

#include "core/events/event_limits.h"
#include "win32/system/windows.h"

struct journal;

/* A place events go to. write is called on the journal's thread only; local is the event's time as local time. */
struct journal_sink {
    void (*write)(void *context, const struct event *event, const SYSTEMTIME *local);
    void (*flush)(void *context); /* may be NULL */
    void *context;
};

enum { JOURNAL_SINKS_MAX = 4, JOURNAL_STAMP_MAX = 32 };

/* NULL when threads or memory are out. Sinks are copied; their contexts live until journal_close has returned. */
struct journal *journal_open(const struct journal_sink *sinks, size_t count);
/*
 * From here on events below the lowest level are left out, and those over the rates (core/events/event_limits) are
 * counted, and their number is told. Before that, everything from EVENT_INFORMATION on. Any thread.
 */
void journal_set_limits(struct journal *journal, enum event_level lowest, const struct event_rates *rates);
/* Whether making such an event is worth the effort. */
bool journal_wants(const struct journal *journal, enum event_level level);
/* Never blocks, never allocates. Any thread. */
void journal_put(struct journal *journal, const struct event *event);
/*
 * Returns when everything put before has been written and flushed, or after timeout_ms. True if it has been written at
 * least.
 */
bool journal_flush(struct journal *journal, DWORD timeout_ms);
/* Writes what is left and ends the thread. */
void journal_close(struct journal *journal);

/* Now, as an event's time: 100 ns since 1601, UTC. */
uint64_t journal_now(void);
/* "2026-11-22T07:40:01.123Z". Returns stamp (JOURNAL_STAMP_MAX). */
char *journal_stamp(const struct event *event, char *stamp);
/* "2026-11-22 08:40:01.123  " and the text, for sinks that write lines; ends with CR LF. Returns its length. */
size_t journal_line(const struct event *event, const SYSTEMTIME *local, char *line, size_t size);

#endif
