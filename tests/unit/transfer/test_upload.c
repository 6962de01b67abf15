/* Uploads in octet mode: what is acknowledged when, what reaches the file, and how it may fail. */
#include "unit.h"

#include "client.h"
#include "core/transfer/transfer_parts.h"
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>

/* The storer says what it has to say until the machine ends. */
static void store_all(struct driver *d, struct storer *s)
{
    uint8_t *datagram = malloc(s->blksize + 4);
    size_t size;

    while (!s->is_done && (size = storer_next(s, datagram)) > 0)
        driver_datagram(d, span_of(datagram, size));
    free(datagram);
}

static void store(const char *options, size_t size)
{
    static struct driver d;
    struct storer s;

    driver_init(&d, UPLOAD, options, NULL, 0);
    storer_init(&s, driver_content(size), size, d.setup.agreement.blksize, d.setup.agreement.windowsize,
                d.setup.agreement.rollover);
    d.deliver = storer_take;
    d.context = &s;
    driver_begin(&d);
    store_all(&d, &s);
    CHECK(s.is_done && d.commits == 1 && d.transfer.phase == PHASE_DALLYING, "%s size %u: \"%s\"", options,
          (unsigned)size, d.log);
    CHECK(d.stored_size == size && (size == 0 || memcmp(d.stored, s.bytes, size) == 0), "%s size %u", options,
          (unsigned)size);
    driver_timeout(&d);
    EXPECT(&d, "FINISH done");
    assert_true(d.action.finish.bytes == size && d.action.finish.blocks_resent == 0);
    /* Never in crumbs: a WRITE is a window at least, and about 64 KiB where windows are small. */
    size_t window_bytes = (size_t)s.blksize * s.window;
    size_t write_min = window_bytes > TRANSFER_WRITE_SIZE ? window_bytes : TRANSFER_WRITE_SIZE - window_bytes + 1;
    CHECK(d.writes <= size / write_min + 1, "%s size %u: %u writes", options, (unsigned)size, d.writes);
    driver_free(&d);
}

static void test_sizes_and_windows(void **state)
{
    static const unsigned blksizes[] = {8, 9, 511, 512, 1024, 1428, 1468, 4096, 65464};
    static const unsigned windows[] = {1, 2, 7, 16, 64};
    static const size_t sizes[] = {0,     1,     7,     8,     9,     511,   512,    513,   1024,
                                   65463, 65464, 65465, 65535, 65536, 65537, 131072, 200000};
    char options[64];

    (void)state;
    for (size_t b = 0; b < COUNT_OF(blksizes); b++)
        for (size_t w = 0; w < COUNT_OF(windows); w++)
            for (size_t i = 0; i < COUNT_OF(sizes); i++) {
                if (blksizes[b] < 100 && sizes[i] > 70000)
                    continue;
                snprintf(options, sizeof options, "blksize %u windowsize %u", blksizes[b], windows[w]);
                store(options, sizes[i]);
            }
    store("", 1000);
    store("", 512);
}

/* CLIENTS.md rule 10, for uploads. */
static void test_rule_10_past_65535_blocks(void **state)
{
    static const char *const options[] = {"blksize 8", "blksize 8 rollover 1", "blksize 8 windowsize 64",
                                          "blksize 8 windowsize 64 rollover 1"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(options); i++)
        store(options[i], 8 * 65540 + 5);
    store("blksize 8 windowsize 64", 8 * 65534);
    store("blksize 8 windowsize 64 rollover 1", 8 * 65535);
}

