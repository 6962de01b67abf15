/* What downloads and uploads have in common: phases and events, time, aborts, numbers on the wire. */
#include "unit.h"

#include "core/transfer/transfer_parts.h"
#include "driver.h"
#include "wire.h"

#include <stdio.h>

enum { FILE_SIZE = 20 };

/* The states in which events come, each reached anew for every event. */
enum place { OFFERED_DOWN, OFFERED_UP, FIRST_BLOCK, SENDING, RECEIVING, DALLYING, PLACES };

static void go(struct driver *d, enum place place)
{
    const uint8_t *file = driver_content(FILE_SIZE);

    switch (place) {
    case OFFERED_DOWN:
        driver_start(d, DOWNLOAD, "tsize 0 blksize 8", file, FILE_SIZE);
        EXPECT(d, "OACK tsize=20 blksize=8");
        break;
    case OFFERED_UP:
        driver_start(d, UPLOAD, "blksize 8", NULL, 0);
        EXPECT(d, "OACK blksize=8");
        break;
    case FIRST_BLOCK:
        driver_start(d, DOWNLOAD, "", file, FILE_SIZE);
        EXPECT(d, "DATA 1");
        break;
    case SENDING:
        go(d, OFFERED_DOWN);
        driver_ack(d, 0);
        driver_ack(d, 1);
        EXPECT(d, "DATA 2");
        break;
    case RECEIVING:
        go(d, OFFERED_UP);
        driver_data(d, 1, file, 8);
        EXPECT(d, "ACK 1");
        break;
    default:
        go(d, RECEIVING);
        driver_data(d, 2, file + 8, 4);
        EXPECT(d, "WRITE 0+12 COMMIT ACK 2");
        break;
    }
}

enum event {
    ACK_0,
    ACK_1,
    ACK_2,
    ACK_3,
    ACK_65535,
    ACK_2_OF_FIVE_BYTES,
    DATA_0,
    DATA_1,
    DATA_2,
    DATA_2_TOO_LONG,
    DATA_3,
    DATA_65535,
    OACK,
    RRQ,
    WRQ,
    ERROR_0,
    ERROR_8,
    ERROR_3,
    TIMER_EARLY,
    TIMER,
    REPEAT,
    STOP,
    SUPERSEDE,
    EVICT,
    EVENTS
};

static void happen(struct driver *d, enum event event)
{
    static const uint16_t numbers[] = {
        [ACK_0] = 0,  [ACK_1] = 1,  [ACK_2] = 2,  [ACK_3] = 3,         [ACK_65535] = 65535,
        [DATA_0] = 0, [DATA_1] = 1, [DATA_3] = 3, [DATA_65535] = 65535};
    static const enum transfer_outcome aborts[] = {
        [STOP] = OUTCOME_STOPPED, [SUPERSEDE] = OUTCOME_SUPERSEDED, [EVICT] = OUTCOME_EVICTED};
    const uint8_t *file = driver_content(FILE_SIZE);
    uint8_t request[WIRE_SIZE_MAX];

    if (event <= ACK_65535)
        driver_ack(d, numbers[event]);
    else if (event == ACK_2_OF_FIVE_BYTES)
        driver_ack_window(d, 2, 9);
    else if (event == DATA_2)
        driver_data(d, 2, file + 8, 4);
    else if (event == DATA_2_TOO_LONG)
        driver_data(d, 2, file, d->setup.agreement.blksize + 1);
    else if (event <= DATA_65535)
        driver_data(d, numbers[event], file, 8);
    else if (event == OACK)
        driver_datagram(d, span_of("\0\6blksize\0"
                                   "8",
                                   12));
    else if (event <= WRQ)
        driver_datagram(d, span_of(request, wire_request(request, event == RRQ ? 1 : 2, "f", "octet", "")));
    else if (event <= ERROR_3)
        driver_error(d, event == ERROR_0 ? 0 : event == ERROR_8 ? 8 : 3, "Words");
    else if (event == TIMER_EARLY)
        driver_pass(d, 199), driver_timer(d);
    else if (event == TIMER)
        driver_timeout(d);
    else if (event == REPEAT)
        driver_repeat(d);
    else
        driver_abort(d, aborts[event]);
}

