/*
 * What the files of core/import share: the tables of settings, and how a mapping makes rows.
 */
#ifndef CORE_IMPORT_PARTS_H
#define CORE_IMPORT_PARTS_H

#include "core/import/import.h"

enum { IMPORT_SHOWN_MAX = 96, IMPORT_PORTS_MAX = 48 };

#define IMPORT_PARAMETERS "\"HKLM\\SYSTEM\\CurrentControlSet\\Services\\@\\Parameters\""
#define IMPORT_SET_MASTERS \
    "to take uploads from clients that you name: reg add " IMPORT_PARAMETERS " /v Masters /t REG_SZ /d \"10.1.2.3\" /f"

struct import_setting;
typedef void import_mapping(struct import *import, const struct import_setting *setting,
                            const struct import_value *value);

/* One row of a source's table. */
struct import_setting {
    struct import_place place;
    /* Called where the setting is there, or is_asked_anyway; NULL: import_leave. */
    import_mapping *map;
    const char *parameter; /* that it maps to, or NULL */
    const char *silent;    /* the value that is no loss and needs no word; "*": any */
    const char *why;
    const char *instead;
    bool is_asked_anyway;
};

struct import_table {
    const char *word; /* on the command line */
    const struct import_setting *settings;
    size_t count;
};

extern const struct import_table import_tables[IMPORT_SOURCE_COUNT];

/* Another setting of the same source; ASSERTs that the table has it. */
const struct import_value *import_other(const struct import *import, const char *name);
/* False unless it is a number, or a text that is one. */
bool import_number(const struct import_value *value, uint64_t *number);
struct import_value import_text(const char *text);
bool import_is_empty(const struct import_value *value);
/* Cut, and harmless on a terminal; text has IMPORT_SHOWN_MAX bytes. Returns it. */
const char *import_shown(const struct import_value *value, char *text);
/* "LOW-HIGH" of IMPORT_PORTS_MAX bytes, or false where one of them is missing or 0. */
bool import_range_text(const struct import *import, const char *low_name, const char *high_name, char *text);
/* As one text, items separated by ';', cut to size, for people. */
char *import_value_text(const struct import_value *value, char *text, size_t size);
/* Into the draft, as the service would read it. */
bool import_apply(struct config *draft, const struct config_parameter *parameter, const struct import_value *value,
                  struct config_problem *problem);

/* A row. instead may be NULL; '@' in it becomes the service's name. */
__attribute__((format(gnu_printf, 5, 6))) void import_say(struct import *import, enum import_verdict verdict,
                                                          const char *name, const char *instead, const char *format,
                                                          ...);
/* The same about one line or one item of many: only the first of them are shown. */
__attribute__((format(gnu_printf, 4, 5))) void import_complain(struct import *import, const char *name,
                                                               const char *instead, const char *format, ...);
/* Puts the value into the draft: a row IMPORT_SET with the remark behind it, or IMPORT_BAD. */
void import_set(struct import *import, const char *name, const char *parameter, const struct import_value *value,
                const char *remark);

/* Lines of one parameter, as they come together. */
struct import_lines {
    const char *name;      /* of the old setting */
    const char *parameter; /* PxeBoot and the like */
    unsigned count;
    size_t used;
    char items[CONFIG_LIST_BYTES_MAX];
};

/* Begins with count and used 0. A line that the service would refuse, or that has no room, becomes a complaint; false then. */
__attribute__((format(gnu_printf, 3, 4))) bool import_add_line(struct import *import, struct import_lines *lines,
                                                               const char *format, ...);
/* Their row, where there is one of them. */
void import_set_lines(struct import *import, const struct import_lines *lines, const char *remark);
/* That machines are answered when Pxe says so, and how. */
void import_say_pxe(struct import *import);
/* A word of a line, in quotation marks where it needs them. Returns text. */
const char *import_word(const char *word, char *text, size_t size);

/* The setting at this key with this name; ASSERTs that the table has it. */
const struct import_value *import_at(const struct import *import, const char *key, const char *name);
bool import_is_named(struct span text, const char *name);
void import_read_ini(struct import *import, struct span text);
void import_read_dnsmasq(struct import *import, struct span text);

#define IMPORT_WDS_PXE  "WDSServer\\Providers\\WDSPXE"
#define IMPORT_WDS_BINL IMPORT_WDS_PXE "\\Providers\\BINLSVC"
#define IMPORT_WDS_BOOT IMPORT_WDS_BINL "\\BootPrograms\\"
#define IMPORT_DHCP     "DHCP"

/* The ways to map. */
import_mapping import_copy, import_switch, import_leave, import_masters, import_root_folder, import_read_filter,
    import_block_size, import_wds_ports, import_directory, import_security, import_options, import_local_address,
    import_ports, import_transfers, import_services, import_wds_programs, import_wds_dhcp_ports, import_wds_banned,
    import_wds_unknown, import_boot_file, import_pool;

#endif
