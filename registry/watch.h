/*
 * Tells when the parameters or the policies may have changed. A change made while nobody is watching is not lost as long
 * as the caller arms first and reads then.
 */
#ifndef REGISTRY_WATCH_H
#define REGISTRY_WATCH_H

#include "win32/system/windows.h"

#include <stdbool.h>

enum {
    WATCH_EVENTS_MAX = 3,
    WATCH_QUIET_MS = 100 /* one "reg import" makes several changes: wait this long before reading them all at once */
};

struct watch;

/*
 * The service's key and what is below it, so that a Parameters key made later counts too; the policy key, also one that
 * is made later, and its end. NULL: they cannot be watched.
 */
struct watch *watch_open(const char *service);
/* One of them is signalled once something has changed since the last watch_arm, which makes new ones. Returns how many. */
size_t watch_events(const struct watch *watch, HANDLE events[WATCH_EVENTS_MAX]);
/* Before each reading. False: changes are no longer noticed. */
bool watch_arm(struct watch *watch);
void watch_close(struct watch *watch);

#endif
