/*
 * The start directory: a thing that can be lost and found. It is held by a handle (a ground), below which files are opened;
 * a handle outlives neither the reset of its share nor the dismount of its volume, and means the old folder when another is
 * put in its place. So the path of Directory is looked at again: when the handle has become useless, when a name is not
 * below it, and now and then. Requests that find it lost are the ones that try again; there is no thread for it.
 */
#ifndef WIN32_ROOT_H
#define WIN32_ROOT_H

#include "core/wire/status.h"
#include "win32/system/windows.h"

#include <stdbool.h>

enum {
    FILE_FINAL_PATH_MAX = 4096, /* UTF-16 units of an absolute path */
    ROOT_PACE_MS = 1000,        /* between attempts to open it, while they fail */
    ROOT_DOUBT_MS = 100,        /* whoever misses a name has the path looked at no more often than this */
    ROOT_LOOK_MS = 10 * 1000    /* and is it looked at no later than this: a link may lead elsewhere by now */
};

/* Counted: a reload replaces the root while requests are still opened below the old one. */
struct root;

/* directory is absolute or relative to the current drive, in UTF-8. Returns a Win32 error. */
DWORD root_open(struct root **root, const char *directory);
struct root *root_retain(struct root *root);
void root_release(struct root *root);

enum root_news {
    ROOT_LOST,    /* and it cannot be opened; error says why */
    ROOT_BACK,    /* after it was told lost */
    ROOT_RESET,   /* its handle was of no use any more, and was replaced at once */
    ROOT_REPLACED /* the path leads to another directory by now, which is served */
};

/* On whichever thread has found out, with a lock held: it must not call back. */
typedef void root_witness(void *context, enum root_news news, const char *directory, DWORD error);

/* From now on what becomes of it is told. */
void root_watch(struct root *root, root_witness *witness, void *context);
/* Another root takes its place: nothing more is told. True if it was told lost, so that the other one is its return. */
bool root_retire(struct root *root);

#endif
