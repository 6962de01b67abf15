#include "unit.h"

#include "core/base/utf8.h"
#include "core/bootrules/rules.h"
#include "core/settings/config.h"
#include "guard.h"

#include <stdio.h>

enum { TEXT_MAX = CONFIG_LIST_BYTES_MAX + 16 };

static const struct config_parameter *find(const char *name)
{
    const struct config_parameter *parameter = config_find(name);

    CHECK(parameter != NULL, "parameter %s", name);
    return parameter;
}

static bool is_number(const struct config_parameter *parameter)
{
    return parameter->kind == CONFIG_NUMBER || parameter->kind == CONFIG_BYTES;
}

static uint64_t number_of(const struct config *config, const struct config_parameter *parameter)
{
    const char *place = (const char *)config + parameter->offset;

    return parameter->kind == CONFIG_NUMBER ? *(const uint32_t *)place : *(const uint64_t *)place;
}

/* The draft is as before to the last byte, and the problem names the parameter. */
static void expect_refused(bool is_set, const struct config *draft, const struct config *before,
                           const struct config_parameter *parameter, const struct config_problem *problem)
{
    CHECK(!is_set, "%s took it", parameter->name);
    CHECK(memcmp(draft, before, sizeof *draft) == 0, "%s changed the draft", parameter->name);
    CHECK(strncmp(problem->text, parameter->name, strlen(parameter->name)) == 0, "\"%s\"", problem->text);
    CHECK(strstr(problem->text, "refused: ") != NULL && strlen(problem->text) < CONFIG_PROBLEM_MAX, "\"%s\"",
          problem->text);
}

static void test_every_default_is_valid(void **state)
{
    struct config config, again;
    struct config_problem problem;
    char text[TEXT_MAX];

    (void)state;
    memset(&again, 0xEE, sizeof again);
    config_defaults(&config);
    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *p = &config_parameters[i];
        if (p->standard == NULL) {
            const struct text_list *list = (const struct text_list *)(const void *)((const char *)&config + p->offset);
            CHECK(!list->is_present && list->count == 0, "%s", p->name);
            continue;
        }
        CHECK(config_set_typed(&again, p, p->standard, &problem), "%s", problem.text);
        config_value_text(&again, p, text, sizeof text);
        CHECK(strcmp(text, p->standard) == 0, "%s: %s", p->name, text);
        config_value_text(&config, p, text, sizeof text);
        CHECK(strcmp(text, p->standard) == 0, "%s: %s", p->name, text);
    }
}

static void test_names_and_aliases(void **state)
{
    (void)state;
    for (size_t i = 0; i < config_parameter_count; i++)
        assert_ptr_equal(config_find(config_parameters[i].name), &config_parameters[i]);
    assert_ptr_equal(config_find("writeable"), find("Writable"));
    assert_ptr_equal(config_find("WRITABLE"), find("Writable"));
    assert_ptr_equal(config_find("dIRECTORY"), find("Directory"));
    assert_null(config_find(""));
    assert_null(config_find("Por"));
    assert_null(config_find("Ports"));
    assert_null(config_find("Port "));
    assert_null(config_find("Writeables"));
}

/* Each number at its bounds, one beyond, and as text in many forms. */
static void test_number_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *p = &config_parameters[i];
        struct config draft, before;
        struct config_problem problem;
        char text[32];
        if (!is_number(p))
            continue;
        config_defaults(&draft);
        for (int high = 0; high < 2; high++) {
            uint64_t bound = high ? p->high : p->low;
            CHECK(config_set_number(&draft, p, bound, &problem) && number_of(&draft, p) == bound, "%s", p->name);
            config_copy_value(&draft, &(struct config){.port = 0}, p);
            snprintf(text, sizeof text, "%llu", (unsigned long long)bound);
            CHECK(config_set_text(&draft, p, text, &problem) && number_of(&draft, p) == bound, "%s", p->name);
            CHECK(config_set_typed(&draft, p, text, &problem) && number_of(&draft, p) == bound, "%s", p->name);
        }
        before = draft;
        if (p->low > 0) {
            snprintf(text, sizeof text, "%llu", (unsigned long long)(p->low - 1));
            expect_refused(config_set_number(&draft, p, p->low - 1, &problem), &draft, &before, p, &problem);
            expect_refused(config_set_text(&draft, p, text, &problem), &draft, &before, p, &problem);
        }
        if (p->high < UINT64_MAX) {
            snprintf(text, sizeof text, "%llu", (unsigned long long)(p->high + 1));
            expect_refused(config_set_number(&draft, p, p->high + 1, &problem), &draft, &before, p, &problem);
            expect_refused(config_set_text(&draft, p, text, &problem), &draft, &before, p, &problem);
            expect_refused(config_set_number(&draft, p, UINT64_MAX, &problem), &draft, &before, p, &problem);
            expect_refused(config_set_number(&draft, p, (1ull << 32) + p->low, &problem), &draft, &before, p, &problem);
            CHECK(strstr(problem.text, " from ") != NULL, "%s", problem.text);
        }
    }
}

