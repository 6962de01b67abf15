/* Fetching: what is acknowledged when, what reaches the file, and how it may fail. */
#include "unit.h"

#include "asker.h"
#include "driver.h"

#include <stdio.h>

static void test_lock_step(void **state)
{
    static struct asker a;
    const uint8_t *file = driver_content(2000);

    (void)state;
    asker_get(&a, GET, 1428, 1, "");
    assert_false(exchange_is_answered(&a.exchange) || exchange_is_moving(&a.exchange));
    asker_data(&a, 1, file, 512);
    EXPECT(&a, "OPEN 0 WRITE 0+512 ACK 1");
    assert_true(endpoint_equal(&a.sent_to, &asker_server));
    assert_true(exchange_is_answered(&a.exchange) && exchange_is_moving(&a.exchange));
    asker_data(&a, 2, file + 512, 512);
    EXPECT(&a, "WRITE 512+512 ACK 2");
    asker_data(&a, 3, file + 1024, 100);
    EXPECT(&a, "WRITE 1024+100 COMMIT 1124 ACK 3");
    assert_memory_equal(a.stored, file, 1124);
    assert_true(exchange_is_answered(&a.exchange) && !exchange_is_moving(&a.exchange));
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
    assert_true(r->resent == 2 && r->doubled == 4 && r->fallbacks == 0 && r->has_round_trip);
    asker_free(&a);
}

/* An ERROR behind the last block changes nothing: the file is here. */
static void test_error_while_dallying(void **state)
{
    static struct asker a;

    (void)state;
    asker_get(&a, GET, 512, 1, "tsize 5");
    asker_data(&a, 1, "hello", 5);
    EXPECT(&a, "WRITE 0+5 COMMIT 5 ACK 1");
    asker_error(&a, 0, "late");
    EXPECT(&a, "FINISH 0");
    asker_free(&a);
}

/* However late the only block came, the file is here, and nobody waits longer than for a repetition. */
static void test_dallying_behind_a_slow_disk(void **state)
{
    enum { LATE_MS = 10 * 1000 };
    static struct asker a;

    (void)state;
    asker_init(&a, GET, NULL, 0);
    a.setup.timeout_ms = LATE_MS + 1;
    asker_begin(&a);
    asker_pass(&a, LATE_MS);
    asker_data(&a, 1, "hello", 5);
    assert_in_range(asker_wait_ms(&a), 1, LATE_MS + 1);
    asker_timeout(&a);
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
                asker_get(&a, GET, 65464, 64, oack);
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
    asker_get(&a, GET, 8, 1, "blksize 8");
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
    asker_get(&a, GET, 8, 1, "blksize 8");
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
    asker_get(&a, GET, 8, 4, "blksize 8 windowsize 4");
    asker_blocks(&a, 1, 3, 8);
    EXPECT(&a, "WRITE 16+8");
    asker_blocks(&a, 4, 4, 8);
    EXPECT(&a, "WRITE 24+8 ACK 4");
    asker_blocks(&a, 6, 6, 8);
    EXPECT(&a, "ACK 4");
    asker_blocks(&a, 7, 8, 8);
    EXPECT(&a, "");
    asker_blocks(&a, 5, 5, 8);
    EXPECT(&a, "WRITE 32+8");
    asker_blocks(&a, 7, 7, 8);
    EXPECT(&a, "ACK 5");
    asker_blocks(&a, 6, 9, 8);
    EXPECT(&a, "WRITE 64+8 ACK 9");
    /* The server has not seen the ACK and sends its window again: answered once, at its end. */
    asker_pass(&a, 300);
    asker_blocks(&a, 6, 8, 8);
    EXPECT(&a, "");
    asker_blocks(&a, 9, 9, 8);
    EXPECT(&a, "ACK 9");
    /* Within a window nothing is said again of a block that comes twice. */
    asker_blocks(&a, 10, 10, 8);
    asker_pass(&a, EXCHANGE_ECHO_MS);
    asker_blocks(&a, 10, 10, 8);
    EXPECT(&a, "");
    asker_data(&a, 11, file + 80, 3);
    EXPECT(&a, "WRITE 80+3 COMMIT 83 ACK 11");
    assert_memory_equal(a.stored, file, 83);
    assert_int_equal(a.exchange.report.lost, 2);
    asker_free(&a);
}

