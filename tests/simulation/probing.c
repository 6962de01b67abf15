#include "probing.h"

#include "core/probe/probe.h"
#include "core/probe/verdict.h"
#include "liar.h"
#include "server.h"
#include "statistics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FIRST_PORT = 1024,
    STEPS_MAX = 200000,
    ABSENT_PORT = 2900, /* of the liar's ERROR for what is not there */
    OTHER_HOST = 2,
    START_MS = 100,
    SPARE_MS = 100, /* behind its time: the last ERROR has to leave */
    HEADERS = 32,   /* of IP, UDP and TFTP */
    BLOCKS_MAX = UINT16_MAX + 1,
    FAR_MS = 200 /* from there on its time is too short for all of it */
};

static const char absent_name[] = "absent.bin", file_name[] = "file.bin";

/* What is on the way. */
enum barrier {
    BARRIER_NONE,
    BARRIER_SIZE,  /* datagrams of more than `number` bytes are lost, on their way to the client */
    BARRIER_BURST, /* of blocks without an ACK between them what is behind that many */
    BARRIER_LOSS,  /* by chance, both ways */
    BARRIER_COUNT
};

struct probing {
    struct probe probe;
    struct probe_setup setup;
    struct probe_action action;
    struct endpoint at[SOUNDING_LINES];
    uint64_t wakes_at_ms;
    uint64_t begun_ms;
    uint64_t ended_ms;
    bool has_ended;
    enum barrier barrier;
    uint32_t number;
    uint32_t since_ack;
    uint64_t requested_ms; /* when the last request left */
    uint64_t second;       /* and how many packets in this one */
    uint32_t packets;
    uint32_t row;              /* blocks of this exchange that came, from the first one on without a gap */
    bool has_come[BLOCKS_MAX]; /* by number */
    uint32_t ports;            /* none twice */
    size_t file_size;
    enum option disabled; /* OPTION_COUNT: none is */
    struct liar liar;     /* without a lie: it is our own server */
    struct verdicts verdicts;
    int exit_code;
};

/* -- the world -- */

static void choose_server(struct world *w, struct probing *p)
{
    static const char *const names[] = {"blksize", "windowsize", "tsize", "timeout"};
    static const enum option options[] = {OPTION_BLKSIZE, OPTION_WINDOWSIZE, OPTION_TSIZE, OPTION_TIMEOUT};
    struct config_problem problem;
    static const uint32_t mtus[6] = {0, 0, 576, 1000, 1500, 9000};

    config_defaults(&w->config);
    w->config.transfers_max = SERVER_TRANSFERS_MAX;
    w->config.mtu = (uint16_t)mtus[world_random(w, 6)];
    w->config.block_size_max = world_chance(w, 300) ? 512 + world_random(w, 3000) : 65464;
    w->config.window_size_max = world_chance(w, 300) ? 1 + world_random(w, 40) : 64;
    w->config.single_port = world_chance(w, 200);
    p->disabled = OPTION_COUNT;
    if (!world_chance(w, 200))
        return;
    uint32_t which = world_random(w, sizeof options / sizeof options[0]);
    p->disabled = options[which];
    ASSERT(config_set_typed(&w->config, config_find("DisableOptions"), names[which], &problem));
}

static bool is_about_numbers(const struct probing *p)
{
    return p->liar.lie != NULL && p->liar.lie->kind == LIE_ROLLOVER_1;
}

