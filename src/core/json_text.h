/*
 * Text inside the quotation marks of JSON (RFC 8259, section 7).
 */
#ifndef CORE_JSON_TEXT_H
#define CORE_JSON_TEXT_H

#include "core/bytes.h"

enum { JSON_ESCAPE_MAX = 6 };

/* How this byte of UTF-8 stands in a string: itself, or its escape. Returns its length; escape has no NUL. */
size_t json_escape(char c, char escape[JSON_ESCAPE_MAX]);

#endif
