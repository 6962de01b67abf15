/* Decisions in words: texts, and the requests that it makes up (PXE.md 6.1 rule 23). */
#include "unit.h"

#include "boot_wire.h"
#include "core/boot/boot_explain.h"
#include "guard.h"

#include <stdio.h>

static struct boot_rules rules;
static struct boot_marks marks;
static struct boot_problem problem;
static struct boot_question question;
static struct boot_decision decision;
static enum boot_file_state file_state;
static char text[BOOT_EXPLAIN_TEXT_MAX];

static const uint8_t our_duid[] = {0, 4, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};

static enum boot_file_state look(void *context, const char *file, const struct endpoint *client)
{
    (void)context;
    (void)client;
    (void)file;
    return file_state;
}

static int set_up(void **state)
{
    (void)state;
    boot_rules_init(&rules);
    rules.is_pxe_on = true;
    rules.is_bootp_on = true;
    memset(&marks, 0, sizeof marks);
    question = (struct boot_question){.rules = &rules, .marks = &marks, .files = {look, NULL}, .now_ms = 1000};
    question.arrival = (struct boot_arrival){.address = endpoint_ipv4(10, 77, 0, 2, 67),
                                             .source = endpoint_ipv4(0, 0, 0, 0, 68),
                                             .prefix_bits = 24,
                                             .is_client = true,
                                             .server_duid = span_of(our_duid, sizeof our_duid)};
    file_state = BOOT_FILE_READABLE;
    return 0;
}

static void add(enum boot_list list, const char *line)
{
    CHECK(boot_rules_add(&rules, list, line, &problem), "%s", problem.text);
}

static const char *explain(struct span datagram)
{
    question.datagram = datagram;
    boot_decide(&question, &decision);
    return boot_explain(&question, &decision, text, sizeof text);
}

static const char *explain_ask(const struct ask *ask)
{
    return explain(guard_span(ask->bytes, ask->size));
}

