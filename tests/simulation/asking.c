#include "asking.h"

#include "disk.h"
#include "errand.h"
#include "liar.h"
#include "server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ERRANDS_MAX = 2,
    SENT_TIMES_MAX = 3, /* what the least would be */
    LONG_WORLDS = 64,   /* one world in so many has a transfer beyond block 65535 */
    STRANGER = 3,       /* its address */
    ATTEMPTS_MAX = 80,
    SIZE_MAX_OF_ENDLESS = 100000
};

struct asking {
    struct errand errands[ERRANDS_MAX];
    uint32_t count;
    struct liar liar; /* without a lie: it is our own server */
    uint8_t *files[2 * ERRANDS_MAX];
    uint32_t file_count;
    uint32_t strangers; /* chances in a thousand, behind each datagram */
    uint32_t unreachable;
    uint64_t interrupt_ms;
};

/* -- what kind of world it is -- */

static void set(struct world *w, const char *name, const char *text)
{
    struct config_problem problem;

    ASSERT(config_set_typed(&w->config, config_find(name), text, &problem));
}

static void choose_parameters(struct world *w)
{
    config_defaults(&w->config);
    set(w, "Masters", "*");
    w->config.transfers_max = SERVER_TRANSFERS_MAX;
    w->config.block_size_max = world_chance(w, 200) ? 700 : 65464;
    w->config.window_size_max = world_chance(w, 300) ? 1 + world_random(w, 5) : 64;
    w->config.timeout_s = 1 + world_random(w, 3);
    w->config.single_port = world_chance(w, 150);
    if (world_chance(w, 100))
        set(w, "DisableOptions", world_chance(w, 500) ? "blksize;tsize" : "windowsize");
}

static void choose_network(struct world *w, struct asking *a)
{
    static const uint32_t losses[4] = {10, 50, 50, 200};
    struct faults *f = &w->faults;
    uint32_t chance = world_random(w, 100);

    w->kind = chance < 30 ? WORLD_STRICT : chance < 60 ? WORLD_LOSSY : WORLD_ROUGH;
    w->is_strict = w->kind == WORLD_STRICT;
    *f = (struct faults){.latency_ms = 1 + world_random(w, 30), .grain_ms = 1, .heal_ms = WORLD_HEAL_MS};
    if (w->is_strict)
        return;
    f->loss_to_server = f->loss_to_client = losses[world_random(w, 4)];
    if (w->kind == WORLD_LOSSY)
        return;
    f->doubling = world_chance(w, 500) ? 10 + world_random(w, 200) : 0;
    f->jitter_ms = world_chance(w, 400) ? 1 + world_random(w, 60) : 0;
    if (world_chance(w, 500)) {
        f->reordering = 10 + world_random(w, 100);
        f->reordering_ms = 10 + world_random(w, 2500);
    }
    if (world_chance(w, 300)) {
        /* Else nobody could tell damage from the file (TFTP has no checksum of its own). */
        f->corruption = 1 + world_random(w, 30);
        f->truncation = 1 + world_random(w, 20);
        f->has_checksum = true;
    }
    if (world_chance(w, 200)) {
        f->partition_from_ms = world_random(w, 6000);
        f->partition_until_ms = f->partition_from_ms + world_random(w, 9000);
    }
    if (world_chance(w, 300)) {
        f->slow = 10 + world_random(w, 300);
        f->slow_ms = 1 + world_random(w, 1500);
    }
    a->strangers = world_chance(w, 500) ? 100 : 0;
    a->unreachable = world_chance(w, 200) ? 50 : 0;
    a->interrupt_ms = world_chance(w, 100) ? 1 + world_random(w, 3000) : 0;
}

/* What is said of numbers beyond 65535 needs so many blocks. */
static bool is_long(const struct world *w)
{
    bool is_about_numbers = w->seed % 2 == 1 && lies[w->seed / 2 % lie_count].kind == LIE_ROLLOVER_1;

    return w->seed % LONG_WORLDS == LONG_WORLDS / 2 || is_about_numbers;
}

static size_t choose_size(struct world *w)
{
    static const uint32_t sizes[12] = {0, 1, 511, 512, 513, 1428, 2048, 5000, 14280, 40000, 60000, 60001};

    return is_long(w) ? 65533 * 8 + world_random(w, 80) : sizes[world_random(w, 12)];
}

