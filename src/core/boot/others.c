#include "core/boot/others.h"

#include "core/base/utf8.h"
#include "core/dhcp/tlv.h"

enum {
    MESSAGE = 53,
    PARAMETERS = 55,
    MESSAGE_SIZE = 57,
    CLASS = 60,
    ARCHITECTURES = 93,
    INTERFACE = 94,
    GUID = 97,
    LOCALLY_ADMINISTERED = 0x02
};

struct others_probe others_probe(uint64_t random)
{
    struct others_probe probe;

    probe.mac[0] = LOCALLY_ADMINISTERED;
    for (size_t i = 1; i < MAC_SIZE; i++)
        probe.mac[i] = (uint8_t)(random >> (8 * i));
    for (size_t i = 0; i < sizeof probe.xid; i++)
        probe.xid[i] = (uint8_t)(random * 0x9e3779b97f4a7c15u >> (32 + 8 * i));
    return probe;
}

size_t others_write(const struct others_probe *probe, const struct endpoint *relay, uint8_t bytes[OTHERS_PROBE_SIZE])
{
    static const uint8_t discover = DHCP4_DISCOVER;
    /* What a server tells only who asks for it: mask, router, address time, server, vendor's, class, server and file. */
    static const uint8_t wanted[] = {1, 3, 43, 51, 54, 60, 66, 67};
    static const uint8_t size[] = {0x05, 0xc0};
    static const uint8_t x64[] = {0, 7};
    static const uint8_t undi[] = {1, 3, 0};
    uint8_t guid[1 + GUID_SIZE] = {0}; /* no client is without it (RFC 4578 section 2.3) */
    uint8_t *place = bytes + DHCP4_OPTIONS;

    memset(bytes, 0, OTHERS_PROBE_SIZE);
    bytes[DHCP4_OP] = DHCP4_REQUEST_OP;
    bytes[DHCP4_HTYPE] = 1;
    bytes[DHCP4_HLEN] = MAC_SIZE;
    memcpy(bytes + DHCP4_XID, probe->xid, sizeof probe->xid);
    write_u16(bytes + DHCP4_FLAGS, DHCP4_BROADCAST_FLAG);
    if (relay != NULL) {
        bytes[DHCP4_HOPS] = 1;
        memcpy(bytes + DHCP4_GIADDR, dhcp4_address(relay).bytes, 4);
    }
    memcpy(bytes + DHCP4_CHADDR, probe->mac, MAC_SIZE);
    memcpy(bytes + DHCP4_COOKIE, dhcp4_cookie, DHCP4_COOKIE_SIZE);
    place = tlv_put(place, MESSAGE, span_of(&discover, 1));
    place = tlv_put(place, MESSAGE_SIZE, span_of(size, sizeof size));
    place = tlv_put(place, PARAMETERS, span_of(wanted, sizeof wanted));
    place = tlv_put(place, INTERFACE, span_of(undi, sizeof undi));
    place = tlv_put(place, ARCHITECTURES, span_of(x64, sizeof x64));
    memcpy(guid + 1 + GUID_SIZE - MAC_SIZE, probe->mac, MAC_SIZE);
    place = tlv_put(place, GUID, span_of(guid, sizeof guid));
    place = tlv_put(place, CLASS, span_of_text("PXEClient:Arch:00007:UNDI:003000"));
    *place++ = TLV_END;
    ASSERT(place <= bytes + OTHERS_PROBE_SIZE);
    return OTHERS_PROBE_SIZE;
}

static bool is_to(const struct others_probe *probe, const struct dhcp4 *packet)
{
    return packet->is_reply && packet->message == DHCP4_OFFER &&
           memcmp(packet->xid, probe->xid, sizeof probe->xid) == 0 && memcmp(packet->chaddr, probe->mac, MAC_SIZE) == 0;
}

/* Behind the file of the fixed part, the one of option 67. */
static void take_texts(const struct dhcp4 *packet, struct others_offer *offer)
{
    struct span file = packet->file.size > 0 ? packet->file : packet->kept[DHCP4_BOOT_FILE];

    while (file.size > 0 && file.bytes[file.size - 1] == 0)
        file.size--;
    utf8_printable(file, offer->file, sizeof offer->file);
    utf8_printable(packet->kept[DHCP4_TFTP_SERVER], offer->tftp_server, sizeof offer->tftp_server);
}

bool others_read(const struct others_probe *probe, struct span datagram, const struct endpoint *from,
                 struct others_offer *offer)
{
    struct dhcp4 packet;

    *offer = (struct others_offer){.kind = OTHERS_PLAIN};
    if (!dhcp4_read(&packet, datagram) || !is_to(probe, &packet))
        return false;
    offer->server = endpoint_host(endpoint_is_unspecified(&packet.server) ? from : &packet.server);
    offer->has_class = span_starts_with(packet.kept[DHCP4_CLASS], "PXEClient");
    take_texts(&packet, offer);
    if (endpoint_is_unspecified(&packet.yiaddr))
        offer->kind = OTHERS_PROXY;
    else if (offer->has_class)
        offer->kind = OTHERS_CLASS;
    else if (offer->file[0] != 0 || offer->tftp_server[0] != 0)
        offer->kind = OTHERS_FILE;
    return true;
}
