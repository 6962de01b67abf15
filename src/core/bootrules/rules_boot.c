#include "core/bootrules/rules_line.h"

#include "core/base/nearest.h"
#include "core/base/sheet.h"
#include "core/dhcp/offer.h"

#define IN(list) (1u << BOOT_LIST_##list)

enum { LINE_SHOWN = 80 };
_Static_assert(OFFER_OPTIONS_MAX - BOOT_OPTIONS_MAX >= 0, "an offer has room for the options of a rule");

/* -- what stands behind it ------------------------------------------------------------------------------------------- */

static bool take_network(struct line *line, struct boot_rule *rule)
{
    rule->has_network = true;
    return line_need(line, "the network behind \"on\"") && line_prefix(line, &rule->network);
}

static bool take_server(struct line *line, struct boot_rule *rule)
{
    rule->has_server = true;
    return line_need(line, "the address behind \"server\"") && line_address(line, &rule->server);
}

static bool take_style(struct line *line, struct boot_rule *rule)
{
    static const char *const styles[] = {
        [BOOT_STYLE_DIRECT] = "direct", [BOOT_STYLE_BINL] = "binl", [BOOT_STYLE_MENU] = "menu"};

    if (!line_need(line, "direct, binl or menu behind \"style\""))
        return false;
    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++)
        if (span_is_word(span_of_text(line->word), styles[i])) {
            rule->style = (uint8_t)i;
            return true;
        }
    return line_refuse(line, "\"%.80s\" is no style; write direct, binl or menu", line->word);
}

static bool keep_option(struct line *line, struct boot_option *option, enum offer_value kind, const char *value)
{
    struct endpoint address;
    uint8_t bytes[BOOT_WORD_MAX];
    size_t size = strlen(value);
    uint64_t number;

    memcpy(bytes, value, size + 1);
    if (kind == OFFER_ADDRESS) {
        if (!endpoint_parse_address(&address, span_of_text(value)) || !endpoint_is_ipv4(&address))
            return line_refuse(line, "option %u is an IPv4 address, and \"%.80s\" is none", (unsigned)option->tag,
                               value);
        size = 4;
        memcpy(bytes, endpoint_ipv4_bytes(&address), size);
    } else if (kind == OFFER_SECONDS) {
        if (!span_to_number(span_of_text(value), UINT32_MAX, &number))
            return line_refuse(line, "option %u is a number of seconds, and \"%.80s\" is none", (unsigned)option->tag,
                               value);
        size = 4;
        write_u16(bytes, (uint16_t)(number >> 16));
        write_u16(bytes + 2, (uint16_t)number);
    } else if (kind == OFFER_TEXT_ENDED) {
        size++;
    }
    if (size == 0 || size > BOOT_FILE_MAX)
        return line_refuse(line, "the value of option %u has to have 1 to %d bytes", (unsigned)option->tag,
                           BOOT_FILE_MAX);
    option->size = (uint8_t)size;
    return line_keep_bytes(line, span_of(bytes, size), &option->bytes);
}

static bool refuse_option(struct line *line, unsigned number)
{
    char all[64];
    struct sheet tags = sheet_in(all, sizeof all);

    for (size_t i = 0; i < offer_choice_count; i++)
        sheet_print(&tags, "%s%u", i == 0 ? "" : i + 1 < offer_choice_count ? ", " : " and ", offer_choices[i].tag);
    return line_refuse(line,
                       "option %u is not one that a boot rule sets; those are %s, and what a machine's address needs "
                       "comes from the DHCP server",
                       number, all);
}

static bool take_option(struct line *line, struct boot_rule *rule)
{
    uint64_t number;

    if (!line_need(line, "NUMBER=VALUE behind \"option\""))
        return false;
    const char *equals = strchr(line->word, '=');
    if (equals == NULL || !span_to_number(span_of(line->word, (size_t)(equals - line->word)), UINT8_MAX, &number))
        return line_refuse(line, "an option is written NUMBER=VALUE, as in \"option 252=\\Boot\\BCD\"");
    /* What is there twice its receiver joins (RFC 3396). */
    for (size_t i = 0; i < rule->option_count; i++)
        if (rule->options[i].tag == number)
            return line_refuse(line, "option %u stands there twice; write it once", (unsigned)number);
    if (rule->option_count == BOOT_OPTIONS_MAX)
        return line_refuse(line, "one line has %d options at most", BOOT_OPTIONS_MAX);
    for (size_t i = 0; i < offer_choice_count; i++)
        if (offer_choices[i].tag == number) {
            struct boot_option *option = &rule->options[rule->option_count++];
            option->tag = offer_choices[i].tag;
            return keep_option(line, option, (enum offer_value)offer_choices[i].value, equals + 1);
        }
    return refuse_option(line, (unsigned)number);
}

