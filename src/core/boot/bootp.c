#include "core/boot/bootp.h"

#include "core/base/utf8.h"

enum {
    MASK = 1,
    ROUTER = 3,
    DNS = 6,
    NAME = 12,
    DOMAIN_NAME = 15,
    ROOT = 17,
    AGENT = 82,
    IPV4_BITS = 32,
    IPV4_SIZE = 4
};

static uint8_t *put_address(uint8_t *place, uint8_t tag, const struct endpoint *address)
{
    return endpoint_is_unspecified(address) ? place : tlv_put(place, tag, dhcp4_address(address));
}

static uint8_t *put_text(uint8_t *place, uint8_t tag, const char *text)
{
    return text[0] == 0 ? place : tlv_put(place, tag, span_of_text(text));
}

static uint8_t *put_mask(uint8_t *place, unsigned bits)
{
    uint8_t bytes[IPV4_SIZE];

    if (bits == 0)
        return place;
    uint32_t mask = UINT32_MAX << (IPV4_BITS - bits);
    write_u16(bytes, (uint16_t)(mask >> 16));
    write_u16(bytes + 2, (uint16_t)mask);
    return tlv_put(place, MASK, span_of(bytes, sizeof bytes));
}

/* boot_rules_add saw to it that there is room. Returns what is behind them. */
static uint8_t *write_options(const struct boot_rules *rules, const struct bootp_answer *answer, uint8_t *place)
{
    const struct bootp_host *host = answer->host;

    place = put_mask(place, answer->mask_bits);
    place = put_address(place, ROUTER, &host->router);
    place = put_address(place, DNS, &host->dns);
    place = put_text(place, NAME, boot_text(rules, host->name));
    place = put_text(place, DOMAIN_NAME, boot_text(rules, host->domain));
    return put_text(place, ROOT, boot_text(rules, host->root));
}

size_t bootp_write(const struct boot_rules *rules, const struct bootp_answer *answer, const struct dhcp4 *request,
                   uint8_t *bytes, size_t room)
{
    char name[ENDPOINT_TEXT_MAX];
    struct span agent = request->kept[DHCP4_AGENT];

    ASSERT(room >= DHCP4_SIZE_OPEN);
    ASSERT(request->message == DHCP4_BOOTP && bootp_options_size(rules, answer->host) <= BOOTP_VENDOR_SIZE);
    memset(bytes, 0, room);
    dhcp4_begin_reply(request, bytes);
    write_u16(bytes + DHCP4_FLAGS, (uint16_t)(request->flags | (answer->is_broadcast ? DHCP4_BROADCAST_FLAG : 0)));
    dhcp4_write_address(bytes + DHCP4_CIADDR, &request->ciaddr);
    dhcp4_write_address(bytes + DHCP4_YIADDR, &answer->host->address);
    dhcp4_write_address(bytes + DHCP4_SIADDR, &answer->next_server);
    endpoint_address_text(&answer->next_server, name);
    utf8_copy((char *)bytes + DHCP4_SNAME, DHCP4_SNAME_SIZE, name);
    utf8_copy((char *)bytes + DHCP4_FILE, DHCP4_FILE_SIZE, answer->file);
    if (!request->has_cookie)
        return DHCP4_SIZE_MIN;
    uint8_t *place = write_options(rules, answer, bytes + DHCP4_OPTIONS);
    size_t left = room - (size_t)(place - bytes);
    if (agent.size > TLV_DATA_MAX || left < TLV_HEADER_SIZE + agent.size + 1)
        return 0;
    if (dhcp4_has(request, DHCP4_AGENT))
        place = tlv_put(place, AGENT, agent);
    *place++ = TLV_END;
    size_t size = (size_t)(place - bytes);
    return size > DHCP4_SIZE_MIN ? size : DHCP4_SIZE_MIN;
}
