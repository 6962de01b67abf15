/*
 * Texts on their way in and out: parameters from whatever stands in the registry or behind --set, and events as lines of
 * the log and of JSON. The input is a list of entries, each a letter that says what is done, a byte that picks the
 * parameter or the event, and texts that end with a NUL.
 */
#include "fuzz.h"

#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/bootrules/rules.h"
#include "core/events/event.h"
#include "core/settings/config.h"

#include <stdio.h>

enum {
    TEXT_MAX = 1024,
    STRETCHED_MAX = CONFIG_LIST_BYTES_MAX + 200,
    VALUE_MAX = CONFIG_LIST_BYTES_MAX + 16,
    ENTRIES_MAX = 16
};

/* -- parameters ---------------------------------------------------------------------------------------------------- */

static const void *field_of(const struct config *config, const struct config_parameter *parameter)
{
    return (const char *)config + parameter->offset;
}

/* Made once, for speed. */
static const struct config *defaults(void)
{
    static struct config made;

    if (made.port == 0)
        config_defaults(&made);
    return &made;
}

static void check_list(const struct text_list *list, const struct config_parameter *p)
{
    unsigned count = 0;
    size_t size = 0;

    for (const char *item = text_list_next(list, NULL); item != NULL; item = text_list_next(list, item)) {
        size_t length = strlen(item);
        MUST(length > 0 && item[0] != ' ' && item[length - 1] != ' ' && utf8_is_valid(span_of_text(item)));
        MUST(p->accepts == NULL || p->accepts(item));
        count++;
        size += length + 1;
    }
    MUST(count == list->count && size == list->size);
    MUST(count <= CONFIG_LIST_ITEMS_MAX && size <= CONFIG_LIST_BYTES_MAX);
}

static void check_value(const struct config *config, const struct config_parameter *p)
{
    const void *value = field_of(config, p);
    const struct port_range *range = value;
    unsigned choices = 0;

    switch (p->kind) {
    case CONFIG_NUMBER: MUST(*(const uint32_t *)value >= p->low && *(const uint32_t *)value <= p->high); break;
    case CONFIG_BYTES: MUST(*(const uint64_t *)value >= p->low && *(const uint64_t *)value <= p->high); break;
    case CONFIG_TEXT: MUST(p->accepts(value) && utf8_is_valid(span_of_text(value))); break;
    case CONFIG_RANGE: MUST(range->low <= range->high && (range->low > 0 || range->high == 0)); break;
    case CONFIG_PATTERNS: check_list(value, p); break;
    case CONFIG_CHOICE:
        while (p->choices[choices] != NULL)
            choices++;
        MUST(*(const uint32_t *)value < choices);
        break;
    }
}

/* A value told as text and typed again is the same value. */
static void check_round_trip(const struct config *config, const struct config_parameter *p)
{
    static struct config again;
    char text[VALUE_MAX], cut[64];
    struct config_problem problem;
    const struct text_list *list = field_of(config, p);

    config_value_text(config, p, text, sizeof text);
    for (size_t size = 1; size <= sizeof cut; size = size * 2 + 1) {
        config_value_text(config, p, cut, size);
        MUST(strlen(cut) < size && strncmp(text, cut, strlen(cut)) == 0 && utf8_is_valid(span_of_text(cut)));
    }
    if (p->kind == CONFIG_PATTERNS &&
        (!list->is_present || (list->size > 0 && memchr(list->items, ';', list->size) != NULL)))
        return;
    memcpy(&again, defaults(), sizeof again);
    MUST(config_set_typed(&again, p, text, &problem) && config_value_equal(config, &again, p));
    config_fall_back(&again, p, defaults());
    config_copy_value(&again, config, p);
    MUST(config_value_equal(config, &again, p));
}

static void check_others(const struct config *before, const struct config *after, const struct config_parameter *p)
{
    for (size_t i = 0; i < config_parameter_count; i++)
        MUST(&config_parameters[i] == p || config_value_equal(before, after, &config_parameters[i]));
}

/* '|' stands between the items of a list. */
static bool set_items(struct config *draft, const struct config_parameter *p, char *text,
                      struct config_problem *problem)
{
    size_t size = strlen(text) + 1;

