/* Names with a time in them: what WhenExists makes of a name that is taken. */
#include "unit.h"

#include "core/names/path.h"
#include "core/names/stamped.h"

#include <stdio.h>

#define STAMP "20261122-093005"

static void test_where_the_time_goes(void **state)
{
    static const struct {
        const char *asked;
        unsigned number;
        const char *stamped;
    } rows[] = {
        {"b.cfg", 1, "b." STAMP ".cfg"},
        {"b.cfg", 2, "b." STAMP "-2.cfg"},
        {"b.cfg", 100, "b." STAMP "-100.cfg"},
        {"a\\b.cfg", 1, "a\\b." STAMP ".cfg"},
        {"a.d\\b", 1, "a.d\\b." STAMP},
        {"b", 3, "b." STAMP "-3"},
        {".profile", 1, ".profile." STAMP},
        {"a.tar.gz", 1, "a.tar." STAMP ".gz"},
        {"a.", 1, "a." STAMP "."},
        {"\xc3\xa4.cfg", 1, "\xc3\xa4." STAMP ".cfg"},
    };
    char path[PATH_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(stamped_name(rows[i].asked, STAMP, rows[i].number, path));
        CHECK(strcmp(path, rows[i].stamped) == 0, "row %u: %s", (unsigned)i, path);
    }
}

/* A phone's backup with a name as long as names may be was acknowledged block by block, and then not found. */
static void test_long_names_are_cut(void **state)
{
    enum { TAIL = 16 + 4 };
    char asked[PATH_TEXT_MAX], path[PATH_TEXT_MAX];

    (void)state;
    for (size_t stem = 225; stem <= 251; stem++) {
        memset(asked, 'n', stem);
        snprintf(asked + stem, sizeof asked - stem, ".cfg");
        assert_true(stamped_name(asked, STAMP, 1, path));
        size_t kept = stem + TAIL > 255 ? 255 - TAIL : stem;
        CHECK(strlen(path) == kept + TAIL, "stem %u: %s", (unsigned)stem, path);
        CHECK(strcmp(path + kept, "." STAMP ".cfg") == 0 && path[kept - 1] == 'n', "stem %u: %s", (unsigned)stem, path);
    }
}

/* UTF-16 units count, as the file system does: a letter of three bytes is one, an emoji is two. None is cut in two. */
static void test_characters_are_whole(void **state)
{
    static const struct {
        const char *character;
        size_t count, kept;
    } rows[] = {
        {"\xc3\xa4", 239, 239},         {"\xc3\xa4", 240, 239},
        {"\xf0\x9f\x93\x9e", 119, 119}, {"\xf0\x9f\x93\x9e", 120, 119},
        {"\xe4\xb8\xad", 165, 165},     {"\xe4\xb8\xad", 166, 165}, /* the path has no room for more */
    };
    char asked[PATH_TEXT_MAX], path[PATH_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t bytes = strlen(rows[i].character);
        for (size_t k = 0; k < rows[i].count; k++)
            memcpy(asked + k * bytes, rows[i].character, bytes + 1);
        assert_true(stamped_name(asked, STAMP, 1, path));
        size_t kept = rows[i].kept * bytes;
        CHECK(strlen(path) == kept + 16 && memcmp(path, asked, kept) == 0, "row %u: %s", (unsigned)i, path);
        assert_string_equal(path + kept, "." STAMP);
    }
    /* Where the path has no room the cut falls between characters, too. */
    strcpy(asked, "a\\");
    for (size_t k = 0; k < 165; k++)
        strcat(asked, "\xe4\xb8\xad");
    assert_true(stamped_name(asked, STAMP, 1, path));
    assert_int_equal(strlen(path), 2 + 164 * 3 + 16);
}

/* What is long behind a dot is no extension; a deep folder leaves less room; without room for a letter there is no name. */
static void test_no_room(void **state)
{
    char asked[PATH_TEXT_MAX], path[PATH_TEXT_MAX];

    (void)state;
    memset(asked, 'x', 200);
    memcpy(asked, "a.", 2);
    asked[200] = 0;
    assert_true(stamped_name(asked, STAMP, 1, path));
    assert_memory_equal(path, asked, 200);
    assert_string_equal(path + 200, "." STAMP);
    for (size_t i = 0; i + 1 < sizeof asked; i++)
        asked[i] = i % 200 == 199 ? '\\' : 'd';
    asked[sizeof asked - 1] = 0;
    char *leaf = strrchr(asked, '\\') + 1;
    leaf[3] = 0;
    size_t directory = (size_t)(leaf - asked);
    bool has_room = directory + 1 + 16 < sizeof path;
    CHECK(stamped_name(asked, STAMP, 1, path) == has_room, "%u of %u", (unsigned)directory, (unsigned)sizeof path);
    memset(asked, 'd', sizeof asked - 1);
    asked[sizeof asked - 4] = '\\';
    assert_false(stamped_name(asked, STAMP, 1, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_the_time_goes),
        cmocka_unit_test(test_long_names_are_cut),
        cmocka_unit_test(test_characters_are_whole),
        cmocka_unit_test(test_no_room),
    };

    return cmocka_run_group_tests_name("stamped", tests, NULL, NULL);
}
