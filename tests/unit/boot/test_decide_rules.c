/*
 * The rules of PXE.md 6.1 and 6.2 and the quirks of 4.2, as far as the decision for DHCPv4 keeps them.
 */
#include "unit.h"

#include "boot_scene.h"

#include <stdio.h>

/* -- relays ---------------------------------------------------------------------------------------------------------- */

static void through_relay(struct ask *ask)
{
    ask_dhcp(ask, ASK_EDK2_X64, 1);
    ask->bytes[3] = 1;
    ask_address(ask, 24, 10, 88, 0, 1);
    ask_add(ask, 82, "\1\4eth1\2\3abc", 11);
    question.arrival.source = endpoint_ipv4(10, 77, 0, 254, 67); /* its other leg: PXE.md 2.5 */
}

/*
 * PXE.md 6.1 rules 10 and 11, facts 12: to giaddr:67, 82 byte for byte and last; to all, whatever the flag was, as the relay would
 * send it to yiaddr, which is none (RFC 1542 4.1.2).
 */
static void test_rule_11_relays(void **state)
{
    struct ask ask;

    (void)state;
    scene_boot("x64 = far.efi on 10.88.0.0/16");
    scene_boot("x64 = near.efi");
    through_relay(&ask);
    assert_string_equal(scene_decide(&ask), "RELAY_REFUSED");
    assert_int_equal(decision.reply.size, 0);
    scene_add(BOOT_LIST_RELAYS, "10.77.0.254"); /* giaddr counts, not the source */
    assert_string_equal(scene_decide(&ask), "RELAY_REFUSED");
    scene_add(BOOT_LIST_RELAYS, "10.88.0.0/24");
    assert_string_equal(scene_decide(&ask), "OFFERED");
    scene_check(&ask, &(struct expected){0x8000, false, "10.88.0.1", "10.77.0.2", "far.efi", OFFER GUID DIRECT,
                                         "520b 01046574683102 03616263"});
    assert_string_equal(scene_to(), "10.88.0.1:67");
    assert_false(decision.reply.is_broadcast);
    write_u16(ask.bytes + 10, 0);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    assert_int_equal(read_u16(decision.reply.bytes + 10), 0x8000);
    /* The client itself then comes to 4011, routed, from its own network. */
    ask_4011(&ask, ASK_EDK2_X64);
    scene_on_4011(4011);
    question.arrival.source = endpoint_ipv4(10, 88, 0, 100, 4011);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    assert_string_equal(decision.file, "far.efi");
    assert_string_equal(scene_to(), "10.88.0.100:4011");
}

/* PXE.md 6.2 rule 3: forged relays. */
static void test_relays_that_cannot_be(void **state)
{
    static const uint8_t addresses[][4] = {{10, 77, 0, 2},       {127, 0, 0, 1}, {224, 0, 0, 1},
                                           {255, 255, 255, 255}, {0, 0, 0, 1},   {240, 0, 0, 1}};
    struct ask ask;

    (void)state;
    scene_boot("x64 = a.efi");
    scene_add(BOOT_LIST_RELAYS, "0.0.0.0/0");
    through_relay(&ask);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        ask_address(&ask, 24, addresses[i][0], addresses[i][1], addresses[i][2], addresses[i][3]);
        CHECK(strcmp(scene_decide(&ask), "RELAY_IMPOSSIBLE") == 0, "row %u", (unsigned)i);
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
        {{10, 77, 0, 100}, 68, "ACKNOWLEDGED"},       {{10, 77, 0, 100}, 4011, "ACKNOWLEDGED"},
        {{10, 77, 0, 100}, 1024, "ACKNOWLEDGED"},     {{10, 77, 0, 100}, 1023, "SOURCE_IMPOSSIBLE"},
        {{10, 77, 0, 100}, 67, "SOURCE_IMPOSSIBLE"},  {{10, 77, 0, 100}, 69, "SOURCE_IMPOSSIBLE"},
        {{10, 77, 0, 100}, 546, "SOURCE_IMPOSSIBLE"}, {{10, 77, 0, 100}, 53, "SOURCE_IMPOSSIBLE"},
        {{10, 77, 0, 100}, 0, "SOURCE_IMPOSSIBLE"},   {{255, 255, 255, 255}, 68, "SOURCE_IMPOSSIBLE"},
        {{224, 0, 0, 1}, 68, "SOURCE_IMPOSSIBLE"},    {{127, 0, 0, 1}, 68, "SOURCE_IMPOSSIBLE"},
        {{0, 0, 0, 0}, 68, "SOURCE_IMPOSSIBLE"},      {{10, 77, 0, 2}, 4011, "SOURCE_IMPOSSIBLE"},
        {{10, 77, 0, 255}, 68, "SOURCE_IMPOSSIBLE"},  {{10, 77, 1, 255}, 68, "ACKNOWLEDGED"},
    };
    struct ask ask;

    (void)state;
    scene_boot("x64 = a.efi");
    ask_4011(&ask, ASK_EDK2_X64);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const uint8_t *a = rows[i].address;
        scene_on_4011(rows[i].port);
        question.arrival.source = endpoint_ipv4(a[0], a[1], a[2], a[3], rows[i].port);
        CHECK(strcmp(scene_decide(&ask), rows[i].reason) == 0, "row %u: %s", (unsigned)i,
              boot_reason_name(decision.reason));
    }
    scene_on_4011(68);
    question.arrival.is_client = false;
    assert_string_equal(scene_decide(&ask), "NOT_A_CLIENT");
}

