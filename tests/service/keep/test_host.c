/* link: -Wl,--wrap=lockdown_process,--wrap=watch_arm,--wrap=journal_open,--wrap=__imp_ReportEventW */
/* link: -Wl,--wrap=settings_create */
/*
 * What the host tells when Windows does not play along, which under Wine it always does: events 113, 117, 119 and 125, as they
 * reach the event log.
 */
#include "files.h"

#include "service/keep/host_parts.h"
#include "service/pipe/pipe_client.h"
#include "win32/system/lockdown.h"

#include <stdio.h>
#include <wchar.h>

enum { TOLD_MAX = 64 };

#define KEY    "SYSTEM\\CurrentControlSet\\Services\\tftpd-test-host"
#define POLICY "SOFTWARE\\Policies\\tftpd-test-host"

static bool locks_down, is_old, is_verbose, arms, has_memory, has_settings;

/* What was told, by the number in the event log, and its last insert. */
static struct {
    size_t count;
    DWORD ids[TOLD_MAX];
    wchar_t last[TOLD_MAX][EVENT_DETAIL_MAX];
} told;

void __wrap_lockdown_process(struct lockdown *result);
void __wrap_lockdown_process(struct lockdown *result)
{
    snprintf(result->refused, sizeof result->refused, "%s", locks_down ? "" : "no child processes");
    snprintf(result->unknown, sizeof result->unknown, "%s", is_old ? "System32 first" : "");
}

struct watch;
bool __wrap_watch_arm(struct watch *watch);
bool __real_watch_arm(struct watch *watch);
bool __wrap_watch_arm(struct watch *watch)
{
    return arms && __real_watch_arm(watch);
}

struct journal *__wrap_journal_open(const struct journal_sink *sinks, size_t count);
struct journal *__real_journal_open(const struct journal_sink *sinks, size_t count);
struct journal *__wrap_journal_open(const struct journal_sink *sinks, size_t count)
{
    return has_memory ? __real_journal_open(sinks, count) : NULL;
}

struct settings;
struct root;
struct settings *__wrap_settings_create(const struct config *config, struct root *root);
struct settings *__real_settings_create(const struct config *config, struct root *root);
struct settings *__wrap_settings_create(const struct config *config, struct root *root)
{
    return has_settings ? __real_settings_create(config, root) : NULL;
}

static BOOL WINAPI keep(HANDLE source, WORD type, WORD category, DWORD id, PSID user, WORD count, DWORD size,
                        LPCWSTR *strings, LPVOID data)
{
    (void)source, (void)type, (void)category, (void)user, (void)size, (void)data;
    assert_true(told.count < TOLD_MAX);
    told.ids[told.count] = id & 0xffff;
    if (count > 0)
        wcsncpy(told.last[told.count], strings[count - 1], EVENT_DETAIL_MAX - 1);
    told.count++;
    return TRUE;
}
typedef BOOL(WINAPI *report_event)(HANDLE, WORD, WORD, DWORD, PSID, WORD, DWORD, LPCWSTR *, LPVOID);
extern report_event __wrap___imp_ReportEventW;
report_event __wrap___imp_ReportEventW = keep;

/* The last insert of the event with this id, or NULL if it was not told. */
static const wchar_t *told_of(enum event_id id)
{
    for (size_t i = 0; i < told.count; i++)
        if (told.ids[i] == (DWORD)id)
            return told.last[i];
    return NULL;
}

static int reset(void **state)
{
    (void)state;
    memset(&told, 0, sizeof told);
    is_old = is_verbose = false;
    locks_down = arms = has_memory = has_settings = true;
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"" KEY);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"" POLICY);
    return 0;
}

static int start(struct host **host)
{
    static struct arguments arguments;
    static char verbose[] = "Verbose=3";
    arguments.set_count = is_verbose;
    arguments.set[0] = verbose;
    struct host_setup setup = {.service = "tftpd-test-host", .arguments = &arguments};

    snprintf(arguments.directory, sizeof arguments.directory, "%s", files_directory());
    return host_start(host, &setup);
}

