#include "core/boot/boot_explain.h"
#include "core/dhcp/dhcp6.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    MESSAGE = 53,
    CLASS = 60,
    USER_CLASS = 77,
    ARCHITECTURES = 93,
    GUID = 97,
    XID = 0x7f /* any */
};

/* What was typed, understood. */
struct asked {
    struct who mac; /* of kind WHO_NOBODY if not typed */
    struct who guid;
    uint16_t architecture;
    bool is_ipxe;
    bool is_http;
    const char *class_id;
    const char *user_class;
    char made_class[48];
};

__attribute__((format(gnu_printf, 2, 3))) static bool refuse(struct boot_problem *problem, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem->text, sizeof problem->text, format, arguments);
    va_end(arguments);
    return false;
}

static bool take_machine(struct asked *asked, const char *word, struct boot_problem *problem)
{
    struct machine_set set = {.count = 0};

    if (word == NULL)
        return true;
    if (machine_set_add(&set, span_of_text(word)) != MACHINE_WORD_ADDED || set.is_any)
        return refuse(problem, "\"%.40s\" is no machine; write a word of PxeBoot such as x64, ipxe or rpi, or a number",
                      word);
    asked->is_ipxe = set.is_ipxe;
    if (set.is_raspberry_pi && asked->mac.kind == WHO_NOBODY)
        return refuse(problem, "a Raspberry Pi is known by its MAC; write it as well");
    if (set.count > 0)
        asked->architecture = set.numbers[0];
    const struct architecture *known = architecture_find(asked->architecture);
    asked->is_http = known != NULL && known->is_http;
    return true;
}

static bool take_identity(struct asked *asked, const struct boot_explain_machine *machine, struct boot_problem *problem)
{
    if (machine->mac == NULL && machine->guid == NULL)
        return refuse(problem, "whose request is it? Write a MAC such as 52:54:00:12:34:56, or a GUID");
    if (machine->mac != NULL && (!who_parse(&asked->mac, span_of_text(machine->mac)) || !who_is_card(&asked->mac)))
        return refuse(problem, "\"%.60s\" is no MAC; write it as in 52:54:00:12:34:56", machine->mac);
    if (machine->guid != NULL &&
        (!who_parse(&asked->guid, span_of_text(machine->guid)) || asked->guid.kind != WHO_GUID))
        return refuse(problem, "\"%.60s\" is no GUID; write it as in 4c4c4544-0042-3510-8052-b4c04f4e3332",
                      machine->guid);
    return true;
}

static bool understand(struct asked *asked, const struct boot_explain_machine *machine, struct boot_problem *problem)
{
    memset(asked, 0, sizeof *asked);
    if (!take_identity(asked, machine, problem) || !take_machine(asked, machine->machine, problem))
        return false;
    snprintf(asked->made_class, sizeof asked->made_class, "%s:Arch:%05u:UNDI:003000",
             asked->is_http ? "HTTPClient" : "PXEClient", (unsigned)asked->architecture);
    asked->class_id = machine->class_id != NULL ? machine->class_id : asked->made_class;
    asked->user_class = machine->user_class != NULL ? machine->user_class : asked->is_ipxe ? "iPXE" : "";
    if (strlen(asked->class_id) > BOOT_EXPLAIN_SHOWN_MAX || strlen(asked->user_class) > BOOT_EXPLAIN_SHOWN_MAX)
        return refuse(problem, "a class is longer than %d bytes, which no machine has", BOOT_EXPLAIN_SHOWN_MAX);
    return true;
}

/* -- DHCPv4 ---------------------------------------------------------------------------------------------------------- */

static uint8_t *put_options(uint8_t *place, const struct asked *asked, uint8_t message)
{
    uint8_t bytes[1 + GUID_SIZE];

    place = tlv_put(place, MESSAGE, span_of(&message, 1));
    place = tlv_put(place, CLASS, span_of_text(asked->class_id));
    write_u16(bytes, asked->architecture);
    place = tlv_put(place, ARCHITECTURES, span_of(bytes, 2));
    bytes[0] = 0;
    memcpy(bytes + 1, asked->guid.bytes, GUID_SIZE);
    if (asked->guid.kind == WHO_GUID)
        place = tlv_put(place, GUID, span_of(bytes, sizeof bytes));
    return asked->user_class[0] != 0 ? tlv_put(place, USER_CLASS, span_of_text(asked->user_class)) : place;
}

static bool put_address(uint8_t *place, const char *text, struct boot_problem *problem)
{
    struct endpoint address;

    if (text == NULL)
        return true;
    if (!endpoint_parse_address(&address, span_of_text(text)) || !endpoint_is_ipv4(&address))
        return refuse(problem, "\"%.60s\" is no IPv4 address", text);
    dhcp4_write_address(place, &address);
    return true;
}

