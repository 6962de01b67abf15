/* link: -Wl,--wrap=GetExtendedUdpTable,--wrap=free */
#include "caller.h"
#include "counts.h"
#include "house.h"

#include <iphlpapi.h>
#include <malloc.h>
#include <stdio.h>

enum { BOOT_SIZE = 70000, WORKERS = 4, FREED = 0xdd };

/* Between a failed start and its cleaning up the product asks who has the port; a test may do something meanwhile. */
static void (*meanwhile)(void);

DWORD WINAPI __wrap_GetExtendedUdpTable(void *, DWORD *, BOOL, ULONG, UDP_TABLE_CLASS, ULONG);

DWORD WINAPI __wrap_GetExtendedUdpTable(void *memory, DWORD *size, BOOL is_sorted, ULONG family, UDP_TABLE_CLASS class,
                                        ULONG reserved)
{
    (void)memory;
    (void)is_sorted;
    (void)family;
    (void)class;
    (void)reserved;
    *size = 0;
    if (meanwhile != NULL)
        meanwhile();
    return ERROR_NOT_SUPPORTED;
}

void __real_free(void *memory);
void __wrap_free(void *memory);

/* Whoever uses memory after it was freed shall find nothing there. */
void __wrap_free(void *memory)
{
    if (memory != NULL)
        memset(memory, FREED, _msize(memory));
    __real_free(memory);
}

static struct caller caller;
static struct caller second;

static int set_up(void **state)
{
    static struct house house;

    meanwhile = NULL;
    *state = &house;
    house_prepare(&house);
    files_make(house_path(&house, "boot.img"), BOOT_SIZE, 1);
    caller_open(&caller, "127.0.0.1", 0);
    caller_open(&second, "127.0.0.1", 0);
    return 0;
}

static int tear_down(void **state)
{
    caller_close(&caller);
    caller_close(&second);
    return house_teardown(state);
}

static void start(struct house *house)
{
    assert_int_equal(house_start(house), SERVER_STARTED);
}

static void check_fetch(const char *address, const char *options)
{
    struct caller c;

    caller_open(&c, strchr(address, ':') ? address : "127.0.0.1", 0);
    c.service = caller_address(address, 69);
    const char *answer = caller_fetch(&c, "boot.img", options, BOOT_SIZE, 1);
    CHECK(answer[0] == 0, "from %s with \"%s\": %s %s", address, options, answer, caller_words(&c));
    assert_true(caller_heard_from(&c, address));
    caller_close(&c);
}

/* A socket of "another program". */
static SOCKET take_port(const char *address)
{
    SOCKADDR_IN6 place = caller_address(address, 69);
    SOCKET taken = socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
    DWORD off = FALSE;

    setsockopt(taken, IPPROTO_IPV6, IPV6_V6ONLY, (const char *)&off, sizeof off);
    assert_int_equal(bind(taken, (SOCKADDR *)&place, sizeof place), 0);
    return taken;
}

static void says_when_another_program_has_the_port(void **state)
{
    struct house *house = *state;
    SOCKET taken = take_port("::");

    assert_int_equal(house_start(house), SERVER_FAILED_PORT_TAKEN); /* makes the journal, which stays */
    unsigned handles = counts_handles();
    unsigned threads = counts_threads();
    assert_int_equal(house_start(house), SERVER_FAILED_PORT_TAKEN);
    assert_int_equal(house->error, WSAEADDRINUSE);
    assert_true(counts_await_handles(handles));
    assert_int_equal(counts_threads(), threads);
    assert_non_null(strstr(house_hear(house, EVENT_PORT_TAKEN), ":69"));
    closesocket(taken);
    start(house);
    check_fetch("127.0.0.1", "");
}

static void says_when_the_start_directory_is_missing(void **state)
{
    struct house *house = *state;

    house_set(house, "Directory", "C:\\no\\such");
    assert_int_equal(house_start(house), SERVER_FAILED_DIRECTORY);
    assert_int_equal(house->error, ERROR_PATH_NOT_FOUND);
    assert_non_null(strstr(house_hear(house, EVENT_DIRECTORY_FAILED), "C:\\no\\such"));
}

