#include "service/check/check_report.h"

#include "core/names/pattern.h"
#include "core/settings/access.h"
#include "core/settings/doubts.h"

#include <stdio.h>

enum { RULES_SHOWN_MAX = 16 };

/* One refused or unknown value. */
static void check_problem(const struct facts *facts, const struct facts_problem *problem, struct check_report *report)
{
    const struct config_parameter *parameter = config_find(problem->name);
    const char *whose = problem->source == CONFIG_FROM_POLICY ? "the policy " : "";
    char value[CONFIG_PROBLEM_MAX] = "", key[REGISTRY_KEY_MAX];

    if (parameter != NULL)
        config_value_text(&facts->config, parameter, value, sizeof value);
    if (problem->is_unknown || parameter == NULL)
        check_say(report, CHECK_WARN,
                  "%s%s: there is no such parameter, so it does nothing; tftpd -? parameters lists them", whose,
                  problem->name);
    else if (parameter->standard == NULL && value[0] == 0)
        check_say(report, CHECK_FAIL, "%s%s; after the next start nothing at all is admitted", whose, problem->text);
    else
        check_say(report, CHECK_FAIL, "%s%s; after the next start it is \"%s\"", whose, problem->text, value);
    check_mend(report, "reg delete \"%s\" /v \"%s\" /f", registry_key(facts->name, problem->source, key),
               problem->name);
}

void check_parameters(const struct facts *facts, struct check_report *report)
{
    const struct facts_parameters *parameters = &facts->parameters;

    if (parameters->reason[0] != 0) {
        check_say(report, CHECK_WARN, "%s", parameters->reason);
        check_mend_elevated(report, facts);
        return;
    }
    if (parameters->arguments[0] != 0) {
        check_say(report, CHECK_FAIL, "the service cannot start: its ImagePath has an argument, and %s",
                  parameters->arguments);
        check_mend(report, "sc config %s binPath= \"\\\"%s\\\"\"", facts->name, facts->service.image.program);
    }
    for (size_t i = 0; i < parameters->problem_count; i++)
        check_problem(facts, &parameters->problems[i], report);
    if (parameters->problem_count == FACTS_PROBLEMS_MAX)
        check_say(report, CHECK_WARN, "there may be more such values; mend these and look again");
    if (parameters->problem_count == 0 && parameters->arguments[0] == 0)
        check_say(report, CHECK_OK, "every value, of the key Parameters and of policies, is known and makes sense");
}

void check_rules(const struct facts *facts, struct check_report *report)
{
    struct config_problem problem;
    unsigned doubtful = 0;

    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *parameter = &config_parameters[i];
        const struct text_list *list = config_list(&facts->config, parameter);
        for (const char *item = list ? text_list_next(list, NULL) : NULL; item; item = text_list_next(list, item)) {
            if (!doubts_about(parameter, item, &problem) || ++doubtful > RULES_SHOWN_MAX)
                continue;
            check_say(report, CHECK_WARN, "%s", problem.text);
            check_mend(report, "\"%s\" -? %s", facts->own_program, parameter->name);
        }
    }
    if (doubtful > RULES_SHOWN_MAX) {
        check_say(report, CHECK_WARN, "%u more are like these", doubtful - RULES_SHOWN_MAX);
        check_mend(report, "\"%s\" check --service \"%s\"", facts->own_program, facts->name);
    }
    if (doubtful == 0)
        check_say(report, CHECK_OK, "each pattern, prefix and line may match something");
}

void check_masters(const struct facts *facts, struct check_report *report)
{
    char text[CONFIG_LIST_BYTES_MAX / 16];
    const struct text_list *masters = &facts->config.masters;
    const char *world = access_admitted_world(masters);

    config_value_text(&facts->config, config_find("Masters"), text, sizeof text);
    if (world != NULL) {
        check_say(report, CHECK_FAIL, "\"%s\"%s means %s: anybody who reaches the port may write files, as in MS06-077",
                  text, config_policy_mark(&facts->config, config_find("Masters")), world);
        check_mend_value(report, facts, "Masters", "");
    } else if (masters->count == 0) {
        check_say(report, CHECK_OK, "it is empty: nobody may write");
    } else {
        check_say(report, CHECK_OK, "\"%s\" may write, nobody else; an address can be forged on a local network", text);
    }
}

void check_writable(const struct facts *facts, struct check_report *report)
{
    const struct config *config = &facts->config;
    const char *all = NULL;

    for (const char *item = text_list_next(&config->writable, NULL); item != NULL;
         item = text_list_next(&config->writable, item))
        if (pattern_matches_path(item, "a") && pattern_matches_path(item, "b9\\c.d"))
            all = item;
    if (config->masters.count == 0) {
        check_say(report, CHECK_OK, "without Masters it means nothing");
    } else if (all != NULL) {
        check_say(report, CHECK_WARN,
                  "\"%s\" lets those in Masters put a file under any free name, also beside boot files", all);
        check_mend_value(report, facts, "Writable", "upload\\*");
    } else {
        check_say(report, CHECK_OK, "uploads have places of their own");
    }
}
