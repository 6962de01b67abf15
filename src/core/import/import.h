/*
 * The settings of another TFTP server, mapped to our parameters: what can be taken over, what is so already, what cannot
 * be and what to do instead. Reads and writes nothing itself: the caller puts in the old settings and the parameters as
 * they are now, and gets rows to show and a config to write.
 *
 *   import_begin, then import_put for what was found or import_read_file, import_map, import_weigh for each row that has
 *   a parameter; write what is IMPORT_SET if nothing is IMPORT_BAD.
 *
 * No import turns uploads on for everybody: where the old server took them from any address, a row says so and how to
 * allow named clients. Nor does one have machines answered that boot: it brings the rules, and a row says how to.
 */
#ifndef CORE_IMPORT_H
#define CORE_IMPORT_H

#include "core/settings/config.h"

enum {
    IMPORT_SETTINGS_MAX = 96,
    IMPORT_ROWS_MAX = 144,
    IMPORT_COMPLAINTS_MAX = 16, /* rows about single lines or items; further ones are counted */
    IMPORT_HOSTS_MAX = 128,     /* single machines of a file */
    IMPORT_TEXTS_MAX = 128 * 1024,
    IMPORT_NAME_MAX = 64,
    IMPORT_WORDS_MAX = 512,
    IMPORT_LINE_MAX = 3 * CONFIG_LIST_BYTES_MAX /* a row as text: two values and the words */
};

enum import_source { IMPORT_RIS, IMPORT_WDS, IMPORT_TFTPD64, IMPORT_DNSMASQ, IMPORT_SOURCE_COUNT };

enum import_form { IMPORT_ABSENT, IMPORT_NUMBER, IMPORT_TEXT, IMPORT_LIST, IMPORT_UNREADABLE };

/* A setting or a parameter as it was found, in UTF-8. */
struct import_value {
    enum import_form form;
    uint64_t number;
    const char *text; /* IMPORT_TEXT: with its NUL; IMPORT_LIST: items, each with its NUL */
    size_t size;      /* of text, NULs included */
};

/* Where an old setting is kept. */
struct import_place {
    const char *key; /* below HKLM\SYSTEM\CurrentControlSet\Services; of an ini file its section, NULL: TFTPD32 */
    const char *name;
    const char *alias; /* another spelling, or NULL */
};

enum import_verdict {
    IMPORT_SET,  /* a parameter that will change */
    IMPORT_SAME, /* a parameter that has this value already */
    IMPORT_NOTE, /* worth knowing; nothing to write */
    IMPORT_LEFT, /* cannot be taken over */
    IMPORT_BAD   /* refused: nothing of this import may be written */
};

struct import_row {
    enum import_verdict verdict;
    const struct config_parameter *parameter; /* of IMPORT_SET and IMPORT_SAME, else NULL */
    char name[IMPORT_NAME_MAX];               /* the old setting's */
    char words[IMPORT_WORDS_MAX];
    char instead[IMPORT_WORDS_MAX]; /* what to do, or empty */
    struct import_value old;        /* the parameter's present value, once weighed */
};

/* A machine with an address of its own, as an ini has it. */
struct import_host {
    const char *mac; /* in texts */
    const char *address;
};

struct import {
    enum import_source source;
    const char *service; /* whose parameters are to be written */
    const char *base;    /* the folder that a relative directory begins in */
    bool has_section;    /* a file had a section of tftpd32, or a line of dnsmasq about booting or TFTP */
    size_t host_count;
    struct import_host hosts[IMPORT_HOSTS_MAX];
    struct config draft; /* the defaults with the values of all rows that are not bad */
    struct import_value values[IMPORT_SETTINGS_MAX];
    size_t row_count;
    struct import_row rows[IMPORT_ROWS_MAX];
    size_t complaints;
    size_t texts_used;
    char texts[IMPORT_TEXTS_MAX];
};

/* "ris", "wds", "tftpd64", "dnsmasq" in any case, or IMPORT_SOURCE_COUNT. */
enum import_source import_find_source(const char *word);

/* service and base outlive the import; base may be NULL where the source is no file. */
void import_begin(struct import *import, enum import_source source, const char *service, const char *base);

/* True if the RIS values are those of the very service that is to be set: its key has no case. */
bool import_is_in_place(const struct import *import);

size_t import_place_count(enum import_source source);
struct import_place import_place(enum import_source source, size_t index);
/* What was found there; text is copied. What has no room becomes IMPORT_UNREADABLE. */
void import_put(struct import *import, size_t index, const struct import_value *value);

/* Is the source a file, and no key of the registry; what that file is called. */
bool import_is_file(enum import_source source);
const char *import_file_name(enum import_source source);
/*
 * That file in UTF-8 without its mark. Of a tftpd32.ini the first counts where a name is given twice, as Windows reads it; of a
 * dnsmasq.conf the lines about TFTP and booting are read, and make their rows at once.
 */
void import_read_file(struct import *import, struct span text);

/* Makes the rows. */
void import_map(struct import *import);

/* Holds a row of a parameter against the parameter's present value: it stays IMPORT_SET or becomes IMPORT_SAME. */
void import_weigh(struct import *import, struct import_row *row, const struct import_value *present);

/* Whoever puts the row's value to use has found it bad: it becomes IMPORT_BAD, and has no parameter any more. */
void import_refuse(struct import *import, struct import_row *row, const char *why, const char *instead);

size_t import_count(const struct import *import, enum import_verdict verdict);

/* The row for people, on one line, safe for a terminal whatever the old settings were. Returns text, cut to size. */
char *import_row_text(const struct import *import, const struct import_row *row, char *text, size_t size);

#endif