/* A number 2^32 + low would pass if it were cut to 32 bits; LogMaxBytes goes up to UINT32_MAX itself. */
static void test_bad_numbers(void **state)
{
    static const char *const rows[] = {
        "",
        " ",
        "x",
        "5x",
        " 5",
        "5 ",
        "-1",
        "+5",
        "0x10",
        "5.0",
        "1e3",
        "18446744073709551616",
        "99999999999999999999999999999999999999999999999999999999999999999999999999999999"
        "99999999999999999999999999999999999999",
        "\xff"};

    (void)state;
    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *p = &config_parameters[i];
        struct config draft, before;
        struct config_problem problem;
        config_defaults(&draft);
        before = draft;
        for (size_t k = 0; k < COUNT_OF(rows) && is_number(p); k++) {
            memset(&problem, 'x', sizeof problem);
            expect_refused(config_set_text(&draft, p, rows[k], &problem), &draft, &before, p, &problem);
            expect_refused(config_set_typed(&draft, p, rows[k], &problem), &draft, &before, p, &problem);
        }
        if (is_number(p))
            expect_refused(config_set_list(&draft, p, "5", 2, &problem), &draft, &before, p, &problem);
    }
}

static void test_directory(void **state)
{
    const struct config_parameter *p = find("Directory");
    struct config draft, before;
    struct config_problem problem;
    char text[CONFIG_DIRECTORY_MAX + 2];

    (void)state;
    config_defaults(&draft);
    assert_true(config_set_text(&draft, p, "D:\\images", &problem));
    assert_string_equal(draft.directory, "D:\\images");
    assert_true(config_set_typed(&draft, p, "D:\\a;b", &problem));
    assert_string_equal(draft.directory, "D:\\a;b");
    memset(text, 'd', sizeof text);
    text[CONFIG_DIRECTORY_MAX - 1] = 0;
    assert_true(config_set_text(&draft, p, text, &problem));
    assert_int_equal(strlen(draft.directory), CONFIG_DIRECTORY_MAX - 1);
    before = draft;
    text[CONFIG_DIRECTORY_MAX - 1] = 'd';
    text[CONFIG_DIRECTORY_MAX] = 0;
    expect_refused(config_set_text(&draft, p, text, &problem), &draft, &before, p, &problem);
    expect_refused(config_set_text(&draft, p, "", &problem), &draft, &before, p, &problem);
    expect_refused(config_set_text(&draft, p, "D:\\\xff", &problem), &draft, &before, p, &problem);
    expect_refused(config_set_number(&draft, p, 0, &problem), &draft, &before, p, &problem);
    expect_refused(config_set_number(&draft, p, 5, &problem), &draft, &before, p, &problem);
    expect_refused(config_set_list(&draft, p, "D:\\", 4, &problem), &draft, &before, p, &problem);
}

