/* A console that takes so much at a time and no more. */
#include "strict.h"

enum { CONSOLE_UNITS_MAX = 8000 };

IMPORTED(WriteConsoleW)

static BOOL WINAPI write_console(HANDLE console, const void *text, DWORD units, DWORD *written, void *reserved)
{
    if (units <= CONSOLE_UNITS_MAX || !strict_holds(RULE_CONSOLE_PIECES))
        return REAL(WriteConsoleW)(console, text, units, written, reserved);
    strict_count(RULE_CONSOLE_PIECES);
    SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return FALSE;
}
REPLACE(WriteConsoleW, write_console);
