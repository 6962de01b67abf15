/*
 * privileges PID   prints the name of each privilege in the token of another process (0: of this one), then how many.
 * Exit code 0, or 1 with the Windows error on the screen.
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

static int failed(const char *what)
{
    printf("%s failed with %lu\n", what, GetLastError());
    return 1;
}

static HANDLE open_token(DWORD pid)
{
    HANDLE token = NULL;
    HANDLE process = pid != 0 ? OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, pid) : GetCurrentProcess();

    if (process == NULL || !OpenProcessToken(process, TOKEN_QUERY, &token))
        return NULL;
    return token;
}

int main(int count, char **words)
{
    static union {
        TOKEN_PRIVILEGES privileges;
        BYTE bytes[4096];
    } of_token;
    DWORD size;
    HANDLE token = open_token(count == 2 ? strtoul(words[1], NULL, 10) : 0);

    if (token == NULL)
        return failed("OpenProcess or OpenProcessToken");
    if (!GetTokenInformation(token, TokenPrivileges, &of_token, sizeof of_token, &size))
        return failed("GetTokenInformation");
    for (DWORD i = 0; i < of_token.privileges.PrivilegeCount; i++) {
        char name[64];
        DWORD length = sizeof name;
        if (!LookupPrivilegeNameA(NULL, &of_token.privileges.Privileges[i].Luid, name, &length))
            return failed("LookupPrivilegeName");
        printf("%s\n", name);
    }
    printf("%lu privileges\n", of_token.privileges.PrivilegeCount);
    return 0;
}
