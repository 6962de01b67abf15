/*
 * Events for Event Tracing for Windows: the provider "tftpd", self-describing as TraceLogging is, so that tracelog, logman,
 * wpr and PerfView read it without a manifest. Field names are those of core/events/event_table.h; nothing is made
 * while nobody listens.
 */
#ifndef SERVICE_ETW_H
#define SERVICE_ETW_H

#include "win32/log/journal.h"

struct etw;

/* NULL when the system does not offer it; the service then does without. */
struct etw *etw_open(void);
struct journal_sink etw_sink(struct etw *etw);
void etw_close(struct etw *etw);

#endif
