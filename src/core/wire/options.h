/*
 * Option negotiation (RFC 2347, 2348, 2349, 7440 and the field's own): what the client asked for and what this server
 * allows become one agreement, and the OACK that says so. The OACK is a strict subset of the request: never an option
 * that was not asked for, never a larger blksize or windowsize, the timeout exactly as asked.
 */
#ifndef CORE_OPTIONS_H
#define CORE_OPTIONS_H

#include "core/base/endpoint.h"
#include "core/wire/packet.h"

enum option {
    OPTION_BLKSIZE,
    OPTION_BLKSIZE2,
    OPTION_TSIZE,
    OPTION_TIMEOUT,
    OPTION_UTIMEOUT,
    OPTION_WINDOWSIZE,
    OPTION_ROLLOVER,
    OPTION_MSFTWINDOW,
    OPTION_COUNT
};

enum {
    BLKSIZE_DEFAULT = 512,
    BLKSIZE_MIN = 8, /* RFC 2348 */
    BLKSIZE_MAX = 65464,
    WINDOWSIZE_MAX = 65535,           /* RFC 7440 */
    WINDOWSIZE_MAX_ROLLOVER1 = 65534, /* with 65535 numbers in use one more would be ambiguous */
    MSFTWINDOW_GRANTED = 27182        /* the answer Windows Boot Manager looks for */
};

/* What the server allows, from its parameters, the interface's MTU and the kind of transfer. */
struct option_limits {
    uint32_t blksize_max;      /* 8..65464, MTU clamp included */
    uint32_t windowsize_max;   /* 1..65535 */
    uint32_t window_bytes_max; /* windowsize times blksize stays below, but at least one block */
    uint32_t header_bytes;     /* counted with each block of a window */
    uint32_t timeout_ms;       /* first wait where the client names none */
    uint32_t disabled;         /* bit per enum option: treated as unknown */
};

/* Facts about the file that the answer depends on. */
struct option_facts {
    bool is_upload;
    bool is_netascii;
    uint64_t file_size; /* of a download */
};

struct agreement {
    uint32_t blksize;
    uint32_t windowsize;
    uint32_t windowsize_max; /* as far as msftwindow may raise it */
    uint32_t timeout_ms;
    uint64_t tsize;          /* download: the file's size; upload: what the client announced */
    uint8_t rollover;        /* the block number that follows 65535: 0 or 1 */
    bool has_client_timeout; /* the client named the timeout, so it is not adapted */
    bool has_tsize;
    bool has_msftwindow;
    uint8_t granted_count;
    uint8_t granted[OPTION_COUNT]; /* enum option, in the order asked; none means no OACK at all */
    uint32_t utimeout_us;
};

struct agreement options_agree(const struct packet *request, const struct option_limits *limits,
                               const struct option_facts *facts);

/* The longest block that goes to this peer in one packet of mtu bytes, headers of IP and UDP counted; BLKSIZE_MIN at least. */
uint32_t options_blksize_within_mtu(uint32_t mtu, const struct endpoint *peer);

/* Writes the OACK into bytes (room for PACKET_CONTROL_SIZE_MAX) and returns its size. */
size_t options_encode_oack(uint8_t *bytes, const struct agreement *agreement);

/* "blksize=1456 windowsize=4", or "no options"; for the log. Returns text. */
char *options_text(const struct agreement *agreement, char *text, size_t size);

/* The option of that name in any case, or OPTION_COUNT. */
enum option options_find(struct span name);

#endif
