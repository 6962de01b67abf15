/*
 * The name of a file that makes room, or finds it, beside another of the same name: with a time before its extension.
 */
#ifndef CORE_STAMPED_H
#define CORE_STAMPED_H

#include <stdbool.h>

enum { STAMPED_EXTENSION_MAX = 32 /* bytes; what is longer behind a dot is no extension */ };

/*
 * "a\b.cfg" and "20261122-093005" become "a\b.20261122-093005.cfg"; with a number over 1 "a\b.20261122-093005-2.cfg". Where
 * that is too long for a component, or for path (of PATH_TEXT_MAX bytes), the stem is cut, between characters. False if
 * there is no room for a stem at all.
 */
bool stamped_name(const char *asked, const char *stamp, unsigned number, char *path);

#endif
