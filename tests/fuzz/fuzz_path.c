/*
 * Names, patterns, addresses and who may have what, each beside a slower second reading of the rules. The first byte of
 * the input is a letter that says what the texts behind it are (see LLVMFuzzerTestOneInput); each ends with a NUL.
 */
#include "fuzz.h"

#include "core/base/utf8.h"
#include "core/names/path.h"
#include "core/names/pattern.h"
#include "core/settings/access.h"
#include "core/settings/allowdeny.h"

#include <stdio.h>

#ifndef _WIN32
#include <arpa/inet.h>
#endif

enum { TEXT_MAX = 1024, CHARACTERS_MAX = TEXT_MAX + 1, COMPONENTS_MAX = PATH_TEXT_MAX };

/* -- characters, by table 3-7 of the Unicode standard -------------------------------------------------------------- */

static const struct {
    uint8_t low[4];
    uint8_t high[4];
    unsigned length;
} well_formed[] = {
    {{0x01}, {0x7f}, 1},
    {{0xc2, 0x80}, {0xdf, 0xbf}, 2},
    {{0xe0, 0xa0, 0x80}, {0xe0, 0xbf, 0xbf}, 3},
    {{0xe1, 0x80, 0x80}, {0xec, 0xbf, 0xbf}, 3},
    {{0xed, 0x80, 0x80}, {0xed, 0x9f, 0xbf}, 3},
    {{0xee, 0x80, 0x80}, {0xef, 0xbf, 0xbf}, 3},
    {{0xf0, 0x90, 0x80, 0x80}, {0xf0, 0xbf, 0xbf, 0xbf}, 4},
    {{0xf1, 0x80, 0x80, 0x80}, {0xf3, 0xbf, 0xbf, 0xbf}, 4},
    {{0xf4, 0x80, 0x80, 0x80}, {0xf4, 0x8f, 0xbf, 0xbf}, 4},
};

/* Bytes of the character at the beginning, 0 if there is none. */
static unsigned character_length(struct span text)
{
    for (size_t row = 0; row < sizeof well_formed / sizeof well_formed[0]; row++) {
        unsigned i = 0;
        while (i < well_formed[row].length && i < text.size && text.bytes[i] >= well_formed[row].low[i] &&
               text.bytes[i] <= well_formed[row].high[i])
            i++;
        if (i == well_formed[row].length)
            return i;
    }
    return 0;
}

/* Characters without case, '/' as '\', ended by 0. False if the text is not well-formed. */
static bool read_characters(const char *text, uint32_t *characters)
{
    static const uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    struct span rest = span_of_text(text);
    size_t count = 0;

    while (rest.size > 0) {
        unsigned length = character_length(rest);
        if (length == 0)
            return false;
        uint32_t c = rest.bytes[0] & masks[length];
        for (unsigned i = 1; i < length; i++)
            c = c << 6 | (rest.bytes[i] & 0x3f);
        characters[count++] = c == '/' ? '\\' : utf8_fold(c);
        rest = span_of(rest.bytes + length, rest.size - length);
    }
    characters[count] = 0;
    return true;
}

static void check_utf8(const char *text)
{
    static uint32_t characters[CHARACTERS_MAX];
    char cut[TEXT_MAX];
    bool is_valid = read_characters(text, characters);
    size_t length = strlen(text);

    MUST(utf8_is_valid(span_of_text(text)) == is_valid);
    if (!is_valid)
        return;
    const char *next = text;
    for (size_t i = 0; characters[i] != 0; i++) {
        uint32_t c = utf8_next(&next);
        uint32_t folded = utf8_fold(c);
        MUST(folded == characters[i] || (c == '/' && characters[i] == '\\'));
        MUST(utf8_fold(folded) == folded);
    }
    MUST(utf8_next(&next) == 0 && utf8_next(&next) == 0 && next == text + length);
    for (size_t size = 1; size <= 16; size++) {
        utf8_copy(cut, size, text);
        size_t kept = strlen(cut);
        MUST(kept < size && utf8_is_valid(span_of_text(cut)) && memcmp(cut, text, kept) == 0);
        MUST(kept == length || kept + character_length(span_of_text(text + kept)) >= size);
    }
}

/* -- names --------------------------------------------------------------------------------------------------------- */

static bool same_word(const char *text, size_t length, const char *word)
{
    if (length != strlen(word))
        return false;
    for (size_t i = 0; i < length; i++)
        if (ascii_lower(text[i]) != word[i])
            return false;
    return true;
}

