/*
 * Events in the Windows event log (Application), under the service's name as their source. The low 16 bits of the
 * identifier, which the Event Viewer shows, are the numbers of core/events/event.h; the insert strings follow its texts.
 */
#ifndef SERVICE_EVENTLOG_H
#define SERVICE_EVENTLOG_H

#include "win32/log/journal.h"

struct eventlog;

/* Events below the lowest level are left out. NULL when the event log cannot be reached. */
struct eventlog *eventlog_open(const char *source, enum event_level lowest);
struct journal_sink eventlog_sink(struct eventlog *eventlog);
void eventlog_close(struct eventlog *eventlog);

/* One event from somebody who has no journal yet. */
void eventlog_tell(const char *source, const struct event *event);

/*
 * The source as Event Viewer knows it: which program has the texts of its events. `tftpd install` registers it,
 * and so does the service itself where its account may. Each returns a Win32 error.
 */
DWORD eventlog_register(const char *source, const char *program);
/* is_it: every value is as eventlog_register writes it. program_known receives whose texts they are ("": nobody's). */
DWORD eventlog_look_up(const char *source, const char *program, bool *is_it, char *program_known, size_t size);
DWORD eventlog_unregister(const char *source);

#endif
