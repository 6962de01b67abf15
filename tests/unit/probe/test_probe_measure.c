/* What the probe measures: blocks, windows, a put; and the limits that it keeps meanwhile. */
#include "unit.h"

#include "driver.h"
#include "prober.h"

#include <stdio.h>

static struct prober p;
static struct verdicts verdicts;

/* -- blocks -- */

static void begin_blocks(void)
{
    prober_init(&p, "file");
    prober_file(&p, PROBER_ALL_OPTIONS);
    prober_oack(&p, "blksize 1468");
    prober_oack(&p, "windowsize 64");
    prober_data(&p, 1, 512);
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet blksize=512");
}

/* This size is asked for and arrives, or is lost three times. */
static void block(unsigned blksize, bool arrives)
{
    char options[32], request[64];

    snprintf(options, sizeof options, "blksize %u", blksize);
    snprintf(request, sizeof request, "RRQ \"file\" octet blksize=%u", blksize);
    for (int i = 0; i < (arrives ? 1 : BLOCK_SEARCH_TRIES); i++) {
        CHECK(strstr(p.log, request) != NULL, "%s instead of %s", p.log, request);
        prober_oack(&p, options);
        EXPECT(&p, "ACK 0");
        if (arrives)
            prober_data(&p, 1, blksize);
        else
            prober_timeout(&p);
        CHECK(strncmp(p.log, "ERROR 0", 7) == 0, "%u: %s", blksize, p.log);
    }
}

static void test_blocks(void **state)
{
    (void)state;
    begin_blocks();
    block(512, true);
    block(1428, true);
    block(1468, true);
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet blksize=1428");
    assert_true(prober_findings(&p)->blocks.arrived == 1468 && prober_findings(&p)->blocks.lost == 0);
}

static void test_lost_blocks(void **state)
{
    (void)state;
    begin_blocks();
    block(512, true);
    block(1428, false);
    block(513, false);
    const struct block_search *b = &prober_findings(&p)->blocks;
    assert_true(b->arrived == 512 && b->lost == 513);
    /* The windows are of blocks that arrive. */
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet");
}

/* 65464 bytes take half a second at 1 Mbit/s, and the ones before them are still on the line: the last try waits for that. */
static void test_long_blocks_take_time(void **state)
{
    (void)state;
    begin_blocks();
    block(512, true);
    for (int i = 0; i < BLOCK_SEARCH_TRIES - 1; i++) {
        prober_oack(&p, "blksize 1428");
        prober_timeout(&p);
    }
    prober_oack(&p, "blksize 1428");
    assert_int_equal(p.action.until_ms, p.now_ms + 2500);
    prober_pass(&p, 2400);
    prober_data(&p, 1, 1428);
    assert_true(prober_findings(&p)->blocks.arrived == 1428 && prober_findings(&p)->blocks.lost == 0);
}

/* A disk may be slower than the way: blocks are waited for as the first ones came, not as the ERRORs did. */
static void test_slow_disk(void **state)
{
    (void)state;
    begin_blocks();
    prober_oack(&p, "blksize 512");
    prober_pass(&p, 400);
    prober_data(&p, 1, 512);
    prober_oack(&p, "blksize 1428");
    assert_true(p.action.until_ms > p.now_ms + 400);
}

/* The server grants less at times; its requests are not answered; its step has an end. */
static void test_blocks_in_vain(void **state)
{
    (void)state;
    begin_blocks();
    prober_oack(&p, "blksize 300");
    prober_data(&p, 1, 300);
    assert_true(prober_findings(&p)->blocks.top == 300 && prober_findings(&p)->blocks.arrived == 300);
    begin_blocks();
    for (int i = 0; i < 3; i++) {
        EXPECT(&p, i == 0 ? "ERROR 0 RRQ \"file\" octet blksize=512" : "RRQ \"file\" octet blksize=512");
        prober_error(&p, 0, "busy");
    }
    assert_true(prober_findings(&p)->unfinished >> STEP_BLOCKS & 1);
    begin_blocks();
    while (p.probe.step == STEP_BLOCKS)
        prober_timeout(&p);
    assert_true(prober_findings(&p)->unfinished >> STEP_BLOCKS & 1);
}

