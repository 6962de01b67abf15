/* Downloads in octet mode: sizes, windows, gaps, numbers that wrap, the window of Windows Boot Manager. */
#include "unit.h"

#include "client.h"
#include "driver.h"

#include <stdio.h>

/* The fetcher gets every datagram and answers until the end. */
static void fetch_all(struct driver *d, struct fetcher *f)
{
    uint16_t block;

    while (!d->is_finished && fetcher_next_reply(f, &block))
        driver_ack(d, block);
}

static void fetch(unsigned kind, const char *options, uint64_t size)
{
    static struct driver d;
    struct fetcher f;

    driver_init(&d, kind, options, driver_content(size), size);
    fetcher_init(&f, d.setup.agreement.blksize, d.setup.agreement.windowsize, d.setup.agreement.rollover);
    d.deliver = fetcher_take;
    d.context = &f;
    driver_begin(&d);
    fetch_all(&d, &f);
    CHECK(d.is_finished && d.action.finish.outcome == OUTCOME_DONE, "%s size %u: \"%s\"", options, (unsigned)size,
          d.log);
    CHECK(f.is_done && f.size == size && memcmp(f.bytes != NULL ? f.bytes : (const uint8_t *)"", d.file, f.size) == 0,
          "%s size %u", options, (unsigned)size);
    assert_true(d.action.finish.bytes == size && d.action.finish.blocks_resent == 0);
    assert_true(d.action.finish.blocks_sent == size / d.setup.agreement.blksize + 1);
    fetcher_free(&f);
    driver_free(&d);
}

static void test_sizes(void **state)
{
    static const char *const options[] = {"",
                                          "blksize 8",
                                          "blksize 512 windowsize 2",
                                          "blksize 1024 windowsize 64",
                                          "blksize 1456 windowsize 4 tsize 0",
                                          "blksize 65464",
                                          "blksize 9 windowsize 7"};
    static const uint64_t sizes[] = {0,    1,    7,    8,    9,    511,  512,   513,   1023,  1024,  1025,  4096,
                                     4097, 5823, 5824, 5825, 6000, 9999, 10240, 65463, 65464, 65465, 100000};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(options); i++)
        for (size_t k = 0; k < COUNT_OF(sizes); k++)
            fetch(DOWNLOAD, options[i], sizes[k]);
}

/* CLIENTS.md rule 10: the number wraps to 0, or to 1 where that was agreed; sizes end before, at and behind the wrap. */
static void test_rule_10_past_65535_blocks(void **state)
{
    static const char *const options[] = {
        "blksize 8",
        "blksize 8 rollover 0",
        "blksize 8 rollover 1",
        "blksize 8 windowsize 64",
        "blksize 8 windowsize 64 rollover 1",
        "blksize 8 windowsize 7 rollover 1",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(options); i++)
        fetch(DOWNLOAD, options[i], 8 * 65540 + 3);
    fetch(DOWNLOAD, "blksize 8 windowsize 64", 8 * 65534);
    fetch(DOWNLOAD, "blksize 8 windowsize 64", 8 * 65535);
    fetch(DOWNLOAD, "blksize 8 windowsize 64 rollover 1", 8 * 65534);
    fetch(DOWNLOAD, "blksize 8 windowsize 64 rollover 1", 8 * 65535);
    fetch(DOWNLOAD, "blksize 8 windowsize 61 rollover 1", 8 * 131080);
}

