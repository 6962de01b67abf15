#include "unit.h"

#include "boot_wire.h"
#include "core/dhcp/dhcp4.h"
#include "guard.h"

static struct dhcp4 packet;

static bool reads(const struct ask *ask)
{
    memset(&packet, 0xEE, sizeof packet);
    return dhcp4_read(&packet, guard_span(ask->bytes, ask->size));
}

static void assert_span(struct span span, const void *bytes, size_t size)
{
    CHECK(span.size == size && memcmp(span.bytes, bytes, size) == 0, "another span, of %u bytes", (unsigned)span.size);
}

static void test_tlv(void **state)
{
    static const uint8_t bytes[] = {0, 0, 6, 1, 8, 71, 0, 255, 9};
    struct span rest = guard_span(bytes, sizeof bytes);
    struct tlv item;
    struct span data;

    (void)state;
    assert_int_equal(tlv_next(&rest, TLV_OPTIONS, &item), TLV_ITEM);
    assert_int_equal(item.tag, 6);
    assert_span(item.data, "\x08", 1);
    assert_int_equal(tlv_next(&rest, TLV_OPTIONS, &item), TLV_ITEM);
    assert_int_equal(item.tag, 71);
    assert_int_equal(item.data.size, 0);
    assert_int_equal(tlv_next(&rest, TLV_OPTIONS, &item), TLV_OVER);
    assert_int_equal(tlv_next(&rest, TLV_OPTIONS, &item), TLV_OVER);
    /* Of relays' and iPXE's items every tag is one. */
    rest = guard_span(bytes, 2);
    assert_int_equal(tlv_next(&rest, TLV_PLAIN, &item), TLV_ITEM);
    assert_int_equal(item.tag, 0);
    assert_int_equal(tlv_next(&rest, TLV_PLAIN, &item), TLV_OVER);
    rest = guard_span("\xff\x01z", 3);
    assert_int_equal(tlv_next(&rest, TLV_PLAIN, &item), TLV_ITEM);
    assert_int_equal(item.tag, 255);
    /* A length beyond the end, and none. */
    rest = guard_span("\x06\x02\x01", 3);
    assert_int_equal(tlv_next(&rest, TLV_OPTIONS, &item), TLV_BROKEN);
    rest = guard_span("\x06", 1);
    assert_int_equal(tlv_next(&rest, TLV_OPTIONS, &item), TLV_BROKEN);
    /* Padding may be the last thing there is. */
    rest = guard_span("\x06\x00\x00", 3);
    assert_int_equal(tlv_next(&rest, TLV_OPTIONS, &item), TLV_ITEM);
    assert_int_equal(tlv_next(&rest, TLV_OPTIONS, &item), TLV_OVER);
    rest = guard_span("", 0);
    assert_int_equal(tlv_next(&rest, TLV_OPTIONS, &item), TLV_OVER);
    assert_true(tlv_find(guard_span(bytes, sizeof bytes), TLV_OPTIONS, 71, &data));
    assert_int_equal(data.size, 0);
    assert_false(tlv_find(guard_span(bytes, sizeof bytes), TLV_OPTIONS, 9, &data));
    assert_false(tlv_find(guard_span("\x06\x02\x01\x09\x00", 3), TLV_OPTIONS, 9, &data));
}

static void test_every_client_is_read(void **state)
{
    struct ask ask;

    (void)state;
    for (int client = 0; client < ASK_CLIENTS; client++) {
        ask_dhcp(&ask, (enum ask_client)client, 1);
        CHECK(reads(&ask), "%s is not read", ask_client_names[client]);
        CHECK(packet.message == DHCP4_DISCOVER && !packet.is_reply && packet.has_cookie, "%s",
              ask_client_names[client]);
        CHECK(dhcp4_has(&packet, DHCP4_CLASS), "%s", ask_client_names[client]);
    }
    /* PXE.md 4.1: EDK2's DISCOVER has 347 bytes, an Intel ROM's 548, U-Boot's 300. */
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_int_equal(ask.size, 347);
    ask_dhcp(&ask, ASK_INTEL, 1);
    assert_int_equal(ask.size, 548);
    ask_dhcp(&ask, ASK_UBOOT_ARM64, 1);
    assert_int_equal(ask.size, 300);
    assert_true(reads(&ask));
    assert_span(packet.file, "boot.scr.uimg", 13);
    assert_false(dhcp4_has(&packet, DHCP4_GUID));
}

