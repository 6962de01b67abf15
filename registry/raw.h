/*
 * One value as the registry holds it, its text in UTF-8.
 */
#ifndef REGISTRY_RAW_H
#define REGISTRY_RAW_H

#include "core/settings/config.h"
#include "win32/system/windows.h"

enum {
    RAW_WIDE_MAX = CONFIG_LIST_BYTES_MAX * 2, /* more than any list can hold, so that the core says what is too long */
    RAW_TEXT_MAX = RAW_WIDE_MAX * 3           /* a UTF-16 unit becomes at most three bytes of UTF-8 */
};

enum raw_form {
    RAW_NUMBER,
    RAW_TEXT,
    RAW_LIST,
    RAW_TOO_LONG, /* and so are the other two nothing to use */
    RAW_BROKEN,   /* a text that is not valid UTF-16 */
    RAW_STRANGE,  /* another type, or a number of another size */
    RAW_FORMS
};

struct raw_value {
    enum raw_form form;
    bool may_have_variables; /* it is a REG_EXPAND_SZ; they are as they stand */
    uint64_t number;
    size_t size;                    /* of the text, or of all items of a list, each with its NUL */
    char text[RAW_TEXT_MAX];        /* empty where it is neither */
    wchar_t wide[RAW_WIDE_MAX + 2]; /* and the two NULs that end any text, also one stored without */
};

/* Under its name or the other one that it has (NULL: none). Returns a Win32 error; ERROR_FILE_NOT_FOUND: it is not there. */
DWORD raw_read(HKEY key, const char *name, const char *alias, struct raw_value *value);

#endif
