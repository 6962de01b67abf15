#include "core/import/import_parts.h"

#include "core/names/path.h"

#include <stdio.h>

struct import_value import_text(const char *text)
{
    return (struct import_value){IMPORT_TEXT, 0, text, strlen(text) + 1};
}

bool import_is_empty(const struct import_value *value)
{
    return value->form == IMPORT_TEXT && value->text[0] == 0;
}

/* For people, harmless on a terminal. */
const char *import_shown(const struct import_value *value, char *text)
{
    char whole[IMPORT_SHOWN_MAX];

    return path_printable(span_of_text(import_value_text(value, whole, sizeof whole)), text, IMPORT_SHOWN_MAX);
}

void import_copy(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    if (setting->silent == NULL || !import_is_empty(value)) /* an empty one in an ini is one that is not there */
        import_set(import, setting->place.name, setting->parameter, value, setting->why);
}

void import_switch(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    uint64_t number;
    struct import_value is_on = {.form = IMPORT_NUMBER};

    if (!import_number(value, &number)) {
        import_set(import, setting->place.name, setting->parameter, value, NULL);
        return;
    }
    is_on.number = number != 0;
    import_set(import, setting->place.name, setting->parameter, &is_on, setting->why);
}

void import_leave(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    char text[IMPORT_SHOWN_MAX];
    const char *silent = setting->silent != NULL ? setting->silent : "";

    import_shown(value, text);
    if (strcmp(silent, "*") != 0 && strcmp(text, silent) != 0 && !import_is_empty(value))
        import_say(import, IMPORT_LEFT, setting->place.name, setting->instead, "\"%s\": %s", text, setting->why);
}

bool import_range_text(const struct import *import, const char *low_name, const char *high_name, char *text)
{
    uint64_t low, high;

    if (!import_number(import_other(import, low_name), &low) ||
        !import_number(import_other(import, high_name), &high) || low == 0 || high == 0)
        return false;
    snprintf(text, IMPORT_PORTS_MAX, "%llu-%llu", (unsigned long long)low, (unsigned long long)high);
    return true;
}
