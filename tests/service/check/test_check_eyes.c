/* link: -Wl,--wrap=__imp_GetFinalPathNameByHandleW */
/* The audit's eyes, as far as they can be shown something here. What is judged of it has a test of its own, test_check. */
#include "files.h"

#include "service/check/check_report.h"

#include <sddl.h>
#include <stdio.h>

static void reads_access_lists(void **state)
{
    static const struct {
        const wchar_t *list;
        const char *who, *sids, *right;
    } rows[] = {
        {L"D:(A;;FA;;;BA)(A;;FA;;;SY)(A;;FRFX;;;WD)(A;;FR;;;BU)", "", "", ""},
        {L"D:(A;;FA;;;WD)", "Everyone", "*S-1-1-0", "write"},
        {L"D:(A;;GW;;;BU)", "Users", "*S-1-5-32-545", "write"},
        {L"D:(A;;GA;;;AU)(A;;FR;;;WD)", "Authenticated Users", "*S-1-5-11", "write"},
        {L"D:(A;;SD;;;BG)", "Guests", "*S-1-5-32-546", "delete"},
        {L"D:(A;;WD;;;AN)", "Anonymous", "*S-1-5-7", "change its permissions"},
        {L"D:(A;;WO;;;IU)", "Interactive", "*S-1-5-4", "take it over"},
        {L"D:(A;;0x4;;;NU)", "Network", "*S-1-5-2", "append or make folders"},
        {L"D:(A;;0x40;;;BU)", "Users", "*S-1-5-32-545", "delete what is in it"},
        {L"D:(A;;FW;;;S-1-5-21-1-2-3-513)", "Domain Users", "*S-1-5-21-1-2-3-513", "write"},
        {L"D:(A;;FW;;;S-1-5-21-1-2-3-1000)", "", "", ""},
        {L"D:(A;;FW;;;BU)(A;;FA;;;WD)", "Everyone, Users", "*S-1-1-0 *S-1-5-32-545", "write"},
        {L"D:(A;OICIIO;FA;;;WD)", "", "", ""},                              /* of what is below it, not of itself */
        {L"D:(D;;FA;;;BU)(A;;FA;;;BU)", "", "", ""},                        /* refused first */
        {L"D:(D;;FA;;;WD)(A;;FA;;;BU)", "", "", ""},                        /* to everybody */
        {L"D:(A;;FA;;;BU)(D;;FA;;;BU)", "Users", "*S-1-5-32-545", "write"}, /* too late */
        {L"D:(D;;0x2;;;BU)(A;;0x6;;;BU)", "Users", "*S-1-5-32-545", "append or make folders"},
        {L"D:", "", "", ""},
        {L"O:BA", "Everyone", "*S-1-1-0", "change its permissions"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        PSECURITY_DESCRIPTOR descriptor;
        struct facts_acl acl;
        if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(rows[i].list, SDDL_REVISION_1, &descriptor, NULL)) {
            fail_msg("row %u is not an access list", (unsigned)i);
        }
        facts_acl_judge(&acl, FACTS_THING_FILE, descriptor);
        LocalFree(descriptor);
        CHECK(strcmp(acl.who, rows[i].who) == 0 && strcmp(acl.sids, rows[i].sids) == 0 &&
                  strcmp(acl.right, rows[i].right) == 0 && acl.lets_write == (rows[i].who[0] != 0),
              "row %u: %s, %s, %s", (unsigned)i, acl.who, acl.sids, acl.right);
    }
}