/* Where a window and a loss lie across the wrap. */
static void test_gaps_across_the_wrap(void **state)
{
    static const struct {
        const char *options;
        const char *first, *gap;
        uint16_t gap_ack, late_ack;
    } rows[] = {
        {"blksize 8 windowsize 8", "DATA 65533-4", "DATA 0-7", 65535, 65530},
        {"blksize 8 windowsize 8 rollover 1", "DATA 65533-5", "DATA 1-8", 65535, 65530},
    };
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_start(&d, DOWNLOAD, rows[i].options, NULL, 1ull << 40);
        driver_ack(&d, 0);
        for (uint32_t block = 8; block <= 65528; block += 8)
            driver_ack(&d, (uint16_t)block);
        driver_ack(&d, 65532);
        EXPECT(&d, rows[i].first);
        driver_ack(&d, rows[i].late_ack);
        EXPECT(&d, "");
        driver_ack(&d, rows[i].gap_ack);
        EXPECT(&d, rows[i].gap);
        driver_ack(&d, rows[i].gap_ack);
        EXPECT(&d, "");
        driver_free(&d);
    }
    /* Number 0 is never used again where 65535 is followed by 1. */
    driver_start(&d, DOWNLOAD, "blksize 8 rollover 1", NULL, 1ull << 40);
    driver_ack(&d, 0);
    for (uint32_t block = 1; block <= 65535; block++)
        driver_ack(&d, (uint16_t)block);
    EXPECT(&d, "DATA 1");
    driver_ack(&d, 0);
    EXPECT(&d, "");
    driver_ack(&d, 1);
    EXPECT(&d, "DATA 2");
    driver_free(&d);
}

/* CLIENTS.md rule 10: 64 bits throughout; no content is needed to count. */
static void test_rule_10_past_4_gib(void **state)
{
    static struct driver d;
    const uint64_t size = 5ull << 30;
    uint64_t acked = 0;

    (void)state;
    driver_start(&d, DOWNLOAD, "tsize 0 blksize 65464 windowsize 64", NULL, size);
    EXPECT(&d, "OACK tsize=5368709120 blksize=65464 windowsize=64");
    const uint64_t last = size / 65464 + 1;
    while (!d.is_finished) {
        driver_ack(&d, (uint16_t)acked);
        acked = acked + 64 < last ? acked + 64 : last;
    }
    EXPECT(&d, "FINISH done");
    assert_true(d.action.finish.bytes == size && d.action.finish.blocks_sent == last);
    driver_free(&d);
}

static void test_places_in_huge_files(void **state)
{
    static const struct {
        uint64_t size;
        uint32_t blksize;
    } rows[] = {{1ull << 32, 512}, {(1ull << 32) - 1, 8}, {(1ull << 32) + 1, 65464}, {1ull << 60, 8},
                {UINT64_MAX, 8},   {UINT64_MAX, 65464},   {2147483648u, 1468}};
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char options[64];
        snprintf(options, sizeof options, "blksize %u", (unsigned)rows[i].blksize);
        driver_start(&d, DOWNLOAD, options, NULL, rows[i].size);
        uint64_t last = rows[i].size / rows[i].blksize + 1;
        assert_true(d.transfer.last == last);
        struct block_place place = transfer_block_place(&d.transfer, last);
        assert_true(place.offset == (last - 1) * rows[i].blksize && place.size == rows[i].size % rows[i].blksize);
        place = transfer_block_place(&d.transfer, last - 1);
        assert_true(place.offset == (last - 2) * rows[i].blksize && place.size == rows[i].blksize);
        place = transfer_block_place(&d.transfer, 1);
        assert_true(place.offset == 0 && place.size == rows[i].blksize);
        driver_free(&d);
    }
}

/* CLIENTS.md rule 5: without windows a second ACK never triggers a send (Sorcerer's Apprentice, RFC 1123 4.2.3.1). */
static void test_rule_5_duplicate_acks(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD, "blksize 8", driver_content(100), 100);
    for (uint16_t block = 0; block < 10; block++) {
        char expected[16];
        snprintf(expected, sizeof expected, "DATA %u", (unsigned)(block + 1));
        driver_ack(&d, block);
        EXPECT(&d, expected);
        for (int again = 0; again < 3; again++) {
            driver_ack(&d, block);
            EXPECT(&d, "");
            driver_ack(&d, (uint16_t)(block - 1));
            EXPECT(&d, "");
            driver_ack(&d, (uint16_t)(block + 2));
            EXPECT(&d, "");
        }
    }
    driver_free(&d);
}

