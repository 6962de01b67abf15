#include "service/tell/logs.h"

#include "service/tell/etw.h"
#include "service/tell/eventlog.h"
#include "service/tell/exitcodes.h"
#include "win32/log/logfile.h"
#include "win32/system/paths.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

struct logs {
    struct journal *journal;
    struct logfile *logfile;
    struct eventlog *eventlog;
    struct etw *etw;
    size_t sink_count;
    struct journal_sink sinks[JOURNAL_SINKS_MAX];
};

static void add_sink(struct logs *logs, struct journal_sink sink)
{
    ASSERT(logs->sink_count < JOURNAL_SINKS_MAX);
    logs->sinks[logs->sink_count++] = sink;
}

static void tell_log_failed(struct logs *logs, const char *path, DWORD error)
{
    struct event event = event_of(EVENT_LOG_FAILED, path, text_of_error(error).text);

    journal_put(logs->journal, &event);
}

static void on_log_failed(void *context, const char *path, DWORD error)
{
    tell_log_failed(context, path, error);
}

/* Where there is no start directory there can be no log in it; server_start has the words for that. */
static DWORD open_logfile(struct logs *logs, const struct logs_setup *setup)
{
    const char *directory = setup->config->directory;

    if (!setup->wants_log_file || !paths_is_folder(directory))
        return 0;
    DWORD error = logfile_open(&logs->logfile, directory, setup->config);
    if (error)
        return error;
    logfile_on_failure(logs->logfile, on_log_failed, logs);
    add_sink(logs, logfile_sink(logs->logfile));
    return 0;
}

/* A service's errors always reach the event log: a broken log file cannot tell of itself. */
static void open_eventlog(struct logs *logs, const struct logs_setup *setup)
{
    bool wants_all = setup->wants_event_log || !setup->wants_log_file;

    if (setup->screen && !setup->wants_event_log)
        return;
    logs->eventlog = eventlog_open(setup->source, wants_all ? EVENT_DETAIL : EVENT_ERROR);
    if (logs->eventlog)
        add_sink(logs, eventlog_sink(logs->eventlog));
}

static void open_etw(struct logs *logs)
{
    logs->etw = etw_open();
    if (logs->etw)
        add_sink(logs, etw_sink(logs->etw));
}

static void tell_without_journal(const struct logs *logs, const char *reason)
{
    struct event event = event_of(EVENT_START_FAILED, NULL, reason);
    SYSTEMTIME local;

    GetLocalTime(&local);
    for (size_t i = 0; i < logs->sink_count; i++)
        logs->sinks[i].write(logs->sinks[i].context, &event, &local);
}

int logs_open(struct logs **opened, const struct logs_setup *setup)
{
    char path[CONFIG_DIRECTORY_MAX];
    struct logs *logs = calloc(1, sizeof *logs);

    if (!logs)
        return EXIT_JOURNAL;
    if (setup->screen)
        add_sink(logs, *setup->screen);
    open_eventlog(logs, setup);
    open_etw(logs);
    DWORD error = open_logfile(logs, setup);
    logs->journal = journal_open(logs->sinks, logs->sink_count);
    if (!logs->journal) {
        tell_without_journal(logs, "there is no memory or no thread for the log; end other programs and start again");
        logs_close(logs);
        return EXIT_JOURNAL;
    }
    if (error) {
        snprintf(path, sizeof path, "tftpd.log in %.900s", setup->config->directory);
        tell_log_failed(logs, path, error);
        logs_close(logs);
        return EXIT_LOG;
    }
    *opened = logs;
    return EXIT_OK;
}

struct journal *logs_journal(const struct logs *logs)
{
    return logs->journal;
}

void logs_close(struct logs *logs)
{
    if (logs->journal)
        journal_close(logs->journal);
    if (logs->logfile)
        logfile_close(logs->logfile);
    if (logs->eventlog)
        eventlog_close(logs->eventlog);
    if (logs->etw)
        etw_close(logs->etw);
    free(logs);
}
