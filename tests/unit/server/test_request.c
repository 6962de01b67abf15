#include "unit.h"

#include "core/server/request.h"
#include "guard.h"
#include "wire.h"

static struct config config;

static void set(const char *name, const char *value)
{
    struct config_problem problem;

    CHECK(config_set_typed(&config, config_find(name), value, &problem), "%s", problem.text);
}

static int set_up(void **state)
{
    (void)state;
    config_defaults(&config);
    return 0;
}

static struct endpoint client(void)
{
    return endpoint_ipv4(10, 0, 0, 5, 2070);
}

static void judge(struct request *request, const void *bytes, size_t size)
{
    struct endpoint from = client();

    memset(request, 0xEE, sizeof *request);
    request_judge(request, &config, &from, guard_span(bytes, size));
}

#define JUDGE(request, literal) judge(request, literal, sizeof(literal) - 1)

static void test_good_requests(void **state)
{
    struct request request;

    (void)state;
    JUDGE(&request, "\0\1/Boot\\x64//wdsnbp.com\0OCTET\0tsize\0"
                    "0\0");
    assert_int_equal(request.verdict, REQUEST_OK);
    assert_string_equal(request.path, "Boot\\x64\\wdsnbp.com");
    assert_false(request.is_upload || request.is_netascii);
    assert_int_equal(request.packet.option_count, 1);
    JUDGE(&request, "\0\1f\0NetASCII\0");
    assert_int_equal(request.verdict, REQUEST_OK);
    assert_true(request.is_netascii);
    set("Masters", "10.0.0.5");
    JUDGE(&request, "\0\2dir/f\0octet\0");
    assert_int_equal(request.verdict, REQUEST_OK);
    assert_true(request.is_upload);
    assert_string_equal(request.path, "dir\\f");
}

/* A switch that forgets a NUL is told which; tftp-hpa and dnsmasq answer such requests, too. */
static void test_says_what_is_cut_off(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *why;
    } rows[] = {
        {"\0\1", 2, "the name"},
        {"\0\2name", 6, "the name"},
        {"\0\1f\0octet", 9, "the mode"},
        {"\0\2f\0", 4, "the mode"},
    };
    struct request request;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        judge(&request, rows[i].bytes, rows[i].size);
        CHECK(strstr(request.why, "there is no NUL behind ") != NULL && strstr(request.why, rows[i].why) != NULL,
              "row %u: %s", (unsigned)i, request.why);
        CHECK(i == 0 || request.is_upload == (rows[i].bytes[1] == 2), "row %u", (unsigned)i);
    }
}

static void test_refused_and_dropped(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        enum request_verdict verdict;
        uint16_t code;
    } rows[] = {
#define ROW(literal, verdict, code) {literal, sizeof(literal) - 1, verdict, code}
        ROW("", REQUEST_DROP, 0),
        ROW("\0", REQUEST_DROP, 0),
        ROW("\0\1", REQUEST_ILLEGAL, 4),
        ROW("\0\1name", REQUEST_ILLEGAL, 4),
        ROW("\0\2name", REQUEST_ILLEGAL, 4),
        ROW("\0\1name\0octet", REQUEST_ILLEGAL, 4),
        ROW("\0\2name\0octet", REQUEST_ILLEGAL, 4),
        ROW("\0\3\0", REQUEST_DROP, 0),
        ROW("\0\3\0\1data", REQUEST_DROP, 0),
        ROW("\0\4\0\1", REQUEST_DROP, 0),
        ROW("\0\5\0\1text\0", REQUEST_DROP, 0),
        ROW("\0\6tsize\0"
            "0\0",
            REQUEST_DROP, 0),
        ROW("\0\0", REQUEST_ILLEGAL, 4),
        ROW("\0\7", REQUEST_ILLEGAL, 4),
        ROW("\1\0x", REQUEST_ILLEGAL, 4),
        ROW("\0\1f\0mail\0", REQUEST_ILLEGAL, 4),
        ROW("\0\2f\0mail\0", REQUEST_ILLEGAL, 4),
        ROW("\0\1f\0image\0", REQUEST_ILLEGAL, 4),
        ROW("\0\1f\0\0", REQUEST_ILLEGAL, 4),
        ROW("\0\1f\0octets\0", REQUEST_ILLEGAL, 4),
        ROW("\0\1\0octet\0", REQUEST_BAD_NAME, 1),
        ROW("\0\1/\0octet\0", REQUEST_BAD_NAME, 1),
        ROW("\0\1tftpd.log\0octet\0", REQUEST_BAD_NAME, 1),
        ROW("\0\2tftpd.log\0octet\0", REQUEST_BAD_NAME, 1),
        ROW("\0\1~tftpd-1\0octet\0", REQUEST_BAD_NAME, 1),
        ROW("\0\1../f\0octet\0", REQUEST_BAD_NAME, 2),
        ROW("\0\1..\\f\0octet\0", REQUEST_BAD_NAME, 2),
        ROW("\0\1c:\\f\0octet\0", REQUEST_BAD_NAME, 2),
        ROW("\0\1nul\0octet\0", REQUEST_BAD_NAME, 2),
        ROW("\0\1name\xff\0octet\0", REQUEST_BAD_NAME, 2), /* some Lenovo and Jetway ROMs */
        ROW("\0\2f\0octet\0", REQUEST_FORBIDDEN, 2),
#undef ROW
    };
    struct request request;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        judge(&request, rows[i].bytes, rows[i].size);
        CHECK(request.verdict == rows[i].verdict, "row %u", (unsigned)i);
        CHECK(request.error_code == rows[i].code, "row %u", (unsigned)i);
        if (rows[i].verdict != REQUEST_DROP)
            CHECK(request.why != NULL && strlen(request.why) <= PACKET_ERROR_TEXT_MAX, "row %u", (unsigned)i);
    }
}