static void test_port_range(void **state)
{
    static const struct {
        const char *text;
        uint16_t low, high;
        const char *printed;
    } good[] = {
        {"0", 0, 0, "0"},
        {"0-0", 0, 0, "0"},
        {"50000-50063", 50000, 50063, "50000-50063"},
        {"1", 1, 1, "1"},
        {"1-65535", 1, 65535, "1-65535"},
        {"65535-65535", 65535, 65535, "65535"},
    };
    static const char *const bad[] = {"",      "-",   "5-",    "-5",    "0-5", "6-5", "1-65536",
                                      "65536", "a-b", "1-2-3", "1 - 2", "1,2", "\xff"};
    const struct config_parameter *p = find("PortRange");
    struct config draft, before;
    struct config_problem problem;
    char text[TEXT_MAX];

    (void)state;
    config_defaults(&draft);
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        CHECK(config_set_text(&draft, p, good[i].text, &problem), "%s", problem.text);
        CHECK(draft.port_range.low == good[i].low && draft.port_range.high == good[i].high, "%s", good[i].text);
        assert_string_equal(config_value_text(&draft, p, text, sizeof text), good[i].printed);
    }
    assert_true(config_set_number(&draft, p, 5000, &problem));
    assert_int_equal(draft.port_range.low, 5000);
    assert_int_equal(draft.port_range.high, 5000);
    before = draft;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        expect_refused(config_set_text(&draft, p, bad[i], &problem), &draft, &before, p, &problem);
    expect_refused(config_set_number(&draft, p, 65536, &problem), &draft, &before, p, &problem);
    expect_refused(config_set_list(&draft, p, "1-2", 4, &problem), &draft, &before, p, &problem);
}

static void expect_list(const struct config *config, const struct config_parameter *parameter, const char *expected)
{
    char text[TEXT_MAX];

    config_value_text(config, parameter, text, sizeof text);
    CHECK(strcmp(text, expected) == 0, "%s: \"%s\" instead of \"%s\"", parameter->name, text, expected);
}

static void test_list_forms(void **state)
{
    const struct config_parameter *p = find("Masters");
    struct config draft;
    struct config_problem problem;

    (void)state;
    config_defaults(&draft);
    assert_true(config_set_text(&draft, p, "10.0.0.5", &problem)); /* REG_SZ */
    expect_list(&draft, p, "10.0.0.5");
    assert_true(config_set_number(&draft, p, 0, &problem)); /* the original's REG_DWORD 0 */
    expect_list(&draft, p, "");
    assert_int_equal(draft.masters.count, 0);
    assert_true(config_set_list(&draft, p,
                                "10.0.0.5\0"
                                "fd00::/8\0",
                                19, &problem)); /* REG_MULTI_SZ with its end */
    expect_list(&draft, p, "10.0.0.5;fd00::/8");
    assert_int_equal(draft.masters.count, 2);
    assert_true(config_set_list(&draft, p, "\0  \0 10.1.* \0\0", 14, &problem)); /* empty items, and blanks around */
    expect_list(&draft, p, "10.1.*");
    assert_true(config_set_list(&draft, p, "10.1.1.1", 8, &problem)); /* the last NUL may be missing */
    expect_list(&draft, p, "10.1.1.1");
    const char *items = (const char *)guard_span("10.1.1.1\0"
                                                 "10.1.1.2",
                                                 17)
                            .bytes;
    assert_true(config_set_list(&draft, p, items, 17, &problem));
    expect_list(&draft, p, "10.1.1.1;10.1.1.2");
    items = (const char *)guard_span("10.1.1.3\0 ", 10).bytes;
    assert_true(config_set_list(&draft, p, items, 10, &problem));
    expect_list(&draft, p, "10.1.1.3");
    assert_true(config_set_typed(&draft, p, "10.0.0.1;10.0.0.2;;10.0.0.3", &problem));
    expect_list(&draft, p, "10.0.0.1;10.0.0.2;10.0.0.3");
    assert_true(config_set_typed(&draft, p, "", &problem));
    expect_list(&draft, p, "");
    assert_true(config_set_text(&draft, p, "*", &problem) && config_set_text(&draft, p, "", &problem));
    expect_list(&draft, p, "");
}

