#include "unit.h"

#include "core/names/path.h"
#include "guard.h"

static const struct {
    const char *name;
    const char *path; /* NULL: see problem */
    enum path_problem problem;
} rows[] = {
    /* CLIENTS.md rule 7: '\' equals '/', runs collapse, leading ones drop. */
    {"boot", "boot", PATH_OK},
    {"/boot", "boot", PATH_OK},
    {"\\boot", "boot", PATH_OK},
    {"//\\/boot", "boot", PATH_OK},
    {"\\Boot\\BCD", "Boot\\BCD", PATH_OK},
    {"/Boot\\x64\\wdsnbp.com", "Boot\\x64\\wdsnbp.com", PATH_OK},
    {"boot//grub///x86.mod", "boot\\grub\\x86.mod", PATH_OK},
    {"./boot", "boot", PATH_OK},
    {"boot/./././fonts", "boot\\fonts", PATH_OK},
    /* Whoever puts a separator behind a name means a folder. */
    {"boot/", NULL, PATH_FOLDER},
    {"boot\\", NULL, PATH_FOLDER},
    {"boot//\\", NULL, PATH_FOLDER},
    {"boot/.", NULL, PATH_FOLDER},
    {"boot\\.", NULL, PATH_FOLDER},
    {"boot/./", NULL, PATH_FOLDER},
    {"boot/fonts/././/.", NULL, PATH_FOLDER},
    {"tftpd.log/", NULL, PATH_RESERVED},
    {"nul/", NULL, PATH_DEVICE},
    {"a./", NULL, PATH_TRAILING_DOT_OR_SPACE},
    {".hidden", ".hidden", PATH_OK},
    {"..hidden", "..hidden", PATH_OK},
    {"a..b", "a..b", PATH_OK},
    {"a b", "a b", PATH_OK},
    {" a", " a", PATH_OK},
    {"pxelinux.cfg/01-88-99-aa-bb-cc-dd", "pxelinux.cfg\\01-88-99-aa-bb-cc-dd", PATH_OK},
    {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", PATH_OK},
    {"\xc2\xa0", "\xc2\xa0", PATH_OK},
    {"!#$%&'()+,-;=@[]^_`{}~", "!#$%&'()+,-;=@[]^_`{}~", PATH_OK},
    {"", NULL, PATH_EMPTY},
    {"/", NULL, PATH_EMPTY},
    {"\\\\//", NULL, PATH_EMPTY},
    {".", NULL, PATH_EMPTY},
    {"./.\\.", NULL, PATH_EMPTY},
    {"..", NULL, PATH_PARENT},
    {"../x", NULL, PATH_PARENT},
    {"..\\x", NULL, PATH_PARENT},
    {"/../x", NULL, PATH_PARENT},
    {"a/../b", NULL, PATH_PARENT},
    {"a\\..\\b", NULL, PATH_PARENT},
    {"a/..", NULL, PATH_PARENT},
    {"a/./../..//b", NULL, PATH_PARENT},
    {"...", NULL, PATH_TRAILING_DOT_OR_SPACE},
    {"....", NULL, PATH_TRAILING_DOT_OR_SPACE},
    {".. ", NULL, PATH_TRAILING_DOT_OR_SPACE},
    {".. /x", NULL, PATH_TRAILING_DOT_OR_SPACE},
    {".. .", NULL, PATH_TRAILING_DOT_OR_SPACE},
    {". /x", NULL, PATH_TRAILING_DOT_OR_SPACE},
    {" ", NULL, PATH_TRAILING_DOT_OR_SPACE},
    {"a.", NULL, PATH_TRAILING_DOT_OR_SPACE},
    {"a ", NULL, PATH_TRAILING_DOT_OR_SPACE},
    {"a./b", NULL, PATH_TRAILING_DOT_OR_SPACE},
    {"a /b", NULL, PATH_TRAILING_DOT_OR_SPACE},
    {"c:", NULL, PATH_DRIVE},
    {"c:\\windows\\win.ini", NULL, PATH_DRIVE},
    {"C:/fw/f", NULL, PATH_DRIVE},
    {"/C:/fw/f", NULL, PATH_DRIVE},
    {"c:boot", NULL, PATH_DRIVE},
    {"c:*", NULL, PATH_DRIVE},
    {"\\\\.\\C:\\x", NULL, PATH_DRIVE},
    {"./c:/x", NULL, PATH_DRIVE},
    {"1:x", NULL, PATH_FORBIDDEN_CHARACTER},
    {":x", NULL, PATH_FORBIDDEN_CHARACTER},
    {"fw/c:x", NULL, PATH_FORBIDDEN_CHARACTER},
    {"c:\x01", NULL, PATH_DRIVE},
    {"c:\xff", NULL, PATH_NOT_UTF8},
    {"file::$DATA", NULL, PATH_FORBIDDEN_CHARACTER},
    {"file:stream", NULL, PATH_FORBIDDEN_CHARACTER},
    {"\\\\?\\C:\\x", NULL, PATH_DRIVE},
    {"\\\\.\\pipe\\x", NULL, PATH_DEVICE},
    {"\\\\server\\share\\x", NULL, PATH_SERVER},
    {"\\\\server\\share\\dir\\x", NULL, PATH_SERVER},
    {"\\\\server\\x", "server\\x", PATH_OK}, /* too few for a server */
    {"\\server\\share\\x", "server\\share\\x", PATH_OK},
    {"/\\server\\share\\x", "server\\share\\x", PATH_OK},
    {"\\/server\\share\\x", "server\\share\\x", PATH_OK},
    {"\\\\server/share\\x", "server\\share\\x", PATH_OK},
    {"\\\\server\\share\\\\x", "server\\share\\x", PATH_OK},
    {"\\\\\\server\\share\\x", "server\\share\\x", PATH_OK},
    {"/\\./x", NULL, PATH_DEVICE},
    {"\\.\\x", "x", PATH_OK},
    {"\\\\.x\\y", ".x\\y", PATH_OK},
    {"\\\\.", NULL, PATH_EMPTY},
    {"a*", NULL, PATH_FORBIDDEN_CHARACTER},
    {"a?", NULL, PATH_FORBIDDEN_CHARACTER},
    {"a\"", NULL, PATH_FORBIDDEN_CHARACTER},
    {"<a", NULL, PATH_FORBIDDEN_CHARACTER},
    {">a", NULL, PATH_FORBIDDEN_CHARACTER},
    {"a|b", NULL, PATH_FORBIDDEN_CHARACTER},
    {"a\x01", NULL, PATH_CONTROL_CHARACTER},
    {"\x1f", NULL, PATH_CONTROL_CHARACTER},
    {"a\nb", NULL, PATH_CONTROL_CHARACTER},
    {"a\x7f", NULL, PATH_CONTROL_CHARACTER},
    {"a\xc2\x80", NULL, PATH_CONTROL_CHARACTER},
    {"a\xc2\x9f"
     "b",
     NULL, PATH_CONTROL_CHARACTER},
    {"name\xff", NULL, PATH_NOT_UTF8}, /* some Lenovo and Jetway ROMs */
    {"\xc0\xae\xc0\xae/x", NULL, PATH_NOT_UTF8},
    {"a\xc0\xaf"
     "b",
     NULL, PATH_NOT_UTF8},
    {"\xe2\x82", NULL, PATH_NOT_UTF8},
    {"a\xc2", NULL, PATH_NOT_UTF8},
    {"tftpd.log", NULL, PATH_RESERVED},
    {"/TFTPD.Log", NULL, PATH_RESERVED},
    {"./tftpd.log", NULL, PATH_RESERVED},
    {"tftpd.log.1", NULL, PATH_RESERVED},
    {"tftpd.log.17", NULL, PATH_RESERVED},
    {"tftpd.logs", "tftpd.logs", PATH_OK},
    {"tftpd.lo", "tftpd.lo", PATH_OK},
    {"sub/tftpd.log", NULL, PATH_RESERVED},
    {"~tftpd-1234", NULL, PATH_RESERVED},
    {"~TFTPD-", NULL, PATH_RESERVED},
    {"sub/~tftpd-12", NULL, PATH_RESERVED},
    {"~tftpd-12/file", NULL, PATH_RESERVED},
    {"~tftpd", "~tftpd", PATH_OK},
    {"x~tftpd-1", "x~tftpd-1", PATH_OK},
};

static void test_names(void **state)
{
    char *path = (char *)guard_room(PATH_TEXT_MAX);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        memset(path, 'x', PATH_TEXT_MAX);
        enum path_problem problem = path_normalize(guard_text(rows[i].name), path);
        CHECK(problem == rows[i].problem, "\"%s\": %s", rows[i].name, path_problem_text(problem));
        CHECK(strcmp(path, rows[i].path ? rows[i].path : "") == 0, "\"%s\" became \"%s\"", rows[i].name, path);
    }
}

