#include "service/install/install_parts.h"

#include "win32/system/text.h"

#include <stdio.h>
#include <wchar.h>

enum {
    START_PATIENCE_MS = 60000,
    STOP_PATIENCE_MS = 30000, /* beside what DrainSeconds gives to transfers */
    END_PATIENCE_MS = 10000,  /* of a process whose service has stopped */
    DELETE_PATIENCE_MS = 5000,
    LOOK_AGAIN_MS = 100,
    CONFIG_BYTES_MAX = 8192, /* the most that QueryServiceConfig gives */
    PAGE_BYTES = 64 * 1024   /* of services; EnumServicesStatusEx gives at most 256 KiB at once */
};

bool install_was_locked(struct install *install)
{
    DWORD error = GetLastError();

    if (error != ERROR_SERVICE_DATABASE_LOCKED)
        return false;
    if (install->locked_ms >= INSTALL_LOCKED_MS) {
        snprintf(install->why, sizeof install->why,
                 "the database of services is locked: Windows is still starting, or another installer is at work; try "
                 "again in a minute");
        return false;
    }
    Sleep(LOOK_AGAIN_MS);
    install->locked_ms += LOOK_AGAIN_MS;
    SetLastError(error);
    return true;
}

DWORD install_open(struct install *install)
{
    DWORD rights = SC_MANAGER_CONNECT | (install->wish.is_dry ? 0 : SC_MANAGER_CREATE_SERVICE);

    if (install->service != NULL)
        return 0;
    while (install->manager == NULL) {
        install->manager = OpenSCManagerW(NULL, NULL, rights);
        if (install->manager == NULL && !install_was_locked(install))
            return GetLastError();
    }
    rights = install->wish.is_dry ? SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS : SERVICE_ALL_ACCESS;
    install->service = OpenServiceW(install->manager, install->name, rights);
    return install->service == NULL ? GetLastError() : 0;
}

static void close_service(struct install *install)
{
    if (install->service != NULL)
        CloseServiceHandle(install->service);
    install->service = NULL;
}

void install_close(struct install *install)
{
    close_service(install);
    if (install->manager != NULL)
        CloseServiceHandle(install->manager);
    install->manager = NULL;
}

/* -- the service itself -------------------------------------------------------------------------------------------- */

enum install_state install_look_service(struct install *install)
{
    struct facts_service *now = &install->found;
    bool was_tftpd = now->is_tftpd;

    facts_service_read(now, install->wish.name);
    if (now->error == ERROR_SERVICE_DOES_NOT_EXIST)
        return INSTALL_IS_NOT;
    if (now->error != 0)
        return install_unseen(install, now->error);
    if (install->is_undo)
        return INSTALL_IS_SO;
    now->is_tftpd = now->is_tftpd || was_tftpd;
    bool is_ours = _stricmp(now->image.program, install->program) == 0;
    if (!is_ours)
        snprintf(install->remark, sizeof install->remark, "it ran %.400s", now->image.program);
    return is_ours && now->image.is_quoted && now->start_type == install->start->type &&
                   _stricmp(now->account, install->account) == 0
               ? INSTALL_IS_SO
               : INSTALL_IS_NOT;
}

/* The arguments behind the program stay. */
static bool image_path(const struct install *install, wchar_t *wide, size_t size)
{
    return text_print_wide(wide, size, "\"%s\"%s", install->program,
                           install->found.error == 0 ? install->found.image.rest : "");
}

static DWORD create_service(struct install *install, const wchar_t *image, const wchar_t *account)
{
    do
        install->service = CreateServiceW(install->manager, install->name, NULL, SERVICE_ALL_ACCESS,
                                          SERVICE_WIN32_OWN_PROCESS, install->start->type, SERVICE_ERROR_NORMAL, image,
                                          NULL, NULL, NULL, account, install_account_password(install));
    while (install->service == NULL && install_was_locked(install));
    return install->service == NULL ? GetLastError() : 0;
}

