#include "service/install/install_parts.h"

#include "win32/system/text.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <winternl.h>

enum { NAME_UNITS = FACTS_PATH_MAX, CHANGES = DELETE | WRITE_DAC | WRITE_OWNER };

static const struct {
    SE_OBJECT_TYPE type;
    enum facts_thing thing; /* the same to those who judge it */
    const char *prefix;     /* to the name */
    bool has_owner;         /* who owns it is judged, too */
    DWORD all;
    DWORD writes; /* what others must not have */
    GENERIC_MAPPING mapping;
} kinds[] = {
    [INSTALL_ACL_DIRECTORY] = {SE_FILE_OBJECT,
                               FACTS_THING_FILE,
                               "",
                               true,
                               FILE_ALL_ACCESS,
                               FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA | FILE_WRITE_ATTRIBUTES |
                                   FILE_DELETE_CHILD | CHANGES,
                               {FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS}},
    [INSTALL_ACL_KEY] = {SE_REGISTRY_KEY,
                         FACTS_THING_KEY,
                         "MACHINE\\",
                         false,
                         KEY_ALL_ACCESS,
                         KEY_SET_VALUE | KEY_CREATE_SUB_KEY | KEY_CREATE_LINK | CHANGES,
                         {KEY_READ, KEY_WRITE, KEY_EXECUTE, KEY_ALL_ACCESS}},
};

/* Of ntdll; Wine has none, and there the account has to do. */
typedef LONG NTAPI create_service_sid(UNICODE_STRING *name, PSID sid, ULONG *size);

static DWORD service_sid(struct install *install)
{
    FARPROC found = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "RtlCreateServiceSid");
    create_service_sid *create = (create_service_sid *)(void (*)(void))found;
    USHORT size = (USHORT)(wcslen(install->name) * sizeof(wchar_t));
    UNICODE_STRING name = {size, size, install->name};
    ULONG sid_size = sizeof install->account_sid;

    return create != NULL && create(&name, install->account_sid, &sid_size) == 0 ? 0 : ERROR_NOT_SUPPORTED;
}

DWORD install_acl_account(struct install *install)
{
    return service_sid(install) == 0 ? 0 : install_account_sid(install, install->account_sid);
}

static bool full_name(enum install_acl_kind kind, const char *name, wchar_t *wide)
{
    return text_print_wide(wide, NAME_UNITS, "%s%s", kinds[kind].prefix, name);
}

static DWORD read_security(enum install_acl_kind kind, wchar_t *name, ACL **list, PSECURITY_DESCRIPTOR *descriptor)
{
    DWORD what = DACL_SECURITY_INFORMATION | (kinds[kind].has_owner ? OWNER_SECURITY_INFORMATION : 0);

    return GetNamedSecurityInfoW(name, kinds[kind].type, what, NULL, NULL, list, NULL, descriptor);
}

static bool gives(ACL *list, PSID sid, enum install_acl_kind kind, DWORD mask)
{
    DWORD given = 0;

    for (DWORD i = 0; i < list->AceCount; i++) {
        ACCESS_ALLOWED_ACE *entry;
        if (!GetAce(list, i, (void **)&entry) || entry->Header.AceType != ACCESS_ALLOWED_ACE_TYPE ||
            (entry->Header.AceFlags & INHERIT_ONLY_ACE) || !EqualSid(&entry->SidStart, sid))
            continue;
        GENERIC_MAPPING mapping = kinds[kind].mapping;
        DWORD rights = entry->Mask;
        MapGenericMask(&rights, &mapping);
        given |= rights;
    }
    return (given & mask) == mask;
}

enum install_state install_acl_look(struct install *install, enum install_acl_kind kind, const char *name, DWORD mask)
{
    wchar_t wide[NAME_UNITS];
    PSECURITY_DESCRIPTOR descriptor = NULL;
    struct facts_acl acl;
    ACL *list = NULL;

    if (!full_name(kind, name, wide))
        return install_unseen(install, ERROR_INVALID_NAME);
    DWORD error = read_security(kind, wide, &list, &descriptor);
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND)
        return INSTALL_IS_NOT;
    if (error != 0)
        return install_absent_or_unseen(install, error);
    facts_acl_judge(&acl, kinds[kind].thing, descriptor);
    bool is_so = acl.error == 0 && !acl.lets_write && acl.owner[0] == 0 && list != NULL &&
                 gives(list, install->account_sid, kind, mask);
    if (acl.owner[0] != 0)
        snprintf(install->remark, sizeof install->remark, "it belongs to %.200s", acl.owner);
    else if (acl.lets_write)
        snprintf(install->remark, sizeof install->remark, "%.200s could %.100s", acl.who, acl.right);
    LocalFree(descriptor);
    return is_so ? INSTALL_IS_SO : INSTALL_IS_NOT;
}

/* Who keeps what the list gives him. */
static bool may_keep(PSID sid, bool keeps_named)
{
    return keeps_named ? !facts_acl_is_others(sid)
                       : facts_acl_is_trusted(sid) || IsWellKnownSid(sid, WinCreatorOwnerSid) ||
                             IsWellKnownSid(sid, WinCreatorOwnerRightsSid);
}

