#include "service/facts/facts_service.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { SERVICE_NAME_MAX = 512 };

static void read_status(struct facts_service *service, SC_HANDLE handle)
{
    SERVICE_STATUS_PROCESS status;
    DWORD needed;

    if (!QueryServiceStatusEx(handle, SC_STATUS_PROCESS_INFO, (BYTE *)&status, sizeof status, &needed)) {
        service->status_error = GetLastError();
        return;
    }
    service->state = status.dwCurrentState;
    service->process = status.dwProcessId;
    service->exit_code = status.dwWin32ExitCode;
    service->specific_exit_code = status.dwServiceSpecificExitCode;
}

/* Where the system does not say, as under Wine, it has one. */
static void read_sid_type(struct facts_service *service, SC_HANDLE handle)
{
    SERVICE_SID_INFO info = {SERVICE_SID_TYPE_UNRESTRICTED};
    DWORD needed;

    service->lacks_sid =
        QueryServiceConfig2W(handle, SERVICE_CONFIG_SERVICE_SID_INFO, (BYTE *)&info, sizeof info, &needed) &&
        info.dwServiceSidType == SERVICE_SID_TYPE_NONE;
}

static DWORD read_config(struct facts_service *service, SC_HANDLE handle)
{
    static char command[FACTS_COMMAND_MAX];
    DWORD needed = 0;
    DWORD error = 0;

    QueryServiceConfigW(handle, NULL, 0, &needed);
    QUERY_SERVICE_CONFIGW *config = malloc(needed > 0 ? needed : 1);
    if (config == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (!QueryServiceConfigW(handle, config, needed, &needed)) {
        error = GetLastError();
    } else {
        service->start_type = config->dwStartType;
        text_from_wide(config->lpServiceStartName ? config->lpServiceStartName : L"", service->account,
                       sizeof service->account);
        text_from_wide(config->lpBinaryPathName ? config->lpBinaryPathName : L"", command, sizeof command);
        facts_image_read(&service->image, command);
    }
    free(config);
    return error;
}

/* The product's name stands in the same resource as UTF-16, on an even place. */
static bool has_product_name(const wchar_t *units, size_t count)
{
    static const wchar_t name[] = L"tftpd for Windows";
    size_t length = sizeof name / sizeof *name;

    for (size_t i = 0; i + length <= count; i++)
        if (memcmp(units + i, name, sizeof name) == 0)
            return true;
    return false;
}

/* version.dll would read the same; it is not needed for a struct that tells by its signature where it begins. */
static void read_version(struct facts_service *service)
{
    static wchar_t path[FACTS_COMMAND_MAX];
    const VS_FIXEDFILEINFO *info;

    if (!text_to_wide(service->image.program, path, FACTS_COMMAND_MAX))
        return;
    HMODULE module = LoadLibraryExW(path, NULL, LOAD_LIBRARY_AS_DATAFILE | LOAD_LIBRARY_AS_IMAGE_RESOURCE);
    if (module == NULL)
        return;
    HRSRC resource = FindResourceW(module, MAKEINTRESOURCEW(VS_VERSION_INFO), (const wchar_t *)RT_VERSION);
    HGLOBAL loaded = resource ? LoadResource(module, resource) : NULL;
    const DWORD *words = loaded ? LockResource(loaded) : NULL;
    size_t count = words ? SizeofResource(module, resource) / sizeof *words : 0;
    service->is_tftpd = words != NULL && has_product_name((const wchar_t *)words, count * 2);
    for (size_t i = 0; i + sizeof *info / sizeof *words <= count; i++) {
        if (words[i] != VS_FFI_SIGNATURE)
            continue;
        info = (const void *)(words + i);
        snprintf(service->version, sizeof service->version, "%u.%u.%u", HIWORD(info->dwFileVersionMS),
                 LOWORD(info->dwFileVersionMS), HIWORD(info->dwFileVersionLS));
        break;
    }
    FreeLibrary(module);
}

/* Who may not see the state may still see the configuration, and the reverse. */
static SC_HANDLE open_service(SC_HANDLE manager, const wchar_t *name, struct facts_service *service)
{
    SC_HANDLE handle = OpenServiceW(manager, name, SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS);

    if (handle == NULL && GetLastError() == ERROR_ACCESS_DENIED) {
        service->status_error = ERROR_ACCESS_DENIED;
        handle = OpenServiceW(manager, name, SERVICE_QUERY_CONFIG);
    }
    return handle;
}

void facts_service_read(struct facts_service *service, const char *name)
{
    wchar_t wide[SERVICE_NAME_MAX];

    memset(service, 0, sizeof *service);
    service->error = ERROR_SERVICE_DOES_NOT_EXIST;
    if (!text_to_wide(name, wide, SERVICE_NAME_MAX))
        return;
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    if (manager == NULL) {
        service->error = GetLastError();
        return;
    }
    SC_HANDLE handle = open_service(manager, wide, service);
    if (handle == NULL) {
        service->error = GetLastError() == ERROR_INVALID_NAME ? ERROR_SERVICE_DOES_NOT_EXIST : GetLastError();
    } else {
        service->error = read_config(service, handle);
        read_sid_type(service, handle);
        if (service->status_error == 0)
            read_status(service, handle);
        CloseServiceHandle(handle);
        read_version(service);
    }
    CloseServiceHandle(manager);
}
