/* link: -Wl,--wrap=interfaces_list,--wrap=__imp_bind,--wrap=__imp_CreateThread,--wrap=__imp_GetTickCount64 */
/* The boot companion's life: what it has while it is on, what goes wrong, what is told. What is answered is in tests/e2e/boot.py. */
#include "caller.h"
#include "house.h"

#include "win32/boot/companion_parts.h"

#include <stdio.h>

enum { FILE_SIZE = 3000, ASK_MAX = 400, MINUTE_MS = 61 * 1000, IGNORED_MAC = 0x99, ANYBODY = -1 };

#define IMPORTED(name, type)         \
    extern type __real___imp_##name; \
    extern type __wrap___imp_##name

typedef int(WINAPI *bind_function)(SOCKET, const SOCKADDR *, int);
typedef HANDLE(WINAPI *thread_function)(SECURITY_ATTRIBUTES *, SIZE_T, LPTHREAD_START_ROUTINE, void *, DWORD, DWORD *);
typedef ULONGLONG(WINAPI *tick_function)(void);
IMPORTED(bind, bind_function);
IMPORTED(CreateThread, thread_function);
IMPORTED(GetTickCount64, tick_function);
bool __wrap_interfaces_list(int family, struct local_address *list, size_t room, size_t *count);

static struct {
    volatile LONG is_plugged; /* there is an interface with 127.0.0.1 */
    volatile LONG is_untold;  /* the system does not tell of them */
    volatile LONG bind_error; /* of port 67 */
    volatile SOCKET bound;    /* the socket of port 67 */
    volatile SOCKET asked;    /* and of port 4011 */
    volatile LONG64 skipped_ms;
    bool has_no_thread;
} lab;

bool __wrap_interfaces_list(int family, struct local_address *list, size_t room, size_t *count)
{
    assert_in_range(room, 1, 1024);
    list[0] = (struct local_address){endpoint_ipv4(127, 0, 0, 1, 0), 1, 8};
    *count = lab.is_plugged && family == AF_INET ? 1 : 0;
    return !lab.is_untold;
}

static int WINAPI lab_bind(SOCKET socket, const SOCKADDR *address, int length)
{
    uint16_t port = ntohs(((const SOCKADDR_IN *)(const void *)address)->sin_port);

    if (address->sa_family == AF_INET && port == 4011)
        lab.asked = socket;
    if (address->sa_family == AF_INET && port == 67) {
        lab.bound = socket;
        if (lab.bind_error != 0) {
            WSASetLastError(lab.bind_error);
            return SOCKET_ERROR;
        }
    }
    return __real___imp_bind(socket, address, length);
}
bind_function __wrap___imp_bind = lab_bind;

static HANDLE WINAPI lab_thread(SECURITY_ATTRIBUTES *security, SIZE_T stack, LPTHREAD_START_ROUTINE routine,
                                void *context, DWORD flags, DWORD *id)
{
    if (lab.has_no_thread) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    return __real___imp_CreateThread(security, stack, routine, context, flags, id);
}
thread_function __wrap___imp_CreateThread = lab_thread;

static ULONGLONG WINAPI lab_ticks(void)
{
    return __real___imp_GetTickCount64() + (ULONGLONG)lab.skipped_ms;
}
tick_function __wrap___imp_GetTickCount64 = lab_ticks;

static void pass(LONG64 ms)
{
    InterlockedExchangeAdd64(&lab.skipped_ms, ms);
}

/* -- a machine --------------------------------------------------------------------------------------------------------- */

/* Port 67 hears whoever is on its link, which is 127.0.0.0/8 here, and 4011 whoever has an address of a host. */
static struct caller neighbour;
static struct caller machine;

static size_t put(uint8_t *packet, size_t size, uint8_t tag, const void *data, uint8_t length)
{
    packet[size++] = tag;
    packet[size++] = length;
    memcpy(packet + size, data, length);
    return size + length;
}

