#include "win32/net/udp_parts.h"

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

static bool names_source(const struct udp *udp, const struct udp_arrival *source)
{
    return source != NULL && endpoint_is_unspecified(&udp->local) && !endpoint_is_unspecified(&source->local);
}

/* From a chosen address of a socket that is bound to all of them (single-port mode). */
static void put_source(struct control *control, const struct udp_arrival *source)
{
    if (endpoint_is_ipv4(&source->local)) {
        IN_PKTINFO info = {.ipi_ifindex = source->interface_index};
        memcpy(&info.ipi_addr, endpoint_ipv4_bytes(&source->local), sizeof info.ipi_addr);
        put_control(control, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else {
        IN6_PKTINFO info = {.ipi6_ifindex = source->interface_index};
        memcpy(&info.ipi6_addr, source->local.address, sizeof info.ipi6_addr);
        put_control(control, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
}

/* The caller holds the lock. */
static int call_system(const struct udp *udp, WSAMSG *message)
{
    DWORD sent;

    if (message->Control.len > 0)
        return WSASendMsg(udp->socket, message, 0, &sent, NULL, NULL);
    return WSASendTo(udp->socket, message->lpBuffers, message->dwBufferCount, &sent, 0, message->name, message->namelen,
                     NULL, NULL);
}

/*
 * One call of the system. segment_size: where the message is to be cut into datagrams, 0 for one datagram. Returns a Winsock
 * error.
 */
static int send_message(struct udp *udp, const struct endpoint *to, const struct udp_arrival *source,
                        const struct span *parts, size_t count, DWORD segment_size)
{
    WSABUF buffers[UDP_RUN_PARTS_MAX];
    union udp_address address;
    struct control control = {.used = 0};

    ASSERT(count <= UDP_RUN_PARTS_MAX);
    for (size_t i = 0; i < count; i++)
        /* Winsock's type is not const, but a send never writes there. */
        buffers[i] = (WSABUF){.len = (ULONG)parts[i].size, .buf = (char *)parts[i].bytes};
    if (names_source(udp, source))
        put_source(&control, source);
    if (segment_size > 0)
        put_control(&control, IPPROTO_UDP, UDP_SEND_MSG_SIZE, &segment_size, sizeof segment_size);
    AcquireSRWLockExclusive(&udp->send_lock);
    WSAMSG message = {
        .name = &address.plain,
        .namelen = udp_to_address(to, udp->family, &address),
        .lpBuffers = buffers,
        .dwBufferCount = (DWORD)count,
        .Control = {.len = (ULONG)control.used, .buf = control.bytes},
    };
    int error = call_system(udp, &message) == 0 ? 0 : WSAGetLastError();
    ReleaseSRWLockExclusive(&udp->send_lock);
    return error;
}

/*
 * Some systems do not take a source for peers behind a router, and an address may have gone since it was asked: an
 * answer from the address that the system chooses is better than none.
 */
static int send_datagram(struct udp *udp, const struct endpoint *to, const struct udp_arrival *source,
                         const struct span *parts, size_t count, struct udp_sent *sent)
{
    int error = send_message(udp, to, source, parts, count, 0);

    if ((error == WSAEINVAL || error == WSAEADDRNOTAVAIL) && names_source(udp, source)) {
        error = send_message(udp, to, NULL, parts, count, 0);
        sent->has_lost_source |= error == 0;
    }
    return error;
}

/*
 * The event also tells of room from now on, or at once if there is some already. Asked for here, for not every function that
 * sends is on the list of those after which WSAEventSelect tells of it; and it costs nothing where there is always room.
 */
static void ask_for_room(const struct udp *udp)
{
    WSAEventSelect(udp->socket, udp->event, FD_READ | FD_WRITE);
}

/* False: it found no room. */
static bool send_one(struct udp *udp, const struct endpoint *to, const struct udp_arrival *source,
                     const struct span *parts, size_t count, struct udp_sent *sent)
{
    int error = send_datagram(udp, to, source, parts, count, sent);

    sent->is_full = error == WSAEWOULDBLOCK;
    if (sent->is_full) {
        ask_for_room(udp);
        return false;
    }
    sent->datagrams++;
    if (error != 0) {
        sent->refused++;
        sent->error = error;
    }
    return true;
}

struct udp_sent udp_send(struct udp *udp, const struct endpoint *to, const struct udp_arrival *source,
                         const struct span *parts, size_t count)
{
    struct udp_sent sent = {.datagrams = 0};

    send_one(udp, to, source, parts, count, &sent);
    return sent;
}

static enum udp_cutting cutting_of(int error, bool has_source)
{
    switch (error) {
    case 0: return UDP_CUT;
    case WSAEMSGSIZE: return UDP_CUT_NOT_HERE; /* a segment has to be shorter than the MTU of the path */
    case WSAEINVAL:
    case WSAEOPNOTSUPP:
    case WSAENOPROTOOPT:
        return has_source ? UDP_CUT_NOT_HERE : UDP_CUT_NEVER; /* it may be the source that is refused */
    default: return UDP_CUT_NOT_NOW;
    }
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

static size_t count_datagrams(const struct udp_run *run)
{
    size_t size = 0;

    for (size_t i = 0; i < run->count; i++)
        size += run->parts[i].size;
    return (size + run->datagram_size - 1) / run->datagram_size;
}

/* All of them in one call, or none has left. */
static enum udp_cutting send_segmented(struct udp *udp, const struct endpoint *to, const struct udp_arrival *source,
                                       const struct udp_run *run)
{
    size_t segment_max = endpoint_is_ipv4(to) ? UDP_SEGMENT_IPV4_MAX : UDP_SEGMENT_IPV6_MAX;

    if (!run->may_segment || !udp->has_segmentation || run->datagram_size > segment_max ||
        first_datagram(run->parts, run->count, run->datagram_size) == run->count)
        return UDP_CUT_NOT_TRIED;
    return cutting_of(send_message(udp, to, source, run->parts, run->count, (DWORD)run->datagram_size),
                      names_source(udp, source));
}

struct udp_sent udp_send_run(struct udp *udp, const struct endpoint *to, const struct udp_arrival *source,
                             const struct udp_run *run)
{
    struct udp_sent sent = {.cutting = send_segmented(udp, to, source, run)};
    const struct span *parts = run->parts;
    size_t count = run->count;

    if (sent.cutting == UDP_CUT)
        sent.datagrams = count_datagrams(run);
    while (sent.cutting != UDP_CUT && count > 0) {
        size_t used = first_datagram(parts, count, run->datagram_size);
        if (!send_one(udp, to, source, parts, used, &sent))
            break;
        parts += used;
        count -= used;
    }
    return sent;
}
