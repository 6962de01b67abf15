#include "unit.h"

#include "core/utf8.h"
#include "guard.h"

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
        "\xf8\x88\x80\x80\x80",
        "\xfe",
        "\xff",
        "name\xff",
        "a\xc2",
        "\xc3\xa4\xa4",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(!utf8_is_valid(guard_text(rows[i])), "row %u", (unsigned)i);
    /* The header promises: no NUL. */
    assert_false(utf8_is_valid(guard_span("a\0b", 3)));
    assert_false(utf8_is_valid(guard_span("\0", 1)));
}

/* Every character there is, encoded here, is valid and comes back; then the end stays the end. */
static void test_every_character(void **state)
{
    (void)state;
    for (uint32_t c = 1; c <= 0x10ffff; c++) {
        char bytes[5] = {0};
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        if (c < 0x80) {
            bytes[0] = (char)c;
        } else if (c < 0x800) {
            bytes[0] = (char)(0xc0 | c >> 6);
            bytes[1] = (char)(0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
            bytes[0] = (char)(0xe0 | c >> 12);
            bytes[1] = (char)(0x80 | (c >> 6 & 0x3f));
            bytes[2] = (char)(0x80 | (c & 0x3f));
        } else {
            bytes[0] = (char)(0xf0 | c >> 18);
            bytes[1] = (char)(0x80 | (c >> 12 & 0x3f));
            bytes[2] = (char)(0x80 | (c >> 6 & 0x3f));
            bytes[3] = (char)(0x80 | (c & 0x3f));
        }
        const char *at = bytes;
        CHECK(utf8_is_valid(span_of_text(bytes)), "U+%04X", (unsigned)c);
        CHECK(utf8_next(&at) == c && *at == 0, "U+%04X", (unsigned)c);
        CHECK(utf8_next(&at) == 0 && utf8_next(&at) == 0 && at == bytes + strlen(bytes), "U+%04X", (unsigned)c);
    }
}

static void test_fold_pairs(void **state)
{
    static const struct {
        uint32_t upper, lower;
    } rows[] = {
        {'A', 'a'},     {'Z', 'z'},       {0xc0, 0xe0},     {0xde, 0xfe},     {0x100, 0x101}, {0x136, 0x137},
        {0x139, 0x13a}, {0x147, 0x148},   {0x14a, 0x14b},   {0x176, 0x177},   {0x178, 0xff},  {0x179, 0x17a},
        {0x17d, 0x17e}, {0x391, 0x3b1},   {0x3a9, 0x3c9},   {0x400, 0x450},   {0x40f, 0x45f}, {0x410, 0x430},
        {0x42f, 0x44f}, {0x460, 0x461},   {0x48a, 0x48b},   {0x4c1, 0x4c2},   {0x4cd, 0x4ce}, {0x4d0, 0x4d1},
        {0x52e, 0x52f}, {0x1e00, 0x1e01}, {0x1ea0, 0x1ea1}, {0x1efe, 0x1eff}, {0x14c, 0x14d}, {0x13b, 0x13c},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(utf8_fold(rows[i].upper) == rows[i].lower && utf8_fold(rows[i].lower) == rows[i].lower, "U+%04X",
              (unsigned)rows[i].upper);
}

static void test_fold_leaves_alone(void **state)
{
    static const uint32_t rows[] = {0,     '0',   '@',   '[',   '`',   '{',   0x7f,   0xd7,   0xdf,   0xf7,   0x130,
                                    0x131, 0x138, 0x149, 0x17f, 0x3a2, 0x482, 0x20ac, 0x3042, 0x1e96, 0x1f600};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(utf8_fold(rows[i]) == rows[i], "U+%04X", (unsigned)rows[i]);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_fold_pairs),
        cmocka_unit_test(test_fold_leaves_alone),
        cmocka_unit_test(test_fold_is_stable_and_pairs_only),
    };

    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
