/*
 * The start directory, held by a handle.
 */
#ifndef WIN32_ROOT_H
#define WIN32_ROOT_H

#include "win32/windows.h"

enum { FILE_FINAL_PATH_MAX = 4096 /* UTF-16 units of an absolute path */ };

/* Counted: a reload replaces the root while transfers still commit below the old one. */
struct root;

/* directory is absolute or relative to the current drive, in UTF-8. Returns a Win32 error. */
DWORD root_open(struct root **root, const char *directory);
struct root *root_retain(struct root *root);
void root_release(struct root *root);

#endif
