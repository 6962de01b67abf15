#include "win32/net/udp_parts.h"

/* MinGW's WSA_CMSG_ macros mix long and SIZE_T. */
#pragma GCC diagnostic ignored "-Wsign-conversion"

#ifndef SIO_UDP_CONNRESET
#define SIO_UDP_CONNRESET _WSAIOW(IOC_VENDOR, 12)
#endif

#ifndef SIO_UDP_NETRESET
#define SIO_UDP_NETRESET _WSAIOW(IOC_VENDOR, 15)
#endif

int udp_to_address(const struct endpoint *e, int family, union udp_address *address)
{
    memset(address, 0, sizeof *address);
    if (family == AF_INET) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(e->port);
        memcpy(&address->v4.sin_addr, endpoint_ipv4_bytes(e), sizeof address->v4.sin_addr);
        return sizeof address->v4;
    }
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons(e->port);
    address->v6.sin6_scope_id = e->scope;
    memcpy(&address->v6.sin6_addr, e->address, sizeof e->address);
    return sizeof address->v6;
}

struct endpoint udp_from_address(const union udp_address *address)
{
    return address->plain.sa_family == AF_INET
               ? endpoint_of_ipv4(&address->v4.sin_addr, ntohs(address->v4.sin_port))
               : endpoint_of_ipv6(&address->v6.sin6_addr, address->v6.sin6_scope_id, ntohs(address->v6.sin6_port));
}

static bool set_option(SOCKET socket, int level, int name, DWORD value)
{
    return setsockopt(socket, level, name, (const char *)&value, sizeof value) == 0;
}

/* Only asked for, never set: a size that is set would cut every datagram of the socket. */
static bool has_segmentation(SOCKET socket)
{
    DWORD size = 0;
    int length = sizeof size;

    return getsockopt(socket, IPPROTO_UDP, UDP_SEND_MSG_SIZE, (char *)&size, &length) == 0;
}

/* What makes a socket ours; only exclusiveness and dual mode are worth failing for. */
static DWORD prepare(struct udp *udp, bool is_dual, int buffer_bytes, HANDLE event)
{
    DWORD is_reported = FALSE;
    DWORD returned;
    GUID receive_message = WSAID_WSARECVMSG;

    if (!set_option(udp->socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, TRUE))
        return (DWORD)WSAGetLastError();
    if (udp->family == AF_INET6 && !set_option(udp->socket, IPPROTO_IPV6, IPV6_V6ONLY, !is_dual))
        return (DWORD)WSAGetLastError();
    set_option(udp->socket, SOL_SOCKET, SO_RCVBUF, (DWORD)buffer_bytes);
    set_option(udp->socket, SOL_SOCKET, SO_SNDBUF, (DWORD)buffer_bytes);
    set_option(udp->socket, SOL_SOCKET, SO_BROADCAST, FALSE);
    /* Else one client's "port unreachable" or "time to live exceeded" would fail the next receive of all others. */
    WSAIoctl(udp->socket, SIO_UDP_CONNRESET, &is_reported, sizeof is_reported, NULL, 0, &returned, NULL, NULL);
    WSAIoctl(udp->socket, SIO_UDP_NETRESET, &is_reported, sizeof is_reported, NULL, 0, &returned, NULL, NULL);
    udp->has_segmentation = has_segmentation(udp->socket);
    set_option(udp->socket, IPPROTO_IP, IP_PKTINFO, TRUE);
    if (udp->family == AF_INET6)
        set_option(udp->socket, IPPROTO_IPV6, IPV6_PKTINFO, TRUE);
    if (WSAIoctl(udp->socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &receive_message, sizeof receive_message,
                 &udp->receive_message, sizeof udp->receive_message, &returned, NULL, NULL) != 0)
        return (DWORD)WSAGetLastError();
    return WSAEventSelect(udp->socket, event, FD_READ) == 0 ? 0 : (DWORD)WSAGetLastError();
}

