/* One exchange: windows whose blocks are lost, come twice or out of order are counted as such; each ends with an ERROR. */
#include "unit.h"

#include "core/probe/sounding.h"
#include "guard.h"

enum { BLKSIZE = 512, START_MS = 5000, WAIT_MS = 250 };

static struct sounding s;
static const struct endpoint server = {.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1}, .port = 69};
static struct endpoint tid;
static uint64_t now_ms;
static int last_ack; /* -1: none has left */
static int last_error;
static unsigned sent;

static void flush(void)
{
    struct sounding_send send;

    while (sounding_next(&s, &send)) {
        uint16_t opcode = read_u16(send.bytes.bytes);
        if (opcode == OPCODE_ACK)
            last_ack = read_u16(send.bytes.bytes + 2);
        if (opcode == OPCODE_ERROR)
            last_error = read_u16(send.bytes.bytes + 2);
        sent++;
        sounding_on_sent(&s, now_ms);
    }
}

static void begin(uint32_t windowsize, uint32_t blocks_max, uint64_t blocks_total)
{
    struct sounding_setup setup = {
        .server = server,
        .name = "f",
        .blocks_max = blocks_max,
        .blocks_total = blocks_total,
        .sends_max = 2,
        .first_ms = 1000,
        .wait_ms = WAIT_MS,
        .silent_max = 3,
        .until_ms = START_MS + 60000,
    };

    tid = server;
    tid.port = 4000;
    now_ms = START_MS;
    last_ack = last_error = -1;
    sent = 0;
    if (windowsize > 1) {
        setup.asked = 1u << OPTION_WINDOWSIZE;
        setup.values[OPTION_WINDOWSIZE] = windowsize;
    }
    assert_true(sounding_begin(&s, &setup, now_ms));
    flush();
}

static void take(const void *bytes, size_t size)
{
    sounding_on_datagram(&s, 0, &tid, guard_span(bytes, size), now_ms);
    flush();
}

static void agree(const char *windowsize)
{
    uint8_t bytes[64] = {0, OPCODE_OACK, 'w', 'i', 'n', 'd', 'o', 'w', 's', 'i', 'z', 'e', 0};

    memcpy(bytes + 13, windowsize, strlen(windowsize) + 1);
    take(bytes, 13 + strlen(windowsize) + 1);
}

static void data_of(uint16_t block, size_t size)
{
    static uint8_t bytes[4 + BLKSIZE + 1];

    packet_encode_data_header(bytes, block);
    take(bytes, 4 + size);
}

static void data(uint16_t block)
{
    data_of(block, BLKSIZE);
}

static void timeout(void)
{
    now_ms = s.deadline_ms;
    sounding_on_timer(&s, now_ms);
    flush();
}

static void test_whole_windows(void **state)
{
    (void)state;
    begin(4, 8, UINT64_MAX);
    agree("4");
    assert_int_equal(last_ack, 0);
    for (uint16_t i = 1; i <= 3; i++)
        data(i);
    assert_int_equal(last_ack, 0);
    data(4);
    assert_int_equal(last_ack, 4);
    for (uint16_t i = 5; i <= 8; i++)
        data(i);
    assert_true(sounding_is_over(&s) && last_error == 0 && s.report.end == SOUNDING_DONE);
    assert_true(s.report.whole == 2 && s.report.torn == 0 && s.report.lost == 0 && s.report.arrived == 8);
    assert_true(s.report.blocks == 8 && s.report.bytes == 8 * BLKSIZE);
    /* It is over: nothing is heard any more. */
    data(9);
    assert_int_equal(s.report.arrived, 8);
}

/* Of four the third is lost: the last one tells, and a moment later it is said how far it came. */
static void test_torn_window(void **state)
{
    (void)state;
    begin(4, 8, UINT64_MAX);
    agree("4");
    data(1);
    data(2);
    data(4);
    assert_int_equal(s.deadline_ms, now_ms + SOUNDING_GAP_MS);
    timeout();
    assert_int_equal(last_ack, 2);
    assert_true(s.report.torn == 1 && s.report.lost == 1 && s.report.arrived == 3 && s.report.longest == 2);
    for (uint16_t i = 3; i <= 6; i++)
        data(i);
    assert_int_equal(last_ack, 6);
    assert_int_equal(s.report.whole, 1);
}

