#include "win32/lockdown.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * PROCESS_MITIGATION_POLICY and its flags by number: the headers of Windows 8 do not name them all. A policy that the
 * running system does not know is refused with ERROR_INVALID_PARAMETER.
 */
static const struct {
    int policy;
    DWORD flags;
    const char *name;
} policies[] = {
    {2, 0x1, "no dynamic code"},                                    /* ProcessDynamicCodePolicy: ProhibitDynamicCode */
    {6, 0x1, "no extension points"},                                /* ProcessExtensionPointDisablePolicy */
    {10, 0x7, "no remote or low-integrity images, System32 first"}, /* ProcessImageLoadPolicy */
    {13, 0x1, "no child processes"},                                /* ProcessChildProcessPolicy */
};

typedef BOOL WINAPI set_policy(int policy, void *buffer, SIZE_T length);

static void note(char *missing, size_t size, const char *what)
{
    size_t used = strlen(missing);

    if (used < size)
        snprintf(missing + used, size - used, "%s%s", used > 0 ? ", " : "", what);
}

static void set_policies(char *missing, size_t size)
{
    FARPROC found = GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "SetProcessMitigationPolicy");
    set_policy *set = (set_policy *)(void (*)(void))found;

    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        DWORD flags = policies[i].flags;
        if (set == NULL || !set(policies[i].policy, &flags, sizeof flags))
            note(missing, size, policies[i].name);
    }
}

static TOKEN_PRIVILEGES *read_privileges(HANDLE token)
{
    DWORD size = 0;

    GetTokenInformation(token, TokenPrivileges, NULL, 0, &size);
    TOKEN_PRIVILEGES *privileges = malloc(size > 0 ? size : 1);
    if (privileges != NULL && !GetTokenInformation(token, TokenPrivileges, privileges, size, &size)) {
        free(privileges);
        privileges = NULL;
    }
    return privileges;
}

/* Traversing directories is everybody's; all else goes, and cannot be enabled again. */
static bool remove_privileges(HANDLE token)
{
    LUID traverse;
    TOKEN_PRIVILEGES *privileges = read_privileges(token);

    if (privileges == NULL || !LookupPrivilegeValueW(NULL, L"SeChangeNotifyPrivilege", &traverse)) {
        free(privileges);
        return false;
    }
    for (DWORD i = 0; i < privileges->PrivilegeCount; i++) {
        LUID_AND_ATTRIBUTES *one = &privileges->Privileges[i];
        if (one->Luid.LowPart != traverse.LowPart || one->Luid.HighPart != traverse.HighPart)
            one->Attributes = SE_PRIVILEGE_REMOVED;
    }
    bool is_done = AdjustTokenPrivileges(token, FALSE, privileges, 0, NULL, NULL) && GetLastError() == ERROR_SUCCESS;
    free(privileges);
    return is_done;
}

bool lockdown_process(char *missing, size_t size)
{
    HANDLE token = NULL;

    missing[0] = 0;
    bool is_removed = OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &token) &&
                      remove_privileges(token);
    if (token != NULL)
        CloseHandle(token);
    if (!is_removed)
        note(missing, size, "fewer privileges");
    set_policies(missing, size);
    return missing[0] == 0;
}
