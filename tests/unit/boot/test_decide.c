/*
 * The decision for DHCPv4, from the bytes of each client to the bytes that it is sent: PXE.md 4.1 (clients), 4.2 (quirks), 6.1
 * and 6.2 (rules). We are 10.77.0.2/24, and a DHCP server is 10.77.0.1.
 */
#include "unit.h"

#include "boot_wire.h"
#include "core/boot/decide.h"
#include "guard.h"

#include <stdio.h>

static struct boot_rules rules;
static struct boot_marks marks;
static struct boot_problem problem;
static struct boot_question question;
static struct boot_decision decision;
static enum boot_file_state file_state;
static char looked_for[256];

static enum boot_file_state look(void *context, const char *file, const struct endpoint *client)
{
    char text[ENDPOINT_TEXT_MAX] = "nobody";

    assert_ptr_equal(context, &file_state);
    if (client != NULL)
        endpoint_address_text(client, text);
    snprintf(looked_for, sizeof looked_for, "%s for %s", file, text);
    return file_state;
}

static int set_up(void **state)
{
    (void)state;
    boot_rules_init(&rules);
    rules.is_pxe_on = true;
    memset(&marks, 0, sizeof marks);
    memset(&question, 0, sizeof question);
    question = (struct boot_question){.rules = &rules, .marks = &marks, .files = {look, &file_state}, .now_ms = 1000};
    question.arrival = (struct boot_arrival){.address = endpoint_ipv4(10, 77, 0, 2, 67),
                                             .source = endpoint_ipv4(0, 0, 0, 0, 68),
                                             .prefix_bits = 24,
                                             .is_client = true};
    file_state = BOOT_FILE_READABLE;
    looked_for[0] = 0;
    return 0;
}

static void add(enum boot_list list, const char *line)
{
    CHECK(boot_rules_add(&rules, list, line, &problem), "%s", problem.text);
}

static void boot(const char *line)
{
    add(BOOT_LIST_RULES, line);
}

static const char *decide(const struct ask *ask)
{
    question.datagram = guard_span(ask->bytes, ask->size);
    boot_decide(&question, &decision);
    return boot_reason_name(decision.reason);
}

static void arrive_on_4011(uint16_t source_port)
{
    question.arrival.address.port = 4011;
    question.arrival.source = endpoint_ipv4(10, 77, 0, 100, source_port);
}

static const char *to(void)
{
    static char text[ENDPOINT_TEXT_MAX];

    return endpoint_text(&decision.reply.to, text);
}

/* What a reply is to be, but for what it copies: xid, hardware, chaddr. */
struct expected {
    uint16_t flags;
    bool has_ciaddr;
    const char *relay; /* NULL: none */
    const char *next_server;
    const char *file;
    const char *options;
    const char *agent; /* option 82 behind them, or NULL */
};

static void put_address(uint8_t *place, const char *text)
{
    struct endpoint address;

    assert_true(endpoint_parse_address(&address, span_of_text(text)));
    memcpy(place, address.address + 12, 4);
}

static void assert_reply(const struct ask *ask, const struct expected *expected)
{
    uint8_t bytes[1024] = {2, ask->bytes[1], ask->bytes[2], 0};
    size_t size = 240;

    CHECK(decision.reply.size > 0, "silence: %s", boot_reason_name(decision.reason));
    memcpy(bytes + 4, ask->bytes + 4, 4);
    write_u16(bytes + 10, expected->flags);
    if (expected->has_ciaddr)
        memcpy(bytes + 12, ask->bytes + 12, 4);
    put_address(bytes + 20, expected->next_server);
    if (expected->relay != NULL)
        put_address(bytes + 24, expected->relay);
    memcpy(bytes + 28, ask->bytes + 28, 16);
    strcpy((char *)bytes + 44, expected->next_server);
    strcpy((char *)bytes + 108, expected->file);
    size += ask_hex("63825363", bytes + 236, 4) - 4;
    size += ask_hex(expected->options, bytes + size, sizeof bytes - size);
    if (expected->agent != NULL)
        size += ask_hex(expected->agent, bytes + size, sizeof bytes - size);
    bytes[size++] = 255;
    size = size < 300 ? 300 : size;
    CHECK(decision.reply.size == size, "%u bytes, and not %u", (unsigned)decision.reply.size, (unsigned)size);
    for (size_t i = 0; i < size; i++)
        CHECK(decision.reply.bytes[i] == bytes[i], "byte %u is %02x, and not %02x", (unsigned)i,
              decision.reply.bytes[i], bytes[i]);
}

