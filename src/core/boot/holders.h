/*
 * Which MAC holds an address, as far as boot requests tell: what DHCP clients say, what is said to port 4011, what BootpHosts
 * assigns. Whose word is better goes first, and each kind has places of its own: a flood of one kind puts out that kind alone.
 * Of one kind nobody takes an address from somebody else: who says that it is his makes it nobody's until both are silent, but
 * for BootpHosts, where the administrator decides. What the neighbour table of the system says goes before all of it.
 */
#ifndef CORE_BOOT_HOLDERS_H
#define CORE_BOOT_HOLDERS_H

#include "core/base/mac.h"
#include "core/boot/decide.h"

enum {
    HOLDERS_KINDS = 3, /* MAC_BY_DHCP to MAC_BY_BOOTP */
    HOLDERS_SETS = 512,
    HOLDERS_WAYS = 4, /* in a set, which a hash of the address chooses: the one heard longest ago gives way */
    HOLDERS_AGE_MS = 60 * 60 * 1000
};

struct holder {
    struct endpoint address; /* port 0 */
    uint8_t mac[MAC_SIZE];
    bool is_disputed;
    uint64_t heard_ms; /* 0: this place is free */
};

/* Cleared memory but for the seed. Guarded by its owner. */
struct holders {
    uint64_t seed; /* of endpoint_hash */
    struct holder places[HOLDERS_KINDS][HOLDERS_SETS][HOLDERS_WAYS];
};

/* Every decision, now_ms > 0: what its claim says. */
void holders_hear(struct holders *holders, const struct boot_decision *decision, uint64_t now_ms);

/* Whose address this is, whatever its port; the source is MAC_UNKNOWN where nobody said so lately, or two did. */
struct mac holders_find(const struct holders *holders, const struct endpoint *address, uint64_t now_ms);

#endif
