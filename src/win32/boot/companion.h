/*
 * The boot companion as the server has it: while a parameter wants it there are a thread, sockets for 67 and 4011 on each
 * interface, and the memory of core/boot; else there is nothing but this.
 */
#ifndef WIN32_COMPANION_H
#define WIN32_COMPANION_H

#include "core/boot/seen.h"
#include "core/settings/config.h"
#include "win32/disk/root.h"
#include "win32/log/journal.h"
#include "win32/net/udp.h"
#include "win32/system/jobs.h"

enum { COMPANION_MACHINES_MAX = 200 /* that are told one by one */ };

struct running;

/* Since the service was started, whatever became of the companion meanwhile. */
struct companion_counts {
    volatile LONG64 answered;
    volatile LONG64 refused;
    volatile LONG64 limited;
};

/* Whoever hears how datagrams fare on their way out (win32/server/sends). */
struct companion_sends {
    void (*hear)(void *context, const struct endpoint *to, const struct udp_arrival *source,
                 const struct udp_sent *sent);
    void *context;
};

struct companion {
    SRWLOCK lock;            /* shared by who uses what runs, for itself alone by who starts or ends it */
    struct running *running; /* NULL: nothing is heard */
    struct journal *journal;
    struct jobs *jobs;
    uint64_t seed; /* of endpoint_hash */
    volatile LONG is_paused;
    struct companion_sends sends;
    struct companion_counts counts;
    struct boot_marks marks; /* while nothing runs: who was approved stays so, and whose one boot is over */
};

void companion_init(struct companion *companion, struct journal *journal, struct jobs *jobs, uint64_t seed,
                    struct companion_sends sends);

/*
 * Has the parameters followed: starts, changes or ends what runs. Where they do not go together, or there is no memory, that is
 * told, and what ran goes on as it was. The control thread; root is retained.
 */
void companion_apply(struct companion *companion, const struct config *config, struct root *root);
/* While paused, requests are heard and not answered. Any thread. */
void companion_pause(struct companion *companion, bool is_paused);
/* Ends what runs. The jobs still run. */
void companion_stop(struct companion *companion);

/* What it is doing, and the machines heard of lately: plain data without pointers. */
struct companion_state {
    uint32_t is_on;
    uint32_t is_watch;
    uint32_t sockets; /* that are open */
    uint32_t machine_count;
    /* Requests since the service was started; answered in a watched network are those that would have been. */
    uint64_t answered;
    uint64_t refused;
    uint64_t limited;
};

struct companion_machine {
    struct endpoint address;
    uint64_t age_ms; /* since its last request */
    uint32_t requests;
    uint32_t answers;
    uint16_t rule_line; /* 0: none */
    uint8_t rule_list;  /* enum boot_list */
    uint8_t reason;     /* enum boot_reason */
    uint8_t course;     /* enum seen_course */
    uint8_t is_waiting;
    uint8_t has_address;
    char identity[IDENTITY_TEXT_MAX];
    char kind[MACHINE_TEXT_MAX];
    char file[SEEN_FILE_MAX];
};

/* list has room for COMPANION_MACHINES_MAX: first those that wait, then by when they were heard last. Any thread. */
void companion_look(struct companion *companion, struct companion_state *state, struct companion_machine *list);

enum companion_approval {
    COMPANION_APPROVED,
    COMPANION_OFF,
    COMPANION_NO_MACHINE,
    COMPANION_SHARED, /* a MAC that PxeHosts says many machines have */
    COMPANION_FULL
};
/* The machine with this MAC or GUID is answered from now on, until the service is restarted. Any thread. */
enum companion_approval companion_approve(struct companion *companion, const char *who);

/* Whose address that is by what boot requests say (core/boot/holders). Any thread; waits for nothing. */
struct mac companion_who(struct companion *companion, const struct endpoint *client);

/* Somebody at this address asked for a file by TFTP: its boot goes on. Any thread; waits for nothing. */
void companion_came(struct companion *companion, const struct endpoint *client);

#endif