static void tells_what_windows_did_not_grant(void **state)
{
    struct host *host;

    (void)state;
    locks_down = false;
    assert_int_equal(start(&host), EXIT_OK);
    host_stop(host, 0);
    assert_non_null(told_of(EVENT_LOCKDOWN_PARTIAL));
    assert_int_equal(wcscmp(told_of(EVENT_LOCKDOWN_PARTIAL), L"no child processes"), 0);
    assert_non_null(told_of(EVENT_STARTED));
}

static void says_nothing_of_what_was_granted(void **state)
{
    struct host *host;

    (void)state;
    assert_int_equal(start(&host), EXIT_OK);
    host_stop(host, 0);
    assert_null(told_of(EVENT_LOCKDOWN_PARTIAL));
    assert_non_null(told_of(EVENT_STOPPED));
}

/* Nobody can do anything about the age of a Windows. */
static void tells_in_detail_only_what_windows_is_too_old_for(void **state)
{
    struct host *host;

    (void)state;
    is_old = true;
    assert_int_equal(start(&host), EXIT_OK);
    host_stop(host, 0);
    assert_null(told_of(EVENT_LOCKDOWN_PARTIAL));
    assert_null(told_of(EVENT_LOCKDOWN_UNKNOWN));
    is_verbose = true;
    assert_int_equal(start(&host), EXIT_OK);
    host_stop(host, 0);
    assert_null(told_of(EVENT_LOCKDOWN_PARTIAL));
    assert_non_null(told_of(EVENT_LOCKDOWN_UNKNOWN));
    assert_int_equal(wcscmp(told_of(EVENT_LOCKDOWN_UNKNOWN), L"System32 first"), 0);
}

static void create_key(void)
{
    HKEY key;

    assert_int_equal(RegCreateKeyExW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Services\\tftpd-test-host", 0,
                                     NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL),
                     ERROR_SUCCESS);
    RegCloseKey(key);
}

/* Whatever comes: an event, and the host goes on until it is asked. */
static DWORD WINAPI change_and_ask(void *asked)
{
    DWORD value = 3;
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Services\\tftpd-test-host", 0, KEY_SET_VALUE,
                      &key) == ERROR_SUCCESS) {
        RegSetValueExW(key, L"Changed", 0, REG_DWORD, (const BYTE *)&value, sizeof value);
        RegCloseKey(key);
    }
    for (int i = 0; i < PATIENCE_MS / 10 && told_of(EVENT_WATCH_LOST) == NULL; i++)
        Sleep(10);
    SetEvent(asked);
    return 0;
}

static void tells_that_changes_are_no_longer_noticed(void **state)
{
    struct host *host;
    HANDLE asked = CreateEventW(NULL, FALSE, FALSE, NULL);

    (void)state;
    create_key();
    assert_int_equal(start(&host), EXIT_OK);
    arms = false;
    HANDLE thread = CreateThread(NULL, 0, change_and_ask, asked, 0, NULL);
    assert_int_equal(host_wait(host, asked), HOST_ASKED);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    CloseHandle(asked);
    host_stop(host, 0);
    assert_non_null(told_of(EVENT_WATCH_LOST));
}

static struct pipe_conversation conversation;

static DWORD WINAPI ask_drain(void *is_answered)
{
    *(bool *)is_answered = pipe_client_ask(&conversation, "tftpd-test-host", PIPE_DRAIN, 0);
    return 0;
}

static void ends_when_it_is_drained(void **state)
{
    struct host *host;
    bool is_answered = false;
    HANDLE never = CreateEventW(NULL, FALSE, FALSE, NULL);

    (void)state;
    assert_int_equal(start(&host), EXIT_OK);
    HANDLE thread = CreateThread(NULL, 0, ask_drain, &is_answered, 0, NULL);
    assert_int_equal(host_wait(host, never), HOST_DRAINED);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    CloseHandle(never);
    assert_true(is_answered);
    host_stop(host, 0);
    assert_non_null(told_of(EVENT_DRAINING));
}