static void test_list_items_are_checked(void **state)
{
    static const struct {
        const char *name, *good, *bad;
    } rows[] = {
        {"Clients", "157.55.8?.*", "localhost"},
        {"Clients", "10.0.0.0/8", "10.0.0.0/33"},
        {"Clients", "fd00::/8", "fe80::1%3"},
        {"Masters", "*", "10.0.0.1 10.0.0.2"},
        {"Masters", "fe80::*", "10.*/8"},
        {"Readable", "boot\\*.efi", "\xff"},
        {"Writable", "\xc3\xa4*.log", "\xc3"},
        {"Addresses", "10.0.0.5", "10.0.0.*"},
        {"Addresses", "fe80::1%3", "*"},
        {"DisableOptions", "WindowSize", "multicast"},
        {"Masters", "::ffff:10.0.0.0/104", "::ffff:10.0.0.0/8"},
    };
    struct config draft, before;
    struct config_problem problem;
    char both[128];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct config_parameter *p = find(rows[i].name);
        config_defaults(&draft);
        CHECK(config_set_text(&draft, p, rows[i].good, &problem), "%s", problem.text);
        expect_list(&draft, p, rows[i].good);
        before = draft;
        expect_refused(config_set_text(&draft, p, rows[i].bad, &problem), &draft, &before, p, &problem);
        /* One bad item refuses the whole list. */
        snprintf(both, sizeof both, "%s;%s", rows[i].good, rows[i].bad);
        expect_refused(config_set_typed(&draft, p, both, &problem), &draft, &before, p, &problem);
        expect_refused(config_set_number(&draft, p, 7, &problem), &draft, &before, p, &problem);
    }
}

static void test_list_limits(void **state)
{
    static char items[CONFIG_LIST_BYTES_MAX + 8];
    const struct config_parameter *p = find("Readable");
    struct config draft, before;
    struct config_problem problem;

    (void)state;
    config_defaults(&draft);
    memset(items, 'a', sizeof items);
    for (size_t i = 1; i < 2 * (CONFIG_LIST_ITEMS_MAX + 1); i += 2)
        items[i] = 0;
    assert_true(config_set_list(&draft, p, items, 2 * CONFIG_LIST_ITEMS_MAX, &problem));
    assert_int_equal(draft.readable.count, CONFIG_LIST_ITEMS_MAX);
    before = draft;
    expect_refused(config_set_list(&draft, p, items, 2 * (CONFIG_LIST_ITEMS_MAX + 1), &problem), &draft, &before, p,
                   &problem);
    memset(items, 'a', sizeof items);
    items[CONFIG_LIST_BYTES_MAX - 1] = 0;
    assert_true(config_set_text(&draft, p, items, &problem));
    assert_int_equal(draft.readable.size, CONFIG_LIST_BYTES_MAX);
    assert_true(config_set_typed(&draft, p, items, &problem));
    before = draft;
    items[CONFIG_LIST_BYTES_MAX - 1] = 'a';
    items[CONFIG_LIST_BYTES_MAX] = 0;
    expect_refused(config_set_text(&draft, p, items, &problem), &draft, &before, p, &problem);
    expect_refused(config_set_typed(&draft, p, items, &problem), &draft, &before, p, &problem);
}

static void test_walk(void **state)
{
    struct text_list list = {.count = 2, .size = 5, .items = "a\0bc"};

    (void)state;
    const char *item = text_list_next(&list, NULL);
    assert_string_equal(item, "a");
    item = text_list_next(&list, item);
    assert_string_equal(item, "bc");
    assert_null(text_list_next(&list, item));
    list = (struct text_list){.count = 0};
    assert_null(text_list_next(&list, NULL));
}

/* Every value can be changed to its example, seen to differ, printed, read back, and put back. */
static void test_equal_copy_and_text_of_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *p = &config_parameters[i];
        struct config standard, draft, back;
        struct config_problem problem;
        char value[TEXT_MAX];
        config_defaults(&standard);
        config_defaults(&draft);
        config_defaults(&back);
        uint64_t now = is_number(p) ? number_of(&draft, p) : 0;
        snprintf(value, sizeof value, "%llu", (unsigned long long)(now > p->low ? now - 1 : p->high));
        if (!is_number(p))
            snprintf(value, sizeof value, "%s", p->example);
        CHECK(config_set_typed(&draft, p, value, &problem), "%s", problem.text);
        CHECK(!config_value_equal(&draft, &standard, p), "%s", p->name);
        for (size_t k = 0; k < config_parameter_count; k++)
            CHECK(k == i || config_value_equal(&draft, &standard, &config_parameters[k]), "%s also changed %s", p->name,
                  config_parameters[k].name);
        expect_list(&draft, p, value);
        config_copy_value(&back, &draft, p);
        CHECK(config_value_equal(&back, &draft, p) && memcmp(&back, &draft, sizeof back) == 0, "%s", p->name);
        config_copy_value(&back, &standard, p);
        CHECK(memcmp(&back, &standard, sizeof back) == 0, "%s", p->name);
    }
}