static void test_texts(void **state)
{
    struct ask ask;

    (void)state;
    add(BOOT_LIST_RULES, "x64 = boot/bootx64.efi option 252=\\Boot\\BCD option 150=10.0.0.9 option 211=5");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(
        explain_ask(&ask),
        "asks: DHCPDISCOVER by 52:54:00:12:34:56 4c4c4544-0042-3510-8052-b4c04f4e3332, x64 UEFI (architecture "
        "7), on 10.77.0.2:67\n"
        "class: PXEClient:Arch:00007:UNDI:003000\n"
        "rule: PxeBoot 1: x64 = boot/bootx64.efi option 252=\\Boot\\BCD option 150=10.0.0.9 option 211=5\n"
        "would load: boot/bootx64.efi\n"
        "answered: it was offered a boot file\n"
        "reply: 310 bytes to 255.255.255.255:68, a broadcast\n"
        "  next server: 10.77.0.2\n"
        "  file: boot/bootx64.efi\n"
        "  option 53, message: 02\n"
        "  option 54, server: 10.77.0.2\n"
        "  option 60, class: PXEClient\n"
        "  option 97, GUID: 00 44 45 4c 4c 42 00 10 35 80 52 b4 c0 4f 4e 33 32\n"
        "  option 43, PXE: 06 01 08 ff\n"
        "  option 252, BCD: \\Boot\\BCD\n"
        "  option 150, TFTP server: 10.0.0.9\n"
        "  option 211, reboot time: 00 00 00 05\n");
    /* A line is told whole, however long it is. */
    static char line[1000];
    snprintf(line, sizeof line, "x64 = a.efi %900s", "style binl");
    rules.rule_count = 0;
    add(BOOT_LIST_RULES, line);
    assert_non_null(strstr(explain_ask(&ask), line));
    /* Up to 1,023 bytes. */
    static char longer[2000];
    snprintf(longer, sizeof longer, "x64 = a.efi %1900s", "style binl");
    rules.rule_count = 0;
    add(BOOT_LIST_RULES, longer);
    const char *rule = strstr(explain_ask(&ask), "PxeBoot");
    assert_int_equal(strcspn(rule, "\n"), 1023);
    ask_dhcp(&ask, ASK_IPXE_X64, 1);
    ask_address(&ask, DHCP4_GIADDR, 10, 88, 0, 1);
    ask_add(&ask, 82, "\1\4eth1\2\3a\nc", 11);
    add(BOOT_LIST_RELAYS, "10.88.0.1");
    add(BOOT_LIST_HOSTS, "525400* = answer");
    assert_string_equal(explain_ask(&ask),
                        "asks: DHCPDISCOVER by 52:54:00:12:34:56 4c4c4544-0042-3510-8052-b4c04f4e3332, iPXE, on "
                        "10.77.0.2:67\n"
                        "relay: 10.88.0.1\n"
                        "relay's circuit: eth1\n"
                        "relay's remote: a?c\n"
                        "class: PXEClient:Arch:00007:UNDI:003010\n"
                        "user class: iPXE\n"
                        "host: PxeHosts 1: 525400* = answer\n"
                        "not answered: iPXE asks, and no rule is for iPXE; its own binary would only start it again\n"
                        "to do: Add a line to PxeBoot, as in \"ipxe = boot.ipxe\".\n");
    add(BOOT_LIST_BOOTP, "08:00:20:01:02:03 = 10.77.0.50 router 10.77.0.1 dns 10.77.0.3 name sun domain a.b root /e");
    ask_bootp(&ask, (const uint8_t[]){8, 0, 0x20, 1, 2, 3}, true);
    ask_address(&ask, DHCP4_CIADDR, 10, 77, 0, 50);
    assert_string_equal(
        explain_ask(&ask),
        "asks: BOOTP request by 08:00:20:01:02:03, a machine without architecture, on 10.77.0.2:67\n"
        "host: BootpHosts 1: 08:00:20:01:02:03 = 10.77.0.50 router 10.77.0.1 dns 10.77.0.3 name sun domain a.b "
        "root /e\n"
        "answered: BootpHosts has its address\n"
        "reply: 300 bytes to 10.77.0.50:68\n"
        "  client's address: 10.77.0.50\n"
        "  your address: 10.77.0.50\n"
        "  next server: 10.77.0.2\n"
        "  option 1, mask: 255.255.255.0\n"
        "  option 3, router: 10.77.0.1\n"
        "  option 6, name server: 10.77.0.3\n"
        "  option 12, host name: sun\n"
        "  option 15, domain: a.b\n"
        "  option 17, root path: /e\n");
    memset(ask.bytes + DHCP4_COOKIE, 0, 4);
    assert_non_null(strstr(explain_ask(&ask), "  next server: 10.77.0.2\n"));
    assert_null(strstr(text, "option"));
    ask.size = 20;
    assert_string_equal(explain_ask(&ask), "asks: 20 bytes that are no request, on 10.77.0.2:67\n"
                                           "not answered: the packet is not one of BOOTP, DHCP or DHCPv6\n");
    static const char *const names[] = {NULL,      "DHCPDISCOVER", "DHCPOFFER",   "DHCPREQUEST", "DHCPDECLINE",
                                        "DHCPACK", "DHCPNAK",      "DHCPRELEASE", "DHCPINFORM"};
    for (uint8_t message = 1; message < 78; message++) {
        char start[64];
        snprintf(start, sizeof start, "asks: %s by ",
                 message < COUNT_OF(names) ? names[message] : "message of another kind");
        ask_dhcp(&ask, ASK_EDK2_X64, message);
        CHECK(strncmp(explain_ask(&ask), start, strlen(start)) == 0, "message %u: %s", message, text);
    }
}

/* PXE.md 6.1 rule 19: what the network says cannot fake a line, and is cut at 64 bytes. */
static void test_rule_19_texts_of_strangers(void **state)
{
    struct ask ask;

    (void)state;
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\1", 1);
    ask_text(&ask, 60, "PXEClient\nanswered: yes\x1b[2J\xe2\x80\xae 0123456789012345678901234567890123456789");
    ask_option(&ask, 77, "\4iPXE\0\xff", 7);
    ask_end(&ask, 0);
    assert_non_null(
        strstr(explain_ask(&ask), "class: PXEClient?answered: yes?[2J??? 012345678901234567890123456789012\n"));
    assert_non_null(strstr(text, "user class: ?iPXE??\n"));
}

