/* link: -Wl,--wrap=__imp_recv,--wrap=__imp_recvfrom,--wrap=__imp_WSASocketW,--wrap=__imp_WSASendTo,--wrap=WSASendMsg,--wrap=__imp_WSAEventSelect,--wrap=__imp_getsockname */
#include "counts.h"
#include "udp_lab.h"

static void tells_where_a_datagram_arrived(void **state)
{
    static const struct {
        const char *from;
        const char *to;
    } cases[] = {
        {"127.0.0.1", "127.0.0.1"}, {"127.0.0.3", "127.0.0.2"}, {"10.77.0.2", "10.77.0.2"}, {"::1", "::1"},
        {"fd77::2", "fd77::2"},
    };
    struct udp server = open_at("::", 0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct udp client = open_at(cases[i].from, 0);
        struct udp_arrival arrival;
        assert_true(send_text(&client, cases[i].to, server.local.port, cases[i].to));
        struct endpoint from = receive(&server, &arrival);
        assert_string_equal((char *)received, cases[i].to);
        check_same(&from, cases[i].from, client.local.port);
        check_same(&arrival.local, cases[i].to, 0);
        assert_int_equal(arrival.interface_index, 1);
        udp_close(&client);
    }
    udp_close(&server);
}

static void receives_without_arrival_too(void **state)
{
    struct udp server = open_at("127.0.0.1", 0);
    struct udp client = open_at("127.0.0.2", 0);

    (void)state;
    assert_true(send_text(&client, "127.0.0.1", server.local.port, "plain"));
    struct endpoint from = receive(&server, NULL);
    assert_string_equal((char *)received, "plain");
    check_same(&from, "127.0.0.2", client.local.port);
    udp_close(&client);
    udp_close(&server);
}

static void never_blocks_and_signals_its_event(void **state)
{
    struct udp server = open_at("127.0.0.1", 0);
    struct udp client = open_at("127.0.0.1", 0);
    struct udp_arrival arrival;
    struct endpoint from;
    size_t size;

    (void)state;
    assert_int_equal(udp_receive(&server, received, sizeof received, &size, &from, NULL), UDP_NOTHING);
    assert_int_equal(udp_receive(&server, received, sizeof received, &size, &from, &arrival), UDP_NOTHING);
    WaitForSingleObject(event, 0);
    for (int i = 0; i < 3; i++) {
        assert_true(send_text(&client, "127.0.0.1", server.local.port, "x"));
        assert_int_equal(WaitForSingleObject(event, PATIENCE_MS), WAIT_OBJECT_0);
        receive(&server, NULL);
    }
    udp_close(&client);
    udp_close(&server);
}

static void gathers_its_parts(void **state)
{
    struct udp server = open_at("127.0.0.1", 0);
    struct span parts[UDP_PARTS_MAX] = {span_of("head", 4), span_of(NULL, 0), span_of("-one-", 5), span_of("two", 3)};

    (void)state;
    assert_true(is_sent(udp_send(&server, &server.local, NULL, parts, UDP_PARTS_MAX)));
    receive(&server, NULL);
    assert_string_equal((char *)received, "head-one-two");
    udp_close(&server);
}

static void leaves_from_the_address_it_is_bound_to(void **state)
{
    static const char *const addresses[] = {"127.0.0.9", "10.77.0.2", "fd77::2"};
    struct udp client = open_at("::", 0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct udp outlet = open_at(addresses[i], 0);
        struct udp_arrival other = {.local = at("127.0.0.1", 0)};
        struct endpoint to = at(addresses[i], client.local.port);
        struct span part = span_of_text("x");
        /* Where the socket has an address of its own, no other can be asked for. */
        assert_true(is_sent(udp_send(&outlet, &to, &other, &part, 1)));
        struct endpoint from = receive(&client, NULL);
        check_same(&from, addresses[i], outlet.local.port);
        udp_close(&outlet);
    }
    assert_int_equal(lab.messages, 0);
    udp_close(&client);
}

