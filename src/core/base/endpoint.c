#include "core/base/endpoint.h"

#include "core/base/sheet.h"

#include <stdio.h>

enum { GROUPS = 8, NETWORK_BYTES = 8, IPV4_OFFSET = 12, IPV4_PREFIX_BITS = 96, IPV6_BITS = 128 };

static const uint8_t ipv4_prefix[IPV4_OFFSET] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct endpoint endpoint_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port)
{
    return (struct endpoint){
        .address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d},
        .port = port,
    };
}

struct endpoint endpoint_of_ipv4(const void *address, uint16_t port)
{
    const uint8_t *a = address;

    return endpoint_ipv4(a[0], a[1], a[2], a[3], port);
}

struct endpoint endpoint_of_ipv6(const void *address, uint32_t scope, uint16_t port)
{
    struct endpoint e = {.scope = scope, .port = port};

    memcpy(e.address, address, sizeof e.address);
    return e;
}

const uint8_t *endpoint_ipv4_bytes(const struct endpoint *e)
{
    return e->address + IPV4_OFFSET;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && endpoint_same_address(a, b);
}

bool endpoint_same_address(const struct endpoint *a, const struct endpoint *b)
{
    return a->scope == b->scope && memcmp(a->address, b->address, sizeof a->address) == 0;
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* SipHash-1-3, whose input always has the same length here. */
uint32_t endpoint_hash(const struct endpoint *e, uint64_t seed)
{
    enum { WORDS = 3, LAST_ROUNDS = 3 };
    uint64_t words[WORDS] = {0, 0, (uint64_t)e->scope << 32 | e->port};
    uint64_t v[4] = {seed ^ 0x736f6d6570736575u, seed ^ 0x646f72616e646f6du, seed ^ 0x6c7967656e657261u,
                     seed ^ 0x7465646279746573u};

    memcpy(words, e->address, sizeof e->address);
    for (int i = 0; i < WORDS; i++) {
        v[3] ^= words[i];
        sip_round(v);
        v[0] ^= words[i];
    }
    v[2] ^= 0xff;
    for (int i = 0; i < LAST_ROUNDS; i++)
        sip_round(v);
    return (uint32_t)(v[0] ^ v[1] ^ v[2] ^ v[3]);
}

struct endpoint endpoint_host(const struct endpoint *e)
{
    struct endpoint host = *e;

    host.port = 0;
    return host;
}

struct endpoint endpoint_network(const struct endpoint *e)
{
    struct endpoint network = endpoint_host(e);

    if (!endpoint_is_link_local(e) && !endpoint_is_ipv4(e))
        memset(network.address + NETWORK_BYTES, 0, sizeof network.address - NETWORK_BYTES);
    return network;
}

bool endpoint_is_ipv4(const struct endpoint *e)
{
    return memcmp(e->address, ipv4_prefix, sizeof ipv4_prefix) == 0;
}

bool endpoint_is_unspecified(const struct endpoint *e)
{
    uint8_t any = 0;
    size_t first = endpoint_is_ipv4(e) ? IPV4_OFFSET : 0;

    for (size_t i = first; i < sizeof e->address; i++)
        any |= e->address[i];
    return any == 0;
}

bool endpoint_is_multicast(const struct endpoint *e)
{
    if (endpoint_is_ipv4(e))
        return (e->address[IPV4_OFFSET] & 0xf0) == 0xe0;
    return e->address[0] == 0xff;
}

bool endpoint_is_broadcast(const struct endpoint *e)
{
    static const uint8_t all_ones[4] = {0xff, 0xff, 0xff, 0xff};

    return endpoint_is_ipv4(e) && memcmp(e->address + IPV4_OFFSET, all_ones, sizeof all_ones) == 0;
}

bool endpoint_is_link_local(const struct endpoint *e)
{
    return e->address[0] == 0xfe && (e->address[1] & 0xc0) == 0x80;
}

bool endpoint_is_bogus_source(const struct endpoint *e)
{
    return e->port == 0 || endpoint_is_unspecified(e) || endpoint_is_broadcast(e) || endpoint_is_multicast(e);
}

/* RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as "::". */
static void add_ipv6(struct sheet *line, const uint8_t address[16])
{
    int best_start = -1;
    int best_length = 1;

    for (int i = 0; i < GROUPS; i++) {
        int length = 0;
        while (i + length < GROUPS && read_u16(address + 2 * (i + length)) == 0)
            length++;
        if (length > best_length) {
            best_start = i;
            best_length = length;
        }
    }
    for (int i = 0; i < GROUPS; i++) {
        if (i == best_start) {
            sheet_print(line, "::");
            i += best_length - 1;
            continue;
        }
        const char *colon = i > 0 && line->text[line->used - 1] != ':' ? ":" : "";
        sheet_print(line, "%s%x", colon, (unsigned)read_u16(address + 2 * i));
    }
}

char *endpoint_address_text(const struct endpoint *e, char *text)
{
    struct sheet line = sheet_in(text, ENDPOINT_TEXT_MAX);
    const uint8_t *a = e->address;

    if (endpoint_is_ipv4(e)) {
        sheet_print(&line, "%u.%u.%u.%u", (unsigned)a[12], (unsigned)a[13], (unsigned)a[14], (unsigned)a[15]);
        return text;
    }
    add_ipv6(&line, a);
    if (e->scope != 0)
        sheet_print(&line, "%%%u", (unsigned)e->scope);
    return text;
}

char *endpoint_file_name(const struct endpoint *e, char *text)
{
    struct endpoint address = *e;

    address.scope = 0;
    endpoint_address_text(&address, text);
    for (char *colon = strchr(text, ':'); colon != NULL; colon = strchr(colon, ':'))
        *colon = '-';
    return text;
}

char *endpoint_text(const struct endpoint *e, char *text)
{
    char address[ENDPOINT_TEXT_MAX];

    endpoint_address_text(e, address);
    if (endpoint_is_ipv4(e))
        snprintf(text, ENDPOINT_TEXT_MAX, "%.60s:%u", address, (unsigned)e->port);
    else
        snprintf(text, ENDPOINT_TEXT_MAX, "[%.60s]:%u", address, (unsigned)e->port);
    return text;
}

/* Splits off the text up to the separator; what follows it stays in *rest. False if the separator is not there. */
static bool split(struct span *rest, uint8_t separator, struct span *part)
{
    const uint8_t *found = rest->size ? memchr(rest->bytes, separator, rest->size) : NULL;

    if (found == NULL)
        return false;
    *part = span_of(rest->bytes, (size_t)(found - rest->bytes));
    *rest = span_of(found + 1, rest->size - part->size - 1);
    return true;
}

static bool parse_ipv4(uint8_t bytes[4], struct span text)
{
    for (int i = 0; i < 4; i++) {
        struct span part = text;
        uint64_t number;
        if (i < 3 && !split(&text, '.', &part))
            return false;
        if (i == 3)
            part = text;
        if (part.size > 3 || !span_to_number(part, 255, &number))
            return false;
        bytes[i] = (uint8_t)number;
    }
    return true;
}

static bool parse_group(struct span text, uint8_t bytes[2])
{
    unsigned value = 0;

    if (text.size == 0 || text.size > 4)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        int digit = hex_digit(text.bytes[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (unsigned)digit;
    }
    write_u16(bytes, (uint16_t)value);
    return true;
}

/* Groups without "::"; at the end of an address the last may be dotted IPv4. Returns the number of bytes, or -1. */
static int parse_groups(struct span text, bool is_end, uint8_t bytes[16])
{
    int used = 0;

    if (text.size == 0)
        return 0;
    for (;;) {
        struct span part = text;
        bool is_last = !split(&text, ':', &part);
        if (is_last)
            part = text;
        if (is_last && is_end && used <= IPV4_OFFSET && memchr(part.bytes, '.', part.size) != NULL)
            return parse_ipv4(bytes + used, part) ? used + 4 : -1;
        if (used > 14 || !parse_group(part, bytes + used))
            return -1;
        used += 2;
        if (is_last)
            return used;
        if (text.size == 0)
            return -1;
    }
}

static bool parse_ipv6(uint8_t address[16], struct span text)
{
    uint8_t head[16];
    uint8_t tail[16];
    size_t gap = 0;

    while (gap + 1 < text.size && !(text.bytes[gap] == ':' && text.bytes[gap + 1] == ':'))
        gap++;
    memset(address, 0, 16);
    if (gap + 1 >= text.size)
        return parse_groups(text, true, address) == 16;
    int before = parse_groups(span_of(text.bytes, gap), false, head);
    int after = parse_groups(span_of(text.bytes + gap + 2, text.size - gap - 2), true, tail);
    if (before < 0 || after < 0 || before + after > 14)
        return false;
    memcpy(address, head, (size_t)before);
    memcpy(address + 16 - after, tail, (size_t)after);
    return true;
}

bool endpoint_parse_address(struct endpoint *e, struct span text)
{
    struct span address = text;
    struct span zone = text;
    uint64_t scope = 0;

    memset(e, 0, sizeof *e);
    if (split(&zone, '%', &address) && !span_to_number(zone, UINT32_MAX, &scope))
        return false;
    if (address.size == 0)
        return false;
    e->scope = (uint32_t)scope;
    if (memchr(address.bytes, ':', address.size) != NULL)
        return parse_ipv6(e->address, address) && (scope == 0 || !endpoint_is_ipv4(e));
    memcpy(e->address, ipv4_prefix, sizeof ipv4_prefix);
    return address.size == text.size && parse_ipv4(e->address + IPV4_OFFSET, address);
}

bool prefix_parse(struct prefix *p, struct span text)
{
    struct span address = text;
    struct span length = text;
    struct endpoint e;
    uint64_t bits = 0;

    bool has_length = split(&length, '/', &address);
    if (!endpoint_parse_address(&e, has_length ? address : text) || e.scope != 0)
        return false;
    memcpy(p->address, e.address, sizeof p->address);
    unsigned base = endpoint_is_ipv4(&e) && memchr(text.bytes, ':', text.size) == NULL ? IPV4_PREFIX_BITS : 0;
    if (!has_length)
        bits = IPV6_BITS - base;
    else if (!span_to_number(length, IPV6_BITS - base, &bits))
        return false;
    p->bits = (uint8_t)(base + bits);
    /* "::ffff:10.0.0.0/8" is meant for IPv4 and would mean all of "::/8". */
    return p->bits >= IPV4_PREFIX_BITS || !endpoint_is_ipv4(&e);
}

bool prefix_contains(const struct prefix *p, const struct endpoint *e)
{
    size_t whole = p->bits / 8;
    unsigned rest = p->bits % 8;

    /* Who writes "::/0" means IPv6; that IPv4 lies within it is our own way to keep it. */
    if (p->bits < IPV4_PREFIX_BITS && endpoint_is_ipv4(e))
        return false;
    if (memcmp(p->address, e->address, whole) != 0)
        return false;
    return rest == 0 || (p->address[whole] ^ e->address[whole]) >> (8 - rest) == 0;
}

struct prefix prefix_of(const struct endpoint *e, unsigned bits)
{
    struct prefix p = {.bits = (uint8_t)(bits + (endpoint_is_ipv4(e) ? IPV4_PREFIX_BITS : 0))};

    memcpy(p.address, e->address, sizeof p.address);
    return p;
}

bool prefix_is_broadcast(const struct prefix *p, const struct endpoint *e)
{
    if (p->bits < IPV4_PREFIX_BITS || p->bits > IPV6_BITS - 2 || !prefix_contains(p, e))
        return false;
    for (unsigned bit = p->bits; bit < IPV6_BITS; bit++)
        if (!(e->address[bit / 8] >> (7 - bit % 8) & 1))
            return false;
    return endpoint_is_ipv4(e);
}
