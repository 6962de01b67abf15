/*
 * A Service Control Manager with one service, an administrator's token, tools of System32 that do what they are told or fail,
 * and two resources: for what Wine lacks. Included by the one program that is linked with these functions replaced.
 */
#ifndef WIN32_TESTS_FAKE_SYSTEM_H
#define WIN32_TESTS_FAKE_SYSTEM_H

#include "files.h"

#include "service/counter_table.h"
#include "win32/text.h"

#include <sddl.h>
#include <stdio.h>
#include <wchar.h>
#include <winternl.h>

enum { TEXT_UNITS = 1024, TOOLS_MAX = 8 };

#define SERVICES  "SYSTEM\\CurrentControlSet\\Services\\"
#define FIREWALL  L"" SERVICES "SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules"
#define PROVIDERS L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Perflib\\_V2Providers"

static struct {
    /* The service. */
    bool exists;
    wchar_t image[TEXT_UNITS], account[TEXT_UNITS], shown[TEXT_UNITS], description[TEXT_UNITS], privileges[TEXT_UNITS];
    DWORD start, state;
    BOOL is_delayed, has_flag;
    DWORD sid_type, action_count, reset_s;
    SC_ACTION actions[4];
    bool was_given_account, was_given_password;
    /* What goes wrong. */
    DWORD create_error, sid_error, stop_error, delete_error, exit_code;
    bool is_nobody, has_sibling, is_version_newer;
    DWORD tool_error, tool_code;
    bool is_tool_idle;
    unsigned locked_times; /* the database is, before each call that is obeyed */
    unsigned locked_now;
    /* What was done. */
    DWORD slept_ms;
    unsigned changes;
    size_t tool_count;
    char tools[TOOLS_MAX][TEXT_UNITS];
    wchar_t tool_program[TEXT_UNITS];
} fake;

static char program[TEXT_UNITS]; /* this one */

#define HANDLE_OURS ((SC_HANDLE)(uintptr_t)0x77)

static BOOL answer(DWORD error)
{
    SetLastError(error);
    return error == 0;
}

/* While Windows boots. */
static bool is_locked(void)
{
    bool is = fake.locked_times > 0 && fake.locked_now++ % (fake.locked_times + 1) != fake.locked_times;

    if (is)
        answer(ERROR_SERVICE_DATABASE_LOCKED);
    return is;
}

/* -- the Service Control Manager ----------------------------------------------------------------------------------- */

static SC_HANDLE WINAPI open_manager(const wchar_t *machine, const wchar_t *database, DWORD rights)
{
    (void)machine, (void)database;
    return (rights & SC_MANAGER_CREATE_SERVICE) && is_locked() ? NULL : HANDLE_OURS;
}

static SC_HANDLE WINAPI open_service(SC_HANDLE manager, const wchar_t *name, DWORD rights)
{
    (void)manager, (void)rights;
    bool is_there = wcscmp(name, L"sibling") == 0 ? fake.has_sibling : fake.exists;
    return answer(is_there ? 0 : ERROR_SERVICE_DOES_NOT_EXIST) ? HANDLE_OURS : NULL;
}

static BOOL WINAPI close_handle(SC_HANDLE handle)
{
    assert_ptr_equal(handle, HANDLE_OURS);
    return TRUE;
}

static SC_HANDLE WINAPI create_service(SC_HANDLE manager, const wchar_t *name, const wchar_t *shown, DWORD rights,
                                       DWORD type, DWORD start, DWORD control, const wchar_t *image,
                                       const wchar_t *group, DWORD *tag, const wchar_t *dependencies,
                                       const wchar_t *account, const wchar_t *password)
{
    (void)manager, (void)rights, (void)group, (void)tag, (void)dependencies, (void)password;
    assert_int_equal(type, SERVICE_WIN32_OWN_PROCESS);
    assert_int_equal(control, SERVICE_ERROR_NORMAL);
    if (is_locked() || !answer(fake.create_error))
        return NULL;
    fake.exists = true;
    fake.changes++;
    fake.start = start;
    fake.state = SERVICE_STOPPED;
    wcscpy(fake.image, image);
    wcscpy(fake.account, account);
    wcscpy(fake.shown, shown ? shown : name);
    return HANDLE_OURS;
}

