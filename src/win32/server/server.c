#include "win32/server/server.h"

#include "win32/disk/sweep.h"
#include "win32/server/listener.h"
#include "win32/server/sends.h"
#include "win32/system/random.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { WORKERS_MIN = 4, WORKERS_MAX = 16, DRAIN_TURN_MS = 20 };

struct server {
    struct shared shared;
    struct intake intake;
    struct listener *listener;
    struct config config; /* in force, with what only a restart changes as it was at the start */
    void *admission_memory;
    struct job sweep_job;
    volatile LONG is_stopping;
    bool has_winsock;
};

static uint32_t worker_count(const struct config *config)
{
    SYSTEM_INFO system;

    if (config->single_port)
        return 1;
    GetSystemInfo(&system);
    uint32_t count = 2 * system.dwNumberOfProcessors;
    if (count < WORKERS_MIN)
        count = WORKERS_MIN;
    if (count > WORKERS_MAX)
        count = WORKERS_MAX;
    if (config->workers != 0)
        count = config->workers;
    /* Each takes a port of its own. */
    uint32_t ports =
        config->port_range.low != 0 ? (uint32_t)(config->port_range.high - config->port_range.low) + 1 : count;
    return count < ports ? count : ports;
}

static void set_live(struct server *server)
{
    const struct config *config = &server->config;
    uint32_t share = config->first_resends_per_second / worker_count(config);

    atomic_store(&server->shared.errors_per_second, config->errors_per_second);
    atomic_store(&server->shared.first_resends_per_second, share > 0 ? share : 1);
    sends_configure(&server->shared, config->segmentation != 0);
}

static void tell(struct server *server, enum event_id id, const char *name, DWORD error)
{
    struct event event = event_of(id, name, text_of_error(error).text);

    journal_put(server->shared.journal, &event);
}

static bool init_admission(struct server *server, uint32_t transfers)
{
    uint32_t slots = admission_slots(transfers);
    size_t slots_size = slots * sizeof(struct peer *);
    char *memory = malloc((1 + ADMISSION_SCOPES) * slots_size + admission_hosts(transfers) * sizeof(struct host));

    server->admission_memory = memory;
    if (memory == NULL)
        return false;
    struct admission_memory parts = {
        .peer_slots = (struct peer **)(void *)memory,
        .transfers = transfers,
        .seed = server->shared.hash_seed,
    };
    for (size_t scope = 0; scope < ADMISSION_SCOPES; scope++)
        parts.host_slots[scope] = (struct peer **)(void *)(memory += slots_size);
    parts.hosts = (struct host *)(void *)(memory + slots_size);
    admission_init(&server->shared.admission, &parts);
    return true;
}

/* What becomes of the start directory while it is served. */
static void tell_directory(void *context, enum root_news news, const char *directory, DWORD error)
{
    static const char *const words[] = {
        [ROOT_BACK] = "it can be opened again",
        [ROOT_RESET] = "it had to be opened again, as after a reset of its share or disk",
        [ROOT_REPLACED] = "another directory is in its place",
    };
    struct server *server = context;

    if (news == ROOT_LOST) {
        tell(server, EVENT_DIRECTORY_LOST, directory, error);
        return;
    }
    struct event event = event_of(EVENT_DIRECTORY_FOUND, directory, words[news]);
    journal_put(server->shared.journal, &event);
}

static enum server_failure open_directory(struct server *server, DWORD *error)
{
    struct root *root = NULL;

    *error = root_open(&root, server->config.directory);
    if (*error != 0) {
        tell(server, EVENT_DIRECTORY_FAILED, server->config.directory, *error);
        return SERVER_FAILED_DIRECTORY;
    }
    root_watch(root, tell_directory, server);
    server->shared.settings = settings_create(&server->config, root);
    if (server->shared.settings != NULL)
        return SERVER_STARTED;
    root_release(root);
    *error = ERROR_NOT_ENOUGH_MEMORY;
    return SERVER_FAILED_RESOURCES;
}

static enum server_failure open_winsock(struct server *server, DWORD *error)
{
    WSADATA data;

    *error = (DWORD)WSAStartup(MAKEWORD(2, 2), &data);
    server->has_winsock = *error == 0;
    if (server->has_winsock)
        return SERVER_STARTED;
    tell(server, EVENT_START_FAILED, NULL, *error);
    return SERVER_FAILED_WINSOCK;
}

