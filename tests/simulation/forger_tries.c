#include "forger_tries.h"

#include "clients.h"
#include "disk.h"
#include "statistics.h"

#include <stdio.h>

enum { PORTS_SOME = 16 };

uint32_t forger_draw(struct forger *f, uint32_t bound)
{
    f->random = f->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((f->random >> 33) % bound);
}

bool forger_chance(struct forger *f, uint32_t permille)
{
    return forger_draw(f, 1000) < permille;
}

void forger_count(struct world *w, enum forger_try number)
{
    w->statistics->tries[number]++;
}

/* -- sending -- */

static void forge(struct world *w, struct target *t, const struct endpoint *to, struct span bytes)
{
    if (w->forger->packets_left == 0)
        return;
    w->forger->packets_left--;
    if (t->is_very_port)
        t->at.port = t->client->at.port;
    w->is_forging = true;
    network_send(w, &t->at, to, bytes, span_of(NULL, 0));
    w->is_forging = false;
}

/* To one port that may be the right one, some of them, or every one. */
static void guess(struct world *w, struct target *t, struct span bytes)
{
    struct forger *f = w->forger;
    struct endpoint tids[FORGER_TIDS_MAX];
    uint32_t known = forger_known_tids(w, tids, FORGER_TIDS_MAX);
    uint32_t count = forger_chance(f, f->sweep_permille) ? known
                     : forger_chance(f, 500)             ? 1
                                                         : 2 + forger_draw(f, PORTS_SOME);

    if (known == 0)
        return;
    if (count >= known) {
        forger_count(w, TRY_EVERY_PORT);
        for (uint32_t i = 0; i < known; i++)
            forge(w, t, &tids[i], bytes);
        return;
    }
    forger_count(w, count == 1 ? TRY_ONE_PORT : TRY_SOME_PORTS);
    for (uint32_t i = 0; i < count; i++)
        forge(w, t, &tids[forger_draw(f, known)], bytes);
}

static void send_request(struct world *w, struct target *t)
{
    struct endpoint server = world_address(NETWORK_SERVER, NETWORK_PORT);

    forge(w, t, &server, span_of(t->request, t->request_size));
}

/* -- what he tries -- */

static const char *choose_name(struct world *w, bool is_upload, char text[WORLD_TEXT_MAX])
{
    struct forger *f = w->forger;
    const struct client *c = &w->clients[forger_draw(f, w->client_count)];

    if (is_upload && f->has_client_names && client_is_upload(c))
        return c->model->path;
    if (is_upload || (!f->is_greedy && forger_chance(f, 150)))
        snprintf(text, WORLD_TEXT_MAX, "put/forged%u", forger_draw(f, 4));
    else if (f->is_greedy || forger_chance(f, 600))
        return FORGER_LARGE_FILE;
    else
        snprintf(text, WORLD_TEXT_MAX, "%s", w->disk->files[forger_draw(f, w->disk->file_count)].path);
    return text;
}

static void make_request(struct world *w, struct target *t, bool is_upload, const char *options)
{
    char name[WORLD_TEXT_MAX];

    t->is_upload = is_upload;
    t->request_size = wire_request(t->request, is_upload ? 2 : 1, choose_name(w, is_upload, name), "octet", options);
    t->block = 0;
}

static void ask_bare(struct world *w, struct target *t)
{
    t->window = 1;
    make_request(w, t, false, "");
    send_request(w, t);
}

/* Each has an option that DisableOptions leaves: what is granted nothing would be answered like a bare one. */
static const char *choose_options(struct forger *f, char text[WORLD_TEXT_MAX], uint16_t *window)
{
    static const struct {
        const char *options;
        bool has_window;
    } some[] = {
        {"blksize 1468", true},
        {"tsize 0 blksize 1456 msftwindow 31416", true},
        {"blksize 512", true},
        {"timeout 255 blksize 1468", false},
        {"utimeout 10000", true},
        {"utimeout 10000", false},
        {"timeout 255 rollover 1", true},
        {"tsize 0 rollover 1 blksize 8192", false},
        {"rollover 0", true},
        {"utimeout 60000000 tsize 0", false},
    };
    uint32_t row = f->is_greedy ? 0 : forger_draw(f, sizeof some / sizeof some[0]);
    uint16_t wanted = (uint16_t)(f->is_greedy || forger_chance(f, 400) ? 64 : 1 + forger_draw(f, 64));

    *window = some[row].has_window ? wanted : 1;
    if (some[row].has_window)
        snprintf(text, WORLD_TEXT_MAX, "%s windowsize %u", some[row].options, wanted);
    else
        snprintf(text, WORLD_TEXT_MAX, "%s", some[row].options);
    return text;
}

static void ask_with_options(struct world *w, struct target *t)
{
    char options[WORLD_TEXT_MAX];

    make_request(w, t, false, choose_options(w->forger, options, &t->window));
    send_request(w, t);
}

static void ask_upload(struct world *w, struct target *t)
{
    char options[WORLD_TEXT_MAX] = "";

    if (forger_chance(w->forger, 600))
        choose_options(w->forger, options, &t->window);
    make_request(w, t, true, options);
    send_request(w, t);
}

static void repeat(struct world *w, struct target *t)
{
    if (t->request_size == 0)
        ask_with_options(w, t);
    for (uint32_t copies = 1 + forger_draw(w->forger, 4); copies > 0; copies--)
        send_request(w, t);
}

