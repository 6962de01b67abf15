#include "service/words/parameters.h"

#include "service/tell/exitcodes.h"
#include "win32/system/text.h"

#include <stdio.h>

/* %SystemDrive% may come from the default, the registry, -d or --set; what cannot be expanded stays as it is. */
static void expand_directory(struct config *config)
{
    wchar_t typed[CONFIG_DIRECTORY_MAX], expanded[CONFIG_DIRECTORY_MAX];
    char text[CONFIG_DIRECTORY_MAX];
    DWORD length = 0;

    if (text_to_wide(config->directory, typed, CONFIG_DIRECTORY_MAX))
        length = ExpandEnvironmentStringsW(typed, expanded, CONFIG_DIRECTORY_MAX);
    if (length > 0 && length <= CONFIG_DIRECTORY_MAX && text_from_wide(expanded, text, sizeof text))
        memcpy(config->directory, text, sizeof text);
}

int parameters_load(struct config *config, const char *service, const struct arguments *arguments,
                    const struct config *last_good, const struct registry_report *report, char *reason)
{
    struct config_problem problem;
    char words[PARAMETERS_REASON_MAX / 2], key[REGISTRY_KEY_MAX];
    enum config_source failed;
    DWORD error = registry_load(config, service, last_good, report, &failed);

    if (error) {
        text_of_error(error, words, sizeof words);
        snprintf(reason, PARAMETERS_REASON_MAX,
                 "the registry key %.120s cannot be read: %.80s; grant the service's account the right to read it",
                 registry_key(service, failed, key), words);
        return EXIT_REGISTRY;
    }
    if (!arguments_apply(arguments, config, report, &problem)) {
        snprintf(reason, PARAMETERS_REASON_MAX, "%s", problem.text);
        return EXIT_USAGE;
    }
    expand_directory(config);
    return EXIT_OK;
}
