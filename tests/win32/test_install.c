/* link: -Wl,--wrap=__imp_OpenSCManagerW,--wrap=__imp_OpenServiceW,--wrap=__imp_CreateServiceW */
/* link: -Wl,--wrap=__imp_ChangeServiceConfigW,--wrap=__imp_ChangeServiceConfig2W,--wrap=__imp_QueryServiceConfigW */
/* link: -Wl,--wrap=__imp_QueryServiceConfig2W,--wrap=__imp_QueryServiceStatusEx,--wrap=__imp_StartServiceW */
/* link: -Wl,--wrap=__imp_ControlService,--wrap=__imp_DeleteService,--wrap=__imp_CloseServiceHandle */
/* link: -Wl,--wrap=__imp_EnumServicesStatusExW,--wrap=__imp_CheckTokenMembership,--wrap=__imp_CreateProcessW */
/* link: -Wl,--wrap=__imp_GetExitCodeProcess,--wrap=__imp_GetProcAddress,--wrap=__imp_FindResourceW */
/* link: -Wl,--wrap=__imp_LoadResource,--wrap=__imp_LockResource,--wrap=__imp_SizeofResource,--wrap=__imp_Sleep */
/* link: -Wl,--wrap=check_gather_above */
/*
 * `tftpd install` and `uninstall` with a Service Control Manager of our own and tools that do what they are told, or fail:
 * what Wine lacks of both. The registry is the real one of this sandbox.
 */
#include "fake_system.h"

#include "service/install.h"
#include "service/install_parts.h"

enum { SAID_MAX = 32768 };

#define OTHER "C:\\windows\\system32\\kernel32.dll" /* some program that is there */

static char said[SAID_MAX], folder[TEXT_UNITS];

/* Wherever these tests lie, nobody may change the folders above; or Users may. */
static bool is_open_above;

void __wrap_check_gather_above(struct check_above *above, const char *path, enum check_thing nearest);
void __wrap_check_gather_above(struct check_above *above, const char *path, enum check_thing nearest)
{
    assert_string_equal(path, program);
    assert_int_equal(nearest, CHECK_THING_FILE);
    memset(above, 0, sizeof *above);
    if (is_open_above)
        *above = (struct check_above){.acl = {.lets_write = true, .who = "Users", .right = "delete what is in it"},
                                      .path = "C:\\tools"};
}

static const char *manifest_path(void)
{
    static char path[TEXT_UNITS];

    snprintf(path, sizeof path, "%.*s\\tftpd-counters.man", (int)(strrchr(program, '\\') - program), program);
    return path;
}

static int reset(void **state)
{
    static const wchar_t *const keys[] = {FIREWALL, PROVIDERS};
    wchar_t wide[TEXT_UNITS];
    HKEY key;

    (void)state;
    memset(&fake, 0, sizeof fake);
    is_open_above = false;
    fake.state = SERVICE_STOPPED;
    GetModuleFileNameW(NULL, wide, TEXT_UNITS);
    text_from_wide(wide, program, sizeof program);
    snprintf(folder, sizeof folder, "%s\\images", files_directory());
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"" SERVICES "tftpd");
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"" SERVICES "EventLog\\Application\\tftpd");
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        RegDeleteTreeW(HKEY_LOCAL_MACHINE, keys[i]);
        RegCreateKeyExW(HKEY_LOCAL_MACHINE, keys[i], 0, NULL, 0, KEY_READ, NULL, &key, NULL);
        RegCloseKey(key);
    }
    DeleteFileA(manifest_path());
    return 0;
}