static void test_access(void **state)
{
    struct request request;

    (void)state;
    set("Clients", "10.1.*");
    JUDGE(&request, "\0\1f\0octet\0");
    assert_int_equal(request.verdict, REQUEST_FORBIDDEN);
    assert_int_equal(request.error_code, 2);
    assert_non_null(strstr(request.why, "Clients"));
    set("Clients", "*");
    set("Readable", "boot/*");
    JUDGE(&request, "\0\1f\0octet\0");
    assert_non_null(strstr(request.why, "Readable"));
    set("Masters", "*");
    set("Writable", "*.log");
    JUDGE(&request, "\0\2f\0octet\0");
    assert_non_null(strstr(request.why, "Writable"));
    JUDGE(&request, "\0\2f.LOG\0octet\0");
    assert_int_equal(request.verdict, REQUEST_OK);
}

static void test_bogus_source_gets_nothing(void **state)
{
    struct request request;
    struct endpoint from = endpoint_ipv4(255, 255, 255, 255, 2070);

    (void)state;
    request_judge(&request, &config, &from, guard_span("\0\1f\0octet\0", 10));
    assert_int_equal(request.verdict, REQUEST_DROP);
    from = endpoint_ipv4(10, 0, 0, 5, 0);
    request_judge(&request, &config, &from, guard_span("\0\7", 2));
    assert_int_equal(request.verdict, REQUEST_DROP);
}

static void test_fingerprint(void **state)
{
    struct request a, b;

    (void)state;
    JUDGE(&a, "\0\1f\0octet\0tsize\0"
              "0\0");
    JUDGE(&b, "\0\1f\0octet\0tsize\0"
              "0\0");
    assert_int_equal(a.fingerprint, b.fingerprint);
    JUDGE(&b, "\0\1f\0octet\0");
    assert_int_not_equal(a.fingerprint, b.fingerprint);
    assert_int_equal(b.fingerprint, 0x51330c3d); /* FNV-1a, by a second implementation */
    JUDGE(&b, "\0\1g\0octet\0tsize\0"
              "0\0");
    assert_int_not_equal(a.fingerprint, b.fingerprint);
    JUDGE(&b, "\0\1f\0octet\0tsize\0"
              "0\0\0");
    assert_int_not_equal(a.fingerprint, b.fingerprint);
}

static void test_final_path(void **state)
{
    struct request request;
    struct endpoint from = client();

    (void)state;
    set("Readable", "public/*");
    JUDGE(&request, "\0\1public/PROGRA~1.EXE\0octet\0");
    assert_int_equal(request.verdict, REQUEST_OK);
    assert_true(request_allows_final_path(&request, &config, &from, "public\\program files.exe"));
    assert_int_equal(request.verdict, REQUEST_OK);
    assert_false(request_allows_final_path(&request, &config, &from, "secret\\x"));
    assert_int_equal(request.verdict, REQUEST_FORBIDDEN);
    assert_int_equal(request.error_code, 2);
    /* The log behind its short name does not exist either. */
    set("Readable", "*");
    JUDGE(&request, "\0\1TFTPD~1.LOG\0octet\0");
    assert_false(request_allows_final_path(&request, &config, &from, "tftpd.log"));
    assert_int_equal(request.verdict, REQUEST_BAD_NAME);
    assert_int_equal(request.error_code, 1);
    assert_false(request_allows_final_path(&request, &config, &from, "a\\con"));
    assert_int_equal(request.error_code, 2);
}

