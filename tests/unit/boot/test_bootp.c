/* BOOTP from a table (RFC 951, 1542, 1533; PXE.md 2.12, 6.1 rule 18). We are 10.77.0.2/24. */
#include "unit.h"

#include "boot_wire.h"
#include "core/boot/decide.h"
#include "guard.h"

#include <stdio.h>

static const uint8_t sun_mac[] = {0x08, 0x00, 0x20, 0x01, 0x02, 0x03};

static struct boot_rules rules;
static struct boot_marks marks;
static struct boot_problem problem;
static struct boot_question question;
static struct boot_decision decision;
static enum boot_file_state file_state;
static char looked_for[256];

static enum boot_file_state look(void *context, const char *file, const struct endpoint *client)
{
    char text[ENDPOINT_TEXT_MAX];

    (void)context;
    snprintf(looked_for, sizeof looked_for, "%s for %s", file, endpoint_address_text(client, text));
    return file_state;
}

static void add(const char *line)
{
    CHECK(boot_rules_add(&rules, BOOT_LIST_BOOTP, line, &problem), "%s", problem.text);
}

static int set_up(void **state)
{
    (void)state;
    boot_rules_init(&rules);
    rules.is_bootp_on = true;
    strcpy(rules.server_name, "Boothost.a.example");
    question = (struct boot_question){.rules = &rules, .marks = &marks, .files = {look, NULL}, .now_ms = 1};
    question.arrival = (struct boot_arrival){
        .address = endpoint_ipv4(10, 77, 0, 2, 67), .source = endpoint_ipv4(0, 0, 0, 0, 68), .prefix_bits = 24};
    file_state = BOOT_FILE_READABLE;
    looked_for[0] = 0;
    return 0;
}

static const char *decide(const struct ask *ask)
{
    question.datagram = guard_span(ask->bytes, ask->size);
    boot_decide(&question, &decision);
    CHECK(decision.protocol == BOOT_BY_BOOTP && decision.message == 0, "no BOOTP");
    return boot_reason_name(decision.reason);
}

static const char *to(void)
{
    static char text[ENDPOINT_TEXT_MAX];

    return endpoint_text(&decision.reply.to, text);
}

/* The whole reply: its fields as they lie, and what is behind the 236th byte. */
static void assert_reply(const struct ask *ask, const char *fields, const char *server, const char *file,
                         const char *vendor)
{
    uint8_t bytes[300] = {2, 1, 6, 0};

    memcpy(bytes + 4, ask->bytes + 4, 4);
    assert_int_equal(ask_hex(fields, bytes + 10, 18), 18); /* flags, ciaddr, yiaddr, siaddr, giaddr */
    memcpy(bytes + 28, ask->bytes + 28, 16);
    strcpy((char *)bytes + 44, server);
    strcpy((char *)bytes + 108, file);
    ask_hex(vendor, bytes + 236, 64);
    assert_int_equal(decision.reply.size, 300);
    for (size_t i = 0; i < sizeof bytes; i++)
        CHECK(decision.reply.bytes[i] == bytes[i], "byte %u is %02x, and not %02x", (unsigned)i,
              decision.reply.bytes[i], bytes[i]);
}

static void test_a_client_without_extensions(void **state)
{
    struct ask ask;

    (void)state;
    add("08:00:20:01:02:03 = 10.77.0.50 file boot/sun router 10.77.0.1");
    ask_bootp(&ask, sun_mac, false);
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    assert_reply(&ask, "8000 00000000 0a4d0032 0a4d0002 00000000", "10.77.0.2", "boot/sun", "");
    assert_string_equal(to(), "255.255.255.255:68");
    assert_true(decision.reply.is_broadcast);
    assert_string_equal(looked_for, "boot/sun for 10.77.0.50");
    /* RFC 951: 236 bytes are one, and the answer has 300 all the same. */
    ask.size = 236;
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    assert_int_equal(decision.reply.size, 300);
}