static void reads_access_lists_of_keys(void **state)
{
    static const struct {
        const wchar_t *list;
        const char *who, *right;
    } rows[] = {
        {L"D:(A;;KA;;;BA)(A;;KA;;;SY)(A;;KR;;;BU)", "", ""}, /* as Windows makes it */
        {L"D:(A;;KW;;;AU)", "Authenticated Users", "set values"},
        {L"D:(A;;GW;;;WD)", "Everyone", "set values"},
        {L"D:(A;;GRGX;;;WD)", "", ""},
        {L"D:(A;;0x4;;;BU)", "Users", "make keys"},
        {L"D:(A;;0x20;;;BU)", "Users", "make links"},
        {L"D:(A;;0x40;;;BU)", "", ""}, /* means something for a folder only */
        {L"D:(A;;SD;;;BG)", "Guests", "delete"},
        {L"D:(A;;WD;;;IU)", "Interactive", "change its permissions"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        PSECURITY_DESCRIPTOR descriptor;
        struct facts_acl acl;
        assert_true(
            ConvertStringSecurityDescriptorToSecurityDescriptorW(rows[i].list, SDDL_REVISION_1, &descriptor, NULL));
        facts_acl_judge(&acl, FACTS_THING_KEY, descriptor);
        LocalFree(descriptor);
        CHECK(strcmp(acl.who, rows[i].who) == 0 && strcmp(acl.right, rows[i].right) == 0, "row %u: %s, %s", (unsigned)i,
              acl.who, acl.right);
    }
}

/* With a list that the system itself has kept for a key. */
static void sees_who_may_change_a_key(void **state)
{
    static const wchar_t path[] = L"SOFTWARE\\Policies\\tftpd-eyes-test";
    static const struct {
        const wchar_t *list;
        bool lets_write;
    } rows[] = {{L"D:P(A;;KA;;;BA)(A;;KA;;;SY)(A;;KR;;;BU)", false}, {L"D:P(A;;KA;;;BA)(A;;KW;;;BU)", true}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        PSECURITY_DESCRIPTOR descriptor;
        struct facts_acl acl;
        HKEY key;
        assert_true(
            ConvertStringSecurityDescriptorToSecurityDescriptorW(rows[i].list, SDDL_REVISION_1, &descriptor, NULL));
        assert_int_equal(RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL), 0);
        assert_int_equal(RegSetKeySecurity(key, DACL_SECURITY_INFORMATION, descriptor), 0);
        facts_acl_read(&acl, FACTS_THING_KEY, key, NULL);
        RegCloseKey(key);
        RegDeleteTreeW(HKEY_LOCAL_MACHINE, path);
        LocalFree(descriptor);
        assert_int_equal(acl.error, 0);
        CHECK(acl.lets_write == rows[i].lets_write, "row %u: %s may %s", (unsigned)i, acl.who, acl.right);
    }
}

static bool lets_read(const struct facts_reader *reader, const wchar_t *list)
{
    PSECURITY_DESCRIPTOR descriptor;

    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(list, SDDL_REVISION_1, &descriptor, NULL))
        fail_msg("%ls is not an access list", list);
    bool lets = facts_acl_lets_read(reader, descriptor);
    LocalFree(descriptor);
    return lets;
}

/* The service's process may read what one of its SIDs may, by the first entry that says so. */
static void sees_what_the_service_may_read(void **state)
{
    static const struct {
        const wchar_t *list;
        bool is_readable;
    } rows[] = {
        {L"D:(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;S-1-5-21-1-2-3-1000)", false}, /* moved from Downloads */
        {L"D:AI(A;ID;FA;;;SY)(A;ID;0x1200a9;;;S-1-5-19)", true},
        {L"D:(A;;FR;;;BU)", true},
        {L"D:(A;;FR;;;WD)", true},
        {L"D:(A;;FR;;;AU)", true},
        {L"D:(A;;FR;;;SU)", true}, /* SERVICE */
        {L"D:(A;;GR;;;WD)", true},
        {L"D:(A;;GA;;;WD)", true},
        {L"D:(A;;0x1;;;WD)", true},
        {L"D:(A;;0x1200a8;;;WD)", false}, /* everything of RX but the data */
        {L"D:(A;;FW;;;WD)", false},
        {L"D:(A;;FR;;;IU)", false}, /* who sits before the machine */
        {L"D:(A;;FR;;;S-1-5-20)", false},
        {L"D:(A;OICIIO;FR;;;WD)", false}, /* of what is below it */
        {L"D:(D;;FR;;;S-1-5-19)(A;;FR;;;WD)", false},
        {L"D:(D;;FR;;;WD)(A;;FR;;;S-1-5-19)", false},
        {L"D:(A;;FR;;;WD)(D;;FR;;;S-1-5-19)", true}, /* too late */
        {L"D:(D;;FW;;;S-1-5-19)(A;;FR;;;WD)", true},
        {L"D:(D;;FR;;;S-1-5-21-1-2-3-1000)(A;;FR;;;WD)", true}, /* somebody else */
        {L"D:", false},
        {L"O:BA", true}, /* no list at all */
    };
    const struct facts_service service = {.account = "NT AUTHORITY\\LocalService"};
    struct facts_reader reader;

    (void)state;
    facts_reader_find(&reader, &service, "tftpd");
    assert_true(reader.count > 0);
    assert_false(reader.may_have_groups);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(lets_read(&reader, rows[i].list) == rows[i].is_readable, "row %u", (unsigned)i);
}

