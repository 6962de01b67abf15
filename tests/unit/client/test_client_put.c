/* Storing: what is sent when, what is sent again, and how it may fail. */
#include "unit.h"

#include "asker.h"
#include "client.h"
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>

static void begin(struct asker *a, unsigned kind, uint32_t blksize, uint32_t windowsize, size_t size, const char *oack)
{
    asker_init(a, PUT | kind, driver_content(size), size);
    a->setup.blksize = blksize;
    a->setup.windowsize = windowsize;
    asker_begin(a);
    if (oack != NULL)
        asker_oack(a, oack);
}

static void test_lock_step(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, 0, 1428, 16, 1100, NULL);
    asker_ack(&a, 0);
    EXPECT(&a, "DATA 1");
    assert_int_equal(a.sent_size, 516);
    assert_memory_equal(a.sent + 4, driver_content(512), 512);
    assert_true(endpoint_equal(&a.sent_to, &asker_server));
    /* A second ACK never makes anything be sent (Sorcerer's Apprentice), nor one of what was not sent. */
    asker_ack(&a, 0);
    EXPECT(&a, "");
    asker_ack(&a, 2);
    EXPECT(&a, "");
    asker_ack(&a, 1);
    EXPECT(&a, "DATA 2");
    asker_ack(&a, 1);
    EXPECT(&a, "");
    asker_ack(&a, 2);
    EXPECT(&a, "DATA 3");
    assert_int_equal(a.sent_size, 4 + 1100 - 1024);
    assert_int_equal(exchange_bytes(&a.exchange), 1024);
    asker_ack(&a, 3);
    EXPECT(&a, "FINISH 0");
    const struct exchange_report *r = &a.action.finish;
    assert_true(r->bytes == 1100 && r->blocks == 3 && r->resent == 0 && r->doubled == 3 && r->blksize == 512 &&
                r->windowsize == 1);
    asker_free(&a);
}

static void test_oack_begins(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, 0, 8, 4, 100, "blksize 8 windowsize 4");
    EXPECT(&a, "DATA 1-4");
    asker_oack(&a, "blksize 8 windowsize 4");
    EXPECT(&a, "");
    asker_free(&a);
}

static void receive(void *fetcher, struct span datagram)
{
    if (read_u16(datagram.bytes) == OPCODE_DATA)
        fetcher_take(fetcher, datagram);
}

/* Against an independent receiver: sizes, blocks and windows. */
static void store(unsigned kind, const void *file, size_t size, uint32_t blksize, uint32_t window, size_t read_max,
                  bool is_pipe, const void *wire, size_t wire_size)
{
    static struct asker a;
    struct fetcher fetcher;
    char oack[64];
    uint16_t block;

    asker_init(&a, PUT | kind, file, size);
    a.setup.blksize = blksize;
    a.setup.windowsize = window;
    a.setup.has_size = !is_pipe;
    a.read_max = read_max;
    asker_begin(&a);
    snprintf(oack, sizeof oack, "blksize %u windowsize %u", blksize, window);
    fetcher_init(&fetcher, blksize, window, 0);
    a.deliver = receive;
    a.context = &fetcher;
    asker_oack(&a, blksize == 512 && window == 1 ? "" : blksize == 512 ? oack + 12 : window == 1 ? "blksize 8" : oack);
    while (!a.is_finished && fetcher_next_reply(&fetcher, &block))
        asker_ack(&a, block);
    CHECK(strcmp(a.log, "FINISH 0") == 0, "size %u blksize %u window %u: %s", (unsigned)size, blksize, window, a.log);
    CHECK(fetcher.size == wire_size && (wire_size == 0 || memcmp(fetcher.bytes, wire, wire_size) == 0),
          "size %u blksize %u window %u: %u bytes", (unsigned)size, blksize, window, (unsigned)fetcher.size);
    assert_true(a.action.finish.bytes == size && a.action.finish.resent == 0);
    fetcher_free(&fetcher);
    asker_free(&a);
}

