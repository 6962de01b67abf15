/*
 * Who we are, as boot clients are told: asked of the system, the same for the service and for whoever explains it.
 */
#ifndef WIN32_BOOTSELF_H
#define WIN32_BOOTSELF_H

#include "core/bootrules/rules.h"

enum { DUID_SIZE = 2 + GUID_SIZE }; /* DUID-UUID (RFC 6355) */

/* For DHCPv6: stable as long as this Windows is. */
void bootself_make_duid(uint8_t duid[DUID_SIZE]);

/* The machine's name, which a BOOTP client may ask for: its first label where the whole does not fit, or nothing. */
void bootself_name(struct boot_rules *rules);

#endif
