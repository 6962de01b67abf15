#include "service/desk/help.h"

#include "core/base/nearest.h"
#include "core/names/path.h"
#include "core/settings/config.h"
#include "service/tell/exitcodes.h"
#include "service/tell/screen.h"
#include "service/words/help_topics.h"
#include "service/words/verbs.h"

#include <stdio.h>

enum { PAGE_WIDTH = 79, INDENT = 6, LINE_MAX = 1024, SHOWN_MAX = 128, FIRST_COLUMN = 22 };

/* Words behind one another, indented, broken before the page ends. */
static void print_wrapped(const char *text, size_t indent)
{
    char line[PAGE_WIDTH + 2];
    size_t used = 0;

    while (*text) {
        size_t length = strcspn(text, " ");
        size_t space = used > 0 ? 1 : indent;
        if (used > 0 && used + space + length > PAGE_WIDTH) {
            snprintf(line + used, sizeof line - used, "\n");
            screen_answer(line);
            used = 0;
            space = indent;
        }
        used += (size_t)snprintf(line + used, sizeof line - used, "%*s%.*s", (int)space, "", (int)length, text);
        if (used > PAGE_WIDTH)
            used = PAGE_WIDTH;
        text += length;
        text += strspn(text, " ");
    }
    snprintf(line + used, sizeof line - used, "\n");
    screen_answer(line);
}

static void print_parameter(const struct config_parameter *parameter)
{
    static const char *const types[] = {
        [CONFIG_NUMBER] = "REG_DWORD",
        [CONFIG_BYTES] = "REG_QWORD or REG_DWORD",
        [CONFIG_TEXT] = "REG_SZ or REG_EXPAND_SZ",
        [CONFIG_PATTERNS] = "REG_SZ or REG_MULTI_SZ",
        [CONFIG_RANGE] = "REG_SZ",
        [CONFIG_CHOICE] = "REG_SZ",
    };
    const char *absent = parameter->standard ? "empty" : "not there";
    const char *standard = parameter->standard && parameter->standard[0] ? parameter->standard : absent;
    char line[LINE_MAX];
    int used = snprintf(line, sizeof line, "  %s%s%s  %s, default %s", parameter->name, parameter->alias ? " or " : "",
                        parameter->alias ? parameter->alias : "", types[parameter->kind], standard);

    if (parameter->kind == CONFIG_NUMBER)
        used += snprintf(line + used, sizeof line - (size_t)used, ", %llu to %llu", parameter->low, parameter->high);
    snprintf(line + used, sizeof line - (size_t)used, "%s\n", parameter->needs_restart ? ", restart" : "");
    screen_answer(line);
    print_wrapped(parameter->meaning, INDENT);
}

/* -- the first page ------------------------------------------------------------------------------------------------ */

static void print_common_verbs(void)
{
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (verbs[i].is_common)
            screen_say("  tftpd %-*s%s\n", FIRST_COLUMN - 8, verbs[i].word, verbs[i].summary);
}

static void print_first_page(void)
{
    char list[VERBS_TEXT_MAX];

    screen_answer(help_beginning);
    print_common_verbs();
    screen_answer(help_rest);
    print_wrapped(verbs_list(list), FIRST_COLUMN);
    for (const struct help_topic *topic = help_topics; topic->word != NULL; topic++)
        screen_say("  tftpd -? %-*s%s\n", FIRST_COLUMN - 11, topic->word, topic->summary);
}

/* -- topics -------------------------------------------------------------------------------------------------------- */

static void print_verb(const struct verb *verb)
{
    screen_say("%s\n%s\nExit codes: %s\n", verb->syntax, verb->meaning, verb->codes);
}

static void print_topic(const struct help_topic *topic)
{
    screen_answer(topic->text);
    for (size_t i = 0; topic->lists_parameters && i < config_parameter_count; i++)
        print_parameter(&config_parameters[i]);
}

static bool print_about(const char *word)
{
    enum verb_id id = verbs_find(word);
    const struct config_parameter *parameter = config_find(word);

    for (const struct help_topic *topic = help_topics; topic->word != NULL; topic++)
        if (_stricmp(topic->word, word) == 0) {
            print_topic(topic);
            return true;
        }
    if (id != VERB_COUNT)
        print_verb(&verbs[id]);
    else if (parameter != NULL)
        print_parameter(parameter);
    return id != VERB_COUNT || parameter != NULL;
}

static int complain(const char *word)
{
    char shown[SHOWN_MAX], meant[NEAREST_TEXT_MAX];
    struct nearest nearest;

    path_printable(span_of_text(word), shown, sizeof shown);
    nearest_begin(&nearest, word);
    for (size_t i = 0; i < VERB_COUNT; i++)
        nearest_offer(&nearest, verbs[i].word);
    for (const struct help_topic *topic = help_topics; topic->word != NULL; topic++)
        nearest_offer(&nearest, topic->word);
    for (size_t i = 0; i < config_parameter_count; i++)
        nearest_offer(&nearest, config_parameters[i].name);
    if (nearest.count > 0)
        return verbs_complain(VERB_HELP, "there is no topic \"%s\"; did you mean %s?", shown,
                              nearest_text(&nearest, meant));
    return verbs_complain(
        VERB_HELP, "there is no topic \"%s\"; known are " HELP_TOPIC_WORDS ", each verb and each parameter", shown);
}

int help_run(char **words)
{
    if (words[0] == NULL) {
        print_first_page();
        return EXIT_OK;
    }
    if (words[1] != NULL)
        return verbs_complain(VERB_HELP, "%.100s is one too many; it explains one thing at a time", words[1]);
    return print_about(words[0]) ? EXIT_OK : complain(words[0]);
}

int help_version_run(char **words)
{
    if (words[0] != NULL)
        return verbs_complain(VERB_VERSION, "%.100s is not understood", words[0]);
    screen_answer("tftpd " TFTPD_VERSION "\n");
    return EXIT_OK;
}
