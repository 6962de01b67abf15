#include "unit.h"

#include "core/settings/allowdeny.h"

static struct text_list lines_of(const char *typed)
{
    struct config config;
    struct config_problem problem;

    config_defaults(&config);
    CHECK(config_set_typed(&config, config_find("Access"), typed, &problem), "%s", problem.text);
    return config.access;
}

/* The line that decides, with '+' or '-' before it for allowed or not; "-" alone where there is none. */
static void assert_verdict(const char *typed, const char *path, const char *expected)
{
    struct text_list lines = lines_of(typed);
    struct allowdeny_verdict verdict = allowdeny_judge(&lines, path);
    const char *line = verdict.line != NULL ? verdict.line : "";

    CHECK(verdict.is_allowed == (expected[0] == '+') && strcmp(line, expected + 1) == 0, "%s, %s: %c%s", typed, path,
          verdict.is_allowed ? '+' : '-', line);
}

static void aix_example_allow_a_b_deny_a_admits_a_b_c(void **state)
{
    (void)state;
    assert_verdict("allow:/a/b;deny:/a", "a\\b\\c", "+allow:/a/b");
}

static void aix_example_allow_a_deny_a_b_refuses_a_b_c(void **state)
{
    (void)state;
    assert_verdict("allow:/a;deny:/a/b", "a\\b\\c", "-deny:/a/b");
}

static void judges_by_the_longest_allowed_path(void **state)
{
    static const struct {
        const char *lines, *path, *expected;
    } rows[] = {
        {"allow:/a", "a\\x", "+allow:/a"},
        {"allow:/a", "a", "+allow:/a"},
        {"allow:/a", "ab", "-"},
        {"allow:/a", "ab\\c", "-"},
        {"allow:/a", "b\\a", "-"},
        {"allow:/a/b", "a", "-"},
        {"allow:/a;deny:/a", "a\\x", "-deny:/a"},
        {"deny:/a;allow:/a", "a\\x", "-deny:/a"},
        {"allow:/;deny:/a", "a\\x", "-deny:/a"},
        {"allow:/;deny:/a", "b", "+allow:/"},
        {"allow:;deny:/a", "b", "+allow:"},
        {"allow:/;deny:/", "b", "-deny:/"},
        {"deny:/a", "b", "-"},
        {"deny:/a", "a", "-deny:/a"},
        {"allow:/a;deny:/a/b;allow:/a/b/c", "a\\b\\c\\d", "+allow:/a/b/c"},
        {"allow:/a;deny:/a/b;allow:/a/b/c", "a\\b\\d", "-deny:/a/b"},
        {"allow:/a;deny:/a/bc", "a\\b", "+allow:/a"},
        {"allow:/a/b/c;allow:/a;deny:/a/b", "a\\b\\c", "+allow:/a/b/c"},
        {"ALLOW:\\A\\B", "a\\b\\c", "+ALLOW:\\A\\B"},
        {"allow://a///b/", "a\\b\\c", "+allow://a///b/"},
        {"allow:/Gr\xc3\x9cn", "gr\xc3\xbcn\\x", "+allow:/Gr\xc3\x9cn"},
        {"allow:/gr", "gr\xc3\xbcn\\x", "-"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_verdict(rows[i].lines, rows[i].path, rows[i].expected);
}

static void without_an_allow_line_nothing_is_admitted(void **state)
{
    struct text_list none = {.is_present = true};

    (void)state;
    assert_false(allowdeny_judge(&none, "a").is_allowed);
    assert_verdict("deny:/x", "a", "-");
}

static void knows_a_line(void **state)
{
    static const char *const good[] = {"allow:/a",        "deny:/a/b",   "Allow:",      "DENY:/",   "allow:\\a\\b",
                                       "allow:/a..b/...", "allow:/.a/.", "allow:/a./b", "deny:/a:b"};
    static const char *const bad[] = {"",          "allow",         "/a",        "permit:/a",
                                      "allow:a",   "allow:/a/../b", "deny:/..",  "allow:/a\\..",
                                      "allow: /a", ":/a",           "allow/a:/a"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        CHECK(allowdeny_is_line(good[i]), "%s", good[i]);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK(!allowdeny_is_line(bad[i]), "%s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aix_example_allow_a_b_deny_a_admits_a_b_c),
        cmocka_unit_test(aix_example_allow_a_deny_a_b_refuses_a_b_c),
        cmocka_unit_test(judges_by_the_longest_allowed_path),
        cmocka_unit_test(without_an_allow_line_nothing_is_admitted),
        cmocka_unit_test(knows_a_line),
    };

    return cmocka_run_group_tests_name("allowdeny", tests, NULL, NULL) != 0;
}