static void test_sizes(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 8, 9, 511, 512, 513, 1024, 5000, 65536};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        for (size_t read_max = 0; read_max < 6; read_max += 5)
            for (int is_pipe = 0; is_pipe < 2; is_pipe++) {
                const uint8_t *file = driver_content(sizes[i]);
                store(0, file, sizes[i], 512, 1, read_max, is_pipe, file, sizes[i]);
                store(0, file, sizes[i], 8, 1, read_max, is_pipe, file, sizes[i]);
                store(0, file, sizes[i], 8, 7, read_max, is_pipe, file, sizes[i]);
                store(0, file, sizes[i], 512, 16, read_max, is_pipe, file, sizes[i]);
                store(0, file, sizes[i], 1428, 16, read_max, is_pipe, file, sizes[i]);
                store(0, file, sizes[i], 65464, 2, read_max, is_pipe, file, sizes[i]);
            }
}

static void test_past_65535_blocks(void **state)
{
    (void)state;
    for (size_t blocks = 65534; blocks <= 65538; blocks++) {
        store(0, driver_content(8 * blocks), 8 * blocks, 8, 1, 0, false, driver_content(8 * blocks), 8 * blocks);
        store(0, driver_content(8 * blocks), 8 * blocks, 8, 16, 0, true, driver_content(8 * blocks), 8 * blocks);
    }
    store(0, driver_content(8 * 131080), 8 * 131080, 8, 64, 0, false, driver_content(8 * 131080), 8 * 131080);
}

static void test_netascii(void **state)
{
    static const struct {
        const char *file;
        size_t size;
        const char *wire;
        size_t wire_size;
    } rows[] = {
        {"a\r\nb", 4, "a\r\nb", 4},
        {"a\nb", 3, "a\r\nb", 4},
        {"a\rb", 3, "a\r\0b", 4},
        {"\r", 1, "\r\0", 2},
        {"\n\n\n\n", 4, "\r\n\r\n\r\n\r\n", 8},
        {"1234567\n", 8, "1234567\r\n", 9},
        {"1234567\r", 8, "1234567\r\0", 9},
        {"1234567\rx", 9, "1234567\r\0x", 10},
        {"123456\r", 7, "123456\r\0", 8},
        {"", 0, "", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t read_max = 0; read_max < 4; read_max++)
            for (int is_pipe = 0; is_pipe < 2; is_pipe++)
                for (uint32_t window = 1; window <= 4; window++)
                    store(TEXT, rows[i].file, rows[i].size, 8, window, read_max, is_pipe, rows[i].wire,
                          rows[i].wire_size);
}

/* An ACK inside the window leads back behind it, once for each value; others are ignored. */
static void test_windows(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, 0, 8, 4, 800, "blksize 8 windowsize 4");
    EXPECT(&a, "DATA 1-4");
    asker_ack(&a, 4);
    EXPECT(&a, "DATA 5-8");
    asker_ack(&a, 4);
    EXPECT(&a, "DATA 5-8");
    asker_ack(&a, 4);
    EXPECT(&a, "");
    asker_ack(&a, 6);
    EXPECT(&a, "DATA 7-10");
    asker_ack(&a, 6);
    EXPECT(&a, "");
    asker_ack(&a, 4);
    EXPECT(&a, "");
    asker_ack(&a, 11);
    EXPECT(&a, "");
    asker_ack(&a, 10);
    EXPECT(&a, "DATA 11-14");
    assert_int_equal(a.exchange.report.resent, 6);
    asker_free(&a);
}

/* A server that answers each block, those it has already too: its answers lead back a few times, and not for ever. */
static void test_sorcerers_apprentice_in_windows(void **state)
{
    static struct asker a;
    static const struct {
        uint16_t ack;
        const char *sent;
    } rows[] = {{4, "DATA 5-8"},  {5, "DATA 6-9"},    {6, "DATA 7-10"},  {7, "DATA 8-11"},
                {8, "DATA 9-12"}, {9, "DATA 10-13"},  {10, "DATA 14"},   {10, ""},
                {11, "DATA 15"},  {15, "DATA 16-19"}, {16, "DATA 17-20"}};

    (void)state;
    begin(&a, 0, 8, 4, 800, "blksize 8 windowsize 4");
    EXPECT(&a, "DATA 1-4");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        asker_ack(&a, rows[i].ack);
        CHECK(strcmp(a.log, rows[i].sent) == 0, "ACK %u: %s", rows[i].ack, a.log);
        a.log[0] = 0;
    }
    asker_free(&a);
}

