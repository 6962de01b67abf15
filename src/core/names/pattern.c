#include "core/names/pattern.h"

#include "core/base/utf8.h"

static uint32_t next_folded(const char **text, const char *end)
{
    uint32_t c = *text == end ? 0 : utf8_next(text);

    return c == '/' ? '\\' : utf8_fold(c);
}

/* The pattern ends at end, or with its NUL. */
static bool matches(const char *pattern, const char *end, const char *text)
{
    const char *after_star = NULL; /* where to go back to: behind the last '*' seen */
    const char *star_text = NULL;  /* what that '*' has not swallowed yet */

    for (;;) {
        const char *p = pattern;
        const char *t = text;
        uint32_t wanted = next_folded(&p, end);
        if (wanted == '*') {
            after_star = p;
            star_text = text;
            pattern = p;
            continue;
        }
        uint32_t found = next_folded(&t, NULL);
        if (wanted == found && wanted == 0)
            return true;
        if (found != 0 && (wanted == '?' || wanted == found)) {
            pattern = p;
            text = t;
            continue;
        }
        if (after_star == NULL || utf8_next(&star_text) == 0)
            return false;
        pattern = after_star;
        text = star_text;
    }
}

bool pattern_matches(const char *pattern, const char *text)
{
    return matches(pattern, NULL, text);
}

bool pattern_matches_path(const char *pattern, const char *path)
{
    static const char all[] = "*.*";
    size_t all_length = sizeof all - 1;

    pattern += strspn(pattern, "\\/");
    size_t length = strlen(pattern);
    const char *last = length >= all_length ? pattern + length - all_length : NULL;
    bool means_all = last != NULL && strcmp(last, all) == 0 && (last == pattern || last[-1] == '\\' || last[-1] == '/');
    return matches(pattern, means_all ? last + 1 : NULL, path);
}

bool pattern_matches_client(const char *pattern, const struct endpoint *client)
{
    struct prefix prefix;
    char text[ENDPOINT_TEXT_MAX];
    struct endpoint without_scope = *client;

    if (prefix_parse(&prefix, span_of_text(pattern)))
        return prefix_contains(&prefix, client);
    /* Nobody writes the zone of a link-local address, which differs from machine to machine. */
    without_scope.scope = 0;
    return pattern_matches(pattern, endpoint_address_text(&without_scope, text));
}
