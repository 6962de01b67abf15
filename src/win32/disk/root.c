#include "win32/disk/root.h"

#include "core/server/presence.h"
#include "core/settings/config.h"
#include "win32/disk/file_parts.h"
#include "win32/system/text.h"

#include <stdlib.h>

struct root {
    volatile LONG references;
    SRWLOCK opening; /* held by the one thread that looks at the path, which may take long */
    SRWLOCK lock;    /* guards what follows */
    struct ground *ground;
    struct presence presence;
    uint64_t looked_ms; /* when the path was last opened, to compare it with what is held */
    bool was_closed;    /* and that failed: of no importance as long as what is held is of use */
    root_witness *witness;
    void *context;
    char directory[CONFIG_DIRECTORY_MAX];
};

/* -- the directory as it was opened -- */

void root_leave(struct ground *ground)
{
    if (ground == NULL || InterlockedDecrement(&ground->references) > 0)
        return;
    if (ground->handle != INVALID_HANDLE_VALUE)
        CloseHandle(ground->handle);
    free(ground);
}

/* In each form that there is; an error if there is none. */
static DWORD learn_paths(struct ground *ground)
{
    DWORD errors[PATH_FORMS];

    for (int form = 0; form < PATH_FORMS; form++) {
        errors[form] = path_in_form(ground->handle, (enum path_form)form, ground->paths[form]);
        if (errors[form] != 0)
            ground->paths[form][0] = 0;
    }
    return errors[PATH_NORMALIZED] == 0 ? 0 : errors[PATH_OPENED];
}

