/*
 * Unfinished uploads that a power cut left behind: they delete themselves with their handle otherwise.
 */
#ifndef WIN32_SWEEP_H
#define WIN32_SWEEP_H

#include "win32/disk/file.h"

enum { SWEEP_ENTRIES_MAX = 1000000 }; /* files and directories looked at; what lies behind is left for the next start */

/*
 * Deletes them in the start directory and below it, except those that another instance is still writing. Links and
 * junctions are not followed. Ends early when *is_cancelled becomes true. Returns how many were deleted.
 */
uint32_t sweep_unfinished(struct root *root, const volatile LONG *is_cancelled);

#endif
