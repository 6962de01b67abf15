#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "registry/registry.h"

#include <stdio.h>
#include <stdlib.h>

#define SERVICE "tftpd-registry-test"
#define KEY     L"SYSTEM\\CurrentControlSet\\Services\\tftpd-registry-test"

enum { SAID_MAX = 4096, REG_FILE_MAX = 65536 };

#define POLICIES L"SOFTWARE\\Policies\\tftpd-registry-test"

static char said[SAID_MAX];        /* "rejected NAME;" and "unknown NAME;", behind each "policy " where it is one */
static const struct config *draft; /* that is being loaded */

static const char *kind_of(enum config_source source)
{
    assert_true(source == CONFIG_FROM_PARAMETERS || source == CONFIG_FROM_POLICY);
    return source == CONFIG_FROM_POLICY ? "policy " : "";
}

static void on_rejected(void *context, enum config_source source, const struct config_parameter *parameter,
                        const struct config_problem *problem)
{
    assert_ptr_equal(context, said);
    assert_non_null(strstr(problem->text, parameter->name));
    snprintf(said + strlen(said), sizeof said - strlen(said), "rejected %s%s;", kind_of(source), parameter->name);
    if (strcmp(parameter->name, "SilenceSeconds") == 0) { /* the draft has what is in force by now */
        char text[CONFIG_PROBLEM_MAX];
        snprintf(said + strlen(said), sizeof said - strlen(said), "is %s;",
                 config_value_text(draft, parameter, text, sizeof text));
    }
}

static void on_unknown(void *context, enum config_source source, const char *name)
{
    assert_ptr_equal(context, said);
    snprintf(said + strlen(said), sizeof said - strlen(said), "unknown %s%s;", kind_of(source), name);
}

static const struct registry_report reports = {on_rejected, on_unknown, NULL, said};
static HKEY key, policies;

static int make_key(void **state)
{
    (void)state;
    said[0] = 0;
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, KEY);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, POLICIES);
    return RegCreateKeyExW(HKEY_LOCAL_MACHINE, KEY L"\\Parameters", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL) != 0;
}

static int make_both(void **state)
{
    return make_key(state) ||
           RegCreateKeyExW(HKEY_LOCAL_MACHINE, POLICIES, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &policies, NULL) != 0;
}

static int delete_key(void **state)
{
    (void)state;
    RegCloseKey(key);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, KEY);
    return 0;
}

static int delete_both(void **state)
{
    RegCloseKey(policies);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, POLICIES);
    return delete_key(state);
}

static void put(const wchar_t *name, DWORD type, const void *data, size_t size)
{
    assert_int_equal(RegSetValueExW(key, name, 0, type, data, (DWORD)size), 0);
}

static void put_text(const wchar_t *name, DWORD type, const wchar_t *text)
{
    put(name, type, text, (wcslen(text) + 1) * sizeof *text);
}

static void put_number(const wchar_t *name, DWORD number)
{
    put(name, REG_DWORD, &number, sizeof number);
}

static struct config load(const struct config *last_good)
{
    static struct config config;
    enum config_source failed;

    memset(&config, 0xaa, sizeof config); /* whatever was there before has no part in it */
    draft = &config;
    assert_int_equal(registry_load(&config, SERVICE, last_good, &reports, &failed), 0);
    return config;
}

static void assert_value(const struct config *config, const char *name, const char *expected)
{
    char text[CONFIG_LIST_BYTES_MAX];

    assert_string_equal(config_value_text(config, config_find(name), text, sizeof text), expected);
}

static void missing_means_default(void **state)
{
    struct config standard, config;

    (void)state;
    config_defaults(&standard);
    config = load(NULL);
    RegCloseKey(key);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, KEY);
    struct config without_key = load(NULL);
    for (size_t i = 0; i < config_parameter_count; i++) {
        assert_true(config_value_equal(&config, &standard, &config_parameters[i]));
        assert_true(config_value_equal(&without_key, &standard, &config_parameters[i]));
    }
    assert_string_equal(said, "");
}

