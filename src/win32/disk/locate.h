/*
 * Which file a judged request means: its own name below the start directory, or first in the client's own folder
 * (parameter ClientDirectories); judged again by the final long name. The service and `tftpd explain` both ask here.
 */
#ifndef WIN32_LOCATE_H
#define WIN32_LOCATE_H

#include "core/server/request.h"
#include "win32/disk/file.h"

/*
 * Opens what is to be read; mac is the client's, as far as it is known. Where the access rules refuse the final name, the answer is STATUS_DENIED and
 * request->verdict says so; otherwise request->verdict stays REQUEST_OK and the status is the file system's.
 */
enum status locate_download(struct request *request, const struct config *config, struct root *root,
                            const struct endpoint *from, const struct mac *mac, struct opened_file *opened);

/* The same for an upload, prepared but not created. After STATUS_OK the upload is to be closed. */
enum status locate_upload(struct request *request, const struct config *config, struct root *root,
                          const struct endpoint *from, const struct mac *mac, struct upload *upload);

/* What belongs behind the words of a status that locate_upload gave: which folder is missing; else nothing. Returns text. */
char *locate_detail(enum status status, const struct upload *upload, char *text, size_t size);

#endif