/* The end of a window never comes, or all of it. */
static void test_cut_window(void **state)
{
    (void)state;
    begin(16, 32, UINT64_MAX);
    agree("16");
    for (uint16_t i = 1; i <= 4; i++)
        data(i);
    assert_int_equal(s.deadline_ms, now_ms + WAIT_MS);
    timeout();
    assert_true(last_ack == 4 && s.report.longest == 4 && s.report.lost == 1);
    timeout();
    assert_true(last_ack == 4 && s.report.lost == 2 && s.silent == 1);
    /* The wait grows, the loss is one. */
    assert_int_equal(s.deadline_ms, now_ms + WAIT_MS * 2);
    timeout();
    assert_int_equal(s.report.lost, 2);
    timeout();
    assert_true(sounding_is_over(&s) && s.report.end == SOUNDING_STOPPED && last_error == 0);
}

/* The server stands still for once: what is missing behind the last that came is one event. */
static void test_stall(void **state)
{
    (void)state;
    begin(64, 128, UINT64_MAX);
    agree("64");
    for (uint16_t i = 1; i <= 20; i++)
        if (i != 7 && i != 9)
            data(i);
    timeout();
    assert_true(last_ack == 6 && s.report.lost == 3 && s.report.torn == 1);
    /* Up to the last one, which came: holes alone. */
    begin(64, 128, UINT64_MAX);
    agree("64");
    data(1);
    data(64);
    timeout();
    assert_int_equal(s.report.lost, 62);
}

static void test_no_first_block(void **state)
{
    (void)state;
    begin(4, 8, UINT64_MAX);
    agree("4");
    data(2);
    data(4);
    timeout();
    assert_true(last_ack == 0 && s.report.longest == 0 && s.report.blocks == 0 && s.report.lost == 2);
}

static void test_disorder(void **state)
{
    (void)state;
    begin(4, 4, UINT64_MAX);
    agree("4");
    data(2);
    data(1);
    data(1);
    data(4);
    data(3);
    assert_true(s.report.disordered == 2 && s.report.doubled == 1 && s.report.whole == 1 && s.report.lost == 0);
    assert_true(sounding_is_over(&s));
}

static void test_old_and_foreign_blocks(void **state)
{
    (void)state;
    begin(4, 8, UINT64_MAX);
    agree("4");
    data(9);
    data(0);
    assert_int_equal(s.report.doubled, 2);
    /* Longer than agreed is no block of this transfer. */
    data_of(1, BLKSIZE + 1);
    assert_int_equal(s.seen, 0);
    agree("4");
    assert_true(last_ack == 0 && s.report.doubled == 3);
}

/* The file ends in the middle of a window; with the size known nothing is missed behind it. */
static void test_end_of_file(void **state)
{
    (void)state;
    begin(4, 8, UINT64_MAX);
    agree("4");
    data(1);
    data_of(2, 100);
    assert_true(sounding_is_over(&s) && s.report.is_end_seen && s.report.blocks == 2 && s.report.first_size == BLKSIZE);
    begin(4, 8, 6);
    agree("4");
    for (uint16_t i = 1; i <= 5; i++)
        data(i);
    timeout();
    assert_int_equal(s.report.lost, 1);
}

/* Block numbers go on behind 65535. */
static void test_numbers(void **state)
{
    (void)state;
    begin(4, 100000, UINT64_MAX);
    agree("4");
    s.base = 65533;
    data(65534);
    data(65535);
    data(0);
    data(1);
    assert_true(last_ack == 1 && s.report.whole == 1);
}

static void test_largest_window(void **state)
{
    (void)state;
    begin(64, 64, UINT64_MAX);
    agree("64");
    for (uint16_t i = 1; i <= 63; i++)
        data(i);
    assert_false(sounding_is_over(&s));
    data(64);
    assert_true(sounding_is_over(&s) && s.report.whole == 1 && s.report.arrived == 64);
}

/* Its owner ends it: before an answer nobody is told, behind one the server is. */
static void test_stop(void **state)
{
    (void)state;
    begin(1, 8, UINT64_MAX);
    sounding_stop(&s, now_ms);
    assert_true(sounding_is_over(&s) && s.report.end == SOUNDING_UNFINISHED);
    flush();
    assert_int_equal(last_error, -1);
    begin(1, 8, UINT64_MAX);
    data(1);
    now_ms = START_MS + 60000;
    sounding_on_timer(&s, now_ms);
    flush();
    assert_true(sounding_is_over(&s) && s.report.end == SOUNDING_DONE && last_error == 0);
    sounding_on_timer(&s, now_ms);
    sounding_on_unreachable(&s, now_ms);
    sounding_stop(&s, now_ms);
    assert_int_equal(s.report.unreachable, 0);
}

