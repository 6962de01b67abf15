/* What a DISCOVER of ours finds of other servers (PXE.md 6.1 rule 22; the traps are its facts 7 and 8). */
#include "unit.h"

#include "boot_wire.h"
#include "core/boot/decide.h"
#include "core/boot/others.h"
#include "core/dhcp/tlv.h"
#include "guard.h"

static struct others_probe probe;
static struct endpoint from;
static struct others_offer offer;

static int set_up(void **state)
{
    (void)state;
    probe = others_probe(0x1122334455667788u);
    from = endpoint_ipv4(10, 77, 0, 1, 67);
    return 0;
}

/* An offer to the probe of an address, without anything else. */
static void begin(struct ask *reply)
{
    ask_begin(reply, probe.mac);
    reply->bytes[DHCP4_OP] = DHCP4_REPLY_OP;
    memcpy(reply->bytes + DHCP4_XID, probe.xid, sizeof probe.xid);
    ask_address(reply, DHCP4_YIADDR, 10, 77, 0, 100);
    ask_option(reply, 53, "\2", 1);
    ask_option(reply, 54, "\12\115\0\1", 4);
}

static bool read_it(struct ask *reply)
{
    ask_end(reply, 0);
    return others_read(&probe, guard_span(reply->bytes, reply->size), &from, &offer);
}

static void assert_offer(enum others_kind kind, const char *server, const char *file, const char *tftp_server)
{
    char text[ENDPOINT_TEXT_MAX];

    assert_int_equal(offer.kind, kind);
    assert_string_equal(endpoint_address_text(&offer.server, text), server);
    assert_string_equal(offer.file, file);
    assert_string_equal(offer.tftp_server, tftp_server);
}

static void test_kinds(void **state)
{
    struct ask reply;

    (void)state;
    begin(&reply);
    assert_true(read_it(&reply));
    assert_offer(OTHERS_PLAIN, "10.77.0.1", "", "");
    begin(&reply);
    ask_address(&reply, DHCP4_SIADDR, 10, 77, 0, 1); /* most servers say themselves there, and mean nothing by it */
    assert_true(read_it(&reply));
    assert_offer(OTHERS_PLAIN, "10.77.0.1", "", "");
    begin(&reply);
    ask_text(&reply, 60, "PXEClient");
    assert_true(read_it(&reply));
    assert_offer(OTHERS_CLASS, "10.77.0.1", "", "");
    assert_true(offer.has_class);
    begin(&reply);
    ask_text(&reply, 60, "MSFT 5.0");
    assert_true(read_it(&reply));
    assert_offer(OTHERS_PLAIN, "10.77.0.1", "", "");
    begin(&reply);
    memcpy(reply.bytes + DHCP4_FILE, "boot/old.0", 10);
    assert_true(read_it(&reply));
    assert_offer(OTHERS_FILE, "10.77.0.1", "boot/old.0", "");
    begin(&reply);
    ask_option(&reply, 67, "old.efi\0", 8);
    ask_text(&reply, 66, "wds.example");
    assert_true(read_it(&reply));
    assert_offer(OTHERS_FILE, "10.77.0.1", "old.efi", "wds.example");
    begin(&reply);
    ask_text(&reply, 66, "wds.example");
    assert_true(read_it(&reply));
    assert_offer(OTHERS_FILE, "10.77.0.1", "", "wds.example");
    begin(&reply);
    ask_text(&reply, 60, "PXEClient:Arch:00007");
    ask_text(&reply, 67, "old\n.efi");
    assert_true(read_it(&reply));
    assert_offer(OTHERS_CLASS, "10.77.0.1", "old?.efi", "");
    begin(&reply);
    ask_address(&reply, DHCP4_YIADDR, 0, 0, 0, 0);
    ask_text(&reply, 60, "PXEClient");
    assert_true(read_it(&reply));
    assert_offer(OTHERS_PROXY, "10.77.0.1", "", "");
}

