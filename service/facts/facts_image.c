#include "service/facts/facts_service.h"
#include "win32/system/text.h"

#include <stdio.h>

/* Where the program's name ends in a command without quotation marks: behind ".exe", else at the first space. */
static size_t program_length(const char *command)
{
    static const char suffix[] = ".exe";
    size_t suffix_length = sizeof suffix - 1;

    for (size_t i = 0; command[i] != 0; i++) {
        size_t k = 0;
        while (k < suffix_length && ascii_lower(command[i + k]) == suffix[k])
            k++;
        if (k == suffix_length && (command[i + k] == 0 || command[i + k] == ' '))
            return i + k;
    }
    return strcspn(command, " ");
}

void facts_image_read(struct facts_image *image, const char *command)
{
    static char text[FACTS_COMMAND_MAX];
    const char *program = text;
    size_t length;

    snprintf(text, sizeof text, "%s", command);
    text_expand(text, sizeof text);
    memset(image, 0, sizeof *image);
    program += strspn(program, " ");
    image->is_quoted = *program == '"';
    if (image->is_quoted)
        program++;
    length = image->is_quoted ? strcspn(program, "\"") : program_length(program);
    memcpy(image->program, program, length);
    image->has_space = strchr(image->program, ' ') != NULL;
    program += length;
    if (image->is_quoted && *program == '"')
        program++;
    snprintf(image->rest, sizeof image->rest, "%s", program);
}

/*
 * Takes the next word off the text and ends it, as the C library of a program does: quotation marks hold spaces
 * together, a backslash before one takes its meaning away. NULL at the end.
 */
static char *take_word(char **text)
{
    char *from = *text + strspn(*text, " \t");
    char *word = from;
    char *to = from;
    bool is_quoted = false;

    if (*from == 0)
        return NULL;
    while (*from != 0 && (is_quoted || (*from != ' ' && *from != '\t'))) {
        size_t backslashes = strspn(from, "\\");
        bool before_quote = from[backslashes] == '"';
        memset(to, '\\', before_quote ? backslashes / 2 : backslashes);
        to += before_quote ? backslashes / 2 : backslashes;
        from += backslashes;
        if (before_quote && backslashes % 2 == 0) {
            is_quoted = !is_quoted;
            from++;
        } else if (*from != 0 && (before_quote || backslashes == 0)) {
            *to++ = *from++;
        }
    }
    *text = *from != 0 ? from + 1 : from;
    *to = 0;
    return word;
}

bool facts_image_arguments(struct facts_image *image, struct arguments *arguments, struct config_problem *problem)
{
    char *words[FACTS_WORDS_MAX + 1] = {NULL};
    char *text = image->rest;
    int used;

    for (size_t i = 0; i < FACTS_WORDS_MAX && (words[i] = take_word(&text)) != NULL; i++)
        ;
    for (char **word = words; *word != NULL; word += used) {
        used = arguments_read(arguments, word[0], word[1], problem);
        if (used == 0) {
            char why[CONFIG_PROBLEM_MAX];
            snprintf(why, sizeof why, "%s", problem->text);
            snprintf(problem->text, sizeof problem->text, "%.60s is not understood: %.180s", word[0], why);
            return false;
        }
    }
    return true;
}
