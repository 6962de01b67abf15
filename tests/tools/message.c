/*
 * message EXE FILE   for each line of FILE (UTF-8: an identifier in hexadecimal, then inserts, all apart by tabs) prints
 * what Event Viewer would show: the message of that identifier in EXE with the inserts filled in. Exit code 0, or 1 with
 * the Windows error in the place of a text that is not there.
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

enum { LINE_UNITS = 16384, INSERTS_MAX = 32, TEXT_UNITS = 16384 };

static int print_message(HMODULE exe, wchar_t *line)
{
    static wchar_t text[TEXT_UNITS];
    static char bytes[TEXT_UNITS * 3];
    DWORD_PTR inserts[INSERTS_MAX] = {0};
    size_t count = 0;
    DWORD id = wcstoul(line, NULL, 16);

    for (wchar_t *tab = wcschr(line, L'\t'); tab != NULL && count < INSERTS_MAX; tab = wcschr(tab, L'\t')) {
        *tab++ = 0;
        inserts[count++] = (DWORD_PTR)tab;
    }
    DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_ARGUMENT_ARRAY, exe, id, 0, text,
                                  TEXT_UNITS, (va_list *)inserts);
    if (length == 0) {
        printf("error %lu\n", GetLastError());
        return 1;
    }
    while (length > 0 && (text[length - 1] == L'\n' || text[length - 1] == L'\r'))
        text[--length] = 0;
    WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof bytes, NULL, NULL);
    printf("%s\n", bytes);
    return 0;
}

int wmain(int count, wchar_t **words);

int wmain(int count, wchar_t **words)
{
    static char line[LINE_UNITS];
    static wchar_t wide[LINE_UNITS];
    int failures = 0;

    if (count != 3)
        return 2;
    HMODULE exe = LoadLibraryExW(words[1], NULL, LOAD_LIBRARY_AS_DATAFILE);
    FILE *file = _wfopen(words[2], L"rb");
    if (exe == NULL || file == NULL)
        return 2;
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = 0;
        MultiByteToWideChar(CP_UTF8, 0, line, -1, wide, LINE_UNITS);
        failures += print_message(exe, wide);
    }
    return failures > 0;
}