/* Texts that lie in other fields (option 52), and a 43 that somebody typed as text. */
static void test_odd_places(void **state)
{
    struct ask reply;

    (void)state;
    begin(&reply);
    ask_option(&reply, 52, "\3", 1);
    memcpy(reply.bytes + DHCP4_FILE, "\x43\x07old.efi\xff", 10);
    memcpy(reply.bytes + DHCP4_SNAME,
           "\x42\x08"
           "10.0.0.9\xff",
           11);
    assert_true(read_it(&reply));
    assert_offer(OTHERS_FILE, "10.77.0.1", "old.efi", "10.0.0.9");
    begin(&reply);
    ask_text(&reply, 60, "PXEClient");
    ask_text(&reply, 43, "01:04:00:00:00:00:ff");
    assert_true(read_it(&reply));
    assert_offer(OTHERS_CLASS, "10.77.0.1", "", "");
}

static void test_who_sent_it(void **state)
{
    struct ask reply;

    (void)state;
    ask_begin(&reply, probe.mac);
    reply.bytes[DHCP4_OP] = DHCP4_REPLY_OP;
    memcpy(reply.bytes + DHCP4_XID, probe.xid, sizeof probe.xid);
    ask_option(&reply, 53, "\2", 1);
    from = endpoint_ipv4(10, 77, 0, 9, 67);
    assert_true(read_it(&reply));
    assert_offer(OTHERS_PROXY, "10.77.0.9", "", "");
    assert_int_equal(offer.server.port, 0);
}

static void test_what_is_no_offer_to_it(void **state)
{
    struct ask reply;

    (void)state;
    begin(&reply);
    reply.bytes[DHCP4_OP] = DHCP4_REQUEST_OP;
    assert_false(read_it(&reply));
    begin(&reply);
    reply.bytes[DHCP4_XID] ^= 1;
    assert_false(read_it(&reply));
    begin(&reply);
    reply.bytes[DHCP4_CHADDR + 5] ^= 1;
    assert_false(read_it(&reply));
    begin(&reply);
    reply.bytes[DHCP4_OPTIONS + 2] = 5; /* an ACK */
    assert_false(read_it(&reply));
    begin(&reply);
    ask_end(&reply, 0);
    for (size_t cut = 0; cut < reply.size; cut++)
        others_read(&probe, guard_span(reply.bytes, cut), &from, &offer);
    assert_false(others_read(&probe, guard_span(reply.bytes, 100), &from, &offer));
}

/* As UEFI sends it (PXE.md 4.1), with what servers tell only who asks for it. */
static void test_the_bytes(void **state)
{
    uint8_t bytes[OTHERS_PROBE_SIZE];
    uint8_t expected[OTHERS_PROBE_SIZE] = {0};
    struct endpoint relay = endpoint_ipv4(10, 77, 0, 9, 67);

    (void)state;
    assert_memory_equal(probe.mac, "\x02\x77\x66\x55\x44\x33", MAC_SIZE);
    ask_hex("01010600", expected, 4);
    memcpy(expected + DHCP4_XID, probe.xid, sizeof probe.xid);
    ask_hex("8000", expected + DHCP4_FLAGS, 2);
    memcpy(expected + DHCP4_CHADDR, probe.mac, MAC_SIZE);
    ask_hex("63825363 350101 390205c0 3708 01032b33363c4243 5e03010300 5d020007"
            "6111 00 00000000000000000000 027766554433 3c20",
            expected + DHCP4_COOKIE, 64);
    memcpy(expected + DHCP4_COOKIE + 51, "PXEClient:Arch:00007:UNDI:003000\xff", 33);
    assert_int_equal(others_write(&probe, NULL, bytes), sizeof bytes);
    assert_memory_equal(bytes, expected, sizeof bytes);
    expected[DHCP4_HOPS] = 1;
    ask_hex("0a4d0009", expected + DHCP4_GIADDR, 4);
    others_write(&probe, &relay, bytes);
    assert_memory_equal(bytes, expected, sizeof bytes);
}