/* Lists are equal item by item; and one that is not there is another than an empty one. */
static void test_equal_lists(void **state)
{
    static const struct {
        const char *a, *b; /* NULL: not there */
        bool is_equal;
    } rows[] = {
        {"allow:/a;deny:/b", "allow:/a;deny:/b", true},
        {"allow:/a;deny:/b", "allow:/a;deny:/c", false},
        {"allow:/a", "allow:/a;deny:/c", false},
        {"allow:/a", "", false},
        {"", "", true},
        {"", NULL, false},
        {NULL, NULL, true},
    };
    const struct config_parameter *p = find("Access");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config a, b;
        struct config_problem problem;
        config_defaults(&a);
        config_defaults(&b);
        assert_true(rows[i].a == NULL || config_set_typed(&a, p, rows[i].a, &problem));
        assert_true(rows[i].b == NULL || config_set_typed(&b, p, rows[i].b, &problem));
        CHECK(config_value_equal(&a, &b, p) == rows[i].is_equal, "row %u", (unsigned)i);
        CHECK(config_value_equal(&b, &a, p) == rows[i].is_equal, "row %u", (unsigned)i);
    }
}

static void test_text_is_cut_to_size(void **state)
{
    struct config config;
    struct config_problem problem;
    char text[8];

    (void)state;
    config_defaults(&config);
    assert_true(config_set_typed(&config, find("Readable"), "aaa;bbb;ccc", &problem));
    assert_string_equal(config_value_text(&config, find("Readable"), text, sizeof text), "aaa;bbb");
    assert_string_equal(config_value_text(&config, find("Directory"), text, sizeof text), "%System");
    assert_string_equal(config_value_text(&config, find("Readable"), text, 1), "");
    assert_true(config_set_typed(&config, find("Readable"), "a;b;c", &problem));
    assert_string_equal(config_value_text(&config, find("Readable"), text, sizeof text), "a;b;c");
}

static void each_value_has_a_source(void **state)
{
    static const char *const texts[] = {"default", "Parameters", "command line", "policy"};
    struct config config, other;

    (void)state;
    config_defaults(&config);
    config_defaults(&other);
    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *p = &config_parameters[i];
        enum config_source source = (enum config_source)(i % 4);
        assert_int_equal(config_source_of(&config, p), CONFIG_FROM_DEFAULT);
        config_set_source(&config, p, source);
        assert_string_equal(config_source_text(config_source_of(&config, p)), texts[source]);
        assert_string_equal(config_policy_mark(&config, p), source == CONFIG_FROM_POLICY ? " (policy)" : "");
        /* Where it comes from makes no difference to the value, and goes with it. */
        assert_true(config_value_equal(&config, &other, p));
        config_copy_value(&other, &config, p);
        assert_int_equal(config_source_of(&other, p), source);
    }
    config_defaults(&config);
    config_fall_back(&config, config_find("Port"), &other);
    assert_int_equal(config_source_of(&config, config_find("Port")), config_source_of(&other, config_find("Port")));
}