static void test_fields(void **state)
{
    struct ask ask;
    static const uint8_t guid[] = {0,    0x44, 0x45, 0x4c, 0x4c, 0x42, 0,    0x10, 0x35,
                                   0x80, 0x52, 0xb4, 0xc0, 0x4f, 0x4e, 0x33, 0x32};

    (void)state;
    ask_dhcp(&ask, ASK_EDK2_X64, 3);
    ask.bytes[DHCP4_HOPS] = 1;
    ask.bytes[DHCP4_HTYPE] = 6;
    write_u16(ask.bytes + DHCP4_SECS, 12);
    ask_address(&ask, DHCP4_CIADDR, 10, 0, 0, 1);
    ask_address(&ask, DHCP4_YIADDR, 10, 0, 0, 2);
    ask_address(&ask, DHCP4_SIADDR, 10, 0, 0, 3);
    ask_address(&ask, DHCP4_GIADDR, 10, 0, 0, 4);
    memcpy(ask.bytes + DHCP4_SNAME, "boothost", 8);
    assert_true(reads(&ask));
    assert_int_equal(packet.message, DHCP4_REQUEST);
    assert_int_equal(packet.hops, 1);
    assert_int_equal(packet.htype, 6);
    assert_int_equal(packet.hlen, 6);
    assert_int_equal(packet.secs, 12);
    assert_int_equal(packet.flags, 0x8000);
    assert_memory_equal(packet.xid, "\x0d\x1c\x2b\x3a", 4);
    assert_memory_equal(packet.chaddr, ask_mac, 6);
    for (int i = 0; i < 4; i++) {
        const struct endpoint *addresses[] = {&packet.ciaddr, &packet.yiaddr, &packet.siaddr, &packet.giaddr};
        struct endpoint expected = endpoint_ipv4(10, 0, 0, (uint8_t)(i + 1), 0);
        assert_true(endpoint_equal(addresses[i], &expected));
    }
    struct endpoint server = endpoint_ipv4(10, 77, 0, 1, 0);
    struct endpoint requested = endpoint_ipv4(10, 77, 0, 100, 0);
    assert_true(endpoint_equal(&packet.server, &server));
    assert_true(endpoint_equal(&packet.requested, &requested));
    assert_span(packet.sname, "boothost", 8);
    assert_int_equal(packet.file.size, 0);
    assert_span(packet.kept[DHCP4_CLASS], "PXEClient:Arch:00007:UNDI:003000", 32);
    assert_span(packet.kept[DHCP4_ARCHITECTURES], "\0\7", 2);
    assert_span(packet.kept[DHCP4_GUID], guid, sizeof guid);
    assert_int_equal(packet.datagram_size, ask.size);
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_true(reads(&ask));
    assert_true(endpoint_is_unspecified(&packet.server) && endpoint_is_unspecified(&packet.requested));
    /* A name that fills its field has no NUL. */
    memset(ask.bytes + DHCP4_SNAME, 'n', DHCP4_SNAME_SIZE);
    memset(ask.bytes + DHCP4_FILE, 'f', DHCP4_FILE_SIZE);
    assert_true(reads(&ask));
    assert_int_equal(packet.sname.size, DHCP4_SNAME_SIZE);
    assert_int_equal(packet.file.size, DHCP4_FILE_SIZE);
}

/* PXE.md 6.1 rule 2: what is dropped. */
static void test_rule_2_malformed(void **state)
{
    struct ask ask;

    (void)state;
    ask_bootp(&ask, ask_mac, false);
    for (ask.size = 236; ask.size <= 300; ask.size++)
        assert_true(reads(&ask));
    for (ask.size = 0; ask.size < 236; ask.size++)
        assert_false(reads(&ask));
    ask_bootp(&ask, ask_mac, false);
    ask.bytes[0] = 0;
    assert_false(reads(&ask));
    ask.bytes[0] = 3;
    assert_false(reads(&ask));
    ask.bytes[0] = 2;
    assert_true(reads(&ask));
    assert_true(packet.is_reply);
    ask.bytes[0] = 1;
    ask.bytes[DHCP4_HLEN] = 17;
    assert_false(reads(&ask));
    ask.bytes[DHCP4_HLEN] = 16;
    assert_true(reads(&ask));
    /* An option that reaches beyond the end; without an END the end will do. */
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\1", 1);
    assert_true(reads(&ask));
    ask.bytes[ask.size++] = 60;
    assert_false(reads(&ask));
    ask.bytes[ask.size++] = 4;
    ask.size += 3;
    assert_false(reads(&ask));
    ask.size++;
    assert_true(reads(&ask));
    /* A message without a number, and number 0, which is none. */
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "", 0);
    assert_false(reads(&ask));
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "", 1);
    assert_false(reads(&ask));
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 54, "\1\2\3", 3);
    assert_false(reads(&ask));
}

