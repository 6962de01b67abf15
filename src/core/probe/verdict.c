#include "core/probe/verdict_parts.h"

#include "core/base/sheet.h"
#include "core/base/utf8.h"
#include "core/probe/probe.h"

#include <stdarg.h>
#include <stdio.h>

const char *verdict_state_text(enum verdict_state state)
{
    static const char *const texts[] = {
        [VERDICT_NOTE] = "-", [VERDICT_OK] = "OK", [VERDICT_WARN] = "WARN", [VERDICT_FAIL] = "FAIL"};

    return texts[state];
}

void verdict_say(struct verdict_book *book, enum verdict_state state, const char *what, const char *format, ...)
{
    ASSERT(book->out->count < VERDICTS_MAX);
    struct verdict *line = &book->out->lines[book->out->count++];
    va_list values;

    line->state = state;
    line->what = what;
    line->remedy[0] = 0;
    line->cause = CAUSE_DONE;
    line->code = 0;
    va_start(values, format);
    vsnprintf(line->meaning, sizeof line->meaning, format, values);
    va_end(values);
    utf8_make_printable(line->meaning);
}

static struct verdict *last_of(struct verdict_book *book)
{
    ASSERT(book->out->count > 0);
    return &book->out->lines[book->out->count - 1];
}

void verdict_mend(struct verdict_book *book, const char *format, ...)
{
    char *remedy = last_of(book)->remedy;
    size_t used = strlen(remedy);
    va_list values;

    if (used > 0 && used + 1 < VERDICT_REMEDY_MAX) {
        remedy[used++] = '\n';
        remedy[used] = 0;
    }
    va_start(values, format);
    vsnprintf(remedy + used, VERDICT_REMEDY_MAX - used, format, values);
    va_end(values);
}

void verdict_cause(struct verdict_book *book, enum cause cause, uint16_t code)
{
    last_of(book)->cause = cause;
    last_of(book)->code = code;
}

char *verdict_words(const struct finding_answer *answer, char text[SOUNDING_TEXT_MAX + 1])
{
    return utf8_printable(span_of(answer->text, answer->text_size), text, SOUNDING_TEXT_MAX + 1);
}

/* Steps that had to end before they had seen all: their time was over, or the server answered no more. */
static void say_unfinished(struct verdict_book *book)
{
    char names[VERDICT_MEANING_MAX];
    struct sheet list = sheet_in(names, sizeof names);

    for (enum probe_step step = 0; step < STEP_OVER; step++)
        if (book->f->unfinished >> step & 1)
            sheet_print(&list, "%s%s", list.used > 0 ? ", " : "", probe_step_name(step));
    if (list.used > 0)
        verdict_say(book, VERDICT_NOTE, "unfinished", "not all was seen of: %s", names);
}

/* Why there is less in it than there might be. */
static void verdict_of_end(struct verdict_book *book)
{
    const struct findings *f = book->f;

    if (f->is_name_too_long) {
        verdict_say(book, VERDICT_FAIL, "name", "%s", cause_text(CAUSE_NAME_TOO_LONG));
        verdict_cause(book, CAUSE_NAME_TOO_LONG, 0);
    }
    if (f->is_socket_lost) {
        verdict_say(book, VERDICT_FAIL, "socket", "%s", cause_text(CAUSE_SOCKET));
        verdict_cause(book, CAUSE_SOCKET, 0);
    }
    if (f->is_interrupted)
        verdict_say(book, VERDICT_NOTE, "end", "interrupted: what was found until then is all");
    say_unfinished(book);
    if (f->is_out_of_time)
        verdict_say(book, VERDICT_WARN, "end", "%d s were over before everything was looked at", PROBE_MS_MAX / 1000);
    else if (f->is_out_of_bytes)
        verdict_say(book, VERDICT_WARN, "end", "%d MiB had passed before everything was looked at",
                    PROBE_BYTES_MAX / 1024 / 1024);
}

void verdicts_make(struct verdicts *verdicts, const struct findings *f, const char *program)
{
    struct verdict_book book = {.out = verdicts, .f = f, .program = program, .print = fingerprint_of(f)};

    verdicts->count = 0;
    verdict_of_answer(&book);
    verdict_of_file(&book);
    verdict_of_options(&book);
    verdict_of_limits(&book);
    verdict_of_blocks(&book);
    verdict_of_windows(&book);
    verdict_of_manners(&book);
    verdict_of_put(&book);
    verdict_of_end(&book);
    verdict_of_flags(&book);
}

int verdicts_exit_code(const struct verdicts *verdicts, const struct findings *f)
{
    int code = 0;

    if (f->is_interrupted)
        return cause_exit_code(CAUSE_INTERRUPTED, 0);
    for (uint32_t i = 0; i < verdicts->count; i++) {
        const struct verdict *line = &verdicts->lines[i];
        if (line->state == VERDICT_FAIL)
            return cause_exit_code(line->cause, line->code);
        if (line->state == VERDICT_WARN)
            code = VERDICT_EXIT_WARN;
    }
    return code;
}
