/*
 * Text on the console, or to where its output was redirected: UTF-8 to a file, the console's code page to a pipe.
 */
#ifndef WIN32_TERMINAL_H
#define WIN32_TERMINAL_H

#include "win32/system/windows.h"

#include <stdbool.h>

/*
 * stream is STD_OUTPUT_HANDLE or STD_ERROR_HANDLE. Lines may end with LF or CR LF; CR LF is written. False if not all of
 * it could be.
 */
bool terminal_write(DWORD stream, const char *text);

#endif
