#include "core/boot/boot_explain.h"

#include "core/base/sheet.h"
#include "core/base/utf8.h"
#include "core/dhcp/dhcp6.h"

/* Room for a file or a URL that is shown. */
enum { WHOLE_SIZE = BOOT_WORD_MAX };

static void print_hex(struct sheet *sheet, struct span span)
{
    for (size_t i = 0; i < span.size; i++)
        sheet_print(sheet, "%s%02x", i > 0 ? " " : "", span.bytes[i]);
}

/* -- who asks -------------------------------------------------------------------------------------------------------- */

static const char *message_name(const struct boot_decision *decision)
{
    static const char *const names4[] = {[DHCP4_BOOTP] = "BOOTP request",
                                         [DHCP4_DISCOVER] = "DHCPDISCOVER",
                                         [DHCP4_OFFER] = "DHCPOFFER",
                                         [DHCP4_REQUEST] = "DHCPREQUEST",
                                         [4] = "DHCPDECLINE",
                                         [DHCP4_ACK] = "DHCPACK",
                                         [6] = "DHCPNAK",
                                         [7] = "DHCPRELEASE",
                                         [DHCP4_INFORM] = "DHCPINFORM"};
    static const char *const names6[] = {[DHCP6_SOLICIT] = "SOLICIT",
                                         [DHCP6_ADVERTISE] = "ADVERTISE",
                                         [DHCP6_REQUEST] = "REQUEST",
                                         [DHCP6_REPLY] = "REPLY",
                                         [DHCP6_INFORMATION] = "INFORMATION-REQUEST"};
    bool is_v6 = decision->protocol == BOOT_BY_DHCP6;
    const char *const *names = is_v6 ? names6 : names4;
    size_t count = is_v6 ? sizeof names6 / sizeof names6[0] : sizeof names4 / sizeof names4[0];
    const char *name = decision->message < count ? names[decision->message] : NULL;

    return name != NULL ? name : "message of another kind";
}

static void print_asker(struct sheet *sheet, const struct boot_question *question, const struct boot_decision *decision)
{
    char identity[IDENTITY_TEXT_MAX];
    char machine[MACHINE_TEXT_MAX];
    char at[ENDPOINT_TEXT_MAX];

    if (decision->protocol == BOOT_BY_NOTHING) {
        sheet_print(sheet, "asks: %u bytes that are no request, on %s\n", (unsigned)question->datagram.size,
                    endpoint_text(&question->arrival.address, at));
        return;
    }
    sheet_print(sheet, "asks: %s by %s, %s, on %s\n", message_name(decision),
                identity_text(&decision->machine.identity, identity), machine_text(&decision->machine, machine),
                endpoint_text(&question->arrival.address, at));
    if (!endpoint_is_unspecified(&decision->relay))
        sheet_print(sheet, "relay: %s\n", endpoint_address_text(&decision->relay, at));
}

/* What the relay says of the port that the machine is at (RFC 3046 section 3). */
static void print_agent(struct sheet *sheet, struct span agent)
{
    enum { CIRCUIT = 1, REMOTE = 2 };
    char text[BOOT_EXPLAIN_SHOWN_MAX + 1];
    struct span data;

    if (tlv_find(agent, TLV_PLAIN, CIRCUIT, &data))
        sheet_print(sheet, "relay's circuit: %s\n", utf8_printable(data, text, sizeof text));
    if (tlv_find(agent, TLV_PLAIN, REMOTE, &data))
        sheet_print(sheet, "relay's remote: %s\n", utf8_printable(data, text, sizeof text));
}

static void print_classes(struct sheet *sheet, const struct boot_question *question)
{
    char text[BOOT_EXPLAIN_SHOWN_MAX + 1];
    struct dhcp4 packet;
    struct dhcp6 packet6;
    struct span class_id = span_nothing();
    struct span user_class = span_nothing();
    struct span agent = span_nothing();

    if (!endpoint_is_ipv4(&question->arrival.address)) {
        if (dhcp6_read(&packet6, question->datagram)) {
            class_id = packet6.class_id;
            user_class = packet6.user_class;
        }
    } else if (dhcp4_read(&packet, question->datagram)) {
        class_id = packet.kept[DHCP4_CLASS];
        user_class = packet.kept[DHCP4_USER_CLASS];
        agent = packet.kept[DHCP4_AGENT];
    }
    print_agent(sheet, agent);
    if (class_id.bytes != NULL)
        sheet_print(sheet, "class: %s\n", utf8_printable(class_id, text, sizeof text));
    if (user_class.bytes != NULL)
        sheet_print(sheet, "user class: %s\n", utf8_printable(user_class, text, sizeof text));
}