static void test_before_the_request(void **state)
{
    struct sounding_setup setup;

    (void)state;
    begin(1, 8, UINT64_MAX);
    setup = s.setup;
    assert_true(sounding_begin(&s, &setup, now_ms));
    sounding_on_datagram(&s, 0, &tid, guard_span("\0\3\0\1x", 5), now_ms);
    assert_true(s.state == SOUNDING_ASKING && s.report.from.port == 0);
}

/* Too early a timer, and what comes to a line that nothing left from. */
static void test_what_is_passed_over(void **state)
{
    static const uint8_t data_1[] = {0, 3, 0, 1, 'x'}, request[] = {0, 1, 'f', 0, 'o', 'c', 't', 'e', 't', 0};

    (void)state;
    begin(1, 8, UINT64_MAX);
    sounding_on_timer(&s, now_ms + 999);
    flush();
    assert_int_equal(sent, 1);
    sounding_on_datagram(&s, 1, &tid, guard_span(data_1, sizeof data_1), now_ms);
    assert_true(s.state == SOUNDING_ASKING && !s.report.is_nonsense_heard);
    take(request, sizeof request);
    assert_true(s.state == SOUNDING_ASKING && s.report.is_nonsense_heard);
}

static void test_errors(void **state)
{
    static const uint8_t error[] = {0, 5, 0, 3, 'f', 'u', 'l', 'l', 0};
    uint8_t text[4 + 300] = {0, 5};

    (void)state;
    begin(1, 8, UINT64_MAX);
    data(1);
    take(error, sizeof error);
    assert_true(sounding_is_over(&s) && s.report.end == SOUNDING_ERROR && s.report.code == 3 && s.report.blocks == 1);
    assert_true(last_error == -1 && s.report.text_size == 4);
    begin(1, 8, UINT64_MAX);
    memset(text + 4, 'x', sizeof text - 4);
    take(text, sizeof text);
    assert_int_equal(s.report.text_size, SOUNDING_TEXT_MAX);
}

/* A long text is cut between two letters, where it has any. */
static void test_cut_text(void **state)
{
    static const struct {
        const char *letter;
        size_t before, kept;
    } rows[] = {
        {"x", 0, SOUNDING_TEXT_MAX},
        {"\xc3\xa4", 1, SOUNDING_TEXT_MAX - 1},
        {"\xe2\x82\xac", 0, SOUNDING_TEXT_MAX - 2},
        {"\xf0\x9f\x98\x80", 3, SOUNDING_TEXT_MAX - 1},
        {"\xf0\x9f\x98\x80", 0, SOUNDING_TEXT_MAX},
        {"\x80", 0, SOUNDING_TEXT_MAX - 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t error[4 + 300] = {0, 5}, *text = error + 4;
        size_t length = strlen(rows[i].letter);
        memset(text, 'x', 300);
        for (size_t at = rows[i].before; at + length <= 300; at += length)
            memcpy(text + at, rows[i].letter, length);
        begin(1, 8, UINT64_MAX);
        take(error, sizeof error);
        CHECK(s.report.text_size == rows[i].kept, "row %zu: %zu", i, s.report.text_size);
    }
}

/* Two ports of one server: who came first has the transfer. */
static void test_stranger(void **state)
{
    struct endpoint other = {.address = {0}, .port = 7};

    (void)state;
    begin(1, 8, UINT64_MAX);
    data(1);
    tid.port = 4001;
    data(2);
    assert_true(last_error == 5 && s.report.blocks == 1 && s.report.stranger.port == 0);
    tid = other;
    data(2);
    assert_true(s.report.stranger.port == 7 && s.report.blocks == 1);
    tid.port = 0;
    data(2);
    assert_int_equal(sent, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_windows),
        cmocka_unit_test(test_torn_window),
        cmocka_unit_test(test_cut_window),
        cmocka_unit_test(test_stall),
        cmocka_unit_test(test_no_first_block),
        cmocka_unit_test(test_disorder),
        cmocka_unit_test(test_old_and_foreign_blocks),
        cmocka_unit_test(test_end_of_file),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_largest_window),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_before_the_request),
        cmocka_unit_test(test_what_is_passed_over),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_cut_text),
        cmocka_unit_test(test_stranger),
    };

    return cmocka_run_group_tests_name("sounding", tests, NULL, NULL);
}