static void choose_way(struct world *w, struct probing *p)
{
    w->kind = WORLD_STRICT;
    w->faults = (struct faults){.latency_ms = 1 + world_random(w, 40), .grain_ms = 1, .heal_ms = UINT64_MAX};
    /* More than 65535 blocks have to come in time. */
    if (is_about_numbers(p))
        w->faults.latency_ms = 1;
    if (p->liar.lie != NULL)
        return;
    if (world_chance(w, 100)) {
        w->kind = WORLD_LOSSY;
        w->faults.latency_ms = FAR_MS + world_random(w, FAR_MS);
    }
    p->barrier = (enum barrier)world_random(w, BARRIER_COUNT);
    if (p->barrier == BARRIER_SIZE)
        p->number = world_chance(w, 300) ? 1472 : 520 + world_random(w, world_chance(w, 500) ? 1000 : 30000);
    if (p->barrier == BARRIER_BURST)
        p->number = 1 + world_random(w, 30);
    if (p->barrier == BARRIER_LOSS) {
        w->kind = WORLD_LOSSY;
        w->faults.loss_to_server = w->faults.loss_to_client = 10 + world_random(w, 60);
    }
    w->is_strict = w->kind == WORLD_STRICT;
}

static void populate(struct world *w, struct probing *p)
{
    static const uint32_t sizes[8] = {0, 1, 512, 600, 5000, 100000, 300000, 700000};
    uint8_t *bytes;

    p->file_size = is_about_numbers(p) ? 700000 : p->liar.lie != NULL ? 300000 : sizes[world_random(w, 8)];
    bytes = disk_noise(w, p->file_size, false);
    disk_add(w, file_name, bytes, p->file_size);
    if (p->liar.lie != NULL)
        liar_make(&p->liar, p->liar.lie, span_of(bytes, p->file_size), span_of("?", 0));
    p->setup = (struct probe_setup){
        .server = world_address(NETWORK_SERVER, NETWORK_PORT),
        .name = file_name,
        .absent = absent_name,
        .is_deep = is_about_numbers(p) || world_chance(w, 200),
        .timeout_ms = 1000,
        .mtu = 1500,
    };
}

/* -- the program -- */

static void check_manners(struct world *w, struct probing *p)
{
    struct span bytes = p->action.send.bytes;
    struct packet packet;

    REQUIRE(w, packet_decode(&packet, bytes) == DECODING_OK, "it sends what is no TFTP");
    REQUIRE(w, bytes.size <= SOUNDING_REQUEST_MAX, "a datagram of %u bytes", (unsigned)bytes.size);
    REQUIRE(w, packet.opcode == OPCODE_RRQ || packet.opcode == OPCODE_ACK || packet.opcode == OPCODE_ERROR,
            "it writes: opcode %u", (unsigned)packet.opcode);
    if (w->now_ms / 1000 != p->second)
        p->packets = 0;
    p->second = w->now_ms / 1000;
    REQUIRE(w, ++p->packets <= 2 * PROBE_PACKETS_PER_SECOND, "%u packets in a second", p->packets);
    REQUIRE(w, packet.opcode != OPCODE_ACK || packet.block <= p->row, "an ACK of %u, and %u came", packet.block,
            p->row);
    if (packet.opcode != OPCODE_RRQ)
        return;
    p->row = 0;
    memset(p->has_come, 0, sizeof p->has_come);
    bool is_known =
        packet.name.size < sizeof absent_name && (memcmp(packet.name.bytes, absent_name, packet.name.size) == 0 ||
                                                  memcmp(packet.name.bytes, file_name, packet.name.size) == 0);
    REQUIRE(w, is_known, "it asks for another name");
    REQUIRE(w, p->requested_ms == 0 || w->now_ms >= p->requested_ms + PROBE_REQUEST_GAP_MS, "requests follow in %u ms",
            (unsigned)(w->now_ms - p->requested_ms));
    p->requested_ms = w->now_ms;
}

static void finish(struct world *w, struct probing *p)
{
    p->has_ended = true;
    p->ended_ms = w->now_ms;
    p->at[0].port = p->at[1].port = 0;
    verdicts_make(&p->verdicts, &p->probe.findings, "tftp.exe");
    p->exit_code = verdicts_exit_code(&p->verdicts, &p->probe.findings);
    world_note(w, "the probe ends with %d", p->exit_code);
    for (uint32_t i = 0; i < p->verdicts.count; i++)
        world_note(w, "%s %.20s: %.90s", verdict_state_text(p->verdicts.lines[i].state), p->verdicts.lines[i].what,
                   p->verdicts.lines[i].meaning);
    /* Whatever was begun has been ended: its last word needs its time. */
    world_at(w, w->now_ms + w->faults.latency_ms + 1, MOMENT_ADMIN, 0, NULL);
}

