#include "service/install/install_parts.h"

#include "win32/system/text.h"

#include <stdio.h>
#include <wchar.h>

enum { SETTING_BYTES = 8192, RESET_S = 24 * 60 * 60 };

/* One of the optional settings as the Service Control Manager has it, in a buffer of its own until the next call. */
static DWORD read_setting(struct install *install, DWORD level, const void **setting)
{
    static union {
        BYTE bytes[SETTING_BYTES];
        ULONGLONG alignment;
    } buffer;
    DWORD needed;
    DWORD error = install_open(install);

    *setting = &buffer;
    memset(&buffer, 0, sizeof buffer);
    if (error == 0 && !QueryServiceConfig2W(install->service, level, buffer.bytes, sizeof buffer.bytes, &needed))
        error = GetLastError();
    return error;
}

static DWORD write_setting(struct install *install, DWORD level, void *setting)
{
    DWORD error = install_open(install);

    while (error == 0 && !ChangeServiceConfig2W(install->service, level, setting))
        error = install_was_locked(install) ? 0 : GetLastError();
    if (error == 0)
        install->is_changed = true;
    return error;
}

/* What a look that got no setting makes of the error; a dry run has no service to ask yet. */
static enum install_state unread(struct install *install, DWORD error)
{
    return error == ERROR_SERVICE_DOES_NOT_EXIST ? INSTALL_IS_NOT : install_absent_or_unseen(install, error);
}

static enum install_state state_of(bool is_so)
{
    return is_so ? INSTALL_IS_SO : INSTALL_IS_NOT;
}

/* -- of QueryServiceConfig ----------------------------------------------------------------------------------------- */

static DWORD read_config(struct install *install, QUERY_SERVICE_CONFIGW **config)
{
    static union {
        QUERY_SERVICE_CONFIGW config;
        BYTE bytes[SETTING_BYTES];
    } buffer;
    DWORD needed;
    DWORD error = install_open(install);

    *config = &buffer.config;
    if (error == 0 && !QueryServiceConfigW(install->service, &buffer.config, sizeof buffer, &needed))
        error = GetLastError();
    return error;
}

/* `sc create` without one takes the service's name; a name that somebody chose stays. */
enum install_state install_look_display_name(struct install *install)
{
    QUERY_SERVICE_CONFIGW *config;
    DWORD error = read_config(install, &config);

    if (error != 0)
        return unread(install, error);
    const wchar_t *shown = config->lpDisplayName;
    if (shown == NULL || shown[0] == 0 || _wcsicmp(shown, install->name) == 0)
        return INSTALL_IS_NOT;
    return INSTALL_IS_SO;
}

static DWORD change_config(struct install *install, const wchar_t *dependencies, const wchar_t *shown)
{
    DWORD error = install_open(install);

    while (error == 0 && !ChangeServiceConfigW(install->service, SERVICE_NO_CHANGE, SERVICE_NO_CHANGE,
                                               SERVICE_NO_CHANGE, NULL, NULL, NULL, dependencies, NULL, NULL, shown))
        error = install_was_locked(install) ? 0 : GetLastError();
    return error;
}

DWORD install_make_display_name(struct install *install)
{
    char text[INSTALL_WHY_MAX];
    wchar_t wide[INSTALL_WHY_MAX];

    install_expand(install, install->step->meaning, text, sizeof text);
    return text_to_wide(text, wide, INSTALL_WHY_MAX) ? change_config(install, NULL, wide) : (DWORD)ERROR_INVALID_NAME;
}

/* Where the Service Control Manager keeps them; Wine's does not give them back any other way. */
enum install_state install_look_dependencies(struct install *install)
{
    wchar_t key[INSTALL_KEY_MAX], first[2];
    DWORD size = sizeof first;

    if (!text_print_wide(key, INSTALL_KEY_MAX, "SYSTEM\\CurrentControlSet\\Services\\%s", install->wish.name))
        return install_unseen(install, ERROR_INVALID_NAME);
    DWORD error =
        (DWORD)RegGetValueW(HKEY_LOCAL_MACHINE, key, L"DependOnService", RRF_RT_REG_MULTI_SZ, NULL, first, &size);
    if (error == ERROR_FILE_NOT_FOUND)
        return INSTALL_IS_NOT;
    if (error != 0 && error != ERROR_MORE_DATA)
        return install_unseen(install, error);
    return state_of(error == ERROR_MORE_DATA || first[0] != 0);
}

DWORD install_make_dependencies(struct install *install)
{
    return change_config(install, L"Tcpip\0Afd\0", NULL);
}

/* -- of QueryServiceConfig2 ---------------------------------------------------------------------------------------- */

