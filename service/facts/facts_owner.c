#include "service/facts/facts_owner.h"

#include "win32/system/text.h"

#include <sddl.h>
#include <stdio.h>

enum { ACCOUNT_UNITS = FACTS_WHO_MAX / 4, TOKEN_BYTES = 256 };

#define TRUSTED_INSTALLER L"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"

static bool is_sid(PSID sid, const wchar_t *text)
{
    PSID known = NULL;
    bool is_same = ConvertStringSidToSidW(text, &known) && EqualSid(known, sid);

    LocalFree(known);
    return is_same;
}

bool facts_is_administrator(void)
{
    BYTE sid[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof sid;
    BOOL is_member = FALSE;

    return CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, sid, &size) &&
           CheckTokenMembership(NULL, sid, &is_member) && is_member;
}

static bool is_own_account(PSID sid)
{
    union {
        TOKEN_USER user;
        BYTE bytes[TOKEN_BYTES];
    } buffer;
    DWORD size;
    HANDLE token;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    bool is_own =
        GetTokenInformation(token, TokenUser, &buffer, sizeof buffer, &size) && EqualSid(buffer.user.User.Sid, sid);
    CloseHandle(token);
    return is_own;
}

bool facts_acl_is_trusted(PSID sid)
{
    return IsWellKnownSid(sid, WinBuiltinAdministratorsSid) || IsWellKnownSid(sid, WinLocalSystemSid) ||
           is_sid(sid, TRUSTED_INSTALLER) || (is_own_account(sid) && facts_is_administrator());
}

/* LocalService, NetworkService, and NT SERVICE\name. */
static bool is_service(PSID sid)
{
    SID_IDENTIFIER_AUTHORITY nt = {SECURITY_NT_AUTHORITY};

    return IsWellKnownSid(sid, WinLocalServiceSid) || IsWellKnownSid(sid, WinNetworkServiceSid) ||
           (memcmp(GetSidIdentifierAuthority(sid), &nt, sizeof nt) == 0 &&
            *GetSidSubAuthority(sid, 0) == SECURITY_SERVICE_ID_BASE_RID);
}

/* "PC\mallory", or the SID of an account that nobody knows any more. */
static void name_account(PSID sid, char text[FACTS_WHO_MAX])
{
    wchar_t name[ACCOUNT_UNITS], domain[ACCOUNT_UNITS], *sid_text = NULL;
    DWORD name_size = ACCOUNT_UNITS, domain_size = ACCOUNT_UNITS;
    SID_NAME_USE use;
    char part[FACTS_WHO_MAX];

    text[0] = 0;
    if (LookupAccountSidW(NULL, sid, name, &name_size, domain, &domain_size, &use)) {
        size_t used = text_from_wide(domain, part, sizeof part) && part[0] != 0
                          ? (size_t)snprintf(text, FACTS_WHO_MAX, "%.120s\\", part)
                          : 0;
        if (text_from_wide(name, part, sizeof part))
            snprintf(text + used, FACTS_WHO_MAX - used, "%.120s", part);
    } else if (ConvertSidToStringSidW(sid, &sid_text)) {
        text_from_wide(sid_text, text, FACTS_WHO_MAX);
        LocalFree(sid_text);
    }
}

void facts_acl_judge_owner(struct facts_acl *acl, SECURITY_DESCRIPTOR *descriptor)
{
    PSID owner;
    BOOL is_default;

    if (!GetSecurityDescriptorOwner(descriptor, &owner, &is_default) || owner == NULL || facts_acl_is_trusted(owner))
        return;
    acl->is_service_owned = is_service(owner);
    name_account(owner, acl->owner);
}