static struct exchange_setup choose_setup(struct world *w, bool is_put, bool is_netascii)
{
    static const uint32_t blksizes[6] = {512, 1428, 1428, 1468, 8192, 1000};
    static const uint32_t windows[5] = {1, 4, 16, 16, 64};

    struct exchange_setup setup = {
        .server = world_address(NETWORK_SERVER, NETWORK_PORT),
        .is_put = is_put,
        .is_netascii = is_netascii,
        .blksize = is_long(w) ? 8 : blksizes[world_random(w, 6)],
        .windowsize = windows[world_random(w, 5)],
        .wants_tsize = true,
        .timeout_ms = 1000,
        .retries = 5,
        .again_bytes_max = world_chance(w, 200) ? 4096 : UINT64_MAX,
    };
    return setup;
}

/* -- errands -- */

static uint8_t *noise(struct world *w, struct asking *a, size_t size, bool is_text)
{
    uint8_t *bytes = disk_noise(w, size, is_text);

    a->files[a->file_count++] = bytes;
    return bytes;
}

/* What netascii makes of a file on its way to the other side. */
static struct span through_netascii(struct world *w, struct asking *a, struct disk_file *file)
{
    uint8_t *text = world_allocate(w, file->wire_size + 1);

    a->files[a->file_count++] = text;
    return span_of(text, disk_from_netascii(file->wire, file->wire_size, text));
}

static void add_get(struct world *w, struct asking *a, struct exchange_setup *setup, uint32_t index)
{
    static const char *const names[ERRANDS_MAX] = {"one.bin", "two.bin"};
    size_t size = choose_size(w);
    struct disk_file *file = disk_add(w, names[index], disk_noise(w, size, setup->is_netascii), size);

    disk_make_text(w, file);
    setup->name = names[index];
    struct span source = setup->is_netascii ? through_netascii(w, a, file) : span_of(file->bytes, file->size);
    errand_start(w, &a->errands[index], index, setup, source, world_random(w, 500));
}

static void add_put(struct world *w, struct asking *a, struct exchange_setup *setup, uint32_t index)
{
    static const char *const names[ERRANDS_MAX] = {"put-one.bin", "put-two.bin"};
    size_t size = choose_size(w);

    setup->name = names[index];
    setup->has_size = world_chance(w, 700);
    setup->size = size;
    errand_start(w, &a->errands[index], index, setup, span_of(noise(w, a, size, setup->is_netascii), size),
                 world_random(w, 500));
}

static void populate(struct world *w, struct asking *a)
{
    static const uint64_t rates[4] = {PACE_RATE_MIN, 5000, 50000, 1000000};
    bool is_lying = a->liar.lie != NULL;

    a->count = is_lying || is_long(w) ? 1 : 1 + world_random(w, ERRANDS_MAX);
    for (uint32_t i = 0; i < a->count; i++) {
        bool is_put = world_chance(w, 500);
        struct exchange_setup setup = choose_setup(w, is_put, !is_lying && world_chance(w, 200));
        if (!is_lying && !is_long(w) && world_chance(w, 150))
            setup.rate = rates[world_random(w, 4)];
        if (is_lying && a->liar.lie->kind == LIE_ENDLESS)
            setup.size_max = SIZE_MAX_OF_ENDLESS;
        if (is_put)
            add_put(w, a, &setup, i);
        else
            add_get(w, a, &setup, i);
    }
    if (is_lying) {
        const struct errand *e = &a->errands[0];
        liar_make(&a->liar, a->liar.lie, e->setup.is_put ? span_of("?", 1) : e->source,
                  e->setup.is_put ? e->source : span_of("?", 0));
    }
}

/* -- what became of it -- */

