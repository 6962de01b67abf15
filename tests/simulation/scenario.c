#include "scenario.h"

#include "clients.h"
#include "disk.h"
#include "forger.h"
#include "server.h"

enum {
    LONG_WORLDS = 48, /* one world in so many has a transfer beyond block 65535 */
    LONG_MODELS = 4,
    FULL_WORLDS = 6, /* one in so many has sends that find no room, in up to FULL_MAX of a thousand cases */
    FULL_MAX = 500,
    SEGMENT_WORLDS = 5,
    START_MS_MAX = 3000,
    LATENCY_MS_MAX = 140, /* there and back faster than the shortest utimeout of our clients */
    MTU_SMALL = 576 + 28
};

static bool is_long_world(const struct world *w)
{
    return w->seed % LONG_WORLDS == LONG_WORLDS / 2;
}

static void set(struct world *w, const char *name, const char *text)
{
    struct config_problem problem;

    ASSERT(config_set_typed(&w->config, config_find(name), text, &problem));
}

static void choose_parameters(struct world *w)
{
    struct config *config = &w->config;

    config_defaults(config);
    set(w, "Masters", "*");
    config->transfers_max = SERVER_TRANSFERS_MAX;
    config->mtu = world_chance(w, 200) ? MTU_SMALL : 1500;
    config->block_size_max = world_chance(w, 200) ? 700 : 65464;
    config->window_size_max = world_chance(w, 200) ? 1 + world_random(w, 5) : 64;
    config->msft_window = world_chance(w, 800);
    config->timeout_s = 1 + world_random(w, 3);
    config->silence_s = 60 + 30 * world_random(w, 5);
    config->first_sends_max = 1 + world_random(w, 4);
    config->single_port = world_chance(w, 150);
    if (world_chance(w, 80))
        set(w, "DisableOptions", world_chance(w, 500) ? "blksize;tsize" : "windowsize;timeout");
}

static void choose_network(struct world *w)
{
    static const uint32_t losses[8] = {0, 0, 5, 10, 20, 50, 100, 180};
    struct faults *f = &w->faults;

    f->loss_to_server = losses[world_random(w, 8)];
    f->loss_to_client = losses[world_random(w, 8)];
    f->latency_ms = 1 + world_random(w, world_chance(w, 200) ? LATENCY_MS_MAX : 40);
    if (world_chance(w, 500))
        f->doubling = 10 + world_random(w, 200);
    if (world_chance(w, 400))
        f->jitter_ms = 1 + world_random(w, 60);
    if (world_chance(w, 400)) {
        f->reordering = 10 + world_random(w, 100);
        f->reordering_ms = 10 + world_random(w, 2500);
    }
    if (world_chance(w, 300)) {
        f->corruption = 1 + world_random(w, 30);
        f->truncation = 1 + world_random(w, 20);
        f->has_checksum = world_chance(w, 500);
    }
    if (world_chance(w, 200)) {
        f->partition_from_ms = world_random(w, 6000);
        f->partition_until_ms = f->partition_from_ms + world_random(w, 9000);
    }
}

static void choose_disk(struct world *w)
{
    struct faults *f = &w->faults;

    if (world_chance(w, 400)) {
        f->slow = 10 + world_random(w, 300);
        f->slow_ms = 1 + world_random(w, world_chance(w, 300) ? 4000 : 60);
    }
    if (world_chance(w, 150))
        f->unreadable = 1 + world_random(w, 20);
    if (world_chance(w, 150))
        f->unwritable = 20 + world_random(w, 200);
    if (world_chance(w, 100))
        f->name_taken = 500;
    if (world_chance(w, 150))
        f->full_after = 1 + world_random(w, 30000);
}

/* By the seed alone, so that the worlds without it stay as they are. */
static void choose_system(struct world *w)
{
    struct faults *f = &w->faults;

    if (w->seed % FULL_WORLDS == 1)
        f->full = 1 + (uint32_t)(w->seed / FULL_WORLDS % FULL_MAX);
    f->loses_segments = w->kind == WORLD_ROUGH && w->seed % SEGMENT_WORLDS == 2;
}

