/* link: -Wl,--wrap=interfaces_list,--wrap=WSASendMsg,--wrap=udp_receive */
/* Where the companion's replies leave from, and what it says of what it has heard. */
#include "caller.h"
#include "house.h"

#include "win32/boot/bootself.h"
#include "win32/boot/companion_parts.h"

static struct {
    volatile LONG is_group;   /* of IPv6 all comes to the servers' group: the loopback device has none */
    volatile LONG send_error; /* of what is to leave from a chosen address; 0: none */
    IN6_PKTINFO source; /* of the last datagram that was to leave from a chosen address; Wine leaves it to Linux */
} lab;

bool __wrap_interfaces_list(int family, struct local_address *list, size_t room, size_t *count);
bool __wrap_interfaces_list(int family, struct local_address *list, size_t room, size_t *count)
{
    assert_in_range(room, 1, 1024);
    list[0] = (struct local_address){endpoint_ipv4(127, 0, 0, 1, 0), 1, 8};
    if (family == AF_INET6) {
        list[0].prefix_bits = 64;
        assert_true(endpoint_parse_address(&list[0].address, span_of_text("fd77::2")));
    }
    *count = 1;
    return true;
}

enum udp_result __real_udp_receive(struct udp *udp, uint8_t *buffer, size_t room, size_t *size, struct endpoint *from,
                                   struct udp_arrival *arrival);
enum udp_result __wrap_udp_receive(struct udp *udp, uint8_t *buffer, size_t room, size_t *size, struct endpoint *from,
                                   struct udp_arrival *arrival);
enum udp_result __wrap_udp_receive(struct udp *udp, uint8_t *buffer, size_t room, size_t *size, struct endpoint *from,
                                   struct udp_arrival *arrival)
{
    enum udp_result result = __real_udp_receive(udp, buffer, room, size, from, arrival);

    if (result == UDP_RECEIVED && lab.is_group && !endpoint_is_ipv4(&arrival->local))
        assert_true(endpoint_parse_address(&arrival->local, span_of_text("ff02::1:2")));
    return result;
}

