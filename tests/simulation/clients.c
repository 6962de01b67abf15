#include "clients.h"

#include "disk.h"
#include "statistics.h"

enum {
    REPEATS_MAX = 6,
    SILENCES_MAX = 8,
    SILENCES_OF_TAINTED_MAX = 100,
    LINGER_MS = 3000,
    ATTEMPTS_MAX = 40,
    ATTEMPTS_OF_HOSTILE = 3,
    PAUSE_FACTOR_MAX = 16,
    FIRST_PORT = 1024,
    LOST_RACE = 6 /* ERROR of an upload whose name is taken */
};

struct client *client_find(const struct world *w, const struct endpoint *at)
{
    uint32_t number = (uint32_t)at->address[14] << 8 | at->address[15];

    return number >= NETWORK_CLIENTS && number < NETWORK_CLIENTS + w->client_count
               ? &w->clients[number - NETWORK_CLIENTS]
               : NULL;
}

void client_taint(struct world *w, const struct endpoint *at)
{
    struct client *c = client_find(w, at);

    if (c != NULL)
        c->is_tainted = true;
}

void client_count_loss(struct world *w, const struct endpoint *at)
{
    struct client *c = client_find(w, at);

    if (c != NULL)
        c->losses++;
}

uint32_t client_losses(const struct world *w, const struct endpoint *at)
{
    const struct client *c = client_find(w, at);

    return c != NULL ? c->losses : 0;
}

bool client_is_honest(const struct world *w, const struct endpoint *at)
{
    const struct client *c = client_find(w, at);

    return c != NULL && !(c->model->habits & (HABIT_MISCHIEF | HABIT_VANISHES)) && !c->is_tainted;
}

void client_arm(struct world *w, struct client *c, uint32_t ms)
{
    c->wakes_at_ms = w->now_ms + ms;
    world_at(w, c->wakes_at_ms, MOMENT_CLIENT, c->index, NULL);
}

/* -- asking -- */

static void take_new_port(struct world *w, struct client *c)
{
    c->at.port = (uint16_t)(FIRST_PORT + c->at.port % 50000 + 1 + world_random(w, 20));
}

static void send_request(struct world *w, struct client *c)
{
    struct endpoint server = world_address(NETWORK_SERVER, NETWORK_PORT);
    struct endpoint everybody = endpoint_ipv4(255, 255, 255, 255, NETWORK_PORT);

    network_send(w, &c->at, c->model->habits & HABIT_BROADCASTS ? &everybody : &server,
                 span_of(c->request, c->request_size), span_of(NULL, 0));
    client_arm(w, c, c->model->repeat_ms << (c->repeats < 4 ? c->repeats : 4));
}

static void ask(struct world *w, struct client *c)
{
    c->is_port_reused = c->attempts + c->step > 1 && !world_chance(w, 600);
    if (!c->is_port_reused)
        take_new_port(w, c);
    fetcher_free(&c->fetcher);
    c->stage = STAGE_ASKED;
    c->tid.port = 0;
    c->repeats = 0;
    c->silences = 0;
    client_make_request(w, c);
    send_request(w, c);
}

static void give_up(struct world *w, struct client *c)
{
    REQUIRE(w, !w->is_strict, "%s gives up, and nothing ever went wrong", c->model->name);
    c->stage = STAGE_IDLE;
    c->tid.port = 0;
    uint32_t factor = c->attempts < PAUSE_FACTOR_MAX ? c->attempts : PAUSE_FACTOR_MAX;
    client_arm(w, c, (500 + world_random(w, 3000)) * factor);
}

static void begin_attempt(struct world *w, struct client *c)
{
    if (++c->attempts > (c->model->habits & HABIT_FAILS ? ATTEMPTS_OF_HOSTILE : ATTEMPTS_MAX)) {
        c->stage = STAGE_GONE;
        return;
    }
    c->step = 0;
    c->is_plain = false;
    ask(w, c);
}

