/*
 * Is the host there at all? ICMP, for which no rights are needed; and whether it says that nothing listens on a port.
 */
#ifndef CLIENT_PING_H
#define CLIENT_PING_H

#include "core/probe/findings.h"
#include "win32/system/windows.h"

/*
 * The datagram goes to the port, from a socket that is connected to it: an answer from another port is not heard, and ICMP is
 * told even where a socket that hears all is told nothing (Wine, and Linux below it). Then echoes, three at most. In all it
 * takes 3.5 s at most, and a second once stop is signaled. PING_UNKNOWN: the system does not ask.
 */
enum finding_ping ping(const struct endpoint *host, struct span datagram, HANDLE stop);

#endif
