/*
 * Memory that ends exactly at an unreadable page: one byte read or written too far ends the program, whatever the
 * compiler. Input and output have a region each; a later call for the same region reuses it.
 */
#ifndef UNIT_GUARD_H
#define UNIT_GUARD_H

#include "core/base/bytes.h"

enum { GUARD_SIZE_MAX = 128 * 1024 };

/* A copy of the bytes that ends at the page. */
struct span guard_span(const void *bytes, size_t size);
struct span guard_text(const char *text); /* without its NUL */
/* Room for output of exactly this size. */
uint8_t *guard_room(size_t size);

#endif
