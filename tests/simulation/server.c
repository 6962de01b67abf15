#include "server.h"

#include "statistics.h"

uint64_t server_now_ms(const struct world *w)
{
    return w->now_ms - w->now_ms % w->faults.grain_ms;
}

struct endpoint server_tid(const struct world *w, const struct worker *worker, uint32_t tid)
{
    uint32_t port = SERVER_FIRST_TID + worker->number * SERVER_TIDS_MAX + tid;

    return world_address(NETWORK_SERVER, w->config.single_port ? NETWORK_PORT : (uint16_t)port);
}

uint32_t server_draw_tid(struct world *w, struct worker *worker)
{
    struct endpoint local = world_address(NETWORK_SERVER, 0);
    uint32_t tid;
    enum tids_answer answer = tids_draw(&worker->tids, &local, world_random(w, UINT32_MAX), server_now_ms(w), &tid);

    REQUIRE(w, answer != TIDS_NONE, "no port is left");
    return tid;
}

bool server_may_repeat_first(struct world *w, struct worker *worker)
{
    return bucket_take(&worker->first_resends, w->config.first_resends_per_second, server_now_ms(w));
}

void server_make(struct world *w)
{
    struct server *server = world_allocate(w, sizeof *server);

    memset(server, 0, sizeof *server);
    w->server = server;
    struct admission_memory memory = {
        .peer_slots = server->peer_slots,
        .host_slots = {server->host_slots[ADMISSION_OF_ADDRESS], server->host_slots[ADMISSION_OF_NETWORK]},
        .hosts = server->hosts,
        .transfers = w->config.transfers_max,
        .seed = SERVER_HASH_SEED,
    };
    ASSERT(admission_slots(w->config.transfers_max) <= sizeof server->peer_slots / sizeof server->peer_slots[0]);
    admission_init(&server->admission, &memory);
    server->known.seed = SERVER_HASH_SEED;
    errors_init(&server->errors, w->config.errors_per_second, SERVER_HASH_SEED);
    for (uint32_t i = 0; i < SERVER_WORKERS; i++) {
        struct worker *worker = &server->workers[i];
        worker->number = i;
        worker->wakes_at_ms = UINT64_MAX;
        peers_init(&worker->peers, worker->peer_slots, admission_slots(w->config.transfers_max), SERVER_HASH_SEED);
        deadlines_init(&worker->deadlines, worker->deadline_heap, SERVER_CAPACITY);
        bucket_init(&worker->first_resends, w->config.first_resends_per_second);
        worker->ended.seed = SERVER_HASH_SEED;
        turns_init(&worker->turns);
        uint32_t places = w->config.single_port ? 1 : w->config.transfer_ports / SERVER_WORKERS;
        ASSERT(places < SERVER_TIDS_MAX);
        tids_init(&worker->tids, worker->tid_memory, SERVER_TIDS_MAX, places);
    }
}

void server_free(struct world *w)
{
    world_free(w, w->server);
    w->server = NULL;
}

static void check_worker_empty(struct world *w, const struct worker *worker)
{
    REQUIRE(w, worker->peers.count == 0 && worker->deadlines.count == 0, "worker %u still has something",
            worker->number);
    REQUIRE(w, worker->turns.waiting == 0, "somebody still waits for a turn at worker %u", worker->number);
    for (uint32_t i = 0; i < SERVER_TIDS_MAX; i++)
        REQUIRE(w, worker->tid_memory[i].users == 0, "port %u still has users", i);
    for (uint32_t i = 0; i < TURNS_BUCKETS; i++)
        REQUIRE(w, worker->turns.buckets[i].members == 0, "bucket %u still has members", i);
}

void server_check_empty(struct world *w)
{
    const struct server *server = w->server;

    REQUIRE(w, server->session_count == 0, "%u transfers never end", server->session_count);
    REQUIRE(w, server->admission.running == 0 && server->admission.serving == 0, "%u transfers are still counted",
            server->admission.running);
    REQUIRE(w, server->admission.peers.count == 0, "%u peers are still known", server->admission.peers.count);
    for (int scope = 0; scope < ADMISSION_SCOPES; scope++)
        REQUIRE(w, server->admission.hosts[scope].count == 0, "%u hosts are still known",
                server->admission.hosts[scope].count);
    REQUIRE(w, server->admission.uploads == NULL, "a list still has members");
    for (uint32_t i = 0; i < SERVER_WORKERS; i++)
        check_worker_empty(w, &server->workers[i]);
    for (uint32_t i = 0; i < STANDING_COUNT; i++)
        REQUIRE(w, server->admission.ranks[i].oldest == NULL && server->admission.ranks[i].newest == NULL,
                "a rank still has members");
}

void server_on_retake(struct world *w, struct datagram *request)
{
    if (!w->server->is_stopping)
        intake_take(w, request);
}

void server_settle(struct world *w)
{
    const struct server *server = w->server;

    for (uint32_t i = 0; i < SERVER_WORKERS; i++) {
        struct worker *worker = &w->server->workers[i];
        uint64_t due_ms = worker->turns.waiting > 0 ? server_now_ms(w) : deadlines_next(&worker->deadlines);
        if (due_ms >= worker->wakes_at_ms)
            continue;
        worker->wakes_at_ms = due_ms;
        /* The server's clock moves in grains: before the next one there is nothing to see. */
        uint64_t wake_ms = (due_ms + w->faults.grain_ms - 1) / w->faults.grain_ms * w->faults.grain_ms;
        if (w->faults.late_ms > 0)
            wake_ms += world_random(w, w->faults.late_ms);
        worker->woken_at_ms = wake_ms > w->now_ms ? wake_ms : w->now_ms;
        world_at(w, worker->woken_at_ms, MOMENT_WORKER, i, NULL);
    }
    REQUIRE(w, server->admission.running == server->session_count, "%u transfers are counted and %u are there",
            server->admission.running, server->session_count);
    REQUIRE(w, server->session_count <= w->config.transfers_max + ADMISSION_SPARE, "%u transfers at once",
            server->session_count);
}

bool server_any_peer(struct world *w, struct endpoint *peer, struct endpoint *tid)
{
    struct worker *worker = &w->server->workers[world_random(w, SERVER_WORKERS)];
    uint32_t start = world_random(w, worker->peers.capacity);

    for (uint32_t i = 0; i < worker->peers.capacity && worker->peers.count > 0; i++) {
        const struct peer *found = worker->peers.slots[(start + i) % worker->peers.capacity];
        if (found == NULL)
            continue;
        *peer = found->at;
        *tid = server_tid(w, worker, ((const struct session *)(const void *)found)->tid);
        return true;
    }
    return false;
}
