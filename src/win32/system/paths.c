#include "win32/system/paths.h"

#include "win32/system/text.h"

#include <stdlib.h>
#include <wchar.h>

static DWORD attributes_of(const char *path)
{
    wchar_t wide[PATHS_UNITS_MAX];

    return text_to_wide(path, wide, PATHS_UNITS_MAX) ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
}

bool paths_exists(const char *path)
{
    return attributes_of(path) != INVALID_FILE_ATTRIBUTES;
}

bool paths_is_folder(const char *path)
{
    DWORD attributes = attributes_of(path);

    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

static bool starts_with(const wchar_t *path, const wchar_t *start)
{
    return wcsncmp(path, start, wcslen(start)) == 0;
}

/* Puts in front what takes the limit of MAX_PATH away, which a device has not got. False: no room. */
static bool lift_limit(wchar_t *path, size_t length, size_t units)
{
    bool is_lifted = starts_with(path, L"\\\\.\\") || starts_with(path, L"\\\\?\\");
    bool is_share = starts_with(path, L"\\\\");
    const wchar_t *prefix = is_share ? L"\\\\?\\UNC\\" : L"\\\\?\\";
    size_t added = wcslen(prefix), replaced = is_share ? 2 : 0;

    if (is_lifted)
        return true;
    if (length + added - replaced >= units)
        return false;
    memmove(path + added, path + replaced, (length - replaced + 1) * sizeof *path);
    memcpy(path, prefix, added * sizeof *path);
    return true;
}

bool paths_whole(const char *path, wchar_t *whole, size_t units)
{
    wchar_t *given = malloc(units * sizeof *given);
    size_t length = 0;

    if (given != NULL && text_to_wide(path, given, units))
        length = GetFullPathNameW(given, (DWORD)units, whole, NULL);
    free(given);
    bool is_whole = length > 0 && length < units && lift_limit(whole, length, units);
    if (!is_whole)
        SetLastError(ERROR_FILENAME_EXCED_RANGE);
    return is_whole;
}

bool paths_own_program(char *path, size_t size)
{
    wchar_t wide[PATHS_UNITS_MAX];
    DWORD length = GetModuleFileNameW(NULL, wide, PATHS_UNITS_MAX);

    path[0] = 0;
    return length > 0 && length < PATHS_UNITS_MAX && text_from_wide(wide, path, size);
}
