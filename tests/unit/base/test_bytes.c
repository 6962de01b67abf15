#include "unit.h"

#include "core/base/bytes.h"
#include "guard.h"

#include <stdio.h>

static void test_numbers_are_big_endian(void **state)
{
    static const uint8_t wire[] = {0x12, 0x34, 0xff, 0x00};
    uint8_t written[2];

    (void)state;
    assert_int_equal(read_u16(wire), 0x1234);
    assert_int_equal(read_u16(wire + 1), 0x34ff);
    assert_int_equal(read_u16(wire + 2), 0xff00);
    for (uint32_t value = 0; value <= UINT16_MAX; value++) {
        write_u16(written, (uint16_t)value);
        CHECK(written[0] == value >> 8 && written[1] == (value & 0xff) && read_u16(written) == value, "%u",
              (unsigned)value);
    }
}

static void test_ascii_lower_leaves_the_rest_alone(void **state)
{
    (void)state;
    for (int c = -128; c < 128; c++) {
        char expected = c >= 'A' && c <= 'Z' ? (char)(c + 32) : (char)c;
        CHECK(ascii_lower((char)c) == expected, "character %d", c);
    }
}

static void test_span_is_word(void **state)
{
    static const struct {
        const char *text;
        const char *word;
        bool is_word;
    } rows[] = {
        {"octet", "octet", true},   {"OCTET", "octet", true}, {"oCtEt", "octet", true}, {"octe", "octet", false},
        {"octets", "octet", false}, {"", "", true},           {"", "a", false},         {"a", "", false},
        {"oct@t", "oct`t", false},  {"[", "{", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(span_is_word(guard_text(rows[i].text), rows[i].word) == rows[i].is_word, "row %s", rows[i].text);
}

static void test_span_to_number(void **state)
{
    static const struct {
        const char *text;
        uint64_t maximum;
        bool is_number;
        uint64_t number;
    } rows[] = {
        {"0", 0, true, 0},
        {"1", 0, false, 0},
        {"1", 1, true, 1},
        {"10", 9, false, 0},
        {"9", 9, true, 9},
        {"255", 255, true, 255},
        {"256", 255, false, 0},
        {"2550", 255, false, 0},
        {"65535", 65535, true, 65535},
        {"65536", 65535, false, 0},
        {"007", 65535, true, 7},
        {"000000000000000000000000000000000000000001", 1, true, 1},
        {"4294967296", UINT64_MAX, true, 4294967296u},
        {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", UINT64_MAX, false, 0},
        {"18446744073709551620", UINT64_MAX, false, 0},
        {"184467440737095516150", UINT64_MAX, false, 0},
        {"99999999999999999999999", UINT64_MAX, false, 0},
        {"", UINT64_MAX, false, 0},
        {" 1", UINT64_MAX, false, 0},
        {"1 ", UINT64_MAX, false, 0},
        {"+1", UINT64_MAX, false, 0},
        {"-1", UINT64_MAX, false, 0},
        {"0x10", UINT64_MAX, false, 0},
        {"512x", UINT64_MAX, false, 0},
        {"1.0", UINT64_MAX, false, 0},
        {"/", UINT64_MAX, false, 0},
        {":", UINT64_MAX, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t number = 4711;
        bool is_number = span_to_number(guard_text(rows[i].text), rows[i].maximum, &number);
        CHECK(is_number == rows[i].is_number, "row \"%s\"", rows[i].text);
        CHECK(number == (is_number ? rows[i].number : 4711), "row \"%s\"", rows[i].text);
    }
}

static void test_trimming(void **state)
{
    static const struct {
        const char *text, *trimmed;
    } rows[] = {{"a", "a"}, {" a b\t", "a b"}, {"\t \ta", "a"}, {" \t", ""}, {"", ""}, {"\na\n", "\na\n"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct span span = span_trimmed(span_of_text(rows[i].text));
        CHECK(span.size == strlen(rows[i].trimmed) && memcmp(span.bytes, rows[i].trimmed, span.size) == 0, "row %u",
              (unsigned)i);
    }
}

static void test_hexadecimal(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char text[3];
        snprintf(text, sizeof text, byte % 2 ? "%02x" : "%02X", (unsigned)byte);
        assert_int_equal(hex_byte(text), byte);
        bool is_digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
        assert_int_equal(hex_digit((uint8_t)byte) != -1, is_digit);
    }
    assert_int_equal(hex_byte("g0"), -1);
    assert_int_equal(hex_byte("0g"), -1);
}

static void test_the_beginning_of_a_text(void **state)
{
    (void)state;
    assert_true(span_starts_with(span_of_text("PXEClient:Arch"), "PXEClient"));
    assert_true(span_starts_with(span_of_text("PXEClient"), "PXEClient"));
    assert_false(span_starts_with(span_of_text("PXEClien"), "PXEClient"));
    assert_false(span_starts_with(span_of_text("pxeClient"), "PXEClient"));
    assert_true(text_starts_with_word("Http://host", "http://"));
    assert_true(text_starts_with_word("HTTP://", "http://"));
    assert_false(text_starts_with_word((const char *)guard_span("http:", 6).bytes, "http://"));
    assert_false(text_starts_with_word("httpx//", "http://"));
    assert_false(text_starts_with_word("", "h"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_big_endian),
        cmocka_unit_test(test_ascii_lower_leaves_the_rest_alone),
        cmocka_unit_test(test_span_is_word),
        cmocka_unit_test(test_span_to_number),
        cmocka_unit_test(test_trimming),
        cmocka_unit_test(test_hexadecimal),
        cmocka_unit_test(test_the_beginning_of_a_text),
    };

    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