/* clang-format off */
#define NO_MATTER {"", "", "", "", "", ""}
/* clang-format on */
static const char *const cells[EVENTS][PLACES] = {
    [ACK_0] = {"DATA 1", "", "", "", "", ""},
    [ACK_1] = {"", "", "FINISH done", "", "", ""},
    [ACK_2] = {"", "", "", "DATA 3", "", ""},
    [ACK_3] = NO_MATTER,
    [ACK_65535] = NO_MATTER,
    [ACK_2_OF_FIVE_BYTES] = {"", "", "", "DATA 3", "", ""}, /* CLIENTS.md rule 13 */
    [DATA_0] = NO_MATTER,
    [DATA_1] = {"", "ACK 1", "", "", "", ""}, /* within UPLOAD_ECHO_MS of its ACK it is a copy that the network made */
    [DATA_2] = {"", "", "", "", "WRITE 0+12 COMMIT ACK 2", "ACK 2"},
    [DATA_2_TOO_LONG] = {"", "", "", "", "ERROR 4 FINISH oversized", ""},
    [DATA_3] = NO_MATTER,
    [DATA_65535] = NO_MATTER,
    [OACK] = NO_MATTER,
    [RRQ] = NO_MATTER,
    [WRQ] = NO_MATTER,
    [ERROR_0] = {"FINISH probe", "FINISH client-error", "FINISH client-error", "FINISH client-error",
                 "FINISH client-error", "FINISH done"},
    [ERROR_8] = {"FINISH probe", "FINISH client-error", "FINISH client-error", "FINISH client-error",
                 "FINISH client-error", "FINISH done"},
    [ERROR_3] = {"FINISH client-error", "FINISH client-error", "FINISH client-error", "FINISH client-error",
                 "FINISH client-error", "FINISH done"},
    [TIMER_EARLY] = NO_MATTER,
    [TIMER] = {"OACK tsize=20 blksize=8", "OACK blksize=8", "DATA 1", "DATA 2", "ACK 1", "FINISH done"},
    [REPEAT] = {"OACK tsize=20 blksize=8", "OACK blksize=8", "DATA 1", "", "", ""},
    [STOP] = {"ERROR 0 FINISH stopped", "ERROR 0 FINISH stopped", "ERROR 0 FINISH stopped", "ERROR 0 FINISH stopped",
              "ERROR 0 FINISH stopped", "FINISH done"},
    [SUPERSEDE] = {"FINISH superseded", "FINISH superseded", "FINISH superseded", "FINISH superseded",
                   "FINISH superseded", "FINISH done"},
    [EVICT] = {"FINISH evicted", "FINISH evicted", "FINISH evicted", "FINISH evicted", "FINISH evicted", "FINISH done"},
};

static void test_every_phase_and_event(void **state)
{
    static struct driver d;

    (void)state;
    for (int event = 0; event < EVENTS; event++)
        for (int place = 0; place < PLACES; place++) {
            go(&d, (enum place)place);
            uint64_t deadline = d.transfer.deadline_ms;
            happen(&d, (enum event)event);
            CHECK(strcmp(d.log, cells[event][place]) == 0, "event %d in place %d: \"%s\" instead of \"%s\"", event,
                  place, d.log, cells[event][place]);
            /* What is ignored does not even put off the deadline. */
            if (d.log[0] == 0)
                CHECK(d.transfer.deadline_ms == deadline, "event %d in place %d", event, place);
            driver_free(&d);
        }
}

/* CLIENTS.md rule 2, 3: nobody answers, so the first answer goes out first_sends_max times, at growing distances. */
static void test_first_sends_and_backoff(void **state)
{
    static const enum place places[] = {OFFERED_DOWN, OFFERED_UP, FIRST_BLOCK};
    static struct driver d;
    char first[DRIVER_LOG_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        go(&d, places[i]);
        snprintf(first, sizeof first, "%s", d.log);
        assert_int_equal(driver_wait_ms(&d), 1000);
        driver_timeout(&d);
        EXPECT(&d, first);
        assert_int_equal(driver_wait_ms(&d), 2000);
        driver_timeout(&d);
        EXPECT(&d, first);
        assert_int_equal(driver_wait_ms(&d), 4000);
        driver_timeout(&d);
        EXPECT(&d, "FINISH never-answered");
        assert_int_equal(d.action.finish.duration_ms, 7000);
        driver_free(&d);
    }
}