/* Silence repeats the window once, then a block; the wait doubles up to 4 s, and patience is 19 s. */
static void test_silence(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, 0, 8, 4, 800, "blksize 8 windowsize 4");
    asker_pass(&a, 20);
    asker_ack(&a, 4);
    EXPECT(&a, "DATA 5-8");
    uint64_t since_ms = a.now_ms;
    assert_int_equal(asker_wait_ms(&a), ROUND_TRIP_WAIT_MS_MIN);
    asker_timeout(&a);
    EXPECT(&a, "DATA 5-8");
    assert_int_equal(asker_wait_ms(&a), 2 * ROUND_TRIP_WAIT_MS_MIN);
    asker_timeout(&a);
    EXPECT(&a, "DATA 5");
    while (!a.is_finished) {
        assert_true(asker_wait_ms(&a) <= EXCHANGE_WAIT_MS_MAX);
        asker_timeout(&a);
    }
    EXPECT(&a, "ERROR 0 FINISH 13");
    assert_int_equal(a.now_ms - since_ms, 19000);
    assert_int_equal(a.action.finish.bytes, 32);
    asker_free(&a);
}

/* Everything was sent and the last ACK never came: the server may have it, and nobody knows. */
static void test_unconfirmed(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, 0, 512, 1, 100, NULL);
    asker_ack(&a, 0);
    EXPECT(&a, "DATA 1");
    while (!a.is_finished)
        asker_timeout(&a);
    EXPECT(&a, "ERROR 0 FINISH 19");
    asker_free(&a);
}

/* What was sent twice is not measured (Karn); the wait comes down when something new is. */
static void test_round_trips(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, 0, 512, 1, 5000, NULL);
    asker_ack(&a, 0);
    asker_pass(&a, 600);
    asker_ack(&a, 1);
    assert_int_equal(asker_wait_ms(&a), a.exchange.trip.smooth_ms + 4 * a.exchange.trip.variation_ms);
    struct round_trip before = a.exchange.trip;
    asker_timeout(&a);
    EXPECT(&a, "DATA 2");
    asker_pass(&a, 10);
    asker_ack(&a, 2);
    EXPECT(&a, "DATA 3");
    assert_memory_equal(&before, &a.exchange.trip, sizeof before);
    assert_int_equal(asker_wait_ms(&a), 1000);
    asker_pass(&a, 20);
    asker_ack(&a, 3);
    assert_true(a.exchange.trip.smooth_ms != before.smooth_ms);
    assert_int_equal(asker_wait_ms(&a), round_trip_wait_ms(&a.exchange.trip, 0));
    asker_free(&a);
}

static void test_a_file_that_shrinks(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, 0, 512, 1, 600, NULL);
    a.file_size = 550;
    asker_ack(&a, 0);
    asker_ack(&a, 1);
    EXPECT(&a, "ERROR 0 FINISH 3");
    asker_free(&a);
    /* What is written behind the announced size meanwhile is not sent. */
    begin(&a, 0, 512, 1, 600, NULL);
    a.file_size = 5000;
    asker_ack(&a, 0);
    asker_ack(&a, 1);
    EXPECT(&a, "DATA 2");
    assert_int_equal(a.sent_size, 4 + 88);
    asker_ack(&a, 2);
    EXPECT(&a, "FINISH 0");
    asker_free(&a);
    begin(&a, 0, 512, 1, 600, NULL);
    a.read_cause = CAUSE_LOCAL_FILE;
    asker_ack(&a, 0);
    EXPECT(&a, "ERROR 0 FINISH 3");
    asker_free(&a);
}

static void test_error_in_the_middle(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, 0, 512, 1, 600, NULL);
    asker_ack(&a, 0);
    asker_error(&a, 3, "Disk full");
    EXPECT(&a, "FINISH 23");
    asker_free(&a);
}

static void test_shorter_blocks(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, 0, 1468, 2, 3000, "blksize 1468 windowsize 2");
    EXPECT(&a, "DATA 1-2");
    asker_timeout(&a);
    EXPECT(&a, "DATA 1-2");
    asker_timeout(&a);
    EXPECT(&a, "ERROR 0 PORT 0 WRQ f octet blksize=1428 windowsize=2");
    asker_oack(&a, "blksize 1428 windowsize 2");
    EXPECT(&a, "DATA 1-2");
    assert_memory_equal(a.sent + 4, driver_content(3000) + 1428, 1428);
    asker_ack(&a, 2);
    EXPECT(&a, "DATA 3");
    asker_ack(&a, 3);
    EXPECT(&a, "FINISH 0");
    assert_int_equal(a.action.finish.fallbacks, FALLBACK_BLOCKS);
    asker_free(&a);
}

