#include "core/wire/options.h"

#include <stdio.h>

static const char *const option_names[OPTION_COUNT] = {
    [OPTION_BLKSIZE] = "blksize",   [OPTION_BLKSIZE2] = "blksize2",     [OPTION_TSIZE] = "tsize",
    [OPTION_TIMEOUT] = "timeout",   [OPTION_UTIMEOUT] = "utimeout",     [OPTION_WINDOWSIZE] = "windowsize",
    [OPTION_ROLLOVER] = "rollover", [OPTION_MSFTWINDOW] = "msftwindow",
};

enum {
    UTIMEOUT_MIN_US = 10000, /* tftp-hpa's range */
    UTIMEOUT_MAX_US = 255000000,
    TIMEOUT_MAX_S = 255,   /* RFC 2349 */
    IPV4_UDP_HEADERS = 28, /* RFC 791, RFC 768 */
    IPV6_UDP_HEADERS = 48
};

uint32_t options_blksize_within_mtu(uint32_t mtu, const struct endpoint *peer)
{
    uint32_t headers = (endpoint_is_ipv4(peer) ? IPV4_UDP_HEADERS : IPV6_UDP_HEADERS) + PACKET_HEADER_SIZE;

    if (mtu < headers + BLKSIZE_MIN)
        return BLKSIZE_MIN;
    return mtu - headers < BLKSIZE_MAX ? mtu - headers : BLKSIZE_MAX;
}

enum option options_find(struct span name)
{
    for (enum option option = 0; option < OPTION_COUNT; option++)
        if (span_is_word(name, option_names[option]))
            return option;
    return OPTION_COUNT;
}

static uint32_t largest_power_of_two(uint32_t limit)
{
    uint32_t power = 1;

    while (power <= limit / 2)
        power *= 2;
    return power;
}

/* Each grants one option, or returns false to leave it out of the OACK as if it were unknown. */

static bool grant_blksize(struct agreement *a, uint64_t asked, const struct option_limits *limits)
{
    if (asked < BLKSIZE_MIN)
        return false;
    a->blksize = asked < limits->blksize_max ? (uint32_t)asked : limits->blksize_max;
    return true;
}

static bool grant_blksize2(struct agreement *a, uint64_t asked, const struct option_limits *limits)
{
    if (!grant_blksize(a, asked, limits))
        return false;
    a->blksize = largest_power_of_two(a->blksize);
    return true;
}

static bool grant_tsize(struct agreement *a, uint64_t asked, const struct option_facts *facts)
{
    /* How long netascii is on the wire is not known without translating the file (CLIENTS.md, rule 14). */
    if (facts->is_netascii && !facts->is_upload)
        return false;
    /* curl takes "tsize 0" for an error of the server, so an empty file is not announced. */
    if (!facts->is_upload && facts->file_size == 0)
        return false;
    a->has_tsize = true;
    a->tsize = facts->is_upload ? asked : facts->file_size;
    return true;
}

static bool grant_timeout(struct agreement *a, uint64_t asked)
{
    if (asked < 1 || asked > TIMEOUT_MAX_S)
        return false;
    a->timeout_ms = (uint32_t)asked * 1000;
    a->has_client_timeout = true;
    return true;
}

static bool grant_utimeout(struct agreement *a, uint64_t asked)
{
    if (asked < UTIMEOUT_MIN_US || asked > UTIMEOUT_MAX_US)
        return false;
    a->utimeout_us = (uint32_t)asked;
    a->timeout_ms = (uint32_t)asked / 1000;
    a->has_client_timeout = true;
    return true;
}

static bool grant_windowsize(struct agreement *a, uint64_t asked, const struct option_limits *limits)
{
    if (asked < 1 || asked > WINDOWSIZE_MAX)
        return false;
    a->windowsize = asked < limits->windowsize_max ? (uint32_t)asked : limits->windowsize_max;
    return true;
}

static bool grant_rollover(struct agreement *a, uint64_t asked)
{
    if (asked > 1)
        return false;
    a->rollover = (uint8_t)asked;
    return true;
}

static bool grant(struct agreement *a, enum option option, uint64_t asked, const struct option_limits *limits,
                  const struct option_facts *facts)
{
    switch (option) {
    case OPTION_BLKSIZE: return grant_blksize(a, asked, limits);
    case OPTION_BLKSIZE2: return grant_blksize2(a, asked, limits);
    case OPTION_TSIZE: return grant_tsize(a, asked, facts);
    case OPTION_TIMEOUT: return grant_timeout(a, asked);
    case OPTION_UTIMEOUT: return grant_utimeout(a, asked);
    case OPTION_WINDOWSIZE: return grant_windowsize(a, asked, limits);
    case OPTION_ROLLOVER: return grant_rollover(a, asked);
    case OPTION_MSFTWINDOW:
        /* Only downloads have a window that the client could vary. */
        a->has_msftwindow = !facts->is_upload;
        return a->has_msftwindow;
    default: return false;
    }
}

