#include "core/dhcp/dhcp4.h"

enum { OVERLOAD = 52, OVERLOAD_FILE = 1, OVERLOAD_SNAME = 2, ITEM = 71, ITEM_SIZE = 4, IPV4_SIZE = 4 };

const uint8_t dhcp4_cookie[DHCP4_COOKIE_SIZE] = {0x63, 0x82, 0x53, 0x63};

/* The number of each option on the wire, and the least that it must have to count. */
static const struct {
    uint8_t tag;
    uint8_t size_min;
} kept_options[DHCP4_KEPT] = {
    [DHCP4_REQUESTED] = {50, 4},     [DHCP4_MESSAGE] = {53, 1},   [DHCP4_SERVER] = {54, 4},
    [DHCP4_MESSAGE_SIZE] = {57, 2},  [DHCP4_CLASS] = {60, 0},     [DHCP4_CLIENT_ID] = {61, 0},
    [DHCP4_USER_CLASS] = {77, 0},    [DHCP4_AGENT] = {82, 0},     [DHCP4_VENDOR] = {43, 0},
    [DHCP4_ARCHITECTURES] = {93, 2}, [DHCP4_GUID] = {97, 0},      [DHCP4_IPXE] = {175, 0},
    [DHCP4_TFTP_SERVER] = {66, 0},   [DHCP4_BOOT_FILE] = {67, 0},
};

static struct span text_at(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = memchr(bytes, 0, size);

    return span_of(bytes, end != NULL ? (size_t)(end - bytes) : size);
}

static void read_fixed(struct dhcp4 *packet, const uint8_t *bytes)
{
    packet->is_reply = bytes[DHCP4_OP] == DHCP4_REPLY_OP;
    packet->htype = bytes[DHCP4_HTYPE];
    packet->hlen = bytes[DHCP4_HLEN];
    packet->hops = bytes[DHCP4_HOPS];
    memcpy(packet->xid, bytes + DHCP4_XID, sizeof packet->xid);
    packet->secs = read_u16(bytes + DHCP4_SECS);
    packet->flags = read_u16(bytes + DHCP4_FLAGS);
    packet->ciaddr = endpoint_of_ipv4(bytes + DHCP4_CIADDR, 0);
    packet->yiaddr = endpoint_of_ipv4(bytes + DHCP4_YIADDR, 0);
    packet->siaddr = endpoint_of_ipv4(bytes + DHCP4_SIADDR, 0);
    packet->giaddr = endpoint_of_ipv4(bytes + DHCP4_GIADDR, 0);
    memcpy(packet->chaddr, bytes + DHCP4_CHADDR, sizeof packet->chaddr);
    packet->sname = text_at(bytes + DHCP4_SNAME, DHCP4_SNAME_SIZE);
    packet->file = text_at(bytes + DHCP4_FILE, DHCP4_FILE_SIZE);
}

/* An option that is there again continues the one before (RFC 3396 section 5). */
static bool keep(struct dhcp4 *packet, enum dhcp4_option option, struct span data)
{
    struct span *kept = &packet->kept[option];

    if (kept->bytes == NULL) {
        *kept = data;
        return true;
    }
    if (kept->size + data.size > sizeof packet->joined - packet->joined_size)
        return false;
    uint8_t *joined = packet->joined + packet->joined_size;
    memcpy(joined, kept->bytes, kept->size);
    memcpy(joined + kept->size, data.bytes, data.size);
    *kept = span_of(joined, kept->size + data.size);
    packet->joined_size += kept->size;
    return true;
}

static bool read_options(struct dhcp4 *packet, struct span options, uint8_t *overload)
{
    struct tlv item;
    enum tlv_step step;

    while ((step = tlv_next(&options, TLV_OPTIONS, &item)) == TLV_ITEM) {
        if (item.tag == OVERLOAD && overload != NULL && item.data.size > 0)
            *overload = item.data.bytes[0];
        for (size_t i = 0; i < DHCP4_KEPT; i++)
            if (kept_options[i].tag == item.tag && !keep(packet, (enum dhcp4_option)i, item.data))
                return false;
    }
    return step == TLV_OVER;
}

/* The options field first, then file, then sname (RFC 3396 section 5). */
static bool read_all_options(struct dhcp4 *packet, struct span datagram)
{
    uint8_t overload = 0;

    if (!read_options(packet, span_of(datagram.bytes + DHCP4_OPTIONS, datagram.size - DHCP4_OPTIONS), &overload))
        return false;
    if ((overload & OVERLOAD_FILE) != 0) {
        packet->file = span_of(packet->file.bytes, 0);
        if (!read_options(packet, span_of(datagram.bytes + DHCP4_FILE, DHCP4_FILE_SIZE), NULL))
            return false;
    }
    if ((overload & OVERLOAD_SNAME) != 0) {
        packet->sname = span_of(packet->sname.bytes, 0);
        if (!read_options(packet, span_of(datagram.bytes + DHCP4_SNAME, DHCP4_SNAME_SIZE), NULL))
            return false;
    }
    return true;
}

