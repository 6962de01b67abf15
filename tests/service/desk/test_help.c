#include "unit.h"

#include "core/settings/config.h"
#include "service/desk/desk.h"
#include "service/desk/help.h"
#include "service/tell/exitcodes.h"
#include "service/words/verbs.h"

#include <stdio.h>

/* link: -Wl,--wrap=screen_answer -Wl,--wrap=screen_say -Wl,--wrap=screen_write */

enum { SAID_MAX = 64 * 1024, PAGE_LINES = 24, PAGE_COLUMNS = 79 };

static char said[SAID_MAX];
static char complained[SAID_MAX];

void __wrap_screen_answer(const char *text);
void __wrap_screen_answer(const char *text)
{
    strncat(said, text, sizeof said - strlen(said) - 1);
}

__attribute__((format(gnu_printf, 1, 2))) void __wrap_screen_say(const char *format, ...);
void __wrap_screen_say(const char *format, ...)
{
    size_t used = strlen(said);
    va_list values;

    va_start(values, format);
    vsnprintf(said + used, sizeof said - used, format, values);
    va_end(values);
}

bool __wrap_screen_write(DWORD stream, const char *text);
bool __wrap_screen_write(DWORD stream, const char *text)
{
    assert_int_equal(stream, STD_ERROR_HANDLE);
    strncat(complained, text, sizeof complained - strlen(complained) - 1);
    return true;
}

static int reset(void **state)
{
    (void)state;
    said[0] = 0;
    complained[0] = 0;
    return 0;
}

static int help(const char *word)
{
    char *words[] = {(char *)(uintptr_t)word, NULL};

    reset(NULL);
    return help_run(words);
}

static void fits(const char *text, size_t lines_max, const char *what)
{
    size_t lines = 0;

    for (const char *line = text; *line != 0; line += strcspn(line, "\n") + 1) {
        lines++;
        CHECK(strcspn(line, "\n") <= PAGE_COLUMNS, "%s: \"%.*s\"", what, (int)strcspn(line, "\n"), line);
    }
    CHECK(lines <= lines_max, "%s has %u lines", what, (unsigned)lines);
}

static void begins_with_a_page(void **state)
{
    (void)state;
    assert_int_equal(help(NULL), EXIT_OK);
    fits(said, PAGE_LINES, "the first page");
    assert_non_null(strstr(said, "tftpd.exe install"));
    for (size_t i = 0; i < VERB_COUNT; i++) {
        CHECK(strstr(said, verbs[i].word) != NULL, "no %s", verbs[i].word);
        if (verbs[i].is_common)
            CHECK(strstr(said, verbs[i].summary) != NULL, "no \"%s\"", verbs[i].summary);
    }
    assert_null(strstr(said, "REG_DWORD"));
}

static void explains_each_verb(void **state)
{
    char syntax[64];

    (void)state;
    for (size_t i = 0; i < VERB_COUNT; i++) {
        assert_int_equal(help(verbs[i].word), EXIT_OK);
        fits(said, PAGE_LINES, verbs[i].word);
        snprintf(syntax, sizeof syntax, "  tftpd %s", strcmp(verbs[i].word, "help") == 0 ? "-?" : verbs[i].word);
        CHECK(strncmp(said, syntax, strlen(syntax)) == 0, "%s: %s", verbs[i].word, said);
        CHECK(strstr(said, "\nExit codes: 0") != NULL, "%s: %s", verbs[i].word, said);
    }
}

static void explains_each_topic_of_the_first_page(void **state)
{
    static const char mark[] = "tftpd -? ";
    static char page[SAID_MAX];
    size_t count = 0;

    (void)state;
    help(NULL);
    memcpy(page, said, sizeof page);
    for (char *at = strstr(page, mark); at != NULL; at = strstr(at, mark)) {
        char word[32];
        at += sizeof mark - 1;
        snprintf(word, sizeof word, "%.*s", (int)strcspn(at, " "), at);
        if (strcmp(word, "VERB") == 0)
            continue;
        count++;
        CHECK(help(word) == EXIT_OK, "%s: %s", word, complained);
        fits(said, SIZE_MAX, word);
    }
    assert_int_equal(count, 4);
}

static void explains_each_parameter(void **state)
{
    static char all[SAID_MAX];

    (void)state;
    assert_int_equal(help("Parameters"), EXIT_OK);
    memcpy(all, said, sizeof all);
    for (size_t i = 0; i < config_parameter_count; i++) {
        assert_int_equal(help(config_parameters[i].name), EXIT_OK);
        fits(said, PAGE_LINES, config_parameters[i].name);
        CHECK(strstr(all, said) != NULL, "%s is not among all", config_parameters[i].name);
        CHECK(strncmp(said + 2, config_parameters[i].name, strlen(config_parameters[i].name)) == 0, "%s", said);
    }
}

static void names_what_is_no_topic(void **state)
{
    static const struct {
        const char *word;
        const char *words;
    } rows[] = {
        {"instal", "there is no topic \"instal\"; did you mean install?"},
        {"--instal", "there is no topic \"--instal\"; did you mean install?"},
        {"Readble", "did you mean Readable?"},
        {"code", "did you mean codes?"},
        {"frobnicate", "known are service, client, parameters, codes, each verb and each parameter"},
        {"\x1b[2J", "there is no topic \"?[2J\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(help(rows[i].word), EXIT_USAGE);
        CHECK(strstr(complained, rows[i].words) != NULL, "%s: %s", rows[i].word, complained);
        assert_string_equal(said, "");
    }
}

static void usage_errors_lead_to_the_help(void **state)
{
    static char bad[] = "--frobnicate";
    char *words[] = {bad, NULL};
    char place[64];

    (void)state;
    for (size_t i = 0; i < VERB_COUNT; i++) {
        reset(NULL);
        CHECK(desk_run((enum verb_id)i, words) == EXIT_USAGE, "%s", verbs[i].word);
        snprintf(place, sizeof place, "  tftpd -? %s explains it\n", verbs[i].word);
        CHECK(strstr(complained, bad) != NULL, "%s: %s", verbs[i].word, complained);
        CHECK(strstr(complained, verbs[i].syntax) != NULL, "%s: %s", verbs[i].word, complained);
        CHECK(strstr(complained, place) != NULL, "%s: %s", verbs[i].word, complained);
    }
}

static void verbs_have_one_spelling_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < VERB_COUNT; i++)
        assert_int_equal(verbs_find(verbs[i].word), i);
    assert_int_equal(verbs_find("STATUS"), VERB_STATUS);
    for (const char *const *word = (const char *const[]){"-?", "/?", "-h", "-H", "--help", "help", NULL}; *word; word++)
        assert_int_equal(verbs_find(*word), VERB_HELP);
    assert_int_equal(verbs_find("--version"), VERB_VERSION);
    for (const char *const *word = (const char *const[]){"", "-", "stats", "-? /?", NULL}; *word; word++)
        assert_int_equal(verbs_find(*word), VERB_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(begins_with_a_page, reset),
        cmocka_unit_test_setup(explains_each_verb, reset),
        cmocka_unit_test_setup(explains_each_topic_of_the_first_page, reset),
        cmocka_unit_test_setup(explains_each_parameter, reset),
        cmocka_unit_test_setup(names_what_is_no_topic, reset),
        cmocka_unit_test_setup(usage_errors_lead_to_the_help, reset),
        cmocka_unit_test_setup(verbs_have_one_spelling_each, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