static void knows_the_accounts_of_services(void **state)
{
    static const struct {
        const char *account;
        const wchar_t *own;
        bool is_administrator;
        bool may_have_groups;
    } rows[] = {
        {"LocalSystem", L"D:(A;;FR;;;SY)", true, false},
        {"nt authority\\system", L"D:(A;;FR;;;SY)", true, false},
        {"NT AUTHORITY\\LocalService", L"D:(A;;FR;;;S-1-5-19)", false, false},
        {"NT Authority\\Local Service", L"D:(A;;FR;;;S-1-5-19)", false, false},
        {"NT AUTHORITY\\NetworkService", L"D:(A;;FR;;;S-1-5-20)", false, false},
        {"Administrator", L"D:(A;;FR;;;WD)", false, true},
        {".\\Administrator", L"D:(A;;FR;;;WD)", false, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct facts_service service = {.lacks_sid = true};
        struct facts_reader reader;
        snprintf(service.account, sizeof service.account, "%s", rows[i].account);
        facts_reader_find(&reader, &service, "tftpd");
        if (reader.count == 0 && rows[i].may_have_groups)
            continue; /* where there is no such user */
        CHECK(lets_read(&reader, rows[i].own), "row %u", (unsigned)i);
        CHECK(lets_read(&reader, L"D:(A;;FR;;;BA)") == rows[i].is_administrator, "row %u", (unsigned)i);
        CHECK(reader.may_have_groups == rows[i].may_have_groups, "row %u", (unsigned)i);
    }
}

/* Whom nobody knows is judged by nobody. */
static void leaves_an_unknown_account_alone(void **state)
{
    struct facts_service none = {.error = ERROR_ACCESS_DENIED, .account = "LocalSystem"};
    struct facts_service unknown = {.account = "NOWHERE\\nobody"};
    struct facts_reader reader;

    (void)state;
    facts_reader_find(&reader, &none, "tftpd");
    assert_int_equal(reader.count, 0);
    facts_reader_find(&reader, &unknown, "tftpd");
    assert_int_equal(reader.count, 0);
}

static void no_list_means_everybody(void **state)
{
    SECURITY_DESCRIPTOR descriptor;
    struct facts_acl acl;

    (void)state;
    InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION);
    assert_true(SetSecurityDescriptorDacl(&descriptor, TRUE, NULL, FALSE));
    facts_acl_judge(&acl, FACTS_THING_FILE, &descriptor);
    assert_true(acl.lets_write);
    assert_string_equal(acl.who, "Everyone");
}