static void has_its_port_alone(void **state)
{
    struct udp first = open_at("::", 0);
    struct endpoint same[] = {at("::", first.local.port), at("127.0.0.1", first.local.port)};
    SOCKADDR_IN6 address = {.sin6_family = AF_INET6, .sin6_port = htons(first.local.port)};
    DWORD on = TRUE;
    DWORD is_exclusive = FALSE;
    int length = sizeof is_exclusive;
    struct udp second;

    (void)state;
    /* On Windows it takes this option to keep others out; under Wine they are out anyway. */
    assert_int_equal(getsockopt(first.socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&is_exclusive, &length), 0);
    assert_true(is_exclusive);
    for (size_t i = 0; i < COUNT_OF(same); i++)
        assert_int_equal(udp_open(&second, &same[i], BUFFER, event), WSAEADDRINUSE);
    SOCKET thief = socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
    setsockopt(thief, SOL_SOCKET, SO_REUSEADDR, (const char *)&on, sizeof on);
    assert_int_not_equal(bind(thief, (SOCKADDR *)&address, sizeof address), 0);
    closesocket(thief);
    udp_close(&first);
    udp_close(&first); /* does no harm */
    first = open_at("::", same[0].port);
    udp_close(&first);
}

static void says_that_an_address_is_not_up(void **state)
{
    static const char *const addresses[] = {"10.99.99.99", "2001:db8::1"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct endpoint local = at(addresses[i], 0);
        struct udp udp;
        assert_int_equal(udp_open(&udp, &local, BUFFER, event), WSAEADDRNOTAVAIL);
    }
}

static void makes_do_with_ipv4_alone(void **state)
{
    static const int errors[] = {WSAEAFNOSUPPORT, WSAEPROTONOSUPPORT, WSAEINVAL};
    struct udp client = open_at("127.0.0.1", 0);
    struct endpoint v6 = at("::1", 0);
    struct udp udp;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        struct udp_arrival arrival;
        lab.ipv6_error = errors[i];
        udp = open_at("::", 0);
        assert_int_equal(udp.family, AF_INET);
        assert_true(endpoint_is_unspecified(&udp.local));
        assert_true(send_text(&client, "127.0.0.1", udp.local.port, "to"));
        struct endpoint from = receive(&udp, &arrival);
        check_same(&from, "127.0.0.1", client.local.port);
        check_same(&arrival.local, "127.0.0.1", 0);
        assert_true(send_text(&udp, "127.0.0.1", client.local.port, "back"));
        from = receive(&client, NULL);
        assert_string_equal((char *)received, "back");
        udp_close(&udp);
        assert_int_equal(udp_open(&udp, &v6, BUFFER, event), errors[i]);
    }
    lab.ipv6_error = WSAEMFILE; /* no reason to try the other family */
    struct endpoint any = at("::", 0);
    assert_int_equal(udp_open(&udp, &any, BUFFER, event), WSAEMFILE);
    udp_close(&client);
}

static void leaves_nothing_open_when_it_fails(void **state)
{
    struct endpoint local = at("::", 0);
    unsigned handles = counts_handles();
    struct udp udp;

    (void)state;
    lab.select_error = WSAENOBUFS;
    assert_int_equal(udp_open(&udp, &local, BUFFER, event), WSAENOBUFS);
    assert_true(udp.socket == INVALID_SOCKET);
    lab.select_error = 0;
    lab.name_error = WSAENETDOWN;
    assert_int_equal(udp_open(&udp, &local, BUFFER, event), WSAENETDOWN);
    assert_true(udp.socket == INVALID_SOCKET);
    lab.name_error = 0;
    local = at("10.99.99.99", 0);
    assert_int_equal(udp_open(&udp, &local, BUFFER, event), WSAEADDRNOTAVAIL);
    assert_int_equal(counts_handles(), handles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_where_a_datagram_arrived),         TEST(receives_without_arrival_too),
        TEST(never_blocks_and_signals_its_event),     TEST(gathers_its_parts),
        TEST(leaves_from_the_address_it_is_bound_to), TEST(has_its_port_alone),
        TEST(says_that_an_address_is_not_up),         TEST(makes_do_with_ipv4_alone),
        TEST(leaves_nothing_open_when_it_fails),
    };

    return cmocka_run_group_tests_name("udp", tests, start_winsock, NULL) != 0;
}