static void next_step(struct world *w, struct client *c)
{
    c->step++;
    ask(w, c);
}

/* -- sending -- */

static void send(struct world *w, struct client *c, const uint8_t *bytes, size_t size)
{
    network_send(w, &c->at, &c->tid, span_of(bytes, size), span_of(NULL, 0));
    if (c->model->habits & HABIT_MISCHIEF)
        mischief(w, c, span_of(bytes, size));
}

static void send_error(struct world *w, struct client *c, const struct endpoint *to, uint16_t code)
{
    uint8_t bytes[] = {0, 5, 0, (uint8_t)code, 'e', 'n', 'd', 0};

    network_send(w, &c->at, to, span_of(bytes, sizeof bytes), span_of(NULL, 0));
}

static void send_acks(struct world *w, struct client *c)
{
    uint16_t block;

    while (c->stage != STAGE_GONE && fetcher_next_reply(&c->fetcher, &block)) {
        uint8_t ack[5] = {0, 4, (uint8_t)(block >> 8), (uint8_t)block};
        if (c->fetcher.is_done && c->model->habits & HABIT_VANISHES)
            return;
        if (c->has_msftwindow) {
            c->fetcher.window = 1 + world_random(w, w->config.window_size_max < 8 ? w->config.window_size_max : 8);
            ack[4] = (uint8_t)c->fetcher.window;
        }
        send(w, c, ack, c->has_msftwindow ? 5 : 4);
    }
}

static void send_data(struct world *w, struct client *c)
{
    uint8_t datagram[2048];
    size_t size;

    while (c->stage == STAGE_RUNNING && (size = storer_next(&c->storer, datagram)) > 0)
        send(w, c, datagram, size);
}

static void finish(struct world *w, struct client *c)
{
    if (!c->is_done)
        w->statistics->done[c->model - models]++;
    c->is_done = true;
    c->stage = c->model->habits & HABIT_VANISHES ? STAGE_GONE : STAGE_LINGERING;
    client_arm(w, c, LINGER_MS);
    if (c->is_tainted || c->model->habits & HABIT_FAILS)
        return;
    /* From a port that it had before, what an earlier transfer sent late looks like the answer. */
    if (c->is_port_reused && c->is_tid_known_before && !w->is_strict)
        return;
    if (client_is_upload(c))
        REQUIRE(w, client_is_own_stored(w, c), "%s was told that its upload is stored, and it is not", c->model->name);
    else
        client_check_fetched(w, c);
}

/* -- answers of the server -- */

/* The transfer has its parameters; oack is empty where there was none. */
static void begin_transfer(struct world *w, struct client *c, struct span oack)
{
    uint32_t blksize = client_granted(oack, "blksize", client_granted(oack, "blksize2", 512));
    uint32_t window = client_granted(oack, "windowsize", 1);
    unsigned rollover = client_granted(oack, "rollover", 0);

    if (client_is_judged(w, c))
        client_check_oack(w, c, oack);
    if (blksize < 8 || blksize > 2000 || window < 1 || window > 64 || rollover > 1) {
        give_up(w, c); /* damaged, or the check has failed */
        return;
    }
    c->has_msftwindow = c->model->habits & HABIT_VARIES_WINDOW && client_granted(oack, "msftwindow", 0) == 27182;
    c->stage = STAGE_RUNNING;
    if (client_is_upload(c)) {
        storer_init(&c->storer, c->upload, c->upload_size, blksize, window, rollover);
    } else {
        fetcher_init(&c->fetcher, blksize, window, rollover);
        c->fetcher.acks_every_stray = window == 1 || c->model->habits & HABIT_ACKS_STRAYS;
    }
    client_arm(w, c, c->model->timeout_ms);
}

