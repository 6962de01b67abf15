#include "caller.h"
#include "house.h"

#include "core/wire/packet.h"

#include <stdio.h>

enum { BOOT_SIZE = 2000, WORKERS = 4, CALLERS = 20, QUIET_MS = 200, WAIT_MS = 1 };

static struct caller callers[CALLERS];
static struct caller *const caller = &callers[0];

static int set_up(void **state)
{
    struct house *house;

    house_setup(state);
    house = *state;
    files_make(house_path(house, "boot.img"), BOOT_SIZE, 1);
    for (int i = 0; i < CALLERS; i++)
        caller_open(&callers[i], "127.0.0.1", 0);
    return 0;
}

static int tear_down(void **state)
{
    for (int i = 0; i < CALLERS; i++)
        caller_close(&callers[i]);
    return house_teardown(state);
}

static void start_with(struct house *house, const char *name, const char *value)
{
    house_close(house);
    house->told = 0;
    house_set(house, name, value);
    assert_int_equal(house_start(house), SERVER_STARTED);
}

static uint64_t seconds_since(uint64_t begun_ms)
{
    return (GetTickCount64() - begun_ms) / 1000 + 1;
}

static unsigned hear_errors(struct caller *c, const char *wanted)
{
    unsigned errors = 0;

    while (strcmp(caller_hear_for(c, QUIET_MS), wanted) == 0)
        errors++;
    return errors;
}

/* What is over the allowance is not even judged, and told of once. */
static void a_flood_costs_no_more_than_its_datagrams(void **state)
{
    enum { REQUESTS = 50, PER_SECOND = 2 };
    struct house *house = *state;
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
    struct snapshot_totals totals;

    start_with(house, "ErrorsPerSecond", "2");
    uint64_t begun_ms = GetTickCount64();
    for (int i = 0; i < REQUESTS; i++) {
        char name[16];
        snprintf(name, sizeof name, "none%d", i);
        caller_ask_read(caller, name, "");
    }
    do {
        totals = house_look(house).totals;
        Sleep(1);
    } while (totals.refused + totals.dropped < REQUESTS && GetTickCount64() < end_ms);
    uint64_t most = PER_SECOND * (seconds_since(begun_ms) + 1);
    unsigned errors = hear_errors(caller, "ERROR 1");
    assert_int_equal(totals.refused + totals.dropped, REQUESTS);
    assert_in_range(totals.refused - totals.errors_withheld, PER_SECOND, most);
    assert_int_equal(errors, totals.refused - totals.errors_withheld);
    assert_int_equal(totals.started, 0);
    house_close(house);
    assert_int_equal(house_count(house, EVENT_NOT_FOUND), errors); /* no flood in the log either */
    assert_int_equal(house_count(house, EVENT_UNHEARD), 1);
}

/* It is no punishment: others are served meanwhile, and it is itself as soon as it may have an ERROR again. */
static void who_was_not_heard_is_heard_again(void **state)
{
    struct house *house = *state;
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
    struct caller other;

    start_with(house, "ErrorsPerSecond", "1");
    while (house_look(house).totals.dropped == 0 && GetTickCount64() < end_ms)
        caller_ask_read(caller, "none", "");
    caller_open(&other, "127.0.0.2", 0);
    assert_string_equal(caller_fetch(&other, "boot.img", "", BOOT_SIZE, 1), "");
    caller_close(&other);
    do
        caller_ask_read(&callers[1], "boot.img", "");
    while (strcmp(caller_hear_for(&callers[1], QUIET_MS), "DATA 1") != 0 && GetTickCount64() < end_ms);
    assert_string_equal(callers[1].text, "DATA 1");
}

static void find_ports(uint16_t ports[WORKERS])
{
    struct caller other;

    caller_open(&other, "127.0.0.2", 0);
    for (int i = 0; i < WORKERS; i++) {
        assert_string_equal(caller_fetch(&other, "boot.img", "", BOOT_SIZE, 1), "");
        ports[i] = caller_port(&other);
    }
    caller_close(&other);
}

/* The allowance is one for the process, whichever of its ports is hit, and what is withheld has been counted. */
static void all_ports_share_one_allowance(void **state)
{
    enum { PER_SECOND = 5, STRAYS = CALLERS * WORKERS };
    static const uint8_t ack[] = {0, 4, 0, 1};
    struct house *house = *state;
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
    uint16_t ports[WORKERS];
    unsigned errors = 0;

    start_with(house, "ErrorsPerSecond", "5");
    find_ports(ports);
    uint64_t begun_ms = GetTickCount64();
    for (int i = 0; i < STRAYS; i++) {
        SOCKADDR_IN6 to = caller_address("127.0.0.1", ports[i % WORKERS]);
        caller_send(&callers[i / WORKERS], &to, ack, sizeof ack);
    }
    for (int i = 0; errors + house_look(house).totals.errors_withheld < STRAYS && GetTickCount64() < end_ms; i++)
        errors += strcmp(caller_hear_for(&callers[i % CALLERS], WAIT_MS), "ERROR 5") == 0;
    assert_in_range(errors, PER_SECOND, PER_SECOND * (seconds_since(begun_ms) + 1));
    assert_int_equal(errors + house_look(house).totals.errors_withheld, STRAYS);
}

/* Seen in the field: a client that acknowledges every ERROR it gets, and so draws the next one. */
static void acknowledged_errors_do_not_go_round(void **state)
{
    enum { ACKS = 40 };
    struct house *house = *state;
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
    unsigned errors = 0;

    caller_ask_read(caller, "none", "");
    caller_must_hear(caller, "ERROR 1");
    uint64_t begun_ms = GetTickCount64();
    for (int i = 0; i < ACKS; i++)
        caller_ack(caller, 1);
    while (errors + house_look(house).totals.errors_withheld < ACKS && GetTickCount64() < end_ms)
        errors += strcmp(caller_hear_for(caller, WAIT_MS), "ERROR 5") == 0;
    assert_in_range(errors, 1, seconds_since(begun_ms) + 1);
    assert_int_equal(errors + house_look(house).totals.errors_withheld, ACKS);
}

/* Whoever forges a master's address could otherwise fill the log with errors about a disk that is not full. */
static void an_upload_announced_too_large_is_a_refused_request(void **state)
{
    struct house *house = *state;

    caller_ask_write(caller, "huge", "tsize 1000000000000000000");
    caller_must_hear(caller, "ERROR 3");
    assert_int_equal(house_look(house).totals.refusals[REFUSAL_DISK_FULL], 1);
    house_close(house);
    assert_int_equal(house_count(house, EVENT_NO_ROOM), 1);
    assert_int_equal(house_count(house, EVENT_DISK_FULL), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_flood_costs_no_more_than_its_datagrams),
        TEST(who_was_not_heard_is_heard_again),
        TEST(all_ports_share_one_allowance),
        TEST(acknowledged_errors_do_not_go_round),
        TEST(an_upload_announced_too_large_is_a_refused_request),
    };

    return cmocka_run_group_tests_name("errors", tests, caller_group_setup, NULL) != 0;
}
