#include "client/lines.h"

#include "core/client/address.h"
#include "win32/net/interfaces.h"
#include "win32/system/random.h"
#include "win32/system/text.h"

#ifndef SIO_UDP_CONNRESET
#define SIO_UDP_CONNRESET _WSAIOW(IOC_VENDOR, 12)
#endif

enum {
    PORT_TRIES = 8,
    PORT_DYNAMIC_LOW = 49152, /* RFC 6335 */
    PORT_DYNAMIC_HIGH = 65535
};

bool lines_make(struct lines *lines)
{
    bool is_made = true;

    for (int i = 0; i < EXCHANGE_LINES; i++) {
        lines->sockets[i].socket = INVALID_SOCKET;
        lines->events[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
        is_made = is_made && lines->events[i] != NULL;
    }
    return is_made;
}

void lines_free(struct lines *lines)
{
    for (int i = 0; i < EXCHANGE_LINES; i++) {
        udp_close(&lines->sockets[i]);
        if (lines->events[i] != NULL)
            CloseHandle(lines->events[i]);
    }
}

static bool open_port(struct lines *lines, uint8_t line, uint16_t port)
{
    struct endpoint local = lines->local;
    DWORD is_reported = TRUE, returned;

    local.port = port;
    lines->error = udp_open(&lines->sockets[line], &local, lines->buffer_bytes, lines->events[line]);
    if (lines->error != 0)
        return false;
    /* The room for sockets turns it off, as a server must. Here the news that nothing listens is what is wanted. */
    WSAIoctl(lines->sockets[line].socket, SIO_UDP_CONNRESET, &is_reported, sizeof is_reported, NULL, 0, &returned, NULL,
             NULL);
    return true;
}

/* A random one, as some systems give ports one after the other; the system's choice where these are taken. */
static bool open_any(struct lines *lines, uint8_t line)
{
    for (int i = 0; i < PORT_TRIES; i++) {
        uint32_t port = PORT_DYNAMIC_LOW + random_number() % (PORT_DYNAMIC_HIGH - PORT_DYNAMIC_LOW + 1);
        if (open_port(lines, line, (uint16_t)port))
            return true;
    }
    return open_port(lines, line, 0);
}

bool lines_open(struct lines *lines, uint8_t line)
{
    udp_close(&lines->sockets[line]);
    if (lines->port_low == 0)
        return open_any(lines, line);
    uint32_t count = (uint32_t)lines->port_high - lines->port_low + 1;
    uint32_t first = random_number() % count;
    for (uint32_t i = 0; i < count; i++)
        if (open_port(lines, line, (uint16_t)(lines->port_low + (first + i) % count)))
            return true;
    return false;
}

bool lines_send(struct lines *lines, uint8_t line, const struct endpoint *to, struct span bytes)
{
    struct udp_sent sent = udp_send(&lines->sockets[line], to, NULL, &bytes, 1);

    lines->error = (DWORD)sent.error;
    return sent.refused == 0 || (sent.error != WSAEACCES && sent.error != WSAENETUNREACH &&
                                 sent.error != WSAEAFNOSUPPORT && sent.error != WSAEADDRNOTAVAIL);
}

enum lines_news lines_receive(struct lines *lines, uint8_t line, uint8_t *buffer, size_t *size, struct endpoint *from)
{
    enum udp_result result = UDP_SPOILT;

    if (lines->sockets[line].socket == INVALID_SOCKET)
        return LINES_NOTHING;
    while (result == UDP_SPOILT) {
        result = udp_receive(&lines->sockets[line], buffer, UDP_DATAGRAM_MAX, size, from, NULL);
        if (result == UDP_SPOILT && WSAGetLastError() == WSAECONNRESET)
            return LINES_UNREACHABLE;
    }
    return result == UDP_RECEIVED ? LINES_DATAGRAM : LINES_NOTHING;
}

bool lines_is_own(const struct endpoint *address)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    struct endpoint local = endpoint_host(address);
    struct udp udp;

    bool is_own = event != NULL && udp_open(&udp, &local, UDP_DATAGRAM_MAX, event) == 0;
    if (is_own)
        udp_close(&udp);
    if (event != NULL)
        CloseHandle(event);
    return is_own;
}

uint32_t lines_mtu_towards(const struct endpoint *address)
{
    return interfaces_mtu_towards(address);
}

static struct endpoint endpoint_of(const SOCKADDR *address, uint16_t port)
{
    const SOCKADDR_IN *v4 = (const SOCKADDR_IN *)(const void *)address;
    const SOCKADDR_IN6 *v6 = (const SOCKADDR_IN6 *)(const void *)address;

    return address->sa_family == AF_INET ? endpoint_of_ipv4(&v4->sin_addr, port)
                                         : endpoint_of_ipv6(&v6->sin6_addr, v6->sin6_scope_id, port);
}

DWORD lines_resolve(const char *host, uint16_t port, int family, struct endpoint *address)
{
    wchar_t wide[ADDRESS_HOST_MAX];
    ADDRINFOW hints = {.ai_family = family, .ai_socktype = SOCK_DGRAM, .ai_protocol = IPPROTO_UDP}, *found = NULL;

    if (!text_to_wide(host, wide, ADDRESS_HOST_MAX))
        return WSAHOST_NOT_FOUND;
    int error = GetAddrInfoW(wide, NULL, &hints, &found);
    if (error != 0)
        return (DWORD)error;
    const ADDRINFOW *first = found;
    while (first != NULL && first->ai_family != AF_INET && first->ai_family != AF_INET6)
        first = first->ai_next;
    if (first != NULL)
        *address = endpoint_of(first->ai_addr, port);
    FreeAddrInfoW(found);
    return first != NULL ? 0 : WSAHOST_NOT_FOUND;
}
