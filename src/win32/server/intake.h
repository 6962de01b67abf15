/*
 * One request, from its bytes to its first answer: judged, entered, opened, agreed, begun and handed to a worker. Runs
 * on the listeners' threads, several at a time; a slow disk or share holds up one of them and no running transfer.
 */
#ifndef WIN32_INTAKE_H
#define WIN32_INTAKE_H

#include "win32/server/worker.h"

enum {
    INTAKE_WORKERS_MAX = 64,
    INTAKE_LAST_MAX = 4096,
    INTAKE_REPEAT_MAX = 1024 /* bytes of a request that is kept for its worker to judge */
};

struct intake {
    struct shared *shared;
    struct worker *workers[INTAKE_WORKERS_MAX];
    uint32_t worker_count;
    volatile LONG next_worker; /* round-robin */
    /* By hash of the peer: who had its last transfer. The next one gets another server TID. Under the admission lock. */
    uint8_t last_worker[INTAKE_LAST_MAX];
};

/* A datagram of a source that is heard (shared_hears). */
void intake_take(struct intake *intake, const struct endpoint *from, const struct udp_arrival *arrival,
                 struct span datagram);

#endif