/* The entry without what others must not have, as one of its own rather than an inherited one. False: nothing is left. */
static bool keep_entry(ACE_HEADER *header, enum install_acl_kind kind, bool keeps_named)
{
    header->AceFlags &= (BYTE)~INHERITED_ACE;
    /* One with a condition begins as one without. */
    if (header->AceType != ACCESS_ALLOWED_ACE_TYPE && header->AceType != ACCESS_ALLOWED_CALLBACK_ACE_TYPE)
        return true;
    ACCESS_ALLOWED_ACE *entry = (ACCESS_ALLOWED_ACE *)header;
    if (may_keep(&entry->SidStart, keeps_named))
        return true;
    GENERIC_MAPPING mapping = kinds[kind].mapping;
    MapGenericMask(&entry->Mask, &mapping);
    entry->Mask &= ~kinds[kind].writes;
    return entry->Mask != 0;
}

static ACL *without_others(const ACL *list, enum install_acl_kind kind, bool keeps_named)
{
    WORD size = list != NULL ? list->AclSize : sizeof(ACL);
    ACL *kept = calloc(1, size);

    if (kept == NULL || !InitializeAcl(kept, size, list != NULL ? list->AclRevision : ACL_REVISION))
        return kept;
    for (DWORD i = 0; list != NULL && i < list->AceCount; i++) {
        ACE_HEADER *entry;
        if (!GetAce((ACL *)list, i, (void **)&entry) ||
            !AddAce(kept, list->AclRevision, MAXDWORD, entry, entry->AceSize) ||
            !GetAce(kept, kept->AceCount - 1u, (void **)&entry))
            continue;
        if (!keep_entry(entry, kind, keeps_named))
            DeleteAce(kept, kept->AceCount - 1u);
    }
    return kept;
}

/* The three who have rights whatever else is in the list. */
static ACL *with_ours(struct install *install, ACL *kept, enum install_acl_kind kind, DWORD mask, DWORD *error)
{
    BYTE system[SECURITY_MAX_SID_SIZE], administrators[SECURITY_MAX_SID_SIZE];
    const struct {
        void *sid;
        WELL_KNOWN_SID_TYPE known;
        DWORD mask;
    } ours[] = {
        {system, WinLocalSystemSid, kinds[kind].all},
        {administrators, WinBuiltinAdministratorsSid, kinds[kind].all},
        {install->account_sid, WinNullSid, mask},
    };
    EXPLICIT_ACCESSW entries[sizeof ours / sizeof *ours];
    ACL *list = NULL;
    ULONG count = 0;

    memset(entries, 0, sizeof entries);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        DWORD size = SECURITY_MAX_SID_SIZE;
        bool is_system = ours[i].known == WinNullSid && EqualSid(ours[i].sid, system);
        if (is_system || (ours[i].known != WinNullSid && !CreateWellKnownSid(ours[i].known, NULL, ours[i].sid, &size)))
            continue;
        entries[count] = (EXPLICIT_ACCESSW){
            ours[i].mask,
            SET_ACCESS,
            SUB_CONTAINERS_AND_OBJECTS_INHERIT,
            {.TrusteeForm = TRUSTEE_IS_SID, .TrusteeType = TRUSTEE_IS_UNKNOWN, .ptstrName = ours[i].sid}};
        count++;
    }
    *error = SetEntriesInAclW(count, entries, kept, &list);
    return list;
}

static DWORD write_security(enum install_acl_kind kind, wchar_t *name, ACL *list, bool takes_over)
{
    BYTE administrators[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof administrators;
    DWORD what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;

    if (takes_over && !CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &size))
        return GetLastError();
    return SetNamedSecurityInfoW(name, kinds[kind].type, what | (takes_over ? OWNER_SECURITY_INFORMATION : 0),
                                 takes_over ? administrators : NULL, NULL, list, NULL);
}

DWORD install_acl_make(struct install *install, enum install_acl_kind kind, const char *name, DWORD mask)
{
    wchar_t wide[NAME_UNITS];
    PSECURITY_DESCRIPTOR descriptor = NULL;
    struct facts_acl acl = {0};
    ACL *list = NULL, *kept = NULL;

    if (!full_name(kind, name, wide))
        return ERROR_INVALID_NAME;
    DWORD error = read_security(kind, wide, &list, &descriptor);
    if (error != 0)
        return error;
    facts_acl_judge(&acl, kinds[kind].thing, descriptor);
    bool takes_over = acl.owner[0] != 0 || acl.is_service_owned;
    bool keeps_named = !takes_over || !install->is_new || install->wish.keeps_rights;
    kept = without_others(list, kind, keeps_named);
    list = kept != NULL ? with_ours(install, kept, kind, mask, &error) : NULL;
    if (kept == NULL)
        error = ERROR_NOT_ENOUGH_MEMORY;
    if (error == 0)
        error = write_security(kind, wide, list, takes_over);
    if (error == 0 && takes_over)
        snprintf(install->remark, sizeof install->remark,
                 "it belonged to %.200s%s; what lies in it may do so still: tftpd check", acl.owner,
                 keeps_named ? "" : ", and named accounts write there no more (--keep-rights lets them)");
    if (list != NULL)
        LocalFree(list);
    free(kept);
    LocalFree(descriptor);
    return error;
}

bool install_acl_sddl(const struct install *install, DWORD mask, wchar_t *sddl, size_t size)
{
    wchar_t *sid = NULL;

    if (!ConvertSidToStringSidW((PSID)install->account_sid, &sid))
        return false;
    int length =
        swprintf(sddl, size, L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x%lx;;;%ls)", (unsigned long)mask, sid);
    LocalFree(sid);
    return length > 0;
}
