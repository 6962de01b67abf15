#include "files.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXTS = 8, BUFFER = 64 * 1024, POLL_MS = 5 };

static char *next_text(void)
{
    static char texts[TEXTS][FILES_PATH_MAX];
    static unsigned last;

    return texts[last++ % TEXTS];
}

const char *files_directory(void)
{
    static unsigned made;
    static char names[256][32];
    char *name = names[made];

    assert_true(made < COUNT_OF(names));
    snprintf(name, sizeof names[0], "C:\\t\\%u", made++);
    CreateDirectoryA("C:\\t", NULL);
    assert_true(CreateDirectoryA(name, NULL));
    return name;
}

const char *files_path(const char *directory, const char *name)
{
    char *text = next_text();

    snprintf(text, FILES_PATH_MAX, "%s\\%s", directory, name);
    return text;
}

uint8_t files_byte(unsigned seed, uint64_t offset)
{
    uint64_t word = ((offset >> 3) + 1 + ((uint64_t)seed << 40)) * 0x9E3779B97F4A7C15u;

    word ^= word >> 29;
    word *= 0xBF58476D1CE4E5B9u;
    return (uint8_t)(word >> (offset & 7) * 8);
}

void files_fill(uint8_t *bytes, size_t size, unsigned seed, uint64_t offset)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = files_byte(seed, offset + i);
}

bool files_match(const uint8_t *bytes, size_t size, unsigned seed, uint64_t offset)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != files_byte(seed, offset + i))
            return false;
    return true;
}

static void write_all(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    files_set_age(path, FILES_AGE_S);
}

void files_make(const char *path, size_t size, unsigned seed)
{
    uint8_t *bytes = malloc(size + 1);

    assert_non_null(bytes);
    files_fill(bytes, size, seed, 0);
    write_all(path, bytes, size);
    free(bytes);
}

void files_make_text(const char *path, const char *text)
{
    write_all(path, text, strlen(text));
}

void files_set_age(const char *path, int seconds)
{
    const int64_t ticks_per_second = 10 * 1000 * 1000;
    FILETIME time;
    HANDLE file = CreateFileA(path, FILE_WRITE_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);

    assert_true(file != INVALID_HANDLE_VALUE);
    GetSystemTimeAsFileTime(&time);
    uint64_t now = (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
    uint64_t then = now - (uint64_t)(seconds * ticks_per_second);
    time = (FILETIME){(DWORD)then, (DWORD)(then >> 32)};
    assert_true(SetFileTime(file, NULL, NULL, &time));
    CloseHandle(file);
}

bool files_exist(const char *path)
{
    return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

bool files_hold(const char *path, size_t size, unsigned seed)
{
    static uint8_t buffer[BUFFER];
    FILE *file = fopen(path, "rb");
    size_t offset = 0;
    bool is_same = true;

    if (file == NULL)
        return false;
    for (size_t got = fread(buffer, 1, BUFFER, file); got > 0 && is_same; got = fread(buffer, 1, BUFFER, file)) {
        is_same = files_match(buffer, got, seed, offset);
        offset += got;
    }
    fclose(file);
    return is_same && offset == size;
}

unsigned files_count(const char *directory)
{
    WIN32_FIND_DATAA found;
    unsigned count = 0;
    HANDLE search = FindFirstFileA(files_path(directory, "*"), &found);

    if (search == INVALID_HANDLE_VALUE)
        return 0;
    do
        count += strcmp(found.cFileName, ".") != 0 && strcmp(found.cFileName, "..") != 0;
    while (FindNextFileA(search, &found));
    FindClose(search);
    return count;
}

unsigned files_await(const char *directory, unsigned count)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
    unsigned now = files_count(directory);

    for (; now != count && GetTickCount64() < end_ms; now = files_count(directory))
        Sleep(POLL_MS);
    return now;
}

const char *files_unix_path(const char *path)
{
    typedef char *CDECL unix_file_name(LPCWSTR);
    FARPROC function = GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "wine_get_unix_file_name");
    unix_file_name *convert;
    wchar_t wide[FILES_PATH_MAX];
    char *text = next_text();

    assert_non_null(function);
    memcpy(&convert, &function, sizeof convert);
    MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, FILES_PATH_MAX);
    char *found = convert(wide);
    assert_non_null(found);
    snprintf(text, FILES_PATH_MAX, "%s", found);
    HeapFree(GetProcessHeap(), 0, found);
    return text;
}

/* Wine gives no handle of a program outside Windows, so a file tells how it ended. */
void files_run_unix(const char *command)
{
    static unsigned runs;
    char line[4 * FILES_PATH_MAX];
    char good[64];
    char bad[64];
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;

    CreateDirectoryA("C:\\t", NULL);
    snprintf(good, sizeof good, "C:\\t\\good%u", ++runs);
    snprintf(bad, sizeof bad, "C:\\t\\bad%u", runs);
    snprintf(line, sizeof line, "sh -c \"if %s; then touch '%s'; else touch '%s'; fi\"", command, files_unix_path(good),
             files_unix_path(bad));
    assert_true(CreateProcessA("Z:\\bin\\sh", line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process));
    CloseHandle(process.hProcess);
    CloseHandle(process.hThread);
    while (!files_exist(good) && !files_exist(bad) && GetTickCount64() < end_ms)
        Sleep(POLL_MS);
    CHECK(files_exist(good), "failed outside Windows: %s", command);
    DeleteFileA(good);
}