/* CLIENTS.md rule 12: the datagram fits the arrival interface's MTU; a parameter overrides in either direction. */
static void test_rule_12_blksize_within_the_mtu(void **state)
{
    static const struct {
        const char *from;
        uint32_t mtu;
        const char *parameter;
        const char *block_size_max;
        uint32_t expected;
    } rows[] = {
        {"10.0.0.5", 1500, "0", "65464", 1468},    {"fd00::1", 1500, "0", "65464", 1448},
        {"10.0.0.5", 9000, "0", "65464", 8968},    {"10.0.0.5", 0, "0", "65464", 65464},
        {"10.0.0.5", 1500, "0", "1024", 1024},     {"10.0.0.5", 1500, "1400", "65464", 1368},
        {"10.0.0.5", 1500, "9000", "65464", 8968}, {"10.0.0.5", 1500, "65535", "65464", 65464},
        {"10.0.0.5", 0, "1400", "65464", 1368},    {"10.0.0.5", 65535, "0", "65464", 65464},
        {"10.0.0.5", 65534, "0", "65464", 65464},  {"10.0.0.5", 65495, "0", "65464", 65463},
        {"10.0.0.5", 1500, "1", "65464", 8},       {"10.0.0.5", 40, "0", "65464", 8},
        {"10.0.0.5", 39, "0", "65464", 8},         {"10.0.0.5", 33, "0", "65464", 8},
        {"10.0.0.5", 31, "0", "65464", 8},         {"fd00::1", 59, "0", "65464", 8},
        {"10.0.0.5", 41, "0", "65464", 9},         {"fd00::1", 61, "0", "65464", 9},
        {"fd00::1", 65534, "0", "65464", 65464},   {"10.0.0.5", 4294967295u, "0", "65464", 65464},
    };
    struct request request;

    (void)state;
    JUDGE(&request, "\0\1f\0octet\0");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint from;
        assert_true(endpoint_parse_address(&from, span_of_text(rows[i].from)));
        set("Mtu", rows[i].parameter);
        set("MaxBlockSize", rows[i].block_size_max);
        struct option_limits limits = request_option_limits(&request, &config, &from, rows[i].mtu, true);
        /* Headers are 28 bytes on IPv4 and 48 on IPv6, and TFTP's own 4. */
        CHECK(limits.blksize_max == rows[i].expected, "row %u: %u", (unsigned)i, (unsigned)limits.blksize_max);
    }
}

static void test_other_limits(void **state)
{
    struct request request;
    struct endpoint from = client();

    (void)state;
    JUDGE(&request, "\0\1f\0octet\0");
    struct option_limits limits = request_option_limits(&request, &config, &from, 1500, true);
    assert_int_equal(limits.windowsize_max, 64);
    assert_int_equal(limits.timeout_ms, 1000);
    assert_int_equal(limits.disabled, 0);
    assert_true(limits.window_bytes_max >= 64u * BLKSIZE_MAX);
    set("MaxWindowSize", "7");
    set("Timeout", "255");
    set("MsftWindow", "0");
    set("DisableOptions", "BLKSIZE;rollover");
    limits = request_option_limits(&request, &config, &from, 1500, true);
    assert_int_equal(limits.windowsize_max, 7);
    assert_int_equal(limits.timeout_ms, 255000);
    assert_int_equal(limits.disabled, 1u << OPTION_MSFTWINDOW | 1u << OPTION_BLKSIZE | 1u << OPTION_ROLLOVER);
    set("Masters", "*");
    JUDGE(&request, "\0\2f\0octet\0");
    limits = request_option_limits(&request, &config, &from, 1500, true);
    assert_int_equal(limits.window_bytes_max, 256 * 1024);
}

/*
 * Who asks for the first time is sent no more at once than a guess at the port may bring, or UnprovenBytes says; uploads are
 * not sent data at all.
 */
