#include "win32/log/logfile.h"

#include "core/names/path.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    NAME_MAX = CONFIG_DIRECTORY_MAX + 32,
    LINE_MAX = EVENT_JSON_MAX + 1, /* the longer of both forms */
    RETRY_BYTES = 64 * 1024        /* written to a log that could not be rotated before it is tried again */
};

struct logfile {
    HANDLE handle;
    uint64_t size;
    uint64_t rotate_size; /* the size that asks for a rotation */
    uint32_t bytes_max;
    uint32_t files; /* old ones that are kept */
    enum log_format format;
    bool has_failed; /* since the last line that could be written */
    void (*failed)(void *context, const char *path, DWORD error);
    void *failed_context;
    char path[NAME_MAX];
};

/* tftpd.log, or tftpd.log.NUMBER. */
static void name_file(const struct logfile *logfile, uint32_t number, wchar_t *name)
{
    char text[NAME_MAX + 16];

    if (number == 0)
        snprintf(text, sizeof text, "%s", logfile->path);
    else
        snprintf(text, sizeof text, "%s.%u", logfile->path, number);
    text_to_wide(text, name, NAME_MAX + 16);
}

/*
 * The service may be allowed to write where others who may write in this directory are not: a link there must not lend
 * them its rights.
 */
static DWORD judge_file(HANDLE handle)
{
    BY_HANDLE_FILE_INFORMATION information;

    if (!GetFileInformationByHandle(handle, &information))
        return GetLastError();
    if (information.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)
        return ERROR_STOPPED_ON_SYMLINK;
    return information.nNumberOfLinks > 1 ? ERROR_TOO_MANY_LINKS : 0;
}

static DWORD open_file(struct logfile *logfile)
{
    wchar_t name[NAME_MAX + 16];
    LARGE_INTEGER size;

    name_file(logfile, 0, name);
    /* Without FILE_SHARE_WRITE nobody but this service changes the log, however he is allowed to. */
    logfile->handle = CreateFileW(name, FILE_APPEND_DATA | FILE_READ_ATTRIBUTES, FILE_SHARE_READ, NULL, OPEN_ALWAYS,
                                  FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (logfile->handle == INVALID_HANDLE_VALUE)
        return GetLastError();
    DWORD error = judge_file(logfile->handle);
    if (error) {
        CloseHandle(logfile->handle);
        logfile->handle = INVALID_HANDLE_VALUE;
        return error;
    }
    logfile->size = GetFileSizeEx(logfile->handle, &size) ? (uint64_t)size.QuadPart : 0;
    logfile->rotate_size = logfile->bytes_max;
    return 0;
}

/* False while a reader without FILE_SHARE_DELETE has the file open; then nothing is moved, so that no gap arises. */
static bool can_move(const wchar_t *name)
{
    DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    HANDLE handle = CreateFileW(name, DELETE, share, NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);

    if (handle == INVALID_HANDLE_VALUE)
        return false;
    CloseHandle(handle);
    return true;
}

static bool move_files(const struct logfile *logfile)
{
    wchar_t from[NAME_MAX + 16], to[NAME_MAX + 16];

    name_file(logfile, 0, from);
    if (!can_move(from))
        return false;
    if (logfile->files == 0)
        return DeleteFileW(from) != 0;
    for (uint32_t number = logfile->files; number > 0; number--) {
        name_file(logfile, number, to);
        name_file(logfile, number - 1, from);
        if (!MoveFileExW(from, to, MOVEFILE_REPLACE_EXISTING) && GetLastError() != ERROR_FILE_NOT_FOUND)
            return false;
    }
    return true;
}

/* Whatever happens, the log goes on: at worst in the old file, which then grows. */
static DWORD rotate(struct logfile *logfile)
{
    CloseHandle(logfile->handle);
    bool is_moved = move_files(logfile);
    DWORD error = open_file(logfile);

    if (!is_moved)
        logfile->rotate_size = logfile->size + RETRY_BYTES;
    return error;
}

static DWORD append(struct logfile *logfile, const char *line, size_t length)
{
    DWORD written, error = 0;

    if (logfile->handle == INVALID_HANDLE_VALUE)
        error = open_file(logfile);
    else if (logfile->size > 0 && logfile->size + length > logfile->rotate_size)
        error = rotate(logfile);
    if (error)
        return error;
    if (!WriteFile(logfile->handle, line, (DWORD)length, &written, NULL))
        return GetLastError();
    logfile->size += written;
    return 0;
}

static size_t make_line(const struct logfile *logfile, const struct event *event, const SYSTEMTIME *local, char *line)
{
    char stamp[JOURNAL_STAMP_MAX];

    if (logfile->format == LOG_FORMAT_TEXT)
        return journal_line(event, local, line, LINE_MAX);
    size_t length = event_json(event, journal_stamp(event, stamp), line);
    line[length++] = '\n';
    return length;
}

static void write_event(void *context, const struct event *event, const SYSTEMTIME *local)
{
    struct logfile *logfile = context;
    char line[LINE_MAX];
    size_t length = make_line(logfile, event, local, line);
    DWORD error = append(logfile, line, length);
    bool is_first = error && !logfile->has_failed;

    logfile->has_failed = error != 0;
    if (is_first && logfile->failed)
        logfile->failed(logfile->failed_context, logfile->path, error);
}

static void flush(void *context)
{
    struct logfile *logfile = context;

    if (logfile->handle != INVALID_HANDLE_VALUE)
        FlushFileBuffers(logfile->handle);
}

/* A line of JSON begins with a brace, one of text with a year. */
static bool has_other_format(const struct logfile *logfile)
{
    wchar_t name[NAME_MAX + 16];
    DWORD got = 0;
    char first = 0;

    name_file(logfile, 0, name);
    HANDLE handle = CreateFileW(name, FILE_READ_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (handle == INVALID_HANDLE_VALUE)
        return false;
    bool is_read = ReadFile(handle, &first, 1, &got, NULL) && got == 1;
    CloseHandle(handle);
    return is_read && (first == '{') != (logfile->format == LOG_FORMAT_JSON);
}

DWORD logfile_open(struct logfile **opened, const char *directory, const struct config *config)
{
    struct logfile *logfile = calloc(1, sizeof *logfile);
    size_t length = strlen(directory);
    bool has_separator = length > 0 && (directory[length - 1] == '\\' || directory[length - 1] == '/');
    DWORD error;

    if (!logfile)
        return ERROR_NOT_ENOUGH_MEMORY;
    logfile->bytes_max = config->log_bytes_max;
    logfile->files = config->log_files;
    logfile->format = (enum log_format)config->log_format;
    snprintf(logfile->path, sizeof logfile->path, "%s%s" PATH_LOG_NAME, directory, has_separator ? "" : "\\");
    error = open_file(logfile);
    if (!error && has_other_format(logfile))
        error = rotate(logfile);
    if (error) {
        free(logfile);
        return error;
    }
    *opened = logfile;
    return 0;
}

void logfile_on_failure(struct logfile *logfile, void (*failed)(void *context, const char *path, DWORD error),
                        void *context)
{
    logfile->failed = failed;
    logfile->failed_context = context;
}

struct journal_sink logfile_sink(struct logfile *logfile)
{
    return (struct journal_sink){write_event, flush, logfile};
}

void logfile_close(struct logfile *logfile)
{
    if (logfile->handle != INVALID_HANDLE_VALUE)
        CloseHandle(logfile->handle);
    free(logfile);
}