#define GUID   "6111 00 44454c4c420010358052b4c04f4e3332"
#define OFFER  "350102 36040a4d0002 3c09505845436c69656e74"
#define ACK    "350105 36040a4d0002 3c09505845436c69656e74"
#define DIRECT "2b04060108ff"
#define TO_ALL "255.255.255.255:68"

/* -- clients, one after another -------------------------------------------------------------------------------------- */

/* PXE.md 2.1 and the end of 1.3: the complete direct offer, for each client that takes one. */
static void test_direct_offers(void **state)
{
    static const struct {
        enum ask_client client;
        const char *file;
    } rows[] = {
        {ASK_EDK2_X64, "x64.efi"}, {ASK_EDK2_ARM64, "arm64.efi"}, {ASK_EDK2_IA32, "ia32.efi"},
        {ASK_INTEL, "pxelinux.0"}, {ASK_IPXE_BIOS, "boot.ipxe"},  {ASK_IPXE_X64, "boot.ipxe"},
    };
    struct ask ask;

    (void)state;
    boot("x64 = x64.efi");
    boot("arm64 = arm64.efi");
    boot("ia32 = ia32.efi");
    boot("bios = pxelinux.0");
    boot("ipxe = boot.ipxe");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ask_dhcp(&ask, rows[i].client, 1);
        CHECK(strcmp(decide(&ask), "OFFERED") == 0, "%s: %s", ask_client_names[rows[i].client],
              boot_reason_name(decision.reason));
        struct expected expected = {0x8000, false, NULL, "10.77.0.2", rows[i].file, OFFER GUID DIRECT, NULL};
        assert_reply(&ask, &expected);
        assert_string_equal(to(), TO_ALL);
        assert_true(decision.reply.is_broadcast);
        assert_string_equal(decision.file, rows[i].file);
        assert_ptr_equal(decision.choice.rule, &rules.rules[i < 4 ? i : 4]);
    }
    assert_string_equal(looked_for, "boot.ipxe for nobody");
}

/* PXE.md 2.2: no option 43 and no file, then the client comes to port 4011. */
static void test_binl(void **state)
{
    struct ask ask;

    (void)state;
    rules.style = BOOT_STYLE_BINL;
    boot("x64 = x64.efi");
    boot("ipxe = boot.ipxe");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(decide(&ask), "OFFERED");
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "", OFFER GUID, NULL});
    ask_dhcp(&ask, ASK_IPXE_X64, 1);
    assert_string_equal(decide(&ask), "OFFERED");
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "", OFFER GUID, NULL});
    /* PXE.md fact 5: EDK2 asks from 4011, iPXE from 68; the answer goes there. */
    ask_4011(&ask, ASK_EDK2_X64);
    arrive_on_4011(4011);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_reply(&ask, &(struct expected){0, true, NULL, "10.77.0.2", "x64.efi", ACK GUID, NULL});
    assert_string_equal(to(), "10.77.0.100:4011");
    assert_false(decision.reply.is_broadcast);
    assert_string_equal(looked_for, "x64.efi for 10.77.0.100");
    ask_4011(&ask, ASK_IPXE_X64);
    arrive_on_4011(68);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_reply(&ask, &(struct expected){0x8000, true, NULL, "10.77.0.2", "boot.ipxe", ACK GUID, NULL});
    assert_string_equal(to(), "10.77.0.100:68");
}

/* PXE.md 2.4: a DHCP server on our machine sends option 60, and iPXE comes with a bare class: 93 tells. */
static void test_same_host(void **state)
{
    struct ask ask;

    (void)state;
    boot("x64 = x64.efi");
    boot("ipxe = boot.ipxe");
    arrive_on_4011(4011);
    ask_4011(&ask, ASK_EDK2_X64);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_reply(&ask, &(struct expected){0, true, NULL, "10.77.0.2", "x64.efi", ACK GUID, NULL});
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\3", 1);
    ask_text(&ask, 60, "PXEClient");
    ask_option(&ask, 93, "\0\7", 2);
    ask_end(&ask, 0);
    arrive_on_4011(68);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_reply(&ask, &(struct expected){0, true, NULL, "10.77.0.2", "x64.efi", ACK, NULL});
    ask_add(&ask, 77, "iPXE", 4);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_string_equal(decision.file, "boot.ipxe");
    /* PXE 2.1: INFORM is answered here, too; a DISCOVER is not. */
    ask.bytes[242] = 8;
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    ask.bytes[242] = 1;
    assert_string_equal(decide(&ask), "OTHER_MESSAGE");
}