/* x64 firmware: message 1 is its DISCOVER, 3 a REQUEST; with takes the one for an address of a DHCP server, 10.77.0.2. */
static size_t build(uint8_t packet[ASK_MAX], uint8_t mac, uint8_t message, bool takes)
{
    static const char class_id[] = "PXEClient:Arch:00007:UNDI:003000";
    size_t size = 240;

    memset(packet, 0, ASK_MAX);
    packet[0] = packet[1] = 1;
    packet[2] = 6;
    packet[7] = message;
    memcpy(packet + 28, "\x52\x54\0\1\2", 5);
    packet[33] = mac;
    memcpy(packet + 236, "\x63\x82\x53\x63", 4);
    size = put(packet, size, 53, &message, 1);
    size = put(packet, size, 93, "\0\7", 2);
    size = put(packet, size, 60, class_id, sizeof class_id - 1);
    if (takes) {
        size = put(packet, size, 50, "\x0a\x4d\0\2", 4);
        size = put(packet, size, 54, "\x0a\x4d\0\1", 4);
    }
    packet[size++] = 255;
    return size;
}

static void send_to(uint16_t port, uint8_t mac, uint8_t message, bool takes)
{
    uint8_t packet[ASK_MAX];
    size_t size = build(packet, mac, message, takes);
    SOCKADDR_IN6 to = caller_address("127.0.0.1", port);

    caller_send(port == 67 ? &neighbour : &machine, &to, packet, size);
}

/* Has a machine ask port 4011 until it is told this file: the socket may not be open yet. */
static void must_tell_machine(int mac, const char *file)
{
    uint64_t end_ms = __real___imp_GetTickCount64() + PATIENCE_MS;

    do {
        send_to(4011, (uint8_t)(mac == ANYBODY ? (int)__real___imp_GetTickCount64() : mac), 3, false);
        if (strcmp(caller_hear_for(&machine, 200), "silence") != 0 && machine.size >= 300 &&
            strcmp((char *)machine.bytes + 108, file) == 0)
            return;
    } while (__real___imp_GetTickCount64() < end_ms);
    fail_msg("\"%s\" was not told", file);
}

static void must_be_told(const char *file)
{
    must_tell_machine(ANYBODY, file);
}

static bool may_broadcast(SOCKET socket)
{
    BOOL may = FALSE;
    int length = sizeof may;

    assert_int_equal(getsockopt(socket, SOL_SOCKET, SO_BROADCAST, (char *)&may, &length), 0);
    return may;
}

/* What was asked before may be answered late. */
static void drain(void)
{
    while (strcmp(caller_hear_for(&machine, 300), "silence") != 0)
        ;
}

static void must_be_silent(void)
{
    drain();
    send_to(4011, 1, 3, false);
    assert_string_equal(caller_hear_for(&machine, 300), "silence");
}

/* Waits until the event was told so many times. */
static void must_hear(const struct house *house, enum event_id id, unsigned times)
{
    for (int turn = 0; house_count(house, id) < times; turn++) {
        CHECK(turn < PATIENCE_MS, "event %d was told %u times", (int)id, house_count(house, id));
        Sleep(1);
    }
}

static const char *last_text(const struct house *house, enum event_id id)
{
    for (LONG i = house->told; i-- > 0;)
        if (house->events[i].id == id)
            return house->events[i].text;
    return "";
}

/* Waits until port 67 has given what was sent there before. */
static void sync_67(const struct house *house)
{
    unsigned before = house_count(house, EVENT_BOOT_REFUSED);

    send_to(67, IGNORED_MAC, 1, false);
    must_hear(house, EVENT_BOOT_REFUSED, before + 1);
}

/* Waits until the thread has looked at what is due: whatever was told before, limits are a minute later. */
static void tick(const struct house *house)
{
    unsigned before = house_count(house, EVENT_BOOT_LIMITED);

    for (int i = 0; i < 20; i++)
        send_to(67, 210, 1, false);
    sync_67(house);
    pass(MINUTE_MS);
    must_hear(house, EVENT_BOOT_LIMITED, before + 1);
}

static bool is_free(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    BOOL is_exclusive = TRUE;
    SOCKET probe = socket(AF_INET, SOCK_DGRAM, 0);

    setsockopt(probe, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&is_exclusive, sizeof is_exclusive);
    bool is_bound = __real___imp_bind(probe, (struct sockaddr *)&address, sizeof address) == 0;
    closesocket(probe);
    return is_bound;
}

static int set_up(void **state)
{
    static struct house house;

    memset(&lab, 0, sizeof lab);
    lab.is_plugged = true;
    *state = &house;
    house_prepare(&house);
    files_make(house_path(&house, "x64.efi"), FILE_SIZE, 1);
    house_set(&house, "PxeBoot", "x64 = x64.efi");
    house_set(&house, "PxeHosts", "52:54:00:01:02:99 = ignore");
    caller_open(&machine, "10.77.0.2", 0);
    caller_open(&neighbour, "127.0.0.1", 0);
    return 0;
}

