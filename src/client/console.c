#include "client/console.h"

#include "core/base/sheet.h"
#include "core/base/utf8.h"
#include "core/client/cause.h"
#include "core/client/trace.h"
#include "win32/system/terminal.h"

#include <stdatomic.h>

enum {
    COLUMNS = 79,
    STOPPING_MS = 800, /* a second is promised */
    PIPE_END_MS = 100
};

/* One for the process: a handler gets no context. */
static HANDLE stop_event;
static HANDLE main_thread;
static atomic_bool has_stopped; /* the same for who asks often */

/*
 * Most often the process ends in the middle of this, as the main thread has told the server and cleared away. It may hang in a
 * pipe that nobody fills or empties, which is broken off; or in a name server's silence, which no call breaks off, and nobody
 * is to be told then. What grows beside a target is marked for deletion.
 */
static BOOL WINAPI on_control(DWORD control)
{
    (void)control;
    atomic_store(&has_stopped, true);
    SetEvent(stop_event);
    CancelSynchronousIo(main_thread);
    Sleep(STOPPING_MS);
    TerminateProcess(GetCurrentProcess(), (UINT)cause_exit_code(CAUSE_INTERRUPTED, 0));
    return TRUE;
}

bool console_begin(struct console *console, const struct command *command)
{
    DWORD mode;

    *console = (struct console){.how = command->progress};
    console->is_console = GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode);
    if (command->is_quiet || (!console->is_console && console->how == PROGRESS_CONSOLE))
        console->how = PROGRESS_NONE;
    stop_event = console->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    main_thread = OpenThread(THREAD_TERMINATE, FALSE, GetCurrentThreadId());
    if (console->stop == NULL || main_thread == NULL)
        return false;
    SetConsoleCtrlHandler(on_control, TRUE);
    return true;
}

bool console_is_stopped(void)
{
    return atomic_load(&has_stopped);
}

bool console_is_stopped_at_pipe_end(const struct console *console)
{
    return WaitForSingleObject(console->stop, PIPE_END_MS) == WAIT_OBJECT_0;
}

void console_file(struct console *console, const char *name, uint64_t now_ms)
{
    progress_begin(&console->progress, name, now_ms);
}

/* A line that is as long as the window makes a new one. */
static unsigned columns(void)
{
    CONSOLE_SCREEN_BUFFER_INFO info;

    if (!GetConsoleScreenBufferInfo(GetStdHandle(STD_ERROR_HANDLE), &info))
        return COLUMNS;
    int width = info.srWindow.Right - info.srWindow.Left;
    return width > 0 ? (unsigned)width : COLUMNS;
}

static unsigned width_of(const char *text)
{
    unsigned width = 0;

    while (*text != 0)
        width += utf8_columns(utf8_next(&text));
    return width;
}

/* Over the line that is there. */
static void show(struct console *console, const char *text)
{
    char over[2 * PROGRESS_TEXT_MAX];
    struct sheet line = sheet_in(over, sizeof over);
    unsigned width = width_of(text);

    sheet_print(&line, "\r%s", text);
    for (unsigned i = width; i < console->shown; i++)
        sheet_print(&line, " ");
    terminal_write(STD_ERROR_HANDLE, over);
    console->shown = width;
}

static uint32_t every_ms(const struct console *console)
{
    return console->how == PROGRESS_CONSOLE ? PROGRESS_EVERY_MS : PROGRESS_LINE_MS;
}

void console_progress(struct console *console, uint64_t bytes, uint64_t size, uint64_t now_ms)
{
    char text[PROGRESS_TEXT_MAX], whole[PROGRESS_TEXT_MAX + 1];
    struct sheet line = sheet_in(whole, sizeof whole);
    bool is_console = console->how == PROGRESS_CONSOLE;

    progress_note(&console->progress, bytes, now_ms);
    if (console->how == PROGRESS_NONE || !progress_is_due(&console->progress, every_ms(console), now_ms))
        return;
    progress_text(&console->progress, size, is_console ? columns() : COLUMNS, now_ms, text);
    if (is_console) {
        show(console, text);
        return;
    }
    sheet_print(&line, "%s\n", text);
    terminal_write(STD_ERROR_HANDLE, whole);
}

uint64_t console_due_ms(const struct console *console)
{
    return console->how == PROGRESS_NONE ? UINT64_MAX : progress_due_ms(&console->progress, every_ms(console));
}

void console_clear(struct console *console)
{
    if (console->shown == 0)
        return;
    show(console, "");
    terminal_write(STD_ERROR_HANDLE, "\r");
}

void console_say(struct console *console, const char *text)
{
    console_tell(console, true, text);
}

void console_trace(struct console *console, uint16_t port, const char *mark, const struct endpoint *other,
                   struct span datagram)
{
    char text[TRACE_TEXT_MAX], whole[TRACE_TEXT_MAX + 2 * ENDPOINT_TEXT_MAX], at[ENDPOINT_TEXT_MAX];
    struct sheet out = sheet_in(whole, sizeof whole);

    sheet_print(&out, "%u %s %s  %s\n", port, mark, endpoint_text(other, at), trace_text(datagram, text));
    console_say(console, whole);
}

bool console_tell(struct console *console, bool is_to_error, const char *text)
{
    console_clear(console);
    return terminal_write(is_to_error ? STD_ERROR_HANDLE : STD_OUTPUT_HANDLE, text);
}