/* Runs the verb; what it writes to either stream is in said. */
static int run(int (*verb)(char **words), ...)
{
    const char *path = files_path(files_directory(), "said.txt");
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, FALSE};
    HANDLE before[] = {GetStdHandle(STD_OUTPUT_HANDLE), GetStdHandle(STD_ERROR_HANDLE)};
    HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, &inherited, CREATE_ALWAYS, 0, NULL);
    char *words[16];
    size_t count = 0;
    DWORD size = 0;
    va_list list;

    va_start(list, verb);
    do {
        words[count] = va_arg(list, char *);
    } while (words[count++] != NULL);
    va_end(list);
    SetStdHandle(STD_OUTPUT_HANDLE, file);
    SetStdHandle(STD_ERROR_HANDLE, file);
    int code = verb(words);
    SetStdHandle(STD_OUTPUT_HANDLE, before[0]);
    SetStdHandle(STD_ERROR_HANDLE, before[1]);
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    ReadFile(file, said, SAID_MAX - 1, &size, NULL);
    said[size] = 0;
    CloseHandle(file);
    return code;
}

/* Their words, NULL at the end. */
#define INSTALL(...)   run(install_run, "--root", folder, __VA_ARGS__)
#define UNINSTALL(...) run(uninstall_run, __VA_ARGS__)

static void assert_said(const char *text)
{
    CHECK(strstr(said, text) != NULL, "\"%s\" is not in:\n%s", text, said);
}

static void assert_wide(const wchar_t *text, const char *wanted)
{
    char narrow[TEXT_UNITS];

    text_from_wide(text, narrow, sizeof narrow);
    assert_string_equal(narrow, wanted);
}

/* The command line is begin, the path, and a quotation mark. */
static void assert_tool(size_t index, const char *begin, const char *path)
{
    char wanted[TEXT_UNITS];

    snprintf(wanted, sizeof wanted, "%s%s\"", begin, path);
    CHECK(index < fake.tool_count, "only %zu tools ran", fake.tool_count);
    assert_string_equal(fake.tools[index], wanted);
}

static bool has_key(const wchar_t *path)
{
    HKEY key;
    bool is_there = RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ, &key) == 0;

    if (is_there)
        RegCloseKey(key);
    return is_there;
}

static void make_by_hand(const char *image, const wchar_t *account)
{
    fake.exists = true;
    fake.start = SERVICE_AUTO_START;
    text_to_wide(image, fake.image, TEXT_UNITS);
    wcscpy(fake.account, account);
    wcscpy(fake.shown, L"tftpd");
}

#define NETSH "\"C:\\windows\\system32\\netsh.exe\" advfirewall firewall "

static void does_all_of_it(void **state)
{
    char quoted[TEXT_UNITS + 2];

    (void)state;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    snprintf(quoted, sizeof quoted, "\"%s\"", program);
    assert_wide(fake.image, quoted);
    assert_wide(fake.account, "NT AUTHORITY\\LocalService");
    assert_wide(fake.shown, "TFTP Server (tftpd)");
    assert_true(fake.description[0] != 0);
    assert_int_equal(fake.start, SERVICE_AUTO_START);
    assert_true(fake.is_delayed && fake.has_flag);
    assert_int_equal(fake.action_count, 3);
    assert_int_equal(fake.reset_s, 86400);
    for (size_t i = 0; i < 3; i++) {
        static const DWORD delays_ms[] = {5000, 10000, 60000};
        assert_int_equal(fake.actions[i].Type, SC_ACTION_RESTART);
        assert_int_equal(fake.actions[i].Delay, delays_ms[i]);
    }
    assert_int_equal(fake.sid_type, SERVICE_SID_TYPE_UNRESTRICTED);
    assert_memory_equal(fake.privileges, L"SeChangeNotifyPrivilege\0", sizeof L"SeChangeNotifyPrivilege\0");
    assert_int_equal(fake.state, SERVICE_RUNNING);
    assert_int_equal(fake.tool_count, 2);
    assert_tool(0, NETSH "add rule name=\"tftpd\" dir=in action=allow protocol=UDP program=\"", program);
    assert_tool(1, "\"C:\\windows\\system32\\lodctr.exe\" /m:\"", manifest_path());
    assert_wide(fake.tool_program, "C:\\windows\\system32\\lodctr.exe");
    assert_true(files_exist(manifest_path()));
    assert_true(files_exist(folder));
}

