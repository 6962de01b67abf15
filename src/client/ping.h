/*
 * Is the host there at all? ICMP, for which no rights are needed.
 */
#ifndef CLIENT_PING_H
#define CLIENT_PING_H

#include "core/probe/findings.h"

enum { PING_WAIT_MS = 1000 };

/* Takes PING_WAIT_MS at most. PING_UNKNOWN: the system does not ask. */
enum finding_ping ping(const struct endpoint *host);

#endif
