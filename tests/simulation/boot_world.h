/*
 * What one world of booting machines is made of. Clients are on the link of the companion (10.77.0.2) and the DHCP server
 * (10.77.0.1), or behind a relay (10.88.0.1).
 */
#ifndef SIMULATION_BOOT_WORLD_H
#define SIMULATION_BOOT_WORLD_H

#include "boot_run.h"

#include "boot_wire.h"

enum {
    BOOT_CLIENTS_MAX = 6,
    BOOT_FLYING_MAX = 512,
    BOOT_TROUBLE_MS = 100 * 1000, /* then the network is good and the hostile one is gone */
    BOOT_END_MS = 900 * 1000
};

enum boot_kind { /* of clients */
                 KIND_EDK2_X64,
                 KIND_EDK2_ARM64,
                 KIND_HTTP,
                 KIND_IPXE,
                 KIND_INTEL,
                 KIND_RASPBERRY_PI,
                 KIND_BOOTP,
                 KIND_PLAIN, /* an operating system: it wants an address, and nothing of ours */
                 KIND_COUNT
};

enum boot_state {
    STATE_OFF,
    STATE_DISCOVERING, /* collects offers until the window is over */
    STATE_TAKING,      /* an address, from the DHCP server */
    STATE_ASKING,      /* on port 4011 */
    STATE_LOADING,     /* it has the name of a file, or was sent to its disk */
    STATE_GIVEN_UP     /* for this time; it is switched on again */
};

struct boot_client {
    enum boot_kind kind;
    enum boot_state state;
    bool is_relayed;
    bool is_ignored; /* a rule says so */
    bool is_once;    /* a rule says so: setup.efi, and the next boot is local */
    uint8_t mac[6];
    uint32_t xid;
    unsigned tries;
    unsigned boots; /* that ended well */
    uint64_t due_ms;
    bool has_address; /* the DHCP server has offered one */
    bool has_offer;   /* of the companion */
    bool is_direct;   /* and it said: load the file that is here */
    bool has_item;    /* it was a menu, and this is the first entry */
    uint16_t item;
    char file[256];
};

struct boot_datagram {
    uint64_t due_ms;
    bool is_flying;
    bool is_far; /* on the relay's link */
    bool is_ours;
    struct endpoint from;
    struct endpoint to;
    size_t size;
    uint8_t bytes[1500];
};

struct boot_world {
    uint64_t seed;
    uint64_t random;
    uint64_t now_ms;
    bool is_told;
    bool is_bad;
    unsigned loss_percent;
    unsigned double_percent;
    unsigned delay_max_ms;
    bool has_hostile;
    uint64_t hostile_due_ms;
    size_t count;
    struct boot_client clients[BOOT_CLIENTS_MAX];
    struct boot_datagram flying[BOOT_FLYING_MAX];
    struct boot_rules rules;
    struct boot boot;
    unsigned replies_to[BOOT_CLIENTS_MAX];
    struct boot_statistics *statistics;
};

/* What is wrong, once; the world ends. */
__attribute__((format(printf, 2, 3))) void boot_fail(struct boot_world *world, const char *format, ...);

/* 0 to bound - 1, from the seed. */
uint32_t boot_random(struct boot_world *world, uint32_t bound);

/* On its way, with what the network does to it. */
void boot_send(struct boot_world *world, const struct boot_datagram *datagram);

/* -- boot_clients.c */
const char *boot_kind_name(enum boot_kind kind);
/* The file that this client has to end with. */
const char *boot_kind_file(enum boot_kind kind);
void boot_client_switch_on(struct boot_world *world, struct boot_client *client);
void boot_client_on_time(struct boot_world *world, struct boot_client *client);
/* port is the one it was sent to. */
void boot_client_on_reply(struct boot_world *world, struct boot_client *client, struct span reply, uint16_t from_port,
                          uint16_t port);
struct endpoint boot_client_address(const struct boot_world *world, const struct boot_client *client);

/* -- boot_judge.c: each decision, by a reading of its own. */
void boot_judge(struct boot_world *world, const struct boot_arrival *arrival, struct span request,
                const struct boot_decision *decision);
/* Somebody who means harm sends one packet. */
void boot_hostile_send(struct boot_world *world);

#endif
