/*
 * A million random rule sets and names. What may be served is worked out here a second time, plain and slow, as AIX's
 * manual says it, over the numbers of components instead of their text; the core has to agree, and `tftpd explain` has
 * to agree with the live verdict. A seed means the same cases on every machine.
 */
#include "unit.h"

#include "core/server/explain.h"
#include "core/settings/allowdeny.h"

#include <stdio.h>

enum { CASES = 1000000, SEED = 20061212, LINES_MAX = 6, DEPTH_MAX = 4, SPELLINGS = 3, TEXT_MAX = 128, POOL_SIZE = 5 };

/* Components, each in spellings that Windows takes for the same. None is another's, and some begin with another. */
static const char *const components[][SPELLINGS] = {
    {"a", "A", "a"},
    {"b", "B", "B"},
    {"ab", "AB", "aB"},
    {"a.b", "A.b", "A.B"},
    {"\xc3\xa9", "\xc3\x89", "\xc3\xa9"}, /* e with an acute accent */
};

struct path {
    unsigned depth;
    unsigned components[DEPTH_MAX];
};

struct line {
    bool is_allow;
    struct path path;
    char text[TEXT_MAX];
};

/* Patterns that mean the client, or the name, always or never: what patterns mean has tests of its own. */
struct pattern {
    const char *text;
    bool holds;
};

static const struct pattern clients[POOL_SIZE] = {
    {"*", true}, {"10.0.0.0/8", true}, {"10.?.0.5", true}, {"11.*", false}, {"fd00::/8", false}};
static const struct pattern names[POOL_SIZE] = {
    {"*", true}, {"/*", true}, {"?*", true}, {"*.zz", false}, {"zz/*", false}};

struct story {
    struct config config;
    unsigned line_count;
    struct line lines[LINES_MAX];
    bool is_master, is_client, is_readable, is_writable;
    bool is_upload;
    struct path path;
    char name[TEXT_MAX];
};

static uint64_t dice;

static struct path random_path(unsigned depth_min)
{
    struct path path = {.depth = depth_min + random_below(&dice, DEPTH_MAX + 1 - depth_min)};

    for (unsigned i = 0; i < path.depth; i++)
        path.components[i] = random_below(&dice, COUNT_OF(components));
    return path;
}

/* Any spelling, with any run of separators before each component and maybe one at the end. */
static void spell(const struct path *path, char *text)
{
    static const char *const separators[] = {"/", "\\", "//", "/", "/"};

    text[0] = 0;
    for (unsigned i = 0; i < path->depth; i++) {
        strcat(text, separators[random_below(&dice, COUNT_OF(separators))]);
        strcat(text, components[path->components[i]][random_below(&dice, SPELLINGS)]);
    }
    if (random_below(&dice, 8) == 0)
        strcat(text, "/");
}

/* As config_set_list does it, which has its own tests, without copying four kilobytes. */
static void add(struct text_list *list, const char *text)
{
    size_t size = strlen(text) + 1;

    memcpy(list->items + list->size, text, size);
    list->size = (uint16_t)(list->size + size);
    list->count++;
}

static void begin(struct text_list *list, bool is_present)
{
    list->count = 0;
    list->size = 0;
    list->is_present = is_present;
}

static void deal_lines(struct story *s)
{
    s->line_count = random_below(&dice, LINES_MAX + 1);
    /* One in eight has no parameter Access at all. */
    begin(&s->config.access, random_below(&dice, 8) != 0);
    if (!s->config.access.is_present)
        s->line_count = 0;
    for (unsigned i = 0; i < s->line_count; i++) {
        struct line *line = &s->lines[i];
        line->is_allow = random_below(&dice, 2) == 0;
        line->path = random_path(0);
        /* Half of the lines lead to the file, or nothing would ever meet. */
        if (random_below(&dice, 2) == 0) {
            unsigned depth = random_below(&dice, s->path.depth + 1);
            line->path = s->path;
            line->path.depth = depth;
        }
        strcpy(line->text, line->is_allow ? "allow:" : "deny:");
        spell(&line->path, line->text + strlen(line->text));
        add(&s->config.access, line->text);
    }
}

/* Up to three items; true if one of them holds. */
static bool deal_items(struct text_list *list, const struct pattern *pool)
{
    bool holds = false;

    begin(list, true);
    for (unsigned left = random_below(&dice, 4); left > 0; left--) {
        const struct pattern *pattern = &pool[random_below(&dice, POOL_SIZE)];
        add(list, pattern->text);
        holds = holds || pattern->holds;
    }
    return holds;
}

static void deal(struct story *s)
{
    s->path = random_path(1);
    spell(&s->path, s->name);
    if (s->name[strlen(s->name) - 1] == '/') /* of a line it means nothing, of a name a folder */
        s->name[strlen(s->name) - 1] = 0;
    deal_lines(s);
    s->is_master = deal_items(&s->config.masters, clients);
    s->is_client = deal_items(&s->config.clients, clients);
    s->is_readable = deal_items(&s->config.readable, names);
    s->is_writable = deal_items(&s->config.writable, names);
    s->is_upload = random_below(&dice, 2) == 0;
}

