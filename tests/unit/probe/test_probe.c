/* Which question of the probe follows which answer; what silence, ERRORs and ICMP are taken for. */
#include "unit.h"

#include "core/probe/probe_report.h"
#include "driver.h"
#include "prober.h"

#include <stdio.h>

static struct prober p;
static struct verdicts verdicts;

/* -- does anybody answer -- */

static void test_alive(void **state)
{
    (void)state;
    prober_init(&p, NULL);
    prober_begin(&p);
    EXPECT(&p, "RRQ \"absent\" octet");
    assert_true(endpoint_equal(&p.sent_to, &p.setup.server));
    prober_pass(&p, 20);
    prober_error(&p, 1, "File not found");
    EXPECT(&p, "RRQ \"absent\" octet");
    prober_error(&p, 1, "File not found");
    prober_error(&p, 1, "File not found");
    /* An ERROR is never answered. */
    EXPECT(&p, "FINISH");
    assert_true(prober_findings(&p)->asked == 3 && prober_findings(&p)->answered == 3);
    assert_int_equal(prober_findings(&p)->from.port, PROBER_TID);
    assert_int_equal(prober_exit_code(&p, &verdicts), 0);
}

/* All of it is answered, each time only when it was asked again: nothing is lost, and no round trip is known. */
static void test_slow_answers(void **state)
{
    (void)state;
    prober_init(&p, NULL);
    prober_begin(&p);
    for (int i = 0; i < FINDINGS_REQUESTS; i++) {
        prober_timeout(&p);
        prober_pass(&p, 500);
        prober_error(&p, 1, "File not found");
    }
    assert_true(p.is_finished && p.requests == 6);
    assert_true(prober_findings(&p)->asked == 3 && prober_findings(&p)->answered == 3);
    assert_int_equal(prober_exit_code(&p, &verdicts), VERDICT_EXIT_WARN);
    assert_non_null(strstr(verdicts.lines[0].meaning, "answers, later than it was asked again, 3 of 3 requests"));
}

/* One packet that is lost is chance: two in a row are a request without an answer. */
static void test_one_lost_request(void **state)
{
    (void)state;
    prober_init(&p, NULL);
    prober_begin(&p);
    prober_timeout(&p);
    prober_error(&p, 1, "File not found");
    prober_error(&p, 1, "File not found");
    prober_error(&p, 1, "File not found");
    assert_true(p.is_finished && p.requests == 4);
    assert_int_equal(prober_exit_code(&p, &verdicts), 0);
    prober_init(&p, NULL);
    prober_begin(&p);
    prober_error(&p, 1, "File not found");
    prober_timeout(&p);
    prober_timeout(&p);
    prober_error(&p, 1, "File not found");
    assert_true(prober_findings(&p)->asked == 3 && prober_findings(&p)->answered == 2);
    assert_int_equal(prober_exit_code(&p, &verdicts), VERDICT_EXIT_WARN);
}

static void test_silence(void **state)
{
    static const struct {
        enum finding_ping ping;
        int code;
    } rows[] = {{PING_ANSWERED, 11}, {PING_SILENT, 11}, {PING_UNKNOWN, 11}, {PING_PORT_CLOSED, 12}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        prober_init(&p, "file");
        p.ping = rows[i].ping;
        prober_begin(&p);
        prober_timeout(&p);
        EXPECT(&p, "RRQ \"absent\" octet");
        assert_int_equal(p.now_ms, PROBER_START_MS + 1000);
        prober_timeout(&p);
        assert_int_equal(p.now_ms, PROBER_START_MS + 3000);
        prober_timeout(&p);
        EXPECT(&p, "PING FINISH");
        assert_int_equal(p.now_ms, PROBER_START_MS + 7000);
        assert_int_equal(prober_exit_code(&p, &verdicts), rows[i].code);
    }
}

/* While the ping is looked for. */
static void test_interrupted_ping(void **state)
{
    (void)state;
    prober_init(&p, "file");
    prober_begin(&p);
    while (p.action.kind != PROBE_PING) {
        if (p.action.kind == PROBE_SEND)
            probe_answer(&p.probe, true, p.now_ms, &p.action);
        else
            probe_on_timer(&p.probe, p.now_ms = p.action.until_ms, &p.action);
    }
    probe_interrupt(&p.probe, p.now_ms, &p.action);
    assert_int_equal(p.action.kind, PROBE_FINISH);
    p.is_finished = true;
    assert_int_equal(prober_exit_code(&p, &verdicts), 130);
}