/* CLIENTS.md rule 5, RFC 7440 section 4: a gap goes back once for each distinct value. */
static void test_rule_5_gap_once_per_value(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD, "blksize 8 windowsize 8", driver_content(800), 800);
    driver_ack(&d, 0);
    EXPECT(&d, "DATA 1-8");
    driver_ack(&d, 3);
    EXPECT(&d, "DATA 4-11");
    driver_ack(&d, 3);
    EXPECT(&d, "");
    driver_ack(&d, 3);
    EXPECT(&d, "");
    driver_ack(&d, 2); /* older than what is known: stray */
    EXPECT(&d, "");
    driver_ack(&d, 5);
    EXPECT(&d, "DATA 6-13");
    driver_ack(&d, 5);
    EXPECT(&d, "");
    driver_ack(&d, 13);
    EXPECT(&d, "DATA 14-21");
    driver_ack(&d, 21);
    EXPECT(&d, "DATA 22-29");
    driver_ack(&d, 21); /* the first block of this window was lost */
    EXPECT(&d, "DATA 22-29");
    driver_ack(&d, 21);
    EXPECT(&d, "");
    assert_int_equal(d.transfer.blocks_resent, 5 + 6 + 8);
    driver_free(&d);
}

/*
 * A client answers block 1, which it has, with ACK 2, just when 3 comes again as well; then 3, which it has by now, with
 * ACK 3, and so on. Each ACK looks like a gap: a few lead back, then what follows is sent on, and a whole window that goes
 * through makes good for all.
 */
static void test_answers_to_copies(void **state)
{
    static struct driver d;
    static const struct {
        uint16_t ack;
        const char *log;
    } answers[] = {
        {5, "DATA 6-8"},    {6, "DATA 7-9"},    {8, "DATA 9-11"},
        {9, "DATA 10-12"},  {11, "DATA 13-14"}, /* enough: 12 is on its way */
        {14, "DATA 15-17"}, {15, "DATA 16-18"}, /* a gap where nothing was sent twice */
    };

    (void)state;
    driver_start(&d, DOWNLOAD, "blksize 8 windowsize 3", driver_content(800), 800);
    driver_ack(&d, 0);
    driver_ack(&d, 3);
    EXPECT(&d, "DATA 4-6");
    driver_timeout(&d);
    EXPECT(&d, "DATA 4-6");
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        driver_ack(&d, answers[i].ack);
        CHECK(strcmp(d.log, answers[i].log) == 0, "ACK %u: \"%s\"", (unsigned)answers[i].ack, d.log);
    }
    driver_free(&d);
}

/* EDK2 acknowledges its last good block for every stray packet. One ACK that the network doubles must not make the
 * rest of the transfer go out twice: the Sorcerer's Apprentice again, now with windows (CLIENTS.md rule 5). */
static void test_rule_5_no_apprentice_in_windows(void **state)
{
    static struct driver d;
    struct fetcher f;
    uint16_t block;

    (void)state;
    driver_init(&d, DOWNLOAD, "blksize 8 windowsize 4", driver_content(800), 800);
    fetcher_init(&f, 8, 4, 0);
    f.acks_every_stray = true;
    d.deliver = fetcher_take;
    d.context = &f;
    driver_begin(&d);
    for (int round = 0; !d.is_finished && fetcher_next_reply(&f, &block); round++) {
        driver_ack(&d, block);
        if (round == 3)
            driver_ack(&d, block);
    }
    EXPECT(&d, "FINISH done");
    assert_memory_equal(f.bytes, d.file, 800);
    assert_true(d.action.finish.blocks_resent <= 4);
    fetcher_free(&f);
    driver_free(&d);
}

