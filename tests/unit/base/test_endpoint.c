#include "unit.h"

#include "core/base/endpoint.h"
#include "guard.h"

static struct endpoint parsed(const char *text)
{
    struct endpoint e;

    CHECK(endpoint_parse_address(&e, guard_text(text)), "\"%s\" is an address", text);
    return e;
}

/* What is parsed is printed as RFC 5952 wants it; the first column is another spelling of the second. */
static void test_parse_and_print(void **state)
{
    static const struct {
        const char *text;
        const char *printed;
    } rows[] = {
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"10.0.0.5", "10.0.0.5"},
        {"010.000.0.005", "10.0.0.5"},
        {"::ffff:10.0.0.5", "10.0.0.5"},
        {"::FFFF:0a00:5", "10.0.0.5"},
        {"::", "::"},
        {"0:0:0:0:0:0:0:0", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"0:0:0:0:0:0:0:1", "::1"},
        {"2001:DB8::A", "2001:db8::a"},
        {"2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"0:0:1:0:0:0:0:0", "0:0:1::"},
        {"0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"},
        {"1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"fe80::1%3", "fe80::1%3"},
        {"fe80::1%0", "fe80::1"},
        {"fe80::1%4294967295", "fe80::1%4294967295"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    char text[ENDPOINT_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint e = parsed(rows[i].text);
        assert_int_equal(e.port, 0);
        assert_ptr_equal(endpoint_address_text(&e, text), text);
        assert_string_equal(text, rows[i].printed);
        struct endpoint again = parsed(text);
        CHECK(endpoint_equal(&e, &again), "row %s", rows[i].text);
    }
}

static void test_no_address(void **state)
{
    static const char *const rows[] = {
        "",
        " ",
        ".",
        ":",
        ":::",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.",
        ".1.2.3",
        "1..2.3",
        "256.1.1.1",
        "1.1.1.256",
        "1.2.3.4 ",
        " 1.2.3.4",
        "0001.2.3.4",
        "1.2.3.-4",
        "::ffff:10.0.0.5%3",
        "1.2.3.4%1",
        "a.b.c.d",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "1::2::3",
        ":1::2",
        "1::2:",
        "1:2:3:4:5:6:7:",
        ":2:3:4:5:6:7:8",
        "12345::",
        "g::",
        "G::",
        "`::",
        "@::",
        "/::",
        "::-1",
        "fe80::1%",
        "fe80::1%eth0",
        "fe80::1%4294967296",
        "%1",
        "::1%1%2",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::1.2.3",
        "::1.2.3.4.5",
        "::1.2.3.256",
        "::1.2.3.4:5",
        "1.2.3.4::",
        "1.2.3.4::1",
        "1:1.2.3.4::",
        "[::1]",
        "::1]:69",
        "1.2.3.4:69",
        "localhost",
        "*",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint e;
        CHECK(!endpoint_parse_address(&e, guard_text(rows[i])), "\"%s\" is no address", rows[i]);
    }
    assert_false(endpoint_parse_address(&(struct endpoint){.port = 0}, span_of(NULL, 0)));
}

static void test_text_with_port(void **state)
{
    char text[ENDPOINT_TEXT_MAX];
    struct endpoint e = endpoint_ipv4(10, 0, 0, 5, 2070);

    (void)state;
    assert_string_equal(endpoint_text(&e, text), "10.0.0.5:2070");
    e = parsed("fe80::1%3");
    e.port = 65535;
    assert_string_equal(endpoint_text(&e, text), "[fe80::1%3]:65535");
    /* The longest there is; it has to fit, and says so itself. */
    e = parsed("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295");
    e.port = 65535;
    char *room = (char *)guard_room(ENDPOINT_TEXT_MAX);
    assert_string_equal(endpoint_text(&e, room), "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535");
}

static void test_equality(void **state)
{
    struct endpoint a = endpoint_ipv4(10, 0, 0, 5, 69);
    struct endpoint b = a;

    (void)state;
    assert_true(endpoint_equal(&a, &b) && endpoint_same_address(&a, &b));
    assert_int_equal(endpoint_hash(&a, 1), endpoint_hash(&b, 1));
    b.port = 70;
    assert_false(endpoint_equal(&a, &b));
    assert_true(endpoint_same_address(&a, &b));
    b = a;
    b.scope = 1;
    assert_false(endpoint_equal(&a, &b) || endpoint_same_address(&a, &b));
    for (size_t i = 0; i < sizeof b.address; i++) {
        b = a;
        b.address[i] ^= 1;
        CHECK(!endpoint_equal(&a, &b) && !endpoint_same_address(&a, &b), "byte %u", (unsigned)i);
        CHECK(endpoint_hash(&a, 1) != endpoint_hash(&b, 1), "byte %u", (unsigned)i);
    }
}

/* Neighbouring clients, and neighbouring ports of one client, must not crowd one corner of a table. */
static void test_hash_spreads(void **state)
{
    enum { BUCKETS = 256, KEYS = 16384 };
    unsigned buckets[3][BUCKETS] = {{0}};

    (void)state;
    for (unsigned i = 0; i < KEYS; i++) {
        struct endpoint hosts = endpoint_ipv4(10, 0, (uint8_t)(i >> 8), (uint8_t)i, 2070);
        struct endpoint ports = endpoint_ipv4(10, 0, 0, 5, (uint16_t)(1024 + i));
        struct endpoint scopes = parsed("fe80::1");
        scopes.scope = i;
        buckets[0][endpoint_hash(&hosts, 1) % BUCKETS]++;
        buckets[1][endpoint_hash(&ports, 1) % BUCKETS]++;
        buckets[2][endpoint_hash(&scopes, 1) % BUCKETS]++;
    }
    for (size_t set = 0; set < 3; set++)
        for (size_t i = 0; i < BUCKETS; i++)
            CHECK(buckets[set][i] > KEYS / BUCKETS / 3 && buckets[set][i] < KEYS / BUCKETS * 2,
                  "set %u bucket %u has %u", (unsigned)set, (unsigned)i, buckets[set][i]);
}

static void test_kinds_of_address(void **state)
{
    static const struct {
        const char *text;
        bool is_ipv4, is_unspecified, is_multicast, is_broadcast;
    } rows[] = {
        {"0.0.0.0", true, true, false, false},
        {"0.0.0.1", true, false, false, false},
        {"10.0.0.5", true, false, false, false},
        {"223.255.255.255", true, false, false, false},
        {"224.0.0.1", true, false, true, false},
        {"239.255.255.255", true, false, true, false},
        {"240.0.0.1", true, false, false, false},
        {"255.255.255.255", true, false, false, true},
        {"255.255.255.254", true, false, false, false},
        {"::", false, true, false, false},
        {"::1", false, false, false, false},
        {"100::", false, false, false, false},
        {"fe80::1", false, false, false, false},
        {"ff02::1", false, false, true, false},
        {"ff00::ffff:ffff", false, false, true, false},
        {"::255.255.255.255", false, false, false, false},
        {"::fffe:0.0.0.0", false, false, false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint e = parsed(rows[i].text);
        e.port = 67;
        CHECK(endpoint_is_ipv4(&e) == rows[i].is_ipv4, "row %s", rows[i].text);
        CHECK(endpoint_is_unspecified(&e) == rows[i].is_unspecified, "row %s", rows[i].text);
        CHECK(endpoint_is_multicast(&e) == rows[i].is_multicast, "row %s", rows[i].text);
        CHECK(endpoint_is_broadcast(&e) == rows[i].is_broadcast, "row %s", rows[i].text);
    }
}

static void test_prefix_contains(void **state)
{
    static const struct {
        const char *prefix;
        const char *inside;
        const char *outside;
    } rows[] = {
        {"10.0.0.0/8", "10.255.0.1", "11.0.0.0"},
        {"10.0.0.0/8", "10.0.0.0", "9.255.255.255"},
        {"10.1.2.3/8", "10.9.9.9", "fd00::1"},
        {"192.168.1.128/25", "192.168.1.255", "192.168.1.127"},
        {"192.168.1.128/31", "192.168.1.129", "192.168.1.130"},
        {"192.168.1.1/32", "192.168.1.1", "192.168.1.0"},
        {"192.168.1.1", "192.168.1.1", "192.168.1.3"},
        {"0.0.0.0/0", "255.1.2.3", "::1"},
        {"::/0", "::1", "1.2.3.4"},
        {"::/0", "ffff:ffff::1", "255.255.255.255"},
        {"::/1", "7fff::1", "10.0.0.1"},
        {"::/80", "::1:2:3", "203.0.113.9"},
        {"::fffe:0:0/95", "::fffe:1:2", "10.0.0.1"},
        {"::/96", "::a00:1", "10.0.0.1"},
        {"::ffff:0:0/96", "10.0.0.1", "::1"},
        {"::ffff:0.0.0.0/96", "203.0.113.9", "::fffe:1:2"},
        {"fd00::/8", "fdff::1", "fe00::1"},
        {"fd00::/8", "fd00::", "10.0.0.1"},
        {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::"},
        {"2001:db8::1/128", "2001:db8::1", "2001:db8::"},
        {"2001:db8::1", "2001:db8::1", "2001:db8::2"},
        {"::ffff:10.0.0.0/104", "10.1.1.1", "11.1.1.1"},
        {"fe80::/10", "febf::1%4", "fec0::1%4"},
        {"0.0.0.0/1", "127.255.255.255", "128.0.0.0"},
    };
    struct prefix prefix;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(prefix_parse(&prefix, guard_text(rows[i].prefix)), "row %s", rows[i].prefix);
        struct endpoint e = parsed(rows[i].inside);
        CHECK(prefix_contains(&prefix, &e), "%s in %s", rows[i].inside, rows[i].prefix);
        if (rows[i].outside == NULL)
            continue;
        e = parsed(rows[i].outside);
        CHECK(!prefix_contains(&prefix, &e), "%s not in %s", rows[i].outside, rows[i].prefix);
    }
}

/* Every length of prefix: flipping the last bit inside leaves it, flipping the first one outside does not. */
static void test_prefix_every_length(void **state)
{
    struct endpoint base = parsed("2001:db8:aaaa:5555:aaaa:5555:aaaa:5555");
    struct prefix prefix = {.bits = 0};

    (void)state;
    memcpy(prefix.address, base.address, sizeof prefix.address);
    for (unsigned bits = 0; bits <= 128; bits++) {
        prefix.bits = (uint8_t)bits;
        assert_true(prefix_contains(&prefix, &base));
        for (unsigned bit = 0; bit < 128; bit++) {
            struct endpoint e = base;
            e.address[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
            CHECK(prefix_contains(&prefix, &e) == (bit >= bits), "/%u bit %u", bits, bit);
        }
    }
}

static void test_no_prefix(void **state)
{
    static const char *const rows[] = {
        "",
        "/",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/8x",
        "10.0.0.0/ 8",
        "10.0.0/8",
        "10.*/8",
        "::/129",
        "fd00::/",
        "fe80::1%3/64",
        "fe80::1%3",
        "10.0.0.0/8/8",
        "*",
        "10.0.0.0/255.0.0.0",
        "fd00/8",
        "10.0.0.0\\8",
        /* They would mean IPv4, and a part of IPv6 with it. */
        "::ffff:10.0.0.0/8",
        "::ffff:0:0/95",
        "::FFFF:0.0.0.0/0",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct prefix prefix;
        CHECK(!prefix_parse(&prefix, guard_text(rows[i])), "\"%s\" is no prefix", rows[i]);
    }
}

/* SipHash-1-3 of three words, as a second implementation (in Python, after the paper) has it. */
static void test_hash_is_the_one_it_is_called(void **state)
{
    struct endpoint host = endpoint_ipv4(10, 0, 0, 5, 2070);
    struct endpoint link = parsed("fe80::1%3");
    struct endpoint none = {.port = 0};

    (void)state;
    link.port = 65535;
    assert_int_equal(endpoint_hash(&host, 1), 0x663300c9);
    assert_int_equal(endpoint_hash(&link, 0xfedcba9876543210u), 0x4187ecf2);
    assert_int_equal(endpoint_hash(&none, 0), 0x05c4939e);
}

/* Addresses that share a place under one seed do not under another, so nobody can choose them beforehand. */
static void test_hash_needs_its_seed(void **state)
{
    enum { PLACES = 1024, KEYS = 1 << 20 };
    unsigned collected = 0, together = 0;

    (void)state;
    uint32_t place = endpoint_hash(&(struct endpoint){.address = {0x20, 0x01}}, 1) % PLACES;
    uint32_t other = endpoint_hash(&(struct endpoint){.address = {0x20, 0x01}}, 2) % PLACES;
    for (uint32_t i = 0; i < KEYS; i++) {
        struct endpoint e = {.address = {0x20, 0x01}};
        write_u16(e.address + 12, (uint16_t)(i >> 16));
        write_u16(e.address + 14, (uint16_t)i);
        if (endpoint_hash(&e, 1) % PLACES != place)
            continue;
        collected++;
        together += endpoint_hash(&e, 2) % PLACES == other;
    }
    assert_in_range(collected, KEYS / PLACES / 2, KEYS / PLACES * 2);
    assert_in_range(together, 0, 12); /* 2 by chance */
}

/* What may be one owner's is one network; where every host of a link has the same /64, each is its own. */
static void test_networks(void **state)
{
    static const struct {
        const char *address, *network;
    } rows[] = {
        {"10.0.0.5", "10.0.0.5"},
        {"::ffff:10.0.0.5", "10.0.0.5"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
        {"fd00:1:2:3::4", "fd00:1:2:3::"},
        {"2001:db8:1:2::", "2001:db8:1:2::"},
        {"fe80::1%3", "fe80::1%3"},
        {"febf::1", "febf::1"},
        {"fec0::1", "fec0::"},
        {"::1", "::"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint e = parsed(rows[i].address);
        struct endpoint network = parsed(rows[i].network);
        e.port = 2070;
        struct endpoint found = endpoint_network(&e);
        CHECK(endpoint_equal(&found, &network), "the network of %s", rows[i].address);
        struct endpoint host = parsed(rows[i].address);
        found = endpoint_host(&e);
        CHECK(endpoint_equal(&found, &host), "the host of %s", rows[i].address);
    }
}

static void test_the_network_of_so_many_bits(void **state)
{
    static const struct {
        const char *address;
        unsigned bits;
        const char *other;
        bool is_inside;
    } rows[] = {
        {"10.0.0.5", 24, "10.0.0.255", true},      {"10.0.0.5", 24, "10.0.1.0", false},
        {"10.0.0.5", 0, "255.0.0.1", true},        {"10.0.0.5", 32, "10.0.0.4", false},
        {"fd00::5", 64, "fd00::8000:0:0:1", true}, {"fd00::5", 64, "fd00:0:0:1::5", false},
        {"fd00::5", 128, "fd00::4", false},        {"fd00::5", 0, "2001:db8::1", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint e = parsed(rows[i].address), other = parsed(rows[i].other);
        struct prefix network = prefix_of(&e, rows[i].bits);
        CHECK(prefix_contains(&network, &other) == rows[i].is_inside, "%s/%u and %s", rows[i].address, rows[i].bits,
              rows[i].other);
    }
}

static void test_bogus_sources(void **state)
{
    static const struct {
        const char *address;
        uint16_t port;
        bool is_bogus;
    } rows[] = {
        {"10.0.0.5", 2070, false}, {"10.0.0.5", 1, false},          {"10.0.0.5", 0, true},  {"0.0.0.0", 2070, true},
        {"::", 2070, true},        {"255.255.255.255", 2070, true}, {"224.0.0.1", 9, true}, {"239.1.1.1", 9, true},
        {"ff02::1", 9, true},      {"fe80::1%3", 9, false},         {"::1", 9, false},      {"127.0.0.1", 9, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint from;
        assert_true(endpoint_parse_address(&from, span_of_text(rows[i].address)));
        from.port = rows[i].port;
        CHECK(endpoint_is_bogus_source(&from) == rows[i].is_bogus, "%s", rows[i].address);
    }
}

static void test_addresses_as_packets_have_them(void **state)
{
    static const uint8_t four[4] = {10, 0, 0, 5}, sixteen[16] = {0xfe, 0x80, [15] = 1};
    struct endpoint v4 = endpoint_of_ipv4(four, 69), v6 = endpoint_of_ipv6(sixteen, 3, 70);
    struct endpoint same = endpoint_ipv4(10, 0, 0, 5, 69);
    char text[ENDPOINT_TEXT_MAX];

    (void)state;
    assert_true(endpoint_equal(&v4, &same));
    assert_memory_equal(endpoint_ipv4_bytes(&v4), four, sizeof four);
    assert_string_equal(endpoint_text(&v6, text), "[fe80::1%3]:70");
    assert_true(endpoint_is_link_local(&v6));
    assert_false(endpoint_is_link_local(&v4));
}

static void test_directed_broadcasts(void **state)
{
    static const struct {
        const char *address;
        unsigned bits;
        const char *asked;
        bool is_broadcast;
    } rows[] = {
        {"10.1.2.3", 24, "10.1.2.255", true},
        {"10.1.2.3", 24, "10.1.2.254", false},
        {"10.1.2.3", 24, "10.1.3.255", false},
        {"10.1.2.3", 20, "10.1.15.255", true},
        {"10.1.2.3", 20, "10.1.7.255", false},
        {"10.1.2.2", 30, "10.1.2.3", true},
        {"10.1.2.2", 31, "10.1.2.3", false},
        {"10.1.2.3", 32, "10.1.2.3", false},
        {"10.1.2.3", 0, "255.255.255.255", true},
        {"10.1.2.3", 255, "10.1.2.255", false},
        {"fd00::1", 64, "fd00::ffff:ffff:ffff:ffff", false},
        {"fd00::1", 255, "fd00::1", false},
        {"fd00::1", 64, "10.1.2.255", false},
        {"10.1.2.3", 24, "::10.1.2.255", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint e, asked;
        assert_true(endpoint_parse_address(&e, span_of_text(rows[i].address)));
        assert_true(endpoint_parse_address(&asked, span_of_text(rows[i].asked)));
        struct prefix network = prefix_of(&e, rows[i].bits);
        CHECK(prefix_is_broadcast(&network, &asked) == rows[i].is_broadcast, "%s/%u %s", rows[i].address, rows[i].bits,
              rows[i].asked);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_and_print),
        cmocka_unit_test(test_no_address),
        cmocka_unit_test(test_text_with_port),
        cmocka_unit_test(test_equality),
        cmocka_unit_test(test_hash_spreads),
        cmocka_unit_test(test_kinds_of_address),
        cmocka_unit_test(test_prefix_contains),
        cmocka_unit_test(test_prefix_every_length),
        cmocka_unit_test(test_no_prefix),
        cmocka_unit_test(test_hash_needs_its_seed),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_the_network_of_so_many_bits),
        cmocka_unit_test(test_hash_is_the_one_it_is_called),
        cmocka_unit_test(test_bogus_sources),
        cmocka_unit_test(test_addresses_as_packets_have_them),
        cmocka_unit_test(test_directed_broadcasts),
    };

    return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
