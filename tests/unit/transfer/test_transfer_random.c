/*
 * Thousands of small transfers over a network that loses, doubles, delays and reorders, on a clock of its own. A seed
 * means the same story on every machine; what failed is repeated with the seed that the message names.
 */
#include "unit.h"

#include "client.h"
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>

enum { QUEUE_MAX = 1024, DATAGRAM_MAX = 160, STEPS_MAX = 20000, CLIENT_TIMEOUT_MS = 700 };

struct flight {
    uint64_t due_ms;
    bool to_server;
    size_t size;
    uint8_t bytes[DATAGRAM_MAX];
};

struct network {
    uint64_t random;
    uint32_t loss; /* in a thousand */
    uint32_t doubling;
    uint32_t delay_ms; /* at most; the bigger, the more reordering */
    uint64_t now_ms;
    struct flight queue[QUEUE_MAX];
    size_t count;
    uint64_t carried;
};

static struct network network;

static void put(struct network *n, bool to_server, struct span datagram)
{
    ASSERT(datagram.size <= DATAGRAM_MAX);
    n->carried++;
    for (int copy = random_below(&n->random, 1000) < n->doubling ? 2 : 1; copy > 0; copy--) {
        if (random_below(&n->random, 1000) < n->loss || n->count == QUEUE_MAX)
            continue;
        struct flight *flight = &n->queue[n->count++];
        flight->due_ms = n->now_ms + 1 + random_below(&n->random, n->delay_ms);
        flight->to_server = to_server;
        flight->size = datagram.size;
        memcpy(flight->bytes, datagram.bytes, datagram.size);
    }
}

/* The earliest, or NULL. It stays in the queue until drop. */
static struct flight *earliest(struct network *n)
{
    struct flight *first = NULL;

    for (size_t i = 0; i < n->count; i++)
        if (first == NULL || n->queue[i].due_ms < first->due_ms)
            first = &n->queue[i];
    return first;
}

static struct flight take(struct network *n, struct flight *flight)
{
    struct flight taken = *flight;

    *flight = n->queue[--n->count];
    return taken;
}

static void to_client(void *context, struct span datagram)
{
    put(context, false, datagram);
}

struct play {
    struct driver d;
    struct fetcher f;
    struct storer s;
    bool is_upload;
    uint64_t client_due_ms;
    uint8_t file[2048];
    size_t size;
};

static void client_speaks(struct play *p)
{
    uint8_t datagram[DATAGRAM_MAX] = {0, 4};
    uint16_t block;
    size_t size;

    if (p->is_upload)
        while ((size = storer_next(&p->s, datagram)) > 0)
            put(&network, true, span_of(datagram, size));
    else
        while (fetcher_next_reply(&p->f, &block)) {
            write_u16(datagram + 2, block);
            put(&network, true, span_of(datagram, 4));
        }
    p->client_due_ms = network.now_ms + CLIENT_TIMEOUT_MS;
}

static void client_hears(struct play *p, struct span datagram)
{
    if (p->is_upload)
        storer_take(&p->s, datagram);
    else
        fetcher_take(&p->f, datagram);
    client_speaks(p);
}

/* Before it has heard anything it repeats its request, which only the machine's owner would see. */
static void client_waits_no_longer(struct play *p)
{
    bool has_heard = p->is_upload ? p->s.has_begun : p->f.has_begun;

    p->client_due_ms = network.now_ms + CLIENT_TIMEOUT_MS;
    if (!has_heard) {
        if (p->d.transfer.standing == STANDING_STRANGER)
            driver_repeat(&p->d);
        return;
    }
    if (p->is_upload)
        storer_timeout(&p->s);
    else if (!p->f.is_done)
        fetcher_timeout(&p->f);
    client_speaks(p);
}

static bool step(struct play *p)
{
    struct flight *flight = earliest(&network);
    uint64_t server_due_ms = p->d.action.wait.until_ms;
    uint64_t next_ms = server_due_ms < p->client_due_ms ? server_due_ms : p->client_due_ms;

    if (flight != NULL && flight->due_ms <= next_ms) {
        struct flight taken = take(&network, flight);
        p->d.now_ms = network.now_ms = taken.due_ms > network.now_ms ? taken.due_ms : network.now_ms;
        if (taken.to_server)
            driver_datagram(&p->d, span_of(taken.bytes, taken.size));
        else
            client_hears(p, span_of(taken.bytes, taken.size));
    } else {
        p->d.now_ms = network.now_ms = next_ms > network.now_ms ? next_ms : network.now_ms;
        if (server_due_ms <= p->client_due_ms)
            driver_timer(&p->d);
        else
            client_waits_no_longer(p);
    }
    return !p->d.is_finished;
}