/* The network takes a window in pieces; the machine goes on where it stopped. */
static void test_sends_taken_in_pieces(void **state)
{
    static struct driver d;

    (void)state;
    driver_init(&d, DOWNLOAD, "blksize 8 windowsize 8", driver_content(100), 100);
    d.blocks_max = 3;
    driver_begin(&d);
    driver_ack(&d, 0);
    EXPECT(&d, "DATA 1-8");
    driver_ack(&d, 2);
    EXPECT(&d, "DATA 3-10");
    assert_int_equal(d.transfer.blocks_sent, 16);
    assert_int_equal(d.transfer.blocks_resent, 6);
    driver_free(&d);
}

/* CLIENTS.md rule 13: the fifth byte is the next window, where msftwindow was granted; 0 says nothing. */
static void test_rule_13_msftwindow(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD, "tsize 0 blksize 1456 windowsize 4 msftwindow 31416", NULL, 1456 * 1000);
    EXPECT(&d, "OACK tsize=1456000 blksize=1456 windowsize=4 msftwindow=27182");
    driver_ack_window(&d, 0, 4);
    EXPECT(&d, "DATA 1-4");
    driver_ack_window(&d, 4, 8);
    EXPECT(&d, "DATA 5-12");
    driver_ack_window(&d, 12, 255);
    EXPECT(&d, "DATA 13-267");
    driver_ack_window(&d, 267, 0);
    EXPECT(&d, "DATA 268-522");
    driver_ack_window(&d, 522, 2);
    EXPECT(&d, "DATA 523-524");
    driver_ack(&d, 524); /* four bytes: the window stays */
    EXPECT(&d, "DATA 525-526");
    driver_ack_window(&d, 526, 1);
    EXPECT(&d, "DATA 527");
    driver_ack_window(&d, 527, 4);
    driver_ack_window(&d, 529, 2); /* a gap, and a smaller window */
    EXPECT(&d, "DATA 530-531");
    driver_free(&d);
}

static void test_rule_13_window_stays_within_the_limit(void **state)
{
    static struct driver d;

    (void)state;
    driver_init(&d, DOWNLOAD, "blksize 8 windowsize 4 msftwindow 31416", NULL, 8000);
    d.setup.agreement.windowsize_max = 6;
    driver_begin(&d);
    driver_ack_window(&d, 0, 255);
    EXPECT(&d, "DATA 1-6");
    driver_free(&d);
}

/* A client that acknowledged part of a window with a smaller one has the rest of the old window after all. */
static void test_late_ack_beyond_a_shrunken_window(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD, "blksize 8 windowsize 8 msftwindow 31416", NULL, 8000);
    driver_ack_window(&d, 0, 8);
    driver_ack_window(&d, 3, 2);
    EXPECT(&d, "DATA 4-5");
    driver_ack(&d, 8);
    EXPECT(&d, "DATA 9-10");
    driver_free(&d);
}

static void test_rule_13_fifth_byte_without_msftwindow(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD, "blksize 8 windowsize 4", NULL, 8000);
    driver_ack_window(&d, 0, 64);
    EXPECT(&d, "DATA 1-4");
    driver_ack_window(&d, 4, 1);
    EXPECT(&d, "DATA 5-8");
    driver_free(&d);
}

/* No ACK but that of the last block ends it, and the meaningless byte behind that does no harm. */
static void test_the_end(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD, "blksize 8 windowsize 4 msftwindow 31416", driver_content(16), 16);
    driver_ack(&d, 0);
    EXPECT(&d, "DATA 1-3");
    assert_int_equal(d.sent_size, 4); /* the empty last block */
    driver_ack(&d, 2);
    EXPECT(&d, "DATA 3");
    driver_pass(&d, 10);
    driver_ack_window(&d, 3, 200);
    EXPECT(&d, "FINISH done");
    assert_int_equal(d.action.finish.duration_ms, 10);
    driver_free(&d);
}

