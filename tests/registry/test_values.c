/* link: -Wl,--wrap=__imp_RegSetValueExW */
/*
 * Values read as they stand, and parameters written all or none: the write that fails is one of the test's choice.
 */
#include "unit.h"

#include "registry/registry.h"
#include "registry/values.h"
#include "service/import/import.h"
#include "service/tell/exitcodes.h"

#include <wchar.h>

#define SERVICE "tftpd-values-test"
#define KEY     L"SYSTEM\\CurrentControlSet\\Services\\tftpd-values-test"

typedef LSTATUS(WINAPI *set_value)(HKEY, LPCWSTR, DWORD, DWORD, const BYTE *, DWORD);
extern set_value __real___imp_RegSetValueExW;
extern set_value __wrap___imp_RegSetValueExW;

static HKEY key;
static struct raw_value room;
static unsigned fails_at; /* this write, counted from 1; 0: none */

static LSTATUS WINAPI set_or_fail(HKEY where, LPCWSTR name, DWORD reserved, DWORD type, const BYTE *data, DWORD size)
{
    if (fails_at > 0 && --fails_at == 0)
        return ERROR_ACCESS_DENIED;
    return __real___imp_RegSetValueExW(where, name, reserved, type, data, size);
}
set_value __wrap___imp_RegSetValueExW = set_or_fail;

static int make_key(void **state)
{
    (void)state;
    fails_at = 0;
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, KEY);
    return RegCreateKeyExW(HKEY_LOCAL_MACHINE, KEY L"\\Parameters", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL) != 0;
}

static int delete_key(void **state)
{
    (void)state;
    RegCloseKey(key);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, KEY);
    return 0;
}

static void put(const wchar_t *name, DWORD type, const void *data, DWORD size)
{
    assert_int_equal(RegSetValueExW(key, name, 0, type, data, size), 0);
}

static struct import_value get(const char *name, const char *alias)
{
    struct import_place place = {SERVICE "\\Parameters", name, alias};
    struct import_value value;

    memset(&room, 0xaa, sizeof room);
    assert_int_equal(values_read(&place, &room, &value), 0);
    return value;
}

