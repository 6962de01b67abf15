#include "win32/system/lockdown.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * PROCESS_MITIGATION_POLICY and its flags by number: the headers of Windows 8 do not name them all. A policy or flag that
 * the running system does not know is refused with ERROR_INVALID_PARAMETER, and nothing of that call is done.
 */
static const struct {
    int policy;
    DWORD flags;
    const char *name;
    DWORD older_flags; /* those that are known for longer; 0: none */
    const char *newer_name;
} policies[] = {
    {2, 0x1, "no dynamic code", 0, NULL},     /* ProcessDynamicCodePolicy: ProhibitDynamicCode; Windows 8.1 */
    {6, 0x1, "no extension points", 0, NULL}, /* ProcessExtensionPointDisablePolicy; Windows 8 */
    /* ProcessImageLoadPolicy: NoRemoteImages, NoLowMandatoryLabelImages; and PreferSystem32Images. Windows 10 */
    {10, 0x7, "no remote or low-integrity images, System32 first", 0x3, "System32 first"},
    {13, 0x1, "no child processes", 0, NULL}, /* ProcessChildProcessPolicy; Windows 10, 1709 */
};

typedef BOOL WINAPI set_policy(int policy, void *buffer, SIZE_T length);

static void note(char list[LOCKDOWN_TEXT_MAX], const char *what)
{
    size_t used = strlen(list);

    snprintf(list + used, LOCKDOWN_TEXT_MAX - used, "%s%s", used > 0 ? ", " : "", what);
}

/* Returns a Win32 error. */
static DWORD set_flags(set_policy *set, int policy, DWORD flags)
{
    if (set == NULL)
        return ERROR_INVALID_PARAMETER;
    return set(policy, &flags, sizeof flags) ? 0 : GetLastError();
}

static void set_policies(struct lockdown *result)
{
    FARPROC found = GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "SetProcessMitigationPolicy");
    set_policy *set = (set_policy *)(void (*)(void))found;

    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        const char *lacking = policies[i].name;
        DWORD error = set_flags(set, policies[i].policy, policies[i].flags);
        if (error == ERROR_INVALID_PARAMETER && policies[i].older_flags != 0) {
            DWORD older_error = set_flags(set, policies[i].policy, policies[i].older_flags);
            lacking = older_error == 0 ? policies[i].newer_name : lacking;
            error = older_error == 0 ? error : older_error;
        }
        if (error != 0)
            note(error == ERROR_INVALID_PARAMETER ? result->unknown : result->refused, lacking);
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

void lockdown_process(struct lockdown *result)
{
    HANDLE token = NULL;

    *result = (struct lockdown){"", ""};
    bool is_removed = OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &token) &&
                      remove_privileges(token);
    if (token != NULL)
        CloseHandle(token);
    if (!is_removed)
        note(result->refused, "fewer privileges");
    set_policies(result);
}