/* Who has no relay is on the link: else anybody far away could have us fill it with broadcasts. */
static void test_sources_on_67(void **state)
{
    struct ask ask, bootp;

    (void)state;
    scene_boot("x64 = a.efi");
    rules.is_bootp_on = true;
    scene_add(BOOT_LIST_BOOTP, "52:54:00:12:34:56 = 10.77.0.50");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    ask_bootp(&bootp, ask_mac, true);
    question.arrival.source = endpoint_ipv4(10, 77, 0, 100, 68);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    assert_string_equal(scene_decide(&bootp), "GIVEN_ADDRESS");
    question.arrival.source = endpoint_ipv4(10, 78, 0, 100, 68);
    assert_string_equal(scene_decide(&ask), "SOURCE_IMPOSSIBLE");
    assert_string_equal(scene_decide(&bootp), "SOURCE_IMPOSSIBLE");
}

static void test_interfaces(void **state)
{
    struct ask ask;

    (void)state;
    scene_boot("x64 = a.efi");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    scene_add(BOOT_LIST_INTERFACES, "10.78.0.0/24");
    assert_string_equal(scene_decide(&ask), "OTHER_INTERFACE");
    scene_add(BOOT_LIST_INTERFACES, "10.77.0.2");
    assert_string_equal(scene_decide(&ask), "OFFERED");
    rules.is_pxe_on = false;
    assert_string_equal(scene_decide(&ask), "PXE_OFF");
}

/* PXE.md 6.1 rule 15: only what TFTP would give. */
static void test_rule_15_files(void **state)
{
    struct ask ask;

    (void)state;
    scene_boot("x64 = a.efi on 10.77.0.0/24");
    scene_boot("arm64 = b.efi server 10.0.0.9");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    file_state = BOOT_FILE_ABSENT;
    assert_string_equal(scene_decide(&ask), "FILE_MISSING");
    assert_string_equal(decision.file, "a.efi");
    assert_int_equal(decision.reply.size, 0);
    file_state = BOOT_FILE_REFUSED;
    assert_string_equal(scene_decide(&ask), "FILE_FORBIDDEN");
    scene_on_4011(4011);
    ask_4011(&ask, ASK_EDK2_X64);
    assert_string_equal(scene_decide(&ask), "FILE_FORBIDDEN");
    assert_string_equal(looked_for, "a.efi for 10.77.0.100");
    /* Rule 14: another server is taken as it is. 54 stays our own. */
    question.arrival.address.port = 67;
    ask_dhcp(&ask, ASK_EDK2_ARM64, 1);
    looked_for[0] = 0;
    assert_string_equal(scene_decide(&ask), "OFFERED");
    assert_string_equal(looked_for, "");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.0.0.9", "b.efi", OFFER GUID DIRECT, NULL});
}

/* -- quirks ---------------------------------------------------------------------------------------------------------- */

/* PXE.md 4.2: never filter by secs; EDK2 swaps its bytes, iPXE has bits there. */
static void test_quirk_secs(void **state)
{
    static const uint16_t values[] = {0, 1, 4, 10, 11, 15, 28, 256, 512, 768, 0xffff};
    struct ask ask;

    (void)state;
    scene_boot("x64 = a.efi");
    scene_boot("ipxe = a.ipxe");
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        ask_dhcp(&ask, i % 2 == 0 ? ASK_EDK2_X64 : ASK_IPXE_X64, 1);
        write_u16(ask.bytes + 8, values[i]);
        CHECK(strcmp(scene_decide(&ask), "OFFERED") == 0, "secs %u", values[i]);
        assert_int_equal(read_u16(decision.reply.bytes + 8), 0);
    }
}

