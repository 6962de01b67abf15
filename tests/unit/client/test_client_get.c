/* Fetching: what is acknowledged when, what reaches the file, and how it may fail. */
#include "unit.h"

#include "asker.h"
#include "driver.h"

#include <stdio.h>

/* Begun, and answered with these options ("" for a bare DATA answer by the test itself). */
static void begin(struct asker *a, unsigned kind, uint32_t blksize, uint32_t windowsize, const char *oack)
{
    asker_init(a, kind, NULL, 0);
    a->setup.blksize = blksize;
    a->setup.windowsize = windowsize;
    a->setup.wants_tsize = true;
    asker_begin(a);
    if (oack[0] != 0)
        asker_oack(a, oack);
}

/* Blocks from first to last, all whole. */
static void send_blocks(struct asker *a, uint64_t first, uint64_t last, uint32_t blksize)
{

    for (uint64_t block = first; block <= last; block++)
        asker_data(a, (uint16_t)block, driver_content(block * blksize) + (block - 1) * blksize, blksize);
}

static void test_lock_step(void **state)
{
    static struct asker a;
    const uint8_t *file = driver_content(2000);

    (void)state;
    begin(&a, GET, 1428, 1, "");
    asker_data(&a, 1, file, 512);
    EXPECT(&a, "OPEN 0 WRITE 0+512 ACK 1");
    assert_true(endpoint_equal(&a.sent_to, &asker_server));
    asker_data(&a, 2, file + 512, 512);
    EXPECT(&a, "WRITE 512+512 ACK 2");
    asker_data(&a, 3, file + 1024, 100);
    EXPECT(&a, "WRITE 1024+100 COMMIT 1124 ACK 3");
    assert_memory_equal(a.stored, file, 1124);
    /* Dallying: one timeout, and the last ACK again as often as it is asked for. */
    uint64_t ends_ms = a.now_ms + asker_wait_ms(&a);
    asker_data(&a, 3, file + 1024, 100);
    EXPECT(&a, "ACK 3");
    asker_data(&a, 3, file + 1024, 100);
    EXPECT(&a, "ACK 3");
    asker_data(&a, 2, file + 512, 512);
    EXPECT(&a, "");
    asker_data(&a, 4, file, 12);
    EXPECT(&a, "");
    assert_int_equal(a.now_ms + asker_wait_ms(&a), ends_ms);
    asker_timeout(&a);
    EXPECT(&a, "FINISH 0");
    const struct exchange_report *r = &a.action.finish;
    assert_true(r->bytes == 1124 && r->blocks == 3 && !r->has_oack && r->blksize == 512 && r->windowsize == 1);
    assert_true(r->resent == 2 && r->fallbacks == 0 && r->has_round_trip);
    asker_free(&a);
}

/* An ERROR behind the last block changes nothing: the file is here. */
static void test_error_while_dallying(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET, 512, 1, "tsize 5");
    asker_data(&a, 1, "hello", 5);
    EXPECT(&a, "WRITE 0+5 COMMIT 5 ACK 1");
    asker_error(&a, 0, "late");
    EXPECT(&a, "FINISH 0");
    asker_free(&a);
}

static void test_sizes(void **state)
{
    static struct asker a;
    static const uint32_t sizes[] = {0, 1, 511, 512, 513, 1024, 5120, 65464, 130928, 200000};
    static const uint32_t blksizes[] = {512, 8, 1428, 65464};
    static const uint32_t windows[] = {1, 2, 16, 64};
    char oack[64];

    (void)state;
    for (size_t s = 0; s < COUNT_OF(sizes); s++)
        for (size_t b = 0; b < COUNT_OF(blksizes); b++)
            for (size_t w = 0; w < COUNT_OF(windows); w++) {
                uint32_t size = sizes[s], blksize = blksizes[b], block = 0, acks;
                if (blksize == 8 && size > 70000)
                    continue;
                snprintf(oack, sizeof oack, "tsize %u blksize %u windowsize %u", size, blksize, windows[w]);
                begin(&a, GET, 65464, 64, oack);
                for (uint32_t at = 0; at <= size; at += blksize) {
                    uint32_t left = size - at < blksize ? size - at : blksize;
                    asker_data(&a, (uint16_t)++block, driver_content(size) + at, left);
                }
                acks = (block + windows[w] - 1) / windows[w] + 1;
                CHECK(a.stored_size == size && memcmp(a.stored, driver_content(size), size) == 0, "size %u", size);
                CHECK(a.sends == acks + 1, "size %u blksize %u window %u: %u", size, blksize, windows[w], a.sends);
                asker_timeout(&a);
                EXPECT(&a, "FINISH 0");
                assert_true(a.action.finish.bytes == size && a.action.finish.tsize == size);
                asker_free(&a);
            }
}