/* Repeated requests have an allowance of their own: forged ones cannot draw more, and Cisco's after 4 s is answered. */
static void test_repeated_requests_are_bounded(void **state)
{
    static struct driver d;

    (void)state;
    go(&d, OFFERED_DOWN);
    driver_timeout(&d);
    driver_timeout(&d);
    EXPECT(&d, "OACK tsize=20 blksize=8");
    for (int i = 0; i < 3; i++) {
        driver_repeat(&d);
        EXPECT(&d, "OACK tsize=20 blksize=8");
    }
    driver_repeat(&d);
    EXPECT(&d, "");
    driver_timeout(&d);
    EXPECT(&d, "FINISH never-answered");
    driver_free(&d);
}

static void test_one_first_send_only(void **state)
{
    static struct driver d;

    (void)state;
    driver_init(&d, DOWNLOAD, "tsize 0", driver_content(5), 5);
    d.setup.first_sends_max = 1;
    driver_begin(&d);
    driver_repeat(&d);
    EXPECT(&d, "OACK tsize=5");
    driver_repeat(&d);
    EXPECT(&d, "");
    driver_timeout(&d);
    EXPECT(&d, "FINISH never-answered");
    driver_free(&d);
}

/* Patience is a time, here 63 s: whatever round trip was measured, and so however often something was sent again. */
static void test_retries_after_an_answer(void **state)
{
    static const uint64_t waits[] = {250, 500, 1000, 2000, 4000, 8000, 16000, 16000, 15250};
    static struct driver d;

    (void)state;
    driver_init(&d, DOWNLOAD, "blksize 8", driver_content(FILE_SIZE), FILE_SIZE);
    d.setup.silence_s = 63;
    driver_begin(&d);
    driver_ack(&d, 0);
    assert_int_equal(driver_wait_ms(&d), 1000); /* no round trip is known yet */
    driver_ack(&d, 1);
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        CHECK(driver_wait_ms(&d) == waits[i], "wait %u", (unsigned)i);
        driver_timeout(&d);
        if (i < 8)
            EXPECT(&d, "DATA 2");
    }
    EXPECT(&d, "FINISH silent");
    assert_int_equal(d.action.finish.blocks_resent, 8);
    assert_int_equal(d.action.finish.blocks_sent, 10);
    assert_int_equal(d.action.finish.bytes, 8);
    driver_free(&d);
}

/* An answer in between gives the whole patience again, and the first wait. */
static void test_progress_renews_patience(void **state)
{
    static struct driver d;

    (void)state;
    driver_init(&d, DOWNLOAD, "blksize 8", driver_content(FILE_SIZE), FILE_SIZE);
    d.setup.silence_s = d.setup.unproven_s = 5;
    driver_begin(&d);
    driver_ack(&d, 0);
    for (uint16_t block = 1; block <= 2; block++) {
        driver_timeout(&d);
        driver_timeout(&d);
        assert_int_equal(driver_wait_ms(&d), 2000); /* of 4 s, for 3 s have passed */
        driver_ack(&d, block);
        assert_int_equal(driver_wait_ms(&d), 1000); /* Karn: what was sent twice taught nothing */
    }
    driver_timeout(&d);
    driver_timeout(&d);
    driver_timeout(&d);
    EXPECT(&d, "FINISH unconfirmed");
    driver_free(&d);
}

