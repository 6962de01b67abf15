#include "core/json_text.h"

size_t json_escape(char c, char escape[JSON_ESCAPE_MAX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned byte = (unsigned char)c;
    const char control[JSON_ESCAPE_MAX] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 0xf]};

    if (byte < 0x20) {
        memcpy(escape, control, sizeof control);
        return sizeof control;
    }
    size_t size = 0;
    if (c == '"' || c == '\\')
        escape[size++] = '\\';
    escape[size++] = c;
    return size;
}
