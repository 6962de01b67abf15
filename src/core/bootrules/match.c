#include "core/bootrules/match.h"

/* Of one architecture that the machine says it is. What gives nothing to load is for iPXE and for HTTP too. */
static bool is_for_architecture(const struct boot_rule *rule, const struct machine *machine, uint16_t number)
{
    bool gives_file = rule->action == BOOT_FILE;
    bool is_http = machine->asks == MACHINE_ASKS_HTTP;

    if (!rule->has_machines || rule->machines.is_any)
        return !gives_file || (!machine->is_ipxe && !is_http);
    if (machine->is_ipxe)
        return rule->machines.is_ipxe;
    if (machine->is_raspberry_pi)
        return rule->machines.is_raspberry_pi;
    return machine_set_has(&rule->machines, number) && (!gives_file || rule->is_url == is_http);
}

static bool is_for_place(const struct boot_rule *rule, const struct boot_asker *asker)
{
    return (!rule->has_network || prefix_contains(&rule->network, &asker->place)) &&
           (!rule->has_server || endpoint_is_ipv4(&rule->server) == asker->is_ipv4);
}

/* Some machines say several architectures: the first that a rule is for. */
static bool is_for_machine(const struct boot_rule *rule, const struct machine *machine)
{
    for (size_t i = 0; i < machine->count; i++)
        if (is_for_architecture(rule, machine, machine->architectures[i]))
            return true;
    return machine->count == 0 && is_for_architecture(rule, machine, UINT16_MAX);
}

bool boot_match_entry(const struct boot_rule *entry, const struct boot_asker *asker)
{
    return is_for_machine(entry, &asker->machine) && is_for_place(entry, asker);
}

struct identity boot_match_identity(const struct boot_rules *rules, const struct identity *identity)
{
    struct identity known = *identity;

    for (size_t i = 0; i < rules->host_count && known.has_mac; i++)
        known.has_mac = rules->hosts[i].action != BOOT_SHARED || !who_is(&rules->hosts[i].who, &known);
    return known;
}

/* The first line of PxeHosts for this machine that names it in this way; *is_named: some line does, be it for others. */
static const struct boot_rule *match_host(const struct boot_rules *rules, const struct boot_asker *asker,
                                          enum who_kind kind, bool *is_named)
{
    for (size_t i = 0; i < rules->host_count; i++) {
        const struct boot_rule *rule = &rules->hosts[i];
        if (rule->action == BOOT_SHARED || rule->who.kind != kind || !who_is(&rule->who, &asker->machine.identity))
            continue;
        *is_named = true;
        if (is_for_machine(rule, &asker->machine) && is_for_place(rule, asker))
            return rule;
    }
    return NULL;
}

static struct boot_choice silent(enum boot_reason reason, const struct boot_rule *rule)
{
    return (struct boot_choice){.verdict = BOOT_VERDICT_SILENT, .reason = (uint8_t)reason, .rule = rule};
}

static struct boot_choice local(const struct boot_rule *rule)
{
    return (struct boot_choice){.verdict = BOOT_VERDICT_LOCAL, .rule = rule};
}

static uint8_t style_of(const struct boot_rules *rules, const struct boot_rule *rule, const struct machine *machine)
{
    uint8_t style = rule->style;

    /* It never asks on port 4011. */
    if (machine->is_raspberry_pi)
        return BOOT_STYLE_DIRECT;
    /* A line for one machine means that file, not a choice. */
    if (style == BOOT_STYLE_UNSAID)
        style = rule->list == BOOT_LIST_HOSTS && rules->style == BOOT_STYLE_MENU ? BOOT_STYLE_DIRECT : rules->style;
    bool has_menu = !machine->is_ipxe && machine->asks == MACHINE_ASKS_PXE;
    return style == BOOT_STYLE_MENU && !has_menu ? BOOT_STYLE_DIRECT : style;
}