static void changes_nothing_the_second_time(void **state)
{
    (void)state;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    fake.changes = 0;
    fake.tool_count = 0;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    assert_int_equal(fake.changes, 0);
    assert_int_equal(fake.tool_count, 0);
    CHECK(strstr(said, "done ") == NULL, "%s", said);
    assert_said("already so recovery");
    assert_said("already so firewall");
    assert_said("already so their rights");
}

static void takes_all_of_it_away(void **state)
{
    (void)state;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    fake.tool_count = 0;
    assert_int_equal(UNINSTALL(NULL), EXIT_OK);
    assert_false(fake.exists);
    assert_int_equal(fake.state, SERVICE_STOPPED);
    assert_int_equal(fake.tool_count, 2);
    assert_tool(0, "\"C:\\windows\\system32\\unlodctr.exe\" /m:\"", manifest_path());
    assert_tool(1, NETSH "delete rule name=\"tftpd\" dir=in protocol=UDP program=\"", program);
    assert_false(files_exist(manifest_path()));
    assert_false(has_key(L"" SERVICES "tftpd"));
    assert_false(has_key(L"" SERVICES "EventLog\\Application\\tftpd"));
    assert_true(files_exist(folder));
}

static void leaves_counters_to_another_service(void **state)
{
    (void)state;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    fake.tool_count = 0;
    fake.has_sibling = true;
    assert_int_equal(UNINSTALL(NULL), EXIT_OK);
    assert_int_equal(fake.tool_count, 1);
    assert_said("left out   counters - they stay");
    assert_true(files_exist(manifest_path()));
}

static void tells_each_failure_and_goes_on(void **state)
{
    (void)state;
    fake.tool_code = 1;
    assert_int_equal(INSTALL(NULL), EXIT_INSTALL_FIREWALL);
    assert_said(
        "FAILED     firewall - could not be done: C:\\windows\\system32\\netsh.exe ended with code 1 - do it with: "
        "\"C:\\windows\\system32\\netsh.exe\" advfirewall firewall add rule name=\"tftpd\"");
    assert_said("FAILED     counters - could not be done: C:\\windows\\system32\\lodctr.exe ended with code 1");
    assert_said("done       start");
    assert_said("exit code 37");
    fake.tool_code = 0;
    fake.is_tool_idle = true;
    assert_int_equal(INSTALL(NULL), EXIT_INSTALL_FIREWALL);
    assert_said("firewall - could not be done: it was done without an error, and yet nothing changed");
    fake.tool_error = ERROR_FILE_NOT_FOUND;
    assert_int_equal(INSTALL("--firewall", "off", NULL), EXIT_INSTALL_COUNTERS);
    assert_said("counters - could not be done: ");
    fake.tool_error = 0;
    fake.is_tool_idle = false;
    fake.sid_type = 0;
    fake.sid_error = ERROR_ACCESS_DENIED;
    assert_int_equal(INSTALL(NULL), EXIT_INSTALL_SETTING);
    assert_said("do it with: sc sidtype \"tftpd\" unrestricted");
    assert_said("done       counters");
    fake.sid_error = ERROR_INVALID_LEVEL;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    assert_said("left out   service SID");
}

static void an_installer_gets_by_without_firewall_and_counters(void **state)
{
    (void)state;
    fake.tool_code = 1;
    assert_int_equal(INSTALL("--lenient", NULL), EXIT_OK);
    assert_said("FAILED     firewall - could not be done");
    assert_said("FAILED     counters - could not be done");
    assert_int_equal(UNINSTALL("--lenient", NULL), EXIT_USAGE);
}

