/*
 * Booting by DHCPv6 (RFC 5970; PXE.md 1.4, 6.1 rule 17): what EDK2 sends, and what it takes. We are fd77::2, and fe80::2 on the
 * link.
 */
#include "unit.h"

#include "boot_wire.h"
#include "core/boot/decide.h"
#include "core/dhcp/advert6.h"
#include "guard.h"

#include <stdio.h>

static struct boot_rules rules;
static struct boot_marks marks;
static struct boot_problem problem;
static struct boot_question question;
static struct boot_decision decision;
static enum boot_file_state file_state;
static char looked_for[256];

static const uint8_t our_duid[] = {0, 4, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};

/* EDK2's DUID, its GUID as it is on the wire. */
#define CLIENT  "0001 0012 0004 44454c4c420010358052b4c04f4e3332"
#define OURS    "0002 0012 0004 09090909090909090909090909090909"
#define OTHERS  "0002 0004 0003 0001"
#define ANOTHER "0002 0012 0004 09090909090909090909090909090908"
#define REST    "0008 0002 0000 0006 0008 003b 003c 0017 0018"
#define IA      "0003 000c 00000001 00000000 00000000"
/* 343, "PXEClient:Arch:00007:UNDI:003000" and the same of HTTP. */
#define PXE_CLASS        "0010 0026 00000157 0020 505845436c69656e743a417263683a30303030373a554e44493a303033303030"
#define HTTP_CLASS       "0010 0027 00000157 0021 48545450436c69656e743a417263683a30303031363a554e44493a303033303030"
#define X64              "003d 0002 0007 003e 0003 010300"
#define X64_HTTP         "003d 0002 0010 003e 0003 010300"
#define PXE_REPLY_CLASS  "0010 000f 00000157 0009 505845436c69656e74"
#define HTTP_REPLY_CLASS "0010 0010 00000157 000a 48545450436c69656e74"
/* tftp://[fd77::2]/x64.efi */
#define URL "003b 0018 746674703a2f2f5b666437373a3a325d2f7836342e656669"

static enum boot_file_state look(void *context, const char *file, const struct endpoint *client)
{
    char text[ENDPOINT_TEXT_MAX] = "nobody";

    (void)context;
    if (client != NULL)
        endpoint_address_text(client, text);
    snprintf(looked_for, sizeof looked_for, "%s for %s", file, text);
    return file_state;
}

static struct endpoint address(const char *text, uint16_t port)
{
    struct endpoint endpoint;

    CHECK(endpoint_parse_address(&endpoint, span_of_text(text)), "%s", text);
    endpoint.port = port;
    return endpoint;
}

static int set_up(void **state)
{
    (void)state;
    boot_rules_init(&rules);
    rules.is_pxe_on = true;
    question = (struct boot_question){.rules = &rules, .marks = &marks, .files = {look, NULL}, .now_ms = 1};
    question.arrival = (struct boot_arrival){.address = address("fd77::2", 547),
                                             .source = address("fe80::5054:ff:fe12:3456%3", 546),
                                             .prefix_bits = 64,
                                             .is_client = true,
                                             .server_duid = span_of(our_duid, sizeof our_duid)};
    file_state = BOOT_FILE_READABLE;
    looked_for[0] = 0;
    return 0;
}

static void boot(const char *line)
{
    CHECK(boot_rules_add(&rules, BOOT_LIST_RULES, line, &problem), "%s", problem.text);
}

static const char *decide(const char *hex)
{
    uint8_t bytes[1200];

    question.datagram = guard_span(bytes, ask_hex(hex, bytes, sizeof bytes));
    boot_decide(&question, &decision);
    return boot_reason_name(decision.reason);
}

static const char *to(void)
{
    static char text[ENDPOINT_TEXT_MAX];

    return endpoint_text(&decision.reply.to, text);
}

