#include "win32/disk/upload_parts.h"
#include "win32/system/text.h"

#include <stdio.h>

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

/* To the service's account. Some shares do not tell; then the write itself will. */
static uint64_t available_bytes(HANDLE directory)
{
    FILE_FS_SIZE_INFORMATION size;
    IO_STATUS_BLOCK block;

    if (NtQueryVolumeInformationFile(directory, &block, &size, sizeof size, FileFsSizeInformation) < 0)
        return UINT64_MAX;
    return (uint64_t)size.AvailableAllocationUnits.QuadPart * size.SectorsPerAllocationUnit * size.BytesPerSector;
}

static enum status look_at_space(struct upload *upload, uint64_t wanted)
{
    uint64_t available = available_bytes(upload->parent);

    if (available < upload->free_bytes_min || available - upload->free_bytes_min < wanted)
        return STATUS_FULL;
    upload->room = available - upload->free_bytes_min;
    if (upload->room > UPLOAD_LOOK_BYTES)
        upload->room = UPLOAD_LOOK_BYTES;
    upload->looked_ms = GetTickCount64();
    return STATUS_OK;
}

static enum status take_room(struct upload *upload, uint32_t size)
{
    enum status status = STATUS_OK;

    if (size > upload->room || GetTickCount64() >= upload->looked_ms + UPLOAD_LOOK_MS)
        status = look_at_space(upload, size);
    if (status == STATUS_OK)
        upload->room -= size < upload->room ? size : upload->room;
    return status;
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

/* The relative path as the file system spells it. */
static enum status name_upload(struct upload *upload, const struct ground *ground, const char *leaf)
{
    char relative[PATH_TEXT_MAX];

    enum status status = path_below_root(ground, upload->parent, relative);
    if (status != STATUS_OK)
        return status;
    if (!join(upload->asked_path, relative, leaf))
        return STATUS_NOT_FOUND;
    memcpy(upload->path, upload->asked_path, sizeof upload->path);
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
        status = name_upload(upload, ground, path_leaf(wish->path));
    if (status == STATUS_OK)
        status = upload_find_name(upload);
    if (status == STATUS_OK)
        status = look_at_space(upload, wish->announced);
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

static enum status create_unfinished(struct upload *upload)
{
    char temporary[UPLOAD_TEMPORARY_MAX];
    wchar_t name[UPLOAD_TEMPORARY_MAX];

    upload->handle = NULL;
    upload_temporary_name(temporary);
    if (!text_to_wide(temporary, name, UPLOAD_TEMPORARY_MAX))
        return STATUS_BROKEN;
    /* Synchronous, as never more than one thread writes it. */
    LONG result =
        open_below(upload->parent, name, FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | DELETE | SYNCHRONIZE, 0, FILE_CREATE,
                   FILE_NON_DIRECTORY_FILE | FILE_SEQUENTIAL_ONLY | FILE_SYNCHRONOUS_IO_NONALERT, &upload->handle);
    if (result < 0)
        upload->handle = NULL;
    return status_of_ntstatus(result);
}

static bool set_deletion(HANDLE file, bool is_wanted)
{
    FILE_DISPOSITION_INFO disposition = {.DeleteFile = is_wanted};

    return SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition);
}

static bool take_deletion_back(HANDLE file)
{
    FILE_STANDARD_INFO standard;

    return set_deletion(file, false) &&
           GetFileInformationByHandleEx(file, FileStandardInfo, &standard, sizeof standard) && !standard.DeletePending;
}

/*
 * From here on it disappears with its handle, however the process ends. Whether that can be taken back is tried before
 * anything is written: not every share does what the protocol says, and each upload would be lost at its end. Where it
 * cannot, another one without this begins; upload_close deletes it, or the sweep of the next start.
 */
static enum status make_transient(struct upload *upload)
{
    if (!set_deletion(upload->handle, true))
        return status_of_error(GetLastError());
    upload->deletes_itself = take_deletion_back(upload->handle);
    if (upload->deletes_itself)
        return set_deletion(upload->handle, true) ? STATUS_OK : status_of_error(GetLastError());
    CloseHandle(upload->handle);
    return create_unfinished(upload);
}

enum status upload_create(struct upload *upload)
{
    enum status status = create_unfinished(upload);

    if (status != STATUS_OK)
        return status;
    status = make_transient(upload);
    if (status != STATUS_OK && upload->handle != NULL) {
        CloseHandle(upload->handle);
        upload->handle = NULL;
    }
    return status;
}

enum status upload_write(struct upload *upload, uint64_t offset, const void *bytes, uint32_t size)
{
    OVERLAPPED place = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
    DWORD written;

    enum status status = take_room(upload, size);
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
    if (upload->deletes_itself && !set_deletion(upload->handle, false))
        return upload_fail(upload, GetLastError());
    return upload_take_name(upload);
}

/*
 * Its data first, for a name must never lead to less than the whole; then its name, or a power cut would leave what the
 * client was told is stored as an unfinished upload, which the next start deletes.
 */
enum status upload_commit(struct upload *upload)
{
    enum status status = flush(upload);

    if (status != STATUS_OK)
        return status;
    status = give_name(upload);
    if (status == STATUS_OK) {
        status = flush(upload);
        if (status != STATUS_OK)
            upload_give_back_name(upload);
    }
    upload->is_stored = status == STATUS_OK;
    if (!upload->is_stored)
        set_deletion(upload->handle, true);
    return status;
}

void upload_close(struct upload *upload)
{
    if (upload->handle != NULL) {
        if (!upload->is_stored)
            set_deletion(upload->handle, true);
        CloseHandle(upload->handle);
    }
    upload->handle = NULL;
    if (upload->parent != NULL)
        CloseHandle(upload->parent);
    upload->parent = NULL;
    if (upload->old != NULL)
        CloseHandle(upload->old);
    upload->old = NULL;
}
