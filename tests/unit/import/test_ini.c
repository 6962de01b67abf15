#include "unit.h"

#include "guard.h"

#include "core/import/ini.h"

#include <stdio.h>
#include <stdlib.h>

enum { SAID_MAX = 1024, HOSTILE_MAX = 20000, HOSTILE_ROUNDS = 300 };

/* All lines as "NUMBER [section]name=value;" or "NUMBER !kind;". */
static const char *read_all(struct span text)
{
    static char said[SAID_MAX];
    struct ini ini;
    struct ini_line line;
    size_t used = 0;

    said[0] = 0;
    ini_begin(&ini, text);
    while (ini_next(&ini, &line)) {
        if (line.kind == INI_SETTING)
            used +=
                (size_t)snprintf(said + used, sizeof said - used, "%u [%.*s]%.*s=%.*s;", (unsigned)line.number,
                                 (int)line.section.size, (const char *)line.section.bytes, (int)line.name.size,
                                 (const char *)line.name.bytes, (int)line.value.size, (const char *)line.value.bytes);
        else
            used += (size_t)snprintf(said + used, sizeof said - used, "%u !%d;", (unsigned)line.number, (int)line.kind);
        assert_true(used < sizeof said);
    }
    return said;
}

static void reads_the_forms_of_windows(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", ""},
        {"[S]\nA=1\n", "2 [S]A=1;"},
        {"[S]\r\nA=1\r\nB=2", "2 [S]A=1;3 [S]B=2;"},
        {"[S]\rA=1\rB=2\r", "2 [S]A=1;3 [S]B=2;"},
        {"A=1", "1 []A=1;"},
        {"[S]\n\n\n  A  =  1  \t\n", "4 [S]A=1;"},
        {" [ S T ] junk\nA=1", "2 [S T]A=1;"},
        {"[]\nA=1", "2 []A=1;"},
        {"[S]\nDHCP Ping = 1", "2 [S]DHCP Ping=1;"},
        {"[S]\nA=", "2 [S]A=;"},
        {"[S]\nA=\"\"", "2 [S]A=;"},
        {"[S]\nA=\" x \"", "2 [S]A= x ;"},
        {"[S]\nA='x'", "2 [S]A=x;"},
        {"[S]\nA=\"x'", "2 [S]A=\"x';"},
        {"[S]\nA=\"", "2 [S]A=\";"},
        {"[S]\nA=x=y", "2 [S]A=x=y;"},
        {"[S]\nA=x;y", "2 [S]A=x;y;"},
        {"; comment=1\n# too=1\n[S]\n ;A=1", ""},
        {"[S]\nA=1\nA=2", "2 [S]A=1;3 [S]A=2;"},
        {"[S]\nA", "2 !3;"},
        {"[S]\n=1", "2 !3;"},
        {"[S]\n  =1", "2 !3;"},
        {"[S]\n[broken\nA=1", "2 !3;3 []A=1;"},
        {"[", "1 !3;"},
        {"=", "1 !3;"},
        {"[S]\nA=\x1b[2J\nB=2", "2 !2;3 [S]B=2;"},
        {"[S]\nA=\x7f", "2 !2;"},
        {"[S]\nA=\x1f", "2 !2;"},
        {"[S]\nA=gr\xc3\xbcn\nB=\xff\xfe", "2 [S]A=gr\xc3\xbcn;3 [S]B=\xff\xfe;"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *said = read_all(guard_text(rows[i].text));
        CHECK(strcmp(said, rows[i].expected) == 0, "row %u: %s", (unsigned)i, said);
    }
    assert_string_equal(read_all(guard_span("[S]\nA=1\0\nB=2", 12)), "2 !2;3 [S]B=2;");
}

static void a_line_has_its_limit(void **state)
{
    static char text[INI_LINE_MAX + 16];

    (void)state;
    for (size_t length = INI_LINE_MAX - 1; length <= INI_LINE_MAX + 1; length++) {
        struct ini ini;
        struct ini_line line;
        memset(text, 'v', sizeof text);
        text[1] = '=';
        memcpy(text + length, "\nB=2", 4);
        ini_begin(&ini, guard_span(text, length + 4));
        assert_true(ini_next(&ini, &line));
        assert_int_equal(line.kind, length > INI_LINE_MAX ? INI_TOO_LONG : INI_SETTING);
        assert_int_equal(line.value.size, length > INI_LINE_MAX ? 0 : length - 2);
        assert_true(ini_next(&ini, &line));
        assert_int_equal(line.kind, INI_SETTING);
        assert_int_equal(line.number, 2);
        assert_false(ini_next(&ini, &line));
        assert_false(ini_next(&ini, &line));
    }
}

