/* link: -Wl,--wrap=__imp_GetNamedSecurityInfoW,--wrap=__imp_SetNamedSecurityInfoW */
/* What an installation makes of an access list that lets others write. Wine keeps those of keys as they are. */
#include "files.h"

#include "service/install/install_parts.h"
#include "win32/system/text.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>

enum { TEXT_UNITS = 1024 };

#define KEY_PATH "SOFTWARE\\tftpd test"

/* The security of a directory, of our own: Wine makes it of Unix's owner and mode. */
static struct {
    char sddl[TEXT_UNITS]; /* empty: the real one is asked */
    DWORD set_error;
    SECURITY_INFORMATION set;
} fake;

extern __typeof__(&GetNamedSecurityInfoW) __real___imp_GetNamedSecurityInfoW, __wrap___imp_GetNamedSecurityInfoW;
extern __typeof__(&SetNamedSecurityInfoW) __real___imp_SetNamedSecurityInfoW, __wrap___imp_SetNamedSecurityInfoW;

static DWORD WINAPI get_security(LPCWSTR name, SE_OBJECT_TYPE type, SECURITY_INFORMATION what, PSID *owner, PSID *group,
                                 ACL **list, ACL **audit, PSECURITY_DESCRIPTOR *descriptor)
{
    BOOL is_present, is_default;
    wchar_t sddl[TEXT_UNITS];

    if (fake.sddl[0] == 0)
        return __real___imp_GetNamedSecurityInfoW(name, type, what, owner, group, list, audit, descriptor);
    assert_int_equal(type, SE_FILE_OBJECT);
    assert_true(what & OWNER_SECURITY_INFORMATION);
    assert_true(text_to_wide(fake.sddl, sddl, TEXT_UNITS));
    assert_true(ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, descriptor, NULL));
    assert_true(GetSecurityDescriptorDacl(*descriptor, &is_present, list, &is_default));
    return 0;
}
__typeof__(&GetNamedSecurityInfoW) __wrap___imp_GetNamedSecurityInfoW = get_security;

static DWORD WINAPI set_security(wchar_t *name, SE_OBJECT_TYPE type, SECURITY_INFORMATION what, PSID owner, PSID group,
                                 ACL *list, ACL *audit)
{
    SECURITY_DESCRIPTOR made;
    char before[TEXT_UNITS];
    wchar_t *sddl;

    if (fake.sddl[0] == 0)
        return __real___imp_SetNamedSecurityInfoW(name, type, what, owner, group, list, audit);
    fake.set = what;
    if (fake.set_error != 0)
        return fake.set_error;
    memcpy(before, fake.sddl, sizeof before);
    InitializeSecurityDescriptor(&made, SECURITY_DESCRIPTOR_REVISION);
    SetSecurityDescriptorDacl(&made, TRUE, list, FALSE);
    assert_true(ConvertSecurityDescriptorToStringSecurityDescriptorW(&made, SDDL_REVISION_1, DACL_SECURITY_INFORMATION,
                                                                     &sddl, NULL));
    if (what & OWNER_SECURITY_INFORMATION) {
        assert_true(IsWellKnownSid(owner, WinBuiltinAdministratorsSid));
        snprintf(before, sizeof before, "O:BA");
    }
    before[strcspn(before, "D")] = 0;
    snprintf(fake.sddl, sizeof fake.sddl, "%.100s%.800ls", before, sddl);
    LocalFree(sddl);
    return 0;
}
__typeof__(&SetNamedSecurityInfoW) __wrap___imp_SetNamedSecurityInfoW = set_security;

static void set_list(const wchar_t *sddl)
{
    PSECURITY_DESCRIPTOR descriptor;
    HKEY key;

    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"" KEY_PATH);
    assert_int_equal(RegCreateKeyExW(HKEY_LOCAL_MACHINE, L"" KEY_PATH, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL),
                     0);
    assert_true(ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, &descriptor, NULL));
    assert_int_equal(RegSetKeySecurity(key, DACL_SECURITY_INFORMATION, descriptor), 0);
    LocalFree(descriptor);
    RegCloseKey(key);
}

static const char *list_text(void)
{
    static char text[TEXT_UNITS];
    PSECURITY_DESCRIPTOR descriptor;
    wchar_t path[] = L"MACHINE\\" KEY_PATH, *sddl;

    assert_int_equal(
        GetNamedSecurityInfoW(path, SE_REGISTRY_KEY, DACL_SECURITY_INFORMATION, NULL, NULL, NULL, NULL, &descriptor),
        0);
    assert_true(ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, SDDL_REVISION_1,
                                                                     DACL_SECURITY_INFORMATION, &sddl, NULL));
    text_from_wide(sddl, text, sizeof text);
    LocalFree(sddl);
    LocalFree(descriptor);
    return text;
}

