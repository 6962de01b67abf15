#include "core/base/utf8.h"

enum { UTF8_BYTES_MAX = 4 }; /* of a character */

/* Bytes of the character that this byte begins, 0 if none can begin so. */
static unsigned sequence_length(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

static uint32_t decode(const uint8_t *bytes, unsigned length)
{
    static const uint8_t lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t character = bytes[0] & lead_mask[length];

    for (unsigned i = 1; i < length; i++)
        character = character << 6 | (bytes[i] & 0x3f);
    return character;
}

/* Of the first character in so many bytes, of which none is looked at behind one that is wrong; 0 if it is none. */
static unsigned character_length(const uint8_t *bytes, size_t size)
{
    static const uint32_t smallest[] = {0, 1, 0x80, 0x800, 0x10000};
    unsigned length = sequence_length(bytes[0]);

    if (length == 0 || length > size)
        return 0;
    for (unsigned i = 1; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    uint32_t character = decode(bytes, length);
    bool is_character =
        character >= smallest[length] && character <= 0x10ffff && (character < 0xd800 || character > 0xdfff);
    return is_character ? length : 0;
}

bool utf8_is_valid(struct span text)
{
    for (size_t i = 0; i < text.size;) {
        unsigned length = character_length(text.bytes + i, text.size - i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

size_t utf8_length(const char *text)
{
    return character_length((const uint8_t *)text, UTF8_BYTES_MAX);
}

size_t utf8_units(struct span text)
{
    size_t units = 0;

    for (size_t i = 0; i < text.size; i++) {
        bool is_continuation = (text.bytes[i] & 0xc0) == 0x80;
        bool is_beyond_plane_0 = text.bytes[i] >= 0xf0;
        units += is_beyond_plane_0 ? 2 : !is_continuation;
    }
    return units;
}

uint32_t utf8_next(const char **text)
{
    const uint8_t *bytes = (const uint8_t *)*text;
    unsigned length = sequence_length(bytes[0]);

    ASSERT(length > 0);
    if (bytes[0] == 0)
        return 0;
    *text += length;
    return decode(bytes, length);
}

uint32_t utf8_fold(uint32_t c)
{
    if (c < 0x80)
        return (uint32_t)ascii_lower((char)c);
    if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3ab && c != 0x3a2) || (c >= 0x410 && c <= 0x42f))
        return c + 0x20;
    if (c >= 0x400 && c <= 0x40f)
        return c + 0x50;
    /* Pairs of upper and lower case side by side, upper first on an even or on an odd number. */
    bool is_even_pair = (c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14a && c <= 0x177) ||
                        (c >= 0x460 && c <= 0x481) || (c >= 0x48a && c <= 0x4bf) || (c >= 0x4d0 && c <= 0x52f) ||
                        (c >= 0x1e00 && c <= 0x1e95) || (c >= 0x1ea0 && c <= 0x1eff);
    bool is_odd_pair = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e) || (c >= 0x4c1 && c <= 0x4ce);
    if (is_even_pair)
        return c | 1;
    if (is_odd_pair)
        return c + (c & 1);
    return c == 0x178 ? 0xff : c;
}

/*
 * Controls and ends of lines, what turns the direction of writing (Unicode's Bidi_Control), and what is seen as nothing
 * (Default_Ignorable_Code_Point, and the marks of interlinear annotations), as ranges.
 */
static bool is_misleading(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        {0, 0x1f},        {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},
        {0x115f, 0x1160}, {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
        {0x2060, 0x206f}, {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
        {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
    };

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

void utf8_make_printable(char *text)
{
    bool is_valid = utf8_is_valid(span_of_text(text));

    while (*text != 0) {
        const char *next = text + 1;
        uint32_t character = (uint8_t)*text;
        if (is_valid) {
            next = text;
            character = utf8_next(&next);
        }
        size_t length = (size_t)(next - text);
        if (is_misleading(character) || (!is_valid && character >= 0x80))
            memset(text, '?', length);
        text += length;
    }
}

void utf8_copy(char *to, size_t size, const char *from)
{
    size_t length = from ? strlen(from) : 0;

    ASSERT(size > 0);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((uint8_t)from[length] & 0xc0) == 0x80)
            length--;
    }
    if (length > 0)
        memcpy(to, from, length);
    to[length] = 0;
}

size_t utf8_cut(struct span text, size_t size)
{
    size_t used = text.size < size ? text.size : size;

    while (used > 0 && used < text.size && (text.bytes[used] & 0xc0) == 0x80 && utf8_is_valid(text))
        used--;
    return used;
}

unsigned utf8_columns(uint32_t character)
{
    /* As Unicode's East Asian Width has them, in long ranges: what is too wide leaves room, what is too narrow wraps. */
    static const uint32_t ranges[][2] = {
        {0x1100, 0x115f},   {0x2e80, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
        {0xf900, 0xfaff},   {0xfe10, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
        {0x16fe0, 0x1b2ff}, {0x1f000, 0x1faff}, {0x20000, 0x3fffd},
    };

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (character >= ranges[i][0] && character <= ranges[i][1])
            return 2;
    return 1;
}

char *utf8_printable(struct span bytes, char *text, size_t size)
{
    ASSERT(size > 0);
    size_t used = utf8_cut(bytes, size - 1);
    for (size_t i = 0; i < used; i++)
        text[i] = (char)(bytes.bytes[i] == 0 ? '?' : bytes.bytes[i]);
    text[used] = 0;
    utf8_make_printable(text);
    return text;
}