static int tear_down(void **state)
{
    caller_close(&machine);
    caller_close(&neighbour);
    return house_teardown(state);
}

static void start(struct house *house, const char *pxe)
{
    house_set(house, "Pxe", pxe);
    assert_int_equal(house_start(house), SERVER_STARTED);
}

static void reload(struct house *house, const char *name, const char *value)
{
    house_set(house, name, value);
    assert_true(server_reload(house->server, &house->config));
}

/* -- tests ------------------------------------------------------------------------------------------------------------- */

static void is_nothing_while_it_is_off(void **state)
{
    struct house *house = *state;

    start(house, "off");
    assert_null(lab.bound);
    assert_true(is_free(67) && is_free(4011));
    must_be_silent();
    reload(house, "Pxe", "answer");
    must_be_told("x64.efi");
    assert_false(is_free(67) || is_free(4011));
    /* What comes to 4011 is answered to its source alone, which may be forged. */
    assert_true(may_broadcast(lab.bound) && !may_broadcast(lab.asked));
    reload(house, "Pxe", "off");
    assert_true(is_free(67) && is_free(4011));
    must_be_silent();
    assert_int_equal(house_count(house, EVENT_BOOT_HEARS), 2);
}

static void follows_parameters(void **state)
{
    struct house *house = *state;

    start(house, "answer");
    must_be_told("x64.efi");
    files_make(house_path(house, "other.efi"), FILE_SIZE, 1);
    reload(house, "PxeBoot", "x64 = other.efi");
    must_be_told("other.efi");
    /* What does not go together changes nothing. */
    reload(house, "PxeStyle", "menu");
    assert_non_null(strstr(house_hear(house, EVENT_BOOT_RULES_REFUSED), "answered as before: PxeMenu is empty"));
    must_be_told("other.efi");
    reload(house, "PxeStyle", "direct");
    reload(house, "PxePorts", "4011");
    must_hear(house, EVENT_BOOT_DEAF, 1);
    assert_non_null(strstr(last_text(house, EVENT_BOOT_DEAF), "127.0.0.1:67: the parameters say so"));
    assert_true(is_free(67));
    must_be_told("other.efi");
}

static void does_not_start_with_what_does_not_go_together(void **state)
{
    struct house *house = *state;

    house_set(house, "PxeStyle", "menu");
    start(house, "answer");
    assert_non_null(strstr(house_hear(house, EVENT_BOOT_RULES_REFUSED), "are not answered: PxeMenu is empty"));
    assert_true(is_free(67) && is_free(4011));
}

static void is_silent_while_paused(void **state)
{
    struct house *house = *state;

    start(house, "answer");
    must_be_told("x64.efi");
    server_pause(house->server, true);
    must_be_silent();
    server_pause(house->server, false);
    must_be_told("x64.efi");
}

/* None of them spoils the socket. */
static void bears_datagrams_that_are_too_long(void **state)
{
    static uint8_t noise[9000] = {1, 1, 6};
    struct house *house = *state;
    SOCKADDR_IN6 to = caller_address("127.0.0.1", 4011);

    start(house, "answer");
    must_be_told("x64.efi");
    for (int i = 0; i < 2 * UDP_SPOILT_MAX; i++)
        caller_send(&machine, &to, noise, sizeof noise);
    must_be_told("x64.efi");
    assert_int_equal(house_count(house, EVENT_BOOT_LISTEN_FAILED), 0);
}

static void hears_bootp_alone_on_its_port(void **state)
{
    struct house *house = *state;

    house_set(house, "Bootp", "bootp");
    house_set(house, "PxePorts", "4011");
    start(house, "off");
    assert_non_null(strstr(house_hear(house, EVENT_BOOT_HEARS), "127.0.0.1:67"));
    assert_true(is_free(4011));
}

/* Clients tell servers apart by it: this Windows has the same one after each start. */
static void has_a_duid_that_stays(void **state)
{
    uint8_t duid[DUID_SIZE], again[DUID_SIZE];
    HKEY key;

    (void)state;
    bootself_make_duid(duid);
    bootself_make_duid(again);
    assert_memory_equal(duid, again, sizeof duid);
    assert_memory_equal(duid, "\0\4", 2);
    /* Without an installation's GUID it is drawn. */
    assert_int_equal(RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Cryptography", 0, KEY_ALL_ACCESS, &key),
                     0);
    RegDeleteValueW(key, L"MachineGuid");
    RegCloseKey(key);
    bootself_make_duid(again);
    assert_memory_not_equal(duid, again, sizeof duid);
}

