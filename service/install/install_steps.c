#include "service/install/install_parts.h"

#include "service/tell/counter_table.h"
#include "service/tell/screen.h"
#include "win32/system/text.h"

#include <stdio.h>

enum { SETTLE_MS = 1000, LOOK_AGAIN_MS = 100 };

#define SOURCE_KEY "HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\{name}"
#define NETSH      "\"{system}\\netsh.exe\" advfirewall firewall "

const struct install_step install_steps[] = {
    {.title = "service",
     .code = EXIT_INSTALL_SERVICE,
     .undo_code = EXIT_UNINSTALL_SERVICE,
     .traits = INSTALL_VITAL | INSTALL_SERVICE,
     .meaning = "{name} runs \"{program}\" as {account}; {starts}",
     .make_with = "sc create \"{name}\" binPath= \"\\\"{program}\\\"\" start= {start} obj= \"{account}\"",
     .gone = "there is no service {name}",
     .undo_with = "sc delete \"{name}\"",
     .look = install_look_service,
     .make = install_make_service,
     .undo = install_undo_service},
    {.title = "display name",
     .code = EXIT_INSTALL_SETTING,
     .meaning = "TFTP Server ({name})",
     .make_with = "sc config \"{name}\" DisplayName= \"TFTP Server ({name})\"",
     .look = install_look_display_name,
     .make = install_make_display_name},
    {.title = "description",
     .code = EXIT_INSTALL_SETTING,
     .meaning = "Services shows what it is for",
     .make_with = "sc description \"{name}\" \"TFTP server\"",
     .look = install_look_description,
     .make = install_make_description},
    {.title = "dependencies",
     .code = EXIT_INSTALL_SETTING,
     .meaning = "it starts after the network's Tcpip and Afd",
     .make_with = "sc config \"{name}\" depend= Tcpip/Afd",
     .look = install_look_dependencies,
     .make = install_make_dependencies},
    {.title = "delayed start",
     .code = EXIT_INSTALL_SETTING,
     .meaning = "{starts}",
     .make_with = "sc config \"{name}\" start= {start}",
     .is_wanted = install_wants_delay,
     .look = install_look_delay,
     .make = install_make_delay},
    {.title = "recovery",
     .code = EXIT_INSTALL_SETTING,
     .meaning = "after a failure it is started again: in 5 seconds, in 10, then every minute",
     .make_with = "sc failure \"{name}\" reset= 86400 actions= restart/5000/restart/10000/restart/60000 & "
                  "sc failureflag \"{name}\" 1",
     .look = install_look_recovery,
     .make = install_make_recovery},
    {.title = "service SID",
     .code = EXIT_INSTALL_SETTING,
     .meaning = "rights can be given to it alone, as NT SERVICE\\{name}",
     .make_with = "sc sidtype \"{name}\" unrestricted",
     .look = install_look_sid,
     .make = install_make_sid},
    {.title = "privileges",
     .code = EXIT_INSTALL_SETTING,
     .meaning = "it gets SeChangeNotifyPrivilege and no other",
     .make_with = "sc privs \"{name}\" SeChangeNotifyPrivilege",
     .look = install_look_privileges,
     .make = install_make_privileges},
    {.title = "logon right",
     .code = EXIT_INSTALL_SETTING,
     .meaning = "{account} may log on as a service",
     .make_with = "secpol.msc, there Local Policies, User Rights Assignment, Log on as a service: add {account}",
     .is_wanted = install_wants_logon_right,
     .look = install_look_logon_right,
     .make = install_make_logon_right},
    {.title = "event source",
     .code = EXIT_INSTALL_SOURCE,
     .undo_code = EXIT_INSTALL_SOURCE,
     .meaning = "Event Viewer finds the texts of {name} in the program",
     .make_with = "reg add \"" SOURCE_KEY "\" /v EventMessageFile /t REG_EXPAND_SZ /d \"{program}\" /f",
     .gone = "Event Viewer knows no source {name} of this program",
     .undo_with = "reg delete \"" SOURCE_KEY "\" /f",
     .look = install_look_source,
     .make = install_make_source,
     .undo = install_undo_source},
    {.title = "parameters",
     .code = EXIT_INSTALL_PARAMETERS,
     .undo_code = EXIT_INSTALL_PARAMETERS,
     .traits = INSTALL_SERVICE,
     .meaning = "start directory {directory}, Masters \"{masters}\"",
     .make_with = "reg add \"HKLM\\{key}\" /v Directory /t REG_EXPAND_SZ /d \"{directory}\"",
     .gone = "there is no key HKLM\\{key}",
     .undo_with = "reg delete \"HKLM\\{key}\" /f",
     .look = install_look_parameters,
     .make = install_make_parameters,
     .undo = install_undo_parameters},
    {.title = "their rights",
     .code = EXIT_INSTALL_PARAMETERS,
     .meaning = "only administrators change the parameters, the service reads them",
     .make_with = "regedit, there the permissions of HKLM\\{key}: only administrators write, NT SERVICE\\{name} reads",
     .forgotten = "this registry keeps no rights of single accounts",
     .look = install_look_key_rights,
     .make = install_make_key_rights},
    {.title = "start directory",
     .code = EXIT_INSTALL_DIRECTORY,
     .meaning = "{directory}",
     .make_with = "mkdir \"{directory}\"",
     .look = install_look_directory,
     .make = install_make_directory},
    {.title = "its rights",
     .code = EXIT_INSTALL_DIRECTORY,
     .meaning = "only administrators and named accounts change it, the service has ({right})",
     .make_with =
         "icacls \"{directory}\" /setowner *S-1-5-32-544 & icacls \"{directory}\" /grant \"NT SERVICE\\{name}:(OI)(CI)({right})\"",
     .forgotten = "the disk of {directory} keeps no rights of single accounts: the service may there what others may",
     .look = install_look_directory_rights,
     .make = install_make_directory_rights},
    {.title = "firewall",
     .code = EXIT_INSTALL_FIREWALL,
     .undo_code = EXIT_INSTALL_FIREWALL,
     .traits = INSTALL_BESIDE,
     .meaning = "a rule lets UDP in for the program, on every port it uses",
     .make_with = NETSH "add rule name=\"{name}\" dir=in action=allow protocol=UDP program=\"{program}\"",
     .gone = "no rule \"{name}\" is there for the program",
     .undo_with = NETSH "delete rule name=\"{name}\" dir=in protocol=UDP program=\"{program}\"",
     .is_wanted = install_wants_firewall,
     .look = install_look_firewall,
     .make = install_run_command,
     .undo = install_run_command},
    {.title = "boot firewall",
     .code = EXIT_INSTALL_FIREWALL,
     .undo_code = EXIT_INSTALL_FIREWALL,
     .traits = INSTALL_BESIDE,
     .meaning = "a rule keeps boot requests from networks of the profile public out",
     .make_with = NETSH "add rule name=\"{name} boot\" dir=in action=block protocol=UDP localport=67,547,4011 "
                        "profile=public program=\"{program}\"",
     .gone = "no rule \"{name} boot\" is there for the program",
     .undo_with = NETSH "delete rule name=\"{name} boot\" dir=in protocol=UDP program=\"{program}\"",
     .is_wanted = install_wants_firewall,
     .look = install_look_boot_firewall,
     .make = install_run_command,
     .undo = install_run_command},
    {.title = "counters",
     .code = EXIT_INSTALL_COUNTERS,
     .undo_code = EXIT_INSTALL_COUNTERS,
     .traits = INSTALL_BESIDE,
     .meaning = "Performance Monitor knows the set TFTP Server",
     .make_with = "\"{system}\\lodctr.exe\" /m:\"{manifest}\"",
     .gone = "Performance Monitor knows no set TFTP Server of this program",
     .undo_with = "\"{system}\\unlodctr.exe\" /g:" COUNTER_PROVIDER_TEXT,
     .look = install_look_counters,
     .make = install_make_counters,
     .undo = install_undo_counters},
    {.title = "start",
     .code = EXIT_INSTALL_START,
     .undo_code = EXIT_UNINSTALL_STOP,
     .traits = INSTALL_VITAL_UNDO | INSTALL_SERVICE,
     .meaning = "{name} runs",
     .make_with = "sc start \"{name}\"",
     .gone = "{name} does not run",
     .undo_with = "sc stop \"{name}\"",
     .is_wanted = install_wants_running,
     .look = install_look_running,
     .make = install_make_running,
     .undo = install_undo_running},
};

