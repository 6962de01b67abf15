#include "core/settings/allowdeny.h"

#include "core/base/utf8.h"
#include "core/names/path.h"

enum verb { VERB_NONE, VERB_ALLOW, VERB_DENY };

/* The verb, and where its path begins. */
static enum verb verb_of(const char *line, const char **path)
{
    const char *colon = strchr(line, ':');
    struct span word = span_of(line, colon ? (size_t)(colon - line) : 0);

    *path = colon ? colon + 1 : line;
    if (span_is_word(word, "allow"))
        return VERB_ALLOW;
    return span_is_word(word, "deny") ? VERB_DENY : VERB_NONE;
}

static const char *skip_separators(const char *text)
{
    while (path_is_separator(*text))
        text++;
    return text;
}

static size_t component_length(const char *text)
{
    size_t length = 0;

    while (text[length] != 0 && !path_is_separator(text[length]))
        length++;
    return length;
}

static bool same_component(const char *a, size_t a_length, const char *b, size_t b_length)
{
    const char *a_end = a + a_length;
    const char *b_end = b + b_length;

    while (a < a_end && b < b_end)
        if (utf8_fold(utf8_next(&a)) != utf8_fold(utf8_next(&b)))
            return false;
    return a == a_end && b == b_end;
}

/* How many components the prefix has if it leads to the path, else -1. */
static int leading_components(const char *prefix, const char *path)
{
    int count = 0;

    for (;;) {
        prefix = skip_separators(prefix);
        path = skip_separators(path);
        size_t length = component_length(prefix);
        if (length == 0)
            return count;
        size_t path_length = component_length(path);
        if (!same_component(prefix, length, path, path_length))
            return -1;
        prefix += length;
        path += path_length;
        count++;
    }
}

bool allowdeny_is_line(const char *line)
{
    const char *path;

    if (verb_of(line, &path) == VERB_NONE || (*path != 0 && !path_is_separator(*path)))
        return false;
    for (path = skip_separators(path); *path != 0; path = skip_separators(path)) {
        size_t length = component_length(path);
        if (length == 2 && path[0] == '.' && path[1] == '.')
            return false;
        path += length;
    }
    return true;
}

/* The line of this verb with the longest path that leads to the file; components is -1 if there is none. */
static const char *longest(const struct text_list *lines, enum verb verb, const char *path, int *components)
{
    const char *best = NULL;

    *components = -1;
    for (const char *line = text_list_next(lines, NULL); line != NULL; line = text_list_next(lines, line)) {
        const char *prefix;
        if (verb_of(line, &prefix) != verb)
            continue;
        int count = leading_components(prefix, path);
        if (count > *components) {
            *components = count;
            best = line;
        }
    }
    return best;
}

struct allowdeny_verdict allowdeny_judge(const struct text_list *lines, const char *path)
{
    int allowed;
    int denied;
    const char *allow = longest(lines, VERB_ALLOW, path, &allowed);
    const char *deny = longest(lines, VERB_DENY, path, &denied);

    if (allow == NULL)
        return (struct allowdeny_verdict){false, deny};
    if (deny != NULL && denied >= allowed)
        return (struct allowdeny_verdict){false, deny};
    return (struct allowdeny_verdict){true, allow};
}
