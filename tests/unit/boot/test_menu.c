/* A menu is refused when it is written, and for no other reason than that menu_write would have no room for it. */
#include "unit.h"

#include "core/boot/menu.h"
#include "guard.h"

#include <stdio.h>

static struct boot_rules rules;
static struct boot_problem problem;
static uint64_t seed;

static int set_up(void **state)
{
    (void)state;
    boot_rules_init(&rules);
    rules.style = BOOT_STYLE_MENU;
    return 0;
}

static void add(enum boot_list list, const char *line)
{
    CHECK(boot_rules_add(&rules, list, line, &problem), "%s", problem.text);
}

#define PICK(array) ((array)[random_below(&seed, COUNT_OF(array))])

static void random_menu(void)
{
    static const char *const machines[] = {
        "", "", "", " for x64", " for bios,ia32", " for arm64", " for any", " for 7,11,27", " for 300", " for 65535"};
    static const char *const what[] = {"local", "answer", "a.efi", "a.efi server 10.0.0.9"};
    char line[200];

    set_up(NULL);
    bool is_long = random_below(&seed, 2) == 0;
    for (unsigned count = random_below(&seed, BOOT_MENU_MAX) + 1; count > 0; count--) {
        int length = 1 + (int)random_below(&seed, is_long ? BOOT_MENU_TEXT_MAX : 8);
        snprintf(line, sizeof line, "%0*d = %s%s", length, 0, PICK(what), PICK(machines));
        add(BOOT_LIST_MENU, line);
    }
}

static bool has_entry(const struct boot_asker *asker)
{
    bool has = false;

    for (size_t i = 0; i < rules.menu_count; i++)
        has = has || boot_match_entry(&rules.menu[i], asker);
    return has;
}

static bool fits(struct boot_asker *asker)
{
    struct endpoint server = endpoint_ipv4(10, 77, 0, 2, 0);
    size_t size = menu_write(&rules, asker, &server, guard_room(TLV_DATA_MAX));

    assert_true(size <= TLV_DATA_MAX);
    return size > 0 || !has_entry(asker);
}

static bool fits_every_kind(void)
{
    static const uint16_t others[] = {300, 301, 65534, 65535};
    struct boot_asker asker = {.machine = {.asks = MACHINE_ASKS_PXE}, .is_ipv4 = true};
    bool is_fit = fits(&asker);

    asker.machine.count = 1;
    for (uint16_t number = 0; number < 50; number++) {
        asker.machine.architectures[0] = number;
        is_fit = fits(&asker) && is_fit;
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        asker.machine.architectures[0] = others[i];
        is_fit = fits(&asker) && is_fit;
    }
    return is_fit;
}

/* Every length of the prompt, so that each menu near the limit is on both sides of it. */
static void test_random_menus(void **state)
{
    unsigned taken = 0;
    unsigned refused = 0;
    char prompt[128];

    (void)state;
    for (unsigned menu = 0; menu < 100; menu++) {
        seed = menu;
        random_menu();
        uint16_t text_size = rules.text_size;
        for (int length = 1; length <= BOOT_PROMPT_MAX; length++) {
            rules.text_size = text_size;
            snprintf(prompt, sizeof prompt, "10 %0*d", length, 0);
            add(BOOT_LIST_PROMPT, prompt);
            bool is_taken = boot_rules_check(&rules, &problem);
            CHECK(is_taken == fits_every_kind(), "menu %u, prompt of %d: %s", menu, length, problem.text);
            CHECK(is_taken == (problem.text[0] == 0), "%s", problem.text);
            taken += is_taken;
            refused += !is_taken;
        }
    }
    CHECK(taken > 1000 && refused > 1000, "%u taken, %u refused", taken, refused);
}

/* PXE.md 1.3: the disk has no server, so its entry costs three bytes and its text. */
static void test_the_last_byte(void **state)
{
    char line[128];

    (void)state;
    snprintf(line, sizeof line, "%070d = local", 0);
    add(BOOT_LIST_MENU, line);
    snprintf(line, sizeof line, "%070d = answer", 0);
    add(BOOT_LIST_MENU, line);
    snprintf(line, sizeof line, "%070d = a.efi", 0);
    add(BOOT_LIST_MENU, line);
    add(BOOT_LIST_PROMPT, "10 0123456789a"); /* 11 + 73 + 80 + 80, and 11 */
    assert_true(boot_rules_check(&rules, &problem) && fits_every_kind());
    add(BOOT_LIST_PROMPT, "10 0123456789ab");
    assert_false(boot_rules_check(&rules, &problem) || fits_every_kind());
    assert_string_equal(problem.text,
                        "PxeMenu: the entries for every machine and PxePrompt take 256 bytes, and PXE has "
                        "room for 255: for the texts, 10 for each entry or 3 where it is local, and 11; "
                        "shorten texts or leave out entries");
}

/* Each machine has a menu of its own. */
static void test_as_many_as_there_may_be(void **state)
{
    static const char *const machines[] = {"x64", "ia32", "arm64"};
    char line[128];

    (void)state;
    for (int i = 0; i < BOOT_MENU_MAX; i++) {
        snprintf(line, sizeof line, "An entry %011d = %d.efi for %s", i, i, machines[i % 3]);
        add(BOOT_LIST_MENU, line);
    }
    add(BOOT_LIST_PROMPT, "10");
    CHECK(boot_rules_check(&rules, &problem), "%s", problem.text);
    assert_true(fits_every_kind());
    add(BOOT_LIST_PROMPT, "10 Some more");
    assert_false(boot_rules_check(&rules, &problem));
    assert_non_null(strstr(problem.text, "the entries for x64 UEFI (architecture 7) and PxePrompt take 260 bytes"));
}

/* Who says that it is several is shown what is for each; too much of it is not written at all. */
static void test_a_machine_of_several_architectures(void **state)
{
    struct boot_asker asker = {.machine = {.asks = MACHINE_ASKS_PXE, .count = 2, .architectures = {7, 11}},
                               .is_ipv4 = true};
    char line[128];

    (void)state;
    for (int i = 0; i < 4; i++) {
        snprintf(line, sizeof line, "%070d = a.efi for %s", i, i % 2 == 0 ? "x64" : "arm64");
        add(BOOT_LIST_MENU, line);
    }
    assert_true(boot_rules_check(&rules, &problem) && fits_every_kind());
    assert_false(fits(&asker));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_random_menus, set_up),
        cmocka_unit_test_setup(test_the_last_byte, set_up),
        cmocka_unit_test_setup(test_as_many_as_there_may_be, set_up),
        cmocka_unit_test_setup(test_a_machine_of_several_architectures, set_up),
    };

    return cmocka_run_group_tests_name("menu", tests, NULL, NULL);
}