/* What comes out goes in again unchanged. */
static void test_normal_stays_normal(void **state)
{
    char path[PATH_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].path == NULL)
            continue;
        assert_int_equal(path_normalize(guard_text(rows[i].path), path), PATH_OK);
        assert_string_equal(path, rows[i].path);
    }
}

static void test_devices(void **state)
{
    static const char *const devices[] = {
        "con",     "CON",         "Con",         "prn",         "aux",      "nul",        "NUL",
        "conin$",  "CONOUT$",     "clock$",      "com0",        "com1",     "COM9",       "lpt1",
        "lpt9",    "com\xc2\xb9", "COM\xc2\xb2", "lpt\xc2\xb3", "con.txt",  "nul.tar.gz", "con .txt",
        "aux  .x", "a/con/b",     "a\\nul",      "com1.log/x",  "conin$.x",
    };
    static const char *const files[] = {"co",    "cons",  "xcon",     "x.con",       "nulls",       "com",
                                        "com10", "coma",  "lpt",      "lpt\xc2\xb4", "com\xc3\xb9", "comx1",
                                        "con-1", "conin", "auxx.txt", "com.1",       "lpt0x"};
    char path[PATH_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(devices); i++)
        CHECK(path_normalize(guard_text(devices[i]), path) == PATH_DEVICE, "\"%s\" is a device", devices[i]);
    for (size_t i = 0; i < COUNT_OF(files); i++)
        CHECK(path_normalize(guard_text(files[i]), path) == PATH_OK, "\"%s\" is a file", files[i]);
}

