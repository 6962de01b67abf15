/* What reaches the screen, or the file that stands for it. */
#include "files.h"

#include "service/screen.h"

enum { SAID_MAX = 1024 };

static const char *shown(const char *text)
{
    static char said[SAID_MAX];
    const char *path = files_path(files_directory(), "said.txt");
    HANDLE before = GetStdHandle(STD_OUTPUT_HANDLE);
    HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD size = 0;

    SetStdHandle(STD_OUTPUT_HANDLE, file);
    bool is_written = screen_write(STD_OUTPUT_HANDLE, text);
    SetStdHandle(STD_OUTPUT_HANDLE, before);
    assert_true(is_written);
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    assert_true(ReadFile(file, said, SAID_MAX - 1, &size, NULL));
    said[size] = 0;
    CloseHandle(file);
    return said;
}

static void ends_lines_as_windows_does(void **state)
{
    (void)state;
    assert_string_equal(shown("a\nb\r\n\nc"), "a\r\nb\r\n\r\nc");
    assert_string_equal(shown(""), "");
}

/* A name that was cut to fit may end in half a character, for which a console refuses all of the text. */
static void shows_half_a_character_as_a_question_mark(void **state)
{
    static const char *const rows[][2] = {
        {"gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x98\x80\n", "gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x98\x80\r\n"},
        {"gr\xc3", "gr?"},
        {"gr\xc3: not there", "gr?: not there"},
        {"\xe2\x82 and \xf0\x9f\x98", "?? and ???"},
        {"\xbcn", "?n"},
        {"n\xbc", "n?"},
        {"\xff\xc0\xaf", "???"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(shown(rows[i][0]), rows[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_lines_as_windows_does),
        cmocka_unit_test(shows_half_a_character_as_a_question_mark),
    };

    return cmocka_run_group_tests_name("screen", tests, NULL, NULL) != 0;
}
