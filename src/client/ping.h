/*
 * Is the host there at all? ICMP, for which no rights are needed; and whether it says that nothing listens on a port.
 */
#ifndef CLIENT_PING_H
#define CLIENT_PING_H

#include "core/probe/findings.h"

enum { PING_WAIT_MS = 500 };

/*
 * The datagram goes to the port, from a socket that is connected to it: an answer from another port is not heard, and ICMP is
 * told even where a socket that hears all is told nothing (Wine, and Linux below it). Each of the two takes PING_WAIT_MS at
 * most. PING_UNKNOWN: the system does not ask.
 */
enum finding_ping ping(const struct endpoint *host, struct span datagram);

#endif
