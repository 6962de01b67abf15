/*
 * A text that grows behind its end, and is cut where its room is.
 */
#ifndef CORE_CLIENT_LINE_H
#define CORE_CLIENT_LINE_H

#include "core/base/bytes.h"

struct line {
    char *text; /* always terminated */
    size_t size;
    size_t used;
};

static inline struct line line_in(char *text, size_t size)
{
    ASSERT(size > 0);
    text[0] = 0;
    return (struct line){text, size, 0};
}

__attribute__((format(gnu_printf, 2, 3))) void line_add(struct line *line, const char *format, ...);

#endif
