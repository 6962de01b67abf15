#include "unit.h"

#include "core/base/json.h"

#include <stdio.h>

enum { LAST_CHARACTER = 0x10ffff };

/* Every character of all planes, each followed by another one that stays where it is. */
static void test_every_character(void **state)
{
    char escape[JSON_ESCAPE_MAX], expected[JSON_ESCAPE_MAX + 1], text[UTF8_ROOM + 1];

    (void)state;
    for (uint32_t c = 1; c <= LAST_CHARACTER; c++) {
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        if (c > 0xffff)
            snprintf(expected, sizeof expected, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (c >> 10)),
                     (unsigned)(0xdc00 | (c & 0x3ff)));
        else if (c < 0x20 || c >= 0x7f)
            snprintf(expected, sizeof expected, "\\u%04x", (unsigned)c);
        else
            snprintf(expected, sizeof expected, "%s%c", c == '"' || c == '\\' ? "\\" : "", (char)c);
        encode_utf8(c, text);
        size_t length = strlen(text);
        text[length] = 'x';
        text[length + 1] = 0;
        const char *at = text;
        size_t size = json_escape(&at, escape);
        CHECK(size == strlen(expected) && memcmp(escape, expected, size) == 0, "U+%04X", (unsigned)c);
        CHECK(at == text + length && size <= 6 * length, "U+%04X ends elsewhere", (unsigned)c);
    }
}

/* What a name is cut to, and what is no UTF-8 at all, must leave the JSON whole. */
static void test_what_is_no_character(void **state)
{
    static const char *const rows[] = {
        "\x80",  "\xbf",     "\xff",         "\xc0\xaf",     "\xc3",
        "\xc3(", "\xe2\x82", "\xed\xa0\x80", "\xf0\x9f\x98", "\xf4\x90\x80\x80",
    };
    char escape[JSON_ESCAPE_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *at = rows[i];
        size_t size = json_escape(&at, escape);
        CHECK(size == 6 && memcmp(escape, "\\ufffd", size) == 0, "row %u", (unsigned)i);
        CHECK(at == rows[i] + 1, "row %u ends elsewhere", (unsigned)i);
    }
}

struct paper {
    char text[512];
    size_t used;
};

static void put(void *context, const char *bytes, size_t size)
{
    struct paper *paper = context;

    assert_true(size < sizeof paper->text - paper->used);
    memcpy(paper->text + paper->used, bytes, size);
    paper->used += size;
}

static void write_members(struct paper *paper, bool is_indented)
{
    struct json json = {.put = put, .out = paper, .is_indented = is_indented};

    json_open(&json, NULL, '{');
    json_text(&json, "a\"", "b\n");
    json_text(&json, "none", NULL);
    json_open(&json, "list", '[');
    json_number(&json, NULL, UINT64_MAX);
    json_bool(&json, NULL, false);
    json_thousandths(&json, NULL, 2050);
    json_thousandths(&json, NULL, UINT64_MAX);
    json_close(&json, '[');
    json_open(&json, "empty", '{');
    json_close(&json, '{');
    json_close(&json, '{');
}

static void test_members(void **state)
{
    struct paper line = {.used = 0}, page = {.used = 0};

    (void)state;
    write_members(&line, false);
    assert_string_equal(line.text, "{\"a\\\"\":\"b\\u000a\",\"none\":null,\"list\":[18446744073709551615,false,2.050,"
                                   "18446744073709551.615],"
                                   "\"empty\":{}}");
    write_members(&page, true);
    assert_string_equal(
        page.text,
        "{\n  \"a\\\"\": \"b\\u000a\",\n  \"none\": null,\n  \"list\": [\n"
        "    18446744073709551615,\n    false,\n    2.050,\n    18446744073709551.615\n  ],\n  \"empty\": {}\n}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_what_is_no_character),
        cmocka_unit_test(test_members),
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
