#include "client/pattern.h"

#include "core/client/local_name.h"
#include "win32/system/text.h"

#include <stdlib.h>

enum { NAME_MAX_BYTES = 3 * MAX_PATH + 1 };

static bool fail(struct command *command, const char *what, const char *name)
{
    return command_fail(command, "\"%.200s\" %s", name, what);
}

/* The name in the pattern's folder; it lives as long as the process. */
static const char *name_in_folder(const char *pattern, const wchar_t *found)
{
    size_t folder = (size_t)(local_name_last(pattern) - pattern);
    char *name = malloc(folder + NAME_MAX_BYTES);

    if (name == NULL || !text_from_wide(found, name + folder, NAME_MAX_BYTES)) {
        free(name);
        return NULL;
    }
    memcpy(name, pattern, folder);
    return name;
}

/* Adds what it matches to names. */
static bool match(struct command *command, const char *pattern, const char **names, size_t *count)
{
    wchar_t wide[COMMAND_LOCAL_MAX];
    WIN32_FIND_DATAW found;
    size_t before = *count;

    if (!text_to_wide(pattern, wide, COMMAND_LOCAL_MAX))
        return fail(command, "is no name", pattern);
    HANDLE search = FindFirstFileW(wide, &found);
    for (bool has_one = search != INVALID_HANDLE_VALUE; has_one; has_one = FindNextFileW(search, &found)) {
        if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
            continue;
        const char *name = *count < COMMAND_NAMES_MAX - 1 ? name_in_folder(pattern, found.cFileName) : NULL;
        if (name == NULL) {
            FindClose(search);
            return fail(command, "matches more files than go at once", pattern);
        }
        names[(*count)++] = name;
    }
    if (search != INVALID_HANDLE_VALUE)
        FindClose(search);
    return *count > before || fail(command, "matches no file", pattern);
}

bool pattern_expand(struct command *command)
{
    const char *names[COMMAND_NAMES_MAX] = {NULL};
    size_t count = 0, files = command_job_count(command);

    if (command->verb != COMMAND_PUT || command->is_windows_form)
        return true;
    for (size_t i = 0; i < files; i++) {
        if (!local_name_is_pattern(command->names[i]))
            names[count++] = command->names[i];
        else if (!match(command, command->names[i], names, &count))
            return false;
        if (count >= COMMAND_NAMES_MAX)
            return fail(command, "is one file too many", command->names[i]);
    }
    const char *address = command->names[command->name_count - 1];
    memcpy(command->names, names, count * sizeof names[0]);
    command->names[count] = address;
    command->name_count = count + 1;
    struct job job;
    for (size_t i = 0; i < count; i++)
        if (!command_job(command, i, &job))
            return false;
    return true;
}
