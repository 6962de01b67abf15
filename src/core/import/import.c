#include "core/import/import_parts.h"

#include "core/base/utf8.h"
#include "core/import/ini.h"
#include "core/names/path.h"

#include <stdio.h>

bool import_is_named(struct span text, const char *name)
{
    size_t i = 0;

    while (i < text.size && name[i] != 0 && ascii_lower((char)text.bytes[i]) == ascii_lower(name[i]))
        i++;
    return i == text.size && name[i] == 0;
}

enum import_source import_find_source(const char *word)
{
    enum import_source source = 0;

    while (source < IMPORT_SOURCE_COUNT && !import_is_named(span_of_text(word), import_tables[source].word))
        source++;
    return source;
}

void import_begin(struct import *import, enum import_source source, const char *service, const char *base)
{
    ASSERT(source < IMPORT_SOURCE_COUNT && import_tables[source].count <= IMPORT_SETTINGS_MAX);
    memset(import, 0, sizeof *import);
    import->source = source;
    import->service = service;
    import->base = base;
    config_defaults(&import->draft);
}

bool import_is_in_place(const struct import *import)
{
    return import->source == IMPORT_RIS && import_is_named(span_of_text(import->service), "tftpd");
}

size_t import_place_count(enum import_source source)
{
    return import_tables[source].count;
}

struct import_place import_place(enum import_source source, size_t index)
{
    ASSERT(index < import_tables[source].count);
    return import_tables[source].settings[index].place;
}

/* -- what was found ------------------------------------------------------------------------------------------------ */

static struct import_value kept(struct import *import, const struct import_value *value)
{
    struct import_value copy = *value;

    if (value->form != IMPORT_TEXT && value->form != IMPORT_LIST)
        return copy;
    if (value->size > IMPORT_TEXTS_MAX - import->texts_used)
        return (struct import_value){.form = IMPORT_UNREADABLE};
    copy.text = import->texts + import->texts_used;
    if (value->size > 0)
        memcpy(import->texts + import->texts_used, value->text, value->size);
    import->texts_used += value->size;
    return copy;
}

void import_put(struct import *import, size_t index, const struct import_value *value)
{
    ASSERT(index < import_tables[import->source].count);
    import->values[index] = kept(import, value);
}

const struct import_value *import_other(const struct import *import, const char *name)
{
    const struct import_table *table = &import_tables[import->source];
    size_t i = 0;

    while (i < table->count && strcmp(table->settings[i].place.name, name) != 0)
        i++;
    ASSERT(i < table->count);
    return &import->values[i];
}

static bool is_at(const struct import_place *place, const char *key, const char *name)
{
    return place->key != NULL && strcmp(place->key, key) == 0 && strcmp(place->name, name) == 0;
}

const struct import_value *import_at(const struct import *import, const char *key, const char *name)
{
    const struct import_table *table = &import_tables[import->source];
    size_t i = 0;

    while (i < table->count && !is_at(&table->settings[i].place, key, name))
        i++;
    ASSERT(i < table->count);
    return &import->values[i];
}

/* "00:11:22:33:44:55=10.0.0.7": tftpd64 keeps addresses of single machines so. */
static bool put_host(struct import *import, const struct ini_line *line, const char *mac, const char *address)
{
    enum { MAC_LENGTH = 17 };
    struct import_value kept_mac = import_text(mac);
    struct import_value kept_address = import_text(address);

    if (line->name.size != MAC_LENGTH || mac[2] != ':' || import->host_count == IMPORT_HOSTS_MAX)
        return false;
    kept_mac = kept(import, &kept_mac);
    kept_address = kept(import, &kept_address);
    if (kept_mac.form == IMPORT_TEXT && kept_address.form == IMPORT_TEXT)
        import->hosts[import->host_count++] = (struct import_host){kept_mac.text, kept_address.text};
    return true;
}

/* section is NULL for that of TFTP. */
static size_t find_ini(const struct import_table *table, const struct ini_line *line, const char *section)
{
    size_t i = 0;

    while (i < table->count && (!import_is_named(line->name, table->settings[i].place.name) ||
                                (table->settings[i].place.key == NULL) != (section == NULL)))
        i++;
    return i;
}

static void put_ini(struct import *import, const struct ini_line *line, const char *section)
{
    const struct import_table *table = &import_tables[import->source];
    char shown[IMPORT_NAME_MAX], text[INI_LINE_MAX]; /* a value is shorter than its line */
    size_t i = find_ini(table, line, section);

    path_printable(line->name, shown, sizeof shown);
    memcpy(text, line->value.bytes, line->value.size);
    text[line->value.size] = 0;
    if (i == table->count && section != NULL &&
        (span_starts_with(line->name, "Lease_") || put_host(import, line, shown, text)))
        return;
    if (i == table->count) {
        import_complain(import, shown, NULL, "line %u: this setting is not known here, so it is left out",
                        (unsigned)line->number);
        return;
    }
    if (import->values[i].form != IMPORT_ABSENT) {
        if (import->values[i].form != IMPORT_TEXT || strcmp(import->values[i].text, text) != 0)
            import_complain(import, shown, NULL, "line %u: it is given more than once, and the first one counts",
                            (unsigned)line->number);
        return;
    }
    import_put(import, i, &(struct import_value){IMPORT_TEXT, 0, text, line->value.size + 1});
}

