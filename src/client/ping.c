#include "client/ping.h"

#include "win32/system/delayload.h"

#include <iphlpapi.h>
#include <icmpapi.h>

#define LIBRARY L"iphlpapi.dll"

enum {
    PORT_WAIT_MS = 500,
    ECHO_WAIT_MS = 1000,
    ECHOES = 3, /* any of them may be lost, or wait for ARP */
    ECHO_BYTES = 8,
    REPLY_BYTES = 512
};

/* ICMPV6_ECHO_REPLY and its IPV6_ADDRESS_EX, which MinGW's headers lack; Windows packs the address alone. */
struct reply_ipv6 {
    struct __attribute__((packed)) {
        USHORT port;
        ULONG flow_info;
        UCHAR bytes[16];
        ULONG scope;
    } address;
    ULONG status;
    unsigned round_trip_ms;
};
_Static_assert(offsetof(struct reply_ipv6, status) == 28, "as Windows lays it out");

static char echo[ECHO_BYTES] = "tftp";

/* That there is no way is a reply, too, of a router: the status tells, and who it is from. */
static enum finding_ping result_of_reply(ULONG status, const void *from, const void *host, size_t size)
{
    return status == IP_SUCCESS && memcmp(from, host, size) == 0 ? PING_ANSWERED : PING_SILENT;
}

static enum finding_ping result_of_error(DWORD error)
{
    return error == IP_REQ_TIMED_OUT || error == IP_DEST_HOST_UNREACHABLE || error == IP_DEST_NET_UNREACHABLE
               ? PING_SILENT
               : PING_UNKNOWN;
}

static enum finding_ping echo_ipv4(const struct endpoint *host)
{
    DELAYLOAD(LIBRARY, IcmpCreateFile);
    DELAYLOAD(LIBRARY, IcmpSendEcho);
    DELAYLOAD(LIBRARY, IcmpCloseHandle);
    static union {
        ICMP_ECHO_REPLY head;
        char bytes[REPLY_BYTES];
    } reply;
    IPAddr address;

    if (IcmpCreateFile_late == NULL || IcmpSendEcho_late == NULL || IcmpCloseHandle_late == NULL)
        return PING_UNKNOWN;
    HANDLE handle = IcmpCreateFile_late();
    if (handle == INVALID_HANDLE_VALUE)
        return PING_UNKNOWN;
    memcpy(&address, endpoint_ipv4_bytes(host), sizeof address);
    DWORD replies = IcmpSendEcho_late(handle, address, echo, sizeof echo, NULL, &reply, sizeof reply, ECHO_WAIT_MS);
    enum finding_ping result = replies > 0
                                   ? result_of_reply(reply.head.Status, &reply.head.Address, &address, sizeof address)
                                   : result_of_error(GetLastError());
    IcmpCloseHandle_late(handle);
    return result;
}

static enum finding_ping echo_ipv6(const struct endpoint *host)
{
    DELAYLOAD(LIBRARY, Icmp6CreateFile);
    DELAYLOAD(LIBRARY, Icmp6SendEcho2);
    DELAYLOAD(LIBRARY, IcmpCloseHandle);
    static union {
        struct reply_ipv6 head;
        char bytes[REPLY_BYTES];
    } reply;
    SOCKADDR_IN6 from = {.sin6_family = AF_INET6};
    SOCKADDR_IN6 to = {.sin6_family = AF_INET6, .sin6_scope_id = host->scope};

    if (Icmp6CreateFile_late == NULL || Icmp6SendEcho2_late == NULL || IcmpCloseHandle_late == NULL)
        return PING_UNKNOWN;
    HANDLE handle = Icmp6CreateFile_late();
    if (handle == INVALID_HANDLE_VALUE)
        return PING_UNKNOWN;
    memcpy(&to.sin6_addr, host->address, sizeof to.sin6_addr);
    DWORD replies = Icmp6SendEcho2_late(handle, NULL, NULL, NULL, &from, &to, echo, sizeof echo, NULL, &reply,
                                        sizeof reply, ECHO_WAIT_MS);
    enum finding_ping result =
        replies > 0 ? result_of_reply(reply.head.status, reply.head.address.bytes, host->address, sizeof host->address)
                    : result_of_error(GetLastError());
    IcmpCloseHandle_late(handle);
    return result;
}

static SOCKET connect_to(const struct endpoint *host)
{
    SOCKADDR_IN v4 = {.sin_family = AF_INET, .sin_port = htons(host->port)};
    SOCKADDR_IN6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(host->port), .sin6_scope_id = host->scope};
    bool is_ipv4 = endpoint_is_ipv4(host);
    const SOCKADDR *address = is_ipv4 ? (const SOCKADDR *)&v4 : (const SOCKADDR *)&v6;
    SOCKET opened = socket(address->sa_family, SOCK_DGRAM, IPPROTO_UDP);

    memcpy(&v6.sin6_addr, host->address, sizeof v6.sin6_addr);
    if (is_ipv4)
        memcpy(&v4.sin_addr, endpoint_ipv4_bytes(host), sizeof v4.sin_addr);
    if (opened != INVALID_SOCKET && connect(opened, address, is_ipv4 ? sizeof v4 : sizeof v6) == 0)
        return opened;
    closesocket(opened);
    return INVALID_SOCKET;
}

static bool is_port_closed(const struct endpoint *host, struct span datagram)
{
    DWORD wait_ms = PORT_WAIT_MS;
    char byte;
    SOCKET opened = connect_to(host);

    if (opened == INVALID_SOCKET)
        return false;
    setsockopt(opened, SOL_SOCKET, SO_RCVTIMEO, (const char *)&wait_ms, sizeof wait_ms);
    bool is_failed = send(opened, (const char *)datagram.bytes, (int)datagram.size, 0) == SOCKET_ERROR ||
                     recv(opened, &byte, sizeof byte, 0) == SOCKET_ERROR;
    int error = WSAGetLastError(), size = sizeof error;
    /* Wine tells it here alone. */
    if (is_failed && error == WSAETIMEDOUT)
        getsockopt(opened, SOL_SOCKET, SO_ERROR, (char *)&error, &size);
    closesocket(opened);
    return is_failed && (error == WSAECONNRESET || error == WSAECONNREFUSED);
}

enum finding_ping ping(const struct endpoint *host, struct span datagram, HANDLE stop)
{
    enum finding_ping result = PING_SILENT;

    if (is_port_closed(host, datagram))
        return PING_PORT_CLOSED;
    for (int i = 0; i < ECHOES && result == PING_SILENT && WaitForSingleObject(stop, 0) == WAIT_TIMEOUT; i++)
        result = endpoint_is_ipv4(host) ? echo_ipv4(host) : echo_ipv6(host);
    return result;
}