/* PXE.md 2.7: the class is HTTPClient, the URL stands in file or, if it is long, in 67 with a NUL; never option 43. */
static void test_rule_16_http(void **state)
{
    char line[300];
    char hex[700];
    struct ask ask;

    (void)state;
    ask_dhcp(&ask, ASK_EDK2_HTTP, 1);
    boot("x64 = x64.efi");
    assert_string_equal(decide(&ask), "NO_RULE");
    boot("x64-http = http://boot.example/x.efi");
    assert_string_equal(decide(&ask), "OFFERED");
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "http://boot.example/x.efi",
                                          "350102 36040a4d0002 3c0a48545450436c69656e74" GUID, NULL});
    assert_string_equal(looked_for, ""); /* it is another server's */
    arrive_on_4011(4011);
    assert_string_equal(decide(&ask), "NOT_PXE");
    question.arrival.address.port = 67;
    rules.rule_count = 0;
    rules.style = BOOT_STYLE_BINL; /* there is no such thing with HTTP */
    snprintf(line, sizeof line, "x64-http = http://%0200d", 0);
    boot(line);
    assert_string_equal(decide(&ask), "OFFERED");
    int used =
        snprintf(hex, sizeof hex, "%s%s 43d0 687474703a2f2f", "350102 36040a4d0002 3c0a48545450436c69656e74", GUID);
    for (int i = 0; i < 200; i++)
        used += snprintf(hex + used, sizeof hex - (size_t)used, "30");
    snprintf(hex + used, sizeof hex - (size_t)used, "00");
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "", hex, NULL});
    /* local is told by silence, for HTTP has no menu. */
    rules.rule_count = 0;
    boot("any = local");
    assert_string_equal(decide(&ask), "LOCAL_BY_SILENCE");
}

/* PXE.md 2.11: a menu with the words that its loader looks for. */
static void test_raspberry_pi(void **state)
{
    static const char vendor[] = "2b20 060103 0a0400505845 0914 0000 11 5261737062657272792050692042 6f6f74 ff";
    struct ask ask;

    (void)state;
    boot("bios = pxelinux.0");
    ask_dhcp(&ask, ASK_RASPBERRY_PI, 1);
    assert_string_equal(decide(&ask), "NO_RULE");
    boot("rpi = bootcode.bin");
    assert_string_equal(decide(&ask), "OFFERED");
    char options[200];
    snprintf(options, sizeof options, "%s%s%s", OFFER, GUID, vendor);
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "bootcode.bin", options, NULL});
    rules.rules[1].style = BOOT_STYLE_BINL;
    assert_string_equal(decide(&ask), "OFFERED");
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "", options, NULL});
}

/* U-Boot, operating systems and what else is not ours. */
static void test_who_is_not_answered(void **state)
{
    struct ask ask;

    (void)state;
    boot("any = a.efi");
    boot("ipxe = a.ipxe");
    for (int client = ASK_UBOOT_ARM64; client <= ASK_PLAIN_DHCP; client++) {
        ask_dhcp(&ask, (enum ask_client)client, 1);
        CHECK(strcmp(decide(&ask), "NOT_PXE") == 0, "%s", ask_client_names[client]);
        assert_int_equal(decision.reply.size, 0);
    }
    /* PXE.md 6.1 rule 3: RELEASE, INFORM, DECLINE, and BSDP of Apple. */
    static const uint8_t messages[] = {2, 4, 5, 6, 7, 8, 9, 13, 255};
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        ask_dhcp(&ask, ASK_EDK2_X64, messages[i]);
        CHECK(strcmp(decide(&ask), "OTHER_MESSAGE") == 0, "message %u", messages[i]);
    }
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\x08", 1);
    ask_text(&ask, 60, "AAPLBSDPC/i386/iMac4,1");
    ask_end(&ask, 0);
    assert_string_equal(decide(&ask), "NOT_PXE");
    /* The REQUEST with which every client takes its address from the DHCP server. */
    for (int client = 0; client < ASK_UBOOT_ARM64; client++) {
        ask_dhcp(&ask, (enum ask_client)client, 3);
        CHECK(strcmp(decide(&ask), "OTHER_SERVER") == 0, "%s", ask_client_names[client]);
    }
    /* Its address is worth knowing, all the same. */
    assert_int_equal(decision.client.address[15], 100);
    /* Replies, our own among them (6.2 rule 3). */
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(decide(&ask), "OFFERED");
    struct ask back = {.size = decision.reply.size};
    memcpy(back.bytes, decision.reply.bytes, back.size);
    assert_string_equal(decide(&back), "NOT_A_REQUEST");
    back.size = 235;
    assert_string_equal(decide(&back), "MALFORMED");
    assert_int_equal(decision.protocol, BOOT_BY_NOTHING);
}