/* True: this was the answer that it wanted and it goes on with another request, or has given up. */
static bool take_first_answer(struct world *w, struct client *c, uint16_t opcode, struct span datagram)
{
    if (client_is_miss(c) && client_is_judged(w, c))
        world_fail(w, "%s is given a file that is not there", c->model->name);
    if (client_is_probe(c) || (opcode == 6 && c->model->habits & HABIT_REJECTS_OACK && !c->is_plain)) {
        send_error(w, c, &c->tid, c->model->end_code);
        c->is_plain = !client_is_probe(c);
        if (client_is_probe(c))
            next_step(w, c);
        else
            ask(w, c);
        return true;
    }
    begin_transfer(w, c, opcode == 6 ? datagram : span_of(NULL, 0));
    return c->stage != STAGE_RUNNING;
}

static void take_fetched(struct world *w, struct client *c, struct span datagram)
{
    size_t before = c->fetcher.size;

    if (read_u16(datagram.bytes) == 3 && datagram.size - 4 > c->fetcher.blksize) {
        REQUIRE(w, !client_is_judged(w, c), "%s gets a block of %u bytes", c->model->name, (unsigned)datagram.size - 4);
        return;
    }
    fetcher_take(&c->fetcher, datagram);
    if (c->fetcher.size > before) {
        c->silences = 0;
        client_arm(w, c, c->model->timeout_ms);
    }
    bool is_end = c->fetcher.is_done && c->stage == STAGE_RUNNING;
    send_acks(w, c);
    if (is_end && c->stage == STAGE_RUNNING)
        finish(w, c);
}

static void take_stored(struct world *w, struct client *c, struct span datagram)
{
    uint64_t before = c->storer.acked;

    storer_take(&c->storer, datagram);
    if (c->storer.acked > before) {
        c->silences = 0;
        client_arm(w, c, c->model->timeout_ms);
    }
    if (c->storer.is_done && c->stage == STAGE_RUNNING)
        finish(w, c);
    else
        send_data(w, c);
}

static void take_error(struct world *w, struct client *c, uint16_t code)
{
    bool is_refused = client_is_miss(c) || c->model->habits & HABIT_BAD_NAME;

    if (code == LOST_RACE && client_is_upload(c)) {
        bool is_taken = client_is_own_stored(w, c) ? c->attempts > 1 || c->repeats > 0 || !w->is_strict : !w->is_strict;
        char path[PATH_TEXT_MAX];
        ASSERT(path_normalize(span_of_text(c->model->path), path) == PATH_OK);
        REQUIRE(w, c->is_tainted || (is_taken && disk_find(w->disk, path) != NULL),
                "%s hears that its file exists, and it does not", c->model->name);
        c->is_done = true;
        c->stage = STAGE_GONE;
        return;
    }
    REQUIRE(w, client_is_error_due(w, c, code), "%s gets ERROR %u", c->model->name, code);
    if (is_refused && code != 0 && client_is_miss(c)) {
        next_step(w, c);
    } else if ((is_refused && code != 0) || (code == 3 && client_is_too_large(w, c))) {
        w->statistics->done[c->model - models]++;
        c->is_done = true;
        c->stage = STAGE_GONE;
    } else if (c->stage != STAGE_LINGERING) {
        give_up(w, c);
    }
}

void client_on_datagram(struct world *w, const struct datagram *datagram)
{
    struct client *c = client_find(w, &datagram->to);
    struct span bytes = span_of(datagram->bytes, datagram->size);

    if (c == NULL || c->model->habits & HABIT_HOSTILE || c->stage == STAGE_IDLE || c->stage == STAGE_GONE ||
        datagram->to.port != c->at.port || datagram->size < 4)
        return;
    if (c->tid.port != 0 && !endpoint_equal(&c->tid, &datagram->from)) {
        if (c->model->habits & HABIT_ERRORS_STRANGERS && read_u16(bytes.bytes) != 5)
            send_error(w, c, &datagram->from, 5);
        return;
    }
    uint16_t opcode = read_u16(bytes.bytes);
    /* Who asked without options takes no OACK: it is a late one. */
    bool is_answer = (opcode == 6 && !c->is_plain) || opcode == (client_is_upload(c) ? 4 : 3);
    if (opcode == 5) {
        take_error(w, c, read_u16(bytes.bytes + 2));
        return;
    }
    if (!is_answer)
        return;
    bool is_first = c->stage == STAGE_ASKED;
    c->tid = datagram->from;
    if (is_first) {
        c->is_tid_known_before = endpoint_equal(&c->last_tid, &c->tid);
        c->last_tid = c->tid;
    }
    if (is_first && take_first_answer(w, c, opcode, bytes))
        return;
    if (client_is_upload(c))
        take_stored(w, c, bytes);
    else
        take_fetched(w, c, bytes);
}