static void reads_every_type(void **state)
{
    static const wchar_t many[] = L"10.1.*.*\0"
                                  L"fd00::/8\0";
    ULONGLONG big = 5ull << 32;

    (void)state;
    SetEnvironmentVariableW(L"TFTPD_TEST", L"Z:\\expanded");
    put_text(L"Directory", REG_EXPAND_SZ, L"%TFTPD_TEST%\\gr\x00fcn");
    put(L"Clients", REG_MULTI_SZ, many, sizeof many);
    put_text(L"Masters", REG_SZ, L"157.55.8?.*");
    put_number(L"Port", 6969);
    put_text(L"Timeout", REG_SZ, L"7");
    put(L"MaxUploadBytes", REG_QWORD, &big, sizeof big);
    put_number(L"MinFreeBytes", 4096);
    put_text(L"PortRange", REG_SZ, L"50000-50063");
    struct config config = load(NULL);
    assert_value(&config, "Directory", "Z:\\expanded\\gr\xc3\xbcn");
    assert_value(&config, "Clients", "10.1.*.*;fd00::/8");
    assert_value(&config, "Masters", "157.55.8?.*");
    assert_value(&config, "Port", "6969");
    assert_value(&config, "Timeout", "7");
    assert_value(&config, "MaxUploadBytes", "21474836480");
    assert_value(&config, "MinFreeBytes", "4096");
    assert_value(&config, "PortRange", "50000-50063");
    assert_string_equal(said, "");
}

static void masters_of_number_0_are_nobody(void **state)
{
    (void)state;
    put_text(L"Masters", REG_SZ, L"*");
    struct config config = load(NULL);
    assert_value(&config, "Masters", "*");
    put_number(L"Masters", 0);
    config = load(&config);
    assert_value(&config, "Masters", "");
    assert_string_equal(said, "");
}

static void knows_names_in_any_case_and_the_alias(void **state)
{
    (void)state;
    put_text(L"dIRECTORY", REG_SZ, L"D:\\x");
    put_text(L"writeABLE", REG_SZ, L"up/*");
    struct config config = load(NULL);
    assert_value(&config, "Directory", "D:\\x");
    assert_value(&config, "Writable", "up/*");
    put_text(L"Writable", REG_SZ, L"name/*");
    config = load(NULL);
    assert_value(&config, "Writable", "name/*"); /* the name wins over the alias */
    assert_string_equal(said, "");
}

static void a_bad_value_keeps_the_last_good_one(void **state)
{
    struct config last_good;

    (void)state;
    config_defaults(&last_good);
    last_good.port = 1069;
    put_number(L"Port", 0);
    put_text(L"Timeout", REG_SZ, L"soon");
    put_number(L"Workers", 3);
    struct config config = load(&last_good);
    assert_value(&config, "Port", "1069");
    assert_value(&config, "Timeout", "1");
    assert_value(&config, "Workers", "3"); /* the others count all the same */
    assert_string_equal(said, "rejected Port;rejected Timeout;");
    config = load(NULL);
    assert_value(&config, "Port", "69");
}