static void set_scene(struct play *p, uint64_t seed)
{
    static const uint32_t blksizes[] = {8, 8, 16, 64};
    static const uint32_t windows[] = {1, 1, 2, 4, 16};
    char options[96];

    memset(&network, 0, offsetof(struct network, queue));
    network.count = 0;
    network.carried = 0;
    network.random = seed * 2654435761u + 1;
    uint64_t *random = &network.random;
    network.loss = random_below(random, 4) == 0 ? 0 : random_below(random, 250);
    network.doubling = random_below(random, 2) ? random_below(random, 200) : 0;
    network.delay_ms = 1 + random_below(random, random_below(random, 2) ? 3 : 400);
    network.now_ms = DRIVER_START_MS;
    p->is_upload = random_below(random, 2);
    bool is_netascii = random_below(random, 4) == 0;
    uint32_t blksize = blksizes[random_below(random, COUNT_OF(blksizes))];
    uint32_t window = windows[random_below(random, COUNT_OF(windows))];
    p->size = random_below(random, 30 * blksize);
    if (random_below(random, 3) == 0)
        p->size -= p->size % blksize;
    for (size_t i = 0; i < p->size; i++)
        p->file[i] = (uint8_t)("\r\n\0"
                               "abcdefghijk"[random_below(random, 14)]);
    snprintf(options, sizeof options, "blksize %u windowsize %u rollover %u", (unsigned)blksize, (unsigned)window,
             (unsigned)random_below(random, 2));
    driver_init(&p->d, (p->is_upload ? UPLOAD : 0u) | (is_netascii ? NETASCII : 0u), options, p->file,
                p->is_upload ? 0 : p->size);
    p->d.setup.silence_s = p->d.setup.unproven_s = 3600;
    p->d.setup.first_sends_max = 30;
    p->d.deliver = to_client;
    p->d.context = &network;
    p->client_due_ms = network.now_ms + CLIENT_TIMEOUT_MS;
    fetcher_init(&p->f, blksize, window, p->d.setup.agreement.rollover);
    p->f.acks_every_stray = random_below(random, 2);
    storer_init(&p->s, p->file, p->size, blksize, window, p->d.setup.agreement.rollover);
    driver_begin(&p->d);
}

/* The whole text at once; the machine had it in pieces, over losses. */
static size_t translated(const struct play *p, uint8_t *text)
{
    struct netascii state = {.has_seen_cr = false};

    if (!p->d.setup.is_netascii) {
        memcpy(text, p->file, p->size);
        return p->size;
    }
    size_t size = p->is_upload ? netascii_decode(&state, span_of(p->file, p->size), text)
                               : netascii_encode(&state, span_of(p->file, p->size), text, 8192).written;
    return size +
           (p->is_upload ? netascii_decode_end(&state, text + size) : netascii_encode_end(&state, text + size, 8192));
}

static void check_bytes(const struct play *p, unsigned seed)
{
    static uint8_t text[16384];
    size_t expected = translated(p, text);
    const uint8_t *bytes = p->is_upload ? p->d.stored : p->f.bytes;
    size_t size = p->is_upload ? p->d.stored_size : p->f.size;

    CHECK(p->d.action.finish.outcome == OUTCOME_DONE, "seed %u: %s", seed, p->d.log);
    CHECK(p->is_upload ? p->d.commits == 1 : p->f.is_done, "seed %u", seed);
    CHECK(size == expected && (size == 0 || memcmp(bytes, text, size) == 0), "seed %u: %u bytes instead of %u", seed,
          (unsigned)size, (unsigned)expected);
    assert_true(p->d.action.finish.bytes == (p->is_upload ? p->size : expected));
}

static void test_random_networks(void **state)
{
    static struct play p;
    uint64_t blocks = 0, resent = 0;

    (void)state;
    for (unsigned seed = 1; seed <= 4000; seed++) {
        unsigned steps = 0;
        set_scene(&p, seed);
        while (step(&p))
            CHECK(++steps < STEPS_MAX, "seed %u does not end", seed);
        check_bytes(&p, seed);
        blocks += p.d.action.finish.blocks_sent;
        resent += p.d.action.finish.blocks_resent;
        if (network.loss == 0 && network.doubling == 0 && network.delay_ms < 3 && !p.is_upload)
            CHECK(p.d.setup.agreement.windowsize > 1 || p.d.action.finish.blocks_resent == 0, "seed %u", seed);
        fetcher_free(&p.f);
        driver_free(&p.d);
    }
    /* How much of what was sent had been sent before, on these harsh networks: a guard against a storm. */
    print_message("%u blocks sent, %u of them again\n", (unsigned)blocks, (unsigned)resent);
    assert_true(resent * 100 < blocks * 60);
}

/* The same seed tells the same story. */
static void test_a_seed_is_a_story(void **state)
{
    static struct play p;
    uint64_t ends[2], carried[2];

    (void)state;
    for (unsigned seed = 1; seed <= 20; seed++) {
        for (int time = 0; time < 2; time++) {
            set_scene(&p, seed);
            while (step(&p))
                continue;
            ends[time] = network.now_ms;
            carried[time] = network.carried;
            fetcher_free(&p.f);
            driver_free(&p.d);
        }
        assert_true(ends[0] == ends[1] && carried[0] == carried[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_networks),
        cmocka_unit_test(test_a_seed_is_a_story),
    };

    return cmocka_run_group_tests_name("transfer, random", tests, NULL, NULL);
}
