/*
 * What is said on the way: the progress line where there is a console to show it, and lines that do not run into it. And
 * Ctrl+C.
 */
#ifndef CLIENT_CONSOLE_H
#define CLIENT_CONSOLE_H

#include "core/client/command.h"
#include "core/client/progress.h"
#include "win32/system/windows.h"

struct console {
    enum command_progress how;
    bool is_console; /* the standard error is one */
    unsigned shown;  /* columns of the line that is there now */
    struct progress progress;
    HANDLE stop; /* signalled by Ctrl+C, Ctrl+Break and the closing of the console */
};

/* False: no memory. From then on Ctrl+C ends the process with CAUSE_INTERRUPTED within a second, whatever it waits in. */
bool console_begin(struct console *console, const struct command *command);

/* To be asked around everything that may take long, but for a wait for stop. */
bool console_is_stopped(void);
/* The same Ctrl+C ends who writes into our pipe, which may be seen here first: waits for it a little. */
bool console_is_stopped_at_pipe_end(const struct console *console);

/* A new file; its name is lent. */
void console_file(struct console *console, const char *name, uint64_t now_ms);
/* size 0: not known. Shows it if it is time to. */
void console_progress(struct console *console, uint64_t bytes, uint64_t size, uint64_t now_ms);
/* When console_progress has something to show next; UINT64_MAX: never. */
uint64_t console_due_ms(const struct console *console);
/* Erases the progress line. */
void console_clear(struct console *console);
/* To the standard error, behind the progress line, if there is one. */
void console_say(struct console *console, const char *text);
/* One datagram, for --trace: our port, ">" or "<", the other side's. */
void console_trace(struct console *console, uint16_t port, const char *mark, const struct endpoint *other,
                   struct span datagram);
/* A line to the standard output, or the error if that carries a file. False: nobody reads it any more. */
bool console_tell(struct console *console, bool is_to_error, const char *text);

#endif
