#include "client/files.h"

#include "win32/system/paths.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

static enum cause fail(struct source *source, DWORD error)
{
    snprintf(source->detail, sizeof source->detail, "%s", text_of_error(error).text);
    return CAUSE_LOCAL_FILE;
}

static enum cause open_path(struct source *source, const char *path)
{
    wchar_t *wide = malloc(FILES_PATH_MAX * sizeof *wide);
    LARGE_INTEGER size;

    if (wide == NULL || !paths_whole(path, wide, FILES_PATH_MAX)) {
        free(wide);
        return fail(source, ERROR_FILENAME_EXCED_RANGE);
    }
    source->handle = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                 OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    free(wide);
    if (source->handle == INVALID_HANDLE_VALUE)
        return fail(source, GetLastError());
    source->is_file = GetFileType(source->handle) == FILE_TYPE_DISK;
    if (source->is_file && !GetFileSizeEx(source->handle, &size))
        return fail(source, GetLastError());
    source->size = source->is_file ? (uint64_t)size.QuadPart : 0;
    return CAUSE_DONE;
}

/* "-" with `<` is a file as well, but where it stands is not its beginning: it is read as it comes. */
static enum cause open_standard(struct source *source)
{
    source->handle = GetStdHandle(STD_INPUT_HANDLE);
    if (source->handle != NULL && source->handle != INVALID_HANDLE_VALUE)
        return CAUSE_DONE;
    source->handle = INVALID_HANDLE_VALUE;
    return fail(source, ERROR_INVALID_HANDLE);
}

enum cause source_open(struct source *source, const char *path, bool is_hashed)
{
    *source = (struct source){.handle = INVALID_HANDLE_VALUE};
    source->buffer = malloc(FILES_BUFFER);
    if (source->buffer == NULL)
        return fail(source, ERROR_NOT_ENOUGH_MEMORY);
    if (is_hashed && !hash_begin(&source->hash))
        return fail(source, ERROR_NOT_SUPPORTED);
    return strcmp(path, "-") == 0 ? open_standard(source) : open_path(source, path);
}

/* What is read once more is not hashed once more. */
static void add_to_hash(struct source *source, uint64_t begin, struct span bytes)
{
    if (begin != source->hashed)
        return;
    hash_add(&source->hash, bytes);
    source->hashed += bytes.size;
}

/* What is appended to a file meanwhile is no part of it. */
static size_t room(const struct source *source)
{
    uint64_t at = source->begin + source->used, left = source->is_file && source->size > at ? source->size - at : 0;
    size_t free_bytes = FILES_BUFFER - source->used;

    return source->is_file && left < free_bytes ? (size_t)left : free_bytes;
}

static enum cause fill(struct source *source)
{
    DWORD got = 0;

    if (source->used == FILES_BUFFER) {
        source->begin += source->used;
        source->used = 0;
    }
    uint8_t *place = source->buffer + source->used;
    if (!ReadFile(source->handle, place, (DWORD)room(source), &got, NULL) && GetLastError() != ERROR_BROKEN_PIPE &&
        GetLastError() != ERROR_HANDLE_EOF)
        return fail(source, GetLastError());
    add_to_hash(source, source->begin + source->used, span_of(place, got));
    source->used += got;
    return CAUSE_DONE;
}

static enum cause go_to(struct source *source, uint64_t offset)
{
    LARGE_INTEGER place = {.QuadPart = (LONGLONG)offset};

    if (!source->is_file || !SetFilePointerEx(source->handle, place, NULL, FILE_BEGIN))
        return fail(source, ERROR_SEEK);
    source->begin = offset;
    source->used = 0;
    return CAUSE_DONE;
}

enum cause source_read(struct source *source, uint64_t offset, size_t size, struct span *bytes)
{
    enum cause cause = CAUSE_DONE;

    *bytes = span_of(NULL, 0);
    if (offset < source->begin || offset > source->begin + source->used)
        cause = go_to(source, offset);
    if (cause == CAUSE_DONE && offset == source->begin + source->used)
        cause = fill(source);
    if (cause != CAUSE_DONE)
        return cause;
    size_t left = (size_t)(source->begin + source->used - offset);
    *bytes = span_of(source->buffer + (offset - source->begin), left < size ? left : size);
    return CAUSE_DONE;
}

void source_close(struct source *source)
{
    if (source->handle != INVALID_HANDLE_VALUE && source->handle != GetStdHandle(STD_INPUT_HANDLE))
        CloseHandle(source->handle);
    hash_close(&source->hash);
    free(source->buffer);
    *source = (struct source){.handle = INVALID_HANDLE_VALUE};
}

uint64_t source_again_bytes(const struct source *source)
{
    return source->is_file ? UINT64_MAX : FILES_BUFFER - 1;
}