/* The service goes on without what nobody but its administrator needs. */
static void serves_without_a_pipe(void **state)
{
    wchar_t name[PIPE_NAME_UNITS];
    struct host *host;

    (void)state;
    assert_true(pipe_name("tftpd-test-host", name));
    HANDLE other = CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1, 100, 100, 0, NULL);
    assert_true(other != INVALID_HANDLE_VALUE);
    assert_int_equal(start(&host), EXIT_OK);
    host_stop(host, 0);
    CloseHandle(other);
    assert_non_null(told_of(EVENT_STATUS_UNAVAILABLE));
}

static void tells_why_it_cannot_start_without_a_journal(void **state)
{
    struct host *host = NULL;

    (void)state;
    has_memory = false;
    assert_int_equal(start(&host), EXIT_JOURNAL);
    assert_null(host);
    assert_non_null(told_of(EVENT_START_FAILED));
    assert_non_null(wcsstr(told_of(EVENT_START_FAILED), L"no memory"));
}

/* -- reading the parameters again ---------------------------------------------------------------------------------- */

static void set_text(const char *name, const char *value)
{
    assert_int_equal(
        RegSetKeyValueA(HKEY_LOCAL_MACHINE, KEY "\\Parameters", name, REG_SZ, value, (DWORD)strlen(value) + 1),
        ERROR_SUCCESS);
}

static void set_number(const char *name, DWORD value)
{
    assert_int_equal(RegSetKeyValueA(HKEY_LOCAL_MACHINE, KEY "\\Parameters", name, REG_DWORD, &value, sizeof value),
                     ERROR_SUCCESS);
}

static struct host *start_with(const char *directory)
{
    static struct arguments none;
    struct host_setup setup = {.service = "tftpd-test-host", .arguments = &none};
    struct host *host;

    set_text("Directory", directory);
    assert_int_equal(host_start(&host, &setup), EXIT_OK);
    return host;
}

/* How often it was told since the last time somebody asked; the journal has written all of it then. */
static size_t told_again(struct host *host, enum event_id id)
{
    size_t count = 0;

    host_flush(host);
    for (size_t i = 0; i < told.count; i++)
        if (told.ids[i] == (DWORD)id) {
            count++;
            told.ids[i] = 0;
        }
    return count;
}

static const char *directory_shown(void)
{
    assert_true(pipe_client_ask(&conversation, "tftpd-test-host", PIPE_STATUS, 0));
    return conversation.reply.directory;
}

/* What cannot be opened is not served, so nobody is told that it is. */
static void names_the_directory_that_is_served(void **state)
{
    char before[CONFIG_DIRECTORY_MAX], after[CONFIG_DIRECTORY_MAX];

    (void)state;
    snprintf(before, sizeof before, "%s", files_directory());
    snprintf(after, sizeof after, "%s\\later", before);
    RemoveDirectoryA(after);
    struct host *host = start_with(before);
    set_text("Directory", after);
    for (unsigned twice = 0; twice < 2; twice++) {
        host_reload(host);
        assert_int_equal(told_again(host, EVENT_DIRECTORY_FAILED), 1);
        assert_int_equal(told_again(host, EVENT_PARAMETER_CHANGED), 0);
        assert_string_equal(directory_shown(), before);
    }
    assert_true(CreateDirectoryA(after, NULL));
    host_reload(host);
    assert_int_equal(told_again(host, EVENT_DIRECTORY_FAILED), 0);
    assert_int_equal(told_again(host, EVENT_PARAMETER_CHANGED), 1);
    assert_string_equal(directory_shown(), after);
    host_stop(host, 0);
    RemoveDirectoryA(after);
}

