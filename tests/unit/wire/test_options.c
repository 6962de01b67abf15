#include "unit.h"

#include "core/wire/options.h"
#include "guard.h"
#include "wire.h"

#include <stdio.h>

enum { TEXT_MAX = 256 };

static const struct option_limits no_limits = {
    .blksize_max = BLKSIZE_MAX, .windowsize_max = WINDOWSIZE_MAX, .window_bytes_max = UINT32_MAX, .timeout_ms = 1000};
static const struct option_facts download = {false, false, 1234567};

static struct agreement agree(const char *options, const struct option_limits *limits, const struct option_facts *facts)
{
    uint8_t bytes[WIRE_SIZE_MAX];
    struct packet packet;

    size_t size = wire_request(bytes, facts->is_upload ? 2 : 1, "f", "octet", options);
    assert_int_equal(packet_decode(&packet, guard_span(bytes, size)), DECODING_OK);
    return options_agree(&packet, limits, facts);
}

static void expect_oack(const struct agreement *a, const char *asked, const char *expected)
{
    uint8_t bytes[PACKET_CONTROL_SIZE_MAX];
    char text[TEXT_MAX];

    size_t size = options_encode_oack(bytes, a);
    wire_text(span_of(bytes, size), text, sizeof text);
    CHECK(strcmp(text, expected) == 0, "asked \"%s\": \"%s\" instead of \"%s\"", asked, text, expected);
}

