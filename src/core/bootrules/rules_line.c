#include "core/bootrules/rules_line.h"

#include "core/base/nearest.h"
#include "core/base/sheet.h"
#include "core/base/utf8.h"

#include <stdio.h>

enum { LINE_SHOWN_MAX = 80 };

/* A word that "%.80s" has cut may end in half a character. */
static void drop_halves(char *text)
{
    char *to = text;

    for (const char *from = text; *from != 0;) {
        size_t length = utf8_length(from);
        memmove(to, from, length);
        to += length;
        from += length > 0 ? length : 1;
    }
    *to = 0;
}

bool line_refuse(struct line *line, const char *format, ...)
{
    struct sheet said = sheet_in(line->problem->text, sizeof line->problem->text);
    char shown[LINE_SHOWN_MAX];
    va_list values;

    utf8_copy(shown, sizeof shown, line->text);
    sheet_print(&said, "%s, line \"%s\": ", boot_list_name(line->list), shown);
    va_start(values, format);
    sheet_print_list(&said, format, values);
    va_end(values);
    drop_halves(line->problem->text);
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *text)
{
    while (is_blank(*text))
        text++;
    return text;
}

bool line_subject(struct line *line)
{
    const char *start = skip_blanks(line->rest);
    const char *equals = strchr(start, '=');
    size_t length = equals != NULL ? (size_t)(equals - start) : 0;

    if (length == 0)
        return line_refuse(line,
                           "there is no \"=\" with something before it; write it as in \"x64 = boot/bootx64.efi\"");
    while (is_blank(start[length - 1])) /* start[0] is not */
        length--;
    if (length >= sizeof line->word)
        return line_refuse(line, "what is before \"=\" is longer than %d bytes", BOOT_WORD_MAX - 1);
    memcpy(line->word, start, length);
    line->word[length] = 0;
    line->rest = equals + 1;
    return true;
}

enum line_step line_word(struct line *line)
{
    const char *next = skip_blanks(line->rest);
    bool is_quoted = false;
    size_t length = 0;

    if (*next == 0)
        return LINE_END;
    for (; *next != 0 && (is_quoted || !is_blank(*next)); next++) {
        if (*next == '"') {
            is_quoted = !is_quoted;
            continue;
        }
        if (length + 1 == sizeof line->word) {
            line_refuse(line, "a word is longer than %d bytes", BOOT_WORD_MAX - 1);
            return LINE_BAD;
        }
        line->word[length++] = *next;
    }
    line->word[length] = 0;
    line->rest = next;
    if (!is_quoted)
        return LINE_WORD;
    line_refuse(line, "a quote begins and does not end; write \" behind it as well");
    return LINE_BAD;
}

bool line_need(struct line *line, const char *what)
{
    enum line_step step = line_word(line);

    if (step == LINE_END || (step == LINE_WORD && line->word[0] == 0))
        return line_refuse(line, "%s is missing", what);
    return step == LINE_WORD;
}

bool line_once(struct line *line, unsigned *taken, size_t which)
{
    unsigned bit = 1u << which;

    if ((*taken & bit) != 0)
        return line_refuse(line, "\"%s\" stands there twice; leave one out, or write a second line", line->word);
    *taken |= bit;
    return true;
}

bool line_keep_bytes(struct line *line, struct span bytes, boot_place *place)
{
    struct boot_rules *rules = line->rules;

    *place = 0;
    if (bytes.size == 0)
        return true;
    if (bytes.size + 1 > sizeof rules->texts - rules->text_size)
        return line_refuse(line, "all lines of boot rules together are longer than %d bytes; shorten them",
                           BOOT_TEXT_MAX);
    *place = rules->text_size;
    memcpy(rules->texts + rules->text_size, bytes.bytes, bytes.size);
    rules->texts[rules->text_size + bytes.size] = 0;
    rules->text_size = (uint16_t)(rules->text_size + bytes.size + 1);
    return true;
}

bool line_keep(struct line *line, const char *text, boot_place *place)
{
    return line_keep_bytes(line, span_of_text(text), place);
}

bool line_address(struct line *line, struct endpoint *address)
{
    if (endpoint_parse_address(address, span_of_text(line->word)) && address->scope == 0 &&
        !endpoint_is_unspecified(address) && !endpoint_is_multicast(address) && !endpoint_is_broadcast(address))
        return true;
    return line_refuse(line, "\"%.80s\" is no address of a host; write one such as 10.0.0.9", line->word);
}

bool line_prefix(struct line *line, struct prefix *prefix)
{
    return prefix_parse(prefix, span_of_text(line->word)) ||
           line_refuse(line, "\"%.80s\" is no network; write an address or a prefix such as 10.1.0.0/16", line->word);
}

static bool refuse_machine(struct line *line, struct span word)
{
    char typed[NEAREST_WORD_MAX + 1];
    char near[NEAREST_TEXT_MAX];
    char all[BOOT_PROBLEM_MAX];
    struct sheet words = sheet_in(all, sizeof all);
    struct nearest nearest;

    snprintf(typed, sizeof typed, "%.*s", (int)word.size, (const char *)word.bytes);
    nearest_begin(&nearest, typed);
    for (size_t i = 0; machine_word_at(i) != NULL; i++) {
        nearest_offer(&nearest, machine_word_at(i));
        sheet_print(&words, "%s%s", i > 0 ? " " : "", machine_word_at(i));
    }
    nearest_text(&nearest, near);
    if (near[0] != 0)
        return line_refuse(line, "\"%s\" is no machine; did you mean %s?", typed, near);
    return line_refuse(line, "\"%s\" is no machine; write one of %s, or a number of option 93", typed, all);
}

bool line_machines(struct line *line, const char *text, struct machine_set *set)
{
    static const char separators[] = ", \t";

    memset(set, 0, sizeof *set);
    for (text += strspn(text, separators); *text != 0; text += strspn(text, separators)) {
        struct span word = span_of(text, strcspn(text, separators));
        switch (machine_set_add(set, word)) {
        case MACHINE_WORD_ADDED: break;
        case MACHINE_WORD_UNKNOWN: return refuse_machine(line, word);
        case MACHINE_WORD_TOO_MANY:
            return line_refuse(line, "one line is for %d architectures at most; write two lines", MACHINE_SET_MAX);
        }
        text += word.size;
    }
    return set->count > 0 || set->is_any || set->is_ipxe || set->is_raspberry_pi ||
           line_refuse(line, "it is for no machine; write one such as x64 or any instead of the comma");
}

bool line_file(struct line *line, boot_place *place)
{
    size_t length = strlen(line->word);

    if (length > BOOT_FILE_MAX)
        return line_refuse(line, "the name of the file has %u bytes, and a machine's packet has room for %d",
                           (unsigned)length, BOOT_FILE_MAX);
    return line_keep(line, line->word, place);
}
