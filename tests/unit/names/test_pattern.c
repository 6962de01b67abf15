#include "unit.h"

#include "core/base/utf8.h"
#include "core/names/pattern.h"

static void test_matches(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } rows[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "", false},
        {"*", "", true},
        {"*", "anything\\at all", true},
        {"**", "", true},
        {"**", "x", true},
        {"?", "", false},
        {"?", "x", true},
        {"?", "xy", false},
        {"?", "\\", true},
        {"?", "\xc3\xa4", true},
        {"??", "\xf0\x9f\x98\x80", false},
        {"abc", "abc", true},
        {"abc", "ABC", true},
        {"ABC", "abc", true},
        {"abc", "abcd", false},
        {"abcd", "abc", false},
        {"\xc3\x84*", "\xc3\xa4.bin", true},
        {"boot/*", "boot\\x64\\wdsnbp.com", true},
        {"boot\\*", "boot/x", true},
        {"boot\\*", "boot", false},
        {"boot\\*", "bootx", false},
        {"*.efi", "boot\\bootx64.EFI", true},
        {"*.efi", "boot.efi.bak", false},
        {"*.efi", ".efi", true},
        {"*a*b*c*", "xxaxxbxxcxx", true},
        {"*a*b*c*", "xxaxxcxxbxx", false},
        {"a*a", "a", false},
        {"a*a", "aa", true},
        {"a*?", "a", false},
        {"a*?", "ab", true},
        {"a?*", "abc", true},
        {"*aab", "aaab", true},
        {"*abab", "abaabab", true},
        {"*ab*abc", "ababababc", true},
        {"*?*?*", "x", false},
        {"*?*?*", "xy", true},
        {"????????????.log", "0004f2112233.log", true},
        {"???????????\?-boot.log", "0004f2112233-app.log", false},
        {"157.55.8?.*", "157.55.84.1", true},
        {"157.55.8?.*", "157.55.8.1", false},
        {"[a-z]", "b", false},
        {"[a-z]", "[A-Z]", true},
        {"\\*", "\\x", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(pattern_matches(rows[i].pattern, rows[i].text) == rows[i].matches, "\"%s\" on \"%s\"", rows[i].pattern,
              rows[i].text);
}

/* The plain definition, recursive, for short texts. */
static bool reference(const char *pattern, const char *text)
{
    if (*pattern == 0)
        return *text == 0;
    if (*pattern == '*')
        return reference(pattern + 1, text) || (*text != 0 && reference(pattern, text + 1));
    return *text != 0 && (*pattern == '?' || *pattern == *text) && reference(pattern + 1, text + 1);
}

static void test_against_the_definition(void **state)
{
    static const char letters[] = "ab*?";
    uint64_t random = 5;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        char pattern[9] = {0};
        char text[11] = {0};
        for (uint32_t i = random_below(&random, sizeof pattern); i > 0; i--)
            pattern[i - 1] = letters[random_below(&random, 4)];
        for (uint32_t i = random_below(&random, sizeof text); i > 0; i--)
            text[i - 1] = letters[random_below(&random, 2)];
        CHECK(pattern_matches(pattern, text) == reference(pattern, text), "\"%s\" on \"%s\"", pattern, text);
    }
}

/* A pattern that is exponential for a backtracking matcher; this test would simply not end. */
static void test_takes_no_more_than_length_times_length(void **state)
{
    char pattern[1024];
    char text[2048];

    (void)state;
    for (size_t i = 0; i < sizeof pattern - 2; i += 2)
        memcpy(pattern + i, "*a", 2);
    memcpy(pattern + sizeof pattern - 2, "b", 2);
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    assert_false(pattern_matches(pattern, text));
    text[sizeof text - 2] = 'b';
    assert_true(pattern_matches(pattern, text));
}

static void test_clients(void **state)
{
    static const struct {
        const char *pattern;
        const char *address;
        bool matches;
    } rows[] = {
        {"*", "10.0.0.5", true},
        {"*", "fe80::1%7", true},
        {"10.0.0.5", "10.0.0.5", true},
        {"10.0.0.5", "10.0.0.50", false},
        {"10.0.0.*", "10.0.0.50", true},
        {"10.0.0.?", "10.0.0.50", false},
        {"157.55.8?.*", "157.55.89.200", true},
        {"10.0.0.0/8", "10.200.0.1", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"::ffff:10.0.0.5", "10.0.0.5", true},
        {"0.0.0.0/0", "10.0.0.5", true},
        {"0.0.0.0/0", "fd00::1", false},
        {"::/0", "10.0.0.5", false},
        {"::/0", "fe80::5", true},
        {"::ffff:10.0.0.0/104", "10.0.0.5", true},
        {"fd00::/8", "fd12::1", true},
        {"FD00::*", "fd00::abcd", true},
        {"fe80::1", "fe80::1%7", true}, /* the zone differs from machine to machine */
        {"fe80::*", "fe80::1%7", true},
        {"fe80::?", "fe80::1%7", true},
        {"2001:0DB8::1", "2001:db8::1", true},
        {"", "10.0.0.5", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint client;
        assert_true(endpoint_parse_address(&client, span_of_text(rows[i].address)));
        client.port = 2070;
        CHECK(pattern_matches_client(rows[i].pattern, &client) == rows[i].matches, "\"%s\" on %s", rows[i].pattern,
              rows[i].address);
    }
}

/* Over paths a last "*.*" means "*", as it does to `dir`, and separators in front mean the start directory. */
static void test_matches_paths(void **state)
{
    static const struct {
        const char *pattern;
        const char *path;
        bool matches;
    } rows[] = {
        {"*.*", "pxelinux", true},
        {"*.*", "pxelinux.0", true},
        {"*.*", "boot\\pxelinux", true},
        {"boot\\*.*", "boot\\pxelinux", true},
        {"/boot/*.*", "boot\\x64\\wdsmgfw.efi", true},
        {"boot/*.*", "boot\\pxelinux", true},
        {"boot\\*.*", "bootx", false},
        {"boot\\*.*", "tmp\\x.y", false},
        {"\\\\*.*", "x", true},
        {"x*.*", "xy", false},
        {"**.*", "xy", false},
        {"*.*.*", "x.y", false},
        {"*.*x", "x", false},
        {"*.*\\x", "boot\\x", false},
        {"\\boot\\*", "boot\\x", true},
        {"", "x", false},
        {".*", "x", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(pattern_matches_path(rows[i].pattern, rows[i].path) == rows[i].matches, "\"%s\" on \"%s\"",
              rows[i].pattern, rows[i].path);
    assert_false(pattern_matches("*.*", "pxelinux"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_matches_paths),
        cmocka_unit_test(test_against_the_definition),
        cmocka_unit_test(test_takes_no_more_than_length_times_length),
        cmocka_unit_test(test_clients),
    };

    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