static void reads_each_type_as_it_stands(void **state)
{
    static const struct {
        DWORD type;
        const void *data;
        DWORD size;
        struct import_value expected;
    } rows[] = {
        {REG_DWORD, "\x05\0\0\0", 4, {IMPORT_NUMBER, 5, NULL, 0}},
        {REG_DWORD, "\x05\0", 2, {IMPORT_UNREADABLE, 0, NULL, 0}},
        {REG_QWORD, "\0\0\0\0\1\0\0\0", 8, {IMPORT_NUMBER, 0x100000000, NULL, 0}},
        {REG_BINARY, "\x05\0\0\0", 4, {IMPORT_UNREADABLE, 0, NULL, 0}},
        {REG_NONE, "", 0, {IMPORT_UNREADABLE, 0, NULL, 0}},
        {REG_SZ, L"a b", 8, {IMPORT_TEXT, 0, "a b", 4}},
        {REG_SZ, L"ab", 4, {IMPORT_TEXT, 0, "ab", 3}},
        {REG_SZ, L"ab", 3, {IMPORT_TEXT, 0, "a", 2}},
        {REG_SZ, L"", 0, {IMPORT_TEXT, 0, "", 1}},
        {REG_SZ, L"a\0b", 8, {IMPORT_TEXT, 0, "a", 2}},
        {REG_SZ, L"\xd800x", 6, {IMPORT_UNREADABLE, 0, NULL, 0}},
        {REG_EXPAND_SZ, L"%SystemDrive%\\\xfc", 32, {IMPORT_TEXT, 0, "%SystemDrive%\\\xc3\xbc", 17}},
        {REG_MULTI_SZ, L"a\0bc\0", 12, {IMPORT_LIST, 0, "a\0bc", 5}},
        {REG_MULTI_SZ, L"a\0bc", 8, {IMPORT_LIST, 0, "a\0bc", 5}},
        {REG_MULTI_SZ, L"a\0\xdc00\0", 10, {IMPORT_UNREADABLE, 0, NULL, 0}},
        {REG_MULTI_SZ, L"", 2, {IMPORT_LIST, 0, "", 0}},
        {REG_MULTI_SZ, L"", 0, {IMPORT_LIST, 0, "", 0}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct import_value *expected = &rows[i].expected;
        put(L"V", rows[i].type, rows[i].data, rows[i].size);
        struct import_value value = get("v", NULL);
        CHECK(value.form == expected->form, "row %u: form %d", (unsigned)i, value.form);
        CHECK(value.form != IMPORT_NUMBER || value.number == expected->number, "row %u", (unsigned)i);
        CHECK(value.form == IMPORT_NUMBER || value.form == IMPORT_UNREADABLE ||
                  (value.size == expected->size && memcmp(value.text, expected->text, value.size) == 0),
              "row %u: %u bytes", (unsigned)i, (unsigned)value.size);
    }
}

static void finds_the_alias_and_misses_nothing(void **state)
{
    static wchar_t long_text[RAW_WIDE_MAX + 2];

    (void)state;
    assert_int_equal(get("Writable", "Writeable").form, IMPORT_ABSENT);
    put(L"Writeable", REG_SZ, L"old", 8);
    assert_string_equal(get("Writable", "Writeable").text, "old");
    put(L"Writable", REG_SZ, L"new", 8);
    assert_string_equal(get("Writable", "Writeable").text, "new");
    struct import_place nowhere = {"tftpd-none", "a", NULL};
    struct import_value value;
    assert_int_equal(values_read(&nowhere, &room, &value), 0);
    assert_int_equal(value.form, IMPORT_ABSENT);
    wmemset(long_text, L'x', RAW_WIDE_MAX + 1);
    put(L"V", REG_SZ, long_text, (RAW_WIDE_MAX + 1) * sizeof(wchar_t));
    assert_int_equal(get("V", NULL).form, IMPORT_UNREADABLE);
    put(L"V", REG_SZ, long_text, RAW_WIDE_MAX * sizeof(wchar_t));
    assert_int_equal(get("V", NULL).size, RAW_WIDE_MAX + 1);
}

/* What is written is what the service reads, whatever the kind of parameter. */
static void writes_what_the_service_reads(void **state)
{
    static const char *const typed[][2] = {
        {"Directory", "D:\\gr\xc3\xbcn"},
        {"Clients", "10.1.*.*;fd00::/8"},
        {"Masters", ""},
        {"Readable", "boot\\*"},
        {"PortRange", "50000-50063"},
        {"MaxUploadBytes", "5000000000"},
        {"Port", "6969"},
        {"WhenExists", "keep-both"},
        {"Access", "allow:/;deny:/a"},
    };
    static struct config config, read;
    const struct config_parameter *parameters[COUNT_OF(typed)];
    struct registry_report silent = {0};
    enum config_source failed;
    struct config_problem problem;

    (void)state;
    config_defaults(&config);
    for (size_t i = 0; i < COUNT_OF(typed); i++) {
        parameters[i] = config_find(typed[i][0]);
        assert_true(config_set_typed(&config, parameters[i], typed[i][1], &problem));
    }
    assert_int_equal(values_write(SERVICE, &config, parameters, COUNT_OF(typed)), 0);
    assert_int_equal(registry_load(&read, SERVICE, NULL, &silent, &failed), 0);
    for (size_t i = 0; i < config_parameter_count; i++)
        if (strcmp(config_parameters[i].name, "Directory") != 0)
            CHECK(config_value_equal(&config, &read, &config_parameters[i]), "%s", config_parameters[i].name);
    assert_string_equal(read.directory, config.directory);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, KEY);
    assert_int_equal(values_write(SERVICE, &config, parameters, 1), 0);
    assert_int_equal(get("Directory", NULL).form, IMPORT_TEXT);
}

static void a_list_can_be_full(void **state)
{
    static struct config config, read;
    static char items[CONFIG_LIST_BYTES_MAX];
    const struct config_parameter *readable = config_find("Readable");
    struct registry_report silent = {0};
    enum config_source failed;
    struct config_problem problem;

    (void)state;
    config_defaults(&config);
    for (size_t i = 0; i < sizeof items; i++)
        items[i] = i % 32 == 31 ? 0 : 'x';
    assert_true(config_set_list(&config, readable, items, sizeof items, &problem));
    assert_int_equal(config.readable.size, CONFIG_LIST_BYTES_MAX);
    assert_int_equal(values_write(SERVICE, &config, &readable, 1), 0);
    assert_int_equal(registry_load(&read, SERVICE, NULL, &silent, &failed), 0);
    assert_true(config_value_equal(&config, &read, readable));
}

