/* link: -Wl,--wrap=__imp_GetConsoleMode,--wrap=__imp_WriteConsoleW,--wrap=__imp_GetConsoleOutputCP,--wrap=__imp_ExitProcess */
/* What reaches the screen, or the file or pipe that stands for it. */
#include "files.h"

#include "service/tell/exitcodes.h"
#include "service/tell/screen.h"

#include <setjmp.h>
#include <stdlib.h>
#include <wchar.h>

enum { SAID_MAX = 1024, TAKEN_MAX = 100000, REFUSED_UNITS = 16000 };

/* A console, where handle is its own, with a code page; it refuses what is too large for it. */
static struct {
    HANDLE handle;
    UINT page;
    DWORD most_at_once; /* it takes no more; 0: all */
    bool is_broken;
    unsigned calls;
    size_t length;
    wchar_t taken[TAKEN_MAX];
} console;

#define REPLACE(name, with)                       \
    extern __typeof__(&with) __wrap___imp_##name; \
    __typeof__(&with) __wrap___imp_##name = with

static BOOL WINAPI mode_of(HANDLE handle, DWORD *mode)
{
    *mode = 0;
    return handle == console.handle;
}

static UINT WINAPI page_of_console(void)
{
    return console.page;
}

static BOOL WINAPI take(HANDLE handle, const void *text, DWORD units, DWORD *written, void *reserved)
{
    const wchar_t *wide = text;

    assert_ptr_equal(handle, console.handle);
    assert_null(reserved);
    console.calls++;
    if (units > REFUSED_UNITS || console.is_broken) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return FALSE;
    }
    if (console.most_at_once > 0 && units > console.most_at_once)
        units = console.most_at_once;
    else
        assert_false(units > 0 && IS_HIGH_SURROGATE(wide[units - 1]));
    assert_true(console.length + units < TAKEN_MAX);
    wmemcpy(console.taken + console.length, wide, units);
    console.length += units;
    *written = units;
    return TRUE;
}

static jmp_buf ended;

__attribute__((noreturn)) static void WINAPI end(UINT code)
{
    longjmp(ended, (int)code);
}

REPLACE(ExitProcess, end);
REPLACE(GetConsoleMode, mode_of);
REPLACE(GetConsoleOutputCP, page_of_console);
REPLACE(WriteConsoleW, take);

static int forget(void **state)
{
    (void)state;
    memset(&console, 0, sizeof console);
    console.handle = (HANDLE)(uintptr_t)0x77;
    return 0;
}

static bool show_on(HANDLE handle, const char *text)
{
    HANDLE before = GetStdHandle(STD_OUTPUT_HANDLE);

    SetStdHandle(STD_OUTPUT_HANDLE, handle);
    bool is_written = screen_write(STD_OUTPUT_HANDLE, text);
    SetStdHandle(STD_OUTPUT_HANDLE, before);
    return is_written;
}

