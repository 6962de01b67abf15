/*
 * Datagrams as a test writes and reads them: built and told apart here byte by byte, without the core's help.
 */
#ifndef UNIT_WIRE_H
#define UNIT_WIRE_H

#include "core/wire/packet.h"

enum { WIRE_SIZE_MAX = 1024 };

/*
 * A request; options are words separated by blanks, name and value by turns ("blksize 1456 tsize 0"), and "~" stands
 * for an empty one. opcode 1 is RRQ, 2 is WRQ. bytes has WIRE_SIZE_MAX.
 */
size_t wire_request(uint8_t *bytes, unsigned opcode, const char *name, const char *mode, const char *options);

/* "OACK blksize=1456 tsize=0", "DATA 3", "ACK 7", "ERROR 4", "?" for anything else. Returns text. */
char *wire_text(struct span datagram, char *text, size_t size);

/* The block number behind this one. */
uint16_t wire_after(uint16_t block, unsigned rollover);

#endif