static void listens_on_the_addresses_it_is_told(void **state)
{
    struct house *house = *state;

    house_set(house, "Addresses", "127.0.0.5;10.77.0.2;fd77::2");
    start(house);
    check_fetch("127.0.0.5", "");
    check_fetch("10.77.0.2", "blksize 1400");
    check_fetch("fd77::2", "blksize 1400");
    caller_ask_read(&caller, "boot.img", "");
    assert_string_equal(caller_hear_for(&caller, 200), "silence");
}

/* The same address twice, or both families' "all", is one socket and no quarrel with oneself. */
static void takes_an_address_twice(void **state)
{
    static const char *const lists[] = {"127.0.0.1;127.0.0.1", "0.0.0.0;::", "::;0.0.0.0"};
    struct house *house = *state;

    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        house_set(house, "Addresses", lists[i]);
        CHECK(house_start(house) == SERVER_STARTED, "%s: %s", lists[i], house_hear(house, EVENT_PORT_TAKEN));
        check_fetch("127.0.0.1", "");
        if (i > 0)
            check_fetch("::1", "");
        house_close(house);
    }
}

static void waits_for_an_address_that_is_not_up(void **state)
{
    struct house *house = *state;

    house_set(house, "Addresses", "10.88.0.1;127.0.0.1");
    start(house);
    assert_non_null(strstr(house_hear(house, EVENT_ADDRESS_AWAITED), "10.88.0.1:69"));
    check_fetch("127.0.0.1", ""); /* the others serve meanwhile */
    files_run_unix("ip addr add 10.88.0.1/24 dev lo");
    assert_non_null(strstr(house_hear(house, EVENT_ADDRESS_UP), "10.88.0.1:69"));
    check_fetch("10.88.0.1", "");
    house_close(house);
    assert_int_equal(house_count(house, EVENT_ADDRESS_AWAITED), 1);
    assert_int_equal(house_count(house, EVENT_ADDRESS_UP), 1);
    files_run_unix("ip addr del 10.88.0.1/24 dev lo");
}

static void answers_nobody_while_paused(void **state)
{
    struct house *house = *state;

    start(house);
    caller_ask_read(&caller, "boot.img", "blksize 1000");
    caller_must_hear(&caller, "OACK blksize=1000");
    server_pause(house->server, true);
    caller_ask_read(&second, "boot.img", "");
    assert_string_equal(caller_hear_for(&second, 200), "silence");
    caller_ack(&caller, 0);
    caller_must_hear(&caller, "DATA 1"); /* what runs goes on */
    server_pause(house->server, false);
    caller_ask_read(&second, "boot.img", "");
    caller_must_hear(&second, "DATA 1");
}

static void serves_whole_transfers_over_one_port(void **state)
{
    struct house *house = *state;
    char name[16];

    house_set(house, "SinglePort", "1");
    start(house);
    for (int i = 0; i < 5; i++) {
        const char *answer = caller_fetch(&caller, "boot.img", i % 2 ? "blksize 1400 windowsize 8" : "", BOOT_SIZE, 1);
        CHECK(answer[0] == 0, "fetch %d: %s", i, answer);
        assert_int_equal(caller_port(&caller), 69);
        snprintf(name, sizeof name, "up%d", i);
        assert_string_equal(caller_store(&caller, name, "", 5000, 2), "");
        assert_int_equal(caller_port(&caller), 69);
        assert_true(files_hold(house_path(house, name), 5000, 2));
    }
    check_fetch("::1", "tsize 0");
    caller_ask_read(&caller, "none", "");
    caller_must_hear(&caller, "ERROR 1");
    second.server = second.service;
    caller_ack(&second, 7); /* nobody's */
    caller_must_hear(&second, "ERROR 5");
    house_close(house);
    house_set(house, "Addresses", "127.0.0.5;fd77::2");
    start(house);
    check_fetch("127.0.0.5", "");
    check_fetch("fd77::2", "blksize 1400");
}