static DWORD change_service(struct install *install, const wchar_t *image, const wchar_t *account)
{
    bool keeps_account = install_keeps_account(install);
    BOOL is_done;

    install->is_changed = true;
    do
        is_done = ChangeServiceConfigW(install->service, SERVICE_WIN32_OWN_PROCESS, install->start->type,
                                       SERVICE_ERROR_NORMAL, image, NULL, NULL, NULL, keeps_account ? NULL : account,
                                       keeps_account ? NULL : install_account_password(install), NULL);
    while (!is_done && install_was_locked(install));
    return is_done ? 0 : GetLastError();
}

DWORD install_make_service(struct install *install)
{
    static wchar_t image[FACTS_COMMAND_MAX * 2];
    wchar_t account[FACTS_ACCOUNT_MAX];
    DWORD error = install_open(install);

    if (error != 0 && error != ERROR_SERVICE_DOES_NOT_EXIST)
        return error;
    if (!image_path(install, image, sizeof image / sizeof *image) ||
        !text_to_wide(install->account, account, FACTS_ACCOUNT_MAX))
        return ERROR_INVALID_NAME;
    return error != 0 ? create_service(install, image, account) : change_service(install, image, account);
}

/* The Service Control Manager forgets it when the last who holds it lets go. */
DWORD install_undo_service(struct install *install)
{
    DWORD error = install_open(install);

    while (error == 0 && !DeleteService(install->service))
        error = install_was_locked(install) ? 0 : GetLastError();
    close_service(install);
    if (error != 0 && error != ERROR_SERVICE_MARKED_FOR_DELETE)
        return error;
    for (unsigned waited_ms = 0; waited_ms < DELETE_PATIENCE_MS; waited_ms += LOOK_AGAIN_MS) {
        if (install_look_service(install) == INSTALL_IS_NOT)
            return 0;
        Sleep(LOOK_AGAIN_MS);
    }
    snprintf(
        install->why, sizeof install->why,
        "it is marked for deletion, and goes when the programs that look at it (Services, Task Manager) are closed");
    return ERROR_SERVICE_MARKED_FOR_DELETE;
}

static bool runs_program(SC_HANDLE manager, const wchar_t *name, const char *program)
{
    static union {
        QUERY_SERVICE_CONFIGW config;
        BYTE bytes[CONFIG_BYTES_MAX];
    } buffer;
    static struct facts_image image;
    static char command[FACTS_COMMAND_MAX];
    DWORD needed;
    SC_HANDLE service = OpenServiceW(manager, name, SERVICE_QUERY_CONFIG);

    if (service == NULL)
        return false;
    bool is_read = QueryServiceConfigW(service, &buffer.config, sizeof buffer, &needed) &&
                   text_from_wide(buffer.config.lpBinaryPathName, command, sizeof command);
    CloseServiceHandle(service);
    if (is_read)
        facts_image_read(&image, command);
    return is_read && _stricmp(image.program, program) == 0;
}

/* In doubt there is one: counters that stay do no harm, those that go may be another service's. */
bool install_look_siblings(struct install *install)
{
    static union {
        ENUM_SERVICE_STATUS_PROCESSW services[1];
        BYTE bytes[PAGE_BYTES];
    } page;
    DWORD needed, count, resume = 0;
    bool is_found = false, is_last = false;

    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);
    if (manager == NULL)
        return true;
    while (!is_found && !is_last) {
        count = 0;
        is_last = EnumServicesStatusExW(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32, SERVICE_STATE_ALL, page.bytes,
                                        sizeof page, &needed, &count, &resume, NULL);
        if (!is_last && (GetLastError() != ERROR_MORE_DATA || count == 0))
            is_found = true;
        for (DWORD i = 0; !is_found && i < count; i++)
            is_found = _wcsicmp(page.services[i].lpServiceName, install->name) != 0 &&
                       runs_program(manager, page.services[i].lpServiceName, install->program);
    }
    CloseServiceHandle(manager);
    return is_found;
}

/* -- whether it runs ----------------------------------------------------------------------------------------------- */

bool install_wants_running(const struct install *install)
{
    return install->wish.wants_start && install->start->type != SERVICE_DISABLED;
}

