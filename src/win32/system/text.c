#include "win32/system/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERROR_WORDS_MAX = 512 };

static int limit(size_t size)
{
    return size > INT_MAX ? INT_MAX : (int)size;
}

bool text_to_wide(const char *utf8, wchar_t *wide, size_t size)
{
    if (size == 0)
        return false;
    if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8, -1, wide, limit(size)) > 0)
        return true;
    wide[0] = 0;
    return false;
}

bool text_from_wide(const wchar_t *wide, char *utf8, size_t size)
{
    if (size == 0)
        return false;
    if (WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, wide, -1, utf8, limit(size), NULL, NULL) > 0)
        return true;
    utf8[0] = 0;
    return false;
}

bool text_print_wide(wchar_t *wide, size_t size, const char *format, ...)
{
    char text[TEXT_WIDE_MAX];
    va_list values;

    va_start(values, format);
    int length = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    wide[0] = 0;
    return length >= 0 && (size_t)length < sizeof text && text_to_wide(text, wide, size);
}

bool text_expand(char *text, size_t size)
{
    wchar_t typed[TEXT_EXPANDED_MAX], expanded[TEXT_EXPANDED_MAX];

    if (!text_to_wide(text, typed, TEXT_EXPANDED_MAX))
        return false;
    DWORD length = ExpandEnvironmentStringsW(typed, expanded, TEXT_EXPANDED_MAX);
    if (length > 0 && length <= TEXT_EXPANDED_MAX && text_from_wide(expanded, text, size))
        return true;
    text_from_wide(typed, text, size);
    return false;
}

static void trim_end(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && (unsigned char)text[length - 1] <= ' ')
        text[--length] = 0;
}

struct error_text text_of_error(DWORD error)
{
    struct error_text result;
    /* MAX_WIDTH_MASK turns the line breaks inside a message into spaces. */
    DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
    wchar_t wide[ERROR_WORDS_MAX];
    char words[ERROR_WORDS_MAX * 3];

    if (FormatMessageW(flags, NULL, error, 0, wide, ERROR_WORDS_MAX, NULL) == 0 ||
        !text_from_wide(wide, words, sizeof words))
        snprintf(words, sizeof words, "Windows error");
    trim_end(words);
    snprintf(result.text, sizeof result.text, "%s (%lu)", words, error);
    return result;
}

static char *word_of(const wchar_t *wide)
{
    size_t size = wcslen(wide) * 3 + 1; /* a UTF-16 unit becomes at most three bytes of UTF-8 */
    char *word = malloc(size);

    if (word && !text_from_wide(wide, word, size)) {
        free(word);
        return NULL;
    }
    return word;
}

char **text_of_words(int count, wchar_t **wide)
{
    size_t total = count > 0 ? (size_t)count : 0;
    char **words = calloc(total + 1, sizeof *words);

    if (!words)
        return NULL;
    for (size_t i = 0; i < total; i++) {
        words[i] = word_of(wide[i]);
        if (!words[i])
            goto fail;
    }
    return words;

fail:
    for (size_t i = 0; i < total; i++)
        free(words[i]);
    free(words);
    return NULL;
}