/* What follows a section's name that is too long belongs to no section, be it of blanks only. */
static void a_long_section_is_none(void **state)
{
    static char text[INI_LINE_MAX + 64];

    (void)state;
    for (int blanks = 0; blanks < 2; blanks++) {
        memset(text, blanks ? ' ' : 's', sizeof text);
        memcpy(text, "[S]\n[", 5);
        memcpy(text + sizeof text - 5, "\nA=1\n", 5);
        assert_string_equal(read_all(guard_span(text, sizeof text)), "2 !1;3 []A=1;");
    }
}

static void any_bytes_end(void **state)
{
    static const char alphabet[] = "[]=;#\r\n\t \"'aB\xc3\xbc";
    static char text[HOSTILE_MAX];
    uint64_t seed = 1;

    (void)state;
    for (unsigned round = 0; round < HOSTILE_ROUNDS; round++) {
        struct ini ini;
        struct ini_line line;
        size_t size = random_below(&seed, round % 10 == 0 ? HOSTILE_MAX : 200);
        for (size_t i = 0; i < size; i++)
            text[i] = round % 3 == 0 ? (char)random_next(&seed) : alphabet[random_below(&seed, sizeof alphabet)];
        struct span span = guard_span(text, size);
        uint32_t last = 0;
        ini_begin(&ini, span);
        while (ini_next(&ini, &line)) {
            CHECK(line.number > last, "round %u: a line came twice", round);
            last = line.number;
            CHECK((line.kind == INI_SETTING) == (line.name.size > 0), "round %u", round);
            CHECK(line.value.bytes >= span.bytes && line.value.bytes + line.value.size <= span.bytes + span.size,
                  "round %u", round);
        }
        assert_int_equal(ini.rest.size, 0);
    }
}

/* Whatever is wrong with a section's line, what follows is not taken for the section before. */
static void a_broken_section_ends_the_one_before(void **state)
{
    static const char *const broken[] = {"[B", "[B\x01]", " [B\x7f]", "long"};
    static char text[INI_LINE_MAX + 64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct ini ini;
        struct ini_line line;
        size_t size = (size_t)snprintf(text, sizeof text, "[A]\n%s", broken[i]);
        if (strcmp(broken[i], "long") == 0) {
            size = 4 + INI_LINE_MAX + 1;
            memset(text + 4, '[', INI_LINE_MAX + 1);
        }
        size += (size_t)snprintf(text + size, sizeof text - size, "\nname=value");
        ini_begin(&ini, guard_span(text, size));
        assert_true(ini_next(&ini, &line) && line.kind != INI_SETTING && line.number == 2);
        assert_true(ini_next(&ini, &line) && line.kind == INI_SETTING);
        CHECK(line.section.size == 0, "row %u", (unsigned)i);
        assert_false(ini_next(&ini, &line));
    }
}

static void tells_the_encoding(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        enum ini_encoding encoding;
        size_t mark_size;
    } rows[] = {
        {"", 0, INI_UTF8, 0},
        {"[S]", 3, INI_UTF8, 0},
        {"gr\xc3\xbcn", 5, INI_UTF8, 0},
        {"gr\xfcn", 4, INI_ANSI, 0},
        {"\xef\xbb\xbf[S]", 6, INI_UTF8, 3},
        {"\xef\xbb\xbfgr\xfcn", 7, INI_UTF8, 3},
        {"\xef\xbb", 2, INI_ANSI, 0},
        {"\xff\xfe[\0", 4, INI_UTF16LE, 2},
        {"\xff\xfe", 2, INI_UTF16LE, 2},
        {"\xff", 1, INI_ANSI, 0},
        {"[\0S\0", 4, INI_UTF16LE, 0},
        {"\xfe\xff\0[", 4, INI_UTF16BE, 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t mark_size = 99;
        enum ini_encoding encoding = ini_encoding_of(guard_span(rows[i].bytes, rows[i].size), &mark_size);
        CHECK(encoding == rows[i].encoding && mark_size == rows[i].mark_size, "row %u: %d, %u", (unsigned)i,
              (int)encoding, (unsigned)mark_size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_forms_of_windows),
        cmocka_unit_test(a_line_has_its_limit),
        cmocka_unit_test(a_long_section_is_none),
        cmocka_unit_test(any_bytes_end),
        cmocka_unit_test(a_broken_section_ends_the_one_before),
        cmocka_unit_test(tells_the_encoding),
    };

    return cmocka_run_group_tests_name("ini", tests, NULL, NULL);
}