/* Who stops where: the log says which of the stories it was. */
static void test_stories_of_silence(void **state)
{
    static const struct {
        uint16_t acks;
        enum transfer_outcome outcome;
        uint64_t bytes;
    } rows[] = {{0, OUTCOME_NEVER_TOOK_DATA, 0}, {1, OUTCOME_SILENT, 8}, {2, OUTCOME_UNCONFIRMED, 16}};
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_start(&d, DOWNLOAD, "blksize 8", driver_content(20), 20);
        for (uint16_t block = 0; block <= rows[i].acks; block++)
            driver_ack(&d, block);
        unsigned silences = 0;
        for (; !d.is_finished; silences++)
            driver_timeout(&d);
        assert_int_equal(d.action.finish.outcome, rows[i].outcome);
        assert_int_equal(d.action.finish.bytes, rows[i].bytes);
        assert_int_equal(d.action.finish.blocks_resent, silences - 1);
        driver_free(&d);
    }
}

/* What comes and leads nowhere is told as that, not as silence; whoever took the last block's copies may have all. */
static void test_stories_of_noise(void **state)
{
    static const struct {
        uint16_t acks; /* 0 to this one, in order; then the stray */
        uint16_t stray;
        const char *log;
    } rows[] = {
        {1, 1, "FINISH stuck"},
        {1, 9, "FINISH stuck"},
        {0, 0, "FINISH never-took-data"},
        {2, 2, "FINISH unconfirmed"},
    };
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_start(&d, DOWNLOAD, "blksize 8", driver_content(20), 20);
        for (uint16_t block = 0; block <= rows[i].acks; block++)
            driver_ack(&d, block);
        driver_ack(&d, rows[i].stray);
        while (!d.is_finished)
            driver_timeout(&d);
        CHECK(strcmp(d.log, rows[i].log) == 0, "row %u: \"%s\"", (unsigned)i, d.log);
        driver_free(&d);
    }
    driver_start(&d, DOWNLOAD, "blksize 8", driver_content(20), 20);
    driver_ack(&d, 5);
    while (!d.is_finished)
        driver_timeout(&d);
    EXPECT(&d, "FINISH misunderstood");
    driver_free(&d);
}

static void test_file_trouble(void **state)
{
    static const struct {
        enum status status;
        const char *log;
    } rows[] = {{STATUS_CHANGED, "ERROR 0 FINISH file-error"},
                {STATUS_BROKEN, "ERROR 0 FINISH file-error"},
                {STATUS_DENIED, "ERROR 2 FINISH file-error"}};
    static struct driver d;

    (void)state;
    for (unsigned kind = DOWNLOAD; kind <= (DOWNLOAD | NETASCII); kind += NETASCII)
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            driver_start(&d, kind, "blksize 8", driver_content(800), 800);
            driver_ack(&d, 0);
            d.blocks_status = d.read_status = rows[i].status;
            driver_ack(&d, 1);
            EXPECT(&d, rows[i].log);
            assert_int_equal(d.action.finish.status, rows[i].status);
            assert_string_equal((const char *)d.sent + 4, status_text(rows[i].status));
            driver_free(&d);
        }
}

/* For each datagram, as it goes out, whether the client may have all after it. */
struct endings {
    const struct driver *d;
    char text[64];
};

static void note_ending(void *context, struct span datagram)
{
    struct endings *endings = context;

    (void)datagram;
    strcat(endings->text, transfer_is_ending(&endings->d->transfer) ? "!" : ".");
}

static void test_tells_when_it_may_be_over(void **state)
{
    static const uint16_t acks[] = {0, 4, 8, 10};
    static struct driver d;
    struct endings endings = {.d = &d};

    (void)state;
    driver_init(&d, DOWNLOAD, "blksize 8 windowsize 4", driver_content(75), 75);
    d.deliver = note_ending;
    d.context = &endings;
    driver_begin(&d);
    for (size_t i = 0; i < COUNT_OF(acks); i++)
        driver_ack(&d, acks[i]);
    assert_string_equal(endings.text, ".........!!"); /* OACK, two windows, and the two blocks of the last */
    driver_free(&d);

    /* Whoever has never answered may be forged. */
    driver_start(&d, DOWNLOAD, "", driver_content(5), 5);
    assert_false(transfer_is_ending(&d.transfer));
    driver_free(&d);

    driver_start(&d, UPLOAD, "", NULL, 0);
    driver_data(&d, 1, "x", 1);
    EXPECT(&d, "WRITE 0+1 COMMIT ACK 1");
    assert_true(transfer_is_ending(&d.transfer));
    driver_free(&d);
}

