#include "service/screen.h"

#include "core/utf8.h"
#include "service/exitcodes.h"
#include "win32/text.h"

#include <stdlib.h>

enum { LINE_MAX = EVENT_TEXT_MAX + 64, UTF8_BYTES_MAX = 4 };

/* How many bytes the character there has, 0 if it is none. */
static size_t character_at(const char *text)
{
    for (size_t length = 1; length <= UTF8_BYTES_MAX && text[length - 1] != 0; length++)
        if (utf8_is_valid(span_of(text, length)))
            return length;
    return 0;
}

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
        size_t length = character_at(from);
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

static bool write_console(HANDLE console, const char *text)
{
    size_t size = strlen(text) + 1;
    wchar_t *wide = malloc(size * sizeof *wide);
    DWORD written;
    bool is_written =
        wide && text_to_wide(text, wide, size) && WriteConsoleW(console, wide, (DWORD)wcslen(wide), &written, NULL);

    free(wide);
    return is_written;
}

static bool write_bytes(HANDLE file, const char *text)
{
    DWORD size = (DWORD)strlen(text), written;

    return WriteFile(file, text, size, &written, NULL) && written == size;
}

bool screen_write(DWORD stream, const char *text)
{
    HANDLE handle = GetStdHandle(stream);
    char *copy = make_shown(text);
    DWORD mode;
    bool is_written = false;

    /* A console takes UTF-16 and shows it whatever its code page; WriteConsole fails on anything else. */
    if (copy && handle)
        is_written = GetConsoleMode(handle, &mode) ? write_console(handle, copy) : write_bytes(handle, copy);
    free(copy);
    return is_written;
}

void screen_answer(const char *text)
{
    if (screen_write(STD_OUTPUT_HANDLE, text))
        return;
    screen_write(STD_ERROR_HANDLE, "tftpd: the answer cannot be written there; free space, or send it elsewhere.\n");
    ExitProcess(EXIT_OUTPUT);
}

static void write_event(void *context, const struct event *event, const SYSTEMTIME *local)
{
    char line[LINE_MAX];

    (void)context;
    journal_line(event, local, line, sizeof line);
    screen_write(STD_OUTPUT_HANDLE, line);
}

struct journal_sink screen_sink(void)
{
    return (struct journal_sink){write_event, NULL, NULL};
}
