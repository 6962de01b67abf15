#include "core/dhcp/identity.h"

#include "core/base/sheet.h"

enum { GUID_DIGITS = 32, CLIENT_ID_ETHERNET = 1, CLIENT_ID_SIZE = 1 + MAC_SIZE };

/* The first three fields of a GUID, whose bytes firmware keeps the other way round. */
static void swap_fields(uint8_t guid[GUID_SIZE])
{
    static const uint8_t places[GUID_SIZE] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    uint8_t swapped[GUID_SIZE];

    for (size_t i = 0; i < GUID_SIZE; i++)
        swapped[i] = guid[places[i]];
    memcpy(guid, swapped, GUID_SIZE);
}

static bool is_filled_with(const uint8_t *bytes, size_t size, uint8_t value)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

/* 03000200-0400-0500-...: the example of a board maker that whole batches were sold with. */
static bool is_example(const uint8_t guid[GUID_SIZE])
{
    static const uint8_t example[] = {0x03, 0x00, 0x02, 0x00, 0x04, 0x00, 0x05, 0x00};
    uint8_t other[GUID_SIZE];

    memcpy(other, guid, GUID_SIZE);
    swap_fields(other);
    return memcmp(guid, example, sizeof example) == 0 || memcmp(other, example, sizeof example) == 0;
}

static void set_guid(struct identity *identity, const uint8_t guid[GUID_SIZE])
{
    memcpy(identity->guid, guid, GUID_SIZE);
    identity->has_guid =
        !is_filled_with(guid, GUID_SIZE, 0) && !is_filled_with(guid, GUID_SIZE, 0xff) && !is_example(guid);
}

static void set_mac(struct identity *identity, const uint8_t mac[MAC_SIZE])
{
    memcpy(identity->mac, mac, MAC_SIZE);
    identity->has_mac = !is_filled_with(mac, MAC_SIZE, 0);
}

struct identity identity_of_dhcp4(const struct dhcp4 *packet)
{
    struct identity identity = {.has_mac = false};
    struct span guid = packet->kept[DHCP4_GUID];
    struct span id = packet->kept[DHCP4_CLIENT_ID];

    /* Where firmware puts the GUID into chaddr (hlen 16), the MAC is in the client's identifier if anywhere. */
    if (packet->hlen == MAC_SIZE)
        set_mac(&identity, packet->chaddr);
    else if (id.size == CLIENT_ID_SIZE && id.bytes[0] == CLIENT_ID_ETHERNET)
        set_mac(&identity, id.bytes + 1);
    if (guid.size == 1 + GUID_SIZE && guid.bytes[0] == 0)
        set_guid(&identity, guid.bytes + 1);
    else if (packet->hlen == GUID_SIZE)
        set_guid(&identity, packet->chaddr);
    return identity;
}

struct identity identity_of_duid(struct span duid)
{
    /* Where the MAC is: behind the type of hardware, and behind the time in type 1. */
    enum {
        LINK_LAYER_TIME = 1,
        LINK_LAYER = 3,
        UUID = 4,
        TYPE_SIZE = 2,
        HARDWARE_SIZE = 2,
        TIME_SIZE = 4,
        ETHERNET = 1
    };
    struct identity identity = {.has_mac = false};

    if (duid.size < TYPE_SIZE + HARDWARE_SIZE)
        return identity;
    unsigned type = read_u16(duid.bytes);
    size_t before = TYPE_SIZE + HARDWARE_SIZE + (type == LINK_LAYER_TIME ? TIME_SIZE : 0);
    if (type == UUID && duid.size == TYPE_SIZE + GUID_SIZE)
        set_guid(&identity, duid.bytes + TYPE_SIZE);
    if ((type == LINK_LAYER_TIME || type == LINK_LAYER) && duid.size == before + MAC_SIZE &&
        read_u16(duid.bytes + TYPE_SIZE) == ETHERNET)
        set_mac(&identity, duid.bytes + before);
    return identity;
}

char *identity_text(const struct identity *identity, char *text)
{
    struct sheet line = sheet_in(text, IDENTITY_TEXT_MAX);
    char mac[MAC_TEXT_MAX];
    uint8_t g[GUID_SIZE];

    memcpy(g, identity->guid, GUID_SIZE);
    swap_fields(g);
    if (identity->has_mac)
        sheet_print(&line, "%s", mac_text(identity->mac, mac));
    if (identity->has_guid)
        sheet_print(&line, "%s%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                    identity->has_mac ? " " : "", g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7], g[8], g[9], g[10],
                    g[11], g[12], g[13], g[14], g[15]);
    if (text[0] == 0)
        sheet_print(&line, "a machine without MAC and GUID");
    return text;
}

static bool is_separator(uint8_t c)
{
    return c == ':' || c == '-' || c == '.' || c == '{' || c == '}';
}

bool who_parse(struct who *who, struct span text)
{
    bool is_pattern = text.size > 0 && text.bytes[text.size - 1] == '*';
    unsigned digits = 0;

    memset(who, 0, sizeof *who);
    for (size_t i = 0; i < text.size - is_pattern; i++) {
        int digit = hex_digit(text.bytes[i]);
        if (digit < 0 && !is_separator(text.bytes[i]))
            return false;
        if (digit < 0)
            continue;
        if (digits == GUID_DIGITS)
            return false;
        who->bytes[digits / 2] = (uint8_t)(who->bytes[digits / 2] | digit << (digits % 2 == 0 ? 4 : 0));
        digits++;
    }
    if (digits == GUID_DIGITS && !is_pattern)
        who->kind = WHO_GUID;
    else if (is_pattern ? digits > 0 && digits < MAC_DIGITS : digits == MAC_DIGITS)
        who->kind = WHO_MAC;
    who->digits = (uint8_t)digits;
    /* With dashes it is written as screens show it; without, as it is on the wire. */
    if (who->kind == WHO_GUID && memchr(text.bytes, '-', text.size) != NULL)
        swap_fields(who->bytes);
    return who->kind != WHO_NOBODY;
}

bool who_is_card(const struct who *who)
{
    return who->kind == WHO_MAC && who->digits == MAC_DIGITS;
}

bool who_is_one(const struct who *who)
{
    return who->kind == WHO_GUID || who_is_card(who);
}

static bool is_guid(const uint8_t a[GUID_SIZE], const uint8_t b[GUID_SIZE])
{
    uint8_t swapped[GUID_SIZE];

    memcpy(swapped, b, GUID_SIZE);
    swap_fields(swapped);
    return memcmp(a, b, GUID_SIZE) == 0 || memcmp(a, swapped, GUID_SIZE) == 0;
}

bool who_is(const struct who *who, const struct identity *identity)
{
    size_t whole = who->digits / 2;

    if (who->kind == WHO_GUID)
        return identity->has_guid && is_guid(who->bytes, identity->guid);
    if (who->kind != WHO_MAC || !identity->has_mac || memcmp(who->bytes, identity->mac, whole) != 0)
        return false;
    return who->digits % 2 == 0 || who->bytes[whole] >> 4 == identity->mac[whole] >> 4;
}

bool who_equal(const struct who *a, const struct who *b)
{
    if (a->kind != b->kind || a->digits != b->digits)
        return false;
    return a->kind == WHO_GUID ? is_guid(a->bytes, b->bytes) : memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
