/*
 * Files below one start directory. Names are opened relative to a held handle of it (NtCreateFile with RootDirectory,
 * so no Win32 name mangling), then the opened handle is judged: a disk file, and its final path below the directory's
 * final path. Uploads go into an unfinished file that deletes itself unless it is committed.
 */
#ifndef WIN32_FILE_H
#define WIN32_FILE_H

#include "core/names/path.h"
#include "core/settings/config.h"
#include "core/wire/status.h"
#include "win32/disk/root.h"

/* What tells one file, and one state of it, from another; the path does so between volumes mounted below one root. */
struct file_identity {
    uint32_t volume; /* of the root */
    uint64_t index;
    uint64_t size;
    uint64_t written; /* last write, 100 ns since 1601 */
    uint64_t changed; /* last change of anything about it: a copied time of last write does not hide a new content */
};

struct opened_file {
    HANDLE handle;
    struct file_identity identity;
    char path[PATH_TEXT_MAX]; /* final long name relative to the root, as the file system spells it */
};

/*
 * Opens for reading; others may read, rename and delete, but not write meanwhile. path as path_normalize makes it.
 * STATUS_ROOT_LOST: the start directory is gone, and cannot be opened again. With STATUS_IN_USE and STATUS_IS_FOLDER nothing
 * is open, but opened->path tells which one it is, unless even that is unknown (empty).
 */
enum status file_open(struct root *root, const char *path, struct opened_file *opened);
/* Positional, many at a time on one handle of file_open; got is less than size only at the end of the file. */
enum status file_read(HANDLE handle, uint64_t offset, void *bytes, uint32_t size, uint32_t *got);

/*
 * The handle's absolute path as \\?\C:\dir (FILE_FINAL_PATH_MAX units) without a separator at its end: normalized, or where
 * that cannot be had, as it was opened. Returns a Win32 error.
 */
DWORD file_final_path(HANDLE handle, wchar_t *path);
/*
 * Such a path as people write it, C:\dir or \\server\share. Returns text; empty where it is no valid UTF-16, or has no
 * room.
 */
char *file_path_text(const wchar_t *path, char *text, size_t size);
/* The same of a handle's final path; empty where it has none, too. */
char *file_final_text(HANDLE handle, char *text, size_t size);

/*
 * How often an upload's writes look at the free space: a look is a round trip to a share, and the write itself tells of
 * a full disk. So free_bytes_min may be undercut by what others write between two looks, of which each other upload is
 * one.
 */
enum { UPLOAD_LOOK_MS = 1000, UPLOAD_LOOK_BYTES = 16 * 1024 * 1024 };

struct upload_wish {
    const char *path;   /* as path_normalize makes it */
    uint64_t announced; /* bytes, 0: unknown */
    uint64_t free_bytes_min;
    enum when_exists when_exists;
};

struct upload {
    HANDLE handle; /* NULL until it is created */
    HANDLE parent; /* the directory as it was judged; held, so that nobody puts another in its place */
    HANDLE old;    /* the file that made room for it; NULL: none did */
    uint64_t free_bytes_min;
    uint64_t room;      /* bytes that fit by the last look at the free space */
    uint64_t looked_ms; /* when that was */
    enum when_exists when_exists;
    bool deletes_itself; /* with its handle, unless that is taken back */
    bool is_stored;
    unsigned stamps;                /* names tried beside the asked one */
    DWORD error;                    /* the system's, where a write or the commit failed; 0: it gave none */
    char asked_path[PATH_TEXT_MAX]; /* relative, its directory as the file system spells it */
    char path[PATH_TEXT_MAX];       /* the same, with the name it is stored under; or the folder that is missing */
};

/*
 * Finds the directory (STATUS_NO_FOLDER, STATUS_NOT_A_FOLDER: path is that of the first folder on the way that is not there)
 * and the name, which must be free (STATUS_EXISTS, STATUS_FOLDER_EXISTS) unless both are to be kept, and sees that the
 * announced bytes fit the disk with free_bytes_min to spare (STATUS_FULL). Creates nothing. After STATUS_OK the upload is to
 * be closed.
 */
enum status upload_prepare(struct upload *upload, struct root *root, const struct upload_wish *wish);
/* Creates the unfinished file beside the final name. */
enum status upload_create(struct upload *upload);
enum status upload_write(struct upload *upload, uint64_t offset, const void *bytes, uint32_t size);
/*
 * Flushes it, gives it its name and flushes that: after STATUS_OK a power cut loses nothing, unless the file system cannot
 * flush. STATUS_EXISTS if another file has taken the name in the meantime, unless both are kept. A failure leaves nothing
 * once it is closed, and what was there under its name. After STATUS_OK close it before the client hears of it, who may
 * want to read it at once.
 */
enum status upload_commit(struct upload *upload);
/* Uncommitted, nothing of it is left. */
void upload_close(struct upload *upload);
/* By its name this is an upload under way, or what a power cut left of one. */
bool upload_is_unfinished(const WIN32_FIND_DATAW *entry);

#endif
