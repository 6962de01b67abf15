#include "service/facts/facts_account.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    const char *sid;
    const char *spellings[4];
} kinds[FACTS_ACCOUNT_KINDS] = {
    [FACTS_ACCOUNT_SYSTEM] = {FACTS_LOCAL_SYSTEM,
                              "*S-1-5-18",
                              {FACTS_LOCAL_SYSTEM, ".\\LocalSystem", "SYSTEM", "NT AUTHORITY\\SYSTEM"}},
    [FACTS_ACCOUNT_LOCAL] = {FACTS_LOCAL_SERVICE,
                             "*S-1-5-19",
                             {FACTS_LOCAL_SERVICE, "NT AUTHORITY\\Local Service", "LocalService"}},
    [FACTS_ACCOUNT_NETWORK] = {FACTS_NETWORK_SERVICE,
                               "*S-1-5-20",
                               {FACTS_NETWORK_SERVICE, "NT AUTHORITY\\Network Service", "NetworkService"}},
};

enum facts_account facts_account_of(const char *name)
{
    static const char of_services[] = "NT SERVICE\\";
    size_t length = strlen(name);

    for (enum facts_account kind = 0; kind < FACTS_ACCOUNT_KINDS; kind++)
        for (size_t i = 0; i < sizeof kinds->spellings / sizeof *kinds->spellings; i++)
            if (kinds[kind].spellings[i] != NULL && _stricmp(name, kinds[kind].spellings[i]) == 0)
                return kind;
    if (_strnicmp(name, of_services, sizeof of_services - 1) == 0)
        return FACTS_ACCOUNT_VIRTUAL;
    return length > 0 && name[length - 1] == '$' ? FACTS_ACCOUNT_MANAGED : FACTS_ACCOUNT_WITH_PASSWORD;
}

const char *facts_account_name(const char *name)
{
    const char *known = kinds[facts_account_of(name)].name;

    return known != NULL ? known : name;
}

const char *facts_account_sid(const char *name)
{
    return kinds[facts_account_of(name)].sid;
}
