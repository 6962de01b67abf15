/*
 * Worlds of `tftp probe`, against our own server behind a way with faults, and against one that lies: what was made up is
 * found, and nothing else.
 */
#include "unit.h"

#include "probing.h"
#include "statistics.h"
#include "trap.h"

#include <inttypes.h>

enum { WORLDS = 400 };

static struct statistics statistics;

static void test_worlds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        trap_seed(seed);
        CHECK(probing_run_seed(seed, &statistics, false).is_good, "seed %" PRIu64 " fails", seed);
    }
}

/* A seed means one history, on every machine. */
static void test_the_same_again(void **state)
{
    struct statistics again = {.worlds = 0};

    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++)
        assert_true(probing_run_seed(seed, &again, false).hash == probing_run_seed(seed, &again, false).hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worlds),
        cmocka_unit_test(test_the_same_again),
    };

    return cmocka_run_group_tests_name("probing", tests, NULL, NULL);
}