    for (char *bar = strchr(text, '|'); bar != NULL; bar = strchr(bar + 1, '|'))
        *bar = 0;
    return config_set_list(draft, p, text, size, problem);
}

/* Limits lie farther than a short input reaches. */
static char *stretch(const char *text, char *stretched)
{
    size_t length = strlen(text);

    for (size_t i = 0; i + 1 < STRETCHED_MAX && length > 0; i++)
        stretched[i] = text[i % length];
    stretched[length > 0 ? STRETCHED_MAX - 1 : 0] = 0;
    return stretched;
}

static uint64_t number_from(const char *text)
{
    uint64_t number = 0;

    for (; *text != 0; text++)
        number = number << 8 | (uint8_t)*text;
    return number;
}

static bool set(struct config *draft, char way, const struct config_parameter *p, char *text,
                struct config_problem *problem)
{
    char stretched[STRETCHED_MAX];

    switch (way) {
    case 't': return config_set_text(draft, p, text, problem);
    case 'y': return config_set_typed(draft, p, text, problem);
    case 'l': return set_items(draft, p, text, problem);
    case 's': return config_set_typed(draft, p, stretch(text, stretched), problem);
    case 'i': return set_items(draft, p, stretch(text, stretched), problem);
    default: return config_set_number(draft, p, number_from(text), problem);
    }
}

static void run_setting(struct config *draft, char way, const struct config_parameter *p, char *text)
{
    static struct config before;
    struct config_problem problem = {""};

    memcpy(&before, draft, sizeof before);
    if (set(draft, way, p, text, &problem)) {
        check_value(draft, p);
        check_others(&before, draft, p);
        check_round_trip(draft, p);
        return;
    }
    MUST(memcmp(&before, draft, sizeof before) == 0);
    MUST(memchr(problem.text, 0, sizeof problem.text) != NULL && utf8_is_valid(span_of_text(problem.text)));
    MUST(strncmp(problem.text, p->name, strlen(p->name)) == 0 && strstr(problem.text, " is refused: ") != NULL);
}

/* With nothing good to go back to, the lists that say who may have what admit nobody. */
static void run_fall_back(struct config *draft, const struct config_parameter *p, bool has_last_good)
{
    static const char *const closed[] = {"Clients", "Masters", "Readable", "Writable", "Access"};
    static struct config before;
    const struct text_list *list = field_of(draft, p);
    bool is_closed = false;

    memcpy(&before, draft, sizeof before);
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
        is_closed |= strcmp(closed[i], p->name) == 0;
    config_fall_back(draft, p, has_last_good ? defaults() : NULL);
    check_others(&before, draft, p);
    if (is_closed && !has_last_good)
        MUST(list->is_present && list->count == 0 && list->size == 0);
    else if (p->judges != NULL && !has_last_good)
        MUST(list->is_refused && list->count == 0 && list->size == 0);
    else if (strcmp(p->name, "PxeUnknown") == 0 && !has_last_good)
        MUST(draft->pxe_unknown == BOOT_UNKNOWN_IGNORE);
    else
        MUST(config_value_equal(draft, defaults(), p));
}

/* -- events -------------------------------------------------------------------------------------------------------- */

static unsigned read_unit(const char **json)
{
    unsigned unit = 0;

    MUST(sscanf(*json, "\\u%4x", &unit) == 1 && strspn(*json + 2, "0123456789abcdefABCDEF") >= 4);
    *json += 6;
    return unit;
}

/* What \u stands for, two surrogates included, as UTF-8. Returns where it ends. */
static char *read_escaped(const char **json, char *text)
{
    uint32_t character = read_unit(json);

    if (character >= 0xd800 && character < 0xdc00) {
        unsigned low = read_unit(json);
        MUST(low >= 0xdc00 && low < 0xe000);
        character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
    }
    MUST(character != 0 && (character < 0xd800 || character >= 0xe000));
    unsigned behind = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    static const uint8_t leads[] = {0, 0xc0, 0xe0, 0xf0};
    *text++ = (char)(leads[behind] | (character >> (6 * behind)));
    while (behind-- > 0)
        *text++ = (char)(0x80 | ((character >> (6 * behind)) & 0x3f));
    return text;
}

