/* link: -Wl,--wrap=__imp_GetComputerNameExW */
/* Who we are, as boot clients are told. */
#include "unit.h"

#include "win32/boot/bootself.h"
#include "win32/system/windows.h"

typedef BOOL(WINAPI *name_function)(COMPUTER_NAME_FORMAT, LPWSTR, LPDWORD);
extern name_function __wrap___imp_GetComputerNameExW;

static const wchar_t *named; /* NULL: the system does not tell */

static BOOL WINAPI lab_name(COMPUTER_NAME_FORMAT format, LPWSTR name, LPDWORD room)
{
    assert_int_equal(format, ComputerNameDnsFullyQualified);
    if (named == NULL || wcslen(named) >= *room) {
        SetLastError(ERROR_MORE_DATA);
        return FALSE;
    }
    wcscpy(name, named);
    *room = (DWORD)wcslen(named);
    return TRUE;
}
name_function __wrap___imp_GetComputerNameExW = lab_name;

#define DOMAIN L".department.of.an.organisation.with.many.words.example.org" /* 58 */

/* A BOOTP client that asks for the short name is answered, however long the domain is. */
static void has_a_name_that_fits(void **state)
{
    static const struct {
        const wchar_t *named;
        const char *name;
    } rows[] = {
        {L"boot.example.org", "boot.example.org"},
        {L"abcde" DOMAIN, "abcde.department.of.an.organisation.with.many.words.example.org"},
        {L"abcdef" DOMAIN, "abcdef"},
        {L"abcdef" DOMAIN DOMAIN DOMAIN, "abcdef"},
        {L"0123456789012345678901234567890123456789012345678901234567890123.org", ""},
        {NULL, ""},
    };
    static struct boot_rules rules;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        named = rows[i].named;
        bootself_name(&rules);
        assert_string_equal(rules.server_name, rows[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(has_a_name_that_fits)};

    return cmocka_run_group_tests_name("bootself", tests, NULL, NULL);
}
