/*
 * One datagram in one line, for people who look for what goes wrong.
 */
#ifndef CORE_CLIENT_TRACE_H
#define CORE_CLIENT_TRACE_H

#include "core/base/bytes.h"

enum { TRACE_TEXT_MAX = 1024 };

/* "RRQ \"boot.bin\" octet tsize=0 blksize=1428", "DATA 5, 1428 bytes", "ERROR 1 \"File not found\"". Returns text. */
char *trace_text(struct span datagram, char text[TRACE_TEXT_MAX]);

#endif
