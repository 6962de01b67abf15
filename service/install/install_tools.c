#include "service/install/install_parts.h"

#include "service/tell/counter_table.h"
#include "win32/system/paths.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <wchar.h>

enum { TOOL_PATIENCE_MS = 60000, COMMAND_UNITS = INSTALL_TEXT_MAX };

#define PROVIDERS L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Perflib\\_V2Providers"

/* Runs a program of System32 without a shell: the command is what the program gets, and begins with its quoted path. */
static DWORD run(struct install *install, const char *command)
{
    static wchar_t line[COMMAND_UNITS], program[COMMAND_UNITS];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code = 0;

    if (!text_to_wide(command, line, COMMAND_UNITS))
        return ERROR_INVALID_NAME;
    wcscpy(program, line + 1);
    program[wcscspn(program, L"\"")] = 0;
    if (!CreateProcessW(program, line, NULL, NULL, FALSE, CREATE_NO_WINDOW, NULL, NULL, &startup, &process))
        return GetLastError();
    bool has_ended = WaitForSingleObject(process.hProcess, TOOL_PATIENCE_MS) == WAIT_OBJECT_0;
    if (!has_ended)
        TerminateProcess(process.hProcess, ERROR_TIMEOUT);
    else
        GetExitCodeProcess(process.hProcess, &code);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    if (has_ended && code == 0)
        return 0;
    if (has_ended)
        snprintf(install->why, sizeof install->why, "%.300ls ended with code %lu", program, code);
    else
        snprintf(install->why, sizeof install->why, "%.300ls did not end within a minute", program);
    return has_ended ? ERROR_GEN_FAILURE : ERROR_TIMEOUT;
}

static DWORD run_pattern(struct install *install, const char *pattern)
{
    static char command[INSTALL_TEXT_MAX];

    return run(install, install_expand(install, pattern, command, sizeof command));
}

DWORD install_run_command(struct install *install)
{
    return run_pattern(install, install->is_undo ? install->step->undo_with : install->step->make_with);
}

/* -- firewall ------------------------------------------------------------------------------------------------------ */

bool install_wants_firewall(const struct install *install)
{
    return install->wish.wants_firewall;
}

/* Returns INSTALL_IS_SO where the rules can be seen. */
static enum install_state see_firewall(struct install *install, struct facts_firewall *firewall, const char *name,
                                       uint16_t port)
{
    facts_gather_firewall(firewall, name, install->program, port);
    if (firewall->error == ERROR_FILE_NOT_FOUND) {
        snprintf(install->remark, sizeof install->remark, "this system has no Windows Firewall");
        return INSTALL_IS_ABSENT;
    }
    return firewall->error == 0 ? INSTALL_IS_SO : install_unseen(install, firewall->error);
}

/* One with the service's name, so that each service has its own to take away. */
enum install_state install_look_firewall(struct install *install)
{
    struct facts_firewall firewall;
    enum install_state state = see_firewall(install, &firewall, install->wish.name, (uint16_t)install->config.port);

    if (state != INSTALL_IS_SO)
        return state;
    if (!install->is_undo && firewall.rules[FACTS_RULE_BLOCKS].profiles != 0)
        snprintf(install->remark, sizeof install->remark, "but the rule \"%.200s\" keeps requests out: tftpd check",
                 firewall.rules[FACTS_RULE_BLOCKS].first.name);
    return firewall.has_named ? INSTALL_IS_SO : INSTALL_IS_NOT;
}

/* The rule above is for every port in every profile, and in a public network nobody has asked to be booted by us. */
enum install_state install_look_boot_firewall(struct install *install)
{
    struct facts_firewall firewall;
    char name[INSTALL_TEXT_MAX];
    enum install_state state = see_firewall(
        install, &firewall, install_expand(install, "{name} boot", name, sizeof name), facts_boot_ports[0]);

    if (state != INSTALL_IS_SO)
        return state;
    return firewall.has_named_block ? INSTALL_IS_SO : INSTALL_IS_NOT;
}

/* -- performance counters ------------------------------------------------------------------------------------------ */

