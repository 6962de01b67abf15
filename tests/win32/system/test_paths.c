/* Paths as Windows takes them, however long they are. */
#include "unit.h"

#include "win32/system/paths.h"
#include "win32/system/text.h"

#include <string.h>

enum { UNITS = 1024 };

static void test_whole(void **state)
{
    static const struct {
        const char *path, *whole;
    } rows[] = {
        {"C:\\a\\..\\b/c.bin", "\\\\?\\C:\\b\\c.bin"},
        {"C:\\a.txt:stream", "\\\\?\\C:\\a.txt:stream"},
        {"\\\\server\\share\\a", "\\\\?\\UNC\\server\\share\\a"},
        {"\\\\?\\C:\\a", "\\\\?\\C:\\a"},
        {"\\\\.\\pipe\\a", "\\\\.\\pipe\\a"},
        {"NUL", "\\\\.\\NUL"},
    };
    wchar_t whole[UNITS];
    char text[UNITS];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(paths_whole(rows[i].path, whole, UNITS));
        assert_true(text_from_wide(whole, text, sizeof text));
        assert_string_equal(text, rows[i].whole);
    }
    assert_true(paths_whole("a", whole, UNITS));
    assert_true(wcsncmp(whole, L"\\\\?\\", 4) == 0 && whole[5] == L':');
}

static void test_room(void **state)
{
    wchar_t whole[UNITS];
    char path[UNITS] = "C:\\";

    (void)state;
    /* With \\?\ in front and a NUL behind, and one unit less. */
    assert_true(paths_whole("C:\\abc", whole, 4 + 6 + 1));
    assert_false(paths_whole("C:\\abc", whole, 4 + 6));
    assert_int_equal(GetLastError(), ERROR_FILENAME_EXCED_RANGE);
    assert_false(paths_whole("C:\\abc", whole, 3));
    assert_false(paths_whole("", whole, UNITS));
    memset(path + 3, 'a', 900);
    path[903] = 0;
    assert_true(paths_whole(path, whole, UNITS));
    assert_int_equal(wcslen(whole), 4 + 903);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_room),
    };

    return cmocka_run_group_tests_name("paths", tests, NULL, NULL);
}
