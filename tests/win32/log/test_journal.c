#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "win32/log/journal.h"

#include <stdio.h>
#include <string.h>

enum { RING = 512, KEPT_MAX = 8192, PATIENCE_MS = 10000, THREADS = 4, PER_THREAD = 100 };

/* A sink that keeps what it is given and can be held up. */
struct keeper {
    HANDLE gate;    /* write waits for it; NULL: does not */
    HANDLE entered; /* set when write is reached */
    volatile LONG count;
    volatile LONG flushes;
    struct {
        uint16_t id;
        uint64_t number, time;
        char name[64];
    } kept[KEPT_MAX];
};

static struct keeper keeper;

static void keep(void *context, const struct event *event, const SYSTEMTIME *local)
{
    struct keeper *k = context;

    (void)local;
    if (k->entered)
        SetEvent(k->entered);
    if (k->gate)
        WaitForSingleObject(k->gate, PATIENCE_MS);
    LONG n = k->count;
    assert_true(n < KEPT_MAX);
    k->kept[n].id = event->id;
    k->kept[n].number = event->number;
    k->kept[n].time = event->time;
    snprintf(k->kept[n].name, sizeof k->kept[n].name, "%s", event->name);
    InterlockedIncrement(&k->count);
}

static void count_flush(void *context)
{
    InterlockedIncrement(&((struct keeper *)context)->flushes);
}

static struct journal *open_with_keeper(bool is_gated)
{
    struct journal_sink sink = {keep, count_flush, &keeper};

    memset(&keeper, 0, sizeof keeper);
    if (is_gated) {
        keeper.gate = CreateEventW(NULL, TRUE, FALSE, NULL);
        keeper.entered = CreateEventW(NULL, TRUE, FALSE, NULL);
    }
    struct journal *journal = journal_open(&sink, 1);
    assert_non_null(journal);
    return journal;
}

static void put_named(struct journal *journal, const char *name, unsigned number)
{
    struct event event = event_of(EVENT_NOT_FOUND, name, NULL);

    event.number = number;
    journal_put(journal, &event);
}

static void keeps_order_and_stamps(void **state)
{
    struct journal *journal = open_with_keeper(false);
    FILETIME before, after;

    (void)state;
    GetSystemTimePreciseAsFileTime(&before);
    for (unsigned i = 0; i < 100; i++)
        put_named(journal, "x", i);
    GetSystemTimePreciseAsFileTime(&after);
    journal_close(journal);
    assert_int_equal(keeper.count, 100);
    assert_true(keeper.flushes > 0);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(keeper.kept[i].number, i);
        assert_in_range(keeper.kept[i].time, (uint64_t)before.dwHighDateTime << 32 | before.dwLowDateTime,
                        (uint64_t)after.dwHighDateTime << 32 | after.dwLowDateTime);
    }
}

static void flush_waits_for_what_was_put(void **state)
{
    struct journal *journal = open_with_keeper(false);

    (void)state;
    for (unsigned round = 1; round <= 50; round++) {
        for (unsigned i = 0; i < 10; i++)
            put_named(journal, "x", i);
        assert_true(journal_flush(journal, PATIENCE_MS));
        assert_int_equal(keeper.count, round * 10);
        assert_int_equal(keeper.flushes, round);
    }
    assert_true(journal_flush(journal, PATIENCE_MS)); /* nothing new: returns at once */
    journal_close(journal);
}

static void flush_gives_up(void **state)
{
    struct journal *journal = open_with_keeper(true);
    ULONGLONG begun = GetTickCount64();

    (void)state;
    put_named(journal, "x", 0);
    assert_false(journal_flush(journal, 100));
    assert_true(GetTickCount64() - begun >= 90);
    assert_int_equal(keeper.count, 0);
    SetEvent(keeper.gate);
    journal_close(journal);
    assert_int_equal(keeper.count, 1);
}

static void never_blocks_and_tells_what_it_lost(void **state)
{
    struct journal *journal = open_with_keeper(true);

    (void)state;
    put_named(journal, "first", 0);
    assert_int_equal(WaitForSingleObject(keeper.entered, PATIENCE_MS), WAIT_OBJECT_0); /* the writer hangs in a sink */
    for (unsigned i = 1; i <= RING + 77; i++)
        put_named(journal, "more", i); /* were it to wait for the writer, it would do so for ever */
    SetEvent(keeper.gate);
    journal_close(journal);
    assert_int_equal(keeper.count, 1 + RING + 1);
    unsigned told = 0, next = 0;
    for (LONG i = 0; i < keeper.count; i++) {
        if (keeper.kept[i].id == EVENT_EVENTS_DROPPED) {
            told++;
            assert_int_equal(keeper.kept[i].number, 77);
        } else {
            assert_int_equal(keeper.kept[i].number, next++);
        }
    }
    assert_int_equal(told, 1);
}

