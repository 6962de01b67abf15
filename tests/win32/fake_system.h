/*
 * A Service Control Manager with one service, an administrator's token, tools of System32 that do what they are told or fail,
 * and two resources: for what Wine lacks. Included by the one program that is linked with these functions replaced.
 */
#ifndef WIN32_TESTS_FAKE_SYSTEM_H
#define WIN32_TESTS_FAKE_SYSTEM_H

#include "files.h"

#include "service/tell/counter_table.h"
#include "win32/system/text.h"

#include <ntsecapi.h>
#include <sddl.h>
#include <stdio.h>
#include <wchar.h>
#include <winternl.h>

enum { TEXT_UNITS = 1024, TOOLS_MAX = 20 };

#define SERVICES  "SYSTEM\\CurrentControlSet\\Services\\"
#define FIREWALL  L"" SERVICES "SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules"
#define PROVIDERS L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Perflib\\_V2Providers"

static struct {
    /* The service. */
    bool exists, was_given_account, was_given_password;
    wchar_t image[TEXT_UNITS], account[TEXT_UNITS], shown[TEXT_UNITS], description[TEXT_UNITS], privileges[TEXT_UNITS];
    DWORD start, state;
    BOOL is_delayed, has_flag;
    DWORD sid_type, action_count, reset_s;
    SC_ACTION actions[4];
    bool may_log_on; /* the managed account, as a service */
    /* What goes wrong. */
    DWORD create_error, sid_error, stop_error, delete_error, exit_code, enumerate_error;
    HANDLE process; /* of the service; it is signalled when it ends */
    bool is_nobody, has_sibling, is_version_newer, is_tool_idle, is_lodctr_older;
    DWORD tool_error, tool_code, stop_takes_ms;
    LONG logon_status;     /* of whoever asks for rights, or gives them */
    const wchar_t *final;  /* what each path leads to; NULL: the real one */
    DWORD attached;        /* processes that share the console */
    unsigned locked_times; /* the database is, before each call that is obeyed */
    unsigned locked_now;
    /* What was done. */
    DWORD slept_ms, stops_at_ms; /* of that: when it has stopped */
    unsigned changes, pages;
    size_t tool_count;
    char tools[TOOLS_MAX][TEXT_UNITS];
    wchar_t tool_program[TEXT_UNITS];
    DWORD tool_ended_with;
    bool has_left_console;
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
    if (wcscmp(name, L"closed") == 0)
        return answer(ERROR_ACCESS_DENIED) ? HANDLE_OURS : NULL;
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
    (void)manager, (void)rights, (void)group, (void)tag, (void)dependencies;
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
    fake.was_given_password = password != NULL;
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
    if (fake.state == SERVICE_STOP_PENDING && fake.slept_ms >= fake.stops_at_ms)
        fake.state = SERVICE_STOPPED;
    *(SERVICE_STATUS_PROCESS *)(void *)bytes =
        (SERVICE_STATUS_PROCESS){.dwCurrentState = fake.state,
                                 .dwProcessId = fake.process != NULL ? 4711 : 0,
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
    if (fake.stop_error == 0) {
        fake.state = SERVICE_STOP_PENDING;
        fake.stops_at_ms = fake.slept_ms + fake.stop_takes_ms;
    }
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

/* Two pages: this service and one that nobody may ask, then another one. */
static BOOL WINAPI enumerate(SC_HANDLE manager, SC_ENUM_TYPE what, DWORD type, DWORD state, BYTE *bytes, DWORD size,
                             DWORD *needed, DWORD *count, DWORD *resume, const wchar_t *group)
{
    static wchar_t names[][8] = {L"tftpd", L"closed", L"sibling"};
    ENUM_SERVICE_STATUS_PROCESSW *services = (void *)bytes;
    bool is_first = *resume == 0;

    (void)manager, (void)what, (void)type, (void)state, (void)group;
    *count = is_first ? 2 : 1;
    *needed = is_first ? sizeof *services : 0;
    assert_in_range(size, *count * sizeof *services, 256 * 1024);
    if (fake.enumerate_error != 0 && fake.pages++ == 1)
        return answer(fake.enumerate_error);
    memset(services, 0, *count * sizeof *services);
    for (DWORD i = 0; i < *count; i++)
        services[i].lpServiceName = names[*resume + i];
    *resume = is_first ? 2 : 0;
    return answer(is_first ? ERROR_MORE_DATA : 0);
}

/* -- the rest of the system ---------------------------------------------------------------------------------------- */

static BOOL WINAPI is_member(HANDLE token, PSID sid, BOOL *is)
{
    (void)token;
    assert_true(IsWellKnownSid(sid, WinBuiltinAdministratorsSid));
    *is = !fake.is_nobody;
    return TRUE;
}

static void put_value(const wchar_t *key, const wchar_t *value, const char *text)
{
    wchar_t wide[TEXT_UNITS * 2];

    text_to_wide(text, wide, COUNT_OF(wide));
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, key, value, REG_SZ, wide, (DWORD)(wcslen(wide) + 1) * 2);
}

/* netsh knows two rules: the one for requests, and the one that keeps boot requests out. */
static void set_rule(const char *tool)
{
    bool is_block = strstr(tool, "name=\"tftpd boot\"") != NULL;
    char rule[TEXT_UNITS * 2];

    snprintf(rule, sizeof rule, "v2.30|Active=TRUE|Dir=In|App=%s|%s|", program,
             is_block ? "Action=Block|Profile=Public|LPort=67|Name=tftpd boot" : "Action=Allow|Name=tftpd");
    RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, FIREWALL, is_block ? L"{2}" : L"{1}");
    if (strstr(tool, "add rule") != NULL)
        put_value(FIREWALL, is_block ? L"{2}" : L"{1}", rule);
}