enum install_state install_look_description(struct install *install)
{
    const SERVICE_DESCRIPTIONW *setting;
    DWORD error = read_setting(install, SERVICE_CONFIG_DESCRIPTION, (const void **)&setting);

    if (error != 0)
        return unread(install, error);
    return state_of(setting->lpDescription != NULL && setting->lpDescription[0] != 0);
}

DWORD install_make_description(struct install *install)
{
    static wchar_t words[] =
        L"Gives boot programs, firmware and configurations to network devices over TFTP (UDP port 69), "
        L"and takes files from those that are allowed to write.";
    SERVICE_DESCRIPTIONW setting = {words};

    return write_setting(install, SERVICE_CONFIG_DESCRIPTION, &setting);
}

/* Only a service that starts with Windows has the choice, and one that is there already has made it. */
bool install_wants_delay(const struct install *install)
{
    return install->start->type == SERVICE_AUTO_START && (install->is_new || install->wish.start != NULL);
}

enum install_state install_look_delay(struct install *install)
{
    const SERVICE_DELAYED_AUTO_START_INFO *setting;
    DWORD error = read_setting(install, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, (const void **)&setting);

    if (error != 0)
        return unread(install, error);
    return state_of((setting->fDelayedAutostart != 0) == install->start->is_delayed);
}

DWORD install_make_delay(struct install *install)
{
    SERVICE_DELAYED_AUTO_START_INFO setting = {install->start->is_delayed};

    return write_setting(install, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &setting);
}

/* Actions that somebody chose stay. Without the flag they would count for a crash only, not for an end with an error. */
static enum install_state look_actions(struct install *install, bool *are_there)
{
    const SERVICE_FAILURE_ACTIONSW *setting;
    DWORD error = read_setting(install, SERVICE_CONFIG_FAILURE_ACTIONS, (const void **)&setting);

    *are_there = error == 0 && setting->cActions > 0;
    return error != 0 ? unread(install, error) : state_of(*are_there);
}

enum install_state install_look_recovery(struct install *install)
{
    const SERVICE_FAILURE_ACTIONS_FLAG *flag;
    bool are_there;
    enum install_state state = look_actions(install, &are_there);

    if (state != INSTALL_IS_SO)
        return state;
    DWORD error = read_setting(install, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, (const void **)&flag);
    return error != 0 ? unread(install, error) : state_of(flag->fFailureActionsOnNonCrashFailures != 0);
}

DWORD install_make_recovery(struct install *install)
{
    /* The last one counts for every failure that follows. */
    static SC_ACTION actions[] = {{SC_ACTION_RESTART, 5000}, {SC_ACTION_RESTART, 10000}, {SC_ACTION_RESTART, 60000}};
    SERVICE_FAILURE_ACTIONSW setting = {
        .dwResetPeriod = RESET_S, .cActions = sizeof actions / sizeof *actions, .lpsaActions = actions};
    SERVICE_FAILURE_ACTIONS_FLAG flag = {TRUE};
    bool are_there;
    DWORD error = 0;

    look_actions(install, &are_there);
    if (!are_there)
        error = write_setting(install, SERVICE_CONFIG_FAILURE_ACTIONS, &setting);
    return error != 0 ? error : write_setting(install, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &flag);
}

enum install_state install_look_sid(struct install *install)
{
    const SERVICE_SID_INFO *setting;
    DWORD error = read_setting(install, SERVICE_CONFIG_SERVICE_SID_INFO, (const void **)&setting);

    return error != 0 ? unread(install, error) : state_of(setting->dwServiceSidType != SERVICE_SID_TYPE_NONE);
}

DWORD install_make_sid(struct install *install)
{
    SERVICE_SID_INFO setting = {SERVICE_SID_TYPE_UNRESTRICTED};

    return write_setting(install, SERVICE_CONFIG_SERVICE_SID_INFO, &setting);
}

enum install_state install_look_privileges(struct install *install)
{
    const SERVICE_REQUIRED_PRIVILEGES_INFOW *setting;
    DWORD error = read_setting(install, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, (const void **)&setting);

    if (error != 0)
        return unread(install, error);
    return state_of(setting->pmszRequiredPrivileges != NULL && setting->pmszRequiredPrivileges[0] != 0);
}

/* What src/win32/system/lockdown.c leaves at start anyway; this way the others are not there before either. */
DWORD install_make_privileges(struct install *install)
{
    static wchar_t privileges[] = L"SeChangeNotifyPrivilege\0";
    SERVICE_REQUIRED_PRIVILEGES_INFOW setting = {privileges};

    return write_setting(install, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &setting);
}