/* Who is told to wait longer than a step may take says so all the same. */
static void test_long_waits(void **state)
{
    (void)state;
    prober_init(&p, "file");
    p.setup.timeout_ms = 6000;
    prober_begin(&p);
    while (!p.is_finished)
        prober_timeout(&p);
    assert_true(prober_findings(&p)->ping == PING_SILENT && prober_exit_code(&p, &verdicts) == 11);
    prober_init(&p, "file");
    p.setup.timeout_ms = 6000;
    prober_alive(&p);
    while (!p.is_finished)
        prober_timeout(&p);
    assert_int_equal(prober_exit_code(&p, &verdicts), 13);
    assert_true(prober_findings(&p)->unfinished >> STEP_FILE & 1);
}

/* The first of three datagrams that a closed port answers may be an old one's. */
static void test_unreachable(void **state)
{
    (void)state;
    prober_init(&p, "file");
    prober_begin(&p);
    for (int i = 0; i < 2; i++) {
        prober_unreachable(&p);
        EXPECT(&p, "");
        prober_timeout(&p);
        EXPECT(&p, "RRQ \"absent\" octet");
    }
    prober_unreachable(&p);
    prober_timeout(&p);
    EXPECT(&p, "FINISH");
    assert_int_equal(p.now_ms, PROBER_START_MS + 3 * SOUNDING_UNREACHABLE_WAIT_MS);
    assert_int_equal(prober_exit_code(&p, &verdicts), 12);
}

static void test_other_address(void **state)
{
    struct endpoint other = endpoint_ipv4(10, 0, 0, 2, 4000);
    static const uint8_t error[] = {0, 5, 0, 1, 'x', 0}, data[] = {0, 3, 0, 1, 'x'};

    (void)state;
    prober_init(&p, "file");
    prober_begin(&p);
    prober_datagram(&p, 0, &other, span_of(error, sizeof error));
    EXPECT(&p, "");
    /* No ERROR is answered; anything else is, once. */
    prober_datagram(&p, 0, &other, span_of(data, sizeof data));
    EXPECT(&p, "ERROR 5");
    prober_datagram(&p, 0, &other, span_of(data, sizeof data));
    EXPECT(&p, "");
    prober_timeout(&p);
    EXPECT(&p, "FINISH");
    assert_int_equal(prober_exit_code(&p, &verdicts), 15);
}

/* To a stranger there may be no way, so what is owed to it cannot leave: the server is asked on. */
static void test_stranger_without_route(void **state)
{
    struct endpoint other = endpoint_ipv4(172, 16, 0, 9, 4000);
    static const uint8_t data[] = {0, 3, 0, 1, 'x'};

    (void)state;
    prober_init(&p, "file");
    prober_begin(&p);
    probe_on_datagram(&p.probe, 0, &other, span_of(data, sizeof data), p.now_ms, &p.action);
    assert_int_equal(p.action.kind, PROBE_SEND);
    probe_answer(&p.probe, false, p.now_ms, &p.action);
    assert_true(p.action.kind == PROBE_WAIT && !prober_findings(&p)->is_socket_lost);
    prober_error(&p, 1, "File not found");
    EXPECT(&p, "RRQ \"absent\" octet");
    /* The server's own is another matter. */
    prober_begin(&p);
    probe_on_timer(&p.probe, p.now_ms + 1000, &p.action);
    assert_int_equal(p.action.kind, PROBE_SEND);
    probe_answer(&p.probe, false, p.now_ms, &p.action);
    assert_true(p.action.kind == PROBE_FINISH && prober_findings(&p)->is_socket_lost);
}

static void test_nonsense(void **state)
{
    static const uint8_t bytes[] = {9, 9, 9}, oack[] = {0, 6};
    struct endpoint nowhere = endpoint_ipv4(10, 0, 0, 1, 0);

    (void)state;
    prober_init(&p, "file");
    p.ping = PING_ANSWERED;
    prober_begin(&p);
    prober_datagram(&p, 0, &nowhere, span_of(bytes, sizeof bytes));
    assert_false(p.probe.sounding.report.is_nonsense_heard);
    prober_datagram(&p, 0, &p.tid, span_of(bytes, sizeof bytes));
    prober_datagram(&p, 0, &p.tid, span_of(oack, sizeof oack));
    assert_true(p.probe.sounding.report.is_nonsense_heard);
    while (!p.is_finished)
        prober_timeout(&p);
    assert_int_equal(prober_exit_code(&p, &verdicts), 16);
}

/* -- the file and its options -- */