static void only_tells_while_it_watches(void **state)
{
    struct house *house = *state;

    start(house, "watch");
    must_hear(house, EVENT_BOOT_HEARS, 2);
    must_be_silent();
    assert_non_null(strstr(house_hear(house, EVENT_BOOT_WATCHED), "\"x64.efi\" by PxeBoot 1: x64 = x64.efi"));
    reload(house, "Pxe", "answer");
    must_be_told("x64.efi");
}

/* Who had its one boot before the network was watched, or before Pxe was off, has had it; who was only watched has not. */
static void remembers_whose_one_boot_is_over(void **state)
{
    struct house *house = *state;

    files_make(house_path(house, "setup.efi"), FILE_SIZE, 1);
    house_set(house, "PxeHosts", "52:54:00:01:02:33 = once setup.efi;52:54:00:01:02:34 = once setup.efi");
    start(house, "answer");
    must_tell_machine(0x33, "setup.efi");
    pass(BOOT_ONCE_MS);
    must_tell_machine(0x33, "");
    reload(house, "Pxe", "watch");
    send_to(4011, 0x34, 3, false);
    must_hear(house, EVENT_BOOT_WATCHED, 1);
    pass(BOOT_ONCE_MS);
    reload(house, "Pxe", "answer");
    must_tell_machine(0x34, "setup.efi");
    must_tell_machine(0x33, "");
    reload(house, "Pxe", "off");
    reload(house, "Pxe", "answer");
    must_tell_machine(0x33, "");
    /* A line that was taken out meanwhile means another boot. */
    reload(house, "Pxe", "off");
    reload(house, "PxeHosts", "52:54:00:01:02:34 = once setup.efi");
    reload(house, "PxeHosts", "52:54:00:01:02:33 = once setup.efi");
    reload(house, "Pxe", "answer");
    must_tell_machine(0x33, "setup.efi");
}

static void approvals_outlive_a_time_without_booting(void **state)
{
    struct house *house = *state;

    house_set(house, "PxeUnknown", "wait");
    start(house, "answer");
    must_hear(house, EVENT_BOOT_HEARS, 2);
    assert_int_equal(server_approve(house->server, "52:54:00:01:02:35"), COMPANION_APPROVED);
    reload(house, "Pxe", "off");
    reload(house, "Pxe", "answer");
    must_tell_machine(0x35, "x64.efi");
}

/* Behind a dock there are many: whoever is approved by its MAC would wait for ever. */
static void approves_no_shared_mac(void **state)
{
    struct house *house = *state;

    house_set(house, "PxeUnknown", "wait");
    house_set(house, "PxeHosts", "52:54:00:01:02:36 = shared");
    start(house, "answer");
    must_hear(house, EVENT_BOOT_HEARS, 2);
    assert_int_equal(server_approve(house->server, "52:54:00:01:02:36"), COMPANION_SHARED);
    assert_int_equal(house_count(house, EVENT_BOOT_APPROVED), 0);
    assert_int_equal(server_approve(house->server, "4c4c4544-0042-3510-8052-b4c04f4e3332"), COMPANION_APPROVED);
}

static void follows_interfaces(void **state)
{
    struct house *house = *state;

    lab.is_plugged = false;
    start(house, "answer");
    house_hear(house, EVENT_BOOT_NOWHERE);
    assert_int_equal(house_count(house, EVENT_BOOT_HEARS), 0);
    lab.is_plugged = true;
    pass(MINUTE_MS);
    must_be_told("x64.efi");
    lab.is_plugged = false;
    lab.is_untold = true;
    pass(MINUTE_MS);
    tick(house);
    must_be_told("x64.efi");
    lab.is_untold = false;
    pass(MINUTE_MS);
    must_hear(house, EVENT_BOOT_DEAF, 2);
    assert_non_null(strstr(last_text(house, EVENT_BOOT_DEAF), "its address has gone"));
    must_hear(house, EVENT_BOOT_NOWHERE, 2);
}

