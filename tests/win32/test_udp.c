/* link: -Wl,--wrap=__imp_recvfrom,--wrap=__imp_WSASocketW,--wrap=__imp_WSASendTo,--wrap=WSASendMsg,--wrap=__imp_WSAEventSelect,--wrap=__imp_getsockname */
#include "counts.h"
#include "files.h"

#include "win32/udp.h"

enum { BUFFER = 64 * 1024, PAYLOAD_MAX = 65507 };

#define IMPORTED(name, type)         \
    extern type __real___imp_##name; \
    extern type __wrap___imp_##name

typedef int(WINAPI *recvfrom_function)(SOCKET, char *, int, int, SOCKADDR *, int *);
typedef SOCKET(WINAPI *socket_function)(int, int, int, WSAPROTOCOL_INFOW *, GROUP, DWORD);
typedef int(WINAPI *send_function)(SOCKET, WSABUF *, DWORD, DWORD *, DWORD, const SOCKADDR *, int, WSAOVERLAPPED *,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE);
typedef int(WINAPI *select_function)(SOCKET, HANDLE, long);
typedef int(WINAPI *name_function)(SOCKET, SOCKADDR *, int *);
IMPORTED(recvfrom, recvfrom_function);
IMPORTED(WSASocketW, socket_function);
IMPORTED(WSASendTo, send_function);
IMPORTED(WSAEventSelect, select_function);
IMPORTED(getsockname, name_function);
int WINAPI __wrap_WSASendMsg(SOCKET, WSAMSG *, DWORD, DWORD *, WSAOVERLAPPED *, LPWSAOVERLAPPED_COMPLETION_ROUTINE);

/* What the system is made to answer, and what it was asked. */
static struct {
    int receive_error;
    int ipv6_error;
    int send_error;
    int select_error;
    int name_error;
    unsigned plain_sends;
    unsigned messages;
    uint8_t control[256];
    ULONG control_size;
    SOCKADDR_IN6 to;
    char payload[64];
} lab;

static int fail_with(int error)
{
    WSASetLastError(error);
    return SOCKET_ERROR;
}

static int WINAPI lab_recvfrom(SOCKET socket, char *bytes, int room, int flags, SOCKADDR *from, int *length)
{
    return lab.receive_error ? fail_with(lab.receive_error)
                             : __real___imp_recvfrom(socket, bytes, room, flags, from, length);
}
recvfrom_function __wrap___imp_recvfrom = lab_recvfrom;

static SOCKET WINAPI lab_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags)
{
    if (family == AF_INET6 && lab.ipv6_error != 0) {
        WSASetLastError(lab.ipv6_error);
        return INVALID_SOCKET;
    }
    return __real___imp_WSASocketW(family, type, protocol, info, group, flags);
}
socket_function __wrap___imp_WSASocketW = lab_socket;

static int WINAPI lab_send(SOCKET socket, WSABUF *buffers, DWORD count, DWORD *sent, DWORD flags, const SOCKADDR *to,
                           int length, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    lab.plain_sends++;
    if (lab.send_error != 0)
        return fail_with(lab.send_error);
    return __real___imp_WSASendTo(socket, buffers, count, sent, flags, to, length, overlapped, routine);
}
send_function __wrap___imp_WSASendTo = lab_send;

static int WINAPI lab_select(SOCKET socket, HANDLE event, long events)
{
    return lab.select_error ? fail_with(lab.select_error) : __real___imp_WSAEventSelect(socket, event, events);
}
select_function __wrap___imp_WSAEventSelect = lab_select;

static int WINAPI lab_getsockname(SOCKET socket, SOCKADDR *name, int *length)
{
    return lab.name_error ? fail_with(lab.name_error) : __real___imp_getsockname(socket, name, length);
}
name_function __wrap___imp_getsockname = lab_getsockname;