static void refuses_types_and_sizes_that_do_not_fit(void **state)
{
    static const wchar_t lone[] = {'D', ':', 0xd83d, 0};
    static wchar_t huge[40000];

    (void)state;
    for (size_t i = 0; i + 1 < sizeof huge / sizeof *huge; i++)
        huge[i] = 'x';
    put(L"Port", REG_BINARY, "\x45\0\0\0", 4);
    put(L"Directory", REG_SZ, lone, sizeof lone);
    put(L"Readable", REG_SZ, huge, sizeof huge);
    put(L"Clients", REG_SZ, huge, 5000 * sizeof *huge);
    put_number(L"Writable", 1);
    put_text(L"Mtu", REG_MULTI_SZ, L"1500\0");
    struct config config = load(NULL);
    struct config standard;
    config_defaults(&standard);
    /* Who may have what falls back to nobody and nothing, the rest to its default. */
    for (size_t i = 0; i < config_parameter_count; i++) {
        bool is_closed = strstr("Clients Readable Writable", config_parameters[i].name) != NULL;
        char text[CONFIG_LIST_BYTES_MAX];
        if (is_closed)
            assert_string_equal(config_value_text(&config, &config_parameters[i], text, sizeof text), "");
        else
            assert_true(config_value_equal(&config, &standard, &config_parameters[i]));
    }
    assert_string_equal(said, "rejected Directory;rejected Clients;rejected Readable;rejected Writable;rejected Port;"
                              "rejected Mtu;");
}

static void stands_texts_without_their_end(void **state)
{
    static const wchar_t many[] = {'1', '0', '.', '*', 0, '1', '1', '.', '*'};

    (void)state;
    put(L"Directory", REG_SZ, L"D:\\x", 4 * sizeof(wchar_t));
    put(L"Clients", REG_MULTI_SZ, many, 9 * sizeof(wchar_t));
    put(L"Masters", REG_MULTI_SZ, L"", 0);
    put(L"MaxUploadBytes", REG_QWORD, "\x45\x01", 2);
    struct config config = load(NULL);
    assert_value(&config, "Directory", "D:\\x");
    assert_value(&config, "Clients", "10.*;11.*");
    assert_value(&config, "Masters", "");
    assert_in_range(config.upload_bytes_max, 0, 0x145); /* refused or taken as 16 bits; not what lay in memory */
}

static void names_what_it_does_not_know(void **state)
{
    wchar_t long_name[300];

    (void)state;
    for (size_t i = 0; i < 299; i++)
        long_name[i] = 'n';
    long_name[299] = 0;
    put_number(L"Prot", 70);
    put_number(L"", 1); /* the key's own unnamed value */
    put_number(long_name, 1);
    load(NULL);
    assert_non_null(strstr(said, "unknown Prot;"));
    assert_non_null(strstr(said, "unknown (a name of more than 255 characters);"));
    assert_int_equal(strlen(said), strlen("unknown Prot;unknown (a name of more than 255 characters);"));
}

static void may_be_silent(void **state)
{
    static const struct registry_report nothing = {NULL, NULL, NULL, NULL};
    enum config_source failed;
    struct config config;

    (void)state;
    put_number(L"Prot", 70);
    put_number(L"Port", 0);
    assert_int_equal(registry_load(&config, SERVICE, NULL, &nothing, &failed), 0);
    assert_int_equal(config.port, 69);
}

/* -- policies ------------------------------------------------------------------------------------------------------ */

static void policy_text(const wchar_t *name, const wchar_t *text)
{
    DWORD size = (DWORD)((wcslen(text) + 1) * sizeof *text);

    assert_int_equal(RegSetValueExW(policies, name, 0, REG_SZ, (const BYTE *)text, size), 0);
}

static void policy_number(const wchar_t *name, DWORD number)
{
    assert_int_equal(RegSetValueExW(policies, name, 0, REG_DWORD, (const BYTE *)&number, sizeof number), 0);
}

static void assert_source(const struct config *config, const char *name, enum config_source source)
{
    assert_string_equal(config_source_text(config_source_of(config, config_find(name))), config_source_text(source));
}

