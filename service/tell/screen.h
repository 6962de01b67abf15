/*
 * Text on the console, or to where its output was redirected: UTF-8 to a file, the console's code page to a pipe.
 */
#ifndef SERVICE_SCREEN_H
#define SERVICE_SCREEN_H

#include "win32/log/journal.h"

/*
 * stream is STD_OUTPUT_HANDLE or STD_ERROR_HANDLE. Lines may end with LF or CR LF; CR LF is written. False if not all of
 * it could be.
 */
bool screen_write(DWORD stream, const char *text);
/*
 * What somebody asked for, on standard output; NULL: there was no memory for it. Half an answer must not pass for one: then
 * the process ends, EXIT_OUTPUT.
 */
void screen_answer(const char *text);
/* The same of a text that is put together first. */
__attribute__((format(gnu_printf, 1, 2))) void screen_say(const char *format, ...);

/* Events as lines on the standard output. */
struct journal_sink screen_sink(void);

#endif
