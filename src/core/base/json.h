/*
 * JSON (RFC 8259), written member by member to whoever takes it. In ASCII alone: whatever reads the output of a program in
 * some code page, as PowerShell 5.1 and `for /f` do, then still gets every name right.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include "core/base/bytes.h"

enum { JSON_ESCAPE_MAX = 12 };
/*
 * How the first character of this UTF-8, which is not empty, stands in a string (section 7): itself, or its escape, which is
 * two surrogates above U+FFFF. A byte that is no UTF-8 stands as U+FFFD. Moves *text past it. Returns the length, at
 * most six for each byte of text; escape has no NUL.
 */
size_t json_escape(const char **text, char escape[JSON_ESCAPE_MAX]);

typedef void json_put(void *out, const char *bytes, size_t size);

/* The first three are the caller's, the rest begins with zeroes. */
struct json {
    json_put *put;
    void *out;
    bool is_indented; /* for people, a line for each member; else all on one line */
    unsigned depth;
    bool has_member; /* of the innermost object or array: a comma is due */
};

/* kind is '{' or '['; name is NULL in an array and for the outermost. */
void json_open(struct json *json, const char *name, char kind);
void json_close(struct json *json, char kind);
/* value is UTF-8; NULL is written as null. */
void json_text(struct json *json, const char *name, const char *value);
void json_number(struct json *json, const char *name, uint64_t value);
/* Seconds of milliseconds, and the like: the number with three digits behind the point. */
void json_thousandths(struct json *json, const char *name, uint64_t value);
void json_bool(struct json *json, const char *name, bool value);

#endif