static void test_the_vendor_area(void **state)
{
    struct ask ask;

    (void)state;
    add("08:00:20:01:02:03 = 10.77.0.50/16 router 10.77.0.1 dns 10.77.0.3 name sun1 domain a.b root /export");
    ask_bootp(&ask, sun_mac, true);
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    assert_reply(&ask, "8000 00000000 0a4d0032 0a4d0002 00000000", "10.77.0.2", "",
                 "63825363 0104ffff0000 03040a4d0001 06040a4d0003 0c0473756e31 0f03612e62 11072f6578706f7274 ff");
    assert_string_equal(looked_for, ""); /* it wants nothing but its address */
    /* The mask of the interface, where none is written. */
    rules.bootp_host_count = 0;
    add("08:00:20:01:02:03 = 10.77.0.50");
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    assert_reply(&ask, "8000 00000000 0a4d0032 0a4d0002 00000000", "10.77.0.2", "", "63825363 0104ffffff00 ff");
    /* A longer request has no longer answer. */
    ask.size = 548;
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    assert_int_equal(decision.reply.size, 300);
}

static void ask_for(struct ask *ask, const char *sname, const char *file)
{
    ask_bootp(ask, sun_mac, false);
    strcpy((char *)ask->bytes + 44, sname);
    strcpy((char *)ask->bytes + 108, file);
}

static void test_names_of_servers(void **state)
{
    static const struct {
        const char *sname;
        bool is_us;
    } rows[] = {{"", true},           {"boothost", true},   {"BOOTHOST.A.EXAMPLE", true}, {"10.77.0.2", true},
                {"10.77.0.9", false}, {"boothos", false},   {"Xoothost", false},          {"boothost.a", false},
                {"other", false},     {"boothost2", false}, {"10.77.0.22", false}};
    struct ask ask;

    (void)state;
    add("08:00:20:01:02:03 = 10.77.0.50");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ask_for(&ask, rows[i].sname, "");
        CHECK(strcmp(decide(&ask), rows[i].is_us ? "GIVEN_ADDRESS" : "OTHER_NAME") == 0, "%s", rows[i].sname);
    }
    /* Without a name of our own an empty one is still no name. */
    rules.server_name[0] = 0;
    ask_for(&ask, "", "");
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    ask_for(&ask, "boothost", "");
    assert_string_equal(decide(&ask), "OTHER_NAME");
    /* Another server by the table: its name is meant as well, and its files are its own. */
    rules.bootp_host_count = 0;
    add("08:00:20:01:02:03 = 10.77.0.50 server 10.77.0.9 file a");
    ask_for(&ask, "10.77.0.9", "");
    file_state = BOOT_FILE_ABSENT;
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    assert_reply(&ask, "8000 00000000 0a4d0032 0a4d0009 00000000", "10.77.0.9", "a", "");
}

static void test_names_of_files(void **state)
{
    struct ask ask;

    (void)state;
    add("08:00:20:01:02:03 = 10.77.0.50 file standard");
    add("file unix = boot/vmunix");
    ask_for(&ask, "", "");
    decide(&ask);
    assert_string_equal(decision.file, "standard");
    ask_for(&ask, "", "UNIX");
    decide(&ask);
    assert_string_equal(decision.file, "boot/vmunix");
    add("file vms = boot/vms.exe");
    ask_for(&ask, "", "vms");
    decide(&ask);
    assert_string_equal(decision.file, "boot/vms.exe");
    rules.bootp_file_count--;
    decide(&ask);
    assert_string_equal(decision.file, "vms");
    ask_for(&ask, "", "Xnix");
    decide(&ask);
    assert_string_equal(decision.file, "Xnix");
    ask_for(&ask, "", "/export/other");
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    assert_string_equal(decision.file, "/export/other");
    assert_string_equal(looked_for, "/export/other for 10.77.0.50");
    file_state = BOOT_FILE_ABSENT;
    assert_string_equal(decide(&ask), "FILE_MISSING");
    file_state = BOOT_FILE_REFUSED;
    assert_string_equal(decide(&ask), "FILE_FORBIDDEN");
    assert_int_equal(decision.reply.size, 0);
    /* A name that fills the field cannot be told back with a NUL. */
    file_state = BOOT_FILE_READABLE;
    memset(ask.bytes + 108, 'x', 127);
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    memset(ask.bytes + 108, 'x', 128);
    assert_string_equal(decide(&ask), "FILE_FORBIDDEN");
}