/* The smallest window has gaps, too. */
static void test_a_gap_in_two(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, 0, 512, 2, 2000, "windowsize 2");
    EXPECT(&a, "DATA 1-2");
    asker_ack(&a, 0);
    EXPECT(&a, "DATA 1-2");
    asker_free(&a);
}

/* All is sent, and may be stored: the ACK was lost, or the server could not keep the end. */
static void test_an_end_that_may_be_stored(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, 0, 512, 8, 2000, "windowsize 8");
    EXPECT(&a, "DATA 1-4");
    asker_ack(&a, 1);
    asker_ack(&a, 2);
    asker_ack(&a, 3);
    EXPECT(&a, "DATA 4");                      /* torn three times, and not begun anew */
    asker_error(&a, 6, "File already exists"); /* a request that came twice */
    EXPECT(&a, "FINISH 19");
    asker_free(&a);
    begin(&a, 0, 512, 8, 2000, "windowsize 8");
    asker_timeout(&a);
    asker_timeout(&a);
    asker_timeout(&a);
    EXPECT(&a, "ERROR 0 PORT 0 WRQ f octet windowsize=4");
    asker_error(&a, 6, "File already exists");
    EXPECT(&a, "FINISH 19");
    asker_free(&a);
    /* Before the end is sent it is somebody else's. */
    begin(&a, 0, 512, 2, 2000, "windowsize 2");
    asker_error(&a, 6, "File already exists");
    EXPECT(&a, "FINISH 26");
    asker_free(&a);
}

static void test_smaller_window(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, 0, 8, 16, 2000, "blksize 8 windowsize 16");
    asker_ack(&a, 3);
    EXPECT(&a, "DATA 4-19");
    asker_ack(&a, 7);
    EXPECT(&a, "DATA 8-23");
    asker_ack(&a, 9);
    EXPECT(&a, "ERROR 0 PORT 0 WRQ f octet blksize=8 windowsize=4");
    asker_oack(&a, "blksize 8 windowsize 4");
    EXPECT(&a, "DATA 1-4");
    asker_ack(&a, 0);
    EXPECT(&a, "DATA 1-4");
    asker_ack(&a, 1);
    EXPECT(&a, "DATA 2-5");
    asker_timeout(&a);
    EXPECT(&a, "ERROR 0 PORT 0 WRQ f octet blksize=8");
    asker_oack(&a, "blksize 8");
    EXPECT(&a, "DATA 1");
    for (uint16_t block = 1; block <= 250; block++)
        asker_ack(&a, block);
    asker_ack(&a, 251);
    EXPECT(&a, "FINISH 0");
    assert_int_equal(a.action.finish.fallbacks, FALLBACK_WINDOW);
    assert_int_equal(a.action.finish.windowsize, 1);
    asker_free(&a);
    /* After one whole window never. */
    begin(&a, 0, 8, 4, 2000, "blksize 8 windowsize 4");
    asker_ack(&a, 4);
    for (uint16_t block = 5; block < 30; block++) {
        asker_ack(&a, block);
        CHECK(strncmp(a.log, "DATA", 4) == 0, "%s", a.log);
    }
    asker_free(&a);
    /* Nor where a pipe cannot be read again. */
    asker_init(&a, PUT, driver_content(2000), 2000);
    a.setup.blksize = 8;
    a.setup.windowsize = 16;
    a.setup.has_size = false;
    a.setup.again_bytes_max = 100;
    asker_begin(&a);
    asker_oack(&a, "blksize 8 windowsize 16");
    asker_ack(&a, 3);
    asker_ack(&a, 7);
    asker_ack(&a, 9);
    EXPECT(&a, "DATA 10-25");
    asker_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lock_step),
        cmocka_unit_test(test_oack_begins),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_past_65535_blocks),
        cmocka_unit_test(test_netascii),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_sorcerers_apprentice_in_windows),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_unconfirmed),
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_a_file_that_shrinks),
        cmocka_unit_test(test_error_in_the_middle),
        cmocka_unit_test(test_shorter_blocks),
        cmocka_unit_test(test_a_gap_in_two),
        cmocka_unit_test(test_an_end_that_may_be_stored),
        cmocka_unit_test(test_smaller_window),
    };

    return cmocka_run_group_tests_name("client_put", tests, NULL, NULL);
}