static bool has_option(const struct agreement *a, enum option option)
{
    for (unsigned i = 0; i < a->granted_count; i++)
        if (a->granted[i] == option)
            return true;
    return false;
}

/* blksize and blksize2, timeout and utimeout: both name the same thing, and answering both could contradict. */
static bool has_rival(const struct agreement *a, enum option option)
{
    static const enum option rivals[OPTION_COUNT] = {
        [OPTION_BLKSIZE] = OPTION_BLKSIZE2,  [OPTION_BLKSIZE2] = OPTION_BLKSIZE,
        [OPTION_TSIZE] = OPTION_TSIZE,       [OPTION_TIMEOUT] = OPTION_UTIMEOUT,
        [OPTION_UTIMEOUT] = OPTION_TIMEOUT,  [OPTION_WINDOWSIZE] = OPTION_WINDOWSIZE,
        [OPTION_ROLLOVER] = OPTION_ROLLOVER, [OPTION_MSFTWINDOW] = OPTION_MSFTWINDOW,
    };

    return has_option(a, rivals[option]);
}

/* What may only be said once all options are known: the window's memory and an unambiguous block number. */
static void bound_window(struct agreement *a, const struct option_limits *limits)
{
    uint32_t blocks_max = limits->window_bytes_max / (a->blksize + limits->header_bytes);

    if (blocks_max > limits->windowsize_max)
        blocks_max = limits->windowsize_max;
    if (a->rollover == 1 && blocks_max > WINDOWSIZE_MAX_ROLLOVER1)
        blocks_max = WINDOWSIZE_MAX_ROLLOVER1;
    a->windowsize_max = blocks_max > 0 ? blocks_max : 1;
    if (a->windowsize > a->windowsize_max)
        a->windowsize = a->windowsize_max;
}

struct agreement options_agree(const struct packet *request, const struct option_limits *limits,
                               const struct option_facts *facts)
{
    struct agreement a = {
        .blksize = BLKSIZE_DEFAULT,
        .windowsize = 1,
        .timeout_ms = limits->timeout_ms,
    };

    for (unsigned i = 0; i < request->option_count; i++) {
        const struct option_pair *pair = &request->options[i];
        enum option option = options_find(pair->name);
        uint64_t asked;
        if (option == OPTION_COUNT || (limits->disabled >> option & 1))
            continue;
        /* The first one counts. */
        if (has_option(&a, option) || has_rival(&a, option))
            continue;
        if (span_to_number(pair->value, UINT64_MAX, &asked) && grant(&a, option, asked, limits, facts))
            a.granted[a.granted_count++] = (uint8_t)option;
    }
    bound_window(&a, limits);
    return a;
}

static uint64_t granted_value(const struct agreement *a, enum option option)
{
    switch (option) {
    case OPTION_BLKSIZE:
    case OPTION_BLKSIZE2: return a->blksize;
    case OPTION_TSIZE: return a->tsize;
    case OPTION_TIMEOUT: return a->timeout_ms / 1000;
    case OPTION_UTIMEOUT: return a->utimeout_us;
    case OPTION_WINDOWSIZE: return a->windowsize;
    case OPTION_ROLLOVER: return a->rollover;
    default: return MSFTWINDOW_GRANTED;
    }
}

size_t options_encode_oack(uint8_t *bytes, const struct agreement *a)
{
    size_t used = 2;

    write_u16(bytes, OPCODE_OACK);
    for (unsigned i = 0; i < a->granted_count; i++) {
        enum option option = a->granted[i];
        const char *name = option_names[option];
        memcpy(bytes + used, name, strlen(name) + 1);
        used += strlen(name) + 1;
        int digits = snprintf((char *)bytes + used, PACKET_CONTROL_SIZE_MAX / 2 - used, "%llu",
                              (unsigned long long)granted_value(a, option));
        used += (size_t)digits + 1;
    }
    return used;
}

char *options_text(const struct agreement *a, char *text, size_t size)
{
    size_t used = 0;

    snprintf(text, size, "no options");
    for (unsigned i = 0; i < a->granted_count && used < size; i++) {
        enum option option = a->granted[i];
        int length = snprintf(text + used, size - used, "%s%s=%llu", i > 0 ? " " : "", option_names[option],
                              (unsigned long long)granted_value(a, option));
        used += (size_t)length;
    }
    return text;
}
