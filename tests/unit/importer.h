/*
 * One import, what is put into it, and what it says.
 */
#ifndef UNIT_IMPORTER_H
#define UNIT_IMPORTER_H

#include "core/import/import.h"

extern struct import import;

struct import_value importer_text(const char *text);
struct import_value importer_number(uint64_t number);
/* Items separated by ';'; lent until the next call. */
struct import_value importer_list(const char *typed);

/* The base of relative directories is D:\tftpd64. */
void importer_begin(enum import_source source, const char *service);
void importer_put(const char *name, struct import_value value);
void importer_put_at(const char *key, const char *name, struct import_value value);
/* A whole import of such a file. */
void importer_map_ini(const char *text);
void importer_map_dnsmasq(const char *text);

/* The row of this parameter, or of this old setting; NULL if there is none. */
struct import_row *importer_find(const char *name);
/* As people read it; of NULL, too. */
const char *importer_row_text(const struct import_row *row);
/* The parameter in the draft. */
const char *importer_value(const char *parameter);
/* A row of this old setting has this in its text. */
bool importer_says(const char *name, const char *expected);

#endif