static void without_a_service_nothing_follows(void **state)
{
    (void)state;
    fake.create_error = ERROR_ACCESS_DENIED;
    assert_int_equal(INSTALL(NULL), EXIT_INSTALL_SERVICE);
    assert_said("do it with: sc create \"tftpd\" binPath= \"\\\"");
    assert_false(has_key(L"" SERVICES "tftpd"));
    assert_false(files_exist(folder));
    assert_int_equal(fake.tool_count, 0);
}

static void tells_why_it_does_not_start(void **state)
{
    (void)state;
    fake.exit_code = SERVER_FAILED_PORT_TAKEN;
    assert_int_equal(INSTALL(NULL), EXIT_INSTALL_START);
    assert_said("FAILED     start - could not be done: it ended at once with exit code 12");
}

static void what_does_not_stop_stays_whole(void **state)
{
    (void)state;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    fake.tool_count = 0;
    fake.stop_error = ERROR_SERVICE_CANNOT_ACCEPT_CTRL;
    assert_int_equal(UNINSTALL(NULL), EXIT_UNINSTALL_STOP);
    assert_true(has_key(L"" SERVICES "tftpd\\Parameters"));
    assert_int_equal(fake.tool_count, 0);
    fake.stop_error = 0;
    fake.delete_error = ERROR_SERVICE_MARKED_FOR_DELETE;
    assert_int_equal(UNINSTALL(NULL), EXIT_UNINSTALL_SERVICE);
    assert_said("it is marked for deletion");
}

static void wants_an_administrator(void **state)
{
    (void)state;
    fake.is_nobody = true;
    assert_int_equal(INSTALL(NULL), EXIT_INSTALL_RIGHTS);
    assert_said("Run as administrator");
    assert_int_equal(UNINSTALL(NULL), EXIT_INSTALL_RIGHTS);
    assert_int_equal(fake.changes, 0);
    assert_int_equal(INSTALL("--dry-run", NULL), EXIT_OK);
    assert_int_equal(fake.changes + fake.tool_count, 0);
}

static void keeps_an_account_and_its_password(void **state)
{
    char image[TEXT_UNITS + 8];

    (void)state;
    snprintf(image, sizeof image, "%s -f", program);
    make_by_hand(image, L".\\tftp");
    fake.action_count = 1;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    snprintf(image, sizeof image, "\"%s\" -f", program);
    assert_wide(fake.image, image);
    assert_wide(fake.account, ".\\tftp");
    assert_false(fake.was_given_account || fake.was_given_password);
    assert_false(fake.is_delayed);
    assert_int_equal(fake.action_count, 1);
    assert_int_equal(fake.reset_s, 0);
    assert_int_equal(INSTALL("--account", "LocalService", "--start=delayed", NULL), EXIT_OK);
    assert_wide(fake.account, "NT AUTHORITY\\LocalService");
    assert_true(fake.is_delayed);
}

static void takes_nobody_elses_service(void **state)
{
    (void)state;
    make_by_hand(OTHER, L"LocalSystem");
    assert_int_equal(INSTALL(NULL), EXIT_INSTALL_PROGRAM);
    assert_said("is another program's, " OTHER);
    assert_int_equal(UNINSTALL(NULL), EXIT_INSTALL_PROGRAM);
    fake.is_version_newer = true;
    version.info.dwFileVersionMS = 99u << 16;
    assert_int_equal(INSTALL(NULL), EXIT_INSTALL_PROGRAM);
    assert_said("runs version 99.0.0");
    assert_int_equal(fake.changes, 0);
    version.info.dwFileVersionMS = 0;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    assert_said("it ran " OTHER);
    /* A program that is gone is nobody's. */
    reset(NULL);
    make_by_hand("C:\\gone\\tftpd.exe", L"LocalSystem");
    assert_int_equal(INSTALL(NULL), EXIT_OK);
}

