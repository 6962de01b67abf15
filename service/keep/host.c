#include "service/keep/host_parts.h"

#include "core/settings/doubts.h"
#include "registry/watch.h"
#include "service/keep/watchdog.h"
#include "service/tell/logs.h"
#include "win32/system/lockdown.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { DRAINED_TURN_MS = 100 };

void host_tell(struct host *host, enum event_id id, const char *name, const char *detail)
{
    struct event event = event_of(id, name, detail);

    journal_put(host->journal, &event);
}

void host_step(const struct host *host)
{
    if (host->setup.progress)
        host->setup.progress(host->setup.context);
}

/* What registry_load has to say, as events. */
struct reading {
    struct host *host;
    const struct config *draft;
    unsigned refused;
};

static const char *key_of(const struct reading *reading, enum config_source source, char text[REGISTRY_KEY_MAX])
{
    return registry_key(reading->host->setup.service, source, text);
}

static void on_rejected(void *context, enum config_source source, const struct config_parameter *parameter,
                        const struct config_problem *problem)
{
    struct reading *reading = context;
    char value[HOST_VALUE_MAX], key[REGISTRY_KEY_MAX], detail[EVENT_DETAIL_MAX];

    reading->refused++;
    config_value_text(reading->draft, parameter, value, sizeof value);
    if (source == CONFIG_FROM_POLICY)
        snprintf(detail, sizeof detail, "the policy %s (in %.120s)", problem->text, key_of(reading, source, key));
    else
        snprintf(detail, sizeof detail, "%s", problem->text);
    host_tell(reading->host, EVENT_PARAMETER_REJECTED, value[0] ? value : "empty", detail);
}

static void on_unknown(void *context, enum config_source source, const char *name)
{
    struct reading *reading = context;
    char key[REGISTRY_KEY_MAX], place[EVENT_NAME_MAX];

    snprintf(place, sizeof place, "%.300s (in %.150s)", name, key_of(reading, source, key));
    host_tell(reading->host, EVENT_PARAMETER_UNKNOWN, source == CONFIG_FROM_POLICY ? place : name, NULL);
}

static void on_overruled(void *context, const struct config_parameter *parameter, const char *argument)
{
    struct reading *reading = context;
    char key[REGISTRY_KEY_MAX], place[EVENT_NAME_MAX];

    snprintf(place, sizeof place, "%s (in %.150s)", parameter->name, key_of(reading, CONFIG_FROM_POLICY, key));
    host_tell(reading->host, EVENT_ARGUMENT_OVERRULED, place, argument);
}

static int load(struct host *host, struct config *config, const struct config *last_good,
                const struct registry_report *report, char *reason)
{
    return parameters_load(config, host->setup.service, host->setup.arguments, last_good, report, reason);
}

int host_load_and_tell(struct host *host, struct config *config, const struct config *last_good, unsigned *refused)
{
    struct reading reading = {host, config, 0};
    struct registry_report report = {on_rejected, on_unknown, on_overruled, &reading};
    char reason[HOST_REASON_MAX];
    int code = load(host, config, last_good, &report, reason);

    if (code && last_good)
        host_tell(host, EVENT_PARAMETER_REJECTED, "as it was", reason);
    else if (code == EXIT_USAGE)
        host_tell(host, EVENT_BAD_ARGUMENT, "-d or --set", reason);
    else if (code)
        host_tell(host, EVENT_START_FAILED, NULL, reason);
    *refused = reading.refused;
    return code;
}

static int open_logs(struct host *host)
{
    const struct arguments *arguments = host->setup.arguments;
    struct logs_setup setup = {
        .source = host->setup.service,
        .config = &host->config,
        .screen = host->setup.screen,
        .wants_event_log = arguments->wants_event_log,
        .wants_log_file = arguments->wants_log_file,
    };
    int code = logs_open(&host->logs, &setup);

    if (code == EXIT_OK)
        host->journal = logs_journal(host->logs);
    return code;
}

void host_limit_journal(struct host *host)
{
    struct event_rates rates = {host->config.refusal_events_per_second, EVENT_LIMITS_TRANSFERS};

    journal_set_limits(host->journal, event_lowest_level(host->config.verbose), &rates);
}

static void lock_down(struct host *host)
{
    struct lockdown lockdown;

    lockdown_process(&lockdown);
    if (lockdown.refused[0] != 0)
        host_tell(host, EVENT_LOCKDOWN_PARTIAL, NULL, lockdown.refused);
    if (lockdown.unknown[0] != 0)
        host_tell(host, EVENT_LOCKDOWN_UNKNOWN, NULL, lockdown.unknown);
}

void host_tell_doubts(struct host *host, const struct config *config, const struct config_parameter *parameter)
{
    const struct text_list *list = config_list(config, parameter);
    struct config_problem problem;
    char value[HOST_VALUE_MAX];

    config_value_text(config, parameter, value, sizeof value);
    for (const char *item = list ? text_list_next(list, NULL) : NULL; item; item = text_list_next(list, item))
        if (doubts_about(parameter, item, &problem))
            host_tell(host, EVENT_PARAMETER_REJECTED, value, problem.text);
}

static void tell_started(struct host *host)
{
    char detail[EVENT_DETAIL_MAX], addresses[EVENT_DETAIL_MAX / 4];

    config_value_text(&host->config, config_find("Addresses"), addresses, sizeof addresses);
    snprintf(detail, sizeof detail, "tftpd " TFTPD_VERSION " serves %.300s on UDP port %u of %s",
             host->config.directory, host->config.port, addresses[0] != 0 ? addresses : "all addresses");
    host_tell(host, EVENT_STARTED, NULL, detail);
    host->started_ms = GetTickCount64();
}