/* The string at *json, which stands on its quotation mark, decoded into text; strictly by RFC 8259. */
static void read_string(const char **json, char *text)
{
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *c = *json;

    MUST(*c++ == '"');
    while (*c != '"') {
        MUST((uint8_t)*c >= 0x20 && (uint8_t)*c < 0x7f);
        if (*c != '\\') {
            *text++ = *c++;
            continue;
        }
        const char *escape = c[1] != 0 ? strchr(escapes, c[1]) : NULL;
        if (escape != NULL) {
            *text++ = meanings[escape - escapes];
            c += 2;
        } else {
            text = read_escaped(&c, text);
        }
    }
    *text = 0;
    *json = c + 1;
}

/* One flat object of strings and numbers. Returns the members; the values of name and text are kept. */
static unsigned read_json(const char *json, char *name, char *text)
{
    char key[TEXT_MAX], value[EVENT_JSON_MAX];
    unsigned members = 0;

    MUST(*json == '{' && utf8_is_valid(span_of_text(json)));
    do {
        json++;
        read_string(&json, key);
        MUST(*json++ == ':');
        if (*json == '"') {
            read_string(&json, value);
            if (strcmp(key, "name") == 0)
                memcpy(name, value, strlen(value) + 1);
            if (strcmp(key, "text") == 0)
                memcpy(text, value, strlen(value) + 1);
        } else {
            size_t digits = strspn(json, "0123456789");
            MUST(digits > 0 && (digits == 1 || *json != '0'));
            json += digits;
        }
        members++;
    } while (*json == ',');
    MUST(json[0] == '}' && json[1] == 0);
    return members;
}

/* The text put together from its inserts, as Windows does it with the texts of the exe. */
static void check_inserts(const struct event *event, const char *text)
{
    const struct event_kind *kind = event_kind(event->id);
    const char *inserts[EVENT_INSERTS_MAX], *names[EVENT_INSERTS_MAX];
    char buffer[EVENT_INSERT_BYTES_MAX], joined[EVENT_TEXT_MAX * 2] = "";
    size_t count = event_inserts(event, inserts, buffer);
    size_t used = 0, next = 0;

    MUST(count <= EVENT_INSERTS_MAX && event_field_names(kind, names) == count);
    for (const char *from = kind->text; *from != 0;) {
        size_t length = next < count ? strlen(names[next]) : 0;
        if (*from == '{' && next < count && strncmp(from + 1, names[next], length) == 0 && from[length + 1] == '}') {
            used += (size_t)snprintf(joined + used, sizeof joined - used, "%s", inserts[next++]);
            from += length + 2;
        } else {
            joined[used++] = *from++;
            joined[used] = 0;
        }
    }
    MUST(next == count && strcmp(joined, text) == 0);
}

static void check_event(const struct event *event)
{
    const struct event_kind *kind = event_kind(event->id);
    char text[EVENT_TEXT_MAX], cut[64], json[EVENT_JSON_MAX], json_name[EVENT_JSON_MAX] = "", json_text[EVENT_JSON_MAX];

    MUST(kind != NULL && event_level_text(kind->level)[0] != 0 && event_category_text(kind->category)[0] != 0);
    event_text(event, text, sizeof text);
    MUST(strlen(text) + 1 < sizeof text && utf8_is_valid(span_of_text(text)));
    for (size_t size = 1; size <= sizeof cut; size = size * 2 + 1)
        MUST(strlen(event_text(event, cut, size)) < size && strncmp(cut, text, strlen(cut)) == 0);
    check_inserts(event, text);
    memset(json, 'x', sizeof json);
    size_t length = event_json(event, "2026-11-22T07:40:01.123Z", json);
    MUST(length < sizeof json && length == strlen(json));
    MUST(read_json(json, json_name, json_text) >= 6 && strcmp(json_text, text) == 0);
    MUST(json_name[0] == 0 || strcmp(json_name, event->name) == 0);
    MUST(event_is_forgeable(event) == (kind->category == CATEGORY_REQUEST || event->is_unproven));
}

/* As the journal hands them out: valid, without control characters. */
static char *clean(char *text)
{
    bool is_valid = utf8_is_valid(span_of_text(text));

    for (char *c = text; *c != 0; c++)
        if ((uint8_t)*c < 0x20 || *c == 0x7f || ((uint8_t)*c >= 0x80 && !is_valid))
            *c = '?';
    return text;
}

