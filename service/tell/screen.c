#include "service/tell/screen.h"

#include "core/base/utf8.h"
#include "service/tell/exitcodes.h"
#include "win32/system/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINE_MAX = EVENT_TEXT_MAX + 64 };

bool screen_write(DWORD stream, const char *text)
{
    return terminal_write(stream, text);
}

void screen_answer(const char *text)
{
    if (text && screen_write(STD_OUTPUT_HANDLE, text))
        return;
    screen_write(STD_ERROR_HANDLE,
                 text ? "tftpd: the answer cannot be written there; free space, or send it elsewhere.\n"
                      : "tftpd: there is no memory for the answer; end other programs and ask again.\n");
    ExitProcess(EXIT_OUTPUT);
}

void screen_say(const char *format, ...)
{
    va_list values, again;

    va_start(values, format);
    va_copy(again, values);
    size_t size = (size_t)vsnprintf(NULL, 0, format, values) + 1;
    char *text = malloc(size);
    if (text)
        vsnprintf(text, size, format, again);
    va_end(again);
    va_end(values);
    screen_answer(text);
    free(text);
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
