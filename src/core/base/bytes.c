#include "core/base/bytes.h"

bool span_is_word(struct span span, const char *lower_word)
{
    if (span.size != strlen(lower_word))
        return false;
    for (size_t i = 0; i < span.size; i++)
        if (ascii_lower((char)span.bytes[i]) != lower_word[i])
            return false;
    return true;
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