static BOOL WINAPI change_config(SC_HANDLE service, DWORD type, DWORD start, DWORD control, const wchar_t *image,
                                 const wchar_t *group, DWORD *tag, const wchar_t *dependencies, const wchar_t *account,
                                 const wchar_t *password, const wchar_t *shown)
{
    (void)service, (void)type, (void)control, (void)group, (void)tag;
    if (is_locked())
        return FALSE;
    fake.changes++;
    if (start != SERVICE_NO_CHANGE)
        fake.start = start;
    if (image != NULL)
        wcscpy(fake.image, image);
    if (shown != NULL)
        wcscpy(fake.shown, shown);
    if (account != NULL)
        wcscpy(fake.account, account);
    fake.was_given_account = fake.was_given_account || account != NULL;
    fake.was_given_password = fake.was_given_password || password != NULL;
    if (dependencies != NULL) {
        /* Where the real one keeps them. */
        assert_memory_equal(dependencies, L"Tcpip\0Afd\0", sizeof L"Tcpip\0Afd\0");
        RegSetKeyValueW(HKEY_LOCAL_MACHINE, L"" SERVICES "tftpd", L"DependOnService", REG_MULTI_SZ, dependencies,
                        sizeof L"Tcpip\0Afd\0");
    }
    return TRUE;
}

static BOOL WINAPI change_setting(SC_HANDLE service, DWORD level, void *setting)
{
    (void)service;
    if (is_locked())
        return FALSE;
    fake.changes++;
    switch (level) {
    case SERVICE_CONFIG_DESCRIPTION: wcscpy(fake.description, ((SERVICE_DESCRIPTIONW *)setting)->lpDescription); break;
    case SERVICE_CONFIG_DELAYED_AUTO_START_INFO:
        fake.is_delayed = ((SERVICE_DELAYED_AUTO_START_INFO *)setting)->fDelayedAutostart;
        break;
    case SERVICE_CONFIG_FAILURE_ACTIONS:
        fake.action_count = ((SERVICE_FAILURE_ACTIONSW *)setting)->cActions;
        fake.reset_s = ((SERVICE_FAILURE_ACTIONSW *)setting)->dwResetPeriod;
        assert_in_range(fake.action_count, 1, COUNT_OF(fake.actions));
        memcpy(fake.actions, ((SERVICE_FAILURE_ACTIONSW *)setting)->lpsaActions, fake.action_count * sizeof(SC_ACTION));
        break;
    case SERVICE_CONFIG_FAILURE_ACTIONS_FLAG:
        fake.has_flag = ((SERVICE_FAILURE_ACTIONS_FLAG *)setting)->fFailureActionsOnNonCrashFailures;
        break;
    case SERVICE_CONFIG_SERVICE_SID_INFO:
        if (fake.sid_error == 0)
            fake.sid_type = ((SERVICE_SID_INFO *)setting)->dwServiceSidType;
        return answer(fake.sid_error);
    case SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO:
        memcpy(fake.privileges, ((SERVICE_REQUIRED_PRIVILEGES_INFOW *)setting)->pmszRequiredPrivileges,
               sizeof L"SeChangeNotifyPrivilege\0");
        break;
    default: fail_msg("level %lu", level);
    }
    return TRUE;
}

static BOOL WINAPI query_config(SC_HANDLE service, QUERY_SERVICE_CONFIGW *config, DWORD size, DWORD *needed)
{
    (void)service;
    *needed = sizeof *config;
    if (size < sizeof *config)
        return answer(ERROR_INSUFFICIENT_BUFFER);
    *config = (QUERY_SERVICE_CONFIGW){.dwServiceType = SERVICE_WIN32_OWN_PROCESS,
                                      .dwStartType = fake.start,
                                      .lpBinaryPathName = fake.image,
                                      .lpServiceStartName = fake.account,
                                      .lpDisplayName = fake.shown};
    return TRUE;
}

static BOOL WINAPI query_setting(SC_HANDLE service, DWORD level, BYTE *bytes, DWORD size, DWORD *needed)
{
    void *setting = bytes;

    (void)service;
    *needed = 0;
    assert_in_range(size, level == SERVICE_CONFIG_SERVICE_SID_INFO ? sizeof(SERVICE_SID_INFO) : 1024, 8192);
    switch (level) {
    case SERVICE_CONFIG_DESCRIPTION: *(SERVICE_DESCRIPTIONW *)setting = (SERVICE_DESCRIPTIONW){fake.description}; break;
    case SERVICE_CONFIG_DELAYED_AUTO_START_INFO: *(BOOL *)setting = fake.is_delayed; break;
    case SERVICE_CONFIG_FAILURE_ACTIONS:
        *(SERVICE_FAILURE_ACTIONSW *)setting = (SERVICE_FAILURE_ACTIONSW){.cActions = fake.action_count};
        break;
    case SERVICE_CONFIG_FAILURE_ACTIONS_FLAG: *(BOOL *)setting = fake.has_flag; break;
    case SERVICE_CONFIG_SERVICE_SID_INFO: *(DWORD *)setting = fake.sid_type; break;
    case SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO:
        *(SERVICE_REQUIRED_PRIVILEGES_INFOW *)setting =
            (SERVICE_REQUIRED_PRIVILEGES_INFOW){fake.privileges[0] ? fake.privileges : NULL};
        break;
    default: fail_msg("level %lu", level);
    }
    return TRUE;
}

