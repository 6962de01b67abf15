/*
 * An address and port as plain data. IPv4 is kept as ::ffff:a.b.c.d, so one form serves both families and
 * equality is equality of bytes.
 */
#ifndef CORE_ENDPOINT_H
#define CORE_ENDPOINT_H

#include "core/base/bytes.h"

struct endpoint {
    uint8_t address[16];
    uint32_t scope; /* the IPv6 zone of a link-local address, else 0 */
    uint16_t port;
};

struct prefix {
    uint8_t address[16];
    uint8_t bits; /* 0..128; an IPv4 /n is 96 + n */
};

/* Longest text: an IPv6 address, "%" and a zone, brackets, ":" and a port, NUL. */
enum { ENDPOINT_TEXT_MAX = 72 };

struct endpoint endpoint_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port);
/* Of addresses as packets have them, four bytes or sixteen; and the four of an endpoint that is IPv4. */
struct endpoint endpoint_of_ipv4(const void *address, uint16_t port);
struct endpoint endpoint_of_ipv6(const void *address, uint32_t scope, uint16_t port);
const uint8_t *endpoint_ipv4_bytes(const struct endpoint *e);

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
/* The same host, whatever the port; and the host alone, whose port is 0. */
bool endpoint_same_address(const struct endpoint *a, const struct endpoint *b);
struct endpoint endpoint_host(const struct endpoint *e);
/*
 * Well spread over all fields, for hash tables. Whoever does not know the seed cannot choose addresses that fall into one
 * place; so the seed comes from the system's generator, and the hash never leaves the process.
 */
uint32_t endpoint_hash(const struct endpoint *e, uint64_t seed);

/*
 * What one owner may have as a whole: the /64 of an IPv6 address (RFC 6177), an IPv4 address itself. A link-local address is
 * itself too, for all hosts of a link have the same /64. The port is 0.
 */
struct endpoint endpoint_network(const struct endpoint *e);
/*
 * Limits for one address hold for its network so many times: a thousand machines of a LAN are no single client, and whoever
 * owns 2^64 addresses is no crowd.
 */
enum { ENDPOINT_NETWORK_SHARE = 16 };

bool endpoint_is_ipv4(const struct endpoint *e);
bool endpoint_is_unspecified(const struct endpoint *e); /* 0.0.0.0 or :: */
bool endpoint_is_multicast(const struct endpoint *e);
/* 255.255.255.255; a directed broadcast cannot be told from an address without the interface's mask. */
bool endpoint_is_broadcast(const struct endpoint *e);
bool endpoint_is_link_local(const struct endpoint *e); /* of IPv6 */
/* A source nobody honest sends from: port 0, an unspecified, broadcast or multicast address. */
bool endpoint_is_bogus_source(const struct endpoint *e);

/* The address without the port: "10.0.0.5", "fe80::1%3" (RFC 5952). Returns text, of ENDPOINT_TEXT_MAX bytes. */
char *endpoint_address_text(const struct endpoint *e, char *text);
/* A file name, which has no colon, and without the zone, which differs between machines: "10.0.0.5", "fe80--1". As above. */
char *endpoint_file_name(const struct endpoint *e, char *text);
/* With the port: "10.0.0.5:2070", "[fe80::1%3]:2070". */
char *endpoint_text(const struct endpoint *e, char *text);

/* An IPv4 or IPv6 address, the latter with "%zone" as a number if wanted; the port becomes 0. False if it is not one. */
bool endpoint_parse_address(struct endpoint *e, struct span text);

/*
 * "10.0.0.0/8", "fd00::/8", or an address alone, which is a prefix of its whole length. One of IPv6 means IPv6 only, "::/0"
 * too; "::ffff:10.0.0.0/104" means IPv4, and with fewer than 96 bits it is none.
 */
bool prefix_parse(struct prefix *p, struct span text);
bool prefix_contains(const struct prefix *p, const struct endpoint *e);
/* The network of this address, whose own length is bits: up to 32, or to 128. */
struct prefix prefix_of(const struct endpoint *e, unsigned bits);
/*
 * The directed broadcast of an IPv4 network: all bits behind the prefix are set (RFC 919), and there are two at least
 * (RFC 3021).
 */
bool prefix_is_broadcast(const struct prefix *p, const struct endpoint *e);

#endif
