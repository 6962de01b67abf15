/*
 * Files of the form [Section], Name=Value, as Windows' own profile functions read them, over bytes that somebody else
 * wrote: nothing is allocated, nothing copied, and every byte is looked at once.
 */
#ifndef CORE_INI_H
#define CORE_INI_H

#include "core/base/bytes.h"

enum { INI_LINE_MAX = 4096 }; /* bytes of a line without its end */

enum ini_encoding {
    INI_UTF8,
    INI_UTF16LE,
    INI_UTF16BE,
    INI_ANSI /* some code page of the machine that wrote it */
};

/* By the mark at its beginning, of which mark_size says the length, or by its bytes where it has none. */
enum ini_encoding ini_encoding_of(struct span file, size_t *mark_size);

enum ini_kind {
    INI_SETTING,
    INI_TOO_LONG,  /* a line of more than INI_LINE_MAX bytes */
    INI_NOT_PLAIN, /* control characters other than the tab */
    INI_NO_SETTING /* neither a section, nor a comment, nor a name with '=' behind it */
};

/*
 * One line. Of INI_SETTING section, name and value are spans into the text, without blanks around them and without one
 * pair of quotation marks around the value; the section is empty before the first. Of the others only the number counts.
 */
struct ini_line {
    enum ini_kind kind;
    uint32_t number; /* from 1 */
    struct span section;
    struct span name;
    struct span value;
};

struct ini {
    struct span rest;
    struct span section;
    uint32_t number;
};

/* text has no mark and is bytes of an encoding that ASCII is a part of; it outlives ini and its lines. */
void ini_begin(struct ini *ini, struct span text);

/*
 * The next line that is a setting or makes no sense; false at the end. Comments (';' or '#' first), empty lines and
 * sections are passed over. What follows a section's broken line belongs to a section without a name.
 */
bool ini_next(struct ini *ini, struct ini_line *line);

#endif