static BOOL WINAPI query_status(SC_HANDLE service, SC_STATUS_TYPE type, BYTE *bytes, DWORD size, DWORD *needed)
{
    (void)service, (void)type, (void)size;
    *needed = 0;
    *(SERVICE_STATUS_PROCESS *)(void *)bytes =
        (SERVICE_STATUS_PROCESS){.dwCurrentState = fake.state,
                                 .dwWin32ExitCode = fake.exit_code ? ERROR_SERVICE_SPECIFIC_ERROR : 0,
                                 .dwServiceSpecificExitCode = fake.exit_code};
    return TRUE;
}

static BOOL WINAPI start_service(SC_HANDLE service, DWORD count, const wchar_t **words)
{
    (void)service, (void)count, (void)words;
    if (is_locked())
        return FALSE;
    fake.state = fake.exit_code ? SERVICE_STOPPED : SERVICE_RUNNING;
    return TRUE;
}

static BOOL WINAPI control_service(SC_HANDLE service, DWORD control, SERVICE_STATUS *status)
{
    (void)service, (void)status;
    assert_int_equal(control, SERVICE_CONTROL_STOP);
    if (fake.stop_error == 0)
        fake.state = SERVICE_STOPPED;
    return answer(fake.stop_error);
}

static BOOL WINAPI delete_service(SC_HANDLE service)
{
    (void)service;
    if (is_locked())
        return FALSE;
    fake.exists = fake.delete_error != 0;
    if (!fake.exists)
        RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"" SERVICES "tftpd");
    return answer(fake.delete_error == ERROR_SERVICE_MARKED_FOR_DELETE ? 0 : fake.delete_error);
}

static BOOL WINAPI enumerate(SC_HANDLE manager, SC_ENUM_TYPE what, DWORD type, DWORD state, BYTE *bytes, DWORD size,
                             DWORD *needed, DWORD *count, DWORD *resume, const wchar_t *group)
{
    static wchar_t names[2][8] = {L"tftpd", L"sibling"};
    ENUM_SERVICE_STATUS_PROCESSW *services = (void *)bytes;

    (void)manager, (void)what, (void)type, (void)state, (void)resume, (void)group;
    *needed = 2 * sizeof *services;
    *count = 0;
    if (size < *needed)
        return answer(ERROR_MORE_DATA);
    memset(services, 0, *needed);
    services[0].lpServiceName = names[0];
    services[1].lpServiceName = names[1];
    *count = 2;
    return TRUE;
}

/* -- the rest of the system ---------------------------------------------------------------------------------------- */

static BOOL WINAPI is_member(HANDLE token, PSID sid, BOOL *is)
{
    (void)token;
    assert_true(IsWellKnownSid(sid, WinBuiltinAdministratorsSid));
    *is = !fake.is_nobody;
    return TRUE;
}

static void set_rule(bool is_there)
{
    char rule[TEXT_UNITS * 2];
    wchar_t wide[TEXT_UNITS * 2];

    snprintf(rule, sizeof rule, "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|App=%s|Name=tftpd|", program);
    text_to_wide(rule, wide, COUNT_OF(wide));
    if (is_there)
        RegSetKeyValueW(HKEY_LOCAL_MACHINE, FIREWALL, L"{1}", REG_SZ, wide, (DWORD)(wcslen(wide) + 1) * 2);
    else
        RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, FIREWALL, L"{1}");
}

static void set_counters(bool is_there)
{
    wchar_t wide[TEXT_UNITS];

    text_to_wide(program, wide, TEXT_UNITS);
    if (is_there)
        RegSetKeyValueW(HKEY_LOCAL_MACHINE, PROVIDERS L"\\" COUNTER_PROVIDER_TEXT, L"ApplicationIdentity", REG_SZ, wide,
                        (DWORD)(wcslen(wide) + 1) * 2);
    else
        RegDeleteTreeW(HKEY_LOCAL_MACHINE, PROVIDERS L"\\" COUNTER_PROVIDER_TEXT);
}