static enum server_failure open_resources(struct server *server, DWORD *error)
{
    struct shared *shared = &server->shared;
    const struct config *config = &server->config;

    shared->jobs = jobs_open(config->file_threads);
    shared->cache = shared->jobs ? cache_open(config->cache_mib, shared->jobs) : NULL;
    shared->interfaces = shared->jobs ? interfaces_open(shared->jobs) : NULL;
    shared->neighbours = shared->jobs ? neighbours_open(shared->jobs) : NULL;
    if (shared->cache == NULL || shared->interfaces == NULL || shared->neighbours == NULL ||
        !init_admission(server, config->transfers_max))
        goto fail;
    for (uint32_t count = worker_count(config); server->intake.worker_count < count; server->intake.worker_count++) {
        struct worker *worker = worker_open(shared, config, server->intake.worker_count, count);
        if (worker == NULL)
            goto fail;
        server->intake.workers[server->intake.worker_count] = worker;
    }
    return SERVER_STARTED;
fail:
    *error = ERROR_NOT_ENOUGH_MEMORY;
    tell(server, EVENT_START_FAILED, NULL, *error);
    return SERVER_FAILED_RESOURCES;
}

static void run_sweep_job(struct job *job)
{
    struct server *server = CONTAINING_RECORD(job, struct server, sweep_job);
    struct settings *settings = settings_acquire(&server->shared);
    uint32_t deleted = sweep_unfinished(settings->root, &server->is_stopping);

    settings_release(settings);
    if (deleted == 0)
        return;
    struct event event = event_of(EVENT_SWEPT, NULL, NULL);
    event.number = deleted;
    journal_put(server->shared.journal, &event);
}

/* In the background: a start directory may be large, and slow. */
static enum server_failure begin_sweep(struct server *server, DWORD *error)
{
    (void)error;
    server->sweep_job.run = run_sweep_job;
    jobs_put(server->shared.jobs, JOBS_BACKGROUND, &server->sweep_job);
    return SERVER_STARTED;
}

static enum server_failure open_listener(struct server *server, DWORD *error)
{
    *error = listener_open(&server->listener, &server->intake, &server->config);
    if (*error == 0)
        return SERVER_STARTED;
    return udp_presence_after(*error) == PRESENCE_TAKEN ? SERVER_FAILED_PORT_TAKEN : SERVER_FAILED_LISTEN;
}

static void hear_of_reply(void *context, const struct endpoint *to, const struct udp_arrival *source,
                          const struct udp_sent *sent)
{
    sends_hear(context, to, source, sent);
}

/* Whatever hinders it, files are served. */
static enum server_failure begin_companion(struct server *server, DWORD *error)
{
    struct shared *shared = &server->shared;

    (void)error;
    companion_init(&shared->companion, shared->journal, shared->jobs, shared->hash_seed,
                   (struct companion_sends){hear_of_reply, shared});
    companion_apply(&shared->companion, &server->config, shared->settings->root);
    return SERVER_STARTED;
}

enum server_failure server_start(struct server **server, const struct config *config, struct journal *journal,
                                 DWORD *error)
{
    static enum server_failure (*const steps[])(struct server *, DWORD *) = {
        open_directory, open_winsock, open_resources, begin_sweep, open_listener, begin_companion};
    struct server *made = calloc(1, sizeof *made);

    *error = ERROR_NOT_ENOUGH_MEMORY;
    if (made == NULL)
        return SERVER_FAILED_RESOURCES;
    made->config = *config;
    made->shared.journal = journal;
    made->intake.shared = &made->shared;
    InitializeSRWLock(&made->shared.settings_lock);
    InitializeSRWLock(&made->shared.admission_lock);
    InitializeSRWLock(&made->shared.errors_lock);
    InitializeSRWLock(&made->shared.sends.lock);
    made->shared.hash_seed = random_seed();
    made->shared.known.seed = made->shared.hash_seed;
    errors_init(&made->shared.errors, config->errors_per_second, made->shared.hash_seed);
    set_live(made);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        enum server_failure failure = steps[i](made, error);
        if (failure != SERVER_STARTED) {
            server_stop(made, NULL, NULL);
            return failure;
        }
    }
    *server = made;
    return SERVER_STARTED;
}

