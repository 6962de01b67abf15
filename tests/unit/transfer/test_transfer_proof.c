/* What leaves before a client has proved itself, how long it is waited for, and what silence repeats. */
#include "unit.h"

#include "driver.h"

#include <stdio.h>

/* "ACK 0", "DATA 1" of eight bytes, or an OACK, which no client sends. */
static void client_sends(struct driver *d, const char *packet)
{
    static const char oack[] = "\0\6blksize\0"
                               "8";
    unsigned block;

    if (sscanf(packet, "ACK %u", &block) == 1)
        driver_ack(d, (uint16_t)block);
    else if (sscanf(packet, "DATA %u", &block) == 1)
        driver_data(d, (uint16_t)block, driver_content(8), 8);
    else
        driver_datagram(d, span_of(oack, sizeof oack));
}

static void test_standing_rises(void **state)
{
    static const struct {
        unsigned kind;
        const char *options;
        const char *events[3];
        enum standing standings[3];
    } rows[] = {
        {DOWNLOAD, "blksize 8", {"ACK 0", "ACK 1", "ACK 2"}, {STANDING_ANSWERED, STANDING_PROVEN, STANDING_PROVEN}},
        {DOWNLOAD, "", {"ACK 0", "ACK 3", "DATA 1"}, {STANDING_STRANGER, STANDING_STRANGER, STANDING_STRANGER}},
        {DOWNLOAD, "blksize 8", {"OACK", "ACK 1", "ACK 0"}, {STANDING_STRANGER, STANDING_STRANGER, STANDING_ANSWERED}},
        {UPLOAD, "blksize 8", {"DATA 1", "DATA 1", "DATA 2"}, {STANDING_ANSWERED, STANDING_ANSWERED, STANDING_PROVEN}},
        {UPLOAD,
         "blksize 8",
         {"DATA 2", "DATA 1", "DATA 0"},
         {STANDING_STRANGER, STANDING_ANSWERED, STANDING_ANSWERED}},
        /* What comes ahead shows that the offer was seen; only data behind an ACK of ours is more. */
        {UPLOAD,
         "blksize 8 windowsize 4",
         {"DATA 3", "DATA 1", "DATA 2"},
         {STANDING_ANSWERED, STANDING_ANSWERED, STANDING_ANSWERED}},
    };
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_start(&d, rows[i].kind, rows[i].options, driver_content(2000), 2000);
        assert_int_equal(d.transfer.standing, STANDING_STRANGER);
        for (size_t k = 0; k < 3; k++) {
            client_sends(&d, rows[i].events[k]);
            CHECK(d.transfer.standing == rows[i].standings[k], "row %u event %u: %d", (unsigned)i, (unsigned)k,
                  (int)d.transfer.standing);
        }
        driver_free(&d);
    }
}

/* So often is the first answer sent in all, by the timer and for repeated requests, when nobody answers. */
static unsigned count_answers(struct driver *d, unsigned repeats)
{
    unsigned count = 0;

    driver_begin(d);
    count += d->log[0] != 0;
    for (; repeats > 0; repeats--) {
        driver_repeat(d);
        count += d->log[0] != 0;
    }
    while (!d->is_finished) {
        driver_timeout(d);
        count += d->log[0] != 0;
    }
    CHECK(strcmp(d->log, "FINISH never-answered") == 0, "\"%s\"", d->log);
    return count - 1;
}

/*
 * A stranger gets three times the bytes of his requests, headers counted; but the first block of a bare request as often
 * as first_sends_max says, whatever it measures.
 */
