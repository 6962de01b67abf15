/*
 * Winsock with functions that fail when a test wants it, and tell what they were given. Included by the programs that are
 * linked with these functions replaced.
 */
#ifndef WIN32_TESTS_UDP_LAB_H
#define WIN32_TESTS_UDP_LAB_H

#include "files.h"

#include "win32/net/udp.h"

enum { BUFFER = 64 * 1024, PAYLOAD_MAX = 65507 };

#define IMPORTED(name, type)         \
    extern type __real___imp_##name; \
    extern type __wrap___imp_##name

typedef int(WINAPI *recv_function)(SOCKET, char *, int, int);
typedef int(WINAPI *recvfrom_function)(SOCKET, char *, int, int, SOCKADDR *, int *);
typedef SOCKET(WINAPI *socket_function)(int, int, int, WSAPROTOCOL_INFOW *, GROUP, DWORD);
typedef int(WINAPI *send_function)(SOCKET, WSABUF *, DWORD, DWORD *, DWORD, const SOCKADDR *, int, WSAOVERLAPPED *,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE);
typedef int(WINAPI *select_function)(SOCKET, HANDLE, long);
typedef int(WINAPI *name_function)(SOCKET, SOCKADDR *, int *);
IMPORTED(recv, recv_function);
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
    unsigned refused_send; /* only the plain one with this number fails; 0: all */
    int message_error;     /* of sends with control data */
    int select_error;
    long selected; /* the network events that were asked for last */
    int name_error;
    unsigned peeks; /* they, and receives that are not made up, have the event set again */
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

static int WINAPI lab_recv(SOCKET socket, char *bytes, int room, int flags)
{
    assert_int_equal(flags, MSG_PEEK);
    lab.peeks++;
    return __real___imp_recv(socket, bytes, room, flags);
}
recv_function __wrap___imp_recv = lab_recv;

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
    if (lab.send_error != 0 && (lab.refused_send == 0 || lab.refused_send == lab.plain_sends))
        return fail_with(lab.send_error);
    return __real___imp_WSASendTo(socket, buffers, count, sent, flags, to, length, overlapped, routine);
}
send_function __wrap___imp_WSASendTo = lab_send;

static int WINAPI lab_select(SOCKET socket, HANDLE event, long events)
{
    lab.selected = events;
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
    return lab.message_error ? fail_with(lab.message_error) : 0;
}

static HANDLE event;

static inline int set_up(void **state)
{
    (void)state;
    memset(&lab, 0, sizeof lab);
    event = CreateEventW(NULL, FALSE, FALSE, NULL);
    return event == NULL;
}

static inline int tear_down(void **state)
{
    (void)state;
    CloseHandle(event);
    return 0;
}

static inline struct endpoint at(const char *address, uint16_t port)
{
    struct endpoint endpoint;

    assert_true(endpoint_parse_address(&endpoint, span_of_text(address)));
    endpoint.port = port;
    return endpoint;
}

static inline struct udp open_at(const char *address, uint16_t port)
{
    struct endpoint local = at(address, port);
    struct udp udp;

    assert_int_equal(udp_open(&udp, &local, BUFFER, event), 0);
    assert_int_not_equal(udp.local.port, 0);
    return udp;
}

static inline bool is_sent(struct udp_sent sent)
{
    return sent.datagrams == 1 && sent.refused == 0;
}

static inline bool send_text(struct udp *from, const char *to, uint16_t port, const char *text)
{
    struct endpoint place = at(to, port);
    struct span part = span_of_text(text);

    return is_sent(udp_send(from, &place, NULL, &part, 1));
}

static uint8_t received[UDP_DATAGRAM_MAX];

/* Waits for the next datagram: the text in received, and where it came from. */
static inline struct endpoint receive(struct udp *udp, struct udp_arrival *arrival)
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

static inline void check_same(const struct endpoint *endpoint, const char *address, uint16_t port)
{
    struct endpoint wanted = at(address, port);
    char text[ENDPOINT_TEXT_MAX];

    CHECK(endpoint_equal(endpoint, &wanted), "%s instead of %s", endpoint_text(endpoint, text), address);
}

static int start_winsock(void **state)
{
    WSADATA data;

    (void)state;
    return WSAStartup(MAKEWORD(2, 2), &data);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