/* A file that is shorter than it was said to be. */
static void test_short_file(void **state)
{
    (void)state;
    begin_blocks();
    block(512, true);
    prober_oack(&p, "blksize 1428");
    prober_data(&p, 1, 600);
    const struct block_search *b = &prober_findings(&p)->blocks;
    assert_true(b->arrived == 600 && b->top == 600 && b->lost == 0);
    prober_init(&p, "file");
    prober_file(&p, "tsize 300 blksize 1428 windowsize 16 timeout 3 rollover 0");
    prober_oack(&p, "blksize 1468");
    prober_oack(&p, "windowsize 64");
    prober_data(&p, 1, 300);
    /* Too short for anything. */
    EXPECT(&p, "ERROR 0 FINISH");
}

/* -- windows -- */

static void begin_windows(void)
{
    begin_blocks();
    block(512, true);
    block(1428, true);
    block(1468, true);
}

static void blocks(unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++)
        prober_data(&p, (uint16_t)i, 1428);
}

static void test_windows(void **state)
{
    (void)state;
    begin_windows();
    prober_oack(&p, "blksize 1428");
    EXPECT(&p, "ACK 0");
    prober_pass(&p, 10);
    blocks(1, PROBE_WINDOW_BLOCKS);
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet blksize=1428 windowsize=4");
    prober_oack(&p, "blksize 1428 windowsize 4");
    blocks(1, 4);
    EXPECT(&p, "ACK 4");
    blocks(5, PROBE_WINDOW_BLOCKS);
    EXPECT(&p, "ERROR 0 RRQ \"file\" octet blksize=1428 windowsize=16");
    prober_oack(&p, "blksize 1428 windowsize 16");
    blocks(1, 304);
    prober_oack(&p, "blksize 1428 windowsize 64");
    blocks(1, 320);
    EXPECT(&p, "ERROR 0 FINISH");
    const struct findings *f = prober_findings(&p);
    for (int i = 0; i < FINDINGS_WINDOWS; i++)
        assert_true(f->windows[i].is_measured && f->windows[i].lost == 0 && f->windows[i].torn == 0);
    assert_int_equal(f->windows[1].whole, 75);
    assert_int_equal(prober_exit_code(&p, &verdicts), 0);
}

/* A server that grants less for longer blocks is not asked for more again. */
static void test_smaller_windows(void **state)
{
    (void)state;
    begin_windows();
    prober_oack(&p, "blksize 1428");
    blocks(1, PROBE_WINDOW_BLOCKS);
    prober_oack(&p, "blksize 1428 windowsize 2");
    blocks(1, PROBE_WINDOW_BLOCKS);
    EXPECT(&p, "ERROR 0 FINISH");
    assert_int_equal(findings_best_window(prober_findings(&p)), 0);
}

/* -- a put -- */

static void begin_put(void)
{
    prober_init(&p, NULL);
    p.setup.put_name = "up";
    prober_alive(&p);
    EXPECT(&p, "WRQ \"up\" octet blksize=512");
}

static void test_put(void **state)
{
    (void)state;
    begin_put();
    prober_oack(&p, "blksize 512");
    EXPECT(&p, "DATA 1, 512 bytes");
    prober_ack(&p, 0); /* of before */
    EXPECT(&p, "");
    prober_ack(&p, 1);
    EXPECT(&p, "ERROR 0 WRQ \"up\" octet blksize=1428");
    prober_oack(&p, "blksize 1000");
    EXPECT(&p, "DATA 1, 1000 bytes");
    prober_ack(&p, 1);
    EXPECT(&p, "ERROR 0 FINISH");
    assert_int_equal(prober_findings(&p)->put_blocks.arrived, 1000);
    assert_int_equal(prober_exit_code(&p, &verdicts), 0);
}

static void test_put_refused(void **state)
{
    (void)state;
    begin_put();
    prober_error(&p, 2, "Access violation");
    EXPECT(&p, "FINISH");
    assert_int_equal(prober_exit_code(&p, &verdicts), 22);
    begin_put();
    prober_ack(&p, 0); /* no options */
    EXPECT(&p, "DATA 1, 512 bytes");
    prober_error(&p, 3, "Disk full");
    EXPECT(&p, "FINISH");
    assert_int_equal(prober_exit_code(&p, &verdicts), 23);
    begin_put();
    for (int i = 0; i < 30 && !p.is_finished; i++) {
        prober_ack(&p, 0);
        prober_timeout(&p);
    }
    assert_int_equal(prober_exit_code(&p, &verdicts), 13);
}

