/*
 * Replies of a proxy: a DHCPOFFER or DHCPACK that names a boot file and nothing else (PXE 2.1 section 2). Nothing here can
 * write an address, a mask, a router or a name server: yiaddr has no place in struct offer, and the only options are those
 * of the two tables in offer.c.
 */
#ifndef CORE_OFFER_H
#define CORE_OFFER_H

#include "core/dhcp/dhcp4.h"

enum { OFFER_OPTIONS_MAX = 8 };

struct offer_option {
    uint8_t tag;
    struct span data;
};

/* An option that a rule may set, and what its value is. None of them says a word about the machine's address. */
enum offer_value { OFFER_TEXT, OFFER_TEXT_ENDED /* by a NUL */, OFFER_ADDRESS, OFFER_SECONDS };
struct offer_choice {
    uint8_t tag;
    uint8_t value; /* enum offer_value */
};

extern const struct offer_choice offer_choices[];
extern const size_t offer_choice_count;

/* What is copied from the request is copied by offer_write. */
struct offer {
    uint8_t message;             /* DHCP4_OFFER or DHCP4_ACK */
    bool is_broadcast;           /* sets the flag, whatever the request's says */
    bool keeps_ciaddr;           /* on 4011 */
    bool is_http;                /* the class is HTTPClient */
    struct endpoint server;      /* ours: option 54 */
    struct endpoint next_server; /* siaddr, and as text sname */
    const char *file;            /* a longer one than `file` holds goes into option 67; empty: none */
    struct span vendor;          /* option 43 with its END; empty: none */
    size_t option_count;
    struct offer_option options[OFFER_OPTIONS_MAX]; /* of the rule */
};

/* Into bytes, of which there is room; returns the size, 300 or more, or 0 if it does not fit. */
size_t offer_write(const struct offer *offer, const struct dhcp4 *request, uint8_t *bytes, size_t room);

#endif
