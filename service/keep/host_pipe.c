/* All of this but opening and closing runs on the pipe's thread, or on one of the system's. */
#include "core/base/utf8.h"
#include "service/keep/host_parts.h"
#include "win32/system/text.h"

#include <psapi.h>

static void describe(void *context, struct pipe_reply *reply, struct snapshot_transfer *list)
{
    struct host *host = context;
    PROCESS_MEMORY_COUNTERS memory = {.cb = sizeof memory};
    DWORD handles = 0;

    AcquireSRWLockShared(&host->config_lock);
    utf8_copy(reply->directory, sizeof reply->directory, host->config.directory);
    reply->port = host->config.port;
    ReleaseSRWLockShared(&host->config_lock);
    if (GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof memory))
        reply->memory_bytes = memory.PagefileUsage; /* what is private to the process, in spite of its name */
    if (GetProcessHandleCount(GetCurrentProcess(), &handles))
        reply->handles = handles;
    reply->process = GetCurrentProcessId();
    reply->is_draining = atomic_load(&host->is_draining);
    reply->uptime_ms = GetTickCount64() - host->started_ms;
    server_look(host->server, &reply->snapshot, list);
}

static void look(void *context, struct pipe_reply *reply)
{
    describe(context, reply, NULL);
}

static void describe_boot(void *context, struct companion_state *boot, struct companion_machine *machines)
{
    struct host *host = context;

    server_look_boot(host->server, boot, machines);
}

static enum companion_approval approve(void *context, const char *machine)
{
    struct host *host = context;

    return server_approve(host->server, machine);
}

static bool stop_transfer(void *context, uint32_t id)
{
    struct host *host = context;

    return server_stop_transfer(host->server, id);
}

static void ask_drain(void *context)
{
    struct host *host = context;

    SetEvent(host->drain);
}

void host_open_pipe(struct host *host)
{
    struct pipe_server_setup setup = {
        .service = host->setup.service,
        .is_console = host->setup.screen != NULL,
        .context = host,
        .describe = describe,
        .describe_boot = describe_boot,
        .stop_transfer = stop_transfer,
        .approve = approve,
        .drain = ask_drain,
    };
    DWORD error;

    host->pipe = pipe_server_open(&setup, &error);
    if (!host->pipe)
        host_tell(host, EVENT_STATUS_UNAVAILABLE, NULL, text_of_error(error).text);
    host->counters = counters_open(host->setup.service, look, host, &error);
}

void host_close_pipe(struct host *host)
{
    if (host->counters)
        counters_close(host->counters);
    if (host->pipe)
        pipe_server_close(host->pipe);
}
