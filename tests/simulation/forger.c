#include "forger.h"

#include "clients.h"
#include "disk.h"
#include "forger_tries.h"
#include "server.h"
#include "victims.h"

enum {
    TURN = 3,              /* which of FORGER_WORLDS worlds: long worlds and most seeds of seeds.txt are others */
    PACKETS_MAX = 12000,   /* of one forger */
    ENDS_MS = 70000,       /* long enough to keep a place beyond every limit */
    START_MS_MAX = 3000,   /* while clients begin, too */
    LARGE_SIZE = 200000,   /* two whole windows of the largest blocks, and more */
    PLAIN_TARGETS_MAX = 40 /* beside five clients fewer than there are places */
};

bool forger_is_here(const struct world *w)
{
    return w->seed % FORGER_WORLDS == TURN;
}

uint32_t forger_known_tids(struct world *w, struct endpoint *tids, uint32_t most)
{
    uint32_t count = 0;

    if (w->config.single_port && most > 0) {
        tids[0] = server_tid(w, &w->server->workers[0], 0);
        return 1;
    }
    for (uint32_t i = 0; i < SERVER_WORKERS; i++)
        for (uint32_t tid = 0; tid < SERVER_TIDS_MAX && count < most; tid++)
            if (w->server->workers[i].tid_memory[tid].state == TID_OPEN)
                tids[count++] = server_tid(w, &w->server->workers[i], tid);
    return count;
}

/*
 * He has asked so often before that every port was opened, and is known to him. Else those that are open, and known to the
 * oracle alone, would be few at first: the very ones that his victims have just drawn.
 */
static void open_ports(struct world *w)
{
    struct endpoint local = world_address(NETWORK_SERVER, 0);

    for (uint32_t i = 0; i < SERVER_WORKERS; i++) {
        struct tids *tids = &w->server->workers[i].tids;
        for (uint32_t place = 0; place < tids->places; place++) {
            uint32_t number;
            tids_draw(tids, &local, place, 0, &number);
            tids_leave(tids, number, 0);
        }
    }
}

/* What he does to each target in turn; the last step more than once. */
static const struct plan {
    enum forger_try steps[3];
    uint32_t step_count;
    uint32_t last_max; /* times */
} plans[] = {
    {{TRY_OPTIONS, TRY_ACK_0}, 2, 1},           {{TRY_OPTIONS, TRY_ACK_0, TRY_ACK_NEXT}, 3, 20},
    {{TRY_BARE, TRY_ACK_NEXT}, 2, 20},          {{TRY_UPLOAD, TRY_DATA}, 2, 4},
    {{TRY_UPLOAD, TRY_ACK_0, TRY_ERROR}, 3, 1},
};

static enum forger_try choose_try(struct forger *f)
{
    uint32_t all = 0;

    for (uint32_t i = 0; i < TRY_COUNT; i++)
        all += f->weights[i];
    uint32_t left = forger_draw(f, all);
    for (uint32_t i = 0;; i++) {
        if (left < f->weights[i])
            return (enum forger_try)i;
        left -= f->weights[i];
    }
}

static void think(struct world *w, struct forger *f)
{
    if (forger_chance(f, f->fills ? 900 : 400))
        f->target = &f->targets[forger_draw(f, f->target_count)];
    forger_run_try(w, choose_try(f), f->target);
}

/* The plan ends with the last target: what is held by then is to be let go by the server. */
static void follow_plan(struct world *w, struct forger *f)
{
    uint32_t last = f->plan->step_count - 1;

    forger_run_try(w, f->plan->steps[f->plan_step < last ? f->plan_step : last], f->target);
    if (++f->plan_step < f->plan->step_count + forger_draw(f, f->plan->last_max))
        return;
    f->plan_step = 0;
    if (++f->target == f->targets + f->target_count)
        f->turns_left = 0;
}

void forger_on_turn(struct world *w)
{
    struct forger *f = w->forger;

    if (f->turns_left == 0 || f->packets_left == 0 || w->now_ms > ENDS_MS)
        return;
    f->turns_left--;
    if (f->plan != NULL)
        follow_plan(w, f);
    else
        think(w, f);
    world_at(w, w->now_ms + forger_draw(f, f->pace_ms), MOMENT_FORGER, 0, NULL);
}

/* -- what kind of forger -- */

