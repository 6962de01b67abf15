/* Whole transfers in netascii: pairs split over blocks, windows and repetitions. */
#include "unit.h"

#include "client.h"
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>

enum { LOCAL_MAX = 4096 };

/* A text that is mostly line ends: every kind of CR and LF at every place sooner or later. */
static size_t make_text(uint8_t *text, size_t size, uint64_t seed)
{
    static const uint8_t letters[] = {'\r', '\n', 'a', 0, '\r', '\n', 'b', 0xff};

    for (size_t i = 0; i < size; i++)
        text[i] = letters[random_below(&seed, sizeof letters)];
    return size;
}

/* The rule, written once more and over the whole text. */
static size_t to_wire(const uint8_t *text, size_t size, uint8_t *wire)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        bool is_pair = text[i] == '\r' && i + 1 < size && text[i + 1] == '\n';
        if (text[i] == '\n')
            wire[used++] = '\r';
        wire[used++] = text[i];
        if (text[i] == '\r' && !is_pair)
            wire[used++] = 0;
        if (is_pair)
            wire[used++] = text[++i];
    }
    return used;
}

static size_t from_wire(const uint8_t *wire, size_t size, uint8_t *text)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        text[used++] = wire[i];
        if (wire[i] == '\r' && i + 1 < size && wire[i + 1] == 0)
            i++;
    }
    return used;
}

static const unsigned blksizes[] = {8, 9, 13, 512};
static const unsigned windows[] = {1, 2, 5};

/* Fetches a text; every third window is acknowledged only in part, as after a loss. */
static void fetch(const uint8_t *text, size_t size, unsigned blksize, unsigned window, bool has_losses, size_t read_max)
{
    static struct driver d;
    struct fetcher f;
    uint8_t wire[2 * LOCAL_MAX];
    char options[64];
    uint16_t block;
    unsigned rounds = 0;

    snprintf(options, sizeof options, "blksize %u windowsize %u", blksize, window);
    driver_init(&d, DOWNLOAD | NETASCII, options, text, size);
    fetcher_init(&f, blksize, window, 0);
    d.deliver = fetcher_take;
    d.context = &f;
    d.read_max = read_max;
    driver_begin(&d);
    while (!d.is_finished && fetcher_next_reply(&f, &block)) {
        bool is_cut = has_losses && ++rounds % 3 == 0 && !f.is_done && f.last > window;
        driver_ack(&d, (uint16_t)(is_cut ? block - rounds / 3 % window : block));
        if (d.is_finished || f.reply_count > 0)
            continue;
        if (rounds % 2 == 0)
            driver_timeout(&d);
        else
            fetcher_timeout(&f);
    }
    size_t expected = to_wire(text, size, wire);
    CHECK(d.is_finished && d.action.finish.outcome == OUTCOME_DONE, "%s size %u: \"%s\"", options, (unsigned)size,
          d.log);
    CHECK(f.size == expected && (expected == 0 || memcmp(f.bytes, wire, expected) == 0), "%s size %u", options,
          (unsigned)size);
    assert_int_equal(d.action.finish.bytes, expected);
    fetcher_free(&f);
    driver_free(&d);
}

static void test_downloads(void **state)
{
    uint8_t text[LOCAL_MAX];

    (void)state;
    for (size_t b = 0; b < COUNT_OF(blksizes); b++)
        for (size_t w = 0; w < COUNT_OF(windows); w++)
            for (size_t size = 0; size < 100; size++) {
                make_text(text, size, size);
                fetch(text, size, blksizes[b], windows[w], false, 0);
                fetch(text, size, blksizes[b], windows[w], true, 0);
                fetch(text, size, blksizes[b], windows[w], true, 3);
            }
    make_text(text, LOCAL_MAX, 99);
    fetch(text, LOCAL_MAX, 512, 2, true, 0);
}

