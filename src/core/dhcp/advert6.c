#include "core/dhcp/advert6.h"

#include "core/base/writer.h"

enum { ADDRESS_SIZE = 16 };

static void put_option(struct writer *writer, uint16_t code, struct span data)
{
    writer_put_u16(writer, code);
    writer_put_u16(writer, (uint16_t)data.size);
    writer_put(writer, data);
}

static void put_class(struct writer *writer, const char *name)
{
    enum { ENTERPRISE_SIZE = 4, LENGTH_SIZE = 2 };

    writer_put_u16(writer, DHCP6_VENDOR_CLASS);
    writer_put_u16(writer, (uint16_t)(ENTERPRISE_SIZE + LENGTH_SIZE + strlen(name)));
    writer_put_u16(writer, 0);
    writer_put_u16(writer, DHCP6_ENTERPRISE);
    writer_put_u16(writer, (uint16_t)strlen(name));
    writer_put(writer, span_of_text(name));
}

/* Up to the length of option 9, which is written when all is there. Returns where that is. */
static size_t begin_envelope(struct writer *writer, const struct dhcp6_relay *relay)
{
    uint8_t head[2] = {DHCP6_RELAY_REPLY, relay->hops};

    writer_put(writer, span_of(head, sizeof head));
    writer_put(writer, span_of(relay->link, ADDRESS_SIZE));
    writer_put(writer, span_of(relay->peer, ADDRESS_SIZE));
    if (relay->interface_id.bytes != NULL)
        put_option(writer, DHCP6_INTERFACE_ID, relay->interface_id);
    put_option(writer, DHCP6_RELAY_MESSAGE, span_nothing());
    return writer->size - 2;
}

static void put_message(struct writer *writer, const struct advert6 *advert, const struct dhcp6 *request)
{
    writer_put(writer, span_of(&advert->message, 1));
    writer_put(writer, span_of(request->transaction, DHCP6_TRANSACTION_SIZE));
    if (request->client_id.bytes != NULL)
        put_option(writer, DHCP6_CLIENT_ID, request->client_id);
    put_option(writer, DHCP6_SERVER_ID, advert->server_duid);
    put_class(writer, advert->is_http ? "HTTPClient" : "PXEClient");
    if (advert->url[0] != 0)
        put_option(writer, DHCP6_BOOT_URL, span_of_text(advert->url));
}

size_t advert6_write(const struct advert6 *advert, const struct dhcp6 *request, uint8_t *bytes, size_t room)
{
    struct writer writer = writer_in(bytes, room);
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