/* -- menus ----------------------------------------------------------------------------------------------------------- */

static void ask_item(struct ask *ask, uint16_t type, uint16_t layer)
{
    uint8_t item[] = {71, 4, 0, 0, 0, 0, 255};

    ask_4011(ask, ASK_EDK2_X64);
    write_u16(item + 2, type);
    write_u16(item + 4, layer);
    ask_add(ask, 43, item, sizeof item);
}

/* PXE.md 2.3. */
static void test_menu(void **state)
{
    static const char menu[] = "2b39 060103 080e 8001 01 0a4d0002 8002 01 0a4d0002 "
                               "091c 0000 05 4c6f63616c 8001 06 57696e5045 21 8002 08 4d656d2074657374 "
                               "0a05 05 50727373 ff";
    char options[400];
    struct ask ask;

    (void)state;
    rules.style = BOOT_STYLE_MENU;
    boot("x64 = winpe.efi option 252=\\Boot\\BCD");
    boot("bios = pxelinux.0");
    add(BOOT_LIST_MENU, "Local = local");
    add(BOOT_LIST_MENU, "WinPE! = answer");
    add(BOOT_LIST_MENU, "Mem test = memtest.efi for x64");
    add(BOOT_LIST_PROMPT, "5 Prss");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(decide(&ask), "OFFERED");
    snprintf(options, sizeof options, "%s%s%s%s", OFFER, GUID, menu, "fc0a 5c426f6f745c424344 00");
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "", options, NULL});
    /* Who is asked directly shows it too, for that is all there is beside a DHCP server on our machine. */
    arrive_on_4011(4011);
    ask_4011(&ask, ASK_EDK2_X64);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_int_equal(decision.reply.bytes[108], 0);
    /* Its items: by the machine's rule, and of its own. */
    ask_item(&ask, 0x8001, 0);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_reply(&ask, &(struct expected){0, true, NULL, "10.77.0.2", "winpe.efi",
                                          ACK GUID "2b07 4704 8001 0000 ff"
                                                   "fc0a 5c426f6f745c424344 00",
                                          NULL});
    ask_item(&ask, 0x8002, 0);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_reply(
        &ask, &(struct expected){0, true, NULL, "10.77.0.2", "memtest.efi", ACK GUID "2b07 4704 8002 0000 ff", NULL});
    assert_string_equal(looked_for, "memtest.efi for 10.77.0.100");
    assert_ptr_equal(decision.entry, &rules.menu[2]);
    /* iPXE asks with xid 0, and gets it back. */
    memset(ask.bytes + 4, 0, 4);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_memory_equal(decision.reply.bytes + 4, "\0\0\0\0", 4);
    /* What it was not shown, and BIS. */
    static const struct {
        uint16_t type;
        uint16_t layer;
        const char *reason;
    } rows[] = {{0x8000, 0, "NO_SUCH_ITEM"}, {0x8003, 0, "NO_SUCH_ITEM"},     {1, 0, "NO_SUCH_ITEM"},
                {0x8001, 1, "NO_SUCH_ITEM"}, {0x8001, 0x8000, "CREDENTIALS"}, {0x8001, 0x8001, "CREDENTIALS"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ask_item(&ask, rows[i].type, rows[i].layer);
        CHECK(strcmp(decide(&ask), rows[i].reason) == 0, "row %u: %s", (unsigned)i, boot_reason_name(decision.reason));
        assert_int_equal(decision.reply.size, 0);
    }
}

/* PXE.md 1.2: a REQUEST on 67 with an item is for boot servers; which of them, option 54 or the type says. */
static void test_rule_3_items_by_broadcast(void **state)
{
    struct ask ask;

    (void)state;
    boot("x64 = winpe.efi style menu");
    add(BOOT_LIST_MENU, "WinPE = answer");
    ask_item(&ask, 0x8000, 0);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_string_equal(to(), TO_ALL);
    assert_memory_equal(decision.reply.bytes + 12, "\0\0\0\0", 4);
    ask_item(&ask, 0x8001, 0);
    assert_string_equal(decide(&ask), "OTHER_SERVER");
    ask_item(&ask, 0x8000, 0);
    ask_add(&ask, 54, "\x0a\x4d\0\1", 4);
    assert_string_equal(decide(&ask), "OTHER_SERVER");
    ask_item(&ask, 0x8000, 0);
    ask_add(&ask, 54, "\x0a\x4d\0\2", 4);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    /* Where we show no menu it is somebody else's; asked directly, the rule's file is what there is. */
    rules.rules[0].style = BOOT_STYLE_DIRECT;
    ask_item(&ask, 0x8000, 0);
    assert_string_equal(decide(&ask), "OTHER_SERVER");
    arrive_on_4011(4011);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_reply(&ask,
                 &(struct expected){0, true, NULL, "10.77.0.2", "winpe.efi", ACK GUID "2b07 4704 8000 0000 ff", NULL});
}

