#include "service/facts/facts.h"
#include "win32/system/text.h"

#include <stdio.h>

/* The system's folder that the path is, lies in, or has in it; NULL if there is none. */
static const struct facts_place *find_place(const struct facts_directory *directory)
{
    for (size_t i = 0; i < directory->place_count; i++)
        if (facts_is_below(directory->path, directory->places[i].path) ||
            facts_is_below(directory->places[i].path, directory->path))
            return &directory->places[i];
    return NULL;
}

bool facts_may_be_served(const struct facts_directory *directory, char *why, size_t size)
{
    const struct facts_place *place = find_place(directory);
    bool is_root = strlen(directory->path) == 2 && directory->path[1] == ':';

    if (is_root)
        snprintf(why, size, "%s\\ is a whole drive: every client may read all of it", directory->path);
    else if (place != NULL)
        snprintf(why, size, "%s is or holds a part of %s (%s), whose files are not for clients", directory->path,
                 place->name, place->path);
    return !is_root && place == NULL;
}

/* As it will be spelt once it is there: without ".." and the like, and without a separator behind it. */
static void name_place(struct facts_directory *directory, const char *path)
{
    wchar_t wide[CONFIG_DIRECTORY_MAX], full[CONFIG_DIRECTORY_MAX];
    DWORD length =
        text_to_wide(path, wide, CONFIG_DIRECTORY_MAX) ? GetFullPathNameW(wide, CONFIG_DIRECTORY_MAX, full, NULL) : 0;

    if (length == 0 || length >= CONFIG_DIRECTORY_MAX || !text_from_wide(full, directory->path, sizeof directory->path))
        return;
    for (size_t end = strlen(directory->path); end > 0 && directory->path[end - 1] == '\\'; end--)
        directory->path[end - 1] = 0;
}

bool facts_allows_place(const char *path, char *why, size_t size)
{
    static struct facts_directory directory; /* some kilobytes */
    bool is_on_share = strncmp(path, "\\\\", 2) == 0;

    if (!is_on_share && (path[0] == 0 || path[1] != ':' || (path[2] != '\\' && path[2] != '/'))) {
        snprintf(why, size, "\"%.300s\" is no whole path, such as D:\\images", path);
        return false;
    }
    facts_gather_directory(&directory, path, NULL);
    if (directory.error != 0)
        name_place(&directory, path);
    return facts_may_be_served(&directory, why, size);
}
