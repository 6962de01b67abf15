#include "win32/system/paths.h"

#include "win32/system/text.h"

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

bool paths_own_program(char *path, size_t size)
{
    wchar_t wide[PATHS_UNITS_MAX];
    DWORD length = GetModuleFileNameW(NULL, wide, PATHS_UNITS_MAX);

    path[0] = 0;
    return length > 0 && length < PATHS_UNITS_MAX && text_from_wide(wide, path, size);
}
