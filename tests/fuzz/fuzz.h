/*
 * What the fuzz targets share. A target reads its input as a feed: bytes that choose what happens next, and at the end
 * of it nothing but zeros. It states what must hold with MUST.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "core/base/bytes.h"

/* Ends the program with the place and the condition; a sanitizer or libFuzzer adds the rest. */
#define MUST(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

/* What is left of the input. */
struct feed {
    const uint8_t *bytes;
    size_t size;
};

uint8_t feed_byte(struct feed *feed);
uint16_t feed_u16(struct feed *feed);
uint64_t feed_u64(struct feed *feed);
/* 0 to bound - 1; bound is at most 256. */
unsigned feed_below(struct feed *feed, unsigned bound);
/* Up to size bytes. */
struct span feed_span(struct feed *feed, size_t size);
/* The bytes before the next NUL or the end, which is taken too; cut to size - 1, always terminated. Returns text. */
char *feed_text(struct feed *feed, char *text, size_t size);

/* The target. Always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