/* Nobody answers the WRQ, or with nonsense: that is seen to its end, and no block has any part in it. */
static void test_put_not_begun(void **state)
{
    (void)state;
    begin_put();
    for (int i = 0; i < 3; i++) {
        EXPECT(&p, "WRQ \"up\" octet blksize=512");
        prober_timeout(&p);
    }
    EXPECT(&p, "FINISH");
    assert_int_equal(prober_findings(&p)->put.end, SOUNDING_SILENT);
    assert_int_equal(prober_findings(&p)->unfinished, 0);
    assert_int_equal(prober_exit_code(&p, &verdicts), 13);
    begin_put();
    prober_oack(&p, "blksize 513");
    EXPECT(&p, "ERROR 8 FINISH");
    assert_int_equal(prober_findings(&p)->unfinished, 0);
    assert_int_equal(prober_exit_code(&p, &verdicts), 16);
    /* Ctrl+C: who knows. */
    begin_put();
    probe_interrupt(&p.probe, p.now_ms, &p.action);
    p.is_finished = p.action.kind == PROBE_FINISH;
    assert_int_equal(prober_findings(&p)->put.end, SOUNDING_UNFINISHED);
    assert_int_equal(prober_exit_code(&p, &verdicts), 130);
}

/* -- limits -- */

static void test_time(void **state)
{
    (void)state;
    prober_init(&p, "file");
    prober_alive(&p);
    /* Something is always said, and it is never of use. */
    while (!p.is_finished) {
        prober_pass(&p, 400);
        prober_ack(&p, 9);
        if (!p.is_finished && p.now_ms >= p.action.until_ms)
            prober_timeout(&p);
    }
    assert_true(p.now_ms <= PROBER_START_MS + PROBE_MS_MAX + 400);
    begin_windows();
    prober_oack(&p, "blksize 1428");
    p.now_ms = PROBER_START_MS + PROBE_MS_MAX;
    prober_timeout(&p);
    p.now_ms = PROBER_START_MS + PROBE_MS_MAX;
    prober_data(&p, 1, 1428);
    assert_true(p.is_finished && prober_findings(&p)->is_out_of_time);
    assert_int_equal(prober_exit_code(&p, &verdicts), VERDICT_EXIT_WARN);
}

static void test_bytes(void **state)
{
    (void)state;
    begin_windows();
    prober_oack(&p, "blksize 1428");
    prober_data(&p, 1, 1428);
    for (int i = 0; i < 20000 && !p.is_finished; i++)
        prober_data(&p, 1, 1428);
    EXPECT(&p, "ERROR 0 FINISH");
    assert_true(prober_findings(&p)->is_out_of_bytes && prober_findings(&p)->wire_bytes <= PROBE_BYTES_MAX);
    assert_true(prober_findings(&p)->unfinished >> STEP_WINDOWS & 1);
}

/* A burst is what a second has; then they come one by one. */
static void test_packets(void **state)
{
    (void)state;
    begin_windows();
    prober_oack(&p, "blksize 1428");
    unsigned before = p.sends;
    uint64_t began_ms = p.now_ms;
    for (int i = 0; i < 2000 && p.action.kind == PROBE_WAIT && p.probe.sounding.due == DUE_NOTHING; i++)
        prober_oack(&p, "blksize 1428"); /* each is answered with ACK 0 */
    assert_true(p.now_ms == began_ms && p.sends - before <= PROBE_PACKETS_PER_SECOND);
    assert_int_equal(p.probe.sounding.due, DUE_ACK);
    prober_timeout(&p);
    EXPECT(&p, "ACK 0");
}

static void test_interrupt(void **state)
{
    (void)state;
    begin_windows();
    prober_oack(&p, "blksize 1428");
    probe_interrupt(&p.probe, p.now_ms, &p.action);
    assert_int_equal(p.action.kind, PROBE_SEND);
    probe_answer(&p.probe, true, p.now_ms, &p.action);
    assert_int_equal(p.action.kind, PROBE_FINISH);
    p.is_finished = true;
    assert_int_equal(prober_exit_code(&p, &verdicts), 130);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_lost_blocks),
        cmocka_unit_test(test_long_blocks_take_time),
        cmocka_unit_test(test_slow_disk),
        cmocka_unit_test(test_blocks_in_vain),
        cmocka_unit_test(test_short_file),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_smaller_windows),
        cmocka_unit_test(test_put),
        cmocka_unit_test(test_put_refused),
        cmocka_unit_test(test_put_not_begun),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_packets),
        cmocka_unit_test(test_interrupt),
    };

    return cmocka_run_group_tests_name("probe_measure", tests, NULL, NULL);
}