static const char *shown(const char *text)
{
    static char said[SAID_MAX];
    const char *path = files_path(files_directory(), "said.txt");
    HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD size = 0;

    assert_true(show_on(file, text));
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

/* So many times; to be freed by the caller. */
static char *repeated(const char *text, size_t times)
{
    size_t length = strlen(text);
    char *all = malloc(length * times + 2);

    assert_non_null(all);
    for (size_t i = 0; i < times; i++)
        memcpy(all + i * length, text, length);
    all[length * times] = 0;
    return all;
}

/* WriteConsole fails where its heap is too small for all of a long text. */
static void a_long_text_goes_to_the_console_in_pieces(void **state)
{
    (void)state;
    char *text = repeated("a line of status\n", 3000);
    assert_true(show_on(console.handle, text));
    assert_int_equal(console.length, 3000 * strlen("a line of status\r\n"));
    assert_int_equal(wmemcmp(console.taken, L"a line of status\r\na line", 24), 0);
    assert_int_equal(console.calls, (console.length + 7999) / 8000);
    free(text);
}

/* On an even place, and on an odd one: one of the two has a pair where a piece would end. */
static void no_piece_parts_a_pair_of_surrogates(void **state)
{
    (void)state;
    char *text = repeated("\xf0\x9f\x98\x80", 10001);
    for (unsigned odd = 0; odd < 2; odd++) {
        forget(NULL);
        text[0] = odd ? '?' : text[0];
        if (odd)
            memset(text, '?', 4);
        assert_true(show_on(console.handle, text + (odd ? 3 : 0)));
        assert_int_equal(console.length, odd ? 20001 : 20002);
        assert_int_equal(console.taken[console.length - 2], 0xd83d);
        assert_int_equal(console.taken[console.length - 1], 0xde00);
    }
    free(text);
}

static void what_the_console_did_not_take_is_given_again(void **state)
{
    (void)state;
    console.most_at_once = 7;
    assert_true(show_on(console.handle, "a text that is longer than seven"));
    assert_int_equal(wmemcmp(console.taken, L"a text that is longer than seven", 32), 0);
    assert_int_equal(console.length, 32);
    console.is_broken = true;
    assert_false(show_on(console.handle, "nothing"));
}

static const char *piped(UINT page, const char *text)
{
    static char said[SAID_MAX];
    HANDLE from, to;
    DWORD size = 0;

    console.page = page;
    assert_true(CreatePipe(&from, &to, NULL, SAID_MAX));
    assert_true(show_on(to, text));
    CloseHandle(to);
    ReadFile(from, said, SAID_MAX - 1, &size, NULL);
    said[size] = 0;
    CloseHandle(from);
    return said;
}

/* `tftpd status | more` and `for /f` read it in the code page of their console. */
static void a_pipe_gets_the_code_page_of_the_console(void **state)
{
    static const struct {
        UINT page;
        const char *said;
    } rows[] = {
        {0, "gr\xc3\xbcn \xe6\x97\xa5 \xef\xbc\x82\r\n"}, /* there is none */
        {CP_UTF8, "gr\xc3\xbcn \xe6\x97\xa5 \xef\xbc\x82\r\n"},
        {850, "gr\x81n ? ?\r\n"}, /* and no plain quotation mark for a wide one */
        {437, "gr\x81n ? ?\r\n"},
        {1252, "gr\xfcn ? ?\r\n"},
        {54936, "gr\x81\x30\x89\x30n \xc8\xd5 \xa3\xa2\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!IsValidCodePage(rows[i].page) && rows[i].page != 0)
            continue;
        const char *said = piped(rows[i].page, "gr\xc3\xbcn \xe6\x97\xa5 \xef\xbc\x82\n");
        CHECK(strcmp(said, rows[i].said) == 0, "code page %u: %s", rows[i].page, said);
    }
}

/* Notepad and editors read what `tftpd check > FILE` wrote. */
static void a_file_is_utf8_whatever_the_console(void **state)
{
    (void)state;
    console.page = 850;
    assert_string_equal(shown("gr\xc3\xbcn\n"), "gr\xc3\xbcn\r\n");
}

/* What the program leaves with; 0: it goes on. Standard error is a console here. */
static int code_of_answer(const char *text)
{
    HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE), error = GetStdHandle(STD_ERROR_HANDLE);

    SetStdHandle(STD_OUTPUT_HANDLE, INVALID_HANDLE_VALUE);
    SetStdHandle(STD_ERROR_HANDLE, console.handle);
    int code = setjmp(ended);
    if (code == 0)
        screen_answer(text);
    SetStdHandle(STD_OUTPUT_HANDLE, output);
    SetStdHandle(STD_ERROR_HANDLE, error);
    return code;
}

static void no_answer_passes_for_one(void **state)
{
    (void)state;
    assert_int_equal(code_of_answer("all is well\n"), EXIT_OUTPUT);
    assert_non_null(wcsstr(console.taken, L"cannot be written there"));
    assert_int_equal(code_of_answer(NULL), EXIT_OUTPUT);
    assert_non_null(wcsstr(console.taken, L"no memory for the answer"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(ends_lines_as_windows_does, forget),
        cmocka_unit_test_setup(shows_half_a_character_as_a_question_mark, forget),
        cmocka_unit_test_setup(a_long_text_goes_to_the_console_in_pieces, forget),
        cmocka_unit_test_setup(no_piece_parts_a_pair_of_surrogates, forget),
        cmocka_unit_test_setup(what_the_console_did_not_take_is_given_again, forget),
        cmocka_unit_test_setup(a_pipe_gets_the_code_page_of_the_console, forget),
        cmocka_unit_test_setup(a_file_is_utf8_whatever_the_console, forget),
        cmocka_unit_test_setup(no_answer_passes_for_one, forget),
    };

    return cmocka_run_group_tests_name("screen", tests, NULL, NULL) != 0;
}
