/* link: -Wl,--wrap=__imp_OpenSCManagerW,--wrap=__imp_OpenServiceW,--wrap=__imp_CreateServiceW */
/* link: -Wl,--wrap=__imp_ChangeServiceConfigW,--wrap=__imp_ChangeServiceConfig2W,--wrap=__imp_QueryServiceConfigW */
/* link: -Wl,--wrap=__imp_QueryServiceConfig2W,--wrap=__imp_QueryServiceStatusEx,--wrap=__imp_StartServiceW */
/* link: -Wl,--wrap=__imp_ControlService,--wrap=__imp_DeleteService,--wrap=__imp_CloseServiceHandle */
/* link: -Wl,--wrap=__imp_EnumServicesStatusExW,--wrap=__imp_CheckTokenMembership,--wrap=__imp_CreateProcessW */
/* link: -Wl,--wrap=__imp_GetExitCodeProcess,--wrap=__imp_GetProcAddress,--wrap=__imp_FindResourceW */
/* link: -Wl,--wrap=__imp_LoadResource,--wrap=__imp_LockResource,--wrap=__imp_SizeofResource,--wrap=__imp_Sleep */
/* link: -Wl,--wrap=__imp_GetTickCount64,--wrap=__imp_LookupAccountNameW,--wrap=LsaOpenPolicy */
/* link: -Wl,--wrap=LsaEnumerateAccountRights,--wrap=LsaAddAccountRights,--wrap=LsaClose */
/* link: -Wl,--wrap=LsaFreeMemory,--wrap=__imp_GetDriveTypeW,--wrap=__imp_GetFinalPathNameByHandleW */
/* link: -Wl,--wrap=__imp_GetConsoleProcessList,--wrap=__imp_FreeConsole,--wrap=__imp_OpenProcess,--wrap=facts_gather_above */
/*
 * `tftpd install` and `uninstall` with a Service Control Manager of our own and tools that do what they are told, or fail:
 * what Wine lacks of both. The registry is the real one of this sandbox.
 */
#include "install_lab.h"

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
    assert_int_equal(fake.tool_count, 3);
    assert_tool(0, NETSH "add rule name=\"tftpd\" dir=in action=allow protocol=UDP program=\"", program);
    assert_tool(1,
                NETSH "add rule name=\"tftpd boot\" dir=in action=block protocol=UDP localport=67,547,4011 "
                      "profile=public program=\"",
                program);
    assert_tool(2, "\"C:\\windows\\system32\\lodctr.exe\" /m:\"", manifest_path());
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
    assert_said("already so boot firewall");
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
    assert_int_equal(fake.tool_count, 3);
    assert_tool(0, "\"C:\\windows\\system32\\unlodctr.exe\" /m:\"", manifest_path());
    assert_tool(1, NETSH "delete rule name=\"tftpd boot\" dir=in protocol=UDP program=\"", program);
    assert_tool(2, NETSH "delete rule name=\"tftpd\" dir=in protocol=UDP program=\"", program);
    assert_false(files_exist(manifest_path()));
    assert_false(has_key(L"" SERVICES "tftpd"));
    assert_false(has_key(L"" SERVICES "EventLog\\Application\\tftpd"));
    assert_true(files_exist(folder));
}

/* However many services there are; and where the system does not say. */
static void leaves_counters_to_another_service(void **state)
{
    (void)state;
    for (DWORD error = 0; error <= ERROR_ACCESS_DENIED; error += ERROR_ACCESS_DENIED) {
        reset(NULL);
        assert_int_equal(INSTALL(NULL), EXIT_OK);
        fake.tool_count = 0;
        fake.has_sibling = error == 0;
        fake.enumerate_error = error;
        assert_int_equal(UNINSTALL(NULL), EXIT_OK);
        assert_int_equal(fake.tool_count, 2);
        assert_said("left out   counters - they stay");
        assert_true(files_exist(manifest_path()));
    }
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
    assert_int_equal(manifest_told(fake.tools[fake.tool_count - 1]), 0);
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
    assert_said("FAILED     boot firewall - could not be done");
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

static DWORD WINAPI end_later(void *event)
{
    SleepEx(300, FALSE);
    SetEvent(event);
    return 0;
}

/* Only then can its program be replaced. */
static void waits_until_the_process_has_ended(void **state)
{
    (void)state;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    fake.process = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, end_later, fake.process, 0, NULL);
    assert_int_equal(UNINSTALL("--only-stop", NULL), EXIT_OK);
    assert_int_equal(WaitForSingleObject(fake.process, 0), WAIT_OBJECT_0);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    CloseHandle(fake.process);
}