static struct boot_choice file(const struct boot_rules *rules, const struct boot_rule *rule,
                               const struct machine *machine)
{
    return (struct boot_choice){.verdict = BOOT_VERDICT_FILE, .style = style_of(rules, rule, machine), .rule = rule};
}

static struct boot_choice nothing_for(const struct machine *machine)
{
    if (machine->is_ipxe)
        return silent(BOOT_NO_RULE_FOR_IPXE, NULL);
    return silent(machine->count == 0 ? BOOT_NO_ARCHITECTURE : BOOT_NO_RULE, NULL);
}

/* What a line of PxeBoot, which matches, means for this machine; false: it was approved, so the next one counts. */
static bool take_rule(const struct boot_rules *rules, const struct boot_marks *marks, const struct boot_rule *rule,
                      const struct machine *machine, struct boot_choice *choice)
{
    switch (rule->action) {
    case BOOT_IGNORE: *choice = silent(BOOT_IGNORED, rule); return true;
    case BOOT_LOCAL: *choice = local(rule); return true;
    case BOOT_WAIT: *choice = silent(BOOT_WAITING, rule); return !boot_marks_is_approved(marks, &machine->identity);
    default: *choice = file(rules, rule, machine); return true;
    }
}

static struct boot_choice match_boot(const struct boot_rules *rules, const struct boot_marks *marks,
                                     const struct boot_asker *asker)
{
    const struct machine *machine = &asker->machine;
    size_t tries = machine->count > 0 ? machine->count : 1;
    struct boot_choice choice;

    for (size_t i = 0; i < tries; i++) {
        uint16_t number = machine->count > 0 ? machine->architectures[i] : UINT16_MAX;
        for (size_t k = 0; k < rules->rule_count; k++) {
            const struct boot_rule *rule = &rules->rules[k];
            if (is_for_architecture(rule, machine, number) && is_for_place(rule, asker) &&
                take_rule(rules, marks, rule, machine, &choice))
                return choice;
        }
    }
    return nothing_for(machine);
}

static enum boot_action action_for(const struct boot_rules *rules, const struct boot_rule *host, bool is_named)
{
    static const uint8_t of_unknown[] = {
        [BOOT_UNKNOWN_ANSWER] = BOOT_ANSWER, [BOOT_UNKNOWN_IGNORE] = BOOT_IGNORE, [BOOT_UNKNOWN_WAIT] = BOOT_WAIT};

    if (host != NULL)
        return (enum boot_action)host->action;
    return is_named ? BOOT_ANSWER : (enum boot_action)of_unknown[rules->unknown];
}

struct boot_choice boot_match(const struct boot_rules *rules, const struct boot_marks *marks,
                              const struct boot_asker *asker, uint64_t now_ms)
{
    const struct machine *machine = &asker->machine;
    struct boot_asker known = *asker;
    bool is_named = false;

    known.machine.identity = boot_match_identity(rules, &machine->identity);
    const struct boot_rule *host = match_host(rules, &known, WHO_GUID, &is_named);
    if (host == NULL)
        host = match_host(rules, &known, WHO_MAC, &is_named);
    enum boot_action action = action_for(rules, host, is_named);
    bool is_approved = boot_marks_is_approved(marks, &known.machine.identity);
    bool is_spent = host != NULL && host->is_once && boot_marks_is_spent(marks, &host->who, now_ms);
    struct boot_choice choice;
    if (is_spent || action == BOOT_LOCAL)
        choice = local(host);
    else if (action == BOOT_IGNORE)
        choice = silent(host != NULL ? BOOT_IGNORED : BOOT_UNKNOWN_MACHINE, host);
    else if (action == BOOT_WAIT && !is_approved)
        choice = silent(BOOT_WAITING, host);
    else if (action == BOOT_FILE)
        choice = file(rules, host, machine);
    else
        choice = match_boot(rules, marks, &known);
    choice.host = host;
    return choice;
}
