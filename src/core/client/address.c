#include "core/client/address.h"

static const char scheme[] = "tftp://";
static const char mode_mark[] = ";mode=";

bool address_is_uri(const char *text)
{
    return text_starts_with_word(text, scheme);
}

static const char *take_port(struct address *address, struct span digits)
{
    uint64_t port;

    if (!span_to_number(digits, UINT16_MAX, &port) || port == 0)
        return "the port behind the host is no number from 1 to 65535";
    address->port = (uint16_t)port;
    return NULL;
}

static const char *take_host(struct address *address, struct span host)
{
    if (host.size == 0)
        return "the host is missing";
    if (host.size >= ADDRESS_HOST_MAX)
        return "the host is longer than any name of a host";
    memcpy(address->host, host.bytes, host.size);
    address->host[host.size] = 0;
    for (size_t i = 0; i < host.size; i++)
        if (host.bytes[i] <= ' ' || host.bytes[i] == 0x7f || strchr("/\\@?#[]\"<>", host.bytes[i]) != NULL)
            return "the host has a character that no name or address of a host has";
    return NULL;
}

/* In a URI the % of a zone is written %25 (RFC 6874); a bare one is understood too. */
static void mend_zone(char *host)
{
    char *percent = strchr(host, '%');

    if (percent != NULL && percent[1] == '2' && percent[2] == '5' && percent[3] != 0)
        memmove(percent + 1, percent + 3, strlen(percent + 3) + 1);
}

/* "[address]" or "[address]:port" */
static const char *take_bracketed(struct address *address, struct span text)
{
    const uint8_t *end = memchr(text.bytes, ']', text.size);

    if (end == NULL)
        return "a bracket is open: [address] or [address]:port";
    struct span rest = span_of(end + 1, text.size - (size_t)(end + 1 - text.bytes));
    const char *problem = take_host(address, span_of(text.bytes + 1, (size_t)(end - text.bytes) - 1));
    if (problem != NULL)
        return problem;
    mend_zone(address->host);
    if (rest.size == 0)
        return NULL;
    if (rest.bytes[0] != ':')
        return "something stands behind the bracket that is no :port";
    return take_port(address, span_of(rest.bytes + 1, rest.size - 1));
}

static const char *take_authority(struct address *address, struct span text)
{
    const uint8_t *colon = memchr(text.bytes, ':', text.size);

    *address = (struct address){.port = ADDRESS_PORT};
    if (text.size > 0 && text.bytes[0] == '[')
        return take_bracketed(address, text);
    if (colon == NULL)
        return take_host(address, text);
    size_t before = (size_t)(colon - text.bytes);
    /* More than one colon: an address of IPv6 as it is typed, without a port. */
    if (memchr(colon + 1, ':', text.size - before - 1) != NULL)
        return take_host(address, text);
    const char *problem = take_host(address, span_of(text.bytes, before));
    return problem != NULL ? problem : take_port(address, span_of(colon + 1, text.size - before - 1));
}

const char *address_parse_host(struct address *address, const char *text)
{
    return take_authority(address, span_of_text(text));
}

/* Only at the very end, and only these two; anything else is part of the name. */
static enum address_mode cut_mode(struct span *name)
{
    static const struct {
        const char *text;
        enum address_mode mode;
    } modes[] = {{"netascii", MODE_NETASCII}, {"octet", MODE_OCTET}};

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        size_t mark = strlen(mode_mark), length = mark + strlen(modes[i].text);
        if (name->size < length)
            continue;
        const uint8_t *suffix = name->bytes + name->size - length;
        if (memcmp(suffix, mode_mark, mark) != 0 || memcmp(suffix + mark, modes[i].text, length - mark) != 0)
            continue;
        name->size -= length;
        return modes[i].mode;
    }
    return MODE_UNSAID;
}

static const char *decode(struct address *address, struct span name)
{
    size_t used = 0;

    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.bytes[i];
        if (byte == '?' || byte == '#')
            return "a tftp: address has no query and no fragment: write %3F for ? and %23 for #";
        if (byte == '%') {
            int escaped = name.size - i > 2 ? hex_byte(name.bytes + i + 1) : -1;
            if (escaped < 0)
                return "% stands for the start of two hexadecimal digits: write %25 for itself";
            byte = (uint8_t)escaped;
            i += 2;
        }
        if (byte == 0)
            return "%00 would end the name";
        if (used + 1 == ADDRESS_NAME_MAX)
            return "the name is longer than a request can hold";
        address->name[used++] = (char)byte;
    }
    address->name[used] = 0;
    return NULL;
}

const char *address_parse_uri(struct address *address, const char *text)
{
    if (!address_is_uri(text))
        return "an address begins with tftp://";
    text += strlen(scheme);
    const char *slash = strchr(text, '/');
    if (slash == NULL)
        return "the / behind the host is missing: tftp://host/name";
    const char *problem = take_authority(address, span_of(text, (size_t)(slash - text)));
    if (problem != NULL)
        return problem;
    struct span name = span_of_text(slash + 1);
    address->mode = cut_mode(&name);
    return decode(address, name);
}