/* -- the reference ------------------------------------------------------------------------------------------------- */

static bool leads_to(const struct path *prefix, const struct path *path)
{
    if (prefix->depth > path->depth)
        return false;
    for (unsigned i = 0; i < prefix->depth; i++)
        if (prefix->components[i] != path->components[i])
            return false;
    return true;
}

/*
 * All allow lines that lead to the file are collected, and the longest is taken; if a deny line that leads to the file
 * is that path or longer, it is refused; without an allow line it is refused.
 */
static bool reference_admits(const struct story *s)
{
    bool is_any_allowed = false;
    unsigned longest = 0;

    for (unsigned i = 0; i < s->line_count; i++) {
        const struct line *line = &s->lines[i];
        if (!line->is_allow || !leads_to(&line->path, &s->path))
            continue;
        is_any_allowed = true;
        if (line->path.depth > longest)
            longest = line->path.depth;
    }
    if (!is_any_allowed)
        return false;
    for (unsigned i = 0; i < s->line_count; i++)
        if (!s->lines[i].is_allow && leads_to(&s->lines[i].path, &s->path) && s->lines[i].path.depth >= longest)
            return false;
    return true;
}

/* The parameter whose list decides, and whether the request goes on. */
static const char *reference_decides(const struct story *s, bool *is_admitted)
{
    *is_admitted = false;
    if (s->is_upload && !s->is_master)
        return "Masters";
    if (!s->is_master && !s->is_client)
        return "Clients";
    if (!(s->is_upload ? s->is_writable : s->is_readable))
        return s->is_upload ? "Writable" : "Readable";
    *is_admitted = !s->config.access.is_present || reference_admits(s);
    if (!s->config.access.is_present)
        return s->is_upload ? "Writable" : "Readable";
    return "Access";
}

/* -- what has to agree --------------------------------------------------------------------------------------------- */

static void check_lines(const struct story *s, unsigned number)
{
    char path[PATH_TEXT_MAX];

    assert_int_equal(path_normalize(span_of_text(s->name), path), PATH_OK);
    struct allowdeny_verdict verdict = allowdeny_judge(&s->config.access, path);
    CHECK(verdict.is_allowed == reference_admits(s), "case %u: %s", number, s->name);
    if (verdict.is_allowed)
        CHECK(verdict.line != NULL && strncmp(verdict.line, "allow:", 6) == 0, "case %u", number);
    else if (verdict.line != NULL)
        CHECK(strncmp(verdict.line, "deny:", 5) == 0, "case %u: %s", number, verdict.line);
}

/* The datagram made here, byte by byte, is what a client sends. */
static struct span live_datagram(const struct story *s, uint8_t *bytes)
{
    size_t name_size = strlen(s->name) + 1;

    bytes[0] = 0;
    bytes[1] = s->is_upload ? 2 : 1;
    memcpy(bytes + 2, s->name, name_size);
    memcpy(bytes + 2 + name_size, "octet", 6);
    return span_of(bytes, 2 + name_size + 6);
}

static void check_explanation(const struct story *s, unsigned number)
{
    static struct request live, explained;
    const struct endpoint from = endpoint_ipv4(10, 0, 0, 5, 2070),
                          asked = endpoint_ipv4(10, 0, 0, 5, EXPLAIN_CLIENT_PORT);
    struct explain_question question = {.is_upload = s->is_upload, .name = s->name, .mode = "octet"};
    uint8_t sent[EXPLAIN_DATAGRAM_MAX], made[EXPLAIN_DATAGRAM_MAX];
    char rule[TEXT_MAX * 2];
    const char *problem;
    bool is_admitted;
    const char *decides = reference_decides(s, &is_admitted);
    size_t size = explain_encode(&question, made, &problem);

    CHECK(size > 0, "case %u: %s", number, problem);
    request_judge(&live, &s->config, &from, live_datagram(s, sent));
    request_judge(&explained, &s->config, &asked, span_of(made, size));
    CHECK((live.verdict == REQUEST_OK) == is_admitted, "case %u: %s", number, s->name);
    CHECK(live.verdict == explained.verdict && live.error_code == explained.error_code && live.why == explained.why &&
              live.rule == explained.rule && live.fingerprint == explained.fingerprint,
          "case %u: %s", number, s->name);
    explain_rule(&explained, &s->config, rule, sizeof rule);
    CHECK(strncmp(rule, decides, strlen(decides)) == 0, "case %u: %s, expected %s", number, rule, decides);
}

static void agrees_with_the_manual_and_with_the_live_verdict(void **state)
{
    static struct story s;
    unsigned admitted = 0;

    (void)state;
    config_defaults(&s.config);
    dice = SEED;
    for (unsigned number = 0; number < CASES; number++) {
        deal(&s);
        check_lines(&s, number);
        check_explanation(&s, number);
        bool is_admitted;
        reference_decides(&s, &is_admitted);
        admitted += is_admitted;
    }
    /* The dice throw enough of both. */
    assert_in_range(admitted, CASES / 10, CASES * 9 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_manual_and_with_the_live_verdict),
    };

    return cmocka_run_group_tests_name("access_property", tests, NULL, NULL) != 0;
}
