#include "core/import/import_parts.h"

#include "core/base/sheet.h"
#include "core/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

/* Whole characters only, and nothing that steers a terminal: values are anybody's. */
static void make_plain(char *text)
{
    while (*text != 0) {
        size_t length = utf8_length(text);
        bool is_valid = length > 0;
        uint8_t lead = (uint8_t)*text;
        bool is_control = lead < 0x20 || lead == 0x7f || (lead == 0xc2 && (uint8_t)text[1] < 0xa0);
        if (!is_valid)
            length = 1;
        if (!is_valid || is_control)
            memset(text, '?', length);
        text += length;
    }
}

/* The tables write commands for people with '@' where the service's name belongs. */
static void fill_in(char *to, size_t size, const char *text, const char *service)
{
    size_t used = 0;

    for (; *text != 0 && used + 1 < size; text++) {
        if (*text == '@')
            utf8_copy(to + used, size - used, service);
        else
            to[used] = *text;
        used += *text == '@' ? strlen(to + used) : 1;
    }
    to[used] = 0;
}

static struct import_row *new_row(struct import *import, enum import_verdict verdict, const char *name,
                                  const char *instead)
{
    /* Only complaints and the tables make rows, and together they have room. */
    ASSERT(import->row_count < IMPORT_ROWS_MAX);
    struct import_row *row = &import->rows[import->row_count++];
    row->verdict = verdict;
    utf8_copy(row->name, sizeof row->name, name);
    if (instead != NULL)
        fill_in(row->instead, sizeof row->instead, instead, import->service);
    return row;
}

void import_say(struct import *import, enum import_verdict verdict, const char *name, const char *instead,
                const char *format, ...)
{
    struct import_row *row = new_row(import, verdict, name, instead);
    va_list values;

    va_start(values, format);
    vsnprintf(row->words, sizeof row->words, format, values);
    va_end(values);
}

void import_complain(struct import *import, const char *name, const char *instead, const char *format, ...)
{
    va_list values;

    if (import->complaints++ >= IMPORT_COMPLAINTS_MAX)
        return;
    struct import_row *row = new_row(import, IMPORT_LEFT, name, instead);
    va_start(values, format);
    vsnprintf(row->words, sizeof row->words, format, values);
    va_end(values);
}

void import_set(struct import *import, const char *name, const char *parameter, const struct import_value *value,
                const char *remark)
{
    struct config_problem problem;
    const struct config_parameter *found = config_find(parameter);

    ASSERT(found != NULL);
    if (!import_apply(&import->draft, found, value, &problem)) {
        import_say(import, IMPORT_BAD, name, "correct it at the old server, or leave it out there, and import again",
                   "%s", problem.text);
        return;
    }
    import_say(import, IMPORT_SET, name, NULL, "%s", remark != NULL ? remark : "");
    import->rows[import->row_count - 1].parameter = found;
}

void import_refuse(struct import *import, struct import_row *row, const char *why, const char *instead)
{
    row->verdict = IMPORT_BAD;
    row->parameter = NULL;
    utf8_copy(row->words, sizeof row->words, why);
    fill_in(row->instead, sizeof row->instead, instead, import->service);
}

/* "VALUE" and what stands against it. */
static void add_value(struct sheet *line, const struct import *import, const struct import_row *row)
{
    char value[CONFIG_LIST_BYTES_MAX], old[CONFIG_LIST_BYTES_MAX];
    const struct config_parameter *parameter = row->parameter;
    const char *standard = parameter->standard != NULL ? parameter->standard : "(not there)";
    bool is_set = row->verdict == IMPORT_SET;

    config_value_text(&import->draft, parameter, value, sizeof value);
    import_value_text(&row->old, old, sizeof old);
    if (row->old.form == IMPORT_ABSENT && is_set)
        sheet_print(line, "\"%s\" in place of the default \"%s\"", value, standard);
    else if (row->old.form == IMPORT_ABSENT)
        sheet_print(line, "\"%s\" is the default, so it need not be written", value);
    else if (row->old.form == IMPORT_UNREADABLE)
        sheet_print(line, "\"%s\" in place of a value that cannot be read", value);
    else if (is_set)
        sheet_print(line, "\"%s\" in place of \"%s\"", value, old);
    else
        sheet_print(line, "\"%s\" already", value);
}

char *import_row_text(const struct import *import, const struct import_row *row, char *text, size_t size)
{
    static const char *const states[] = {
        [IMPORT_SET] = "SET",   [IMPORT_SAME] = "SAME", [IMPORT_NOTE] = "NOTE",
        [IMPORT_LEFT] = "LEFT", [IMPORT_BAD] = "BAD",
    };
    static const char dash[] = " - ";
    const char *subject = row->parameter != NULL ? row->parameter->name : row->name;
    struct sheet line = sheet_in(text, size);

    sheet_print(&line, "%-4s  %s%s", states[row->verdict], subject, dash);
    if (row->parameter != NULL) {
        add_value(&line, import, row);
        sheet_print(&line, "%sfrom %s%s", dash, row->name, row->words[0] ? ": " : "");
    }
    sheet_print(&line, "%s%s%s", row->words, row->instead[0] ? dash : "", row->instead);
    make_plain(text);
    return text;
}