static void assert_reply(const char *hex)
{
    uint8_t bytes[1024];
    size_t size = ask_hex(hex, bytes, sizeof bytes);

    CHECK(decision.reply.size == size, "%u bytes, and not %u: %s", (unsigned)decision.reply.size, (unsigned)size,
          boot_reason_name(decision.reason));
    for (size_t i = 0; i < size; i++)
        CHECK(decision.reply.bytes[i] == bytes[i], "byte %u is %02x, and not %02x", (unsigned)i,
              decision.reply.bytes[i], bytes[i]);
}

#define SOLICIT "01 0a0b0c" CLIENT REST IA
#define REQUEST "03 0a0b0d" CLIENT OURS REST PXE_CLASS X64

/* PXE.md 1.4, as measured with OVMF: SOLICIT, ADVERTISE, REQUEST to 4011, REPLY. */
static void test_edk2(void **state)
{
    (void)state;
    boot("x64 = x64.efi");
    assert_string_equal(decide(SOLICIT PXE_CLASS X64), "OFFERED");
    assert_reply("02 0a0b0c" CLIENT OURS PXE_REPLY_CLASS URL);
    assert_string_equal(to(), "[fe80::5054:ff:fe12:3456%3]:546");
    assert_string_equal(looked_for, "x64.efi for nobody");
    assert_int_equal(decision.protocol, BOOT_BY_DHCP6);
    assert_int_equal(decision.message, 1);
    char name[IDENTITY_TEXT_MAX];
    assert_string_equal(identity_text(&decision.machine.identity, name), "4c4c4544-0042-3510-8052-b4c04f4e3332");
    question.arrival.address.port = 4011;
    question.arrival.source.port = 4011;
    assert_string_equal(decide(REQUEST), "ACKNOWLEDGED");
    assert_reply("07 0a0b0d" CLIENT OURS PXE_REPLY_CLASS URL);
    assert_string_equal(to(), "[fe80::5054:ff:fe12:3456%3]:4011");
    assert_string_equal(looked_for, "x64.efi for nobody");
    question.arrival.source = address("fd77::100", 4011);
    assert_string_equal(decide(REQUEST), "ACKNOWLEDGED");
    assert_string_equal(looked_for, "x64.efi for fd77::100");
    question.arrival.is_client = false;
    assert_string_equal(decide(REQUEST), "NOT_A_CLIENT");
    question.arrival.source.port = 547;
    assert_string_equal(decide(REQUEST), "SOURCE_IMPOSSIBLE");
}

/* Whose address says nothing of the network is where we are. */
static void test_the_place_of_a_neighbour(void **state)
{
    (void)state;
    boot("x64 = near.efi on fd77::/16");
    assert_string_equal(decide(SOLICIT PXE_CLASS X64), "OFFERED");
    question.arrival.address.port = 4011;
    question.arrival.source.port = 4011;
    assert_string_equal(decide(REQUEST), "ACKNOWLEDGED");
    question.arrival.source = address("fd78::100", 4011);
    assert_string_equal(decide(REQUEST), "NO_RULE");
}

/* Who is named by the URL of an ADVERTISE is asked on 4011: only we know the answer there. */
static void test_without_a_url_the_client_asks_again(void **state)
{
    (void)state;
    boot("x64 = x64.efi style binl");
    assert_string_equal(decide(SOLICIT PXE_CLASS X64), "OFFERED");
    assert_reply("02 0a0b0c" CLIENT OURS PXE_REPLY_CLASS);
    rules.rule_count = 0;
    boot("x64 = \\a\\b\\x64.efi server fd77::9");
    file_state = BOOT_FILE_ABSENT; /* another server's files are its own */
    looked_for[0] = 0;
    assert_string_equal(decide(SOLICIT PXE_CLASS X64), "OFFERED");
    assert_reply("02 0a0b0c" CLIENT OURS PXE_REPLY_CLASS);
    question.arrival.address.port = 4011;
    question.arrival.source.port = 4011;
    assert_string_equal(decide(REQUEST), "ACKNOWLEDGED");
    /* tftp://[fd77::9]/a/b/x64.efi */
    assert_reply("07 0a0b0d" CLIENT OURS PXE_REPLY_CLASS
                 "003b 001c 746674703a2f2f5b666437373a3a395d2f612f622f7836342e656669");
    assert_string_equal(looked_for, "");
}

