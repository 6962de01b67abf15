#include "win32/boot/companion_parts.h"

#include "core/settings/access.h"
#include "core/settings/boot_lines.h"
#include "win32/system/text.h"

#include <stdlib.h>

/* -- one datagram ------------------------------------------------------------------------------------------------------ */

/* False if the system did not take it: then it is lost, and the machine asks again. */
static bool answer(const struct companion *companion, struct boot_socket *socket, const struct udp_arrival *came,
                   const struct boot_reply *reply)
{
    struct span part = span_of(reply->bytes, reply->size);
    /* From the address that was asked, as firmware takes no other's answer; none leaves from a group. */
    const struct udp_arrival *source = endpoint_is_multicast(&came->local) ? NULL : came;
    struct udp_sent sent = udp_send(&socket->udp, &reply->to, source, &part, 1);

    /* Nobody keeps it until there is room. */
    if (sent.is_full)
        sent = (struct udp_sent){.refused = 1, .error = WSAENOBUFS};
    companion->sends.hear(companion->sends.context, &reply->to, source, &sent);
    return sent.refused == 0;
}

static void hear(struct running *running, struct boot_socket *socket, const struct udp_arrival *came,
                 const struct endpoint *from, struct span datagram)
{
    struct boot_decision decision;
    uint64_t now_ms = GetTickCount64();
    const struct local_address *local =
        companion_is_ipv6(socket) ? companion_ipv6_of(running, came->interface_index) : &socket->local;
    if (local == NULL)
        return;
    struct boot_arrival arrival = {
        .address = local->address,
        .source = *from,
        .prefix_bits = local->prefix_bits,
        .interface_index = local->interface_index,
        .server_duid = span_of(running->duid, sizeof running->duid),
    };

    arrival.address.port = socket->local.address.port;
    AcquireSRWLockExclusive(&running->lock);
    arrival.is_client = access_admits(bootfiles_config(running->files), from);
    boot_hear(&running->boot, &arrival, datagram, now_ms, &decision);
    if (decision.reply.size > 0)
        decision.is_sent = answer(running->companion, socket, came, &decision.reply);
    boot_note(&running->boot, &decision, now_ms);
    companion_tell_decision(running, &decision, &arrival);
    AcquireSRWLockExclusive(&running->holders_lock);
    holders_hear(&running->holders, &decision, now_ms);
    ReleaseSRWLockExclusive(&running->holders_lock);
    ReleaseSRWLockExclusive(&running->lock);
}

/* True if there was something. */
static bool take_from(struct running *running, struct boot_socket *socket)
{
    struct udp_arrival arrival;
    struct endpoint from;
    size_t size;
    int taken = 0;

    while (socket->presence.state == PRESENCE_OPEN && taken < COMPANION_TURN_MAX) {
        enum udp_result result =
            udp_receive(&socket->udp, running->buffer, sizeof running->buffer, &size, &from, &arrival);
        if (result == UDP_BROKEN)
            companion_broke(running, socket, (DWORD)WSAGetLastError());
        if (result == UDP_NOTHING || result == UDP_BROKEN)
            break;
        taken++;
        if (result == UDP_RECEIVED && size <= COMPANION_DATAGRAM_MAX && !running->companion->is_paused)
            hear(running, socket, &arrival, &from, span_of(running->buffer, size));
    }
    return taken > 0;
}

/* -- the thread -------------------------------------------------------------------------------------------------------- */

static void take_those_who_came(struct running *running)
{
    struct came *came = &running->came;

    AcquireSRWLockExclusive(&came->lock);
    for (size_t i = 0; i < came->count; i++)
        boot_seen_came(&running->boot.seen, &came->clients[i]);
    came->count = 0;
    ReleaseSRWLockExclusive(&came->lock);
}

static void follow_if_due(struct running *running, uint64_t now_ms)
{
    bool is_told = running->has_watch && WaitForSingleObject(running->changed, 0) == WAIT_OBJECT_0;

    if (!is_told && !running->has_changed && now_ms - running->looked_ms < COMPANION_LOOK_MS)
        return;
    if (is_told)
        running->has_watch = netwatch_arm(&running->watch);
    running->looked_ms = now_ms;
    companion_follow(running, now_ms);
}

static void take_turn(struct running *running)
{
    uint64_t now_ms = GetTickCount64();
    bool has_any = true;

    AcquireSRWLockExclusive(&running->lock);
    follow_if_due(running, now_ms);
    companion_retry(running, now_ms);
    take_those_who_came(running);
    companion_tell_minute(running, now_ms);
    running->state.sockets = 0;
    for (size_t i = 0; i < running->socket_count; i++)
        running->state.sockets += running->sockets[i].presence.state == PRESENCE_OPEN;
    ReleaseSRWLockExclusive(&running->lock);
    while (has_any && WaitForSingleObject(running->stop, 0) != WAIT_OBJECT_0) {
        has_any = false;
        for (size_t i = 0; i < running->socket_count; i++)
            has_any |= take_from(running, &running->sockets[i]);
        if (GetTickCount64() - now_ms >= COMPANION_TICK_MS)
            break;
    }
}

static DWORD WINAPI run(void *context)
{
    struct running *running = context;
    HANDLE handles[] = {running->stop, running->wake, running->ready, running->changed};

    running->has_watch = netwatch_open(&running->watch, running->changed);
    do
        take_turn(running);
    while (WaitForMultipleObjects(running->has_watch ? 4 : 3, handles, FALSE, COMPANION_TICK_MS) != WAIT_OBJECT_0);
    companion_close_sockets(running);
    if (running->has_watch)
        netwatch_close(&running->watch);
    return 0;
}

/* -- start and end ----------------------------------------------------------------------------------------------------- */

