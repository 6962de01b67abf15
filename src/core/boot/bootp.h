/*
 * Replies of the BOOTP table (RFC 951, 1542, 1533): 300 bytes, with the machine's address; more only where a relay's option
 * 82 has to come back (RFC 3046 section 2.2: whole, and last). No DHCP client ever gets one.
 */
#ifndef CORE_BOOT_BOOTP_H
#define CORE_BOOT_BOOTP_H

#include "core/bootrules/rules.h"

struct bootp_answer {
    const struct bootp_host *host;
    struct endpoint next_server; /* siaddr, and as text sname */
    const char *file;            /* at most BOOT_FILE_MAX bytes */
    uint8_t mask_bits;           /* 0: not known, so none is told */
    bool is_broadcast;           /* sets the flag, whatever the request's says */
};

/*
 * Into room bytes, at least DHCP4_SIZE_OPEN. Options only for who shows by its cookie that it knows them. Returns the size, or
 * 0 where the relay's option does not fit.
 */
size_t bootp_write(const struct boot_rules *rules, const struct bootp_answer *answer, const struct dhcp4 *request,
                   uint8_t *bytes, size_t room);

#endif
