#include "core/client/command_parts.h"

#include "core/base/utf8.h"
#include "core/client/local_name.h"

#include <stdarg.h>
#include <stdio.h>

/* Where a long name was cut a part of a letter may be left. */
static void drop_parts(char *text)
{
    while (*text != 0) {
        size_t length = utf8_length(text);
        if (length == 0)
            *text = '?';
        text += length > 0 ? length : 1;
    }
}

bool command_fail(struct command *command, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(command->problem, sizeof command->problem, format, arguments);
    va_end(arguments);
    drop_parts(command->problem);
    utf8_make_printable(command->problem);
    return false;
}

static bool find_verb(const char *word, enum command_verb *verb)
{
    struct span span = span_of_text(word);

    if (span_is_word(span, "get"))
        *verb = COMMAND_GET;
    else if (span_is_word(span, "put"))
        *verb = COMMAND_PUT;
    else
        return false;
    return true;
}

/* These are verbs of ours alone, so only in the first place. */
static bool find_own_verb(const char *word, enum command_verb *verb)
{
    if (span_is_word(span_of_text(word), "probe"))
        *verb = COMMAND_PROBE;
    else if (span_is_word(span_of_text(word), "size"))
        *verb = COMMAND_SIZE;
    else
        return find_verb(word, verb);
    return true;
}

static bool add_name(struct command *command, const char *word)
{
    if (command->name_count == COMMAND_NAMES_MAX)
        return command_fail(command, "more than %d names", COMMAND_NAMES_MAX);
    command->names[command->name_count++] = word;
    return true;
}

/* Behind the verb of Windows' form everything is a name, whatever it begins with. */
static bool take_windows_names(struct command *command, size_t count, const char *const *words)
{
    command->is_windows_form = true;
    if (count == 0)
        return command_fail(command, "the name of the file is missing");
    if (count > 2)
        return command_fail(command, "%u names, where a source and a destination are all that there can be",
                            (unsigned)count);
    for (size_t i = 0; i < count; i++)
        add_name(command, words[i]);
    return true;
}

/* The next word, if it is none of an option's; options are taken. False: something is wrong with one. */
static bool skip_options(struct command *command, size_t count, const char *const *words, size_t *at)
{
    while (*at < count && command_is_option(words[*at])) {
        size_t taken = command_take_option(command, count - *at, words + *at);
        if (taken == 0)
            return false;
        *at += taken;
    }
    return true;
}

/* Nothing but this is wanted, whatever else stands there. */
static bool is_about_itself(const struct command *command)
{
    return command->verb == COMMAND_HELP || command->verb == COMMAND_VERSION;
}

static bool take_words(struct command *command, size_t count, const char *const *words)
{
    size_t at = 0;

    if (!skip_options(command, count, words, &at))
        return false;
    if (is_about_itself(command))
        return true;
    if (at == count)
        return command_fail(command, "the host is missing");
    const char *first = words[at++];
    if (!skip_options(command, count, words, &at))
        return false;
    command->is_help_of_probe = span_is_word(span_of_text(first), "probe");
    if (is_about_itself(command))
        return true;
    if (at < count && find_verb(words[at], &command->verb)) {
        command->host = first;
        return take_windows_names(command, count - at - 1, words + at + 1);
    }
    if (!find_own_verb(first, &command->verb))
        return command_fail(command, "neither \"%.100s\" nor \"%.100s\" is get or put", first,
                            at < count ? words[at] : "");
    while (at < count) {
        const char *name = words[at++];
        if (!add_name(command, name) || !skip_options(command, count, words, &at))
            return false;
    }
    return true;
}

/* No file of Windows has a quote in its name, but "C:\dir\" has one for who reads the command line, and all behind it, too. */
static bool judge_quote(struct command *command, const char *local)
{
    return strchr(local, '"') == NULL ||
           command_fail(
               command,
               "\"%.100s\" is no local name: a \\ before a quote makes it a part of the name; leave the last \\ "
               "out, or double it",
               local);
}

/* What was swallowed is missing then, but that is not what went wrong. */
static bool judge_quotes(struct command *command)
{
    size_t files = command->verb == COMMAND_PUT && !command->is_windows_form ? command->name_count : 0;

    if (command->output != NULL && !judge_quote(command, command->output))
        return false;
    for (size_t i = 0; i < files; i++)
        if (!address_is_uri(command->names[i]) && !judge_quote(command, command->names[i]))
            return false;
    return true;
}

static bool judge_names(struct command *command)
{
    struct job job;
    size_t least = command->verb == COMMAND_PUT ? 2 : 1;

    if (command_is_question(command))
        return command_job(command, 0, &job);
    if (!judge_quotes(command))
        return false;
    if (!command->is_windows_form && command->name_count < least)
        return command_fail(command, command->verb == COMMAND_PUT
                                         ? "a put takes files, and then the address that they go to"
                                         : "the address is missing: tftp get tftp://host/name");
    size_t count = command_job_count(command);
    if (count > 1 && command->verb == COMMAND_GET && command->output != NULL && !local_name_is_folder(command->output))
        return command_fail(command, "several files cannot all become \"%.100s\": end a folder's name in \\",
                            command->output);
    for (size_t i = 0; i < count; i++)
        if (!command_job(command, i, &job))
            return false;
    return true;
}

