#include "unit.h"

#include "core/base/utf8.h"
#include "guard.h"

#include <stdio.h>

static void test_valid(void **state)
{
    static const char *const rows[] = {
        "",
        "a",
        "\x7f",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
        "boot\\\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80.efi",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(utf8_is_valid(guard_text(rows[i])), "row %u", (unsigned)i);
}

static void test_invalid(void **state)
{
    static const char *const rows[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc0\xaf",
        "\xc1\xbf",
        "\xc2",
        "\xc2"
        "a",
        "\xe0\x80\x80",
        "\xe0\x80\xaf",
        "\xe0\x9f\xbf",
        "\xe2\x82",
        "\xe2",
        "\xe2\x82"
        "a",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf0\x9f\x98",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\x81\x80\x80\x80",
        "\xf8\x88\x80\x80\x80",
        "\xf9\x81\x80\x80",
        "\xfe",
        "\xff",
        "name\xff",
        "a\xc2",
        "\xc3\xa4\xa4",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(!utf8_is_valid(guard_text(rows[i])), "row %u", (unsigned)i);
    /* Character by character it is noticed too, and nothing behind the end is looked at. */
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *at = (const char *)guard_span(rows[i], strlen(rows[i]) + 1).bytes;
        while (utf8_length(at) > 0)
            at += utf8_length(at);
        CHECK(*at != 0, "row %u", (unsigned)i);
    }
    /* The header promises: no NUL. */
    assert_false(utf8_is_valid(guard_span("a\0b", 3)));
    assert_false(utf8_is_valid(guard_span("\0", 1)));
}

/* Every character there is, encoded here, is valid and comes back; then the end stays the end. */
static void test_every_character(void **state)
{
    (void)state;
    for (uint32_t c = 1; c <= 0x10ffff; c++) {
        char bytes[UTF8_ROOM];
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        encode_utf8(c, bytes);
        const char *at = bytes;
        CHECK(utf8_is_valid(span_of_text(bytes)), "U+%04X", (unsigned)c);
        CHECK(utf8_length(bytes) == strlen(bytes), "U+%04X", (unsigned)c);
        CHECK(utf8_next(&at) == c && *at == 0, "U+%04X", (unsigned)c);
        CHECK(utf8_next(&at) == 0 && utf8_next(&at) == 0 && at == bytes + strlen(bytes), "U+%04X", (unsigned)c);
    }
}

/* Every upper case that folds, in runs: each step-th character from first to last, to the one `distance` further. */
static const struct {
    uint32_t first, last, step;
    int32_t distance;
} folds[] = {
    {'A', 'Z', 1, 32},     {0xc0, 0xd6, 1, 32},    {0xd8, 0xde, 1, 32},    {0x100, 0x12e, 2, 1},
    {0x132, 0x136, 2, 1},  {0x139, 0x147, 2, 1},   {0x14a, 0x176, 2, 1},   {0x178, 0x178, 1, -0x79},
    {0x179, 0x17d, 2, 1},  {0x391, 0x3a1, 1, 32},  {0x3a3, 0x3ab, 1, 32},  {0x400, 0x40f, 1, 80},
    {0x410, 0x42f, 1, 32}, {0x460, 0x480, 2, 1},   {0x48a, 0x4be, 2, 1},   {0x4c1, 0x4cd, 2, 1},
    {0x4d0, 0x52e, 2, 1},  {0x1e00, 0x1e94, 2, 1}, {0x1ea0, 0x1efe, 2, 1},
};

static uint32_t folded(uint32_t c)
{
    for (size_t i = 0; i < COUNT_OF(folds); i++)
        if (c >= folds[i].first && c <= folds[i].last && (c - folds[i].first) % folds[i].step == 0)
            return (uint32_t)((int32_t)c + folds[i].distance);
    return c;
}

static void test_fold(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++)
        CHECK(utf8_fold(c) == folded(c), "U+%04X", (unsigned)c);
}

/* Folding twice is folding once, and no three characters fall together but by a pair of upper and lower case. */
static void test_fold_is_stable_and_pairs_only(void **state)
{
    static uint8_t sources[0x11000];

    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        uint32_t folded = utf8_fold(c);
        CHECK(utf8_fold(folded) == folded, "U+%04X", (unsigned)c);
        if (folded < COUNT_OF(sources))
            CHECK(++sources[folded] <= 2, "U+%04X", (unsigned)c);
        else
            CHECK(folded == c, "U+%04X", (unsigned)c);
    }
}

/*
 * Unicode's Cc and Bidi_Control, its two separators of lines and paragraphs, Default_Ignorable_Code_Point and the marks of
 * interlinear annotations.
 */
static bool may_mislead(uint32_t c)
{
    static const uint32_t others[] = {0x7f,   0xad,   0x34f,  0x61c,  0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b,
                                      0x180c, 0x180d, 0x180e, 0x180f, 0x2028, 0x2029, 0x3164, 0xfeff, 0xffa0};
    bool is_space_or_mark = c >= 0x200b && c <= 0x200f;
    bool is_direction = c >= 0x202a && c <= 0x202e;
    bool is_operator = c >= 0x2060 && c <= 0x206f;
    bool is_selector = c >= 0xfe00 && c <= 0xfe0f;
    bool is_annotation = c >= 0xfff0 && c <= 0xfffb;
    bool is_shorthand = c >= 0x1bca0 && c <= 0x1bca3;
    bool is_musical = c >= 0x1d173 && c <= 0x1d17a;
    bool is_tag = c >> 12 == 0xe0;

    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (c == others[i])
            return true;
    return c < 0x20 || (c >= 0x80 && c < 0xa0) || is_space_or_mark || is_direction || is_operator || is_selector ||
           is_annotation || is_shorthand || is_musical || is_tag;
}