static void test_a_stranger_pays_for_answers(void **state)
{
    static const struct {
        unsigned kind;
        const char *options;
        uint16_t request_bytes;
        uint8_t first_sends_max;
        unsigned repeats;
        unsigned answers;
    } rows[] = {
        {DOWNLOAD, "blksize 8", 20, 10, 0, 3}, /* 144 bytes for OACKs of 40 */
        {DOWNLOAD, "blksize 8", 12, 10, 0, 3}, /* 120: to the last byte */
        {DOWNLOAD, "blksize 8", 11, 10, 0, 2},
        {DOWNLOAD, "blksize 8", 12, 2, 0, 2},
        {DOWNLOAD, "blksize 8", 12, 10, 1, 6},
        {DOWNLOAD, "blksize 8", 11, 10, 1, 5}, /* 234 bytes: what is left over counts */
        {DOWNLOAD, "blksize 8", 1000, 3, 0, 3},
        {DOWNLOAD, "blksize 8", 1000, 3, 9, 6}, /* requests are answered first_sends_max times too */
        {DOWNLOAD, "", 1, 3, 0, 3},
        {DOWNLOAD, "", 1000, 3, 0, 3},
        {DOWNLOAD, "", 1, 10, 0, 10},
        {DOWNLOAD, "", 1, 1, 0, 1},
        {DOWNLOAD, "", 1, 2, 1, 3},
        {DOWNLOAD, "", 1, 2, 9, 4},
        {DOWNLOAD | NETASCII, "", 1, 2, 9, 4},
        {UPLOAD, "", 14, 10, 0, 3}, /* 126 bytes for ACKs of 32 */
        {UPLOAD, "", 15, 10, 0, 4},
        {UPLOAD, "blksize 8", 11, 10, 0, 2},
    };
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_init(&d, rows[i].kind, rows[i].options, driver_content(600), 600);
        d.setup.request_bytes = rows[i].request_bytes;
        d.setup.first_sends_max = rows[i].first_sends_max;
        unsigned answers = count_answers(&d, rows[i].repeats);
        CHECK(answers == rows[i].answers, "row %u: %u answers", (unsigned)i, answers);
        /* What is reported is what left; a download's OACK is no block. */
        uint64_t blocks = (rows[i].kind & UPLOAD) || rows[i].options[0] == 0 ? answers : 0;
        CHECK(d.action.finish.blocks_sent == blocks && d.action.finish.blocks_resent == blocks - (blocks > 0),
              "row %u: %u sent, %u resent", (unsigned)i, (unsigned)d.action.finish.blocks_sent,
              (unsigned)d.action.finish.blocks_resent);
        if (rows[i].kind == DOWNLOAD && rows[i].options[0] == 0)
            CHECK(d.transfer.credit <= rows[i].first_sends_max * (uint32_t)(STANDING_HEADERS + 4 + 512),
                  "row %u: a bare request pays for its first block only, %u bytes are left", (unsigned)i,
                  (unsigned)d.transfer.credit);
        driver_free(&d);
    }
}

/* Who does not pay for more is waited for as long as one who does; nothing leaves meanwhile. */
static void test_patience_costs_nothing(void **state)
{
    static const uint64_t waits[] = {1000, 2000, 4000, 6000, 6000};
    static struct driver d;

    (void)state;
    for (uint16_t request_bytes = 2; request_bytes < 50; request_bytes++) {
        driver_init(&d, DOWNLOAD, "blksize 8", driver_content(20), 20);
        d.setup.request_bytes = request_bytes;
        d.setup.first_sends_max = COUNT_OF(waits);
        driver_begin(&d);
        for (size_t i = 0; i < COUNT_OF(waits); i++) {
            CHECK(driver_wait_ms(&d) == waits[i], "request of %u, wait %u: %u", (unsigned)request_bytes, (unsigned)i,
                  (unsigned)driver_wait_ms(&d));
            driver_timeout(&d);
        }
        EXPECT(&d, "FINISH never-answered");
        driver_free(&d);
    }
}

/* An ERROR is paid for too; and what was not paid for is not sent later, but an answer of the client's opens the purse. */
static void test_an_error_to_a_stranger(void **state)
{
    static const struct {
        uint16_t request_bytes;
        bool is_answered;
        const char *log;
    } rows[] = {
        {11, false, "FINISH stopped"}, /* 117 bytes: OACKs of 40, and 53 for this ERROR */
        {20, false, "ERROR 0 FINISH stopped"},
        {11, true, "ERROR 0 FINISH stopped"},
    };
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_init(&d, DOWNLOAD, "blksize 8", driver_content(20), 20);
        d.setup.request_bytes = rows[i].request_bytes;
        driver_begin(&d);
        driver_timeout(&d);
        EXPECT(&d, "OACK blksize=8");
        if (rows[i].is_answered)
            driver_ack(&d, 0);
        driver_abort(&d, OUTCOME_STOPPED);
        CHECK(strcmp(d.log, rows[i].log) == 0, "row %u: \"%s\"", (unsigned)i, d.log);
        driver_free(&d);
    }
}

