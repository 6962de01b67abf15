#include "service/facts/account.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    const char *sid;
    const char *spellings[4];
} kinds[ACCOUNT_KINDS] = {
    [ACCOUNT_KIND_SYSTEM] = {ACCOUNT_NAME_LOCAL_SYSTEM,
                             "*S-1-5-18",
                             {ACCOUNT_NAME_LOCAL_SYSTEM, ".\\LocalSystem", "SYSTEM", "NT AUTHORITY\\SYSTEM"}},
    [ACCOUNT_KIND_LOCAL] = {ACCOUNT_NAME_LOCAL_SERVICE,
                            "*S-1-5-19",
                            {ACCOUNT_NAME_LOCAL_SERVICE, "NT AUTHORITY\\Local Service", "LocalService"}},
    [ACCOUNT_KIND_NETWORK] = {ACCOUNT_NAME_NETWORK_SERVICE,
                              "*S-1-5-20",
                              {ACCOUNT_NAME_NETWORK_SERVICE, "NT AUTHORITY\\Network Service", "NetworkService"}},
};

enum account_kind account_kind(const char *name)
{
    static const char of_services[] = "NT SERVICE\\";
    size_t length = strlen(name);

    for (enum account_kind kind = 0; kind < ACCOUNT_KINDS; kind++)
        for (size_t i = 0; i < sizeof kinds->spellings / sizeof *kinds->spellings; i++)
            if (kinds[kind].spellings[i] != NULL && _stricmp(name, kinds[kind].spellings[i]) == 0)
                return kind;
    if (_strnicmp(name, of_services, sizeof of_services - 1) == 0)
        return ACCOUNT_KIND_VIRTUAL;
    return length > 0 && name[length - 1] == '$' ? ACCOUNT_KIND_MANAGED : ACCOUNT_KIND_WITH_PASSWORD;
}

const char *account_known_name(const char *name)
{
    const char *known = kinds[account_kind(name)].name;

    return known != NULL ? known : name;
}

const char *account_known_sid(const char *name)
{
    return kinds[account_kind(name)].sid;
}
