#include "core/events/event.h"

#include "core/base/json.h"

#include <stdio.h>

enum field {
    FIELD_CLIENT,
    FIELD_NAME,
    FIELD_DETAIL,
    FIELD_WORDS,
    FIELD_MODE,
    FIELD_OPTIONS,
    FIELD_BYTES,
    FIELD_DURATION,
    FIELD_RESENT,
    FIELD_NUMBER,
    FIELD_MAC, /* with what leads to it; empty where it is not known */
    FIELD_COUNT
};

static const char *const field_names[FIELD_COUNT] = {"client", "name",     "detail", "words",  "mode", "options",
                                                     "bytes",  "duration", "resent", "number", "mac"};

static void field_text(const struct event *event, enum field field, char *text, size_t size)
{
    char address[ENDPOINT_TEXT_MAX], mac[MAC_NOTE_MAX];

    switch (field) {
    case FIELD_CLIENT: snprintf(text, size, "%s", endpoint_text(&event->client, address)); break;
    case FIELD_NAME: snprintf(text, size, "%s", event->name); break;
    case FIELD_DETAIL: snprintf(text, size, "%s", event->detail); break;
    case FIELD_WORDS: snprintf(text, size, "%s", event->words ? event->words : ""); break;
    case FIELD_MODE: snprintf(text, size, "%s", event->is_netascii ? "netascii" : "octet"); break;
    case FIELD_OPTIONS: options_text(&event->agreement, text, size); break;
    case FIELD_DURATION:
        snprintf(text, size, "%llu.%03u s", (unsigned long long)(event->duration_ms / 1000),
                 (unsigned)(event->duration_ms % 1000));
        break;
    case FIELD_BYTES: snprintf(text, size, "%llu", (unsigned long long)event->bytes); break;
    case FIELD_MAC: snprintf(text, size, "%s", mac_note(&event->mac, mac)); break;
    case FIELD_RESENT: snprintf(text, size, "%llu", (unsigned long long)event->blocks_resent); break;
    default: snprintf(text, size, "%llu", (unsigned long long)event->number); break;
    }
}

/* The field named behind the brace at text, and how long its name with both braces is; FIELD_COUNT if none. */
static enum field field_at(const char *text, size_t *length)
{
    for (enum field field = 0; field < FIELD_COUNT; field++) {
        size_t name_length = strlen(field_names[field]);
        if (strncmp(text + 1, field_names[field], name_length) == 0 && text[1 + name_length] == '}') {
            *length = name_length + 2;
            return field;
        }
    }
    return FIELD_COUNT;
}

char *event_text(const struct event *event, char *text, size_t size)
{
    const struct event_kind *kind = event_kind(event->id);
    size_t used = 0;

    ASSERT(kind != NULL && size > 0);
    text[0] = 0;
    for (const char *from = kind->text; *from != 0 && used + 1 < size;) {
        size_t length;
        enum field field = *from == '{' ? field_at(from, &length) : FIELD_COUNT;
        if (field == FIELD_COUNT) {
            text[used++] = *from++;
            text[used] = 0;
            continue;
        }
        field_text(event, field, text + used, size - used);
        used += strlen(text + used);
        from += length;
    }
    return text;
}

size_t event_inserts(const struct event *event, const char *inserts[EVENT_INSERTS_MAX], char *buffer)
{
    const struct event_kind *kind = event_kind(event->id);
    size_t count = 0;
    size_t used = 0;

    ASSERT(kind != NULL);
    for (const char *from = strchr(kind->text, '{'); from != NULL; from = strchr(from + 1, '{')) {
        size_t length;
        enum field field = field_at(from, &length);
        if (field == FIELD_COUNT)
            continue;
        ASSERT(count < EVENT_INSERTS_MAX);
        field_text(event, field, buffer + used, EVENT_INSERT_BYTES_MAX - used);
        inserts[count++] = buffer + used;
        used += strlen(buffer + used) + 1;
        if (used == EVENT_INSERT_BYTES_MAX)
            used--;
    }
    return count;
}

size_t event_field_names(const struct event_kind *kind, const char *names[EVENT_INSERTS_MAX])
{
    size_t count = 0;

    for (const char *from = strchr(kind->text, '{'); from != NULL; from = strchr(from + 1, '{')) {
        size_t length;
        enum field field = field_at(from, &length);
        if (field != FIELD_COUNT)
            names[count++] = field_names[field];
    }
    return count;
}

/* -- JSON ---------------------------------------------------------------------------------------------------------- */

/* A line under way. All that an event can hold fits, which the tests see to. */
struct line {
    char *text;
    size_t used;
};

static void put(void *context, const char *bytes, size_t size)
{
    struct line *line = context;

    ASSERT(size < EVENT_JSON_MAX - line->used);
    memcpy(line->text + line->used, bytes, size);
    line->used += size;
    line->text[line->used] = 0;
}

static void put_event_name(struct json *json, const char *name)
{
    char lower[EVENT_NAME_MAX];
    size_t used = 0;

    for (; *name != 0 && used + 1 < sizeof lower; name++)
        lower[used++] = ascii_lower(*name);
    lower[used] = 0;
    json_text(json, "event", lower);
}

static void put_field(struct json *json, const struct event *event, enum field field)
{
    char text[EVENT_NAME_MAX];

    switch (field) {
    case FIELD_CLIENT:
        json_text(json, "client", endpoint_address_text(&event->client, text));
        json_number(json, "port", event->client.port);
        break;
    case FIELD_BYTES: json_number(json, "bytes", event->bytes); break;
    case FIELD_DURATION: json_number(json, "duration_ms", event->duration_ms); break;
    case FIELD_RESENT: json_number(json, "resent", event->blocks_resent); break;
    case FIELD_NUMBER: json_number(json, "number", event->number); break;
    case FIELD_MAC:
        if (event->mac.source == MAC_UNKNOWN)
            break;
        json_text(json, "mac", mac_text(event->mac.bytes, text));
        json_text(json, "mac_source", mac_source_name(event->mac.source));
        break;
    default: field_text(event, field, text, sizeof text); json_text(json, field_names[field], text);
    }
}

size_t event_json(const struct event *event, const char *time, char *text)
{
    const struct event_kind *kind = event_kind(event->id);
    struct line line = {text, 0};
    struct json json = {.put = put, .out = &line};
    char said[EVENT_TEXT_MAX];

    ASSERT(kind != NULL);
    json_open(&json, NULL, '{');
    json_text(&json, "time", time);
    json_number(&json, "id", kind->id);
    json_text(&json, "level", event_level_text(kind->level));
    json_text(&json, "category", event_category_text(kind->category));
    put_event_name(&json, kind->name);
    for (const char *from = strchr(kind->text, '{'); from != NULL; from = strchr(from + 1, '{')) {
        size_t length;
        enum field field = field_at(from, &length);
        if (field != FIELD_COUNT)
            put_field(&json, event, field);
    }
    json_text(&json, "text", event_text(event, said, sizeof said));
    json_close(&json, '{');
    return line.used;
}
