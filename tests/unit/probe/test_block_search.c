/* The largest block that arrives is found to the byte, whatever the limit, and with few tries. */
#include "unit.h"

#include "core/probe/block_search.h"

enum { TRIES_OF_EDGE = 10, TRIES_MAX = 32 };

/* Blocks up to this arrive. Returns how many were tried. */
static unsigned search_for(struct block_search *search, uint32_t top, uint32_t limit)
{
    unsigned tries = 0;
    uint32_t blksize;

    block_search_begin(search, top);
    for (; block_search_next(search, &blksize); tries++) {
        assert_true(blksize >= BLKSIZE_MIN && blksize <= top && tries < TRIES_MAX);
        if (blksize <= limit)
            block_search_arrived(search, blksize);
        else
            block_search_lost(search, blksize);
    }
    return tries;
}

static void test_to_the_byte(void **state)
{
    static const uint32_t limits[] = {8,    9,    511,  512,  513,  1000,  1428, 1429,
                                      1467, 1468, 1469, 8191, 8192, 20000, 65463};
    struct block_search search;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        search_for(&search, BLKSIZE_MAX, limits[i]);
        CHECK(search.arrived == limits[i] && search.lost == limits[i] + 1, "limit %u: %u arrive, %u are lost",
              limits[i], search.arrived, search.lost);
    }
}

/* Most limits are just behind a size that is common. */
static void test_common_limits_are_quick(void **state)
{
    static const uint32_t limits[] = {512, 1428, 1468, 8192};
    struct block_search search;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        unsigned tries = search_for(&search, BLKSIZE_MAX, limits[i]);
        CHECK(tries <= TRIES_OF_EDGE, "limit %u: %u tries", limits[i], tries);
    }
    assert_int_equal(search_for(&search, BLKSIZE_MAX, BLKSIZE_MAX), 5);
    assert_true(search.arrived == BLKSIZE_MAX && search.lost == 0);
    assert_int_equal(search_for(&search, 968, BLKSIZE_MAX), 2);
    assert_true(search.arrived == 968 && search.lost == 0);
}

static void test_nothing_arrives(void **state)
{
    struct block_search search;

    (void)state;
    search_for(&search, BLKSIZE_MAX, 7);
    assert_true(!block_search_has_found(&search) && search.lost == BLKSIZE_MIN);
    search_for(&search, BLKSIZE_MIN, BLKSIZE_MIN);
    assert_true(block_search_has_found(&search) && search.lost == 0);
}

/* One that is lost once or twice is tried again; what arrives then counts. */
static void test_chance(void **state)
{
    struct block_search search;
    uint32_t first, again;

    (void)state;
    block_search_begin(&search, 1428);
    assert_true(block_search_next(&search, &first) && first == 512);
    block_search_lost(&search, 512);
    block_search_lost(&search, 512);
    assert_true(block_search_next(&search, &again) && again == 512 && search.lost == 0);
    block_search_arrived(&search, 512);
    assert_true(block_search_next(&search, &again) && again == 1428);
    for (int i = 0; i < BLOCK_SEARCH_TRIES; i++)
        block_search_lost(&search, 1428);
    assert_int_equal(search.lost, 1428);
    assert_true(block_search_next(&search, &again) && again == 513);
    block_search_arrived(&search, 513);
    /* While it is looked for one loss is enough: 970, by chance, and so nothing above it for a while. */
    assert_true(block_search_next(&search, &again) && again == 970);
    assert_false(block_search_is_last_try(&search));
    block_search_lost(&search, 970);
    while (block_search_next(&search, &again) && again != 970)
        block_search_arrived(&search, again);
    assert_int_equal(search.arrived, 969);
    assert_false(block_search_is_last_try(&search));
    block_search_lost(&search, 970);
    assert_true(block_search_next(&search, &again) && again == 970 && block_search_is_last_try(&search));
    block_search_arrived(&search, 970);
    assert_int_equal(search.lost, 1428);
    while (block_search_next(&search, &again) && again < 1428)
        block_search_arrived(&search, again);
    assert_true(search.arrived == 1427 && search.lost == 1428);
    /* A limit that was chance after all. */
    block_search_arrived(&search, 1428);
    assert_true(search.lost == 0 && !block_search_next(&search, &again));
}

/* The server grants less than was asked, or its file ends. */
static void test_limit(void **state)
{
    struct block_search search;
    uint32_t blksize;

    (void)state;
    block_search_begin(&search, BLKSIZE_MAX);
    assert_true(block_search_next(&search, &blksize));
    block_search_arrived(&search, 512);
    block_search_limit(&search, 700);
    block_search_limit(&search, 9000);
    assert_true(block_search_next(&search, &blksize) && blksize == 700);
    block_search_arrived(&search, 700);
    assert_false(block_search_next(&search, &blksize));
}

/* What a server grants less, and is lost all the same, says nothing of what is larger, nor against what came. */
static void test_other_sizes(void **state)
{
    struct block_search search;
    uint32_t blksize;

    (void)state;
    block_search_begin(&search, BLKSIZE_MAX);
    block_search_arrived(&search, 1468);
    for (int i = 0; i < BLOCK_SEARCH_TRIES; i++)
        block_search_lost(&search, 8192);
    block_search_arrived(&search, 1469);
    assert_true(block_search_next(&search, &blksize) && blksize == 1470);
    block_search_arrived(&search, 1470);
    assert_true(block_search_next(&search, &blksize) && blksize == 4831);
    block_search_lost(&search, 1000);
    assert_true(search.arrived == 1470 && search.lost == 8192);
    block_search_lost(&search, 9000);
    assert_true(search.arrived == 1470 && search.lost == 8192);
    block_search_lost(&search, 4831);
    assert_true(search.lost == 4831 && search.proved == 8192);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_to_the_byte),     cmocka_unit_test(test_common_limits_are_quick),
        cmocka_unit_test(test_nothing_arrives), cmocka_unit_test(test_chance),
        cmocka_unit_test(test_limit),           cmocka_unit_test(test_other_sizes),
    };

    return cmocka_run_group_tests_name("block_search", tests, NULL, NULL);
}
