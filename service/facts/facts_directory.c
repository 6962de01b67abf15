#include "service/facts/facts.h"
#include "win32/disk/file.h"
#include "win32/system/text.h"

#include <stdio.h>

bool facts_is_below(const char *path, const char *directory)
{
    wchar_t a[FACTS_PATH_MAX], b[FACTS_PATH_MAX];

    if (!text_to_wide(path, a, FACTS_PATH_MAX) || !text_to_wide(directory, b, FACTS_PATH_MAX) || b[0] == 0)
        return false;
    int length = (int)wcslen(b);
    return (int)wcslen(a) >= length && CompareStringOrdinal(a, length, b, length, TRUE) == CSTR_EQUAL &&
           (a[length] == 0 || a[length] == L'\\');
}

/* The system's own folders, by the variables that name them. */
static void gather_places(struct facts_directory *directory)
{
    static const char *const places[] = {"%SystemRoot%", "%ProgramFiles%", "%ProgramFiles(x86)%", "%ProgramW6432%",
                                         "%SystemDrive%\\Users"};

    directory->place_count = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct facts_place *place = &directory->places[directory->place_count];
        place->name = places[i];
        snprintf(place->path, sizeof place->path, "%s", places[i]);
        if (text_expand(place->path, sizeof place->path) && place->path[0] != '%')
            directory->place_count++;
    }
}

/* \\?\ and \\.\ stand before any path, \\?\UNC\ before a share's. */
static DWORD drive_type_of(const char *path)
{
    wchar_t root[4] = L"?:\\";
    bool has_prefix = strncmp(path, "\\\\?\\", 4) == 0 || strncmp(path, "\\\\.\\", 4) == 0;

    if (has_prefix)
        path += 4;
    if (has_prefix ? _strnicmp(path, "UNC\\", 4) == 0 : strncmp(path, "\\\\", 2) == 0)
        return DRIVE_REMOTE;
    root[0] = (wchar_t)path[0];
    return GetDriveTypeW(root);
}

bool facts_is_on_share(const char *path)
{
    static struct facts_directory directory; /* it is some kilobytes */

    facts_gather_directory(&directory, path, NULL);
    return directory.drive_type == DRIVE_REMOTE;
}

void facts_gather_directory(struct facts_directory *directory, const char *path, const struct facts_reader *reader)
{
    wchar_t wide[CONFIG_DIRECTORY_MAX];
    BY_HANDLE_FILE_INFORMATION information;

    memset(directory, 0, sizeof *directory);
    directory->drive_type = drive_type_of(path);
    directory->is_mapped = path[0] != 0 && path[1] == ':' && directory->drive_type == DRIVE_REMOTE;
    gather_places(directory);
    if (!text_to_wide(path, wide, CONFIG_DIRECTORY_MAX)) {
        directory->error = ERROR_INVALID_NAME;
        return;
    }
    HANDLE handle =
        CreateFileW(wide, READ_CONTROL | FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (handle == INVALID_HANDLE_VALUE) {
        directory->error = GetLastError();
        return;
    }
    directory->is_directory = GetFileInformationByHandle(handle, &information) &&
                              (information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    file_final_text(handle, directory->path, sizeof directory->path);
    directory->drive_type = drive_type_of(directory->path);
    /* A share's server knows the service by other SIDs. */
    facts_acl_read(&directory->acl, FACTS_THING_FILE, handle, directory->drive_type != DRIVE_REMOTE ? reader : NULL);
    CloseHandle(handle);
}