static void run(struct world *w, struct probing *p)
{
    struct probe_action *action = &p->action;

    for (uint32_t steps = 0; action->kind != PROBE_WAIT && w->failure[0] == 0; steps++) {
        REQUIRE(w, steps < STEPS_MAX, "the machine runs in circles");
        if (action->kind == PROBE_FINISH) {
            finish(w, p);
            return;
        }
        if (action->kind == PROBE_PING) {
            probe_answer_ping(&p->probe, PING_UNKNOWN, w->now_ms, action);
            continue;
        }
        if (action->kind == PROBE_NEW_PORT) {
            p->at[action->line] = world_address(NETWORK_CLIENTS, (uint16_t)(FIRST_PORT + p->ports++));
        } else {
            check_manners(w, p);
            network_send(w, &p->at[action->send.line], &action->send.to, action->send.bytes, span_of(NULL, 0));
        }
        probe_answer(&p->probe, true, w->now_ms, action);
    }
    if (w->failure[0] != 0)
        return;
    p->wakes_at_ms = action->until_ms > w->now_ms ? action->until_ms : w->now_ms;
    world_at(w, p->wakes_at_ms, MOMENT_CLIENT, 0, NULL);
}

static void on_timer(struct world *w, struct probing *p)
{
    if (p->has_ended || w->now_ms != p->wakes_at_ms)
        return;
    if (p->begun_ms == 0) {
        p->begun_ms = w->now_ms;
        probe_begin(&p->probe, &p->setup, w->now_ms, &p->action);
    } else {
        probe_on_timer(&p->probe, w->now_ms, &p->action);
    }
    run(w, p);
}

/* -- the way -- */

static bool is_barred(struct probing *p, const struct datagram *datagram)
{
    bool is_data = datagram->size >= 4 && datagram->bytes[1] == OPCODE_DATA;

    if (p->barrier == BARRIER_SIZE)
        return datagram->size > p->number;
    return p->barrier == BARRIER_BURST && is_data && ++p->since_ack > p->number;
}

static void note_block(struct probing *p, const struct datagram *datagram)
{
    uint16_t block = datagram->size >= 4 ? read_u16(datagram->bytes + 2) : 0;

    if (datagram->size >= 4 && datagram->bytes[1] == OPCODE_DATA)
        p->has_come[block] = true;
    while (p->row + 1 < BLOCKS_MAX && p->has_come[p->row + 1])
        p->row++;
}

static void to_client(struct world *w, struct probing *p, const struct datagram *datagram)
{
    if (is_barred(p, datagram))
        return;
    for (uint8_t line = 0; line < SOUNDING_LINES; line++) {
        if (p->has_ended || !endpoint_equal(&p->at[line], &datagram->to))
            continue;
        note_block(p, datagram);
        probe_on_datagram(&p->probe, line, &datagram->from, span_of(datagram->bytes, datagram->size), w->now_ms,
                          &p->action);
        run(w, p);
        return;
    }
}

/* The liar has one file under every name. */
static bool is_for_absent(const struct datagram *datagram)
{
    return datagram->size > sizeof absent_name + 2 && datagram->bytes[1] == OPCODE_RRQ &&
           memcmp(datagram->bytes + 2, absent_name, sizeof absent_name) == 0;
}