static void set_counters(bool is_there)
{
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, PROVIDERS L"\\" COUNTER_PROVIDER_TEXT);
    if (is_there)
        put_value(PROVIDERS L"\\" COUNTER_PROVIDER_TEXT, L"ApplicationIdentity", program);
}

/* The manifests among the resources, and what is in the one that lodctr was told. */
static const char manifests[][32] = {"<the manifest>", "<the older manifest>"};

static size_t manifest_told(const char *tool)
{
    char path[TEXT_UNITS], text[TEXT_UNITS] = "";
    FILE *file;

    snprintf(path, sizeof path, "%s", strstr(tool, "/m:\"") + 4);
    path[strcspn(path, "\"")] = 0;
    file = fopen(path, "rb");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return strcmp(text, manifests[0]) == 0 ? 0 : 1;
}

/* Those of Windows 8.1 may not take what they do not know, and so say. */
static DWORD run_counter_tool(const char *tool)
{
    bool is_told_newer = strstr(tool, "/m:") != NULL && manifest_told(tool) == 0;

    if (fake.is_lodctr_older && is_told_newer)
        return 87;
    set_counters(strstr(tool, "unlodctr") == NULL);
    return 0;
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
    fake.tool_ended_with = fake.tool_code;
    if (fake.tool_code == 0 && !fake.is_tool_idle) {
        if (strstr(tool, "netsh") != NULL)
            set_rule(tool);
        else
            fake.tool_ended_with = run_counter_tool(tool);
    }
    *process = (PROCESS_INFORMATION){CreateEventW(NULL, TRUE, TRUE, NULL), CreateEventW(NULL, TRUE, TRUE, NULL), 1, 1};
    return TRUE;
}

static BOOL WINAPI exit_code(HANDLE process, DWORD *code)
{
    (void)process;
    *code = fake.tool_ended_with;
    return TRUE;
}

static void WINAPI sleep_not(DWORD duration_ms)
{
    fake.slept_ms += duration_ms;
}

static ULONGLONG WINAPI tick_count(void)
{
    return 1000000 + fake.slept_ms;
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

/* Another program's version. */
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
    assert_in_range((uintptr_t)name, COUNTER_MANIFEST, COUNTER_MANIFEST_OLDER);
    return (HRSRC)manifests[(uintptr_t)name - COUNTER_MANIFEST];
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
    return resource == (HRSRC)&version ? sizeof version : (DWORD)strlen((const char *)resource);
}

/* -- accounts and their rights, paths, the console ------------------------------------------------------------------ */

#define MANAGED L"CORP\\boot$" /* the one account of a domain that can be asked */

extern __typeof__(&LookupAccountNameW) __real___imp_LookupAccountNameW;

static BOOL WINAPI look_up_account(const wchar_t *system, const wchar_t *name, PSID sid, DWORD *sid_size,
                                   wchar_t *domain, DWORD *domain_size, SID_NAME_USE *use)
{
    PSID made;

    if (_wcsnicmp(name, L"CORP\\", 5) != 0)
        return __real___imp_LookupAccountNameW(system, name, sid, sid_size, domain, domain_size, use);
    if (_wcsicmp(name, MANAGED) != 0)
        return answer(ERROR_NONE_MAPPED);
    assert_true(ConvertStringSidToSidW(L"S-1-5-21-1-2-3-1234", &made));
    CopySid(*sid_size, sid, made);
    LocalFree(made);
    *use = SidTypeUser;
    return TRUE;
}

