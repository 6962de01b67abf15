#include "core/bootrules/rules_line.h"

#include <stdio.h>

enum { REPLIES_PER_SECOND = 500, PROMPT_S = 10, PROMPT_S_MAX = BOOT_PROMPT_WAIT - 1 };

static const char *const list_names[BOOT_LIST_COUNT] = {
    [BOOT_LIST_RULES] = "PxeBoot",    [BOOT_LIST_HOSTS] = "PxeHosts",   [BOOT_LIST_MENU] = "PxeMenu",
    [BOOT_LIST_PROMPT] = "PxePrompt", [BOOT_LIST_RELAYS] = "PxeRelays", [BOOT_LIST_INTERFACES] = "PxeInterfaces",
    [BOOT_LIST_BOOTP] = "BootpHosts",
};

bool boot_rules_admit(const struct boot_rules *rules, const struct endpoint *address)
{
    for (size_t i = 0; i < rules->interface_count; i++)
        if (prefix_contains(&rules->interfaces[i], address))
            return true;
    return rules->interface_count == 0;
}

const char *boot_list_name(enum boot_list list)
{
    return list_names[list];
}

const char *boot_text(const struct boot_rules *rules, boot_place place)
{
    return rules->texts + place;
}

char *boot_rule_text(const struct boot_rules *rules, const struct boot_rule *rule, char *text, size_t size)
{
    snprintf(text, size, "%s %u: %s", boot_list_name((enum boot_list)rule->list), (unsigned)rule->number,
             boot_text(rules, rule->line));
    return text;
}

void boot_rules_init(struct boot_rules *rules)
{
    static const char prompt[] = "Press F8 for the boot menu";

    memset(rules, 0, sizeof *rules);
    rules->style = BOOT_STYLE_DIRECT;
    rules->unknown = BOOT_UNKNOWN_ANSWER;
    rules->replies_per_second = REPLIES_PER_SECOND;
    rules->prompt_s = PROMPT_S;
    rules->prompt = 1; /* behind the empty text */
    memcpy(rules->texts + rules->prompt, prompt, sizeof prompt);
    rules->text_size = (uint16_t)(rules->prompt + sizeof prompt);
}

/* A word alone: an address or a prefix. */
static bool add_prefix(struct line *line, struct prefix *prefixes, uint16_t *count, int maximum)
{
    struct prefix prefix;

    if (*count == maximum)
        return line_refuse(line, "there are more than %d; write prefixes instead of single addresses", maximum);
    if (!line_need(line, "an address or a prefix") || !line_prefix(line, &prefix))
        return false;
    switch (line_word(line)) {
    case LINE_END: prefixes[(*count)++] = prefix; return true;
    case LINE_BAD: return false;
    default: return line_refuse(line, "\"%.80s\" is too much; write one network in each line", line->word);
    }
}

/* "10 Press F8", "wait Choose one", "0". */
static bool set_prompt(struct line *line)
{
    uint64_t seconds = BOOT_PROMPT_WAIT;
    boot_place place;

    if (!line_need(line, "a number of seconds"))
        return false;
    if (!span_is_word(span_of_text(line->word), "wait") &&
        !span_to_number(span_of_text(line->word), PROMPT_S_MAX, &seconds))
        return line_refuse(line, "\"%.80s\" is no number of seconds up to %d, and not \"wait\"", line->word,
                           PROMPT_S_MAX);
    const char *text = line->rest + strspn(line->rest, " \t");
    if (strlen(text) > BOOT_PROMPT_MAX)
        return line_refuse(line, "the text is longer than %d bytes", BOOT_PROMPT_MAX);
    if (!line_keep(line, text, &place))
        return false;
    line->rules->prompt_s = (uint8_t)seconds;
    line->rules->prompt = place;
    return true;
}

static bool add_line(struct line *line)
{
    struct boot_rules *rules = line->rules;

    switch (line->list) {
    case BOOT_LIST_PROMPT: return set_prompt(line);
    case BOOT_LIST_RELAYS: return add_prefix(line, rules->relays, &rules->relay_count, BOOT_RELAYS_MAX);
    case BOOT_LIST_INTERFACES: return add_prefix(line, rules->interfaces, &rules->interface_count, BOOT_INTERFACES_MAX);
    case BOOT_LIST_BOOTP: return rules_add_bootp(line);
    default: return rules_add_rule(line);
    }
}

bool boot_rules_add(struct boot_rules *rules, enum boot_list list, const char *text, struct boot_problem *problem)
{
    struct line line = {.rules = rules, .problem = problem, .list = list, .text = text, .rest = text};
    uint16_t text_size = rules->text_size;

    ASSERT(list < BOOT_LIST_COUNT);
    problem->text[0] = 0;
    rules->line_counts[list]++;
    if (add_line(&line))
        return true;
    rules->line_counts[list]--;
    rules->text_size = text_size;
    return false;
}