/* CLIENTS.md rule 4, U-Boot and busybox: duplicates are acknowledged again, and kept once. */
static void test_duplicates(void **state)
{
    static struct driver d;
    const uint8_t *file = driver_content(24);

    (void)state;
    driver_start(&d, UPLOAD, "", NULL, 0);
    EXPECT(&d, "ACK 0");
    driver_repeat(&d);
    EXPECT(&d, "ACK 0");
    driver_free(&d);

    driver_start(&d, UPLOAD, "blksize 8", NULL, 0);
    driver_data(&d, 1, file, 8);
    EXPECT(&d, "ACK 1");
    driver_pass(&d, 100);
    driver_data(&d, 1, file + 8, 8);
    EXPECT(&d, "ACK 1");
    driver_data(&d, 2, file + 8, 8);
    EXPECT(&d, "ACK 2");
    driver_pass(&d, 100);
    driver_data(&d, 1, file, 8);
    EXPECT(&d, "");
    driver_data(&d, 2, file, 8);
    EXPECT(&d, "ACK 2");
    driver_data(&d, 3, file + 16, 5);
    EXPECT(&d, "WRITE 0+21 COMMIT ACK 3");
    assert_memory_equal(d.stored, file, 21);
    driver_data(&d, 2, file, 8);
    EXPECT(&d, "");
    driver_data(&d, 3, file, 5);
    EXPECT(&d, "ACK 3");
    driver_timeout(&d);
    EXPECT(&d, "FINISH done");
    assert_int_equal(d.stored_size, 21);
    assert_int_equal(d.action.finish.bytes, 21);
    assert_int_equal(d.action.finish.blocks_resent, 3);
    driver_free(&d);
}

/*
 * A network that doubles packets, and a sender that answers every ACK with a block (atftp does): if every copy drew an ACK
 * there would be more of them with each block, until no new one gets through (Sorcerer's Apprentice).
 */
static void test_copies_draw_one_ack(void **state)
{
    static struct driver d;
    const uint8_t *file = driver_content(24);

    (void)state;
    driver_start(&d, UPLOAD, "blksize 8", NULL, 0);
    driver_pass(&d, 10);
    driver_data(&d, 1, file, 8);
    EXPECT(&d, "ACK 1");
    for (int copy = 0; copy < 5; copy++) {
        driver_pass(&d, 5);
        driver_data(&d, 1, file, 8);
        EXPECT(&d, "");
    }
    driver_data(&d, 2, file + 8, 8); /* what is new is acknowledged at once */
    EXPECT(&d, "ACK 2");
    driver_data(&d, 2, file + 8, 8);
    EXPECT(&d, "");
    driver_pass(&d, 100); /* busybox waits so long, the others longer */
    driver_data(&d, 2, file + 8, 8);
    EXPECT(&d, "ACK 2");
    driver_data(&d, 2, file + 8, 8);
    EXPECT(&d, "");
    driver_timeout(&d);
    EXPECT(&d, "ACK 2");
    driver_data(&d, 3, file + 16, 5);
    EXPECT(&d, "WRITE 0+21 COMMIT ACK 3");
    assert_memory_equal(d.stored, file, 21);
    driver_free(&d);
}

/* What the timer repeats is a repetition like any other: the log tells of it. */
static void test_repetitions_are_counted(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, UPLOAD, "blksize 8", NULL, 0);
    driver_timeout(&d);
    EXPECT(&d, "OACK blksize=8");
    driver_data(&d, 1, driver_content(8), 8);
    driver_timeout(&d);
    EXPECT(&d, "ACK 1");
    driver_timeout(&d);
    driver_abort(&d, OUTCOME_STOPPED);
    assert_int_equal(d.action.finish.blocks_sent, 5);
    assert_int_equal(d.action.finish.blocks_resent, 3);
    driver_free(&d);
}

/* CLIENTS.md rule 11: for a second after the commit the last ACK is given again, then it ends silently. */
static void test_rule_11_dallying(void **state)
{
    static struct driver d;
    const uint8_t *file = driver_content(8);

    (void)state;
    driver_start(&d, UPLOAD, "blksize 8 timeout 2", NULL, 0);
    driver_pass(&d, 40);
    driver_data(&d, 1, file, 3);
    EXPECT(&d, "WRITE 0+3 COMMIT ACK 1");
    assert_int_equal(driver_wait_ms(&d), 1000);
    driver_pass(&d, 700);
    driver_data(&d, 1, file, 3);
    EXPECT(&d, "ACK 1");
    assert_int_equal(driver_wait_ms(&d), 300); /* repeating does not keep it alive */
    driver_timer(&d);
    EXPECT(&d, "");
    driver_timeout(&d);
    EXPECT(&d, "FINISH done");
    assert_int_equal(d.commits, 1);
    assert_int_equal(d.action.finish.duration_ms, 40); /* until it was stored */
    driver_free(&d);
}