/* hlen 16 with the GUID in chaddr, htype 6, bytes behind the MAC: all is copied. */
static void test_quirk_hardware(void **state)
{
    struct ask ask;

    (void)state;
    scene_boot("x64 = a.efi");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    ask.bytes[1] = 6;
    ask.bytes[2] = 16;
    memcpy(ask.bytes + 28, ask_guid, 16);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "a.efi", OFFER GUID DIRECT, NULL});
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    memset(ask.bytes + 34, 0x77, 10);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "a.efi", OFFER GUID DIRECT, NULL});
}

/* 97 is echoed as it is, and left out where it was; the class may end in NULs. */
static void test_quirk_identity(void **state)
{
    struct ask ask;

    (void)state;
    scene_boot("any = a.0");
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\1", 1);
    ask_option(&ask, 60, "PXEClient\0\0", 11);
    ask_end(&ask, 0);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "a.0", OFFER DIRECT, NULL});
    ask_add(&ask, 97, "\0\1\2", 3);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "a.0", OFFER "6103000102" DIRECT, NULL});
}

/* Dnsmasq-PXE#3, RFC 4578's erratum: x64 firmware says 7, 9 or both; ia32 firmware on an x64 processor is ia32. */
static void test_quirk_architectures(void **state)
{
    static const struct {
        const char *said;
        size_t size;
        const char *file;
    } rows[] = {{"\0\7", 2, "x64.efi"},
                {"\0\x9", 2, "x64.efi"},
                {"\0\x9\0\7", 4, "x64.efi"},
                {"\0\6", 2, "ia32.efi"},
                {"\0\6\0\7", 4, "ia32.efi"}};
    struct ask ask;

    (void)state;
    scene_boot("x64 = x64.efi");
    scene_boot("ia32 = ia32.efi");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ask_begin(&ask, ask_mac);
        ask_option(&ask, 53, "\1", 1);
        ask_option(&ask, 93, rows[i].said, rows[i].size);
        ask_text(&ask, 60, "PXEClient:Arch:00007:UNDI:003000");
        ask_end(&ask, 0);
        assert_string_equal(scene_decide(&ask), "OFFERED");
        scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", rows[i].file, OFFER DIRECT, NULL});
    }
}

/* Several copies of one packet: the answers are the same bytes, each time (rule 12). */
static void test_rule_12_repeats(void **state)
{
    static struct boot_decision first;
    struct ask ask;

    (void)state;
    scene_boot("x64 = a.efi");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    scene_decide(&ask);
    first = decision;
    scene_decide(&ask);
    assert_int_equal(first.reply.size, decision.reply.size);
    assert_memory_equal(first.reply.bytes, decision.reply.bytes, first.reply.size);
    assert_true(endpoint_equal(&first.reply.to, &decision.reply.to));
    /* The Raspberry Pi 3 always has the same xid, and chaddr alone tells two of them apart (firmware#1303). */
    ask.bytes[33]++;
    scene_decide(&ask);
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
    scene_boot(line);
    /* 240 + 3 + 6 + 11 + (2 + n) + 6 + 122 + END: 157 bytes of GUID fit into 548. */
    for (int n = 157; n <= 158; n++) {
        ask_begin(&ask, ask_mac);
        ask_option(&ask, 53, "\1", 1);
        ask_text(&ask, 60, "PXEClient:Arch:00007:UNDI:003000");
        ask_option(&ask, 97, bytes, (size_t)n);
        ask_end(&ask, 0);
        assert_string_equal(scene_decide(&ask), n == 157 ? "OFFERED" : "TOO_LONG");
        assert_int_equal(decision.reply.size, n == 157 ? 548 : 0);
    }
    /* Whoever says 57 may have it longer; 82 is whole or there is no answer. */
    ask_add(&ask, 57, "\xff\xff", 2);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    assert_int_equal(decision.reply.size, 549);
    scene_add(BOOT_LIST_RELAYS, "10.88.0.1");
    ask_address(&ask, 24, 10, 88, 0, 1);
    ask_add(&ask, 82, bytes, 255);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    assert_int_equal(decision.reply.size, 549 + 257);
    ask_add(&ask, 82, bytes, 1);
    assert_string_equal(scene_decide(&ask), "TOO_LONG");
}

