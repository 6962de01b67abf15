/*
 * The boot companion as the server has it: while a parameter wants it there are a thread, sockets for 67 and 4011 on each
 * interface, and the memory of core/boot; else there is nothing but this.
 */
#ifndef WIN32_COMPANION_H
#define WIN32_COMPANION_H

#include "core/settings/config.h"
#include "win32/disk/root.h"
#include "win32/log/journal.h"
#include "win32/system/jobs.h"

struct running;

struct companion {
    SRWLOCK lock;            /* shared by who uses what runs, for itself alone by who starts or ends it */
    struct running *running; /* NULL: nothing is heard */
    struct journal *journal;
    struct jobs *jobs;
    uint64_t seed; /* of endpoint_hash */
    volatile LONG is_paused;
};

void companion_init(struct companion *companion, struct journal *journal, struct jobs *jobs, uint64_t seed);

/*
 * Has the parameters followed: starts, changes or ends what runs. Where they do not go together, or there is no memory, that is
 * told, and what ran goes on as it was. The control thread; root is retained.
 */
void companion_apply(struct companion *companion, const struct config *config, struct root *root);
/* While paused, requests are heard and not answered. Any thread. */
void companion_pause(struct companion *companion, bool is_paused);
/* Ends what runs. The jobs still run. */
void companion_stop(struct companion *companion);

/* Somebody at this address asked for a file by TFTP: its boot goes on. Any thread; waits for nothing. */
void companion_came(struct companion *companion, const struct endpoint *client);

#endif
