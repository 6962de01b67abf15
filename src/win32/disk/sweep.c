#include "win32/disk/sweep.h"

#include "win32/disk/file_parts.h"
#include "win32/disk/walk.h"

struct sweep {
    uint32_t entries;
    uint32_t deleted;
    const volatile LONG *is_cancelled;
};

/* One that is being written is held open without sharing, so that this cannot open it. */
static bool delete_file(const wchar_t *path)
{
    FILE_DISPOSITION_INFO disposition = {.DeleteFile = TRUE};
    HANDLE file = CreateFileW(path, DELETE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);

    if (file == INVALID_HANDLE_VALUE)
        return false;
    bool is_deleted = SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition);
    CloseHandle(file);
    return is_deleted;
}

static bool sweep_entry(void *context, const wchar_t *path, unsigned depth, const WIN32_FIND_DATAW *entry)
{
    struct sweep *sweep = context;

    (void)depth;
    if (entry != NULL && upload_is_unfinished(entry) && delete_file(path))
        sweep->deleted++;
    return ++sweep->entries < SWEEP_ENTRIES_MAX && !*sweep->is_cancelled;
}

uint32_t sweep_unfinished(struct root *root, const volatile LONG *is_cancelled)
{
    struct ground *ground = root_enter(root);
    struct sweep sweep = {.is_cancelled = is_cancelled};
    wchar_t path[WALK_PATH_MAX];

    if (ground != NULL) {
        wcscpy(path, ground->paths[ground->paths[PATH_NORMALIZED][0] ? PATH_NORMALIZED : PATH_OPENED]);
        walk_tree(path, sweep_entry, &sweep);
    }
    root_leave(ground);
    return sweep.deleted;
}