/* -- patience -- */

/* Whatever the client's timeout and however often it was sent again: silence_s, or unproven_s for who never took data. */
static void test_silence_is_bounded(void **state)
{
    static const struct {
        unsigned kind;
        const char *options;
        const char *events[2];
        uint64_t ends_ms; /* after the last of them */
        const char *log;
    } rows[] = {
        {DOWNLOAD, "blksize 8 timeout 1", {NULL, NULL}, 20000, "FINISH never-answered"},
        {DOWNLOAD, "blksize 8 timeout 255", {NULL, NULL}, 20000, "FINISH never-answered"},
        {DOWNLOAD, "", {NULL, NULL}, 20000, "FINISH never-answered"},
        {UPLOAD, "blksize 8 timeout 255", {NULL, NULL}, 20000, "FINISH never-answered"},
        {DOWNLOAD, "blksize 8 timeout 1", {"ACK 0", NULL}, 20000, "FINISH never-took-data"},
        {DOWNLOAD, "blksize 8 timeout 255", {"ACK 0", NULL}, 20000, "FINISH never-took-data"},
        {DOWNLOAD, "blksize 8 timeout 255", {"ACK 0", "ACK 0"}, 19900, "FINISH never-took-data"}, /* the first counts */
        {DOWNLOAD, "blksize 8 timeout 1", {"ACK 0", "ACK 1"}, 120000, "FINISH silent"},
        {DOWNLOAD, "blksize 8 timeout 255", {"ACK 0", "ACK 1"}, 120000, "FINISH silent"},
        {UPLOAD, "blksize 8 timeout 1", {"DATA 1", NULL}, 120000, "FINISH silent"},
        {UPLOAD, "blksize 8 windowsize 4 timeout 1", {"DATA 3", NULL}, 20000, "FINISH silent"}, /* not taken */
        {UPLOAD, "blksize 8 timeout 255", {"DATA 1", NULL}, 120000, "FINISH silent"},
    };
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_init(&d, rows[i].kind, rows[i].options, driver_content(800), 800);
        d.setup.silence_s = 120;
        d.setup.unproven_s = 20;
        d.setup.first_sends_max = 200;
        driver_begin(&d);
        for (size_t k = 0; k < 2 && rows[i].events[k] != NULL; k++) {
            driver_pass(&d, 100);
            client_sends(&d, rows[i].events[k]);
        }
        uint64_t quiet_ms = d.now_ms;
        while (!d.is_finished)
            driver_timeout(&d);
        CHECK(strcmp(d.log, rows[i].log) == 0, "row %u: \"%s\"", (unsigned)i, d.log);
        CHECK(d.now_ms - quiet_ms == rows[i].ends_ms, "row %u: %u ms", (unsigned)i, (unsigned)(d.now_ms - quiet_ms));
        driver_free(&d);
    }
}

/* What does not move it on gives no new time; what does gives all of it. */
static void test_only_progress_counts(void **state)
{
    static struct driver d;

    (void)state;
    driver_init(&d, DOWNLOAD, "blksize 8 windowsize 2 timeout 100", driver_content(80), 80);
    d.setup.silence_s = 60;
    driver_begin(&d);
    driver_ack(&d, 0);
    driver_ack(&d, 2);
    assert_int_equal(driver_wait_ms(&d), 60000);
    driver_pass(&d, 30000);
    driver_ack(&d, 1); /* old */
    EXPECT(&d, "");
    driver_ack(&d, 2); /* a gap: what is sent again is no progress of the client's */
    EXPECT(&d, "DATA 3-4");
    assert_int_equal(driver_wait_ms(&d), 30000);
    driver_ack(&d, 4);
    EXPECT(&d, "DATA 5-6");
    assert_int_equal(driver_wait_ms(&d), 60000);
    driver_timeout(&d);
    EXPECT(&d, "FINISH silent");
    driver_free(&d);

    /* A block inside a window is progress, though nothing answers it. */
    driver_init(&d, UPLOAD, "blksize 8 windowsize 4 timeout 100", NULL, 0);
    d.setup.silence_s = 60;
    driver_begin(&d);
    for (uint16_t block = 1; block <= 3; block++) {
        driver_data(&d, block, "12345678", 8);
        EXPECT(&d, "");
        assert_int_equal(driver_wait_ms(&d), 60000);
        driver_pass(&d, 30000);
        driver_data(&d, block, "12345678", 8);
        assert_int_equal(driver_wait_ms(&d), 30000);
    }
    driver_free(&d);
}