/* Doubled, old and skipped blocks without windows: nothing is stored twice, and nothing answered that would make more. */
static void test_strays_without_windows(void **state)
{
    static struct asker a;
    const uint8_t *file = driver_content(24);

    (void)state;
    begin(&a, GET, 8, 1, "blksize 8");
    asker_data(&a, 1, file, 8);
    EXPECT(&a, "WRITE 0+8 ACK 1");
    asker_data(&a, 1, file, 8);
    EXPECT(&a, "");
    asker_pass(&a, EXCHANGE_ECHO_MS);
    asker_data(&a, 1, file, 8);
    EXPECT(&a, "ACK 1");
    asker_data(&a, 3, file, 8);
    EXPECT(&a, "");
    asker_data(&a, 0, file, 8);
    EXPECT(&a, "");
    asker_data(&a, 2, file + 8, 8);
    EXPECT(&a, "WRITE 8+8 ACK 2");
    asker_pass(&a, EXCHANGE_ECHO_MS);
    asker_data(&a, 1, file, 8);
    EXPECT(&a, "");
    asker_free(&a);
}

static void test_oack_again(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET, 8, 1, "blksize 8");
    EXPECT(&a, "OPEN 0 ACK 0");
    asker_oack(&a, "blksize 8");
    EXPECT(&a, "");
    asker_pass(&a, EXCHANGE_ECHO_MS);
    asker_oack(&a, "blksize 8");
    EXPECT(&a, "ACK 0");
    asker_data(&a, 1, "12345678", 8);
    EXPECT(&a, "WRITE 0+8 ACK 1");
    asker_pass(&a, EXCHANGE_ECHO_MS);
    asker_oack(&a, "blksize 8");
    EXPECT(&a, "");
    asker_free(&a);
}

/* A gap is answered once, with the last block in order; and a window's end, and the end of the file. */
static void test_windows(void **state)
{
    static struct asker a;
    const uint8_t *file = driver_content(200);

    (void)state;
    begin(&a, GET, 8, 4, "blksize 8 windowsize 4");
    send_blocks(&a, 1, 3, 8);
    EXPECT(&a, "WRITE 16+8");
    send_blocks(&a, 4, 4, 8);
    EXPECT(&a, "WRITE 24+8 ACK 4");
    send_blocks(&a, 6, 6, 8);
    EXPECT(&a, "ACK 4");
    send_blocks(&a, 7, 8, 8);
    EXPECT(&a, "");
    send_blocks(&a, 5, 5, 8);
    EXPECT(&a, "WRITE 32+8");
    send_blocks(&a, 7, 7, 8);
    EXPECT(&a, "ACK 5");
    send_blocks(&a, 6, 9, 8);
    EXPECT(&a, "WRITE 64+8 ACK 9");
    /* The server has not seen the ACK and sends its window again: answered once, at its end. */
    asker_pass(&a, 300);
    send_blocks(&a, 6, 8, 8);
    EXPECT(&a, "");
    send_blocks(&a, 9, 9, 8);
    EXPECT(&a, "ACK 9");
    asker_data(&a, 10, file + 72, 3);
    EXPECT(&a, "WRITE 72+3 COMMIT 75 ACK 10");
    assert_memory_equal(a.stored, file, 75);
    assert_int_equal(a.exchange.report.lost, 2);
    asker_free(&a);
}