/* An upgrade waits for transfers as long as the service itself does. */
static void only_stops_it(void **state)
{
    static const DWORD drain_s = 600;

    (void)state;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, L"" SERVICES "tftpd\\Parameters", L"DrainSeconds", REG_DWORD, &drain_s,
                    sizeof drain_s);
    fake.tool_count = 0;
    fake.changes = 0;
    fake.stop_takes_ms = 599 * 1000;
    assert_int_equal(UNINSTALL("--only-stop", NULL), EXIT_OK);
    assert_said("done       start - tftpd does not run");
    assert_said("tftpd is stopped; nothing was taken away");
    assert_int_equal(fake.state, SERVICE_STOPPED);
    assert_true(fake.exists && has_key(L"" SERVICES "tftpd\\Parameters"));
    assert_int_equal(fake.tool_count + fake.changes, 0);
    assert_int_equal(UNINSTALL("--only-stop", NULL), EXIT_OK);
    assert_said("already so start");
    fake.state = SERVICE_RUNNING;
    fake.stop_takes_ms = 700 * 1000;
    assert_int_equal(UNINSTALL("--only-stop", NULL), EXIT_UNINSTALL_STOP);
    /* Somebody else has asked for it. */
    assert_int_equal(fake.state, SERVICE_STOP_PENDING);
    fake.stop_error = ERROR_SERVICE_CANNOT_ACCEPT_CTRL;
    assert_int_equal(UNINSTALL("--only-stop", NULL), EXIT_OK);
    assert_int_equal(fake.state, SERVICE_STOPPED);
    assert_int_equal(INSTALL("--only-stop", NULL), EXIT_USAGE);
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

static void set_directory(const wchar_t *path)
{
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, L"" SERVICES "tftpd\\Parameters", L"Directory", REG_EXPAND_SZ, path,
                    (DWORD)(wcslen(path) + 1) * 2);
}

/* A domain keeps its password; that it may log on as a service nobody has said yet. */
static void takes_a_managed_account(void **state)
{
    (void)state;
    int code = INSTALL("--account", "CORP\\boot$", NULL);
    CHECK(code == EXIT_OK, "%d: %s", code, said);
    assert_wide(fake.account, "CORP\\boot$");
    assert_false(fake.was_given_password);
    assert_true(fake.may_log_on);
    assert_said("done       logon right - CORP\\boot$ may log on as a service");
    assert_int_equal(INSTALL("--account", "CORP\\boot$", NULL), EXIT_OK);
    assert_said("already so logon right");
    assert_false(fake.was_given_account);
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    assert_wide(fake.account, "CORP\\boot$");
    CHECK(strstr(said, "logon right") == NULL, "%s", said);
    reset(NULL);
    fake.logon_status = (LONG)0xC0000022; /* STATUS_ACCESS_DENIED */
    assert_int_equal(INSTALL("--account", "CORP\\boot$", NULL), EXIT_INSTALL_SETTING);
    assert_said("FAILED     logon right - could not be done: ");
    assert_said("do it with: secpol.msc");
    reset(NULL);
    assert_int_equal(INSTALL("--account", "CORP\\nobody$", NULL), EXIT_USAGE);
    assert_said("the account CORP\\nobody$ is not known here: ");
    assert_said("; nothing was changed");
    assert_int_equal(fake.changes, 0);
}

static void names_no_password_where_there_is_none(void **state)
{
    static const struct {
        const char *account;
        bool is_systems;
    } rows[] = {{"localservice", true}, {"NetworkService", true}, {"SYSTEM", true}, {"NT SERVICE\\tftpd", false}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        reset(NULL);
        assert_int_equal(INSTALL("--account", rows[i].account, NULL), EXIT_OK);
        CHECK(fake.was_given_password == rows[i].is_systems, "%s is made with%s", rows[i].account,
              fake.was_given_password ? "" : "out");
        make_by_hand(program, L".\\tftp");
        fake.was_given_password = false;
        assert_int_equal(INSTALL("--account", rows[i].account, NULL), EXIT_OK);
        assert_true(fake.was_given_account);
        CHECK(fake.was_given_password == rows[i].is_systems, "%s is set with%s", rows[i].account,
              fake.was_given_password ? "" : "out");
    }
}

static void takes_no_account_with_a_password(void **state)
{
    static const char *const accounts[] = {"CORP\\boot", ".\\tftp", "tftp", "boot@corp.example"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(accounts); i++) {
        assert_int_equal(INSTALL("--account", accounts[i], NULL), EXIT_USAGE);
        assert_said("has a password, and none can be given here. Install without --account, then set account and "
                    "password in Services (tftpd, Log On)");
        assert_int_equal(fake.changes, 0);
    }
    make_by_hand(program, L"CORP\\boot");
    assert_int_equal(INSTALL("--account", "corp\\BOOT", NULL), EXIT_OK);
    assert_false(fake.was_given_account || fake.was_given_password);
}

#define ON_SHARE \
    "is on a share, and LocalService is nobody to other machines. Add --account \"NT AUTHORITY\\NetworkService\""

