#include "core/base/bytes.h"

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

struct span span_trimmed(struct span span)
{
    while (span.size > 0 && is_blank(span.bytes[0]))
        span = span_of(span.bytes + 1, span.size - 1);
    while (span.size > 0 && is_blank(span.bytes[span.size - 1]))
        span.size--;
    return span;
}

bool span_is_word(struct span span, const char *lower_word)
{
    if (span.size != strlen(lower_word))
        return false;
    for (size_t i = 0; i < span.size; i++)
        if (ascii_lower((char)span.bytes[i]) != lower_word[i])
            return false;
    return true;
}

bool span_starts_with(struct span span, const char *start)
{
    size_t length = strlen(start);

    return span.size >= length && memcmp(span.bytes, start, length) == 0;
}

bool text_starts_with_word(const char *text, const char *lower_word)
{
    while (*lower_word != 0 && ascii_lower(*text) == *lower_word) {
        text++;
        lower_word++;
    }
    return *lower_word == 0;
}

bool span_to_number(struct span span, uint64_t maximum, uint64_t *number)
{
    uint64_t value = 0;

    if (span.size == 0)
        return false;
    for (size_t i = 0; i < span.size; i++) {
        if (span.bytes[i] < '0' || span.bytes[i] > '9')
            return false;
        unsigned digit = (unsigned)(span.bytes[i] - '0');
        if (digit > maximum || value > (maximum - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}

int hex_digit(uint8_t digit)
{
    char lower = ascii_lower((char)digit);

    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int hex_byte(const void *two_digits)
{
    const uint8_t *digits = two_digits;
    int high = hex_digit(digits[0]), low = hex_digit(digits[1]);

    return high < 0 || low < 0 ? -1 : high << 4 | low;
}