static void refuse_absent(struct world *w, const struct probing *p, const struct datagram *datagram)
{
    static const uint8_t error[] = {0, OPCODE_ERROR, 0, ERROR_CODE_NOT_FOUND, 'n', 'o', 0};
    enum lie_kind kind = p->liar.lie->kind;
    struct endpoint from = world_address(kind == LIE_OTHER_HOST ? OTHER_HOST : NETWORK_SERVER, ABSENT_PORT);

    if (kind != LIE_SILENT)
        network_send(w, &from, &datagram->from, span_of(error, sizeof error), span_of(NULL, 0));
}

static void deliver(struct world *w, struct probing *p, struct datagram *datagram)
{
    struct endpoint server = world_address(NETWORK_SERVER, 0);
    bool is_for_server = endpoint_same_address(&datagram->to, &server);

    world_note_datagram(w, is_for_server ? "server" : "client", datagram);
    if (is_for_server && datagram->size >= 2 && (datagram->bytes[1] == OPCODE_ACK || datagram->bytes[1] == OPCODE_RRQ))
        p->since_ack = 0;
    if (!is_for_server)
        to_client(w, p, datagram);
    else if (p->liar.lie == NULL)
        server_on_datagram(w, datagram);
    else if (is_for_absent(datagram))
        refuse_absent(w, p, datagram);
    else
        liar_on_datagram(w, &p->liar, datagram);
    world_free(w, datagram);
}

/* -- what must have been found -- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void judge_blocks(struct world *w, const struct probing *p, uint64_t granted)
{
    const struct findings *f = &p->probe.findings;
    uint64_t top = least(granted, p->file_size), limit = p->barrier == BARRIER_SIZE ? p->number - 4 : UINT64_MAX;
    bool is_cut = limit < top;

    REQUIRE(w, f->has_blocks && !(f->unfinished >> STEP_BLOCKS & 1), "blocks are not measured to the end");
    REQUIRE(w, f->blocks.arrived == least(top, limit), "blocks of %u arrive, and it should be %u", f->blocks.arrived,
            (unsigned)least(top, limit));
    REQUIRE(w, f->blocks.lost == (is_cut ? limit + 1 : 0), "blocks of %u are lost", f->blocks.lost);
}

static void judge_windows(struct world *w, const struct probing *p)
{
    const struct findings *f = &p->probe.findings;
    uint32_t cut = findings_cut_window(f), wanted = FINDINGS_WINDOWS;

    for (uint32_t i = FINDINGS_WINDOWS; i-- > 0;)
        if (p->barrier == BARRIER_BURST && f->windows[i].is_measured && f->windows[i].windowsize > p->number)
            wanted = i;
    REQUIRE(w, cut == wanted, "window %u is told to be cut, and it is %u", cut, wanted);
    REQUIRE(w, cut == FINDINGS_WINDOWS || f->windows[cut].longest == p->number, "it is told that %u arrive, and %u do",
            cut < FINDINGS_WINDOWS ? f->windows[cut].longest : 0, p->number);
    REQUIRE(w, !findings_is_lossy(f), "nothing is lost, and it is told");
}

/* Nothing is lost by chance, and our own server is asked. */
static void judge_own(struct world *w, const struct probing *p)
{
    const struct findings *f = &p->probe.findings;
    uint64_t of_mtu = w->config.mtu != 0 ? w->config.mtu - HEADERS : UINT64_MAX;
    uint64_t blksize = least(w->config.block_size_max, least(of_mtu, 65464));
    bool has_blksize = p->disabled != OPTION_BLKSIZE, has_windowsize = p->disabled != OPTION_WINDOWSIZE;

    REQUIRE(w, f->asked == 3 && f->answered == 3 && f->absent.code == ERROR_CODE_NOT_FOUND, "the absent name");
    REQUIRE(w, (f->from.port == f->server.port) == w->config.single_port, "its ports");
    REQUIRE(w, findings_is_served(f), "the file is not served");
    REQUIRE(w,
            has_blksize == findings_is_granted(f, OPTION_BLKSIZE) &&
                findings_blksize_limit(f) == (has_blksize ? blksize : 512),
            "blksize %u is told to be granted", findings_blksize_limit(f));
    REQUIRE(w, has_windowsize == findings_is_granted(f, OPTION_WINDOWSIZE), "windowsize");
    /* What one who has proved nothing may have at once is less, where all transfers have one port. */
    REQUIRE(w,
            findings_windowsize_limit(f) == (has_windowsize ? w->config.window_size_max : 1) || w->config.single_port,
            "windowsize %u is told to be granted", findings_windowsize_limit(f));
    REQUIRE(w, !f->has_size || f->size == p->file_size, "a size of %" PRIu64, f->size);
    if (has_blksize && p->file_size > BLKSIZE_DEFAULT)
        judge_blocks(w, p, blksize);
    judge_windows(w, p);
    REQUIRE(w, f->rollover == ROLLOVER_UNKNOWN || f->rollover == ROLLOVER_0, "what follows block 65535");
    REQUIRE(w, p->exit_code <= VERDICT_EXIT_WARN, "exit code %d", p->exit_code);
}