static void close_handle(HANDLE handle)
{
    if (handle != NULL)
        CloseHandle(handle);
}

static void end_running(struct running *running)
{
    if (running->thread != NULL) {
        SetEvent(running->stop);
        WaitForSingleObject(running->thread, INFINITE);
        CloseHandle(running->thread);
    }
    running->companion->marks = running->boot.marks;
    close_handle(running->stop);
    close_handle(running->wake);
    close_handle(running->ready);
    close_handle(running->changed);
    if (running->files != NULL)
        bootfiles_release(running->files);
    free(running->rules);
    free(running);
}

static void take_parameters(struct running *running, const struct config *config)
{
    running->boot.is_watching = config->pxe == PXE_WATCH;
    running->ports = boot_lines_ports(config);
    running->has_changed = true;
}

static DWORD open_parts(struct running *running)
{
    running->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    running->wake = CreateEventW(NULL, FALSE, FALSE, NULL);
    running->ready = CreateEventW(NULL, FALSE, FALSE, NULL);
    running->changed = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (running->stop == NULL || running->wake == NULL || running->ready == NULL || running->changed == NULL)
        return GetLastError();
    running->thread = CreateThread(NULL, 0, run, running, 0, NULL);
    return running->thread != NULL ? 0 : GetLastError();
}

/* Takes over rules and files. */
static DWORD start(struct companion *companion, const struct config *config, struct boot_rules *rules,
                   struct bootfiles *files)
{
    struct running *running = calloc(1, sizeof *running);

    if (running == NULL) {
        bootfiles_release(files);
        free(rules);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    running->companion = companion;
    InitializeSRWLock(&running->lock);
    InitializeSRWLock(&running->came.lock);
    InitializeSRWLock(&running->holders_lock);
    running->holders.seed = companion->seed;
    running->rules = rules;
    running->files = files;
    running->counted_ms = GetTickCount64();
    boot_init(&running->boot, rules, (struct boot_files){bootfiles_look, files}, companion->seed);
    running->boot.marks = companion->marks;
    boot_set_rules(&running->boot, rules);
    take_parameters(running, config);
    bootself_make_duid(running->duid);
    DWORD error = open_parts(running);
    if (error != 0) {
        end_running(running);
        return error;
    }
    AcquireSRWLockExclusive(&companion->lock);
    companion->running = running;
    ReleaseSRWLockExclusive(&companion->lock);
    return 0;
}

/* Takes over rules and files. */
static void change(struct running *running, const struct config *config, struct boot_rules *rules,
                   struct bootfiles *files)
{
    struct boot_rules *old_rules = running->rules;
    struct bootfiles *old_files = running->files;

    AcquireSRWLockExclusive(&running->lock);
    running->rules = rules;
    running->files = files;
    running->boot.files.context = files;
    boot_set_rules(&running->boot, rules);
    take_parameters(running, config);
    ReleaseSRWLockExclusive(&running->lock);
    SetEvent(running->wake);
    bootfiles_release(old_files);
    free(old_rules);
}

static void refuse(struct companion *companion, const char *why)
{
    companion_tell(
        companion, EVENT_BOOT_RULES_REFUSED, NULL,
        companion->running != NULL ? "boot requests are answered as before" : "boot requests are not answered", why);
}

static void fail(struct companion *companion, DWORD error)
{
    companion_tell(companion, EVENT_BOOT_FAILED, NULL, NULL, text_of_error(error).text);
}

void companion_init(struct companion *companion, struct journal *journal, struct jobs *jobs, uint64_t seed,
                    struct companion_sends sends)
{
    memset(companion, 0, sizeof *companion);
    companion->journal = journal;
    companion->jobs = jobs;
    companion->seed = seed;
    companion->sends = sends;
    InitializeSRWLock(&companion->lock);
}

void companion_apply(struct companion *companion, const struct config *config, struct root *root)
{
    struct boot_problem problem;
    struct boot_rules *rules = malloc(sizeof *rules);
    bool is_good = rules != NULL && boot_lines_read(rules, config, &problem);

    if (!boot_lines_are_wanted(config)) {
        companion_stop(companion);
        /* A line that was taken out meanwhile means another boot, too, when it is written anew. */
        if (is_good)
            boot_marks_keep(&companion->marks, rules);
        free(rules);
        return;
    }
    struct bootfiles *files = bootfiles_open(config, root, companion->jobs);
    if (is_good && files != NULL) {
        bootself_name(rules);
        DWORD error = 0;
        if (companion->running != NULL)
            change(companion->running, config, rules, files);
        else
            error = start(companion, config, rules, files);
        if (error != 0)
            fail(companion, error);
        return;
    }
    if (rules == NULL || files == NULL)
        fail(companion, ERROR_NOT_ENOUGH_MEMORY);
    else
        refuse(companion, problem.text);
    if (files != NULL)
        bootfiles_release(files);
    free(rules);
}

void companion_pause(struct companion *companion, bool is_paused)
{
    InterlockedExchange(&companion->is_paused, is_paused);
}

void companion_stop(struct companion *companion)
{
    struct running *running = companion->running;

    if (running == NULL)
        return;
    AcquireSRWLockExclusive(&companion->lock);
    companion->running = NULL;
    ReleaseSRWLockExclusive(&companion->lock);
    end_running(running);
}

void companion_came(struct companion *companion, const struct endpoint *client)
{
    AcquireSRWLockShared(&companion->lock);
    struct running *running = companion->running;
    if (running != NULL) {
        AcquireSRWLockExclusive(&running->came.lock);
        if (running->came.count < COMPANION_CAME_MAX)
            running->came.clients[running->came.count++] = *client;
        ReleaseSRWLockExclusive(&running->came.lock);
    }
    ReleaseSRWLockShared(&companion->lock);
}