/* An owner may give himself any right, whatever the list says. */
static void names_an_owner_who_is_nobody_to_trust(void **state)
{
    static const struct {
        const wchar_t *descriptor;
        const char *owner;
        bool is_service;
    } rows[] = {
        {L"O:BAD:(A;;FA;;;BA)", "", false},
        {L"O:SYD:(A;;FA;;;BA)", "", false},
        {L"O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464D:", "", false},
        {L"D:(A;;FA;;;BA)", "", false}, /* it was not asked for */
        {L"O:S-1-5-21-1-2-3-1234D:(A;;FA;;;BA)", "S-1-5-21-1-2-3-1234", false},
        {L"O:S-1-5-80-1-2-3-4-5D:(A;;FA;;;BA)", "S-1-5-80-1-2-3-4-5", true},
        {L"O:BUD:(A;;FA;;;BA)", "Users", false},
        {L"O:S-1-5-19D:(A;;FA;;;BA)", "", true},
        {L"O:S-1-5-20D:(A;;FA;;;BA)", "", true},
        {L"O:S-1-5-21-1-2-3-1234", "S-1-5-21-1-2-3-1234", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        PSECURITY_DESCRIPTOR descriptor;
        struct facts_acl acl;
        assert_true(ConvertStringSecurityDescriptorToSecurityDescriptorW(rows[i].descriptor, SDDL_REVISION_1,
                                                                         &descriptor, NULL));
        facts_acl_judge(&acl, FACTS_THING_FILE, descriptor);
        LocalFree(descriptor);
        CHECK(strstr(acl.owner, rows[i].owner) != NULL && acl.is_service_owned == rows[i].is_service, "row %u: %s",
              (unsigned)i, acl.owner);
        CHECK(rows[i].owner[0] != 0 || rows[i].is_service || acl.owner[0] == 0, "row %u: %s", (unsigned)i, acl.owner);
    }
}

/* In a folder above, to write or to make others is harmless: to delete, or to change its rights, is not. */
static void judges_a_folder_above(void **state)
{
    static const struct {
        const wchar_t *list;
        const char *right;
    } rows[] = {
        {L"D:(A;;FR;;;BU)(A;;0x6;;;AU)", ""}, {L"D:(A;;0x40;;;BU)", "delete what is in it"},
        {L"D:(A;;SD;;;AU)", "delete"},        {L"D:(A;;WD;;;WD)", "change its permissions"},
        {L"D:(A;;WO;;;WD)", "take it over"},  {L"D:(A;OICIIO;FA;;;AU)", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        PSECURITY_DESCRIPTOR descriptor;
        struct facts_acl acl;
        assert_true(
            ConvertStringSecurityDescriptorToSecurityDescriptorW(rows[i].list, SDDL_REVISION_1, &descriptor, NULL));
        facts_acl_judge(&acl, FACTS_THING_FOLDER, descriptor);
        LocalFree(descriptor);
        CHECK(acl.lets_write == (rows[i].right[0] != 0) && strcmp(acl.right, rows[i].right) == 0, "row %u: %s",
              (unsigned)i, acl.right);
    }
}

/* From the nearest folder up to the drive: the first one that is open is named. */
static void finds_the_folder_above_that_is_open(void **state)
{
    struct facts_above above;
    char path[FILES_PATH_MAX * 2], folder[FILES_PATH_MAX], command[FILES_PATH_MAX * 2];

    (void)state;
    snprintf(folder, sizeof folder, "%s\\open", files_directory());
    snprintf(path, sizeof path, "%s\\inner", folder);
    CreateDirectoryA(folder, NULL);
    CreateDirectoryA(path, NULL);
    facts_gather_above(&above, path, FACTS_THING_FOLDER);
    assert_string_not_equal(above.path, folder);
    snprintf(command, sizeof command, "chmod 777 '%s'", files_unix_path(folder));
    files_run_unix(command);
    facts_gather_above(&above, path, FACTS_THING_FOLDER);
    assert_string_equal(above.path, folder);
    assert_true(above.acl.lets_write);
    facts_gather_above(&above, "\\\\server\\share\\x", FACTS_THING_FOLDER);
    assert_string_equal(above.path, "");
    RemoveDirectoryA(path);
    RemoveDirectoryA(folder);
}

static void reads_an_image_path(void **state)
{
    static const struct {
        const char *command, *program, *directory;
        bool is_quoted, has_space, wants_log;
    } rows[] = {
        {"C:\\t.exe", "C:\\t.exe", "", false, false, false},
        {"\"C:\\t.exe\" -f", "C:\\t.exe", "", true, false, true},
        {"C:\\a b\\t.EXE -dD:\\x", "C:\\a b\\t.EXE", "D:\\x", false, true, false},
        {"\"C:\\a b\\t.exe\" \"-dD:\\x y\" -f", "C:\\a b\\t.exe", "D:\\x y", true, true, true},
        {"\"C:\\a b\\t.exe\" -d\"D:\\x y\\\\\" -f", "C:\\a b\\t.exe", "D:\\x y\\", true, true, true},
        {"C:\\t.exe   -d  D:\\x  -f ", "C:\\t.exe", "D:\\x", false, false, true},
        {"%SystemDrive%\\t.exe", "C:\\t.exe", "", false, false, false},
        {"tftpd -f", "tftpd", "", false, false, true},
    };
    struct config_problem problem;
    struct facts_image image;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arguments arguments = {.directory = ""};
        facts_image_read(&image, rows[i].command);
        CHECK(strcmp(image.program, rows[i].program) == 0 && image.is_quoted == rows[i].is_quoted &&
                  image.has_space == rows[i].has_space,
              "row %u: %s", (unsigned)i, image.program);
        CHECK(facts_image_arguments(&image, &arguments, &problem), "row %u: %s", (unsigned)i, problem.text);
        CHECK(strcmp(arguments.directory, rows[i].directory) == 0 && arguments.wants_log_file == rows[i].wants_log,
              "row %u: %s", (unsigned)i, arguments.directory);
    }
    struct arguments arguments = {.directory = ""};
    facts_image_read(&image, "C:\\t.exe -f -x");
    assert_false(facts_image_arguments(&image, &arguments, &problem));
    assert_non_null(strstr(problem.text, "-x is not understood"));
}

/* Only files are, and not the log, which nobody is served; an entry that says no more than the mode bits do. */
static void finds_files_that_the_service_may_not_read(void **state)
{
    static struct facts_tree tree;
    static struct facts_directory looked;
    struct facts_service service = {.account = "NT AUTHORITY\\LocalService"};
    struct facts_reader reader;
    const char *root = files_directory();
    char command[FILES_PATH_MAX * 2];

    (void)state;
    facts_reader_find(&reader, &service, "tftpd");
    CreateDirectoryA(files_path(root, "sub"), NULL);
    files_make(files_path(root, "sub\\moved"), 10, 1);
    files_make(files_path(root, "copied"), 10, 2);
    files_make(files_path(root, "tftpd.log"), 10, 3);
    snprintf(command, sizeof command,
             "cd '%s' && chmod 755 . && chmod 644 copied && chmod 600 sub/moved tftpd.log && chmod 700 sub",
             files_unix_path(root));
    files_run_unix(command);
    facts_gather_directory(&looked, root, &reader);
    assert_false(looked.acl.shuts_out);
    facts_gather_tree(&tree, looked.path, &reader);
    assert_int_equal(tree.unreadable, 1);
    assert_non_null(strstr(tree.unreadable_first, "\\sub\\moved"));
    facts_gather_tree(&tree, looked.path, NULL);
    assert_int_equal(tree.unreadable, 0);
    snprintf(command, sizeof command, "chmod 700 '%s'", files_unix_path(root));
    files_run_unix(command);
    facts_gather_directory(&looked, root, &reader);
    assert_true(looked.acl.shuts_out);
}

typedef DWORD(WINAPI *final_name)(HANDLE, WCHAR *, DWORD, DWORD);
extern final_name __real___imp_GetFinalPathNameByHandleW;
extern final_name __wrap___imp_GetFinalPathNameByHandleW;
static bool has_no_normalized_paths;

static DWORD WINAPI lab_final_name(HANDLE file, WCHAR *name, DWORD room, DWORD flags)
{
    if (!has_no_normalized_paths || flags & FILE_NAME_OPENED)
        return __real___imp_GetFinalPathNameByHandleW(file, name, room, flags & ~(DWORD)FILE_NAME_OPENED);
    SetLastError(ERROR_ACCESS_DENIED);
    return 0;
}
final_name __wrap___imp_GetFinalPathNameByHandleW = lab_final_name;

static void names_a_directory_without_a_normalized_path(void **state)
{
    static struct facts_directory looked, again;
    const char *root = files_directory();

    (void)state;
    facts_gather_directory(&looked, root, NULL);
    has_no_normalized_paths = true;
    facts_gather_directory(&again, root, NULL);
    has_no_normalized_paths = false;
    assert_string_not_equal(looked.path, "");
    assert_string_equal(again.path, looked.path);
}

static void walks_the_tree(void **state)
{
    static struct facts_tree tree;
    static struct facts_directory looked;
    const char *root = files_directory(), *outside = files_directory();
    char command[FILES_PATH_MAX];

    (void)state;
    CreateDirectoryA(files_path(root, "sub"), NULL);
    files_make(files_path(root, "sub\\a"), 10, 1);
    files_make(files_path(root, "tftpd.log"), 10, 2);
    files_make(files_path(outside, "secret"), 10, 3);
    facts_gather_directory(&looked, root, NULL);
    assert_int_equal(looked.error, 0);
    assert_true(looked.is_directory);
    facts_gather_tree(&tree, looked.path, NULL);
    assert_int_equal(tree.entries, 3);
    assert_true(tree.has_log);
    assert_int_equal(tree.writable + tree.leaving + tree.unfinished + tree.uploading + tree.unseen, 0);
    snprintf(command, sizeof command, "ln -s %s %s/sub/out", files_unix_path(files_path(outside, "secret")),
             files_unix_path(root));
    files_run_unix(command);
    snprintf(command, sizeof command, "ln -s a %s/sub/in", files_unix_path(root));
    files_run_unix(command);
    snprintf(command, sizeof command, "chmod 666 %s/sub/a %s/tftpd.log", files_unix_path(root), files_unix_path(root));
    files_run_unix(command);
    files_make(files_path(root, "sub\\~tftpd-1.part"), 10, 4);
    files_make(files_path(root, "~tftpd-2.part"), 10, 5);
    HANDLE held = CreateFileA(files_path(root, "~tftpd-2.part"), GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    facts_gather_tree(&tree, looked.path, NULL);
    CloseHandle(held);
    assert_int_equal(tree.entries, 7);
    assert_int_equal(tree.leaving, 1);
    assert_non_null(strstr(tree.leaving_first, "\\sub\\out"));
    assert_non_null(strstr(tree.leaving_target, "\\secret"));
    assert_int_equal(tree.unfinished, 1);
    assert_non_null(strstr(tree.unfinished_first, "~tftpd-1.part"));
    assert_int_equal(tree.uploading, 1);
    assert_int_equal(tree.writable, 2); /* once more through the link */
    assert_string_equal(tree.writable_acl.who, "Everyone");
    assert_true(tree.log_acl.lets_write);
    facts_gather_directory(&looked, files_path(root, "none"), NULL);
    assert_int_not_equal(looked.error, 0);
    facts_gather_directory(&looked, files_path(root, "sub\\a"), NULL);
    assert_false(looked.is_directory);
}

static void sees_who_holds_a_port(void **state)
{
    static struct facts_ports seen;
    struct sockaddr_in address = {.sin_family = AF_INET};
    int length = sizeof address;
    static struct config config;
    struct config_problem problem;
    WSADATA data;

    (void)state;
    config_defaults(&config);
    WSAStartup(MAKEWORD(2, 2), &data);
    SOCKET holder = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(holder, (struct sockaddr *)&address, sizeof address), 0);
    getsockname(holder, (struct sockaddr *)&address, &length);
    config.port = ntohs(address.sin_port);
    facts_gather_ports(&seen, &config);
    assert_int_equal(seen.error, 0);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.ports[0].port, config.port);
    assert_true(config_set_typed(&config, config_find("Addresses"), "10.9.9.9", &problem));
    facts_gather_ports(&seen, &config);
    assert_int_equal(seen.count, 1); /* it holds the port of every address */
    closesocket(holder);
    facts_gather_ports(&seen, &config);
    assert_int_equal(seen.count, 0);
}

