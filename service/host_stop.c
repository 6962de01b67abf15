#include "service/host_parts.h"

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

void host_stop(struct host *host, uint32_t patience_s)
{
    static struct snapshot last;

    drain(host, patience_s);
    host_step(host);
    host_close_pipe(host);
    server_stop(host->server, &last);
    tell_stopped(host, &last.totals);
    host_step(host);
    host_close_all(host);
}
