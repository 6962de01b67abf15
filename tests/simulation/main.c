/*
 * simulate COUNT [FROM]    runs worlds, prints those that fail and what was covered; exit code 1 if one failed
 * simulate hunt COUNT FROM looks for the first world that fails; exit code 1 if there is one
 * simulate replay SEED     one world, with its whole trace
 * simulate hashes FILE     "seed hash", a line for each seed that the file names
 * simulate boot SEED       one world of booting machines, with its whole trace; the first two run one of each seed as well
 *
 * asking, hunt-asking and replay-asking are the same for worlds of our own client: simulate asking COUNT [FROM], and so on;
 * probing, hunt-probing and replay-probing for those of its probe.
 */
#include "asking.h"
#include "boot_run.h"
#include "probing.h"
#include "run.h"
#include "trap.h"
#include "victims.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FAILURES_SHOWN_MAX = 5 };

static int simulate(uint64_t count, uint64_t first)
{
    struct statistics statistics = {.worlds = 0};
    static struct boot_statistics boot_statistics;
    unsigned failures = 0;
    clock_t start = clock();

    for (uint64_t seed = first; seed < first + count && failures < FAILURES_SHOWN_MAX; seed++) {
        trap_seed(seed);
        failures += !run_seed(seed, &statistics, false).is_good;
        failures += !boot_run_seed(seed, &boot_statistics, false);
    }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    run_print_coverage(&statistics, false);
    boot_run_coverage(&boot_statistics, false);
    failures += !run_check_resent(&statistics);
    failures += !victims_check_all(&statistics);
    printf("%" PRIu64 " worlds, %" PRIu64 " datagrams, %.0f worlds a second; %u failed.\n", statistics.worlds,
           statistics.datagrams, (double)statistics.worlds / (seconds > 0 ? seconds : 1), failures);
    return failures > 0;
}

static int hunt(uint64_t count, uint64_t first)
{
    struct statistics statistics = {.worlds = 0};
    static struct boot_statistics boot_statistics;

    for (uint64_t seed = first; seed < first + count; seed++) {
        trap_seed(seed);
        if (!run_seed(seed, &statistics, false).is_good || !boot_run_seed(seed, &boot_statistics, false))
            return 1;
    }
    return !run_check_resent(&statistics) || !victims_check_all(&statistics);
}

static int ask(uint64_t count, uint64_t first, bool is_hunt)
{
    struct statistics statistics = {.worlds = 0};
    unsigned failures = 0;
    clock_t start = clock();

    for (uint64_t seed = first; seed < first + count && failures < (is_hunt ? 1 : FAILURES_SHOWN_MAX); seed++) {
        trap_seed(seed);
        failures += !asking_run_seed(seed, &statistics, false).is_good;
    }
    failures += !asking_check_sent(&statistics);
    if (is_hunt)
        return failures > 0;
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    asking_print_coverage(&statistics, false);
    printf("%" PRIu64 " worlds, %" PRIu64 " datagrams, %.0f worlds a second; %u failed.\n", statistics.worlds,
           statistics.datagrams, (double)statistics.worlds / (seconds > 0 ? seconds : 1), failures);
    return failures > 0;
}

static int probe(uint64_t count, uint64_t first, bool is_hunt)
{
    struct statistics statistics = {.worlds = 0};
    unsigned failures = 0;

    for (uint64_t seed = first; seed < first + count && failures < (is_hunt ? 1 : FAILURES_SHOWN_MAX); seed++) {
        trap_seed(seed);
        failures += !probing_run_seed(seed, &statistics, false).is_good;
    }
    if (!is_hunt)
        printf("%" PRIu64 " worlds, %" PRIu64 " datagrams; %u failed.\n", statistics.worlds, statistics.datagrams,
               failures);
    return failures > 0;
}

typedef struct run_result run_world(uint64_t seed, struct statistics *statistics, bool is_told);

static int replay(uint64_t seed, run_world *run)
{
    struct statistics statistics = {.worlds = 0};

    trap_seed(seed);
    struct run_result result = run(seed, &statistics, true);
    printf("Seed %" PRIu64 ": %s, hash %016" PRIx64 ".\n", seed, result.is_good ? "good" : "FAILED", result.hash);
    return !result.is_good;
}

static int replay_boot(uint64_t seed)
{
    static struct boot_statistics statistics;

    trap_seed(seed);
    bool is_good = boot_run_seed(seed, &statistics, true);
    printf("Boot seed %" PRIu64 ": %s.\n", seed, is_good ? "good" : "FAILED");
    return !is_good;
}

/* A line "SEED why" or "FIRST-LAST why"; others begin with #. */
static bool read_seeds(const char *line, uint64_t *first, uint64_t *last)
{
    int fields = sscanf(line, "%" SCNu64 "-%" SCNu64, first, last);

    if (fields == 1)
        *last = *first;
    return fields >= 1;
}

static int print_hashes(const char *name)
{
    FILE *file = fopen(name, "r");
    char line[512];
    struct statistics statistics = {.worlds = 0};
    uint64_t first;
    uint64_t last;

    if (file == NULL) {
        printf("%s cannot be read.\n", name);
        return 1;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        for (uint64_t seed = read_seeds(line, &first, &last) ? first : UINT64_MAX; seed != UINT64_MAX && seed <= last;
             seed++) {
            trap_seed(seed);
            printf("%" PRIu64 " %016" PRIx64 "\n", seed, run_seed(seed, &statistics, false).hash);
        }
    }
    fclose(file);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t number = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;

    if (argc == 3 && strcmp(argv[1], "replay") == 0)
        return replay(number, run_seed);
    if (argc == 3 && strcmp(argv[1], "boot") == 0)
        return replay_boot(number);
    if (argc == 3 && strcmp(argv[1], "hashes") == 0)
        return print_hashes(argv[2]);
    if (argc == 4 && strcmp(argv[1], "hunt") == 0)
        return hunt(number, strtoull(argv[3], NULL, 10));
    if (argc >= 3 && strcmp(argv[1], "asking") == 0)
        return ask(number, argc > 3 ? strtoull(argv[3], NULL, 10) : 1, false);
    if (argc == 4 && strcmp(argv[1], "hunt-asking") == 0)
        return ask(number, strtoull(argv[3], NULL, 10), true);
    if (argc == 3 && strcmp(argv[1], "replay-asking") == 0)
        return replay(number, asking_run_seed);
    if (argc >= 3 && strcmp(argv[1], "probing") == 0)
        return probe(number, argc > 3 ? strtoull(argv[3], NULL, 10) : 1, false);
    if (argc == 4 && strcmp(argv[1], "hunt-probing") == 0)
        return probe(number, strtoull(argv[3], NULL, 10), true);
    if (argc == 3 && strcmp(argv[1], "replay-probing") == 0)
        return replay(number, probing_run_seed);
    if (argc < 2 || strtoull(argv[1], NULL, 10) == 0) {
        printf("simulate COUNT [FROM]\nsimulate hunt COUNT FROM\nsimulate replay SEED\nsimulate hashes FILE\n"
               "simulate boot SEED\n");
        return 2;
    }
    return simulate(strtoull(argv[1], NULL, 10), number);
}