static void a_policy_wins_and_each_value_has_its_source(void **state)
{
    static const wchar_t many[] = L"10.1.*.*\0"
                                  L"fd00::/8\0";

    (void)state;
    put_number(L"Port", 70);
    put_number(L"Timeout", 7);
    policy_number(L"Port", 71);
    policy_text(L"writeABLE", L"up/*");
    assert_int_equal(RegSetValueExW(policies, L"Clients", 0, REG_MULTI_SZ, (const BYTE *)many, sizeof many), 0);
    struct config config = load(NULL);
    assert_value(&config, "Port", "71");
    assert_source(&config, "Port", CONFIG_FROM_POLICY);
    assert_value(&config, "Timeout", "7");
    assert_source(&config, "Timeout", CONFIG_FROM_PARAMETERS);
    assert_value(&config, "Writable", "up/*");
    assert_source(&config, "Writable", CONFIG_FROM_POLICY);
    assert_value(&config, "Clients", "10.1.*.*;fd00::/8");
    assert_source(&config, "Clients", CONFIG_FROM_POLICY);
    assert_source(&config, "Readable", CONFIG_FROM_DEFAULT);
    assert_string_equal(said, "");
}

static void policies_need_no_parameters(void **state)
{
    (void)state;
    RegCloseKey(key);
    key = NULL;
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, KEY);
    policy_number(L"Port", 71);
    struct config config = load(NULL);
    assert_value(&config, "Port", "71");
    assert_string_equal(said, "");
}

static void a_refused_policy_leaves_what_parameters_say(void **state)
{
    struct config last_good;

    (void)state;
    config_defaults(&last_good);
    last_good.port = 1069;
    last_good.silence_s = 9;
    put_number(L"SilenceSeconds", 7);
    policy_text(L"SilenceSeconds", L"many");
    policy_number(L"Port", 0);
    policy_text(L"Masters", L"a/b");
    struct config config = load(&last_good);
    assert_value(&config, "SilenceSeconds", "7"); /* not the last good one: Parameters has one */
    assert_source(&config, "SilenceSeconds", CONFIG_FROM_PARAMETERS);
    assert_value(&config, "Port", "1069"); /* the last good one, for nobody says another */
    assert_string_equal(said, "rejected policy Masters;rejected policy Port;rejected policy SilenceSeconds;is 7;");
    said[0] = 0;
    config = load(NULL);
    assert_value(&config, "Port", "69");
}

/* A slip of the pen in a policy opens no door that Parameters does not open. */
static void a_refused_policy_closes_what_nobody_else_sets(void **state)
{
    (void)state;
    put_text(L"Readable", REG_SZ, L"boot/*");
    policy_text(L"Clients", L"10.0.0.0/88");
    policy_number(L"Readable", 1);
    struct config config = load(NULL);
    assert_value(&config, "Clients", "");
    assert_source(&config, "Clients", CONFIG_FROM_DEFAULT);
    assert_value(&config, "Readable", "boot/*");
}

static void both_keys_are_judged(void **state)
{
    (void)state;
    put_text(L"SilenceSeconds", REG_SZ, L"few");
    put_number(L"Prot", 70);
    policy_number(L"SilenceSeconds", 5);
    policy_number(L"Prt", 70);
    struct config config = load(NULL);
    assert_value(&config, "SilenceSeconds", "5");
    assert_source(&config, "SilenceSeconds", CONFIG_FROM_POLICY);
    assert_string_equal(said, "rejected SilenceSeconds;is 5;unknown Prot;unknown policy Prt;");
}