/* However it is spelt, and wherever a link leads to. */
static void local_service_serves_no_share(void **state)
{
    static const char *const roots[] = {"\\\\server\\images", "\\\\?\\UNC\\server\\images", "%IMAGES%\\boot",
                                        "M:\\images"};

    (void)state;
    SetEnvironmentVariableW(L"IMAGES", L"\\\\server\\images");
    for (size_t i = 0; i < COUNT_OF(roots); i++) {
        int code = run(install_run, "--root", roots[i], NULL);
        CHECK(code == EXIT_INSTALL_DIRECTORY, "%s gave %d: %s", roots[i], code, said);
        assert_said(ON_SHARE);
        assert_said("DOMAIN\\name$; nothing was changed");
        assert_int_equal(fake.changes, 0);
    }
    assert_true(CreateDirectoryA(folder, NULL));
    fake.final = L"\\\\?\\UNC\\server\\images";
    assert_int_equal(INSTALL(NULL), EXIT_INSTALL_DIRECTORY);
    assert_said(ON_SHARE);
    assert_int_equal(INSTALL("--account", "NT AUTHORITY\\NetworkService", NULL), EXIT_OK);
    assert_wide(fake.account, "NT AUTHORITY\\NetworkService");
    assert_said("left out   its rights - it is on a share");
    RemoveDirectoryA(folder);
}

/* To other machines LocalSystem is this machine; so is who comes in its place. */
static void stays_who_it_was_to_other_machines(void **state)
{
    (void)state;
    make_by_hand(program, L"LocalSystem");
    set_directory(L"\\\\server\\images");
    assert_int_equal(run(install_run, NULL), EXIT_INSTALL_DIRECTORY);
    assert_said("FAILED     start directory");
    assert_wide(fake.account, "NT AUTHORITY\\NetworkService");
    assert_int_equal(run(install_run, "--account", "LocalService", NULL), EXIT_INSTALL_DIRECTORY);
    assert_said(ON_SHARE);
    /* A server may let anybody in: what served before goes on. */
    wcscpy(fake.account, L"NT AUTHORITY\\Local Service");
    run(install_run, "--root", "\\\\other\\one", NULL);
    assert_said("already so service");
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"" SERVICES "tftpd\\Parameters");
    assert_int_equal(run(install_run, "--root", "\\\\other\\one", NULL), EXIT_INSTALL_DIRECTORY);
    assert_said(ON_SHARE);
    assert_false(facts_is_on_share("\\\\?\\C:\\windows"));
    assert_false(facts_is_on_share("C:\\windows"));
}

/* lodctr of Windows 8.1 may know the older form of manifest only, and its unlodctr too. */
static void registers_counters_with_older_systems(void **state)
{
    (void)state;
    fake.is_lodctr_older = true;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    assert_said("done       counters");
    assert_int_equal(fake.tool_count, 4);
    assert_tool(2, "\"C:\\windows\\system32\\lodctr.exe\" /m:\"", manifest_path());
    assert_tool(3, "\"C:\\windows\\system32\\lodctr.exe\" /m:\"", manifest_path());
    assert_int_equal(manifest_told(fake.tools[3]), 1);
    fake.tool_count = 0;
    assert_int_equal(UNINSTALL(NULL), EXIT_OK);
    assert_int_equal(fake.tool_count, 4);
    assert_tool(0, "\"C:\\windows\\system32\\unlodctr.exe\" /m:\"", manifest_path());
    assert_string_equal(fake.tools[1], "\"C:\\windows\\system32\\unlodctr.exe\" /g:" COUNTER_PROVIDER_TEXT);
    assert_said("done       counters");
}

/* Windows Installer gives each of its commands a console, whose window is shown. */
static void shows_no_window_of_an_installer(void **state)
{
    (void)state;
    for (fake.attached = 0; fake.attached <= 2; fake.attached++) {
        fake.has_left_console = false;
        assert_int_equal(INSTALL("--lenient", NULL), EXIT_OK);
        assert_int_equal(fake.has_left_console, fake.attached == 1);
        assert_int_equal(UNINSTALL("--only-stop", NULL), EXIT_OK);
        assert_int_equal(fake.has_left_console, fake.attached == 1);
    }
    fake.attached = 1;
    fake.has_left_console = false;
    assert_int_equal(INSTALL(NULL), EXIT_OK);
    assert_false(fake.has_left_console);
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
        cmocka_unit_test_setup(only_stops_it, reset),
        cmocka_unit_test_setup(waits_until_the_process_has_ended, reset),
        cmocka_unit_test_setup(wants_an_administrator, reset),
        cmocka_unit_test_setup(keeps_an_account_and_its_password, reset),
        cmocka_unit_test_setup(takes_a_managed_account, reset),
        cmocka_unit_test_setup(names_no_password_where_there_is_none, reset),
        cmocka_unit_test_setup(takes_no_account_with_a_password, reset),
        cmocka_unit_test_setup(local_service_serves_no_share, reset),
        cmocka_unit_test_setup(stays_who_it_was_to_other_machines, reset),
        cmocka_unit_test_setup(registers_counters_with_older_systems, reset),
        cmocka_unit_test_setup(shows_no_window_of_an_installer, reset),
        cmocka_unit_test_setup(takes_nobody_elses_service, reset),
        cmocka_unit_test_setup(refuses_what_it_does_not_understand, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
