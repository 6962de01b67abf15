/*
 * Where a file is: a host as Windows' client takes it, with our port behind it, and a URI of RFC 3617.
 *
 *   tftp://host[:port]/name[;mode=netascii|octet]     the slash behind the host is not part of the name
 */
#ifndef CORE_CLIENT_ADDRESS_H
#define CORE_CLIENT_ADDRESS_H

#include "core/base/bytes.h"

enum {
    ADDRESS_HOST_MAX = 256, /* RFC 1123: 255 characters, and a NUL */
    ADDRESS_NAME_MAX = 512, /* no request can hold more */
    ADDRESS_PORT = 69
};

enum address_mode { MODE_UNSAID, MODE_OCTET, MODE_NETASCII };

struct address {
    char host[ADDRESS_HOST_MAX]; /* a name, or an address without brackets, with its %zone */
    char name[ADDRESS_NAME_MAX]; /* of the file, as it goes out; may be empty */
    uint16_t port;
    enum address_mode mode;
};

bool address_is_uri(const char *text);
/* Each returns NULL, or what is wrong in words. */
const char *address_parse_uri(struct address *address, const char *text);
/* "host", "host:port", "::1", "[::1]:port"; the name stays empty. */
const char *address_parse_host(struct address *address, const char *text);

#endif
