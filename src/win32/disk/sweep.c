#include "win32/disk/sweep.h"

#include "win32/disk/file_parts.h"

#include <stdlib.h>

struct sweep {
    uint32_t entries;
    uint32_t deleted;
    const volatile LONG *is_cancelled;
    wchar_t path[FILE_FINAL_PATH_MAX]; /* of the directory being read, grown and cut back */
};

static bool is_unfinished(const wchar_t *name)
{
    static const wchar_t prefix[] = L"~tftpd-";
    static const wchar_t suffix[] = L".part";
    size_t length = wcslen(name);

    return length > wcslen(prefix) + wcslen(suffix) && _wcsnicmp(name, prefix, wcslen(prefix)) == 0 &&
           _wcsicmp(name + length - wcslen(suffix), suffix) == 0;
}

/* One that is being written is held open without sharing, so that this cannot open it. */
static bool delete_file(const wchar_t *path)
{
    FILE_DISPOSITION_INFO disposition = {.DeleteFile = TRUE};
    HANDLE file = CreateFileW(path, DELETE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);

    if (file == INVALID_HANDLE_VALUE)
        return false;
    bool is_deleted = SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition);
    CloseHandle(file);
    return is_deleted;
}

static void sweep_directory(struct sweep *sweep, size_t length, unsigned depth);

static void sweep_entry(struct sweep *sweep, size_t length, unsigned depth, const WIN32_FIND_DATAW *entry)
{
    size_t name_length = wcslen(entry->cFileName);
    bool is_directory = (entry->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    bool is_link = (entry->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    bool is_itself = wcscmp(entry->cFileName, L".") == 0 || wcscmp(entry->cFileName, L"..") == 0;

    /* Room for a separator, and for "\*" behind a directory. */
    if (is_itself || length + 1 + name_length + 3 > FILE_FINAL_PATH_MAX)
        return;
    sweep->path[length] = L'\\';
    wcscpy(sweep->path + length + 1, entry->cFileName);
    if (is_directory && !is_link && depth < SWEEP_DEPTH_MAX)
        sweep_directory(sweep, length + 1 + name_length, depth + 1);
    else if (!is_directory && is_unfinished(entry->cFileName) && delete_file(sweep->path))
        sweep->deleted++;
    sweep->path[length] = 0;
}

static void sweep_directory(struct sweep *sweep, size_t length, unsigned depth)
{
    WIN32_FIND_DATAW entry;

    wcscpy(sweep->path + length, L"\\*");
    HANDLE find = FindFirstFileExW(sweep->path, FindExInfoBasic, &entry, FindExSearchNameMatch, NULL, 0);
    sweep->path[length] = 0;
    if (find == INVALID_HANDLE_VALUE)
        return;
    do {
        if (sweep->entries++ < SWEEP_ENTRIES_MAX)
            sweep_entry(sweep, length, depth, &entry);
    } while (!*sweep->is_cancelled && sweep->entries < SWEEP_ENTRIES_MAX && FindNextFileW(find, &entry));
    FindClose(find);
}

uint32_t sweep_unfinished(struct root *root, const volatile LONG *is_cancelled)
{
    struct ground *ground = root_enter(root);
    struct sweep *sweep = calloc(1, sizeof *sweep);
    uint32_t deleted = 0;

    if (ground != NULL && sweep != NULL) {
        sweep->is_cancelled = is_cancelled;
        wcscpy(sweep->path, ground->paths[ground->paths[PATH_NORMALIZED][0] ? PATH_NORMALIZED : PATH_OPENED]);
        sweep_directory(sweep, wcslen(sweep->path), 0);
        deleted = sweep->deleted;
    }
    free(sweep);
    root_leave(ground);
    return deleted;
}