/* Timers may be late: nothing is sent to who is given up. */
static void test_a_late_timer_gives_up(void **state)
{
    static struct driver d;

    (void)state;
    driver_init(&d, DOWNLOAD, "blksize 8", driver_content(80), 80);
    d.setup.silence_s = 60;
    driver_begin(&d);
    driver_ack(&d, 0);
    driver_ack(&d, 1);
    driver_pass(&d, 59999);
    driver_timer(&d);
    EXPECT(&d, "DATA 2");
    driver_pass(&d, 1);
    driver_timer(&d);
    EXPECT(&d, "FINISH silent");
    driver_free(&d);
}

/* A disk that takes its time before the block leaves. */
static void lag(void *context, struct span datagram)
{
    struct driver *d = context;

    (void)datagram;
    d->now_ms += 200000;
}

/* A slow disk is not the client's silence. */
static void test_a_slow_disk_is_no_silence(void **state)
{
    static struct driver d;
    const struct packet eighth = {.opcode = OPCODE_DATA, .block = 8, .data = span_of(driver_content(8192), 8192)};

    (void)state;
    driver_init(&d, DOWNLOAD, "blksize 8 timeout 1", driver_content(80), 80);
    d.setup.silence_s = d.setup.unproven_s = 60;
    driver_begin(&d);
    driver_ack(&d, 0);
    driver_ack(&d, 1);
    d.deliver = lag;
    d.context = &d;
    driver_ack(&d, 2);
    EXPECT(&d, "DATA 3");
    assert_int_equal(driver_wait_ms(&d), 1000);
    driver_free(&d);

    driver_init(&d, UPLOAD, "blksize 8192 windowsize 8 timeout 1", NULL, 0);
    d.setup.silence_s = d.setup.unproven_s = 60;
    driver_begin(&d);
    for (uint16_t block = 1; block < 8; block++)
        driver_data(&d, block, driver_content(8192), 8192);
    transfer_on_datagram(&d.transfer, &eighth, d.now_ms, &d.action);
    assert_int_equal(d.action.kind, ACTION_WRITE);
    driver_pass(&d, 200000);
    transfer_answer(&d.transfer, STATUS_OK, 1, d.now_ms, &d.action);
    assert_int_equal(d.action.kind, ACTION_SEND);
    transfer_answer(&d.transfer, STATUS_OK, 1, d.now_ms, &d.action);
    assert_int_equal(d.action.kind, ACTION_WAIT);
    assert_int_equal(driver_wait_ms(&d), 1000);
    driver_free(&d);
}

/* Before anything came the client's timeout counts for little: its address may be forged. */
static void test_the_first_wait_is_bounded(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD, "blksize 8 timeout 255", driver_content(80), 80);
    assert_int_equal(driver_wait_ms(&d), 6000);
    driver_timeout(&d);
    EXPECT(&d, "OACK blksize=8 timeout=255");
    assert_int_equal(driver_wait_ms(&d), 6000);
    driver_ack(&d, 0);
    assert_int_equal(driver_wait_ms(&d), 255000);
    driver_free(&d);
}

/* Who has sent data is owed its ACK as often as patience lasts, however little a stranger would get. */
static void test_acks_are_not_paid_for(void **state)
{
    static struct driver d;

    (void)state;
    driver_init(&d, UPLOAD, "blksize 8", NULL, 0);
    d.setup.request_bytes = 12;
    d.setup.unproven_bytes = 0;
    d.setup.silence_s = 3600;
    driver_begin(&d);
    driver_data(&d, 1, "12345678", 8);
    for (int timers = 0; timers < 20; timers++) {
        driver_timeout(&d);
        EXPECT(&d, "ACK 1");
    }
    driver_free(&d);
}