/* The wait before dallying may be backed off; dallying itself is always as long. */
static void test_rule_11_dallying_after_backoff(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, UPLOAD, "blksize 8", NULL, 0);
    driver_data(&d, 1, driver_content(8), 8);
    driver_timeout(&d);
    driver_timeout(&d);
    driver_timeout(&d);
    driver_data(&d, 2, NULL, 0);
    EXPECT(&d, "WRITE 0+8 COMMIT ACK 2");
    assert_int_equal(driver_wait_ms(&d), 1000);
    driver_free(&d);
}

/* CLIENTS.md rule 5, the other way round: a gap is told once for each value, and the window counts from there. */
static void test_rule_5_gap_in_an_upload(void **state)
{
    static struct driver d;
    const uint8_t *file = driver_content(200);

    (void)state;
    driver_start(&d, UPLOAD, "blksize 8 windowsize 4", NULL, 0);
    driver_data(&d, 1, file, 8);
    EXPECT(&d, "");
    driver_data(&d, 3, file + 16, 8);
    EXPECT(&d, "ACK 1");
    driver_data(&d, 4, file + 24, 8);
    EXPECT(&d, "");
    driver_data(&d, 3, file + 16, 8);
    EXPECT(&d, "");
    driver_data(&d, 2, file + 8, 8);
    EXPECT(&d, "");
    driver_data(&d, 4, file + 24, 8);
    EXPECT(&d, "ACK 2");
    driver_data(&d, 3, file + 16, 8);
    driver_data(&d, 4, file + 24, 8);
    driver_data(&d, 5, file + 32, 8);
    EXPECT(&d, "");
    driver_data(&d, 6, file + 40, 8);
    EXPECT(&d, "ACK 6");
    driver_data(&d, 6, file + 40, 8); /* doubled on its way */
    EXPECT(&d, "");
    driver_pass(&d, 100);
    driver_data(&d, 5, file + 32, 8); /* the ACK was lost: what is old says nothing, the last block does */
    EXPECT(&d, "");
    driver_data(&d, 6, file + 40, 8);
    EXPECT(&d, "ACK 6");
    driver_data(&d, 8, file + 56, 8); /* the first block of the new window was lost */
    EXPECT(&d, "ACK 6");
    driver_data(&d, 9, file + 64, 8);
    EXPECT(&d, "");
    driver_data(&d, 7, file + 48, 4);
    EXPECT(&d, "WRITE 0+52 COMMIT ACK 7");
    assert_memory_equal(d.stored, file, 52);
    driver_free(&d);
    /* Two is a window, too; one is none (RFC 1123, 4.2.3.1). */
    driver_start(&d, UPLOAD, "blksize 8 windowsize 2", NULL, 0);
    driver_data(&d, 2, file + 8, 8);
    EXPECT(&d, "ACK 0");
    driver_free(&d);
    driver_start(&d, UPLOAD, "blksize 8", NULL, 0);
    driver_data(&d, 2, file + 8, 8);
    EXPECT(&d, "");
    driver_free(&d);
}

/* A block that cannot be of this window or the next is stray. */
static void test_far_blocks_are_stray(void **state)
{
    static struct driver d;
    const uint8_t *file = driver_content(16);

    (void)state;
    driver_start(&d, UPLOAD, "blksize 8 windowsize 4", NULL, 0);
    driver_data(&d, 1, file, 8);
    driver_data(&d, 100, file, 8);
    EXPECT(&d, "");
    driver_data(&d, 65535, file, 8);
    EXPECT(&d, "");
    driver_data(&d, 0, file, 8);
    EXPECT(&d, "");
    driver_free(&d);
}

/* A copy right behind its ACK is an echo of the network; one that comes later asks for the ACK that was lost. */
static void test_echo_ends(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, UPLOAD, "blksize 8", NULL, 0);
    driver_data(&d, 1, driver_content(8), 8);
    EXPECT(&d, "ACK 1");
    driver_pass(&d, UPLOAD_ECHO_MS - 1);
    driver_data(&d, 1, driver_content(8), 8);
    EXPECT(&d, "");
    driver_pass(&d, 1);
    driver_data(&d, 1, driver_content(8), 8);
    EXPECT(&d, "ACK 1");
    driver_free(&d);
}

