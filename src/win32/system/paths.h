/*
 * Questions to Windows about paths in UTF-8.
 */
#ifndef WIN32_PATHS_H
#define WIN32_PATHS_H

#include "win32/system/windows.h"

#include <stdbool.h>

enum { PATHS_UNITS_MAX = 4096 }; /* what is longer is not there */

/* True if something is there, and may be seen. */
bool paths_exists(const char *path);
bool paths_is_folder(const char *path);

/*
 * The whole path, as Windows takes it however long it is: \\?\C:\folder\name. A device is \\.\NUL. False, and the error is
 * set, where it has no room.
 */
bool paths_whole(const char *path, wchar_t *whole, size_t units);

/* This program's file. False, and an empty text, where it has no room. */
bool paths_own_program(char *path, size_t size);

#endif