static DWORD read_status(struct install *install, SERVICE_STATUS_PROCESS *status)
{
    DWORD needed;
    DWORD error = install_open(install);

    if (error == 0 &&
        !QueryServiceStatusEx(install->service, SC_STATUS_PROCESS_INFO, (BYTE *)status, sizeof *status, &needed))
        error = GetLastError();
    return error;
}

enum install_state install_look_running(struct install *install)
{
    SERVICE_STATUS_PROCESS status;
    DWORD error = read_status(install, &status);

    if (error == ERROR_SERVICE_DOES_NOT_EXIST)
        return INSTALL_IS_NOT;
    if (error != 0)
        return install_unseen(install, error);
    if (status.dwCurrentState == SERVICE_STOPPED)
        return INSTALL_IS_NOT;
    if (!install->is_undo && install->is_changed)
        snprintf(install->remark, sizeof install->remark,
                 "what changed in the service counts when it starts again: net stop \"%.200s\" & net start \"%.200s\"",
                 install->wish.name, install->wish.name);
    return INSTALL_IS_SO;
}

/* Until it is in that state, or has come to rest in another one. */
static DWORD await_state(struct install *install, DWORD wanted, DWORD pending, DWORD patience_ms,
                         SERVICE_STATUS_PROCESS *status)
{
    ULONGLONG end_ms = GetTickCount64() + patience_ms;

    for (;;) {
        DWORD error = read_status(install, status);
        if (error != 0 || status->dwCurrentState == wanted || status->dwCurrentState != pending)
            return error;
        if (GetTickCount64() >= end_ms)
            return ERROR_SERVICE_REQUEST_TIMEOUT;
        Sleep(LOOK_AGAIN_MS);
    }
}

DWORD install_make_running(struct install *install)
{
    SERVICE_STATUS_PROCESS status;
    DWORD error = install_open(install);

    while (error == 0 && !StartServiceW(install->service, 0, NULL))
        error = install_was_locked(install) ? 0 : GetLastError();
    if (error == ERROR_SERVICE_ALREADY_RUNNING)
        error = 0;
    install->is_changed = false;
    if (error == 0)
        error = await_state(install, SERVICE_RUNNING, SERVICE_START_PENDING, START_PATIENCE_MS, &status);
    if (error != 0 || status.dwCurrentState == SERVICE_RUNNING)
        return error;
    if (status.dwWin32ExitCode != ERROR_SERVICE_SPECIFIC_ERROR)
        return status.dwWin32ExitCode != 0 ? status.dwWin32ExitCode : ERROR_SERVICE_NOT_ACTIVE;
    snprintf(install->why, sizeof install->why,
             "it ended at once with exit code %lu (tftpd -? codes lists them, the event log says it in words)",
             status.dwServiceSpecificExitCode);
    return ERROR_SERVICE_SPECIFIC_ERROR;
}

/* A service says that it has stopped while its process still ends; until then nobody can replace the program. */
static void await_end(HANDLE process, DWORD patience_ms)
{
    if (process == NULL)
        return;
    WaitForSingleObject(process, patience_ms);
    CloseHandle(process);
}

DWORD install_undo_running(struct install *install)
{
    SERVICE_STATUS_PROCESS status;
    SERVICE_STATUS told;
    DWORD error = read_status(install, &status);

    if (error != 0)
        return error;
    HANDLE process = status.dwProcessId != 0 ? OpenProcess(SYNCHRONIZE, FALSE, status.dwProcessId) : NULL;
    /* One that is stopping already takes no second stop; that is as good. */
    DWORD refusal = ControlService(install->service, SERVICE_CONTROL_STOP, &told) ? 0 : GetLastError();
    error = await_state(install, SERVICE_STOPPED, SERVICE_STOP_PENDING,
                        STOP_PATIENCE_MS + install->config.drain_s * 1000, &status);
    if (error == 0 && status.dwCurrentState != SERVICE_STOPPED)
        error = refusal != 0 ? refusal : ERROR_SERVICE_REQUEST_TIMEOUT;
    await_end(process, error == 0 ? END_PATIENCE_MS : 0);
    return error;
}