static bool has_line(const struct probing *p, enum verdict_state state, const char *text)
{
    for (uint32_t i = 0; i < p->verdicts.count; i++)
        if (p->verdicts.lines[i].state == state && strstr(p->verdicts.lines[i].meaning, text) != NULL)
            return true;
    return false;
}

/* What each lie has to be called. */
static const struct {
    enum lie_kind kind;
    enum verdict_state state;
    const char *text;
} names[] = {
    {LIE_NONE, VERDICT_OK, "are granted"},
    {LIE_NO_OPTIONS, VERDICT_WARN, "ignores options"},
    {LIE_REFUSES_OPTIONS, VERDICT_WARN, "a request with options is refused"},
    {LIE_DROPS_OPTIONS, VERDICT_WARN, "is not answered at all, one without is"},
    {LIE_OACK, VERDICT_WARN, "breaks the rules"},
    {LIE_SILENT, VERDICT_FAIL, "nobody answers"},
    {LIE_ERROR, VERDICT_FAIL, "is refused"},
    {LIE_OTHER_HOST, VERDICT_FAIL, "which was not asked"},
    {LIE_BLOCKS_LOST, VERDICT_WARN, "bytes are lost: packets of"},
    {LIE_WINDOW_LOST, VERDICT_WARN, "of a window of"},
    {LIE_SLOW, VERDICT_OK, "are granted"},
    {LIE_ROLLOVER_1, VERDICT_WARN, "block 1 follows block 65535"},
};

static void judge_lie(struct world *w, const struct probing *p)
{
    const struct lie *lie = p->liar.lie;
    const struct findings *f = &p->probe.findings;
    uint32_t cut = findings_cut_window(f);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        REQUIRE(w, names[i].kind != lie->kind || has_line(p, names[i].state, names[i].text), "%s: it is not said",
                lie->name);
    if (lie->kind == LIE_BLOCKS_LOST)
        REQUIRE(w, f->blocks.arrived + 4 == (uint32_t)lie->number, "blocks of %u arrive", f->blocks.arrived);
    if (lie->kind == LIE_WINDOW_LOST)
        REQUIRE(w, cut < FINDINGS_WINDOWS && f->windows[cut].longest == (uint32_t)lie->number, "the window");
    if (lie->kind == LIE_ERROR)
        REQUIRE(w, p->exit_code == cause_exit_code(CAUSE_SERVER_ERROR, (uint16_t)lie->number), "exit code %d",
                p->exit_code);
    if (lie->kind == LIE_NONE || lie->kind == LIE_SLOW)
        REQUIRE(w, p->exit_code == 0 || f->is_out_of_time || f->unfinished != 0, "exit code %d", p->exit_code);
}

