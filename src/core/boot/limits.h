/*
 * How many answers leave, and how many files are looked at for them: for one client, to one address, for one relay, one interface
 * and in all. A client is who it says it is, so whoever forges requests is a new one in each of them; what he cannot vary is the
 * address that he aims at. Who asks more is not answered, and that is all: others are not the worse for it, but for those whose MAC
 * has the same hash.
 */
#ifndef CORE_BOOT_LIMITS_H
#define CORE_BOOT_LIMITS_H

#include "core/base/limiter.h"
#include "core/boot/decide.h"

enum {
    BOOT_CLIENT_PER_SECOND = 4,
    BOOT_CLIENT_BURST = 8,       /* iPXE asks on port 4011 four times in its first second */
    BOOT_ADDRESS_PER_SECOND = 8, /* and at once; what is broadcast is no address, and a relay has its own */
    BOOT_RELAY_PER_SECOND = 200,
    BOOT_TOTAL_SHARE = 4, /* in all so many times what one interface may */
    BOOT_CLIENT_BUCKETS = 4096,
    BOOT_RELAY_BUCKETS = 256,
    BOOT_INTERFACE_BUCKETS = 64
};

struct boot_limits {
    uint64_t seed; /* of endpoint_hash */
    struct bucket clients[BOOT_CLIENT_BUCKETS];
    struct limiter addresses;
    struct bucket relays[BOOT_RELAY_BUCKETS];
    struct bucket interfaces[BOOT_INTERFACE_BUCKETS];
    struct bucket total;
};

/* per_second is what one interface may: 1 to 1,000,000. */
void boot_limits_init(struct boot_limits *limits, uint32_t per_second, uint64_t seed);

/*
 * One answer, or the look at a file that one depends on: NOTHING_AGAINST if it may leave, or the limit that is reached; then nothing
 * is taken from the others. aim is the one address that it would go to, or NULL.
 */
enum boot_reason boot_limits_take(struct boot_limits *limits, const struct boot_decision *decision,
                                  const struct endpoint *aim, uint32_t interface_index, uint32_t per_second,
                                  uint64_t now_ms);

#endif