/* Texts whose translation ends exactly at a block: one more, empty block ends them; and one that ends in CR. */
static void test_ends_at_a_block(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        unsigned blocks;
    } rows[] = {{"1234567", 7, 1},  {"12345678", 8, 2},  {"123456\n", 7, 2},         {"1234567\n", 8, 2},
                {"123456\r", 7, 2}, {"1234567\r", 8, 2}, {"\r\n\r\n\r\n\r\n", 8, 2}, {"\n\n\n\n", 4, 2},
                {"\r\r\r\r", 4, 2}, {"", 0, 1}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        static struct driver d;
        driver_start(&d, DOWNLOAD | NETASCII, "blksize 8", rows[i].text, rows[i].size);
        for (uint16_t block = 0; block < rows[i].blocks; block++) {
            CHECK(!d.is_finished, "row %u", (unsigned)i);
            driver_ack(&d, block);
        }
        driver_ack(&d, (uint16_t)rows[i].blocks);
        CHECK(d.is_finished && d.action.finish.outcome == OUTCOME_DONE, "row %u: \"%s\"", (unsigned)i, d.log);
        driver_free(&d);
        fetch((const uint8_t *)rows[i].text, rows[i].size, 8, 3, false, 1);
    }
}

static void keep_third(void *context, struct span datagram)
{
    unsigned *times = context;

    if (datagram.bytes[1] != 3 || datagram.bytes[3] != 3)
        return;
    assert_int_equal(datagram.size, 12);
    assert_memory_equal(datagram.bytes + 4, "\r\n123456", 8);
    ++*times;
}

/* A partial window ACK, step by step: what is sent again has the very same bytes. */
static void test_repeated_blocks_have_the_same_bytes(void **state)
{
    static struct driver d;
    static const char text[] = "1234567\n1234567\n1234567\n1234567\n1234567\n";
    unsigned times = 0;

    (void)state;
    driver_init(&d, DOWNLOAD | NETASCII, "blksize 8 windowsize 3", text, sizeof text - 1);
    d.deliver = keep_third;
    d.context = &times;
    driver_begin(&d);
    driver_ack(&d, 0);
    EXPECT(&d, "DATA 1-3");
    driver_ack(&d, 2);
    EXPECT(&d, "DATA 3-5");
    driver_timeout(&d);
    EXPECT(&d, "DATA 3-5");
    driver_ack(&d, 5);
    EXPECT(&d, "DATA 6");
    driver_ack(&d, 5);
    EXPECT(&d, ""); /* block 5 went out twice, so this may be its echo */
    driver_timeout(&d);
    EXPECT(&d, "DATA 6");
    driver_ack(&d, 6);
    EXPECT(&d, "FINISH done");
    assert_int_equal(d.action.finish.bytes, 45);
    assert_int_equal(times, 3);
    driver_free(&d);
}

static void store(const uint8_t *wire, size_t size, unsigned blksize, unsigned window, bool has_losses)
{
    static struct driver d;
    struct storer s;
    uint8_t text[2 * LOCAL_MAX];
    uint8_t datagram[1024];
    char options[64];
    size_t length;
    unsigned sent = 0;

    snprintf(options, sizeof options, "blksize %u windowsize %u", blksize, window);
    driver_init(&d, UPLOAD | NETASCII, options, NULL, 0);
    storer_init(&s, wire, size, blksize, window, 0);
    d.deliver = storer_take;
    d.context = &s;
    driver_begin(&d);
    while (!s.is_done) {
        length = storer_next(&s, datagram);
        if (length == 0)
            storer_timeout(&s);
        else if (!has_losses || ++sent % 7 != 0)
            driver_datagram(&d, span_of(datagram, length));
    }
    size_t expected = from_wire(wire, size, text);
    CHECK(d.commits == 1 && d.stored_size == expected, "%s size %u", options, (unsigned)size);
    CHECK(expected == 0 || memcmp(d.stored, text, expected) == 0, "%s size %u", options, (unsigned)size);
    driver_timeout(&d);
    assert_int_equal(d.action.finish.bytes, size);
    driver_free(&d);
}

static void test_uploads(void **state)
{
    uint8_t wire[LOCAL_MAX];

    (void)state;
    for (size_t b = 0; b < COUNT_OF(blksizes); b++)
        for (size_t w = 0; w < COUNT_OF(windows); w++)
            for (size_t size = 0; size < 100; size++) {
                make_text(wire, size, size + 7);
                store(wire, size, blksizes[b], windows[w], false);
                store(wire, size, blksizes[b], windows[w], true);
            }
}

