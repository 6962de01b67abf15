#include "service/check/check_report.h"

#include "service/facts/account.h"
#include "win32/system/text.h"

#include <stdio.h>

static void mend_directory(const struct facts *facts, struct check_report *report)
{
    char key[REGISTRY_KEY_MAX];

    check_mend(
        report,
        "mkdir %%SystemDrive%%\\tftpdroot & reg add \"%s\" /v Directory /t REG_SZ /d \"%%SystemDrive%%\\tftpdroot\" /f",
        check_key(facts, "Directory", key));
}

void check_directory(const struct facts *facts, struct check_report *report)
{
    const struct facts_directory *directory = &facts->directory;

    if (directory->error == ERROR_ACCESS_DENIED) {
        check_say(report, CHECK_WARN, "%s cannot be looked at: %s", facts->config.directory,
                  text_of_error(directory->error).text);
        check_mend_elevated(report, facts);
    } else if (directory->error != 0) {
        check_say(report, CHECK_FAIL, "%s cannot be opened, so the service cannot start: %s", facts->config.directory,
                  text_of_error(directory->error).text);
        check_mend(report, "mkdir \"%s\"", facts->config.directory);
    } else if (!directory->is_directory) {
        check_say(report, CHECK_FAIL, "%s is a file, so the service cannot start", facts->config.directory);
        mend_directory(facts, report);
    } else {
        check_say(report, CHECK_OK, "%s", directory->path);
    }
}

void check_place(const struct facts *facts, struct check_report *report)
{
    const struct facts_directory *directory = &facts->directory;
    char why[CHECK_TEXT_MAX];

    if (!facts_may_be_served(directory, why, sizeof why)) {
        check_say(report, CHECK_FAIL, "%s", why);
        mend_directory(facts, report);
    } else if (directory->drive_type == DRIVE_REMOTE && account_kind(facts->service.account) == ACCOUNT_KIND_LOCAL) {
        check_say(report, CHECK_FAIL,
                  "it is on a share, and LocalService is nobody to other machines, which servers do not let in; as "
                  "NetworkService it is this machine, whose account (DOMAIN\\MACHINE$) has to be let in on the server");
        check_mend(report, "sc config %s obj= \"" ACCOUNT_NAME_NETWORK_SERVICE "\" password= \"\"", facts->name);
    } else if (directory->is_mapped) {
        check_say(report, CHECK_WARN, "%.2s is mapped to a share for whoever asks; a service may see no such drive",
                  facts->config.directory);
        check_mend_value(report, facts, "Directory", directory->path);
    } else if (directory->drive_type == DRIVE_REMOTE) {
        check_say(report, CHECK_OK, "it is on a share; the service reads it as the account %s",
                  facts->service.account[0] ? facts->service.account : "of the service");
    } else if (directory->drive_type == DRIVE_FIXED) {
        check_say(report, CHECK_OK, "it is a folder of its own on a fixed disk");
    } else {
        check_say(report, CHECK_WARN, "it is not on a fixed disk: when the disk is taken out, nothing is served");
        mend_directory(facts, report);
    }
}

/* Who the service is to icacls; NULL if it has every right anyway. */
static const char *account_to_grant(const struct facts *facts)
{
    const char *account = facts->service.account;
    const char *sid = account_known_sid(account);

    if (facts->service.error != 0 || account[0] == 0 || account_kind(account) == ACCOUNT_KIND_SYSTEM)
        return NULL;
    return sid != NULL ? sid : account;
}

/* Groups that nobody asked about may let the account in after all. */
static enum check_state state_of_shut_out(const struct facts *facts)
{
    return facts->reader.may_have_groups ? CHECK_WARN : CHECK_FAIL;
}

static const char *unless(const struct facts *facts)
{
    return facts->reader.may_have_groups ? ", unless a group of its own lets it" : "";
}

static void judge_shut_out(const struct facts *facts, struct check_report *report)
{
    const char *account = account_to_grant(facts);

    check_say(report, state_of_shut_out(facts), "the service's account %s may not read it%s", facts->service.account,
              unless(facts));
    check_mend(report, "icacls \"%s\" /grant \"%s:(OI)(CI)RX\"", facts->directory.path,
               account ? account : "*S-1-5-18");
}

static void judge_unreadable(const struct facts *facts, struct check_report *report)
{
    const struct facts_tree *tree = &facts->tree;

    check_say(report, state_of_shut_out(facts),
              "%u of %u may not be read by the service's account %s%s, the first is %s; a file that was moved keeps "
              "the rights of where it came from: copy files, do not move them",
              tree->unreadable, tree->entries, facts->service.account, unless(facts), tree->unreadable_first);
    check_mend(report, "icacls \"%s\\*\" /reset /T /C", facts->directory.path);
}

bool check_say_owner(struct check_report *report, const char *path, const char *owner)
{
    if (owner[0] == 0)
        return false;
    check_say(report, CHECK_WARN, "%s belongs to %s, who may give himself any right to it", path, owner);
    check_mend(report, "icacls \"%s\" /setowner *S-1-5-32-544", path);
    return true;
}

bool check_say_above(struct check_report *report, const struct facts_above *above, const char *thing)
{
    const struct facts_acl *acl = &above->acl;
    const char *path = above->path;
    /* To icacls the end of "D:\" would take the quotation mark's meaning away. */
    const char *more = path[0] != 0 && path[strlen(path) - 1] == '\\' ? "\\" : "";

    if (path[0] == 0)
        return false;
    if (!acl->lets_write)
        return check_say_owner(report, path, acl->owner);
    check_say(report, CHECK_FAIL, "%s may %s in %s, and so put another %s in its place", acl->who, acl->right, path,
              thing);
    check_mend(report, "icacls \"%s%s\" /inheritance:d && icacls \"%s%s\" /remove:g %s", path, more, path, more,
               acl->sids);
    return true;
}

