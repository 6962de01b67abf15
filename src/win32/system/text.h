/*
 * UTF-8 on our side, UTF-16 on Windows' side; and the system's words for its error numbers.
 */
#ifndef WIN32_TEXT_H
#define WIN32_TEXT_H

#include "win32/system/windows.h"

#include <stdbool.h>

/* Both cut nothing: false, and an empty result, if the text is not valid or does not fit. size counts units. */
bool text_to_wide(const char *utf8, wchar_t *wide, size_t size);
bool text_from_wide(const wchar_t *wide, char *utf8, size_t size);

/* As printf puts it together; a whole that has more than TEXT_WIDE_MAX bytes of UTF-8 is false, too. */
enum { TEXT_WIDE_MAX = 12 * 1024 };
__attribute__((format(gnu_printf, 3, 4))) bool text_print_wide(wchar_t *wide, size_t size, const char *format, ...);

enum { TEXT_EXPANDED_MAX = 4096 }; /* UTF-16 units, with the NUL */
/*
 * Puts what they stand for in place of the %variables% in a text of UTF-8 with room for size bytes; one that is not set
 * stays. False, and the text as it was, if it is not valid, or the result has no room.
 */
bool text_expand(char *text, size_t size);

enum { TEXT_ERROR_MAX = 512 };
struct error_text {
    char text[TEXT_ERROR_MAX];
};
/*
 * "Access is denied. (5)", on one line, cut to fit. By value: text_of_error(error).text lives as long as the call it is
 * in.
 */
struct error_text text_of_error(DWORD error);

/*
 * The words of a command line, made once and kept for the life of the process: NULL at the end, NULL instead of all
 * when memory is out or a word is not valid UTF-16.
 */
char **text_of_words(int count, wchar_t **wide);

#endif
