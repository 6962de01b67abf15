#include "core/base/json_text.h"

#include "core/base/utf8.h"

#define REPLACEMENT_CHARACTER 0xfffdu

static size_t put_unit(uint32_t unit, char *escape)
{
    static const char digits[] = "0123456789abcdef";
    const char text[] = {
        '\\', 'u', digits[unit >> 12], digits[unit >> 8 & 0xf], digits[unit >> 4 & 0xf], digits[unit & 0xf]};

    memcpy(escape, text, sizeof text);
    return sizeof text;
}

size_t json_escape(const char **text, char escape[JSON_ESCAPE_MAX])
{
    uint32_t character = REPLACEMENT_CHARACTER;
    size_t size = 0;

    if (utf8_length(*text) > 0)
        character = utf8_next(text);
    else
        ++*text;
    if (character > 0xffff) {
        size = put_unit(0xd800 + ((character - 0x10000) >> 10), escape);
        return size + put_unit(0xdc00 + (character & 0x3ff), escape + size);
    }
    if (character < 0x20 || character > 0x7e)
        return put_unit(character, escape);
    if (character == '"' || character == '\\')
        escape[size++] = '\\';
    escape[size++] = (char)character;
    return size;
}