/* A stored upload stays for a second in case its last block comes again, whatever the timeout and however patient. */
static void test_dallying(void **state)
{
    static const char *const options[] = {"blksize 8 utimeout 10000", "blksize 8", "blksize 8 timeout 5",
                                          "blksize 8 timeout 255"};
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        driver_init(&d, UPLOAD, options[i], NULL, 0);
        d.setup.silence_s = d.setup.unproven_s = 0;
        driver_begin(&d);
        driver_data(&d, 1, "1234", 4);
        EXPECT(&d, "WRITE 0+4 COMMIT ACK 1");
        CHECK(driver_wait_ms(&d) == 1000, "%s: %u", options[i], (unsigned)driver_wait_ms(&d));
        driver_pass(&d, 999);
        driver_data(&d, 1, "1234", 4);
        EXPECT(&d, "ACK 1");
        assert_int_equal(driver_wait_ms(&d), 1);
        driver_timeout(&d);
        EXPECT(&d, "FINISH done");
        driver_free(&d);
    }
}

/* A client that has taken data gets its window again, once; then a block at a time, until it says something. */
static void test_silence_in_a_window(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD, "blksize 8 windowsize 4", driver_content(100), 100);
    driver_ack(&d, 0);
    driver_ack(&d, 2);
    EXPECT(&d, "DATA 3-6");
    driver_timeout(&d);
    EXPECT(&d, "DATA 3-6");
    driver_ack(&d, 2); /* the gap's ACK comes late; the rewind is done already */
    EXPECT(&d, "");
    for (int more = 0; more < 3; more++) {
        driver_timeout(&d);
        EXPECT(&d, "DATA 3");
    }
    driver_ack(&d, 4); /* a late ACK of what was sent in the window still counts, and gives all of it back */
    EXPECT(&d, "DATA 5-8");
    driver_timeout(&d);
    EXPECT(&d, "DATA 5-8");
    driver_ack(&d, 6); /* a gap */
    EXPECT(&d, "DATA 7-10");
    driver_ack(&d, 10);
    EXPECT(&d, "DATA 11-13");
    driver_timeout(&d);
    driver_timeout(&d);
    EXPECT(&d, "DATA 11");
    driver_ack(&d, 12);
    EXPECT(&d, "DATA 13");
    driver_ack(&d, 13);
    EXPECT(&d, "FINISH done");
    driver_free(&d);
}

/* Before it has taken data, silence repeats one block only: it is what is not there, or was never asked. */
static void test_silence_before_proof(void **state)
{
    static struct driver d;

    (void)state;
    for (unsigned kind = DOWNLOAD; kind <= (DOWNLOAD | NETASCII); kind += NETASCII) {
        driver_start(&d, kind, "blksize 8 windowsize 4", driver_content(100), 100);
        driver_ack(&d, 0);
        EXPECT(&d, "DATA 1-4");
        driver_timeout(&d);
        EXPECT(&d, "DATA 1");
        driver_ack(&d, 0); /* nor does the offer's ACK lead back, once more was repeated */
        EXPECT(&d, "");
        driver_timeout(&d);
        EXPECT(&d, "DATA 1");
        driver_ack(&d, 3); /* it had them */
        EXPECT(&d, "DATA 4-7");
        driver_timeout(&d);
        EXPECT(&d, "DATA 4-7");
        driver_free(&d);
    }
}

enum { BLOCK_BYTES = 512 + 4 + 28 };

/*
 * Bytes that leave before the first data is acknowledged, however ACK 0 and timers are mixed: three times unproven_bytes,
 * but a window and first_sends_max blocks at least. The ACK that proves the client opens the window.
 */