static void test_timer(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET, 8, 4, "blksize 8 windowsize 4");
    assert_int_equal(asker_wait_ms(&a), 1000);
    send_blocks(&a, 1, 6, 8);
    assert_int_equal(asker_wait_ms(&a), ROUND_TRIP_WAIT_MS_MIN);
    asker_timeout(&a);
    EXPECT(&a, "ACK 6");
    assert_int_equal(asker_wait_ms(&a), 2 * ROUND_TRIP_WAIT_MS_MIN);
    /* What the ACK answered is not answered again. */
    send_blocks(&a, 8, 8, 8);
    EXPECT(&a, "");
    asker_timeout(&a);
    EXPECT(&a, "ACK 6");
    asker_timeout(&a);
    asker_timeout(&a);
    assert_int_equal(asker_wait_ms(&a), EXCHANGE_WAIT_MS_MAX);
    /* After repetitions the first wait holds until a round trip has been measured again. */
    send_blocks(&a, 7, 7, 8);
    EXPECT(&a, "WRITE 48+8");
    assert_int_equal(asker_wait_ms(&a), 1000);
    send_blocks(&a, 8, 10, 8);
    EXPECT(&a, "WRITE 72+8 ACK 10");
    assert_int_equal(asker_wait_ms(&a), 1000);
    send_blocks(&a, 11, 11, 8);
    assert_int_equal(asker_wait_ms(&a), ROUND_TRIP_WAIT_MS_MIN);
    asker_free(&a);
}

/* Round trips, and what a window takes, make the wait longer. */
static void test_adaptive_wait(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET, 8, 2, "");
    asker_pass(&a, 400);
    asker_oack(&a, "blksize 8 windowsize 2");
    assert_int_equal(asker_wait_ms(&a), 1000);
    asker_pass(&a, 400);
    send_blocks(&a, 1, 1, 8);
    assert_int_equal(asker_wait_ms(&a), 400 + 4 * 150);
    asker_pass(&a, 30);
    send_blocks(&a, 2, 2, 8);
    assert_int_equal(asker_wait_ms(&a), 400 + 4 * 150 + 30);
    /* A repeated ACK measures nothing, however late its answer is (Karn). */
    asker_timeout(&a);
    asker_pass(&a, 1500);
    send_blocks(&a, 3, 3, 8);
    assert_int_equal(a.exchange.trip.smooth_ms, 400);
    asker_free(&a);
}

/* Patience is the time that the repetitions of a request take, whatever the round trip; progress begins it anew. */
static void test_silence(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET, 512, 1, "tsize 5000");
    asker_data(&a, 1, driver_content(512), 512);
    asker_pass(&a, 200);
    asker_data(&a, 2, driver_content(512), 512);
    uint64_t since_ms = a.now_ms;
    while (!a.is_finished)
        asker_timeout(&a);
    EXPECT(&a, "ERROR 0 FINISH 13");
    assert_int_equal(a.now_ms - since_ms, 19000);
    asker_free(&a);
    /* Rubbish, copies and old blocks are no progress. */
    begin(&a, GET, 512, 1, "tsize 5000");
    asker_data(&a, 1, driver_content(512), 512);
    since_ms = a.now_ms;
    while (!a.is_finished && a.now_ms < since_ms + 60000) {
        asker_pass(&a, 100);
        asker_data(&a, 1, driver_content(512), 512);
        asker_datagram(&a, span_of("x", 1));
        if (a.now_ms >= a.action.wait.until_ms)
            asker_timer(&a);
    }
    EXPECT(&a, "ERROR 0 FINISH 13");
    assert_in_range(a.now_ms - since_ms, 19000, 19500);
    asker_free(&a);
}

static void test_too_long_a_block(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET, 8, 1, "blksize 8");
    asker_data(&a, 2, driver_content(9), 9);
    EXPECT(&a, "");
    asker_data(&a, 1, driver_content(9), 9);
    EXPECT(&a, "ERROR 4 FINISH 16");
    asker_free(&a);
    /* Without an OACK 512 is agreed, whatever was asked. */
    begin(&a, GET, 1428, 1, "");
    asker_data(&a, 1, driver_content(1428), 1428);
    EXPECT(&a, "OPEN 0 ERROR 4 FINISH 16");
    asker_free(&a);
}

/* Where the announced size and the file differ nothing is stored; 0 says nothing. */
static void test_announced_size(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET, 512, 1, "tsize 6");
    asker_data(&a, 1, "hello", 5);
    EXPECT(&a, "ERROR 0 FINISH 17");
    asker_free(&a);
    begin(&a, GET, 512, 1, "tsize 4");
    asker_data(&a, 1, "hello", 5);
    EXPECT(&a, "ERROR 0 FINISH 17");
    asker_free(&a);
    begin(&a, GET, 512, 1, "tsize 512");
    asker_data(&a, 1, driver_content(512), 512);
    EXPECT(&a, "WRITE 0+512 ACK 1");
    asker_data(&a, 2, driver_content(512), 1);
    EXPECT(&a, "ERROR 0 FINISH 17");
    asker_free(&a);
    begin(&a, GET, 512, 1, "tsize 0");
    asker_data(&a, 1, "hello", 5);
    EXPECT(&a, "WRITE 0+5 COMMIT 5 ACK 1");
    asker_free(&a);
}

