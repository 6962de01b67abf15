#include "win32/disk/file.h"

#include "win32/disk/file_parts.h"
#include "win32/system/text.h"

enum status status_of_ntstatus(LONG status)
{
    switch ((ULONG)status) {
    case 0xC000000Fu: /* STATUS_NO_SUCH_FILE */
    case 0xC0000034u: /* STATUS_OBJECT_NAME_NOT_FOUND */
    case 0xC000003Au: /* STATUS_OBJECT_PATH_NOT_FOUND */
    case 0xC0000056u: /* STATUS_DELETE_PENDING: to everybody it is gone */
    case 0xC0000103u: /* STATUS_NOT_A_DIRECTORY */
    case 0xC0000106u: /* STATUS_NAME_TOO_LONG */ return STATUS_NOT_FOUND;
    case 0xC00000BAu: /* STATUS_FILE_IS_A_DIRECTORY */ return STATUS_IS_FOLDER;
    case 0xC0000022u: /* STATUS_ACCESS_DENIED */
    case 0xC00000A2u: /* STATUS_MEDIA_WRITE_PROTECTED */ return STATUS_DENIED;
    case 0xC0000033u: /* STATUS_OBJECT_NAME_INVALID */
    case 0xC0000039u: /* STATUS_OBJECT_PATH_INVALID */
    case 0xC000003Bu: /* STATUS_OBJECT_PATH_SYNTAX_BAD */
    case 0xC000050Bu: /* STATUS_REPARSE_POINT_ENCOUNTERED */ return STATUS_OUTSIDE;
    case 0xC0000035u: /* STATUS_OBJECT_NAME_COLLISION */ return STATUS_EXISTS;
    case 0xC0000043u: /* STATUS_SHARING_VIOLATION */ return STATUS_IN_USE;
    case 0xC000007Fu: /* STATUS_DISK_FULL */
    case 0xC0000044u: /* STATUS_QUOTA_EXCEEDED */ return STATUS_FULL;
    case 0xC000000Eu: /* STATUS_NO_SUCH_DEVICE */
    case 0xC0000012u: /* STATUS_WRONG_VOLUME */
    case 0xC0000013u: /* STATUS_NO_MEDIA_IN_DEVICE */
    case 0xC0000098u: /* STATUS_FILE_INVALID */
    case 0xC000009Du: /* STATUS_DEVICE_NOT_CONNECTED */
    case 0xC00000A3u: /* STATUS_DEVICE_NOT_READY */
    case 0xC00000B5u: /* STATUS_IO_TIMEOUT */
    case 0xC00000B6u: /* STATUS_FILE_FORCED_CLOSED */
    case 0xC00000BEu: /* STATUS_BAD_NETWORK_PATH */
    case 0xC00000C0u: /* STATUS_DEVICE_DOES_NOT_EXIST */
    case 0xC00000C3u: /* STATUS_INVALID_NETWORK_RESPONSE */
    case 0xC00000C4u: /* STATUS_UNEXPECTED_NETWORK_ERROR */
    case 0xC00000C9u: /* STATUS_NETWORK_NAME_DELETED */
    case 0xC00000CCu: /* STATUS_BAD_NETWORK_NAME */
    case 0xC00000D6u: /* STATUS_VIRTUAL_CIRCUIT_CLOSED */
    case 0xC0000128u: /* STATUS_FILE_CLOSED */
    case 0xC0000203u: /* STATUS_USER_SESSION_DELETED */
    case 0xC000020Cu: /* STATUS_CONNECTION_DISCONNECTED */
    case 0xC000020Du: /* STATUS_CONNECTION_RESET */
    case 0xC0000236u: /* STATUS_CONNECTION_REFUSED */
    case 0xC000023Cu: /* STATUS_NETWORK_UNREACHABLE */
    case 0xC000023Du: /* STATUS_HOST_UNREACHABLE */
    case 0xC0000241u: /* STATUS_CONNECTION_ABORTED */
    case 0xC000026Eu: /* STATUS_VOLUME_DISMOUNTED */
    case 0xC00002B6u: /* STATUS_DEVICE_REMOVED */
    case 0xC000035Cu: /* STATUS_NETWORK_SESSION_EXPIRED */
    case 0xC0000466u: /* STATUS_SERVER_UNAVAILABLE */
    case 0xC0000467u: /* STATUS_FILE_NOT_AVAILABLE */ return STATUS_ROOT_LOST;
    default: return status < 0 ? STATUS_BROKEN : STATUS_OK;
    }
}

