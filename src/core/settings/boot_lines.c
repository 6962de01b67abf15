#include "core/settings/boot_lines.h"

#include "core/base/utf8.h"

#include <stdio.h>

/* What lines are judged in: too large for a stack. Parameters are set by one thread of a process. */
static struct boot_rules judged;

static enum boot_list list_named(const char *name)
{
    enum boot_list list = 0;

    while (list < BOOT_LIST_COUNT && strcmp(boot_list_name(list), name) != 0)
        list++;
    ASSERT(list < BOOT_LIST_COUNT);
    return list;
}

static bool add_lines(struct boot_rules *rules, enum boot_list list, const struct text_list *lines,
                      struct boot_problem *problem)
{
    for (const char *line = text_list_next(lines, NULL); line != NULL; line = text_list_next(lines, line))
        if (!boot_rules_add(rules, list, line, problem))
            return false;
    return true;
}

bool boot_lines_judge(const char *name, const struct text_list *list, char *why, size_t size)
{
    struct boot_problem problem;

    if (list->count == 0)
        return true;
    boot_rules_init(&judged);
    if (add_lines(&judged, list_named(name), list, &problem))
        return true;
    /* "PxeBoot, line ...": whoever asks names the parameter in his own way. */
    size_t before = strlen(name) + sizeof ", " - 1;
    ASSERT(strncmp(problem.text, name, strlen(name)) == 0 && strlen(problem.text) > before);
    utf8_copy(why, size, problem.text + before);
    return false;
}

bool boot_lines_is_prompt(const char *text)
{
    struct boot_problem problem;

    boot_rules_init(&judged);
    return boot_rules_add(&judged, BOOT_LIST_PROMPT, text, &problem);
}

bool boot_lines_are_wanted(const struct config *config)
{
    return config->pxe != PXE_OFF || config->bootp != BOOTP_OFF;
}

struct boot_ports boot_lines_ports(const struct config *config)
{
    bool is_pxe_on = config->pxe != PXE_OFF;

    return (struct boot_ports){
        /* BOOTP has no other port. */
        .has_67 = boot_lines_are_wanted(config) && (config->pxe_ports != PXE_PORTS_4011 || !is_pxe_on),
        .has_4011 = is_pxe_on,
        .has_ipv6 = is_pxe_on && config->pxe_v6 == PXE_V6_ANSWER,
    };
}

static bool refuse(struct boot_problem *problem, enum boot_list list)
{
    snprintf(problem->text, sizeof problem->text,
             "%s was refused, and whom it keeps out must stay out; mend it (event 120 says what is wrong)",
             boot_list_name(list));
    return false;
}

bool boot_lines_read(struct boot_rules *rules, const struct config *config, struct boot_problem *problem)
{
    boot_rules_init(rules);
    rules->is_pxe_on = config->pxe != PXE_OFF;
    rules->is_bootp_on = config->bootp != BOOTP_OFF;
    rules->style = (uint8_t)config->pxe_style;
    rules->unknown = (uint8_t)config->pxe_unknown;
    rules->replies_per_second = config->pxe_replies_per_second;
    if (!boot_rules_add(rules, BOOT_LIST_PROMPT, config->pxe_prompt, problem))
        return false;
    for (enum boot_list list = 0; list < BOOT_LIST_COUNT; list++) {
        const struct text_list *lines = config_list(config, config_find(boot_list_name(list)));
        if (lines == NULL)
            continue;
        if (lines->is_refused)
            return refuse(problem, list);
        if (!add_lines(rules, list, lines, problem))
            return false;
    }
    return boot_rules_check(rules, problem);
}
