#include "service/words/arguments.h"

#include <stdio.h>

static const char set_word[] = "--set";

static int refuse(const char *reason, struct config_problem *problem)
{
    snprintf(problem->text, sizeof problem->text, "%s", reason);
    return 0;
}

static int read_directory(struct arguments *arguments, const char *argument, char *next, struct config_problem *problem)
{
    const char *value = argument[2] ? argument + 2 : next;
    size_t length = value ? strlen(value) : 0;

    /* Windows reads the end of "-dD:\boot images\" as an escaped quotation mark and leaves it in. */
    if (length > 0 && value[length - 1] == '"')
        length--;
    if (length == 0)
        return refuse("a directory has to follow, as in -dD:\\images", problem);
    if (length >= sizeof arguments->directory)
        return refuse("the directory is too long", problem);
    memcpy(arguments->directory, value, length);
    arguments->directory[length] = 0;
    return argument[2] ? 1 : 2;
}

static int read_set(struct arguments *arguments, char *argument, char *next, struct config_problem *problem)
{
    char *value = argument[sizeof set_word - 1] == '=' ? argument + sizeof set_word : next;

    if (!value || !strchr(value, '='))
        return refuse("NAME=VALUE has to follow, as in --set Port=6969", problem);
    if (arguments->set_count == ARGUMENTS_SET_MAX)
        return refuse("there are too many of them; put the parameters into the registry", problem);
    arguments->set[arguments->set_count++] = value;
    return value == next ? 2 : 1;
}

static bool is_set(const char *argument)
{
    size_t length = sizeof set_word - 1;

    return strncmp(argument, set_word, length) == 0 && (argument[length] == 0 || argument[length] == '=');
}

int arguments_read(struct arguments *arguments, char *argument, char *next, struct config_problem *problem)
{
    bool is_switch = argument[0] == '-' || argument[0] == '/';
    char letter = is_switch ? ascii_lower(argument[1]) : 0;

    if (is_set(argument))
        return read_set(arguments, argument, next, problem);
    if (letter == 'd')
        return read_directory(arguments, argument, next, problem);
    if (letter == 'e' && !argument[2]) {
        arguments->wants_event_log = true;
        return 1;
    }
    if (letter == 'f' && !argument[2]) {
        arguments->wants_log_file = true;
        return 1;
    }
    return refuse("known are -dDIRECTORY, -e, -f and --set NAME=VALUE; `tftpd -? service` explains them", problem);
}

static bool refuse_name(const char *set, struct config_problem *problem)
{
    snprintf(problem->text, sizeof problem->text, "%.80s: there is no such parameter; `tftpd -? parameters` lists them",
             set);
    return false;
}

/* argument is the whole of it, as it was typed. */
static bool apply(const char *argument, const struct config_parameter *parameter, const char *value,
                  struct config *config, const struct registry_report *report, struct config_problem *problem)
{
    struct config tried = *config;

    if (!config_set_typed(&tried, parameter, value, problem))
        return false;
    config_set_source(&tried, parameter, CONFIG_FROM_ARGUMENTS);
    if (config_source_of(config, parameter) != CONFIG_FROM_POLICY)
        config_copy_value(config, &tried, parameter);
    else if (report->overruled)
        report->overruled(report->context, parameter, argument);
    return true;
}

static bool apply_set(const char *set, struct config *config, const struct registry_report *report,
                      struct config_problem *problem)
{
    const char *value = strchr(set, '=');
    size_t length = value ? (size_t)(value - set) : 0;
    char name[CONFIG_NAME_MAX], argument[CONFIG_PROBLEM_MAX];

    if (length == 0 || length >= sizeof name)
        return refuse_name(set, problem);
    memcpy(name, set, length);
    name[length] = 0;
    const struct config_parameter *parameter = config_find(name);
    if (!parameter)
        return refuse_name(set, problem);
    snprintf(argument, sizeof argument, "%s %.200s", set_word, set);
    return apply(argument, parameter, value + 1, config, report, problem);
}

bool arguments_apply(const struct arguments *arguments, struct config *config, const struct registry_report *report,
                     struct config_problem *problem)
{
    char argument[CONFIG_PROBLEM_MAX];

    for (size_t i = 0; i < arguments->set_count; i++)
        if (!apply_set(arguments->set[i], config, report, problem))
            return false;
    if (!arguments->directory[0])
        return true;
    snprintf(argument, sizeof argument, "-d%.200s", arguments->directory);
    return apply(argument, config_find("Directory"), arguments->directory, config, report, problem);
}