static void leaves_out_what_is_below_its_level(void **state)
{
    static const enum event_id ids[] = {EVENT_FETCH_BEGUN, EVENT_FETCHED, EVENT_FETCH_FAILED, EVENT_DISK_FULL};
    enum { COUNT = sizeof ids / sizeof *ids };
    struct journal *journal = open_with_keeper(false);

    (void)state;
    assert_false(journal_wants(journal, EVENT_DETAIL));
    assert_true(journal_wants(journal, EVENT_INFORMATION));
    for (int lowest = EVENT_DETAIL; lowest <= EVENT_ERROR; lowest++) {
        journal_set_limits(journal, (enum event_level)lowest, &(struct event_rates){100, 100});
        for (unsigned i = 0; i < COUNT; i++) {
            struct event event = event_of(ids[i], NULL, NULL);
            journal_put(journal, &event);
        }
    }
    journal_close(journal);
    assert_int_equal(keeper.count, COUNT + (COUNT - 1) + (COUNT - 2) + (COUNT - 3));
}

/* Ten thousand refused requests must not push what matters out of the logs. */
static void counts_what_strangers_cause_beyond_the_limit(void **state)
{
    enum { PER_SECOND = 5, REFUSED = 400 };
    struct journal *journal = open_with_keeper(false);
    struct event important = event_of(EVENT_STORED, "x", NULL);
    uint64_t refused = 0, left_out = 0, stored = 0;

    (void)state;
    journal_set_limits(journal, EVENT_INFORMATION, &(struct event_rates){PER_SECOND, REFUSED});
    for (unsigned i = 0; i < REFUSED; i++) {
        put_named(journal, "x", i);
        if (i % 100 == 0)
            journal_put(journal, &important);
    }
    journal_close(journal);
    for (LONG i = 0; i < keeper.count; i++) {
        refused += keeper.kept[i].id == EVENT_NOT_FOUND;
        stored += keeper.kept[i].id == EVENT_STORED;
        if (keeper.kept[i].id == EVENT_REFUSALS_LEFT_OUT)
            left_out += keeper.kept[i].number;
    }
    assert_int_equal(stored, REFUSED / 100);
    assert_in_range(refused, PER_SECOND / 2, REFUSED / 2);
    assert_int_equal(refused + left_out, REFUSED);
}

/* One machine that fetches all day, file after file, must not push others out of the logs either. */
static void counts_transfers_of_one_source_beyond_the_limit(void **state)
{
    enum { PER_SECOND = 3, FETCHED = 200 };
    struct journal *journal = open_with_keeper(false);
    uint64_t fetched = 0, left_out = 0;

    (void)state;
    journal_set_limits(journal, EVENT_INFORMATION, &(struct event_rates){100, PER_SECOND});
    for (unsigned i = 0; i < FETCHED; i++) {
        struct event event = event_of(EVENT_FETCHED, "x", NULL);
        event.client = endpoint_ipv4(10, 0, 0, 5, (uint16_t)(2000 + i));
        journal_put(journal, &event);
    }
    journal_close(journal);
    for (LONG i = 0; i < keeper.count; i++) {
        fetched += keeper.kept[i].id == EVENT_FETCHED;
        if (keeper.kept[i].id == EVENT_TRANSFERS_LEFT_OUT)
            left_out += keeper.kept[i].number;
    }
    assert_in_range(fetched, PER_SECOND, FETCHED / 2);
    assert_int_equal(fetched + left_out, FETCHED);
}

static bool was_told(enum event_id id)
{
    for (LONG i = 0; i < keeper.count; i++)
        if (keeper.kept[i].id == id)
            return true;
    return false;
}

/* Nobody has to wait for the next event to learn what was left out. */
static void tells_what_it_left_out_by_itself(void **state)
{
    struct journal *journal = open_with_keeper(false);
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;

    (void)state;
    journal_set_limits(journal, EVENT_INFORMATION, &(struct event_rates){1, 1});
    for (unsigned i = 0; i < 20; i++)
        put_named(journal, "x", i);
    while (!was_told(EVENT_REFUSALS_LEFT_OUT) && GetTickCount64() < end_ms)
        Sleep(20);
    assert_true(was_told(EVENT_REFUSALS_LEFT_OUT));
    journal_close(journal);
}