static DWORD open_family(struct udp *udp, const struct endpoint *local, int family, bool is_dual, int buffer_bytes,
                         HANDLE event)
{
    union udp_address address;
    int length = udp_to_address(local, family, &address);

    *udp = (struct udp){.family = family, .event = event};
    udp->socket =
        WSASocketW(family, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    if (udp->socket == INVALID_SOCKET)
        return (DWORD)WSAGetLastError();
    DWORD error = prepare(udp, is_dual, buffer_bytes, event);
    if (error == 0 && bind(udp->socket, &address.plain, length) != 0)
        error = (DWORD)WSAGetLastError();
    length = sizeof address;
    if (error == 0 && getsockname(udp->socket, &address.plain, &length) != 0)
        error = (DWORD)WSAGetLastError();
    if (error == 0)
        udp->local = udp_from_address(&address);
    else
        udp_close(udp);
    return error;
}

DWORD udp_open(struct udp *udp, const struct endpoint *local, int buffer_bytes, HANDLE event)
{
    DWORD error = open_family(udp, local, AF_INET6, true, buffer_bytes, event);
    bool has_no_ipv6 = error == WSAEAFNOSUPPORT || error == WSAEPROTONOSUPPORT || error == WSAEINVAL;

    if (has_no_ipv6 && (endpoint_is_ipv4(local) || endpoint_is_unspecified(local)))
        return open_family(udp, local, AF_INET, false, buffer_bytes, event);
    return error;
}

DWORD udp_open_ipv4(struct udp *udp, const struct endpoint *local, int buffer_bytes, HANDLE event)
{
    return open_family(udp, local, AF_INET, false, buffer_bytes, event);
}

DWORD udp_open_broadcast(struct udp *udp, const struct endpoint *local, int buffer_bytes, HANDLE event)
{
    DWORD error = udp_open_ipv4(udp, local, buffer_bytes, event);

    if (error != 0 || set_option(udp->socket, SOL_SOCKET, SO_BROADCAST, TRUE))
        return error;
    error = (DWORD)WSAGetLastError();
    udp_close(udp);
    return error;
}

DWORD udp_open_ipv6(struct udp *udp, uint16_t port, int buffer_bytes, HANDLE event)
{
    struct endpoint all = {.port = port};

    return open_family(udp, &all, AF_INET6, false, buffer_bytes, event);
}

void udp_join(const struct udp *udp, const struct endpoint *group, uint32_t interface_index)
{
    IPV6_MREQ request = {.ipv6mr_interface = interface_index};

    memcpy(&request.ipv6mr_multiaddr, group->address, sizeof group->address);
    setsockopt(udp->socket, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, (const char *)&request, sizeof request);
}

enum presence_state udp_presence_after(DWORD error)
{
    switch (error) {
    case 0: return PRESENCE_OPEN;
    case WSAEADDRNOTAVAIL: return PRESENCE_AWAITED;
    case WSAEADDRINUSE:
    case WSAEACCES: return PRESENCE_TAKEN;
    default: return PRESENCE_FAILED;
    }
}

void udp_close(struct udp *udp)
{
    if (udp->socket != INVALID_SOCKET)
        closesocket(udp->socket);
    udp->socket = INVALID_SOCKET;
}

/* What went wrong with datagrams, sent or received, or with a way to somebody, comes up in any receive. */
static enum udp_result result_of_error(int error)
{
    switch (error) {
    case WSAEWOULDBLOCK: return UDP_NOTHING;
    case WSAENOTSOCK: return UDP_BROKEN;
    default: return UDP_SPOILT;
    }
}

/* A dual-mode socket tells of an IPv4 datagram at either level, or at both (as Wine does). */
static void read_arrival(WSAMSG *message, struct udp_arrival *arrival)
{
    for (WSACMSGHDR *header = WSA_CMSG_FIRSTHDR(message); header != NULL; header = WSA_CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
            IN_PKTINFO info;
            memcpy(&info, WSA_CMSG_DATA(header), sizeof info);
            arrival->local = endpoint_of_ipv4(&info.ipi_addr, 0);
            arrival->interface_index = info.ipi_ifindex;
        } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
            IN6_PKTINFO info;
            memcpy(&info, WSA_CMSG_DATA(header), sizeof info);
            arrival->local = endpoint_of_ipv6(&info.ipi6_addr, 0, 0);
            arrival->interface_index = info.ipi6_ifindex;
            if (endpoint_is_link_local(&arrival->local))
                arrival->local.scope = info.ipi6_ifindex;
        }
    }
}