void import_read_ini(struct import *import, struct span text)
{
    static const char *const reasons[] = {
        [INI_TOO_LONG] = "is longer than any setting is",
        [INI_NOT_PLAIN] = "has control characters",
        [INI_NO_SETTING] = "is no setting (NAME=VALUE) and no section",
    };
    struct ini ini;
    struct ini_line line;
    bool has_others = false;

    ini_begin(&ini, text);
    while (ini_next(&ini, &line)) {
        bool is_ours = import_is_named(line.section, "TFTPD32") || import_is_named(line.section, "TFTPD64");
        import->has_section = import->has_section || is_ours;
        if (line.kind != INI_SETTING)
            import_complain(import, "a line", NULL, "line %u %s, so it is left out", (unsigned)line.number,
                            reasons[line.kind]);
        else if (is_ours)
            put_ini(import, &line, NULL);
        else if (import_is_named(line.section, IMPORT_DHCP))
            put_ini(import, &line, IMPORT_DHCP);
        else
            has_others = true;
    }
    if (has_others)
        import_say(import, IMPORT_NOTE, "other sections", NULL,
                   "settings outside [TFTPD32] and [DHCP] are not about TFTP or booting and are left out");
}

bool import_is_file(enum import_source source)
{
    return source == IMPORT_TFTPD64 || source == IMPORT_DNSMASQ;
}

const char *import_file_name(enum import_source source)
{
    return source == IMPORT_DNSMASQ ? "dnsmasq.conf" : "tftpd32.ini";
}

void import_read_file(struct import *import, struct span text)
{
    ASSERT(import_is_file(import->source));
    (import->source == IMPORT_DNSMASQ ? import_read_dnsmasq : import_read_ini)(import, text);
}

bool import_number(const struct import_value *value, uint64_t *number)
{
    *number = value->number;
    return value->form == IMPORT_NUMBER ||
           (value->form == IMPORT_TEXT && span_to_number(span_of_text(value->text), UINT32_MAX, number));
}

bool import_apply(struct config *draft, const struct config_parameter *parameter, const struct import_value *value,
                  struct config_problem *problem)
{
    switch (value->form) {
    case IMPORT_NUMBER: return config_set_number(draft, parameter, value->number, problem);
    case IMPORT_TEXT: return config_set_text(draft, parameter, value->text, problem);
    case IMPORT_LIST: return config_set_list(draft, parameter, value->text, value->size, problem);
    default: break;
    }
    snprintf(problem->text, sizeof problem->text,
             "it cannot be read: its type is none that this value has, or it is too long");
    return false;
}

char *import_value_text(const struct import_value *value, char *text, size_t size)
{
    size_t used = 0;

    text[0] = 0;
    if (value->form == IMPORT_NUMBER)
        snprintf(text, size, "%llu", (unsigned long long)value->number);
    for (size_t start = 0; start < value->size && used + 1 < size;) {
        const char *item = value->text + start;
        size_t length = strlen(item);
        if (length > 0) {
            utf8_copy(text + used, size - used, used > 0 ? ";" : "");
            used += strlen(text + used);
            utf8_copy(text + used, size - used, item);
            used += strlen(text + used);
        }
        start += length + 1;
    }
    return text;
}

/* -- mapping and weighing ------------------------------------------------------------------------------------------ */

void import_map(struct import *import)
{
    const struct import_table *table = &import_tables[import->source];

    for (size_t i = 0; i < table->count; i++) {
        const struct import_setting *setting = &table->settings[i];
        if (import->values[i].form != IMPORT_ABSENT || setting->is_asked_anyway)
            (setting->map != NULL ? setting->map : import_leave)(import, setting, &import->values[i]);
    }
    if (import->complaints > IMPORT_COMPLAINTS_MAX)
        import_say(import, IMPORT_LEFT, "more", NULL, "%u more like these are left out",
                   (unsigned)(import->complaints - IMPORT_COMPLAINTS_MAX));
}

void import_weigh(struct import *import, struct import_row *row, const struct import_value *present)
{
    struct config now;
    struct config_problem problem;

    ASSERT(row->parameter != NULL && row->verdict <= IMPORT_SAME);
    config_defaults(&now);
    row->old = kept(import, present);
    bool is_good = present->form == IMPORT_ABSENT || import_apply(&now, row->parameter, present, &problem);
    row->verdict = is_good && config_value_equal(&now, &import->draft, row->parameter) ? IMPORT_SAME : IMPORT_SET;
}

size_t import_count(const struct import *import, enum import_verdict verdict)
{
    size_t count = 0;

    for (size_t i = 0; i < import->row_count; i++)
        count += import->rows[i].verdict == verdict;
    return count;
}
