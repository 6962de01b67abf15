/*
 * The file of `tftpd import tftpd64`, in whatever encoding it has.
 */
#ifndef SERVICE_IMPORT_FILE_H
#define SERVICE_IMPORT_FILE_H

#include "core/base/bytes.h"

enum { IMPORT_FILE_MAX = 1024 * 1024, IMPORT_FILE_PATH_MAX = 1024, IMPORT_FILE_REASON_MAX = 256 };

struct import_file {
    char *bytes;      /* NULL: there is none; the caller frees it */
    struct span text; /* UTF-8, without a mark */
    char folder[IMPORT_FILE_PATH_MAX];
    char encoding[32]; /* for people */
};

/* False with the reason in words, of IMPORT_FILE_REASON_MAX bytes. */
bool import_file_read(struct import_file *file, const char *path, char *reason);

#endif
