/*
 * The log as a file, one line an event, text or JSON, rotated by size: tftpd.log, then tftpd.log.1 (the newest old one)
 * and on.
 */
#ifndef WIN32_LOGFILE_H
#define WIN32_LOGFILE_H

#include "core/settings/config.h"
#include "win32/log/journal.h"

struct logfile;

/*
 * directory is where tftpd.log lies. Opened for appending, others may read it; one that was begun in the other format is
 * put aside first, so that no file has both. Returns a Win32 error.
 */
DWORD logfile_open(struct logfile **opened, const char *directory, const struct config *config);
/* failed is called, on the journal's thread, at the first line that could not be written after one that could. */
void logfile_on_failure(struct logfile *logfile, void (*failed)(void *context, const char *path, DWORD error),
                        void *context);
struct journal_sink logfile_sink(struct logfile *logfile);
void logfile_close(struct logfile *logfile);

#endif