/* -- what was decided ------------------------------------------------------------------------------------------------ */

static void print_rules(struct sheet *sheet, const struct boot_rules *rules, const struct boot_decision *decision)
{
    const struct boot_choice *choice = &decision->choice;
    char line[BOOT_WORD_MAX * 4];

    if (choice->host != NULL)
        sheet_print(sheet, "host: %s\n", boot_rule_text(rules, choice->host, line, sizeof line));
    if (choice->rule != NULL && choice->rule != choice->host)
        sheet_print(sheet, "rule: %s\n", boot_rule_text(rules, choice->rule, line, sizeof line));
    if (decision->entry != NULL)
        sheet_print(sheet, "entry: %s\n", boot_rule_text(rules, decision->entry, line, sizeof line));
    if (decision->bootp_host != NULL)
        sheet_print(sheet, "host: %s %u: %s\n", boot_list_name(BOOT_LIST_BOOTP), (unsigned)decision->bootp_host->number,
                    boot_text(rules, decision->bootp_host->line));
    if (decision->file[0] != 0)
        sheet_print(sheet, "would load: %s\n", utf8_printable(span_of_text(decision->file), line, sizeof line));
}

static void print_verdict(struct sheet *sheet, const struct boot_decision *decision)
{
    const char *advice = boot_reason_advice(decision->reason);

    sheet_print(sheet, "%s: %s\n", boot_reason_answers(decision->reason) ? "answered" : "not answered",
                boot_reason_text(decision->reason));
    if (advice[0] != 0)
        sheet_print(sheet, "to do: %s\n", advice);
}

/* -- the reply, from its bytes --------------------------------------------------------------------------------------- */

enum shape { SHAPE_HEX, SHAPE_TEXT, SHAPE_ADDRESS };

struct option_name {
    uint8_t tag;
    enum shape shape;
    const char *name;
};

static const struct option_name option_names[] = {
    {1, SHAPE_ADDRESS, "mask"},
    {3, SHAPE_ADDRESS, "router"},
    {6, SHAPE_ADDRESS, "name server"},
    {12, SHAPE_TEXT, "host name"},
    {15, SHAPE_TEXT, "domain"},
    {17, SHAPE_TEXT, "root path"},
    {43, SHAPE_HEX, "PXE"},
    {53, SHAPE_HEX, "message"},
    {54, SHAPE_ADDRESS, "server"},
    {60, SHAPE_TEXT, "class"},
    {66, SHAPE_TEXT, "TFTP server"},
    {67, SHAPE_TEXT, "boot file"},
    {82, SHAPE_HEX, "relay's"},
    {97, SHAPE_HEX, "GUID"},
    {150, SHAPE_ADDRESS, "TFTP server"},
    {209, SHAPE_TEXT, "configuration file"},
    {210, SHAPE_TEXT, "path prefix"},
    {211, SHAPE_HEX, "reboot time"},
    {252, SHAPE_TEXT, "BCD"},
};

static const struct option_name *find_option_name(uint8_t tag)
{
    for (size_t i = 0; i < sizeof option_names / sizeof option_names[0]; i++)
        if (option_names[i].tag == tag)
            return &option_names[i];
    return NULL;
}

static void print_option(struct sheet *sheet, const struct tlv *item)
{
    const struct option_name *known = find_option_name(item->tag);
    char text[ENDPOINT_TEXT_MAX];
    char whole[WHOLE_SIZE];

    ASSERT(known != NULL);
    sheet_print(sheet, "  option %u, %s: ", (unsigned)item->tag, known->name);
    if (known->shape == SHAPE_ADDRESS && item->data.size == 4) {
        struct endpoint address = endpoint_of_ipv4(item->data.bytes, 0);
        sheet_print(sheet, "%s", endpoint_address_text(&address, text));
    } else if (known->shape == SHAPE_TEXT) {
        bool is_ended = item->data.size > 0 && item->data.bytes[item->data.size - 1] == 0;
        sheet_print(sheet, "%s",
                    utf8_printable(span_of(item->data.bytes, item->data.size - is_ended), whole, sizeof whole));
    } else {
        print_hex(sheet, item->data);
    }
    sheet_print(sheet, "\n");
}

