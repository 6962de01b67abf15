/* Parameters of the boot companion: each line judged as it is set, and all of them made into one record. */
#include "unit.h"

#include "core/base/utf8.h"
#include "core/settings/boot_lines.h"

static struct config config;
static struct boot_rules rules;
static struct boot_problem problem;

static int set_up(void **state)
{
    (void)state;
    config_defaults(&config);
    return 0;
}

static bool set(const char *name, const char *typed, struct config_problem *why)
{
    return config_set_typed(&config, config_find(name), typed, why);
}

static void put(const char *name, const char *typed)
{
    struct config_problem why;

    CHECK(set(name, typed, &why), "%s", why.text);
}

static void expect_refused(const char *name, const char *typed, const char *words)
{
    struct config before = config;
    struct config_problem why;

    CHECK(!set(name, typed, &why), "%s took %s", name, typed);
    CHECK(strncmp(why.text, name, strlen(name)) == 0 && strstr(why.text, " is refused: ") != NULL, "%s", why.text);
    CHECK(strstr(why.text, words) != NULL, "%s", why.text);
    CHECK(utf8_is_valid(span_of_text(why.text)), "%s", why.text);
    assert_memory_equal(&before, &config, sizeof config);
}

static void test_off_by_default(void **state)
{
    (void)state;
    assert_false(boot_lines_are_wanted(&config));
    assert_true(boot_lines_read(&rules, &config, &problem));
    assert_false(rules.is_pxe_on || rules.is_bootp_on);
    assert_int_equal(rules.style, BOOT_STYLE_DIRECT);
    assert_int_equal(rules.unknown, BOOT_UNKNOWN_ANSWER);
    assert_int_equal(rules.replies_per_second, 500);
    assert_int_equal(rules.prompt_s, 10);
    assert_string_equal(boot_text(&rules, rules.prompt), "Press F8 for the boot menu");
    put("Bootp", "bootp");
    assert_true(boot_lines_are_wanted(&config));
    put("Bootp", "off");
    put("Pxe", "watch");
    assert_true(boot_lines_are_wanted(&config));
}

static void test_every_parameter_arrives(void **state)
{
    (void)state;
    put("Pxe", "answer");
    put("PxeBoot", "x64 = a.efi; ipxe = http://boot/x.ipxe");
    put("PxeHosts", "52:54:00:12:34:56 = once b.efi");
    put("PxeUnknown", "wait");
    put("PxeStyle", "menu");
    put("PxeMenu", "Disk = local;Install = answer");
    put("PxePrompt", "wait Choose");
    put("PxeInterfaces", "10.1.0.0/16");
    put("PxeRelays", "10.2.0.1;10.3.0.1");
    put("PxeRepliesPerSecond", "7");
    put("Bootp", "bootp");
    put("BootpHosts", "00:11:22:33:44:55 = 10.1.0.7/24 file c");
    CHECK(boot_lines_read(&rules, &config, &problem), "%s", problem.text);
    assert_true(rules.is_pxe_on && rules.is_bootp_on);
    assert_int_equal(rules.rule_count, 2);
    assert_int_equal(rules.host_count, 1);
    assert_int_equal(rules.menu_count, 2);
    assert_int_equal(rules.interface_count, 1);
    assert_int_equal(rules.relay_count, 2);
    assert_int_equal(rules.bootp_host_count, 1);
    assert_int_equal(rules.unknown, BOOT_UNKNOWN_WAIT);
    assert_int_equal(rules.style, BOOT_STYLE_MENU);
    assert_int_equal(rules.prompt_s, BOOT_PROMPT_WAIT);
    assert_string_equal(boot_text(&rules, rules.prompt), "Choose");
    assert_int_equal(rules.replies_per_second, 7);
    assert_string_equal(boot_text(&rules, rules.rules[1].file), "http://boot/x.ipxe");
}

/* The first bad line is named, and the value stays as it was. */
static void test_bad_lines(void **state)
{
    (void)state;
    put("PxeBoot", "x64 = a.efi");
    expect_refused("PxeBoot", "x64 = b.efi;x46 = c.efi", "line \"x46 = c.efi\": \"x46\" is no machine");
    expect_refused("PxeHosts", "52:54 = a b", "line \"52:54 = a b\"");
    expect_refused("PxeMenu", "Disk", "\"Disk\"");
    expect_refused("PxeInterfaces", "lan", "no network");
    expect_refused("PxeRelays", "10.1.0.1 10.2.0.1", "too much");
    expect_refused("BootpHosts", "x = 10.0.0.1", "no MAC");
    expect_refused("Pxe", "on", "off, watch or answer");
    expect_refused("PxePrompt", "soon", "seconds up to 254");
    expect_refused("PxePrompt", "", "seconds up to 254");
    /* The longest list of words, and one that is cut within a character. */
    expect_refused("PxeBoot", "qqqqqqqq = a", "or a number of option 93");
    expect_refused(
        "PxeBoot",
        "x64 = a "
        "a\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3"
        "\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3"
        "\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3"
        "\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
        "not understood");
}

/* What only shows when all lines are there. */
static void test_what_does_not_fit_together(void **state)
{
    (void)state;
    put("PxeStyle", "menu");
    assert_false(boot_lines_read(&rules, &config, &problem));
    assert_non_null(strstr(problem.text, "PxeMenu is empty"));
    put("PxeStyle", "direct");
    assert_true(boot_lines_read(&rules, &config, &problem));
    /* A prompt that nobody has looked at. */
    strcpy(config.pxe_prompt, "soon");
    assert_false(boot_lines_read(&rules, &config, &problem));
    assert_non_null(strstr(problem.text, "PxePrompt"));
}

/* A list that was refused when nothing was good before may have kept somebody out. */
static void test_a_refused_list_closes(void **state)
{
    static const char *const lists[] = {"PxeBoot", "PxeHosts", "PxeMenu", "PxeInterfaces", "PxeRelays", "BootpHosts"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        struct config good = config;
        put("Pxe", "answer");
        config_fall_back(&config, config_find(lists[i]), NULL);
        assert_false(boot_lines_read(&rules, &config, &problem));
        CHECK(strstr(problem.text, lists[i]) == problem.text, "%s", problem.text);
        config_fall_back(&config, config_find(lists[i]), &good);
        assert_true(boot_lines_read(&rules, &config, &problem));
    }
}

static void test_ports(void **state)
{
    static const struct {
        const char *pxe, *ports, *v6, *bootp;
        struct boot_ports expected;
    } rows[] = {
        {"off", "both", "answer", "off", {false, false, false}},
        {"off", "4011", "answer", "bootp", {true, false, false}},
        {"answer", "both", "off", "off", {true, true, false}},
        {"watch", "both", "answer", "off", {true, true, true}},
        {"answer", "4011", "off", "bootp", {false, true, false}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        put("Pxe", rows[i].pxe);
        put("PxePorts", rows[i].ports);
        put("PxeV6", rows[i].v6);
        put("Bootp", rows[i].bootp);
        struct boot_ports ports = boot_lines_ports(&config);
        CHECK(memcmp(&ports, &rows[i].expected, sizeof ports) == 0, "row %u", (unsigned)i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_off_by_default, set_up),
        cmocka_unit_test_setup(test_every_parameter_arrives, set_up),
        cmocka_unit_test_setup(test_bad_lines, set_up),
        cmocka_unit_test_setup(test_what_does_not_fit_together, set_up),
        cmocka_unit_test_setup(test_a_refused_list_closes, set_up),
        cmocka_unit_test_setup(test_ports, set_up),
    };

    return cmocka_run_group_tests_name("boot_lines", tests, NULL, NULL);
}
