#include "core/settings/config.h"

#include "core/base/utf8.h"
#include "core/bootrules/rules.h"

#include <stdio.h>

enum {
    NUMBER_TEXT_MAX = 24,
    SHOWN_VALUE_MAX = 81 /* of a refused value, NUL included */
};

static bool is_named(const struct config_parameter *parameter, const char *name)
{
    for (const char *known = parameter->name; known != NULL;
         known = known == parameter->alias ? NULL : parameter->alias) {
        size_t i = 0;
        while (name[i] != 0 && ascii_lower(name[i]) == ascii_lower(known[i]))
            i++;
        if (name[i] == 0 && known[i] == 0)
            return true;
    }
    return false;
}

const struct config_parameter *config_find(const char *name)
{
    for (size_t i = 0; i < config_parameter_count; i++)
        if (is_named(&config_parameters[i], name))
            return &config_parameters[i];
    return NULL;
}

static void *field_of(struct config *config, const struct config_parameter *parameter)
{
    return (char *)config + parameter->offset;
}

static const void *value_of(const struct config *config, const struct config_parameter *parameter)
{
    return (const char *)config + parameter->offset;
}

static bool refuse(struct config_problem *problem, const struct config_parameter *parameter, const char *value,
                   const char *why)
{
    char shown[SHOWN_VALUE_MAX];

    utf8_copy(shown, sizeof shown, value);
    snprintf(problem->text, sizeof problem->text, "%s = \"%s\" is refused: %s", parameter->name, shown, why);
    return false;
}

/* Where why says itself what of the value is wrong. */
static bool refuse_whole(struct config_problem *problem, const struct config_parameter *parameter, const char *why)
{
    char text[2 * CONFIG_PROBLEM_MAX];

    snprintf(text, sizeof text, "%s is refused: %s", parameter->name, why);
    utf8_copy(problem->text, sizeof problem->text, text);
    return false;
}

static bool refuse_form(struct config_problem *problem, const struct config_parameter *parameter, const char *value)
{
    char why[CONFIG_PROBLEM_MAX / 2];

    snprintf(why, sizeof why, "it takes %s", parameter->expects);
    return refuse(problem, parameter, value, why);
}

static bool refuse_number(struct config_problem *problem, const struct config_parameter *parameter, const char *value)
{
    char why[CONFIG_PROBLEM_MAX / 2];

    snprintf(why, sizeof why, "it takes a number from %llu to %llu", (unsigned long long)parameter->low,
             (unsigned long long)parameter->high);
    return refuse(problem, parameter, value, why);
}

bool config_set_number(struct config *draft, const struct config_parameter *parameter, uint64_t number,
                       struct config_problem *problem)
{
    char text[NUMBER_TEXT_MAX];

    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    /* The original took Masters = REG_DWORD 0 for "nobody". */
    if (parameter->kind == CONFIG_PATTERNS && number == 0)
        return config_set_list(draft, parameter, "", 0, problem);
    if (parameter->kind == CONFIG_RANGE)
        return config_set_text(draft, parameter, text, problem);
    if (parameter->kind != CONFIG_NUMBER && parameter->kind != CONFIG_BYTES)
        return refuse(problem, parameter, text, "it takes a text, not a number");
    if (number < parameter->low || number > parameter->high)
        return refuse_number(problem, parameter, text);
    if (parameter->kind == CONFIG_NUMBER)
        *(uint32_t *)field_of(draft, parameter) = (uint32_t)number;
    else
        *(uint64_t *)field_of(draft, parameter) = number;
    return true;
}

static bool set_range(struct config *draft, const struct config_parameter *parameter, const char *text,
                      struct config_problem *problem)
{
    const char *dash = strchr(text, '-');
    size_t low_length = dash ? (size_t)(dash - text) : strlen(text);
    uint64_t low;
    uint64_t high;

    if (!span_to_number(span_of(text, low_length), UINT16_MAX, &low) ||
        !span_to_number(span_of_text(dash ? dash + 1 : text), UINT16_MAX, &high) || low > high ||
        (low == 0 && high > 0))
        return refuse(problem, parameter, text, "it takes two ports as low-high, such as 50000-50063, or 0");
    *(struct port_range *)field_of(draft, parameter) = (struct port_range){(uint16_t)low, (uint16_t)high};
    return true;
}

static bool set_choice(struct config *draft, const struct config_parameter *parameter, const char *text,
                       struct config_problem *problem)
{
    for (uint32_t i = 0; parameter->choices[i] != NULL; i++)
        if (span_is_word(span_of_text(text), parameter->choices[i])) {
            *(uint32_t *)field_of(draft, parameter) = i;
            return true;
        }
    return refuse_form(problem, parameter, text);
}

bool config_set_text(struct config *draft, const struct config_parameter *parameter, const char *text,
                     struct config_problem *problem)
{
    uint64_t number;