static BOOL WINAPI create_process(const wchar_t *path, wchar_t *line, SECURITY_ATTRIBUTES *process_security,
                                  SECURITY_ATTRIBUTES *thread_security, BOOL inherits, DWORD flags, void *environment,
                                  const wchar_t *directory, STARTUPINFOW *startup, PROCESS_INFORMATION *process)
{
    (void)process_security, (void)thread_security, (void)flags, (void)environment, (void)directory, (void)startup;
    assert_false(inherits);
    assert_in_range(fake.tool_count, 0, TOOLS_MAX - 1);
    char *tool = fake.tools[fake.tool_count++];
    text_from_wide(line, tool, TEXT_UNITS);
    wcscpy(fake.tool_program, path);
    if (!answer(fake.tool_error))
        return FALSE;
    if (fake.tool_code == 0 && !fake.is_tool_idle) {
        if (strstr(tool, "netsh") != NULL)
            set_rule(strstr(tool, "add rule") != NULL);
        else
            set_counters(strstr(tool, "unlodctr") == NULL);
    }
    *process = (PROCESS_INFORMATION){CreateEventW(NULL, TRUE, TRUE, NULL), CreateEventW(NULL, TRUE, TRUE, NULL), 1, 1};
    return TRUE;
}

static BOOL WINAPI exit_code(HANDLE process, DWORD *code)
{
    (void)process;
    *code = fake.tool_code;
    return TRUE;
}

static void WINAPI sleep_not(DWORD duration_ms)
{
    fake.slept_ms += duration_ms;
}

/* S-1-5-80 and five numbers, as Windows makes them from the name. */
static LONG NTAPI create_service_sid(UNICODE_STRING *name, PSID sid, ULONG *size)
{
    PSID made;

    assert_int_equal(name->Length, wcslen(L"tftpd") * sizeof(wchar_t));
    assert_true(ConvertStringSidToSidW(L"S-1-5-80-1-2-3-4-5", &made));
    bool is_copied = CopySid(*size, sid, made);
    LocalFree(made);
    return is_copied ? 0 : -1;
}

extern __typeof__(&GetProcAddress) __real___imp_GetProcAddress;

static FARPROC WINAPI get_address(HMODULE module, const char *name)
{
    if ((uintptr_t)name > UINT16_MAX && strcmp(name, "RtlCreateServiceSid") == 0)
        return (FARPROC)(void (*)(void))create_service_sid;
    return __real___imp_GetProcAddress(module, name);
}

/* The two resources: our manifest, and another program's version. */
static const char manifest[] = "<the manifest>";
static struct {
    VS_FIXEDFILEINFO info;
    wchar_t product[18];
} version = {{.dwSignature = VS_FFI_SIGNATURE}, L"tftpd for Windows"};

static HRSRC WINAPI find_resource(HMODULE module, const wchar_t *name, const wchar_t *type)
{
    (void)name;
    if (type == (const wchar_t *)RT_VERSION)
        return fake.is_version_newer ? (HRSRC)&version : NULL;
    assert_null(module);
    assert_ptr_equal(name, MAKEINTRESOURCEW(COUNTER_MANIFEST));
    return (HRSRC)manifest;
}

static HGLOBAL WINAPI load_resource(HMODULE module, HRSRC resource)
{
    (void)module;
    return (HGLOBAL)resource;
}

static void *WINAPI lock_resource(HGLOBAL loaded)
{
    return loaded;
}

static DWORD WINAPI size_of_resource(HMODULE module, HRSRC resource)
{
    (void)module;
    return resource == (HRSRC)&version ? sizeof version : sizeof manifest - 1;
}

#define REPLACE(name, with)                       \
    extern __typeof__(&with) __wrap___imp_##name; \
    __typeof__(&with) __wrap___imp_##name = with

REPLACE(OpenSCManagerW, open_manager);
REPLACE(OpenServiceW, open_service);
REPLACE(CloseServiceHandle, close_handle);
REPLACE(CreateServiceW, create_service);
REPLACE(ChangeServiceConfigW, change_config);
REPLACE(ChangeServiceConfig2W, change_setting);
REPLACE(QueryServiceConfigW, query_config);
REPLACE(QueryServiceConfig2W, query_setting);
REPLACE(QueryServiceStatusEx, query_status);
REPLACE(StartServiceW, start_service);
REPLACE(ControlService, control_service);
REPLACE(DeleteService, delete_service);
REPLACE(EnumServicesStatusExW, enumerate);
REPLACE(CheckTokenMembership, is_member);
REPLACE(CreateProcessW, create_process);
REPLACE(GetExitCodeProcess, exit_code);
REPLACE(GetProcAddress, get_address);
REPLACE(FindResourceW, find_resource);
REPLACE(LoadResource, load_resource);
REPLACE(LockResource, lock_resource);
REPLACE(SizeofResource, size_of_resource);
REPLACE(Sleep, sleep_not);

#endif