static void test_http(void **state)
{
    (void)state;
    boot("x64 = x64.efi");
    assert_string_equal(decide(SOLICIT HTTP_CLASS X64_HTTP), "NO_RULE");
    boot("x64-http = http://a/b");
    assert_string_equal(decide(SOLICIT HTTP_CLASS X64_HTTP), "OFFERED");
    assert_reply("02 0a0b0c" CLIENT OURS HTTP_REPLY_CLASS "003b 000a 687474703a2f2f612f62");
    question.arrival.address.port = 4011;
    assert_string_equal(decide("03 0a0b0d" CLIENT OURS HTTP_CLASS X64_HTTP), "NOT_PXE");
}

/* docs/attack-surface.md, "Boot replies": what the smallest request draws at most, headers of IPv6 and UDP counted. */
static void test_what_forging_gains(void **state)
{
    enum { HEADERS = 48, TENTHS_MAX = 46 };
    /* INFORMATION-REQUEST with "HTTPClient" and 16: no request is shorter. */
    static const char smallest[] = "0b 0a0b0c 0010 0010 00000157 000a 48545450436c69656e74 003d 0002 0010";
    char line[BOOT_URL_MAX + 32];

    (void)state;
    int used = snprintf(line, sizeof line, "x64-http = http://a/");
    memset(line + used, 'b', BOOT_URL_MAX - sizeof "http://a/" + 1);
    line[used + BOOT_URL_MAX - (int)sizeof "http://a/" + 1] = 0;
    boot(line);
    assert_string_equal(decide(smallest), "ACKNOWLEDGED");
    assert_int_equal(decision.reply.size, 304);
    assert_true(10 * (decision.reply.size + HEADERS) <= TENTHS_MAX * (question.datagram.size + HEADERS));
}

static void test_ipxe_and_silences(void **state)
{
    (void)state;
    boot("any = x64.efi");
    assert_string_equal(decide(SOLICIT PXE_CLASS X64 "000f 0006 0004 69505845"), "NO_RULE_FOR_IPXE");
    boot("ipxe = http://a/b");
    assert_string_equal(decide(SOLICIT PXE_CLASS X64 "000f 0006 0004 69505845"), "OFFERED");
    assert_reply("02 0a0b0c" CLIENT OURS PXE_REPLY_CLASS);
    file_state = BOOT_FILE_ABSENT;
    assert_string_equal(decide(SOLICIT PXE_CLASS X64), "FILE_MISSING");
    rules.rule_count = 0;
    boot("any = local");
    assert_string_equal(decide(SOLICIT PXE_CLASS X64), "LOCAL_BY_SILENCE");
    rules.is_pxe_on = false;
    assert_string_equal(decide(SOLICIT PXE_CLASS X64), "PXE_OFF");
}

