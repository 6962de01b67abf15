#include "run.h"

#include "clients.h"
#include "forger.h"
#include "network.h"
#include "scenario.h"
#include "server.h"
#include "victims.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ADMIN_EVERY_MS = 1000,
    ENOUGH_TO_JUDGE = 1000 /* blocks */
};

static void on_admin(struct world *w)
{
    if (w->now_ms >= w->faults.heal_ms)
        return;
    if (world_fault(w, w->faults.admin, FAULT_ADMIN))
        server_end_one(w);
    world_at(w, w->now_ms + ADMIN_EVERY_MS, MOMENT_ADMIN, 0, NULL);
}

static void deliver(struct world *w, struct datagram *datagram)
{
    struct endpoint server = world_address(NETWORK_SERVER, 0);

    if (endpoint_same_address(&datagram->to, &server) || endpoint_is_broadcast(&datagram->to)) {
        world_note_datagram(w, "server", datagram);
        if (w->victims != NULL)
            victims_on_arrival(w, datagram);
        server_on_datagram(w, datagram);
    } else {
        world_note_datagram(w, "client", datagram);
        if (w->victims != NULL)
            victims_on_client(w, datagram);
        client_on_datagram(w, datagram);
    }
    world_free(w, datagram);
}

static void happen(struct world *w, const struct moment *moment)
{
    switch (moment->kind) {
    case MOMENT_DATAGRAM: deliver(w, moment->what); break;
    case MOMENT_RETAKE:
        server_on_retake(w, moment->what);
        world_free(w, moment->what);
        break;
    case MOMENT_CLIENT: client_on_timer(w, &w->clients[moment->number]); break;
    case MOMENT_WORKER: server_on_worker(w, moment->number); break;
    case MOMENT_DISK: server_on_disk(w, moment->what); break;
    case MOMENT_ADMIN: on_admin(w); break;
    case MOMENT_FORGER: forger_on_turn(w); break;
    case MOMENT_STOP:
        w->statistics->faults[FAULT_STOP]++;
        server_stop(w);
        break;
    }
    server_settle(w);
}

static void live(struct world *w)
{
    struct moment moment;

    while (w->failure[0] == 0 && world_next(w, &moment)) {
        happen(w, &moment);
        REQUIRE(w, ++w->steps < WORLD_STEPS_MAX, "it does not come to an end");
    }
    if (w->failure[0] != 0)
        return;
    server_check_empty(w);
    for (uint32_t i = 0; i < w->client_count; i++)
        client_check_served(w, &w->clients[i]);
    if (w->victims != NULL)
        victims_check_end(w);
}

static void report_failure(const struct world *w)
{
    printf("# Seed %" PRIu64 " fails at %" PRIu64 " ms: %s\n", w->seed, w->now_ms, w->failure);
    printf("# To see all of it: make -f Makefile.mingw simulate REPLAY=%" PRIu64 "\n", w->seed);
    for (uint32_t i = 0; i < w->client_count; i++)
        printf("#   10.0.1.%u is %s\n", i, w->clients[i].model->name);
    if (!w->is_told)
        world_print_trace(w);
}

/* What a world that has failed left behind is the operating system's. */
static void clear(struct world *w)
{
    for (uint32_t i = 0; i < w->client_count; i++)
        client_free(w, &w->clients[i]);
    server_free(w);
    disk_free(w);
    forger_free(w);
    REQUIRE(w, w->statistics->allocated == 0, "%" PRIu64 " bytes are lost", w->statistics->allocated);
}

struct run_result run_seed(uint64_t seed, struct statistics *statistics, bool is_told)
{
    struct world *w = world_make(seed, statistics, is_told);
    struct client clients[WORLD_CLIENTS_MAX];

    w->clients = clients;
    scenario_choose(w);
    disk_make(w);
    server_make(w);
    scenario_populate(w);
    server_settle(w);
    live(w);
    if (w->victims != NULL)
        victims_count(w);
    if (w->failure[0] == 0)
        clear(w);
    struct run_result result = {w->failure[0] == 0, w->hash};
    if (!result.is_good)
        report_failure(w);
    world_unmake(w);
    return result;
}

bool run_check_resent(const struct statistics *s)
{
    bool is_good = true;

    for (uint32_t class = 0; class < STATISTICS_CLASSES; class ++) {
        uint64_t first = s->blocks_sent[class] - s->blocks_resent[class];
        bool is_too_much =
            first > ENOUGH_TO_JUDGE && s->blocks_resent[class] * 100 > first * statistics_resent_percent_max(class);
        is_good = is_good && !is_too_much;
        if (is_too_much)
            printf("# %s: %" PRIu64 " blocks, and %" PRIu64 " sent again: more than %u %%.\n",
                   statistics_class_text(class), first, s->blocks_resent[class], statistics_resent_percent_max(class));
    }
    return is_good;
}

static bool print_line(const char *kind, const char *name, uint64_t begun, uint64_t done, bool only_gaps)
{
    if (!only_gaps || begun == 0)
        printf("# %-8s %-58s %9" PRIu64 " %9" PRIu64 "\n", kind, name, begun, done);
    return begun > 0;
}

bool run_print_coverage(const struct statistics *s, bool only_gaps)
{
    bool is_whole = true;

    for (uint32_t i = 0; i < model_count; i++)
        is_whole &= print_line("client", models[i].name, s->begun[i], s->done[i], only_gaps);
    for (uint32_t i = 0; i < FAULT_COUNT; i++)
        is_whole &= print_line("fault", statistics_fault_text((enum fault)i), s->faults[i], 0, only_gaps);
    for (uint32_t i = 0; i < OUTCOME_COUNT; i++)
        is_whole &=
            print_line("outcome", transfer_outcome_text((enum transfer_outcome)i), s->outcomes[i], 0, only_gaps);
    for (uint32_t i = 0; i < TRY_COUNT; i++)
        is_whole &= print_line("forger", forger_try_text((enum forger_try)i), s->tries[i], 0, only_gaps);
    if (only_gaps)
        return is_whole;
    victims_print(s);
    for (uint32_t class = 0; class < STATISTICS_CLASSES; class ++)
        printf("# %-13s %10" PRIu64 " blocks sent, %9" PRIu64 " of them again (bound: %u %%)\n",
               statistics_class_text(class), s->blocks_sent[class], s->blocks_resent[class],
               statistics_resent_percent_max(class));
    return is_whole;
}