int WSAAPI __real_WSASendMsg(SOCKET s, LPWSAMSG message, DWORD flags, LPDWORD sent, LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
int WSAAPI __wrap_WSASendMsg(SOCKET s, LPWSAMSG message, DWORD flags, LPDWORD sent, LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
int WSAAPI __wrap_WSASendMsg(SOCKET s, LPWSAMSG message, DWORD flags, LPDWORD sent, LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSACMSGHDR header;

    memcpy(&header, message->Control.buf, sizeof header);
    if (header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_PKTINFO)
        memcpy(&lab.source, message->Control.buf + WSA_CMSGDATA_ALIGN(sizeof header), sizeof lab.source);
    if (lab.send_error != 0) {
        WSASetLastError(lab.send_error);
        return SOCKET_ERROR;
    }
    return __real_WSASendMsg(s, message, flags, sent, overlapped, routine);
}

static int set_up(void **state)
{
    static struct house house;

    memset(&lab, 0, sizeof lab);
    *state = &house;
    house_prepare(&house);
    house_set(&house, "PxeBoot", "x64 = x64.efi");
    files_make(house_path(&house, "x64.efi"), 3000, 1);
    return 0;
}

/* Asks until the companion has told something of this kind. */
static void must_tell(const struct house *house, enum event_id id, struct caller *caller, const char *address,
                      uint16_t port, const void *packet, size_t size)
{
    SOCKADDR_IN6 to = caller_address(address, port);

    for (int turn = 0; house_count(house, id) == 0; turn++) {
        CHECK(turn < PATIENCE_MS, "event %d was not told", (int)id);
        caller_send(caller, &to, packet, size);
        Sleep(1);
    }
}

/* A REQUEST of an x64 machine for the server with this DUID. */
static struct span request6(uint8_t bytes[128])
{
    static const uint8_t head[] = "\3\0\0\1\0\1\0\xa\0\3\0\1\x52\x54\0\1\2\3"
                                  "\0\x10\0\x0f\0\0\1\x57\0\x09PXEClient\0\x3d\0\2\0\7\0\2\0";
    size_t size = sizeof head - 1;

    memcpy(bytes, head, size);
    bytes[size] = DUID_SIZE;
    bootself_make_duid(bytes + size + 1);
    return span_of(bytes, size + 1 + DUID_SIZE);
}

/* Asks port 4011 over IPv6 until it answers. */
static void must_ask(struct house *house)
{
    uint8_t bytes[128];
    struct span ask = request6(bytes);
    SOCKADDR_IN6 asked = caller_address("fd77::2", 4011);
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
    struct caller asker;

    house_set(house, "PxeV6", "answer");
    caller_open(&asker, "::1", 0);
    house_set(house, "Pxe", "answer");
    assert_int_equal(house_start(house), SERVER_STARTED);
    do
        caller_send(&asker, &asked, ask.bytes, ask.size);
    while (strcmp(caller_hear_for(&asker, 200), "silence") == 0 && GetTickCount64() < end_ms);
    assert_true(asker.size > 4 && asker.bytes[0] == 7);
    caller_close(&asker);
}

/* Firmware takes an answer of port 4011 from the address alone that it has asked, and a machine of IPv6 has many. */
static void answers_from_the_address_that_was_asked(void **state)
{
    struct in6_addr asked = caller_address("fd77::2", 0).sin6_addr;

    must_ask(*state);
    assert_memory_equal(&lab.source.ipi6_addr, &asked, sizeof asked);
    assert_int_equal(lab.source.ipi6_ifindex, 1);
}

/* No datagram may leave from a group. */
static void leaves_the_source_to_the_system_where_a_group_was_asked(void **state)
{
    lab.is_group = true;
    must_ask(*state);
    assert_int_equal(lab.source.ipi6_ifindex, 0);
}

/* The like of a firewall's rule, or of a full buffer: to the machine it is silence, and so no answer for whoever reads the log. */
static void tells_what_the_system_refuses_to_send(void **state)
{
    static struct companion_machine machines[COMPANION_MACHINES_MAX];
    static const LONG errors[] = {WSAEACCES, WSAEWOULDBLOCK};
    struct companion_state boot;
    struct house *house = *state;
    struct caller asker;
    uint8_t bytes[128];
    struct span ask = request6(bytes);

    house_set(house, "PxeV6", "answer");
    house_set(house, "Pxe", "answer");
    caller_open(&asker, "::1", 0);
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        lab.send_error = errors[i];
        assert_int_equal(house_start(house), SERVER_STARTED);
        must_tell(house, EVENT_BOOT_REFUSED, &asker, "fd77::2", 4011, ask.bytes, ask.size);
        assert_non_null(strstr(house_hear(house, EVENT_BOOT_REFUSED), "refused to send the answer"));
        const char *said = house_hear(house, EVENT_SEND_FAILED);
        CHECK(strstr(said, i == 0 ? "allow tftpd.exe to send" : "short of memory") != NULL, "%s", said);
        server_look_boot(house->server, &boot, machines);
        assert_int_equal(boot.answered, 0);
        assert_true(boot.refused > 0);
        house_close(house);
        house->told = 0;
    }
    caller_close(&asker);
    assert_int_equal(house_count(house, EVENT_BOOT_ANSWERED), 0);
}

/* PXE.md 6.1 rule 19: a BOOTP client's own words stand in the log and in status without control bytes, and cut. */
static void escapes_what_a_client_says(void **state)
{
    static const char words[] = "\x1b[2J\r\n\"a\xff";
    static struct companion_machine machines[COMPANION_MACHINES_MAX];
    static uint8_t packet[300] = {1, 1, 6};
    struct companion_state boot;
    struct house *house = *state;
    struct caller neighbour;

    house_set(house, "Bootp", "bootp");
    house_set(house, "BootpHosts", "52:54:00:01:02:03 = 127.0.0.9");
    assert_int_equal(house_start(house), SERVER_STARTED);
    caller_open(&neighbour, "127.0.0.1", 0);
    memcpy(packet + 28, "\x52\x54\0\1\2\3", 6);
    memset(packet + 108, 'x', 120);
    memcpy(packet + 108, words, sizeof words - 1);
    must_tell(house, EVENT_BOOT_REFUSED, &neighbour, "127.0.0.1", 67, packet, sizeof packet);
    caller_close(&neighbour);
    const char *said = house_hear(house, EVENT_BOOT_REFUSED);
    assert_non_null(strstr(said, "\"?[2J???a?xxx"));
    server_look_boot(house->server, &boot, machines);
    assert_int_equal(boot.machine_count, 1);
    assert_memory_equal(machines[0].file, "?[2J???a?xxx", 12);
    const char *texts[] = {said, machines[0].file, machines[0].identity, machines[0].kind};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        for (const char *c = texts[i]; *c != 0; c++)
            CHECK(*c >= ' ' && *c < 127, "%s", texts[i]);
}

/* Figures of Performance Monitor grow, whatever is switched off meanwhile. */
static void counts_for_as_long_as_the_service_runs(void **state)
{
    static struct companion_machine machines[COMPANION_MACHINES_MAX];
    struct companion_state before, after;
    struct house *house = *state;

    must_ask(house);
    server_look_boot(house->server, &before, machines);
    assert_true(before.is_on && before.answered > 0);
    house_set(house, "Pxe", "off");
    assert_true(server_reload(house->server, &house->config));
    server_look_boot(house->server, &after, machines);
    assert_false(after.is_on);
    assert_true(after.answered >= before.answered);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_from_the_address_that_was_asked, set_up, house_teardown),
        cmocka_unit_test_setup_teardown(leaves_the_source_to_the_system_where_a_group_was_asked, set_up,
                                        house_teardown),
        cmocka_unit_test_setup_teardown(tells_what_the_system_refuses_to_send, set_up, house_teardown),
        cmocka_unit_test_setup_teardown(escapes_what_a_client_says, set_up, house_teardown),
        cmocka_unit_test_setup_teardown(counts_for_as_long_as_the_service_runs, set_up, house_teardown),
    };

    return cmocka_run_group_tests_name("companion replies", tests, caller_group_setup, NULL);
}