static void test_a_menu_with_nothing_for_this_machine(void **state)
{
    struct ask ask;

    (void)state;
    boot("x64 = x64.efi style menu");
    add(BOOT_LIST_MENU, "ARM = arm.efi for arm64");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(decide(&ask), "OFFERED");
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "x64.efi", OFFER GUID DIRECT, NULL});
    arrive_on_4011(4011);
    ask_4011(&ask, ASK_EDK2_X64);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_reply(&ask, &(struct expected){0, true, NULL, "10.77.0.2", "x64.efi", ACK GUID, NULL});
}

/* A menu of one entry of type 0, which is taken at once. */
static void test_local(void **state)
{
    static const char local[] = "2b20 060103 0a0b 00 4c6f63616c206469736b 090d 0000 0a 4c6f63616c206469736b ff";
    char options[300];
    struct ask ask;

    (void)state;
    boot("any = local");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(decide(&ask), "SENT_TO_DISK");
    snprintf(options, sizeof options, "%s%s%s", OFFER, GUID, local);
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "", options, NULL});
    ask_dhcp(&ask, ASK_IPXE_X64, 1);
    assert_string_equal(decide(&ask), "SENT_TO_DISK");
    arrive_on_4011(4011);
    ask_4011(&ask, ASK_EDK2_X64);
    assert_string_equal(decide(&ask), "SENT_TO_DISK");
    snprintf(options, sizeof options, "%s%s%s", ACK, GUID, local);
    assert_reply(&ask, &(struct expected){0, true, NULL, "10.77.0.2", "", options, NULL});
}

/* -- relays ---------------------------------------------------------------------------------------------------------- */

static void through_relay(struct ask *ask)
{
    ask_dhcp(ask, ASK_EDK2_X64, 1);
    ask->bytes[3] = 1;
    ask_address(ask, 24, 10, 88, 0, 1);
    ask_add(ask, 82, "\1\4eth1\2\3abc", 11);
    question.arrival.source = endpoint_ipv4(10, 77, 0, 254, 67); /* its other leg: PXE.md 2.5 */
}

/* PXE.md 6.1 rules 10 and 11, facts 12: to giaddr:67, 82 byte for byte and last, the flag as it was. */
static void test_rule_11_relays(void **state)
{
    struct ask ask;

    (void)state;
    boot("x64 = far.efi on 10.88.0.0/16");
    boot("x64 = near.efi");
    through_relay(&ask);
    assert_string_equal(decide(&ask), "RELAY_REFUSED");
    assert_int_equal(decision.reply.size, 0);
    add(BOOT_LIST_RELAYS, "10.77.0.254"); /* giaddr counts, not the source */
    assert_string_equal(decide(&ask), "RELAY_REFUSED");
    add(BOOT_LIST_RELAYS, "10.88.0.0/24");
    assert_string_equal(decide(&ask), "OFFERED");
    assert_reply(&ask, &(struct expected){0x8000, false, "10.88.0.1", "10.77.0.2", "far.efi", OFFER GUID DIRECT,
                                          "520b 01046574683102 03616263"});
    assert_string_equal(to(), "10.88.0.1:67");
    assert_false(decision.reply.is_broadcast);
    write_u16(ask.bytes + 10, 0);
    assert_string_equal(decide(&ask), "OFFERED");
    assert_int_equal(read_u16(decision.reply.bytes + 10), 0);
    /* The client itself then comes to 4011, routed, from its own network. */
    ask_4011(&ask, ASK_EDK2_X64);
    arrive_on_4011(4011);
    question.arrival.source = endpoint_ipv4(10, 88, 0, 100, 4011);
    assert_string_equal(decide(&ask), "ACKNOWLEDGED");
    assert_string_equal(decision.file, "far.efi");
    assert_string_equal(to(), "10.88.0.100:4011");
}

