#include "registry/registry.h"

#include "registry/raw.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { VALUE_NAME_MAX = 256 };

/* The keys, the one that wins last. */
static const struct {
    enum config_source source;
    const char *before; /* of the service's name */
    const char *after;
} keys[] = {
    {CONFIG_FROM_PARAMETERS, "SYSTEM\\CurrentControlSet\\Services\\", "\\Parameters"},
    {CONFIG_FROM_POLICY, "SOFTWARE\\Policies\\", ""},
};
enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

/* One reading of them all. */
struct reading {
    HKEY keys[KEY_COUNT]; /* NULL: not there */
    struct config *draft;
    const struct config *last_good;
    const struct registry_report *report;
    struct raw_value value;
};

char *registry_key(const char *service, enum config_source source, char text[REGISTRY_KEY_MAX])
{
    int length = -1;

    for (size_t i = 0; i < KEY_COUNT; i++)
        if (keys[i].source == source)
            length = snprintf(text, REGISTRY_KEY_MAX, "HKLM\\%s%s%s", keys[i].before, service, keys[i].after);
    if (length < 0 || length >= REGISTRY_KEY_MAX)
        text[0] = 0;
    return text;
}

bool registry_path(const char *service, enum config_source source, wchar_t path[REGISTRY_KEY_MAX])
{
    static const char root[] = "HKLM\\";
    char text[REGISTRY_KEY_MAX];

    registry_key(service, source, text);
    return text[0] != 0 && text_to_wide(text + sizeof root - 1, path, REGISTRY_KEY_MAX);
}

static bool refuse(const struct config_parameter *parameter, const char *reason, struct config_problem *problem)
{
    snprintf(problem->text, sizeof problem->text, "%s is refused: %s", parameter->name, reason);
    return false;
}

static bool set_value(struct config *draft, const struct config_parameter *parameter, struct raw_value *value,
                      struct config_problem *problem)
{
    static const char *const reasons[RAW_FORMS] = {
        [RAW_TOO_LONG] = "its value is too long",
        [RAW_BROKEN] = "its text is not valid UTF-16",
        [RAW_STRANGE] = "its type or size is that of none of REG_DWORD, REG_QWORD, REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ",
    };

    if (value->may_have_variables)
        text_expand(value->text, sizeof value->text);
    switch (value->form) {
    case RAW_NUMBER: return config_set_number(draft, parameter, value->number, problem);
    case RAW_TEXT: return config_set_text(draft, parameter, value->text, problem);
    case RAW_LIST: return config_set_list(draft, parameter, value->text, value->size, problem);
    default: return refuse(parameter, reasons[value->form], problem);
    }
}

enum outcome { ABSENT, TAKEN, REFUSED };

static enum outcome load_value(struct reading *reading, size_t key, const struct config_parameter *parameter,
                               struct config_problem *problem)
{
    DWORD error = reading->keys[key] ? raw_read(reading->keys[key], parameter->name, parameter->alias, &reading->value)
                                     : ERROR_FILE_NOT_FOUND;

    if (error == ERROR_FILE_NOT_FOUND)
        return ABSENT;
    if (error == 0 && set_value(reading->draft, parameter, &reading->value, problem)) {
        config_set_source(reading->draft, parameter, keys[key].source);
        return TAKEN;
    }
    if (error != 0) {
        refuse(parameter, text_of_error(error).text, problem);
    }
    return REFUSED;
}

static void load_parameter(struct reading *reading, const struct config_parameter *parameter)
{
    const struct registry_report *report = reading->report;
    struct config_problem problems[KEY_COUNT];
    enum outcome outcomes[KEY_COUNT];
    bool is_taken = false, is_refused = false;

    for (size_t i = 0; i < KEY_COUNT; i++) {
        outcomes[i] = load_value(reading, i, parameter, &problems[i]);
        is_taken = is_taken || outcomes[i] == TAKEN;
        is_refused = is_refused || outcomes[i] == REFUSED;
    }
    if (is_refused && !is_taken)
        config_fall_back(reading->draft, parameter, reading->last_good);
    for (size_t i = 0; report->rejected && i < KEY_COUNT; i++)
        if (outcomes[i] == REFUSED)
            report->rejected(report->context, keys[i].source, parameter, &problems[i]);
}

static void report_unknown(HKEY key, enum config_source source, const struct registry_report *report)
{
    wchar_t wide[VALUE_NAME_MAX];
    char name[VALUE_NAME_MAX * 3];

    for (DWORD index = 0;; index++) {
        DWORD length = VALUE_NAME_MAX;
        LSTATUS error = RegEnumValueW(key, index, wide, &length, NULL, NULL, NULL, NULL);
        if (error == ERROR_MORE_DATA) {
            report->unknown(report->context, source, "(a name of more than 255 characters)");
            continue;
        }
        if (error)
            return;
        if (!text_from_wide(wide, name, sizeof name))
            report->unknown(report->context, source, "(a name that is not valid UTF-16)");
        else if (length > 0 && !config_find(name)) /* the unnamed value "(Default)" means nothing to anybody */
            report->unknown(report->context, source, name);
    }
}

static DWORD open_key(struct reading *reading, const char *service, size_t key)
{
    wchar_t path[REGISTRY_KEY_MAX];

    if (!registry_path(service, keys[key].source, path))
        return ERROR_INVALID_NAME;
    DWORD error = (DWORD)RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE, &reading->keys[key]);
    return error == ERROR_FILE_NOT_FOUND ? 0 : error;
}

DWORD registry_load(struct config *draft, const char *service, const struct config *last_good,
                    const struct registry_report *report, enum config_source *failed)
{
    struct reading *reading = calloc(1, sizeof *reading);
    DWORD error = reading ? 0 : ERROR_NOT_ENOUGH_MEMORY;

    config_defaults(draft);
    *failed = CONFIG_FROM_PARAMETERS;
    for (size_t i = 0; error == 0 && i < KEY_COUNT; i++) {
        error = open_key(reading, service, i);
        *failed = keys[i].source;
    }
    if (error == 0) {
        reading->draft = draft;
        reading->last_good = last_good;
        reading->report = report;
        for (size_t i = 0; i < config_parameter_count; i++)
            load_parameter(reading, &config_parameters[i]);
        for (size_t i = 0; report->unknown && i < KEY_COUNT; i++)
            if (reading->keys[i])
                report_unknown(reading->keys[i], keys[i].source, report);
    }
    for (size_t i = 0; reading && i < KEY_COUNT; i++)
        if (reading->keys[i])
            RegCloseKey(reading->keys[i]);
    free(reading);
    return error;
}
