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

enum finding_ping ping(const struct endpoint *host)
{
    return endpoint_is_ipv4(host) ? ping_ipv4(host) : ping_ipv6(host);
}