static bool read_vendor(struct dhcp4 *packet)
{
    struct span vendor = packet->kept[DHCP4_VENDOR];
    struct tlv item;
    enum tlv_step step;

    while ((step = tlv_next(&vendor, TLV_OPTIONS, &item)) == TLV_ITEM)
        if (item.tag == ITEM && item.data.size == ITEM_SIZE && !packet->has_item) {
            packet->has_item = true;
            packet->item_type = read_u16(item.data.bytes);
            packet->item_layer = read_u16(item.data.bytes + 2);
        }
    /* What others nest in 43 has any form; it counts only beside a class of PXE. */
    return step == TLV_OVER;
}

static bool take_fields(struct dhcp4 *packet)
{
    struct span *class_id = &packet->kept[DHCP4_CLASS];

    for (size_t i = 0; i < DHCP4_KEPT; i++)
        if (packet->kept[i].bytes != NULL && packet->kept[i].size < kept_options[i].size_min)
            return false;
    while (class_id->size > 0 && class_id->bytes[class_id->size - 1] == 0)
        class_id->size--;
    if (dhcp4_has(packet, DHCP4_MESSAGE))
        packet->message = packet->kept[DHCP4_MESSAGE].bytes[0];
    if (dhcp4_has(packet, DHCP4_SERVER))
        packet->server = endpoint_of_ipv4(packet->kept[DHCP4_SERVER].bytes, 0);
    if (dhcp4_has(packet, DHCP4_REQUESTED))
        packet->requested = endpoint_of_ipv4(packet->kept[DHCP4_REQUESTED].bytes, 0);
    /* A number 0 in option 53 is no message, and no sign of BOOTP. */
    if (dhcp4_has(packet, DHCP4_MESSAGE) && packet->message == DHCP4_BOOTP)
        return false;
    bool is_pxe = span_starts_with(*class_id, "PXEClient") || span_starts_with(*class_id, "HTTPClient");
    /* A reply's is not for us, and what an administrator typed there is to be found. */
    return packet->is_reply || !is_pxe || read_vendor(packet);
}

bool dhcp4_read(struct dhcp4 *packet, struct span datagram)
{
    memset(packet, 0, sizeof *packet);
    packet->server = packet->requested = endpoint_ipv4(0, 0, 0, 0, 0);
    if (datagram.size < DHCP4_COOKIE)
        return false;
    read_fixed(packet, datagram.bytes);
    packet->datagram_size = datagram.size;
    if ((datagram.bytes[DHCP4_OP] != DHCP4_REQUEST_OP && !packet->is_reply) || packet->hlen > DHCP4_CHADDR_SIZE)
        return false;
    packet->has_cookie =
        datagram.size >= DHCP4_OPTIONS && memcmp(datagram.bytes + DHCP4_COOKIE, dhcp4_cookie, sizeof dhcp4_cookie) == 0;
    return !packet->has_cookie || (read_all_options(packet, datagram) && take_fields(packet));
}

bool dhcp4_has(const struct dhcp4 *packet, enum dhcp4_option option)
{
    return packet->kept[option].bytes != NULL;
}

struct span dhcp4_address(const struct endpoint *address)
{
    ASSERT(endpoint_is_ipv4(address));
    return span_of(endpoint_ipv4_bytes(address), IPV4_SIZE);
}

void dhcp4_write_address(uint8_t *field, const struct endpoint *address)
{
    memcpy(field, dhcp4_address(address).bytes, IPV4_SIZE);
}

void dhcp4_begin_reply(const struct dhcp4 *request, uint8_t *bytes)
{
    memset(bytes, 0, DHCP4_OPTIONS);
    bytes[DHCP4_OP] = DHCP4_REPLY_OP;
    bytes[DHCP4_HTYPE] = request->htype;
    bytes[DHCP4_HLEN] = request->hlen;
    memcpy(bytes + DHCP4_XID, request->xid, sizeof request->xid);
    dhcp4_write_address(bytes + DHCP4_GIADDR, &request->giaddr);
    memcpy(bytes + DHCP4_CHADDR, request->chaddr, DHCP4_CHADDR_SIZE);
    if (request->has_cookie)
        memcpy(bytes + DHCP4_COOKIE, dhcp4_cookie, DHCP4_COOKIE_SIZE);
}

size_t dhcp4_reply_room(const struct dhcp4 *packet, size_t maximum)
{
    size_t room = DHCP4_SIZE_OPEN;

    ASSERT(maximum >= DHCP4_SIZE_OPEN);
    if (dhcp4_has(packet, DHCP4_MESSAGE_SIZE)) {
        size_t size = read_u16(packet->kept[DHCP4_MESSAGE_SIZE].bytes);
        /* Nobody may take less (RFC 2132 section 9.10), whatever is said. */
        room = size > DHCP4_SIZE_OPEN + DHCP4_HEADERS_SIZE ? size - DHCP4_HEADERS_SIZE : DHCP4_SIZE_OPEN;
    }
    return room < maximum ? room : maximum;
}