enum status status_of_error(DWORD error)
{
    switch (error) {
    case ERROR_SUCCESS: return STATUS_OK;
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND: return STATUS_NOT_FOUND;
    case ERROR_ACCESS_DENIED:
    case ERROR_WRITE_PROTECT: return STATUS_DENIED;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS: return STATUS_EXISTS;
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION: return STATUS_IN_USE;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
    case 1295: /* ERROR_DISK_QUOTA_EXCEEDED, which MinGW does not name */ return STATUS_FULL;
    default: return STATUS_BROKEN;
    }
}

LONG open_below(HANDLE directory, wchar_t *name, ACCESS_MASK access, ULONG sharing, ULONG disposition, ULONG options,
                HANDLE *handle)
{
    UNICODE_STRING string;
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK block;

    RtlInitUnicodeString(&string, name);
    InitializeObjectAttributes(&attributes, &string, OBJ_CASE_INSENSITIVE, directory, NULL);
    return NtCreateFile(handle, access, &attributes, &block, NULL, FILE_ATTRIBUTE_NORMAL, sharing, disposition, options,
                        NULL, 0);
}

DWORD path_in_form(HANDLE handle, enum path_form form, wchar_t *path)
{
    static const DWORD flags[PATH_FORMS] = {[PATH_NORMALIZED] = FILE_NAME_NORMALIZED, [PATH_OPENED] = FILE_NAME_OPENED};
    DWORD length = GetFinalPathNameByHandleW(handle, path, FILE_FINAL_PATH_MAX, flags[form] | VOLUME_NAME_DOS);
    DWORD error = GetLastError();

    if (length == 0)
        return error != 0 ? error : ERROR_BAD_PATHNAME;
    if (length >= FILE_FINAL_PATH_MAX)
        return ERROR_FILENAME_EXCED_RANGE;
    while (length > 0 && path[length - 1] == L'\\')
        path[--length] = 0;
    return 0;
}

DWORD file_final_path(HANDLE handle, wchar_t *path)
{
    DWORD error = path_in_form(handle, PATH_NORMALIZED, path);

    return error == 0 ? 0 : path_in_form(handle, PATH_OPENED, path);
}

char *file_path_text(const wchar_t *path, char *text, size_t size)
{
    static const wchar_t prefix[] = L"\\\\?\\", share[] = L"\\\\?\\UNC\\";
    bool is_share = wcsncmp(path, share, wcslen(share)) == 0;

    if (is_share)
        path += wcslen(share) - 2; /* two backslashes are to stand before the server */
    else if (wcsncmp(path, prefix, wcslen(prefix)) == 0)
        path += wcslen(prefix);
    if (text_from_wide(path, text, size) && is_share)
        text[0] = '\\';
    return text;
}

char *file_final_text(HANDLE handle, char *text, size_t size)
{
    wchar_t path[FILE_FINAL_PATH_MAX];

    if (file_final_path(handle, path) != 0)
        path[0] = 0;
    return file_path_text(path, text, size);
}

/* Any name with ~ may be a short one, which the rules do not know: only normalized it is sure to be the long one. */
static bool is_sure(const wchar_t *path, enum path_form form)
{
    return form == PATH_NORMALIZED || wcschr(path, L'~') == NULL;
}

static enum status cut_root(const wchar_t *root, const wchar_t *path, enum path_form form, char *relative)
{
    size_t length = wcslen(root);

    if (wcslen(path) < length || CompareStringOrdinal(path, (int)length, root, (int)length, TRUE) != CSTR_EQUAL)
        return STATUS_OUTSIDE;
    /* C:\tftp2 begins with C:\tftp too: what follows must be a component of its own. */
    const wchar_t *rest = path + length;
    relative[0] = 0;
    if (*rest == 0)
        return STATUS_OK;
    bool is_below = *rest == L'\\' && is_sure(rest, form) && text_from_wide(rest + 1, relative, PATH_TEXT_MAX);
    return is_below ? STATUS_OK : STATUS_OUTSIDE;
}

enum status path_below_root(const struct ground *ground, HANDLE handle, char *relative)
{
    wchar_t path[FILE_FINAL_PATH_MAX];
    DWORD error = ERROR_BAD_PATHNAME;

    for (int form = 0; form < PATH_FORMS; form++) {
        if (ground->paths[form][0] == 0)
            continue;
        error = path_in_form(handle, (enum path_form)form, path);
        if (error == 0)
            return cut_root(ground->paths[form], path, (enum path_form)form, relative);
    }
    return status_of_error(error);
}

/*
 * The opened handle, not the name, is what is served: a plain file on a disk, below the root. Asked for piece by piece:
 * GetFileInformationByHandle also looks up the volume for each file, which costs more than all the rest; the root's is
 * known, and the final path tells others apart.
 */
