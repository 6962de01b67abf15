#include "core/client/command_parts.h"

bool command_is_question(const struct command *command)
{
    return command->verb == COMMAND_PROBE || command->verb == COMMAND_SIZE;
}

static bool set_name(struct command *command, struct job *job, const char *name)
{
    if (name[0] == 0)
        return command_fail(command, "the name of the file is empty");
    if (strlen(name) >= sizeof job->address.name)
        return command_fail(command, "the remote name is longer than a request can hold");
    memcpy(job->address.name, name, strlen(name) + 1);
    return true;
}

bool command_question_job(struct command *command, struct job *job)
{
    const char *word = command->names[0];

    if (command->name_count == 0)
        return command_fail(command, command->verb == COMMAND_SIZE
                                         ? "the address is missing: tftp size tftp://host/name"
                                         : "the host is missing: tftp probe host [name]");
    if (command->name_count > 2)
        return command_fail(command, "%u names, where a host and a name are all that there can be",
                            (unsigned)command->name_count);
    bool is_uri = address_is_uri(word);
    const char *problem = is_uri ? address_parse_uri(&job->address, word) : address_parse_host(&job->address, word);
    if (problem != NULL)
        return command_fail(command, "\"%s\": %s", word, problem);
    if (is_uri && command->name_count > 1)
        return command_fail(command, "\"%s\" names its file already", word);
    if (command->name_count > 1 && !set_name(command, job, command->names[1]))
        return false;
    if (command->verb == COMMAND_SIZE && job->address.name[0] == 0)
        return command_fail(command, "\"%s\" names no file: tftp size tftp://host/name", word);
    if (command->port != 0)
        job->address.port = command->port;
    return true;
}