static void test_printable(void **state)
{
    char invalid[] = "a\xff\xc3\xa4\n~";

    (void)state;
    for (uint32_t c = 1; c < 0x110000; c += c == 0xd7ff ? 0x801 : 1) {
        char character[5], text[16], expected[16];
        encode_utf8(c, character);
        snprintf(text, sizeof text, "x%sy", character);
        memcpy(expected, text, sizeof text);
        if (may_mislead(c))
            memset(expected + 1, '?', strlen(character));
        utf8_make_printable(text);
        CHECK(strcmp(text, expected) == 0, "U+%04X", (unsigned)c);
    }
    /* What is no UTF-8 keeps its ASCII only. */
    utf8_make_printable(invalid);
    assert_string_equal(invalid, "a????~");
    invalid[1] = (char)0x80;
    utf8_make_printable(invalid);
    assert_string_equal(invalid, "a????~");
}

/* Cut to each size: never within a character, never shorter than need be. */
static void test_copy(void **state)
{
    static const struct {
        size_t size;
        const char *copy;
    } rows[] = {{1, ""},
                {2, "a"},
                {3, "a"},
                {4, "a\xc3\xa4"},
                {5, "a\xc3\xa4"},
                {6, "a\xc3\xa4"},
                {7, "a\xc3\xa4\xe2\x82\xac"},
                {8, "a\xc3\xa4\xe2\x82\xac"}};
    char text[8];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        memset(text, 'x', sizeof text);
        utf8_copy(text, rows[i].size, "a\xc3\xa4\xe2\x82\xac");
        assert_string_equal(text, rows[i].copy);
    }
    utf8_copy(text, sizeof text, NULL);
    assert_string_equal(text, "");
}

static void test_units_of_utf16(void **state)
{
    (void)state;
    assert_int_equal(utf8_units(span_of_text("")), 0);
    assert_int_equal(utf8_units(span_of_text("a\xc3\xbc\xe2\x82\xac")), 3);
    assert_int_equal(utf8_units(span_of_text("\xef\xbc\xa1")), 1);
    assert_int_equal(utf8_units(span_of_text("\xf0\x9f\x98\x80x")), 3);
}

/* Bytes of the network: cut between characters, and harmless. */
static void test_printable_copy(void **state)
{
    char text[8];

    (void)state;
    assert_ptr_equal(utf8_printable(span_of("a\0\x1b\"b", 5), text, sizeof text), text);
    assert_string_equal(text, "a??\"b");
    assert_string_equal(utf8_printable(span_of_text("1234567890"), text, sizeof text), "1234567");
    assert_string_equal(utf8_printable(span_of_text("123456\xc3\xa4"), text, sizeof text), "123456");
    assert_string_equal(utf8_printable(span_of_text("12345\xc3\xa4"), text, sizeof text), "12345\xc3\xa4");
    assert_string_equal(utf8_printable(span_of_text("123456\xff\xff"), text, sizeof text), "123456?");
    assert_string_equal(utf8_printable(span_of(NULL, 0), text, sizeof text), "");
    assert_string_equal(utf8_printable(span_of_text("ab"), text, 1), "");
}

static void test_cut(void **state)
{
    static const char text[] = "ab\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
    static const size_t cuts[] = {0, 1, 2, 2, 4, 4, 4, 7, 7, 7, 7, 11, 11};

    (void)state;
    for (size_t size = 0; size < COUNT_OF(cuts); size++)
        CHECK(utf8_cut(guard_text(text), size) == cuts[size], "%u", (unsigned)size);
    /* Where it is no UTF-8 no byte belongs to another. */
    assert_int_equal(utf8_cut(span_of_text("\xe4\x84\x84\x84"), 2), 2);
    assert_int_equal(utf8_cut(span_of(NULL, 0), 5), 0);
}

static void test_columns(void **state)
{
    static const struct {
        uint32_t first, last;
    } wide[] = {{0x1100, 0x115f}, {0x3041, 0x3096},   {0x4e00, 0x9fff},  {0xac00, 0xd7a3},
                {0xff01, 0xff60}, {0x1f600, 0x1f64f}, {0x20000, 0x2fffd}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wide); i++) {
        assert_int_equal(utf8_columns(wide[i].first), 2);
        assert_int_equal(utf8_columns(wide[i].last), 2);
    }
    for (uint32_t c = 0; c < 0x1100; c++)
        assert_int_equal(utf8_columns(c), 1);
    assert_true(utf8_columns(0x20ac) == 1 && utf8_columns(0x2192) == 1 && utf8_columns(0xff61) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_fold_is_stable_and_pairs_only),
        cmocka_unit_test(test_printable),
        cmocka_unit_test(test_printable_copy),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_units_of_utf16),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_columns),
    };

    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