static void test_lengths(void **state)
{
    char name[PATH_TEXT_MAX + 8];
    char path[PATH_TEXT_MAX];

    (void)state;
    /* The component's limit counts UTF-16 units. */
    memset(name, 'a', sizeof name);
    assert_int_equal(path_normalize(guard_span(name, 255), path), PATH_OK);
    assert_int_equal(strlen(path), 255);
    assert_int_equal(path_normalize(guard_span(name, 256), path), PATH_COMPONENT_TOO_LONG);
    name[128] = '/';
    assert_int_equal(path_normalize(guard_span(name, 129 + 255), path), PATH_OK);
    assert_int_equal(path_normalize(guard_span(name, 129 + 256), path), PATH_COMPONENT_TOO_LONG);
    for (size_t i = 0; i < 256; i++)
        memcpy(name + 2 * i, "\xc3\xa4", 2);
    assert_int_equal(path_normalize(guard_span(name, 2 * 255), path), PATH_OK);
    for (size_t i = 0; i < 170; i++)
        memcpy(name + 3 * i, "\xef\xbc\x81", 3);
    assert_int_equal(path_normalize(guard_span(name, 3 * 170), path), PATH_OK);
    for (size_t i = 0; i < 127; i++)
        memcpy(name + 4 * i, "\xf0\x9f\x98\x80", 4);
    assert_int_equal(path_normalize(guard_span(name, 4 * 127), path), PATH_OK);
    name[4 * 127] = name[4 * 127 + 1] = 'x'; /* 256 units */
    assert_int_equal(path_normalize(guard_span(name, 4 * 127 + 2), path), PATH_COMPONENT_TOO_LONG);

    memset(name, 'a', sizeof name);
    name[200] = name[400] = '/';
    assert_int_equal(path_normalize(guard_span(name, PATH_TEXT_MAX - 1), path), PATH_OK);
    assert_int_equal(strlen(path), PATH_TEXT_MAX - 1);
    assert_int_equal(path_normalize(guard_span(name, PATH_TEXT_MAX), path), PATH_TOO_LONG);
    assert_string_equal(path, "");
}

/* Whatever comes in: nothing is read or written too far, and what passes has no dangerous component. */
static void test_random_names(void **state)
{
    static const char *const pieces[] = {"..",
                                         ".",
                                         "/",
                                         "\\",
                                         "a",
                                         " ",
                                         "con",
                                         "nul",
                                         ":",
                                         "\xc3\xa4",
                                         "\xc2",
                                         "\xff",
                                         "tftpd.log",
                                         "~tftpd-",
                                         "b.c",
                                         "\x01",
                                         "*",
                                         "com1",
                                         "\xf0\x9f\x98\x80"};
    uint64_t random = 11;
    char name[128];

    (void)state;
    for (int round = 0; round < 50000; round++) {
        name[0] = 0;
        for (uint32_t i = random_below(&random, 8); i > 0; i--)
            strcat(name, pieces[random_below(&random, COUNT_OF(pieces))]);
        size_t size = strlen(name);
        if (size > 0 && random_below(&random, 4) == 0)
            name[random_below(&random, (uint32_t)size)] = 0;
        char *path = (char *)guard_room(PATH_TEXT_MAX);
        enum path_problem problem = path_normalize(guard_span(name, size), path);
        CHECK((problem == PATH_OK) == (path[0] != 0), "\"%s\"", name);
        CHECK(strstr(path, "\\\\") == NULL && strchr(path, '/') == NULL && strchr(path, ':') == NULL &&
                  path[0] != '\\' && strstr(path, "..\\") != path && strstr(path, "\\..\\") == NULL,
              "\"%s\" became \"%s\"", name, path);
    }
}