/* PXE.md 6.2 rule 3: forged relays. */
static void test_relays_that_cannot_be(void **state)
{
    static const uint8_t addresses[][4] = {{10, 77, 0, 2},       {127, 0, 0, 1}, {224, 0, 0, 1},
                                           {255, 255, 255, 255}, {0, 0, 0, 1},   {240, 0, 0, 1}};
    struct ask ask;

    (void)state;
    boot("x64 = a.efi");
    add(BOOT_LIST_RELAYS, "0.0.0.0/0");
    through_relay(&ask);
    assert_string_equal(decide(&ask), "OFFERED");
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        ask_address(&ask, 24, addresses[i][0], addresses[i][1], addresses[i][2], addresses[i][3]);
        CHECK(strcmp(decide(&ask), "RELAY_IMPOSSIBLE") == 0, "row %u", (unsigned)i);
        assert_int_equal(decision.reply.size, 0);
    }
}

/* -- senders and interfaces ------------------------------------------------------------------------------------------ */

/* PXE.md 6.2 rule 3: who may be answered on port 4011. */
static void test_sources_on_4011(void **state)
{
    static const struct {
        uint8_t address[4];
        uint16_t port;
        const char *reason;
    } rows[] = {
        {{10, 77, 0, 100}, 68, "ACKNOWLEDGED"},          {{10, 77, 0, 100}, 4011, "ACKNOWLEDGED"},
        {{10, 77, 0, 100}, 1024, "ACKNOWLEDGED"},        {{10, 77, 0, 100}, 1023, "SOURCE_IMPOSSIBLE"},
        {{10, 77, 0, 100}, 67, "SOURCE_IMPOSSIBLE"},     {{10, 77, 0, 100}, 69, "SOURCE_IMPOSSIBLE"},
        {{10, 77, 0, 100}, 53, "SOURCE_IMPOSSIBLE"},     {{10, 77, 0, 100}, 0, "SOURCE_IMPOSSIBLE"},
        {{255, 255, 255, 255}, 68, "SOURCE_IMPOSSIBLE"}, {{224, 0, 0, 1}, 68, "SOURCE_IMPOSSIBLE"},
        {{127, 0, 0, 1}, 68, "SOURCE_IMPOSSIBLE"},       {{0, 0, 0, 0}, 68, "SOURCE_IMPOSSIBLE"},
        {{10, 77, 0, 2}, 4011, "SOURCE_IMPOSSIBLE"},
    };
    struct ask ask;

    (void)state;
    boot("x64 = a.efi");
    ask_4011(&ask, ASK_EDK2_X64);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const uint8_t *a = rows[i].address;
        arrive_on_4011(rows[i].port);
        question.arrival.source = endpoint_ipv4(a[0], a[1], a[2], a[3], rows[i].port);
        CHECK(strcmp(decide(&ask), rows[i].reason) == 0, "row %u: %s", (unsigned)i, boot_reason_name(decision.reason));
    }
    arrive_on_4011(68);
    question.arrival.is_client = false;
    assert_string_equal(decide(&ask), "NOT_A_CLIENT");
}

static void test_interfaces(void **state)
{
    struct ask ask;

    (void)state;
    boot("x64 = a.efi");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    question.arrival.is_public = true;
    assert_string_equal(decide(&ask), "PUBLIC_NETWORK");
    add(BOOT_LIST_INTERFACES, "10.78.0.0/24");
    assert_string_equal(decide(&ask), "OTHER_INTERFACE");
    add(BOOT_LIST_INTERFACES, "10.77.0.2");
    assert_string_equal(decide(&ask), "OFFERED");
    rules.is_pxe_on = false;
    assert_string_equal(decide(&ask), "PXE_OFF");
}

/* PXE.md 6.1 rule 15: only what TFTP would give. */
static void test_rule_15_files(void **state)
{
    struct ask ask;

    (void)state;
    boot("x64 = a.efi on 10.77.0.0/24");
    boot("arm64 = b.efi server 10.0.0.9");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    file_state = BOOT_FILE_ABSENT;
    assert_string_equal(decide(&ask), "FILE_MISSING");
    assert_string_equal(decision.file, "a.efi");
    assert_int_equal(decision.reply.size, 0);
    file_state = BOOT_FILE_REFUSED;
    assert_string_equal(decide(&ask), "FILE_FORBIDDEN");
    arrive_on_4011(4011);
    ask_4011(&ask, ASK_EDK2_X64);
    assert_string_equal(decide(&ask), "FILE_FORBIDDEN");
    assert_string_equal(looked_for, "a.efi for 10.77.0.100");
    /* Rule 14: another server is taken as it is. 54 stays our own. */
    question.arrival.address.port = 67;
    ask_dhcp(&ask, ASK_EDK2_ARM64, 1);
    looked_for[0] = 0;
    assert_string_equal(decide(&ask), "OFFERED");
    assert_string_equal(looked_for, "");
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.0.0.9", "b.efi", OFFER GUID DIRECT, NULL});
}