static void choose_world(struct world *w)
{
    struct faults *f = &w->faults;

    uint32_t chance = world_random(w, 100);
    /* Whether others are served beside a forger shows only where nothing else goes wrong. */
    uint32_t strict = forger_is_here(w) ? 50 : 25;
    w->kind = chance < strict ? WORLD_STRICT : chance < strict + 20 ? WORLD_LOSSY : WORLD_ROUGH;
    w->is_strict = w->kind == WORLD_STRICT;
    choose_parameters(w);
    *f = (struct faults){.latency_ms = 1 + world_random(w, 10), .grain_ms = world_chance(w, 300) ? 16 : 1};
    f->heal_ms = WORLD_HEAL_MS;
    if (w->is_strict)
        return;
    if (w->kind == WORLD_LOSSY) {
        static const uint32_t losses[4] = {10, 20, 50, 100};
        f->loss_to_server = losses[world_random(w, 4)];
        f->loss_to_client = f->loss_to_server;
        if (world_chance(w, 300)) {
            f->detour_latency_ms = LATENCY_MS_MAX - world_random(w, 40);
            f->detour_from_ms = world_random(w, 2 * START_MS_MAX);
        }
        return;
    }
    choose_network(w);
    if (world_chance(w, 500))
        choose_disk(w);
    if (world_chance(w, 300))
        f->late_ms = 1 + world_random(w, 100);
    if (world_chance(w, 100))
        f->admin = 200;
    if (world_chance(w, 50))
        f->stop_ms = 1 + world_random(w, 8000);
    if (world_chance(w, 150))
        w->config.transfers_max = 2 + world_random(w, 4);
    if (world_chance(w, 100))
        w->config.transfers_per_client_max = 1;
    if (world_chance(w, 50))
        w->config.upload_bytes_max = 2000;
}

void scenario_choose(struct world *w)
{
    choose_world(w);
    choose_system(w);
    forger_choose(w);
}

/* The first client of a long world is a long one, each in its turn, and no other is. */
static const struct model *choose_long_model(const struct world *w)
{
    uint32_t turn = (uint32_t)(w->seed / LONG_WORLDS);

    for (uint32_t i = 0;; i++) {
        const struct model *model = &models[i % model_count];
        if (model->habits & HABIT_LONG && turn++ % LONG_MODELS == 0)
            return model;
    }
}

static const struct model *choose_model(struct world *w, uint32_t place)
{
    const struct model *model;

    if (is_long_world(w) && place == 0)
        return choose_long_model(w);
    do {
        model = &models[world_random(w, model_count)];
    } while (model->habits & HABIT_LONG || (w->is_strict && model->habits & (HABIT_MISCHIEF | HABIT_VANISHES)));
    return model;
}

static size_t choose_size(struct world *w, const struct model *model)
{
    static const uint32_t sizes[10] = {0, 1, 511, 512, 513, 1456, 2048, 5000, 14560, 60000};

    if (model->habits & HABIT_LONG)
        return 65530 * 8 + world_random(w, 200);
    size_t size = sizes[world_random(w, 10)] + world_random(w, 2);
    return size > 5000 && strcmp(model->mode, "octet") != 0 ? 5000 : size;
}

static void add_file(struct world *w, const struct model *model)
{
    char path[PATH_TEXT_MAX];

    ASSERT(path_normalize(span_of_text(model->path), path) == PATH_OK);
    if (model->habits & HABIT_UPLOADS || disk_find(w->disk, path) != NULL)
        return;
    bool is_text = strcmp(model->mode, "octet") != 0 || world_chance(w, 100);
    size_t size = choose_size(w, model);
    struct disk_file *file = disk_add(w, model->path, disk_noise(w, size, is_text), size);
    if (strcmp(model->mode, "octet") != 0)
        disk_make_text(w, file);
}

/* Two uploads of one name are a race that one of them must lose: not where nothing may go wrong. */
static bool is_rival(const struct world *w, const struct model *model)
{
    for (uint32_t i = 0; i < w->client_count; i++)
        if (model->habits & HABIT_UPLOADS && strcmp(w->clients[i].model->path, model->path) == 0)
            return true;
    return false;
}

void scenario_populate(struct world *w)
{
    uint32_t wanted = 1 + world_random(w, is_long_world(w) ? 2 : 5);

    for (uint32_t i = 0; i < wanted; i++) {
        const struct model *model = choose_model(w, i);
        if (w->is_strict && is_rival(w, model))
            continue;
        add_file(w, model);
        w->client_count++;
        client_start(w, &w->clients[w->client_count - 1], model, world_random(w, START_MS_MAX));
    }
    /* Several models ask for one file, in both modes. */
    for (uint32_t i = 0; i < w->disk->file_count; i++)
        if (w->disk->files[i].wire == NULL)
            disk_make_text(w, &w->disk->files[i]);
    if (w->faults.admin > 0)
        world_at(w, 500, MOMENT_ADMIN, 0, NULL);
    if (w->faults.stop_ms > 0)
        world_at(w, w->faults.stop_ms, MOMENT_STOP, 0, NULL);
    forger_begin(w);
}
