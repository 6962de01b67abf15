/*
 * UTF-8, decoded strictly, and letters without case.
 */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include "core/base/bytes.h"

/* Strict: no over-long forms, no surrogates, nothing above U+10FFFF, no NUL. */
bool utf8_is_valid(struct span text);

/* Bytes of the character that the text begins with, as strictly; 0 where it begins with none, as at its end. */
size_t utf8_length(const char *text);

/* How many units of UTF-16 the same text has. */
size_t utf8_units(struct span text);

/* Decodes one character of valid UTF-8 and moves *text past it; returns 0 at the end and stays there. */
uint32_t utf8_next(const char **text);

/* How much of it fits into size bytes so that no character is left half; all of them where the text is not valid. */
size_t utf8_cut(struct span text, size_t size);

/* Columns of a console: two for what East Asia writes in full width, and for pictures; one for anything else. */
unsigned utf8_columns(uint32_t character);

/* Copies into size bytes, cut where need be so that no character is left half. NULL is an empty text. */
void utf8_copy(char *to, size_t size, const char *from);

/*
 * One character without case, as far as that needs no table of the volume: Latin, Greek and Cyrillic by simple folding.
 * The file system itself decides what is opened; this is for comparing names and patterns.
 */
uint32_t utf8_fold(uint32_t character);

/*
 * Every byte of what would make a text look like another becomes a question mark: controls and ends of lines fake a line of
 * the log, U+202E and its kind write backwards, U+200B and its kind are not seen at all. So does every byte over 0x7f in a
 * text that is not valid UTF-8.
 */
void utf8_make_printable(char *text);

/* Any bytes as such a text, cut to size - 1 of them, no character left half; a NUL becomes a question mark too. Returns text. */
char *utf8_printable(struct span bytes, char *text, size_t size);

#endif