static void test_without_cookie_it_is_bootp(void **state)
{
    struct ask ask;

    (void)state;
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    ask.bytes[DHCP4_COOKIE] ^= 1;
    assert_true(reads(&ask));
    assert_int_equal(packet.message, DHCP4_BOOTP);
    assert_false(packet.has_cookie);
    assert_false(dhcp4_has(&packet, DHCP4_CLASS));
    ask_bootp(&ask, ask_mac, true);
    assert_true(reads(&ask));
    assert_int_equal(packet.message, DHCP4_BOOTP);
    assert_true(packet.has_cookie);
}

/* The least that an option must have to mean anything. */
static void test_short_options(void **state)
{
    static const struct {
        uint8_t tag;
        uint8_t size;
    } rows[] = {{50, 4}, {53, 1}, {54, 4}, {57, 2}, {93, 2}};
    struct ask ask;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t size = 0; size <= rows[i].size; size++) {
            ask_begin(&ask, ask_mac);
            ask_option(&ask, rows[i].tag, "\1\1\1\1", size);
            CHECK(reads(&ask) == (size == rows[i].size), "option %u of %u bytes", rows[i].tag, (unsigned)size);
        }
    static const uint8_t any[] = {60, 61, 77, 82, 97, 43, 175};
    for (size_t i = 0; i < COUNT_OF(any); i++) {
        ask_begin(&ask, ask_mac);
        ask_option(&ask, any[i], "", 0);
        CHECK(reads(&ask), "option %u", any[i]);
    }
}

/* Options go on in file and sname where 52 says so (RFC 2132 section 9.3), in that order. */
static void test_overload(void **state)
{
    struct ask ask;

    (void)state;
    for (uint8_t overload = 0; overload < 4; overload++) {
        ask_begin(&ask, ask_mac);
        ask_option(&ask, 53, "\1", 1);
        ask_option(&ask, 52, &overload, 1);
        ask_option(&ask, 60, "PXE", 3);
        ask_end(&ask, 0);
        memcpy(ask.bytes + DHCP4_FILE,
               "\x3c\x03"
               "Cli"
               "\xff",
               6);
        memcpy(ask.bytes + DHCP4_SNAME,
               "\x3c\x03"
               "ent"
               "\xff",
               6);
        assert_true(reads(&ask));
        static const char *const classes[] = {"PXE", "PXECli", "PXEent", "PXEClient"};
        assert_span(packet.kept[DHCP4_CLASS], classes[overload], strlen(classes[overload]));
        assert_int_equal(packet.file.size, (overload & 1) != 0 ? 0 : 6);
        assert_int_equal(packet.sname.size, (overload & 2) != 0 ? 0 : 6);
    }
    ask.bytes[DHCP4_FILE + 1] = 200;
    assert_false(reads(&ask));
    ask.bytes[DHCP4_FILE + 1] = 3;
    ask.bytes[DHCP4_SNAME + 1] = 200;
    assert_false(reads(&ask));
    /* 52 within file is no invitation to go round in circles. */
    ask.bytes[DHCP4_SNAME + 1] = 3;
    ask.bytes[242] = 1;
    memcpy(ask.bytes + DHCP4_FILE, "\x34\x01\x03\xff", 4);
    assert_true(reads(&ask));
    /* An empty one says nothing. */
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 52, "", 0);
    assert_true(reads(&ask));
}

/* RFC 3396: an option that is there again goes on. */
static void test_long_options(void **state)
{
    struct ask ask;
    uint8_t part[200];

    (void)state;
    memset(part, 'a', sizeof part);
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\1", 1);
    for (int i = 0; i < 2; i++) {
        ask_option(&ask, 77, part, sizeof part);
        ask_option(&ask, 82, "\1\2xy", 4);
    }
    assert_true(reads(&ask));
    assert_int_equal(packet.kept[DHCP4_USER_CLASS].size, 2 * sizeof part);
    assert_int_equal(packet.kept[DHCP4_USER_CLASS].bytes[399], 'a');
    assert_span(packet.kept[DHCP4_AGENT], "\1\2xy\1\2xy", 8);
    assert_int_equal(packet.message, DHCP4_DISCOVER);
    /* There is an end to it: 400, 600 and 1,000 bytes have been put together when there is no room. */
    ask_option(&ask, 77, part, sizeof part);
    assert_true(reads(&ask));
    ask_option(&ask, 77, part, sizeof part);
    assert_false(reads(&ask));
    /* All options share the room: what 1,000 bytes leave of it can be used up, and no byte more. */
    for (size_t size = 12; size <= 13; size++) {
        ask_begin(&ask, ask_mac);
        for (int i = 0; i < 3; i++)
            ask_option(&ask, 77, part, sizeof part);
        ask_option(&ask, 61, part, 12);
        ask_option(&ask, 61, part, size);
        assert_int_equal(reads(&ask), size == 12);
    }
    assert_int_equal(DHCP4_JOINED_MAX, 1024);
}

