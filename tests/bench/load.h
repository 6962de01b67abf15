/*
 * The load generator: many TFTP clients in one thread. load.c reads the command line and prints the result, client.c is
 * one client's side of a transfer, loop.c runs them all, flood.c sends what no client would.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BLKSIZE_MAX = 65464,
    DATAGRAM_MAX = BLKSIZE_MAX + 4,
    BATCH = 64, /* datagrams taken or sent by one system call */
    REASONS_MAX = 16,
    REASON_SIZE = 96,
    NAME_SIZE = 512
};

#define NEVER UINT64_MAX

enum mode { MODE_GET, MODE_PUT, MODE_SMALL, MODE_OPEN, MODE_ECHO, MODE_FLOOD };

struct options {
    enum mode mode;
    struct sockaddr_in server;
    const char *name; /* %d in it stands for the client's number, in an upload for the transfer's */
    uint32_t clients;
    uint32_t blksize;
    uint32_t window;
    uint32_t repeat;
    uint32_t files; /* small: transfers in all */
    uint32_t spread_ms;
    uint32_t timeout_ms;
    uint32_t timeout_option; /* seconds to ask the server to wait, 0: not asked */
    uint32_t tries;
    uint32_t sources; /* addresses to come from, 0: the system's choice */
    struct in_addr first_source;
    uint32_t limit_s; /* for everything */
    uint32_t seconds; /* open: to hold; flood: to send */
    uint32_t rate;    /* flood: datagrams a second */
    uint32_t ports;   /* echo: the server's, one after the other */
    double loss;      /* of a hundred */
    uint64_t seed;
    uint64_t size; /* put: bytes, when there is no file; echo: bytes to take */
    const char *file;
    const char *kind; /* flood */
    bool is_half_open;
    bool is_abandoned; /* open: left without an ERROR */
};

enum phase { PHASE_IDLE, PHASE_ASKING, PHASE_MOVING, PHASE_HOLDING, PHASE_PROBING, PHASE_DALLYING, PHASE_OVER };

struct client {
    int socket;
    uint32_t number;
    uint32_t transfer; /* a number of its own among all transfers */
    uint32_t rounds;   /* transfers of this client so far */
    uint32_t life;     /* changes with each socket */
    enum phase phase;
    uint16_t tid; /* the server's port, network order; 0: not known yet */
    uint32_t blksize;
    uint32_t window;
    uint32_t in_window; /* get: blocks since the last ACK */
    uint64_t done;      /* get: blocks taken in order; put: blocks acknowledged */
    uint64_t sent;      /* put */
    uint64_t told;      /* the value of done for which a gap was dealt with */
    uint64_t bytes;
    uint64_t tsize; /* as the OACK said, or NEVER */
    uint64_t started_us;
    uint64_t spoke_us; /* when the last ACK or DATA left */
    uint32_t wait_ms;
    uint32_t tries;
    bool has_first;
};

struct reason {
    char text[REASON_SIZE];
    uint64_t count;
};

struct stats {
    uint64_t ok, failed, bytes;
    uint64_t requests_repeated, acks_repeated;
    uint64_t blocks_received, duplicate_blocks, blocks_sent;
    uint64_t strays, dropped;
    uint64_t accepted, alive; /* open */
    struct reason reasons[REASONS_MAX];
    uint32_t reason_count;
    double *first_ms, *done_ms; /* one a transfer, in the order in which they came */
    uint64_t first_count, done_count;
};

struct run {
    struct options options;
    struct stats stats;
    int epoll;
    struct client *clients;
    uint64_t *due_us; /* beside the clients, so that looking through all of them is cheap */
    uint32_t started; /* clients begun */
    uint32_t over;    /* clients that have nothing left to do */
    uint32_t holding;
    uint32_t transfers;     /* begun */
    uint32_t transfers_max; /* to be begun in all */
    const uint8_t *content;
    uint64_t content_size;
    uint64_t begun_us, ended_us;
    uint64_t random;
};

struct received {
    const uint8_t *bytes;
    size_t size;
    uint16_t port; /* network order */
};

/* load.c */
extern volatile sig_atomic_t is_told_to_end; /* by SIGTERM: no transfer is begun any more */
uint64_t now_us(void);
_Noreturn void die(const char *what);
uint32_t draw(struct run *run, uint32_t below);
void grow_buffers(int socket, uint32_t bytes);

/* client.c */
int client_socket(const struct options *options, uint32_t number);
void client_begin(struct run *run, struct client *client, uint64_t now);
void client_take(struct run *run, struct client *client, const struct received *received, uint64_t now);
void client_timer(struct run *run, struct client *client, uint64_t now);
void client_probe(struct run *run, struct client *client, uint64_t now);
void client_leave(struct run *run, struct client *client);
void client_break_off(struct run *run, struct client *client);
void client_fail(struct run *run, struct client *client, const char *why, uint64_t now);

/* loop.c */
void loop(struct run *run);
/* Takes what a socket has, up to BATCH; valid until the next call. */
int take_batch(int socket, struct received *received);

/* flood.c: prints its own result. */
int flood(struct run *run);

#endif
