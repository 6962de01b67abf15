#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "service/words/arguments.h"
#include "service/words/verbs.h"

#include <stdio.h>

enum { WORD_MAX = 1200 };

static const struct registry_report silent = {NULL, NULL, NULL, NULL};

static int read_two(struct arguments *arguments, const char *argument, const char *next)
{
    static char words[2][WORD_MAX]; /* --set keeps pointers */
    struct config_problem problem = {""};

    snprintf(words[0], WORD_MAX, "%s", argument);
    snprintf(words[1], WORD_MAX, "%s", next ? next : "");
    int used = arguments_read(arguments, words[0], next ? words[1] : NULL, &problem);
    assert_true(used > 0 || problem.text[0] != 0);
    return used;
}

static void reads_the_directory(void **state)
{
    static const struct {
        const char *argument, *next;
        int used;
        const char *directory;
    } cases[] = {
        {"-dD:\\images", "-e", 1, "D:\\images"},
        {"-DD:\\images", NULL, 1, "D:\\images"},
        {"/dD:\\images", NULL, 1, "D:\\images"},
        {"/D", "D:\\images", 2, "D:\\images"},
        {"-d", "D:\\boot images", 2, "D:\\boot images"},
        {"-dD:\\", NULL, 1, "D:\\"},
        {"-dD:\\boot images\"", NULL, 1, "D:\\boot images"},
        {"-d", NULL, 0, ""},
        {"-d\"", NULL, 0, ""},
        {"-d", "", 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arguments arguments = {.directory = ""};
        assert_int_equal(read_two(&arguments, cases[i].argument, cases[i].next), cases[i].used);
        assert_string_equal(arguments.directory, cases[i].directory);
        assert_false(arguments.wants_event_log || arguments.wants_log_file);
    }
}

static void refuses_a_directory_too_long(void **state)
{
    struct arguments arguments = {.directory = ""};
    char argument[WORD_MAX] = "-d";

    (void)state;
    memset(argument + 2, 'x', CONFIG_DIRECTORY_MAX);
    assert_int_equal(read_two(&arguments, argument, NULL), 0);
    argument[2 + CONFIG_DIRECTORY_MAX - 1] = 0;
    assert_int_equal(read_two(&arguments, argument, NULL), 1);
    assert_int_equal(strlen(arguments.directory), CONFIG_DIRECTORY_MAX - 1);
}

static void reads_the_switches(void **state)
{
    static const struct {
        const char *argument;
        int used;
        bool wants_event_log, wants_log_file;
    } cases[] = {
        {"-e", 1, true, false},      {"-E", 1, true, false},      {"/e", 1, true, false},   {"-f", 1, false, true},
        {"-F", 1, false, true},      {"/F", 1, false, true},      {"-ef", 0, false, false}, {"-fx", 0, false, false},
        {"-x", 0, false, false},     {"f", 0, false, false},      {"", 0, false, false},    {"-", 0, false, false},
        {"--sets", 0, false, false}, {"images", 0, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arguments arguments = {.directory = ""};
        assert_int_equal(read_two(&arguments, cases[i].argument, "next"), cases[i].used);
        assert_int_equal(arguments.wants_event_log, cases[i].wants_event_log);
        assert_int_equal(arguments.wants_log_file, cases[i].wants_log_file);
        assert_string_equal(arguments.directory, "");
    }
}

static void lays_values_over_the_config(void **state)
{
    static char with_equals[] = "--set=Port=6969", list[] = "masters=10.0.0.0/8;::1", option[] = "--set";
    static char directory[] = "-dD:\\images", other[] = "Directory=E:\\other";
    struct arguments arguments = {.directory = ""};
    struct config_problem problem;
    struct config config;
    char text[100];

    (void)state;
    config_defaults(&config);
    assert_int_equal(arguments_read(&arguments, with_equals, NULL, &problem), 1);
    assert_int_equal(arguments_read(&arguments, option, list, &problem), 2);
    assert_int_equal(arguments_read(&arguments, option, other, &problem), 2);
    assert_int_equal(arguments_read(&arguments, directory, NULL, &problem), 1);
    assert_true(arguments_apply(&arguments, &config, &silent, &problem));
    assert_int_equal(config_source_of(&config, config_find("Port")), CONFIG_FROM_ARGUMENTS);
    assert_int_equal(config_source_of(&config, config_find("Directory")), CONFIG_FROM_ARGUMENTS);
    assert_int_equal(config_source_of(&config, config_find("Timeout")), CONFIG_FROM_DEFAULT);
    assert_int_equal(config.port, 6969);
    assert_string_equal(config_value_text(&config, config_find("Masters"), text, sizeof text), "10.0.0.0/8;::1");
    assert_string_equal(config.directory, "D:\\images"); /* -d wins */
}

static char overruled[WORD_MAX]; /* "NAME by ARGUMENT;" */

static void on_overruled(void *context, const struct config_parameter *parameter, const char *argument)
{
    assert_ptr_equal(context, overruled);
    snprintf(overruled + strlen(overruled), sizeof overruled - strlen(overruled), "%s by %s;", parameter->name,
             argument);
}

static void a_policy_wins_over_them(void **state)
{
    static const struct registry_report report = {NULL, NULL, on_overruled, overruled};
    static char port[] = "--set=port=6969", timeout[] = "--set=Timeout=9", bad[] = "--set=Port=0";
    static char directory[] = "-dD:\\images";
    struct arguments arguments = {.directory = ""};
    struct config_problem problem;
    struct config config;

    (void)state;
    overruled[0] = 0;
    config_defaults(&config);
    config_set_source(&config, config_find("Port"), CONFIG_FROM_POLICY);
    config_set_source(&config, config_find("Directory"), CONFIG_FROM_POLICY);
    assert_int_equal(arguments_read(&arguments, port, NULL, &problem), 1);
    assert_int_equal(arguments_read(&arguments, timeout, NULL, &problem), 1);
    assert_int_equal(arguments_read(&arguments, directory, NULL, &problem), 1);
    assert_true(arguments_apply(&arguments, &config, &report, &problem));
    assert_int_equal(config.port, 69);
    assert_string_equal(config.directory, "%SystemDrive%\\tftpdroot");
    assert_int_equal(config.timeout_s, 9);
    assert_int_equal(config_source_of(&config, config_find("Port")), CONFIG_FROM_POLICY);
    assert_string_equal(overruled, "Port by --set port=6969;Directory by -dD:\\images;");
    assert_int_equal(arguments_read(&arguments, bad, NULL, &problem), 1);
    assert_false(arguments_apply(&arguments, &config, &silent, &problem)); /* it has to make sense all the same */
    assert_non_null(strstr(problem.text, "Port"));
}

static void refuses_what_it_cannot_set(void **state)
{
    static char long_name[1000] = {[997] = '=', [998] = '1'};
    static const struct {
        const char *set, *said;
    } cases[] = {
        {"Prot=1", "Prot=1"},       {"=1", "=1"},       {"Port=0", "Port"}, {"Port=x", "Port"},
        {"Masters=a/b", "Masters"}, {long_name, "nnn"},
    };
    struct config_problem problem;
    struct config config;

    (void)state;
    memset(long_name, 'n', sizeof long_name - 3);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arguments arguments = {.directory = ""};
        config_defaults(&config);
        assert_int_equal(read_two(&arguments, "--set", cases[i].set), 2);
        assert_false(arguments_apply(&arguments, &config, &silent, &problem));
        assert_non_null(strstr(problem.text, cases[i].said));
        assert_int_equal(config.port, 69);
    }
}

static void refuses_broken_sets(void **state)
{
    struct arguments arguments = {.directory = ""};

    (void)state;
    assert_int_equal(read_two(&arguments, "--set", NULL), 0);
    assert_int_equal(read_two(&arguments, "--set", "Port"), 0);
    assert_int_equal(read_two(&arguments, "--set=Port", "a=b"), 0);
    assert_int_equal(arguments.set_count, 0);
    for (int i = 0; i < ARGUMENTS_SET_MAX; i++)
        assert_int_equal(read_two(&arguments, "--set", "Port=1"), 2);
    assert_int_equal(read_two(&arguments, "--set", "Port=1"), 0);
}

static void reads_an_option_of_a_verb(void **state)
{
    static const struct {
        char words[2][WORD_MAX]; /* the second one is empty: there is none */
        int used;
        const char *value;
    } cases[] = {
        {{"--name", "boot"}, 2, "boot"}, {{"--name=boot", ""}, 1, "boot"}, {{"--name=", ""}, 1, ""},
        {{"--name", ""}, 0, NULL},       {{"--names", "boot"}, 0, NULL},   {{"--nam", "boot"}, 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *words[] = {(char *)cases[i].words[0], cases[i].words[1][0] ? (char *)cases[i].words[1] : NULL, NULL};
        const char *value = NULL;
        assert_int_equal(verbs_option(words, "--name", &value), cases[i].used);
        if (cases[i].used > 0)
            assert_string_equal(value, cases[i].value);
        else
            assert_null(value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_directory),     cmocka_unit_test(refuses_a_directory_too_long),
        cmocka_unit_test(reads_the_switches),      cmocka_unit_test(lays_values_over_the_config),
        cmocka_unit_test(a_policy_wins_over_them), cmocka_unit_test(refuses_what_it_cannot_set),
        cmocka_unit_test(refuses_broken_sets),     cmocka_unit_test(reads_an_option_of_a_verb),
    };

    return cmocka_run_group_tests_name("arguments", tests, NULL, NULL) != 0;
}
