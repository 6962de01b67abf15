#include "unit.h"

#include "core/base/nearest.h"

static void test_distance(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        unsigned distance;
    } rows[] = {
        {"", "", 0},
        {"", "run", 3},
        {"status", "status", 0},
        {"STATUS", "status", 0},
        {"stats", "status", 1},
        {"statuss", "status", 1},
        {"statis", "status", 1},
        {"sattus", "status", 1},
        {"chekc", "check", 1},
        {"ab", "ba", 1},
        {"abc", "ca", 3},
        {"kitten", "sitting", 3},
        {"status", "check", 6},
        {"Readble", "Readable", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        unsigned there = nearest_distance(rows[i].a, rows[i].b), back = nearest_distance(rows[i].b, rows[i].a);
        CHECK(there == rows[i].distance && back == there, "\"%s\" and \"%s\": %u, %u", rows[i].a, rows[i].b, there,
              back);
    }
}

static void test_what_is_too_long_is_far_from_all(void **state)
{
    char longest[NEAREST_WORD_MAX + 1], longer[NEAREST_WORD_MAX + 2];
    struct nearest nearest;

    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[NEAREST_WORD_MAX] = 0;
    memset(longer, 'a', sizeof longer);
    longer[NEAREST_WORD_MAX + 1] = 0;
    assert_int_equal(nearest_distance(longest, longest), 0);
    assert_int_equal(nearest_distance(longest, ""), NEAREST_WORD_MAX);
    assert_int_equal(nearest_distance(longest, longer), NEAREST_FAR);
    assert_int_equal(nearest_distance(longer, longer), NEAREST_FAR);
    nearest_begin(&nearest, "aa");
    nearest_offer(&nearest, longer);
    assert_int_equal(nearest.count, 0);
}

static const char *near_to(const char *typed, char *text)
{
    static const char *const words[] = {"run",     "status", "stop-transfer", "drain",     "check",
                                        "explain", "import", "install",       "uninstall", "version"};
    struct nearest nearest;

    nearest_begin(&nearest, typed);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        nearest_offer(&nearest, words[i]);
    return nearest_text(&nearest, text);
}

static void test_the_nearest_words(void **state)
{
    static const struct {
        const char *typed;
        const char *near;
    } rows[] = {
        {"stats", "status"},
        {"--status", "status"},
        {"/Status", "status"},
        {"chek", "check"},
        {"rnu", "run"},
        {"stop", "stop-transfer"},
        {"instal", "install"},
        {"uninstal", "uninstall"},
        {"unistall", "uninstall or install"},
        {"in", "install"},
        {"i", ""},
        {"-x", ""},
        {"", ""},
        {"frobnicate", ""},
        {"tftpd.exe", ""},
        {"this is a whole sentence that nobody would take for a verb", ""},
    };
    char text[NEAREST_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(strcmp(near_to(rows[i].typed, text), rows[i].near) == 0, "%s: \"%s\"", rows[i].typed, text);
}

/* The nearest first, and of words that are as near as each other the one that was offered first. */
static void test_their_order(void **state)
{
    static const char *const words[] = {"abcdeffxx", "abcdefgx", "abcdefgy", "abcdefg", "abcdefgz"};
    struct nearest nearest;
    char text[NEAREST_TEXT_MAX];

    (void)state;
    nearest_begin(&nearest, "abcdefg");
    for (size_t i = 0; i < COUNT_OF(words); i++)
        nearest_offer(&nearest, words[i]);
    assert_int_equal(nearest.count, NEAREST_COUNT_MAX);
    assert_string_equal(nearest_text(&nearest, text), "abcdefg, abcdefgx or abcdefgy");
    /* Whoever had to move keeps its distance. */
    nearest_begin(&nearest, "abcdefghi");
    nearest_offer(&nearest, "abcdefxxi");
    nearest_offer(&nearest, "abcdefghx");
    nearest_offer(&nearest, "abcdefgxi");
    assert_string_equal(nearest_text(&nearest, text), "abcdefghx, abcdefgxi or abcdefxxi");
}

/* The beginning of a word is as near as one mistake. */
static void test_a_beginning_is_near(void **state)
{
    struct nearest nearest;
    char text[NEAREST_TEXT_MAX];

    (void)state;
    nearest_begin(&nearest, "stop-tran");
    nearest_offer(&nearest, "stop-trxx");
    nearest_offer(&nearest, "stop-transfer");
    assert_string_equal(nearest_text(&nearest, text), "stop-transfer or stop-trxx");
}

static void test_the_text_has_room_for_the_longest_words(void **state)
{
    char words[NEAREST_COUNT_MAX][NEAREST_WORD_MAX + 1];
    char text[NEAREST_TEXT_MAX];
    struct nearest nearest;

    (void)state;
    memset(words, 'a', sizeof words);
    for (size_t i = 0; i < NEAREST_COUNT_MAX; i++)
        words[i][NEAREST_WORD_MAX] = 0;
    nearest_begin(&nearest, words[0]);
    for (size_t i = 0; i < NEAREST_COUNT_MAX; i++)
        nearest_offer(&nearest, words[i]);
    assert_int_equal(strlen(nearest_text(&nearest, text)), NEAREST_COUNT_MAX * NEAREST_WORD_MAX + 2 + 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_what_is_too_long_is_far_from_all),
        cmocka_unit_test(test_the_nearest_words),
        cmocka_unit_test(test_their_order),
        cmocka_unit_test(test_a_beginning_is_near),
        cmocka_unit_test(test_the_text_has_room_for_the_longest_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
