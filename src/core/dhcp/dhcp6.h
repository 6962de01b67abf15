/*
 * A DHCPv6 datagram (RFC 8415; RFC 5970 for booting), read once into a record of what it says, through the relays that it came
 * by. All input is hostile.
 */
#ifndef CORE_DHCP6_H
#define CORE_DHCP6_H

#include "core/base/endpoint.h"

enum dhcp6_message {
    DHCP6_SOLICIT = 1,
    DHCP6_ADVERTISE = 2,
    DHCP6_REQUEST = 3,
    DHCP6_REPLY = 7,
    DHCP6_INFORMATION = 11,
    DHCP6_RELAY_FORWARD = 12,
    DHCP6_RELAY_REPLY = 13
};

enum {
    DHCP6_CLIENT_ID = 1,
    DHCP6_SERVER_ID = 2,
    DHCP6_RELAY_MESSAGE = 9,
    DHCP6_USER_CLASS = 15,
    DHCP6_VENDOR_CLASS = 16,
    DHCP6_INTERFACE_ID = 18,
    DHCP6_BOOT_URL = 59,
    DHCP6_ARCHITECTURE = 61,
    DHCP6_ENTERPRISE = 343,       /* Intel's, whose vendor class is PXE's */
    DHCP6_HEADER_SIZE = 4,        /* of a message, and of an option */
    DHCP6_RELAY_HEADER_SIZE = 34, /* of a message of relays */
    DHCP6_TRANSACTION_SIZE = 3,
    DHCP6_DUID_MAX = 130, /* RFC 8415 section 11.1, with its type */
    DHCP6_RELAYS_MAX = 8  /* HOP_COUNT_LIMIT */
};

struct dhcp6_relay {
    uint8_t hops;
    uint8_t link[16];
    uint8_t peer[16];
    struct span interface_id; /* bytes is NULL without it; to be echoed */
};

/* Its spans point into the datagram; the bytes of an option that is not there are NULL. */
struct dhcp6 {
    uint8_t message; /* enum dhcp6_message, or another number: of the client, whatever relays it came through */
    uint8_t transaction[DHCP6_TRANSACTION_SIZE];
    struct span client_id;
    struct span server_id;
    struct span class_id; /* "PXEClient:Arch:00007:UNDI:003000": the first text of Intel's vendor class */
    struct span user_class;
    struct span architectures;
    size_t relay_count;
    struct dhcp6_relay relays[DHCP6_RELAYS_MAX]; /* the one next to us first */
};

/* False if it is none: it is dropped and counted, never answered. */
bool dhcp6_read(struct dhcp6 *packet, struct span datagram);

/* The first option with this code among options: false if there is none, or something before it is broken. */
bool dhcp6_find(struct span options, uint16_t code, struct span *data);

#endif
