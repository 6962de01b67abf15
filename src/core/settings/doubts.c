#include "core/settings/doubts.h"

#include "core/base/endpoint.h"
#include "core/base/utf8.h"
#include "core/names/path.h"

#include <stdio.h>

enum {
    SHOWN_MAX = 48, /* so that two of them fit into a problem */
    IPV4_DOTS = 3,
    IPV4_DIGITS = 3,
    IPV4_BYTE_MAX = 255,
    IPV6_COLONS_MAX = 8, /* "1:2:3:4:5:6:7::" */
    IPV6_DIGITS = 4
};

struct doubt {
    const char *name; /* of the parameter */
    char shown[SHOWN_MAX];
    struct config_problem *problem;
};

#define SAY(doubt, ...) (snprintf((doubt)->problem->text, sizeof(doubt)->problem->text, __VA_ARGS__) > 0)

static bool has_wildcard(const char *text)
{
    return strpbrk(text, "*?") != NULL;
}

static size_t count_of(const char *text, char c)
{
    size_t count = 0;

    for (; *text != 0; text++)
        count += *text == c;
    return count;
}

/* -- names --------------------------------------------------------------------------------------------------------- */

/* The shortest name that the pattern could match, as names are written. */
static void make_sample(const char *pattern, char *sample)
{
    size_t length = strlen(pattern);

    for (size_t i = 0; i <= length; i++)
        sample[i] = (char)(pattern[i] == '*' || pattern[i] == '?' ? 'a' : pattern[i] == '/' ? '\\' : pattern[i]);
}

static bool doubt_name(struct doubt *doubt, const char *item)
{
    char sample[PATH_TEXT_MAX], path[PATH_TEXT_MAX];
    bool has_comma = strchr(item, ',') != NULL && (has_wildcard(item) || strstr(item, ", ") != NULL);
    const char *pattern = item;

    while (path_is_separator(*pattern))
        pattern++;
    if (has_comma || strchr(item, ';') != NULL)
        return SAY(doubt, "%s: \"%s\" is one pattern and no list; several go into a REG_MULTI_SZ, one a line",
                   doubt->name, doubt->shown);
    if (*pattern == 0)
        return SAY(doubt, "%s: \"%s\" is the start directory itself; * is all that is in it", doubt->name,
                   doubt->shown);
    if (strlen(pattern) >= sizeof sample)
        return false;
    make_sample(pattern, sample);
    enum path_problem problem = path_normalize(span_of_text(sample), path);
    if (problem == PATH_FOLDER)
        return SAY(doubt, "%s: \"%s\" is a folder, and no name ends so; %s* is all that is in it", doubt->name,
                   doubt->shown, doubt->shown);
    if (problem != PATH_OK)
        return SAY(doubt,
                   "%s: \"%s\": no name matches it, for %s; patterns begin at the start directory, as boot\\* does",
                   doubt->name, doubt->shown, path_problem_text(problem));
    if (strcmp(sample, path) == 0)
        return false;
    return SAY(doubt, "%s: \"%s\": names have one separator between their components, and no \".\"", doubt->name,
               doubt->shown);
}

/* -- addresses ----------------------------------------------------------------------------------------------------- */

static bool is_ipv4_byte(const char *digits, size_t length)
{
    unsigned value = 0;

    for (size_t i = 0; i < length; i++)
        value = value * 10 + (unsigned)(digits[i] - '0');
    return length > 0 && length <= IPV4_DIGITS && value <= IPV4_BYTE_MAX && (length == 1 || digits[0] != '0');
}

/* What has to hold for each pattern that an IPv4 address matches. */
static bool may_be_ipv4(const char *pattern)
{
    size_t dots = count_of(pattern, '.');

    if (pattern[strspn(pattern, "0123456789.*?")] != 0 || dots > IPV4_DOTS)
        return false;
    if (strchr(pattern, '*') == NULL && dots + count_of(pattern, '?') < IPV4_DOTS)
        return false;
    for (const char *part = pattern;; part++) {
        size_t length = strcspn(part, ".");
        if (strspn(part, "0123456789") == length && !is_ipv4_byte(part, length))
            return false;
        part += length;
        if (*part == 0)
            return true;
    }
}

/* The same for IPv6, less strictly. */
static bool may_be_ipv6(const char *pattern)
{
    size_t colons = count_of(pattern, ':');

    if (pattern[strspn(pattern, "0123456789abcdefABCDEF:*?")] != 0 || colons > IPV6_COLONS_MAX)
        return false;
    if (strchr(pattern, '*') == NULL && colons + count_of(pattern, '?') < 2)
        return false;
    for (const char *part = pattern; *part != 0; part += *part != 0) {
        size_t digits = strspn(part, "0123456789abcdefABCDEF");
        if (digits > IPV6_DIGITS)
            return false;
        part += digits;
    }
    return true;
}

static bool doubt_client(struct doubt *doubt, const char *item)
{
    size_t length = strlen(item);
    bool is_beginning = item[strspn(item, "0123456789.")] == 0 && count_of(item, '.') <= IPV4_DOTS;
    struct prefix prefix;

    if (prefix_parse(&prefix, span_of_text(item)) || (has_wildcard(item) && (may_be_ipv4(item) || may_be_ipv6(item))))
        return false;
    bool has_dot = item[length - 1] == '.';
    if (is_beginning && count_of(item, '.') - has_dot < IPV4_DOTS)
        return SAY(doubt, "%s: no address matches \"%s\"; %s%s is every address that begins so", doubt->name,
                   doubt->shown, doubt->shown, has_dot ? "*" : ".*");
    return SAY(doubt,
               "%s: no address matches \"%s\"; write an address, a pattern such as 10.1.*.*, or a prefix such as "
               "10.0.0.0/8",
               doubt->name, doubt->shown);
}

/* -- lines of Access ----------------------------------------------------------------------------------------------- */

static bool doubt_line(struct doubt *doubt, const char *item)
{
    char path[PATH_TEXT_MAX];
    const char *name = strchr(item, ':') + 1;

    if (strchr(name, ';') != NULL || strstr(name, ", ") != NULL)
        return SAY(doubt, "%s: \"%s\" is one line; several go into a REG_MULTI_SZ", doubt->name, doubt->shown);
    if (has_wildcard(name)) {
        size_t length = strcspn(doubt->shown, "*?");
        while (path_is_separator(doubt->shown[length - 1])) /* it begins with a word */
            length--;
        return SAY(doubt, "%s: \"%s\" is no pattern, and * and ? are in no name; %.*s leads to all below it",
                   doubt->name, doubt->shown, (int)length, doubt->shown);
    }
    enum path_problem problem = path_normalize(span_of_text(name), path);
    if (problem == PATH_OK || problem == PATH_EMPTY || problem == PATH_FOLDER)
        return false;
    return SAY(doubt, "%s: \"%s\": no name matches it, for %s", doubt->name, doubt->shown, path_problem_text(problem));
}

bool doubts_about(const struct config_parameter *parameter, const char *item, struct config_problem *problem)
{
    static const struct {
        const char *name;
        bool (*judge)(struct doubt *doubt, const char *item);
    } rules[] = {
        {"Clients", doubt_client}, {"Masters", doubt_client}, {"Readable", doubt_name},
        {"Writable", doubt_name},  {"Access", doubt_line},
    };
    struct doubt doubt = {.name = parameter->name, .problem = problem};

    path_printable(span_of_text(item), doubt.shown, sizeof doubt.shown);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].name, parameter->name) == 0)
            return rules[i].judge(&doubt, item);
    return false;
}
