/*
 * What a forger costs others: bytes to his victims, who is served beside him, what becomes of uploads. Headers of IP and
 * UDP are counted on both sides. Counted is what reaches the server and what leaves it: neither does more good or harm
 * for what the network does then.
 *
 * What belongs to a client's own transfer is no harm. A transfer is whose request began it; from the first ACK or DATA on
 * that its client sends to its port it is the client's own, whoever asked.
 *
 * Where all transfers have one port, a guess at it is free by design: rules 2 and 5 do not hold there. Rule 3, on places that
 * are held, is the watch's (watch.c), in every world.
 */
#ifndef SIMULATION_VICTIMS_H
#define SIMULATION_VICTIMS_H

#include "world.h"

enum {
    VICTIMS_UDP_HEADERS = 28,
    VICTIMS_FIRST_BLOCK = 4 + 512 + VICTIMS_UDP_HEADERS, /* that RFC 1350 demands for a request without options */
    /* Rule 1: where no port is guessed, for each byte that is no such request; it draws FirstSends first blocks. */
    VICTIMS_ASKED_RATIO_MAX = 3,
    /* Rule 2: where ports are guessed, for each byte, all victims together. */
    VICTIMS_RATIO_MAX = 10,
    /*
     * Rule 2: and beside that, for a guess that was right, one window and its repeats, a block each. Where there are ports
     * enough, more guesses than these are right by chance in one of ten million worlds.
     */
    VICTIMS_LUCK_MAX = 5,
    /* Rule 4: from a client's first request to its first answer, where the network loses nothing. */
    VICTIMS_SERVED_MS = 10000,
    /* Rule 5: over all worlds, forged requests to upload and DATA for each file that holds forged bytes. */
    VICTIMS_UPLOAD_PACKETS_MIN = 256
};

struct statistics;

void victims_make(struct world *w, bool has_guesses);
void victims_free(struct world *w);
/* By its address; more than once is once. */
void victims_add(struct world *w, const struct endpoint *at);

/* A datagram arrives at the server, before that sees it. */
void victims_on_arrival(struct world *w, const struct datagram *datagram);
/* A datagram leaves the server. */
void victims_on_send(struct world *w, const struct endpoint *tid, const struct endpoint *to, struct span head,
                     size_t size);
/* A datagram arrives at a client, before that sees it. */
void victims_on_client(struct world *w, const struct datagram *datagram);
/* The world is at its end: who was never served, and what is stored. */
void victims_check_end(struct world *w);
/* Adds this world to the statistics, be it good or not. */
void victims_count(struct world *w);

/* Over many worlds: false, and prints why, if a rule on all of them together is broken. */
bool victims_check_all(const struct statistics *s);
void victims_print(const struct statistics *s);

#endif