static void tells_a_place_by_its_name(void **state)
{
    static const struct {
        const char *path;
        bool is_allowed;
        const char *words;
    } rows[] = {
        {"C:\\tftpdroot", true, ""},
        {"C:\\not\\there", true, ""},
        {"c:/not/there", true, ""},
        {"\\\\server\\images", true, ""},
        {"C:\\", false, "C:\\ is a whole drive"},
        {"c:/", false, "a whole drive"},
        {"C:\\not\\..", false, "a whole drive"},
        {"C:\\\\", false, "a whole drive"},
        {"Q:\\", false, "Q:\\ is a whole drive"},
        {"Q:\\x\\..\\", false, "Q:\\ is a whole drive"},
        {"C:\\windows", false, "%SystemRoot%"},
        {"C:\\WINDOWS\\not there", false, "%SystemRoot%"},
        {"C:\\users", false, "Users"},
        {"C:\\Program Files\\Tftpd64", false, "%ProgramFiles%"},
        {"images", false, "no whole path"},
        {"C:images", false, "no whole path"},
        {"", false, "no whole path"},
    };
    char why[CHECK_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        why[0] = 0;
        bool is_allowed = facts_allows_place(rows[i].path, why, sizeof why);
        CHECK(is_allowed == rows[i].is_allowed && strstr(why, rows[i].words) != NULL, "%s: %s", rows[i].path, why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_place_by_its_name),
        cmocka_unit_test(reads_access_lists),
        cmocka_unit_test(reads_access_lists_of_keys),
        cmocka_unit_test(sees_who_may_change_a_key),
        cmocka_unit_test(sees_what_the_service_may_read),
        cmocka_unit_test(knows_the_accounts_of_services),
        cmocka_unit_test(leaves_an_unknown_account_alone),
        cmocka_unit_test(no_list_means_everybody),
        cmocka_unit_test(names_an_owner_who_is_nobody_to_trust),
        cmocka_unit_test(judges_a_folder_above),
        cmocka_unit_test(finds_the_folder_above_that_is_open),
        cmocka_unit_test(reads_an_image_path),
        cmocka_unit_test(finds_files_that_the_service_may_not_read),
        cmocka_unit_test(walks_the_tree),
        cmocka_unit_test(sees_who_holds_a_port),
        cmocka_unit_test(names_a_directory_without_a_normalized_path),
    };

    return cmocka_run_group_tests_name("check_eyes", tests, NULL, NULL) != 0;
}
