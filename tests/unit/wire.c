#include "wire.h"

#include <stdio.h>

static size_t add_text(uint8_t *bytes, size_t used, const char *text, size_t length)
{
    ASSERT(used + length + 1 <= WIRE_SIZE_MAX);
    memcpy(bytes + used, text, length);
    bytes[used + length] = 0;
    return used + length + 1;
}

size_t wire_request(uint8_t *bytes, unsigned opcode, const char *name, const char *mode, const char *options)
{
    size_t used = 2;

    bytes[0] = 0;
    bytes[1] = (uint8_t)opcode;
    used = add_text(bytes, used, name, strlen(name));
    used = add_text(bytes, used, mode, strlen(mode));
    while (*options != 0) {
        size_t length = strcspn(options, " ");
        bool is_empty = length == 1 && *options == '~';
        used = add_text(bytes, used, options, is_empty ? 0 : length);
        options += length;
        options += strspn(options, " ");
    }
    return used;
}

static void oack_text(struct span datagram, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "OACK");
    const char *word = (const char *)datagram.bytes + 2;
    const char *end = (const char *)datagram.bytes + datagram.size;

    for (bool is_name = true; word < end; word += strlen(word) + 1, is_name = !is_name)
        used += (size_t)snprintf(text + used, size - used, "%c%s", is_name ? ' ' : '=', word);
}

char *wire_text(struct span datagram, char *text, size_t size)
{
    static const char *const names[] = {NULL, NULL, NULL, "DATA", "ACK", "ERROR"};
    unsigned opcode = datagram.size >= 2 ? datagram.bytes[1] : 0;

    bool is_whole = datagram.size == 2 || (datagram.size > 2 && datagram.bytes[datagram.size - 1] == 0);

    if (opcode == 6 && is_whole)
        oack_text(datagram, text, size);
    else if (opcode >= 3 && opcode <= 5 && datagram.size >= 4)
        snprintf(text, size, "%s %u", names[opcode], (unsigned)(datagram.bytes[2] << 8 | datagram.bytes[3]));
    else
        snprintf(text, size, "?");
    return text;
}

uint16_t wire_after(uint16_t block, unsigned rollover)
{
    return block == 65535 ? (uint16_t)rollover : (uint16_t)(block + 1);
}