/* Windows looks at the part before the first dot, without blanks at its end. */
static bool is_device_name(const char *component, size_t length)
{
    static const char *const devices[] = {
        "con",  "prn",  "aux",  "nul",  "com0", "com1", "com2", "com3", "com4",   "com5",    "com6",
        "com7", "com8", "com9", "lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5",   "lpt6",    "lpt7",
        "lpt8", "lpt9", "com¹", "com²", "com³", "lpt¹", "lpt²", "lpt³", "conin$", "conout$", "clock$",
    };
    size_t stem = 0;

    while (stem < length && component[stem] != '.')
        stem++;
    while (stem > 0 && component[stem - 1] == ' ')
        stem--;
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
        if (same_word(component, stem, devices[i]))
            return true;
    return false;
}

/* What a relative path must be so that "root\path" is a plain file below the root, whatever Win32 makes of it. */
static void check_harmless(const char *path)
{
    MUST(path[0] != 0 && strlen(path) < PATH_TEXT_MAX && utf8_is_valid(span_of_text(path)));
    MUST(strpbrk(path, "/:*?\"<>|\x7f") == NULL);
    for (const char *c = path; *c != 0; c++)
        MUST((uint8_t)*c >= ' ');
    for (const char *start = path;; start++) {
        size_t length = strcspn(start, "\\");
        MUST(length > 0 && start[length - 1] != '.' && start[length - 1] != ' ');
        MUST(!is_device_name(start, length));
        MUST(length < 7 || !same_word(start, 7, PATH_UPLOAD_PREFIX));
        start += length;
        if (*start == 0) {
            MUST(!same_word(start - length, length, PATH_LOG_NAME));
            break;
        }
    }
}

static void check_printable(struct span name)
{
    char text[TEXT_MAX];

    for (size_t size = 1; size <= sizeof text; size = size * 2 + 1) {
        path_printable(name, text, size);
        MUST(strlen(text) < size && utf8_is_valid(span_of_text(text)));
        for (const uint8_t *c = (const uint8_t *)text; *c != 0; c++)
            MUST(*c >= ' ' && *c != 0x7f && *c != '"' && !(c[0] == 0xc2 && c[1] < 0xa0));
    }
}

static void swap_case(char *text)
{
    for (; *text != 0; text++)
        if ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z'))
            *text ^= 0x20;
}

static void check_name(struct span name)
{
    char path[PATH_TEXT_MAX + 16];
    char again[PATH_TEXT_MAX];
    char prefixed[PATH_TEXT_MAX + 32];
    enum path_problem problem = path_normalize(name, path);

    check_printable(name);
    MUST(path_problem_text(problem)[0] != 0);
    if (problem != PATH_OK) {
        MUST(path[0] == 0);
        return;
    }
    check_harmless(path);
    MUST(path_normalize(span_of_text(path), again) == PATH_OK && strcmp(path, again) == 0);
    if (strlen(path) + 3 < PATH_TEXT_MAX) {
        snprintf(prefixed, sizeof prefixed, "/.\\%s", path);
        MUST(path_normalize(span_of_text(prefixed), again) == PATH_OK && strcmp(path, again) == 0);
    }
    swap_case(again);
    MUST(path_equal(path, again) && path_equal(again, path) &&
         path_normalize(span_of_text(again), prefixed) == PATH_OK);
    strcat(path, "x");
    MUST(!path_equal(path, again) && !path_equal(again, path));
}

/* -- patterns ------------------------------------------------------------------------------------------------------ */

/* Row after row: can[t] is whether the pattern so far matches the first t characters. */
static bool slow_match(const uint32_t *pattern, const uint32_t *text)
{
    static bool can[CHARACTERS_MAX];
    size_t length = 0;

    while (text[length] != 0)
        length++;
    memset(can, 0, sizeof can);
    can[0] = true;
    for (; *pattern != 0; pattern++) {
        if (*pattern == '*') {
            for (size_t t = 1; t <= length; t++)
                can[t] = can[t] || can[t - 1];
            continue;
        }
        for (size_t t = length; t > 0; t--)
            can[t] = can[t - 1] && (*pattern == '?' || *pattern == text[t - 1]);
        can[0] = false;
    }
    return can[length];
}

static void check_pattern(const char *pattern, const char *text)
{
    static uint32_t pattern_characters[CHARACTERS_MAX], text_characters[CHARACTERS_MAX];

    if (!read_characters(pattern, pattern_characters) || !read_characters(text, text_characters))
        return;
    MUST(pattern_matches(pattern, text) == slow_match(pattern_characters, text_characters));
    MUST(pattern_matches("*", text) && pattern_matches("**", text));
    if (strpbrk(text, "*?") == NULL)
        MUST(path_equal(pattern, text) <= pattern_matches(pattern, text) && pattern_matches(text, text));
}

/* -- addresses ----------------------------------------------------------------------------------------------------- */

