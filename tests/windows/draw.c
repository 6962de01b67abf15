/* Which rules hold, by the seed; and how often each has made itself felt. */
#include "strict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 32, TEXT_SIZE = 512 };

enum how { ALWAYS, WORLD, CALL };

#define RULE_LINE(constant, name, how, rate, pace_ms) [RULE_##constant] = {name, how, rate, pace_ms},
static const struct {
    const char *name;
    enum how how;
    uint32_t rate;
    uint32_t pace_ms;
} rules[RULE_COUNT] = {STRICT_RULES(RULE_LINE)};

struct record {
    char name[NAME_SIZE];
    volatile LONG64 count;
};

static struct record early[RULE_COUNT]; /* until the file is there */
static struct record *records = early;

static struct {
    uint64_t seed;
    bool is_left_out[RULE_COUNT];
    volatile LONG64 opportunities[RULE_COUNT];
    volatile LONG64 picks[RULE_COUNT];
    volatile LONG64 counted[RULE_COUNT];
    volatile LONG64 last_ms[RULE_COUNT];
} lab;

IMPORTED(CreateFileW)

static uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

/* What the seed draws for this rule at this place. */
static uint64_t drawn(enum rule rule, uint64_t place)
{
    return mix(lab.seed * 0x9e3779b97f4a7c15u + mix(place * RULE_COUNT + (uint64_t)rule + 1));
}

bool strict_holds(enum rule rule)
{
    return !lab.is_left_out[rule];
}

static bool is_on(enum rule rule)
{
    return lab.seed != 0 && !lab.is_left_out[rule];
}

void strict_count(enum rule rule)
{
    InterlockedIncrement64(&lab.counted[rule]);
    InterlockedIncrement64(&records[rule].count);
}

uint64_t strict_counted(enum rule rule)
{
    return (uint64_t)lab.counted[rule];
}

/* Not twice within its pace. */
static bool is_due(enum rule rule)
{
    LONG64 now_ms = (LONG64)strict_now_us() / 1000;
    LONG64 last_ms = lab.last_ms[rule];
    bool is_first = last_ms == 0;

    return (is_first || now_ms - last_ms >= rules[rule].pace_ms) &&
           InterlockedCompareExchange64(&lab.last_ms[rule], now_ms, last_ms) == last_ms;
}

bool strict_draws(enum rule rule)
{
    if (!is_on(rule))
        return false;
    uint64_t opportunity = (uint64_t)InterlockedIncrement64(&lab.opportunities[rule]);
    if (drawn(rule, opportunity) % 10000 >= rules[rule].rate || !is_due(rule))
        return false;
    strict_count(rule);
    return true;
}

bool strict_is_so(enum rule rule, uint64_t thing)
{
    return is_on(rule) && drawn(rule, mix(thing)) % 100 < rules[rule].rate;
}

uint32_t strict_pick(enum rule rule, uint32_t count)
{
    return (uint32_t)(drawn(rule, ~(uint64_t)InterlockedIncrement64(&lab.picks[rule])) >> 32) % count;
}

size_t strict_place(const void *handle)
{
    uintptr_t value = (uintptr_t)handle / 4;

    return value < STRICT_HANDLES_MAX ? value : 0;
}

/* -- the environment ------------------------------------------------------------------------------------------------ */

static bool is_in_list(const char *list, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = list; (at = strstr(at, name)) != NULL; at += length)
        if ((at == list || at[-1] == ',') && (at[length] == ',' || at[length] == 0))
            return true;
    return false;
}

static void read_list(const char *variable, char text[TEXT_SIZE])
{
    DWORD length = GetEnvironmentVariableA(variable, text, TEXT_SIZE);

    if (length >= TEXT_SIZE)
        abort();
    text[length] = 0;
}

void strict_begin(void)
{
    char seed[TEXT_SIZE], without[TEXT_SIZE], only[TEXT_SIZE];

    read_list("STRICT_SEED", seed);
    read_list("STRICT_WITHOUT", without);
    read_list("STRICT_ONLY", only);
    memset(&lab, 0, sizeof lab);
    lab.seed = strtoull(seed, NULL, 10);
    for (size_t i = 0; i < RULE_COUNT; i++) {
        bool is_other = only[0] != 0 && rules[i].how != ALWAYS && !is_in_list(only, rules[i].name);
        lab.is_left_out[i] = is_other || is_in_list(without, rules[i].name);
    }
}

static struct record *map_records(void)
{
    HANDLE file = REAL(CreateFileW)(L"C:\\strict.bin", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                    NULL, OPEN_ALWAYS, 0, NULL);
    HANDLE mapping = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, sizeof early, NULL);

    return MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, sizeof early);
}

/* Before main: the program gives up its privileges later. */
__attribute__((constructor)) static void begin(void)
{
    struct record *mapped = map_records();

    if (mapped == NULL)
        abort();
    for (size_t i = 0; i < RULE_COUNT; i++)
        snprintf(mapped[i].name, NAME_SIZE, "%s", rules[i].name);
    records = mapped;
    strict_begin();
}
