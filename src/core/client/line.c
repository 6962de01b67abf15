#include "core/client/line.h"

#include <stdarg.h>
#include <stdio.h>

void line_add(struct line *line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(line->text + line->used, line->size - line->used, format, arguments);
    va_end(arguments);
    ASSERT(length >= 0);
    size_t room = line->size - line->used - 1;
    line->used += (size_t)length < room ? (size_t)length : room;
}
