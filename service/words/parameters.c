#include "service/words/parameters.h"

#include "service/tell/exitcodes.h"
#include "win32/system/text.h"

#include <stdio.h>

int parameters_load(struct config *config, const char *service, const struct arguments *arguments,
                    const struct config *last_good, const struct registry_report *report, char *reason)
{
    struct config_problem problem;
    char key[REGISTRY_KEY_MAX];
    enum config_source failed;
    DWORD error = registry_load(config, service, last_good, report, &failed);

    if (error) {
        snprintf(reason, PARAMETERS_REASON_MAX,
                 "the registry key %.120s cannot be read: %.80s; grant the service's account the right to read it",
                 registry_key(service, failed, key), text_of_error(error).text);
        return EXIT_REGISTRY;
    }
    if (!arguments_apply(arguments, config, report, &problem)) {
        snprintf(reason, PARAMETERS_REASON_MAX, "%s", problem.text);
        return EXIT_USAGE;
    }
    /* %SystemDrive% may come from the default, the registry, -d or --set; what cannot be expanded stays as it is. */
    text_expand(config->directory, sizeof config->directory);
    return EXIT_OK;
}
