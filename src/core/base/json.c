#include "core/base/json.h"

#include "core/base/utf8.h"

#include <stdio.h>

#define REPLACEMENT_CHARACTER 0xfffdu

static size_t put_unit(uint32_t unit, char *escape)
{
    static const char digits[] = "0123456789abcdef";
    const char text[] = {
        '\\', 'u', digits[unit >> 12], digits[unit >> 8 & 0xf], digits[unit >> 4 & 0xf], digits[unit & 0xf]};

    memcpy(escape, text, sizeof text);
    return sizeof text;
}

size_t json_escape(const char **text, char escape[JSON_ESCAPE_MAX])
{
    uint32_t character = REPLACEMENT_CHARACTER;
    size_t size = 0;

    if (utf8_length(*text) > 0)
        character = utf8_next(text);
    else
        ++*text;
    if (character > 0xffff) {
        size = put_unit(0xd800 + ((character - 0x10000) >> 10), escape);
        return size + put_unit(0xdc00 + (character & 0x3ff), escape + size);
    }
    if (character < 0x20 || character > 0x7e)
        return put_unit(character, escape);
    if (character == '"' || character == '\\')
        escape[size++] = '\\';
    escape[size++] = (char)character;
    return size;
}

static void put(struct json *json, const char *text)
{
    json->put(json->out, text, strlen(text));
}

static void put_string(struct json *json, const char *value)
{
    char escape[JSON_ESCAPE_MAX];

    put(json, "\"");
    while (*value != 0) {
        size_t size = json_escape(&value, escape);
        json->put(json->out, escape, size);
    }
    put(json, "\"");
}

static void put_line_end(struct json *json)
{
    if (!json->is_indented)
        return;
    put(json, "\n");
    for (unsigned i = 0; i < json->depth; i++)
        put(json, "  ");
}

static void begin_member(struct json *json, const char *name)
{
    if (json->has_member)
        put(json, ",");
    if (json->depth > 0)
        put_line_end(json);
    json->has_member = true;
    if (name != NULL) {
        put_string(json, name);
        put(json, json->is_indented ? ": " : ":");
    }
}

void json_open(struct json *json, const char *name, char kind)
{
    ASSERT(kind == '{' || kind == '[');
    begin_member(json, name);
    json->put(json->out, &kind, 1);
    json->depth++;
    json->has_member = false;
}

void json_close(struct json *json, char kind)
{
    ASSERT((kind == '{' || kind == '[') && json->depth > 0);
    json->depth--;
    if (json->has_member)
        put_line_end(json);
    put(json, kind == '{' ? "}" : "]");
    if (json->depth == 0)
        put_line_end(json);
    json->has_member = true;
}

void json_text(struct json *json, const char *name, const char *value)
{
    begin_member(json, name);
    if (value != NULL)
        put_string(json, value);
    else
        put(json, "null");
}

void json_number(struct json *json, const char *name, uint64_t value)
{
    char text[sizeof "18446744073709551615"];

    begin_member(json, name);
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    put(json, text);
}

void json_thousandths(struct json *json, const char *name, uint64_t value)
{
    char text[sizeof "18446744073709551.615"];

    begin_member(json, name);
    snprintf(text, sizeof text, "%llu.%03u", (unsigned long long)(value / 1000), (unsigned)(value % 1000));
    put(json, text);
}

void json_bool(struct json *json, const char *name, bool value)
{
    begin_member(json, name);
    put(json, value ? "true" : "false");
}
