#include "client/files.h"

#include "win32/system/paths.h"
#include "win32/system/random.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { NAME_TRIES = 16 };

static enum cause fail(struct target *target, DWORD error)
{
    snprintf(target->detail, sizeof target->detail, "%s", text_of_error(error).text);
    if (target->is_standard)
        return CAUSE_STDOUT;
    return error == ERROR_DISK_FULL || error == ERROR_HANDLE_DISK_FULL ? CAUSE_DISK_FULL : CAUSE_LOCAL_FILE;
}

/* NUL becomes \\.\NUL, and a pipe is \\.\pipe\name. */
static bool is_device(const wchar_t *path)
{
    return wcsncmp(path, L"\\\\.\\", 4) == 0;
}

static enum cause find_path(struct target *target, const char *path)
{
    if (!paths_whole(path, target->path, FILES_PATH_MAX))
        return fail(target, GetLastError());
    target->is_straight = is_device(target->path);
    DWORD attributes = target->is_straight ? INVALID_FILE_ATTRIBUTES : GetFileAttributesW(target->path);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return CAUSE_DONE;
    if (attributes & FILE_ATTRIBUTE_DIRECTORY) {
        snprintf(target->detail, sizeof target->detail, "a folder has this name; end it in \\ to store there");
        return CAUSE_LOCAL_FILE;
    }
    return target->is_no_clobber ? CAUSE_EXISTS : CAUSE_DONE;
}

enum cause target_prepare(struct target *target, const char *path, bool is_no_clobber, bool is_hashed)
{
    memset(target, 0, sizeof *target);
    target->handle = INVALID_HANDLE_VALUE;
    target->is_no_clobber = is_no_clobber;
    target->buffer = malloc(FILES_BUFFER);
    if (target->buffer == NULL)
        return fail(target, ERROR_NOT_ENOUGH_MEMORY);
    if (is_hashed && !hash_begin(&target->hash))
        return fail(target, ERROR_NOT_SUPPORTED);
    target->is_standard = target->is_straight = strcmp(path, "-") == 0;
    return target->is_standard ? CAUSE_DONE : find_path(target, path);
}

/* The folder that the file is to lie in, with its separator. */
static size_t folder_length(const wchar_t *path)
{
    const wchar_t *separator = wcsrchr(path, L'\\');

    return separator != NULL ? (size_t)(separator - path) + 1 : 0;
}

static enum cause make_unfinished(struct target *target)
{
    size_t folder = folder_length(target->path);
    FILE_DISPOSITION_INFO disposition = {.DeleteFile = TRUE};

    for (int i = 0; i < NAME_TRIES; i++) {
        int length = swprintf(target->unfinished, FILES_PATH_MAX, L"%.*ls~tftp-%08lx.part", (int)folder, target->path,
                              (unsigned long)random_number());
        if (length < 0)
            return fail(target, ERROR_FILENAME_EXCED_RANGE);
        target->handle = CreateFileW(target->unfinished, GENERIC_WRITE | DELETE, FILE_SHARE_READ | FILE_SHARE_DELETE,
                                     NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
        if (target->handle != INVALID_HANDLE_VALUE || GetLastError() != ERROR_FILE_EXISTS)
            break;
    }
    if (target->handle == INVALID_HANDLE_VALUE)
        return fail(target, GetLastError());
    /* A file system that cannot do it leaves the file where the process is killed; nothing else depends on it. */
    SetFileInformationByHandle(target->handle, FileDispositionInfo, &disposition, sizeof disposition);
    return CAUSE_DONE;
}

static enum cause look_for_room(struct target *target, uint64_t size)
{
    wchar_t *folder = _wcsdup(target->path);
    ULARGE_INTEGER room;

    if (folder == NULL)
        return fail(target, ERROR_NOT_ENOUGH_MEMORY);
    folder[folder_length(folder)] = 0;
    bool is_known = GetDiskFreeSpaceExW(folder, &room, NULL, NULL);
    free(folder);
    if (!is_known || room.QuadPart >= size)
        return CAUSE_DONE;
    snprintf(target->detail, sizeof target->detail, "%llu bytes are announced, and %llu are free",
             (unsigned long long)size, (unsigned long long)room.QuadPart);
    return CAUSE_DISK_FULL;
}

enum cause target_open(struct target *target, uint64_t size)
{
    if (target->is_standard)
        target->handle = GetStdHandle(STD_OUTPUT_HANDLE);
    else if (target->is_straight)
        target->handle =
            CreateFileW(target->path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (target->is_straight)
        return target->handle != INVALID_HANDLE_VALUE && target->handle != NULL ? CAUSE_DONE
                                                                                : fail(target, GetLastError());
    enum cause cause = look_for_room(target, size);
    return cause == CAUSE_DONE ? make_unfinished(target) : cause;
}

static enum cause flush(struct target *target)
{
    const uint8_t *bytes = target->buffer;
    size_t left = target->used;
    DWORD written;

    hash_add(&target->hash, span_of(bytes, left));
    target->offset += left;
    target->used = 0;
    for (; left > 0; bytes += written, left -= written)
        if (!WriteFile(target->handle, bytes, (DWORD)left, &written, NULL) || written == 0)
            return fail(target, GetLastError());
    return CAUSE_DONE;
}

/* An attempt has begun anew. */
static enum cause begin_again(struct target *target)
{
    LARGE_INTEGER start = {.QuadPart = 0};

