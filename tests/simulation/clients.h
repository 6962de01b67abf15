/*
 * Model clients: one row of a table for each row of docs on the clients in the field, honest ones and those that do harm.
 * They are written by the RFCs and by what is known of the real ones, apart from the core.
 */
#ifndef SIMULATION_CLIENTS_H
#define SIMULATION_CLIENTS_H

#include "client.h"
#include "network.h"
#include "world.h"

enum client_habit {
    HABIT_UPLOADS = 1 << 0,
    HABIT_ACKS_STRAYS = 1 << 1,      /* the last good block again for whatever is not the next one */
    HABIT_NEW_PORT = 1 << 2,         /* repeats its request from another port */
    HABIT_REJECTS_OACK = 1 << 3,     /* and then asks without options */
    HABIT_ERRORS_STRANGERS = 1 << 4, /* ERROR 5 to a reply from another port */
    HABIT_VANISHES = 1 << 5,         /* has the last block and is gone, without its ACK */
    HABIT_VARIES_WINDOW = 1 << 6,    /* msftwindow */
    HABIT_LONG = 1 << 7,             /* more than 65535 blocks */
    HABIT_BAD_NAME = 1 << 8,         /* the name ends in a byte 0xFF */
    HABIT_GARBAGE = 1 << 9,          /* bytes without meaning behind the options */
    HABIT_BROADCASTS = 1 << 10,
    HABIT_DOUBLES = 1 << 11, /* each packet several times */
    HABIT_OLD_ACKS = 1 << 12,
    /* From here on it may fail, and that is its own fault. */
    HABIT_AHEAD_ACKS = 1 << 13, /* of blocks that were not sent */
    HABIT_ABORTS = 1 << 14,
    HABIT_FALLS_SILENT = 1 << 15,
    HABIT_LIES = 1 << 16,      /* about the size of what it uploads */
    HABIT_OVERSIZES = 1 << 17, /* sends blocks that are too large */
    /* No client at all, see hostile.c */
    HABIT_FLOODS = 1 << 18,  /* requests from forged addresses */
    HABIT_MEDDLES = 1 << 19, /* packets into transfers of others */
    HABIT_FUZZES = 1 << 20,
    HABIT_HASTES = 1 << 21, /* another request before each answer */
    HABIT_MISCHIEF = (1 << 22) - HABIT_DOUBLES,
    HABIT_FAILS = (1 << 22) - HABIT_AHEAD_ACKS,
    HABIT_HOSTILE = (1 << 22) - HABIT_FLOODS
};

struct model {
    const char *name;
    uint32_t habits;
    const char *path;   /* as on the wire */
    const char *misses; /* names asked before that are not there, separated by ';'; or NULL */
    const char *mode;
    const char *probe;   /* options of a first request that only wants the size; or NULL */
    const char *options; /* as wire_request has them; "%w": some windowsize, "%s": the size of the upload */
    uint32_t repeat_ms;  /* of the request, doubled each time */
    uint32_t timeout_ms; /* before it says again what it has, or sends again */
    uint16_t end_code;   /* ERROR with which it ends a probe */
};

extern const struct model models[];
extern const uint32_t model_count;

enum client_stage { STAGE_IDLE, STAGE_ASKED, STAGE_RUNNING, STAGE_LINGERING, STAGE_GONE };

struct client {
    const struct model *model;
    uint32_t index;
    enum client_stage stage;
    struct endpoint at;
    struct endpoint tid;      /* port 0: not known yet */
    struct endpoint last_tid; /* of the last attempt that was answered */
    uint64_t wakes_at_ms;
    uint32_t step; /* the misses, the probe, then the transfer itself */
    uint32_t repeats;
    uint32_t silences;
    uint32_t silences_in_all;
    uint32_t attempts;
    uint32_t patience; /* datagrams before its mischief */
    uint32_t window;   /* what it puts for %w */
    uint32_t losses;
    bool is_plain;            /* it asks without options, after it has rejected them */
    bool is_port_reused;      /* answers to its last request may still be on their way */
    bool is_tid_known_before; /* what it took for the answer comes from last_tid */
    bool is_tainted;          /* something damaged reached it or came from it */
    bool is_done;
    bool has_msftwindow;
    struct fetcher fetcher;
    struct storer storer;
    char path[64];
    uint8_t *upload;
    size_t upload_size;
    size_t request_size;
    uint8_t request[600];
};

void clients_make(struct world *w);
void client_free(struct world *w, struct client *c);
void client_start(struct world *w, struct client *c, const struct model *model, uint32_t start_ms);
void client_on_datagram(struct world *w, const struct datagram *datagram);
void client_on_timer(struct world *w, struct client *c);

/* By its address, whatever the port; NULL: no client's. */
struct client *client_find(const struct world *w, const struct endpoint *at);

/* Something damaged came from there or goes there. */
void client_taint(struct world *w, const struct endpoint *at);
/* A datagram from there or to there is lost; and how many were. */
void client_count_loss(struct world *w, const struct endpoint *at);
uint32_t client_losses(const struct world *w, const struct endpoint *at);
/* Neither mischief nor damage: what it gets can be held against the server. */
bool client_is_honest(const struct world *w, const struct endpoint *at);
/* At the end of the world: whoever could be served has been served. */
void client_check_served(struct world *w, const struct client *c);

/* client_ask.c, for clients.c */

uint32_t client_steps(const struct client *c);
bool client_is_miss(const struct client *c);
bool client_is_probe(const struct client *c);
/* Writes the request of this step into c->request. */
void client_make_request(struct world *w, struct client *c);
/* Fails the world if the server's answer to the options is not the one that it owes. */
void client_check_oack(struct world *w, const struct client *c, struct span oack);
/* The number that the OACK grants for this option, or otherwise. */
uint32_t client_granted(struct span oack, const char *option, uint32_t otherwise);

/* client_judge.c, for clients.c */

static inline bool client_is_upload(const struct client *c)
{
    return c->model->habits & HABIT_UPLOADS;
}

/* What it is told is about this request for sure. */
bool client_is_judged(const struct world *w, const struct client *c);
/* Fails the world unless it has the whole file. */
void client_check_fetched(struct world *w, const struct client *c);
/* What is stored under the name is this client's own, whole. */
bool client_is_own_stored(struct world *w, const struct client *c);
bool client_is_too_large(const struct world *w, const struct client *c);
/* Such an ERROR is no wonder in this world. */
bool client_is_error_due(struct world *w, const struct client *c, uint16_t code);

/* clients.c, for hostile.c */

void client_arm(struct world *w, struct client *c, uint32_t ms);

/* hostile.c */

void hostile_on_timer(struct world *w, struct client *c);
/* What a mischievous client does beside what it ought to do. False: it does not go on. */
bool mischief(struct world *w, struct client *c, struct span sent);

#endif