/* PXE.md 6.1 rule 17: firmware that wants an address only has neither 16 nor 61. */
static void test_rule_17_what_is_not_ours(void **state)
{
    static const struct {
        uint16_t port;
        const char *hex;
        const char *reason;
    } rows[] = {
        {547, SOLICIT, "NOT_PXE"},
        {547, SOLICIT PXE_CLASS, "NOT_PXE"},
        {547, SOLICIT X64, "NOT_PXE"},
        {547, SOLICIT PXE_CLASS "003d 0001 00", "NOT_PXE"},
        {547, SOLICIT "0010 0026 00000137 0020 505845436c69656e743a417263683a30303030373a554e44493a303033303030" X64,
         "NOT_PXE"},
        {547, SOLICIT "0010 0004 00000137" PXE_CLASS X64, "OFFERED"},
        {547, SOLICIT OURS PXE_CLASS X64, "OTHER_MESSAGE"},
        {547, SOLICIT OTHERS PXE_CLASS X64, "OTHER_SERVER"},
        {547, REQUEST, "OTHER_MESSAGE"},
        {547, "03 0a0b0d" CLIENT OTHERS PXE_CLASS X64, "OTHER_SERVER"},
        {4011, SOLICIT PXE_CLASS X64, "OTHER_MESSAGE"},
        {4011, "03 0a0b0d" CLIENT OURS PXE_CLASS X64, "ACKNOWLEDGED"},
        {4011, "03 0a0b0d" CLIENT PXE_CLASS X64, "OTHER_SERVER"},
        {4011, "0b 0a0b0d" PXE_CLASS X64, "OTHER_MESSAGE"},
        {4011, "0b 0a0b0d" CLIENT OURS PXE_CLASS X64, "OTHER_MESSAGE"},
        {4011, "03 0a0b0d" CLIENT OTHERS PXE_CLASS X64, "OTHER_SERVER"},
        {4011, "03 0a0b0d" CLIENT ANOTHER PXE_CLASS X64, "OTHER_SERVER"},
        {547, "08 0a0b0d" CLIENT PXE_CLASS X64, "OTHER_MESSAGE"},
        {547, "02 0a0b0d" CLIENT PXE_CLASS X64, "NOT_A_REQUEST"},
        {547, "07 0a0b0d" CLIENT PXE_CLASS X64, "NOT_A_REQUEST"},
        {547, "0d 000000", "NOT_A_REQUEST"},
        {547, "01 0a0b0c" PXE_CLASS X64, "MALFORMED"},
        {547, "0b 0a0b0c" PXE_CLASS X64, "ACKNOWLEDGED"},
        {547, "0b 0a0b0c" CLIENT PXE_CLASS X64, "ACKNOWLEDGED"},
    };

    (void)state;
    boot("x64 = x64.efi");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        question.arrival.address.port = rows[i].port;
        CHECK(strcmp(decide(rows[i].hex), rows[i].reason) == 0, "row %u: %s", (unsigned)i,
              boot_reason_name(decision.reason));
    }
    /* INFORMATION-REQUEST may have no identifier of its client. */
    decide("0b 0a0b0c" PXE_CLASS X64);
    assert_reply("07 0a0b0c" OURS PXE_REPLY_CLASS URL);
}

static void test_malformed(void **state)
{
    static const char *const rows[] = {
        "",
        "0c",
        "01 0a0b",
        SOLICIT PXE_CLASS "003d 00",
        SOLICIT PXE_CLASS "003d 0003 0007",
        SOLICIT "0010 0003 000001" X64,
        SOLICIT "0010 0005 00000157 00" X64,
        SOLICIT "0010 0008 00000157 0003 5058" X64,
        "0c 00 fd880000000000000000000000000001 fe80000000000000505400fffe1234",
        "0c 00 fd880000000000000000000000000001 fe80000000000000505400fffe123456",
        "0c 00 fd880000000000000000000000000001 fe80000000000000505400fffe123456 0009 0003 010a0b",
        "0c 00 fd880000000000000000000000000001 fe80000000000000505400fffe123456 0009 0005 010a0b0c",
        "0c 00 fd880000000000000000000000000001 fe80000000000000505400fffe123456 0009 0073" SOLICIT PXE_CLASS X64
        "0012",
    };

    (void)state;
    boot("x64 = x64.efi");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(strcmp(decide(rows[i]), "MALFORMED") == 0, "row %u: %s", (unsigned)i, boot_reason_name(decision.reason));
        assert_int_equal(decision.reply.size, 0);
    }
    /* A DUID has 130 bytes at most. */
    char hex[1024];
    for (int n = 130; n <= 131; n++) {
        int used = snprintf(hex, sizeof hex, "01 0a0b0c 0001 %04x", (unsigned)n);
        for (int i = 0; i < n; i++)
            used += snprintf(hex + used, sizeof hex - (size_t)used, "07");
        snprintf(hex + used, sizeof hex - (size_t)used, "%s%s", PXE_CLASS, X64);
        assert_string_equal(decide(hex), n == 130 ? "OFFERED" : "MALFORMED");
        used = snprintf(hex, sizeof hex, "01 0a0b0c %s 0002 %04x", CLIENT, (unsigned)n);
        for (int i = 0; i < n; i++)
            used += snprintf(hex + used, sizeof hex - (size_t)used, "07");
        snprintf(hex + used, sizeof hex - (size_t)used, "%s%s", PXE_CLASS, X64);
        assert_string_equal(decide(hex), n == 130 ? "OTHER_SERVER" : "MALFORMED");
    }
}

