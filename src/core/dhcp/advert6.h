/*
 * Replies of DHCPv6 that name a boot file (RFC 5970) and nothing else: an ADVERTISE or REPLY without an address, inside as many
 * envelopes as relays have put around the request. Nothing here can write an address.
 */
#ifndef CORE_ADVERT6_H
#define CORE_ADVERT6_H

#include "core/dhcp/dhcp6.h"

struct advert6 {
    uint8_t message;         /* DHCP6_ADVERTISE or DHCP6_REPLY */
    bool is_http;            /* the class is HTTPClient */
    struct span server_duid; /* ours, up to DHCP6_DUID_MAX */
    const char *url;         /* empty: the client asks again on port 4011 */
};

/* Into bytes, of which there is room; returns the size, or 0 if it does not fit. */
size_t advert6_write(const struct advert6 *advert, const struct dhcp6 *request, uint8_t *bytes, size_t room);

#endif