/* Who was sent each block once, in however many pieces, is taken at its word each time that a gap shows. */
static void test_gaps_without_copies(void **state)
{
    enum { WINDOW = 4, GAPS = 12 };
    static struct driver d;

    (void)state;
    for (uint32_t at_once = 0; at_once <= WINDOW; at_once++) {
        uint16_t acked = 0;
        driver_init(&d, DOWNLOAD, "blksize 8 windowsize 4", driver_content(2000), 2000);
        d.blocks_max = at_once;
        driver_begin(&d);
        driver_ack(&d, 0);
        for (int gap = 0; gap < GAPS; gap++) {
            char expected[32];
            acked = (uint16_t)(acked + WINDOW - 1); /* the last of each window is lost */
            driver_ack(&d, acked);
            snprintf(expected, sizeof expected, "DATA %u-%u", acked + 1u, (unsigned)acked + WINDOW);
            CHECK(strcmp(d.log, expected) == 0, "%u at once, gap %d: %s", (unsigned)at_once, gap, d.log);
        }
        driver_free(&d);
    }
}

/*
 * A file that fits into one small packet was likely received, and its ACK lost; whoever never acknowledges a larger one has
 * a path that lets none through.
 */
static void test_what_silence_means(void **state)
{
    static const struct {
        uint64_t file_size;
        bool is_answered;
        uint16_t acks; /* of data */
        const char *log;
    } rows[] = {
        {1, true, 0, "FINISH unconfirmed"},       {512, true, 0, "FINISH unconfirmed"},
        {513, true, 0, "FINISH never-took-data"}, {1024, true, 0, "FINISH never-took-data"},
        {1025, true, 1, "FINISH unconfirmed"},    {2049, true, 1, "FINISH silent"},
        {512, false, 0, "FINISH never-answered"},
    };
    static struct driver d;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_start(&d, DOWNLOAD, "blksize 1024", driver_content(rows[i].file_size), rows[i].file_size);
        for (uint16_t block = 0; rows[i].is_answered && block <= rows[i].acks; block++)
            driver_ack(&d, block);
        while (!d.is_finished)
            driver_timeout(&d);
        CHECK(strcmp(d.log, rows[i].log) == 0, "row %u: \"%s\"", (unsigned)i, d.log);
        driver_free(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_rule_10_past_65535_blocks),
        cmocka_unit_test(test_gaps_across_the_wrap),
        cmocka_unit_test(test_rule_10_past_4_gib),
        cmocka_unit_test(test_places_in_huge_files),
        cmocka_unit_test(test_rule_5_duplicate_acks),
        cmocka_unit_test(test_rule_5_gap_once_per_value),
        cmocka_unit_test(test_rule_5_no_apprentice_in_windows),
        cmocka_unit_test(test_sends_taken_in_pieces),
        cmocka_unit_test(test_rule_13_msftwindow),
        cmocka_unit_test(test_rule_13_window_stays_within_the_limit),
        cmocka_unit_test(test_late_ack_beyond_a_shrunken_window),
        cmocka_unit_test(test_rule_13_fifth_byte_without_msftwindow),
        cmocka_unit_test(test_the_end),
        cmocka_unit_test(test_stories_of_silence),
        cmocka_unit_test(test_stories_of_noise),
        cmocka_unit_test(test_file_trouble),
        cmocka_unit_test(test_answers_to_copies),
        cmocka_unit_test(test_gaps_without_copies),
        cmocka_unit_test(test_what_silence_means),
        cmocka_unit_test(test_tells_when_it_may_be_over),
    };

    return cmocka_run_group_tests_name("download", tests, NULL, NULL);
}
