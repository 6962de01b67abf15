#include "core/dhcp/dhcp6.h"

enum { LINK = 2, PEER = 18, ENTERPRISE_SIZE = 4, LENGTH_SIZE = 2 };

struct option {
    uint16_t code;
    struct span data;
};

enum step { STEP_OPTION, STEP_OVER, STEP_BROKEN };

static enum step next_option(struct span *rest, struct option *option)
{
    if (rest->size == 0)
        return STEP_OVER;
    if (rest->size < DHCP6_HEADER_SIZE || read_u16(rest->bytes + 2) > rest->size - DHCP6_HEADER_SIZE)
        return STEP_BROKEN;
    size_t size = read_u16(rest->bytes + 2);
    *option = (struct option){read_u16(rest->bytes), span_of(rest->bytes + DHCP6_HEADER_SIZE, size)};
    *rest = span_of(rest->bytes + DHCP6_HEADER_SIZE + size, rest->size - DHCP6_HEADER_SIZE - size);
    return STEP_OPTION;
}

bool dhcp6_find(struct span options, uint16_t code, struct span *data)
{
    struct option option;

    while (next_option(&options, &option) == STEP_OPTION)
        if (option.code == code) {
            *data = option.data;
            return true;
        }
    return false;
}

/* Of an option that may be there once, the first counts. */
static void keep(struct span *kept, struct span data)
{
    if (kept->bytes == NULL)
        *kept = data;
}

/* Enterprise number, then texts, each behind its length (RFC 8415 section 21.16). False if a length lies. */
static bool read_vendor_class(struct dhcp6 *packet, struct span data)
{
    if (data.size < ENTERPRISE_SIZE)
        return false;
    if (read_u16(data.bytes) != 0 || read_u16(data.bytes + 2) != DHCP6_ENTERPRISE)
        return true;
    data = span_of(data.bytes + ENTERPRISE_SIZE, data.size - ENTERPRISE_SIZE);
    if (data.size < LENGTH_SIZE || read_u16(data.bytes) > data.size - LENGTH_SIZE)
        return false;
    keep(&packet->class_id, span_of(data.bytes + LENGTH_SIZE, read_u16(data.bytes)));
    return true;
}

static bool read_client_options(struct dhcp6 *packet, struct span options)
{
    struct option option;
    enum step step;

    while ((step = next_option(&options, &option)) == STEP_OPTION) {
        switch (option.code) {
        case DHCP6_CLIENT_ID: keep(&packet->client_id, option.data); break;
        case DHCP6_SERVER_ID: keep(&packet->server_id, option.data); break;
        case DHCP6_USER_CLASS: keep(&packet->user_class, option.data); break;
        case DHCP6_ARCHITECTURE: keep(&packet->architectures, option.data); break;
        case DHCP6_VENDOR_CLASS:
            if (!read_vendor_class(packet, option.data))
                return false;
            break;
        default: break;
        }
    }
    return step == STEP_OVER && packet->client_id.size <= DHCP6_DUID_MAX && packet->server_id.size <= DHCP6_DUID_MAX;
}

/* One relay's envelope; *inner is what it forwards. */
static bool read_relay(struct dhcp6_relay *relay, struct span datagram, struct span *inner)
{
    struct span options = span_of(datagram.bytes + DHCP6_RELAY_HEADER_SIZE, datagram.size - DHCP6_RELAY_HEADER_SIZE);
    struct option option;
    enum step step;

    *inner = span_nothing();
    relay->hops = datagram.bytes[1];
    memcpy(relay->link, datagram.bytes + LINK, sizeof relay->link);
    memcpy(relay->peer, datagram.bytes + PEER, sizeof relay->peer);
    while ((step = next_option(&options, &option)) == STEP_OPTION) {
        if (option.code == DHCP6_RELAY_MESSAGE)
            keep(inner, option.data);
        if (option.code == DHCP6_INTERFACE_ID)
            keep(&relay->interface_id, option.data);
    }
    return step == STEP_OVER && inner->bytes != NULL;
}

bool dhcp6_read(struct dhcp6 *packet, struct span datagram)
{
    memset(packet, 0, sizeof *packet);
    while (datagram.size > 0 && datagram.bytes[0] == DHCP6_RELAY_FORWARD) {
        struct span inner;
        if (datagram.size < DHCP6_RELAY_HEADER_SIZE || packet->relay_count == DHCP6_RELAYS_MAX ||
            !read_relay(&packet->relays[packet->relay_count], datagram, &inner))
            return false;
        packet->relay_count++;
        datagram = inner;
    }
    if (datagram.size < DHCP6_HEADER_SIZE)
        return false;
    packet->message = datagram.bytes[0];
    memcpy(packet->transaction, datagram.bytes + 1, sizeof packet->transaction);
    /* That of a relay's reply has another form; it is for relays. */
    if (packet->message == DHCP6_RELAY_REPLY)
        return true;
    return read_client_options(packet, span_of(datagram.bytes + DHCP6_HEADER_SIZE, datagram.size - DHCP6_HEADER_SIZE));
}
