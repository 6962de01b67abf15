#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static void converts_both_ways(void **state)
{
    static const struct {
        const char *utf8;
        const wchar_t *wide;
    } cases[] = {
        {"", L""},
        {"C:\\tftpdroot", L"C:\\tftpdroot"},
        {"gr\xc3\xbc\xc3\x9f", L"gr\x00fc\x00df"},
        {"\xe6\x97\xa5", L"\x65e5"},
        {"\xf0\x9f\x93\x81", L"\xd83d\xdcc1"},
    };
    wchar_t wide[32];
    char utf8[32];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(text_to_wide(cases[i].utf8, wide, 32));
        assert_int_equal(wcscmp(wide, cases[i].wide), 0);
        assert_true(text_from_wide(cases[i].wide, utf8, 32));
        assert_string_equal(utf8, cases[i].utf8);
    }
}

static void cuts_nothing(void **state)
{
    wchar_t wide[4] = L"zzz";
    char utf8[4] = "zzz";

    (void)state;
    assert_true(text_to_wide("abc", wide, 4));
    assert_false(text_to_wide("abcd", wide, 4));
    assert_int_equal(wide[0], 0);
    assert_true(text_from_wide(L"abc", utf8, 4));
    assert_false(text_from_wide(L"abcd", utf8, 4));
    assert_int_equal(utf8[0], 0);
    assert_false(text_from_wide(L"a\x65e5", utf8, 4)); /* fits in units, not in bytes */
    assert_false(text_to_wide("", wide, 0));
    assert_false(text_from_wide(L"", utf8, 0));
}

static void refuses_what_is_not_valid(void **state)
{
    static const char *const bad_utf8[] = {"a\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80"};
    wchar_t wide[32] = L"z";
    char utf8[32] = "z";

    (void)state;
    for (size_t i = 0; i < sizeof bad_utf8 / sizeof *bad_utf8; i++) {
        assert_false(text_to_wide(bad_utf8[i], wide, 32));
        assert_int_equal(wide[0], 0);
    }
    assert_false(text_from_wide(L"a\xd83d", utf8, 32));
    assert_int_equal(utf8[0], 0);
}

static void puts_together_what_fits(void **state)
{
    wchar_t wide[8] = L"before";
    char *long_text = malloc(TEXT_WIDE_MAX + 1);

    (void)state;
    assert_true(text_print_wide(wide, 8, "%s-%u", "\xc3\xbc", 12345u));
    assert_int_equal(wcscmp(wide, L"\x00fc-12345"), 0);
    assert_false(text_print_wide(wide, 8, "%s-%u", "\xc3\xbc", 123456u));
    assert_int_equal(wide[0], 0);
    assert_false(text_print_wide(wide, 8, "%s", "\xff"));
    assert_non_null(long_text);
    memset(long_text, 'x', TEXT_WIDE_MAX);
    long_text[TEXT_WIDE_MAX] = 0;
    assert_false(text_print_wide(wide, 8, "%s", long_text));
    assert_int_equal(wide[0], 0);
    free(long_text);
}

static void expands_variables(void **state)
{
    static const char long_word[] = "%TFTPD_TEST%%TFTPD_TEST%%TFTPD_TEST%";
    char text[64], small[8] = "%TFTPD%", broken[] = "%TFTPD_TEST%\xff";
    char all[TEXT_EXPANDED_MAX];
    wchar_t wide[2000] = L"";

    (void)state;
    SetEnvironmentVariableW(L"TFTPD_TEST", L"gr\x00fcn");
    SetEnvironmentVariableW(L"TFTPD", L"eight...");
    snprintf(text, sizeof text, "%s", "a %TFTPD_TEST% b %TFTPD_TEST_NO% 5%");
    assert_true(text_expand(text, sizeof text));
    assert_string_equal(text, "a gr\xc3\xbcn b %TFTPD_TEST_NO% 5%");
    assert_false(text_expand(small, sizeof small));
    assert_string_equal(small, "%TFTPD%");
    assert_false(text_expand(broken, sizeof broken));
    assert_string_equal(broken, "%TFTPD_TEST%\xff");
    wmemset(wide, L'x', sizeof wide / sizeof *wide - 1);
    SetEnvironmentVariableW(L"TFTPD_TEST", wide);
    snprintf(all, sizeof all, "%s", long_word);
    assert_false(text_expand(all, sizeof all));
    assert_string_equal(all, long_word);
}

static void names_errors_on_one_line(void **state)
{
    (void)state;
    assert_string_equal(text_of_error(ERROR_ACCESS_DENIED).text, "Access denied. (5)"); /* Wine's words */
    struct error_text full = text_of_error(ERROR_DISK_FULL);
    assert_null(strpbrk(full.text, "\r\n"));
    assert_non_null(strstr(full.text, "(112)"));
    assert_string_equal(text_of_error(0x2fffffff).text, "Windows error (805306367)");
}

static void makes_words_of_a_command_line(void **state)
{
    wchar_t first[] = L"tftpd", second[] = L"-dD:\\gr\x00fcn", broken[] = L"\xd83d";
    wchar_t *good[] = {first, second};
    wchar_t *bad[] = {first, broken};
    char **words = text_of_words(2, good);

    (void)state;
    assert_non_null(words);
    assert_string_equal(words[0], "tftpd");
    assert_string_equal(words[1], "-dD:\\gr\xc3\xbcn");
    assert_null(words[2]);
    assert_null(text_of_words(2, bad));
    words = text_of_words(0, good);
    assert_non_null(words);
    assert_null(words[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(converts_both_ways),
        cmocka_unit_test(cuts_nothing),
        cmocka_unit_test(refuses_what_is_not_valid),
        cmocka_unit_test(expands_variables),
        cmocka_unit_test(puts_together_what_fits),
        cmocka_unit_test(names_errors_on_one_line),
        cmocka_unit_test(makes_words_of_a_command_line),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL) != 0;
}
