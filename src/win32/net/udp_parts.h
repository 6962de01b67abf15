/*
 * What udp.c, udp_send.c, interfaces.c and neighbours.c share. Nobody else includes this.
 */
#ifndef WIN32_UDP_PARTS_H
#define WIN32_UDP_PARTS_H

#include "win32/net/udp.h"

#include <ws2ipdef.h>

#ifndef UDP_SEND_MSG_SIZE
#define UDP_SEND_MSG_SIZE 2
#endif

enum { UDP_CONTROL_BYTES = 256 };

union udp_address {
    SOCKADDR plain;
    SOCKADDR_IN v4;
    SOCKADDR_IN6 v6;
};

/* As a socket of this family takes it. Returns its length. */
int udp_to_address(const struct endpoint *e, int family, union udp_address *address);
struct endpoint udp_from_address(const union udp_address *address);

#endif
