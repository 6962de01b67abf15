#include "registry/values.h"

#include "registry/registry.h"
#include "win32/system/text.h"

#include <stdlib.h>

enum { KEY_NAME_MAX = 1024 };

/* -- reading ------------------------------------------------------------------------------------------------------- */

DWORD values_read(const struct import_place *place, struct raw_value *room, struct import_value *value)
{
    static const enum import_form forms[RAW_FORMS] = {
        [RAW_NUMBER] = IMPORT_NUMBER,       [RAW_TEXT] = IMPORT_TEXT,         [RAW_LIST] = IMPORT_LIST,
        [RAW_TOO_LONG] = IMPORT_UNREADABLE, [RAW_BROKEN] = IMPORT_UNREADABLE, [RAW_STRANGE] = IMPORT_UNREADABLE,
    };
    wchar_t wide[KEY_NAME_MAX];
    HKEY key;

    *value = (struct import_value){.form = IMPORT_ABSENT};
    if (!text_print_wide(wide, KEY_NAME_MAX, "SYSTEM\\CurrentControlSet\\Services\\%s", place->key))
        return ERROR_INVALID_NAME;
    DWORD error = (DWORD)RegOpenKeyExW(HKEY_LOCAL_MACHINE, wide, 0, KEY_QUERY_VALUE, &key);
    if (error == 0) {
        error = raw_read(key, place->name, place->alias, room);
        RegCloseKey(key);
    }
    if (error == 0)
        *value = (struct import_value){forms[room->form], room->number, room->text, room->size};
    return error == ERROR_FILE_NOT_FOUND ? 0 : error;
}

/* -- writing ------------------------------------------------------------------------------------------------------- */

/* A value as it was before, to be put back. */
struct kept {
    DWORD type, size;
    BYTE *bytes; /* NULL: it was not there */
};

static DWORD keep(HKEY key, const wchar_t *name, struct kept *kept)
{
    *kept = (struct kept){0};
    DWORD error = (DWORD)RegQueryValueExW(key, name, NULL, &kept->type, NULL, &kept->size);
    if (error == ERROR_FILE_NOT_FOUND)
        return 0;
    if (error != 0)
        return error;
    kept->bytes = malloc(kept->size > 0 ? kept->size : 1);
    if (kept->bytes == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    return (DWORD)RegQueryValueExW(key, name, NULL, &kept->type, kept->bytes, &kept->size);
}

static void put_back(HKEY key, const wchar_t *name, const struct kept *kept)
{
    if (kept->bytes != NULL)
        RegSetValueExW(key, name, 0, kept->type, kept->bytes, kept->size);
    else
        RegDeleteValueW(key, name);
}

static DWORD set_list(HKEY key, const wchar_t *name, const struct text_list *list)
{
    wchar_t wide[CONFIG_LIST_BYTES_MAX + 2] = L"";
    size_t used = 0;

    /* A UTF-16 unit is at least one byte of UTF-8, so there is room for all. */
    for (const char *item = text_list_next(list, NULL); item != NULL; item = text_list_next(list, item)) {
        if (!text_to_wide(item, wide + used, CONFIG_LIST_BYTES_MAX + 1 - used))
            return ERROR_NO_UNICODE_TRANSLATION;
        used += wcslen(wide + used) + 1;
    }
    wide[used++] = 0;
    bool is_several = list->count > 1;
    size_t units = is_several || list->count == 0 ? used : used - 1;
    return (DWORD)RegSetValueExW(key, name, 0, is_several ? REG_MULTI_SZ : REG_SZ, (const BYTE *)wide,
                                 (DWORD)(units * sizeof *wide));
}

static DWORD set_value(HKEY key, const wchar_t *name, const struct config *config,
                       const struct config_parameter *parameter)
{
    const void *field = (const char *)config + parameter->offset;
    char text[CONFIG_DIRECTORY_MAX];
    wchar_t wide[CONFIG_DIRECTORY_MAX];

    switch (parameter->kind) {
    case CONFIG_NUMBER: return (DWORD)RegSetValueExW(key, name, 0, REG_DWORD, field, sizeof(uint32_t));
    case CONFIG_BYTES: return (DWORD)RegSetValueExW(key, name, 0, REG_QWORD, field, sizeof(uint64_t));
    case CONFIG_PATTERNS: return set_list(key, name, field);
    default: break;
    }
    if (!text_to_wide(config_value_text(config, parameter, text, sizeof text), wide, CONFIG_DIRECTORY_MAX))
        return ERROR_NO_UNICODE_TRANSLATION;
    return (DWORD)RegSetValueExW(key, name, 0, parameter->kind == CONFIG_TEXT ? REG_EXPAND_SZ : REG_SZ,
                                 (const BYTE *)wide, (DWORD)((wcslen(wide) + 1) * sizeof *wide));
}

static DWORD write_all(HKEY key, const struct config *config, const struct config_parameter *const *parameters,
                       size_t count, struct kept *kept)
{
    wchar_t name[CONFIG_NAME_MAX];
    DWORD error = 0;
    size_t done = 0;

    for (; done < count && error == 0; done++) {
        bool is_named = text_to_wide(parameters[done]->name, name, CONFIG_NAME_MAX);
        ASSERT(is_named);
        error = keep(key, name, &kept[done]);
        if (error == 0)
            error = set_value(key, name, config, parameters[done]);
    }
    /* The last one tried was not written. */
    for (size_t i = error != 0 ? done - 1 : 0; i > 0; i--)
        if (text_to_wide(parameters[i - 1]->name, name, CONFIG_NAME_MAX))
            put_back(key, name, &kept[i - 1]);
    return error;
}

DWORD values_write(const char *service, const struct config *config, const struct config_parameter *const *parameters,
                   size_t count)
{
    wchar_t wide[REGISTRY_KEY_MAX];
    HKEY key;

    if (!registry_path(service, CONFIG_FROM_PARAMETERS, wide))
        return ERROR_INVALID_NAME;
    struct kept *kept = calloc(count > 0 ? count : 1, sizeof *kept);
    if (kept == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    DWORD error =
        (DWORD)RegCreateKeyExW(HKEY_LOCAL_MACHINE, wide, 0, NULL, 0, KEY_QUERY_VALUE | KEY_SET_VALUE, NULL, &key, NULL);
    if (error == 0) {
        error = write_all(key, config, parameters, count, kept);
        RegCloseKey(key);
    }
    for (size_t i = 0; i < count; i++)
        free(kept[i].bytes);
    free(kept);
    return error;
}
