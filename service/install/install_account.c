#include "service/install/install_parts.h"

#include "service/facts/account.h"
#include "win32/system/text.h"

#include <ntsecapi.h>
#include <stdio.h>

void install_choose_account(struct install *install)
{
    const char *before = install->found.account;
    bool may_do_anything = before[0] == 0 || account_kind(before) == ACCOUNT_KIND_SYSTEM;

    if (install->wish.account != NULL) {
        install->account = account_known_name(install->wish.account);
    } else if (install->is_new || may_do_anything) {
        install->account =
            !install->is_new && install->is_on_share ? ACCOUNT_NAME_NETWORK_SERVICE : ACCOUNT_NAME_LOCAL_SERVICE;
    } else {
        snprintf(install->account_kept, sizeof install->account_kept, "%s", before);
        install->account = install->account_kept;
    }
}

bool install_keeps_account(const struct install *install)
{
    return !install->is_new && _stricmp(install->account, install->found.account) == 0;
}

/* "must be NULL" for managed and virtual accounts, "an empty string" for the system's (ChangeServiceConfigW). */
const wchar_t *install_account_password(const struct install *install)
{
    return account_known_sid(install->account) != NULL ? L"" : NULL;
}

static DWORD look_up(const char *name, BYTE *sid)
{
    wchar_t account[FACTS_ACCOUNT_MAX], domain[FACTS_ACCOUNT_MAX];
    DWORD sid_size = SECURITY_MAX_SID_SIZE, domain_size = FACTS_ACCOUNT_MAX;
    SID_NAME_USE use;

    if (!text_to_wide(name, account, FACTS_ACCOUNT_MAX))
        return ERROR_INVALID_NAME;
    return LookupAccountNameW(NULL, account, sid, &sid_size, domain, &domain_size, &use) ? 0 : GetLastError();
}

DWORD install_account_sid(const struct install *install, BYTE *sid)
{
    bool is_system = account_kind(install->account) == ACCOUNT_KIND_SYSTEM;

    return look_up(is_system ? "NT AUTHORITY\\SYSTEM" : install->account, sid);
}

/* What served a share before may go on: a server can let anybody in. */
static bool is_shut_out(const struct install *install)
{
    bool is_as_before = install_keeps_account(install) && (install->has_directory || install->wish.root == NULL);

    return install->is_on_share && account_kind(install->account) == ACCOUNT_KIND_LOCAL && !is_as_before;
}

int install_judge_account(struct install *install)
{
    enum account_kind account = account_kind(install->account);

    if (is_shut_out(install)) {
        snprintf(
            install->why, sizeof install->why,
            "the start directory %.150s is on a share, and LocalService is nobody to other machines. Add --account "
            "\"" ACCOUNT_NAME_NETWORK_SERVICE
            "\" and let this machine's account (DOMAIN\\MACHINE$) in on the server, or name a "
            "managed account: --account DOMAIN\\name$",
            install->config.directory);
        return EXIT_INSTALL_DIRECTORY;
    }
    if (account == ACCOUNT_KIND_WITH_PASSWORD && !install_keeps_account(install)) {
        snprintf(install->why, sizeof install->why,
                 "the account %.100s has a password, and none can be given here. Install without --account, then set "
                 "account and password in Services (%.100s, Log On), which also lets it log on as a service",
                 install->account, install->wish.name);
        return EXIT_USAGE;
    }
    DWORD error = install_wants_logon_right(install) ? look_up(install->account, install->logon_sid) : 0;
    if (error == 0)
        return EXIT_OK;
    snprintf(install->why, sizeof install->why, "the account %.200s is not known here: %s", install->account,
             text_of_error(error).text);
    return EXIT_USAGE;
}

/* -- log on as a service ------------------------------------------------------------------------------------------- */

/* The system's accounts and virtual ones have the right; for a managed one nobody has given it yet. */
bool install_wants_logon_right(const struct install *install)
{
    return install->wish.account != NULL && account_kind(install->account) == ACCOUNT_KIND_MANAGED;
}

static DWORD open_policy(ACCESS_MASK rights, LSA_HANDLE *policy)
{
    LSA_OBJECT_ATTRIBUTES attributes = {.Length = sizeof attributes};

    return LsaNtStatusToWinError(LsaOpenPolicy(NULL, &attributes, rights, policy));
}

static bool is_logon_right(const LSA_UNICODE_STRING *right)
{
    size_t length = sizeof SE_SERVICE_LOGON_NAME - sizeof(wchar_t);

    return right->Length == length && memcmp(right->Buffer, SE_SERVICE_LOGON_NAME, length) == 0;
}

enum install_state install_look_logon_right(struct install *install)
{
    LSA_UNICODE_STRING *rights = NULL;
    LSA_HANDLE policy;
    ULONG count = 0;
    bool has_it = false;
    DWORD error = open_policy(POLICY_LOOKUP_NAMES, &policy);

    if (error != 0)
        return install_absent_or_unseen(install, error);
    error = LsaNtStatusToWinError(LsaEnumerateAccountRights(policy, install->logon_sid, &rights, &count));
    for (ULONG i = 0; error == 0 && i < count; i++)
        has_it = has_it || is_logon_right(&rights[i]);
    if (rights != NULL)
        LsaFreeMemory(rights);
    LsaClose(policy);
    /* Who has no right at all is not in the list. */
    if (error != 0 && error != ERROR_FILE_NOT_FOUND)
        return install_absent_or_unseen(install, error);
    return has_it ? INSTALL_IS_SO : INSTALL_IS_NOT;
}

DWORD install_make_logon_right(struct install *install)
{
    static wchar_t name[] = SE_SERVICE_LOGON_NAME;
    LSA_UNICODE_STRING right = {sizeof name - sizeof *name, sizeof name, name};
    LSA_HANDLE policy;
    DWORD error = open_policy(POLICY_LOOKUP_NAMES | POLICY_CREATE_ACCOUNT, &policy);

    if (error != 0)
        return error;
    error = LsaNtStatusToWinError(LsaAddAccountRights(policy, install->logon_sid, &right, 1));
    LsaClose(policy);
    return error;
}