/* The program that Windows takes the names of our counters from; empty: it does not know them. */
static DWORD registered_program(char *program, size_t size)
{
    wchar_t wide[FACTS_PATH_MAX];
    DWORD bytes = sizeof wide;
    HKEY key;
    DWORD error = (DWORD)RegOpenKeyExW(HKEY_LOCAL_MACHINE, PROVIDERS, 0, KEY_QUERY_VALUE, &key);

    program[0] = 0;
    if (error != 0)
        return error;
    if (RegGetValueW(key, L"" COUNTER_PROVIDER_TEXT, L"ApplicationIdentity", RRF_RT_REG_SZ, NULL, wide, &bytes) == 0)
        text_from_wide(wide, program, size);
    RegCloseKey(key);
    return 0;
}

/* Of the machine, not of one service: it goes with the last service of this program. */
static bool is_shared(const struct install *install)
{
    return install->is_undo && install->has_siblings;
}

static bool is_registered(const struct install *install)
{
    char program[FACTS_PATH_MAX];

    return registered_program(program, sizeof program) == 0 && _stricmp(program, install->program) == 0;
}

enum install_state install_look_counters(struct install *install)
{
    char program[FACTS_PATH_MAX];
    DWORD error = registered_program(program, sizeof program);

    if (error == ERROR_FILE_NOT_FOUND || is_shared(install)) {
        snprintf(install->remark, sizeof install->remark, "%s",
                 error != 0 ? "this system has no performance counters of that kind"
                            : "they stay: another service runs this program");
        return INSTALL_IS_ABSENT;
    }
    if (error != 0)
        return install_unseen(install, error);
    if (_stricmp(program, install->program) == 0)
        return INSTALL_IS_SO;
    return install->is_undo && paths_exists(install->manifest) ? INSTALL_IS_SO : INSTALL_IS_NOT;
}

/* The manifests are in the program, so that one file is enough to install from. */
static DWORD write_manifest(const struct install *install, WORD number)
{
    wchar_t path[FACTS_COMMAND_MAX];
    HRSRC resource = FindResourceW(NULL, MAKEINTRESOURCEW(number), (const wchar_t *)RT_RCDATA);
    HGLOBAL loaded = resource ? LoadResource(NULL, resource) : NULL;
    const void *bytes = loaded ? LockResource(loaded) : NULL;
    DWORD size = bytes ? SizeofResource(NULL, resource) : 0, written;

    if (bytes == NULL)
        return ERROR_RESOURCE_NAME_NOT_FOUND;
    if (!text_to_wide(install->manifest, path, FACTS_COMMAND_MAX))
        return ERROR_INVALID_NAME;
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    DWORD error = WriteFile(file, bytes, size, &written, NULL) && written == size ? 0 : GetLastError();
    CloseHandle(file);
    return error;
}

/* By the manifest; where unlodctr does not take that one, by the provider. */
static DWORD forget_counters(struct install *install)
{
    char program[FACTS_PATH_MAX];
    DWORD error = write_manifest(install, COUNTER_MANIFEST);

    if (error == 0)
        error = run_pattern(install, "\"{system}\\unlodctr.exe\" /m:\"{manifest}\"");
    if (registered_program(program, sizeof program) == 0 && program[0] != 0)
        error = run_pattern(install, "\"{system}\\unlodctr.exe\" /g:" COUNTER_PROVIDER_TEXT);
    return error;
}

/* What another folder's tftpd registered has to go first: lodctr does not replace it. */
DWORD install_make_counters(struct install *install)
{
    static const WORD manifests[] = {COUNTER_MANIFEST, COUNTER_MANIFEST_OLDER};
    char program[FACTS_PATH_MAX];
    DWORD error = 0;

    if (registered_program(program, sizeof program) == 0 && program[0] != 0)
        error = forget_counters(install);
    if (error != 0)
        return error;
    for (size_t i = 0; i < sizeof manifests / sizeof *manifests && !is_registered(install); i++) {
        error = write_manifest(install, manifests[i]);
        if (error == 0)
            error = install_run_command(install);
    }
    /* For whoever does it by hand. */
    if (!is_registered(install))
        write_manifest(install, manifests[0]);
    return error;
}

DWORD install_undo_counters(struct install *install)
{
    wchar_t path[FACTS_COMMAND_MAX];
    DWORD error = is_registered(install) ? forget_counters(install) : 0;

    if (error == 0 && text_to_wide(install->manifest, path, FACTS_COMMAND_MAX) && !DeleteFileW(path))
        error = GetLastError();
    return error;
}