/* Up to two windows ahead a block tells of a gap; one that is farther away is an old one. */
static void test_how_far_ahead_a_gap_is(void **state)
{
    static struct asker a;

    (void)state;
    for (uint16_t block = 8; block <= 9; block++) {
        asker_get(&a, GET, 8, 4, "blksize 8 windowsize 4");
        asker_blocks(&a, block, block, 8);
        EXPECT(&a, block == 8 ? "ACK 0" : "");
        assert_true(a.exchange.report.lost == (block == 8) && a.exchange.report.doubled == (block == 9));
        asker_free(&a);
    }
}

static void test_timer(void **state)
{
    static struct asker a;

    (void)state;
    asker_get(&a, GET, 8, 4, "blksize 8 windowsize 4");
    assert_int_equal(asker_wait_ms(&a), 1000);
    asker_blocks(&a, 1, 6, 8);
    assert_int_equal(asker_wait_ms(&a), ROUND_TRIP_WAIT_MS_MIN);
    asker_timeout(&a);
    EXPECT(&a, "ACK 6");
    assert_int_equal(asker_wait_ms(&a), 2 * ROUND_TRIP_WAIT_MS_MIN);
    /* What the ACK answered is not answered again. */
    asker_blocks(&a, 8, 8, 8);
    EXPECT(&a, "");
    asker_timeout(&a);
    EXPECT(&a, "ACK 6");
    asker_timeout(&a);
    asker_timeout(&a);
    assert_int_equal(asker_wait_ms(&a), EXCHANGE_WAIT_MS_MAX);
    assert_int_equal(a.exchange.report.resent, 4);
    /* After repetitions the first wait holds until a round trip has been measured again. */
    asker_blocks(&a, 7, 7, 8);
    EXPECT(&a, "WRITE 48+8");
    assert_int_equal(asker_wait_ms(&a), 1000);
    asker_blocks(&a, 8, 10, 8);
    EXPECT(&a, "WRITE 72+8 ACK 10");
    assert_int_equal(asker_wait_ms(&a), 1000);
    asker_blocks(&a, 11, 11, 8);
    assert_int_equal(asker_wait_ms(&a), ROUND_TRIP_WAIT_MS_MIN);
    asker_free(&a);
}

/* Round trips, and what a window takes, make the wait longer. */
static void test_adaptive_wait(void **state)
{
    static struct asker a;

    (void)state;
    asker_get(&a, GET, 8, 2, "");
    asker_pass(&a, 400);
    asker_oack(&a, "blksize 8 windowsize 2");
    assert_int_equal(asker_wait_ms(&a), 1000);
    asker_pass(&a, 400);
    asker_blocks(&a, 1, 1, 8);
    assert_int_equal(asker_wait_ms(&a), 400 + 4 * 150);
    asker_pass(&a, 30);
    asker_blocks(&a, 2, 2, 8);
    assert_int_equal(asker_wait_ms(&a), 400 + 4 * 150 + 30);
    /* A repeated ACK measures nothing, however late its answer is (Karn). */
    asker_timeout(&a);
    asker_pass(&a, 1500);
    asker_blocks(&a, 3, 3, 8);
    assert_int_equal(a.exchange.trip.smooth_ms, 400);
    asker_free(&a);
}

/* Patience is the time that the repetitions of a request take, whatever the round trip; progress begins it anew. */
static void test_silence(void **state)
{
    static struct asker a;

    (void)state;
    asker_get(&a, GET, 512, 1, "tsize 5000");
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
    asker_get(&a, GET, 512, 1, "tsize 5000");
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
    asker_get(&a, GET, 8, 1, "blksize 8");
    asker_data(&a, 2, driver_content(9), 9);
    EXPECT(&a, "");
    asker_data(&a, 1, driver_content(9), 9);
    EXPECT(&a, "ERROR 4 FINISH 16");
    asker_free(&a);
    /* Without an OACK 512 is agreed, whatever was asked. */
    asker_get(&a, GET, 1428, 1, "");
    asker_data(&a, 1, driver_content(1428), 1428);
    EXPECT(&a, "OPEN 0 ERROR 4 FINISH 16");
    asker_free(&a);
}

