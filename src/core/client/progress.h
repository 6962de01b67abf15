/*
 * How far one file is, as one line for a console: when it is to be shown anew, and what it says.
 *
 *   fw.bin   41 %  [========            ]  12.3 MB  4.1 MB/s  4 s left
 */
#ifndef CORE_CLIENT_PROGRESS_H
#define CORE_CLIENT_PROGRESS_H

#include "core/base/bytes.h"

enum {
    PROGRESS_FIRST_MS = 1000,   /* nothing is shown of what is over sooner */
    PROGRESS_EVERY_MS = 100,    /* on a console */
    PROGRESS_LINE_MS = 10000,   /* as lines of a log */
    PROGRESS_STALLED_MS = 5000, /* without a byte */
    PROGRESS_SAMPLES = 4,       /* one a second: the rate is the mean of the last three */
    PROGRESS_TEXT_MAX = 512,
    PROGRESS_COLUMNS_MIN = 20
};

struct progress {
    const char *name;
    uint64_t begun_ms;
    uint64_t shown_ms;
    uint64_t moved_ms; /* when bytes last became more */
    uint64_t bytes;
    struct {
        uint64_t at_ms;
        uint64_t bytes;
    } samples[PROGRESS_SAMPLES];
    unsigned sample_count;
};

/* name is lent. */
void progress_begin(struct progress *progress, const char *name, uint64_t now_ms);
/* An attempt that begins anew has fewer bytes than before. */
void progress_note(struct progress *progress, uint64_t bytes, uint64_t now_ms);
/* When it is time to show it next. every_ms: PROGRESS_EVERY_MS or PROGRESS_LINE_MS. */
uint64_t progress_due_ms(const struct progress *progress, uint32_t every_ms);
/* True if that is now; then it counts as shown. */
bool progress_is_due(struct progress *progress, uint32_t every_ms, uint64_t now_ms);
/* At most so many columns of valid UTF-8; text has PROGRESS_TEXT_MAX bytes; size 0: not known. Returns text. */
char *progress_text(const struct progress *progress, uint64_t size, unsigned columns, uint64_t now_ms, char *text);

#endif
