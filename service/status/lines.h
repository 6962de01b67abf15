/*
 * A page of lines.
 */
#ifndef SERVICE_LINES_H
#define SERVICE_LINES_H

#include "service/tell/page.h"

enum { LINES_LINE_MAX = 1024 };

/* Begin with zeroes but for columns. */
struct lines {
    struct page page;
    unsigned columns; /* lines are cut there; 0: not at all */
    unsigned count;
};

/* A line of LINES_LINE_MAX at most, without its end. */
__attribute__((format(gnu_printf, 2, 3))) void lines_add(struct lines *lines, const char *format, ...);

/* How many characters of UTF-8, and the text behind that many of them, or its end. */
size_t lines_characters(const char *text);
const char *lines_skip(const char *text, size_t count);

#endif