static void ask_another(struct world *w, struct target *t)
{
    for (uint32_t requests = 2 + forger_draw(w->forger, 20); requests > 0; requests--)
        ask_with_options(w, t);
}

/* In a world of one port that would be a guess, and a good one. */
static void send_no_request(struct world *w, struct target *t)
{
    struct endpoint server = world_address(NETWORK_SERVER, NETWORK_PORT);
    uint8_t bytes[8] = {0, (uint8_t)(3 + forger_draw(w->forger, 6)), 0, (uint8_t)forger_draw(w->forger, 3)};

    if (!w->config.single_port || w->forger->has_guesses)
        forge(w, t, &server, span_of(bytes, 4 + forger_draw(w->forger, 4)));
}

static void guess_ack(struct world *w, struct target *t, uint16_t block)
{
    uint8_t ack[4] = {0, 4, (uint8_t)(block >> 8), (uint8_t)block};

    guess(w, t, span_of(ack, sizeof ack));
}

static void guess_ack_0(struct world *w, struct target *t)
{
    if (t->request_size == 0)
        ask_with_options(w, t);
    t->block = 0;
    guess_ack(w, t, 0);
}

static void guess_ack_next(struct world *w, struct target *t)
{
    t->block = (uint16_t)(t->block + (t->window > 0 ? t->window : 1));
    guess_ack(w, t, t->block);
}

static void guess_ack_again(struct world *w, struct target *t)
{
    for (uint32_t copies = 1 + forger_draw(w->forger, 3); copies > 0; copies--)
        guess_ack(w, t, t->block);
}

static void guess_ack_gap(struct world *w, struct target *t)
{
    guess_ack(w, t, (uint16_t)(t->block + forger_draw(w->forger, 70) - 5));
}

static void guess_data_block(struct world *w, struct target *t, uint16_t block)
{
    uint8_t bytes[4 + 1468] = {0, 3, (uint8_t)(block >> 8), (uint8_t)block};
    static const uint16_t sizes[6] = {0, 1, 100, 300, 512, 1468};

    memset(bytes + 4, FORGER_BYTE, sizeof bytes - 4);
    guess(w, t, span_of(bytes, 4 + (size_t)sizes[forger_draw(w->forger, 6)]));
}

static void guess_data(struct world *w, struct target *t)
{
    if (!t->is_upload || t->request_size == 0)
        ask_upload(w, t);
    guess_data_block(w, t, ++t->block);
}

static void guess_data_of_client(struct world *w, struct target *t)
{
    for (uint32_t i = 0; i < w->forger->target_count && (!t->is_very_port || !client_is_upload(t->client)); i++)
        t = &w->forger->targets[i];
    guess_data_block(w, t, (uint16_t)(1 + forger_draw(w->forger, 5)));
}

static void guess_error(struct world *w, struct target *t)
{
    uint8_t error[] = {0, 5, 0, (uint8_t)forger_draw(w->forger, 9), 'n', 'o', 0};

    guess(w, t, span_of(error, sizeof error));
}

static const struct {
    const char *text;
    uint32_t weight; /* 0: is counted, and not drawn */
    bool is_guess;
    void (*run)(struct world *w, struct target *t);
} tries[TRY_COUNT] = {
    [TRY_BARE] = {"request without options", 8, false, ask_bare},
    [TRY_OPTIONS] = {"request with options", 20, false, ask_with_options},
    [TRY_UPLOAD] = {"request to upload", 8, false, ask_upload},
    [TRY_REPEAT] = {"request repeated", 6, false, repeat},
    [TRY_ANOTHER] = {"many requests of one peer", 3, false, ask_another},
    [TRY_NO_REQUEST] = {"no request, to the port of requests", 2, false, send_no_request},
    [TRY_ACK_0] = {"ACK 0", 12, true, guess_ack_0},
    [TRY_ACK_NEXT] = {"ACK of the next window", 14, true, guess_ack_next},
    [TRY_ACK_AGAIN] = {"ACK repeated", 5, true, guess_ack_again},
    [TRY_ACK_GAP] = {"ACK of some block", 5, true, guess_ack_gap},
    [TRY_DATA] = {"DATA", 12, true, guess_data},
    [TRY_DATA_OF_CLIENT] = {"DATA of a client's upload", 6, true, guess_data_of_client},
    [TRY_ERROR] = {"ERROR", 3, true, guess_error},
    [TRY_ONE_PORT] = {"a guess at one port", 0, true, NULL},
    [TRY_SOME_PORTS] = {"a guess at some ports", 0, true, NULL},
    [TRY_EVERY_PORT] = {"a guess at every port", 0, true, NULL},
    [TRY_NOBODY] = {"victims where nobody is", 0, false, NULL},
    [TRY_NEIGHBOUR] = {"victims at the address of a client", 0, false, NULL},
    [TRY_CLIENT] = {"victims that are clients", 0, false, NULL},
    [TRY_FILL] = {"more peers than places", 0, false, NULL},
};

const char *forger_try_text(enum forger_try number)
{
    return tries[number].text;
}

uint32_t forger_try_weight(const struct forger *f, enum forger_try number)
{
    return tries[number].is_guess && !f->has_guesses ? 0 : tries[number].weight;
}

void forger_run_try(struct world *w, enum forger_try number, struct target *t)
{
    forger_count(w, number);
    tries[number].run(w, t);
}