static void test_dhcp6(void **state)
{
    uint8_t bytes[BOOT_EXPLAIN_REQUEST_MAX];
    struct boot_explain_machine machine = {.guid = "4c4c4544-0042-3510-8052-b4c04f4e3332", .machine = "x64"};

    (void)state;
    assert_true(endpoint_parse_address(&question.arrival.address, span_of_text("fd77::2")));
    assert_true(endpoint_parse_address(&question.arrival.source, span_of_text("fe80::9%3")));
    question.arrival.address.port = 547;
    question.arrival.source.port = 546;
    add(BOOT_LIST_RULES, "x64 = a.efi");
    size_t size = boot_explain_encode6(&machine, question.arrival.server_duid, bytes, &problem);
    uint8_t expected[BOOT_EXPLAIN_REQUEST_MAX];
    /* Identifier, class, architecture: as EDK2 writes them. */
    assert_int_equal(size, ask_hex("01 7f0000 0001 0012 0004 44454c4c420010358052b4c04f4e3332"
                                   "0010 0026 00000157 0020"
                                   "505845436c69656e743a417263683a30303030373a554e44493a303033303030"
                                   "003d 0002 0007",
                                   expected, sizeof expected));
    assert_memory_equal(bytes, expected, size);
    assert_string_equal(
        explain(guard_span(bytes, size)),
        "asks: SOLICIT by 4c4c4544-0042-3510-8052-b4c04f4e3332, x64 UEFI (architecture 7), on [fd77::2]:547\n"
        "class: PXEClient:Arch:00007:UNDI:003000\n"
        "rule: PxeBoot 1: x64 = a.efi\n"
        "would load: a.efi\n"
        "answered: it was offered a boot file\n"
        "reply: 93 bytes to [fe80::9%3]:546\n"
        "  message: ADVERTISE\n"
        "  URL: tftp://[fd77::2]/a.efi\n");
    rules.rules[0].style = BOOT_STYLE_BINL;
    explain(guard_span(bytes, size));
    assert_non_null(strstr(text, "  no URL: the client asks again on port 4011\n"));
    machine.is_on_pxe_port = true;
    size = boot_explain_encode6(&machine, question.arrival.server_duid, bytes, &problem);
    question.arrival.address.port = 4011;
    question.arrival.source.port = 4011;
    explain(guard_span(bytes, size));
    assert_non_null(strstr(text, "asks: REQUEST by "));
    assert_non_null(strstr(text, "  message: REPLY\n"));
    /* Messages of DHCPv6 by their names. */
    static const char *const names[] = {
        [1] = "SOLICIT", [2] = "ADVERTISE", [3] = "REQUEST", [7] = "REPLY", [11] = "INFORMATION-REQUEST", [14] = NULL};
    for (uint8_t message = 1; message < COUNT_OF(names); message++) {
        char start[64];
        if (message == 12)
            continue; /* a relay's */
        bytes[0] = message;
        explain(guard_span(bytes, size));
        snprintf(start, sizeof start, "asks: %s by ",
                 names[message] != NULL ? names[message] : "message of another kind");
        CHECK(message == 13 || strncmp(text, start, strlen(start)) == 0, "message %u: %s", message, text);
    }
    machine = (struct boot_explain_machine){.mac = "52:54:00:12:34:56", .machine = "ipxe"};
    strcpy(problem.text, "of before");
    size = boot_explain_encode6(&machine, question.arrival.server_duid, bytes, &problem);
    assert_int_equal(size, ask_hex("01 7f0000 0001 000a 0003 0001 525400123456"
                                   "0010 0026 00000157 0020"
                                   "505845436c69656e743a417263683a30303030303a554e44493a303033303030"
                                   "003d 0002 0000 000f 0006 0004 69505845",
                                   expected, sizeof expected));
    assert_memory_equal(bytes, expected, size);
    assert_string_equal(problem.text, "");
    question.arrival.address.port = 547;
    explain(guard_span(bytes, size));
    assert_non_null(strstr(text, "by 52:54:00:12:34:56, iPXE, on"));
    assert_non_null(strstr(text, "not answered: iPXE asks"));
    explain(span_of(bytes, 3));
    assert_non_null(strstr(text, "asks: 3 bytes that are no request"));
    /* Behind a relay. */
    uint8_t relayed[BOOT_EXPLAIN_REQUEST_MAX] = {12, 0, 0xfd, 0x88};
    machine.machine = "x64";
    size = boot_explain_encode6(&machine, question.arrival.server_duid, bytes, &problem);
    write_u16(relayed + 34, 9);
    write_u16(relayed + 36, (uint16_t)size);
    memcpy(relayed + 38, bytes, size);
    add(BOOT_LIST_RELAYS, "fe80::9");
    explain(guard_span(relayed, 38 + size));
    assert_non_null(strstr(text, "relay: fe80::9%3\n"));
    assert_non_null(strstr(text, "  for a relay\n  message: ADVERTISE\n"));
    static const struct boot_explain_machine bad[] = {
        {.mac = "525400123456", .relay = "10.0.0.1"}, {.mac = "525400123456", .is_bootp = true}, {.mac = "5254"}};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        CHECK(boot_explain_encode6(&bad[i], question.arrival.server_duid, bytes, &problem) == 0 && problem.text[0] != 0,
              "row %u", (unsigned)i);
    }
}

