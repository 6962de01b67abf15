/*
 * Worlds of our own client, against our own server and against one that lies: nothing may fail in them. What they cover and
 * what is sent in them is looked at together.
 */
#include "unit.h"

#include "asking.h"
#include "trap.h"

#include <inttypes.h>

enum { WORLDS = 700 };

static struct statistics statistics;

static void test_worlds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        trap_seed(seed);
        CHECK(asking_run_seed(seed, &statistics, false).is_good, "seed %" PRIu64 " fails", seed);
    }
}

static void test_what_is_sent(void **state)
{
    (void)state;
    assert_true(asking_check_sent(&statistics));
}

static void test_coverage(void **state)
{
    (void)state;
    assert_true(asking_print_coverage(&statistics, true));
}

/* A seed means one history, on every machine. */
static void test_the_same_again(void **state)
{
    struct statistics again = {.worlds = 0};

    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++)
        assert_true(asking_run_seed(seed, &again, false).hash == asking_run_seed(seed, &again, false).hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worlds),
        cmocka_unit_test(test_what_is_sent),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_the_same_again),
    };

    return cmocka_run_group_tests_name("asking", tests, NULL, NULL);
}
