/*
 * Where events go: the journal with its sinks, which are the screen, the event log, ETW and the log file.
 */
#ifndef SERVICE_LOGS_H
#define SERVICE_LOGS_H

#include "core/settings/config.h"
#include "win32/log/journal.h"

struct logs;

struct logs_setup {
    const char *source; /* of the event log: the service's name */
    const struct config *config;
    const struct journal_sink
        *screen; /* NULL in a service: then the event log is the place, unless -f says otherwise */
    bool wants_event_log;
    bool wants_log_file;
};

/* EXIT_OK, or EXIT_JOURNAL or EXIT_LOG, told wherever that was still possible; then nothing is left behind. */
int logs_open(struct logs **opened, const struct logs_setup *setup);
struct journal *logs_journal(const struct logs *logs);
/* Writes what is left. */
void logs_close(struct logs *logs);

#endif
