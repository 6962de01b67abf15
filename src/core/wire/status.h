/*
 * How an action on a file ended, without the operating system's numbers; win32/disk/file translates them in one place.
 */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

#include <stdint.h>

enum status {
    STATUS_OK,
    STATUS_NOT_FOUND,
    STATUS_IS_FOLDER,     /* what was to be read */
    STATUS_FOLDER_EXISTS, /* where a file was to be written */
    STATUS_NO_FOLDER,     /* one on the way to the file that was to be written is not there */
    STATUS_NOT_A_FOLDER,  /* the same, and a file is in its place */
    STATUS_DENIED,        /* by the file system's own permissions */
    STATUS_OUTSIDE,       /* the opened handle is not a plain file below the start directory */
    STATUS_EXISTS,
    STATUS_IN_USE, /* another program holds the file in a way that excludes us */
    STATUS_FULL,
    STATUS_TOO_LARGE, /* the parameter MaxUploadBytes */
    STATUS_CHANGED,   /* the file became shorter while it was being sent */
    STATUS_ROOT_LOST, /* the start directory is not there, or its share or volume is not */
    STATUS_BROKEN     /* anything else: device and share errors */
};

/* The wire's error code (RFC 1350 appendix) for a failure. */
uint16_t status_error_code(enum status status);
/* The text of the ERROR packet and of events. */
const char *status_text(enum status status);

#endif