/* PXE.md 6.1 rule 18. */
static void test_rule_18_from_the_table_only(void **state)
{
    struct ask ask;

    (void)state;
    ask_bootp(&ask, sun_mac, true);
    assert_string_equal(decide(&ask), "NOT_IN_TABLE");
    add("08:00:20:01:02:04 = 10.77.0.51");
    assert_string_equal(decide(&ask), "NOT_IN_TABLE");
    add("08:00:20:01:02:03 = 10.78.0.50");
    assert_string_equal(decide(&ask), "OTHER_NETWORK");
    add("08:00:20:01:02:03 = 10.77.1.50/24");
    assert_string_equal(decide(&ask), "OTHER_NETWORK");
    add("08:00:20:01:02:03 = 10.77.1.50/23");
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    assert_ptr_equal(decision.bootp_host, &rules.bootp_hosts[3]);
    rules.bootp_host_count = 3;
    assert_string_equal(decide(&ask), "OTHER_NETWORK");
    rules.bootp_host_count = 4;
    ask.bytes[2] = 5;
    assert_string_equal(decide(&ask), "NOT_IN_TABLE");
    ask.bytes[2] = 6;
    rules.is_bootp_on = false;
    assert_string_equal(decide(&ask), "BOOTP_OFF");
    rules.is_bootp_on = true;
    assert_true(boot_rules_add(&rules, BOOT_LIST_INTERFACES, "10.78.0.0/24", &problem));
    assert_string_equal(decide(&ask), "OTHER_INTERFACE");
    rules.interface_count = 0;
    assert_true(boot_rules_add(&rules, BOOT_LIST_INTERFACES, "10.77.0.0/24", &problem));
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    rules.interface_count = 0;
    question.arrival.address.port = 4011;
    assert_string_equal(decide(&ask), "OTHER_MESSAGE");
    /* PXE alone changes nothing about it. */
    rules.is_pxe_on = true;
    question.arrival.address.port = 67;
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
}

/* RFC 951 section 10, RFC 1542 section 4. */
static void test_relays(void **state)
{
    struct ask ask;

    (void)state;
    add("08:00:20:01:02:03 = 10.88.0.50/24");
    ask_bootp(&ask, sun_mac, true);
    assert_string_equal(decide(&ask), "OTHER_NETWORK");
    ask_address(&ask, 24, 10, 88, 0, 1);
    assert_string_equal(decide(&ask), "RELAY_REFUSED");
    assert_true(boot_rules_add(&rules, BOOT_LIST_RELAYS, "10.88.0.0/15", &problem));
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    assert_reply(&ask, "0000 00000000 0a580032 0a4d0002 0a580001", "10.77.0.2", "", "63825363 0104ffffff00 ff");
    assert_string_equal(to(), "10.88.0.1:67");
    assert_false(decision.reply.is_broadcast);
    ask_address(&ask, 24, 10, 89, 0, 1);
    assert_string_equal(decide(&ask), "OTHER_NETWORK");
    /* Addresses that no relay can have, and their neighbours, which one may. */
    static const struct {
        uint8_t bytes[4];
        const char *reason;
    } relays[] = {{{0, 1, 1, 1}, "RELAY_IMPOSSIBLE"},     {{1, 0, 0, 1}, "RELAY_REFUSED"},
                  {{126, 240, 1, 1}, "RELAY_REFUSED"},    {{127, 1, 1, 1}, "RELAY_IMPOSSIBLE"},
                  {{128, 127, 1, 1}, "RELAY_REFUSED"},    {{223, 1, 1, 1}, "RELAY_REFUSED"},
                  {{224, 1, 1, 1}, "RELAY_IMPOSSIBLE"},   {{239, 1, 1, 1}, "RELAY_IMPOSSIBLE"},
                  {{240, 1, 1, 1}, "RELAY_IMPOSSIBLE"},   {{255, 255, 255, 255}, "RELAY_IMPOSSIBLE"},
                  {{10, 77, 0, 255}, "RELAY_IMPOSSIBLE"}, {{10, 77, 0, 2}, "RELAY_IMPOSSIBLE"}};
    for (size_t i = 0; i < COUNT_OF(relays); i++) {
        memcpy(ask.bytes + 24, relays[i].bytes, 4);
        CHECK(strcmp(decide(&ask), relays[i].reason) == 0, "row %u: %s", (unsigned)i,
              boot_reason_name(decision.reason));
    }
    ask_address(&ask, 24, 10, 89, 0, 1);
    /* Without the length of its network nobody knows which that is, nor its mask. */
    rules.bootp_host_count = 0;
    add("08:00:20:01:02:03 = 10.88.0.50");
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    assert_reply(&ask, "0000 00000000 0a580032 0a4d0002 0a590001", "10.77.0.2", "", "63825363 ff");
}