static void test_nul_in_the_name_is_refused(void **state)
{
    char path[PATH_TEXT_MAX];

    (void)state;
    assert_int_not_equal(path_normalize(guard_span("a\0b", 3), path), PATH_OK);
    assert_string_equal(path, "");
}

static void test_every_problem_has_words(void **state)
{
    (void)state;
    for (int problem = PATH_OK; problem < PATH_PROBLEM_COUNT; problem++)
        CHECK(strlen(path_problem_text((enum path_problem)problem)) > 10, "problem %d", problem);
}

static void test_printable(void **state)
{
    static const struct {
        const char *name;
        size_t size; /* of the room */
        const char *text;
    } printables[] = {
        {"boot/x", 64, "boot/x"},
        {"", 64, ""},
        {"a\nb\x01\x7f\"c", 64, "a?b???c"},
        {"\xc3\xa4", 64, "\xc3\xa4"},
        {"name\xff", 64, "name?"},
        {"\xc3\xa4\xff", 64, "???"},
        {"a\xc2\x85"
         "b\xc2\x9b"
         "c",
         64, "a??b??c"}, /* C1 controls: NEL ends a line of the log, CSI talks to terminals */
        {"\xc2\xa0", 64, "\xc2\xa0"},
        {"gnp.\xe2\x80\xae"
         "exe",
         64, "gnp.???exe"}, /* U+202E writes backwards */
        {"\xd8\x9c.\xe2\x80\x8f.\xe2\x80\xa8.\xe2\x80\xa9.\xe2\x81\xa6.\xe2\x81\xa9", 64, "??.???.???.???.???.???"},
        {"\xe2\x80\x8b.\xe2\x80\x8d.\xe2\x81\xa0.\xef\xbb\xbf", 64, "???.???.???.???"}, /* spaces without width */
        {"\xc2\xad.\xcd\x8f.\xe1\x85\x9f.\xe1\xa0\x8e.\xe3\x85\xa4", 64, "??.??.???.???.???"}, /* seen as nothing */
        {"\xef\xb8\x8f.\xef\xbf\xb9.\xf3\xa0\x81\x81.\xf0\x9d\x85\xb3", 64, "???.???.????.????"},
        {"\xe2\x80\x8a.\xe2\x80\x90.\xe2\x80\xaf.\xe2\x81\xb0.\xef\xbc\x81", 64,
         "\xe2\x80\x8a.\xe2\x80\x90.\xe2\x80\xaf.\xe2\x81\xb0.\xef\xbc\x81"}, /* their neighbours */
        {"abcdef", 4, "abc"},
        {"abc", 4, "abc"},
        {"ab\xc3\xa4", 4, "ab"},
        {"a\xc3\xa4z", 4, "a\xc3\xa4"},
        {"\xf0\x9f\x98\x80", 4, ""},
        {"\xf0\x9f\x98\x80", 5, "\xf0\x9f\x98\x80"},
        {"abc", 1, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(printables); i++) {
        char *room = (char *)guard_room(printables[i].size);
        assert_ptr_equal(path_printable(guard_text(printables[i].name), room, printables[i].size), room);
        CHECK(strcmp(room, printables[i].text) == 0, "row %u: \"%s\"", (unsigned)i, room);
    }
    assert_string_equal(path_printable(guard_span("a\0b", 3), (char *)guard_room(4), 4), "a?b");
}

/* CLIENTS.md rule 7: names compare as Windows compares them. */
static void test_rule_7_equal_without_case(void **state)
{
    (void)state;
    assert_true(path_equal("", ""));
    assert_true(path_equal("Boot\\BCD", "BOOT\\bcd"));
    assert_true(path_equal("\xc3\x84.bin", "\xc3\xa4.BIN"));
    assert_false(path_equal("a", "b"));
    assert_false(path_equal("a", "ab"));
    assert_false(path_equal("ab", "a"));
    assert_false(path_equal("", "a"));
    assert_false(path_equal("a", ""));
    assert_false(path_equal("[", "{"));
}

static void test_leaves(void **state)
{
    (void)state;
    assert_string_equal(path_leaf("a\\b\\c"), "c");
    assert_string_equal(path_leaf("c"), "c");
    assert_string_equal(path_leaf(""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_normal_stays_normal),
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_random_names),
        cmocka_unit_test(test_nul_in_the_name_is_refused),
        cmocka_unit_test(test_every_problem_has_words),
        cmocka_unit_test(test_printable),
        cmocka_unit_test(test_rule_7_equal_without_case),
        cmocka_unit_test(test_leaves),
    };

    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
