/* So many bytes a second: the arithmetic of it. */
#include "unit.h"

#include "core/client/pace.h"

enum { NOW_MS = 1000000 };

static void test_no_limit(void **state)
{
    struct pace pace = {.rate = 0};

    (void)state;
    pace_spend(&pace, 1 << 30, NOW_MS);
    assert_int_equal(pace_due_ms(&pace), 0);
    assert_int_equal(pace_step_bytes(0), UINT32_MAX);
}

static void test_each_byte_takes_its_time(void **state)
{
    struct pace pace = {.rate = 10000};

    (void)state;
    pace_spend(&pace, 100, NOW_MS);
    assert_int_equal(pace_due_ms(&pace), NOW_MS - PACE_CREDIT_MS + 10);
    pace_spend(&pace, 1000, NOW_MS);
    assert_int_equal(pace_due_ms(&pace), NOW_MS - PACE_CREDIT_MS + 110);
    /* A part of a millisecond is waited for, and counts. */
    pace_spend(&pace, 4, NOW_MS);
    assert_int_equal(pace_due_ms(&pace), NOW_MS - PACE_CREDIT_MS + 111);
    pace_spend(&pace, 6, NOW_MS);
    assert_int_equal(pace_due_ms(&pace), NOW_MS - PACE_CREDIT_MS + 111);
}

/* A timer that is late by less than the credit loses nothing; what was not used for longer is gone. */
static void test_credit(void **state)
{
    struct pace pace = {.rate = 10000};
    uint64_t now_ms = NOW_MS;

    (void)state;
    for (int i = 0; i < 100; i++) {
        pace_spend(&pace, 200, now_ms);
        now_ms = pace_due_ms(&pace) > now_ms ? pace_due_ms(&pace) + 15 : now_ms;
    }
    assert_in_range(now_ms - NOW_MS, 100 * 20 - PACE_CREDIT_MS - 20, 100 * 20 + 15);
    pace_spend(&pace, 10, now_ms + 100000);
    assert_int_equal(pace_due_ms(&pace), now_ms + 100000 - PACE_CREDIT_MS + 1);
}

static void test_no_longer_than_a_step(void **state)
{
    struct pace pace = {.rate = PACE_RATE_MIN};

    (void)state;
    for (int i = 0; i < 100; i++)
        pace_spend(&pace, 65464, NOW_MS);
    assert_int_equal(pace_due_ms(&pace), NOW_MS + PACE_STEP_MS);
}

static void test_step(void **state)
{
    (void)state;
    assert_int_equal(pace_step_bytes(PACE_RATE_MIN), 512);
    assert_int_equal(pace_step_bytes(100000), 25000);
    assert_int_equal(pace_step_bytes(INT64_MAX), UINT32_MAX);
}

static void test_beginning_of_time(void **state)
{
    struct pace pace = {.rate = 10000};

    (void)state;
    pace_spend(&pace, 100, 3);
    assert_int_equal(pace_due_ms(&pace), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_limit), cmocka_unit_test(test_each_byte_takes_its_time),
        cmocka_unit_test(test_credit),   cmocka_unit_test(test_no_longer_than_a_step),
        cmocka_unit_test(test_step),     cmocka_unit_test(test_beginning_of_time),
    };

    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
