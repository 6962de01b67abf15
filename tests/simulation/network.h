/*
 * The network between the clients and the server: takes datagrams and delivers them later, or not, or twice, or damaged.
 */
#ifndef SIMULATION_NETWORK_H
#define SIMULATION_NETWORK_H

#include "world.h"

enum {
    NETWORK_SERVER = 1,      /* its address, for world_address */
    NETWORK_CLIENTS = 256,   /* the first client's */
    NETWORK_FORGED = 50000,  /* addresses where nobody is */
    NETWORK_VICTIMS = 60000, /* the same, of the forger's */
    NETWORK_PORT = 69
};

/* head and tail, which may be empty, make one datagram. */
void network_send(struct world *w, const struct endpoint *from, const struct endpoint *to, struct span head,
                  struct span tail);

struct datagram *network_copy(struct world *w, const struct endpoint *from, const struct endpoint *to, struct span head,
                              struct span tail);

#endif