/* Beside the system's own parser, which knows no zones and no leading zeros in IPv4. */
static void check_parsed(const char *text, bool is_parsed, const struct endpoint *e)
{
#ifndef _WIN32
    uint8_t bytes[16];

    if (inet_pton(AF_INET6, text, bytes) == 1) {
        MUST(is_parsed && memcmp(bytes, e->address, sizeof bytes) == 0 && e->scope == 0);
    } else if (inet_pton(AF_INET, text, bytes) == 1) {
        MUST(is_parsed && endpoint_is_ipv4(e) && memcmp(bytes, e->address + 12, 4) == 0);
    } else {
        bool has_zone = strchr(text, '%') != NULL;
        bool has_zero = text[0] == '0' || strstr(text, ".0") != NULL || strstr(text, ":0") != NULL;
        MUST(!is_parsed || has_zone || has_zero);
    }
#else
    (void)text, (void)is_parsed, (void)e;
#endif
}

/* Beside the system's own text, where that has no dots. */
static void check_text(const struct endpoint *e, const char *text)
{
#ifndef _WIN32
    char expected[INET6_ADDRSTRLEN];

    MUST(inet_ntop(AF_INET6, e->address, expected, sizeof expected) != NULL);
    MUST(e->scope != 0 || strchr(expected, '.') != NULL || strcmp(expected, text) == 0);
#else
    (void)e, (void)text;
#endif
}

static void check_address(const char *text, uint16_t port)
{
    char address[ENDPOINT_TEXT_MAX], with_port[ENDPOINT_TEXT_MAX], expected[ENDPOINT_TEXT_MAX + 16];
    struct endpoint e, again;
    bool is_parsed = endpoint_parse_address(&e, span_of_text(text));

    check_parsed(text, is_parsed, &e);
    if (!is_parsed)
        return;
    MUST(e.port == 0);
    e.port = port;
    endpoint_address_text(&e, address);
    check_text(&e, address);
    MUST(endpoint_parse_address(&again, span_of_text(address)) && endpoint_same_address(&e, &again));
    again.port = port;
    MUST(endpoint_equal(&e, &again) && endpoint_hash(&e, 1) == endpoint_hash(&again, 1));
    snprintf(expected, sizeof expected, endpoint_is_ipv4(&e) ? "%s:%u" : "[%s]:%u", address, (unsigned)port);
    MUST(strcmp(endpoint_text(&e, with_port), expected) == 0);
    MUST(!(endpoint_is_multicast(&e) && endpoint_is_unspecified(&e)));
    MUST(!endpoint_is_broadcast(&e) || endpoint_is_ipv4(&e));
    if (e.scope == 0)
        MUST(pattern_matches_client(address, &e));
}

static bool slow_contains(const struct prefix *p, const struct endpoint *e)
{
    if (p->bits < 96 && endpoint_is_ipv4(e))
        return false;
    for (unsigned bit = 0; bit < p->bits; bit++)
        if (((p->address[bit / 8] ^ e->address[bit / 8]) >> (7 - bit % 8) & 1) != 0)
            return false;
    return true;
}

/* The prefix's text, and an address that differs from it from some bit on. */
static void check_prefix(const char *text, unsigned first_bit)
{
    struct prefix p;
    struct endpoint e = {.scope = 0};

    if (!prefix_parse(&p, span_of_text(text)))
        return;
    MUST(p.bits <= 128);
    memcpy(e.address, p.address, sizeof e.address);
    MUST(prefix_contains(&p, &e) && pattern_matches_client(text, &e));
    first_bit %= 128;
    e.address[first_bit / 8] ^= (uint8_t)(0x80u >> first_bit % 8);
    MUST(prefix_contains(&p, &e) == slow_contains(&p, &e) && (first_bit >= p.bits || !prefix_contains(&p, &e)));
    MUST(pattern_matches_client(text, &e) == prefix_contains(&p, &e));
}

/* -- who may have what --------------------------------------------------------------------------------------------- */

static void set_list(struct config *config, const char *name, const char *text)
{
    struct config_problem problem;

    config_set_typed(config, config_find(name), text, &problem);
}

static bool any_client(const struct text_list *list, const struct endpoint *client)
{
    bool any = false;

    for (const char *item = text_list_next(list, NULL); item != NULL; item = text_list_next(list, item))
        any |= pattern_matches_client(item, client);
    return any;
}

/* "*.*" behind the last separator is "*". */
static void end_at_all(uint32_t *characters)
{
    size_t length = 0;

    while (characters[length] != 0)
        length++;
    bool is_all =
        length >= 3 && characters[length - 3] == '*' && characters[length - 2] == '.' && characters[length - 1] == '*';
    if (is_all && (length == 3 || characters[length - 4] == '\\' || characters[length - 4] == '/'))
        characters[length - 2] = 0;
}