static void refuses_what_it_does_not_understand(void **state)
{
    static const char *const wrong[][2] = {
        {"--fast", NULL},          {"--root", NULL},         {"--start", "now"},
        {"--firewall", "perhaps"}, {"--name", "a\\b"},       {"--name=", NULL},
        {"--account", "a\"b"},     {"--keep-service", NULL}, {"--masters", "10.0.0.0/99"},
        {"--root", "C:\\a\"b"},    {"--name", "a\nb"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        int code = run(install_run, wrong[i][0], wrong[i][1], NULL);
        CHECK(code == EXIT_USAGE, "%s gave %d: %s", wrong[i][0], code, said);
    }
    assert_int_equal(UNINSTALL("--root", "C:\\x", NULL), EXIT_USAGE);
    assert_int_equal(fake.changes, 0);
    /* An installer hands over what it was not told as nothing, and directories with a backslash. */
    strcat(folder, "\\.");
    assert_int_equal(INSTALL("--masters=", "--account=", "--start", "", "--firewall", "", NULL), EXIT_OK);
    assert_said("images, Masters \"\"");
}

static void installs_from_no_folder_that_others_may_change(void **state)
{
    (void)state;
    is_open_above = true;
    assert_int_equal(INSTALL(NULL), EXIT_INSTALL_PROGRAM);
    assert_said("Users may delete what is in it in C:\\tools, and so run anything as the service; nothing was changed");
    assert_false(fake.exists);
}

/* While Windows boots, or another installer works: each call is made again, and each succeeds in the end. */
static void waits_for_a_locked_database(void **state)
{
    (void)state;
    fake.locked_times = 2;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    assert_null(strstr(said, "FAILED"));
    assert_int_equal(fake.state, SERVICE_RUNNING);
    assert_in_range(fake.slept_ms, 1000, INSTALL_LOCKED_MS);
    fake.start = SERVICE_DISABLED;
    assert_int_equal(INSTALL("--start", "auto", NULL), EXIT_OK);
    assert_int_equal(fake.start, SERVICE_AUTO_START);
    assert_int_equal(UNINSTALL(NULL), EXIT_OK);
    assert_false(fake.exists);
}

static void does_not_wait_for_it_for_ever(void **state)
{
    (void)state;
    fake.locked_times = 1000000;
    assert_int_equal(INSTALL(NULL), EXIT_INSTALL_SERVICE);
    assert_said("FAILED     service");
    assert_said("Windows is still starting, or another installer is at work; try again in a minute");
    assert_in_range(fake.slept_ms, INSTALL_LOCKED_MS, INSTALL_LOCKED_MS + 2000);
    make_by_hand("C:\\tftpd\\tftpd.exe", L"LocalSystem");
    fake.slept_ms = 0;
    assert_int_equal(INSTALL(NULL), EXIT_INSTALL_SERVICE);
    assert_in_range(fake.slept_ms, INSTALL_LOCKED_MS, INSTALL_LOCKED_MS + 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(does_all_of_it, reset),
        cmocka_unit_test_setup(changes_nothing_the_second_time, reset),
        cmocka_unit_test_setup(installs_from_no_folder_that_others_may_change, reset),
        cmocka_unit_test_setup(waits_for_a_locked_database, reset),
        cmocka_unit_test_setup(does_not_wait_for_it_for_ever, reset),
        cmocka_unit_test_setup(takes_all_of_it_away, reset),
        cmocka_unit_test_setup(leaves_counters_to_another_service, reset),
        cmocka_unit_test_setup(tells_each_failure_and_goes_on, reset),
        cmocka_unit_test_setup(an_installer_gets_by_without_firewall_and_counters, reset),
        cmocka_unit_test_setup(without_a_service_nothing_follows, reset),
        cmocka_unit_test_setup(tells_why_it_does_not_start, reset),
        cmocka_unit_test_setup(what_does_not_stop_stays_whole, reset),
        cmocka_unit_test_setup(wants_an_administrator, reset),
        cmocka_unit_test_setup(keeps_an_account_and_its_password, reset),
        cmocka_unit_test_setup(takes_nobody_elses_service, reset),
        cmocka_unit_test_setup(refuses_what_it_does_not_understand, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