static void tells_once_what_waits_for_a_restart(void **state)
{
    struct host *host = start_with(files_directory());

    (void)state;
    set_number("Port", 6969);
    host_reload(host);
    assert_int_equal(told_again(host, EVENT_PARAMETER_NEEDS_RESTART), 1);
    set_number("Timeout", 7);
    host_reload(host);
    assert_int_equal(told_again(host, EVENT_PARAMETER_NEEDS_RESTART), 0);
    assert_int_equal(told_again(host, EVENT_PARAMETER_CHANGED), 1);
    set_number("Port", 6970);
    host_reload(host);
    assert_int_equal(told_again(host, EVENT_PARAMETER_NEEDS_RESTART), 1);
    set_number("Port", 69);
    host_reload(host);
    assert_int_equal(told_again(host, EVENT_PARAMETER_NEEDS_RESTART), 0);
    set_number("Port", 6970);
    host_reload(host);
    assert_int_equal(told_again(host, EVENT_PARAMETER_NEEDS_RESTART), 1);
    host_stop(host, 0);
}

/* They are kept: who wrote them is told when they are new, and not with every other change. */
static void tells_of_rules_that_match_nothing(void **state)
{
    (void)state;
    set_text("Clients", "10.1.2");
    struct host *host = start_with(files_directory());
    host_flush(host);
    assert_non_null(told_of(EVENT_PARAMETER_REJECTED));
    assert_int_equal(told_again(host, EVENT_PARAMETER_REJECTED), 1);
    set_number("Timeout", 7);
    host_reload(host);
    assert_int_equal(told_again(host, EVENT_PARAMETER_REJECTED), 0);
    set_text("Readable", "boot\\*;*.cfg");
    host_reload(host);
    assert_int_equal(told_again(host, EVENT_PARAMETER_REJECTED), 1);
    assert_int_equal(told_again(host, EVENT_PARAMETER_CHANGED), 2);
    set_text("Clients", "10.1.2.*");
    set_text("Readable", "*.*");
    host_reload(host);
    assert_int_equal(told_again(host, EVENT_PARAMETER_REJECTED), 0);
    host_stop(host, 0);
}

static void tells_that_there_was_no_memory_for_the_parameters(void **state)
{
    struct host *host = start_with(files_directory());

    (void)state;
    set_number("Timeout", 7);
    has_settings = false;
    host_reload(host);
    host_flush(host);
    assert_non_null(told_of(EVENT_PARAMETER_REJECTED));
    assert_int_equal(told_again(host, EVENT_PARAMETER_CHANGED), 0);
    has_settings = true;
    host_reload(host);
    assert_int_equal(told_again(host, EVENT_PARAMETER_CHANGED), 1);
    host_stop(host, 0);
}

/* -- policies that go ---------------------------------------------------------------------------------------------- */

static void set_policy(const char *name, DWORD value)
{
    assert_int_equal(RegSetKeyValueA(HKEY_LOCAL_MACHINE, POLICY, name, REG_DWORD, &value, sizeof value), ERROR_SUCCESS);
}

static void delete_policies(void)
{
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"" POLICY);
}

/* As Group Policy does when it is refreshed; Port is one of those that wait for a restart. */
static void does_not_believe_at_once_that_a_policy_has_gone(void **state)
{
    (void)state;
    set_policy("Timeout", 7);
    set_policy("Port", 6969);
    struct host *host = start_with(files_directory());
    for (unsigned twice = 0; twice < 2; twice++) {
        delete_policies();
        set_number("SilenceSeconds", 50 + twice);
        host_reload(host);
        assert_int_equal(told_again(host, EVENT_PARAMETER_CHANGED), 1); /* what is no policy is in force at once */
        set_policy("Timeout", 7);
        set_policy("Port", 6969);
        host_reload(host);
        assert_int_equal(told_again(host, EVENT_PARAMETER_CHANGED), 0);
        assert_int_equal(told_again(host, EVENT_PARAMETER_NEEDS_RESTART), 0);
    }
    delete_policies();
    set_policy("Timeout", 8);
    host_reload(host);
    assert_int_equal(told_again(host, EVENT_PARAMETER_CHANGED), 1);
    assert_int_equal(told_again(host, EVENT_PARAMETER_NEEDS_RESTART), 0);
    host_stop(host, 0);
}

