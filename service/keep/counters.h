/*
 * Performance counters of Windows (PERFLIB, version 2): one instance a service, named after it. Values are looked up when
 * somebody collects them, and cost nothing otherwise.
 */
#ifndef SERVICE_COUNTERS_H
#define SERVICE_COUNTERS_H

#include "service/pipe/pipe.h"

struct counters;

/*
 * look fills in a reply as `tftpd status` gets it; it is called on a thread of the system until counters_close. NULL with
 * the Win32 error when the system does not offer counters. One in a process.
 */
struct counters *counters_open(const char *instance, void (*look)(void *context, struct pipe_reply *reply),
                               void *context, DWORD *error);
void counters_close(struct counters *counters);

#endif