static void test_file(void **state)
{
    (void)state;
    prober_init(&p, "file");
    p.setup.is_quick = true;
    prober_alive(&p);
    EXPECT(&p, "RRQ \"file\" octet tsize=0 blksize=1428 windowsize=16 timeout=3 rollover=0");
    prober_oack(&p, PROBER_ALL_OPTIONS);
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet blksize=65464");
    prober_oack(&p, "blksize 1468");
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet windowsize=65535");
    prober_oack(&p, "windowsize 64");
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet msftwindow=31416");
    prober_oack(&p, "msftwindow 27182");
    EXPECT(&p, "ERROR 0 FINISH");
    const struct findings *f = prober_findings(&p);
    assert_true(f->has_size && f->size == 600000);
    assert_int_equal(findings_blksize_limit(f), 1468);
    assert_int_equal(findings_windowsize_limit(f), 64);
    assert_true(findings_is_granted(f, OPTION_MSFTWINDOW) && findings_is_granted(f, OPTION_ROLLOVER));
    assert_int_equal(prober_exit_code(&p, &verdicts), 0);
}

/* What was not granted together is asked for alone. */
static void test_missing_options(void **state)
{
    (void)state;
    prober_init(&p, "file");
    p.setup.is_quick = true;
    prober_file(&p, "blksize 1428");
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet blksize=65464");
    prober_oack(&p, "blksize 1428");
    prober_data(&p, 1, 512); /* no windowsize */
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet tsize=0");
    prober_oack(&p, "tsize 700");
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet timeout=3");
    prober_data(&p, 1, 512);
    prober_data(&p, 1, 512);
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet msftwindow=31416");
    prober_data(&p, 1, 512);
    EXPECT(&p, "ERROR 0 FINISH");
    assert_true(prober_findings(&p)->has_size && prober_findings(&p)->size == 700);
    assert_int_equal(prober_exit_code(&p, &verdicts), VERDICT_EXIT_WARN);
}

/* Asked for more alone, it is silent, or refuses: nobody has told a limit. */
static void test_limits_not_told(void **state)
{
    (void)state;
    prober_init(&p, "file");
    p.setup.is_quick = true;
    prober_file(&p, "tsize 600000 blksize 1428 windowsize 9 timeout 3 rollover 0");
    for (int i = 0; i < 2; i++)
        prober_timeout(&p);
    EXPECT(&p, "RRQ \"file\" octet windowsize=65535");
    prober_error(&p, 8, "too much");
    while (!p.is_finished)
        prober_timeout(&p);
    const struct findings *f = prober_findings(&p);
    assert_int_equal(f->unanswered, 1u << OPTION_BLKSIZE | 1u << OPTION_MSFTWINDOW);
    assert_false(findings_is_limit_told(f, OPTION_BLKSIZE));
    assert_true(findings_is_limit_told(f, OPTION_WINDOWSIZE)); /* 9 of 16 */
}

static void test_ignored_options(void **state)
{
    (void)state;
    prober_init(&p, "file");
    p.setup.is_quick = true;
    prober_alive(&p);
    prober_data(&p, 1, 100);
    assert_true(prober_findings(&p)->has_size && prober_findings(&p)->size == 100);
    while (!p.is_finished)
        prober_data(&p, 1, 100);
    assert_int_equal(prober_exit_code(&p, &verdicts), VERDICT_EXIT_WARN);
    assert_int_equal(prober_findings(&p)->together | prober_findings(&p)->alone, 0);
}

static void test_silent_to_options(void **state)
{
    (void)state;
    prober_init(&p, "file");
    prober_alive(&p);
    for (int i = 0; i < 3; i++)
        prober_timeout(&p);
    EXPECT(&p, "RRQ \"file\" octet");
    prober_data(&p, 1, 512);
    /* Each option alone would be as silent: the blocks are as they are, and windows of one. */
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet");
    assert_int_equal(prober_findings(&p)->file.end, SOUNDING_SILENT);
    assert_true(findings_is_served(prober_findings(&p)));
}

static void test_refused_options(void **state)
{
    static const uint16_t codes[] = {0, 4, 8};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        prober_init(&p, "file");
        p.setup.is_quick = true;
        prober_alive(&p);
        prober_error(&p, codes[i], "no options");
        EXPECT(&p, "RRQ \"file\" octet");
        prober_data(&p, 1, 512);
        EXPECT(&p, "ERROR 0 RRQ \"file\" octet blksize=65464");
        while (!p.is_finished)
            prober_error(&p, codes[i], "no options");
        assert_int_equal(prober_exit_code(&p, &verdicts), VERDICT_EXIT_WARN);
    }
}

