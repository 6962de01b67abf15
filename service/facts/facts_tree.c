#include "service/facts/facts.h"

#include "core/names/path.h"
#include "win32/disk/file.h"
#include "win32/disk/walk.h"
#include "win32/system/text.h"

#include <stdio.h>

struct look {
    struct facts_tree *tree;
    const struct facts_reader *reader;
    const char *root;    /* final */
    const wchar_t *path; /* of what is looked at */
};

static void keep_path(const struct look *look, char text[FACTS_PATH_MAX])
{
    if (file_path_text(look->path, text, FACTS_PATH_MAX)[0] == 0)
        snprintf(text, FACTS_PATH_MAX, "(a name too long to show)");
}

/* Whoever writes an upload lets nobody else read it; and its file is deleted with his handle. */
static void judge_unfinished(struct look *look)
{
    struct facts_tree *tree = look->tree;
    HANDLE file = CreateFileW(look->path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);

    if (file == INVALID_HANDLE_VALUE) {
        tree->uploading++;
        return;
    }
    CloseHandle(file);
    if (tree->unfinished++ == 0)
        keep_path(look, tree->unfinished_first);
}

/* Whatever the entry leads to: the opened handle tells where that is and who may change it. */
static void judge_handle(struct look *look, HANDLE file, const WIN32_FIND_DATAW *entry, bool is_log)
{
    struct facts_tree *tree = look->tree;
    struct facts_acl acl;
    static char final[FACTS_PATH_MAX];
    /* Folders above a file need not let the service in: everybody may pass through them (SeChangeNotifyPrivilege). */
    bool is_served = !is_log && (entry->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0;

    file_final_text(file, final, sizeof final);
    if (final[0] != 0 && !facts_is_below(final, look->root)) {
        if (tree->leaving++ == 0) {
            keep_path(look, tree->leaving_first);
            snprintf(tree->leaving_target, sizeof tree->leaving_target, "%s", final);
            tree->leaving_is_link = (entry->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
            tree->leaving_is_directory = (entry->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
        }
        return;
    }
    facts_acl_read(&acl, FACTS_THING_FILE, file, is_served ? look->reader : NULL);
    if (acl.shuts_out && tree->unreadable++ == 0)
        keep_path(look, tree->unreadable_first);
    if (is_log) {
        tree->has_log = true;
        tree->log_acl = acl;
    } else if (acl.lets_write && tree->writable++ == 0) {
        keep_path(look, tree->writable_first);
        tree->writable_acl = acl;
    }
    if (acl.error != 0 && tree->unseen++ == 0)
        keep_path(look, tree->unseen_first);
    if (acl.owner[0] != 0 && !acl.is_service_owned && tree->owned++ == 0) {
        keep_path(look, tree->owned_first);
        memcpy(tree->owner, acl.owner, sizeof tree->owner);
    }
}

static void judge_entry(struct look *look, const WIN32_FIND_DATAW *entry, unsigned depth)
{
    struct facts_tree *tree = look->tree;
    bool is_directory = (entry->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    bool is_log = depth == 0 && !is_directory && _wcsicmp(entry->cFileName, L"" PATH_LOG_NAME) == 0;

    tree->entries++;
    if (upload_is_unfinished(entry)) {
        judge_unfinished(look);
        return;
    }
    /* What a link leads to is either outside, or looked at where it really lies. */
    HANDLE file = CreateFileW(look->path, READ_CONTROL | FILE_READ_ATTRIBUTES,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                              FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (file != INVALID_HANDLE_VALUE) {
        judge_handle(look, file, entry, is_log);
        CloseHandle(file);
    } else if (tree->unseen++ == 0) {
        keep_path(look, tree->unseen_first);
    }
}

static bool visit(void *context, const wchar_t *path, unsigned depth, const WIN32_FIND_DATAW *entry)
{
    struct look *look = context;
    struct facts_tree *tree = look->tree;

    look->path = path;
    tree->is_stopped = tree->entries >= FACTS_ENTRIES_MAX;
    if (tree->is_stopped)
        return false;
    if (entry != NULL)
        judge_entry(look, entry, depth);
    else if (tree->unseen++ == 0)
        keep_path(look, tree->unseen_first);
    return true;
}

void facts_gather_tree(struct facts_tree *tree, const char *path, const struct facts_reader *reader)
{
    bool is_share = strncmp(path, "\\\\", 2) == 0;
    /* A share's server knows the service by other SIDs. */
    struct look look = {.tree = tree, .reader = is_share ? NULL : reader, .root = path};
    /* With the prefix, Windows takes paths of any length and no name for a device. */
    wchar_t wide[WALK_PATH_MAX] = L"\\\\?\\";
    size_t length;

    memset(tree, 0, sizeof *tree);
    if (is_share)
        wcscat(wide, L"UNC");
    length = wcslen(wide);
    if (text_to_wide(is_share ? path + 1 : path, wide + length, FACTS_PATH_MAX))
        walk_tree(wide, visit, &look);
}