static void print_reply4(struct sheet *sheet, struct span reply)
{
    struct dhcp4 packet;
    struct tlv item;
    char text[ENDPOINT_TEXT_MAX];
    char whole[WHOLE_SIZE];

    ASSERT(dhcp4_read(&packet, reply));
    if (!endpoint_is_unspecified(&packet.ciaddr))
        sheet_print(sheet, "  client's address: %s\n", endpoint_address_text(&packet.ciaddr, text));
    if (!endpoint_is_unspecified(&packet.yiaddr))
        sheet_print(sheet, "  your address: %s\n", endpoint_address_text(&packet.yiaddr, text));
    sheet_print(sheet, "  next server: %s\n", endpoint_address_text(&packet.siaddr, text));
    if (packet.file.size > 0)
        sheet_print(sheet, "  file: %s\n", utf8_printable(packet.file, whole, sizeof whole));
    if (!packet.has_cookie)
        return;
    struct span options = span_of(reply.bytes + DHCP4_OPTIONS, reply.size - DHCP4_OPTIONS);
    while (tlv_next(&options, TLV_OPTIONS, &item) == TLV_ITEM)
        print_option(sheet, &item);
}

static void print_reply6(struct sheet *sheet, struct span reply)
{
    struct span data;
    char whole[WHOLE_SIZE];

    while (reply.bytes[0] == DHCP6_RELAY_REPLY) {
        ASSERT(dhcp6_find(span_of(reply.bytes + DHCP6_RELAY_HEADER_SIZE, reply.size - DHCP6_RELAY_HEADER_SIZE),
                          DHCP6_RELAY_MESSAGE, &data));
        sheet_print(sheet, "  for a relay\n");
        reply = data;
    }
    struct span options = span_of(reply.bytes + DHCP6_HEADER_SIZE, reply.size - DHCP6_HEADER_SIZE);
    sheet_print(sheet, "  message: %s\n", reply.bytes[0] == DHCP6_ADVERTISE ? "ADVERTISE" : "REPLY");
    if (dhcp6_find(options, DHCP6_BOOT_URL, &data))
        sheet_print(sheet, "  URL: %s\n", utf8_printable(data, whole, sizeof whole));
    else
        sheet_print(sheet, "  no URL: the client asks again on port %u\n", (unsigned)BOOT_PORT_PXE);
}

static void print_reply(struct sheet *sheet, const struct boot_decision *decision)
{
    const struct boot_reply *reply = &decision->reply;
    char text[ENDPOINT_TEXT_MAX];

    if (reply->size == 0)
        return;
    sheet_print(sheet, "reply: %u bytes to %s%s\n", (unsigned)reply->size, endpoint_text(&reply->to, text),
                reply->is_broadcast ? ", a broadcast" : "");
    if (decision->protocol == BOOT_BY_DHCP6)
        print_reply6(sheet, span_of(reply->bytes, reply->size));
    else
        print_reply4(sheet, span_of(reply->bytes, reply->size));
}

char *boot_explain(const struct boot_question *question, const struct boot_decision *decision, char *text, size_t size)
{
    struct sheet sheet = sheet_in(text, size);

    print_asker(&sheet, question, decision);
    print_classes(&sheet, question);
    print_rules(&sheet, question->rules, decision);
    print_verdict(&sheet, decision);
    print_reply(&sheet, decision);
    return text;
}

char *boot_explain_bytes(struct span bytes, char *text, size_t size)
{
    enum { IN_A_LINE = 16 };
    struct sheet sheet = sheet_in(text, size);

    for (size_t i = 0; i < bytes.size; i += IN_A_LINE) {
        size_t count = bytes.size - i < IN_A_LINE ? bytes.size - i : IN_A_LINE;
        sheet_print(&sheet, "%04x  ", (unsigned)i);
        print_hex(&sheet, span_of(bytes.bytes + i, count));
        sheet_print(&sheet, "\n");
    }
    return text;
}