/* What it makes up for a machine is decided as what that machine sends. */
static void test_made_up_requests(void **state)
{
    static const struct {
        enum ask_client client;
        const char *mac;
        const char *machine;
    } rows[] = {
        {ASK_EDK2_X64, "52:54:00:12:34:56", "x64"},  {ASK_EDK2_ARM64, "52:54:00:12:34:56", "arm64"},
        {ASK_EDK2_IA32, "52:54:00:12:34:56", "6"},   {ASK_EDK2_HTTP, "52:54:00:12:34:56", "x64-http"},
        {ASK_IPXE_X64, "52:54:00:12:34:56", "ipxe"}, {ASK_INTEL, "52:54:00:12:34:56", "bios"},
        {ASK_INTEL, "52:54:00:12:34:56", NULL},      {ASK_RASPBERRY_PI, "dc:a6:32:01:02:03", "rpi"},
    };
    static const struct endpoint nobody = {.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 77, 0, 100}};
    uint8_t bytes[BOOT_EXPLAIN_REQUEST_MAX];
    struct ask ask;

    (void)state;
    add(BOOT_LIST_RULES, "x64 = x64.efi");
    add(BOOT_LIST_RULES, "arm64 = arm64.efi style binl");
    add(BOOT_LIST_RULES, "ia32 = ia32.efi");
    add(BOOT_LIST_RULES, "x64-http = http://a/b");
    add(BOOT_LIST_RULES, "ipxe = a.ipxe");
    add(BOOT_LIST_RULES, "bios = pxelinux.0");
    add(BOOT_LIST_RULES, "rpi = bootcode.bin");
    for (size_t i = 0; i < 2 * COUNT_OF(rows); i++) {
        bool is_4011 = i % 2 == 1;
        struct boot_explain_machine machine = {.mac = rows[i / 2].mac,
                                               .machine = rows[i / 2].machine,
                                               .guid = "4c4c4544-0042-3510-8052-b4c04f4e3332",
                                               .is_on_pxe_port = is_4011};
        question.arrival.address.port = is_4011 ? 4011 : 67;
        question.arrival.source = endpoint_ipv4(10, 77, 0, 100, 68);
        if (is_4011)
            ask_4011(&ask, rows[i / 2].client);
        else
            ask_dhcp(&ask, rows[i / 2].client, 1);
        explain_ask(&ask);
        static struct boot_decision real;
        real = decision;
        size_t size = boot_explain_encode(&machine, &nobody, bytes, &problem);
        CHECK(size >= 300, "%s", problem.text);
        explain(guard_span(bytes, size));
        CHECK(decision.reason == real.reason && strcmp(decision.file, real.file) == 0 &&
                  decision.choice.rule == real.choice.rule,
              "row %u: %s, and not %s", (unsigned)i, boot_reason_name(decision.reason), boot_reason_name(real.reason));
        /* The replies differ in what is copied: xid and flags. */
        memcpy(decision.reply.bytes + DHCP4_XID, real.reply.bytes + DHCP4_XID, 4);
        memcpy(decision.reply.bytes + DHCP4_FLAGS, real.reply.bytes + DHCP4_FLAGS, 2);
        assert_int_equal(decision.reply.size, real.reply.size);
        assert_memory_equal(decision.reply.bytes, real.reply.bytes, real.reply.size);
    }
    struct boot_explain_machine bootp = {.mac = "08:00:20:01:02:03", .is_bootp = true, .relay = "10.88.0.1"};
    question.arrival.address.port = 67;
    explain(guard_span(bytes, boot_explain_encode(&bootp, &nobody, bytes, &problem)));
    assert_int_equal(decision.reason, BOOT_RELAY_REFUSED);
    assert_int_equal(decision.protocol, BOOT_BY_BOOTP);
    /* What is not said is not there: 53, 60, 93 and the END. */
    struct boot_explain_machine plain = {.mac = "08:00:20:01:02:03", .machine = "x64"};
    uint8_t expected[BOOT_EXPLAIN_REQUEST_MAX];
    boot_explain_encode(&plain, &nobody, bytes, &problem);
    size_t length = ask_hex("35 01 01 3c 20 505845436c69656e743a417263683a30303030373a554e44493a303033303030"
                            "5d 02 0007 ff 00",
                            expected, sizeof expected);
    assert_memory_equal(bytes + DHCP4_OPTIONS, expected, length);
    struct boot_explain_machine bare = {.mac = "08:00:20:01:02:03", .machine = "arm64", .class_id = "PXEClient"};
    explain(guard_span(bytes, boot_explain_encode(&bare, &nobody, bytes, &problem)));
    assert_int_equal(decision.machine.architectures[0], 11);
    assert_int_equal(decision.reason, BOOT_OFFERED);
    struct boot_explain_machine classes = {.mac = "08:00:20:01:02:03", .class_id = "MSFT 5.0", .user_class = "iPXE"};
    explain(guard_span(bytes, boot_explain_encode(&classes, &nobody, bytes, &problem)));
    assert_int_equal(decision.reason, BOOT_NOT_PXE);
    assert_true(decision.machine.is_ipxe);
}