size_t boot_explain_encode(const struct boot_explain_machine *machine, const struct endpoint *client,
                           uint8_t bytes[BOOT_EXPLAIN_REQUEST_MAX], struct boot_problem *problem)
{
    struct asked asked;
    uint8_t *end = bytes + DHCP4_OPTIONS;

    problem->text[0] = 0;
    memset(bytes, 0, BOOT_EXPLAIN_REQUEST_MAX);
    if (!understand(&asked, machine, problem) || !put_address(bytes + DHCP4_GIADDR, machine->relay, problem))
        return 0;
    bytes[DHCP4_OP] = DHCP4_REQUEST_OP;
    bytes[DHCP4_HTYPE] = 1;
    bytes[DHCP4_HLEN] = MAC_SIZE;
    bytes[DHCP4_XID] = XID;
    memcpy(bytes + DHCP4_CHADDR, asked.mac.bytes, MAC_SIZE);
    memcpy(bytes + DHCP4_COOKIE, dhcp4_cookie, DHCP4_COOKIE_SIZE);
    if (machine->is_on_pxe_port)
        dhcp4_write_address(bytes + DHCP4_CIADDR, client);
    if (!machine->is_bootp)
        end = put_options(end, &asked, machine->is_on_pxe_port ? DHCP4_REQUEST : DHCP4_DISCOVER);
    *end++ = TLV_END;
    size_t size = (size_t)(end - bytes);
    return size < DHCP4_SIZE_MIN ? DHCP4_SIZE_MIN : size;
}

/* -- DHCPv6 ---------------------------------------------------------------------------------------------------------- */

static uint8_t *put6(uint8_t *place, uint16_t code, struct span head, struct span data)
{
    write_u16(place, code);
    write_u16(place + 2, (uint16_t)(head.size + data.size));
    memcpy(place + DHCP6_HEADER_SIZE, head.bytes, head.size);
    memcpy(place + DHCP6_HEADER_SIZE + head.size, data.bytes, data.size);
    return place + DHCP6_HEADER_SIZE + head.size + data.size;
}

/* By its GUID (RFC 6355), or by its MAC. */
static uint8_t *put_duid(uint8_t *place, const struct asked *asked)
{
    static const uint8_t by_guid[] = {0, 4};
    static const uint8_t by_mac[] = {0, 3, 0, 1};

    if (asked->guid.kind == WHO_GUID)
        return put6(place, DHCP6_CLIENT_ID, span_of(by_guid, sizeof by_guid), span_of(asked->guid.bytes, GUID_SIZE));
    return put6(place, DHCP6_CLIENT_ID, span_of(by_mac, sizeof by_mac), span_of(asked->mac.bytes, MAC_SIZE));
}

size_t boot_explain_encode6(const struct boot_explain_machine *machine, struct span server_duid,
                            uint8_t bytes[BOOT_EXPLAIN_REQUEST_MAX], struct boot_problem *problem)
{
    struct asked asked;
    uint8_t head[6] = {0, 0, DHCP6_ENTERPRISE >> 8, DHCP6_ENTERPRISE & 0xff};
    uint8_t *place = bytes + DHCP6_HEADER_SIZE;

    problem->text[0] = 0;
    memset(bytes, 0, BOOT_EXPLAIN_REQUEST_MAX);
    if (!understand(&asked, machine, problem))
        return 0;
    if (machine->relay != NULL || machine->is_bootp) {
        refuse(problem, "a relay and BOOTP are of IPv4; leave them out");
        return 0;
    }
    bytes[0] = machine->is_on_pxe_port ? DHCP6_REQUEST : DHCP6_SOLICIT;
    bytes[1] = XID;
    place = put_duid(place, &asked);
    if (machine->is_on_pxe_port)
        place = put6(place, DHCP6_SERVER_ID, server_duid, span_of("", 0));
    write_u16(head + 4, (uint16_t)strlen(asked.class_id));
    place = put6(place, DHCP6_VENDOR_CLASS, span_of(head, sizeof head), span_of_text(asked.class_id));
    write_u16(head, asked.architecture);
    place = put6(place, DHCP6_ARCHITECTURE, span_of(head, 2), span_of("", 0));
    write_u16(head, (uint16_t)strlen(asked.user_class));
    if (asked.user_class[0] != 0)
        place = put6(place, DHCP6_USER_CLASS, span_of(head, 2), span_of_text(asked.user_class));
    return (size_t)(place - bytes);
}