/* The very first block was lost. The client has seen the OACK, so it gets ACK 0 (RFC 7440 section 4), not the OACK. */
static void test_gap_before_the_first_block(void **state)
{
    static struct driver d;
    const uint8_t *file = driver_content(32);

    (void)state;
    driver_start(&d, UPLOAD, "blksize 8 windowsize 4", NULL, 0);
    EXPECT(&d, "OACK blksize=8 windowsize=4");
    driver_data(&d, 0, file, 8); /* no block has this number, so it shows no gap */
    EXPECT(&d, "");
    driver_data(&d, 9, file, 8); /* two windows ahead is the last that does */
    EXPECT(&d, "ACK 0");
    driver_free(&d);
    driver_start(&d, UPLOAD, "blksize 8 windowsize 4", NULL, 0);
    driver_data(&d, 10, file, 8);
    EXPECT(&d, "");
    driver_data(&d, 2, file + 8, 8);
    EXPECT(&d, "ACK 0");
    driver_data(&d, 3, file + 16, 8);
    EXPECT(&d, "");
    driver_timeout(&d);
    EXPECT(&d, "ACK 0");
    for (int timers = 0; timers < 5; timers++)
        driver_timeout(&d);
    EXPECT(&d, "ACK 0"); /* the client has answered: the long patience holds */
    driver_data(&d, 1, file, 8);
    EXPECT(&d, "");
    driver_data(&d, 2, file + 8, 2);
    EXPECT(&d, "WRITE 0+10 COMMIT ACK 2");
    driver_free(&d);
}

/*
 * A CR held back from one block comes into the memory with the next: 65520 bytes and one more window just fit, and then it
 * is one byte more.
 */
static void test_held_back_cr_fills_the_memory(void **state)
{
    enum { BLOCK = 16, BLOCKS = 65536 / BLOCK, PAIRS = 15 };
    static struct driver d;
    uint8_t block[BLOCK];

    (void)state;
    driver_start(&d, UPLOAD | NETASCII, "blksize 16", NULL, 0);
    for (uint16_t number = 1; number <= BLOCKS + 4; number++) {
        memset(block, 'a', sizeof block);
        if (number <= PAIRS)
            memcpy(block, "\r", 2);
        if (number == BLOCKS)
            block[BLOCK - 1] = '\r';
        driver_data(&d, number, block, sizeof block);
    }
    driver_data(&d, BLOCKS + 5, "b", 1);
    EXPECT(&d, "WRITE 65537+49 COMMIT ACK 4101");
    assert_int_equal(d.stored_size, 65536 + 4 * BLOCK + 1 - PAIRS);
    assert_int_equal(d.stored[65520], '\r');
    driver_free(&d);
}

static void test_silence(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, UPLOAD, "blksize 8 windowsize 4", NULL, 0);
    driver_data(&d, 1, driver_content(8), 8);
    for (driver_timeout(&d); !d.is_finished; driver_timeout(&d))
        EXPECT(&d, "ACK 1");
    EXPECT(&d, "FINISH silent");
    assert_int_equal(d.commits, 0);
    assert_int_equal(d.action.finish.bytes, 8);
    driver_free(&d);
}