/* docs/attack-surface.md, "Boot replies": what the smallest request draws at most, headers of IP and UDP counted. */
static void test_what_forging_gains(void **state)
{
    enum { HEADERS = 28, SMALLEST = 240 + 3 + 11, WITH_57 = SMALLEST + 4, PLAIN_MAX = 548 };
    struct ask ask;

    (void)state;
    scene_boot("any = a.0");
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\1", 1);
    ask_text(&ask, 60, "PXEClient");
    assert_int_equal(ask.size, SMALLEST);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    for (ask.size = SMALLEST - 1; ask.size > 0; ask.size--)
        assert_int_equal((scene_decide(&ask), decision.reply.size), 0);
    assert_true(10 * (PLAIN_MAX + HEADERS) <= 21 * (SMALLEST + HEADERS));
    assert_true(10 * (BOOT_REPLY_MAX + HEADERS) <= 37 * (WITH_57 + HEADERS));
    /* By BOOTP, which has no longer replies. */
    rules.is_bootp_on = true;
    scene_add(BOOT_LIST_BOOTP, "52:54:00:12:34:56 = 10.77.0.50");
    ask_bootp(&ask, ask_mac, false);
    ask.size = 236;
    assert_string_equal(scene_decide(&ask), "GIVEN_ADDRESS");
    assert_true(10 * (decision.reply.size + HEADERS) <= 13 * (ask.size + HEADERS));
}

/* PXE.md 6.2 rule 2, over every client and style: nothing configures an address. */
static void test_never_an_address(void **state)
{
    static const uint8_t never[] = {1, 3, 6, 15, 28, 42, 50, 51, 52, 58, 59};
    struct ask ask;
    struct span data;

    (void)state;
    scene_boot("any = a.efi option 66=b option 150=10.0.0.9 option 210=c");
    scene_boot("ipxe = a.ipxe");
    scene_boot("x64-http = http://a/b");
    scene_add(BOOT_LIST_MENU, "Local = local");
    scene_add(BOOT_LIST_MENU, "Boot = answer");
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
        scene_decide(&ask);
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
    scene_boot("x64 = class.efi");
    scene_add(BOOT_LIST_HOSTS, "52:54:00:12:34:56 = once setup.efi");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    assert_string_equal(decision.file, "setup.efi");
    assert_ptr_equal(decision.choice.host, &rules.hosts[0]);
    who_parse(&who, span_of_text("52:54:00:12:34:56"));
    boot_marks_use(&marks, &who, 1000);
    question.now_ms = 1000 + BOOT_ONCE_MS;
    assert_string_equal(scene_decide(&ask), "SENT_TO_DISK");
    rules.host_count = 0;
    rules.unknown = BOOT_UNKNOWN_WAIT;
    assert_string_equal(scene_decide(&ask), "WAITING");
    boot_marks_approve(&marks, &who);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    assert_string_equal(decision.file, "class.efi");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_rule_11_relays, scene_set_up),
        cmocka_unit_test_setup(test_relays_that_cannot_be, scene_set_up),
        cmocka_unit_test_setup(test_sources_on_4011, scene_set_up),
        cmocka_unit_test_setup(test_sources_on_67, scene_set_up),
        cmocka_unit_test_setup(test_interfaces, scene_set_up),
        cmocka_unit_test_setup(test_rule_15_files, scene_set_up),
        cmocka_unit_test_setup(test_quirk_secs, scene_set_up),
        cmocka_unit_test_setup(test_quirk_hardware, scene_set_up),
        cmocka_unit_test_setup(test_quirk_identity, scene_set_up),
        cmocka_unit_test_setup(test_quirk_architectures, scene_set_up),
        cmocka_unit_test_setup(test_rule_12_repeats, scene_set_up),
        cmocka_unit_test_setup(test_rule_5_length, scene_set_up),
        cmocka_unit_test_setup(test_what_forging_gains, scene_set_up),
        cmocka_unit_test_setup(test_never_an_address, scene_set_up),
        cmocka_unit_test_setup(test_one_shot_and_approval, scene_set_up),
    };

    return cmocka_run_group_tests_name("decide_rules", tests, NULL, NULL);
}
