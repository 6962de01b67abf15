/*
 * The system's neighbour table (ARP, and neighbour discovery of IPv6): to which card it sends what is meant for an address of a
 * link of ours. What is there was answered on that link, by the card or by whoever took its place there; a host behind a
 * router has no entry.
 */
#ifndef WIN32_NEIGHBOURS_H
#define WIN32_NEIGHBOURS_H

#include "core/base/endpoint.h"
#include "core/base/mac.h"
#include "win32/system/jobs.h"

#include <stdint.h>

enum {
    NEIGHBOURS_ASKS_MAX = 4,  /* at once: file threads that wait for an answer of the link */
    NEIGHBOURS_WAIT_MS = 200, /* for such an answer, which takes a millisecond */
    NEIGHBOURS_MAX = 4096,    /* entries of a table that is read as a whole */
    NEIGHBOURS_FRESH_MS = 200 /* it is read no more often */
};

struct neighbours;

/* jobs, which may be NULL, is where the link is asked. NULL when memory is out. */
struct neighbours *neighbours_open(struct jobs *jobs);
/* The jobs have ended. */
void neighbours_close(struct neighbours *neighbours);

/*
 * Asks for the address on this interface (its index as of a datagram that came from there; 0: on any): MAC_BY_NEIGHBOUR, or
 * MAC_UNKNOWN. Any thread; nothing is sent or waited for. Where the system cannot be asked for one entry its table is read.
 */
struct mac neighbours_find(struct neighbours *neighbours, const struct endpoint *address, uint32_t interface_index);

/*
 * The same where something hangs on it: an entry that may be out of date counts only if the link says it again in this time, else
 * whoever takes the address of a machine that is switched off would pass for it. Where the system does not let us ask, the
 * entry counts. Any thread that may wait so long.
 */
struct mac neighbours_ask(struct neighbours *neighbours, const struct endpoint *address, uint32_t interface_index);

#endif