/*
 * After a datagram has come, or a receive has failed, WSAEventSelect tells of no other until one of a list of functions was
 * called that recv is on and WSARecvMsg is not. Something may have come in between.
 */
static enum udp_result enable_event(const struct udp *udp)
{
    char byte;

    if (recv(udp->socket, &byte, sizeof byte, MSG_PEEK) >= 0)
        return UDP_SPOILT;
    return result_of_error(WSAGetLastError());
}

/* A receive is spoilt now and then; a socket that gives nothing else is of no use. */
static enum udp_result judge_spoilt(struct udp *udp, enum udp_result result)
{
    if (result == UDP_SPOILT)
        return InterlockedIncrement(&udp->spoilt_in_row) > UDP_SPOILT_MAX ? UDP_BROKEN : UDP_SPOILT;
    if (udp->spoilt_in_row != 0)
        InterlockedExchange(&udp->spoilt_in_row, 0);
    return result;
}

static enum udp_result receive_message(struct udp *udp, WSABUF *buffer, DWORD *size, union udp_address *address,
                                       struct udp_arrival *arrival)
{
    /* As large as the strictest alignment needs; a WSACMSGHDR begins with a size_t. */
    union {
        WSACMSGHDR header;
        char bytes[UDP_CONTROL_BYTES];
    } control;
    WSAMSG message = {
        .name = &address->plain,
        .namelen = sizeof *address,
        .lpBuffers = buffer,
        .dwBufferCount = 1,
        .Control = {.len = sizeof control, .buf = control.bytes},
    };

    /* Where the system tells nothing (it does not promise to), the address that the socket is bound to is known. */
    *arrival = (struct udp_arrival){.local = endpoint_host(&udp->local)};
    if (udp->receive_message(udp->socket, &message, size, NULL, NULL) == 0) {
        read_arrival(&message, arrival);
        return UDP_RECEIVED;
    }
    enum udp_result result = judge_spoilt(udp, result_of_error(WSAGetLastError()));
    if (result == UDP_BROKEN)
        return result;
    /* Of two receives at once Wine may refuse both while there is something: that spoils nothing. */
    enum udp_result behind = enable_event(udp);
    return result == UDP_NOTHING ? behind : result;
}

enum udp_result udp_receive(struct udp *udp, uint8_t *buffer, size_t room, size_t *size, struct endpoint *from,
                            struct udp_arrival *arrival)
{
    union udp_address address;
    int length = sizeof address;
    DWORD received = 0;
    WSABUF whole = {.len = (ULONG)room, .buf = (char *)buffer};
    enum udp_result result = UDP_RECEIVED;

    if (arrival != NULL) {
        result = receive_message(udp, &whole, &received, &address, arrival);
    } else {
        int answer = recvfrom(udp->socket, whole.buf, (int)room, 0, &address.plain, &length);
        if (answer == SOCKET_ERROR)
            result = judge_spoilt(udp, result_of_error(WSAGetLastError()));
        else
            received = (DWORD)answer;
    }
    if (result == UDP_RECEIVED) {
        *size = received;
        *from = udp_from_address(&address);
        judge_spoilt(udp, result);
    }
    return result;
}

bool udp_has_more(const struct udp *udp)
{
    return enable_event(udp) == UDP_SPOILT;
}
