/* What is asked, what the server makes of it, whom the client listens to, and how long it waits. */
#include "unit.h"

#include "asker.h"
#include "driver.h"

#include <stdio.h>

static void begin(struct asker *a, unsigned kind, uint32_t blksize, uint32_t windowsize, bool wants_tsize)
{
    asker_init(a, kind, driver_content(5000), 5000);
    a->setup.blksize = blksize;
    a->setup.windowsize = windowsize;
    a->setup.wants_tsize = wants_tsize;
    asker_begin(a);
}

/* In the order of the sheet, plain decimal, and nothing that says what is so without it. */
static void test_requests(void **state)
{
    static struct asker a;
    static const struct {
        unsigned kind;
        uint32_t blksize;
        uint32_t windowsize;
        bool wants_tsize;
        bool is_bare;
        bool is_pipe;
        uint8_t server_timeout_s;
        const char *log;
    } rows[] = {
        {GET, 1428, 16, true, false, false, 0, "PORT 0 RRQ f octet tsize=0 blksize=1428 windowsize=16"},
        {PUT, 1428, 16, true, false, false, 0, "PORT 0 WRQ f octet tsize=5000 blksize=1428 windowsize=16"},
        {PUT, 1428, 16, true, false, true, 0, "PORT 0 WRQ f octet blksize=1428 windowsize=16"},
        {GET | TEXT, 65464, 4, true, false, false, 0, "PORT 0 RRQ f netascii blksize=65464 windowsize=4"},
        {PUT | TEXT, 8, 4, true, false, false, 0, "PORT 0 WRQ f netascii blksize=8 windowsize=4"},
        {GET, 512, 1, false, false, false, 0, "PORT 0 RRQ f octet"},
        {GET, 512, 1, false, false, false, 7, "PORT 0 RRQ f octet timeout=7"},
        {GET, 512, 2, false, false, false, 0, "PORT 0 RRQ f octet windowsize=2"},
        {GET, 1428, 16, true, true, false, 3, "PORT 0 RRQ f octet"},
        {GET, 512, 1, true, false, false, 255, "PORT 0 RRQ f octet tsize=0 timeout=255"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        asker_init(&a, rows[i].kind, driver_content(5000), 5000);
        a.setup.blksize = rows[i].blksize;
        a.setup.windowsize = rows[i].windowsize;
        a.setup.wants_tsize = rows[i].wants_tsize;
        a.setup.is_bare = rows[i].is_bare;
        a.setup.has_size = a.setup.is_put && !rows[i].is_pipe;
        a.setup.server_timeout_s = rows[i].server_timeout_s;
        asker_begin(&a);
        CHECK(strcmp(a.log, rows[i].log) == 0, "row %u: %s", (unsigned)i, a.log);
        assert_true(a.sent_to.port == 69 && endpoint_same_address(&a.sent_to, &asker_server));
        asker_free(&a);
    }
}

static void test_a_request_has_512_bytes_at_most(void **state)
{
    static struct asker a;
    char name[600];

    (void)state;
    memset(name, 'n', sizeof name);
    for (size_t length = 480; length < 520; length++) {
        asker_init(&a, GET, NULL, 0);
        name[length] = 0;
        a.setup.name = name;
        a.setup.blksize = 1428;
        asker_begin(&a);
        /* Opcode, name, "octet", "blksize", "1428". */
        bool fits = 2 + length + 1 + 6 + 8 + 5 <= 512;
        CHECK(a.is_finished == !fits, "%u: %s", (unsigned)length, a.log);
        if (!fits)
            EXPECT(&a, "FINISH 2");
        name[length] = 'n';
        asker_free(&a);
    }
}

static void test_window_memory_is_bounded(void **state)
{
    (void)state;
    for (uint32_t blksize = BLKSIZE_MIN; blksize <= BLKSIZE_MAX; blksize++) {
        uint32_t most = exchange_window_max(blksize);
        struct exchange_setup setup = {.is_put = true, .blksize = blksize, .windowsize = most};
        assert_true(most >= 1 && most <= 65535);
        assert_true(blksize < 512 || exchange_memory_size(&setup) <= EXCHANGE_WINDOW_BYTES_MAX);
    }
    assert_int_equal(exchange_window_max(8), 65535);
}

/* 1 s, 2, then 4 each: 19 s in all; the third send and every other one behind it are bare, from a port of their own. */
static void test_silence(void **state)
{
    static struct asker a;

    (void)state;
    begin(&a, GET, 1428, 16, true);
    assert_int_equal(asker_wait_ms(&a), 1000);
    asker_timer(&a);
    EXPECT(&a, "");
    asker_timeout(&a);
    EXPECT(&a, "RRQ f octet tsize=0 blksize=1428 windowsize=16");
    assert_int_equal(a.sent_line, 0);
    assert_int_equal(asker_wait_ms(&a), 2000);
    asker_timeout(&a);
    EXPECT(&a, "PORT 1 RRQ f octet");
    assert_int_equal(a.sent_line, 1);
    assert_int_equal(asker_wait_ms(&a), 4000);
    assert_int_equal(a.now_ms, ASKER_START_MS + 3000);
    asker_timeout(&a);
    EXPECT(&a, "RRQ f octet tsize=0 blksize=1428 windowsize=16");
    asker_timeout(&a);
    EXPECT(&a, "RRQ f octet");
    asker_timeout(&a);
    EXPECT(&a, "RRQ f octet tsize=0 blksize=1428 windowsize=16");
    asker_timeout(&a);
    EXPECT(&a, "FINISH 11");
    assert_int_equal(a.now_ms, ASKER_START_MS + 19000);
    assert_int_equal(a.action.finish.duration_ms, 19000);
    assert_int_equal(a.action.finish.from.port, 0);
    asker_free(&a);

    begin(&a, GET, 1428, 16, true);
    a.exchange.setup.is_options_only = true;
    for (int i = 0; i < 5; i++) {
        asker_timeout(&a);
        EXPECT(&a, "RRQ f octet tsize=0 blksize=1428 windowsize=16");
    }
    asker_free(&a);
}

/* --wait: each second, until somebody is awake; nobody's silence and no "nothing listens" ends it before. */
static void test_waits_for_a_device(void **state)
{
    static struct asker a;

    (void)state;
    asker_init(&a, PUT, driver_content(100), 100);
    a.setup.wait_ms = 60000;
    a.setup.blksize = 1428;
    asker_begin(&a);
    for (int i = 0; i < 59; i++) {
        asker_unreachable(&a, 0);
        EXPECT(&a, "");
        asker_timeout(&a);
        CHECK(strstr(a.log, "WRQ f octet") != NULL, "%d: %s", i, a.log);
    }
    asker_timeout(&a);
    EXPECT(&a, "FINISH 12");
    assert_int_equal(a.now_ms, ASKER_START_MS + 60000);
    asker_free(&a);
}

static void test_other_first_waits(void **state)
{
    static struct asker a;
    static const struct {
        uint32_t timeout_ms;
        uint32_t retries;
        uint64_t ends_ms;
    } rows[] = {{1000, 0, 1000}, {1000, 1, 3000}, {10000, 2, 30000}, {1, 3, 15}, {3000, 2, 11000}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        asker_init(&a, GET, NULL, 0);
        a.setup.timeout_ms = rows[i].timeout_ms;
        a.setup.retries = rows[i].retries;
        asker_begin(&a);
        while (!a.is_finished)
            asker_timeout(&a);
        CHECK(a.now_ms - ASKER_START_MS == rows[i].ends_ms, "row %u: %u ms", (unsigned)i,
              (unsigned)(a.now_ms - ASKER_START_MS));
        assert_int_equal(a.sends, rows[i].retries + 1);
        asker_free(&a);
    }
}

/* Each would be a contradiction: not asked for, larger, out of range, no number, twice (RFC 2347, 2348, 2349, 7440). */
static void test_bad_oacks(void **state)
{
    static struct asker a;
    static const char *const bad[] = {
        "timeout 3",
        "rollover 1",
        "nonsense 1",
        "blksize 1429",
        "blksize 7",
        "blksize 0",
        "blksize 5000000000",
        "windowsize 0",
        "windowsize 17",
        "windowsize 18446744073709551617",
        "blksize x",
        "blksize ~",
        "tsize -1",
        "tsize 1x",
        "blksize 512 blksize 512",
        "tsize 1 windowsize 4 tsize 1",
        "blksize 1428 BLKSIZE 1428",
        "tsize 100 blksize 512 unknown 7",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        begin(&a, i % 2 ? PUT : GET, 1428, 16, true);
        asker_oack(&a, bad[i]);
        CHECK(strcmp(a.log, i % 2 ? "ERROR 8 PORT 1 WRQ f octet" : "ERROR 8 PORT 1 RRQ f octet") == 0, "%s: %s", bad[i],
              a.log);
        /* Its repetition is the old line's, and changes nothing. */
        uint8_t oack[64] = {0, 6};
        asker_datagram_from(&a, 0, &asker_server, span_of(oack, 2));
        EXPECT(&a, "");
        /* A server that answers the bare request with an OACK as well is past help. */
        asker_oack(&a, bad[i]);
        EXPECT(&a, "ERROR 8 FINISH 16");
        asker_free(&a);
    }
    begin(&a, GET, 1428, 16, true);
    a.exchange.setup.is_options_only = true;
    asker_oack(&a, "tsize 5 blksize 9999");
    EXPECT(&a, "ERROR 8 FINISH 16");
    /* Nothing of it is granted. */
    const struct exchange_report *r = &a.action.finish;
    assert_true(!r->has_oack && !r->has_tsize && r->blksize == 512 && r->windowsize == 1);
    asker_free(&a);
}

static void test_good_oacks(void **state)
{
    static struct asker a;
    static const struct {
        const char *options;
        uint32_t blksize;
        uint32_t windowsize;
        const char *log;
    } rows[] = {
        {"blksize 1428 windowsize 16 tsize 5000", 1428, 16, "OPEN 5000 ACK 0"},
        {"tsize 0", 512, 1, "OPEN 0 ACK 0"},
        {"blksize 8", 8, 1, "OPEN 0 ACK 0"},
        {"WindowSize 1", 512, 1, "OPEN 0 ACK 0"},
        {"windowsize 3", 512, 3, "OPEN 0 ACK 0"},
        {"", 512, 1, "OPEN 0 ACK 0"},
        {"timeout 9 blksize 1000", 1000, 1, "OPEN 0 ACK 0"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        asker_init(&a, GET, NULL, 0);
        a.setup.blksize = 1428;
        a.setup.windowsize = 16;
        a.setup.wants_tsize = true;
        a.setup.server_timeout_s = 9;
        asker_begin(&a);
        asker_oack(&a, rows[i].options);
        CHECK(strcmp(a.log, rows[i].log) == 0, "%s: %s", rows[i].options, a.log);
        assert_int_equal(a.exchange.report.blksize, rows[i].blksize);
        assert_int_equal(a.exchange.report.windowsize, rows[i].windowsize);
        assert_true(a.exchange.report.has_oack && a.exchange.report.fallbacks == 0);
        asker_free(&a);
    }
    /* Another time than the one that was asked for is refused; so is one where none was. */
    asker_init(&a, GET, NULL, 0);
    a.setup.server_timeout_s = 9;
    asker_begin(&a);
    asker_oack(&a, "timeout 8");
    EXPECT(&a, "ERROR 8 PORT 1 RRQ f octet");
    asker_free(&a);
    begin(&a, GET, 1428, 1, false);
    asker_oack(&a, "timeout 0");
    EXPECT(&a, "ERROR 8 PORT 1 RRQ f octet");
    asker_free(&a);
    begin(&a, PUT, 1428, 2, true);
    asker_oack(&a, "windowsize 2 tsize 5000");
    EXPECT(&a, "DATA 1-2");
    asker_free(&a);
    begin(&a, GET, 1428, 2, false);
    asker_oack(&a, "tsize 5000");
    EXPECT(&a, "ERROR 8 PORT 1 RRQ f octet");
    asker_free(&a);
}

/* Old devices: ERROR 0, 4 or 8 is about the options; any other is about the file. */
static void test_errors_to_options(void **state)
{
    static struct asker a;
    char text[300];

    (void)state;
    for (uint16_t code = 0; code < 12; code++) {
        bool is_about_options = code == 0 || code == 4 || code == 8;
        begin(&a, GET, 1428, 1, false);
        asker_error(&a, code, "no");
        snprintf(text, sizeof text, "FINISH %d", code <= 8 ? 20 + code : 29);
        CHECK(strcmp(a.log, is_about_options ? "PORT 1 RRQ f octet" : text) == 0, "%u: %s", code, a.log);
        if (is_about_options)
            asker_error(&a, code, "no");
        EXPECT(&a, text);
        assert_int_equal(a.action.finish.error_code, code);
        assert_int_equal(a.action.finish.error_text.size, 2);
        assert_memory_equal(a.action.finish.error_text.bytes, "no", 2);
        asker_free(&a);
    }
    begin(&a, GET, 512, 1, false);
    asker_error(&a, 4, "no options were asked");
    EXPECT(&a, "FINISH 24");
    asker_free(&a);
    begin(&a, GET, 1428, 1, false);
    a.exchange.setup.is_options_only = true;
    memset(text, 'x', sizeof text);
    text[250] = 0;
    asker_error(&a, 8, text);
    EXPECT(&a, "FINISH 28");
    assert_int_equal(a.action.finish.error_text.size, EXCHANGE_ERROR_TEXT_MAX);
    asker_free(&a);
    /* No letter is left half. */
    begin(&a, GET, 512, 1, false);
    for (size_t i = 1; i < 249; i += 2)
        memcpy(text + i, "\xd0\xb6", 2);
    asker_error(&a, 1, text);
    assert_int_equal(a.action.finish.error_text.size, EXCHANGE_ERROR_TEXT_MAX - 1);
    asker_free(&a);
}

/* The bare request is out already when the options are refused: it is not sent twice. */
static void test_refused_behind_a_bare_request(void **state)
{
    static struct asker a;
    uint8_t refusal[] = {0, 5, 0, 8, 'n', 'o', 0};
    uint8_t data[] = {0, 3, 0, 1, 'x'};

    (void)state;
    begin(&a, GET, 1428, 1, false);
    asker_timeout(&a);
    asker_timeout(&a);
    EXPECT(&a, "PORT 1 RRQ f octet");
    asker_datagram_from(&a, 0, &asker_server, span_of(refusal, sizeof refusal));
    EXPECT(&a, "");
    asker_timeout(&a);
    EXPECT(&a, "RRQ f octet");
    asker_datagram_from(&a, 1, &asker_server, span_of(data, sizeof data));
    EXPECT(&a, "OPEN 0 WRITE 0+1 COMMIT 1 ACK 1");
    asker_timeout(&a);
    EXPECT(&a, "FINISH 0");
    assert_int_equal(a.action.finish.fallbacks, FALLBACK_BARE);
    asker_free(&a);
}

/* Both requests are answered: the first answer counts, whoever comes second hears ERROR 0, once. */
static void test_two_answers(void **state)
{
    static struct asker a;
    struct endpoint second = asker_server;
    uint8_t oack[64], data[516] = {0, 3, 0, 1};
    size_t size = asker_make_oack(oack, "blksize 1428");

    (void)state;
    second.port++;
    for (int bare_first = 0; bare_first < 2; bare_first++) {
        struct span with_options = span_of(oack, size), bare = span_of(data, sizeof data);
        begin(&a, GET, 1428, 1, false);
        asker_timeout(&a);
        asker_timeout(&a);
        asker_datagram_from(&a, (uint8_t)bare_first, &asker_server, bare_first ? bare : with_options);
        EXPECT(&a, bare_first ? "OPEN 0 WRITE 0+512 ACK 1" : "OPEN 0 ACK 0");
        asker_datagram_from(&a, (uint8_t)!bare_first, &second, bare_first ? with_options : bare);
        EXPECT(&a, "ERROR 0");
        assert_true(endpoint_equal(&a.sent_to, &second) && a.sent_line == !bare_first);
        asker_datagram_from(&a, (uint8_t)!bare_first, &second, bare_first ? with_options : bare);
        EXPECT(&a, "");
        /* A single-port server answers both from one port: they are told apart by ours. */
        asker_datagram_from(&a, (uint8_t)!bare_first, &asker_server, bare_first ? with_options : bare);
        EXPECT(&a, "ERROR 0");
        assert_int_equal(a.exchange.report.fallbacks, bare_first ? FALLBACK_BARE : 0);
        assert_int_equal(a.exchange.report.strangers, 0);
        asker_free(&a);
    }
}

static void test_strangers(void **state)
{
    static struct asker a;
    struct endpoint other_port = asker_server, other_host = endpoint_ipv4(10, 0, 0, 2, 69);
    uint8_t data[516] = {0, 3, 0, 1}, error[] = {0, 5, 0, 1, 0}, garbage[] = {7};

    (void)state;
    other_port.port++;
    begin(&a, GET, 1428, 1, false);
    /* Only the address that was asked may answer; what answers is told, and named at the end. */
    asker_datagram_from(&a, 0, &other_host, span_of(data, sizeof data));
    EXPECT(&a, "ERROR 5");
    assert_true(endpoint_equal(&a.sent_to, &other_host));
    asker_datagram_from(&a, 0, &other_host, span_of(data, sizeof data));
    EXPECT(&a, "");
    asker_datagram_from(&a, 0, &other_host, span_of(error, sizeof error));
    EXPECT(&a, "");
    asker_data(&a, 1, data, 512);
    EXPECT(&a, "OPEN 0 WRITE 0+512 ACK 1");
    /* Now a second transfer of the same server, and one byte of nothing. */
    asker_datagram_from(&a, 0, &other_port, span_of(error, sizeof error));
    EXPECT(&a, "");
    asker_datagram_from(&a, 0, &other_port, span_of(garbage, sizeof garbage));
    EXPECT(&a, "");
    asker_datagram_from(&a, 0, &other_port, span_of(data, sizeof data));
    EXPECT(&a, "ERROR 5");
    asker_datagram_from(&a, 0, &other_port, span_of(data, sizeof data));
    EXPECT(&a, "");
    asker_data(&a, 2, data, 5);
    EXPECT(&a, "WRITE 512+5 COMMIT 517 ACK 2");
    asker_timeout(&a);
    EXPECT(&a, "FINISH 0");
    assert_int_equal(a.action.finish.strangers, 6);
    assert_true(endpoint_equal(&a.action.finish.stranger, &other_host));
    asker_free(&a);
}

/* A flood from ever new ports draws a bounded number of answers. */
static void test_strangers_are_bounded(void **state)
{
    static struct asker a;
    uint8_t data[516] = {0, 3, 0, 1};

    (void)state;
    begin(&a, GET, 1428, 1, false);
    for (uint16_t i = 1; i < 1000; i++) {
        struct endpoint from = endpoint_ipv4(10, 0, 0, 2, i);
        asker_datagram_from(&a, 0, &from, span_of(data, sizeof data));
        CHECK(strcmp(a.log, i <= EXCHANGE_STRANGERS_MAX ? "ERROR 5" : "") == 0, "%u: %s", i, a.log);
    }
    while (!a.is_finished)
        asker_timeout(&a);
    EXPECT(&a, "FINISH 15");
    assert_int_equal(a.action.finish.strangers, 999);
    asker_free(&a);
}

/* Nothing that the server's address sends makes an answer of what is none. */
static void test_nonsense_is_no_answer(void **state)
{
    static struct asker a;
    uint8_t rubbish[][6] = {{0},          {0, 3, 0, 2}, {0, 3, 0, 0}, {0, 4, 0, 0}, {0, 1, 'f', 0, 'x', 0},
                            {0, 9, 0, 1}, {9, 9}};

    (void)state;
    begin(&a, GET, 1428, 1, false);
    for (size_t i = 0; i < COUNT_OF(rubbish); i++) {
        asker_datagram(&a, span_of(rubbish[i], sizeof rubbish[i]));
        CHECK(a.log[0] == 0, "%u: %s", (unsigned)i, a.log);
    }
    asker_datagram(&a, span_of(rubbish, 0));
    EXPECT(&a, "");
    while (!a.is_finished)
        asker_timeout(&a);
    EXPECT(&a, "FINISH 16");
    asker_free(&a);
    /* One that is no packet at all says as much, if it is the server's. */
    for (int is_server = 0; is_server < 2; is_server++) {
        struct endpoint other = endpoint_ipv4(10, 0, 0, 2, 69);
        begin(&a, GET, 1428, 1, false);
        asker_datagram_from(&a, 0, is_server ? &asker_server : &other, span_of("\x09\x09", 2));
        while (!a.is_finished)
            asker_timeout(&a);
        EXPECT(&a, is_server ? "FINISH 16" : "FINISH 11");
        asker_free(&a);
    }
    begin(&a, PUT, 1428, 1, false);
    asker_ack(&a, 1);
    EXPECT(&a, "");
    asker_data(&a, 1, rubbish, 4);
    EXPECT(&a, "");
    asker_free(&a);
    /* From port 0 nothing can come, and nothing could be answered there. */
    struct endpoint nowhere = asker_server;
    nowhere.port = 0;
    uint8_t data[5] = {0, 3, 0, 1, 'x'};
    begin(&a, GET, 1428, 1, false);
    asker_datagram_from(&a, 0, &nowhere, span_of(data, sizeof data));
    EXPECT(&a, "");
    asker_free(&a);
}

/* ICMP: two more sends, then it is believed; behind the first answer the timer decides. */
static void test_unreachable(void **state)
{
    static struct asker a;
    const uint8_t *file = driver_content(512);

    (void)state;
    begin(&a, GET, 1428, 1, false);
    asker_unreachable(&a, 0);
    EXPECT(&a, "");
    asker_timeout(&a);
    asker_unreachable(&a, 0);
    EXPECT(&a, "");
    asker_timeout(&a);
    asker_unreachable(&a, 1);
    EXPECT(&a, "FINISH 12");
    asker_free(&a);
    begin(&a, GET, 1428, 1, false);
    asker_unreachable(&a, 0);
    while (!a.is_finished)
        asker_timeout(&a);
    EXPECT(&a, "FINISH 12");
    asker_free(&a);
    begin(&a, GET, 1428, 1, false);
    asker_data(&a, 1, file, 512);
    for (int i = 0; i < 10; i++) {
        asker_unreachable(&a, 0);
        EXPECT(&a, "");
    }
    assert_int_equal(a.exchange.report.unreachable, 0);
    asker_free(&a);
}

static void test_interruption(void **state)
{
    static struct asker a;
    const uint8_t *file = driver_content(512);

    (void)state;
    begin(&a, GET, 1428, 1, false);
    asker_interrupt(&a);
    EXPECT(&a, "FINISH 130");
    asker_free(&a);
    begin(&a, GET, 1428, 1, false);
    asker_data(&a, 1, file, 512);
    asker_interrupt(&a);
    EXPECT(&a, "ERROR 0 FINISH 130");
    assert_true(endpoint_equal(&a.sent_to, &asker_server));
    asker_free(&a);
    begin(&a, GET, 1428, 1, false);
    asker_data(&a, 1, file, 100);
    EXPECT(&a, "OPEN 0 WRITE 0+100 COMMIT 100 ACK 1");
    asker_interrupt(&a);
    EXPECT(&a, "FINISH 0");
    asker_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_a_request_has_512_bytes_at_most),
        cmocka_unit_test(test_window_memory_is_bounded),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_waits_for_a_device),
        cmocka_unit_test(test_other_first_waits),
        cmocka_unit_test(test_bad_oacks),
        cmocka_unit_test(test_good_oacks),
        cmocka_unit_test(test_errors_to_options),
        cmocka_unit_test(test_refused_behind_a_bare_request),
        cmocka_unit_test(test_two_answers),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_strangers_are_bounded),
        cmocka_unit_test(test_nonsense_is_no_answer),
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_interruption),
    };

    return cmocka_run_group_tests_name("client_request", tests, NULL, NULL);
}
