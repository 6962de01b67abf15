/*
 * Borrowed bytes and big-endian numbers: the vocabulary of everything that touches the wire.
 * A span never owns what it points at and never outlives the datagram it was taken from.
 */
#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Our own mistakes end the process, in release too; never used on bytes, files or the OS. */
#define ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())

struct span {
    const uint8_t *bytes;
    size_t size;
};

static inline struct span span_of(const void *bytes, size_t size)
{
    return (struct span){bytes, size};
}

static inline struct span span_nothing(void)
{
    return span_of(NULL, 0);
}

static inline struct span span_of_text(const char *text)
{
    return span_of(text, strlen(text));
}

static inline uint16_t read_u16(const uint8_t *bytes)
{
    return (uint16_t)((unsigned)bytes[0] << 8 | bytes[1]);
}

static inline void write_u16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Without the spaces and tabs at both ends. */
struct span span_trimmed(struct span span);

/* True if the span spells the given lower-case word, in any case of ASCII letters; and if a text begins so. */
bool span_is_word(struct span span, const char *lower_word);
bool text_starts_with_word(const char *text, const char *lower_word);
/* Byte for byte. */
bool span_starts_with(struct span span, const char *start);

/* A plain decimal number, digits only, no sign and no space; false if empty, too long or above maximum. */
bool span_to_number(struct span span, uint64_t maximum, uint64_t *number);

/* The value of one hexadecimal digit, of either case, and of two; -1 if it is none. */
int hex_digit(uint8_t digit);
int hex_byte(const void *two_digits);

#endif
