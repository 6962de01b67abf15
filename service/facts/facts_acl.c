#include "service/facts/facts.h"
#include "service/facts/facts_owner.h"
#include "win32/system/text.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>

/* Who, if he may write, is anybody. A domain's groups are told by the last number of their SID. */
static const struct {
    const char *name;
    const wchar_t *sid;
    DWORD domain_rid;
} others[] = {
    {"Everyone", L"S-1-1-0", 0},
    {"Anonymous", L"S-1-5-7", 0},
    {"Users", L"S-1-5-32-545", 0},
    {"Authenticated Users", L"S-1-5-11", 0},
    {"Guests", L"S-1-5-32-546", 0},
    {"Interactive", L"S-1-5-4", 0},
    {"Network", L"S-1-5-2", 0},
    {"Domain Users", NULL, DOMAIN_GROUP_RID_USERS},
    {"Domain Guests", NULL, DOMAIN_GROUP_RID_GUESTS},
};

enum { RIGHTS_MAX = 6 };

/* What a thing of this sort calls the rights that change it. */
static const struct thing {
    SE_OBJECT_TYPE type;
    GENERIC_MAPPING generic;
    struct {
        DWORD right;
        const char *name;
    } rights[RIGHTS_MAX];
} things[] = {
    [FACTS_THING_FILE] = {SE_FILE_OBJECT,
                          {FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS},
                          {{FILE_WRITE_DATA, "write"},
                           {FILE_APPEND_DATA, "append or make folders"},
                           {DELETE, "delete"},
                           {FILE_DELETE_CHILD, "delete what is in it"},
                           {WRITE_DAC, "change its permissions"},
                           {WRITE_OWNER, "take it over"}}},
    [FACTS_THING_FOLDER] = {SE_FILE_OBJECT,
                            {FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS},
                            {{DELETE, "delete"},
                             {FILE_DELETE_CHILD, "delete what is in it"},
                             {WRITE_DAC, "change its permissions"},
                             {WRITE_OWNER, "take it over"}}},
    [FACTS_THING_KEY] = {SE_REGISTRY_KEY,
                         {KEY_READ, KEY_WRITE, KEY_EXECUTE, KEY_ALL_ACCESS},
                         {{KEY_SET_VALUE, "set values"},
                          {KEY_CREATE_SUB_KEY, "make keys"},
                          {KEY_CREATE_LINK, "make links"},
                          {DELETE, "delete"},
                          {WRITE_DAC, "change its permissions"},
                          {WRITE_OWNER, "take it over"}}},
};

static DWORD writing_rights(const struct thing *thing, DWORD mask)
{
    GENERIC_MAPPING mapping = thing->generic;
    DWORD writing = 0;

    MapGenericMask(&mask, &mapping);
    for (size_t i = 0; i < RIGHTS_MAX; i++)
        writing |= thing->rights[i].right;
    return mask & writing;
}

static bool is_meant(size_t other, PSID sid)
{
    SID_IDENTIFIER_AUTHORITY nt = {SECURITY_NT_AUTHORITY};
    PSID known = NULL;

    if (others[other].sid != NULL) {
        bool is_same = ConvertStringSidToSidW(others[other].sid, &known) && EqualSid(known, sid);
        LocalFree(known);
        return is_same;
    }
    BYTE count = *GetSidSubAuthorityCount(sid);
    return memcmp(GetSidIdentifierAuthority(sid), &nt, sizeof nt) == 0 && count == 5 &&
           *GetSidSubAuthority(sid, 0) == SECURITY_NT_NON_UNIQUE &&
           *GetSidSubAuthority(sid, 4) == others[other].domain_rid;
}

bool facts_acl_is_others(PSID sid)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (is_meant(i, sid))
            return true;
    return false;
}

/* The entry's mask and SID, if it speaks about this thing itself. */
static bool read_entry(ACL *list, DWORD index, bool *is_denial, DWORD *mask, PSID *sid)
{
    void *entry;

    if (!GetAce(list, index, &entry))
        return false;
    const ACE_HEADER *header = entry;
    if (header->AceFlags & INHERIT_ONLY_ACE)
        return false;
    *is_denial = header->AceType == ACCESS_DENIED_ACE_TYPE || header->AceType == ACCESS_DENIED_CALLBACK_ACE_TYPE;
    /* A conditional entry counts as if its condition held: more is warned of rather than less. */
    if (!*is_denial && header->AceType != ACCESS_ALLOWED_ACE_TYPE &&
        header->AceType != ACCESS_ALLOWED_CALLBACK_ACE_TYPE)
        return false;
    ACCESS_ALLOWED_ACE *allowed = entry;
    *mask = allowed->Mask;
    *sid = &allowed->SidStart;
    return IsValidSid(*sid);
}

