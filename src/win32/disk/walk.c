#include "win32/disk/walk.h"

struct walk {
    wchar_t *path;
    walk_visit *visit;
    void *context;
};

static bool walk_directory(const struct walk *walk, unsigned depth);

static bool walk_entry(const struct walk *walk, size_t length, unsigned depth, const WIN32_FIND_DATAW *entry)
{
    bool is_itself = wcscmp(entry->cFileName, L".") == 0 || wcscmp(entry->cFileName, L"..") == 0;
    DWORD kind = entry->dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT);

    if (is_itself)
        return true;
    /* Room for a separator, and for "\*" behind a directory. */
    if (length + 1 + wcslen(entry->cFileName) + 3 > WALK_PATH_MAX)
        return walk->visit(walk->context, walk->path, depth, NULL);
    walk->path[length] = L'\\';
    wcscpy(walk->path + length + 1, entry->cFileName);
    bool goes_on = walk->visit(walk->context, walk->path, depth, entry);
    if (goes_on && kind == FILE_ATTRIBUTE_DIRECTORY && depth < WALK_DEPTH_MAX)
        goes_on = walk_directory(walk, depth + 1);
    walk->path[length] = 0;
    return goes_on;
}

static bool walk_directory(const struct walk *walk, unsigned depth)
{
    size_t length = wcslen(walk->path);
    WIN32_FIND_DATAW entry;
    bool goes_on = true;

    wcscpy(walk->path + length, L"\\*");
    HANDLE find = FindFirstFileExW(walk->path, FindExInfoBasic, &entry, FindExSearchNameMatch, NULL, 0);
    walk->path[length] = 0;
    if (find == INVALID_HANDLE_VALUE)
        return walk->visit(walk->context, walk->path, depth, NULL);
    do
        goes_on = walk_entry(walk, length, depth, &entry);
    while (goes_on && FindNextFileW(find, &entry));
    FindClose(find);
    return goes_on;
}

void walk_tree(wchar_t *path, walk_visit *visit, void *context)
{
    if (wcslen(path) + 3 > WALK_PATH_MAX)
        visit(context, path, 0, NULL);
    else
        walk_directory(&(struct walk){path, visit, context}, 0);
}