/* Where the client named the timeout, that is kept: only the back-off changes it. */
static void test_client_timeout(void **state)
{
    static const struct {
        const char *options;
        uint64_t waits[4];
    } rows[] = {
        {"timeout 5", {5000, 10000, 16000, 16000}},   {"timeout 1", {1000, 2000, 4000, 8000}},
        {"timeout 20", {20000, 20000, 20000, 20000}}, {"timeout 255", {255000, 255000, 255000, 255000}},
        {"utimeout 50000", {50, 100, 200, 400}},
    };
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_start(&d, DOWNLOAD, rows[i].options, driver_content(2000), 2000);
        driver_ack(&d, 0);
        driver_pass(&d, 3);
        driver_ack(&d, 1);
        for (size_t k = 0; k < 4; k++) {
            CHECK(driver_wait_ms(&d) == rows[i].waits[k], "%s wait %u is %u", rows[i].options, (unsigned)k,
                  (unsigned)driver_wait_ms(&d));
            driver_timeout(&d);
        }
        driver_free(&d);
    }
}

/* RFC 6298: the first sample, then smoothed; not below 250 ms and not above the configured timeout. */
static void test_round_trip_is_learnt(void **state)
{
    static const struct {
        uint32_t round_trip_ms;
        uint64_t wait_ms;
    } rows[] = {
        {100, 300}, /* 100 + 4 * 50 */
        {140, 293}, /* 105 + 4 * 47 */
        {105, 250}, /* 105 + 4 * 35 is below the least */
        {900, 1000}, {900, 1000},
    };
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD, "blksize 8", driver_content(800), 800);
    driver_pass(&d, 500); /* what the OACK took is not measured */
    driver_ack(&d, 0);
    for (uint16_t i = 0; i < COUNT_OF(rows); i++) {
        driver_pass(&d, rows[i].round_trip_ms);
        driver_ack(&d, (uint16_t)(i + 1));
        CHECK(driver_wait_ms(&d) == rows[i].wait_ms, "row %u: %u", (unsigned)i, (unsigned)driver_wait_ms(&d));
    }
    driver_free(&d);
}

/* What is answered within the same millisecond, or by a clock that was read before, took no time. */
static void test_round_trip_of_no_time(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD, "blksize 8", driver_content(FILE_SIZE), FILE_SIZE);
    driver_ack(&d, 0);
    driver_ack(&d, 1);
    assert_true(d.transfer.has_round_trip);
    assert_int_equal(d.transfer.round_trip_ms, 0);
    d.now_ms--;
    driver_ack(&d, 2);
    assert_int_equal(d.transfer.round_trip_ms, 0);
    driver_free(&d);
}

/* However steady the round trip is, the wait stays longer by a margin. */
static void test_margin_over_the_round_trip(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD, "blksize 8", driver_content(800), 800);
    driver_ack(&d, 0);
    for (uint16_t block = 1; block <= 40; block++) {
        driver_pass(&d, 260);
        driver_ack(&d, block);
    }
    assert_int_equal(driver_wait_ms(&d), 360);
    driver_free(&d);
}

/* Karn: the ACK of a block sent twice may belong to either; the next one counts again. */
static void test_karn(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD, "blksize 8", driver_content(800), 800);
    driver_ack(&d, 0);
    driver_timeout(&d);
    driver_pass(&d, 1);
    driver_ack(&d, 1);
    assert_false(d.transfer.has_round_trip);
    assert_int_equal(driver_wait_ms(&d), 1000);
    driver_pass(&d, 100);
    driver_ack(&d, 2);
    assert_int_equal(driver_wait_ms(&d), 300);
    /* Nor is what was known before good enough, until there is a new one: the path may have become longer. */
    driver_timeout(&d);
    driver_ack(&d, 3);
    assert_int_equal(driver_wait_ms(&d), 1000);
    driver_pass(&d, 400);
    driver_ack(&d, 4);
    assert_int_equal(driver_wait_ms(&d), 585); /* 137 + 4 * 112 */
    driver_free(&d);
}

static void test_timer_late_and_early(void **state)
{
    static struct driver d;

    (void)state;
    go(&d, SENDING);
    uint64_t until = d.action.wait.until_ms;
    driver_pass(&d, (uint32_t)driver_wait_ms(&d) - 1);
    driver_timer(&d);
    EXPECT(&d, "");
    assert_int_equal(d.action.wait.until_ms, until);
    driver_pass(&d, 100000);
    driver_timer(&d);
    EXPECT(&d, "DATA 2");
    assert_int_equal(driver_wait_ms(&d), 500);
    driver_free(&d);
}

