/*
 * Text inside the quotation marks of JSON (RFC 8259, section 7), in ASCII alone: whatever reads the output of a program in
 * some code page, as PowerShell 5.1 and `for /f` do, then still gets every name right.
 */
#ifndef CORE_JSON_TEXT_H
#define CORE_JSON_TEXT_H

#include "core/base/bytes.h"

enum { JSON_ESCAPE_MAX = 12 };

/*
 * How the first character of this UTF-8, which is not empty, stands in a string: itself, or its escape, which is two
 * surrogates above U+FFFF. A byte that is no UTF-8 stands as U+FFFD. Moves *text past it. Returns the length, at most six
 * for each byte of text; escape has no NUL.
 */
size_t json_escape(const char **text, char escape[JSON_ESCAPE_MAX]);

#endif
