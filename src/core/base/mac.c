#include "core/base/mac.h"

#include <stdio.h>

enum { IS_GROUP = 1 };

static const struct {
    const char *name;
    const char *words; /* behind the MAC */
} sources[] = {
    [MAC_UNKNOWN] = {"unknown", ""},
    [MAC_BY_DHCP] = {"dhcp", ", as it said by DHCP"},
    [MAC_BY_PXE] = {"pxe", ", as it said on port 4011"},
    [MAC_BY_BOOTP] = {"bootp", ", by BootpHosts"},
    [MAC_BY_NEIGHBOUR] = {"neighbour", ""},
};

bool mac_is_proved(const struct mac *mac)
{
    return mac->source >= MAC_BY_BOOTP;
}

bool mac_is_of_card(const uint8_t bytes[MAC_SIZE])
{
    static const uint8_t none[MAC_SIZE];

    return (bytes[0] & IS_GROUP) == 0 && memcmp(bytes, none, MAC_SIZE) != 0;
}

static char *write_bytes(const uint8_t bytes[MAC_SIZE], char between, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < MAC_SIZE; i++) {
        text[3 * i] = digits[bytes[i] >> 4];
        text[3 * i + 1] = digits[bytes[i] & 15];
        text[3 * i + 2] = between;
    }
    text[MAC_TEXT_MAX - 1] = 0;
    return text;
}

char *mac_text(const uint8_t bytes[MAC_SIZE], char *text)
{
    return write_bytes(bytes, ':', text);
}

char *mac_folder(const uint8_t bytes[MAC_SIZE], char *text)
{
    return write_bytes(bytes, '-', text);
}

bool mac_is_folder(struct span name)
{
    if (name.size != MAC_TEXT_MAX - 1)
        return false;
    for (size_t i = 0; i < MAC_SIZE; i++)
        if (hex_byte(name.bytes + 3 * i) < 0 || (i + 1 < MAC_SIZE && name.bytes[3 * i + 2] != '-'))
            return false;
    return true;
}

const char *mac_source_name(enum mac_source source)
{
    ASSERT(source <= MAC_BY_NEIGHBOUR);
    return sources[source].name;
}

char *mac_note(const struct mac *mac, char *text)
{
    char shown[MAC_TEXT_MAX];

    ASSERT(mac->source <= MAC_BY_NEIGHBOUR);
    text[0] = 0;
    if (mac->source != MAC_UNKNOWN)
        snprintf(text, MAC_NOTE_MAX, "; MAC %s%s", mac_text(mac->bytes, shown), sources[mac->source].words);
    return text;
}