/* Whichever write fails: those before it are as they were, with their types, and what was not there is not there. */
static void a_write_that_fails_leaves_all_as_it_was(void **state)
{
    static struct config config;
    const struct config_parameter *parameters[] = {config_find("Port"), config_find("Readable"), config_find("Timeout"),
                                                   config_find("Directory")};
    struct config_problem problem;
    DWORD type, size;

    (void)state;
    config_defaults(&config);
    config.port = 70;
    config.timeout_s = 9;
    assert_true(config_set_typed(&config, parameters[1], "a;b", &problem));
    assert_true(config_set_typed(&config, parameters[3], "D:\\new", &problem));
    put(L"Port", REG_SZ, L"6969", 10);
    put(L"Timeout", REG_BINARY, "\1\2\3", 3);
    for (unsigned at = 1; at <= COUNT_OF(parameters); at++) {
        fails_at = at;
        assert_int_equal(values_write(SERVICE, &config, parameters, COUNT_OF(parameters)), ERROR_ACCESS_DENIED);
        CHECK(strcmp(get("Port", NULL).text, "6969") == 0, "write %u", at);
        CHECK(get("Readable", NULL).form == IMPORT_ABSENT, "write %u", at);
        size = 0;
        assert_int_equal(RegQueryValueExW(key, L"Timeout", NULL, &type, NULL, &size), 0);
        CHECK(type == REG_BINARY && size == 3, "write %u", at);
        CHECK(get("Directory", NULL).form == IMPORT_ABSENT, "write %u", at);
    }
    assert_int_equal(values_write(SERVICE, &config, parameters, COUNT_OF(parameters)), 0);
    assert_int_equal(get("Port", NULL).number, 70);
}

/* The verb as a whole, where the first write and where the last one fails. */
static void an_import_that_cannot_write_says_so(void **state)
{
    char source[] = "ris", option[] = "--name", name[] = SERVICE;
    char *words[] = {source, option, name, NULL};
    HKEY ris;

    (void)state;
    assert_int_equal(RegCreateKeyExW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Services\\TFTPD\\Parameters", 0,
                                     NULL, 0, KEY_ALL_ACCESS, NULL, &ris, NULL),
                     0);
    RegSetValueExW(ris, L"Directory", 0, REG_SZ, (const BYTE *)L"C:\\ris", 14);
    RegSetValueExW(ris, L"Readable", 0, REG_SZ, (const BYTE *)L"b", 4);
    RegCloseKey(ris);
    for (fails_at = 1; fails_at <= 2; fails_at++) {
        unsigned at = fails_at;
        assert_int_equal(import_run(words), EXIT_IMPORT_WRITE);
        assert_int_equal(get("Directory", NULL).form, IMPORT_ABSENT);
        assert_int_equal(get("Readable", NULL).form, IMPORT_ABSENT);
        fails_at = at;
    }
    fails_at = 0;
    assert_int_equal(import_run(words), EXIT_OK);
    assert_string_equal(get("Directory", NULL).text, "C:\\ris");
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Services\\TFTPD");
}

static void a_name_has_its_limit(void **state)
{
    static char name[2000];
    struct config config;

    (void)state;
    config_defaults(&config);
    memset(name, 'n', sizeof name - 1);
    assert_int_equal(values_write(name, &config, NULL, 0), ERROR_INVALID_NAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_each_type_as_it_stands, make_key, delete_key),
        cmocka_unit_test_setup_teardown(finds_the_alias_and_misses_nothing, make_key, delete_key),
        cmocka_unit_test_setup_teardown(writes_what_the_service_reads, make_key, delete_key),
        cmocka_unit_test_setup_teardown(a_list_can_be_full, make_key, delete_key),
        cmocka_unit_test_setup_teardown(a_write_that_fails_leaves_all_as_it_was, make_key, delete_key),
        cmocka_unit_test_setup_teardown(an_import_that_cannot_write_says_so, make_key, delete_key),
        cmocka_unit_test_setup_teardown(a_name_has_its_limit, make_key, delete_key),
    };

    return cmocka_run_group_tests_name("values", tests, NULL, NULL) != 0;
}
