#include "service/facts/facts.h"
#include "win32/disk/file.h"
#include "win32/system/text.h"

#include "core/names/path.h"

#include <stdio.h>
#include <stdlib.h>

enum { WALK_PATH_MAX = 4096 };

struct walk {
    struct facts_tree *tree;
    const struct facts_reader *reader;
    char root[FACTS_PATH_MAX];   /* final */
    wchar_t path[WALK_PATH_MAX]; /* of the directory being read, grown and cut back */
};

static bool has_prefix(const wchar_t *name, const char *prefix)
{
    wchar_t wide[MAX_PATH];

    return text_to_wide(prefix, wide, MAX_PATH) && _wcsnicmp(name, wide, wcslen(wide)) == 0;
}

static void keep_path(const struct walk *walk, char text[FACTS_PATH_MAX])
{
    if (file_path_text(walk->path, text, FACTS_PATH_MAX)[0] == 0)
        snprintf(text, FACTS_PATH_MAX, "(a name too long to show)");
}

/* Whoever writes an upload lets nobody else read it; and its file is deleted with his handle. */
static void judge_unfinished(struct walk *walk)
{
    struct facts_tree *tree = walk->tree;
    HANDLE file = CreateFileW(walk->path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);

    if (file == INVALID_HANDLE_VALUE) {
        tree->uploading++;
        return;
    }
    CloseHandle(file);
    if (tree->unfinished++ == 0)
        keep_path(walk, tree->unfinished_first);
}

/* Whatever the entry leads to: the opened handle tells where that is and who may change it. */
static void judge_handle(struct walk *walk, HANDLE file, const WIN32_FIND_DATAW *entry, bool is_log)
{
    struct facts_tree *tree = walk->tree;
    struct facts_acl acl;
    static char final[FACTS_PATH_MAX];
    /* Folders above a file need not let the service in: everybody may pass through them (SeChangeNotifyPrivilege). */
    bool is_served = !is_log && (entry->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0;

    file_final_text(file, final, sizeof final);
    if (final[0] != 0 && !facts_is_below(final, walk->root)) {
        if (tree->leaving++ == 0) {
            keep_path(walk, tree->leaving_first);
            snprintf(tree->leaving_target, sizeof tree->leaving_target, "%s", final);
            tree->leaving_is_link = (entry->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
            tree->leaving_is_directory = (entry->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
        }
        return;
    }
    facts_acl_read(&acl, FACTS_THING_FILE, file, is_served ? walk->reader : NULL);
    if (acl.shuts_out && tree->unreadable++ == 0)
        keep_path(walk, tree->unreadable_first);
    if (is_log) {
        tree->has_log = true;
        tree->log_acl = acl;
    } else if (acl.lets_write && tree->writable++ == 0) {
        keep_path(walk, tree->writable_first);
        tree->writable_acl = acl;
    }
    if (acl.error != 0 && tree->unseen++ == 0)
        keep_path(walk, tree->unseen_first);
    if (acl.owner[0] != 0 && !acl.is_service_owned && tree->owned++ == 0) {
        keep_path(walk, tree->owned_first);
        memcpy(tree->owner, acl.owner, sizeof tree->owner);
    }
}

static void walk_directory(struct walk *walk, unsigned depth);

static void judge_entry(struct walk *walk, unsigned depth, const WIN32_FIND_DATAW *entry)
{
    struct facts_tree *tree = walk->tree;
    bool is_directory = (entry->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    bool is_link = (entry->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    bool is_log = depth == 0 && !is_directory && _wcsicmp(entry->cFileName, L"" PATH_LOG_NAME) == 0;

    tree->entries++;
    if (!is_directory && has_prefix(entry->cFileName, PATH_UPLOAD_PREFIX)) {
        judge_unfinished(walk);
        return;
    }
    HANDLE file = CreateFileW(walk->path, READ_CONTROL | FILE_READ_ATTRIBUTES,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                              FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (file != INVALID_HANDLE_VALUE) {
        judge_handle(walk, file, entry, is_log);
        CloseHandle(file);
    } else if (tree->unseen++ == 0) {
        keep_path(walk, tree->unseen_first);
    }
    /* What a link leads to is either outside, or looked at where it really lies. */
    if (is_directory && !is_link && depth < FACTS_DEPTH_MAX)
        walk_directory(walk, depth + 1);
}

static void walk_directory(struct walk *walk, unsigned depth)
{
    size_t length = wcslen(walk->path);
    WIN32_FIND_DATAW entry;

    wcscpy(walk->path + length, L"\\*");
    HANDLE find = FindFirstFileExW(walk->path, FindExInfoBasic, &entry, FindExSearchNameMatch, NULL, 0);
    walk->path[length] = 0;
    if (find == INVALID_HANDLE_VALUE) {
        if (walk->tree->unseen++ == 0)
            keep_path(walk, walk->tree->unseen_first);
        return;
    }
    do {
        size_t name_length = wcslen(entry.cFileName);
        if (wcscmp(entry.cFileName, L".") == 0 || wcscmp(entry.cFileName, L"..") == 0)
            continue;
        if (walk->tree->entries >= FACTS_ENTRIES_MAX) {
            walk->tree->is_stopped = true;
            break;
        }
        /* Room for a separator, and for "\*" behind a directory. */
        if (length + 1 + name_length + 3 > WALK_PATH_MAX) {
            walk->tree->unseen++;
            continue;
        }
        walk->path[length] = L'\\';
        wcscpy(walk->path + length + 1, entry.cFileName);
        judge_entry(walk, depth, &entry);
        walk->path[length] = 0;
    } while (FindNextFileW(find, &entry));
    FindClose(find);
}

void facts_gather_tree(struct facts_tree *tree, const char *path, const struct facts_reader *reader)
{
    struct walk *walk = calloc(1, sizeof *walk);
    bool is_share = strncmp(path, "\\\\", 2) == 0;

    memset(tree, 0, sizeof *tree);
    if (walk == NULL)
        return;
    walk->tree = tree;
    walk->reader = is_share ? NULL : reader; /* a share's server knows the service by other SIDs */
    snprintf(walk->root, sizeof walk->root, "%s", path);
    /* With the prefix, Windows takes paths of any length and no name for a device. */
    wcscpy(walk->path, is_share ? L"\\\\?\\UNC" : L"\\\\?\\");
    size_t length = wcslen(walk->path);
    if (text_to_wide(is_share ? path + 1 : path, walk->path + length, FACTS_PATH_MAX))
        walk_directory(walk, 0);
    free(walk);
}
