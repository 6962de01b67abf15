#include "service/status/lines.h"

#include "core/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

static bool is_inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

const char *lines_skip(const char *text, size_t count)
{
    while (count > 0 && *text != 0) {
        do
            text++;
        while (is_inside_character(*text));
        count--;
    }
    return text;
}

size_t lines_characters(const char *text)
{
    size_t count = 0;

    for (; *text != 0; text++)
        count += !is_inside_character(*text);
    return count;
}

void lines_add(struct lines *lines, const char *format, ...)
{
    char typed[LINES_LINE_MAX + 1], line[LINES_LINE_MAX];
    va_list values;

    va_start(values, format);
    vsnprintf(typed, sizeof typed, format, values);
    va_end(values);
    utf8_copy(line, sizeof line, typed); /* what was cut off may have left half a character */
    if (lines->columns > 0)
        line[lines_skip(line, lines->columns) - line] = 0;
    page_put(&lines->page, line, strlen(line));
    page_put(&lines->page, "\n", 1);
    lines->count++;
}