/* Until it is told, or for three times as long as it may take. */
static DWORD WINAPI await_changes_and_ask(void *asked)
{
    for (int i = 0; i < 3 * HOST_POLICY_DOUBT_MS / 10 && told_of(EVENT_PARAMETER_CHANGED) == NULL; i++)
        Sleep(10);
    SetEvent(asked);
    return 0;
}

static void believes_it_when_it_stays_away(void **state)
{
    HANDLE asked = CreateEventW(NULL, FALSE, FALSE, NULL);

    (void)state;
    set_policy("Timeout", 7);
    set_policy("Port", 6969);
    struct host *host = start_with(files_directory());
    delete_policies();
    ULONGLONG gone_ms = GetTickCount64();
    HANDLE thread = CreateThread(NULL, 0, await_changes_and_ask, asked, 0, NULL);
    assert_int_equal(host_wait(host, asked), HOST_ASKED);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    assert_true(GetTickCount64() - gone_ms >= HOST_POLICY_DOUBT_MS);
    assert_int_equal(told_again(host, EVENT_PARAMETER_CHANGED), 1);
    assert_int_equal(told_again(host, EVENT_PARAMETER_NEEDS_RESTART), 1);
    host_reload(host);
    assert_int_equal(told_again(host, EVENT_PARAMETER_CHANGED), 0);
    CloseHandle(asked);
    host_stop(host, 0);
}

/* A stop is not kept waiting. */
static void obeys_while_a_policy_is_in_doubt(void **state)
{
    HANDLE asked = CreateEventW(NULL, FALSE, TRUE, NULL);

    (void)state;
    set_policy("Timeout", 7);
    struct host *host = start_with(files_directory());
    delete_policies();
    ULONGLONG gone_ms = GetTickCount64();
    host_reload(host);
    assert_int_equal(host_wait(host, asked), HOST_ASKED);
    assert_true(GetTickCount64() - gone_ms < HOST_POLICY_DOUBT_MS);
    assert_int_equal(told_again(host, EVENT_PARAMETER_CHANGED), 0);
    CloseHandle(asked);
    host_stop(host, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(tells_what_windows_did_not_grant, reset),
        cmocka_unit_test_setup(says_nothing_of_what_was_granted, reset),
        cmocka_unit_test_setup(tells_in_detail_only_what_windows_is_too_old_for, reset),
        cmocka_unit_test_setup(tells_that_changes_are_no_longer_noticed, reset),
        cmocka_unit_test_setup(ends_when_it_is_drained, reset),
        cmocka_unit_test_setup(serves_without_a_pipe, reset),
        cmocka_unit_test_setup(names_the_directory_that_is_served, reset),
        cmocka_unit_test_setup(tells_once_what_waits_for_a_restart, reset),
        cmocka_unit_test_setup(tells_of_rules_that_match_nothing, reset),
        cmocka_unit_test_setup(tells_that_there_was_no_memory_for_the_parameters, reset),
        cmocka_unit_test_setup(does_not_believe_at_once_that_a_policy_has_gone, reset),
        cmocka_unit_test_setup(believes_it_when_it_stays_away, reset),
        cmocka_unit_test_setup(obeys_while_a_policy_is_in_doubt, reset),
        cmocka_unit_test_setup(tells_why_it_cannot_start_without_a_journal, reset),
    };

    return cmocka_run_group_tests_name("host", tests, NULL, NULL) != 0;
}
