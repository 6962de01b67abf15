#include "unit.h"

#include "core/names/path.h"
#include "core/settings/access.h"
#include "core/settings/doubts.h"

struct row {
    const char *parameter;
    const char *item;
    const char *words; /* in the doubt; NULL: there is none */
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct config_problem problem = {""};
        bool is_doubtful = doubts_about(config_find(rows[i].parameter), rows[i].item, &problem);
        CHECK(is_doubtful == (rows[i].words != NULL), "%s \"%s\": %s", rows[i].parameter, rows[i].item, problem.text);
        CHECK(!is_doubtful || (strstr(problem.text, rows[i].words) != NULL &&
                               strncmp(problem.text, rows[i].parameter, strlen(rows[i].parameter)) == 0),
              "%s \"%s\": %s", rows[i].parameter, rows[i].item, problem.text);
    }
}

static void test_patterns_of_names(void **state)
{
    static const struct row rows[] = {
        {"Readable", "*", NULL},
        {"Readable", "*.*", NULL},
        {"Readable", "boot\\*", NULL},
        {"Readable", "/boot/*.efi", NULL},
        {"Readable", "*\\boot\\*", NULL},
        {"Readable", "?", NULL},
        {"Readable", "a,b.bin", NULL},
        {"Readable", "pxelinux.cfg\\01-*", NULL},
        {"Readable", "..*", NULL},
        {"Readable", "gr\xc3\xbcn\\*", NULL},
        {"Writable", "backup\\*.cfg", NULL},
        {"Readable", "boot\\*, *.cfg", "one pattern"},
        {"Readable", "boot\\*,*.cfg", "REG_MULTI_SZ"},
        {"Readable", "boot\\*;*.cfg", "one pattern"},
        {"Readable", "a.cfg;b.cfg", "one pattern"},
        {"Readable", "a.cfg, b.cfg", "one pattern"},
        {"Writable", "up\\*;*.log", "Writable: \"up\\*;*.log\" is one pattern"},
        {"Readable", "C:\\tftpdroot\\*", "begin at the start directory"},
        {"Readable", "\"boot\\*\"", "no name matches it"},
        {"Readable", "boot\\", "boot\\* is all that is in it"},
        {"Readable", "boot/", "boot/* is all that is in it"},
        {"Readable", "boot\\\\*", "one separator"},
        {"Readable", ".\\boot\\*", "one separator"},
        {"Readable", "..\\*", "no name matches it"},
        {"Readable", "*.", "no name matches it"},
        {"Readable", "boot.\\*", "no name matches it"},
        {"Readable", "aux.*", "no name matches it"},
        {"Readable", "\\", "start directory itself"},
    };

    (void)state;
    check_rows(rows, COUNT_OF(rows));
    /* What is longer than any name is no mistake of these. */
    char longest[PATH_TEXT_MAX + 1];
    struct config_problem problem = {""};
    for (size_t length = PATH_TEXT_MAX - 1; length <= PATH_TEXT_MAX; length++) {
        memset(longest, 'x', length);
        for (size_t i = 99; i < length; i += 100)
            longest[i] = '\\';
        longest[length] = 0;
        assert_false(doubts_about(config_find("Readable"), longest, &problem));
    }
}

static void test_patterns_of_addresses(void **state)
{
    static const struct row rows[] = {
        {"Clients", "*", NULL},
        {"Clients", "*.*", NULL},
        {"Clients", "10.1.2.3", NULL},
        {"Clients", "10.1.2.255", NULL},
        {"Clients", "10.*", NULL},
        {"Clients", "255.*", NULL},
        {"Clients", "10.1.*.*", NULL},
        {"Clients", "157.55.8?.*", NULL},
        {"Clients", "10.0.0.0/8", NULL},
        {"Clients", "10.1?2.3.4", NULL},
        {"Clients", "fd00::5", NULL},
        {"Clients", "FD00:0:0::5", NULL},
        {"Clients", "fd00:*", NULL},
        {"Clients", "*:5", NULL},
        {"Clients", "1*", NULL},
        {"Clients", "a*", NULL},
        {"Clients", "??.?.?.?", NULL},
        {"Clients", "10.1.2", "10.1.2.* is every address that begins so"},
        {"Clients", "10.1.2.", "10.1.2.* is every address that begins so"},
        {"Clients", "10", "10.* is every address that begins so"},
        {"Masters", "10.1.2", "Masters: no address matches \"10.1.2\""},
        {"Clients", "10.1.2.256", "no address matches"},
        {"Clients", "10.1.2.003", NULL},
        {"Clients", "300.*", "no address matches"},
        {"Clients", "10..*", "no address matches"},
        {"Clients", "10.1.2.3.*", "no address matches"},
        {"Clients", "*.*.*.*.*", "no address matches"},
        {"Clients", "10.1.2.a*", "no address matches"},
        {"Clients", "fd00", "write an address, a pattern"},
        {"Clients", "10.1?", "no address matches"},
        {"Clients", "a?", "no address matches"},
        {"Clients", "fd000:*", "no address matches"},
        {"Clients", "fd00:1.2.*", "no address matches"},
        {"Clients", "1:2:3:4:5:6:7:8:9:*", "no address matches"},
    };

    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void test_lines_of_access(void **state)
{
    static const struct row rows[] = {
        {"Access", "allow:/", NULL},
        {"Access", "allow:", NULL},
        {"Access", "deny:/boot/private", NULL},
        {"Access", "allow:\\boot\\\\x64\\", NULL},
        {"Access", "allow:/boot/*", "allow:/boot leads to all below it"},
        {"Access", "deny:/boot/*.cfg", "no pattern"},
        {"Access", "allow:/boot;deny:/boot/private", "one line"},
        {"Access", "allow:/boot, deny:/boot/private", "one line"},
        {"Access", "allow:/C:/boot", "no name matches it"},
        {"Access", "deny:/boot./x", "no name matches it"},
    };

    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void test_others_are_never_doubted(void **state)
{
    static const struct row rows[] = {
        {"Addresses", "10.1.0.5", NULL},
        {"DisableOptions", "tsize", NULL},
        {"Directory", "C:\\x;y", NULL},
    };

    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

/* What is doubted matches nothing, whatever is asked: made of few characters, so that much would be hit. */
static void test_what_is_doubted_matches_nothing(void **state)
{
    static const char letters[] = "a.\\*?/";
    static struct config config;
    struct endpoint client = endpoint_ipv4(10, 0, 0, 5, 2070);
    const struct config_parameter *readable = config_find("Readable");
    struct config_problem problem;
    uint64_t random = 8;
    unsigned doubted = 0;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        char item[8] = "", name[8] = "", path[PATH_TEXT_MAX];
        for (size_t k = 0, length = 1 + random_below(&random, 6); k < length; k++)
            item[k] = letters[random_below(&random, sizeof letters - 1)];
        for (size_t k = 0, length = 1 + random_below(&random, 6); k < length; k++)
            name[k] = "a.\\b"[random_below(&random, 4)];
        config_defaults(&config);
        assert_true(config_set_text(&config, readable, item, &problem));
        if (path_normalize(span_of_text(name), path) != PATH_OK || !doubts_about(readable, item, &problem))
            continue;
        doubted++;
        CHECK(access_judge(&config, &client, path, false).rule != ACCESS_ALLOWED, "\"%s\" matches \"%s\"", item, path);
    }
    assert_true(doubted > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns_of_names),
        cmocka_unit_test(test_patterns_of_addresses),
        cmocka_unit_test(test_lines_of_access),
        cmocka_unit_test(test_others_are_never_doubted),
        cmocka_unit_test(test_what_is_doubted_matches_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