/* -- its clock, its beginning and end -- */

static void on_silence(struct world *w, struct client *c)
{
    REQUIRE(w, !w->is_strict, "%s waits for nothing, and nothing ever went wrong", c->model->name);
    /* A damaged OACK may leave two who wait for each other before every block. */
    if (c->is_tainted && ++c->silences_in_all > SILENCES_OF_TAINTED_MAX) {
        c->stage = STAGE_GONE;
        return;
    }
    if (++c->silences > SILENCES_MAX) {
        give_up(w, c);
        return;
    }
    client_arm(w, c, c->model->timeout_ms << (c->silences < 4 ? c->silences : 4));
    if (client_is_upload(c)) {
        storer_timeout(&c->storer);
        send_data(w, c);
    } else {
        fetcher_timeout(&c->fetcher);
        send_acks(w, c);
    }
}

void client_on_timer(struct world *w, struct client *c)
{
    if (w->now_ms != c->wakes_at_ms)
        return;
    if (c->model->habits & HABIT_HOSTILE && c->stage != STAGE_GONE) {
        hostile_on_timer(w, c);
        return;
    }
    switch (c->stage) {
    case STAGE_IDLE: begin_attempt(w, c); break;
    case STAGE_ASKED:
        REQUIRE(w, !w->is_strict, "%s is not answered, and nothing ever went wrong", c->model->name);
        if (++c->repeats > REPEATS_MAX) {
            give_up(w, c);
            break;
        }
        if (c->model->habits & HABIT_NEW_PORT)
            take_new_port(w, c);
        send_request(w, c);
        break;
    case STAGE_RUNNING: on_silence(w, c); break;
    case STAGE_LINGERING: c->stage = STAGE_GONE; break;
    case STAGE_GONE: break;
    }
}

void client_start(struct world *w, struct client *c, const struct model *model, uint32_t start_ms)
{
    uint32_t index = (uint32_t)(c - w->clients);

    *c = (struct client){
        .model = model,
        .index = index,
        .at = world_address(NETWORK_CLIENTS + index, (uint16_t)(FIRST_PORT + world_random(w, 60000))),
        .patience = world_random(w, 12),
        .window = 1 + world_random(w, world_chance(w, 500) ? 64 : 8),
    };
    if (client_is_upload(c)) {
        static const uint32_t sizes[8] = {0, 1, 511, 512, 1024, 3000, 20000, 90000};
        c->upload_size = sizes[world_random(w, 8)] + world_random(w, 3) * 100;
        if (model->habits & HABIT_LONG)
            c->upload_size = 65536 * 8 + world_random(w, 3) * 8 + world_random(w, 2000);
        c->upload = disk_noise(w, c->upload_size, model->mode[0] == 'n');
    }
    w->statistics->begun[model - models]++;
    client_arm(w, c, start_ms);
}

void client_free(struct world *w, struct client *c)
{
    world_free(w, c->upload);
    fetcher_free(&c->fetcher);
}

void client_check_served(struct world *w, const struct client *c)
{
    bool is_owed = !(c->model->habits & HABIT_FAILS) && !c->is_tainted && w->faults.stop_ms == 0;

    REQUIRE(w, !is_owed || c->is_done, "%s is never served, in %u attempts", c->model->name, c->attempts);
}