static void takes_from_others_what_they_must_not_have(void **state)
{
    static struct install install = {.wish.name = "tftpd", .name = L"tftpd", .account = "LocalService"};

    (void)state;
    assert_int_equal(install_acl_account(&install), 0);
    set_list(L"D:(A;CI;KA;;;BA)(A;CI;KR;;;BU)(A;CIID;KA;;;WD)(A;CIIO;GA;;;AU)(A;;KA;;;S-1-5-21-1-2-3-1234)");
    assert_int_equal(install_acl_look(&install, INSTALL_ACL_KEY, KEY_PATH, KEY_READ), INSTALL_IS_NOT);
    assert_string_equal(install.remark, "Everyone could set values");
    assert_int_equal(install_acl_make(&install, INSTALL_ACL_KEY, KEY_PATH, KEY_READ), 0);
    assert_int_equal(install_acl_look(&install, INSTALL_ACL_KEY, KEY_PATH, KEY_READ), INSTALL_IS_SO);
    const char *text = list_text();
    static const char *const kept[] = {"(A;CI;KR;;;BU)",   "(A;CI;KR;;;WD)",
                                       "(A;CIIO;KR;;;AU)", "(A;;KA;;;S-1-5-21-1-2-3-1234)",
                                       "KR;;;LS)",         "KA;;;SY)"};
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        CHECK(strstr(text, kept[i]) != NULL, "%s is not in %s", kept[i], text);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"" KEY_PATH);
}

#define STRANGER "S-1-5-21-1-2-3-1234"
#define NAMED    "(A;OICI;0x1301bf;;;S-1-5-21-1-2-3-1500)" /* what icacls calls M */

static struct install *of_directory(bool is_new, bool keeps_rights)
{
    static struct install install;

    install = (struct install){.wish.name = "tftpd", .name = L"tftpd", .account = "LocalService", .is_new = is_new};
    install.wish.keeps_rights = keeps_rights;
    assert_int_equal(install_acl_account(&install), 0);
    return &install;
}

/* Whoever made the folder before the installation would decide what machines boot. */
static void takes_over_what_belongs_to_somebody_else(void **state)
{
    static const struct {
        const char *before;
        bool is_new, keeps_rights;
        bool is_taken;    /* Administrators own it afterwards */
        bool keeps_named; /* the named account may write afterwards */
        const char *remark;
    } rows[] = {
        {"O:" STRANGER "D:(A;OICI;FA;;;" STRANGER ")" NAMED "(A;OICI;FA;;;BA)", true, false, true, false, STRANGER},
        {"O:" STRANGER "D:(A;OICI;FA;;;" STRANGER ")" NAMED "(A;OICI;FA;;;BA)", true, true, true, true, STRANGER},
        /* In service already: whom administrators let write since is not to be told from him. */
        {"O:" STRANGER "D:" NAMED "(A;OICI;FA;;;BA)", false, false, true, true, STRANGER},
        {"O:BAD:" NAMED "(A;OICI;FA;;;BA)", true, false, false, true, ""},
        {"O:SYD:" NAMED, true, false, false, true, ""},
        {"O:BUD:" NAMED, true, false, true, false, "Users"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct install *install = of_directory(rows[i].is_new, rows[i].keeps_rights);
        DWORD mask = FILE_GENERIC_READ | FILE_GENERIC_EXECUTE;
        snprintf(fake.sddl, sizeof fake.sddl, "%s", rows[i].before);
        assert_int_equal(install_acl_look(install, INSTALL_ACL_DIRECTORY, "C:\\tftpdroot", mask), INSTALL_IS_NOT);
        CHECK(strstr(install->remark, rows[i].remark) != NULL, "row %u: %s", (unsigned)i, install->remark);
        assert_int_equal(install_acl_make(install, INSTALL_ACL_DIRECTORY, "C:\\tftpdroot", mask), 0);
        CHECK(!(fake.set & OWNER_SECURITY_INFORMATION) == !rows[i].is_taken, "row %u", (unsigned)i);
        CHECK(!rows[i].is_taken || strstr(install->remark, "it belonged to ") != NULL, "%s", install->remark);
        assert_int_equal(install_acl_look(install, INSTALL_ACL_DIRECTORY, "C:\\tftpdroot", mask), INSTALL_IS_SO);
        CHECK((strstr(fake.sddl, NAMED) != NULL) == rows[i].keeps_named, "row %u: %s", (unsigned)i, fake.sddl);
        CHECK(rows[i].keeps_named || strstr(fake.sddl, "FA;;;" STRANGER) == NULL, "row %u: %s", (unsigned)i, fake.sddl);
        CHECK(strstr(fake.sddl, "FA;;;BA)") != NULL && strstr(fake.sddl, "FA;;;SY)") != NULL, "%s", fake.sddl);
    }
    memset(&fake, 0, sizeof fake);
}

static void says_why_it_cannot_be_taken_over(void **state)
{
    struct install *install = of_directory(true, false);

    (void)state;
    snprintf(fake.sddl, sizeof fake.sddl, "O:" STRANGER "D:(A;OICI;FA;;;BA)");
    fake.set_error = ERROR_ACCESS_DENIED;
    assert_int_equal(install_acl_make(install, INSTALL_ACL_DIRECTORY, "C:\\tftpdroot", FILE_GENERIC_READ),
                     ERROR_ACCESS_DENIED);
    memset(&fake, 0, sizeof fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_from_others_what_they_must_not_have),
        cmocka_unit_test(takes_over_what_belongs_to_somebody_else),
        cmocka_unit_test(says_why_it_cannot_be_taken_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
