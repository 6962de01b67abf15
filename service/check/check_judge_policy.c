#include "service/check/check_report.h"

#include "win32/system/text.h"

#include <stdio.h>

enum { SHOWN_VALUE_MAX = 256 };

void check_policy(const struct facts *facts, struct check_report *report)
{
    const struct facts_acl *acl = &facts->policy_acl;
    char key[REGISTRY_KEY_MAX];

    registry_key(facts->name, CONFIG_FROM_POLICY, key);
    if (acl->error == ERROR_FILE_NOT_FOUND) {
        check_say(report, CHECK_OK, "there is no %s, so no policy sets a parameter", key);
    } else if (acl->error != 0) {
        check_say(report, CHECK_WARN, "who may change the policies in %s cannot be seen: %s", key,
                  text_of_error(acl->error).text);
        check_mend_elevated(report, facts);
    } else if (acl->lets_write) {
        check_say(report, CHECK_FAIL,
                  "%s may %s in %s, and so decide what the service does; made anew, it has the rights of the key above",
                  acl->who, acl->right, key);
        check_mend(report, "reg delete \"%s\" /f & gpupdate /target:computer /force", key);
    } else {
        check_say(report, CHECK_OK, "only administrators may change the policies in %s", key);
    }
}

void check_values(const struct facts *facts, struct check_report *report)
{
    char value[SHOWN_VALUE_MAX];
    size_t defaults = 0;

    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *parameter = &config_parameters[i];
        enum config_source source = config_source_of(&facts->config, parameter);
        check_say(report, CHECK_OK, "%s = \"%s\" (%s)", parameter->name,
                  config_value_text(&facts->config, parameter, value, sizeof value), config_source_text(source));
        struct check_line *line = &report->lines[report->count - 1];
        line->parameter = parameter;
        line->is_quiet = source == CONFIG_FROM_DEFAULT;
        defaults += line->is_quiet;
    }
    check_say(report, CHECK_OK,
              defaults == config_parameter_count ? "all %zu have their defaults" : "the other %zu have their defaults",
              defaults);
}
