/*
 * All that lies below a directory, each entry once. Links and junctions are not followed.
 */
#ifndef WIN32_WALK_H
#define WIN32_WALK_H

#include "win32/system/windows.h"

#include <stdbool.h>

enum {
    WALK_PATH_MAX = 4096, /* UTF-16 units; what has a longer path is told as unseen */
    WALK_DEPTH_MAX = 64   /* folders in folders; what lies deeper is not looked at */
};

/*
 * Called for each file and folder, and then for what is in the folder, at the path that it has; depth is 0 in the directory
 * itself. entry is NULL for what cannot be seen: path is the folder that cannot be read, or has a name in it that is too
 * long. False ends the walk.
 */
typedef bool walk_visit(void *context, const wchar_t *path, unsigned depth, const WIN32_FIND_DATAW *entry);

/* path is the directory's, in WALK_PATH_MAX units; it is grown and cut back. */
void walk_tree(wchar_t *path, walk_visit *visit, void *context);

#endif