int WINAPI __wrap_WSASendMsg(SOCKET socket, WSAMSG *message, DWORD flags, DWORD *sent, WSAOVERLAPPED *overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    size_t used = 0;

    (void)socket;
    (void)overlapped;
    (void)routine;
    assert_int_equal(flags, 0);
    assert_true(message->Control.len <= sizeof lab.control);
    lab.messages++;
    lab.control_size = message->Control.len;
    memcpy(lab.control, message->Control.buf, message->Control.len);
    memcpy(&lab.to, message->name, (size_t)message->namelen);
    for (DWORD i = 0; i < message->dwBufferCount; i++) {
        memcpy(lab.payload + used, message->lpBuffers[i].buf, message->lpBuffers[i].len);
        used += message->lpBuffers[i].len;
    }
    *sent = (DWORD)used;
    return lab.send_error ? fail_with(lab.send_error) : 0;
}

static HANDLE event;

static int set_up(void **state)
{
    (void)state;
    memset(&lab, 0, sizeof lab);
    event = CreateEventW(NULL, FALSE, FALSE, NULL);
    return event == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    CloseHandle(event);
    return 0;
}

static struct endpoint at(const char *address, uint16_t port)
{
    struct endpoint endpoint;

    assert_true(endpoint_parse_address(&endpoint, span_of_text(address)));
    endpoint.port = port;
    return endpoint;
}

static struct udp open_at(const char *address, uint16_t port)
{
    struct endpoint local = at(address, port);
    struct udp udp;

    assert_int_equal(udp_open(&udp, &local, BUFFER, event), 0);
    assert_int_not_equal(udp.local.port, 0);
    return udp;
}

static bool send_text(struct udp *from, const char *to, uint16_t port, const char *text)
{
    struct endpoint place = at(to, port);
    struct span part = span_of_text(text);

    return udp_send(from, &place, NULL, &part, 1);
}

static uint8_t received[UDP_DATAGRAM_MAX];

/* Waits for the next datagram: the text in received, and where it came from. */
static struct endpoint receive(struct udp *udp, struct udp_arrival *arrival)
{
    struct endpoint from = {.port = 0};
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
    enum udp_result result = UDP_NOTHING;
    size_t size = 0;

    while (result == UDP_NOTHING && GetTickCount64() < end_ms) {
        result = udp_receive(udp, received, sizeof received - 1, &size, &from, arrival);
        if (result == UDP_NOTHING)
            Sleep(1);
    }
    assert_int_equal(result, UDP_RECEIVED);
    received[size] = 0;
    return from;
}

static void check_same(const struct endpoint *endpoint, const char *address, uint16_t port)
{
    struct endpoint wanted = at(address, port);
    char text[ENDPOINT_TEXT_MAX];

    CHECK(endpoint_equal(endpoint, &wanted), "%s instead of %s", endpoint_text(endpoint, text), address);
}

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
    assert_true(udp_send(&server, &server.local, NULL, parts, UDP_PARTS_MAX));
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
        struct endpoint other = at("127.0.0.1", 0);
        struct endpoint to = at(addresses[i], client.local.port);
        struct span part = span_of_text("x");
        /* Where the socket has an address of its own, no other can be asked for. */
        assert_true(udp_send(&outlet, &to, &other, &part, 1));
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

static int message_error;

static INT WSAAPI fail_message(SOCKET socket, WSAMSG *message, DWORD *size, WSAOVERLAPPED *overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    (void)socket;
    (void)message;
    (void)size;
    (void)overlapped;
    (void)routine;
    return fail_with(message_error);
}

static void tells_a_spoilt_datagram_from_a_broken_socket(void **state)
{
    static const struct {
        int error;
        enum udp_result result;
    } cases[] = {
        {WSAEWOULDBLOCK, UDP_NOTHING}, {WSAECONNRESET, UDP_SPOILT},  {WSAENETRESET, UDP_SPOILT},
        {WSAEMSGSIZE, UDP_SPOILT},     {WSAENOBUFS, UDP_SPOILT},     {WSAENOTSOCK, UDP_BROKEN},
        {WSAEHOSTUNREACH, UDP_SPOILT}, {WSAENETUNREACH, UDP_SPOILT}, {WSAEHOSTDOWN, UDP_SPOILT},
        {WSAECONNREFUSED, UDP_SPOILT}, {WSAETIMEDOUT, UDP_SPOILT},   {WSAENETDOWN, UDP_BROKEN},
    };
    struct udp udp = open_at("127.0.0.1", 0);
    struct udp_arrival arrival;
    struct endpoint from;
    size_t size;

    (void)state;
    udp.receive_message = fail_message;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        lab.receive_error = message_error = cases[i].error;
        CHECK(udp_receive(&udp, received, sizeof received, &size, &from, NULL) == cases[i].result, "error %d, plain",
              cases[i].error);
        CHECK(udp_receive(&udp, received, sizeof received, &size, &from, &arrival) == cases[i].result, "error %d",
              cases[i].error);
    }
    udp_close(&udp);
}

