/* What the probe plays on a server to see its manners; what follows block 65535. */
#include "unit.h"

#include "driver.h"
#include "prober.h"

static struct prober p;
static struct verdicts verdicts;

static void begin_manners(void)
{
    prober_init(&p, "file");
    p.setup.is_quick = p.setup.is_deep = true;
    prober_file(&p, "tsize 5000 blksize 1428 windowsize 16 timeout 3 rollover 0");
    prober_oack(&p, "blksize 1468");
    prober_oack(&p, "windowsize 64");
    prober_data(&p, 1, 512);
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet");
    prober_data(&p, 1, 512);
    EXPECT(&p, "");
}

/* Its one repetition may be lost, so that is looked at twice. */
static void withhold_in_vain(void)
{
    prober_timeout(&p);
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet");
    prober_data(&p, 1, 512);
    EXPECT(&p, "");
    prober_timeout(&p);
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet");
}

static void test_second_repetition(void **state)
{
    (void)state;
    begin_manners();
    prober_timeout(&p);
    prober_data(&p, 1, 512);
    prober_pass(&p, 5000);
    prober_data(&p, 1, 512);
    const struct finding_trick *timer = &prober_findings(&p)->tricks[TRICK_WITHHELD];
    assert_true(timer->is_repeated && timer->repeated_ms == 5000);
    prober_data(&p, 1, 512);
    EXPECT(&p, "ACK 1 ACK 1");
}

/* What was cut short was not seen: Ctrl+C, or its time. */
static void test_manners_cut_short(void **state)
{
    (void)state;
    begin_manners();
    prober_pass(&p, 100);
    probe_interrupt(&p.probe, p.now_ms, &p.action);
    assert_int_equal(p.action.kind, PROBE_SEND);
    probe_answer(&p.probe, true, p.now_ms, &p.action);
    assert_int_equal(prober_findings(&p)->tricks[TRICK_WITHHELD].plays, 0);
    begin_manners();
    p.action.until_ms = PROBER_START_MS + PROBE_MS_MAX;
    prober_timeout(&p);
    EXPECT(&p, "ERROR 0 FINISH");
    assert_int_equal(prober_findings(&p)->tricks[TRICK_WITHHELD].plays, 0);
}

/* So many tricks, each with the two blocks that it may bring, and then nothing. */
static void play(uint32_t plays)
{
    for (uint32_t i = 0; i < plays; i++) {
        prober_data(&p, 1, 512);
        prober_data(&p, 2, 512);
        prober_timeout(&p);
    }
}

static void test_good_manners(void **state)
{
    static const uint8_t error_5[] = {0, 5, 0, 5, 0};

    (void)state;
    begin_manners();
    prober_pass(&p, 10);
    prober_data(&p, 1, 512); /* doubled on its way: no timer is so short */
    EXPECT(&p, "");
    prober_pass(&p, 1490);
    prober_data(&p, 1, 512);
    for (uint32_t i = 0; i < PROBE_DOUBLED_PLAYS; i++) {
        EXPECT(&p, "ERROR 0 RRQ \"file\" octet");
        prober_data(&p, 1, 512);
        EXPECT(&p, "ACK 1 ACK 1");
        prober_data(&p, 2, 512);
        EXPECT(&p, "");
        if (i == 1)
            prober_data(&p, 2, 512); /* by the server's timer, as we were held up */
        uint64_t came_ms = p.now_ms;
        prober_timeout(&p);
        assert_int_equal(p.now_ms - came_ms, SOUNDING_GAP_MS); /* a second answer would come with the first */
    }
    EXPECT(&p, "ERROR 0 PORT 1 RRQ \"file\" octet");
    prober_data(&p, 1, 512);
    EXPECT(&p, "ACK 1");
    assert_int_equal(p.sent_line, 1);
    prober_datagram(&p, 1, &p.tid, span_of(error_5, sizeof error_5));
    EXPECT(&p, "ERROR 0 FINISH");
    assert_int_equal(p.sent_line, 0);
    const struct finding_trick *tricks = prober_findings(&p)->tricks;
    assert_true(tricks[TRICK_WITHHELD].is_repeated && tricks[TRICK_WITHHELD].repeated_ms == 1500);
    assert_int_equal(tricks[TRICK_DOUBLED].plays, PROBE_DOUBLED_PLAYS);
    assert_int_equal(findings_answers_to_doubled_ack(prober_findings(&p)), 1);
    assert_true(tricks[TRICK_STRANGER].is_refused && !tricks[TRICK_STRANGER].is_taken_as_ours);
    assert_int_equal(prober_exit_code(&p, &verdicts), 0);
}