bool command_parse(struct command *command, size_t count, const char *const *words)
{
    command_defaults(command);
    if (count == 0)
        return true;
    if (!take_words(command, count, words))
        return false;
    if (is_about_itself(command))
        return true;
    return command_judge_options(command) && judge_names(command);
}

/* -- the files -- */

size_t command_job_count(const struct command *command)
{
    if (command->is_windows_form || command_is_question(command))
        return 1;
    return command->verb == COMMAND_PUT ? command->name_count - 1 : command->name_count;
}

/* False if both together do not fit. */
static bool join(char *to, size_t size, const char *folder, const char *name)
{
    int length = snprintf(to, size, "%s%s", folder, name);

    return length >= 0 && (size_t)length < size;
}

/* A put's are matched against the disk. */
static bool judge_target(struct command *command, const char *local)
{
    static const char verbatim[] = "\\\\?\\";
    size_t prefix = strncmp(local, verbatim, strlen(verbatim)) == 0 ? strlen(verbatim) : 0;

    return command->verb == COMMAND_PUT || strpbrk(local + prefix, "<>|*?") == NULL ||
           command_fail(command, "\"%.100s\" can be no file: a name has none of < > | * ? \"", local);
}

static bool set_local(struct command *command, struct job *job, const char *folder, const char *name)
{
    if (!join(job->local, sizeof job->local, folder, name))
        return command_fail(command, "the local name is longer than %d bytes", COMMAND_LOCAL_MAX - 1);
    return judge_quote(command, job->local) && judge_target(command, job->local);
}

static bool set_remote(struct command *command, struct job *job, const char *folder, const char *name)
{
    return join(job->address.name, sizeof job->address.name, folder, name) ||
           command_fail(command, "the remote name is longer than a request can hold");
}

/* A get's local name: as it was given, in the folder that was given, or in the current one. */
static bool choose_local(struct command *command, struct job *job, const char *given)
{
    if (given != NULL && !local_name_is_folder(given))
        return set_local(command, job, "", given);
    const char *problem = local_name_judge(job->address.name);
    if (problem != NULL)
        return command_fail(command, "\"%.100s\" gives the local file no name (%s): name it yourself",
                            job->address.name, problem);
    return set_local(command, job, given != NULL ? given : "", local_name_last(job->address.name));
}

static bool is_standard(const char *name)
{
    return strcmp(name, "-") == 0;
}

/* A put's remote name: as it was given, or the last component of the local one, behind the folder that was given. */
static bool choose_remote(struct command *command, struct job *job, const char *given)
{
    bool is_folder = given[0] == 0 || local_name_is_folder(given);
    const char *last = local_name_last(job->local);

    if (!is_folder)
        return set_remote(command, job, "", given);
    if (is_standard(job->local) || last[0] == 0)
        return command_fail(command, "\"%.100s\" has no name that the server could give it: name it yourself",
                            job->local);
    return set_remote(command, job, given, last);
}

static bool windows_job(struct command *command, struct job *job)
{
    const char *second = command->name_count > 1 ? command->names[1] : NULL;
    const char *problem = address_parse_host(&job->address, command->host);

    if (problem != NULL)
        return command_fail(command, "\"%.100s\": %s", command->host, problem);
    job->is_netascii = !command->is_octet;
    if (command->verb == COMMAND_GET)
        return set_remote(command, job, "", command->names[0]) &&
               choose_local(command, job, second != NULL ? second : command->output);
    /* What is given here goes out as it is typed, a folder's name too. */
    return set_local(command, job, "", command->names[0]) &&
           (second != NULL ? set_remote(command, job, "", second) : choose_remote(command, job, ""));
}

static bool address_job(struct command *command, size_t index, struct job *job)
{
    bool is_put = command->verb == COMMAND_PUT;
    const char *uri = command->names[is_put ? command->name_count - 1 : index];
    const char *problem = address_parse_uri(&job->address, uri);

    if (problem != NULL)
        return command_fail(command, "\"%.100s\": %s", uri, problem);
    job->is_netascii = job->address.mode == MODE_NETASCII || (job->address.mode == MODE_UNSAID && command->is_netascii);
    if (!is_put && job->address.name[0] == 0)
        return command_fail(command, "\"%.100s\" names no file", uri);
    if (!is_put)
        return choose_local(command, job, command->output);
    char given[ADDRESS_NAME_MAX];
    memcpy(given, job->address.name, sizeof given);
    if (command->name_count > 2 && given[0] != 0 && !local_name_is_folder(given))
        return command_fail(command, "several files cannot all become \"%.100s\": end the address in /", uri);
    return set_local(command, job, "", command->names[index]) && choose_remote(command, job, given);
}

bool command_job(struct command *command, size_t index, struct job *job)
{
    ASSERT(index < command_job_count(command));
    *job = (struct job){.local = ""};
    if (command_is_question(command))
        return command_question_job(command, job);
    if (!(command->is_windows_form ? windows_job(command, job) : address_job(command, index, job)))
        return false;
    if (job->address.name[0] == 0)
        return command_fail(command, "the remote name is empty");
    if (job->local[0] == 0)
        return command_fail(command, "the local name is empty");
    if (command->port != 0)
        job->address.port = command->port;
    return true;
}
