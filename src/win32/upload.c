#include "win32/file_parts.h"
#include "win32/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEMPORARY_NAME_MAX = 64, UPLOAD_STAMPS_MAX = 100 };

/* Distinct from every other one of this and of an earlier process, so that FILE_CREATE below cannot meet it. */
static void temporary_name(wchar_t name[TEMPORARY_NAME_MAX])
{
    static volatile LONG counter;
    LARGE_INTEGER ticks;

    QueryPerformanceCounter(&ticks);
    swprintf(name, TEMPORARY_NAME_MAX, L"%hs%08lx%08lx%016llx.part", PATH_UPLOAD_PREFIX, GetCurrentProcessId(),
             (unsigned long)InterlockedIncrement(&counter), (unsigned long long)ticks.QuadPart);
}

static enum status open_directory(const struct ground *ground, wchar_t *name, HANDLE *directory)
{
    static wchar_t itself[] = L"";
    LONG result =
        open_below(ground->handle, name ? name : itself, FILE_TRAVERSE | FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES,
                   FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, FILE_DIRECTORY_FILE, directory);

    return status_of_ntstatus(result);
}

/* The final name must be free; the commit makes sure once more, without a gap. */
static enum status judge_name_free(HANDLE directory, wchar_t *leaf)
{
    HANDLE other;
    LONG result = open_below(directory, leaf, FILE_READ_ATTRIBUTES,
                             FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_OPEN, 0, &other);

    if (result >= 0) {
        CloseHandle(other);
        return STATUS_EXISTS;
    }
    enum status status = status_of_ntstatus(result);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status == STATUS_IN_USE ? STATUS_EXISTS : status;
}

/* Some shares do not tell; then the write itself will. The root of a drive is asked with its separator only. */
static enum status judge_space(const wchar_t *directory, uint64_t announced, uint64_t free_bytes_min)
{
    ULARGE_INTEGER available;

    if (!GetDiskFreeSpaceExW(directory, &available, NULL, NULL))
        return STATUS_OK;
    bool is_enough = available.QuadPart >= free_bytes_min && available.QuadPart - free_bytes_min >= announced;
    return is_enough ? STATUS_OK : STATUS_FULL;
}

/* Splits "a\\b\\c.cfg" in place; the directory is NULL where the name lies in the root itself. */
static wchar_t *split_leaf(wchar_t *name, wchar_t **directory)
{
    wchar_t *separator = wcsrchr(name, L'\\');

    *directory = separator != NULL ? name : NULL;
    if (separator == NULL)
        return name;
    *separator = 0;
    return separator + 1;
}

static const char *leaf_of(const char *path)
{
    const char *separator = strrchr(path, '\\');

    return separator != NULL ? separator + 1 : path;
}

static bool join(char *path, const char *directory, const char *leaf)
{
    int length = snprintf(path, PATH_TEXT_MAX, "%s%s%s", directory, directory[0] ? "\\" : "", leaf);

    return length > 0 && length < PATH_TEXT_MAX;
}

/* The directory's absolute path, and the relative path as the file system spells it. */
static enum status name_upload(struct upload *upload, const struct ground *ground, const char *leaf)
{
    wchar_t absolute[FILE_FINAL_PATH_MAX];
    char relative[PATH_TEXT_MAX];

    if (!path_below_root(ground, upload->parent, absolute, relative))
        return STATUS_OUTSIDE;
    if (!join(upload->asked_path, relative, leaf))
        return STATUS_NOT_FOUND;
    memcpy(upload->path, upload->asked_path, sizeof upload->path);
    size_t units = wcslen(absolute) + 2;
    upload->directory = malloc(units * sizeof(wchar_t));
    if (upload->directory == NULL)
        return STATUS_BROKEN;
    swprintf(upload->directory, units, L"%ls\\", absolute);
    return STATUS_OK;
}

/* "a\\b.cfg" becomes "a\\b.20261122-093005.cfg", then "a\\b.20261122-093005-2.cfg". False when there are enough. */
static bool stamp_name(struct upload *upload)
{
    SYSTEMTIME now;
    char number[16] = "";
    const char *leaf = leaf_of(upload->asked_path);
    const char *dot = strrchr(leaf, '.');
    int stem = (int)((dot != NULL && dot != leaf ? dot : leaf + strlen(leaf)) - upload->asked_path);

    if (++upload->stamps > UPLOAD_STAMPS_MAX)
        return false;
    if (upload->stamps > 1)
        snprintf(number, sizeof number, "-%u", upload->stamps);
    GetLocalTime(&now);
    int length = snprintf(upload->path, sizeof upload->path, "%.*s.%04u%02u%02u-%02u%02u%02u%s%s", stem,
                          upload->asked_path, now.wYear, now.wMonth, now.wDay, now.wHour, now.wMinute, now.wSecond,
                          number, upload->asked_path + stem);
    return length > 0 && (size_t)length < sizeof upload->path;
}

/* The first name that is free, if another than the asked one will do. */
static enum status find_free_name(struct upload *upload)
{
    for (;;) {
        wchar_t leaf[PATH_TEXT_MAX];
        if (!text_to_wide(leaf_of(upload->path), leaf, PATH_TEXT_MAX))
            return STATUS_NOT_FOUND;
        enum status status = judge_name_free(upload->parent, leaf);
        if (status != STATUS_EXISTS || !upload->keeps_both || !stamp_name(upload))
            return status;
    }
}

static enum status prepare(struct upload *upload, const struct ground *ground, const struct upload_wish *wish)
{
    wchar_t name[PATH_TEXT_MAX];
    wchar_t *directory_name;