/* Each forger has things that he never does, and such that he likes. */
static void choose_ways(struct forger *f)
{
    static const uint32_t likings[6] = {0, 0, 1, 1, 1, 6};
    uint32_t all = 0;

    for (uint32_t i = 0; i < TRY_COUNT; i++) {
        f->weights[i] = forger_try_weight(f, (enum forger_try)i) * likings[forger_draw(f, 6)];
        all += f->weights[i];
    }
    f->weights[TRY_OPTIONS] += all == 0;
    /* Who wants to fill the server needs each place only once. */
    bool holds = f->fills && forger_chance(f, 600);
    if (f->has_guesses && (holds || forger_chance(f, 500)))
        f->plan = &plans[holds ? 0 : forger_draw(f, sizeof plans / sizeof plans[0])];
}

void forger_choose(struct world *w)
{
    static const uint32_t paces_ms[4] = {2, 30, 400, 9000};
    static const uint32_t sweeps[4] = {0, 50, 200, 1000};

    if (!forger_is_here(w))
        return;
    struct forger *f = world_allocate(w, sizeof *f);
    *f = (struct forger){.random = w->seed * 0x2545f4914f6cdd1du + 1, .packets_left = PACKETS_MAX};
    w->forger = f;
    f->has_guesses = forger_chance(f, 650);
    f->has_client_names = forger_chance(f, 300);
    f->fills = forger_chance(f, 300);
    f->is_greedy = forger_chance(f, 300);
    f->sweep_permille = sweeps[forger_draw(f, 4)];
    f->pace_ms = paces_ms[forger_draw(f, f->fills ? 2 : 4)];
    choose_ways(f);
    f->turns_left = 5 + forger_draw(f, f->pace_ms > 1000 ? 60 : 300);
    /* Beside five clients with two transfers each, one that ends and one that begins. */
    if (f->fills)
        w->config.transfers_max = 12 + forger_draw(f, 8);
    /* Damage would make other requests of his, and answers that nobody owes. */
    w->faults.corruption = 0;
    w->faults.truncation = 0;
    victims_make(w, f->has_guesses);
}

static void add_target(struct world *w, enum forger_try who)
{
    struct forger *f = w->forger;
    struct target *t = &f->targets[f->target_count];
    struct client *c = &w->clients[forger_draw(f, w->client_count)];

    *t = (struct target){.window = 1, .client = who == TRY_NOBODY ? NULL : c, .is_very_port = who == TRY_CLIENT};
    if (t->client != NULL) {
        t->at = c->at;
        c->is_tainted = true;
    } else {
        /* Some have several ports. */
        t->at = world_address(NETWORK_VICTIMS + forger_draw(f, 1 + f->target_count), 0);
    }
    if (!t->is_very_port)
        t->at.port = (uint16_t)(50000 + f->target_count);
    victims_add(w, &t->at);
    f->target_count++;
    forger_count(w, who);
}

static void add_large_file(struct world *w)
{
    uint8_t *bytes = world_allocate(w, LARGE_SIZE);

    for (size_t i = 0; i < LARGE_SIZE; i++)
        bytes[i] = (uint8_t)(i * 7 >> 3);
    disk_add(w, FORGER_LARGE_FILE, bytes, LARGE_SIZE);
}

void forger_begin(struct world *w)
{
    struct forger *f = w->forger;

    if (f == NULL)
        return;
    uint32_t wanted = f->fills ? FORGER_TARGETS_MAX : 1 + forger_draw(f, PLAIN_TARGETS_MAX);
    enum forger_try who = forger_chance(f, 500) ? TRY_NOBODY : forger_chance(f, 400) ? TRY_NEIGHBOUR : TRY_CLIENT;
    bool is_mixed = who != TRY_NOBODY && forger_chance(f, 500);
    while (f->target_count < wanted)
        add_target(w, is_mixed && forger_chance(f, 700) ? TRY_NOBODY : who);
    f->target = &f->targets[0];
    if (f->fills)
        forger_count(w, TRY_FILL);
    /* What the forger does to those he is after is no fault of the server's. */
    w->is_strict = w->is_strict && who == TRY_NOBODY && !f->fills && !f->has_client_names;
    add_large_file(w);
    open_ports(w);
    world_at(w, f->fills ? 0 : forger_draw(f, START_MS_MAX), MOMENT_FORGER, 0, NULL);
}

void forger_free(struct world *w)
{
    world_free(w, w->forger);
    w->forger = NULL;
    victims_free(w);
}
