/*
 * What this process holds of the system, to see that nothing is left behind. Wine's GetProcessHandleCount always says 0.
 */
#ifndef WIN32_TESTS_COUNTS_H
#define WIN32_TESTS_COUNTS_H

#include "win32/system/windows.h"

#include <stdbool.h>

unsigned counts_handles(void);
unsigned counts_threads(void);

/* Waits until there are no more handles than this; false after PATIENCE_MS. Other threads close theirs a bit later. */
bool counts_await_handles(unsigned at_most);

#endif
