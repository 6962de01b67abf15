#include "core/bootrules/match.h"

#include <stdio.h>

static bool complain(struct boot_problem *problem, const char *text)
{
    snprintf(problem->text, sizeof problem->text, "%s", text);
    return false;
}

static bool has_menu_style(const struct boot_rules *rules)
{
    bool has = rules->style == BOOT_STYLE_MENU;

    for (size_t i = 0; i < rules->rule_count; i++)
        has = has || rules->rules[i].style == BOOT_STYLE_MENU;
    for (size_t i = 0; i < rules->host_count; i++)
        has = has || rules->hosts[i].style == BOOT_STYLE_MENU;
    return has;
}

/* -- how long the menu of a machine is ------------------------------------------------------------------------------- */

/* What it takes in option 43: discovery control, servers, entries, prompt, END (PXE 2.1 table 2-1). */
enum {
    SERVER = 7, /* type, count, an address; the disk has none */
    ENTRY = 3,  /* type, length */
    EVERY_ENTRY = ENTRY + SERVER,
    FIXED = TLV_HEADER_SIZE + 1 /* control */ + TLV_HEADER_SIZE + TLV_HEADER_SIZE + TLV_HEADER_SIZE + 1 + 1
};

static size_t menu_size(const struct boot_rules *rules, const struct boot_asker *asker)
{
    size_t size = FIXED + strlen(boot_text(rules, rules->prompt));

    for (size_t i = 0; i < rules->menu_count; i++) {
        const struct boot_rule *entry = &rules->menu[i];
        if (boot_match_entry(entry, asker))
            size += (entry->action == BOOT_LOCAL ? ENTRY : EVERY_ENTRY) + strlen(boot_text(rules, entry->title));
    }
    return size;
}

static bool check_machine(const struct boot_rules *rules, const struct machine *machine, struct boot_problem *problem)
{
    struct boot_asker asker = {.machine = *machine, .is_ipv4 = true};
    size_t size = menu_size(rules, &asker);
    char text[MACHINE_TEXT_MAX];

    if (size <= TLV_DATA_MAX)
        return true;
    snprintf(problem->text, sizeof problem->text,
             "PxeMenu: the entries for %s and PxePrompt take %u bytes, and PXE has room for %d: for the texts, %d for "
             "each entry or %d where it is local, and %d; shorten texts or leave out entries",
             machine->count == 0 ? "every machine" : machine_text(machine, text), (unsigned)size, TLV_DATA_MAX,
             EVERY_ENTRY, ENTRY, FIXED);
    return false;
}

/* Whom an entry names is shown more than others; who is named nowhere, what is for all. */
static bool check_menu(const struct boot_rules *rules, struct boot_problem *problem)
{
    struct machine machine = {.asks = MACHINE_ASKS_PXE};

    if (!check_machine(rules, &machine, problem))
        return false;
    machine.count = 1;
    for (size_t i = 0; i < rules->menu_count; i++) {
        const struct machine_set *named = &rules->menu[i].machines;
        for (size_t k = 0; k < named->count; k++) {
            machine.architectures[0] = named->numbers[k];
            if (!check_machine(rules, &machine, problem))
                return false;
        }
    }
    return true;
}

bool boot_rules_check(const struct boot_rules *rules, struct boot_problem *problem)
{
    problem->text[0] = 0;
    if (!has_menu_style(rules))
        return true;
    if (rules->menu_count == 0)
        return complain(problem,
                        "PxeMenu is empty, and the style menu shows it; write its entries, as in \"From the network = "
                        "answer\", or another style");
    return check_menu(rules, problem);
}