/* -- quirks ---------------------------------------------------------------------------------------------------------- */

/* PXE.md 4.2: never filter by secs; EDK2 swaps its bytes, iPXE has bits there. */
static void test_quirk_secs(void **state)
{
    static const uint16_t values[] = {0, 1, 4, 10, 11, 15, 28, 256, 512, 768, 0xffff};
    struct ask ask;

    (void)state;
    boot("x64 = a.efi");
    boot("ipxe = a.ipxe");
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        ask_dhcp(&ask, i % 2 == 0 ? ASK_EDK2_X64 : ASK_IPXE_X64, 1);
        write_u16(ask.bytes + 8, values[i]);
        CHECK(strcmp(decide(&ask), "OFFERED") == 0, "secs %u", values[i]);
        assert_int_equal(read_u16(decision.reply.bytes + 8), 0);
    }
}

/* hlen 16 with the GUID in chaddr, htype 6, bytes behind the MAC: all is copied. */
static void test_quirk_hardware(void **state)
{
    struct ask ask;

    (void)state;
    boot("x64 = a.efi");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    ask.bytes[1] = 6;
    ask.bytes[2] = 16;
    memcpy(ask.bytes + 28, ask_guid, 16);
    assert_string_equal(decide(&ask), "OFFERED");
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "a.efi", OFFER GUID DIRECT, NULL});
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    memset(ask.bytes + 34, 0x77, 10);
    assert_string_equal(decide(&ask), "OFFERED");
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "a.efi", OFFER GUID DIRECT, NULL});
}

/* 97 is echoed as it is, and left out where it was; the class may end in NULs. */
static void test_quirk_identity(void **state)
{
    struct ask ask;

    (void)state;
    boot("any = a.0");
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\1", 1);
    ask_option(&ask, 60, "PXEClient\0\0", 11);
    ask_end(&ask, 0);
    assert_string_equal(decide(&ask), "OFFERED");
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "a.0", OFFER DIRECT, NULL});
    ask_add(&ask, 97, "\0\1\2", 3);
    assert_string_equal(decide(&ask), "OFFERED");
    assert_reply(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "a.0", OFFER "6103000102" DIRECT, NULL});
}

/* Several copies of one packet: the answers are the same bytes, each time (rule 12). */
static void test_rule_12_repeats(void **state)
{
    static struct boot_decision first;
    struct ask ask;

    (void)state;
    boot("x64 = a.efi");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    decide(&ask);
    first = decision;
    decide(&ask);
    assert_memory_equal(&first, &decision, sizeof first);
    /* The Raspberry Pi 3 always has the same xid, and chaddr alone tells two of them apart (firmware#1303). */
    ask.bytes[33]++;
    decide(&ask);
    assert_int_equal(decision.reply.bytes[33], ask.bytes[33]);
}

/* PXE.md 6.1 rule 5 and 6.2 rule 4: 548 bytes without option 57, and never more than 1,024. */
static void test_rule_5_length(void **state)
{
    uint8_t bytes[255] = {0};
    char line[200];
    struct ask ask;

    (void)state;
    snprintf(line, sizeof line, "x64 = a.efi option 209=%0120d", 0);
    boot(line);
    /* 240 + 3 + 6 + 11 + (2 + n) + 6 + 122 + END: 157 bytes of GUID fit into 548. */
    for (int n = 157; n <= 158; n++) {
        ask_begin(&ask, ask_mac);
        ask_option(&ask, 53, "\1", 1);
        ask_text(&ask, 60, "PXEClient:Arch:00007:UNDI:003000");
        ask_option(&ask, 97, bytes, (size_t)n);
        ask_end(&ask, 0);
        assert_string_equal(decide(&ask), n == 157 ? "OFFERED" : "TOO_LONG");
        assert_int_equal(decision.reply.size, n == 157 ? 548 : 0);
    }
    /* Whoever says 57 may have it longer; 82 is whole or there is no answer. */
    ask_add(&ask, 57, "\xff\xff", 2);
    assert_string_equal(decide(&ask), "OFFERED");
    assert_int_equal(decision.reply.size, 549);
    add(BOOT_LIST_RELAYS, "10.88.0.1");
    ask_address(&ask, 24, 10, 88, 0, 1);
    ask_add(&ask, 82, bytes, 255);
    assert_string_equal(decide(&ask), "OFFERED");
    assert_int_equal(decision.reply.size, 549 + 257);
    ask_add(&ask, 82, bytes, 1);
    assert_string_equal(decide(&ask), "TOO_LONG");
}

