#include "service/facts/facts.h"
#include "service/tell/exitcodes.h"
#include "win32/system/paths.h"
#include "win32/system/text.h"

#include <stdio.h>

static struct facts_problem *add_problem(struct facts *facts)
{
    struct facts_parameters *parameters = &facts->parameters;

    if (parameters->problem_count == FACTS_PROBLEMS_MAX)
        return NULL;
    return &parameters->problems[parameters->problem_count++];
}

/* The spelling under which the value is there: the registry may have the alias. */
static const char *spelling_of(const struct facts *facts, enum config_source source,
                               const struct config_parameter *parameter)
{
    wchar_t key[REGISTRY_KEY_MAX], name[CONFIG_NAME_MAX];

    if (parameter->alias == NULL || !registry_path(facts->name, source, key) ||
        !text_to_wide(parameter->name, name, CONFIG_NAME_MAX))
        return parameter->name;
    LSTATUS error = RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_ANY, NULL, NULL, NULL);
    return error == ERROR_FILE_NOT_FOUND ? parameter->alias : parameter->name;
}

static void on_rejected(void *context, enum config_source source, const struct config_parameter *parameter,
                        const struct config_problem *problem)
{
    struct facts *facts = context;
    struct facts_problem *kept = add_problem(facts);

    if (kept == NULL)
        return;
    kept->source = source;
    snprintf(kept->name, sizeof kept->name, "%s", spelling_of(facts, source, parameter));
    snprintf(kept->text, sizeof kept->text, "%s", problem->text);
}

static void on_unknown(void *context, enum config_source source, const char *name)
{
    struct facts_problem *kept = add_problem(context);

    if (kept == NULL)
        return;
    kept->is_unknown = true;
    kept->source = source;
    snprintf(kept->name, sizeof kept->name, "%s", name);
}

static void gather_parameters(struct facts *facts)
{
    static struct arguments arguments;
    static struct facts_image image; /* arguments point into it */
    struct registry_report report = {on_rejected, on_unknown, NULL, facts};
    struct config_problem problem;

    memset(&arguments, 0, sizeof arguments);
    image = facts->service.image;
    if (!facts_image_arguments(&image, &arguments, &problem))
        snprintf(facts->parameters.arguments, sizeof facts->parameters.arguments, "%s", problem.text);
    facts->parameters.wants_log_file = arguments.wants_log_file;
    if (parameters_load(&facts->config, facts->name, &arguments, NULL, &report, facts->parameters.reason) != EXIT_OK)
        config_defaults(&facts->config);
}

void facts_gather_acl(struct facts_acl *acl, enum facts_thing kind, const char *path)
{
    wchar_t wide[FACTS_COMMAND_MAX];

    *acl = (struct facts_acl){.error = ERROR_INVALID_NAME};
    if (!text_to_wide(path, wide, FACTS_COMMAND_MAX))
        return;
    HANDLE file = CreateFileW(wide, READ_CONTROL, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        acl->error = GetLastError();
        return;
    }
    facts_acl_read(acl, kind, file, NULL);
    CloseHandle(file);
}

/* "C:\a\b" to "C:\a" to "C:\"; false where there is nothing above. */
static bool go_up(char *path)
{
    enum { DRIVE_LENGTH = 3 };
    size_t length = strlen(path);
    size_t end = length;

    while (end > 0 && path[end - 1] != '\\')
        end--;
    if (length <= DRIVE_LENGTH || end < DRIVE_LENGTH)
        return false;
    path[end == DRIVE_LENGTH ? end : end - 1] = 0;
    return true;
}

void facts_gather_above(struct facts_above *above, const char *path, enum facts_thing nearest)
{
    enum facts_thing kind = nearest;

    memset(above, 0, sizeof *above);
    if (path[0] == 0 || path[1] != ':')
        return;
    snprintf(above->path, sizeof above->path, "%s", path);
    while (go_up(above->path)) {
        facts_gather_acl(&above->acl, kind, above->path);
        if (above->acl.lets_write || (above->acl.owner[0] != 0 && !above->acl.is_service_owned))
            return;
        kind = FACTS_THING_FOLDER;
    }
    above->path[0] = 0;
}