static void run_event(struct feed *feed)
{
    char name[TEXT_MAX], detail[TEXT_MAX];
    unsigned row = feed_byte(feed);

    clean(feed_text(feed, name, sizeof name));
    clean(feed_text(feed, detail, sizeof detail));
    struct event event = event_of(event_kinds[row % event_kind_count].id, row == 255 ? NULL : name, detail);
    MUST(utf8_is_valid(span_of_text(event.name)) && utf8_is_valid(span_of_text(event.detail)));
    event.number = row * UINT64_C(0x0101010101010101);
    event.bytes = event.number * 3;
    event.duration_ms = event.number >> row % 64;
    event.blocks_resent = row;
    event.words = row % 2 ? "words" : NULL;
    event.client = endpoint_ipv4(10, 0, 0, (uint8_t)row, 69);
    if (row % 3 == 0)
        event.client.address[0] = 0xfe;
    event.client.scope = row % 3 == 0 ? row * 65537u : 0;
    check_event(&event);
}

static void run_report(struct feed *feed)
{
    char name[TEXT_MAX], words[TEXT_MAX];
    struct endpoint client = endpoint_ipv4(10, 0, 0, 1, 2070);
    struct agreement agreement = {.blksize = 1428, .windowsize = 1};
    struct transfer_report report = {
        .outcome = (enum transfer_outcome)feed_below(feed, OUTCOME_COUNT),
        .status = (enum status)feed_below(feed, STATUS_BROKEN + 1),
    };
    unsigned flags = feed_byte(feed);

    clean(feed_text(feed, name, sizeof name));
    feed_text(feed, words, sizeof words);
    report.client_text = span_of_text(words);
    report.client_code = (uint16_t)(flags * 257);
    report.bytes = flags * UINT64_C(0x10101010101);
    agreement.blksize = flags & 4 ? 65464 : 512;
    struct event event = event_of_transfer(name, &client, flags & 1, flags & 2, &agreement, &report, flags & 8);
    MUST(event.is_unproven == ((flags & 8) != 0));
    check_event(&event);
    event = event_of_beginning(name, &client, flags & 1, flags & 2, &agreement);
    check_event(&event);
}

/* Whatever is no UTF-8 comes back as U+FFFD, a byte each. */
static void run_json(const char *text)
{
    static char json[TEXT_MAX * JSON_ESCAPE_MAX + 3], again[TEXT_MAX * 3], wanted[TEXT_MAX * 3];
    const char *start = json;
    size_t used = 1, length = 0;

    json[0] = '"';
    for (const char *c = text; *c != 0;) {
        const char *from = c;
        size_t size = json_escape(&c, json + used);
        MUST(size >= 1 && size <= JSON_ESCAPE_MAX && size <= 6 * (size_t)(c - from));
        used += size;
        bool is_utf8 = utf8_is_valid(span_of(from, (size_t)(c - from)));
        MUST(is_utf8 || c == from + 1);
        length += (size_t)snprintf(wanted + length, sizeof wanted - length, "%.*s", is_utf8 ? (int)(c - from) : 3,
                                   is_utf8 ? from : "\xef\xbf\xbd");
    }
    json[used] = '"';
    json[used + 1] = 0;
    read_string(&start, again);
    MUST(start == json + used + 1 && memcmp(again, wanted, length) == 0 && again[length] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct config draft;
    struct feed feed = {bytes, size};
    char text[TEXT_MAX];

    memcpy(&draft, defaults(), sizeof draft);
    for (unsigned entries = 0; feed.size > 0 && entries < ENTRIES_MAX; entries++) {
        char way = (char)feed_byte(&feed);
        if (way == 'e') {
            run_event(&feed);
        } else if (way == 'r') {
            run_report(&feed);
        } else if (way == 'j') {
            run_json(feed_text(&feed, text, sizeof text));
        } else {
            const struct config_parameter *p = &config_parameters[feed_byte(&feed) % config_parameter_count];
            MUST(config_find(p->name) == p);
            feed_text(&feed, text, sizeof text);
            if (way == 'f')
                run_fall_back(&draft, p, text[0] != 0);
            else
                run_setting(&draft, way, p, text);
        }
    }
    return 0;
}
