#include "service/tell/json.h"

#include "core/base/json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 4096, INDENT = 2, NUMBER_MAX = 24 };

static void put(struct json *json, const char *bytes, size_t size)
{
    if (json->room - json->used < size + 1) {
        size_t room = (json->room > 0 ? json->room : ROOM_FIRST) * 2 + size;
        char *text = json->is_out_of_memory ? NULL : realloc(json->text, room);
        if (text == NULL) {
            json->is_out_of_memory = true;
            return;
        }
        json->text = text;
        json->room = room;
    }
    memcpy(json->text + json->used, bytes, size);
    json->used += size;
    json->text[json->used] = 0;
}

static void put_text(struct json *json, const char *text)
{
    put(json, text, strlen(text));
}

static void put_line_end(struct json *json)
{
    put_text(json, "\n");
    for (unsigned i = 0; i < json->depth * INDENT; i++)
        put_text(json, " ");
}

static void put_string(struct json *json, const char *value)
{
    char escape[JSON_ESCAPE_MAX];

    put_text(json, "\"");
    while (*value != 0) {
        size_t size = json_escape(&value, escape);
        put(json, escape, size);
    }
    put_text(json, "\"");
}

static void begin_member(struct json *json, const char *name)
{
    if (json->has_member)
        put_text(json, ",");
    if (json->depth > 0)
        put_line_end(json);
    json->has_member = true;
    if (name != NULL) {
        put_string(json, name);
        put_text(json, ": ");
    }
}

void json_open(struct json *json, const char *name, char kind)
{
    begin_member(json, name);
    put(json, &kind, 1);
    json->depth++;
    json->has_member = false;
}

void json_close(struct json *json, char kind)
{
    char end = kind == '{' ? '}' : ']';

    json->depth--;
    if (json->has_member)
        put_line_end(json);
    put(json, &end, 1);
    json->has_member = true;
}

void json_text(struct json *json, const char *name, const char *value)
{
    begin_member(json, name);
    if (value != NULL)
        put_string(json, value);
    else
        put_text(json, "null");
}

void json_number(struct json *json, const char *name, uint64_t value)
{
    char text[NUMBER_MAX];

    begin_member(json, name);
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    put_text(json, text);
}

void json_bool(struct json *json, const char *name, bool value)
{
    begin_member(json, name);
    put_text(json, value ? "true" : "false");
}

char *json_end(struct json *json)
{
    put_text(json, "\n");
    if (!json->is_out_of_memory)
        return json->text;
    free(json->text);
    return NULL;
}
