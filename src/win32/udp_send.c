#include "win32/udp_parts.h"

/* MinGW's WSA_CMSG_ macros mix long and SIZE_T. */
#pragma GCC diagnostic ignored "-Wsign-conversion"

/* Control data of one message to send. */
struct control {
    union {
        WSACMSGHDR header; /* as large as the strictest alignment needs */
        char bytes[UDP_CONTROL_BYTES];
    };
    size_t used;
};

static void put_control(struct control *control, int level, int type, const void *info, size_t size)
{
    WSACMSGHDR *header = (WSACMSGHDR *)(void *)(control->bytes + control->used);

    header->cmsg_len = WSA_CMSG_LEN(size);
    header->cmsg_level = level;
    header->cmsg_type = type;
    memcpy(WSA_CMSG_DATA(header), info, size);
    control->used += WSA_CMSG_SPACE(size);
}

/* From a chosen address of a socket that is bound to all of them (single-port mode). */
static void put_source(struct control *control, const struct endpoint *source)
{
    if (endpoint_is_ipv4(source)) {
        IN_PKTINFO info = {.ipi_ifindex = 0};
        memcpy(&info.ipi_addr, source->address + UDP_IPV4_OFFSET, 4);
        put_control(control, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else {
        IN6_PKTINFO info = {.ipi6_ifindex = source->scope};
        memcpy(&info.ipi6_addr, source->address, sizeof source->address);
        put_control(control, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
}

/*
 * One call of the system. segment_size: where the message is to be cut into datagrams, 0 for one datagram. The caller
 * holds the lock.
 */
static bool send_message(struct udp *udp, const struct endpoint *to, const struct endpoint *source,
                         const struct span *parts, size_t count, DWORD segment_size)
{
    WSABUF buffers[UDP_RUN_PARTS_MAX];
    union udp_address address;
    struct control control = {.used = 0};
    WSAMSG message = {
        .name = &address.plain,
        .namelen = udp_to_address(to, udp->family, &address),
        .lpBuffers = buffers,
        .dwBufferCount = (DWORD)count,
    };
    DWORD sent;

    ASSERT(count <= UDP_RUN_PARTS_MAX);
    for (size_t i = 0; i < count; i++)
        /* Winsock's type is not const, but a send never writes there. */
        buffers[i] = (WSABUF){.len = (ULONG)parts[i].size, .buf = (char *)parts[i].bytes};
    if (source != NULL && endpoint_is_unspecified(&udp->local) && !endpoint_is_unspecified(source))
        put_source(&control, source);
    if (segment_size > 0)
        put_control(&control, IPPROTO_UDP, UDP_SEND_MSG_SIZE, &segment_size, sizeof segment_size);
    message.Control = (WSABUF){.len = (ULONG)control.used, .buf = control.bytes};
    if (control.used > 0)
        return WSASendMsg(udp->socket, &message, 0, &sent, NULL, NULL) == 0;
    return WSASendTo(udp->socket, buffers, (DWORD)count, &sent, 0, message.name, message.namelen, NULL, NULL) == 0;
}

bool udp_send(struct udp *udp, const struct endpoint *to, const struct endpoint *source, const struct span *parts,
              size_t count)
{
    AcquireSRWLockExclusive(&udp->send_lock);
    bool is_sent = send_message(udp, to, source, parts, count, 0);
    ReleaseSRWLockExclusive(&udp->send_lock);
    return is_sent;
}

/* False: the system did not take it, and none of it has left. */
static bool send_segmented(struct udp *udp, const struct endpoint *to, const struct endpoint *source,
                           const struct span *parts, size_t count, DWORD segment_size)
{
    bool is_sent = false;

    AcquireSRWLockExclusive(&udp->send_lock);
    if (udp->may_segment) {
        is_sent = send_message(udp, to, source, parts, count, segment_size);
        /* A full buffer says nothing about what the system can do. */
        if (!is_sent && WSAGetLastError() != WSAEWOULDBLOCK)
            udp->may_segment = false;
    }
    ReleaseSRWLockExclusive(&udp->send_lock);
    return is_sent;
}

/* The parts of the first datagram. */
static size_t first_datagram(const struct span *parts, size_t count, size_t datagram_size)
{
    size_t size = 0;
    size_t used = 0;

    while (used < count && size + parts[used].size <= datagram_size)
        size += parts[used++].size;
    ASSERT(used > 0);
    return used;
}

void udp_send_run(struct udp *udp, const struct endpoint *to, const struct endpoint *source, const struct span *parts,
                  size_t count, size_t datagram_size, bool is_new)
{
    size_t segment_max = endpoint_is_ipv4(to) ? UDP_SEGMENT_IPV4_MAX : UDP_SEGMENT_IPV6_MAX;

    if (is_new && datagram_size <= segment_max && first_datagram(parts, count, datagram_size) < count &&
        send_segmented(udp, to, source, parts, count, (DWORD)datagram_size))
        return;
    while (count > 0) {
        size_t used = first_datagram(parts, count, datagram_size);
        udp_send(udp, to, source, parts, used);
        parts += used;
        count -= used;
    }
}