static void test_what_vendors_add(void **state)
{
    struct ask ask;

    (void)state;
    /* A NUL behind the class ("buggy PXE"). */
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\1", 1);
    ask_option(&ask, 60, "PXEClient\0", 11);
    assert_true(reads(&ask));
    assert_span(packet.kept[DHCP4_CLASS], "PXEClient", 9);
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 60, "", 1);
    assert_true(reads(&ask));
    assert_int_equal(packet.kept[DHCP4_CLASS].size, 0);
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\1", 1);
    ask_option(&ask, 60, "PXEClient", 9);
    /* An item of a boot menu. */
    ask_option(&ask, 43, "\x47\x04\x80\x01\x00\x02\xff", 7);
    assert_true(reads(&ask));
    assert_true(packet.has_item);
    assert_int_equal(packet.item_type, 0x8001);
    assert_int_equal(packet.item_layer, 2);
    /* Its END may be missing, but not its bytes. */
    ask.size--;
    ask.bytes[ask.size - 7] = 6;
    assert_true(reads(&ask) && packet.has_item);
    ask.bytes[ask.size - 5] = 5;
    assert_false(reads(&ask));
    /* Others nest in 43 what they like. */
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\1", 1);
    ask_option(&ask, 60, "MSFT 5.0", 8);
    ask_option(&ask, 43, "\xdc\x55", 2);
    assert_true(reads(&ask));
    assert_false(packet.has_item);
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 60, "HTTPClient", 10);
    ask_option(&ask, 43, "\x47\x03\x80\x01\x00", 5);
    assert_true(reads(&ask));
    assert_false(packet.has_item);
    ask_option(&ask, 43, "\x47\x04", 2);
    assert_false(reads(&ask));
}

static void test_room_for_the_reply(void **state)
{
    static const struct {
        uint16_t said;
        size_t room;
    } rows[] = {{0, 548},     {300, 548},   {560, 548},   {576, 548},    {577, 549},
                {1051, 1023}, {1052, 1024}, {1472, 1024}, {0xff00, 1024}};
    struct ask ask;

    (void)state;
    ask_begin(&ask, ask_mac);
    assert_true(reads(&ask));
    assert_int_equal(dhcp4_reply_room(&packet, 1024), 548);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t bytes[2];
        write_u16(bytes, rows[i].said);
        ask_begin(&ask, ask_mac);
        ask_option(&ask, 57, bytes, 2);
        assert_true(reads(&ask));
        CHECK(dhcp4_reply_room(&packet, 1024) == rows[i].room, "row %u", (unsigned)i);
    }
}

static void test_what_a_reply_begins_with(void **state)
{
    uint8_t expected[DHCP4_OPTIONS] = {2, 6, 6, 0, 0x0d, 0x1c, 0x2b, 0x3a};
    uint8_t bytes[DHCP4_OPTIONS];
    struct ask ask;

    (void)state;
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    ask.bytes[DHCP4_HTYPE] = 6;
    ask.bytes[DHCP4_HOPS] = 3;
    memset(ask.bytes + DHCP4_CHADDR + 6, 0x99, 10); /* garbage behind the MAC is copied */
    memset(ask.bytes + DHCP4_CIADDR, 0x0a, 16);
    assert_true(reads(&ask));
    memcpy(expected + DHCP4_CHADDR, ask.bytes + DHCP4_CHADDR, 16);
    memset(expected + DHCP4_GIADDR, 0x0a, 4);
    memcpy(expected + DHCP4_COOKIE, ask.bytes + DHCP4_COOKIE, 4);
    dhcp4_begin_reply(&packet, bytes);
    assert_memory_equal(bytes, expected, sizeof bytes);
    ask.bytes[DHCP4_COOKIE] = 0;
    assert_true(reads(&ask));
    memset(expected + DHCP4_COOKIE, 0, 4);
    dhcp4_begin_reply(&packet, bytes);
    assert_memory_equal(bytes, expected, sizeof bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tlv),
        cmocka_unit_test(test_every_client_is_read),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_rule_2_malformed),
        cmocka_unit_test(test_without_cookie_it_is_bootp),
        cmocka_unit_test(test_short_options),
        cmocka_unit_test(test_overload),
        cmocka_unit_test(test_long_options),
        cmocka_unit_test(test_what_vendors_add),
        cmocka_unit_test(test_room_for_the_reply),
        cmocka_unit_test(test_what_a_reply_begins_with),
    };

    return cmocka_run_group_tests_name("dhcp4", tests, NULL, NULL);
}
