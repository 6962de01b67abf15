/*
 * Least privilege: what a file server never needs is taken from its own process for good. Each step degrades where the
 * system lacks it; the caller tells what could not be done.
 */
#ifndef WIN32_LOCKDOWN_H
#define WIN32_LOCKDOWN_H

#include "win32/system/windows.h"

enum { LOCKDOWN_TEXT_MAX = 256 };

/* What was not done, separated by commas; empty: nothing. */
struct lockdown {
    char refused[LOCKDOWN_TEXT_MAX];
    char unknown[LOCKDOWN_TEXT_MAX]; /* to this Windows, which is older */
};

/*
 * Removes every privilege but SeChangeNotifyPrivilege from the token, and forbids child processes, dynamic code,
 * images from remote or low-integrity places, and extension points.
 */
void lockdown_process(struct lockdown *result);

#endif