#define RELAY       "0c 01 fd880000000000000000000000000001 fe80000000000000505400fffe123456"
#define RELAY_REPLY "0d 01 fd880000000000000000000000000001 fe80000000000000505400fffe123456"

/* The inner message has 4 + 22 + 18 + 16 + 42 + 13 = 115 bytes. */
static void test_relays(void **state)
{
    static const char relayed[] = RELAY "0012 0004 65746831"
                                        "0009 0073" SOLICIT PXE_CLASS X64;
    static const char twice[] =
        "0c 02 00000000000000000000000000000000 fd990000000000000000000000000009 0009 00a1" RELAY "0012 0004 65746831"
        "0009 0073" SOLICIT PXE_CLASS X64;

    (void)state;
    boot("x64 = x64.efi on fd88::/16");
    question.arrival.source = address("fd99::1", 1547);
    assert_string_equal(decide(relayed), "RELAY_REFUSED");
    assert_true(boot_rules_add(&rules, BOOT_LIST_RELAYS, "fd99::/16", &problem));
    assert_string_equal(decide(relayed), "OFFERED");
    /* The answer has 4 + 22 + 22 + 19 + 28 = 95 bytes. */
    assert_reply(RELAY_REPLY "0012 0004 65746831"
                             "0009 005f"
                             "02 0a0b0c" CLIENT OURS PXE_REPLY_CLASS URL);
    assert_string_equal(to(), "[fd99::1]:547");
    char text[ENDPOINT_TEXT_MAX];
    assert_string_equal(endpoint_address_text(&decision.relay, text), "fd99::1");
    assert_string_equal(endpoint_text(&decision.client, text), "[fe80::5054:ff:fe12:3456]:0");
    assert_string_equal(decide(twice), "OFFERED");
    assert_reply("0d 02 00000000000000000000000000000000 fd990000000000000000000000000009 0009 008d" RELAY_REPLY
                 "0012 0004 65746831"
                 "0009 005f"
                 "02 0a0b0c" CLIENT OURS PXE_REPLY_CLASS URL);
    /* A relay that has no address for the link: we are what is near. */
    static const char no_link[] =
        "0c 00 00000000000000000000000000000000 fe80000000000000505400fffe123456 0009 0073" SOLICIT PXE_CLASS X64;
    assert_string_equal(decide(no_link), "NO_RULE");
    boot("x64 = near.efi on fd77::/16");
    assert_string_equal(decide(no_link), "OFFERED");
    assert_string_equal(decision.file, "near.efi");
    question.arrival.source = address("ff02::1", 547);
    assert_string_equal(decide(relayed), "RELAY_IMPOSSIBLE");
    question.arrival.source = address("fd77::2", 547);
    assert_string_equal(decide(relayed), "RELAY_IMPOSSIBLE");
    /* On 4011 clients come themselves. */
    question.arrival.address.port = 4011;
    assert_string_equal(decide(RELAY "0009 0051 03 0a0b0d" CLIENT PXE_CLASS X64), "OTHER_MESSAGE");
}