static bool take_for(struct line *line, struct boot_rule *rule)
{
    rule->has_machines = true;
    return line_need(line, "machines behind \"for\"") && line_machines(line, line->word, &rule->machines);
}

enum { MODIFIERS = 5 };
static const struct {
    const char *word;
    unsigned lists;
    bool is_many; /* may stand there several times */
    bool (*take)(struct line *line, struct boot_rule *rule);
} modifiers[MODIFIERS] = {
    {"on", IN(RULES) | IN(HOSTS), false, take_network},
    {"server", IN(RULES) | IN(HOSTS) | IN(MENU), false, take_server},
    {"style", IN(RULES) | IN(HOSTS), false, take_style},
    {"option", IN(RULES) | IN(HOSTS), true, take_option},
    {"for", IN(MENU), false, take_for},
};

/* The modifier that the word is, of those of this list; MODIFIERS if it is none. */
static size_t modifier_of(const struct line *line)
{
    size_t i = 0;

    while (i < MODIFIERS &&
           !(span_is_word(span_of_text(line->word), modifiers[i].word) && (modifiers[i].lists & 1u << line->list) != 0))
        i++;
    return i;
}

static bool refuse_word(struct line *line)
{
    char near[NEAREST_TEXT_MAX];
    struct nearest nearest;

    nearest_begin(&nearest, line->word);
    for (size_t i = 0; i < MODIFIERS; i++)
        if ((modifiers[i].lists & 1u << line->list) != 0)
            nearest_offer(&nearest, modifiers[i].word);
    nearest_text(&nearest, near);
    if (near[0] != 0)
        return line_refuse(line, "\"%.80s\" is not understood; did you mean %s?", line->word, near);
    return line_refuse(line, "\"%.80s\" is not understood; a word with blanks stands in \"quotes\"", line->word);
}

static bool take_modifiers(struct line *line, struct boot_rule *rule)
{
    enum line_step step;
    unsigned taken = 0;

    while ((step = line_word(line)) == LINE_WORD) {
        size_t which = modifier_of(line);
        if (which == MODIFIERS)
            return refuse_word(line);
        if ((!modifiers[which].is_many && !line_once(line, &taken, which)) || !modifiers[which].take(line, rule))
            return false;
    }
    return step == LINE_END;
}

/* -- what is done with a machine ------------------------------------------------------------------------------------- */

enum { ACTIONS = 5 };
static const struct {
    const char *word;
    enum boot_action action;
    unsigned lists;
} actions[ACTIONS] = {
    {"answer", BOOT_ANSWER, IN(HOSTS) | IN(MENU)},
    {"ignore", BOOT_IGNORE, IN(RULES) | IN(HOSTS)},
    {"local", BOOT_LOCAL, IN(RULES) | IN(HOSTS) | IN(MENU)},
    {"wait", BOOT_WAIT, IN(RULES) | IN(HOSTS)},
    {"shared", BOOT_SHARED, IN(HOSTS)},
};

static bool take_url(struct line *line, struct boot_rule *rule)
{
    if (strlen(line->word) > BOOT_URL_MAX)
        return line_refuse(line, "the URL has %u bytes, and a machine's packet has room for %d",
                           (unsigned)strlen(line->word), BOOT_URL_MAX);
    rule->is_url = true;
    return line_keep(line, line->word, &rule->file);
}

static bool take_file(struct line *line, struct boot_rule *rule)
{
    rule->action = BOOT_FILE;
    if (text_starts_with_word(line->word, "http://") || text_starts_with_word(line->word, "https://"))
        return take_url(line, rule);
    if (strstr(line->word, "://") != NULL)
        return line_refuse(
            line,
            "\"%.80s\" is a URL of a kind that no machine boots from; write a file of the start directory, "
            "or http:// or https://",
            line->word);
    return line_file(line, &rule->file);
}

/* The action that the word is; ACTIONS if it is none. */
static size_t action_of(const struct line *line)
{
    size_t i = 0;

    while (i < ACTIONS && !span_is_word(span_of_text(line->word), actions[i].word))
        i++;
    return i;
}