/* A CR held back while 64 KiB are written, at each of the places around the border. */
static void test_upload_cr_at_the_write(void **state)
{
    static uint8_t wire[TRANSFER_WRITE_SIZE * 2 + 10];
    static uint8_t text[sizeof wire];
    static struct driver d;
    static const unsigned options[][2] = {{512, 1}, {1024, 64}, {32768, 1}, {32768, 2}, {65464, 1}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(options); i++)
        for (int kind = 0; kind < 3; kind++) {
            struct storer s;
            char words[64];
            uint8_t *datagram = malloc(options[i][0] + 4);
            memset(wire, 'x', sizeof wire);
            /* CR at the end of every block and every write. */
            for (size_t k = options[i][0]; k < sizeof wire; k += options[i][0]) {
                wire[k - 1] = '\r';
                wire[k] = (uint8_t)(kind == 0 ? 0 : kind == 1 ? '\n' : '\r');
            }
            snprintf(words, sizeof words, "blksize %u windowsize %u", options[i][0], options[i][1]);
            driver_init(&d, UPLOAD | NETASCII, words, NULL, 0);
            storer_init(&s, wire, sizeof wire, options[i][0], options[i][1], 0);
            d.deliver = storer_take;
            d.context = &s;
            driver_begin(&d);
            while (!s.is_done)
                driver_datagram(&d, span_of(datagram, storer_next(&s, datagram)));
            size_t expected = from_wire(wire, sizeof wire, text);
            CHECK(d.stored_size == expected && memcmp(d.stored, text, expected) == 0, "%s kind %d", words, kind);
            free(datagram);
            driver_free(&d);
        }
}

/* CLIENTS.md rule 14: no tsize, and with it alone no OACK at all. */
static void test_rule_14_no_tsize(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD | NETASCII, "tsize 0", "a\n", 2);
    EXPECT(&d, "DATA 1");
    assert_int_equal(d.sent_size, 7);
    assert_memory_equal(d.sent + 4, "a\r\n", 3);
    driver_ack(&d, 1);
    EXPECT(&d, "FINISH done");
    driver_free(&d);
}

/* After a loss the translation begins at the last acknowledged window, not at the file. */
static void test_repetition_reads_little(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD | NETASCII, "blksize 8 windowsize 4", driver_content(8000), 8000);
    driver_ack(&d, 0);
    for (uint16_t block = 4; block <= 400; block += 4)
        driver_ack(&d, block);
    d.reads = 0;
    driver_timeout(&d);
    EXPECT(&d, "DATA 401-404");
    assert_in_range(d.reads, 1, 8);
    driver_ack(&d, 402);
    EXPECT(&d, "DATA 403-406");
    d.reads = 0;
    driver_timeout(&d);
    EXPECT(&d, "DATA 403-406");
    assert_in_range(d.reads, 1, 8);
    driver_free(&d);
}

/* Before the end is known, silence is silence. */
static void test_silence_before_the_end(void **state)
{
    static struct driver d;

    (void)state;
    driver_start(&d, DOWNLOAD | NETASCII, "blksize 8", "123456781234567812345678", 24);
    driver_ack(&d, 0);
    driver_ack(&d, 1);
    while (!d.is_finished)
        driver_timeout(&d);
    EXPECT(&d, "FINISH silent");
    assert_int_equal(d.action.finish.bytes, 8);
    driver_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_downloads),
        cmocka_unit_test(test_ends_at_a_block),
        cmocka_unit_test(test_repeated_blocks_have_the_same_bytes),
        cmocka_unit_test(test_uploads),
        cmocka_unit_test(test_upload_cr_at_the_write),
        cmocka_unit_test(test_rule_14_no_tsize),
        cmocka_unit_test(test_repetition_reads_little),
        cmocka_unit_test(test_silence_before_the_end),
    };

    return cmocka_run_group_tests_name("transfer, netascii", tests, NULL, NULL);
}