/* One port is refused: told once, the other one is served, and it is tried again each minute. */
static void serves_the_other_port(void **state)
{
    static const struct {
        int error;
        enum event_id id;
    } rows[] = {{WSAEADDRINUSE, EVENT_BOOT_PORT_TAKEN},
                {WSAEACCES, EVENT_BOOT_PORT_TAKEN},
                {WSAENOBUFS, EVENT_BOOT_LISTEN_FAILED},
                {WSAEADDRNOTAVAIL, EVENT_ADDRESS_AWAITED}};
    struct house *house = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        lab.bind_error = rows[i].error;
        start(house, "answer");
        assert_non_null(strstr(house_hear(house, rows[i].id), "127.0.0.1:67"));
        must_be_told("x64.efi");
        pass(MINUTE_MS);
        must_be_told("x64.efi");
        assert_int_equal(house_count(house, rows[i].id), 1);
        lab.bind_error = 0;
        pass(MINUTE_MS);
        must_hear(house, EVENT_BOOT_HEARS, 2);
        house_close(house);
        tear_down(state);
        set_up(state);
    }
}

static void opens_a_broken_socket_again(void **state)
{
    struct house *house = *state;

    start(house, "answer");
    must_hear(house, EVENT_BOOT_HEARS, 2);
    must_be_told("x64.efi");
    pass(MINUTE_MS);
    closesocket(lab.bound);
    must_hear(house, EVENT_BOOT_LISTEN_FAILED, 1);
    assert_non_null(strstr(last_text(house, EVENT_BOOT_LISTEN_FAILED), "it is tried again in a moment"));
    must_hear(house, EVENT_BOOT_HEARS, 3);
    must_be_told("x64.efi");
}

static void tells_that_it_cannot_start(void **state)
{
    struct house *house = *state;

    start(house, "off");
    lab.has_no_thread = true;
    reload(house, "Pxe", "answer");
    house_hear(house, EVENT_BOOT_FAILED);
    assert_true(is_free(67) && is_free(4011));
    lab.has_no_thread = false;
    reload(house, "Pxe", "answer");
    must_be_told("x64.efi");
}

static void counts_what_limits_drop(void **state)
{
    struct house *house = *state;

    start(house, "answer");
    must_be_told("x64.efi");
    pass(1000); /* what its address may have is whole again */
    for (int i = 0; i < 60; i++)
        send_to(4011, 7, 3, false);
    drain();
    pass(MINUTE_MS);
    assert_non_null(strstr(house_hear(house, EVENT_BOOT_LIMITED), "by the limit of one machine"));
    pass(MINUTE_MS);
    must_be_told("x64.efi");
    assert_int_equal(house_count(house, EVENT_BOOT_LIMITED), 1);
}

/* It was offered a file, took an address of a DHCP server, and nothing more. */
static void hints_at_another_server(void **state)
{
    struct house *house = *state;

    start(house, "answer");
    must_be_told("x64.efi");
    send_to(67, 200, 1, false);
    send_to(67, 200, 3, true);
    sync_67(house);
    pass(2 * MINUTE_MS);
    assert_non_null(strstr(house_hear(house, EVENT_BOOT_HINT), "52:54:00:01:02:c8"));
    pass(2 * MINUTE_MS);
    tick(house);
    assert_int_equal(house_count(house, EVENT_BOOT_HINT), 1);
}

static void a_machine_that_comes_for_its_file_is_no_hint(void **state)
{
    struct house *house = *state;

    start(house, "answer");
    must_be_told("x64.efi");
    send_to(67, 201, 1, false);
    send_to(67, 201, 3, true);
    sync_67(house);
    drain();
    assert_string_equal(caller_fetch(&machine, "x64.efi", "", FILE_SIZE, 1), "");
    tick(house);
    pass(2 * MINUTE_MS);
    tick(house);
    assert_int_equal(house_count(house, EVENT_BOOT_HINT), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_nothing_while_it_is_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(follows_parameters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(does_not_start_with_what_does_not_go_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_silent_while_paused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_tells_while_it_watches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(remembers_whose_one_boot_is_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(approvals_outlive_a_time_without_booting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(approves_no_shared_mac, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bears_datagrams_that_are_too_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hears_bootp_alone_on_its_port, set_up, tear_down),
        cmocka_unit_test(has_a_duid_that_stays),
        cmocka_unit_test_setup_teardown(follows_interfaces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(serves_the_other_port, set_up, tear_down),
        cmocka_unit_test_setup_teardown(opens_a_broken_socket_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_that_it_cannot_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_what_limits_drop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hints_at_another_server, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_machine_that_comes_for_its_file_is_no_hint, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("companion", tests, caller_group_setup, NULL);
}
