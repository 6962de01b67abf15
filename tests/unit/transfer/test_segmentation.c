/* Blocks that leave in one call which the system cuts into datagrams: what a transfer learns of it, and what the process does. */
#include "unit.h"

#include "core/transfer/segmentation.h"
#include "driver.h"

#define OPTIONS "blksize 512 windowsize 8"

static struct driver driver;

static void start(void)
{
    driver_start(&driver, DOWNLOAD, OPTIONS, NULL, 1ull << 40);
    driver.segments = true;
    driver_ack(&driver, 0);
    EXPECT(&driver, "DATA 1-8");
}

/* A window further: its client has proven that it is there, and what it was sent in one call has arrived. */
static void start_proven(void)
{
    start();
    driver_ack(&driver, 8);
    EXPECT(&driver, "DATA 9-16");
    assert_int_equal(transfer_take_segmentation_news(&driver.transfer), SEGMENTATION_ARRIVED);
}

static void check_news(enum segmentation_news news, bool may_segment)
{
    assert_int_equal(transfer_take_segmentation_news(&driver.transfer), news);
    assert_int_equal(transfer_may_segment(&driver.transfer), may_segment);
    assert_int_equal(transfer_take_segmentation_news(&driver.transfer), SEGMENTATION_NO_NEWS);
}

static void test_each_window_that_arrives_is_told(void **state)
{
    (void)state;
    start();
    check_news(SEGMENTATION_NO_NEWS, true);
    for (uint16_t block = 8; block <= 80; block = (uint16_t)(block + 8)) {
        driver_ack(&driver, block);
        check_news(SEGMENTATION_ARRIVED, true);
    }
    driver_free(&driver);
}

/* Only a repetition was answered: the path is well. From then on the transfer sends one by one, and has nothing to tell. */
static void check_lost(void)
{
    check_news(SEGMENTATION_LOST, false);
    driver_timeout(&driver);
    driver_ack(&driver, (uint16_t)driver.transfer.sent);
    check_news(SEGMENTATION_NO_NEWS, false);
    driver_ack(&driver, (uint16_t)driver.transfer.sent);
    check_news(SEGMENTATION_NO_NEWS, false);
    driver_free(&driver);
}

static void test_lost_as_a_whole(void **state)
{
    (void)state;
    start();
    driver_timeout(&driver);
    EXPECT(&driver, "DATA 1");
    check_news(SEGMENTATION_NO_NEWS, true); /* the client may just be gone */
    driver_ack(&driver, 1);
    check_lost();

    start_proven();
    driver_timeout(&driver);
    EXPECT(&driver, "DATA 9-16");
    driver_ack(&driver, 16);
    check_lost();

    /* The client was the first to lose patience. */
    start_proven();
    driver_pass(&driver, TRANSFER_TIMEOUT_MS_MIN);
    driver_ack(&driver, 8);
    EXPECT(&driver, "DATA 9-16");
    check_news(SEGMENTATION_NO_NEWS, true);
    driver_ack(&driver, 16);
    check_lost();
}

/* Losses of single datagrams, as any network has them. */
static void test_a_gap_is_no_such_loss(void **state)
{
    (void)state;
    start_proven();
    driver_ack(&driver, 12);
    EXPECT(&driver, "DATA 13-20");
    check_news(SEGMENTATION_ARRIVED, true);
    driver_timeout(&driver);
    driver_ack(&driver, 20);
    check_news(SEGMENTATION_NO_NEWS, true);
    driver_free(&driver);

    /* The first of the window: the client has the others, and says so at once. */
    start_proven();
    driver_pass(&driver, TRANSFER_TIMEOUT_MS_MIN - 1);
    driver_ack(&driver, 8);
    EXPECT(&driver, "DATA 9-16");
    driver_ack(&driver, 16);
    check_news(SEGMENTATION_NO_NEWS, true);
    driver_free(&driver);

    /* The last: the client has more than what silence repeats. */
    start();
    driver_timeout(&driver);
    EXPECT(&driver, "DATA 1");
    driver_ack(&driver, 7);
    check_news(SEGMENTATION_ARRIVED, true);
    driver_free(&driver);
}

static void test_blocks_one_by_one_tell_nothing(void **state)
{
    (void)state;
    start_proven();
    driver.segments = false;
    driver_ack(&driver, 16);
    check_news(SEGMENTATION_ARRIVED, true);
    driver_timeout(&driver);
    driver_ack(&driver, 24);
    check_news(SEGMENTATION_NO_NEWS, true);
    driver_free(&driver);
}

static void test_a_refusal_ends_it_for_the_transfer(void **state)
{
    (void)state;
    start_proven();
    transfer_on_segmentation_refused(&driver.transfer, false);
    check_news(SEGMENTATION_NO_NEWS, false);
    driver_free(&driver);
    start_proven();
    transfer_on_segmentation_refused(&driver.transfer, true);
    check_news(SEGMENTATION_REFUSED, false);
    driver_free(&driver);
}

static void hear(struct segmentation *segmentation, enum segmentation_news news, uint32_t times)
{
    for (uint32_t i = 0; i < times; i++)
        CHECK(!segmentation_hear(segmentation, news), "news %d, the %u.", (int)news, (unsigned)i + 1);
}

static void test_a_few_in_a_row_end_it(void **state)
{
    static const struct {
        enum segmentation_news news;
        uint32_t most;
    } rows[] = {{SEGMENTATION_LOST, SEGMENTATION_LOSSES_MAX}, {SEGMENTATION_REFUSED, SEGMENTATION_REFUSALS_MAX}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct segmentation s = {.is_over = false};
        assert_true(segmentation_is_well(&s));
        for (int round = 0; round < 3; round++) {
            hear(&s, rows[i].news, rows[i].most - 1);
            assert_false(segmentation_is_well(&s));
            hear(&s, SEGMENTATION_ARRIVED, 1);
            assert_true(segmentation_is_well(&s));
        }
        hear(&s, rows[i].news, rows[i].most - 1);
        hear(&s, SEGMENTATION_NO_NEWS, 1);
        assert_true(segmentation_hear(&s, rows[i].news));
        assert_true(s.is_over);
        /* It is told once, and what was under way changes nothing. */
        hear(&s, rows[i].news, 1);
        hear(&s, SEGMENTATION_ARRIVED, 1);
        assert_true(s.is_over);
    }
}

static void test_losses_and_refusals_count_apart(void **state)
{
    struct segmentation s = {.is_over = false};

    (void)state;
    hear(&s, SEGMENTATION_LOST, SEGMENTATION_LOSSES_MAX - 1);
    hear(&s, SEGMENTATION_REFUSED, SEGMENTATION_REFUSALS_MAX - 1);
    assert_true(segmentation_hear(&s, SEGMENTATION_LOST));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_window_that_arrives_is_told),
        cmocka_unit_test(test_lost_as_a_whole),
        cmocka_unit_test(test_a_gap_is_no_such_loss),
        cmocka_unit_test(test_blocks_one_by_one_tell_nothing),
        cmocka_unit_test(test_a_refusal_ends_it_for_the_transfer),
        cmocka_unit_test(test_a_few_in_a_row_end_it),
        cmocka_unit_test(test_losses_and_refusals_count_apart),
    };

    return cmocka_run_group_tests_name("segmentation", tests, NULL, NULL);
}
