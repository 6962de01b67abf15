#include "importer.h"

#include "unit.h"

enum { LIST_MAX = 8192 };

struct import import; /* some hundred kilobytes */

struct import_value importer_text(const char *text)
{
    return (struct import_value){IMPORT_TEXT, 0, text, strlen(text) + 1};
}

struct import_value importer_number(uint64_t number)
{
    return (struct import_value){IMPORT_NUMBER, number, NULL, 0};
}

struct import_value importer_list(const char *typed)
{
    static char items[LIST_MAX];
    size_t size = strlen(typed) + 1;

    assert_true(size <= sizeof items);
    memcpy(items, typed, size);
    for (char *end = strchr(items, ';'); end != NULL; end = strchr(end + 1, ';'))
        *end = 0;
    return (struct import_value){IMPORT_LIST, 0, items, size};
}

void importer_begin(enum import_source source, const char *service)
{
    import_begin(&import, source, service, "D:\\tftpd64");
}

void importer_put(const char *name, struct import_value value)
{
    for (size_t i = 0; i < import_place_count(import.source); i++)
        if (strcmp(import_place(import.source, i).name, name) == 0) {
            import_put(&import, i, &value);
            return;
        }
    fail_msg("no setting %s", name);
}

void importer_put_at(const char *key, const char *name, struct import_value value)
{
    for (size_t i = 0; i < import_place_count(import.source); i++) {
        struct import_place place = import_place(import.source, i);
        if (strcmp(place.name, name) == 0 && strcmp(place.key, key) == 0) {
            import_put(&import, i, &value);
            return;
        }
    }
    fail_msg("no setting %s %s", key, name);
}

void importer_map_dnsmasq(const char *text)
{
    importer_begin(IMPORT_DNSMASQ, "tftpd");
    import_read_file(&import, span_of_text(text));
    import_map(&import);
}

void importer_map_ini(const char *text)
{
    importer_begin(IMPORT_TFTPD64, "tftpd");
    import_read_file(&import, span_of_text(text));
    import_map(&import);
}

struct import_row *importer_find(const char *name)
{
    for (size_t i = 0; i < import.row_count; i++) {
        struct import_row *row = &import.rows[i];
        if (strcmp(row->parameter != NULL ? row->parameter->name : row->name, name) == 0)
            return row;
    }
    return NULL;
}

const char *importer_row_text(const struct import_row *row)
{
    static char text[IMPORT_LINE_MAX];

    return row != NULL ? import_row_text(&import, row, text, sizeof text) : "(no row)";
}

const char *importer_value(const char *parameter)
{
    static char text[CONFIG_LIST_BYTES_MAX];

    return config_value_text(&import.draft, config_find(parameter), text, sizeof text);
}

bool importer_says(const char *name, const char *expected)
{
    for (size_t i = 0; i < import.row_count; i++)
        if (strcmp(import.rows[i].name, name) == 0 && strstr(importer_row_text(&import.rows[i]), expected) != NULL)
            return true;
    return false;
}