static void gather_policy_acl(struct facts *facts)
{
    wchar_t path[REGISTRY_KEY_MAX];
    HKEY key;

    facts->policy_acl.error = ERROR_FILE_NOT_FOUND;
    if (!registry_path(facts->name, CONFIG_FROM_POLICY, path))
        return;
    facts->policy_acl.error = (DWORD)RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, READ_CONTROL, &key);
    if (facts->policy_acl.error != 0)
        return;
    facts_acl_read(&facts->policy_acl, FACTS_THING_KEY, key, NULL);
    RegCloseKey(key);
}

static DWORD read_fast_send(void)
{
    DWORD bytes = 0, size = sizeof bytes;
    LSTATUS error = RegGetValueW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Services\\AFD\\Parameters",
                                 L"FastSendDatagramThreshold", RRF_RT_REG_DWORD, NULL, &bytes, &size);

    return error == ERROR_SUCCESS ? bytes : 0;
}

const uint16_t facts_boot_ports[FACTS_BOOT_PORTS] = {BOOT_PORT_SERVER, BOOT_PORT_SERVER6, BOOT_PORT_PXE};

bool facts_boot_wants(const struct facts_boot *boot, uint16_t port)
{
    return (port == BOOT_PORT_SERVER && boot->ports.has_67) || (port == BOOT_PORT_SERVER6 && boot->ports.has_ipv6) ||
           (port == BOOT_PORT_PXE && boot->ports.has_4011);
}

static void gather_firewalls(struct facts *facts)
{
    const char *program = facts->service.error == 0 ? facts->service.image.program : facts->own_program;

    facts_gather_firewall(&facts->firewall, facts->name, program, (uint16_t)facts->config.port);
    for (size_t i = 0; i < FACTS_BOOT_PORTS; i++)
        facts_gather_firewall(&facts->boot_firewalls[i], facts->name, program, facts_boot_ports[i]);
}

void facts_gather(struct facts *facts, const char *service)
{
    static char own_program[FACTS_PATH_MAX];
    OSVERSIONINFOW windows = {.dwOSVersionInfoSize = sizeof windows};

    memset(facts, 0, sizeof *facts);
    facts->name = service;
    if (!paths_own_program(own_program, sizeof own_program))
        snprintf(own_program, sizeof own_program, "tftpd.exe");
    facts->own_program = own_program;
    facts_service_read(&facts->service, service);
    if (facts->service.error == 0) {
        facts_gather_acl(&facts->program_acl, FACTS_THING_FILE, facts->service.image.program);
        facts_gather_above(&facts->program_above, facts->service.image.program, FACTS_THING_FILE);
    }
    facts_reader_find(&facts->reader, &facts->service, service);
    gather_parameters(facts);
    gather_policy_acl(facts);
    facts_gather_directory(&facts->directory, facts->config.directory, &facts->reader);
    facts_gather_above(&facts->directory_above, facts->directory.path, FACTS_THING_FOLDER);
    if (facts->directory.error == 0 && facts->directory.is_directory)
        facts_gather_tree(&facts->tree, facts->directory.path, &facts->reader);
    facts_gather_ports(&facts->ports, &facts->config);
    gather_firewalls(facts);
    facts_gather_boot(&facts->boot, &facts->config);
    /* It tells the truth because the manifest names the versions we know. */
    facts->fast_send_bytes = read_fast_send();
    GetVersionExW(&windows);
    facts->windows_major = windows.dwMajorVersion;
    facts->windows_minor = windows.dwMinorVersion;
    facts->windows_build = windows.dwBuildNumber;
}
