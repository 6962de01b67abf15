/* Sends: what the system refuses, and windows that it cuts into datagrams. */
#include "strict.h"

#include <string.h>

/* MinGW's WSA_CMSG_ macros mix long and SIZE_T. */
#pragma GCC diagnostic ignored "-Wsign-conversion"

#ifndef UDP_SEND_MSG_SIZE
#define UDP_SEND_MSG_SIZE 2
#endif

enum { MESSAGE_MAX = 65507, FULL_MS_MAX = 4, OPCODE_OF_ERROR = 5 };

IMPORTED(WSASendTo)
IMPORTED(getsockopt)
IMPORTED(Sleep)
PLAIN(WSASendMsg)

static volatile LONG64 full_until_ms[STRICT_HANDLES_MAX]; /* by socket */

static int fail(int error)
{
    WSASetLastError(error);
    return SOCKET_ERROR;
}

/* -- the world -------------------------------------------------------------------------------------------------------- */

/* A path is known by where it leads, whatever the port. */
static uint64_t path_to(const SOCKADDR *to)
{
    const uint8_t *bytes = (const uint8_t *)to;
    size_t first = to->sa_family == AF_INET ? offsetof(SOCKADDR_IN, sin_addr) : offsetof(SOCKADDR_IN6, sin6_addr);
    size_t size = to->sa_family == AF_INET ? sizeof(IN_ADDR) : sizeof(IN6_ADDR);
    uint64_t path = 1;

    for (size_t i = 0; i < size; i++)
        path = path * 31 + bytes[first + i];
    return path;
}

static bool is_error_packet(const WSABUF *buffers, DWORD count)
{
    return count > 0 && buffers[0].len >= 2 && buffers[0].buf[0] == 0 && buffers[0].buf[1] == OPCODE_OF_ERROR;
}

static DWORD WINAPI tell_of_room(void *socket)
{
    REAL(Sleep)(FULL_MS_MAX + 1);
    HANDLE event = strict_event_of_room((SOCKET)socket);
    if (event != NULL)
        SetEvent(event);
    return 0;
}

static void fill(SOCKET socket, LONG64 until_ms)
{
    InterlockedExchange64(&full_until_ms[strict_place((HANDLE)socket)], until_ms);
    QueueUserWorkItem(tell_of_room, (void *)socket, WT_EXECUTELONGFUNCTION);
}

static bool is_full(SOCKET socket)
{
    LONG64 now_ms = (LONG64)strict_now_us() / 1000;
    LONG64 until_ms = full_until_ms[strict_place((HANDLE)socket)];

    if (now_ms < until_ms)
        return true;
    if (!strict_draws(RULE_BUFFER_FULL))
        return false;
    fill(socket, now_ms + 1 + strict_pick(RULE_BUFFER_FULL, FULL_MS_MAX));
    return true;
}

/* 0: none. */
static int draw_error(SOCKET socket, const WSABUF *buffers, DWORD count)
{
    static const int errors[] = {WSAENOBUFS, WSAEACCES, WSAEADDRNOTAVAIL, WSAEMSGSIZE};

    if (is_error_packet(buffers, count))
        return 0;
    if (is_full(socket))
        return WSAEWOULDBLOCK;
    return strict_draws(RULE_SEND_ERROR) ? errors[strict_pick(RULE_SEND_ERROR, sizeof errors / sizeof errors[0])] : 0;
}

/* -- single datagrams ------------------------------------------------------------------------------------------------- */

static int WINAPI send_to(SOCKET socket, WSABUF *buffers, DWORD count, DWORD *sent, DWORD flags, const SOCKADDR *to,
                          int length, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    int error = draw_error(socket, buffers, count);

    return error != 0 ? fail(error)
                      : REAL(WSASendTo)(socket, buffers, count, sent, flags, to, length, overlapped, routine);
}
REPLACE(WSASendTo, send_to);

/* -- segments --------------------------------------------------------------------------------------------------------- */

static int WINAPI get_option(SOCKET socket, int level, int name, char *value, int *length)
{
    if (level != IPPROTO_UDP || name != UDP_SEND_MSG_SIZE || !strict_is_so(RULE_SEGMENTS, 0))
        return REAL(getsockopt)(socket, level, name, value, length);
    memset(value, 0, sizeof(DWORD));
    return 0;
}
REPLACE(getsockopt, get_option);

struct wish {
    DWORD segment_size; /* 0: one datagram */
    bool has_source;
};

static struct wish read_wish(WSAMSG *message)
{
    struct wish wish = {.segment_size = 0};

    for (WSACMSGHDR *header = WSA_CMSG_FIRSTHDR(message); header != NULL; header = WSA_CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_SEND_MSG_SIZE)
            memcpy(&wish.segment_size, WSA_CMSG_DATA(header), sizeof wish.segment_size);
        wish.has_source |= header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO;
        wish.has_source |= header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO;
    }
    return wish;
}

/* The bytes of all buffers in one; their number, 0 where they are too many. */
static DWORD gather(const WSAMSG *message, char *bytes)
{
    DWORD size = 0;

    for (DWORD i = 0; i < message->dwBufferCount; i++) {
        const WSABUF *buffer = &message->lpBuffers[i];
        if (buffer->len > MESSAGE_MAX - size)
            return 0;
        memcpy(bytes + size, buffer->buf, buffer->len);
        size += buffer->len;
    }
    return size;
}

static int cut(SOCKET socket, const WSAMSG *message, DWORD segment_size, DWORD *sent)
{
    static __thread char bytes[MESSAGE_MAX];
    DWORD size = gather(message, bytes);
    DWORD ignored;

    if (size <= segment_size)
        return fail(size == 0 ? WSAEMSGSIZE : WSAEINVAL);
    strict_count(RULE_SEGMENTS);
    for (DWORD at = 0; at < size; at += segment_size) {
        WSABUF piece = {.len = size - at < segment_size ? size - at : segment_size, .buf = bytes + at};
        REAL(WSASendTo)(socket, &piece, 1, &ignored, 0, message->name, message->namelen, NULL, NULL);
    }
    *sent = size;
    return 0;
}

static bool is_felt(enum rule rule, uint64_t thing)
{
    bool is_so = strict_is_so(rule, thing);

    if (is_so)
        strict_count(rule);
    return is_so;
}

static int send_segments(SOCKET socket, const WSAMSG *message, DWORD segment_size, DWORD *sent)
{
    uint64_t path = path_to(message->name);

    if (!strict_is_so(RULE_SEGMENTS, 0) || is_felt(RULE_SEGMENTS_BROKEN, 0))
        return fail(WSAEINVAL);
    if (is_felt(RULE_SEGMENTS_REFUSED, path))
        return fail(WSAEMSGSIZE);
    return is_felt(RULE_SEGMENTS_LOST, path) ? 0 : cut(socket, message, segment_size, sent);
}

int WSAAPI __wrap_WSASendMsg(SOCKET socket, WSAMSG *message, DWORD flags, DWORD *sent, WSAOVERLAPPED *overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct wish wish = read_wish(message);

    if (wish.has_source && is_felt(RULE_SOURCE_REFUSED, path_to(message->name)))
        return fail(WSAEINVAL);
    int error = draw_error(socket, message->lpBuffers, message->dwBufferCount);
    if (error != 0)
        return fail(error);
    if (wish.segment_size > 0)
        return send_segments(socket, message, wish.segment_size, sent);
    return __real_WSASendMsg(socket, message, flags, sent, overlapped, routine);
}
