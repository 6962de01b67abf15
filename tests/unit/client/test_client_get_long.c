/* Fetching where blocks or windows never arrive, and beyond block 65535. */
#include "unit.h"

#include "asker.h"
#include "driver.h"

#include <stdio.h>

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
    asker_get(&a, GET, 8192, 4, "tsize 600 blksize 8192 windowsize 4");
    EXPECT(&a, "OPEN 600 ACK 0");
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        asker_timeout(&a);
        EXPECT(&a, "ACK 0");
        asker_timeout(&a);
        EXPECT(&a, requests[i]);
        asker_oack(&a, oacks[i]);
        EXPECT(&a, "ACK 0");
    }
    assert_int_equal(a.exchange.report.resent, COUNT_OF(requests)); /* each second wait made an attempt, and no ACK */
    asker_data(&a, 1, driver_content(512), 512);
    asker_data(&a, 2, driver_content(600) + 512, 88);
    EXPECT(&a, "WRITE 512+88 COMMIT 600 ACK 2");
    asker_timeout(&a);
    EXPECT(&a, "FINISH 0");
    assert_int_equal(a.action.finish.fallbacks, FALLBACK_BLOCKS);
    assert_int_equal(a.action.finish.blksize, 512);
    asker_free(&a);
    /* Not even these: it stopped in the middle, for the server is there. */
    asker_get(&a, GET, 1000, 1, "blksize 1000");
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
    asker_get(&a, GET, 8, 16, "blksize 8 windowsize 16");
    asker_blocks(&a, 1, 2, 8);
    for (uint16_t i = 0; i < 2; i++) {
        asker_blocks(&a, 5u + i, 5u + i, 8);
        CHECK(strncmp(a.log, "ACK", 3) == 0, "%s", a.log);
        asker_blocks(&a, 3u + i, 3u + i, 8);
    }
    asker_blocks(&a, 9, 9, 8);
    EXPECT(&a, "ERROR 0 PORT 0 RRQ f octet tsize=0 blksize=8 windowsize=4");
    asker_oack(&a, "blksize 8 windowsize 4");
    EXPECT(&a, "ACK 0");
    asker_blocks(&a, 2, 2, 8);
    asker_timeout(&a);
    asker_timeout(&a);
    EXPECT(&a, "ERROR 0 PORT 0 RRQ f octet tsize=0 blksize=8");
    assert_int_equal(a.exchange.report.resent, 1); /* the second wait made no ACK, but a new attempt */
    asker_oack(&a, "blksize 8");
    for (int i = 0; i < 4; i++)
        asker_timeout(&a);
    EXPECT(&a, "ACK 0");
    asker_blocks(&a, 1, 3, 8);
    EXPECT(&a, "WRITE 16+8 ACK 3");
    assert_memory_equal(a.stored, driver_content(24), 24);
    assert_int_equal(a.exchange.report.fallbacks, FALLBACK_WINDOW);
    asker_free(&a);

    asker_get(&a, GET, 8, 4, "blksize 8 windowsize 4");
    asker_blocks(&a, 1, 4, 8);
    for (uint16_t i = 0; i < 6; i++) {
        asker_blocks(&a, 6u + i, 6u + i, 8);
        CHECK(strncmp(a.log, "ACK", 3) == 0, "%s", a.log);
        asker_blocks(&a, 5u + i, 5u + i, 8);
    }
    for (int i = 0; i < 4; i++)
        asker_timeout(&a);
    EXPECT(&a, "ACK 10");
    asker_free(&a);
}

/* The file became empty between two attempts: nothing is written, and nothing is what there is. */
static void test_nothing_in_the_second_attempt(void **state)
{
    static struct asker a;

    (void)state;
    asker_get(&a, GET, 8, 16, "blksize 8 windowsize 16");
    asker_blocks(&a, 1, 2, 8);
    for (int i = 0; i < 3; i++)
        asker_timeout(&a);
    EXPECT(&a, "ERROR 0 PORT 0 RRQ f octet tsize=0 blksize=8 windowsize=4");
    asker_oack(&a, "blksize 8 windowsize 4");
    asker_data(&a, 1, "", 0);
    EXPECT(&a, "COMMIT 0 ACK 1");
    asker_timeout(&a);
    assert_int_equal(a.action.finish.bytes, 0);
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
    asker_blocks(&a, 1, 2, 8);
    for (int i = 0; i < 4; i++)
        asker_timeout(&a);
    EXPECT(&a, "ACK 2");
    asker_free(&a);
}

/* 0 follows 65535; a server that goes on with 1 is followed, once it is seen. */
static void fetch_long(uint32_t window, unsigned rollover, uint32_t blocks)
{
    static struct asker a;
    uint16_t wire = 0;
    char oack[64];

    snprintf(oack, sizeof oack, "blksize 8 windowsize %u", window);
    asker_get(&a, GET, 8, window, window > 1 ? oack : "blksize 8");
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
    asker_get(&a, GET, 8, 4, "blksize 8 windowsize 4");
    asker_blocks(&a, 1, 65535, 8);
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
    asker_get(&a, GET, 8, 4, "blksize 8 windowsize 4");
    asker_blocks(&a, 1, 65535, 8);
    for (uint16_t wire = 1; wire <= 3; wire++)
        asker_data(&a, wire, driver_content(8), 8);
    asker_data(&a, 0, file, 8);
    EXPECT(&a, "WRITE 524280+8");
    assert_int_equal(a.exchange.rollover, 0);
    /* It has gone on with it, so a number that ends no window of it teaches nothing. */
    asker_data(&a, 4, driver_content(8), 8);
    EXPECT(&a, "ACK 0");
    asker_data(&a, 1, file + 8, 8);
    EXPECT(&a, "WRITE 524288+8");
    asker_free(&a);
}

/*
 * What the server says again behind block 65535, as our ACK of it was lost, has numbers from one window back: with a window of
 * half of them or more, that of the window's end is among them, and says nothing of a rollover.
 */
static void test_repeated_at_65535(void **state)
{
    static const struct {
        uint16_t windowsize;
        uint16_t from; /* the first that comes again */
    } rows[] = {{65535, 65535}, {65535, 1}, {40000, 30001}, {32768, 32768}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        static struct asker a;
        char oack[64];
        uint32_t size = 8 * 65540 + 5;
        const uint8_t *file = driver_content(size);
        snprintf(oack, sizeof oack, "blksize 8 windowsize %u", rows[i].windowsize);
        asker_get(&a, GET, 8, rows[i].windowsize, oack);
        asker_blocks(&a, 1, 65535, 8);
        asker_timeout(&a);
        for (uint32_t wire = rows[i].from; wire <= 65535; wire++)
            asker_data(&a, (uint16_t)wire, file + 8 * (wire - 1), 8);
        asker_blocks(&a, 65536, 65540, 8);
        asker_data(&a, 5, file + size - 5, 5);
        asker_timeout(&a);
        EXPECT(&a, "FINISH 0");
        CHECK(a.stored_size == size && memcmp(a.stored, file, size) == 0, "windowsize %u: %zu of %u bytes",
              rows[i].windowsize, a.stored_size, size);
        asker_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_that_never_arrive),
        cmocka_unit_test(test_windows_that_never_arrive_whole),
        cmocka_unit_test(test_nothing_in_the_second_attempt),
        cmocka_unit_test(test_no_second_attempt_into_a_pipe),
        cmocka_unit_test(test_past_65535_blocks),
        cmocka_unit_test(test_rollover_to_1_in_windows),
        cmocka_unit_test(test_repeated_at_65535),
    };

    return cmocka_run_group_tests_name("client_get_long", tests, NULL, NULL);
}
