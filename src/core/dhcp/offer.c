#include "core/dhcp/offer.h"

#include "core/base/utf8.h"
#include "core/base/writer.h"

enum { MESSAGE = 53, SERVER = 54, CLASS = 60, GUID = 97, VENDOR = 43, FILE_NAME = 67, AGENT = 82 };

/* Every option that a proxy sends. What configures a machine's address is in neither table, and never will be. */
static const uint8_t own_options[] = {MESSAGE, SERVER, CLASS, GUID, VENDOR, FILE_NAME, AGENT};
const struct offer_choice offer_choices[] = {
    {66, OFFER_TEXT},       /* TFTP server name */
    {150, OFFER_ADDRESS},   /* TFTP server (RFC 5859) */
    {209, OFFER_TEXT},      /* PXELINUX' configuration file (RFC 5071) */
    {210, OFFER_TEXT},      /* its path prefix */
    {211, OFFER_SECONDS},   /* its reboot time */
    {252, OFFER_TEXT_ENDED} /* the BCD of Windows Boot Manager, which reads up to a NUL */
};
const size_t offer_choice_count = sizeof offer_choices / sizeof offer_choices[0];

static bool is_proxy_option(uint8_t tag)
{
    bool is_one = memchr(own_options, tag, sizeof own_options) != NULL;

    for (size_t i = 0; i < offer_choice_count; i++)
        is_one = is_one || offer_choices[i].tag == tag;
    return is_one;
}

/* An option is never split: EDK2 reads the first part only. */
static void put(struct writer *writer, uint8_t tag, struct span data)
{
    ASSERT(is_proxy_option(tag));
    writer->is_full = writer->is_full || data.size > TLV_DATA_MAX;
    writer_put_byte(writer, tag);
    writer_put_byte(writer, (uint8_t)data.size);
    writer_put(writer, data);
}

static void write_fixed(const struct offer *offer, const struct dhcp4 *request, uint8_t *bytes)
{
    char name[ENDPOINT_TEXT_MAX];

    dhcp4_begin_reply(request, bytes);
    write_u16(bytes + DHCP4_FLAGS, (uint16_t)(request->flags | (offer->is_broadcast ? DHCP4_BROADCAST_FLAG : 0)));
    if (offer->keeps_ciaddr)
        dhcp4_write_address(bytes + DHCP4_CIADDR, &request->ciaddr);
    dhcp4_write_address(bytes + DHCP4_SIADDR, &offer->next_server);
    endpoint_address_text(&offer->next_server, name);
    utf8_copy((char *)bytes + DHCP4_SNAME, DHCP4_SNAME_SIZE, name);
    if (strlen(offer->file) < DHCP4_FILE_SIZE)
        utf8_copy((char *)bytes + DHCP4_FILE, DHCP4_FILE_SIZE, offer->file);
}

static void put_options(struct writer *writer, const struct offer *offer, const struct dhcp4 *request)
{
    size_t length = strlen(offer->file);

    put(writer, MESSAGE, span_of(&offer->message, 1));
    put(writer, SERVER, dhcp4_address(&offer->server));
    put(writer, CLASS, span_of_text(offer->is_http ? "HTTPClient" : "PXEClient"));
    if (dhcp4_has(request, DHCP4_GUID))
        put(writer, GUID, request->kept[DHCP4_GUID]);
    if (offer->vendor.size > 0)
        put(writer, VENDOR, offer->vendor);
    /* EDK2 writes a NUL behind the option, so one of ours stands there. */
    if (length >= DHCP4_FILE_SIZE)
        put(writer, FILE_NAME, span_of(offer->file, length + 1));
    for (size_t i = 0; i < offer->option_count; i++)
        put(writer, offer->options[i].tag, offer->options[i].data);
    if (dhcp4_has(request, DHCP4_AGENT))
        put(writer, AGENT, request->kept[DHCP4_AGENT]);
}

size_t offer_write(const struct offer *offer, const struct dhcp4 *request, uint8_t *bytes, size_t room)
{
    struct writer writer = writer_in(bytes, room);

    ASSERT(offer->message == DHCP4_OFFER || offer->message == DHCP4_ACK);
    ASSERT(room >= DHCP4_SIZE_OPEN && request->has_cookie);
    write_fixed(offer, request, bytes);
    writer.size = DHCP4_OPTIONS;
    put_options(&writer, offer, request);
    writer_put_byte(&writer, TLV_END);
    if (writer.is_full)
        return 0;
    if (writer.size < DHCP4_SIZE_MIN) {
        memset(bytes + writer.size, 0, DHCP4_SIZE_MIN - writer.size);
        writer.size = DHCP4_SIZE_MIN;
    }
    return writer.size;
}