static bool any_name(const struct text_list *list, const char *path)
{
    static uint32_t pattern[CHARACTERS_MAX], text[CHARACTERS_MAX];
    bool any = false;

    MUST(read_characters(path, text));
    for (const char *item = text_list_next(list, NULL); item != NULL; item = text_list_next(list, item)) {
        if (strlen(item) >= TEXT_MAX || !read_characters(item + strspn(item, "/\\"), pattern))
            continue;
        end_at_all(pattern);
        any |= slow_match(pattern, text);
    }
    return any;
}

/* "allow:/a//b" as "\a\b\", without case: leads to whatever begins so. */
static size_t rule_path(const char *line, uint32_t *characters)
{
    static uint32_t all[CHARACTERS_MAX];
    size_t used = 0;

    MUST(strlen(line) < TEXT_MAX && read_characters(strchr(line, ':') + 1, all));
    characters[used++] = '\\';
    for (const uint32_t *c = all; *c != 0; c++)
        if (*c != '\\' || characters[used - 1] != '\\')
            characters[used++] = *c;
    if (characters[used - 1] != '\\')
        characters[used++] = '\\';
    return used;
}

/* Components of the longest path of this verb that leads to the file, -1 if none. */
static int slow_longest(const struct text_list *lines, char verb, const uint32_t *file, size_t file_size)
{
    static uint32_t prefix[CHARACTERS_MAX + 2];
    int best = -1;

    for (const char *line = text_list_next(lines, NULL); line != NULL; line = text_list_next(lines, line)) {
        if (ascii_lower(line[0]) != verb || strlen(line) >= TEXT_MAX)
            continue;
        size_t size = rule_path(line, prefix);
        if (size > file_size || memcmp(prefix, file, size * sizeof *file) != 0)
            continue;
        int components = -1;
        for (size_t i = 0; i < size; i++)
            components += prefix[i] == '\\';
        best = components > best ? components : best;
    }
    return best;
}

static bool slow_allows(const struct config *config, const char *path)
{
    static uint32_t file[CHARACTERS_MAX + 2];
    char line[PATH_TEXT_MAX + 2];

    if (!config->access.is_present)
        return true;
    snprintf(line, sizeof line, ":%s", path);
    size_t size = rule_path(line, file);
    int allowed = slow_longest(&config->access, 'a', file, size);
    return allowed >= 0 && slow_longest(&config->access, 'd', file, size) < allowed;
}

static void check_access(struct feed *feed)
{
    static const char *const lists[] = {"Clients", "Masters", "Readable", "Writable", "Access"};
    static struct config config;
    char text[TEXT_MAX], path[PATH_TEXT_MAX];
    struct endpoint client = endpoint_ipv4(10, 1, (uint8_t)feed_below(feed, 4), feed_byte(feed), 2070);

    config_defaults(&config);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        feed_text(feed, text, sizeof text);
        if (strcmp(text, "-") != 0)
            set_list(&config, lists[i], text);
    }
    feed_text(feed, text, sizeof text);
    if (path_normalize(span_of_text(text), path) != PATH_OK)
        return;
    for (int is_upload = 0; is_upload <= 1; is_upload++) {
        struct access_verdict verdict = access_judge(&config, &client, path, is_upload);
        bool may = any_client(&config.masters, &client) || (!is_upload && any_client(&config.clients, &client));
        bool is_named = any_name(is_upload ? &config.writable : &config.readable, path);
        MUST((verdict.rule == ACCESS_ALLOWED) == (may && is_named && slow_allows(&config, path)));
        MUST(verdict.rule != ACCESS_ALLOWED || verdict.item != NULL);
        MUST(access_rule_text(verdict.rule)[0] != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct feed feed = {bytes, size};
    char text[TEXT_MAX], other[TEXT_MAX];
    uint16_t number;

    if (size > TEXT_MAX)
        return 0;
    switch (feed_byte(&feed)) {
    case 'n': check_name(span_of(feed.bytes, feed.size)); break;
    case 'p':
        feed_text(&feed, text, sizeof text);
        check_pattern(text, feed_text(&feed, other, sizeof other));
        break;
    case 'a':
        number = feed_u16(&feed);
        check_address(feed_text(&feed, text, sizeof text), number);
        break;
    case 'c':
        number = feed_byte(&feed);
        check_prefix(feed_text(&feed, text, sizeof text), number);
        break;
    case 'r': check_access(&feed); break;
    case 'u': check_utf8(feed_text(&feed, text, sizeof text)); break;
    default: break;
    }
    return 0;
}