/* PXE.md 6.2 rule 2, over every client and style: nothing configures an address. */
static void test_never_an_address(void **state)
{
    static const uint8_t never[] = {1, 3, 6, 15, 28, 42, 50, 51, 52, 58, 59};
    struct ask ask;
    struct span data;

    (void)state;
    boot("any = a.efi option 66=b option 150=10.0.0.9 option 210=c");
    boot("ipxe = a.ipxe");
    boot("x64-http = http://a/b");
    add(BOOT_LIST_MENU, "Local = local");
    add(BOOT_LIST_MENU, "Boot = answer");
    for (int i = 0; i < 3 * 2 * ASK_UBOOT_ARM64; i++) {
        bool is_4011 = i % 2 == 1;
        enum ask_client client = (enum ask_client)(i / 2 % ASK_UBOOT_ARM64);
        rules.style = (uint8_t)(i / 2 / ASK_UBOOT_ARM64);
        question.arrival.address.port = is_4011 ? 4011 : 67;
        question.arrival.source = endpoint_ipv4(10, 77, 0, 100, 68);
        if (is_4011)
            ask_4011(&ask, client);
        else
            ask_dhcp(&ask, client, 1);
        decide(&ask);
        if (client == ASK_EDK2_HTTP && is_4011)
            continue;
        CHECK(decision.reply.size >= 300 && decision.reply.size <= 548, "%s, style %u: %s", ask_client_names[client],
              rules.style, boot_reason_name(decision.reason));
        assert_memory_equal(decision.reply.bytes + 16, "\0\0\0\0", 4);
        struct span reply = span_of(decision.reply.bytes, decision.reply.size);
        for (size_t k = 0; k < sizeof never; k++)
            CHECK(!ask_find(reply, never[k], &data), "option %u for %s", never[k], ask_client_names[client]);
    }
}

static void test_one_shot_and_approval(void **state)
{
    struct ask ask;
    struct who who;

    (void)state;
    boot("x64 = class.efi");
    add(BOOT_LIST_HOSTS, "52:54:00:12:34:56 = once setup.efi");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(decide(&ask), "OFFERED");
    assert_string_equal(decision.file, "setup.efi");
    assert_ptr_equal(decision.choice.host, &rules.hosts[0]);
    who_parse(&who, span_of_text("52:54:00:12:34:56"));
    boot_marks_use(&marks, &who, 1000);
    question.now_ms = 1000 + BOOT_ONCE_MS;
    assert_string_equal(decide(&ask), "SENT_TO_DISK");
    rules.host_count = 0;
    rules.unknown = BOOT_UNKNOWN_WAIT;
    assert_string_equal(decide(&ask), "WAITING");
    boot_marks_approve(&marks, &who);
    assert_string_equal(decide(&ask), "OFFERED");
    assert_string_equal(decision.file, "class.efi");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_direct_offers, set_up),
        cmocka_unit_test_setup(test_binl, set_up),
        cmocka_unit_test_setup(test_same_host, set_up),
        cmocka_unit_test_setup(test_rule_16_http, set_up),
        cmocka_unit_test_setup(test_raspberry_pi, set_up),
        cmocka_unit_test_setup(test_who_is_not_answered, set_up),
        cmocka_unit_test_setup(test_menu, set_up),
        cmocka_unit_test_setup(test_rule_3_items_by_broadcast, set_up),
        cmocka_unit_test_setup(test_a_menu_with_nothing_for_this_machine, set_up),
        cmocka_unit_test_setup(test_local, set_up),
        cmocka_unit_test_setup(test_rule_11_relays, set_up),
        cmocka_unit_test_setup(test_relays_that_cannot_be, set_up),
        cmocka_unit_test_setup(test_sources_on_4011, set_up),
        cmocka_unit_test_setup(test_interfaces, set_up),
        cmocka_unit_test_setup(test_rule_15_files, set_up),
        cmocka_unit_test_setup(test_quirk_secs, set_up),
        cmocka_unit_test_setup(test_quirk_hardware, set_up),
        cmocka_unit_test_setup(test_quirk_identity, set_up),
        cmocka_unit_test_setup(test_rule_12_repeats, set_up),
        cmocka_unit_test_setup(test_rule_5_length, set_up),
        cmocka_unit_test_setup(test_never_an_address, set_up),
        cmocka_unit_test_setup(test_one_shot_and_approval, set_up),
    };

    return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