static void test_window_of_an_unknown_client(void **state)
{
    static const struct {
        bool is_upload;
        bool is_known;
        const char *unproven_bytes, *transfer_ports, *port_range, *single_port;
        uint32_t window_bytes_max; /* 0: what a known client is granted */
    } rows[] = {
        {false, false, "12288", "512", "0", "0", 98304},
        {false, false, "12288", "1", "0", "0", 12288},
        {false, false, "512", "1", "0", "0", 512},
        {false, false, "1048576", "512", "0", "0", 1048576},
        {false, false, "512", "512", "50000-50099", "0", 19200},
        {false, false, "512", "512", "50000-50000", "0", 512},
        {false, false, "512", "512", "50000-50099", "1", 512},
        {false, true, "512", "1", "0", "0", 0},
        {true, false, "512", "1", "0", "0", 0},
        {true, true, "512", "1", "0", "0", 0},
    };
    struct request request;
    struct endpoint from = client();

    (void)state;
    set("Masters", "*");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        judge(&request, rows[i].is_upload ? "\0\2f\0octet" : "\0\1f\0octet", 10);
        set("UnprovenBytes", rows[i].unproven_bytes);
        set("TransferPorts", rows[i].transfer_ports);
        set("PortRange", rows[i].port_range);
        set("SinglePort", rows[i].single_port);
        struct option_limits usual = request_option_limits(&request, &config, &from, 1500, true);
        struct option_limits limits = request_option_limits(&request, &config, &from, 1500, rows[i].is_known);
        bool is_small = rows[i].window_bytes_max != 0;
        CHECK(limits.window_bytes_max == (is_small ? rows[i].window_bytes_max : usual.window_bytes_max), "row %u: %u",
              (unsigned)i, (unsigned)limits.window_bytes_max);
        CHECK(limits.header_bytes == (is_small ? 32u : 0u), "row %u", (unsigned)i);
        CHECK(limits.blksize_max == usual.blksize_max && limits.windowsize_max == usual.windowsize_max, "row %u",
              (unsigned)i);
    }
}

/* What is remembered of a datagram's size is never more than it was. */
static void test_size_of_the_datagram(void **state)
{
    static uint8_t bytes[70000];
    static const size_t sizes[] = {0, 2, 14, 516, 65534, 65535, 65536, sizeof bytes};
    struct request request;

    (void)state;
    bytes[1] = 1;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        judge(&request, bytes, sizes[i]);
        CHECK(request.datagram_bytes == (sizes[i] < UINT16_MAX ? sizes[i] : UINT16_MAX), "%u bytes",
              (unsigned)sizes[i]);
    }
}

/*
 * However short the request and long the text: with headers no more than three times the request, a whole packet, and no
 * text is cut that need not be.
 */
static void test_error_is_cut_to_the_request(void **state)
{
    char text[PACKET_ERROR_TEXT_MAX + 1];

    (void)state;
    for (size_t length = 0; length <= PACKET_ERROR_TEXT_MAX; length++) {
        memset(text, 'x', length);
        text[length] = 0;
        for (size_t request = 2; request < 100; request++) {
            uint8_t *bytes = guard_room(PACKET_CONTROL_SIZE_MAX);
            size_t whole = 4 + length + 1;
            size_t most = 3 * (request + 28) - 28;
            size_t size = request_encode_error(bytes, request, 2, text);
            CHECK(size == (whole < most ? whole : most), "text of %u, request of %u: %u bytes", (unsigned)length,
                  (unsigned)request, (unsigned)size);
            CHECK(memcmp(bytes, "\0\5\0\2", 4) == 0 && memcmp(bytes + 4, text, size - 5) == 0 && bytes[size - 1] == 0,
                  "text of %u, request of %u", (unsigned)length, (unsigned)request);
        }
    }
}

static void test_random_bytes(void **state)
{
    uint8_t bytes[64];
    uint64_t random = 23;
    struct request request;

    (void)state;
    for (int round = 0; round < 30000; round++) {
        size_t size = random_below(&random, sizeof bytes);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)(random_below(&random, 2) ? random_below(&random, 3) : random_next(&random));
        if (size > 14 && random_below(&random, 2))
            memcpy(bytes + 8, "\0octet", 7);
        if (size > 0)
            bytes[0] = 0;
        judge(&request, bytes, size);
        CHECK((request.verdict == REQUEST_OK) == (request.verdict != REQUEST_DROP && request.why == NULL), "round %d",
              round);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_good_requests, set_up),
        cmocka_unit_test_setup(test_refused_and_dropped, set_up),
        cmocka_unit_test_setup(test_says_what_is_cut_off, set_up),
        cmocka_unit_test_setup(test_access, set_up),
        cmocka_unit_test_setup(test_bogus_source_gets_nothing, set_up),
        cmocka_unit_test_setup(test_fingerprint, set_up),
        cmocka_unit_test_setup(test_final_path, set_up),
        cmocka_unit_test_setup(test_rule_12_blksize_within_the_mtu, set_up),
        cmocka_unit_test_setup(test_other_limits, set_up),
        cmocka_unit_test_setup(test_window_of_an_unknown_client, set_up),
        cmocka_unit_test_setup(test_size_of_the_datagram, set_up),
        cmocka_unit_test_setup(test_error_is_cut_to_the_request, set_up),
        cmocka_unit_test_setup(test_random_bytes, set_up),
    };

    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