static void test_bytes_before_proof(void **state)
{
    static const struct {
        unsigned kind;
        const char *options;
        uint32_t unproven_bytes;
        uint8_t first_sends_max;
        unsigned blocks;
    } rows[] = {
        {DOWNLOAD, "blksize 512 windowsize 8", 0, 3, 11},
        {DOWNLOAD, "blksize 512 windowsize 8", 11 * BLOCK_BYTES / 3, 3, 11},
        {DOWNLOAD, "blksize 512 windowsize 8", 4 * BLOCK_BYTES, 3, 12},
        {DOWNLOAD, "blksize 512 windowsize 8", 4 * BLOCK_BYTES - 1, 3, 11},
        {DOWNLOAD, "blksize 512 windowsize 8", 5 * BLOCK_BYTES, 3, 15},
        {DOWNLOAD, "blksize 512 windowsize 8", 0, 1, 9},
        {DOWNLOAD, "blksize 512", 0, 3, 4},
        {DOWNLOAD, "blksize 512", 3 * BLOCK_BYTES, 3, 9},
        {DOWNLOAD | NETASCII, "blksize 512 windowsize 8", 4 * BLOCK_BYTES, 3, 12},
        {DOWNLOAD, "blksize 512 windowsize 4 msftwindow 31416", 0, 3, 15}, /* it may raise its window to 12 */
        {DOWNLOAD, "blksize 512 windowsize 64", UINT32_MAX / 3 + 1, 3,
         200}, /* no overflow; 64 twice, then one at a time */
    };
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_init(&d, rows[i].kind, rows[i].options, driver_content(512 * 1000), 512 * 1000);
        d.setup.unproven_bytes = rows[i].unproven_bytes;
        d.setup.first_sends_max = rows[i].first_sends_max;
        d.setup.unproven_s = 3600;
        if (d.setup.agreement.has_msftwindow)
            d.setup.agreement.windowsize_max = 12;
        driver_begin(&d);
        driver_ack_window(&d, 0, 200);
        driver_ack_window(&d, 0, 200);
        for (int timers = 0; timers < 72; timers++) {
            driver_timeout(&d);
            driver_ack(&d, 0);
        }
        CHECK(d.transfer.blocks_sent == rows[i].blocks, "row %u: %u blocks", (unsigned)i,
              (unsigned)d.transfer.blocks_sent);
        assert_false(d.is_finished);
        driver_ack(&d, 1);
        assert_true(strncmp(d.log, "DATA 2", 6) == 0);
        driver_ack(&d, (uint16_t)d.transfer.high);
        CHECK(d.transfer.sent == d.transfer.acked + d.transfer.window, "row %u: the window stays small", (unsigned)i);
        driver_free(&d);
    }
}

/* A window that the purse does not hold leaves as far as it does, and no ERROR is paid from it. */
static void test_part_of_a_window_before_proof(void **state)
{
    static struct driver d;

    (void)state;
    for (int is_stopped = 0; is_stopped < 2; is_stopped++) {
        driver_init(&d, DOWNLOAD, "blksize 512 windowsize 4", driver_content(51200), 51200);
        d.setup.unproven_bytes = 0;
        driver_begin(&d);
        driver_ack(&d, 0);
        EXPECT(&d, "DATA 1-4");
        driver_ack(&d, 0);
        EXPECT(&d, "DATA 1-3"); /* first_sends_max */
        driver_timeout(&d);
        EXPECT(&d, "");
        assert_int_equal(driver_wait_ms(&d), 2000);
        if (is_stopped) { /* somebody is there, so it is told */
            driver_abort(&d, OUTCOME_STOPPED);
            EXPECT(&d, "ERROR 0 FINISH stopped");
        } else {
            driver_ack(&d, 4);
            EXPECT(&d, "DATA 5-8");
        }
        driver_free(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standing_rises),
        cmocka_unit_test(test_a_stranger_pays_for_answers),
        cmocka_unit_test(test_patience_costs_nothing),
        cmocka_unit_test(test_an_error_to_a_stranger),
        cmocka_unit_test(test_silence_is_bounded),
        cmocka_unit_test(test_only_progress_counts),
        cmocka_unit_test(test_a_late_timer_gives_up),
        cmocka_unit_test(test_a_slow_disk_is_no_silence),
        cmocka_unit_test(test_the_first_wait_is_bounded),
        cmocka_unit_test(test_acks_are_not_paid_for),
        cmocka_unit_test(test_dallying),
        cmocka_unit_test(test_silence_in_a_window),
        cmocka_unit_test(test_silence_before_proof),
        cmocka_unit_test(test_bytes_before_proof),
        cmocka_unit_test(test_part_of_a_window_before_proof),
    };

    return cmocka_run_group_tests_name("transfer-proof", tests, NULL, NULL);
}
