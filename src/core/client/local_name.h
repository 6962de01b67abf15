/*
 * Names of local files that are made from names on a server, and the other way round. A server, or an address that somebody
 * pasted, never chooses a folder, a device or a stream.
 */
#ifndef CORE_CLIENT_LOCAL_NAME_H
#define CORE_CLIENT_LOCAL_NAME_H

#include "core/base/bytes.h"

/* What stands behind the last of / \ and : in it. */
const char *local_name_last(const char *path);
/* The last component of a remote name, for the current directory; NULL, or why there is none in words. */
const char *local_name_judge(const char *remote);
/* A folder, as it ends in a separator. */
bool local_name_is_folder(const char *path);
/* The last component has a * or ?. */
bool local_name_is_pattern(const char *path);

#endif
