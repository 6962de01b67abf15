/*
 * Netascii both ways (RFC 764 as RFC 1350 uses it), streaming, with the state that a pair split over two blocks needs.
 * The server's text is Windows text: CR LF ends a line.
 *   To the wire:   CR LF stays; a bare CR becomes CR NUL; a bare LF becomes CR LF, as a line end of a Unix text.
 *   From the wire: CR LF stays; CR NUL becomes CR; a bare LF, or CR before anything else, is stored as it came.
 */
#ifndef CORE_NETASCII_H
#define CORE_NETASCII_H

#include "core/base/bytes.h"

struct netascii {
    bool has_seen_cr; /* the last byte read was CR and its meaning depends on the next */
    bool has_carry;   /* one byte made but not yet placed: the block was full */
    uint8_t carry;
};

struct netascii_step {
    size_t read;    /* bytes consumed of the input */
    size_t written; /* bytes placed into the output, never more than its room */
};

/* Translates as much as fits. At the end of the file call netascii_encode_end until it writes nothing. */
struct netascii_step netascii_encode(struct netascii *state, struct span input, uint8_t *output, size_t room);
size_t netascii_encode_end(struct netascii *state, uint8_t *output, size_t room);

/* The output needs room for input.size + 1 bytes; all input is consumed. */
size_t netascii_decode(struct netascii *state, struct span input, uint8_t *output);
size_t netascii_decode_end(struct netascii *state, uint8_t *output);

#endif
