/*
 * What upload.c and upload_name.c share. Nobody else includes this.
 */
#ifndef WIN32_UPLOAD_PARTS_H
#define WIN32_UPLOAD_PARTS_H

#include "win32/disk/file_parts.h"

/* Keeps the system's number for the log. */
enum status upload_fail(struct upload *upload, DWORD error);

enum { UPLOAD_TEMPORARY_MAX = 64 };
/* Distinct from every other one of this and of an earlier process. */
void upload_temporary_name(char name[UPLOAD_TEMPORARY_MAX]);

/*
 * Sets upload->path by asked_path, the open parent and when_exists: STATUS_OK if the upload can get that name as things are,
 * STATUS_EXISTS or STATUS_FOLDER_EXISTS if it is taken and not to be shared.
 */
enum status upload_find_name(struct upload *upload);
/* Gives the unfinished file its name, never in place of another file; STATUS_EXISTS as above. */
enum status upload_take_name(struct upload *upload);
/* The reverse, for the file that made room; the upload, which is to be deleted, has an unfinished one's name then. */
void upload_give_back_name(struct upload *upload);

#endif