static DWORD WINAPI put_many(void *context)
{
    for (unsigned i = 0; i < PER_THREAD; i++)
        put_named(context, "thread", i);
    return 0;
}

static void takes_from_any_thread(void **state)
{
    struct journal *journal = open_with_keeper(false);
    HANDLE threads[THREADS];
    uint64_t sum = 0;

    (void)state;
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, put_many, journal, 0, NULL);
    WaitForMultipleObjects(THREADS, threads, TRUE, PATIENCE_MS);
    journal_close(journal);
    assert_int_equal(keeper.count, THREADS * PER_THREAD);
    for (LONG i = 0; i < keeper.count; i++)
        sum += keeper.kept[i].number;
    assert_int_equal(sum, THREADS * (PER_THREAD * (PER_THREAD - 1) / 2));
}

static void fakes_no_lines(void **state)
{
    static const struct {
        const char *raw, *shown;
    } cases[] = {
        {"a\r\n2026 forged", "a??2026 forged"},
        {"\x1b[2J\x7f", "?[2J?"},
        {"gr\xc3\xbcn \xe6\x97\xa5", "gr\xc3\xbcn \xe6\x97\xa5"},
        {"c1 \xc2\x9b", "c1 ??"},
        {"nbsp \xc2\xa0", "nbsp \xc2\xa0"},
        {"gnp.\xe2\x80\xae.exe", "gnp.???.exe"},
        {"gr\xfcn \xc2", "gr?n ?"},
    };
    enum { COUNT = sizeof cases / sizeof *cases };
    struct journal *journal = open_with_keeper(false);

    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        put_named(journal, cases[i].raw, 0);
    journal_close(journal);
    for (size_t i = 0; i < COUNT; i++)
        assert_string_equal(keeper.kept[i].name, cases[i].shown);
}

static void feeds_every_sink(void **state)
{
    static struct keeper second;
    struct journal_sink sinks[] = {{keep, NULL, &keeper}, {keep, count_flush, &second}};

    (void)state;
    memset(&keeper, 0, sizeof keeper);
    memset(&second, 0, sizeof second);
    struct journal *journal = journal_open(sinks, 2);
    put_named(journal, "x", 5);
    journal_close(journal);
    assert_int_equal(keeper.count, 1);
    assert_int_equal(second.count, 1);
    assert_int_equal(second.flushes, 1);
}

static void writes_lines(void **state)
{
    struct event event = event_of(EVENT_PARAMETER_UNKNOWN, "Prot", NULL);
    SYSTEMTIME local = {
        .wYear = 2026, .wMonth = 1, .wDay = 2, .wHour = 3, .wMinute = 4, .wSecond = 5, .wMilliseconds = 6};
    char line[EVENT_TEXT_MAX], small[40];
    static const char expected[] = "2026-01-02 03:04:05.006  the parameter Prot is not known";

    (void)state;
    size_t length = journal_line(&event, &local, line, sizeof line);
    assert_int_equal(length, strlen(line));
    assert_memory_equal(line, expected, sizeof expected - 1);
    assert_string_equal(line + length - 2, "\r\n");
    length = journal_line(&event, &local, small, sizeof small);
    assert_int_equal(length, sizeof small - 1);
    assert_string_equal(small, "2026-01-02 03:04:05.006  the paramete\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_and_stamps),
        cmocka_unit_test(flush_waits_for_what_was_put),
        cmocka_unit_test(flush_gives_up),
        cmocka_unit_test(never_blocks_and_tells_what_it_lost),
        cmocka_unit_test(takes_from_any_thread),
        cmocka_unit_test(fakes_no_lines),
        cmocka_unit_test(leaves_out_what_is_below_its_level),
        cmocka_unit_test(counts_what_strangers_cause_beyond_the_limit),
        cmocka_unit_test(counts_transfers_of_one_source_beyond_the_limit),
        cmocka_unit_test(tells_what_it_left_out_by_itself),
        cmocka_unit_test(feeds_every_sink),
        cmocka_unit_test(writes_lines),
    };

    return cmocka_run_group_tests_name("journal", tests, NULL, NULL) != 0;
}