/* Entries count in their order; what is refused to Everyone is refused to all of these. */
static DWORD writing_rights_of(const struct thing *thing, size_t other, ACL *list, wchar_t **sid_text)
{
    DWORD granted = 0;
    DWORD refused = 0;

    for (DWORD i = 0; i < list->AceCount; i++) {
        bool is_denial;
        DWORD mask;
        PSID sid;
        if (!read_entry(list, i, &is_denial, &mask, &sid))
            continue;
        bool is_his = is_meant(other, sid);
        if (is_denial && (is_his || is_meant(0, sid)))
            refused |= writing_rights(thing, mask);
        else if (!is_denial && is_his)
            granted |= writing_rights(thing, mask) & ~refused;
        if (is_his && *sid_text == NULL)
            ConvertSidToStringSidW(sid, sid_text);
    }
    return granted;
}

static void name_writer(struct facts_acl *acl, const struct thing *thing, const char *name, const wchar_t *sid,
                        DWORD granted)
{
    size_t who = strlen(acl->who);
    size_t sids = strlen(acl->sids);

    snprintf(acl->who + who, sizeof acl->who - who, "%s%s", who > 0 ? ", " : "", name);
    snprintf(acl->sids + sids, sizeof acl->sids - sids, "%s*%ls", sids > 0 ? " " : "", sid);
    for (size_t i = 0; !acl->lets_write && i < RIGHTS_MAX; i++)
        if (granted & thing->rights[i].right) {
            snprintf(acl->right, sizeof acl->right, "%s", thing->rights[i].name);
            acl->lets_write = true;
        }
}

void facts_acl_judge(struct facts_acl *acl, enum facts_thing kind, SECURITY_DESCRIPTOR *descriptor)
{
    const struct thing *thing = &things[kind];
    ACL *list;
    BOOL is_present, is_default;

    memset(acl, 0, sizeof *acl);
    facts_acl_judge_owner(acl, descriptor);
    if (!GetSecurityDescriptorDacl(descriptor, &is_present, &list, &is_default)) {
        acl->error = GetLastError();
        return;
    }
    /* No list at all means that everybody may do everything. */
    if (!is_present || list == NULL) {
        name_writer(acl, thing, others[0].name, others[0].sid, WRITE_DAC);
        return;
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        wchar_t *sid = NULL;
        DWORD granted = writing_rights_of(thing, i, list, &sid);
        if (granted != 0)
            name_writer(acl, thing, others[i].name, sid ? sid : L"", granted);
        LocalFree(sid);
    }
}

static bool is_one_of(const struct facts_reader *reader, PSID sid)
{
    for (size_t i = 0; i < reader->count; i++)
        if (EqualSid((PSID)reader->sids[i].bytes, sid))
            return true;
    return false;
}

bool facts_acl_lets_read(const struct facts_reader *reader, SECURITY_DESCRIPTOR *descriptor)
{
    GENERIC_MAPPING mapping = things[FACTS_THING_FILE].generic;
    ACL *list = NULL;
    BOOL is_present, is_default;

    if (!GetSecurityDescriptorDacl(descriptor, &is_present, &list, &is_default) || !is_present || list == NULL)
        return true;
    for (DWORD i = 0; i < list->AceCount; i++) {
        bool is_denial;
        DWORD mask;
        PSID sid;
        if (!read_entry(list, i, &is_denial, &mask, &sid))
            continue;
        MapGenericMask(&mask, &mapping);
        if ((mask & FILE_READ_DATA) && is_one_of(reader, sid))
            return !is_denial;
    }
    return false;
}

void facts_acl_read(struct facts_acl *acl, enum facts_thing kind, HANDLE handle, const struct facts_reader *reader)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    DWORD error = GetSecurityInfo(handle, things[kind].type, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                                  NULL, NULL, NULL, NULL, &descriptor);

    if (error == 0) {
        facts_acl_judge(acl, kind, descriptor);
        acl->shuts_out = reader != NULL && reader->count > 0 && !facts_acl_lets_read(reader, descriptor);
    } else {
        *acl = (struct facts_acl){.error = error};
    }
    LocalFree(descriptor);
}