static void test_bad_manners(void **state)
{
    static const uint8_t data_2[] = {0, 3, 0, 2, 'x'};

    (void)state;
    begin_manners();
    withhold_in_vain();
    assert_int_equal(prober_findings(&p)->tricks[TRICK_WITHHELD].plays, PROBE_WITHHELD_PLAYS);
    assert_false(prober_findings(&p)->tricks[TRICK_WITHHELD].is_repeated);
    for (uint32_t i = 0; i < PROBE_DOUBLED_PLAYS; i++) {
        prober_data(&p, 1, 512);
        prober_data(&p, 2, 512);
        if (i != 1) /* lost */
            prober_data(&p, 2, 512);
        prober_timeout(&p);
    }
    prober_data(&p, 1, 512);
    prober_datagram(&p, 1, &p.tid, span_of(data_2, sizeof data_2));
    prober_timeout(&p);
    EXPECT(&p, "ERROR 0 FINISH");
    const struct finding_trick *tricks = prober_findings(&p)->tricks;
    assert_int_equal(findings_answers_to_doubled_ack(prober_findings(&p)), 2);
    assert_true(tricks[TRICK_STRANGER].is_taken_as_ours);
    assert_int_equal(prober_exit_code(&p, &verdicts), VERDICT_EXIT_WARN);
    /* A file of one block is over before anything can be played. */
    begin_manners();
    withhold_in_vain();
    for (uint32_t i = 0; i < PROBE_DOUBLED_PLAYS; i++)
        prober_data(&p, 1, 100);
    EXPECT(&p, "ERROR 0 PORT 1 RRQ \"file\" octet");
    assert_int_equal(prober_findings(&p)->tricks[TRICK_DOUBLED].plays, 0);
    /* One that ends it is told nothing more. */
    begin_manners();
    prober_error(&p, 0, "gone");
    EXPECT(&p, "RRQ \"file\" octet");
}

/* The stranger's ACK may be lost: with no answer to it at all it is played again, and then it is known. */
static void test_silence_to_a_stranger(void **state)
{
    static const uint8_t data_2[] = {0, 3, 0, 2, 'x'};

    (void)state;
    for (int is_taken = 0; is_taken < 2; is_taken++) {
        begin_manners();
        prober_pass(&p, 1500);
        prober_data(&p, 1, 512);
        play(PROBE_DOUBLED_PLAYS);
        prober_data(&p, 1, 512);
        EXPECT(&p, "ACK 1");
        prober_timeout(&p);
        EXPECT(&p, "ERROR 0 PORT 1 RRQ \"file\" octet");
        prober_data(&p, 1, 512);
        EXPECT(&p, "ACK 1");
        if (is_taken)
            prober_datagram(&p, 1, &p.tid, span_of(data_2, sizeof data_2));
        prober_timeout(&p);
        EXPECT(&p, "ERROR 0 FINISH");
        assert_int_equal(prober_findings(&p)->tricks[TRICK_STRANGER].plays, PROBE_STRANGER_PLAYS);
        assert_int_equal(prober_findings(&p)->tricks[TRICK_STRANGER].is_taken_as_ours, is_taken);
    }
}

/* --local-port P: no second one, so nobody else's ACK; all the rest is looked at. */
static void test_one_port(void **state)
{
    (void)state;
    begin_manners();
    p.has_one_port = true;
    prober_pass(&p, 1500);
    prober_data(&p, 1, 512);
    play(PROBE_DOUBLED_PLAYS);
    assert_non_null(strstr(p.log, "FINISH"));
    assert_null(strstr(p.log, "RRQ"));
    const struct findings *f = prober_findings(&p);
    assert_true(!f->is_socket_lost && f->tricks[TRICK_STRANGER].plays == 0 && f->unfinished == 0);
    assert_int_equal(f->soundings, p.requests);
    assert_int_equal(prober_exit_code(&p, &verdicts), 0);
}

/* Numbers have 16 bits: more than 65535 blocks, as short as they can be. */
static void begin_rollover(void)
{
    prober_init(&p, "file");
    p.setup.is_quick = p.setup.is_deep = true;
    prober_file(&p, PROBER_ALL_OPTIONS);
    prober_oack(&p, "blksize 1468");
    prober_oack(&p, "windowsize 64");
    prober_oack(&p, "msftwindow 27182");
    play(PROBE_WITHHELD_PLAYS + PROBE_DOUBLED_PLAYS + 1);
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet blksize=8 windowsize=51");
    prober_oack(&p, "blksize 8 windowsize 51");
    for (uint32_t i = 1; i <= UINT16_MAX; i++) {
        prober_pass(&p, i % 51 == 0); /* an ACK, and one packet of ours a millisecond */
        prober_data(&p, (uint16_t)i, 8);
    }
    EXPECT(&p, "ACK 65535");
}

static void test_rollover(void **state)
{
    (void)state;
    begin_rollover();
    for (uint16_t i = 0; i <= 50; i++)
        prober_data(&p, i, 8);
    EXPECT(&p, "ERROR 0 FINISH");
    assert_int_equal(prober_findings(&p)->rollover, ROLLOVER_0);
    begin_rollover();
    for (uint16_t i = 1; i <= 51; i++)
        prober_data(&p, i, 8);
    EXPECT(&p, "ERROR 0 FINISH");
    assert_int_equal(prober_findings(&p)->rollover, ROLLOVER_1);
    begin_rollover();
    while (!p.is_finished)
        prober_timeout(&p);
    assert_int_equal(prober_findings(&p)->rollover, ROLLOVER_NOTHING);
    begin_rollover();
    prober_error(&p, 0, "no more");
    assert_int_equal(prober_findings(&p)->rollover, ROLLOVER_NOTHING);
    /* Its time is over: who knows. */
    begin_rollover();
    p.now_ms += 20000;
    prober_timeout(&p);
    assert_int_equal(prober_findings(&p)->rollover, ROLLOVER_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_repetition),
        cmocka_unit_test(test_manners_cut_short),
        cmocka_unit_test(test_good_manners),
        cmocka_unit_test(test_bad_manners),
        cmocka_unit_test(test_silence_to_a_stranger),
        cmocka_unit_test(test_one_port),
        cmocka_unit_test(test_rollover),
    };

    return cmocka_run_group_tests_name("probe_manners", tests, NULL, NULL);
}