static void test_client_error_is_reported(void **state)
{
    static struct driver d;

    (void)state;
    go(&d, SENDING);
    driver_error(&d, 3, "File too large");
    EXPECT(&d, "FINISH client-error");
    assert_int_equal(d.action.finish.client_code, 3);
    assert_int_equal(d.action.finish.client_text.size, 14);
    assert_memory_equal(d.action.finish.client_text.bytes, "File too large", 14);
    assert_int_equal(d.action.finish.bytes, 8);
    driver_free(&d);
}

/* CLIENTS.md rule 2: EDK2 sends ERROR 8, PXE ROMs, iPXE and the Raspberry Pi ERROR 0, straight after the OACK. */
static void test_rule_2_size_probe(void **state)
{
    static const struct {
        uint16_t code;
        const char *text;
    } rows[] = {{8, "User aborted the transfer"}, {0, "TFTP Aborted"}, {0, "Early terminate"}, {0, ""}};
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_start(&d, DOWNLOAD, "tsize 0 blksize 1468 windowsize 4", NULL, 1ull << 33);
        EXPECT(&d, "OACK tsize=8589934592 blksize=1468 windowsize=4");
        driver_error(&d, rows[i].code, rows[i].text);
        EXPECT(&d, "FINISH probe");
        assert_int_equal(d.action.finish.client_code, rows[i].code);
        assert_int_equal(d.action.finish.bytes, 0);
        driver_free(&d);
    }
}

/* Who was told no size has not asked for one: it refuses what it was granted, and the log says so. */
static void test_a_refused_negotiation_is_no_probe(void **state)
{
    static struct driver d;

    (void)state;
    for (uint16_t code = 0; code <= 8; code += 8) {
        driver_start(&d, DOWNLOAD, "blksize 1024 windowsize 4", driver_content(FILE_SIZE), FILE_SIZE);
        driver_error(&d, code, "Option negotiation failed");
        EXPECT(&d, "FINISH client-error");
        assert_int_equal(d.action.finish.client_code, code);
        driver_free(&d);
    }
}

static void test_outcomes_have_words(void **state)
{
    (void)state;
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        const char *text = transfer_outcome_text((enum transfer_outcome)outcome);
        CHECK(text != NULL && strlen(text) > 0 && strlen(text) <= PACKET_ERROR_TEXT_MAX, "outcome %d", outcome);
    }
    assert_non_null(strstr(transfer_outcome_text(OUTCOME_TOO_LARGE), "MaxUploadBytes"));
}

/* What was no failure: what the client wanted has happened, or it began anew itself. */
static void test_which_outcome_is_a_failure(void **state)
{
    static const bool is_failure[OUTCOME_COUNT] = {
        [OUTCOME_CLIENT_ERROR] = true, [OUTCOME_NEVER_ANSWERED] = true, [OUTCOME_NEVER_TOOK_DATA] = true,
        [OUTCOME_SILENT] = true,       [OUTCOME_TOO_LARGE] = true,      [OUTCOME_WRONG_SIZE] = true,
        [OUTCOME_FILE_ERROR] = true,   [OUTCOME_STOPPED] = true,        [OUTCOME_ENDED] = true,
        [OUTCOME_EVICTED] = true,      [OUTCOME_MISUNDERSTOOD] = true,  [OUTCOME_STUCK] = true,
        [OUTCOME_OVERSIZED] = true,
    };

    (void)state;
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        CHECK(transfer_outcome_is_failure((enum transfer_outcome)outcome) == is_failure[outcome], "outcome %d",
              outcome);
}

/* CLIENTS.md rule 10. The number is counted here step by step. */
static void test_rule_10_numbers_on_the_wire(void **state)
{
    static struct transfer t;

    (void)state;
    for (unsigned rollover = 0; rollover < 2; rollover++) {
        uint16_t number = 0;
        t.agreement.rollover = (uint8_t)rollover;
        for (uint64_t block = 0; block < 200000; block++) {
            CHECK(transfer_wire_block(&t, block) == number, "block %u rollover %u", (unsigned)block, rollover);
            number = wire_after(number, rollover);
        }
    }
    t.agreement.rollover = 0;
    assert_int_equal(transfer_wire_block(&t, (1ull << 40) + 5), 5);
}

