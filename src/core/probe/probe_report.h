/*
 * A probe's findings and verdicts as people read them, and as programs do; and the answer of `tftp size`.
 */
#ifndef CORE_PROBE_PROBE_REPORT_H
#define CORE_PROBE_PROBE_REPORT_H

#include "core/client/address.h"
#include "core/probe/verdict.h"

enum { PROBE_REPORT_MAX = 64 * 1024 };

/* Each returns text, of PROBE_REPORT_MAX bytes, its lines ended by LF. */
char *probe_report_text(const struct findings *f, const struct verdicts *verdicts, char *text);
/* One object in one line. */
char *probe_report_json(const struct address *address, const struct findings *f, const struct verdicts *verdicts,
                        char *text);

/* Of `tftp size`: 0 and the size is known, or why it is not. */
int probe_size_exit_code(const struct findings *f);
/* One line without its full stop: what happened. */
const char *probe_size_reason(const struct findings *f);
/* The size; or a line that says why there is none, and what mends it. program: the path of this one, for the firewall's rule. */
char *probe_size_text(const struct address *address, const struct findings *f, const char *program, char *text);
char *probe_size_json(const struct address *address, const struct findings *f, char *text);

/* Of either, where nothing could be asked: one object with the cause. */
char *probe_failure_json(bool is_size, const struct address *address, enum cause cause, char *text);

#endif
