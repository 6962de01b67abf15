#include "core/dhcp/advert6.h"

enum { ADDRESS_SIZE = 16 };

struct writer {
    uint8_t *bytes;
    size_t size;
    size_t room;
    bool is_full;
};

static void put(struct writer *writer, struct span data)
{
    writer->is_full = writer->is_full || data.size > writer->room - writer->size;
    if (writer->is_full || data.size == 0)
        return;
    memcpy(writer->bytes + writer->size, data.bytes, data.size);
    writer->size += data.size;
}

static void put_u16(struct writer *writer, size_t value)
{
    uint8_t bytes[2];

    write_u16(bytes, (uint16_t)value);
    put(writer, span_of(bytes, sizeof bytes));
}

static void put_option(struct writer *writer, uint16_t code, struct span data)
{
    put_u16(writer, code);
    put_u16(writer, data.size);
    put(writer, data);
}

static void put_class(struct writer *writer, const char *name)
{
    enum { ENTERPRISE_SIZE = 4, LENGTH_SIZE = 2 };

    put_u16(writer, DHCP6_VENDOR_CLASS);
    put_u16(writer, ENTERPRISE_SIZE + LENGTH_SIZE + strlen(name));
    put_u16(writer, 0);
    put_u16(writer, DHCP6_ENTERPRISE);
    put_u16(writer, strlen(name));
    put(writer, span_of_text(name));
}

/* Up to the length of option 9, which is written when all is there. Returns where that is. */
static size_t begin_envelope(struct writer *writer, const struct dhcp6_relay *relay)
{
    uint8_t head[2] = {DHCP6_RELAY_REPLY, relay->hops};

    put(writer, span_of(head, sizeof head));
    put(writer, span_of(relay->link, ADDRESS_SIZE));
    put(writer, span_of(relay->peer, ADDRESS_SIZE));
    if (relay->interface_id.bytes != NULL)
        put_option(writer, DHCP6_INTERFACE_ID, relay->interface_id);
    put_option(writer, DHCP6_RELAY_MESSAGE, span_nothing());
    return writer->size - 2;
}

static void put_message(struct writer *writer, const struct advert6 *advert, const struct dhcp6 *request)
{
    put(writer, span_of(&advert->message, 1));
    put(writer, span_of(request->transaction, DHCP6_TRANSACTION_SIZE));
    if (request->client_id.bytes != NULL)
        put_option(writer, DHCP6_CLIENT_ID, request->client_id);
    put_option(writer, DHCP6_SERVER_ID, advert->server_duid);
    put_class(writer, advert->is_http ? "HTTPClient" : "PXEClient");
    if (advert->url[0] != 0)
        put_option(writer, DHCP6_BOOT_URL, span_of_text(advert->url));
}

size_t advert6_write(const struct advert6 *advert, const struct dhcp6 *request, uint8_t *bytes, size_t room)
{
    struct writer writer = {.bytes = bytes, .room = room};
    size_t lengths[DHCP6_RELAYS_MAX];

    ASSERT(advert->message == DHCP6_ADVERTISE || advert->message == DHCP6_REPLY);
    for (size_t i = 0; i < request->relay_count; i++)
        lengths[i] = begin_envelope(&writer, &request->relays[i]);
    put_message(&writer, advert, request);
    if (writer.is_full)
        return 0;
    for (size_t i = 0; i < request->relay_count; i++)
        write_u16(bytes + lengths[i], (uint16_t)(writer.size - lengths[i] - 2));
    return writer.size;
}