/* Errors and nothing else: it would keep its reader busy for ever. Whatever else comes of it in between tells that it is well. */
static void takes_nothing_but_errors_for_the_end(void **state)
{
    struct udp udp = open_at("127.0.0.1", 0);
    struct udp_arrival arrival;
    struct endpoint from;
    size_t size;

    (void)state;
    udp.receive_message = fail_message;
    for (int round = 0; round < 2; round++) {
        message_error = WSAENOBUFS;
        for (int i = 0; i < UDP_SPOILT_MAX; i++)
            assert_int_equal(udp_receive(&udp, received, sizeof received, &size, &from, &arrival), UDP_SPOILT);
        if (round == 0) {
            message_error = WSAEWOULDBLOCK;
            assert_int_equal(udp_receive(&udp, received, sizeof received, &size, &from, &arrival), UDP_NOTHING);
        }
    }
    assert_int_equal(udp_receive(&udp, received, sizeof received, &size, &from, &arrival), UDP_BROKEN);
    assert_int_equal(WSAGetLastError(), WSAENOBUFS);
    udp_close(&udp);
}

/* Something is there and another thread is at it: no error of the socket's, however often it is met. */
static void takes_no_quarrel_of_threads_for_the_end(void **state)
{
    struct udp udp = open_at("127.0.0.1", 0);
    struct udp_arrival arrival;
    struct endpoint from;
    size_t size;
    LPFN_WSARECVMSG receive_message = udp.receive_message;

    (void)state;
    assert_true(send_text(&udp, "127.0.0.1", udp.local.port, "there"));
    assert_int_equal(WaitForSingleObject(event, PATIENCE_MS), WAIT_OBJECT_0);
    udp.receive_message = fail_message;
    message_error = WSAEWOULDBLOCK;
    for (int i = 0; i < 2 * UDP_SPOILT_MAX; i++)
        assert_int_equal(udp_receive(&udp, received, sizeof received, &size, &from, &arrival), UDP_SPOILT);
    udp.receive_message = receive_message;
    receive(&udp, &arrival);
    assert_string_equal((char *)received, "there");
    udp_close(&udp);
}

static void loses_only_the_datagram_that_is_too_long(void **state)
{
    struct udp server = open_at("127.0.0.1", 0);
    struct udp_arrival arrival;
    struct udp_arrival *wanted[] = {NULL, &arrival};
    struct endpoint from;
    size_t size;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        send_text(&server, "127.0.0.1", server.local.port, "far too long");
        send_text(&server, "127.0.0.1", server.local.port, "short");
        enum udp_result result = UDP_NOTHING;
        for (int k = 0; k < 1000 && result == UDP_NOTHING; k++, Sleep(1))
            result = udp_receive(&server, received, 8, &size, &from, wanted[i]);
        assert_int_equal(result, UDP_SPOILT);
        receive(&server, wanted[i]);
        assert_string_equal((char *)received, "short");
    }
    udp_close(&server);
}

/* The one control message: its level and type, and where its data begins. */
static const uint8_t *control_of(int level, int type, size_t data_size)
{
    WSACMSGHDR header;

    memcpy(&header, lab.control, sizeof header);
    assert_int_equal(header.cmsg_level, level);
    assert_int_equal(header.cmsg_type, type);
    assert_int_equal(header.cmsg_len, WSA_CMSGHDR_ALIGN(sizeof header) + data_size);
    assert_int_equal(lab.control_size, WSA_CMSGHDR_ALIGN(sizeof header) + WSA_CMSGHDR_ALIGN(data_size));
    return lab.control + WSA_CMSGDATA_ALIGN(sizeof header);
}