static void test_max_size(void **state)
{
    static struct asker a;

    (void)state;
    asker_init(&a, GET, NULL, 0);
    a.setup.wants_tsize = true;
    a.setup.size_max = 600;
    asker_begin(&a);
    asker_oack(&a, "tsize 601");
    EXPECT(&a, "ERROR 3 FINISH 4");
    asker_free(&a);
    for (uint32_t last = 88; last <= 89; last++) {
        asker_init(&a, GET, NULL, 0);
        a.setup.size_max = 600;
        asker_begin(&a);
        asker_data(&a, 1, driver_content(512), 512);
        asker_data(&a, 2, driver_content(512), last);
        EXPECT(&a, last == 88 ? "WRITE 512+88 COMMIT 600 ACK 2" : "ERROR 3 FINISH 4");
        asker_free(&a);
    }
}

/* What the owner cannot do ends it; the server is told why, and the last block is not acknowledged. */
static void test_local_failures(void **state)
{
    static struct asker a;
    char log[32];
    static const struct {
        enum cause cause;
        unsigned code;
    } rows[] = {
        {CAUSE_LOCAL_FILE, 0}, {CAUSE_DISK_FULL, 3}, {CAUSE_EXISTS, 0}, {CAUSE_OTHER_HASH, 0}, {CAUSE_STDOUT, 0}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (int where = 0; where < 3; where++) {
            asker_init(&a, GET, NULL, 0);
            (where == 0 ? &a.open_cause : where == 1 ? &a.write_cause : &a.commit_cause)[0] = rows[i].cause;
            asker_begin(&a);
            asker_data(&a, 1, "hello", 5);
            snprintf(log, sizeof log, "ERROR %u FINISH %d", rows[i].code, cause_exit_code(rows[i].cause, 0));
            CHECK(strstr(a.log, log) != NULL && strstr(a.log, "ACK") == NULL, "%d: %s", where, a.log);
            asker_free(&a);
        }
}

static void test_error_in_the_middle(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET, 512, 1, "tsize 5000");
    asker_data(&a, 1, driver_content(512), 512);
    asker_error(&a, 0, "disk on fire");
    EXPECT(&a, "FINISH 20");
    assert_int_equal(a.action.finish.error_text.size, 12);
    asker_free(&a);
}

/* The OACK came, then no block: again with 1428, 1024, 512; behind that patience decides. */
static void test_blocks_that_never_arrive(void **state)
{
    static struct asker a;
    static const char *const requests[] = {"ERROR 0 PORT 0 RRQ f octet tsize=0 blksize=1428 windowsize=4",
                                           "ERROR 0 PORT 0 RRQ f octet tsize=0 blksize=1024 windowsize=4",
                                           "ERROR 0 PORT 0 RRQ f octet tsize=0 windowsize=4"};
    static const char *const oacks[] = {"tsize 600 blksize 1428 windowsize 4", "tsize 600 blksize 1024 windowsize 4",
                                        "tsize 600 windowsize 4"};

    (void)state;
    begin(&a, GET, 8192, 4, "tsize 600 blksize 8192 windowsize 4");
    EXPECT(&a, "OPEN 600 ACK 0");
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        asker_timeout(&a);
        EXPECT(&a, "ACK 0");
        asker_timeout(&a);
        EXPECT(&a, requests[i]);
        asker_oack(&a, oacks[i]);
        EXPECT(&a, "ACK 0");
    }
    asker_data(&a, 1, driver_content(512), 512);
    asker_data(&a, 2, driver_content(600) + 512, 88);
    EXPECT(&a, "WRITE 512+88 COMMIT 600 ACK 2");
    asker_timeout(&a);
    EXPECT(&a, "FINISH 0");
    assert_int_equal(a.action.finish.fallbacks, FALLBACK_BLOCKS);
    assert_int_equal(a.action.finish.blksize, 512);
    asker_free(&a);
    /* Not even these: it stopped in the middle, for the server is there. */
    begin(&a, GET, 1000, 1, "blksize 1000");
    asker_timeout(&a);
    asker_timeout(&a);
    EXPECT(&a, "ERROR 0 PORT 0 RRQ f octet tsize=0");
    while (!a.is_finished)
        asker_timeout(&a);
    EXPECT(&a, "FINISH 13");
    asker_free(&a);
}

