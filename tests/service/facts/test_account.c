#include "unit.h"

#include "service/facts/account.h"

static void each_spelling_means_its_account(void **state)
{
    static const struct {
        const char *typed;
        enum account_kind kind;
        const char *name; /* NULL: as it was typed */
        const char *sid;
    } rows[] = {
        {"LocalSystem", ACCOUNT_KIND_SYSTEM, "LocalSystem", "*S-1-5-18"},
        {".\\LocalSystem", ACCOUNT_KIND_SYSTEM, "LocalSystem", "*S-1-5-18"},
        {"system", ACCOUNT_KIND_SYSTEM, "LocalSystem", "*S-1-5-18"},
        {"nt authority\\system", ACCOUNT_KIND_SYSTEM, "LocalSystem", "*S-1-5-18"},
        {"LocalService", ACCOUNT_KIND_LOCAL, "NT AUTHORITY\\LocalService", "*S-1-5-19"},
        {"NT Authority\\Local Service", ACCOUNT_KIND_LOCAL, "NT AUTHORITY\\LocalService", "*S-1-5-19"},
        {"NT AUTHORITY\\LocalService", ACCOUNT_KIND_LOCAL, "NT AUTHORITY\\LocalService", "*S-1-5-19"},
        {"NetworkService", ACCOUNT_KIND_NETWORK, "NT AUTHORITY\\NetworkService", "*S-1-5-20"},
        {"NT AUTHORITY\\Network Service", ACCOUNT_KIND_NETWORK, "NT AUTHORITY\\NetworkService", "*S-1-5-20"},
        {"NT AUTHORITY\\NETWORKSERVICE", ACCOUNT_KIND_NETWORK, "NT AUTHORITY\\NetworkService", "*S-1-5-20"},
        {"nt service\\tftpd", ACCOUNT_KIND_VIRTUAL, NULL, NULL},
        {"CORP\\boot$", ACCOUNT_KIND_MANAGED, NULL, NULL},
        {"CORP\\boot", ACCOUNT_KIND_WITH_PASSWORD, NULL, NULL},
        {".\\LocalServices", ACCOUNT_KIND_WITH_PASSWORD, NULL, NULL}, /* somebody's */
        {"", ACCOUNT_KIND_WITH_PASSWORD, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *name = rows[i].name != NULL ? rows[i].name : rows[i].typed;
        const char *sid = account_known_sid(rows[i].typed);
        CHECK(account_kind(rows[i].typed) == rows[i].kind, "kind of %s", rows[i].typed);
        CHECK(strcmp(account_known_name(rows[i].typed), name) == 0, "name of %s", rows[i].typed);
        CHECK(rows[i].sid != NULL ? sid != NULL && strcmp(sid, rows[i].sid) == 0 : sid == NULL, "SID of %s",
              rows[i].typed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_spelling_means_its_account),
    };

    return cmocka_run_group_tests_name("account", tests, NULL, NULL) != 0;
}