static void names_its_keys(void **state)
{
    char text[REGISTRY_KEY_MAX], long_name[REGISTRY_KEY_MAX];
    wchar_t path[REGISTRY_KEY_MAX];

    (void)state;
    assert_string_equal(registry_key("a", CONFIG_FROM_POLICY, text), "HKLM\\SOFTWARE\\Policies\\a");
    assert_string_equal(registry_key("a", CONFIG_FROM_PARAMETERS, text),
                        "HKLM\\SYSTEM\\CurrentControlSet\\Services\\a\\Parameters");
    assert_true(registry_path("a", CONFIG_FROM_POLICY, path));
    assert_int_equal(wcscmp(path, L"SOFTWARE\\Policies\\a"), 0);
    memset(long_name, 'n', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    assert_string_equal(registry_key(long_name, CONFIG_FROM_POLICY, text), "");
    assert_false(registry_path(long_name, CONFIG_FROM_POLICY, path));
}

/* The sample is for the service "tftpd"; each parameter is in it with the default, and nothing else is. */
static void the_sample_has_every_default(void **state)
{
    static wchar_t text[REG_FILE_MAX];
    FILE *file = fopen("registry/tftpd.reg", "rb");
    size_t units, values = 0, wanted = 0;

    (void)state;
    assert_non_null(file);
    units = fread(text, sizeof *text, REG_FILE_MAX - 1, file);
    fclose(file);
    text[units] = 0;
    assert_int_equal(text[0], 0xfeff);
    for (size_t i = 0; i < config_parameter_count; i++) {
        wchar_t line[64];
        if (!config_parameters[i].standard) /* there to be uncommented */
            continue;
        wanted++;
        swprintf(line, 64, L"\n\"%hs\"=", config_parameters[i].name);
        assert_non_null(wcsstr(text, line));
    }
    for (const wchar_t *line = wcsstr(text, L"\n\""); line; line = wcsstr(line + 1, L"\n\""))
        values++;
    assert_int_equal(values, wanted);
}

static void the_sample_loads_as_the_defaults(void **state)
{
    struct config config, standard;
    enum config_source failed;

    (void)state;
    assert_int_equal(system("reg import registry\\tftpd.reg >NUL 2>NUL"), 0);
    assert_int_equal(registry_load(&config, "tftpd", NULL, &reports, &failed), 0);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Services\\tftpd\\Parameters");
    assert_string_equal(said, "");
    config_defaults(&standard);
    for (size_t i = 0; i < config_parameter_count; i++) {
        char text[CONFIG_LIST_BYTES_MAX];
        /* the default directory is a REG_EXPAND_SZ, so it comes expanded */
        if (strcmp(config_parameters[i].name, "Directory") == 0)
            assert_value(&config, "Directory", "C:\\tftpdroot");
        else
            assert_value(&config, config_parameters[i].name,
                         config_value_text(&standard, &config_parameters[i], text, sizeof text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(missing_means_default, make_key, delete_key),
        cmocka_unit_test_setup_teardown(reads_every_type, make_key, delete_key),
        cmocka_unit_test_setup_teardown(masters_of_number_0_are_nobody, make_key, delete_key),
        cmocka_unit_test_setup_teardown(knows_names_in_any_case_and_the_alias, make_key, delete_key),
        cmocka_unit_test_setup_teardown(a_bad_value_keeps_the_last_good_one, make_key, delete_key),
        cmocka_unit_test_setup_teardown(refuses_types_and_sizes_that_do_not_fit, make_key, delete_key),
        cmocka_unit_test_setup_teardown(stands_texts_without_their_end, make_key, delete_key),
        cmocka_unit_test_setup_teardown(names_what_it_does_not_know, make_key, delete_key),
        cmocka_unit_test_setup_teardown(may_be_silent, make_key, delete_key),
        cmocka_unit_test_setup_teardown(a_policy_wins_and_each_value_has_its_source, make_both, delete_both),
        cmocka_unit_test_setup_teardown(policies_need_no_parameters, make_both, delete_both),
        cmocka_unit_test_setup_teardown(a_refused_policy_leaves_what_parameters_say, make_both, delete_both),
        cmocka_unit_test_setup_teardown(a_refused_policy_closes_what_nobody_else_sets, make_both, delete_both),
        cmocka_unit_test_setup_teardown(both_keys_are_judged, make_both, delete_both),
        cmocka_unit_test(names_its_keys),
        cmocka_unit_test_setup_teardown(the_sample_has_every_default, make_key, delete_key),
        cmocka_unit_test_setup_teardown(the_sample_loads_as_the_defaults, make_key, delete_key),
    };

    return cmocka_run_group_tests_name("registry", tests, NULL, NULL) != 0;
}
