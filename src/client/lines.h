/*
 * The sockets of an exchange: one for each of its lines, each from a port of its own.
 */
#ifndef CLIENT_LINES_H
#define CLIENT_LINES_H

#include "core/client/exchange.h"
#include "win32/net/udp.h"

struct lines {
    struct endpoint local; /* the address to send from; unspecified: the system's choice */
    uint16_t port_low;     /* 0: any port */
    uint16_t port_high;
    int buffer_bytes;
    HANDLE events[EXCHANGE_LINES];
    struct udp sockets[EXCHANGE_LINES];
    DWORD error; /* why the last call failed, as Winsock has it */
};

enum lines_news { LINES_NOTHING, LINES_DATAGRAM, LINES_UNREACHABLE };

/* False: no memory; to be freed all the same. */
bool lines_make(struct lines *lines);
void lines_free(struct lines *lines);

/* False: no socket, or no port. What was open there is closed. */
bool lines_open(struct lines *lines, uint8_t line);
/* False: the system does not let it leave, and never will; a datagram that it loses is no failure. */
bool lines_send(struct lines *lines, uint8_t line, const struct endpoint *to, struct span bytes);
enum lines_news lines_receive(struct lines *lines, uint8_t line, uint8_t *buffer, size_t *size, struct endpoint *from);

/* The address is one of this machine. */
bool lines_is_own(const struct endpoint *address);
/* The MTU of the interface that leads there, as the system has it; 0: unknown. */
uint32_t lines_mtu_towards(const struct endpoint *address);
/* By name or literal; the first address of the family (AF_UNSPEC, AF_INET, AF_INET6). Returns a Winsock error. */
DWORD lines_resolve(const char *host, uint16_t port, int family, struct endpoint *address);

#endif