static enum status judge_opened(const struct ground *ground, struct opened_file *opened)
{
    FILE_BASIC_INFO basic;
    FILE_STANDARD_INFO standard;
    FILE_INTERNAL_INFORMATION internal;
    IO_STATUS_BLOCK block;

    if (GetFileType(opened->handle) != FILE_TYPE_DISK)
        return STATUS_OUTSIDE;
    enum status status = path_below_root(ground, opened->handle, opened->path);
    if (status != STATUS_OK)
        return status;
    if (!GetFileInformationByHandleEx(opened->handle, FileBasicInfo, &basic, sizeof basic) ||
        !GetFileInformationByHandleEx(opened->handle, FileStandardInfo, &standard, sizeof standard))
        return status_of_error(GetLastError());
    LONG result = NtQueryInformationFile(opened->handle, &block, &internal, sizeof internal, FileInternalInformation);
    if (result < 0)
        return status_of_ntstatus(result);
    if (standard.Directory)
        return STATUS_IS_FOLDER;
    opened->identity = (struct file_identity){
        .volume = ground->volume,
        .index = (uint64_t)internal.IndexNumber.QuadPart,
        .size = (uint64_t)standard.EndOfFile.QuadPart,
        .written = (uint64_t)basic.LastWriteTime.QuadPart,
        .changed = (uint64_t)basic.ChangeTime.QuadPart,
    };
    return STATUS_OK;
}

/* It is busy, or a folder; which one it really is decides whether the client may know that it is there. */
static enum status judge_unreadable(const struct ground *ground, wchar_t *name, struct opened_file *opened)
{
    LONG result = open_below(ground->handle, name, FILE_READ_ATTRIBUTES,
                             FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_OPEN, 0, &opened->handle);

    if (result < 0)
        return status_of_ntstatus(result);
    enum status status = judge_opened(ground, opened);
    CloseHandle(opened->handle);
    return status == STATUS_OK ? STATUS_IN_USE : status;
}

/*
 * Not synchronous: all file threads read by this one handle, and on a synchronous one Windows lets them do so one after the
 * other. Nor FILE_SEQUENTIAL_ONLY: its pages would be dropped behind one client, and be read again for the next.
 */
static enum status open_to_read(const struct ground *ground, wchar_t *name, struct opened_file *opened)
{
    if (ground == NULL)
        return STATUS_ROOT_LOST;
    LONG result = open_below(ground->handle, name, FILE_READ_DATA | FILE_READ_ATTRIBUTES,
                             FILE_SHARE_READ | FILE_SHARE_DELETE, FILE_OPEN, FILE_NON_DIRECTORY_FILE, &opened->handle);
    enum status status = status_of_ntstatus(result);
    if (status == STATUS_IN_USE || status == STATUS_IS_FOLDER)
        return judge_unreadable(ground, name, opened);
    if (status != STATUS_OK)
        return status;
    status = judge_opened(ground, opened);
    if (status != STATUS_OK)
        CloseHandle(opened->handle);
    return status;
}

enum status file_open(struct root *root, const char *path, struct opened_file *opened)
{
    wchar_t name[PATH_TEXT_MAX];

    opened->path[0] = 0;
    if (!text_to_wide(path, name, PATH_TEXT_MAX))
        return STATUS_NOT_FOUND;
    struct ground *ground = root_enter(root);
    enum status status = open_to_read(ground, name, opened);
    if (root_has_moved(root, &ground, &status))
        status = open_to_read(ground, name, opened);
    root_leave(ground);
    return status;
}

/* Waits for this read alone, whatever else is read by the same handle. */
static DWORD read_at(HANDLE handle, HANDLE done, uint64_t offset, void *bytes, uint32_t size, DWORD *read)
{
    OVERLAPPED place = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32), .hEvent = done};

    bool is_taken = ReadFile(handle, bytes, size, NULL, &place) || GetLastError() == ERROR_IO_PENDING;
    return is_taken && GetOverlappedResult(handle, &place, read, TRUE) ? 0 : GetLastError();
}

enum status file_read(HANDLE handle, uint64_t offset, void *bytes, uint32_t size, uint32_t *got)
{
    HANDLE done = CreateEventW(NULL, TRUE, FALSE, NULL);
    DWORD error = done != NULL ? 0 : GetLastError();
    DWORD read = 1;

    for (*got = 0; error == 0 && read > 0 && *got < size; *got += read) {
        read = 0;
        error = read_at(handle, done, offset + *got, (char *)bytes + *got, size - *got, &read);
    }
    if (done != NULL)
        CloseHandle(done);
    return error == ERROR_HANDLE_EOF ? STATUS_OK : status_of_error(error);
}