static void test_many_envelopes(void **state)
{
    enum { INNER = 115, ENVELOPE = 38 };
    char hex[4096];

    (void)state;
    boot("x64 = x64.efi");
    assert_true(boot_rules_add(&rules, BOOT_LIST_RELAYS, "::/0", &problem));
    question.arrival.source = address("fd99::1", 547);
    for (int relays = DHCP6_RELAYS_MAX; relays <= DHCP6_RELAYS_MAX + 1; relays++) {
        int used = 0;
        for (int i = relays; i > 0; i--)
            used += snprintf(hex + used, sizeof hex - (size_t)used, "%s 0009 %04x", RELAY,
                             (unsigned)(INNER + (i - 1) * ENVELOPE));
        snprintf(hex + used, sizeof hex - (size_t)used, "%s", SOLICIT PXE_CLASS X64);
        assert_string_equal(decide(hex), relays == DHCP6_RELAYS_MAX ? "OFFERED" : "MALFORMED");
    }
}

/* An interface-id may be as long as it likes, and the answer has to hold it. */
static void test_too_long(void **state)
{
    char hex[4096];

    (void)state;
    boot("x64 = x64.efi");
    assert_true(boot_rules_add(&rules, BOOT_LIST_RELAYS, "::/0", &problem));
    question.arrival.source = address("fd99::1", 547);
    /* 34 + 4 + n + 4 + 95 */
    for (int n = 887; n <= 888; n++) {
        int used = snprintf(hex, sizeof hex, "%s 0012 %04x", RELAY, (unsigned)n);
        for (int i = 0; i < n; i++)
            used += snprintf(hex + used, sizeof hex - (size_t)used, "42");
        snprintf(hex + used, sizeof hex - (size_t)used, "0009 0073 %s", SOLICIT PXE_CLASS X64);
        assert_string_equal(decide(hex), n == 887 ? "OFFERED" : "TOO_LONG");
        assert_int_equal(decision.reply.size, n == 887 ? BOOT_REPLY_MAX : 0);
    }
}

/* On 547 clients are neighbours. */
static void test_senders(void **state)
{
    (void)state;
    boot("x64 = x64.efi");
    question.arrival.source = address("fd77::100", 546);
    assert_string_equal(decide(SOLICIT PXE_CLASS X64), "SOURCE_IMPOSSIBLE");
    question.arrival.source = address("fd80::100", 546);
    assert_string_equal(decide(SOLICIT PXE_CLASS X64), "SOURCE_IMPOSSIBLE");
    question.arrival.source = address("fe80::1", 546);
    question.arrival.address = address("fe80::1", 547);
    assert_string_equal(decide(SOLICIT PXE_CLASS X64), "SOURCE_IMPOSSIBLE");
    question.arrival.address = address("fd77::2", 547);
    assert_true(boot_rules_add(&rules, BOOT_LIST_INTERFACES, "fd78::/16", &problem));
    assert_string_equal(decide(SOLICIT PXE_CLASS X64), "OTHER_INTERFACE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_edk2, set_up),
        cmocka_unit_test_setup(test_the_place_of_a_neighbour, set_up),
        cmocka_unit_test_setup(test_without_a_url_the_client_asks_again, set_up),
        cmocka_unit_test_setup(test_http, set_up),
        cmocka_unit_test_setup(test_what_forging_gains, set_up),
        cmocka_unit_test_setup(test_ipxe_and_silences, set_up),
        cmocka_unit_test_setup(test_rule_17_what_is_not_ours, set_up),
        cmocka_unit_test_setup(test_malformed, set_up),
        cmocka_unit_test_setup(test_relays, set_up),
        cmocka_unit_test_setup(test_many_envelopes, set_up),
        cmocka_unit_test_setup(test_too_long, set_up),
        cmocka_unit_test_setup(test_senders, set_up),
    };

    return cmocka_run_group_tests_name("dhcp6", tests, NULL, NULL);
}