/* "once" alone is by the rules of PxeBoot: then a modifier follows, or nothing. */
static bool take_once(struct line *line, struct boot_rule *rule)
{
    const char *before = line->rest;

    if (line->list != BOOT_LIST_HOSTS || !who_is_one(&rule->who))
        return line_refuse(line, "once is for one machine; write its whole MAC or GUID in PxeHosts");
    rule->is_once = true;
    rule->action = BOOT_ANSWER;
    enum line_step step = line_word(line);
    if (step != LINE_WORD)
        return step == LINE_END;
    if (line->word[0] == 0)
        return line_refuse(line, "the file behind \"once\" is missing");
    if (action_of(line) != ACTIONS)
        return line_refuse(line,
                           "behind once stands a file; write it instead of \"%s\", or once alone, which is "
                           "by the rules of PxeBoot",
                           line->word);
    if (modifier_of(line) == MODIFIERS)
        return take_file(line, rule);
    line->rest = before;
    return true;
}

static bool take_what(struct line *line, struct boot_rule *rule)
{
    if (!line_need(line, "a file, or a word such as local,"))
        return false;
    size_t which = action_of(line);
    if (which == ACTIONS)
        return span_is_word(span_of_text(line->word), "once") ? take_once(line, rule) : take_file(line, rule);
    rule->action = (uint8_t)actions[which].action;
    return (actions[which].lists & 1u << line->list) != 0 ||
           line_refuse(line, "\"%s\" has no meaning here; write a file", actions[which].word);
}

/* -- whom it is for -------------------------------------------------------------------------------------------------- */

/* "52:54:00:12:34:56", and machines behind it if it is for some only. */
static bool take_host(struct line *line, struct boot_rule *rule)
{
    static const char blanks[] = " \t";
    size_t length = strcspn(line->word, blanks);
    const char *machines = line->word + length + strspn(line->word + length, blanks);

    if (!who_parse(&rule->who, span_of(line->word, length)))
        return line_refuse(line,
                           "\"%.*s\" is no MAC and no GUID; write 52:54:00:12:34:56, 525400* for all that begin so, or "
                           "4c4c4544-0042-3510-8052-b4c04f4e3332",
                           (int)(length < LINE_SHOWN ? length : LINE_SHOWN), line->word);
    rule->has_machines = *machines != 0;
    return !rule->has_machines || line_machines(line, machines, &rule->machines);
}

static bool take_title(struct line *line, struct boot_rule *rule)
{
    if (strlen(line->word) > BOOT_MENU_TEXT_MAX)
        return line_refuse(line, "the text is longer than %d bytes, which is as much as firmware shows",
                           BOOT_MENU_TEXT_MAX);
    return line_keep(line, line->word, &rule->title);
}

static bool take_subject(struct line *line, struct boot_rule *rule)
{
    if (!line_subject(line))
        return false;
    if (line->list == BOOT_LIST_HOSTS)
        return take_host(line, rule);
    if (line->list == BOOT_LIST_MENU)
        return take_title(line, rule);
    rule->has_machines = true;
    return line_machines(line, line->word, &rule->machines);
}

static struct boot_rule *room_for(struct line *line, uint16_t **count)
{
    struct boot_rules *rules = line->rules;
    static const int maxima[] = {
        [BOOT_LIST_RULES] = BOOT_RULES_MAX, [BOOT_LIST_HOSTS] = BOOT_HOSTS_MAX, [BOOT_LIST_MENU] = BOOT_MENU_MAX};
    struct boot_rule *const places[] = {
        [BOOT_LIST_RULES] = rules->rules, [BOOT_LIST_HOSTS] = rules->hosts, [BOOT_LIST_MENU] = rules->menu};
    uint16_t *const counts[] = {[BOOT_LIST_RULES] = &rules->rule_count,
                                [BOOT_LIST_HOSTS] = &rules->host_count,
                                [BOOT_LIST_MENU] = &rules->menu_count};

    *count = counts[line->list];
    if (**count < maxima[line->list])
        return places[line->list] + **count;
    line_refuse(line, "there are more than %d lines", maxima[line->list]);
    return NULL;
}

bool rules_add_rule(struct line *line)
{
    uint16_t *count;
    struct boot_rule *place = room_for(line, &count);
    struct boot_rule rule = {.list = (uint8_t)line->list, .style = BOOT_STYLE_UNSAID};

    if (place == NULL || !line_keep(line, line->text, &rule.line) || !take_subject(line, &rule) ||
        !take_what(line, &rule) || !take_modifiers(line, &rule) || !rules_fit(line, &rule))
        return false;
    rule.number = line->rules->line_counts[line->list];
    *place = rule;
    (*count)++;
    return true;
}
