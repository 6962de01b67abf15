/*
 * shortname PATH   prints the 8.3 name of the last component, as GetShortPathName tells it, in UTF-8.
 * Exit code 0, or 1 with the Windows error on the screen.
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdio.h>
#include <wchar.h>

enum { PATH_MAX_UNITS = 1024 };

int wmain(int count, wchar_t **words);

int wmain(int count, wchar_t **words)
{
    wchar_t path[PATH_MAX_UNITS];
    char text[PATH_MAX_UNITS];
    DWORD length = count == 2 ? GetShortPathNameW(words[1], path, PATH_MAX_UNITS) : 0;

    if (length == 0 || length >= PATH_MAX_UNITS) {
        printf("failed with %lu\n", GetLastError());
        return 1;
    }
    const wchar_t *leaf = wcsrchr(path, L'\\');
    WideCharToMultiByte(CP_UTF8, 0, leaf != NULL ? leaf + 1 : path, -1, text, sizeof text, NULL, NULL);
    printf("%s\n", text);
    return 0;
}
