#include "win32/system/terminal.h"

#include "core/base/utf8.h"
#include "win32/system/text.h"

#include <stdlib.h>

enum {
    PIECE_UNITS_MAX = 8000 /* WriteConsole's heap was 64 KB, and is not said to be larger */
};

/*
 * The text as it is shown, to be freed by the caller: CR LF at the end of each line, and a question mark for each byte of
 * what is no character, as half a one is left where a long name was cut. A console would refuse all of the text.
 */
static char *make_shown(const char *text)
{
    char *copy = malloc(strlen(text) * 2 + 1);
    char *to = copy;

    if (!copy)
        return NULL;
    for (const char *from = text; *from;) {
        size_t length = utf8_length(from);
        if (*from == '\n' && (from == text || from[-1] != '\r'))
            *to++ = '\r';
        if (length == 0)
            *to++ = '?';
        else
            memcpy(to, from, length);
        to += length;
        from += length > 0 ? length : 1;
    }
    *to = 0;
    return copy;
}

/* In UTF-16, to be freed by the caller. */
static wchar_t *make_wide(const char *text)
{
    size_t size = strlen(text) + 1;
    wchar_t *wide = malloc(size * sizeof *wide);

    if (wide && text_to_wide(text, wide, size))
        return wide;
    free(wide);
    return NULL;
}

/* What goes out in one call: no pair of surrogates is parted. */
static DWORD piece_of(const wchar_t *text, size_t units)
{
    if (units <= PIECE_UNITS_MAX)
        return (DWORD)units;
    return IS_HIGH_SURROGATE(text[PIECE_UNITS_MAX - 1]) ? PIECE_UNITS_MAX - 1 : PIECE_UNITS_MAX;
}

static bool write_console(HANDLE console, const char *text)
{
    wchar_t *wide = make_wide(text);
    const wchar_t *at = wide;
    size_t left = wide ? wcslen(wide) : 0;

    while (left > 0) {
        DWORD piece = piece_of(at, left), written = 0;
        if (!WriteConsoleW(console, at, piece, &written, NULL) || written == 0 || written > piece)
            break;
        at += written;
        left -= written;
    }
    bool is_written = wide && left == 0;
    free(wide);
    return is_written;
}

static bool write_bytes(HANDLE file, const char *text, size_t size)
{
    DWORD written;

    return WriteFile(file, text, (DWORD)size, &written, NULL) && written == size;
}

/* Characters that the code page lacks become its question mark, never others that look like them. */
static bool write_in_code_page(HANDLE file, UINT page, const char *text)
{
    wchar_t *wide = make_wide(text);
    /* GB 18030 and the like have all characters, and refuse the flag. */
    DWORD flags = WC_NO_BEST_FIT_CHARS;
    int size = wide ? WideCharToMultiByte(page, flags, wide, -1, NULL, 0, NULL, NULL) : 0;

    if (wide && size == 0) {
        flags = 0;
        size = WideCharToMultiByte(page, flags, wide, -1, NULL, 0, NULL, NULL);
    }
    char *bytes = size > 0 ? malloc((size_t)size) : NULL;
    bool is_written = bytes && WideCharToMultiByte(page, flags, wide, -1, bytes, size, NULL, NULL) == size &&
                      write_bytes(file, bytes, (size_t)size - 1);
    free(bytes);
    free(wide);
    return is_written;
}

/*
 * Whoever reads from a pipe in a console (more, for /f, PowerShell) takes what comes for text in the console's code page. A
 * file is UTF-8, whatever console it was written from.
 */
static bool write_redirected(HANDLE file, const char *text)
{
    UINT page = GetFileType(file) == FILE_TYPE_PIPE ? GetConsoleOutputCP() : 0;

    if (page == 0 || page == CP_UTF8)
        return write_bytes(file, text, strlen(text));
    return write_in_code_page(file, page, text);
}

bool terminal_write(DWORD stream, const char *text)
{
    HANDLE handle = GetStdHandle(stream);
    char *copy = make_shown(text);
    DWORD mode;
    bool is_written = false;

    /* A console takes UTF-16 and shows it whatever its code page; WriteConsole fails on anything else. */
    if (copy && handle)
        is_written = GetConsoleMode(handle, &mode) ? write_console(handle, copy) : write_redirected(handle, copy);
    free(copy);
    return is_written;
}
