/*
 * The system's neighbour table (ARP, and neighbour discovery of IPv6): to which card it sends what is meant for an address of a
 * link of ours. What is there was answered on that link, by the card or by whoever took its place there; a host behind a
 * router has no entry.
 */
#ifndef WIN32_NEIGHBOURS_H
#define WIN32_NEIGHBOURS_H

#include "core/base/endpoint.h"
#include "core/base/mac.h"

#include <stdint.h>

enum {
    NEIGHBOURS_MAX = 4096,    /* entries of a table that is read as a whole */
    NEIGHBOURS_FRESH_MS = 200 /* it is read no more often */
};

struct neighbours;

/* NULL when memory is out. */
struct neighbours *neighbours_open(void);
void neighbours_close(struct neighbours *neighbours);

/*
 * Asks for the address on this interface (its index as of a datagram that came from there; 0: on any): MAC_BY_NEIGHBOUR, or
 * MAC_UNKNOWN. Any thread; nothing is sent or waited for. Where the system cannot be asked for one entry its table is read.
 */
struct mac neighbours_find(struct neighbours *neighbours, const struct endpoint *address, uint32_t interface_index);

#endif
