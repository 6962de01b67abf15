/*
 * Somebody else's tftpd32.ini: every line is told once and in order, its parts lie in it, and what is understood can be
 * written down and read again. The input is the file, with its mark if it has one.
 */
#include "fuzz.h"

#include "core/import/ini.h"

#include <stdlib.h>

enum { FILE_MAX = 8192 };

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static bool is_line_end(uint8_t c)
{
    return c == '\r' || c == '\n';
}

static bool same_text(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

static void check_encoding(struct span file)
{
    size_t mark_size = SIZE_MAX;
    enum ini_encoding encoding = ini_encoding_of(file, &mark_size);

    MUST(mark_size <= file.size && encoding <= INI_ANSI);
    MUST(mark_size == 0 || mark_size == 2 || mark_size == 3);
    MUST((mark_size == 3) == (file.size >= 3 && memcmp(file.bytes, "\xef\xbb\xbf", 3) == 0));
    MUST(mark_size != 3 || encoding == INI_UTF8);
    MUST(mark_size != 2 || encoding == INI_UTF16LE || encoding == INI_UTF16BE);
}

/* -- a second reading, line by line -------------------------------------------------------------------------------- */

static struct span without_blanks(struct span text)
{
    while (text.size > 0 && is_blank(text.bytes[text.size - 1]))
        text.size--;
    while (text.size > 0 && is_blank(text.bytes[0]))
        text = span_of(text.bytes + 1, text.size - 1);
    return text;
}

static bool has_control(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((text.bytes[i] < ' ' && text.bytes[i] != '\t') || text.bytes[i] == 0x7f)
            return true;
    return false;
}

/* All lines of the file. */
struct lines {
    size_t count;
    struct span of[FILE_MAX + 1];
};

static void split_lines(struct lines *lines, struct span text)
{
    lines->count = 0;
    for (size_t start = 0; start < text.size;) {
        size_t end = start;
        while (end < text.size && !is_line_end(text.bytes[end]))
            end++;
        lines->of[lines->count++] = span_of(text.bytes + start, end - start);
        bool is_pair = end + 1 < text.size && text.bytes[end] == '\r' && text.bytes[end + 1] == '\n';
        start = end + 1 + is_pair;
    }
}

/* The section that a line is in: the one that the last line with a bracket before it opens, if that makes sense. */
static struct span section_of(const struct lines *lines, size_t place)
{
    while (place-- > 0) {
        struct span line = lines->of[place];
        struct span inner = without_blanks(line);
        if (inner.size == 0 || inner.bytes[0] != '[')
            continue;
        const uint8_t *end = memchr(inner.bytes, ']', inner.size);
        if (end == NULL || line.size > INI_LINE_MAX || has_control(line))
            break;
        return without_blanks(span_of(inner.bytes + 1, (size_t)(end - inner.bytes) - 1));
    }
    return span_of(NULL, 0);
}

static bool is_quoted(struct span value)
{
    return value.size >= 2 && (value.bytes[0] == '"' || value.bytes[0] == '\'') &&
           value.bytes[value.size - 1] == value.bytes[0];
}

static void check_setting(const struct ini_line *line, struct span inner)
{
    const uint8_t *equals = memchr(inner.bytes, '=', inner.size);

    MUST(equals != NULL && line->name.size > 0);
    MUST(same_text(line->name, without_blanks(span_of(inner.bytes, (size_t)(equals - inner.bytes)))));
    struct span value = without_blanks(span_of(equals + 1, inner.size - (size_t)(equals - inner.bytes) - 1));
    if (is_quoted(value))
        value = span_of(value.bytes + 1, value.size - 2);
    MUST(same_text(line->value, value));
}

/* True if the reader has nothing to tell about this line. */
static bool is_passed_over(struct span line)
{
    struct span inner = without_blanks(line);

    if (line.size > INI_LINE_MAX || has_control(line))
        return false;
    return inner.size == 0 || inner.bytes[0] == ';' || inner.bytes[0] == '#' ||
           (inner.bytes[0] == '[' && memchr(inner.bytes, ']', inner.size) != NULL);
}

static void check_line(const struct ini_line *line, const struct lines *lines)
{
    size_t place = line->number - 1;

    MUST(place < lines->count);
    struct span whole = lines->of[place];
    MUST((line->kind == INI_TOO_LONG) == (whole.size > INI_LINE_MAX));
    MUST(line->kind == INI_TOO_LONG || (line->kind == INI_NOT_PLAIN) == has_control(whole));
    MUST(!is_passed_over(whole));
    if (line->kind != INI_SETTING)
        return;
    check_setting(line, without_blanks(whole));
    MUST(same_text(line->section, section_of(lines, place)));
}

/* -- written down and read again ----------------------------------------------------------------------------------- */

static size_t put(uint8_t *to, size_t used, const char *before, struct span text, const char *after)
{
    memcpy(to + used, before, strlen(before));
    used += strlen(before);
    if (text.size > 0)
        memcpy(to + used, text.bytes, text.size);
    used += text.size;
    memcpy(to + used, after, strlen(after));
    return used + strlen(after);
}

static void check_round_trip(const struct ini_line *line)
{
    enum { DECORATION = 16 };
    uint8_t *bytes = malloc(line->section.size + line->name.size + line->value.size + DECORATION);
    struct ini_line again;
    struct ini ini;
    size_t size = put(bytes, 0, "[", line->section, "]\n");

    size = put(bytes, size, " ", line->name, "=");
    size = put(bytes, size, "\"", line->value, "\"");
    ini_begin(&ini, span_of(bytes, size));
    if (line->name.size + line->value.size + 4 <= INI_LINE_MAX) {
        MUST(ini_next(&ini, &again) && again.kind == INI_SETTING && again.number == 2);
        MUST(same_text(again.section, line->section) && same_text(again.name, line->name));
        MUST(same_text(again.value, line->value) && !ini_next(&ini, &again));
    }
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct lines lines;
    struct span text = span_of(bytes, size);
    struct ini_line line;
    struct ini ini;
    size_t told = 0;

    if (size > FILE_MAX)
        return 0;
    check_encoding(text);
    split_lines(&lines, text);
    ini_begin(&ini, text);
    while (ini_next(&ini, &line)) {
        for (MUST(line.number > told); told + 1 < line.number; told++)
            MUST(is_passed_over(lines.of[told]));
        told = line.number;
        check_line(&line, &lines);
        if (line.kind == INI_SETTING)
            check_round_trip(&line);
    }
    for (; told < lines.count; told++)
        MUST(is_passed_over(lines.of[told]));
    MUST(!ini_next(&ini, &line));
    return 0;
}
