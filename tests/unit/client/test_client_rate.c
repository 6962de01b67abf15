/* With a rate: what waits for its turn, what is asked for then, and that a server that is made to wait is not taken for silent. */
#include "unit.h"

#include "asker.h"
#include "driver.h"

static void begin(struct asker *a, unsigned kind, uint64_t rate, uint32_t blksize, uint32_t windowsize, size_t size)
{
    asker_init(a, kind, driver_content(size), size);
    a->setup.rate = rate;
    a->setup.blksize = blksize;
    a->setup.windowsize = windowsize;
    asker_begin(a);
}

/* No more at once than goes in a quarter of a second. */
static void test_what_is_asked_for(void **state)
{
    static const struct {
        uint64_t rate;
        const char *request;
    } rows[] = {
        {0, "PORT 0 RRQ f octet blksize=1428 windowsize=16"},
        {1000000, "PORT 0 RRQ f octet blksize=1428 windowsize=16"},
        {40000, "PORT 0 RRQ f octet blksize=1428 windowsize=7"},
        {10000, "PORT 0 RRQ f octet blksize=1428"},
        {4000, "PORT 0 RRQ f octet blksize=1000"},
        {PACE_RATE_MIN, "PORT 0 RRQ f octet"},
    };
    static struct asker a;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin(&a, GET, rows[i].rate, 1428, 16, 0);
        EXPECT(&a, rows[i].request);
        asker_free(&a);
    }
}

static void test_put(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, PUT, 8000, 512, 4, 512 * 10);
    asker_oack(&a, "windowsize 3");
    /* 64 ms each, of which 50 are lent. */
    EXPECT(&a, "DATA 1");
    assert_int_equal(asker_wait_ms(&a), 64 - PACE_CREDIT_MS);
    asker_timer(&a);
    EXPECT(&a, "");
    asker_timeout(&a);
    EXPECT(&a, "DATA 2");
    assert_int_equal(asker_wait_ms(&a), 64);
    /* What comes meanwhile is heard, and makes nothing go earlier. */
    asker_pass(&a, 10);
    asker_ack(&a, 2);
    EXPECT(&a, "");
    assert_int_equal(asker_wait_ms(&a), 54);
    asker_timeout(&a);
    asker_timeout(&a);
    EXPECT(&a, "DATA 4");
    asker_timeout(&a);
    EXPECT(&a, "DATA 5");
    /* The window is full: now the server is waited for. */
    assert_true(asker_wait_ms(&a) >= ROUND_TRIP_WAIT_MS_MIN);
    /* A timer that is late is made up for. */
    asker_pass(&a, 104);
    asker_ack(&a, 5);
    EXPECT(&a, "DATA 6");
    assert_int_equal(asker_wait_ms(&a), 64 - 40);
    asker_free(&a);
}

static void test_put_takes_its_time(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, PUT, 50000, 512, 16, 100000);
    asker_oack(&a, "windowsize 16");
    while (!a.is_finished) {
        uint64_t acked = a.exchange.acked, moved = a.exchange.moved;
        if (moved - acked == 16 || moved == a.exchange.last)
            asker_ack(&a, (uint16_t)moved);
        else
            asker_timeout(&a);
    }
    EXPECT(&a, "FINISH 0");
    assert_in_range(a.action.finish.duration_ms, 2000 - PACE_CREDIT_MS - 11, 2001);
    assert_int_equal(a.action.finish.resent, 0);
    asker_free(&a);
}

static void test_get(void **state)
{
    static struct asker a;
    const uint8_t *file = driver_content(5120);

    (void)state;
    begin(&a, GET, 8000, 512, 4, 0);
    asker_oack(&a, "windowsize 3");
    EXPECT(&a, "OPEN 0 ACK 0");
    asker_data(&a, 1, file, 512);
    asker_data(&a, 2, file + 512, 512);
    EXPECT(&a, "WRITE 512+512");
    asker_data(&a, 3, file + 1024, 512);
    EXPECT(&a, "WRITE 1024+512");
    assert_int_equal(asker_wait_ms(&a), 3 * 64 - PACE_CREDIT_MS);
    /* A server that says it again is not answered earlier, nor is the ACK lost. */
    asker_pass(&a, 100);
    asker_data(&a, 3, file + 1024, 512);
    EXPECT(&a, "");
    assert_int_equal(asker_wait_ms(&a), 3 * 64 - PACE_CREDIT_MS - 100);
    asker_timeout(&a);
    EXPECT(&a, "ACK 3");
    asker_data(&a, 4, file + 1536, 100);
    EXPECT(&a, "WRITE 1536+100 COMMIT 1636 ACK 4");
    asker_free(&a);
}

/* The server is silent because we are: no wait is in vain, not even where both are over at the same moment. */
static void test_holding_back_is_no_silence(void **state)
{
    static struct asker a;
    const uint8_t *file = driver_content(2048);

    (void)state;
    begin(&a, GET, PACE_RATE_MIN, 512, 1, 0);
    for (uint16_t block = 1; block <= 4; block++) {
        asker_data(&a, block, file + 512 * (block - 1), 512);
        while (a.sends == block)
            asker_timeout(&a);
    }
    assert_int_equal(a.exchange.report.resent, 0);
    assert_int_equal(a.exchange.silent, 0);
    assert_int_equal(asker_wait_ms(&a), ROUND_TRIP_WAIT_MS_MIN);
    asker_free(&a);
}

/* A server that sends more than it was asked for does not make us wait for ever. */
static void test_a_server_without_end(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET, PACE_RATE_MIN, 512, 1, 0);
    for (uint16_t block = 1; block <= 100; block++)
        asker_data(&a, block, driver_content(512), 512);
    assert_int_equal(asker_wait_ms(&a), PACE_STEP_MS);
    asker_timeout(&a);
    EXPECT(&a, "ACK 100");
    asker_free(&a);
}

static void test_interrupted(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, PUT, PACE_RATE_MIN, 512, 1, 5000);
    asker_ack(&a, 0);
    asker_ack(&a, 1);
    EXPECT(&a, "");
    asker_interrupt(&a);
    EXPECT(&a, "ERROR 0 FINISH 130");
    asker_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_asked_for),
        cmocka_unit_test(test_put),
        cmocka_unit_test(test_put_takes_its_time),
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_holding_back_is_no_silence),
        cmocka_unit_test(test_a_server_without_end),
        cmocka_unit_test(test_interrupted),
    };

    return cmocka_run_group_tests_name("client_rate", tests, NULL, NULL);
}
