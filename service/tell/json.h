/*
 * A JSON text, written member by member. A text that memory does not suffice for becomes NULL at the end, never a part.
 */
#ifndef SERVICE_JSON_H
#define SERVICE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begin with zeroes. */
struct json {
    char *text;
    size_t used;
    size_t room;
    unsigned depth;
    bool has_member; /* of the innermost object or array: a comma is due */
    bool is_out_of_memory;
};

/* kind is '{' or '['; name is NULL in an array and for the outermost. */
void json_open(struct json *json, const char *name, char kind);
void json_close(struct json *json, char kind);
/* value is UTF-8; NULL is written as null. */
void json_text(struct json *json, const char *name, const char *value);
void json_number(struct json *json, const char *name, uint64_t value);
void json_bool(struct json *json, const char *name, bool value);

/* The whole text with a line end, to be freed by the caller; NULL when memory was out. */
char *json_end(struct json *json);

#endif
