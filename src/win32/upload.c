#include "win32/upload_parts.h"
#include "win32/text.h"

#include <stdio.h>
#include <stdlib.h>

static enum status open_directory(const struct ground *ground, wchar_t *name, HANDLE *directory)
{
    static wchar_t itself[] = L"";
    LONG result =
        open_below(ground->handle, name ? name : itself, FILE_TRAVERSE | FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES,
                   FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, FILE_DIRECTORY_FILE, directory);

    return status_of_ntstatus(result);
}

static bool is_there(HANDLE directory, wchar_t *name, ULONG options)
{
    HANDLE handle;
    LONG result = open_below(directory, name, FILE_READ_ATTRIBUTES,
                             FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_OPEN, options, &handle);

    if (result >= 0)
        CloseHandle(handle);
    return result >= 0;
}

/* The first folder of the way that is not there, which goes into path. As many opens as there are folders, and one more. */
static enum status find_missing_folder(const struct ground *ground, wchar_t *way, char *path)
{
    wchar_t *end = way;

    for (;; end++) {
        end += wcscspn(end, L"\\");
        wchar_t separator = *end;
        *end = 0;
        bool is_last = separator == 0;
        if (is_last || !is_there(ground->handle, way, FILE_DIRECTORY_FILE))
            break;
        *end = separator;
    }
    text_from_wide(way, path, PATH_TEXT_MAX);
    return is_there(ground->handle, way, FILE_NON_DIRECTORY_FILE) ? STATUS_NOT_A_FOLDER : STATUS_NO_FOLDER;
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

    enum status status = path_below_root(ground, upload->parent, relative);
    if (status == STATUS_OK)
        status = status_of_error(file_final_path(upload->parent, absolute));
    if (status != STATUS_OK)
        return status;
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
    if (status == STATUS_NOT_FOUND && directory_name != NULL)
        status = find_missing_folder(ground, directory_name, upload->path);
    if (status == STATUS_OK)
        status = name_upload(upload, ground, upload_leaf(wish->path));
    if (status == STATUS_OK)
        status = upload_find_name(upload);
    if (status == STATUS_OK)
        status = judge_space(upload->directory, wish->announced, wish->free_bytes_min);
    if (status != STATUS_OK)
        upload_close(upload);
    return status;
}

enum status upload_prepare(struct upload *upload, struct root *root, const struct upload_wish *wish)
{
    *upload = (struct upload){.free_bytes_min = wish->free_bytes_min, .when_exists = wish->when_exists};
    struct ground *ground = root_enter(root);
    enum status status = prepare(upload, ground, wish);
    if (root_has_moved(root, &ground, &status))
        status = prepare(upload, ground, wish);
    root_leave(ground);
    return status;
}

static enum status create_unfinished(HANDLE directory, HANDLE *handle)
{
    char temporary[UPLOAD_TEMPORARY_MAX];
    wchar_t name[UPLOAD_TEMPORARY_MAX];
    FILE_DISPOSITION_INFO disposition = {.DeleteFile = TRUE};

    upload_temporary_name(temporary);
    if (!text_to_wide(temporary, name, UPLOAD_TEMPORARY_MAX))
        return STATUS_BROKEN;
    /* Synchronous, as never more than one thread writes it. */
    LONG result =
        open_below(directory, name, FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | DELETE | SYNCHRONIZE, 0, FILE_CREATE,
                   FILE_NON_DIRECTORY_FILE | FILE_SEQUENTIAL_ONLY | FILE_SYNCHRONOUS_IO_NONALERT, handle);
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

enum status upload_write(struct upload *upload, uint64_t offset, const void *bytes, uint32_t size)
{
    OVERLAPPED place = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
    DWORD written;

    enum status status = judge_space(upload->directory, size, upload->free_bytes_min);
    if (status != STATUS_OK)
        return status;
    if (!WriteFile(upload->handle, bytes, size, &written, &place))
        return upload_fail(upload, GetLastError());
    return written == size ? STATUS_OK : STATUS_FULL;
}

/* Some file systems and shares have no such thing, and say so: the data is as safe there as it gets. */
static enum status flush(struct upload *upload)
{
    if (FlushFileBuffers(upload->handle))
        return STATUS_OK;
    DWORD error = GetLastError();
    bool has_none = error == ERROR_INVALID_FUNCTION || error == ERROR_NOT_SUPPORTED || error == ERROR_INVALID_PARAMETER;
    return has_none ? STATUS_OK : upload_fail(upload, error);
}

static enum status give_name(struct upload *upload)
{
    FILE_DISPOSITION_INFO keep = {.DeleteFile = FALSE};

    if (!SetFileInformationByHandle(upload->handle, FileDispositionInfo, &keep, sizeof keep))
        return upload_fail(upload, GetLastError());
    return upload_take_name(upload);
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
    if (status == STATUS_OK) {
        status = flush(upload);
        if (status != STATUS_OK)
            upload_give_back_name(upload);
    }
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
    if (upload->old != NULL)
        CloseHandle(upload->old);
    upload->old = NULL;
    free(upload->directory);
    upload->directory = NULL;
}
