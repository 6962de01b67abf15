/*
 * Which ERRORs may leave, and which requests are heard: the parameter ErrorsPerSecond for the whole process, by source
 * (core/base/limiter). Its owner guards it with a lock.
 */
#ifndef CORE_ERRORS_H
#define CORE_ERRORS_H

#include "core/base/limiter.h"

enum {
    ERRORS_PEERS = 4096, /* buckets for stray packets, by hash of address and port */
    ERRORS_STRAYS = 1,   /* a peer and second: some clients acknowledge every ERROR they get, an ERROR 5 too */
    ERRORS_TELL_S = 60   /* between two events about a source that is not heard */
};

struct errors {
    struct limiter limiter;
    struct bucket strays[ERRORS_PEERS];
    uint32_t told_s[LIMITER_BUCKETS]; /* by hash of the address: when it was told that it is not heard; 0: never */
};

void errors_init(struct errors *errors, uint32_t per_second, uint64_t seed);
/* True if a refused request may have its ERROR. */
bool errors_allow(struct errors *errors, const struct endpoint *to, uint32_t per_second, uint64_t now_ms);
/* The same for ERROR 5 to a packet that belongs to no transfer. */
bool errors_allow_stray(struct errors *errors, const struct endpoint *to, uint32_t per_second, uint64_t now_ms);

enum errors_hearing {
    ERRORS_HEARD,
    ERRORS_UNHEARD,     /* its ERRORs are spent: it is to cost nothing but its datagram */
    ERRORS_UNHEARD_TELL /* the same, and it is time to tell of it */
};

/* Whether requests of this source are judged. Nothing is taken. */
enum errors_hearing errors_hear(struct errors *errors, const struct endpoint *from, uint32_t per_second,
                                uint64_t now_ms);

#endif
