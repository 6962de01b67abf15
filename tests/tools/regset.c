/*
 * regset SERVICE   sets the service's parameters as fast as lines come on its standard input, which are
 *     sz NAME TEXT, multi NAME ITEM;ITEM..., dword NAME NUMBER, delete NAME, sleep MILLISECONDS
 * A text may be empty and may have blanks. Prints "done N" after each line, or "failed N with ERROR".
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { LINE_MAX_BYTES = 4096 };

/* The text, with ';' as the NUL between items and one more at the end of a list. Returns its size in bytes. */
static DWORD wide_text(wchar_t *wide, const char *text, BOOL is_list)
{
    int units = MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, LINE_MAX_BYTES);

    for (int i = 0; is_list && i < units; i++)
        if (wide[i] == L';')
            wide[i] = 0;
    if (is_list && units > 1)
        wide[units++] = 0;
    return (DWORD)units * sizeof(wchar_t);
}

static LSTATUS obey(HKEY key, const char *verb, const char *name, const char *text)
{
    static wchar_t wide_name[LINE_MAX_BYTES], wide[LINE_MAX_BYTES + 1];
    DWORD number = strtoul(text, NULL, 10);

    wide_text(wide_name, name, FALSE);
    if (strcmp(verb, "sleep") == 0)
        Sleep(strtoul(name, NULL, 10));
    else if (strcmp(verb, "delete") == 0)
        return RegDeleteValueW(key, wide_name);
    else if (strcmp(verb, "dword") == 0)
        return RegSetValueExW(key, wide_name, 0, REG_DWORD, (const BYTE *)&number, sizeof number);
    else if (strcmp(verb, "sz") == 0)
        return RegSetValueExW(key, wide_name, 0, REG_SZ, (const BYTE *)wide, wide_text(wide, text, FALSE));
    else if (strcmp(verb, "multi") == 0)
        return RegSetValueExW(key, wide_name, 0, REG_MULTI_SZ, (const BYTE *)wide, wide_text(wide, text, TRUE));
    else
        return ERROR_INVALID_FUNCTION;
    return ERROR_SUCCESS;
}

static HKEY open_parameters(const wchar_t *service)
{
    wchar_t path[512];
    HKEY key = NULL;

    swprintf(path, sizeof path / sizeof *path, L"SYSTEM\\CurrentControlSet\\Services\\%ls\\Parameters", service);
    RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_SET_VALUE, NULL, &key, NULL);
    return key;
}

/* Cuts the next word off; what follows the blank behind it is left. */
static char *cut_word(char **rest)
{
    char *word = *rest;
    size_t length = strcspn(word, " ");

    *rest = word + length + (word[length] != 0 ? 1 : 0);
    word[length] = 0;
    return word;
}

int wmain(int count, wchar_t **words);

int wmain(int count, wchar_t **words)
{
    char line[LINE_MAX_BYTES];
    HKEY key = count == 2 ? open_parameters(words[1]) : NULL;

    if (key == NULL) {
        printf("regset: the key cannot be opened\n");
        return 1;
    }
    setvbuf(stdout, NULL, _IONBF, 0);
    for (unsigned number = 1; fgets(line, sizeof line, stdin) != NULL; number++) {
        char *rest = line;
        line[strcspn(line, "\r\n")] = 0;
        const char *verb = cut_word(&rest);
        const char *name = cut_word(&rest);
        LSTATUS status = obey(key, verb, name, rest);
        if (status != ERROR_SUCCESS)
            printf("failed %u with %ld\n", number, (long)status);
        else
            printf("done %u\n", number);
    }
    RegCloseKey(key);
    return 0;
}
