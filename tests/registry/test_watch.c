/* link: -Wl,--wrap=__imp_RegOpenKeyExW,--wrap=__imp_RegNotifyChangeKeyValue */
/*
 * Which changes are noticed: those of the service's key and below, those of the policies, also while there are none. What
 * a key that is not to be watched does is shown with calls that fail.
 */
#include "files.h"

#include "counts.h"
#include "registry/watch.h"

#define SERVICE  L"SYSTEM\\CurrentControlSet\\Services\\tftpd-watch-test"
#define POLICIES L"SOFTWARE\\Policies"
#define POLICY   POLICIES L"\\tftpd-watch-test"

enum { SILENCE_MS = 60, ROUNDS = 50 };

static struct watch *watch;
static const wchar_t *absent; /* the key that is said not to be there */
static LONG refusal;          /* what is said to whoever wants to watch, 0: the truth */

typedef LONG(WINAPI *open_key)(HKEY, LPCWSTR, DWORD, REGSAM, PHKEY);
typedef LONG(WINAPI *notify)(HKEY, WINBOOL, DWORD, HANDLE, WINBOOL);
extern open_key __real___imp_RegOpenKeyExW;
extern notify __real___imp_RegNotifyChangeKeyValue;

static LONG WINAPI open_present(HKEY root, LPCWSTR path, DWORD options, REGSAM rights, PHKEY key)
{
    if (absent && path && wcscmp(path, absent) == 0)
        return ERROR_FILE_NOT_FOUND;
    return __real___imp_RegOpenKeyExW(root, path, options, rights, key);
}

static LONG WINAPI notify_or_refuse(HKEY key, WINBOOL is_tree, DWORD what, HANDLE event, WINBOOL is_asynchronous)
{
    return refusal ? refusal : __real___imp_RegNotifyChangeKeyValue(key, is_tree, what, event, is_asynchronous);
}

extern open_key __wrap___imp_RegOpenKeyExW;
open_key __wrap___imp_RegOpenKeyExW = open_present;
extern notify __wrap___imp_RegNotifyChangeKeyValue;
notify __wrap___imp_RegNotifyChangeKeyValue = notify_or_refuse;

static void set(const wchar_t *path, DWORD number)
{
    assert_int_equal(RegSetKeyValueW(HKEY_LOCAL_MACHINE, path, L"Port", REG_DWORD, &number, sizeof number),
                     ERROR_SUCCESS);
}

static void delete_keys(void)
{
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, SERVICE);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, POLICY);
}

static int open_watch(void **state)
{
    (void)state;
    absent = NULL;
    refusal = 0;
    delete_keys();
    set(SERVICE, 1);
    watch = watch_open("tftpd-watch-test");
    return watch == NULL;
}

static int close_watch(void **state)
{
    (void)state;
    watch_close(watch);
    delete_keys();
    return 0;
}

static bool is_told(DWORD patience_ms)
{
    HANDLE events[WATCH_EVENTS_MAX];
    DWORD count = (DWORD)watch_events(watch, events);

    assert_in_range(count, 1, WATCH_EVENTS_MAX);
    return WaitForMultipleObjects(count, events, FALSE, patience_ms) < WAIT_OBJECT_0 + count;
}

/* Told once, and then no more until the next change. */
static void assert_told(const char *what)
{
    CHECK(is_told(PATIENCE_MS), "%s is not noticed", what);
    assert_true(watch_arm(watch));
    CHECK(!is_told(SILENCE_MS), "%s is noticed for ever", what);
}

static void notices_the_service_and_what_is_below(void **state)
{
    (void)state;
    assert_false(is_told(SILENCE_MS));
    set(SERVICE L"\\Parameters", 1);
    assert_told("a new key Parameters");
    set(SERVICE L"\\Parameters", 2);
    assert_told("a parameter that changes");
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, SERVICE L"\\Parameters");
    assert_told("a key Parameters that goes");
}

static void notices_policies_that_come_change_and_go(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        set(POLICY, 1);
        assert_told("a new policy key");
        set(POLICY, 2);
        assert_told("a policy that changes");
        RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, POLICY, L"Port");
        assert_told("a policy that goes");
        RegDeleteTreeW(HKEY_LOCAL_MACHINE, POLICY);
        assert_told("a policy key that goes");
    }
}

/* Deleted and made anew before anybody looks: the old key must not be the one that is watched. */
static void notices_a_policy_key_made_anew(void **state)
{
    (void)state;
    set(POLICY, 1);
    assert_told("a new policy key");
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, POLICY);
    set(POLICY, 2);
    assert_told("a policy key made anew");
    set(POLICY, 3);
    assert_told("a policy in it");
}

static void does_not_heed_the_policies_of_others(void **state)
{
    (void)state;
    set(POLICIES L"\\tftpd-watch-other", 1);
    assert_told("another's new key"); /* beside ours; nothing comes of it */
    set(POLICIES L"\\tftpd-watch-other", 2);
    assert_false(is_told(SILENCE_MS));
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, POLICIES L"\\tftpd-watch-other");
}

/* A machine that has never had a policy. */
static void looks_higher_where_there_are_no_policies_at_all(void **state)
{
    (void)state;
    absent = POLICIES;
    assert_true(watch_arm(watch));
    set(L"SOFTWARE\\tftpd-watch-test", 1);
    assert_told("a new key beside Policies");
    absent = NULL;
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\tftpd-watch-test");
    assert_told("a key that goes");
    set(POLICY, 1);
    assert_told("a new policy key");
}

/* `tftpd run` without a service. */
static void needs_no_service(void **state)
{
    (void)state;
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, SERVICE);
    assert_true(watch_arm(watch));
    assert_false(is_told(SILENCE_MS));
    set(POLICY, 1);
    assert_told("a policy");
}

static void says_when_it_cannot(void **state)
{
    (void)state;
    refusal = ERROR_ACCESS_DENIED;
    assert_false(watch_arm(watch));
    assert_null(watch_open("tftpd-watch-test"));
    refusal = ERROR_KEY_DELETED; /* between opening and watching: it is not there */
    assert_false(watch_arm(watch));
    refusal = 0;
    assert_true(watch_arm(watch));
    set(POLICY, 1);
    assert_told("a policy after all");
}

static void keeps_nothing(void **state)
{
    (void)state;
    set(POLICY, 1);
    assert_true(watch_arm(watch));
    unsigned handles = counts_handles();
    for (int i = 0; i < ROUNDS; i++)
        assert_true(watch_arm(watch));
    assert_int_equal(counts_handles(), handles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(notices_the_service_and_what_is_below, open_watch, close_watch),
        cmocka_unit_test_setup_teardown(notices_policies_that_come_change_and_go, open_watch, close_watch),
        cmocka_unit_test_setup_teardown(notices_a_policy_key_made_anew, open_watch, close_watch),
        cmocka_unit_test_setup_teardown(does_not_heed_the_policies_of_others, open_watch, close_watch),
        cmocka_unit_test_setup_teardown(looks_higher_where_there_are_no_policies_at_all, open_watch, close_watch),
        cmocka_unit_test_setup_teardown(needs_no_service, open_watch, close_watch),
        cmocka_unit_test_setup_teardown(says_when_it_cannot, open_watch, close_watch),
        cmocka_unit_test_setup_teardown(keeps_nothing, open_watch, close_watch),
    };

    return cmocka_run_group_tests_name("watch", tests, NULL, NULL) != 0;
}