static void test_refused_file(void **state)
{
    (void)state;
    prober_init(&p, "file");
    prober_alive(&p);
    prober_error(&p, 2, "Access violation");
    EXPECT(&p, "FINISH");
    assert_int_equal(prober_exit_code(&p, &verdicts), 22);
    prober_init(&p, "file");
    prober_alive(&p);
    prober_error(&p, 0, "no");
    prober_error(&p, 0, "no such file");
    EXPECT(&p, "FINISH");
    assert_int_equal(prober_exit_code(&p, &verdicts), 20);
}

/* The absent name is refused, and the file is not: something drops it. */
static void test_silent_file(void **state)
{
    (void)state;
    prober_init(&p, "file");
    prober_alive(&p);
    while (!p.is_finished)
        prober_timeout(&p);
    assert_int_equal(prober_exit_code(&p, &verdicts), 13);
}

static void test_broken_oack(void **state)
{
    static const char *const rows[] = {
        "blksize 1429", "blksize 7",           "windowsize 0",  "windowsize 17",       "timeout 4", "rollover 1",
        "multicast 1",  "blksize 8 blksize 8", "blksize large", "tsize 1 utimeout 10", "blksize ~", "msftwindow 27182",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        prober_init(&p, "file");
        prober_file(&p, rows[i]);
        CHECK(strcmp(p.log, "ERROR 8 RRQ \"file\" octet") == 0, "%s: %s", rows[i], p.log);
        assert_true(prober_findings(&p)->is_oack_broken);
    }
    /* One that does not answer a bare request either ends it. */
    prober_oack(&p, "blksize 512");
    assert_false(p.is_finished);
    while (!p.is_finished)
        prober_timeout(&p);
    assert_int_equal(prober_exit_code(&p, &verdicts), 13);
}

/* -- the size alone -- */

static void test_size(void **state)
{
    (void)state;
    prober_init(&p, "file");
    p.setup.is_size = true;
    prober_begin(&p);
    EXPECT(&p, "RRQ \"file\" octet tsize=0");
    prober_oack(&p, "tsize 18446744073709551615");
    EXPECT(&p, "ERROR 0 FINISH");
    assert_true(prober_findings(&p)->has_size && prober_findings(&p)->size == UINT64_MAX);
    prober_begin(&p);
    p.is_finished = false;
    prober_error(&p, 8, "no");
    EXPECT(&p, "RRQ \"file\" octet");
    prober_data(&p, 1, 17);
    EXPECT(&p, "ERROR 0 FINISH");
    assert_int_equal(prober_findings(&p)->size, 17);
}

static void test_size_of_nonsense(void **state)
{
    static const uint8_t bytes[] = {9, 9, 9};

    (void)state;
    prober_init(&p, "file");
    p.setup.is_size = true;
    prober_begin(&p);
    prober_datagram(&p, 0, &p.tid, span_of(bytes, sizeof bytes));
    while (!p.is_finished)
        prober_timeout(&p);
    assert_int_equal(probe_size_exit_code(prober_findings(&p)), 16);
}

/* -- limits -- */

static void test_requests(void **state)
{
    (void)state;
    prober_init(&p, NULL);
    prober_alive(&p);
    /* Three, two pauses between them. */
    assert_true(p.requests == 3 && p.now_ms >= PROBER_START_MS + 2 * PROBE_REQUEST_GAP_MS);
}

static void test_no_socket(void **state)
{
    static char name[600];

    (void)state;
    prober_init(&p, "file");
    p.is_broken = true;
    prober_begin(&p);
    EXPECT(&p, "FINISH");
    assert_int_equal(prober_exit_code(&p, &verdicts), 14);
    memset(name, 'x', sizeof name - 1);
    prober_init(&p, name);
    prober_alive(&p);
    assert_int_equal(prober_exit_code(&p, &verdicts), 2);
    for (enum probe_step step = 0; step <= STEP_OVER; step++)
        assert_true(probe_step_name(step)[0] != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alive),
        cmocka_unit_test(test_slow_answers),
        cmocka_unit_test(test_one_lost_request),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_interrupted_ping),
        cmocka_unit_test(test_long_waits),
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_other_address),
        cmocka_unit_test(test_stranger_without_route),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_missing_options),
        cmocka_unit_test(test_limits_not_told),
        cmocka_unit_test(test_ignored_options),
        cmocka_unit_test(test_silent_to_options),
        cmocka_unit_test(test_refused_options),
        cmocka_unit_test(test_refused_file),
        cmocka_unit_test(test_silent_file),
        cmocka_unit_test(test_broken_oack),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_size_of_nonsense),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_no_socket),
    };

    return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
