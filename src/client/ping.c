#include "client/ping.h"

#include "win32/system/delayload.h"

#include <iphlpapi.h>
#include <icmpapi.h>

#define LIBRARY L"iphlpapi.dll"

enum { ECHO_BYTES = 8, REPLY_BYTES = 512 };

static char echo[ECHO_BYTES] = "tftp";

static enum finding_ping result_of(DWORD replies, DWORD error)
{
    if (replies > 0)
        return PING_ANSWERED;
    return error == IP_REQ_TIMED_OUT || error == IP_DEST_HOST_UNREACHABLE || error == IP_DEST_NET_UNREACHABLE
               ? PING_SILENT
               : PING_UNKNOWN;
}

static enum finding_ping ping_ipv4(const struct endpoint *host)
{
    DELAYLOAD(LIBRARY, IcmpCreateFile);
    DELAYLOAD(LIBRARY, IcmpSendEcho);
    DELAYLOAD(LIBRARY, IcmpCloseHandle);
    static char reply[REPLY_BYTES];
    IPAddr address;

    if (IcmpCreateFile_late == NULL || IcmpSendEcho_late == NULL || IcmpCloseHandle_late == NULL)
        return PING_UNKNOWN;
    HANDLE handle = IcmpCreateFile_late();
    if (handle == INVALID_HANDLE_VALUE)
        return PING_UNKNOWN;
    memcpy(&address, endpoint_ipv4_bytes(host), sizeof address);
    DWORD replies = IcmpSendEcho_late(handle, address, echo, sizeof echo, NULL, reply, sizeof reply, PING_WAIT_MS);
    enum finding_ping result = result_of(replies, GetLastError());
    IcmpCloseHandle_late(handle);
    return result;
}

static enum finding_ping ping_ipv6(const struct endpoint *host)
{
    DELAYLOAD(LIBRARY, Icmp6CreateFile);
    DELAYLOAD(LIBRARY, Icmp6SendEcho2);
    DELAYLOAD(LIBRARY, IcmpCloseHandle);
    static char reply[REPLY_BYTES];
    SOCKADDR_IN6 from = {.sin6_family = AF_INET6};
    SOCKADDR_IN6 to = {.sin6_family = AF_INET6, .sin6_scope_id = host->scope};

    if (Icmp6CreateFile_late == NULL || Icmp6SendEcho2_late == NULL || IcmpCloseHandle_late == NULL)
        return PING_UNKNOWN;
    HANDLE handle = Icmp6CreateFile_late();
    if (handle == INVALID_HANDLE_VALUE)
        return PING_UNKNOWN;
    memcpy(&to.sin6_addr, host->address, sizeof to.sin6_addr);
    DWORD replies = Icmp6SendEcho2_late(handle, NULL, NULL, NULL, &from, &to, echo, sizeof echo, NULL, reply,
                                        sizeof reply, PING_WAIT_MS);
    enum finding_ping result = result_of(replies, GetLastError());
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
    DWORD wait_ms = PING_WAIT_MS;
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

enum finding_ping ping(const struct endpoint *host, struct span datagram)
{
    if (is_port_closed(host, datagram))
        return PING_PORT_CLOSED;
    return endpoint_is_ipv4(host) ? ping_ipv4(host) : ping_ipv6(host);
}