/* Three windows without a whole one: again with 4, then 1; after one whole window never. */
static void test_windows_that_never_arrive_whole(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET, 8, 16, "blksize 8 windowsize 16");
    send_blocks(&a, 1, 2, 8);
    for (uint16_t i = 0; i < 2; i++) {
        send_blocks(&a, 5u + i, 5u + i, 8);
        CHECK(strncmp(a.log, "ACK", 3) == 0, "%s", a.log);
        send_blocks(&a, 3u + i, 3u + i, 8);
    }
    send_blocks(&a, 9, 9, 8);
    EXPECT(&a, "ERROR 0 PORT 0 RRQ f octet tsize=0 blksize=8 windowsize=4");
    asker_oack(&a, "blksize 8 windowsize 4");
    EXPECT(&a, "ACK 0");
    send_blocks(&a, 2, 2, 8);
    asker_timeout(&a);
    asker_timeout(&a);
    EXPECT(&a, "ERROR 0 PORT 0 RRQ f octet tsize=0 blksize=8");
    asker_oack(&a, "blksize 8");
    for (int i = 0; i < 4; i++)
        asker_timeout(&a);
    EXPECT(&a, "ACK 0");
    send_blocks(&a, 1, 3, 8);
    EXPECT(&a, "WRITE 16+8 ACK 3");
    assert_memory_equal(a.stored, driver_content(24), 24);
    assert_int_equal(a.exchange.report.fallbacks, FALLBACK_WINDOW);
    asker_free(&a);

    begin(&a, GET, 8, 4, "blksize 8 windowsize 4");
    send_blocks(&a, 1, 4, 8);
    for (uint16_t i = 0; i < 6; i++) {
        send_blocks(&a, 6u + i, 6u + i, 8);
        CHECK(strncmp(a.log, "ACK", 3) == 0, "%s", a.log);
        send_blocks(&a, 5u + i, 5u + i, 8);
    }
    for (int i = 0; i < 4; i++)
        asker_timeout(&a);
    EXPECT(&a, "ACK 10");
    asker_free(&a);
}

/* What cannot be written again (a pipe) is never begun anew. */
static void test_no_second_attempt_into_a_pipe(void **state)
{
    static struct asker a;

    (void)state;
    asker_init(&a, GET, NULL, 0);
    a.setup.blksize = 8;
    a.setup.windowsize = 16;
    a.setup.again_bytes_max = 15;
    asker_begin(&a);
    asker_oack(&a, "blksize 8 windowsize 16");
    send_blocks(&a, 1, 2, 8);
    for (int i = 0; i < 4; i++)
        asker_timeout(&a);
    EXPECT(&a, "ACK 2");
    asker_free(&a);
}

static void test_netascii(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET | TEXT, 8, 1, "blksize 8");
    asker_data(&a, 1, "a\r\nb\r\0c\r", 8);
    EXPECT(&a, "WRITE 0+6 ACK 1");
    asker_data(&a, 2, "\nd\ne\rf\r\0", 8);
    EXPECT(&a, "WRITE 6+8 ACK 2");
    asker_data(&a, 3, "\r", 1);
    EXPECT(&a, "WRITE 14+1 COMMIT 15 ACK 3");
    assert_memory_equal(a.stored, "a\r\nb\rc\r\nd\ne\rf\r\r", 15);
    asker_free(&a);
    /* A block may become nothing at all. */
    begin(&a, GET | TEXT, 8, 2, "blksize 8");
    asker_data(&a, 1, "1234567\r", 8);
    asker_data(&a, 2, "\0", 1);
    EXPECT(&a, "WRITE 7+1 COMMIT 8 ACK 2");
    asker_free(&a);
    begin(&a, GET | TEXT, 8, 2, "blksize 8");
    asker_data(&a, 1, "", 0);
    EXPECT(&a, "COMMIT 0 ACK 1");
    asker_free(&a);
}

