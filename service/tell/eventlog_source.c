#include "service/tell/eventlog.h"

#include "win32/system/text.h"

#include <stdio.h>

enum { PATH_UNITS = 1024 };

/* What the key of a source has to say; the texts of a number are the program's path. */
static const struct {
    const wchar_t *name;
    DWORD number; /* 0: the program's path */
} values[] = {
    {L"EventMessageFile", 0},
    {L"CategoryMessageFile", 0},
    {L"CategoryCount", CATEGORY_END - 1},
    {L"TypesSupported", EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE},
};

static DWORD open_key(const char *source, REGSAM rights, bool creates, HKEY *key)
{
    wchar_t wide[PATH_UNITS];

    if (!text_print_wide(wide, PATH_UNITS, "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\%s", source))
        return ERROR_INVALID_NAME;
    if (creates)
        return (DWORD)RegCreateKeyExW(HKEY_LOCAL_MACHINE, wide, 0, NULL, 0, rights, NULL, key, NULL);
    return (DWORD)RegOpenKeyExW(HKEY_LOCAL_MACHINE, wide, 0, rights, key);
}

DWORD eventlog_register(const char *source, const char *program)
{
    wchar_t wide[PATH_UNITS];
    HKEY key;

    if (!text_to_wide(program, wide, PATH_UNITS))
        return ERROR_INVALID_NAME;
    DWORD error = open_key(source, KEY_SET_VALUE, true, &key);
    if (error != 0)
        return error;
    for (size_t i = 0; error == 0 && i < sizeof values / sizeof *values; i++) {
        bool is_path = values[i].number == 0;
        const void *bytes = is_path ? (const void *)wide : &values[i].number;
        DWORD size = (DWORD)(is_path ? (wcslen(wide) + 1) * sizeof *wide : sizeof values[i].number);
        error = (DWORD)RegSetValueExW(key, values[i].name, 0, is_path ? REG_EXPAND_SZ : REG_DWORD, bytes, size);
    }
    RegCloseKey(key);
    return error;
}

static bool is_value(HKEY key, size_t i, const wchar_t *program)
{
    wchar_t text[PATH_UNITS];
    DWORD number = 0, size = sizeof number;

    if (values[i].number != 0)
        return RegGetValueW(key, NULL, values[i].name, RRF_RT_REG_DWORD, NULL, &number, &size) == 0 &&
               number == values[i].number;
    size = sizeof text;
    return RegGetValueW(key, NULL, values[i].name, RRF_RT_REG_SZ, NULL, text, &size) == 0 &&
           CompareStringOrdinal(text, -1, program, -1, TRUE) == CSTR_EQUAL;
}

DWORD eventlog_look_up(const char *source, const char *program, bool *is_it, char *program_known, size_t size)
{
    wchar_t wide[PATH_UNITS], known[PATH_UNITS];
    DWORD known_size = sizeof known;
    HKEY key;

    *is_it = false;
    program_known[0] = 0;
    if (!text_to_wide(program, wide, PATH_UNITS))
        return ERROR_INVALID_NAME;
    DWORD error = open_key(source, KEY_QUERY_VALUE, false, &key);
    if (error != 0)
        return error;
    *is_it = true;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        *is_it = *is_it && is_value(key, i, wide);
    if (RegGetValueW(key, NULL, values[0].name, RRF_RT_REG_SZ, NULL, known, &known_size) == 0)
        text_from_wide(known, program_known, size);
    RegCloseKey(key);
    return 0;
}

DWORD eventlog_unregister(const char *source)
{
    wchar_t wide[PATH_UNITS];
    HKEY key;
    DWORD error = open_key("", DELETE | KEY_ENUMERATE_SUB_KEYS, false, &key);

    if (error != 0)
        return error;
    error = text_to_wide(source, wide, PATH_UNITS) && wide[0] != 0 ? (DWORD)RegDeleteTreeW(key, wide)
                                                                   : (DWORD)ERROR_INVALID_NAME;
    RegCloseKey(key);
    return error;
}
