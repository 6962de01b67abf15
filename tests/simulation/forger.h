/*
 * The forger: sends from addresses that are not his. He knows every port, name, size and timing that an honest client can
 * learn by asking, and sees nothing that is sent to others. What he tries, at whom and how fast, his seed draws; what it
 * costs the others is the matter of victims.h.
 *
 * He draws from a source of chance of his own, and one world in FORGER_WORLDS has him, by its seed alone: all other
 * worlds are as they would be without him.
 */
#ifndef SIMULATION_FORGER_H
#define SIMULATION_FORGER_H

#include "world.h"

enum {
    FORGER_WORLDS = 8,
    FORGER_TARGETS_MAX = 64,
    FORGER_TIDS_MAX = 4096,
    FORGER_BYTE = 0xf0 /* all that his DATA are made of, and no client's */
};

enum forger_try {
    TRY_BARE, /* a request without options */
    TRY_OPTIONS,
    TRY_UPLOAD,
    TRY_REPEAT,
    TRY_ANOTHER, /* another request from one peer, at once */
    TRY_NO_REQUEST,
    TRY_ACK_0,
    TRY_ACK_NEXT,
    TRY_ACK_AGAIN,
    TRY_ACK_GAP,
    TRY_DATA,
    TRY_DATA_OF_CLIENT,
    TRY_ERROR,
    TRY_ONE_PORT,
    TRY_SOME_PORTS,
    TRY_EVERY_PORT,
    TRY_NOBODY, /* the address of nobody; of a client, another port of it, the very port of it */
    TRY_NEIGHBOUR,
    TRY_CLIENT,
    TRY_FILL, /* more peers than MaxTransfers */
    TRY_COUNT
};

struct forger;

const char *forger_try_text(enum forger_try number);

/* True: this world has one. */
bool forger_is_here(const struct world *w);
/* Before the server is made: what kind of forger, and the parameters that he needs. Nothing where there is none. */
void forger_choose(struct world *w);
/* The clients are there: whom he is after, and his first turn. */
void forger_begin(struct world *w);
void forger_on_turn(struct world *w);
void forger_free(struct world *w);

/*
 * The oracle: the server's ports that an honest client could have learnt by now, all that are open, at most so many.
 * Returns how many.
 */
uint32_t forger_known_tids(struct world *w, struct endpoint *tids, uint32_t most);

#endif
