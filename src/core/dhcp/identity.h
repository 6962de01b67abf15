/*
 * Who a machine is: the MAC of its network card and the GUID of its firmware (option 97, RFC 4578; in DHCPv6 the DUID). Both
 * are claims and no proof. A GUID goes before a MAC, for a dongle or a dock lends its MAC to many machines.
 */
#ifndef CORE_IDENTITY_H
#define CORE_IDENTITY_H

#include "core/base/mac.h"
#include "core/dhcp/dhcp4.h"

enum {
    MAC_DIGITS = 12,
    GUID_SIZE = 16,
    /* "52:54:00:12:34:56 4c4c4544-0042-3510-8052-b4c04f4e3332" and a NUL */
    IDENTITY_TEXT_MAX = 56
};

struct identity {
    bool has_mac;
    bool has_guid; /* not where it is one that many machines have: all zeros, all ones, a board maker's example */
    uint8_t mac[MAC_SIZE];
    uint8_t guid[GUID_SIZE]; /* as on the wire */
};

struct identity identity_of_dhcp4(const struct dhcp4 *packet);
/* Of a DUID (RFC 8415 section 11, RFC 6355): types 1 and 3 have a MAC, type 4 the GUID. */
struct identity identity_of_duid(struct span duid);

/* "52:54:00:12:34:56 4C4C4544-...", one of them, or "a machine without MAC and GUID". Returns text (IDENTITY_TEXT_MAX). */
char *identity_text(const struct identity *identity, char *text);

/* What an administrator writes to name machines. */
enum who_kind { WHO_NOBODY, WHO_MAC, WHO_GUID };

struct who {
    uint8_t kind;             /* enum who_kind */
    uint8_t digits;           /* of a MAC that count: 1 to 12; fewer than 12 are a pattern such as 001122* */
    uint8_t bytes[GUID_SIZE]; /* of a GUID as on the wire */
};

/*
 * "52:54:00:12:34:56", "525400123456", "52-54-00-*", "5254.0012.3456"; "4c4c4544-0042-...", with braces or without dashes too.
 * False if it is neither.
 */
bool who_parse(struct who *who, struct span text);
/* The one machine that this MAC or GUID belongs to; and the one card, by its MAC. */
bool who_is_one(const struct who *who);
bool who_is_card(const struct who *who);
/* A GUID is the same in both orders of its first three fields: screens show the one, the wire has the other. */
bool who_is(const struct who *who, const struct identity *identity);
bool who_equal(const struct who *a, const struct who *b);

#endif