/* RFC 3046 section 2.2, PXE.md 6.1 rule 11: what the relay added comes back whole, and last. */
static void test_the_option_of_a_relay(void **state)
{
    uint8_t circuit[255] = {1, 253};
    struct ask ask;

    (void)state;
    add("08:00:20:01:02:03 = 10.88.0.50/24");
    assert_true(boot_rules_add(&rules, BOOT_LIST_RELAYS, "10.88.0.1", &problem));
    ask_begin(&ask, sun_mac);
    ask_option(&ask, 82, "\1\4eth1", 6);
    ask_end(&ask, 300);
    ask_address(&ask, 24, 10, 88, 0, 1);
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    assert_reply(&ask, "0000 00000000 0a580032 0a4d0002 0a580001", "10.77.0.2", "",
                 "63825363 0104ffffff00 5206 010465746831 ff");
    /* Longer than 300 bytes only for its sake, and never than what a host need take. */
    rules.bootp_host_count = 0;
    add("08:00:20:01:02:03 = 10.88.0.50/24 domain 12345678901234567890123456789012345678901234567");
    for (unsigned size = 200; size <= sizeof circuit; size++) {
        unsigned whole = 240 + 6 + 49 + 2 + size + 1;
        ask_begin(&ask, sun_mac);
        ask_option(&ask, 82, circuit, (uint8_t)size);
        ask_end(&ask, 0);
        ask_address(&ask, 24, 10, 88, 0, 1);
        CHECK(strcmp(decide(&ask), whole <= 548 ? "GIVEN_ADDRESS" : "TOO_LONG") == 0, "%u", size);
        assert_int_equal(decision.reply.size, whole <= 548 ? whole : 0);
    }
}

static void test_clients_that_have_an_address(void **state)
{
    struct ask ask;

    (void)state;
    add("08:00:20:01:02:03 = 10.77.0.50");
    ask_bootp(&ask, sun_mac, false);
    ask_address(&ask, 12, 10, 77, 0, 50);
    assert_string_equal(decide(&ask), "GIVEN_ADDRESS");
    assert_string_equal(to(), "10.77.0.50:68");
    assert_false(decision.reply.is_broadcast);
    assert_reply(&ask, "0000 0a4d0032 0a4d0032 0a4d0002 00000000", "10.77.0.2", "", "");
    /* Nobody has us send into another network, nor to ourselves. */
    ask_address(&ask, 12, 10, 78, 0, 50);
    assert_string_equal(decide(&ask), "ADDRESS_IMPOSSIBLE");
    ask_address(&ask, 12, 10, 77, 0, 2);
    assert_string_equal(decide(&ask), "ADDRESS_IMPOSSIBLE");
    ask_address(&ask, 12, 10, 77, 0, 255);
    assert_string_equal(decide(&ask), "ADDRESS_IMPOSSIBLE");
    assert_int_equal(decision.reply.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_client_without_extensions, set_up),
        cmocka_unit_test_setup(test_the_vendor_area, set_up),
        cmocka_unit_test_setup(test_names_of_servers, set_up),
        cmocka_unit_test_setup(test_names_of_files, set_up),
        cmocka_unit_test_setup(test_rule_18_from_the_table_only, set_up),
        cmocka_unit_test_setup(test_relays, set_up),
        cmocka_unit_test_setup(test_the_option_of_a_relay, set_up),
        cmocka_unit_test_setup(test_clients_that_have_an_address, set_up),
    };

    return cmocka_run_group_tests_name("bootp", tests, NULL, NULL);
}
