#include "service/explain/explain_parts.h"

#include "service/facts/facts.h"
#include "service/tell/exitcodes.h"
#include "service/tell/screen.h"
#include "service/words/parameters.h"
#include "service/words/verbs.h"
#include "win32/system/text.h"

#include <stdarg.h>
#include <stdio.h>

enum { USER_MAX = 256 };

void explain_note(struct explain_basis *basis, const char *format, ...)
{
    va_list values;

    if (basis->note_count == EXPLAIN_NOTES_MAX)
        return;
    va_start(values, format);
    vsnprintf(basis->notes[basis->note_count++], sizeof basis->notes[0], format, values);
    va_end(values);
}

/* -- what was typed ------------------------------------------------------------------------------------------------ */

/* Returns how many words it was. */
static int read_own(char **words, const struct explain_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (options[i].value != NULL) {
            int used = verbs_option(words, options[i].word, options[i].value);
            if (used > 0)
                return used;
        } else if (options[i].is_there != NULL && strcmp(words[0], options[i].word) == 0) {
            *options[i].is_there = true;
            return 1;
        }
    }
    return 0;
}

int explain_read_words(struct explain_basis *basis, char **words, const struct explain_option *options, size_t count,
                       const char *own)
{
    const struct explain_option common[] = {{"--service", &basis->service, NULL}, {"--json", NULL, &basis->is_json}};
    struct config_problem problem;

    for (int used; *words != NULL; words += used) {
        used = read_own(words, options, count);
        if (used == 0)
            used = read_own(words, common, sizeof common / sizeof *common);
        bool is_argument =
            strncmp(words[0], "--set", 5) == 0 || (words[0][0] == '-' && ascii_lower(words[0][1]) == 'd');
        if (used == 0 && is_argument) {
            used = arguments_read(&basis->arguments, words[0], words[1], &problem);
            if (used == 0)
                return verbs_complain(VERB_EXPLAIN, "%.200s: %s", words[0], problem.text);
        }
        if (used == 0 && words[0][0] == '-' && words[1] == NULL)
            return verbs_complain(VERB_EXPLAIN, "%.200s: is unknown, or its value is missing", words[0]);
        if (used == 0)
            return verbs_complain(VERB_EXPLAIN, "%.200s: known are %s, --service, --set, -d and --json", words[0], own);
    }
    return 0;
}

/* -- what the service knows ---------------------------------------------------------------------------------------- */

static void on_rejected(void *context, enum config_source source, const struct config_parameter *parameter,
                        const struct config_problem *problem)
{
    struct explain_basis *basis = context;
    char value[CONFIG_PROBLEM_MAX / 4];

    explain_note(basis, "%s%s; judged with \"%s\"", source == CONFIG_FROM_POLICY ? "the policy " : "", problem->text,
                 config_value_text(&basis->config, parameter, value, sizeof value));
}

static void on_overruled(void *context, const struct config_parameter *parameter, const char *argument)
{
    struct explain_basis *basis = context;
    char key[REGISTRY_KEY_MAX];

    explain_note(basis, "%.120s has no effect: %s is set by a policy in %.120s", argument, parameter->name,
                 registry_key(basis->service, CONFIG_FROM_POLICY, key));
}

static void name_rights(struct explain_basis *basis, const struct facts_service *service)
{
    wchar_t wide[USER_MAX];
    char user[USER_MAX * 3] = "you";
    DWORD length = USER_MAX;

    if (GetUserNameW(wide, &length))
        text_from_wide(wide, user, sizeof user);
    snprintf(basis->rights, sizeof basis->rights,
             "looked at files with the rights of %.200s; the service's account is %.200s", user,
             service->account[0] ? service->account : "not known here");
}

int explain_load(struct explain_basis *basis)
{
    static struct arguments typed;
    static struct facts_service facts; /* arguments point into it */
    struct facts_service *service = &facts;
    struct config_problem problem;
    struct registry_report report = {on_rejected, NULL, on_overruled, basis};
    char reason[PARAMETERS_REASON_MAX];

    typed = basis->arguments;
    memset(&basis->arguments, 0, sizeof basis->arguments);
    facts_service_read(service, basis->service);
    if (service->error == ERROR_SERVICE_DOES_NOT_EXIST)
        explain_note(basis, "no service %.80s is installed; judged by its registry key, or the defaults",
                     basis->service);
    else if (service->error != 0)
        explain_note(basis, "the service's ImagePath cannot be read: %.150s", text_of_error(service->error).text);
    else if (!facts_image_arguments(&service->image, &basis->arguments, &problem))
        explain_note(basis, "the service would not start with its ImagePath: %s", problem.text);
    if (typed.directory[0] != 0)
        memcpy(basis->arguments.directory, typed.directory, sizeof typed.directory);
    for (size_t i = 0; i < typed.set_count && basis->arguments.set_count < ARGUMENTS_SET_MAX; i++)
        basis->arguments.set[basis->arguments.set_count++] = typed.set[i];
    if (parameters_load(&basis->config, basis->service, &basis->arguments, NULL, &report, reason) != EXIT_OK)
        return verbs_complain(VERB_EXPLAIN, "%s", reason);
    name_rights(basis, service);
    return 0;
}

/* -- what is told of it ---------------------------------------------------------------------------------------------- */

void explain_print_basis(const struct explain_basis *basis)
{
    screen_say("  rights       %s\n", basis->rights);
    for (size_t i = 0; i < basis->note_count; i++)
        screen_say("  note         %s\n", basis->notes[i]);
}

void explain_json_basis(const struct explain_basis *basis, struct json *json)
{
    json_text(json, "rights", basis->rights);
    json_open(json, "notes", '[');
    for (size_t i = 0; i < basis->note_count; i++)
        json_text(json, NULL, basis->notes[i]);
    json_close(json, '[');
}
