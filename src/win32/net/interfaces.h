/*
 * The machine's network interfaces, as far as a reply depends on them: the MTU of the one a request came in on, and the
 * address to answer a broadcast from. Asked of the system now and then, kept in between.
 */
#ifndef WIN32_INTERFACES_H
#define WIN32_INTERFACES_H

#include "win32/net/udp.h"
#include "win32/system/jobs.h"

enum {
    INTERFACES_REFRESH_MS = 10 * 1000,
    INTERFACES_UNKNOWN_MS = 1000 /* an interface that is not in the list is asked for no more often than this */
};

struct interfaces;

/*
 * Reads the list; jobs is where it is read again later, so that no request waits for that; NULL where the answers of the
 * first ten seconds are enough.
 */
struct interfaces *interfaces_open(struct jobs *jobs);
void interfaces_close(struct interfaces *interfaces);

struct interface_answer {
    uint32_t mtu;              /* of the address' family; 0: unknown */
    struct udp_arrival source; /* the address that was asked, or for a broadcast one of the interface's own */
    bool is_to_many; /* it was sent to a broadcast or multicast address: other servers may have heard it too */
};

/* Any thread. Asks the system itself only for an interface that is new. */
struct interface_answer interfaces_look_up(struct interfaces *interfaces, const struct udp_arrival *arrival);

/* The MTU of the interface that leads to this host, asked of the system; 0: unknown. */
uint32_t interfaces_mtu_towards(const struct endpoint *host);

/* One address of ours, and its network. */
struct local_address {
    struct endpoint address; /* port 0 */
    uint32_t interface_index;
    uint8_t prefix_bits; /* 0 to 32, or to 128 */
};

/*
 * Asks the system: the addresses of one family (AF_INET, AF_INET6) of interfaces that are up and where clients may be met, so no
 * loopback, no tunnel, no address of a cable without a network (169.254.0.0/16), and none of IPv6 that is tentative or another
 * machine's; by interface, and the lowest address first, a link-local one of IPv6 last. False if it does not tell; then list and
 * count are as they were.
 */
bool interfaces_list(int family, struct local_address *list, size_t room, size_t *count);

#endif