/* CLIENTS.md section 1: what each client asks, byte for byte, and the whole OACK. */
static void test_clients_in_the_field(void **state)
{
    static const struct {
        const char *asked;
        const char *oack;
    } rows[] = {
        {"tsize 0 blksize 1456 windowsize 4 msftwindow 31416",
         "OACK tsize=1234567 blksize=1456 windowsize=4 msftwindow=27182"},
        {"tsize 0 blksize 1468 windowsize 4", "OACK tsize=1234567 blksize=1468 windowsize=4"},
        {"blksize 1468 windowsize 4", "OACK blksize=1468 windowsize=4"},
        {"blksize 1432 tsize 0 multicast ~", "OACK blksize=1432 tsize=1234567"},
        {"multicast ~ blksize 1432 tsize 0", "OACK blksize=1432 tsize=1234567"},
        {"tsize 0 blksize 1408", "OACK tsize=1234567 blksize=1408"},
        {"blksize 1024 tsize 0", "OACK blksize=1024 tsize=1234567"},
        {"timeout 5 tsize 0 blksize 1468 windowsize 8", "OACK timeout=5 tsize=1234567 blksize=1468 windowsize=8"},
        {"tsize 0", "OACK tsize=1234567"},
        {"tsize 0 blksize 512 timeout 6", "OACK tsize=1234567 blksize=512 timeout=6"},
        {"blksize 1450 windowsize 64", "OACK blksize=1450 windowsize=64"},
        {"", "OACK"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct agreement a = agree(rows[i].asked, &no_limits, &download);
        expect_oack(&a, rows[i].asked, rows[i].oack);
    }
}

static void test_each_option_and_its_bounds(void **state)
{
    static const struct {
        const char *asked;
        const char *oack;
    } rows[] = {
        {"blksize 7", "OACK"},
        {"blksize 8", "OACK blksize=8"},
        {"blksize 65464", "OACK blksize=65464"},
        {"blksize 65465", "OACK blksize=65464"},
        {"blksize 99999999999999999999", "OACK"},
        {"blksize 0", "OACK"},
        {"BlkSize 1024", "OACK blksize=1024"},
        {"blksize ~", "OACK"},
        {"blksize 512x", "OACK"},
        {"blksize -8", "OACK"},
        {"blksize 0x200", "OACK"},
        {"blksize 00512", "OACK blksize=512"},
        {"blksize2 7", "OACK"},
        {"blksize2 8", "OACK blksize2=8"},
        {"blksize2 15", "OACK blksize2=8"},
        {"blksize2 1500", "OACK blksize2=1024"},
        {"blksize2 65536", "OACK blksize2=32768"},
        {"blksize 1000 blksize2 2048", "OACK blksize=1000"},
        {"blksize2 1000 blksize 2048", "OACK blksize2=512"},
        {"timeout 0", "OACK"},
        {"timeout 1", "OACK timeout=1"},
        {"timeout 255", "OACK timeout=255"},
        {"timeout 256", "OACK"},
        {"utimeout 9999", "OACK"},
        {"utimeout 10000", "OACK utimeout=10000"},
        {"utimeout 1234567", "OACK utimeout=1234567"},
        {"utimeout 255000000", "OACK utimeout=255000000"},
        {"utimeout 255000001", "OACK"},
        {"windowsize 0", "OACK"},
        {"windowsize 1", "OACK windowsize=1"},
        {"windowsize 65535", "OACK windowsize=65535"},
        {"windowsize 65536", "OACK"},
        {"rollover 0", "OACK rollover=0"},
        {"rollover 1", "OACK rollover=1"},
        {"rollover 2", "OACK"},
        {"rollover 1 windowsize 65535", "OACK rollover=1 windowsize=65534"},
        {"windowsize 65535 rollover 1", "OACK windowsize=65534 rollover=1"},
        {"msftwindow 0", "OACK msftwindow=27182"},
        {"msftwindow ~", "OACK"},
        {"tsize ~", "OACK"},
        {"tsize 18446744073709551615", "OACK tsize=1234567"},
        {"tsize 18446744073709551616", "OACK"},
        {"blksize 8 blksize 16", "OACK blksize=8"},
        {"blksize x blksize 16", "OACK blksize=16"},
        {"tsiz 0 tsizee 0 x 1 tsize 0", "OACK tsize=1234567"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct agreement a = agree(rows[i].asked, &no_limits, &download);
        expect_oack(&a, rows[i].asked, rows[i].oack);
    }
}

/* CLIENTS.md rule 1: the timeout comes back exactly as asked, whatever else was asked with it. */
static void test_rule_1_timeout_and_utimeout_together(void **state)
{
    (void)state;
    struct agreement a = agree("timeout 5 utimeout 500000", &no_limits, &download);
    expect_oack(&a, "timeout 5 utimeout 500000", "OACK timeout=5");
    assert_int_equal(a.timeout_ms, 5000);
    a = agree("utimeout 500000 timeout 5", &no_limits, &download);
    expect_oack(&a, "utimeout 500000 timeout 5", "OACK utimeout=500000");
    assert_int_equal(a.timeout_ms, 500);
    a = agree("timeout 0 utimeout 500000", &no_limits, &download);
    expect_oack(&a, "timeout 0 utimeout 500000", "OACK utimeout=500000");
}

static void test_what_is_agreed_without_options(void **state)
{
    (void)state;
    struct agreement a = agree("nothing 1", &no_limits, &download);
    assert_int_equal(a.blksize, 512);
    assert_int_equal(a.windowsize, 1);
    assert_int_equal(a.windowsize_max, WINDOWSIZE_MAX);
    assert_int_equal(a.timeout_ms, 1000);
    assert_int_equal(a.rollover, 0);
    assert_int_equal(a.granted_count, 0);
    assert_false(a.has_client_timeout || a.has_tsize || a.has_msftwindow);
}

static void test_what_is_agreed_with_options(void **state)
{
    (void)state;
    struct agreement a =
        agree("timeout 7 tsize 0 rollover 1 windowsize 9 blksize 99 msftwindow 31416", &no_limits, &download);
    assert_int_equal(a.timeout_ms, 7000);
    assert_true(a.has_client_timeout && a.has_tsize && a.has_msftwindow);
    assert_int_equal(a.tsize, 1234567);
    assert_int_equal(a.rollover, 1);
    assert_int_equal(a.windowsize, 9);
    assert_int_equal(a.blksize, 99);
    a = agree("utimeout 250000", &no_limits, &download);
    assert_int_equal(a.timeout_ms, 250);
    assert_true(a.has_client_timeout);
}

static void test_server_limits(void **state)
{
    static const struct {
        const char *asked;
        struct option_limits limits;
        const char *oack;
    } rows[] = {
        {"blksize 1468", {1468, 64, 1 << 30, 0, 1000, 0}, "OACK blksize=1468"},
        {"blksize 1469", {1468, 64, 1 << 30, 0, 1000, 0}, "OACK blksize=1468"},
        {"blksize 65464", {8, 64, 1 << 30, 0, 1000, 0}, "OACK blksize=8"},
        {"blksize2 1468", {1468, 64, 1 << 30, 0, 1000, 0}, "OACK blksize2=1024"},
        {"blksize2 65464", {1024, 64, 1 << 30, 0, 1000, 0}, "OACK blksize2=1024"},
        {"blksize2 65464", {1023, 64, 1 << 30, 0, 1000, 0}, "OACK blksize2=512"},
        {"windowsize 64", {1468, 64, 1 << 30, 0, 1000, 0}, "OACK windowsize=64"},
        {"windowsize 65", {1468, 64, 1 << 30, 0, 1000, 0}, "OACK windowsize=64"},
        {"windowsize 64", {1468, 1, 1 << 30, 0, 1000, 0}, "OACK windowsize=1"},
        /* The window's memory: as many blocks as fit, but one at least. */
        {"windowsize 64 blksize 1024", {1468, 64, 65536, 0, 1000, 0}, "OACK windowsize=64 blksize=1024"},
        {"windowsize 64 blksize 1024", {1468, 64, 65535, 0, 1000, 0}, "OACK windowsize=63 blksize=1024"},
        {"blksize 1025 windowsize 64", {1468, 64, 65536, 0, 1000, 0}, "OACK blksize=1025 windowsize=63"},
        {"windowsize 64", {1468, 64, 1024, 0, 1000, 0}, "OACK windowsize=2"},
        {"windowsize 64 blksize 1024", {1468, 64, 100, 0, 1000, 0}, "OACK windowsize=1 blksize=1024"},
        /* The headers of each block may count in it. */
        {"windowsize 64 blksize 1024", {1468, 64, 12288, 32, 1000, 0}, "OACK windowsize=11 blksize=1024"},
        {"windowsize 64 blksize 1024", {1468, 64, 11 * 1056, 32, 1000, 0}, "OACK windowsize=11 blksize=1024"},
        {"windowsize 64 blksize 1024", {1468, 64, 11 * 1056 - 1, 32, 1000, 0}, "OACK windowsize=10 blksize=1024"},
        {"windowsize 64 blksize 8", {1468, 64, 1024, 32, 1000, 0}, "OACK windowsize=25 blksize=8"},
        {"windowsize 64", {1468, 64, 512, 32, 1000, 0}, "OACK windowsize=1"},
        {"windowsize 8 blksize 1468", {1468, 64, 12288, 32, 1000, 0}, "OACK windowsize=8 blksize=1468"},
        {"windowsize 4 blksize 1468", {1468, 64, 12288, 32, 1000, 0}, "OACK windowsize=4 blksize=1468"},
        /* Parameter DisableOptions. */
        {"tsize 0 blksize 1468", {1468, 64, 1 << 30, 0, 1000, 1u << OPTION_BLKSIZE}, "OACK tsize=1234567"},
        {"blksize 99 blksize2 99", {1468, 64, 1 << 30, 0, 1000, 1u << OPTION_BLKSIZE}, "OACK blksize2=64"},
        {"tsize 0 msftwindow 31416", {1468, 64, 1 << 30, 0, 1000, 1u << OPTION_MSFTWINDOW}, "OACK tsize=1234567"},
        {"tsize 0 timeout 1", {1468, 64, 1 << 30, 0, 1000, 0xff}, "OACK"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct agreement a = agree(rows[i].asked, &rows[i].limits, &download);
        expect_oack(&a, rows[i].asked, rows[i].oack);
    }
}

/* CLIENTS.md rule 1: whatever is asked and whatever the limits, never more than asked and nothing that was not asked. */
static void test_rule_1_oack_is_a_strict_subset(void **state)
{
    static const char *const names[] = {"blksize",  "blksize2",   "tsize",    "timeout",
                                        "utimeout", "windowsize", "rollover", "msftwindow"};
    uint64_t random = 7;
    char asked[TEXT_MAX];

    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint32_t values[OPTION_COUNT] = {0};
        size_t used = 0;
        asked[0] = 0;
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            if (random_below(&random, 2))
                continue;
            values[i] = random_below(&random, 2) ? random_below(&random, 300) : random_below(&random, 100000);
            used += (size_t)snprintf(asked + used, sizeof asked - used, "%s %u ", names[i], (unsigned)values[i]);
        }
        struct option_limits limits = {8 + random_below(&random, 65457),
                                       1 + random_below(&random, 65535),
                                       1 + random_next(&random),
                                       random_below(&random, 2) * 32,
                                       1000,
                                       random_below(&random, 256)};
        struct agreement a = agree(asked, &limits, &download);
        assert_true(a.blksize <= limits.blksize_max || a.blksize == 512);
        assert_true(a.windowsize <= a.windowsize_max && a.windowsize_max <= limits.windowsize_max);
        for (unsigned i = 0; i < a.granted_count; i++) {
            enum option option = a.granted[i];
            CHECK(strstr(asked, names[option]) != NULL && !(limits.disabled >> option & 1), "%s", asked);
            if (option == OPTION_BLKSIZE || option == OPTION_BLKSIZE2)
                CHECK(a.blksize <= values[option] && a.blksize >= 8 && a.blksize <= limits.blksize_max, "%s", asked);
            if (option == OPTION_WINDOWSIZE)
                CHECK(a.windowsize <= values[option] && a.windowsize >= 1, "%s", asked);
            if (option == OPTION_TIMEOUT)
                CHECK(a.timeout_ms == values[option] * 1000, "%s", asked);
        }
    }
}

/* CLIENTS.md rule 14. */
static void test_rule_14_tsize_and_netascii(void **state)
{
    static const struct option_facts netascii = {false, true, 1000};
    static const struct option_facts netascii_upload = {true, true, 0};

    (void)state;
    struct agreement a = agree("tsize 0 blksize 1024", &no_limits, &netascii);
    expect_oack(&a, "netascii", "OACK blksize=1024");
    assert_false(a.has_tsize);
    a = agree("tsize 0", &no_limits, &netascii);
    assert_int_equal(a.granted_count, 0);
    a = agree("tsize 77", &no_limits, &netascii_upload);
    expect_oack(&a, "netascii upload", "OACK tsize=77");
}

/* curl takes "tsize 0" for an error of the server. */
static void test_an_empty_file_is_not_announced(void **state)
{
    struct option_facts facts = {false, false, 0};

    (void)state;
    struct agreement a = agree("tsize 0 blksize 1024", &no_limits, &facts);
    expect_oack(&a, "empty", "OACK blksize=1024");
}

/* CLIENTS.md rule 10: sizes are 64 bits wide. */
static void test_rule_10_tsize_has_64_bits(void **state)
{
    static const uint64_t sizes[] = {1,           33554432,    2147483647, 2147483648u,          4294967295u,
                                     4294967296u, 5368709120u, 1ull << 40, 18446744073709551615u};
    char expected[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct option_facts facts = {false, false, sizes[i]};
        struct agreement a = agree("tsize 0", &no_limits, &facts);
        snprintf(expected, sizeof expected, "OACK tsize=%llu", (unsigned long long)sizes[i]);
        expect_oack(&a, "tsize 0", expected);
        snprintf(expected, sizeof expected, "tsize %llu", (unsigned long long)sizes[i]);
        facts.is_upload = true;
        a = agree(expected, &no_limits, &facts);
        assert_true(a.has_tsize && a.tsize == sizes[i]);
    }
}

static void test_upload(void **state)
{
    static const struct option_facts upload = {true, false, 0};

    (void)state;
    struct agreement a = agree("tsize 4711 blksize 512 timeout 6 msftwindow 31416", &no_limits, &upload);
    expect_oack(&a, "upload", "OACK tsize=4711 blksize=512 timeout=6");
    assert_int_equal(a.tsize, 4711);
    assert_false(a.has_msftwindow);
}

/* Order of the request, plain decimals, NULs in place; the longest OACK fits a transfer's control bytes. */
static void test_oack_bytes(void **state)
{
    static const struct option_facts huge = {false, false, UINT64_MAX};
    static const char expected[] = "\0\6tsize\0"
                                   "18446744073709551615\0blksize\0"
                                   "65464\0windowsize\0"
                                   "65535\0"
                                   "utimeout\0"
                                   "255000000\0rollover\0"
                                   "0\0msftwindow\0"
                                   "27182";
    char text[TEXT_MAX];

    (void)state;
    struct agreement a = agree("tsize 0 blksize 65464 windowsize 65535 utimeout 255000000 rollover 0 msftwindow 31416",
                               &no_limits, &huge);
    a.windowsize = 65535;
    uint8_t *bytes = guard_room(PACKET_CONTROL_SIZE_MAX);
    assert_int_equal(options_encode_oack(bytes, &a), sizeof expected);
    assert_memory_equal(bytes, expected, sizeof expected);
    assert_string_equal(options_text(&a, text, sizeof text),
                        "tsize=18446744073709551615 blksize=65464 windowsize=65535 utimeout=255000000 rollover=0 "
                        "msftwindow=27182");
}

static void test_text(void **state)
{
    char text[TEXT_MAX];

    (void)state;
    struct agreement a = agree("", &no_limits, &download);
    assert_string_equal(options_text(&a, text, sizeof text), "no options");
    a = agree("blksize 1456 windowsize 4", &no_limits, &download);
    assert_string_equal(options_text(&a, text, sizeof text), "blksize=1456 windowsize=4");
    for (size_t size = 1; size < 30; size++) {
        char *room = (char *)guard_room(size);
        options_text(&a, room, size);
        CHECK(strlen(room) < size && strncmp(room, "blksize=1456 windowsize=4", strlen(room)) == 0, "size %u",
              (unsigned)size);
    }
}

static void test_find(void **state)
{
    (void)state;
    assert_int_equal(options_find(span_of_text("blksize")), OPTION_BLKSIZE);
    assert_int_equal(options_find(span_of_text("BLKSIZE2")), OPTION_BLKSIZE2);
    assert_int_equal(options_find(span_of_text("TSize")), OPTION_TSIZE);
    assert_int_equal(options_find(span_of_text("timeout")), OPTION_TIMEOUT);
    assert_int_equal(options_find(span_of_text("utimeout")), OPTION_UTIMEOUT);
    assert_int_equal(options_find(span_of_text("windowsize")), OPTION_WINDOWSIZE);
    assert_int_equal(options_find(span_of_text("rollover")), OPTION_ROLLOVER);
    assert_int_equal(options_find(span_of_text("msftwindow")), OPTION_MSFTWINDOW);
    assert_int_equal(options_find(span_of_text("")), OPTION_COUNT);
    assert_int_equal(options_find(span_of_text("multicast")), OPTION_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clients_in_the_field),
        cmocka_unit_test(test_each_option_and_its_bounds),
        cmocka_unit_test(test_rule_1_timeout_and_utimeout_together),
        cmocka_unit_test(test_what_is_agreed_without_options),
        cmocka_unit_test(test_what_is_agreed_with_options),
        cmocka_unit_test(test_server_limits),
        cmocka_unit_test(test_rule_1_oack_is_a_strict_subset),
        cmocka_unit_test(test_rule_14_tsize_and_netascii),
        cmocka_unit_test(test_an_empty_file_is_not_announced),
        cmocka_unit_test(test_rule_10_tsize_has_64_bits),
        cmocka_unit_test(test_upload),
        cmocka_unit_test(test_oack_bytes),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_find),
    };

    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
