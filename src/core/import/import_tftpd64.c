#include "core/import/import_parts.h"

#include "core/base/sheet.h"
#include "core/names/path.h"

#include <stdio.h>

static bool is_drive(const char *path)
{
    char letter = ascii_lower(path[0]);

    return letter >= 'a' && letter <= 'z' && path[1] == ':';
}

void import_directory(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    char path[CONFIG_DIRECTORY_MAX * 2];
    const char *typed = value->text;
    struct import_value joined;

    if (import_is_empty(value))
        typed = ".";
    if (value->form != IMPORT_TEXT || (is_drive(typed) && path_is_separator(typed[2])) ||
        (path_is_separator(typed[0]) && path_is_separator(typed[1]))) {
        import_set(import, setting->place.name, setting->parameter, value, NULL);
        return;
    }
    if (import->base == NULL || is_drive(typed) || (path_is_separator(typed[0]) && !is_drive(import->base))) {
        import_say(import, IMPORT_LEFT, setting->place.name, setting->instead, "\"%.100s\": %s", typed, setting->why);
        return;
    }
    if (path_is_separator(typed[0]))
        snprintf(path, sizeof path, "%.2s%s", import->base, typed);
    else if (strcmp(typed, ".") == 0)
        snprintf(path, sizeof path, "%s", import->base);
    else
        snprintf(path, sizeof path, "%s\\%s", import->base, typed);
    joined = import_text(path);
    import_set(import, setting->place.name, setting->parameter, &joined,
               strcmp(typed, ".") == 0 ? "the folder of the ini file. That file holds a password and would be served: "
                                         "move what clients load to a folder of its own"
                                       : "a relative one begins in the folder of the ini file");
}

void import_security(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    static const char *const meanings[] = {
        "none: anybody could read and write any file of the machine",
        "standard: anybody could write files, and over files, in the base directory",
        "high: anybody could write over empty files",
    };
    enum { LEVEL_STANDARD = 1, LEVEL_READ_ONLY = 3 };
    uint64_t level = LEVEL_STANDARD;
    struct import_value nobody = import_text("");

    if (value->form != IMPORT_ABSENT && !import_is_empty(value) &&
        (!import_number(value, &level) || level > LEVEL_READ_ONLY))
        import_say(import, IMPORT_LEFT, setting->place.name, IMPORT_SET_MASTERS,
                   "it is none of 0 to 3; who may write is left as it is here");
    else if (level == LEVEL_READ_ONLY)
        import_set(import, setting->place.name, setting->parameter, &nobody, "read only: nobody may write files");
    else
        import_say(import, IMPORT_LEFT, setting->place.name, IMPORT_SET_MASTERS,
                   "%s; an import does not allow that. Here nobody writes but whom Masters names, only in the start "
                   "directory, and never over a file",
                   meanings[level]);
}

void import_options(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    static const char all[] = "blksize;blksize2;timeout;utimeout;windowsize;rollover;msftwindow;tsize";
    char items[sizeof all];
    uint64_t negotiates = 1, only_tsize = 0;
    bool is_understood = value->form == IMPORT_ABSENT || import_is_empty(value) || import_number(value, &negotiates);

    import_number(import_other(import, "PXECompatibility"), &only_tsize);
    if (!is_understood) {
        import_say(import, IMPORT_LEFT, setting->place.name, NULL,
                   "it is neither 0 nor 1, so options stay as they are");
        return;
    }
    if (negotiates != 0 && only_tsize == 0)
        return;
    memcpy(items, all, sizeof all);
    size_t size = only_tsize != 0 ? sizeof all - sizeof "tsize" : sizeof all;
    items[size - 1] = 0;
    for (char *end = strchr(items, ';'); end != NULL; end = strchr(end + 1, ';'))
        *end = 0;
    import_set(import, only_tsize != 0 ? "PXECompatibility" : setting->place.name, setting->parameter,
               &(struct import_value){IMPORT_LIST, 0, items, size},
               only_tsize != 0 ? "only the size of files is negotiated; leave it out to load faster"
                               : "no option is negotiated; leave it out to load faster");
}

void import_local_address(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    struct endpoint address;
    char text[IMPORT_SHOWN_MAX];

    if (import_is_empty(value))
        return;
    if (value->form == IMPORT_TEXT && endpoint_parse_address(&address, span_of_text(value->text)))
        import_set(import, setting->place.name, setting->parameter, value, NULL);
    else
        import_say(import, IMPORT_LEFT, setting->place.name, setting->instead, "\"%s\": %s", import_shown(value, text),
                   setting->why);
}

void import_ports(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    char text[IMPORT_PORTS_MAX];
    uint64_t low = 0, high = 0;
    struct import_value range;

    (void)value;
    if (import_range_text(import, "LowestUDPPort", "HighestUDPPort", text)) {
        range = import_text(text);
        import_set(import, "LowestUDPPort, HighestUDPPort", setting->parameter, &range, NULL);
        return;
    }
    import_number(import_other(import, "LowestUDPPort"), &low);
    import_number(import_other(import, "HighestUDPPort"), &high);
    if (low != 0 || high != 0)
        import_say(import, IMPORT_LEFT, "LowestUDPPort, HighestUDPPort", setting->instead, "%s", setting->why);
}

void import_transfers(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    enum { TFTPD64_DEFAULT = 100 };
    uint64_t number;

    if (import_number(value, &number) && number == TFTPD64_DEFAULT)
        import_say(import, IMPORT_NOTE, setting->place.name, setting->instead, "%s", setting->why);
    else
        import_copy(import, setting, value);
}

void import_services(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    static const struct {
        unsigned bit;
        const char *name;
    } others[] = {{4, "DHCP"}, {8, "syslog"}, {16, "SNTP"}, {32, "DNS"}};
    enum { TFTP_SERVER = 1 };
    char names[IMPORT_SHOWN_MAX];
    struct sheet line = sheet_in(names, sizeof names);
    uint64_t bits;

    if (!import_number(value, &bits))
        return;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (bits & others[i].bit)
            sheet_print(&line, "%s%s", names[0] != 0 ? ", " : "", others[i].name);
    if (bits != 0 && !(bits & TFTP_SERVER))
        import_say(import, IMPORT_NOTE, setting->place.name, NULL, "the TFTP server was switched off there");
    if (names[0] != 0)
        import_say(import, IMPORT_LEFT, setting->place.name, setting->instead, "%s: %s", names, setting->why);
}
