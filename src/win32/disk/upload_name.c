#include "core/names/stamped.h"
#include "win32/disk/upload_parts.h"
#include "win32/system/text.h"

#include <stdio.h>

enum { UPLOAD_STAMPS_MAX = 100, STAMP_MAX = 16 };

enum status upload_fail(struct upload *upload, DWORD error)
{
    upload->error = error;
    return status_of_error(error);
}

void upload_temporary_name(char name[UPLOAD_TEMPORARY_MAX])
{
    static volatile LONG counter;
    LARGE_INTEGER ticks;

    QueryPerformanceCounter(&ticks);
    snprintf(name, UPLOAD_TEMPORARY_MAX, "%s%08lx%08lx%016llx%s", PATH_UPLOAD_PREFIX, GetCurrentProcessId(),
             (unsigned long)InterlockedIncrement(&counter), (unsigned long long)ticks.QuadPart, PATH_UPLOAD_SUFFIX);
}

bool upload_is_unfinished(const WIN32_FIND_DATAW *entry)
{
    static const wchar_t prefix[] = L"" PATH_UPLOAD_PREFIX, suffix[] = L"" PATH_UPLOAD_SUFFIX;
    const wchar_t *name = entry->cFileName;
    size_t length = wcslen(name), prefix_length = wcslen(prefix), suffix_length = wcslen(suffix);

    return (entry->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0 && length > prefix_length + suffix_length &&
           _wcsnicmp(name, prefix, prefix_length) == 0 && _wcsicmp(name + length - suffix_length, suffix) == 0;
}

/* -- before the first data -- */

/* Beside a name that is taken it is to be known already whether its file may be renamed. */
static ACCESS_MASK access_to_old(const struct upload *upload)
{
    return FILE_READ_ATTRIBUTES | (upload->when_exists == WHEN_EXISTS_RENAME_OLD ? DELETE : 0);
}

static bool is_directory(HANDLE handle)
{
    FILE_STANDARD_INFO standard;

    return GetFileInformationByHandleEx(handle, FileStandardInfo, &standard, sizeof standard) && standard.Directory;
}

/* The final name must be free, or its file able to make room; the commit makes sure once more, without a gap. */
static enum status judge_name_free(const struct upload *upload, wchar_t *leaf)
{
    HANDLE other;
    LONG result =
        open_below(upload->parent, leaf, access_to_old(upload), FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                   FILE_OPEN, FILE_OPEN_REPARSE_POINT, &other);

    if (result >= 0) {
        bool is_folder = is_directory(other);
        CloseHandle(other);
        if (is_folder)
            return STATUS_FOLDER_EXISTS;
        return upload->when_exists == WHEN_EXISTS_RENAME_OLD ? STATUS_OK : STATUS_EXISTS;
    }
    enum status status = status_of_ntstatus(result);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    return status == STATUS_IN_USE && upload->when_exists != WHEN_EXISTS_RENAME_OLD ? STATUS_EXISTS : status;
}

static void stamp_of(const SYSTEMTIME *time, char stamp[STAMP_MAX])
{
    snprintf(stamp, STAMP_MAX, "%04u%02u%02u-%02u%02u%02u", time->wYear % 10000u, time->wMonth % 100u,
             time->wDay % 100u, time->wHour % 100u, time->wMinute % 100u, time->wSecond % 100u);
}

/* The next name beside the asked one. False when there are enough. */
static bool stamp_new(struct upload *upload)
{
    SYSTEMTIME now;
    char stamp[STAMP_MAX];

    if (++upload->stamps > UPLOAD_STAMPS_MAX)
        return false;
    GetLocalTime(&now);
    stamp_of(&now, stamp);
    return stamped_name(upload->asked_path, stamp, upload->stamps, upload->path);
}

enum status upload_find_name(struct upload *upload)
{
    for (;;) {
        wchar_t leaf[PATH_TEXT_MAX];
        if (!text_to_wide(path_leaf(upload->path), leaf, PATH_TEXT_MAX))
            return STATUS_NOT_FOUND;
        enum status status = judge_name_free(upload, leaf);
        bool is_taken = status == STATUS_EXISTS || status == STATUS_FOLDER_EXISTS;
        if (!is_taken || upload->when_exists != WHEN_EXISTS_KEEP_BOTH || !stamp_new(upload))
            return status;
    }
}

/* -- after the last -- */

/* FILE_RENAME_INFORMATION of the kernel; the Win32 call takes no directory's handle under Wine. */
struct rename {
    BOOLEAN replaces;
    HANDLE directory;
    ULONG name_bytes;
    wchar_t name[FILE_FINAL_PATH_MAX + PATH_TEXT_MAX];
};

/* The full name in the kernel's spelling, \??\ for \\?\. */
static bool name_by_path(struct rename *rename, const wchar_t *leaf)
{
    if (file_final_path(rename->directory, rename->name) != 0)
        return false;
    rename->name[1] = L'?';
    wcscat(rename->name, L"\\");
    wcscat(rename->name, leaf);
    rename->directory = NULL;
    return true;
}

static LONG set_name(HANDLE handle, struct rename *rename)
{
    IO_STATUS_BLOCK block;

    rename->name_bytes = (ULONG)(wcslen(rename->name) * sizeof(wchar_t));
    return NtSetInformationFile(handle, &block, rename, sizeof *rename, FileRenameInformation);
}

/*
 * Below the very directory that was judged, whatever its path leads to by now. SMB knows no directory's handle there
 * (MS-FSCC 2.4.41: zero "for a network operation"); where it is refused for that the directory, which is held so that
 * nobody can move it, is asked for its path. Never in place of another file.
 */
static enum status rename_to(struct upload *upload, HANDLE handle, const char *path)
{
    enum { INVALID_PARAMETER = (LONG)0xC000000D, NOT_SUPPORTED = (LONG)0xC00000BB };
    struct rename rename = {.replaces = FALSE, .directory = upload->parent};
    wchar_t leaf[PATH_TEXT_MAX];

    if (!text_to_wide(path_leaf(path), leaf, PATH_TEXT_MAX))
        return STATUS_NOT_FOUND;
    wcscpy(rename.name, leaf);
    LONG result = set_name(handle, &rename);
    if ((result == INVALID_PARAMETER || result == NOT_SUPPORTED) && name_by_path(&rename, leaf))
        result = set_name(handle, &rename);
    enum status status = status_of_ntstatus(result);
    if (status != STATUS_OK && status != STATUS_EXISTS)
        upload->error = RtlNtStatusToDosError(result);
    return status;
}

/* By when it was written last, as a listing shows it. */
static void stamp_old(HANDLE old, char stamp[STAMP_MAX])
{
    FILE_BASIC_INFO basic;
    SYSTEMTIME universal, local;

    GetLocalTime(&local);
    if (GetFileInformationByHandleEx(old, FileBasicInfo, &basic, sizeof basic)) {
        FILETIME written = {basic.LastWriteTime.u.LowPart, (DWORD)basic.LastWriteTime.u.HighPart};
        if (FileTimeToSystemTime(&written, &universal))
            SystemTimeToTzSpecificLocalTime(NULL, &universal, &local);
    }
    stamp_of(&local, stamp);
}

/* The file that has the name makes room. Itself, if it is a link, not what that leads to. STATUS_OK also if it is gone. */
static enum status rename_old(struct upload *upload)
{
    wchar_t leaf[PATH_TEXT_MAX];
    char stamp[STAMP_MAX], path[PATH_TEXT_MAX];
    enum status status = STATUS_EXISTS;

    if (!text_to_wide(path_leaf(upload->asked_path), leaf, PATH_TEXT_MAX))
        return STATUS_NOT_FOUND;
    LONG result =
        open_below(upload->parent, leaf, access_to_old(upload), FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                   FILE_OPEN, FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT, &upload->old);
    if (result < 0) {
        upload->old = NULL;
        status = status_of_ntstatus(result);
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    stamp_old(upload->old, stamp);
    for (unsigned number = 1; status == STATUS_EXISTS && number <= UPLOAD_STAMPS_MAX; number++)
        if (stamped_name(upload->asked_path, stamp, number, path))
            status = rename_to(upload, upload->old, path);
    return status;
}

static void let_go_of_old(struct upload *upload)
{
    if (upload->old != NULL)
        CloseHandle(upload->old);
    upload->old = NULL;
}

/* For a moment nobody has the name; who takes it then is renamed in his turn, so nothing is ever lost. */
static enum status take_name_of_old(struct upload *upload)
{
    enum status status = rename_to(upload, upload->handle, upload->path);

    for (unsigned tries = 0; status == STATUS_EXISTS && tries < UPLOAD_STAMPS_MAX; tries++) {
        let_go_of_old(upload);
        status = rename_old(upload);
        if (status == STATUS_OK)
            status = rename_to(upload, upload->handle, upload->path);
    }
    if (status != STATUS_OK && upload->old != NULL)
        rename_to(upload, upload->old, upload->asked_path);
    return status;
}

void upload_give_back_name(struct upload *upload)
{
    char temporary[UPLOAD_TEMPORARY_MAX];
    DWORD error = upload->error;

    if (upload->old == NULL)
        return;
    upload_temporary_name(temporary);
    rename_to(upload, upload->handle, temporary);
    rename_to(upload, upload->old, upload->asked_path);
    upload->error = error; /* what it is given up for */
}

enum status upload_take_name(struct upload *upload)
{
    if (upload->when_exists == WHEN_EXISTS_RENAME_OLD)
        return take_name_of_old(upload);
    enum status status = rename_to(upload, upload->handle, upload->path);
    while (status == STATUS_EXISTS && upload->when_exists == WHEN_EXISTS_KEEP_BOTH && stamp_new(upload))
        status = rename_to(upload, upload->handle, upload->path);
    return status;
}