static DWORD ground_open(struct ground **ground, const char *directory)
{
    wchar_t name[CONFIG_DIRECTORY_UNITS];
    DWORD error = ERROR_INVALID_NAME;
    struct ground *made = calloc(1, sizeof *made);

    if (made == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    made->references = 1;
    made->handle = INVALID_HANDLE_VALUE;
    if (!text_to_wide(directory, name, CONFIG_DIRECTORY_UNITS))
        goto fail;
    made->handle = CreateFileW(name, FILE_LIST_DIRECTORY | FILE_TRAVERSE | FILE_READ_ATTRIBUTES | SYNCHRONIZE,
                               FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                               FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (made->handle == INVALID_HANDLE_VALUE) {
        error = GetLastError();
        goto fail;
    }
    BY_HANDLE_FILE_INFORMATION information;
    if (!GetFileInformationByHandle(made->handle, &information) ||
        !(information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)) {
        error = ERROR_DIRECTORY;
        goto fail;
    }
    made->volume = information.dwVolumeSerialNumber;
    made->index = (uint64_t)information.nFileIndexHigh << 32 | information.nFileIndexLow;
    error = learn_paths(made);
    if (error != 0)
        goto fail;
    *ground = made;
    return 0;
fail:
    root_leave(made);
    return error;
}

/* Normalized, unless one of them has no such path: it was opened by the same words, so the other form is equal, too. */
static bool is_same_path(const struct ground *one, const struct ground *other)
{
    enum path_form form =
        one->paths[PATH_NORMALIZED][0] && other->paths[PATH_NORMALIZED][0] ? PATH_NORMALIZED : PATH_OPENED;

    return wcscmp(one->paths[form], other->paths[form]) == 0;
}

/* A folder may be the same and lie elsewhere by now: then files below it no longer seem to be below it. */
static bool is_same_place(const struct ground *one, const struct ground *other)
{
    return one->volume == other->volume && one->index == other->index && is_same_path(one, other);
}

/* -- open and close -- */

DWORD root_open(struct root **root, const char *directory)
{
    size_t size = strlen(directory) + 1;
    struct root *made = calloc(1, sizeof *made);

    if (made == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    DWORD error = size <= sizeof made->directory ? ground_open(&made->ground, directory) : ERROR_FILENAME_EXCED_RANGE;
    if (error != 0) {
        free(made);
        return error;
    }
    memcpy(made->directory, directory, size);
    made->references = 1;
    made->looked_ms = GetTickCount64();
    InitializeSRWLock(&made->opening);
    InitializeSRWLock(&made->lock);
    presence_becomes(&made->presence, PRESENCE_OPEN);
    *root = made;
    return 0;
}

struct root *root_retain(struct root *root)
{
    InterlockedIncrement(&root->references);
    return root;
}

void root_release(struct root *root)
{
    if (root == NULL || InterlockedDecrement(&root->references) > 0)
        return;
    root_leave(root->ground);
    free(root);
}

void root_watch(struct root *root, root_witness *witness, void *context)
{
    AcquireSRWLockExclusive(&root->lock);
    root->witness = witness;
    root->context = context;
    ReleaseSRWLockExclusive(&root->lock);
}

bool root_retire(struct root *root)
{
    AcquireSRWLockExclusive(&root->lock);
    bool is_told_lost = root->presence.told != 0;
    root->witness = NULL;
    ReleaseSRWLockExclusive(&root->lock);
    return is_told_lost;
}

/* -- lost and found -- */

/* Why the path is looked at. */
enum reason {
    REASON_ROUTINE, /* time has passed */
    REASON_DOUBT,   /* a name is not there, or what is there is not below the root */
    REASON_USELESS, /* the handle is */
    REASON_LOST     /* nothing is held */
};

static bool is_due(const struct root *root, enum reason reason, uint64_t now_ms)
{
    bool is_unclear = reason == REASON_DOUBT && root->was_closed;

    return is_unclear || now_ms >= root->looked_ms + (reason == REASON_ROUTINE ? ROOT_LOOK_MS : ROOT_DOUBT_MS);
}

static void tell(const struct root *root, enum root_news news, DWORD error)
{
    if (root->witness != NULL)
        root->witness(root->context, news, root->directory, error);
}

static void lose(struct root *root, DWORD error)
{
    /* Counted from the end of an attempt too, which may have taken long. */
    presence_try(&root->presence, GetTickCount64(), ROOT_PACE_MS);
    /* A folder that somebody has deleted is gone only when nobody holds it any more. */
    root->ground = NULL;
    if (presence_becomes(&root->presence, PRESENCE_BROKEN))
        tell(root, ROOT_LOST, error);
}

static void find(struct root *root, enum reason reason, struct ground *found)
{
    root->ground = found;
    if (presence_becomes(&root->presence, PRESENCE_OPEN))
        tell(root, ROOT_BACK, 0);
    else
        tell(root, reason == REASON_USELESS ? ROOT_RESET : ROOT_REPLACED, 0);
}

/* What the look has shown. Returns the ground that is not held any more. */
static struct ground *settle(struct root *root, enum reason reason, struct ground *found, DWORD error)
{
    struct ground *held = root->ground;
    bool is_of_use = reason == REASON_ROUTINE || reason == REASON_DOUBT;

    root->looked_ms = GetTickCount64();
    root->was_closed = found == NULL;
    if (found == NULL && reason == REASON_ROUTINE)
        return NULL;
    if (found == NULL)
        lose(root, error);
    else if (is_of_use && is_same_place(held, found))
        return found;
    else
        find(root, reason, found);
    return held;
}

/* True if the path is to be opened, and not merely the handle to be given up for now. */
static bool may_open(struct root *root, enum reason reason, uint64_t now_ms)
{
    if (reason == REASON_ROUTINE || reason == REASON_DOUBT)
        return is_due(root, reason, now_ms);
    return presence_try(&root->presence, now_ms, ROOT_PACE_MS);
}

/* Unless another thread has, meanwhile. The caller holds the lock `opening`; known is what it knows to be held. */
static void look(struct root *root, const struct ground *known, enum reason reason)
{
    struct ground *found = NULL;
    struct ground *left = NULL;

    AcquireSRWLockExclusive(&root->lock);
    bool is_news = root->ground != known;
    bool is_opened = !is_news && may_open(root, reason, GetTickCount64());
    if (!is_news && !is_opened && reason == REASON_USELESS)
        left = settle(root, reason, NULL, ERROR_FILE_INVALID);
    ReleaseSRWLockExclusive(&root->lock);
    if (is_opened) {
        DWORD error = ground_open(&found, root->directory);
        AcquireSRWLockExclusive(&root->lock);
        left = settle(root, reason, found, error);
        ReleaseSRWLockExclusive(&root->lock);
    }
    root_leave(left);
}

static struct ground *take_ground(struct root *root, bool *is_old)
{
    AcquireSRWLockShared(&root->lock);
    struct ground *ground = root->ground;
    if (ground != NULL)
        InterlockedIncrement(&ground->references);
    *is_old = is_due(root, REASON_ROUTINE, GetTickCount64());
    ReleaseSRWLockShared(&root->lock);
    return ground;
}

struct ground *root_enter(struct root *root)
{
    bool is_old;
    struct ground *ground = take_ground(root, &is_old);

    /* Where another thread is at it already this one does not wait. */
    if ((ground != NULL && !is_old) || !TryAcquireSRWLockExclusive(&root->opening))
        return ground;
    look(root, ground, ground == NULL ? REASON_LOST : REASON_ROUTINE);
    ReleaseSRWLockExclusive(&root->opening);
    root_leave(ground);
    return take_ground(root, &is_old);
}

static bool is_doubtful(struct root *root, const struct ground *ground)
{
    AcquireSRWLockShared(&root->lock);
    bool is_doubtful = root->ground != ground || is_due(root, REASON_DOUBT, GetTickCount64());
    ReleaseSRWLockShared(&root->lock);
    return is_doubtful;
}

/* The directory itself, once more: a single file may be on a device that is not ready, and the rest be well. */
static bool is_alive(const struct ground *ground)
{
    wchar_t itself[] = L"";
    HANDLE handle;
    LONG result =
        open_below(ground->handle, itself, FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                   FILE_OPEN, FILE_DIRECTORY_FILE, &handle);

    if (result >= 0)
        CloseHandle(handle);
    return status_of_ntstatus(result) != STATUS_ROOT_LOST;
}

/* It may be in another directory that has taken the root's place; of what has moved the path may not be known. */
static bool is_missed(enum status status)
{
    switch (status) {
    case STATUS_NOT_FOUND:
    case STATUS_IS_FOLDER:
    case STATUS_NO_FOLDER:
    case STATUS_NOT_A_FOLDER:
    case STATUS_OUTSIDE:
    case STATUS_BROKEN: return true;
    default: return false;
    }
}

bool root_has_moved(struct root *root, struct ground **ground, enum status *status)
{
    if (*status == STATUS_ROOT_LOST && *ground != NULL && is_alive(*ground))
        *status = STATUS_BROKEN;
    bool is_useless = *status == STATUS_ROOT_LOST;
    bool is_old;

    if (*ground == NULL || !(is_useless || (is_missed(*status) && is_doubtful(root, *ground))))
        return false;
    /* Several meet it at once: one looks, and the others wait for what it finds. */
    AcquireSRWLockExclusive(&root->opening);
    look(root, *ground, is_useless ? REASON_USELESS : REASON_DOUBT);
    ReleaseSRWLockExclusive(&root->opening);
    struct ground *now = take_ground(root, &is_old);
    bool has_moved = now != NULL && now != *ground;
    root_leave(*ground);
    *ground = now;
    if (now == NULL)
        *status = STATUS_ROOT_LOST;
    return has_moved;
}