void check_permissions(const struct facts *facts, struct check_report *report)
{
    const struct facts_directory *directory = &facts->directory;
    const struct facts_acl *acl = &directory->acl;
    const char *account = account_to_grant(facts);
    bool needs_write = facts->config.masters.count > 0 || facts->parameters.wants_log_file;

    check_say_above(report, &facts->directory_above, "folder");
    check_say_owner(report, directory->path, acl->owner);
    if (acl->error != 0) {
        check_say(report, CHECK_WARN, "who may write in %s cannot be seen: %s", directory->path,
                  text_of_error(acl->error).text);
        check_mend(report, "icacls \"%s\"", directory->path);
        return;
    }
    if (acl->shuts_out)
        judge_shut_out(facts, report);
    if (!acl->lets_write) {
        check_say(report, CHECK_OK, "only administrators and named accounts may write in it");
        return;
    }
    check_say(report, CHECK_FAIL, "%s may %s in %s, so any user of this machine decides what clients boot", acl->who,
              acl->right, directory->path);
    /* Inherited entries become its own first, so that they can be taken away; then its account gets what it needs. */
    check_mend(report,
               "icacls \"%s\" /inheritance:d && icacls \"%s\" /remove:g %s && icacls \"%s\" /grant \"%s:(OI)(CI)%s\"",
               directory->path, directory->path, acl->sids, directory->path, account ? account : "*S-1-5-18",
               !account      ? "F"
               : needs_write ? "M"
                             : "RX");
}

void check_files(const struct facts *facts, struct check_report *report)
{
    const struct facts_tree *tree = &facts->tree;

    if (tree->writable > 0) {
        check_say(report, CHECK_FAIL, "%u of %u files and folders may be changed by others; %s may %s %s",
                  tree->writable, tree->entries, tree->writable_acl.who, tree->writable_acl.right,
                  tree->writable_first);
        check_mend(report, "icacls \"%s\\*\" /reset /T /C", facts->directory.path);
    }
    if (tree->unreadable > 0)
        judge_unreadable(facts, report);
    if (tree->owned > 0) {
        check_say(report, CHECK_WARN,
                  "%u of %u belong to others, the first is %s of %s; an owner may change what is his", tree->owned,
                  tree->entries, tree->owned_first, tree->owner);
        check_mend(report, "icacls \"%s\\*\" /setowner *S-1-5-32-544 /T /C /L", facts->directory.path);
    }
    if (tree->unseen > 0) {
        check_say(report, CHECK_WARN, "%u of them could not be looked at for want of rights, the first is %s",
                  tree->unseen, tree->unseen_first);
        check_mend_elevated(report, facts);
    }
    if (tree->is_stopped) {
        check_say(report, CHECK_WARN, "there are more than %u; the others were not looked at", tree->entries);
        check_mend(report, "icacls \"%s\" /T /C", facts->directory.path);
    }
    if (tree->writable + tree->unreadable + tree->owned + tree->unseen == 0 && !tree->is_stopped)
        check_say(report, CHECK_OK, "none of %u files and folders may be changed by others", tree->entries);
}

void check_links(const struct facts *facts, struct check_report *report)
{
    const struct facts_tree *tree = &facts->tree;

    if (tree->leaving == 0) {
        check_say(report, CHECK_OK, "none leads out of the start directory");
        return;
    }
    check_say(
        report, CHECK_WARN,
        "%u lead out of the start directory; the service refuses what lies there, the first is %s, which leads to %s",
        tree->leaving, tree->leaving_first, tree->leaving_target);
    /* Where it does not say so itself, as under Wine, deleting it would delete what it leads to. */
    if (tree->leaving_is_link)
        check_mend(report, "%s \"%s\"", tree->leaving_is_directory ? "rmdir" : "del", tree->leaving_first);
    else
        check_mend(report, "dir /al /s \"%s\"", facts->directory.path);
}

void check_unfinished(const struct facts *facts, struct check_report *report)
{
    const struct facts_tree *tree = &facts->tree;

    if (tree->unfinished == 0) {
        check_say(report, CHECK_OK, "none is left over, %u under way", tree->uploading);
        return;
    }
    check_say(report, CHECK_WARN,
              "%u are left over from a power cut and take up space, the first is %s; the service deletes "
              "them when it starts",
              tree->unfinished, tree->unfinished_first);
    check_mend(report, "net stop %s & net start %s", facts->name, facts->name);
}

void check_log(const struct facts *facts, struct check_report *report)
{
    const struct facts_tree *tree = &facts->tree;
    const char *path = facts->directory.path;

    if (tree->has_log && tree->log_acl.lets_write) {
        check_say(report, CHECK_WARN, "%s may %s %s\\tftpd.log, so it proves nothing", tree->log_acl.who,
                  tree->log_acl.right, path);
        check_mend(report, "icacls \"%s\\tftpd.log\" /inheritance:d && icacls \"%s\\tftpd.log\" /remove:g %s", path,
                   path, tree->log_acl.sids);
    } else if (tree->has_log) {
        check_say(report, CHECK_OK, "tftpd.log is there, and others may not change it");
    } else if (facts->parameters.wants_log_file && facts->service.state == SERVICE_RUNNING && !tree->is_stopped) {
        check_say(report, CHECK_WARN, "-f asks for it, and it is not in %s", path);
        check_mend(report, "net stop %s & net start %s", facts->name, facts->name);
    } else if (facts->parameters.wants_log_file) {
        check_say(report, CHECK_OK, "the service makes it when it starts");
    } else {
        check_say(report, CHECK_OK, "there is none; without -f the event log has everything");
    }
}
