#include "service/keep/host_parts.h"
#include "service/keep/watchdog.h"
#include "service/tell/eventlog.h"

#include <stdio.h>

enum { DRAIN_STEP_MS = 1000 };

static void drain(struct host *host, uint32_t patience_s)
{
    uint32_t seconds = patience_s < host->config.drain_s ? patience_s : host->config.drain_s;
    uint64_t end_ms = GetTickCount64() + seconds * 1000ull;

    for (;;) {
        uint64_t now_ms = GetTickCount64();
        uint64_t left_ms = now_ms < end_ms ? end_ms - now_ms : 0;
        host_step(host);
        if (server_drain(host->server, left_ms < DRAIN_STEP_MS ? (DWORD)left_ms : DRAIN_STEP_MS) || left_ms == 0)
            return;
    }
}

static void tell_stopped(struct host *host, const struct snapshot_totals *totals)
{
    char detail[EVENT_DETAIL_MAX];
    uint64_t seconds = (GetTickCount64() - host->started_ms) / 1000;

    snprintf(
        detail, sizeof detail,
        "after %llu d %02llu:%02llu:%02llu; %llu transfers finished, %llu failed, %llu requests refused, %llu dropped, %llu ERRORs and "
        "%llu repeated first answers withheld, %llu unanswered transfers made room, %llu bytes sent, %llu bytes "
        "received",
        seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60, totals->finished, totals->failed,
        totals->refused, totals->dropped, totals->errors_withheld, totals->resends_withheld, totals->gave_way,
        totals->bytes_sent, totals->bytes_received);
    host_tell(host, EVENT_STOPPED, NULL, detail);
}

/* What the watchdog has when the stop hangs; the host may be half gone then. */
struct stopping {
    struct host_setup setup;
    struct journal *journal; /* NULL: it is being closed */
    struct progress progress;
    struct watchdog dog;
};

static void look(void *context)
{
    const struct stopping *stopping = context;

    if (stopping->setup.progress)
        stopping->setup.progress(stopping->setup.context);
}

/* Where even the log hangs, past it. */
static void tell_last(const struct stopping *stopping, const struct event *event)
{
    const struct journal_sink *screen = stopping->setup.screen;
    SYSTEMTIME local;

    if (stopping->journal) {
        journal_put(stopping->journal, event);
        if (journal_flush(stopping->journal, HOST_FLUSH_MS))
            return;
    }
    GetLocalTime(&local);
    if (screen)
        screen->write(screen->context, event, &local);
    else
        eventlog_tell(stopping->setup.service, event);
}

/* Not ExitProcess, which would wait for locks that the hanging threads may hold. */
static void give_up(void *context)
{
    struct stopping *stopping = context;
    struct event event = event_of(EVENT_STOP_GIVEN_UP, NULL, atomic_load(&stopping->progress.awaited));

    event.number = WATCHDOG_PATIENCE_S;
    tell_last(stopping, &event);
    if (stopping->setup.given_up)
        stopping->setup.given_up(stopping->setup.context);
    TerminateProcess(GetCurrentProcess(), EXIT_STUCK);
}

void host_stop(struct host *host, uint32_t patience_s)
{
    static struct snapshot last;
    struct stopping stopping = {.setup = host->setup, .journal = host->journal};

    stopping.dog =
        (struct watchdog){.progress = &stopping.progress, .look = look, .bite = give_up, .context = &stopping};
    drain(host, patience_s);
    host_step(host);
    progress_await(&stopping.progress, "somebody who asks for `tftpd status`");
    watchdog_begin(&stopping.dog);
    host_close_pipe(host);
    server_stop(host->server, &last, &stopping.progress);
    tell_stopped(host, &last.totals);
    watchdog_end(&stopping.dog);
    stopping.journal = NULL;
    host_step(host);
    progress_await(&stopping.progress, "the log files");
    watchdog_begin(&stopping.dog);
    host_close_all(host);
    watchdog_end(&stopping.dog);
}