const size_t install_step_count = sizeof install_steps / sizeof *install_steps;

char *install_expand(const struct install *install, const char *pattern, char *text, size_t size)
{
    const char *right = install->needs_write ? "M" : "RX";
    const struct {
        const char *key;
        const char *value;
    } words[] = {
        {"{name}", install->wish.name},
        {"{program}", install->program},
        {"{account}", install->account},
        {"{start}", install->start->sc_word},
        {"{starts}", install->start->sentence},
        {"{directory}", install->config.directory},
        {"{key}", install->parameters},
        {"{masters}", install->masters},
        {"{right}", right},
        {"{manifest}", install->manifest},
        {"{system}", install->system},
    };
    size_t used = 0;

    while (*pattern != 0 && used + 1 < size) {
        const char *value = NULL;
        for (size_t i = 0; *pattern == '{' && value == NULL && i < sizeof words / sizeof *words; i++)
            if (strncmp(pattern, words[i].key, strlen(words[i].key)) == 0) {
                value = words[i].value;
                pattern += strlen(words[i].key);
            }
        if (value == NULL)
            text[used++] = *pattern++;
        else
            used += (size_t)snprintf(text + used, size - used, "%s", value);
    }
    text[used < size ? used : size - 1] = 0;
    return text;
}

enum install_state install_unseen(struct install *install, DWORD error)
{
    install->error = error;
    return INSTALL_IS_UNSEEN;
}

