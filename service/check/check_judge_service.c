#include "service/check/check_report.h"

#include "service/facts/account.h"
#include "win32/system/text.h"

#include <stdio.h>

/* The one with few rights; on a share it has to be one that is somebody to other machines. */
static const char *proposed_account(const struct facts *facts)
{
    return facts->directory.drive_type == DRIVE_REMOTE ? ACCOUNT_NAME_NETWORK_SERVICE : ACCOUNT_NAME_LOCAL_SERVICE;
}

void check_installed(const struct facts *facts, struct check_report *report)
{
    if (facts->service.error == 0) {
        check_say(report, CHECK_OK, "%s is installed and runs %s%s", facts->name, facts->service.image.program,
                  facts->service.image.rest);
    } else if (facts->service.error == ERROR_SERVICE_DOES_NOT_EXIST) {
        check_say(report, CHECK_FAIL, "no service %s is installed, so nothing answers clients", facts->name);
        check_mend(report, "sc create %s binPath= \"\\\"%s\\\"\" start= auto obj= \"%s\"", facts->name,
                   facts->own_program, proposed_account(facts));
    } else {
        check_say(report, CHECK_WARN, "the Service Control Manager does not say whether %s is installed: %s",
                  facts->name, text_of_error(facts->service.error).text);
        check_mend_elevated(report, facts);
    }
}

void check_program_path(const struct facts *facts, struct check_report *report)
{
    const struct facts_image *image = &facts->service.image;

    if (image->is_quoted || !image->has_space) {
        check_say(report, CHECK_OK, "ImagePath names one program only");
        return;
    }
    check_say(
        report, CHECK_FAIL,
        "ImagePath has spaces and no quotation marks: Windows tries each shorter name first, so whoever can put a "
        "program there runs it as the service");
    check_mend(report, "sc config %s binPath= \"\\\"%s\\\"%s\"", facts->name, image->program, image->rest);
}

void check_program(const struct facts *facts, struct check_report *report)
{
    const char *program = facts->service.image.program;
    const struct facts_acl *acl = &facts->program_acl;

    if (acl->error == ERROR_FILE_NOT_FOUND || acl->error == ERROR_PATH_NOT_FOUND || acl->error == ERROR_INVALID_NAME) {
        check_say(report, CHECK_FAIL, "%s is not there, so the service cannot start", program);
        check_mend(report, "sc config %s binPath= \"\\\"%s\\\"%s\"", facts->name, facts->own_program,
                   facts->service.image.rest);
    } else if (acl->error != 0) {
        check_say(report, CHECK_WARN, "who may change %s cannot be seen: %s", program, text_of_error(acl->error).text);
        check_mend(report, "icacls \"%s\"", program);
    } else if (acl->lets_write) {
        check_say(report, CHECK_FAIL, "%s may %s %s, and so run anything as the service", acl->who, acl->right,
                  program);
        check_mend(report, "icacls \"%s\" /inheritance:d && icacls \"%s\" /remove:g %s", program, program, acl->sids);
    } else if (!check_say_owner(report, program, acl->owner) &&
               !check_say_above(report, &facts->program_above, "program")) {
        check_say(report, CHECK_OK, "only administrators may change it, or put another in its place");
    }
}

void check_version(const struct facts *facts, struct check_report *report)
{
    const char *version = facts->service.version;

    if (version[0] == 0) {
        check_say(report, CHECK_WARN, "%s does not tell its version, so it may be another program",
                  facts->service.image.program);
        check_mend(report, "sc qc %s", facts->name);
    } else if (strcmp(version, TFTPD_VERSION) != 0) {
        check_say(report, CHECK_WARN, "the service is version %s, this program is " TFTPD_VERSION, version);
        /* Event Viewer and Performance Monitor keep it mapped: it can be renamed, and not be written over. */
        check_mend(report, "net stop %s & ren \"%s\" tftpd-%s.exe && copy \"%s\" \"%s\" & net start %s", facts->name,
                   facts->service.image.program, version, facts->own_program, facts->service.image.program,
                   facts->name);
    } else {
        check_say(report, CHECK_OK, "%s", version);
    }
}

void check_start_type(const struct facts *facts, struct check_report *report)
{
    if (facts->service.start_type == SERVICE_AUTO_START) {
        check_say(report, CHECK_OK, "it starts with Windows");
        return;
    }
    check_say(report, CHECK_WARN, "it is %s, so after a restart of Windows nothing answers clients",
              facts->service.start_type == SERVICE_DISABLED ? "disabled" : "started by hand");
    check_mend(report, "sc config %s start= auto", facts->name);
}

static void check_stopped(const struct facts *facts, struct check_report *report)
{
    const struct facts_service *service = &facts->service;

    if (service->exit_code == NO_ERROR || service->exit_code == ERROR_SERVICE_NEVER_STARTED)
        check_say(report, CHECK_WARN, "it is stopped, so nothing answers clients");
    else if (service->exit_code == ERROR_SERVICE_SPECIFIC_ERROR)
        check_say(
            report, CHECK_FAIL,
            "it is stopped and could not start: exit code %lu (tftpd -? codes lists them, the event log says it in words)",
            service->specific_exit_code);
    else
        check_say(report, CHECK_FAIL, "it is stopped after an error: %s", text_of_error(service->exit_code).text);
    check_mend(report, "sc start %s", facts->name);
}

void check_running(const struct facts *facts, struct check_report *report)
{
    const struct facts_service *service = &facts->service;

    if (service->status_error != 0) {
        check_say(report, CHECK_WARN, "whether it runs cannot be seen: %s", text_of_error(service->status_error).text);
        check_mend(report, "sc query %s", facts->name);
    } else if (service->state == SERVICE_RUNNING) {
        check_say(report, CHECK_OK, "it runs as process %lu", service->process);
    } else if (service->state == SERVICE_STOPPED) {
        check_stopped(facts, report);
    } else if (service->state == SERVICE_PAUSED) {
        check_say(report, CHECK_WARN, "it is paused: new requests are not answered");
        check_mend(report, "sc continue %s", facts->name);
    } else {
        check_say(report, CHECK_WARN, "it is about to start, to stop or to pause; look again in a minute");
        check_mend(report, "sc query %s", facts->name);
    }
}

void check_account(const struct facts *facts, struct check_report *report)
{
    const char *account = facts->service.account;
    enum account_kind kind = account_kind(account);

    if (kind == ACCOUNT_KIND_LOCAL || kind == ACCOUNT_KIND_NETWORK || kind == ACCOUNT_KIND_VIRTUAL) {
        check_say(report, CHECK_OK, "it runs as %s, which has few rights", account);
        return;
    }
    if (account[0] == 0 || kind == ACCOUNT_KIND_SYSTEM)
        check_say(report, CHECK_WARN,
                  "it runs as LocalSystem, which may do anything on this machine; a file server needs "
                  "very little");
    else
        check_say(report, CHECK_WARN,
                  "it runs as %s, whose rights cannot be seen from here; a file server needs very little", account);
    check_mend(report, "sc config %s obj= \"%s\" password= \"\"", facts->name, proposed_account(facts));
}

void check_windows(const struct facts *facts, struct check_report *report)
{
    enum { WINDOWS_10 = 10 };

    if (facts->windows_major >= WINDOWS_10) {
        check_say(report, CHECK_OK, "version %lu.%lu, build %lu", facts->windows_major, facts->windows_minor,
                  facts->windows_build);
        return;
    }
    check_say(report, CHECK_WARN,
              "version %lu.%lu gets no security updates from Microsoft any more; move to a newer one",
              facts->windows_major, facts->windows_minor);
    check_mend(report, "winver");
}