    if (!utf8_is_valid(span_of_text(text)))
        return refuse(problem, parameter, "?", "it is not valid text");
    switch (parameter->kind) {
    case CONFIG_NUMBER:
    case CONFIG_BYTES:
        if (!span_to_number(span_of_text(text), parameter->high, &number))
            return refuse_number(problem, parameter, text);
        return config_set_number(draft, parameter, number, problem);
    case CONFIG_TEXT:
        if (strlen(text) >= CONFIG_DIRECTORY_MAX)
            return refuse(problem, parameter, text, "it is too long");
        if (!parameter->accepts(text))
            return refuse_form(problem, parameter, text);
        memcpy(field_of(draft, parameter), text, strlen(text) + 1);
        return true;
    case CONFIG_RANGE: return set_range(draft, parameter, text, problem);
    case CONFIG_CHOICE: return set_choice(draft, parameter, text, problem);
    case CONFIG_PATTERNS: break;
    }
    return config_set_list(draft, parameter, text, strlen(text) + 1, problem);
}

static bool add_item(struct text_list *list, const struct config_parameter *parameter, struct span item,
                     struct config_problem *problem)
{
    char *place = list->items + list->size;

    if (list->count == CONFIG_LIST_ITEMS_MAX || item.size >= sizeof list->items - list->size)
        return refuse(problem, parameter, "...", "it has more than 256 items or 4096 bytes");
    memcpy(place, item.bytes, item.size);
    place[item.size] = 0;
    if (!utf8_is_valid(item))
        return refuse(problem, parameter, "?", "it is not valid text");
    if (parameter->accepts != NULL && !parameter->accepts(place))
        return refuse_form(problem, parameter, place);
    list->size = (uint16_t)(list->size + item.size + 1);
    list->count++;
    return true;
}

bool config_set_list(struct config *draft, const struct config_parameter *parameter, const char *items, size_t size,
                     struct config_problem *problem)
{
    struct text_list list = {.is_present = true};
    char why[CONFIG_PROBLEM_MAX - CONFIG_NAME_MAX];

    if (parameter->kind != CONFIG_PATTERNS)
        return refuse(problem, parameter, "...", "it takes one value, not a list");
    for (size_t start = 0; start < size;) {
        const char *end = memchr(items + start, 0, size - start);
        size_t length = end ? (size_t)(end - items) - start : size - start;
        struct span item = span_trimmed(span_of(items + start, length));
        if (item.size > 0 && !add_item(&list, parameter, item, problem))
            return false;
        start += length + 1;
    }
    if (parameter->judges != NULL && !parameter->judges(parameter->name, &list, why, sizeof why))
        return refuse_whole(problem, parameter, why);
    memcpy(field_of(draft, parameter), &list, sizeof list);
    return true;
}

bool config_set_typed(struct config *draft, const struct config_parameter *parameter, const char *text,
                      struct config_problem *problem)
{
    char items[CONFIG_LIST_BYTES_MAX];
    size_t length = strlen(text);

    if (parameter->kind != CONFIG_PATTERNS)
        return config_set_text(draft, parameter, text, problem);
    if (length >= sizeof items)
        return refuse(problem, parameter, "...", "it is too long");
    memcpy(items, text, length + 1);
    for (char *end = strchr(items, ';'); end != NULL; end = strchr(end + 1, ';'))
        *end = 0;
    return config_set_list(draft, parameter, items, length + 1, problem);
}

static void set_default(struct config *config, const struct config_parameter *parameter)
{
    struct config_problem problem;

    if (parameter->standard == NULL)
        return;
    bool is_set = config_set_typed(config, parameter, parameter->standard, &problem);
    ASSERT(is_set);
}

void config_defaults(struct config *config)
{
    memset(config, 0, sizeof *config);
    for (size_t i = 0; i < config_parameter_count; i++)
        set_default(config, &config_parameters[i]);
}

static void list_text(const struct text_list *list, char *text, size_t size)
{
    size_t used = 0;

    text[0] = 0;
    for (const char *item = text_list_next(list, NULL); item != NULL && used + 1 < size;
         item = text_list_next(list, item)) {
        if (used > 0)
            text[used++] = ';';
        utf8_copy(text + used, size - used, item);
        if (strlen(text + used) < strlen(item))
            return;
        used += strlen(item);
    }
}

