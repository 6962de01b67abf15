/*
 * The name on the wire, judged component by component before anything is opened. What comes out is a relative path
 * below the start directory with '\' between its components: no "..", drive, stream, device, wildcard or control
 * character, and nothing that Win32 would quietly turn into another name.
 */
#ifndef CORE_PATH_H
#define CORE_PATH_H

#include "core/base/bytes.h"

enum {
    PATH_TEXT_MAX = 512,     /* of the relative path in UTF-8, NUL included */
    PATH_COMPONENT_MAX = 255 /* UTF-16 units: the limit of NTFS */
};

enum path_problem {
    PATH_OK,
    PATH_EMPTY,
    PATH_TOO_LONG,
    PATH_NOT_UTF8,
    PATH_CONTROL_CHARACTER,
    PATH_DRIVE, /* C:\file */
    PATH_FORBIDDEN_CHARACTER,
    PATH_PARENT,
    PATH_TRAILING_DOT_OR_SPACE,
    PATH_DEVICE,
    PATH_COMPONENT_TOO_LONG,
    PATH_SERVER,   /* \\server\share\file */
    PATH_FOLDER,   /* ends in a separator */
    PATH_RESERVED, /* the log, its rotations and unfinished uploads: to a client they do not exist */
    PATH_PROBLEM_COUNT
};

/* Names that no client may see or make, in no directory. */
#define PATH_LOG_NAME      "tftpd.log"
#define PATH_UPLOAD_PREFIX "~tftpd-"
#define PATH_UPLOAD_SUFFIX ".part" /* of those that the service makes: the others it does not take for its own */

/* c is a char or a byte. */
static inline bool path_is_separator(int c)
{
    return c == '/' || c == '\\';
}

/*
 * '/' and '\' are equal, runs of them count once, leading ones drop, "." components drop; behind the last component either
 * means a folder. path has room for
 * PATH_TEXT_MAX bytes and is an empty string unless the answer is PATH_OK.
 */
enum path_problem path_normalize(struct span wire_name, char *path);

/* In words, for events and ERROR packets. */
const char *path_problem_text(enum path_problem problem);

/* A wire name for the log: bytes that are not printable UTF-8 become '?'; always terminated. Returns text. */
char *path_printable(struct span wire_name, char *text, size_t size);

/* What is behind the last '\' of a path that is normalized. */
const char *path_leaf(const char *path);

/* The same name to Windows: without case (utf8_fold). Both are valid UTF-8. */
bool path_equal(const char *a, const char *b);

#endif