static void test_complaints(void **state)
{
    static const struct {
        struct boot_explain_machine machine;
        const char *says;
    } rows[] = {
        {{.machine = "x64"}, "whose request is it?"},
        {{.mac = "5254"}, "\"5254\" is no MAC"},
        {{.mac = "525400*"}, "is no MAC"},
        {{.mac = "4c4c4544-0042-3510-8052-b4c04f4e3332"}, "is no MAC"},
        {{.guid = "525400123456"}, "is no GUID"},
        {{.guid = "x"}, "is no GUID"},
        {{.mac = "525400123456", .machine = "x46"}, "\"x46\" is no machine"},
        {{.mac = "525400123456", .machine = "any"}, "\"any\" is no machine"},
        {{.guid = "4c4c4544-0042-3510-8052-b4c04f4e3332", .machine = "rpi"}, "known by its MAC"},
        {{.mac = "525400123456", .relay = "fd00::1"}, "is no IPv4 address"},
        {{.mac = "525400123456", .relay = "r"}, "is no IPv4 address"},
        {{.mac = "525400123456", .class_id = "01234567890123456789012345678901234567890123456789012345678901234"},
         "longer than 64 bytes"},
        {{.mac = "525400123456", .user_class = "01234567890123456789012345678901234567890123456789012345678901234"},
         "longer than 64 bytes"},
    };
    uint8_t bytes[BOOT_EXPLAIN_REQUEST_MAX];
    struct endpoint client = endpoint_ipv4(10, 77, 0, 100, 0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(boot_explain_encode(&rows[i].machine, &client, bytes, &problem) == 0, "row %u", (unsigned)i);
        CHECK(strstr(problem.text, rows[i].says) != NULL, "row %u: %s", (unsigned)i, problem.text);
    }
    static const struct boot_explain_machine longest = {
        .mac = "525400123456",
        .class_id = "0123456789012345678901234567890123456789012345678901234567890123",
        .user_class = "0123456789012345678901234567890123456789012345678901234567890123"};
    strcpy(problem.text, "of before");
    assert_int_equal(boot_explain_encode(&longest, &client, bytes, &problem), DHCP4_OPTIONS + 3 + 66 + 4 + 66 + 1);
    assert_string_equal(problem.text, "");
}

static void test_bytes_and_little_room(void **state)
{
    char small[64];
    uint8_t bytes[18];
    struct ask ask;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 15);
    assert_string_equal(boot_explain_bytes(span_of(bytes, sizeof bytes), text, sizeof text),
                        "0000  00 0f 1e 2d 3c 4b 5a 69 78 87 96 a5 b4 c3 d2 e1\n0010  f0 ff\n");
    assert_string_equal(boot_explain_bytes(span_of(bytes, 0), text, sizeof text), "");
    assert_string_equal(boot_explain_bytes(span_of(bytes, sizeof bytes), small, 10), "0000  00 ");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    explain_ask(&ask);
    for (size_t size = 1; size <= sizeof small; size++) {
        boot_explain(&question, &decision, small, size);
        assert_int_equal(strlen(small), size - 1);
        assert_memory_equal(small, text, size - 1);
    }
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_texts, set_up),
        cmocka_unit_test_setup(test_rule_19_texts_of_strangers, set_up),
        cmocka_unit_test_setup(test_dhcp6, set_up),
        cmocka_unit_test_setup(test_made_up_requests, set_up),
        cmocka_unit_test_setup(test_complaints, set_up),
        cmocka_unit_test_setup(test_bytes_and_little_room, set_up),
    };

    return cmocka_run_group_tests_name("boot explain", tests, NULL, NULL);
}
