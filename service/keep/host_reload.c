#include "service/keep/host_parts.h"

#include <stdio.h>

static void tell_change(struct host *host, const struct config *next, const struct config_parameter *parameter)
{
    char before[HOST_VALUE_MAX], after[HOST_VALUE_MAX], detail[EVENT_DETAIL_MAX];

    config_value_text(&host->config, parameter, before, sizeof before);
    config_value_text(next, parameter, after, sizeof after);
    snprintf(detail, sizeof detail, "it was \"%s\"%s and is now \"%s\"%s", before,
             config_policy_mark(&host->config, parameter), after, config_policy_mark(next, parameter));
    host_tell(host, parameter->needs_restart ? EVENT_PARAMETER_NEEDS_RESTART : EVENT_PARAMETER_CHANGED, parameter->name,
              detail);
    host_tell_doubts(host, next, parameter);
}

/*
 * Tells each parameter of next that differs from what is in force; one that waits for a restart only once for each value,
 * and then puts it back. Returns how many it told of.
 */
static unsigned compare(struct host *host, struct config *next, bool need_restart)
{
    unsigned changed = 0;

    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *parameter = &config_parameters[i];
        if (parameter->needs_restart != need_restart)
            continue;
        bool is_different = !config_value_equal(&host->config, next, parameter);
        bool is_known = need_restart && config_value_equal(&host->awaited, next, parameter);
        if (is_different && !is_known) {
            tell_change(host, next, parameter);
            changed++;
        }
        if (need_restart) {
            config_copy_value(&host->awaited, next, parameter);
            config_copy_value(next, &host->config, parameter);
        }
    }
    return changed;
}

/*
 * A refresh of Group Policy deletes values and writes them anew: one that has gone stays as it was last read. True if one
 * has, for it to be read once more before that is believed.
 */
static bool keep_policies(const struct host *host, struct config *next)
{
    bool has_gone = false;

    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *parameter = &config_parameters[i];
        const struct config *last = parameter->needs_restart ? &host->awaited : &host->config;
        if (config_source_of(last, parameter) != CONFIG_FROM_POLICY ||
            config_source_of(next, parameter) == CONFIG_FROM_POLICY)
            continue;
        config_copy_value(next, last, parameter);
        has_gone = true;
    }
    return has_gone;
}

void host_read_again(struct host *host, enum host_reading why)
{
    struct config next = host->config;
    char detail[HOST_REASON_MAX];
    unsigned refused, changed;

    host->doubt_ends_ms = 0;
    if (host_load_and_tell(host, &next, &host->config, &refused))
        return;
    if (why != HOST_READS_POLICIES_GONE && keep_policies(host, &next))
        host->doubt_ends_ms = GetTickCount64() + HOST_POLICY_DOUBT_MS;
    changed = compare(host, &next, true);
    if (!server_reload(host->server, &next)) {
        host_tell(host, EVENT_PARAMETER_REJECTED, "as it was",
                  "there is no memory to put the parameters into force; end other programs, then have them read again");
        return;
    }
    changed += compare(host, &next, false);
    AcquireSRWLockExclusive(&host->config_lock);
    host->config = next;
    ReleaseSRWLockExclusive(&host->config_lock);
    host_limit_journal(host);
    if (why == HOST_READS_ASKED || changed > 0 || refused > 0) {
        snprintf(detail, sizeof detail, "%u changed, %u refused", changed, refused);
        host_tell(host, EVENT_PARAMETERS_READ, NULL, detail);
    }
}

void host_reload(struct host *host)
{
    host_read_again(host, HOST_READS_ASKED);
}
