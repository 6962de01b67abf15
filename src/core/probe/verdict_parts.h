/*
 * What verdict*.c share. Nobody else includes this.
 */
#ifndef CORE_PROBE_VERDICT_PARTS_H
#define CORE_PROBE_VERDICT_PARTS_H

#include "core/client/result.h"
#include "core/probe/fingerprint.h"
#include "core/probe/verdict.h"

struct verdict_book {
    struct verdicts *out;
    const struct findings *f;
    const char *program;
    struct fingerprint print;
};

/* Adds a line. */
__attribute__((format(gnu_printf, 4, 5))) void verdict_say(struct verdict_book *book, enum verdict_state state,
                                                           const char *what, const char *format, ...);
/* Of the last line: more of what mends it, and why it counts as failed. */
__attribute__((format(gnu_printf, 2, 3))) void verdict_mend(struct verdict_book *book, const char *format, ...);
void verdict_cause(struct verdict_book *book, enum cause cause, uint16_t code);
/* A server's words, made harmless. Returns text. */
char *verdict_words(const struct finding_answer *answer, char text[SOUNDING_TEXT_MAX + 1]);

/* verdict_server.c */
void verdict_of_answer(struct verdict_book *book);
void verdict_of_file(struct verdict_book *book);
void verdict_of_options(struct verdict_book *book);
void verdict_of_limits(struct verdict_book *book);
void verdict_of_manners(struct verdict_book *book);

/* verdict_path.c */
void verdict_of_blocks(struct verdict_book *book);
void verdict_of_windows(struct verdict_book *book);
void verdict_of_put(struct verdict_book *book);
void verdict_of_flags(struct verdict_book *book);

#endif
