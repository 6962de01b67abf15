#include "registry/registry.h"

#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    VALUE_NAME_MAX = 256,
    WIDE_MAX = CONFIG_LIST_BYTES_MAX * 2, /* more than any list can hold, so that the core says what is too long */
    TEXT_MAX = WIDE_MAX * 3               /* a UTF-16 unit becomes at most three bytes of UTF-8 */
};

/* One value as the registry holds it, with %variables% expanded by RegGetValue. */
struct value {
    DWORD type;
    DWORD size;
    union {
        DWORD dword;
        ULONGLONG qword;
        wchar_t wide[WIDE_MAX + 2]; /* and the two NULs that end any text, also one stored without */
    } data;
    char text[TEXT_MAX];
};

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
    struct value value;
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

/* RegGetValue's answer: 0, ERROR_FILE_NOT_FOUND, or what stands in the way. */
static DWORD read_value(HKEY key, const char *name, struct value *value)
{
    wchar_t wide[VALUE_NAME_MAX];

    if (!text_to_wide(name, wide, VALUE_NAME_MAX))
        return ERROR_FILE_NOT_FOUND;
    value->data.qword = 0;
    value->size = WIDE_MAX * sizeof(wchar_t);
    DWORD error = (DWORD)RegGetValueW(key, NULL, wide, RRF_RT_ANY, &value->type, &value->data, &value->size);
    if (error == 0) {
        value->data.wide[(value->size + 1) / sizeof(wchar_t)] = 0;
        value->data.wide[(value->size + 1) / sizeof(wchar_t) + 1] = 0;
    }
    return error == ERROR_KEY_DELETED ? ERROR_FILE_NOT_FOUND : error; /* it goes while it is read */
}

/* The items of a REG_MULTI_SZ in UTF-8, each with its NUL. */
static bool list_text(struct value *value, size_t *size)
{
    const wchar_t *item = value->data.wide;

    for (*size = 0; *item; item += wcslen(item) + 1) {
        if (!text_from_wide(item, value->text + *size, TEXT_MAX - *size))
            return false;
        *size += strlen(value->text + *size) + 1;
    }
    return true;
}

static bool refuse(const struct config_parameter *parameter, const char *reason, struct config_problem *problem)
{
    snprintf(problem->text, sizeof problem->text, "%s is refused: %s", parameter->name, reason);
    return false;
}

static bool set_value(struct config *draft, const struct config_parameter *parameter, struct value *value,
                      struct config_problem *problem)
{
    size_t size;

    switch (value->type) {
    case REG_DWORD: return config_set_number(draft, parameter, value->data.dword, problem);
    case REG_QWORD: return config_set_number(draft, parameter, value->data.qword, problem);
    case REG_SZ:
    case REG_EXPAND_SZ:
        if (!text_from_wide(value->data.wide, value->text, TEXT_MAX))
            return refuse(parameter, "its text is not valid UTF-16", problem);
        return config_set_text(draft, parameter, value->text, problem);
    case REG_MULTI_SZ:
        if (!list_text(value, &size))
            return refuse(parameter, "its text is not valid UTF-16", problem);
        return config_set_list(draft, parameter, value->text, size, problem);
    default:
        return refuse(parameter, "its type is none of REG_DWORD, REG_QWORD, REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ",
                      problem);
    }
}

enum outcome { ABSENT, TAKEN, REFUSED };

static enum outcome load_value(struct reading *reading, size_t key, const struct config_parameter *parameter,
                               struct config_problem *problem)
{
    DWORD error =
        reading->keys[key] ? read_value(reading->keys[key], parameter->name, &reading->value) : ERROR_FILE_NOT_FOUND;

    if (error == ERROR_FILE_NOT_FOUND && parameter->alias && reading->keys[key])
        error = read_value(reading->keys[key], parameter->alias, &reading->value);
    if (error == ERROR_FILE_NOT_FOUND)
        return ABSENT;
    if (error == 0 && set_value(reading->draft, parameter, &reading->value, problem)) {
        config_set_source(reading->draft, parameter, keys[key].source);
        return TAKEN;
    }
    if (error == ERROR_MORE_DATA) {
        refuse(parameter, "its value is too long", problem);
    } else if (error) {
        char words[CONFIG_PROBLEM_MAX / 2];
        refuse(parameter, text_of_error(error, words, sizeof words), problem);
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