void host_close_all(struct host *host)
{
    if (host->watch)
        watch_close(host->watch);
    if (host->logs)
        logs_close(host->logs);
    if (host->drain)
        CloseHandle(host->drain);
    free(host);
}

/* On failure the caller closes what there is. */
static int start(struct host *host, struct progress *progress)
{
    static const struct registry_report nothing_said = {NULL, NULL, NULL, NULL};
    char reason[HOST_REASON_MAX];
    unsigned refused;
    DWORD error;

    InitializeSRWLock(&host->config_lock);
    host->drain = CreateEventW(NULL, FALSE, FALSE, NULL);
    /* Armed before the first reading, so that no change is lost. */
    host->watch = watch_open(host->setup.service);
    /* Where the log lies is itself a parameter: a first silent reading finds it, the second tells there. */
    load(host, &host->config, NULL, &nothing_said, reason);
    int code = open_logs(host);
    if (code)
        return code;
    progress_step(progress);
    host_limit_journal(host);
    lock_down(host);
    code = host_load_and_tell(host, &host->config, NULL, &refused);
    if (code)
        return code;
    for (size_t i = 0; i < config_parameter_count; i++)
        host_tell_doubts(host, &host->config, &config_parameters[i]);
    host->awaited = host->config;
    code = (int)server_start(&host->server, &host->config, host->journal, &error);
    if (code)
        return code;
    tell_started(host);
    host_open_pipe(host);
    return EXIT_OK;
}

static void look(void *context)
{
    host_step(context);
}

/* The log and the start directory may be on shares that do not answer: each is vouched for as long as the watchdog looks. */
int host_start(struct host **started, const struct host_setup *setup)
{
    struct host *host = calloc(1, sizeof *host);
    struct progress progress = {NULL, 0};
    struct watchdog dog = {.progress = &progress, .look = look, .context = host};

    if (!host)
        return EXIT_JOURNAL;
    host->setup = *setup;
    watchdog_begin(&dog);
    int code = start(host, &progress);
    watchdog_end(&dog);
    if (code)
        host_close_all(host);
    else
        *started = host;
    return code;
}

static void on_change(struct host *host)
{
    /* What changes in this time is seen by the reading behind it. */
    Sleep(WATCH_QUIET_MS);
    if (!watch_arm(host->watch))
        host_tell(host, EVENT_WATCH_LOST, NULL, NULL);
    host_read_again(host, HOST_READS_CHANGE);
}

static void begin_draining(struct host *host)
{
    struct event event = event_of(EVENT_DRAINING, NULL, NULL);
    struct snapshot now;

    if (atomic_exchange(&host->is_draining, true))
        return;
    server_pause(host->server, true);
    server_look(host->server, &now, NULL);
    event.number = now.running;
    journal_put(host->journal, &event);
}

/* Until somebody has to look without having been woken. */
static DWORD turn_ms(const struct host *host, bool is_draining)
{
    uint64_t now_ms = GetTickCount64();
    DWORD turn = is_draining ? DRAINED_TURN_MS : INFINITE;

    if (host->doubt_ends_ms == 0)
        return turn;
    uint64_t left_ms = now_ms < host->doubt_ends_ms ? host->doubt_ends_ms - now_ms : 0;
    return left_ms < turn ? (DWORD)left_ms : turn;
}

enum host_wake host_wait(struct host *host, HANDLE asked)
{
    enum { WAKE_ASKED, WAKE_DRAIN, WAKE_CHANGE }; /* and changes from there on */
    HANDLE wakes[WAKE_CHANGE + WATCH_EVENTS_MAX] = {asked, host->drain};

    for (;;) {
        bool is_draining = atomic_load(&host->is_draining);
        if (is_draining && server_drain(host->server, 0))
            return HOST_DRAINED;
        DWORD count = WAKE_CHANGE + (host->watch ? (DWORD)watch_events(host->watch, wakes + WAKE_CHANGE) : 0);
        DWORD woken = WaitForMultipleObjects(count, wakes, FALSE, turn_ms(host, is_draining));
        ASSERT(woken != WAIT_FAILED);
        if (woken == WAIT_OBJECT_0 + WAKE_ASKED)
            return HOST_ASKED;
        if (woken == WAIT_OBJECT_0 + WAKE_DRAIN)
            begin_draining(host);
        if (woken >= WAIT_OBJECT_0 + WAKE_CHANGE && woken < WAIT_OBJECT_0 + count)
            on_change(host);
        if (woken == WAIT_TIMEOUT && host->doubt_ends_ms != 0 && GetTickCount64() >= host->doubt_ends_ms)
            host_read_again(host, HOST_READS_POLICIES_GONE);
    }
}

void host_pause(struct host *host, bool is_paused)
{
    bool was_draining = !is_paused && atomic_exchange(&host->is_draining, false);

    if (host->is_paused == is_paused && !was_draining)
        return;
    host->is_paused = is_paused;
    server_pause(host->server, is_paused);
    host_tell(host, is_paused ? EVENT_PAUSED : EVENT_CONTINUED, NULL, NULL);
}

void host_flush(struct host *host)
{
    journal_flush(host->journal, HOST_FLUSH_MS);
}