static void serves_several_at_once_over_one_port(void **state)
{
    struct house *house = *state;

    house_set(house, "SinglePort", "1");
    start(house);
    caller_ask_read(&caller, "boot.img", "blksize 1000");
    caller_must_hear(&caller, "OACK blksize=1000");
    caller_ask_read(&second, "boot.img", "blksize 1200");
    caller_must_hear(&second, "OACK blksize=1200");
    caller_ack(&caller, 0);
    caller_ack(&second, 0);
    for (int i = 1; i < 20; i++) {
        char wanted[16];
        snprintf(wanted, sizeof wanted, "DATA %d", i);
        caller_must_hear(&caller, wanted);
        caller_must_hear(&second, wanted);
        assert_true(files_match(caller.bytes + 4, 1000, 1, (uint64_t)(i - 1) * 1000));
        assert_true(files_match(second.bytes + 4, 1200, 1, (uint64_t)(i - 1) * 1200));
        caller_ack(&caller, (uint16_t)i);
        caller_ack(&second, (uint16_t)i);
    }
}

static void send_request_meanwhile(void)
{
    for (int i = 0; i < 20; i++) {
        caller.service = caller_address("127.0.0.5", 69);
        caller_ask_read(&caller, "boot.img", "");
        Sleep(5);
    }
}

/* One address opens, the other is taken; a request to the first comes before everything is undone. */
static void bears_requests_while_a_start_fails(void **state)
{
    struct house *house = *state;
    SOCKET taken = take_port("127.0.0.6");

    house_set(house, "Addresses", "127.0.0.5;127.0.0.6");
    meanwhile = send_request_meanwhile;
    for (int single = 0; single < 2; single++) {
        house_set(house, "SinglePort", single ? "1" : "0");
        assert_int_equal(house_start(house), SERVER_FAILED_PORT_TAKEN);
    }
    meanwhile = NULL;
    closesocket(taken);
    start(house);
    check_fetch("127.0.0.6", "");
}

static void keeps_to_its_port_range(void **state)
{
    struct house *house = *state;

    house_set(house, "PortRange", "50100-50103");
    start(house);
    for (int i = 0; i < 2 * WORKERS; i++) {
        assert_string_equal(caller_fetch(&caller, "boot.img", "", BOOT_SIZE, 1), "");
        assert_in_range(caller_port(&caller), 50100, 50103);
    }
    check_fetch("10.77.0.2", ""); /* another address has the range for itself */
}

static void has_no_more_workers_than_ports(void **state)
{
    struct house *house = *state;

    house_set(house, "PortRange", "50100-50101");
    start(house);
    for (int i = 0; i < 2 * WORKERS; i++) {
        assert_string_equal(caller_fetch(&caller, "boot.img", "", BOOT_SIZE, 1), "");
        assert_in_range(caller_port(&caller), 50100, 50101);
    }
}

static void says_when_its_ports_are_taken(void **state)
{
    struct house *house = *state;
    SOCKADDR_IN address = {.sin_family = AF_INET, .sin_port = htons(50100)};
    SOCKET other = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);

    assert_int_equal(bind(other, (SOCKADDR *)&address, sizeof address), 0);
    house_set(house, "PortRange", "50100-50100");
    start(house);
    caller_ask_read(&caller, "boot.img", "blksize 1000");
    assert_string_equal(caller_hear_for(&caller, 200), "silence");
    assert_true(house_hear(house, EVENT_TOO_BUSY)[0] != 0);
    closesocket(other);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_when_another_program_has_the_port), TEST(says_when_the_start_directory_is_missing),
        TEST(listens_on_the_addresses_it_is_told),    TEST(takes_an_address_twice),
        TEST(waits_for_an_address_that_is_not_up),    TEST(answers_nobody_while_paused),
        TEST(serves_whole_transfers_over_one_port),   TEST(serves_several_at_once_over_one_port),
        TEST(bears_requests_while_a_start_fails),     TEST(keeps_to_its_port_range),
        TEST(has_no_more_workers_than_ports),         TEST(says_when_its_ports_are_taken),
    };

    return cmocka_run_group_tests_name("listener", tests, caller_group_setup, NULL) != 0;
}