static void names_the_source_on_a_wildcard_socket(void **state)
{
    struct udp udp = open_at("::", 0);
    struct span parts[] = {span_of("ab", 2), span_of("c", 2)};
    struct endpoint to = at("10.1.2.3", 2070);
    struct endpoint source = at("10.77.0.2", 0);
    const uint8_t v4[] = {10, 77, 0, 2, 0, 0, 0, 0}; /* the address, and no interface: routing decides */
    uint8_t v6[20] = {0xfe, 0x80, [15] = 7, [16] = 5};

    (void)state;
    assert_true(udp_send(&udp, &to, &source, parts, 2));
    assert_memory_equal(control_of(IPPROTO_IP, IP_PKTINFO, sizeof v4), v4, sizeof v4);
    assert_string_equal(lab.payload, "abc");
    assert_int_equal(ntohs(lab.to.sin6_port), 2070);
    assert_memory_equal(&lab.to.sin6_addr, to.address, 16);

    source = at("fe80::7%5", 0);
    to = at("fe80::9%5", 2071);
    assert_true(udp_send(&udp, &to, &source, parts, 2));
    assert_memory_equal(control_of(IPPROTO_IPV6, IPV6_PKTINFO, sizeof v6), v6, sizeof v6);
    assert_int_equal(lab.to.sin6_scope_id, 5);
    assert_int_equal(lab.messages, 2);
    assert_int_equal(lab.plain_sends, 0);
    lab.send_error = WSAENETUNREACH;
    assert_false(udp_send(&udp, &to, &source, parts, 2));
    udp_close(&udp);
}

static void leaves_the_source_to_the_system_where_none_is_known(void **state)
{
    struct udp udp = open_at("::", 0);
    struct endpoint unknown = at("::", 0);
    struct endpoint to = at("127.0.0.1", 9);
    struct span part = span_of_text("x");

    (void)state;
    assert_true(udp_send(&udp, &to, &unknown, &part, 1));
    assert_true(udp_send(&udp, &to, NULL, &part, 1));
    assert_int_equal(lab.messages, 0);
    assert_int_equal(lab.plain_sends, 2);
    udp_close(&udp);
}

static void says_when_a_datagram_was_not_taken(void **state)
{
    struct udp udp = open_at("127.0.0.1", 0);
    struct span part = span_of(received, PAYLOAD_MAX + 1);

    (void)state;
    assert_false(udp_send(&udp, &udp.local, NULL, &part, 1));
    lab.send_error = WSAENOBUFS;
    assert_false(send_text(&udp, "127.0.0.1", udp.local.port, "x"));
    lab.send_error = 0;
    assert_true(send_text(&udp, "127.0.0.1", udp.local.port, "x"));
    udp_close(&udp);
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

static int start_winsock(void **state)
{
    WSADATA data;

    (void)state;
    return WSAStartup(MAKEWORD(2, 2), &data);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_where_a_datagram_arrived),
        TEST(receives_without_arrival_too),
        TEST(never_blocks_and_signals_its_event),
        TEST(gathers_its_parts),
        TEST(leaves_from_the_address_it_is_bound_to),
        TEST(has_its_port_alone),
        TEST(says_that_an_address_is_not_up),
        TEST(tells_a_spoilt_datagram_from_a_broken_socket),
        TEST(takes_nothing_but_errors_for_the_end),
        TEST(takes_no_quarrel_of_threads_for_the_end),
        TEST(loses_only_the_datagram_that_is_too_long),
        TEST(names_the_source_on_a_wildcard_socket),
        TEST(leaves_the_source_to_the_system_where_none_is_known),
        TEST(says_when_a_datagram_was_not_taken),
        TEST(makes_do_with_ipv4_alone),
        TEST(leaves_nothing_open_when_it_fails),
    };

    return cmocka_run_group_tests_name("udp", tests, start_winsock, NULL) != 0;
}