static enum boot_file_state look(void *context, const char *file, const struct endpoint *client)
{
    (void)context;
    (void)file;
    (void)client;
    return BOOT_FILE_READABLE;
}

/* It is a machine as any other to who answers: to us. */
static void test_the_probe_is_a_machine(void **state)
{
    static struct boot_rules rules;
    static struct boot_marks marks;
    static struct boot_decision decision;
    struct boot_problem problem;
    uint8_t bytes[OTHERS_PROBE_SIZE];

    (void)state;
    boot_rules_init(&rules);
    rules.is_pxe_on = true;
    assert_true(boot_rules_add(&rules, BOOT_LIST_RULES, "x64 = x64.efi", &problem));
    size_t size = others_write(&probe, NULL, bytes);
    assert_true(size >= 300 && size <= sizeof bytes);
    struct boot_question question = {
        .rules = &rules, .marks = &marks, .files = {look, NULL}, .now_ms = 1, .datagram = guard_span(bytes, size)};
    question.arrival.address = endpoint_ipv4(10, 77, 0, 2, 67);
    question.arrival.source = endpoint_ipv4(0, 0, 0, 0, 68);
    question.arrival.prefix_bits = 24;
    boot_decide(&question, &decision);
    assert_int_equal(decision.reason, BOOT_OFFERED);
    assert_true(others_read(&probe, guard_span(decision.reply.bytes, decision.reply.size), &from, &offer));
    assert_offer(OTHERS_PROXY, "10.77.0.2", "x64.efi", "");
    /* Through a relay. */
    struct endpoint relay = endpoint_ipv4(10, 77, 0, 9, 67);
    assert_true(boot_rules_add(&rules, BOOT_LIST_RELAYS, "10.77.0.9", &problem));
    question.datagram = guard_span(bytes, others_write(&probe, &relay, bytes));
    question.arrival.source = relay;
    boot_decide(&question, &decision);
    assert_int_equal(decision.reason, BOOT_OFFERED);
    assert_true(endpoint_equal(&decision.reply.to, &relay));
    assert_true(others_read(&probe, guard_span(decision.reply.bytes, decision.reply.size), &from, &offer));
    /* No maker's, no group's, and never the same twice. */
    struct others_probe other = others_probe(0x1122334455667799u);
    assert_int_equal(probe.mac[0] & 3, 2);
    assert_memory_not_equal(other.xid, probe.xid, sizeof probe.xid);
}

static void test_any_bytes(void **state)
{
    struct ask reply;
    uint64_t seed = 9;
    unsigned offers = 0;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        begin(&reply);
        ask_text(&reply, 60, "PXEClient");
        ask_text(&reply, 67, "some/file");
        ask_end(&reply, 0);
        for (unsigned k = random_below(&seed, 4); k > 0; k--)
            reply.bytes[random_below(&seed, (uint32_t)reply.size)] = (uint8_t)random_below(&seed, 256);
        size_t size = random_below(&seed, 8) == 0 ? random_below(&seed, (uint32_t)reply.size) : reply.size;
        offers += others_read(&probe, guard_span(reply.bytes, size), &from, &offer);
        assert_true(strlen(offer.file) < sizeof offer.file && strlen(offer.tftp_server) < sizeof offer.tftp_server);
    }
    CHECK(offers > 10000 && offers < 20000, "%u", offers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_kinds, set_up),
        cmocka_unit_test_setup(test_odd_places, set_up),
        cmocka_unit_test_setup(test_who_sent_it, set_up),
        cmocka_unit_test_setup(test_what_is_no_offer_to_it, set_up),
        cmocka_unit_test_setup(test_the_probe_is_a_machine, set_up),
        cmocka_unit_test_setup(test_the_bytes, set_up),
        cmocka_unit_test_setup(test_any_bytes, set_up),
    };

    return cmocka_run_group_tests_name("others", tests, NULL, NULL);
}