/* Without a last good value: the default; but the lists that say who may have what admit nobody and nothing. */
static void test_fall_back(void **state)
{
    static const char *const closed[] = {"Clients", "Masters", "Readable", "Writable", "Access"};

    (void)state;
    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *p = &config_parameters[i];
        struct config standard, draft, good;
        struct config_problem problem;
        const struct text_list *list;
        bool is_closed = false;
        config_defaults(&standard);
        config_defaults(&draft);
        CHECK(config_set_typed(&draft, p, is_number(p) ? "512" : p->example, &problem) || is_number(p), "%s", p->name);
        if (is_number(p) && p->high < 512)
            CHECK(config_set_number(&draft, p, p->high, &problem), "%s", p->name);
        good = draft;
        for (size_t k = 0; k < COUNT_OF(closed); k++)
            is_closed = is_closed || strcmp(p->name, closed[k]) == 0;
        config_fall_back(&draft, p, NULL);
        list = (const struct text_list *)(const void *)((const char *)&draft + p->offset);
        CHECK(!is_closed || (list->is_present && list->count == 0), "%s", p->name);
        /* The boot companion's are empty, and known to be so by mistake. */
        if (p->judges != NULL) {
            CHECK(list->is_refused && list->count == 0 && !config_value_equal(&draft, &standard, p), "%s", p->name);
        } else if (strcmp(p->name, "PxeUnknown") == 0) {
            assert_int_equal(draft.pxe_unknown, BOOT_UNKNOWN_IGNORE);
        } else {
            CHECK(is_closed || config_value_equal(&draft, &standard, p), "%s", p->name);
        }
        config_fall_back(&draft, p, &good);
        CHECK(config_value_equal(&draft, &good, p), "%s", p->name);
    }
}

/* A text with half a character at its end is no text: the log would show it with '?' for every letter but ASCII. */
static void test_no_character_is_cut(void **state)
{
    static const char directory[] = "xää", list[] = "ää;yää";
    struct config config;
    struct config_problem problem;
    char long_name[128] = "/";
    char text[16];

    (void)state;
    config_defaults(&config);
    for (size_t i = 1; i + 2 < sizeof long_name; i += 2)
        memcpy(long_name + i, "ä", 3);
    assert_false(config_set_text(&config, find("Clients"), long_name, &problem));
    CHECK(utf8_is_valid(span_of_text(problem.text)), "\"%s\"", problem.text);
    assert_false(config_set_text(&config, find("Port"), long_name, &problem));
    CHECK(utf8_is_valid(span_of_text(problem.text)), "\"%s\"", problem.text);
    assert_true(config_set_typed(&config, find("Directory"), directory, &problem));
    assert_true(config_set_typed(&config, find("Readable"), list, &problem));
    for (size_t size = 1; size <= sizeof text; size++) {
        config_value_text(&config, find("Directory"), text, size);
        assert_true(utf8_is_valid(span_of_text(text)) && strncmp(text, directory, strlen(text)) == 0);
        config_value_text(&config, find("Readable"), text, size);
        assert_true(utf8_is_valid(span_of_text(text)) && strncmp(text, list, strlen(text)) == 0);
    }
}

static void test_ports(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        uint32_t ports;
    } rows[] = {
        {"TransferPorts", "5", 5},         {"PortRange", "0", 768},
        {"PortRange", "6000-6000", 1},     {"PortRange", "6000-10095", 4096},
        {"PortRange", "6000-10094", 4095}, {"PortRange", "6000-10096", 4096},
        {"PortRange", "1025-65535", 4096}, {"SinglePort", "1", 1},
    };
    struct config_problem problem;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config config;
        config_defaults(&config);
        assert_true(config_set_typed(&config, config_find(rows[i].name), rows[i].value, &problem));
        CHECK(config_ports(&config) == rows[i].ports, "%s=%s: %u", rows[i].name, rows[i].value,
              (unsigned)config_ports(&config));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_every_default_is_valid),
        cmocka_unit_test(test_names_and_aliases),
        cmocka_unit_test(test_number_bounds),
        cmocka_unit_test(test_bad_numbers),
        cmocka_unit_test(test_directory),
        cmocka_unit_test(test_port_range),
        cmocka_unit_test(test_list_forms),
        cmocka_unit_test(test_list_items_are_checked),
        cmocka_unit_test(test_list_limits),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_equal_copy_and_text_of_all),
        cmocka_unit_test(test_equal_lists),
        cmocka_unit_test(test_text_is_cut_to_size),
        cmocka_unit_test(test_fall_back),
        cmocka_unit_test(each_value_has_a_source),
        cmocka_unit_test(test_no_character_is_cut),
    };

    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
