#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

void fuzz_fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

struct span feed_span(struct feed *feed, size_t size)
{
    struct span span = span_of(feed->bytes, size < feed->size ? size : feed->size);

    feed->bytes += span.size;
    feed->size -= span.size;
    return span;
}

uint8_t feed_byte(struct feed *feed)
{
    struct span span = feed_span(feed, 1);

    return span.size == 1 ? span.bytes[0] : 0;
}

uint16_t feed_u16(struct feed *feed)
{
    unsigned high = feed_byte(feed);

    return (uint16_t)(high << 8 | feed_byte(feed));
}

uint64_t feed_u64(struct feed *feed)
{
    uint64_t value = 0;

    for (int i = 0; i < 4; i++)
        value = value << 16 | feed_u16(feed);
    return value;
}

unsigned feed_below(struct feed *feed, unsigned bound)
{
    return feed_byte(feed) % bound;
}

char *feed_text(struct feed *feed, char *text, size_t size)
{
    const uint8_t *end = feed->size > 0 ? memchr(feed->bytes, 0, feed->size) : NULL;
    struct span taken = feed_span(feed, end != NULL ? (size_t)(end - feed->bytes) : feed->size);
    size_t length = taken.size < size ? taken.size : size - 1;

    if (end != NULL)
        feed_byte(feed);
    if (length > 0)
        memcpy(text, taken.bytes, length);
    text[length] = 0;
    return text;
}
