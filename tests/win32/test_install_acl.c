/* What an installation makes of an access list that lets others write. Wine keeps those of keys as they are. */
#include "files.h"

#include "service/install_parts.h"
#include "win32/text.h"

#include <aclapi.h>
#include <sddl.h>

enum { TEXT_UNITS = 1024 };

#define KEY_PATH "SOFTWARE\\tftpd test"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_from_others_what_they_must_not_have),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
