/*
 * What root.c, file.c, upload.c and sweep.c share. Nobody else includes this.
 */
#ifndef WIN32_FILE_PARTS_H
#define WIN32_FILE_PARTS_H

#include "win32/disk/file.h"

#include <winternl.h>

enum { CONFIG_DIRECTORY_UNITS = 1024 };

/*
 * The forms of a final path, in the order in which they are tried. Over SMB each folder on the way is asked for its
 * normalized name, which fails where the account may not see one of them (GetFinalPathNameByHandleW); some file systems
 * have no such names at all. What was opened is known without asking, but may hold short names. Only paths of one form
 * can be compared.
 */
enum path_form { PATH_NORMALIZED, PATH_OPENED, PATH_FORMS };
/* The handle's path in this form, otherwise as file_final_path. */
DWORD path_in_form(HANDLE handle, enum path_form form, wchar_t *path);

/* A directory as it was opened at some moment. Never changed; the last user closes it. */
struct ground {
    volatile LONG references;
    HANDLE handle;
    uint32_t volume; /* its serial number */
    uint64_t index;
    wchar_t paths[PATH_FORMS][FILE_FINAL_PATH_MAX]; /* empty in a form that it has none in */
};

/* What the root is held by, to be left again; NULL while it is lost. */
struct ground *root_enter(struct root *root);
void root_leave(struct ground *ground);
/*
 * After status, met below this ground: true if the caller is to do the same once more, below another ground that has taken
 * its place. Else status is STATUS_ROOT_LOST if the root has turned out to be lost (ground is NULL then), and as it was if
 * all is well.
 */
bool root_has_moved(struct root *root, struct ground **ground, enum status *status);

/* The two translations of the system's numbers. */
enum status status_of_ntstatus(LONG status);
enum status status_of_error(DWORD error);

/*
 * NtCreateFile relative to a directory's handle, for an overlapped one unless the options say otherwise. Returns the
 * NTSTATUS.
 */
LONG open_below(HANDLE directory, wchar_t *name, ACCESS_MASK access, ULONG sharing, ULONG disposition, ULONG options,
                HANDLE *handle);

/*
 * The handle's final path relative to the root (PATH_TEXT_MAX bytes; empty for the root itself). STATUS_OUTSIDE if it is not
 * the root or below it, or not to be told from what is not.
 */
enum status path_below_root(const struct ground *ground, HANDLE handle, char *relative);

#endif