enum install_state install_absent_or_unseen(struct install *install, DWORD error)
{
    if (error == ERROR_INVALID_LEVEL || error == ERROR_CALL_NOT_IMPLEMENTED || error == ERROR_NOT_SUPPORTED ||
        error == ERROR_INVALID_FUNCTION)
        return INSTALL_IS_ABSENT;
    return install_unseen(install, error);
}

/* An installer that calls us may have no standard output; the deed counts, not the line. */
static void say(const struct install *install, const char *state, const char *pattern, const char *more)
{
    static char text[INSTALL_TEXT_MAX], line[INSTALL_TEXT_MAX * 2];

    install_expand(install, pattern, text, sizeof text);
    snprintf(line, sizeof line, "%-10s %s - %s%s%s\n", state, install->step->title, text, more[0] ? "; " : "", more);
    screen_write(STD_OUTPUT_HANDLE, line);
}

static void say_fine(const struct install *install, const char *state)
{
    say(install, state, install->is_undo ? install->step->gone : install->step->meaning, install->remark);
}

static void say_failed(const struct install *install, DWORD error)
{
    const struct install_step *step = install->step;
    static char command[INSTALL_TEXT_MAX], line[INSTALL_TEXT_MAX * 2];
    char reason[INSTALL_WHY_MAX];

    if (install->why[0] != 0)
        snprintf(reason, sizeof reason, "%s", install->why);
    else
        snprintf(reason, sizeof reason, "%s", text_of_error(error).text);
    install_expand(install, install->is_undo ? step->undo_with : step->make_with, command, sizeof command);
    snprintf(line, sizeof line, "FAILED     %s - could not be done: %s - do it with: %s\n", step->title, reason,
             command);
    screen_write(STD_OUTPUT_HANDLE, line);
}

static const char nothing_such[] = "this system has nothing of this kind";

/* Services of the system that write down what they were told may take a moment. */
static bool has_settled(struct install *install, enum install_state wanted)
{
    const struct install_step *step = install->step;

    for (unsigned waited_ms = 0; step->look(install) != wanted; waited_ms += LOOK_AGAIN_MS) {
        if (step->forgotten != NULL || waited_ms >= SETTLE_MS)
            return false;
        Sleep(LOOK_AGAIN_MS);
    }
    return true;
}

/* Does it, then looks again: a tool that says "done" is not proof. */
static bool perform(struct install *install, enum install_state wanted)
{
    const struct install_step *step = install->step;
    DWORD error = (install->is_undo ? step->undo : step->make)(install);

    if (error == 0) {
        bool is_so = has_settled(install, wanted);
        if (is_so)
            say_fine(install, "done");
        else if (step->forgotten != NULL)
            say(install, "left out", step->forgotten, "");
        if (is_so || step->forgotten != NULL)
            return true;
        if (install->why[0] == 0)
            snprintf(install->why, sizeof install->why, "it was done without an error, and yet nothing changed");
    } else if (install_absent_or_unseen(install, error) == INSTALL_IS_ABSENT) {
        say(install, "left out", step->forgotten != NULL ? step->forgotten : nothing_such, "");
        return true;
    }
    say_failed(install, error);
    return false;
}

static bool run_step(struct install *install, const struct install_step *step)
{
    enum install_state wanted = install->is_undo ? INSTALL_IS_NOT : INSTALL_IS_SO;

    install->step = step;
    install->why[0] = 0;
    install->remark[0] = 0;
    enum install_state state = step->look(install);
    if (state == INSTALL_IS_UNSEEN) {
        say_failed(install, install->error);
        return false;
    }
    if (state == INSTALL_IS_ABSENT)
        say(install, "left out", install->remark[0] ? install->remark : nothing_such, "");
    else if (state == wanted)
        say_fine(install, "already so");
    else if (install->wish.is_dry)
        say_fine(install, "would do");
    else
        return perform(install, wanted);
    return true;
}

static bool is_to_run(const struct install *install, const struct install_step *step)
{
    if (install->wish.only_stops)
        return step->undo == install_undo_running;
    if (install->is_undo)
        return step->undo != NULL && !(install->wish.keeps_service && (step->traits & INSTALL_SERVICE));
    return step->is_wanted == NULL || step->is_wanted(install);
}

int install_steps_run(struct install *install)
{
    int code = EXIT_OK;

    for (size_t i = 0; i < install_step_count; i++) {
        const struct install_step *step = &install_steps[install->is_undo ? install_step_count - 1 - i : i];
        if (!is_to_run(install, step) || run_step(install, step))
            continue;
        bool counts = !install->wish.is_lenient || !(step->traits & INSTALL_BESIDE);
        if (counts && code == EXIT_OK)
            code = (int)(install->is_undo ? step->undo_code : step->code);
        if (step->traits & (install->is_undo ? INSTALL_VITAL_UNDO : INSTALL_VITAL))
            break;
    }
    return code;
}