/* It answered, so the log must not say that it never did; and it is told at once, for it repeats such blocks for ever. */
static void test_a_client_that_does_not_heed_the_block_size(void **state)
{
    static const struct {
        const char *options;
        uint16_t good; /* blocks of the agreed size before */
        uint16_t block;
        size_t size;
        const char *log;
    } rows[] = {
        {"blksize 1024", 0, 1, 1428, "ERROR 4 FINISH oversized"},
        {"blksize 1024", 0, 1, 1025, "ERROR 4 FINISH oversized"},
        {"blksize 1024", 0, 1, 1024, "ACK 1"},
        {"", 0, 1, 513, "ERROR 4 FINISH oversized"},
        {"blksize 1024 windowsize 4", 2, 3, 1428, "ERROR 4 FINISH oversized"},
        {"blksize 1024 windowsize 4", 2, 4, 1428, ""}, /* not its turn: perhaps another's, or spoilt */
        {"blksize 1024 windowsize 4", 2, 2, 1428, ""},
    };
    static struct driver d;

    (void)state;
    for (unsigned kind = UPLOAD; kind <= (UPLOAD | NETASCII); kind += NETASCII)
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            driver_start(&d, kind, rows[i].options, NULL, 0);
            for (uint16_t block = 1; block <= rows[i].good; block++)
                driver_data(&d, block, driver_content(1024), 1024);
            driver_data(&d, rows[i].block, driver_content(1428), rows[i].size);
            CHECK(strcmp(d.log, rows[i].log) == 0, "row %u: \"%s\"", (unsigned)i, d.log);
            CHECK(!d.is_finished || d.action.finish.oversize == rows[i].size, "row %u", (unsigned)i);
            driver_free(&d);
        }
}

/* Repeating its block, or one far ahead, a client is there: it is not called silent. */
static void test_a_client_that_gets_no_further(void **state)
{
    static const struct {
        uint16_t good, then;
        const char *log;
    } rows[] = {{0, 0, "FINISH never-answered"},
                {0, 7, "FINISH misunderstood"},
                {1, 0, "FINISH silent"},
                {1, 1, "FINISH stuck"},
                {1, 9, "FINISH stuck"}};
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_start(&d, UPLOAD, "blksize 8", NULL, 0);
        if (rows[i].good > 0)
            driver_data(&d, rows[i].good, driver_content(8), 8);
        if (rows[i].then > 0)
            driver_data(&d, rows[i].then, driver_content(8), 8);
        while (!d.is_finished)
            driver_timeout(&d);
        CHECK(strcmp(d.log, rows[i].log) == 0, "row %u: \"%s\"", (unsigned)i, d.log);
        driver_free(&d);
    }
}

static void test_announced_size(void **state)
{
    static const struct {
        const char *options;
        size_t sizes[3]; /* of the blocks sent */
        const char *log; /* after the last of them */
    } rows[] = {
        {"blksize 8 tsize 10", {8, 2}, "WRITE 0+10 COMMIT ACK 2"},
        {"blksize 8 tsize 8", {8, 0}, "WRITE 0+8 COMMIT ACK 2"},
        {"blksize 8 tsize 10", {8, 1}, "ERROR 0 FINISH wrong-size"},
        {"blksize 8 tsize 10", {8, 3}, "ERROR 0 FINISH wrong-size"},
        {"blksize 8 tsize 10", {8, 8}, "ERROR 0 FINISH wrong-size"},
        {"blksize 8 tsize 7", {8}, "ERROR 0 FINISH wrong-size"},
        {"blksize 8 tsize 16", {8, 0}, "ERROR 0 FINISH wrong-size"},
        {"blksize 8 tsize 0", {8, 3}, "WRITE 0+11 COMMIT ACK 2"}, /* what a client says that does not know */
        {"blksize 8", {8, 3}, "WRITE 0+11 COMMIT ACK 2"},
    };
    static struct driver d;
    const uint8_t *file = driver_content(64);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_start(&d, UPLOAD, rows[i].options, NULL, 0);
        driver_data(&d, 1, file, rows[i].sizes[0]);
        if (!d.is_finished)
            driver_data(&d, 2, file, rows[i].sizes[1]);
        CHECK(strcmp(d.log, rows[i].log) == 0, "row %u: \"%s\"", (unsigned)i, d.log);
        driver_free(&d);
    }
    /* Netascii: clients differ in what they count. */
    driver_start(&d, UPLOAD | NETASCII, "blksize 8 tsize 5", NULL, 0);
    driver_data(&d, 1, "a\r\nb\r\nc", 7);
    EXPECT(&d, "WRITE 0+7 COMMIT ACK 1");
    driver_free(&d);
}