/* Their header does not say that they are imported, so they are called by their names. */
__typeof__(LsaOpenPolicy) __wrap_LsaOpenPolicy;
__typeof__(LsaEnumerateAccountRights) __wrap_LsaEnumerateAccountRights;
__typeof__(LsaAddAccountRights) __wrap_LsaAddAccountRights;
__typeof__(LsaClose) __wrap_LsaClose;
__typeof__(LsaFreeMemory) __wrap_LsaFreeMemory;

#define POLICY_OURS ((LSA_HANDLE)(uintptr_t)0x99)

NTSTATUS NTAPI __wrap_LsaOpenPolicy(LSA_UNICODE_STRING *system, LSA_OBJECT_ATTRIBUTES *attributes, ACCESS_MASK rights,
                                    LSA_HANDLE *policy)
{
    assert_null(system);
    assert_int_equal(attributes->Length, sizeof *attributes);
    assert_true(rights & POLICY_LOOKUP_NAMES);
    *policy = POLICY_OURS;
    return 0;
}

static void assert_managed(LSA_HANDLE policy, PSID sid)
{
    wchar_t *text;

    assert_ptr_equal(policy, POLICY_OURS);
    assert_true(ConvertSidToStringSidW(sid, &text));
    assert_int_equal(wcscmp(text, L"S-1-5-21-1-2-3-1234"), 0);
    LocalFree(text);
}

/* With another right before it; who has none is not to be found. */
NTSTATUS NTAPI __wrap_LsaEnumerateAccountRights(LSA_HANDLE policy, PSID sid, LSA_UNICODE_STRING **rights, ULONG *count)
{
    static wchar_t batch[] = L"SeBatchLogonRight", service[] = L"SeServiceLogonRight";
    static LSA_UNICODE_STRING both[] = {{sizeof batch - 2, sizeof batch, batch},
                                        {sizeof service - 2, sizeof service, service}};

    assert_managed(policy, sid);
    if (fake.logon_status != 0)
        return fake.logon_status;
    *rights = both;
    *count = 2;
    return fake.may_log_on ? 0 : (NTSTATUS)0xC0000034; /* STATUS_OBJECT_NAME_NOT_FOUND */
}

NTSTATUS NTAPI __wrap_LsaAddAccountRights(LSA_HANDLE policy, PSID sid, LSA_UNICODE_STRING *rights, ULONG count)
{
    assert_managed(policy, sid);
    assert_int_equal(count, 1);
    assert_int_equal(rights->Length, sizeof L"SeServiceLogonRight" - 2);
    assert_memory_equal(rights->Buffer, L"SeServiceLogonRight", sizeof L"SeServiceLogonRight");
    fake.may_log_on = fake.logon_status == 0;
    return fake.logon_status;
}

NTSTATUS NTAPI __wrap_LsaClose(LSA_HANDLE policy)
{
    return policy == POLICY_OURS ? 0 : -1;
}

NTSTATUS NTAPI __wrap_LsaFreeMemory(PVOID rights)
{
    return rights != NULL ? 0 : -1;
}

extern __typeof__(&GetDriveTypeW) __real___imp_GetDriveTypeW;
extern __typeof__(&GetFinalPathNameByHandleW) __real___imp_GetFinalPathNameByHandleW;

static UINT WINAPI drive_type(const wchar_t *root)
{
    return root[0] == L'M' ? DRIVE_REMOTE : __real___imp_GetDriveTypeW(root);
}

static DWORD WINAPI final_path(HANDLE handle, wchar_t *path, DWORD units, DWORD flags)
{
    if (fake.final == NULL)
        return __real___imp_GetFinalPathNameByHandleW(handle, path, units, flags);
    wcscpy(path, fake.final);
    return (DWORD)wcslen(path);
}

static HANDLE WINAPI open_process(DWORD rights, BOOL inherits, DWORD process)
{
    HANDLE copy = NULL;

    assert_true(rights == SYNCHRONIZE && !inherits && process == 4711);
    DuplicateHandle(GetCurrentProcess(), fake.process, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    return copy;
}

static DWORD WINAPI processes_of_console(DWORD *processes, DWORD count)
{
    assert_in_range(count, 2, 64);
    processes[0] = GetCurrentProcessId();
    return fake.attached;
}

static BOOL WINAPI leave_console_really(void)
{
    fake.has_left_console = true;
    return TRUE;
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
REPLACE(GetTickCount64, tick_count);
REPLACE(LookupAccountNameW, look_up_account);
REPLACE(GetDriveTypeW, drive_type);
REPLACE(GetFinalPathNameByHandleW, final_path);
REPLACE(OpenProcess, open_process);
REPLACE(GetConsoleProcessList, processes_of_console);
REPLACE(FreeConsole, leave_console_really);

#endif
