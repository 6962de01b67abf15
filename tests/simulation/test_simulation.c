/*
 * The worlds of seeds.txt: nothing may fail in them, and each goes exactly as it did in the plain native build, whose
 * hashes lie in build/simulate/hashes.txt. What they cover and what they send twice is looked at together.
 */
#include "unit.h"

#include "boot_run.h"
#include "run.h"
#include "trap.h"
#include "victims.h"

#include <inttypes.h>
#include <stdio.h>

static struct statistics statistics;

static void test_worlds(void **state)
{
    FILE *file = fopen("build/simulate/hashes.txt", "r");
    char line[512];
    uint64_t seed;
    uint64_t hash;
    unsigned worlds = 0;

    (void)state;
    CHECK(file != NULL, "build/simulate/hashes.txt is missing: make -f Makefile.mingw build-unit");
    while (fgets(line, sizeof line, file) != NULL) {
        /* What else is there was said of worlds that failed: they will do so here. */
        if (sscanf(line, "%" SCNu64 " %" SCNx64, &seed, &hash) != 2)
            continue;
        trap_seed(seed);
        struct run_result result = run_seed(seed, &statistics, false);
        CHECK(result.is_good, "seed %" PRIu64 " fails", seed);
        CHECK(result.hash == hash, "seed %" PRIu64 " goes another way here: %016" PRIx64 ", natively %016" PRIx64, seed,
              result.hash, hash);
        worlds++;
    }
    fclose(file);
    assert_true(worlds > 100);
}

static void test_what_is_sent_twice(void **state)
{
    (void)state;
    assert_true(run_check_resent(&statistics));
}

static void test_what_forgers_draw(void **state)
{
    (void)state;
    assert_true(victims_check_all(&statistics));
}

/* Every model, fault, outcome and try of a forger is met: what never happens proves nothing. */
static void test_coverage(void **state)
{
    (void)state;
    assert_true(run_print_coverage(&statistics, true));
}

/* Machines that boot: worlds of their own. */
static void test_boot_worlds(void **state)
{
    static struct boot_statistics boot_statistics;

    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        trap_seed(seed);
        CHECK(boot_run_seed(seed, &boot_statistics, false), "boot seed %" PRIu64 " fails", seed);
    }
    assert_true(boot_run_coverage(&boot_statistics, true));
    assert_true(boot_statistics.booted > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worlds),
        cmocka_unit_test(test_what_is_sent_twice),
        cmocka_unit_test(test_what_forgers_draw),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_boot_worlds),
    };

    return cmocka_run_group_tests_name("simulation", tests, NULL, NULL);
}