    target->offset = target->used = 0;
    if (target->hash.handle != NULL && !hash_begin(&target->hash))
        return fail(target, ERROR_NOT_SUPPORTED);
    return SetFilePointerEx(target->handle, start, NULL, FILE_BEGIN) ? CAUSE_DONE : fail(target, GetLastError());
}

enum cause target_write(struct target *target, uint64_t offset, struct span bytes)
{
    enum cause cause = CAUSE_DONE;

    if (offset == 0 && target->offset + target->used > 0)
        cause = begin_again(target);
    while (cause == CAUSE_DONE && bytes.size > 0) {
        size_t room = FILES_BUFFER - target->used;
        size_t size = bytes.size < room ? bytes.size : room;
        memcpy(target->buffer + target->used, bytes.bytes, size);
        target->used += size;
        bytes = span_of(bytes.bytes + size, bytes.size - size);
        if (target->used == FILES_BUFFER)
            cause = flush(target);
    }
    return cause;
}

static enum cause check_hash(struct target *target, const uint8_t *expected, uint8_t digest[COMMAND_HASH_SIZE])
{
    hash_end(&target->hash, digest);
    if (expected == NULL || memcmp(digest, expected, COMMAND_HASH_SIZE) == 0)
        return CAUSE_DONE;
    char text[RESULT_HASH_TEXT_MAX];
    snprintf(target->detail, sizeof target->detail, "it has %s", hash_text(digest, text));
    return CAUSE_OTHER_HASH;
}

/* Over the old file; or where that is not wanted, only if there is none. */
static bool rename_to(HANDLE handle, const wchar_t *path, bool replaces)
{
    size_t length = wcslen(path) * sizeof *path, size = sizeof(FILE_RENAME_INFO) + length;
    FILE_RENAME_INFO *rename = calloc(1, size);

    if (rename == NULL)
        return false;
    rename->ReplaceIfExists = replaces;
    rename->FileNameLength = (DWORD)length;
    memcpy(rename->FileName, path, length + sizeof *path);
    bool is_renamed = SetFileInformationByHandle(handle, FileRenameInfo, rename, (DWORD)size);
    DWORD error = GetLastError();
    free(rename);
    SetLastError(error);
    return is_renamed;
}

/* How much of it nobody types. */
static size_t untyped_length(const wchar_t *path)
{
    bool is_share = wcsncmp(path, L"\\\\?\\UNC\\", 8) == 0;

    return !is_share && wcsncmp(path, L"\\\\?\\", 4) == 0 ? 4 : 0;
}

static enum cause give_name(struct target *target)
{
    FILE_DISPOSITION_INFO disposition = {.DeleteFile = FALSE};
    char place[FILES_DETAIL_MAX / 2];

    SetFileInformationByHandle(target->handle, FileDispositionInfo, &disposition, sizeof disposition);
    target->is_kept = true;
    if (rename_to(target->handle, target->path, !target->is_no_clobber))
        return CAUSE_DONE;
    DWORD error = GetLastError();
    bool is_there = error == ERROR_ALREADY_EXISTS && target->is_no_clobber;
    /* It has no name by the user's own will. */
    target->is_kept = !is_there && error != ERROR_OPERATION_ABORTED;
    if (is_there)
        return CAUSE_EXISTS;
    if (!text_from_wide(target->unfinished + untyped_length(target->unfinished), place, sizeof place))
        snprintf(place, sizeof place, "its folder");
    snprintf(target->detail, sizeof target->detail, "it cannot get its name: %s All of it is in %s",
             text_of_error(error).text, place);
    return CAUSE_LOCAL_FILE;
}

enum cause target_commit(struct target *target, uint64_t size, const uint8_t *expected)
{
    uint8_t digest[COMMAND_HASH_SIZE];
    LARGE_INTEGER end = {.QuadPart = (LONGLONG)size};
    /* An attempt that found the file empty has written nothing, and what one before it wrote does not count. */
    bool is_empty_now = size == 0 && target->offset + target->used > 0;
    enum cause cause = is_empty_now ? begin_again(target) : flush(target);

    if (cause == CAUSE_DONE && target->hash.handle != NULL) {
        cause = check_hash(target, expected, digest);
        if (cause == CAUSE_DONE)
            hash_text(digest, target->hash_text);
    }
    if (cause != CAUSE_DONE || target->is_straight)
        return cause;
    /* An attempt before this one may have written more. */
    if (!SetFilePointerEx(target->handle, end, NULL, FILE_BEGIN) || !SetEndOfFile(target->handle))
        return fail(target, GetLastError());
    return give_name(target);
}

void target_close(struct target *target)
{
    FILE_DISPOSITION_INFO disposition = {.DeleteFile = TRUE};
    bool is_unfinished = target->handle != INVALID_HANDLE_VALUE && !target->is_straight && !target->is_kept;

    if (is_unfinished)
        SetFileInformationByHandle(target->handle, FileDispositionInfo, &disposition, sizeof disposition);
    if (target->handle != INVALID_HANDLE_VALUE && !target->is_standard)
        CloseHandle(target->handle);
    hash_close(&target->hash);
    free(target->buffer);
    target->handle = INVALID_HANDLE_VALUE;
    target->buffer = NULL;
}
