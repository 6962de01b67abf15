/*
 * Least privilege: what a file server never needs is taken from its own process for good. Each step degrades where the
 * system lacks it; the caller tells what could not be done.
 */
#ifndef WIN32_LOCKDOWN_H
#define WIN32_LOCKDOWN_H

#include "win32/windows.h"

#include <stdbool.h>

/*
 * Removes every privilege but SeChangeNotifyPrivilege from the token, and forbids child processes, dynamic code,
 * images from remote or low-integrity places, and extension points. Returns true if all was done; else missing names
 * what was not, separated by commas, cut to size.
 */
bool lockdown_process(char *missing, size_t size);

#endif