/* Where the announced size and the file differ nothing is stored; 0 says nothing. */
static void test_announced_size(void **state)
{
    static struct asker a;

    (void)state;
    asker_get(&a, GET, 512, 1, "tsize 6");
    asker_data(&a, 1, "hello", 5);
    EXPECT(&a, "ERROR 0 FINISH 17");
    asker_free(&a);
    asker_get(&a, GET, 512, 1, "tsize 4");
    asker_data(&a, 1, "hello", 5);
    EXPECT(&a, "ERROR 0 FINISH 17");
    asker_free(&a);
    asker_get(&a, GET, 512, 1, "tsize 512");
    asker_data(&a, 1, driver_content(512), 512);
    EXPECT(&a, "WRITE 0+512 ACK 1");
    asker_data(&a, 2, driver_content(512), 1);
    EXPECT(&a, "ERROR 0 FINISH 17");
    asker_free(&a);
    asker_get(&a, GET, 512, 1, "tsize 0");
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

/* What the system refuses to send on the way out changes nothing any more. */
static void test_no_way_out(void **state)
{
    static struct asker a;

    (void)state;
    asker_get(&a, GET, 512, 1, "");
    a.open_cause = CAUSE_DISK_FULL;
    a.send_cause = CAUSE_SOCKET;
    asker_data(&a, 1, "hello", 5);
    EXPECT(&a, "OPEN 0 ERROR 3 FINISH 4");
    asker_free(&a);
    asker_get(&a, GET, 512, 1, "");
    a.send_cause = CAUSE_SOCKET;
    asker_data(&a, 1, "hello", 5);
    EXPECT(&a, "OPEN 0 WRITE 0+5 COMMIT 5 ACK 1");
    a.send_cause = CAUSE_DONE;
    asker_data(&a, 1, "hello", 5);
    EXPECT(&a, "ACK 1");
    asker_timeout(&a);
    EXPECT(&a, "FINISH 0");
    asker_free(&a);
}

static void test_error_in_the_middle(void **state)
{
    static struct asker a;

    (void)state;
    asker_get(&a, GET, 512, 1, "tsize 5000");
    asker_data(&a, 1, driver_content(512), 512);
    asker_error(&a, 0, "disk on fire");
    EXPECT(&a, "FINISH 20");
    assert_int_equal(a.action.finish.error_text.size, 12);
    asker_free(&a);
}

static void test_netascii(void **state)
{
    static struct asker a;

    (void)state;
    asker_get(&a, GET | TEXT, 8, 1, "blksize 8");
    asker_data(&a, 1, "a\r\nb\r\0c\r", 8);
    EXPECT(&a, "WRITE 0+6 ACK 1");
    asker_data(&a, 2, "\nd\ne\rf\r\0", 8);
    EXPECT(&a, "WRITE 6+8 ACK 2");
    asker_data(&a, 3, "\r", 1);
    EXPECT(&a, "WRITE 14+1 COMMIT 15 ACK 3");
    assert_memory_equal(a.stored, "a\r\nb\rc\r\nd\ne\rf\r\r", 15);
    asker_free(&a);
    /* A block may become nothing at all. */
    asker_get(&a, GET | TEXT, 8, 2, "blksize 8");
    asker_data(&a, 1, "1234567\r", 8);
    asker_data(&a, 2, "\0", 1);
    EXPECT(&a, "WRITE 7+1 COMMIT 8 ACK 2");
    asker_free(&a);
    asker_get(&a, GET | TEXT, 8, 2, "blksize 8");
    asker_data(&a, 1, "", 0);
    EXPECT(&a, "COMMIT 0 ACK 1");
    asker_free(&a);
}

static void test_progress(void **state)
{
    static struct asker a;
    uint64_t size;

    (void)state;
    asker_get(&a, GET, 512, 1, "tsize 5000");
    assert_true(exchange_size(&a.exchange, &size) && size == 5000);
    asker_data(&a, 1, driver_content(512), 512);
    assert_int_equal(exchange_bytes(&a.exchange), 512);
    asker_free(&a);
    asker_get(&a, GET, 512, 1, "tsize 0");
    assert_false(exchange_size(&a.exchange, &size));
    asker_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lock_step),
        cmocka_unit_test(test_error_while_dallying),
        cmocka_unit_test(test_dallying_behind_a_slow_disk),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_strays_without_windows),
        cmocka_unit_test(test_oack_again),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_how_far_ahead_a_gap_is),
        cmocka_unit_test(test_timer),
        cmocka_unit_test(test_adaptive_wait),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_too_long_a_block),
        cmocka_unit_test(test_announced_size),
        cmocka_unit_test(test_max_size),
        cmocka_unit_test(test_local_failures),
        cmocka_unit_test(test_no_way_out),
        cmocka_unit_test(test_error_in_the_middle),
        cmocka_unit_test(test_netascii),
        cmocka_unit_test(test_progress),
    };

    return cmocka_run_group_tests_name("client_get", tests, NULL, NULL);
}
