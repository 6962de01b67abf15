#include "core/import/import_parts.h"

#include "core/base/utf8.h"
#include "core/names/path.h"
#include "core/settings/access.h"
#include "core/wire/options.h"

#include <stdio.h>

/* -- RIS ----------------------------------------------------------------------------------------------------------- */

void import_masters(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    const char *name = setting->place.name;
    struct config scratch;
    struct config_problem problem;
    char text[IMPORT_SHOWN_MAX];

    if (value->form == IMPORT_ABSENT) {
        import_say(import, IMPORT_NOTE, name, IMPORT_SET_MASTERS,
                   "it is not there; whoever wrote files to the old server then, here nobody can until Masters names "
                   "him");
        return;
    }
    config_defaults(&scratch);
    const char *world = import_apply(&scratch, config_find(setting->parameter), value, &problem)
                            ? access_admitted_world(&scratch.masters)
                            : NULL;
    if (world == NULL)
        import_set(import, name, setting->parameter, value,
                   scratch.masters.count > 0 ? "these may write files, as they could before"
                                             : "nobody may write files");
    else if (import_is_in_place(import))
        import_say(import, IMPORT_NOTE, name,
                   "to end that: reg add " IMPORT_PARAMETERS " /v Masters /t REG_SZ /d \"\" /f",
                   "\"%s\" is in force already and means %s: anybody who reaches the port may write files",
                   import_shown(value, text), world);
    else
        import_say(import, IMPORT_LEFT, name, IMPORT_SET_MASTERS,
                   "\"%s\" means %s, so anybody could write files; an import does not allow that",
                   import_shown(value, text), world);
}

/* -- WDS ----------------------------------------------------------------------------------------------------------- */

void import_root_folder(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    if (value->form == IMPORT_ABSENT || import_is_empty(value))
        import_say(import, IMPORT_LEFT, setting->place.name, setting->instead, "%s", setting->why);
    else
        import_set(import, setting->place.name, setting->parameter, value, NULL);
}

/* Separators are one backslash, and none is in front: the many spellings become one. NULL, or why it can match nothing. */
static const char *unify_pattern(const char *pattern, char *unified, size_t size)
{
    size_t used = 0;

    if (!utf8_is_valid(span_of_text(pattern)))
        return "it is not valid text";
    if (strchr(pattern, ':') != NULL)
        return "it names a drive or a stream, and clients' names have neither";
    while (*pattern != 0) {
        size_t length = strcspn(pattern, "\\/");
        if (length == 2 && memcmp(pattern, "..", 2) == 0)
            return "it leads out of the start directory, which nobody can leave";
        bool is_nothing = length == 0 || (length == 1 && *pattern == '.');
        if (!is_nothing && used + length + 2 > size)
            return "it is longer than any name";
        if (!is_nothing) {
            if (used > 0)
                unified[used++] = '\\';
            memcpy(unified + used, pattern, length);
            used += length;
        }
        pattern += length + (pattern[length] != 0);
    }
    unified[used] = 0;
    return used > 0 ? NULL : "it names nothing";
}

struct patterns {
    size_t count, used; /* used: bytes of items */
    char items[CONFIG_LIST_BYTES_MAX];
};

static bool has_pattern(const struct patterns *patterns, const char *pattern)
{
    for (size_t i = 0; i < patterns->used; i += strlen(patterns->items + i) + 1)
        if (path_equal(patterns->items + i, pattern))
            return true;
    return false;
}

/* False where there is no room for another. */
static bool add_pattern(struct import *import, struct patterns *patterns, const char *item)
{
    char unified[PATH_TEXT_MAX];
    char text[IMPORT_SHOWN_MAX];
    const char *reason = unify_pattern(item, unified, sizeof unified);

    if (reason != NULL) {
        import_complain(import, "ReadFilter", NULL, "\"%s\": %s, so it is left out",
                        path_printable(span_of_text(item), text, sizeof text), reason);
        return true;
    }
    size_t length = strlen(unified) + 1;
    if (has_pattern(patterns, unified))
        return true;
    if (length > sizeof patterns->items - patterns->used)
        return false;
    memcpy(patterns->items + patterns->used, unified, length);
    patterns->used += length;
    patterns->count++;
    return true;
}

void import_read_filter(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    static const char usual[] = "boot\\*\0tmp\\*";
    struct patterns patterns = {0};
    char remark[IMPORT_WORDS_MAX];
    size_t forms = 0;

    if (value->form == IMPORT_ABSENT) {
        struct import_value standard = {IMPORT_LIST, 0, usual, sizeof usual};
        import_set(import, setting->place.name, setting->parameter, &standard, setting->why);
        return;
    }
    bool is_list = value->form == IMPORT_LIST || value->form == IMPORT_TEXT;
    bool has_room = true;
    for (size_t i = 0; is_list && has_room && i < value->size; i += strlen(value->text + i) + 1) {
        forms += value->text[i] != 0;
        has_room = value->text[i] == 0 || add_pattern(import, &patterns, value->text + i);
    }
    if (!is_list || !has_room) {
        import_say(import, IMPORT_BAD, setting->place.name, "shorten it at the old server and import again",
                   is_list ? "it has more patterns than Readable can hold" : "it is no list of texts");
        return;
    }
    snprintf(remark, sizeof remark, "%u spellings of %u patterns; here \\ and / are the same, doubled or in front",
             (unsigned)forms, (unsigned)patterns.count);
    import_set(import, setting->place.name, setting->parameter,
               &(struct import_value){IMPORT_LIST, 0, patterns.items, patterns.used}, remark);
}

void import_block_size(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    uint64_t number;
    struct import_value most = {IMPORT_NUMBER, BLKSIZE_MAX, NULL, 0};

    if (!import_number(value, &number) || (number > 0 && number <= BLKSIZE_MAX))
        import_set(import, setting->place.name, setting->parameter, value, NULL);
    else
        import_set(import, setting->place.name, setting->parameter, &most,
                   number == 0 ? "0 is no limit there; this is the largest that TFTP has (RFC 2348)"
                               : "it is more than TFTP has (RFC 2348)");
}

void import_wds_ports(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    char text[IMPORT_PORTS_MAX] = "0";
    uint64_t policy;
    struct import_value range;

    if (!import_number(value, &policy) || policy > 1 ||
        (policy == 1 && !import_range_text(import, "UdpStartPort", "UdpEndPort", text))) {
        import_say(import, IMPORT_LEFT, setting->place.name, setting->instead, "%s", setting->why);
        return;
    }
    range = import_text(text);
    import_set(import, policy == 1 ? "UdpStartPort, UdpEndPort" : setting->place.name, setting->parameter, &range,
               policy == 1 ? "ports of a fixed range" : "any port that the system gives");
}
