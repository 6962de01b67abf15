#include "core/client/progress.h"

#include "core/base/utf8.h"
#include "core/base/sheet.h"

enum { SAMPLE_MS = 1000, BAR_MAX = 20, NAME_MAX = 24, FIGURE_MAX = 24 };

void progress_begin(struct progress *progress, const char *name, uint64_t now_ms)
{
    *progress = (struct progress){.name = name, .begun_ms = now_ms, .shown_ms = now_ms, .moved_ms = now_ms};
}

static void keep_sample(struct progress *progress, uint64_t now_ms)
{
    unsigned last = progress->sample_count - 1;

    if (progress->sample_count > 0 && now_ms < progress->samples[last].at_ms + SAMPLE_MS)
        return;
    if (progress->sample_count == PROGRESS_SAMPLES)
        memmove(progress->samples, progress->samples + 1, last * sizeof progress->samples[0]);
    else
        progress->sample_count++;
    progress->samples[progress->sample_count - 1].at_ms = now_ms;
    progress->samples[progress->sample_count - 1].bytes = progress->bytes;
}

void progress_note(struct progress *progress, uint64_t bytes, uint64_t now_ms)
{
    if (bytes < progress->bytes)
        progress->sample_count = 0;
    if (bytes != progress->bytes)
        progress->moved_ms = now_ms;
    progress->bytes = bytes;
    keep_sample(progress, now_ms);
}

uint64_t progress_due_ms(const struct progress *progress, uint32_t every_ms)
{
    uint64_t first_ms = progress->begun_ms + PROGRESS_FIRST_MS, next_ms = progress->shown_ms + every_ms;

    return next_ms > first_ms ? next_ms : first_ms;
}

bool progress_is_due(struct progress *progress, uint32_t every_ms, uint64_t now_ms)
{
    if (now_ms < progress_due_ms(progress, every_ms))
        return false;
    progress->shown_ms = now_ms;
    return true;
}

static uint64_t rate(const struct progress *progress, uint64_t now_ms)
{
    if (progress->sample_count == 0)
        return 0;
    uint64_t ms = now_ms - progress->samples[0].at_ms;
    uint64_t bytes = progress->bytes - progress->samples[0].bytes;
    return ms > 0 ? bytes * 1000 / ms : 0;
}

/* "999 B", "12.3 kB": three digits at most before the point, one behind it. */
static char *amount(uint64_t bytes, char text[FIGURE_MAX])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    struct sheet line = sheet_in(text, FIGURE_MAX);
    size_t unit = 0;
    uint64_t tenths = 0;

    while (bytes >= 1000) {
        tenths = bytes % 1000 / 100;
        bytes /= 1000;
        unit++;
    }
    if (unit == 0)
        sheet_print(&line, "%u %s", (unsigned)bytes, units[unit]);
    else
        sheet_print(&line, "%u.%u %s", (unsigned)bytes, (unsigned)tenths, units[unit]);
    return text;
}

static void add_left(struct sheet *line, uint64_t bytes, uint64_t per_second)
{
    uint64_t seconds = (bytes + per_second - 1) / per_second;

    if (seconds < 60)
        sheet_print(line, "  %u s left", (unsigned)seconds);
    else if (seconds < 6000)
        sheet_print(line, "  %u:%02u left", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
    else if (seconds < 360000)
        sheet_print(line, "  %u h left", (unsigned)(seconds / 3600));
}

static void add_bar(struct sheet *line, unsigned percent)
{
    unsigned full = percent * BAR_MAX / 100;

    sheet_print(line, "  [");
    for (unsigned i = 0; i < BAR_MAX; i++)
        sheet_print(line, i < full ? "=" : " ");
    sheet_print(line, "]");
}

/* So many columns of valid UTF-8 at most. */
static void cut(char *text, unsigned columns)
{
    const char *end = text;

    for (const char *at = text; *at != 0;) {
        unsigned width = utf8_columns(utf8_next(&at));
        if (width > columns)
            break;
        columns -= width;
        end = at;
    }
    text[end - text] = 0;
}

/* Its name, as far as a few columns hold it, harmless for a console. */
static void add_name(struct sheet *line, const char *name)
{
    char copy[NAME_MAX * 4 + 1];

    utf8_copy(copy, sizeof copy, name);
    utf8_make_printable(copy);
    cut(copy, NAME_MAX);
    sheet_print(line, "%s", copy);
}

char *progress_text(const struct progress *progress, uint64_t size, unsigned columns, uint64_t now_ms, char *text)
{
    struct sheet line = sheet_in(text, PROGRESS_TEXT_MAX);
    char figure[FIGURE_MAX];
    uint64_t per_second = rate(progress, now_ms);
    bool is_known = size > 0 && progress->bytes <= size;
    unsigned percent = is_known ? (unsigned)((double)progress->bytes * 100 / (double)size) : 0;

    add_name(&line, progress->name);
    if (is_known) {
        sheet_print(&line, "  %3u %%", percent);
        add_bar(&line, percent);
    }
    sheet_print(&line, "  %s", amount(progress->bytes, figure));
    if (now_ms >= progress->moved_ms + PROGRESS_STALLED_MS) {
        sheet_print(&line, "  stalled");
    } else {
        sheet_print(&line, "  %s/s", amount(per_second, figure));
        if (is_known && per_second > 0)
            add_left(&line, size - progress->bytes, per_second);
    }
    cut(text, columns > PROGRESS_COLUMNS_MIN ? columns : PROGRESS_COLUMNS_MIN);
    return text;
}
