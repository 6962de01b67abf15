/*
 * One world: a virtual clock with its queue of moments, one source of chance, a trace, and everything that lives in it.
 * A seed means the same history on every machine: nothing here asks the system for time, chance or order.
 *
 * Who finds something wrong calls world_fail; the first finding counts and ends the world.
 */
#ifndef SIMULATION_WORLD_H
#define SIMULATION_WORLD_H

#include "core/settings/config.h"

enum {
    WORLD_CLIENTS_MAX = 8,
    WORLD_MOMENTS_MAX = 1 << 16, /* more than any honest world has under way at once */
    WORLD_STEPS_MAX = 3000000,
    WORLD_TRACE_MAX = 96, /* lines that are shown of a failed world */
    WORLD_TEXT_MAX = 128,
    WORLD_HEAD_MAX = 64,  /* bytes of a datagram that are kept for the trace */
    WORLD_HEAL_MS = 25000 /* of trouble; from then on nothing is lost and the disk is well */
};

/* What the network, the disk and the clock do to this world. Chances are in a thousand. */
struct faults {
    uint32_t loss_to_server;
    uint32_t loss_to_client;
    uint32_t doubling;
    uint32_t reordering; /* a delay of up to reordering_ms more */
    uint32_t reordering_ms;
    uint32_t latency_ms;
    uint32_t detour_latency_ms; /* in its place from detour_from_ms on; 0: no detour */
    uint64_t detour_from_ms;
    uint32_t jitter_ms;
    uint32_t corruption;
    uint32_t truncation;
    bool has_checksum; /* what is damaged does not arrive */
    uint64_t partition_from_ms;
    uint64_t partition_until_ms;
    uint32_t slow; /* the disk lets a question wait for up to slow_ms */
    uint32_t slow_ms;
    uint32_t unreadable;
    uint32_t unwritable;
    uint32_t name_taken; /* another program makes the very file while an upload is about to get its name */
    uint64_t full_after; /* bytes, 0: never */
    uint32_t full;       /* a send of the server finds no room */
    bool loses_segments; /* what leaves in one call is lost as a whole */
    uint32_t grain_ms;   /* of the server's clock */
    uint32_t late_ms;    /* a timer may come later by that */
    uint32_t admin;      /* an administrator ends a transfer, in a thousand per second */
    uint64_t stop_ms;    /* the service stops; 0: never */
    uint64_t heal_ms;
};

enum world_kind {
    WORLD_STRICT, /* no fault and no mischief: everything must go the shortest way */
    WORLD_LOSSY,  /* loss and nothing else */
    WORLD_ROUGH
};

enum fault {
    FAULT_LOSS,
    FAULT_DOUBLING,
    FAULT_REORDERING,
    FAULT_CORRUPTION,
    FAULT_TRUNCATION,
    FAULT_PARTITION,
    FAULT_SLOW_DISK,
    FAULT_BROKEN_READ,
    FAULT_BROKEN_WRITE,
    FAULT_FULL_DISK,
    FAULT_NAME_TAKEN,
    FAULT_FULL_BUFFER,
    FAULT_LOST_SEGMENTS,
    FAULT_ADMIN,
    FAULT_STOP,
    FAULT_COUNT
};

struct datagram {
    struct endpoint from;
    struct endpoint to;
    bool begins_anew; /* of a request that is taken again */
    bool is_forged;
    size_t size;
    uint8_t bytes[];
};

enum moment_kind {
    MOMENT_DATAGRAM, /* what: a datagram, owned */
    MOMENT_RETAKE,   /* what: a request, owned */
    MOMENT_CLIENT,   /* number: which */
    MOMENT_WORKER,   /* number: which */
    MOMENT_DISK,     /* what: a session that waits for it */
    MOMENT_ADMIN,
    MOMENT_FORGER,
    MOMENT_STOP
};

struct moment {
    uint64_t due_ms;
    uint64_t serial; /* of two moments at the same time the older one comes first */
    enum moment_kind kind;
    uint32_t number;
    void *what;
};

/* Most lines are datagrams and are never read: their text is made only when it is asked for. */
struct trace_line {
    uint64_t at_ms;
    bool is_datagram;
    union {
        char text[WORLD_TEXT_MAX];
        struct {
            const char *what;
            struct endpoint from;
            struct endpoint to;
            size_t size; /* of the whole datagram */
            uint8_t head[WORLD_HEAD_MAX];
        } datagram;
    } as;
};

struct disk;
struct server;
struct client;
struct statistics;
struct forger;
struct victims;

struct world {
    uint64_t seed;
    uint64_t random;
    uint64_t now_ms;
    uint64_t steps;
    uint64_t serial;
    uint64_t hash; /* of everything that ever happened */
    enum world_kind kind;
    bool is_strict; /* the kind is WORLD_STRICT */
    bool is_told;   /* each line of the trace is printed as it comes */
    struct faults faults;
    struct config config;
    struct moment *moments; /* a heap */
    uint32_t moment_count;
    struct disk *disk;
    struct server *server;
    struct client *clients;
    uint32_t client_count;
    struct statistics *statistics;
    struct forger *forger; /* NULL: there is none, and no victims */
    struct victims *victims;
    bool is_forging; /* what is sent now is his */
    uint64_t trace_count;
    struct trace_line trace[WORLD_TRACE_MAX];
    char failure[WORLD_TEXT_MAX * 2]; /* empty: none */
};

/* Counts in statistics, which outlive it. */
struct world *world_make(uint64_t seed, struct statistics *statistics, bool is_told);
void world_unmake(struct world *w);

uint32_t world_random(struct world *w, uint32_t bound);
/* True in so many of a thousand cases. */
bool world_chance(struct world *w, uint32_t permille);
/* The same, as long as the trouble lasts; counts the fault. */
bool world_fault(struct world *w, uint32_t permille, enum fault fault);

void world_at(struct world *w, uint64_t due_ms, enum moment_kind kind, uint32_t number, void *what);
/* False: there is none left. */
bool world_next(struct world *w, struct moment *moment);

__attribute__((format(gnu_printf, 2, 3))) void world_fail(struct world *w, const char *format, ...);
/* Fails unless the condition holds. */
#define REQUIRE(w, condition, ...) ((condition) ? (void)0 : world_fail((w), __VA_ARGS__))

/* Into the hash, and one line of the trace. */
__attribute__((format(gnu_printf, 2, 3))) void world_note(struct world *w, const char *format, ...);
void world_hash(struct world *w, const void *bytes, size_t size);
void world_note_datagram(struct world *w, const char *what, const struct datagram *datagram);
/* The last lines of the trace. */
void world_print_trace(const struct world *w);

/* Memory with a fence behind it, which world_free looks at. */
void *world_allocate(struct world *w, size_t size);
void world_free(struct world *w, void *memory);

/* 10.0.x.y */
struct endpoint world_address(uint32_t number, uint16_t port);

#endif