static void judge(struct world *w, const struct probing *p)
{
    const struct findings *f = &p->probe.findings;

    REQUIRE(w, p->has_ended, "it never ends");
    REQUIRE(w, p->ended_ms - p->begun_ms <= PROBE_MS_MAX + SPARE_MS, "it takes %u ms",
            (unsigned)(p->ended_ms - p->begun_ms));
    REQUIRE(w, f->wire_bytes <= PROBE_BYTES_MAX, "%" PRIu64 " bytes", f->wire_bytes);
    if (p->liar.lie != NULL)
        judge_lie(w, p);
    else if (w->is_strict)
        judge_own(w, p);
    else
        REQUIRE(w,
                f->answered == 0 || f->blocks.arrived <= least(findings_blksize_limit(f), least(p->file_size, 65464)) ||
                    !block_search_has_found(&f->blocks),
                "blocks of %u arrive", f->blocks.arrived);
}

/* The probe has been over for a moment. */
static void check_left(struct world *w, const struct probing *p)
{
    REQUIRE(w, !w->is_strict || p->liar.lie != NULL || w->server->session_count == 0, "%u transfers are left behind",
            w->server->session_count);
}

/* -- its history -- */

static void happen(struct world *w, struct probing *p, const struct moment *moment)
{
    switch (moment->kind) {
    case MOMENT_DATAGRAM: deliver(w, p, moment->what); break;
    case MOMENT_RETAKE:
        server_on_retake(w, moment->what);
        world_free(w, moment->what);
        break;
    case MOMENT_CLIENT: on_timer(w, p); break;
    case MOMENT_WORKER:
        if (p->liar.lie != NULL)
            liar_on_timer(w, &p->liar, moment->number);
        else
            server_on_worker(w, moment->number);
        break;
    case MOMENT_DISK: server_on_disk(w, moment->what); break;
    case MOMENT_ADMIN: check_left(w, p); break;
    default: ASSERT(false);
    }
    server_settle(w);
}

static void live(struct world *w, struct probing *p)
{
    struct moment moment;

    p->wakes_at_ms = START_MS;
    world_at(w, START_MS, MOMENT_CLIENT, 0, NULL);
    while (w->failure[0] == 0 && world_next(w, &moment)) {
        happen(w, p, &moment);
        REQUIRE(w, ++w->steps < WORLD_STEPS_MAX, "it does not come to an end");
    }
    if (w->failure[0] == 0)
        judge(w, p);
    if (w->failure[0] == 0)
        server_check_empty(w);
}

static void clear(struct world *w, struct probing *p)
{
    liar_free(w, &p->liar);
    server_free(w);
    disk_free(w);
    REQUIRE(w, w->statistics->allocated == 0, "%" PRIu64 " bytes are lost", w->statistics->allocated);
}

static void report_failure(const struct world *w, const struct probing *p)
{
    printf("# Probing seed %" PRIu64 " fails at %" PRIu64 " ms: %s\n", w->seed, w->now_ms, w->failure);
    printf("# The server is %s; barrier %u, %u.\n", p->liar.lie != NULL ? p->liar.lie->name : "our own",
           (unsigned)p->barrier, p->number);
    printf("# To see all of it: build/simulate/simulate replay-probing %" PRIu64 "\n", w->seed);
    if (!w->is_told)
        world_print_trace(w);
}

struct run_result probing_run_seed(uint64_t seed, struct statistics *statistics, bool is_told)
{
    struct world *w = world_make(seed, statistics, is_told);
    struct probing *p = calloc(1, sizeof *p);

    ASSERT(p != NULL);
    if (seed % 2 == 1)
        p->liar.lie = &lies[seed / 2 % lie_count];
    choose_server(w, p);
    choose_way(w, p);
    disk_make(w);
    server_make(w);
    populate(w, p);
    live(w, p);
    if (w->failure[0] == 0)
        clear(w, p);
    struct run_result result = {w->failure[0] == 0, w->hash};
    if (!result.is_good)
        report_failure(w, p);
    world_unmake(w);
    free(p);
    return result;
}