/* 0 follows 65535; a server that goes on with 1 is followed, once it is seen. */
static void fetch_long(uint32_t window, unsigned rollover, uint32_t blocks)
{
    static struct asker a;
    uint16_t wire = 0;
    char oack[64];

    snprintf(oack, sizeof oack, "blksize 8 windowsize %u", window);
    begin(&a, GET, 8, window, window > 1 ? oack : "blksize 8");
    for (uint32_t block = 1; block <= blocks; block++) {
        wire = wire == 65535 ? (uint16_t)rollover : (uint16_t)(wire + 1);
        asker_data(&a, wire, driver_content(8 * blocks) + 8u * (block - 1), block < blocks ? 8 : 3);
        CHECK(!a.is_finished, "window %u rollover %u block %u: %s", window, rollover, block, a.log);
    }
    CHECK(strstr(a.log, "COMMIT") != NULL, "window %u rollover %u: %s", window, rollover, a.log);
    assert_int_equal(a.stored_size, 8 * (blocks - 1) + 3);
    assert_memory_equal(a.stored, driver_content(a.stored_size), a.stored_size);
    asker_free(&a);
}

static void test_past_65535_blocks(void **state)
{
    (void)state;
    for (uint32_t blocks = 65534; blocks <= 65538; blocks++) {
        fetch_long(1, 0, blocks);
        fetch_long(1, 1, blocks);
        fetch_long(15, 0, blocks);
    }
    fetch_long(16, 0, 131074);
    fetch_long(1, 1, 131074);
}

/* In windows the first block behind 65535 may just be lost: what ends the window tells. */
static void test_rollover_to_1_in_windows(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET, 8, 4, "blksize 8 windowsize 4");
    send_blocks(&a, 1, 65535, 8);
    EXPECT(&a, "WRITE 524272+8");
    asker_data(&a, 1, driver_content(8), 8);
    EXPECT(&a, "ACK 65535");
    for (uint16_t wire = 1; wire <= 3; wire++) {
        asker_data(&a, wire, driver_content(8), 8);
        EXPECT(&a, "");
    }
    asker_data(&a, 4, driver_content(8), 8);
    EXPECT(&a, "ACK 65535");
    const uint8_t *file = driver_content(65540 * 8) + 65535 * 8;
    for (uint16_t wire = 1; wire <= 3; wire++)
        asker_data(&a, wire, file + 8 * (wire - 1), 8);
    asker_data(&a, 4, file + 24, 8);
    EXPECT(&a, "WRITE 524304+8 ACK 4");
    assert_memory_equal(a.stored + 524280, file, 32);
    asker_free(&a);
    /* 0 was lost, and the server does go on with it. */
    begin(&a, GET, 8, 4, "blksize 8 windowsize 4");
    send_blocks(&a, 1, 65535, 8);
    for (uint16_t wire = 1; wire <= 3; wire++)
        asker_data(&a, wire, driver_content(8), 8);
    asker_data(&a, 0, file, 8);
    EXPECT(&a, "WRITE 524280+8");
    assert_int_equal(a.exchange.rollover, 0);
    asker_free(&a);
}

static void test_progress(void **state)
{
    static struct asker a;
    uint64_t size;

    (void)state;
    begin(&a, GET, 512, 1, "tsize 5000");
    assert_true(exchange_size(&a.exchange, &size) && size == 5000);
    asker_data(&a, 1, driver_content(512), 512);
    assert_int_equal(exchange_bytes(&a.exchange), 512);
    asker_free(&a);
    begin(&a, GET, 512, 1, "tsize 0");
    assert_false(exchange_size(&a.exchange, &size));
    asker_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lock_step),
        cmocka_unit_test(test_error_while_dallying),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_strays_without_windows),
        cmocka_unit_test(test_oack_again),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_timer),
        cmocka_unit_test(test_adaptive_wait),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_too_long_a_block),
        cmocka_unit_test(test_announced_size),
        cmocka_unit_test(test_max_size),
        cmocka_unit_test(test_local_failures),
        cmocka_unit_test(test_error_in_the_middle),
        cmocka_unit_test(test_blocks_that_never_arrive),
        cmocka_unit_test(test_windows_that_never_arrive_whole),
        cmocka_unit_test(test_no_second_attempt_into_a_pipe),
        cmocka_unit_test(test_netascii),
        cmocka_unit_test(test_past_65535_blocks),
        cmocka_unit_test(test_rollover_to_1_in_windows),
        cmocka_unit_test(test_progress),
    };

    return cmocka_run_group_tests_name("client_get", tests, NULL, NULL);
}