static void test_too_large(void **state)
{
    static const struct {
        uint64_t limit;
        size_t last;
        const char *log;
    } rows[] = {{0, 7, "WRITE 0+15 COMMIT ACK 2"},
                {15, 7, "WRITE 0+15 COMMIT ACK 2"},
                {14, 7, "ERROR 3 FINISH too-large"},
                {16, 8, "ACK 2"},
                {15, 8, "ERROR 3 FINISH too-large"}};
    static struct driver d;
    const uint8_t *file = driver_content(64);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_init(&d, UPLOAD, "blksize 8", NULL, 0);
        d.setup.upload_bytes_max = rows[i].limit;
        driver_begin(&d);
        driver_data(&d, 1, file, 8);
        driver_data(&d, 2, file + 8, rows[i].last);
        CHECK(strcmp(d.log, rows[i].log) == 0, "row %u: \"%s\"", (unsigned)i, d.log);
        driver_free(&d);
    }
}

static void test_write_and_commit_failures(void **state)
{
    static const struct {
        enum status status;
        const char *write_log, *commit_log;
    } rows[] = {
        {STATUS_FULL, "WRITE 0+3 ERROR 3 FINISH file-error", "WRITE 0+3 COMMIT ERROR 3 FINISH file-error"},
        {STATUS_BROKEN, "WRITE 0+3 ERROR 0 FINISH file-error", "WRITE 0+3 COMMIT ERROR 0 FINISH file-error"},
        {STATUS_DENIED, "WRITE 0+3 ERROR 2 FINISH file-error", "WRITE 0+3 COMMIT ERROR 2 FINISH file-error"},
        {STATUS_EXISTS, "WRITE 0+3 ERROR 6 FINISH file-error", "WRITE 0+3 COMMIT ERROR 6 FINISH file-error"},
    };
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (int is_commit = 0; is_commit < 2; is_commit++) {
            driver_init(&d, UPLOAD, "", NULL, 0);
            *(is_commit ? &d.commit_status : &d.write_status) = rows[i].status;
            driver_begin(&d);
            driver_data(&d, 1, "abc", 3);
            EXPECT(&d, is_commit ? rows[i].commit_log : rows[i].write_log);
            assert_int_equal(d.action.finish.status, rows[i].status);
            assert_string_equal((const char *)d.sent + 4, status_text(rows[i].status));
            driver_free(&d);
        }
}

/* In the middle, between windows: nothing of what failed is acknowledged. */
static void test_write_failure_between_windows(void **state)
{
    static struct driver d;
    const uint8_t *file = driver_content(65464);

    (void)state;
    driver_init(&d, UPLOAD, "blksize 65464", NULL, 0);
    driver_begin(&d);
    driver_data(&d, 1, file, 65464);
    EXPECT(&d, "WRITE 0+65464 ACK 1");
    d.write_status = STATUS_FULL;
    driver_data(&d, 2, file, 65464);
    EXPECT(&d, "WRITE 65464+65464 ERROR 3 FINISH file-error");
    driver_free(&d);
}

static void test_empty_file(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, UPLOAD, "", NULL, 0);
    driver_data(&d, 1, NULL, 0);
    EXPECT(&d, "COMMIT ACK 1");
    driver_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_and_windows),
        cmocka_unit_test(test_rule_10_past_65535_blocks),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_copies_draw_one_ack),
        cmocka_unit_test(test_repetitions_are_counted),
        cmocka_unit_test(test_rule_11_dallying),
        cmocka_unit_test(test_rule_11_dallying_after_backoff),
        cmocka_unit_test(test_rule_5_gap_in_an_upload),
        cmocka_unit_test(test_far_blocks_are_stray),
        cmocka_unit_test(test_echo_ends),
        cmocka_unit_test(test_gap_before_the_first_block),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_a_client_that_does_not_heed_the_block_size),
        cmocka_unit_test(test_a_client_that_gets_no_further),
        cmocka_unit_test(test_announced_size),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_write_and_commit_failures),
        cmocka_unit_test(test_write_failure_between_windows),
        cmocka_unit_test(test_empty_file),
        cmocka_unit_test(test_held_back_cr_fills_the_memory),
    };

    return cmocka_run_group_tests_name("upload", tests, NULL, NULL);
}
