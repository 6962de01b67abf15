#include "core/client/local_name.h"

#include "core/names/path.h"

const char *local_name_last(const char *path)
{
    const char *last = path;

    for (const char *at = path; *at != 0; at++)
        if (*at == '/' || *at == '\\' || *at == ':')
            last = at + 1;
    return last;
}

bool local_name_is_folder(const char *path)
{
    size_t length = strlen(path);

    return length > 0 && (path[length - 1] == '/' || path[length - 1] == '\\');
}

bool local_name_is_pattern(const char *path)
{
    return strpbrk(local_name_last(path), "*?") != NULL;
}

const char *local_name_judge(const char *remote)
{
    char path[PATH_TEXT_MAX];
    const char *last = local_name_last(remote);

    if (local_name_is_pattern(remote))
        return "TFTP has no listing, so * and ? match nothing on a server: name each file";
    enum path_problem problem = path_normalize(span_of_text(last), path);
    /* What only a server keeps for itself may be fetched from one. "." becomes nothing. */
    if (problem == PATH_OK || problem == PATH_RESERVED)
        return NULL;
    return path_problem_text(problem);
}
