#include "core/import/ini.h"

#include "core/base/utf8.h"

static bool begins_with(struct span file, const char *mark, size_t size)
{
    return file.size >= size && memcmp(file.bytes, mark, size) == 0;
}

enum ini_encoding ini_encoding_of(struct span file, size_t *mark_size)
{
    static const struct {
        const char *mark;
        size_t size;
        enum ini_encoding encoding;
    } marks[] = {{"\xef\xbb\xbf", 3, INI_UTF8}, {"\xff\xfe", 2, INI_UTF16LE}, {"\xfe\xff", 2, INI_UTF16BE}};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (begins_with(file, marks[i].mark, marks[i].size)) {
            *mark_size = marks[i].size;
            return marks[i].encoding;
        }
    *mark_size = 0;
    /* Without a mark only what an ini begins with tells: one ASCII character in two bytes. */
    if (file.size >= 2 && file.bytes[0] != 0 && file.bytes[0] < 0x80 && file.bytes[1] == 0)
        return INI_UTF16LE;
    return utf8_is_valid(file) ? INI_UTF8 : INI_ANSI;
}

void ini_begin(struct ini *ini, struct span text)
{
    *ini = (struct ini){.rest = text, .section = span_of(text.bytes, 0)};
}

/* CR, LF or CR LF ends a line, and so does the end of the text. */
static struct span take_line(struct ini *ini)
{
    struct span rest = ini->rest;
    size_t length = 0;

    while (length < rest.size && rest.bytes[length] != '\r' && rest.bytes[length] != '\n')
        length++;
    size_t used = length;
    if (used < rest.size)
        used += used + 1 < rest.size && rest.bytes[used] == '\r' && rest.bytes[used + 1] == '\n' ? 2 : 1;
    ini->rest = span_of(rest.bytes + used, rest.size - used);
    ini->number++;
    return span_of(rest.bytes, length);
}

static bool is_plain(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((text.bytes[i] < 0x20 && text.bytes[i] != '\t') || text.bytes[i] == 0x7f)
            return false;
    return true;
}

static struct span unquoted(struct span value)
{
    bool is_quoted = value.size >= 2 && (value.bytes[0] == '"' || value.bytes[0] == '\'') &&
                     value.bytes[value.size - 1] == value.bytes[0];

    return is_quoted ? span_of(value.bytes + 1, value.size - 2) : value;
}

/* False where it is neither a section's name nor a setting. */
static bool read_line(struct ini *ini, struct span text, struct ini_line *line)
{
    const uint8_t *end = memchr(text.bytes, text.bytes[0] == '[' ? ']' : '=', text.size);
    size_t length = end != NULL ? (size_t)(end - text.bytes) : 0;

    if (text.bytes[0] == '[') {
        ini->section = end != NULL ? span_trimmed(span_of(text.bytes + 1, length - 1)) : span_of(text.bytes, 0);
        return end != NULL;
    }
    line->section = ini->section;
    line->name = span_trimmed(span_of(text.bytes, length));
    if (line->name.size == 0)
        return false;
    line->value = unquoted(span_trimmed(span_of(text.bytes + length + 1, text.size - length - 1)));
    line->kind = INI_SETTING;
    return true;
}

bool ini_next(struct ini *ini, struct ini_line *line)
{
    while (ini->rest.size > 0) {
        struct span text = take_line(ini);
        struct span none = span_of(text.bytes, 0);
        *line = (struct ini_line){INI_NO_SETTING, ini->number, none, none, none};
        bool is_long = text.size > INI_LINE_MAX;
        if (is_long || !is_plain(text)) {
            text = span_trimmed(text);
            if (text.size > 0 && text.bytes[0] == '[')
                ini->section = none;
            line->kind = is_long ? INI_TOO_LONG : INI_NOT_PLAIN;
            return true;
        }
        text = span_trimmed(text);
        if (text.size == 0 || text.bytes[0] == ';' || text.bytes[0] == '#')
            continue;
        if (!read_line(ini, text, line) || line->kind == INI_SETTING)
            return true;
    }
    return false;
}