bool server_reload(struct server *server, struct config *config)
{
    struct config next = *config;
    struct root *held = server->shared.settings->root;
    struct root *root = NULL;

    for (size_t i = 0; i < config_parameter_count; i++)
        if (config_parameters[i].needs_restart)
            config_copy_value(&next, &server->config, &config_parameters[i]);
    DWORD error = root_open(&root, next.directory);
    if (error != 0) {
        /* A start directory that cannot be opened must not take the old one away. */
        tell(server, EVENT_DIRECTORY_FAILED, next.directory, error);
        config_copy_value(&next, &server->config, config_find("Directory"));
        root = root_retain(held);
    }
    struct settings *settings = settings_create(&next, root);
    if (settings == NULL) {
        root_release(root);
        return false;
    }
    if (root != held) {
        root_watch(root, tell_directory, server);
        if (root_retire(held))
            tell_directory(server, ROOT_BACK, next.directory, 0);
    }
    server->config = next;
    settings_publish(&server->shared, settings);
    companion_apply(&server->shared.companion, &next, root);
    set_live(server);
    *config = next;
    return true;
}

void server_pause(struct server *server, bool is_paused)
{
    InterlockedExchange(&server->shared.is_paused, is_paused);
    companion_pause(&server->shared.companion, is_paused);
}

void server_look(struct server *server, struct snapshot *snapshot, struct snapshot_transfer *list)
{
    snapshot_take(&server->shared, snapshot, list);
}

bool server_stop_transfer(struct server *server, uint32_t id)
{
    return snapshot_stop_transfer(&server->shared, id);
}

void server_look_boot(struct server *server, struct companion_state *state, struct companion_machine *list)
{
    companion_look(&server->shared.companion, state, list);
}

enum companion_approval server_approve(struct server *server, const char *who)
{
    return companion_approve(&server->shared.companion, who);
}

static bool is_idle(struct server *server)
{
    AcquireSRWLockExclusive(&server->shared.admission_lock);
    bool is_idle = server->shared.admission.running == 0;
    ReleaseSRWLockExclusive(&server->shared.admission_lock);
    return is_idle;
}

bool server_drain(struct server *server, DWORD wait_ms)
{
    uint64_t end_ms = GetTickCount64() + wait_ms;

    server_pause(server, true);
    while (!is_idle(server)) {
        if (GetTickCount64() >= end_ms)
            return false;
        Sleep(DRAIN_TURN_MS);
    }
    return true;
}

static void stop_listener(struct server *server, struct progress *progress)
{
    progress_await(progress, "requests whose files are being opened");
    if (server->listener != NULL)
        listener_stop(server->listener);
    while (server->shared.retakes > 0)
        Sleep(1);
}

static void stop_workers(struct server *server, struct progress *progress)
{
    progress_await(progress, "transfers whose files are being read or written");
    for (uint32_t i = 0; i < server->intake.worker_count; i++)
        worker_ask_stop(server->intake.workers[i]);
    for (uint32_t i = 0; i < server->intake.worker_count; i++) {
        worker_stop(server->intake.workers[i]);
        progress_step(progress);
    }
}

static void free_all(struct server *server)
{
    struct shared *shared = &server->shared;

    for (uint32_t i = 0; i < server->intake.worker_count; i++)
        worker_close(server->intake.workers[i]);
    if (shared->cache != NULL)
        cache_close(shared->cache);
    if (shared->interfaces != NULL)
        interfaces_close(shared->interfaces);
    neighbours_close(shared->neighbours);
    settings_release(shared->settings);
    free(server->admission_memory);
    if (server->has_winsock)
        WSACleanup();
    free(server);
}

void server_stop(struct server *server, struct snapshot *last, struct progress *progress)
{
    struct shared *shared = &server->shared;

    server->is_stopping = TRUE;
    server_pause(server, true);
    if (shared->jobs != NULL)
        jobs_report(shared->jobs, progress);
    stop_listener(server, progress);
    companion_stop(&server->shared.companion);
    stop_workers(server, progress);
    if (server->listener != NULL)
        listener_close(server->listener);
    if (last != NULL)
        server_look(server, last, NULL);
    /* The last jobs close files; one may still be on its way back from mailing a worker. */
    progress_await(progress, "files that are being closed");
    if (shared->jobs != NULL)
        jobs_close(shared->jobs);
    free_all(server);
}