char *config_value_text(const struct config *config, const struct config_parameter *parameter, char *text, size_t size)
{
    const void *value = value_of(config, parameter);
    const struct port_range *range = value;

    switch (parameter->kind) {
    case CONFIG_NUMBER: snprintf(text, size, "%u", (unsigned)*(const uint32_t *)value); break;
    case CONFIG_BYTES: snprintf(text, size, "%llu", (unsigned long long)*(const uint64_t *)value); break;
    case CONFIG_TEXT: utf8_copy(text, size, value); break;
    case CONFIG_RANGE:
        snprintf(text, size, range->low == range->high ? "%u" : "%u-%u", (unsigned)range->low, (unsigned)range->high);
        break;
    case CONFIG_CHOICE: snprintf(text, size, "%s", parameter->choices[*(const uint32_t *)value]); break;
    case CONFIG_PATTERNS: list_text(value, text, size); break;
    }
    return text;
}

bool config_value_equal(const struct config *a, const struct config *b, const struct config_parameter *parameter)
{
    const void *x = value_of(a, parameter);
    const void *y = value_of(b, parameter);
    const struct text_list *list = x;
    const struct text_list *other = y;

    switch (parameter->kind) {
    case CONFIG_NUMBER:
    case CONFIG_CHOICE: return *(const uint32_t *)x == *(const uint32_t *)y;
    case CONFIG_BYTES: return *(const uint64_t *)x == *(const uint64_t *)y;
    case CONFIG_TEXT: return strcmp(x, y) == 0;
    case CONFIG_RANGE: return memcmp(x, y, sizeof(struct port_range)) == 0;
    case CONFIG_PATTERNS: break;
    }
    return list->is_present == other->is_present && list->is_refused == other->is_refused &&
           list->size == other->size && memcmp(list->items, other->items, list->size) == 0;
}

void config_copy_value(struct config *to, const struct config *from, const struct config_parameter *parameter)
{
    static const size_t sizes[] = {
        [CONFIG_NUMBER] = sizeof(uint32_t),         [CONFIG_BYTES] = sizeof(uint64_t),
        [CONFIG_TEXT] = CONFIG_DIRECTORY_MAX,       [CONFIG_PATTERNS] = sizeof(struct text_list),
        [CONFIG_RANGE] = sizeof(struct port_range), [CONFIG_CHOICE] = sizeof(uint32_t),
    };

    memcpy(field_of(to, parameter), value_of(from, parameter), sizes[parameter->kind]);
    config_set_source(to, parameter, config_source_of(from, parameter));
}

const char *config_source_text(enum config_source source)
{
    static const char *const texts[] = {
        [CONFIG_FROM_DEFAULT] = "default",
        [CONFIG_FROM_PARAMETERS] = "Parameters",
        [CONFIG_FROM_ARGUMENTS] = "command line",
        [CONFIG_FROM_POLICY] = "policy",
    };

    return texts[source];
}

enum config_source config_source_of(const struct config *config, const struct config_parameter *parameter)
{
    return config->sources[parameter - config_parameters];
}

const char *config_policy_mark(const struct config *config, const struct config_parameter *parameter)
{
    return config_source_of(config, parameter) == CONFIG_FROM_POLICY ? " (policy)" : "";
}

void config_set_source(struct config *config, const struct config_parameter *parameter, enum config_source source)
{
    config->sources[parameter - config_parameters] = (uint8_t)source;
}

/* Those that say who may have what. */
static bool is_access_list(const struct config_parameter *parameter)
{
    static const size_t lists[] = {offsetof(struct config, clients), offsetof(struct config, masters),
                                   offsetof(struct config, readable), offsetof(struct config, writable),
                                   offsetof(struct config, access)};

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (parameter->offset == lists[i])
            return true;
    return false;
}

void config_fall_back(struct config *draft, const struct config_parameter *parameter, const struct config *last_good)
{
    struct config_problem problem;

    if (last_good != NULL) {
        config_copy_value(draft, last_good, parameter);
        return;
    }
    if (is_access_list(parameter))
        config_set_list(draft, parameter, "", 0, &problem);
    else
        set_default(draft, parameter);
    if (parameter->judges != NULL)
        ((struct text_list *)field_of(draft, parameter))->is_refused = true;
    if (parameter->offset == offsetof(struct config, pxe_unknown))
        draft->pxe_unknown = BOOT_UNKNOWN_IGNORE;
}

const struct text_list *config_list(const struct config *config, const struct config_parameter *parameter)
{
    return parameter->kind == CONFIG_PATTERNS ? value_of(config, parameter) : NULL;
}

const char *text_list_next(const struct text_list *list, const char *item)
{
    const char *next = item == NULL ? list->items : item + strlen(item) + 1;

    return next < list->items + list->size ? next : NULL;
}

uint32_t config_ports(const struct config *config)
{
    if (config->single_port)
        return 1;
    if (config->port_range.low == 0)
        return config->transfer_ports;
    uint32_t ports = (uint32_t)(config->port_range.high - config->port_range.low) + 1;
    return ports < CONFIG_TRANSFER_PORTS_MAX ? ports : CONFIG_TRANSFER_PORTS_MAX;
}