    if (ground == NULL)
        return STATUS_ROOT_LOST;
    if (!text_to_wide(wish->path, name, PATH_TEXT_MAX))
        return STATUS_NOT_FOUND;
    split_leaf(name, &directory_name);
    enum status status = open_directory(ground, directory_name, &upload->parent);
    if (status == STATUS_OK)
        status = name_upload(upload, ground, leaf_of(wish->path));
    if (status == STATUS_OK)
        status = find_free_name(upload);
    if (status == STATUS_OK)
        status = judge_space(upload->directory, wish->announced, wish->free_bytes_min);
    if (status != STATUS_OK)
        upload_close(upload);
    return status;
}

enum status upload_prepare(struct upload *upload, struct root *root, const struct upload_wish *wish)
{
    *upload = (struct upload){.free_bytes_min = wish->free_bytes_min, .keeps_both = wish->keeps_both};
    struct ground *ground = root_enter(root);
    enum status status = prepare(upload, ground, wish);
    if (root_has_moved(root, &ground, &status))
        status = prepare(upload, ground, wish);
    root_leave(ground);
    return status;
}

static enum status create_unfinished(HANDLE directory, HANDLE *handle)
{
    wchar_t name[TEMPORARY_NAME_MAX];
    FILE_DISPOSITION_INFO disposition = {.DeleteFile = TRUE};

    temporary_name(name);
    LONG result = open_below(directory, name, FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | DELETE, 0, FILE_CREATE,
                             FILE_NON_DIRECTORY_FILE | FILE_SEQUENTIAL_ONLY, handle);
    if (result < 0) {
        *handle = NULL;
        return status_of_ntstatus(result);
    }
    /* From here on it disappears with its handle, however the process ends. */
    if (!SetFileInformationByHandle(*handle, FileDispositionInfo, &disposition, sizeof disposition)) {
        enum status status = status_of_error(GetLastError());
        CloseHandle(*handle);
        *handle = NULL;
        return status;
    }
    return STATUS_OK;
}

enum status upload_create(struct upload *upload)
{
    return create_unfinished(upload->parent, &upload->handle);
}

static enum status fail(struct upload *upload, DWORD error)
{
    upload->error = error;
    return status_of_error(error);
}

enum status upload_write(struct upload *upload, uint64_t offset, const void *bytes, uint32_t size)
{
    OVERLAPPED place = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
    DWORD written;

    enum status status = judge_space(upload->directory, size, upload->free_bytes_min);
    if (status != STATUS_OK)
        return status;
    if (!WriteFile(upload->handle, bytes, size, &written, &place))
        return fail(upload, GetLastError());
    return written == size ? STATUS_OK : STATUS_FULL;
}

/* FILE_RENAME_INFORMATION of the kernel; the Win32 call takes no directory's handle under Wine. */
struct rename {
    BOOLEAN replaces;
    HANDLE directory;
    ULONG name_bytes;
    wchar_t name[PATH_TEXT_MAX];
};

/* Below the very directory that was judged, whatever its path leads to by now. */
static enum status rename_without_replacing(struct upload *upload)
{
    struct rename rename = {.replaces = FALSE, .directory = upload->parent};
    IO_STATUS_BLOCK block;

    if (!text_to_wide(leaf_of(upload->path), rename.name, PATH_TEXT_MAX))
        return STATUS_NOT_FOUND;
    rename.name_bytes = (ULONG)(wcslen(rename.name) * sizeof(wchar_t));
    LONG result = NtSetInformationFile(upload->handle, &block, &rename, sizeof rename, FileRenameInformation);
    enum status status = status_of_ntstatus(result);
    if (status != STATUS_OK && status != STATUS_EXISTS)
        upload->error = RtlNtStatusToDosError(result);
    return status;
}

/* Some file systems and shares have no such thing, and say so: the data is as safe there as it gets. */
static enum status flush(struct upload *upload)
{
    if (FlushFileBuffers(upload->handle))
        return STATUS_OK;
    DWORD error = GetLastError();
    bool has_none = error == ERROR_INVALID_FUNCTION || error == ERROR_NOT_SUPPORTED || error == ERROR_INVALID_PARAMETER;
    return has_none ? STATUS_OK : fail(upload, error);
}

static enum status give_name(struct upload *upload)
{
    FILE_DISPOSITION_INFO keep = {.DeleteFile = FALSE};

    if (!SetFileInformationByHandle(upload->handle, FileDispositionInfo, &keep, sizeof keep))
        return fail(upload, GetLastError());
    enum status status = rename_without_replacing(upload);
    while (status == STATUS_EXISTS && upload->keeps_both && stamp_name(upload))
        status = rename_without_replacing(upload);
    return status;
}

/*
 * Its data first, for a name must never lead to less than the whole; then its name, or a power cut would leave what the
 * client was told is stored as an unfinished upload, which the next start deletes.
 */
enum status upload_commit(struct upload *upload)
{
    FILE_DISPOSITION_INFO discard = {.DeleteFile = TRUE};

    enum status status = flush(upload);
    if (status != STATUS_OK)
        return status;
    status = give_name(upload);
    if (status == STATUS_OK)
        status = flush(upload);
    if (status != STATUS_OK)
        SetFileInformationByHandle(upload->handle, FileDispositionInfo, &discard, sizeof discard);
    return status;
}

void upload_close(struct upload *upload)
{
    if (upload->handle != NULL)
        CloseHandle(upload->handle);
    upload->handle = NULL;
    if (upload->parent != NULL)
        CloseHandle(upload->parent);
    upload->parent = NULL;
    free(upload->directory);
    upload->directory = NULL;
}
