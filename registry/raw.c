#include "registry/raw.h"

#include "win32/system/text.h"

enum { NAME_MAX = 256 };

static enum raw_form form_of_number(struct raw_value *value, DWORD size, DWORD wanted)
{
    memcpy(&value->number, value->wide, size < wanted ? size : wanted); /* Windows and its numbers are little-endian */
    return size == wanted ? RAW_NUMBER : RAW_STRANGE;
}

static enum raw_form form_of_text(struct raw_value *value, bool is_list)
{
    for (const wchar_t *item = value->wide; !is_list || *item != 0; item += wcslen(item) + 1) {
        if (!text_from_wide(item, value->text + value->size, RAW_TEXT_MAX - value->size))
            return RAW_BROKEN;
        value->size += strlen(value->text + value->size) + 1;
        if (!is_list)
            break;
    }
    return is_list ? RAW_LIST : RAW_TEXT;
}

static DWORD read_named(HKEY key, const char *name, struct raw_value *value)
{
    wchar_t wide[NAME_MAX];
    DWORD type, size = RAW_WIDE_MAX * sizeof(wchar_t);

    if (!text_to_wide(name, wide, NAME_MAX))
        return ERROR_FILE_NOT_FOUND;
    memset(value->wide, 0, sizeof value->wide);
    DWORD error = (DWORD)RegQueryValueExW(key, wide, NULL, &type, (BYTE *)value->wide, &size);
    if (error != 0 && error != ERROR_MORE_DATA)
        return error == ERROR_KEY_DELETED ? ERROR_FILE_NOT_FOUND : error; /* it goes while it is read */
    value->may_have_variables = type == REG_EXPAND_SZ;
    value->number = 0;
    value->size = 0;
    value->text[0] = 0;
    if (error != 0)
        value->form = RAW_TOO_LONG;
    else if (type == REG_DWORD)
        value->form = form_of_number(value, size, sizeof(DWORD));
    else if (type == REG_QWORD)
        value->form = form_of_number(value, size, sizeof(uint64_t));
    else if (type != REG_SZ && type != REG_EXPAND_SZ && type != REG_MULTI_SZ)
        value->form = RAW_STRANGE;
    else {
        value->wide[size / sizeof(wchar_t)] = 0; /* half a unit at the end is none */
        value->form = form_of_text(value, type == REG_MULTI_SZ);
    }
    return 0;
}

DWORD raw_read(HKEY key, const char *name, const char *alias, struct raw_value *value)
{
    DWORD error = read_named(key, name, value);

    return error == ERROR_FILE_NOT_FOUND && alias != NULL ? read_named(key, alias, value) : error;
}
