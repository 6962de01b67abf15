/*
 * A BOOTP or DHCPv4 datagram (RFC 951, 1542, 2131, 2132; PXE 2.1), read once into a record of what it says. All input is
 * hostile. Of the options only those are kept that somebody here asks for.
 */
#ifndef CORE_DHCP4_H
#define CORE_DHCP4_H

#include "core/base/endpoint.h"
#include "core/dhcp/tlv.h"

/* Where the fields of the fixed part lie; fields and options are in network order. */
enum {
    DHCP4_OP = 0,
    DHCP4_HTYPE = 1,
    DHCP4_HLEN = 2,
    DHCP4_HOPS = 3,
    DHCP4_XID = 4,
    DHCP4_SECS = 8,
    DHCP4_FLAGS = 10,
    DHCP4_CIADDR = 12,
    DHCP4_YIADDR = 16,
    DHCP4_SIADDR = 20,
    DHCP4_GIADDR = 24,
    DHCP4_CHADDR = 28,
    DHCP4_SNAME = 44,
    DHCP4_FILE = 108,
    DHCP4_COOKIE = 236,
    DHCP4_OPTIONS = 240,
    DHCP4_CHADDR_SIZE = 16,
    DHCP4_SNAME_SIZE = 64,
    DHCP4_FILE_SIZE = 128,
    DHCP4_COOKIE_SIZE = 4,
    DHCP4_REQUEST_OP = 1,
    DHCP4_REPLY_OP = 2,
    DHCP4_BROADCAST_FLAG = 0x8000,
    DHCP4_SIZE_MIN = 300,   /* of what we send: old relays and U-Boot drop shorter ones */
    DHCP4_SIZE_OPEN = 548,  /* what a client takes that says nothing of it: 576 bytes of IP (RFC 2131 section 2) */
    DHCP4_HEADERS_SIZE = 28 /* of IP and UDP, which option 57 counts */
};

extern const uint8_t dhcp4_cookie[DHCP4_COOKIE_SIZE];

/* Option 53; a datagram without it is one of BOOTP. */
enum dhcp4_message {
    DHCP4_BOOTP = 0,
    DHCP4_DISCOVER = 1,
    DHCP4_OFFER = 2,
    DHCP4_REQUEST = 3,
    DHCP4_ACK = 5,
    DHCP4_INFORM = 8
};

/* The options that are kept. */
enum dhcp4_option {
    DHCP4_REQUESTED,     /* 50: the address that a DHCP server has offered */
    DHCP4_MESSAGE,       /* 53 */
    DHCP4_SERVER,        /* 54 */
    DHCP4_MESSAGE_SIZE,  /* 57 */
    DHCP4_CLASS,         /* 60: "PXEClient:Arch:00007:UNDI:003000", without the NULs that some end it with */
    DHCP4_CLIENT_ID,     /* 61 */
    DHCP4_USER_CLASS,    /* 77: as iPXE writes it, raw, or as RFC 3004 wants it */
    DHCP4_AGENT,         /* 82: of the relay; to be echoed byte for byte */
    DHCP4_ARCHITECTURES, /* 93: 16 bits each */
    DHCP4_GUID,          /* 97 */
    DHCP4_VENDOR,        /* 43: PXE's own options */
    DHCP4_IPXE,          /* 175 */
    DHCP4_TFTP_SERVER,   /* 66, of another server's reply, as is the next */
    DHCP4_BOOT_FILE,     /* 67 */
    DHCP4_KEPT
};

/* Room for what is to be put together from options that are there more than once (RFC 3396). */
enum { DHCP4_JOINED_MAX = 1024 };

/* Its spans point into the datagram, or into itself: it is used where it was read, and not copied. */
struct dhcp4 {
    bool is_reply; /* op 2: another server's, or our own */
    bool has_cookie;
    uint8_t message; /* enum dhcp4_message, or another number of option 53 */
    uint8_t htype;
    uint8_t hlen; /* at most 16 */
    uint8_t hops;
    uint16_t secs; /* no time at all with EDK2 (bytes swapped) and iPXE (a bit field) */
    uint16_t flags;
    uint8_t xid[4];
    uint8_t chaddr[DHCP4_CHADDR_SIZE];
    struct endpoint ciaddr;
    struct endpoint yiaddr;
    struct endpoint siaddr;
    struct endpoint giaddr;
    struct endpoint server;       /* of option 54; unspecified without it */
    struct endpoint requested;    /* of option 50; unspecified without it */
    struct span sname;            /* up to its NUL; empty where options overload it */
    struct span file;             /* the same */
    struct span kept[DHCP4_KEPT]; /* bytes is NULL where the option is not there */
    size_t datagram_size;
    size_t joined_size;
    uint8_t joined[DHCP4_JOINED_MAX];
    bool has_item; /* option 43 with tag 71: one entry of a PXE boot menu is asked for */
    uint16_t item_type;
    uint16_t item_layer;
};

/* False if it is none: it is dropped and counted, never answered. */
bool dhcp4_read(struct dhcp4 *packet, struct span datagram);

bool dhcp4_has(const struct dhcp4 *packet, enum dhcp4_option option);

/*
 * What every reply copies, into DHCP4_OPTIONS bytes: op, hardware, xid, relay, chaddr, and the cookie if the request has one. The
 * rest is 0.
 */
void dhcp4_begin_reply(const struct dhcp4 *request, uint8_t *bytes);
/* The four bytes of an IPv4 address. */
struct span dhcp4_address(const struct endpoint *address);
void dhcp4_write_address(uint8_t *field, const struct endpoint *address);

/* How long a reply may be, from option 57 or without it: DHCP4_SIZE_OPEN to maximum. */
size_t dhcp4_reply_room(const struct dhcp4 *packet, size_t maximum);

#endif
