#include "service/facts/facts_reader.h"

#include "service/facts/account.h"
#include "win32/system/text.h"

#include <sddl.h>
#include <stdio.h>

enum { SID_TEXT_MAX = 32 }; /* of those below */

#define ADMINISTRATORS "S-1-5-32-544"

/* What every process of a service has beside its account. */
static const char *const groups[] = {
    "S-1-1-0",      /* Everyone */
    "S-1-2-0",      /* LOCAL */
    "S-1-2-1",      /* CONSOLE LOGON */
    "S-1-5-6",      /* SERVICE */
    "S-1-5-11",     /* Authenticated Users */
    "S-1-5-15",     /* This Organization */
    "S-1-5-32-545", /* Users */
};

static void add_sid(struct facts_reader *reader, const char *text)
{
    wchar_t wide[SID_TEXT_MAX];
    PSID sid = NULL;

    ASSERT(reader->count < FACTS_READER_SIDS_MAX);
    if (text_to_wide(text, wide, SID_TEXT_MAX) && ConvertStringSidToSidW(wide, &sid) &&
        CopySid(SECURITY_MAX_SID_SIZE, reader->sids[reader->count].bytes, sid))
        reader->count++;
    LocalFree(sid);
}

/* ".\name" is one of this machine; without the point it is looked for here first. */
static bool add_account(struct facts_reader *reader, const char *account)
{
    const char *name = strncmp(account, ".\\", 2) == 0 ? account + 2 : account;
    wchar_t wide[FACTS_ACCOUNT_MAX], domain[FACTS_ACCOUNT_MAX];
    DWORD size = SECURITY_MAX_SID_SIZE, domain_size = FACTS_ACCOUNT_MAX;
    SID_NAME_USE use;

    ASSERT(reader->count < FACTS_READER_SIDS_MAX);
    bool is_found =
        text_to_wide(name, wide, FACTS_ACCOUNT_MAX) &&
        LookupAccountNameW(NULL, wide, reader->sids[reader->count].bytes, &size, domain, &domain_size, &use);
    reader->count += is_found;
    return is_found;
}

void facts_reader_find(struct facts_reader *reader, const struct facts_service *service, const char *name)
{
    const char *sid = account_known_sid(service->account);
    char virtual_account[FACTS_ACCOUNT_MAX];

    memset(reader, 0, sizeof *reader);
    snprintf(virtual_account, sizeof virtual_account, "NT SERVICE\\%s", name);
    reader->may_have_groups = sid == NULL && _stricmp(service->account, virtual_account) != 0;
    if (service->error != 0 || service->account[0] == 0 || (sid == NULL && !add_account(reader, service->account)))
        return;
    if (sid != NULL)
        add_sid(reader, sid + 1);
    if (account_kind(service->account) == ACCOUNT_KIND_SYSTEM)
        add_sid(reader, ADMINISTRATORS);
    if (!service->lacks_sid && add_account(reader, virtual_account))
        add_sid(reader, "S-1-5-80-0"); /* all services with a SID of their own */
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        add_sid(reader, groups[i]);
}
