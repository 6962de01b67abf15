#include "registry/values.h"

#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEY_NAME_MAX = 1024, VALUE_NAME_MAX = 256 };

static bool wide_key(const char *below_services, wchar_t *wide)
{
    char text[KEY_NAME_MAX];
    int length = snprintf(text, sizeof text, "SYSTEM\\CurrentControlSet\\Services\\%s", below_services);

    return length > 0 && (size_t)length < sizeof text && text_to_wide(text, wide, KEY_NAME_MAX);
}

bool values_key(const char *service, char *key, size_t size)
{
    int length = snprintf(key, size, "%s\\Parameters", service);

    return length > 0 && (size_t)length < size;
}

/* -- reading ------------------------------------------------------------------------------------------------------- */

static void read_text(struct values_room *room, bool is_list, struct import_value *value)
{
    size_t used = 0;

    for (const wchar_t *item = room->wide; *item != 0 || used == 0; item += wcslen(item) + 1) {
        if (!text_from_wide(item, room->text + used, sizeof room->text - used))
            return;
        used += strlen(room->text + used) + 1;
        if (!is_list || *item == 0)
            break;
    }
    *value = (struct import_value){is_list ? IMPORT_LIST : IMPORT_TEXT, 0, room->text, used};
}

static DWORD read_named(HKEY key, const char *name, struct values_room *room, struct import_value *value)
{
    wchar_t wide[VALUE_NAME_MAX];
    DWORD type, size = VALUES_WIDE_MAX * sizeof(wchar_t);
    DWORD dword = 0;

    if (!text_to_wide(name, wide, VALUE_NAME_MAX))
        return ERROR_FILE_NOT_FOUND;
    memset(room->wide, 0, sizeof room->wide);
    DWORD error = (DWORD)RegQueryValueExW(key, wide, NULL, &type, (BYTE *)room->wide, &size);
    if (error != 0 && error != ERROR_MORE_DATA)
        return error;
    value->form = IMPORT_UNREADABLE;
    if (error != 0)
        return 0;
    if (type == REG_DWORD && size == sizeof dword) {
        memcpy(&dword, room->wide, sizeof dword);
        *value = (struct import_value){IMPORT_NUMBER, dword, NULL, 0};
    } else if (type == REG_QWORD && size == sizeof value->number) {
        value->form = IMPORT_NUMBER;
        memcpy(&value->number, room->wide, sizeof value->number);
    } else if (type == REG_SZ || type == REG_EXPAND_SZ || type == REG_MULTI_SZ) {
        room->wide[size / sizeof(wchar_t)] = 0; /* half a unit at the end is none */
        read_text(room, type == REG_MULTI_SZ, value);
    }
    return 0;
}

DWORD values_read(const struct import_place *place, struct values_room *room, struct import_value *value)
{
    wchar_t wide[KEY_NAME_MAX];
    HKEY key;

    *value = (struct import_value){.form = IMPORT_ABSENT};
    if (!wide_key(place->key, wide))
        return ERROR_INVALID_NAME;
    DWORD error = (DWORD)RegOpenKeyExW(HKEY_LOCAL_MACHINE, wide, 0, KEY_QUERY_VALUE, &key);
    if (error != 0)
        return error == ERROR_FILE_NOT_FOUND ? 0 : error;
    error = read_named(key, place->name, room, value);
    if (error == ERROR_FILE_NOT_FOUND && place->alias != NULL)
        error = read_named(key, place->alias, room, value);
    RegCloseKey(key);
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
    char text[KEY_NAME_MAX];
    wchar_t wide[KEY_NAME_MAX];
    HKEY key;

    if (!values_key(service, text, sizeof text) || !wide_key(text, wide))
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