/* Against a search: the block of a stretch that has this number, if any. */
static void test_block_from_the_wire(void **state)
{
    static const uint64_t froms[] = {0,     1,     2,      100,    65530,  65534,     65535,
                                     65536, 65537, 131069, 131070, 131071, 1ull << 40};
    static const uint64_t spans[] = {0, 1, 3, 64};
    static struct transfer t;

    (void)state;
    for (unsigned rollover = 0; rollover < 2; rollover++)
        for (size_t f = 0; f < COUNT_OF(froms); f++)
            for (size_t s = 0; s < COUNT_OF(spans); s++)
                for (uint32_t wire = 0; wire <= UINT16_MAX; wire += wire < 200 || wire > 65300 ? 1 : 97) {
                    uint64_t expected = UINT64_MAX;
                    t.agreement.rollover = (uint8_t)rollover;
                    for (uint64_t block = froms[f]; block <= froms[f] + spans[s] && expected == UINT64_MAX; block++)
                        if (transfer_wire_block(&t, block) == wire)
                            expected = block;
                    CHECK(transfer_block_from_wire(&t, froms[f], spans[s], (uint16_t)wire) == expected,
                          "rollover %u from %u span %u wire %u", rollover, (unsigned)froms[f], (unsigned)spans[s],
                          (unsigned)wire);
                }
}

static void test_memory_size(void **state)
{
    static const struct {
        unsigned kind;
        const char *options;
        size_t size;
    } rows[] = {
        {DOWNLOAD, "blksize 65464 windowsize 65535", 0},
        {DOWNLOAD | NETASCII, "blksize 1024 windowsize 64", 1028 + 48}, /* beside the block, where it is in the file */
        {UPLOAD, "", 65538},
        {UPLOAD, "blksize 1024 windowsize 64", 65538},
        {UPLOAD, "blksize 1024 windowsize 65", 65 * 1024 + 2},
    };
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_init(&d, rows[i].kind, rows[i].options, NULL, 100);
        CHECK(transfer_memory_size(&d.setup) == rows[i].size, "row %u", (unsigned)i);
    }
}

/* Its last ACK may not have left, as where there is no room in a send buffer. */
static void test_what_is_stored_is_not_undone(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, UPLOAD, "", NULL, 0);
    driver_data(&d, 1, "x", 1);
    EXPECT(&d, "WRITE 0+1 COMMIT ACK 1");
    transfer_abandon(&d.transfer, OUTCOME_EVICTED, d.now_ms, &d.action);
    assert_int_equal(d.action.finish.outcome, OUTCOME_DONE);
    driver_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_phase_and_event),
        cmocka_unit_test(test_first_sends_and_backoff),
        cmocka_unit_test(test_repeated_requests_are_bounded),
        cmocka_unit_test(test_one_first_send_only),
        cmocka_unit_test(test_retries_after_an_answer),
        cmocka_unit_test(test_progress_renews_patience),
        cmocka_unit_test(test_client_timeout),
        cmocka_unit_test(test_round_trip_is_learnt),
        cmocka_unit_test(test_round_trip_of_no_time),
        cmocka_unit_test(test_margin_over_the_round_trip),
        cmocka_unit_test(test_karn),
        cmocka_unit_test(test_timer_late_and_early),
        cmocka_unit_test(test_client_error_is_reported),
        cmocka_unit_test(test_rule_2_size_probe),
        cmocka_unit_test(test_a_refused_negotiation_is_no_probe),
        cmocka_unit_test(test_outcomes_have_words),
        cmocka_unit_test(test_which_outcome_is_a_failure),
        cmocka_unit_test(test_rule_10_numbers_on_the_wire),
        cmocka_unit_test(test_block_from_the_wire),
        cmocka_unit_test(test_memory_size),
        cmocka_unit_test(test_what_is_stored_is_not_undone),
    };

    return cmocka_run_group_tests_name("transfer", tests, NULL, NULL);
}