static bool is_same(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

static bool is_stored_whole(struct world *w, const struct errand *e)
{
    struct disk_file *file = disk_find(w->disk, e->setup.name);

    if (file == NULL)
        return false;
    if (!e->setup.is_netascii)
        return is_same(span_of(file->bytes, file->size), e->source);
    struct disk_file local = {.bytes = (uint8_t *)(uintptr_t)e->source.bytes, .size = e->source.size};
    disk_make_text(w, &local);
    uint8_t *text = world_allocate(w, local.wire_size + 1);
    size_t size = disk_from_netascii(local.wire, local.wire_size, text);
    bool is_whole = is_same(span_of(text, size), span_of(file->bytes, file->size));
    world_free(w, local.wire);
    world_free(w, text);
    return is_whole;
}

static void count_sent(struct world *w, const struct errand *e)
{
    uint32_t class = statistics_class(w);

    /* Where a window that is too large cannot be begun anew with a smaller one, each loss costs one. */
    bool may_begin_anew = e->setup.again_bytes_max >= e->source.size;
    if (w->kind == WORLD_ROUGH || e->report.fallbacks != 0 || is_long(w) || !may_begin_anew)
        return;
    w->statistics->asked_least[class] += errand_least(e);
    w->statistics->asked_sent[class] += e->datagrams;
}

static void judge_own(struct world *w, struct errand *e)
{
    bool is_done = e->cause == CAUSE_DONE;
    bool is_there = e->cause == CAUSE_SERVER_ERROR && e->report.error_code == ERROR_CODE_EXISTS;

    if (is_done)
        count_sent(w, e);
    REQUIRE(w, !is_done || !e->setup.is_put || is_stored_whole(w, e), "done, and the server has not got the file");
    REQUIRE(w, !w->is_strict || is_done, "it fails, and nothing ever went wrong");
    REQUIRE(w, !w->is_strict || e->datagrams == errand_least(e), "%u datagrams are sent, where %u are enough",
            (unsigned)e->datagrams, (unsigned)errand_least(e));
    REQUIRE(w, !is_there || !e->setup.is_put || e->attempts > 1 || !is_stored_whole(w, e),
            "its own file is told to be another's");
    /* An attempt before this one was stored, and not confirmed. */
    if (is_done || (is_there && e->setup.is_put && e->attempts > 1 && is_stored_whole(w, e)))
        return;
    REQUIRE(w, e->begun_ms < w->faults.heal_ms || e->attempts < 2, "it fails after the trouble: exit code %d",
            cause_exit_code(e->cause, e->report.error_code));
    REQUIRE(w, e->attempts < ATTEMPTS_MAX, "it is tried again and again");
    errand_again(w, e);
}

/* What the lie takes away is noticed only where there is as much. */
static bool is_fallback_due(const struct errand *e, const struct lie *lie)
{
    uint64_t blocks = e->source.size / e->setup.blksize;
    uint32_t number = (uint32_t)lie->number;

    if (lie->kind == LIE_BLOCKS_LOST)
        return e->source.size > number && e->setup.blksize + 4 > number;
    if (lie->kind == LIE_WINDOW_LOST)
        return e->setup.windowsize > number && blocks > 4 * (uint64_t)e->setup.windowsize &&
               e->setup.again_bytes_max > e->source.size;
    return e->setup.blksize != 512 || e->setup.windowsize > 1 || !e->setup.is_put || e->setup.has_size;
}

static void judge_lie(struct world *w, struct errand *e, const struct liar *liar)
{
    const struct lie *lie = liar->lie;
    enum lie_result result = e->setup.is_put ? lie->put : lie->get;
    enum cause cause = e->setup.is_put ? lie->put_cause : lie->get_cause;
    bool is_done = e->cause == CAUSE_DONE;

    w->statistics->lies[lie - lies]++;
    REQUIRE(w, !is_done || !e->setup.is_put || liar->is_stored_whole, "done, and the server has not got the file");
    /* A put that cannot be read again cannot be begun anew. */
    bool is_stuck = e->setup.again_bytes_max < e->source.size && lie->fallbacks & (FALLBACK_BLOCKS | FALLBACK_WINDOW);
    /* tsize 0 says nothing. */
    bool is_unknown = lie->kind == LIE_SIZE && e->source.size + (size_t)lie->number == 0;
    /* A window that the file does not fill tells nothing of its numbers. */
    is_unknown |= lie->kind == LIE_ROLLOVER_1 && e->setup.windowsize > 1;
    /* There is no second port to ask without options from. */
    is_unknown |= lie->kind == LIE_DROPS_OPTIONS && errand_has_one_port(w);
    if (!w->is_strict || result == RESULT_EITHER || is_stuck || is_unknown)
        return;
    REQUIRE(w, is_done == (result == RESULT_WHOLE), "%s: exit code %d", lie->name,
            cause_exit_code(e->cause, e->report.error_code));
    if (is_done)
        REQUIRE(w, (e->report.fallbacks & lie->fallbacks) == lie->fallbacks || !is_fallback_due(e, lie),
                "%s: whole, by the fallbacks %u", lie->name, e->report.fallbacks);
    else
        REQUIRE(w, e->cause == cause && (cause != CAUSE_SERVER_ERROR || e->report.error_code == lie->code),
                "%s: exit code %d", lie->name, cause_exit_code(e->cause, e->report.error_code));
}

/* -- its history -- */

static void meddle(struct world *w, const struct asking *a, const struct errand *e, const struct datagram *datagram)
{
    uint8_t bytes[40] = {0, (uint8_t)(3 + world_random(w, 4)), 0, (uint8_t)world_random(w, 6)};
    bool is_server = world_chance(w, 500);
    struct endpoint from =
        world_address(is_server ? (uint32_t)NETWORK_SERVER : (uint32_t)STRANGER, (uint16_t)(900 + world_random(w, 40)));

    if (!world_chance(w, a->strangers) || w->now_ms >= w->faults.heal_ms)
        return;
    /* From the address that was asked even the first answer may be forged: nobody can tell. */
    bool is_first = datagram->size > 1 && (datagram->bytes[1] == 6 || datagram->bytes[3] <= 1);
    if (is_server && (is_first || !exchange_is_answered(&e->exchange)))
        return;
    world_at(w, w->now_ms, MOMENT_DATAGRAM, 0,
             network_copy(w, &from, &datagram->to, span_of(bytes, 4 + world_random(w, 36)), span_of(NULL, 0)));
}

static void on_client_side(struct world *w, struct asking *a, const struct datagram *datagram)
{
    struct endpoint stranger = world_address(STRANGER, 0);

    for (uint32_t i = 0; i < a->count; i++) {
        struct errand *e = &a->errands[i];
        uint8_t line = e->exchange.line;
        if (!errand_on_datagram(w, e, datagram))
            continue;
        if (!endpoint_same_address(&datagram->from, &stranger))
            meddle(w, a, e, datagram);
        if (w->now_ms < w->faults.heal_ms && world_chance(w, a->unreachable))
            errand_on_unreachable(w, e, line);
        return;
    }
}

static void deliver(struct world *w, struct asking *a, struct datagram *datagram)
{
    struct endpoint server = world_address(NETWORK_SERVER, 0);
    bool is_for_server = endpoint_same_address(&datagram->to, &server);

    world_note_datagram(w, is_for_server ? "server" : "client", datagram);
    if (!is_for_server)
        on_client_side(w, a, datagram);
    else if (a->liar.lie != NULL)
        liar_on_datagram(w, &a->liar, datagram);
    else
        server_on_datagram(w, datagram);
    world_free(w, datagram);
}

static void on_interrupt(struct world *w, struct asking *a)
{
    for (uint32_t i = 0; i < a->count; i++)
        errand_interrupt(w, &a->errands[i]);
}

static void happen(struct world *w, struct asking *a, const struct moment *moment)
{
    switch (moment->kind) {
    case MOMENT_DATAGRAM: deliver(w, a, moment->what); break;
    case MOMENT_RETAKE:
        server_on_retake(w, moment->what);
        world_free(w, moment->what);
        break;
    case MOMENT_CLIENT: errand_on_timer(w, &a->errands[moment->number]); break;
    case MOMENT_WORKER:
        if (a->liar.lie != NULL)
            liar_on_timer(w, &a->liar, moment->number);
        else
            server_on_worker(w, moment->number);
        break;
    case MOMENT_DISK: server_on_disk(w, moment->what); break;
    case MOMENT_ADMIN: on_interrupt(w, a); break;
    default: ASSERT(false);
    }
    server_settle(w);
}

static void judge(struct world *w, struct asking *a)
{
    for (uint32_t i = 0; i < a->count; i++) {
        struct errand *e = &a->errands[i];
        /* Begun, ended, and not judged as yet. */
        if (!e->has_ended || e->attempts == e->judged)
            continue;
        e->judged = e->attempts;
        if (a->liar.lie != NULL)
            judge_lie(w, e, &a->liar);
        else
            judge_own(w, e);
    }
}

static void live(struct world *w, struct asking *a)
{
    struct moment moment;

    while (w->failure[0] == 0 && world_next(w, &moment)) {
        happen(w, a, &moment);
        if (w->failure[0] == 0)
            judge(w, a);
        REQUIRE(w, ++w->steps < WORLD_STEPS_MAX, "it does not come to an end");
    }
    if (w->failure[0] == 0)
        server_check_empty(w);
    for (uint32_t i = 0; i < a->count && w->failure[0] == 0; i++)
        REQUIRE(w, a->errands[i].has_ended && a->errands[i].attempts > 0, "client %u never ends", i);
}

static void clear(struct world *w, struct asking *a)
{
    for (uint32_t i = 0; i < a->count; i++)
        errand_free(w, &a->errands[i]);
    for (uint32_t i = 0; i < a->file_count; i++)
        world_free(w, a->files[i]);
    liar_free(w, &a->liar);
    server_free(w);
    disk_free(w);
    REQUIRE(w, w->statistics->allocated == 0, "%" PRIu64 " bytes are lost", w->statistics->allocated);
}

static void report_failure(const struct world *w, const struct asking *a)
{
    printf("# Asking seed %" PRIu64 " fails at %" PRIu64 " ms: %s\n", w->seed, w->now_ms, w->failure);
    printf("# The server is %s.\n", a->liar.lie != NULL ? a->liar.lie->name : "our own");
    printf("# To see all of it: build/simulate/simulate replay-asking %" PRIu64 "\n", w->seed);
    if (!w->is_told)
        world_print_trace(w);
}

struct run_result asking_run_seed(uint64_t seed, struct statistics *statistics, bool is_told)
{
    struct world *w = world_make(seed, statistics, is_told);
    struct asking *a = calloc(1, sizeof *a);

    ASSERT(a != NULL);
    if (seed % 2 == 1)
        a->liar.lie = &lies[seed / 2 % lie_count];
    choose_parameters(w);
    choose_network(w, a);
    disk_make(w);
    server_make(w);
    populate(w, a);
    if (a->interrupt_ms != 0)
        world_at(w, a->interrupt_ms, MOMENT_ADMIN, 0, NULL);
    live(w, a);
    if (w->failure[0] == 0)
        clear(w, a);
    struct run_result result = {w->failure[0] == 0, w->hash};
    if (!result.is_good)
        report_failure(w, a);
    world_unmake(w);
    free(a);
    return result;
}

bool asking_check_sent(const struct statistics *s)
{
    bool is_good = true;

    for (uint32_t class = 0; class < STATISTICS_CLASSES; class ++) {
        bool is_too_much = s->asked_sent[class] > SENT_TIMES_MAX * s->asked_least[class];
        is_good = is_good && !is_too_much;
        if (is_too_much)
            printf("# %s: our client sends %" PRIu64 " datagrams, where %" PRIu64 " would be enough.\n",
                   statistics_class_text(class), s->asked_sent[class], s->asked_least[class]);
    }
    return is_good;
}

bool asking_print_coverage(const struct statistics *s, bool only_gaps)
{
    bool is_whole = true;

    for (uint32_t i = 0; i < lie_count; i++) {
        is_whole = is_whole && s->lies[i] > 0;
        if (!only_gaps || s->lies[i] == 0)
            printf("# lie      %-58s %9" PRIu64 "\n", lies[i].name, s->lies[i]);
    }
    for (uint32_t class = 0; class < STATISTICS_CLASSES && !only_gaps; class ++)
        printf("# %-13s our client: %10" PRIu64 " datagrams, %" PRIu64 " would be enough\n",
               statistics_class_text(class), s->asked_sent[class], s->asked_least[class]);
    for (enum cause cause = 0; cause < CAUSE_COUNT && !only_gaps; cause++)
        if (s->causes[cause] > 0)
            printf("# cause    %-58s %9" PRIu64 "\n", cause_text(cause), s->causes[cause]);
    return is_whole;
}
