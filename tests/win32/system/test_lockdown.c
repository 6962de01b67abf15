/* link: -Wl,--wrap=__imp_GetProcAddress */
/* Windows of several ages, which know and refuse different policies. Wine says yes to all of them. */
#include "files.h"

#include "win32/system/lockdown.h"

enum { CALLS_MAX = 8, POLICY_MAX = 16 };

enum { DYNAMIC_CODE = 2, EXTENSION_POINTS = 6, IMAGE_LOAD = 10, CHILD_PROCESS = 13 };

/* The flags of each policy that the system knows, and whether it refuses them all the same. */
static struct {
    bool lacks_function;
    DWORD known[POLICY_MAX];
    int denied; /* a policy; 0: none */
    size_t count;
    struct {
        int policy;
        DWORD flags;
    } calls[CALLS_MAX];
} windows;

static BOOL WINAPI set_policy(int policy, void *buffer, SIZE_T length)
{
    DWORD flags;

    assert_int_equal(length, sizeof flags);
    assert_true(policy > 0 && policy < POLICY_MAX && windows.count < CALLS_MAX);
    memcpy(&flags, buffer, sizeof flags);
    windows.calls[windows.count].policy = policy;
    windows.calls[windows.count++].flags = flags;
    bool is_known = (flags & ~windows.known[policy]) == 0;
    SetLastError(!is_known ? ERROR_INVALID_PARAMETER : policy == windows.denied ? ERROR_ACCESS_DENIED : 0);
    return is_known && policy != windows.denied;
}

extern __typeof__(&GetProcAddress) __real___imp_GetProcAddress;
extern __typeof__(&GetProcAddress) __wrap___imp_GetProcAddress;

static FARPROC WINAPI get_address(HMODULE module, const char *name)
{
    if ((uintptr_t)name <= UINT16_MAX || strcmp(name, "SetProcessMitigationPolicy") != 0)
        return __real___imp_GetProcAddress(module, name);
    return windows.lacks_function ? NULL : (FARPROC)(void (*)(void))set_policy;
}
__typeof__(&GetProcAddress) __wrap___imp_GetProcAddress = get_address;

/* Windows 11. */
static int make_current(void **state)
{
    (void)state;
    memset(&windows, 0, sizeof windows);
    windows.known[DYNAMIC_CODE] = 0x7;
    windows.known[EXTENSION_POINTS] = 0x1;
    windows.known[IMAGE_LOAD] = 0x1f;
    windows.known[CHILD_PROCESS] = 0x7;
    return 0;
}

static void assert_lockdown(const char *refused, const char *unknown)
{
    struct lockdown result;

    lockdown_process(&result);
    assert_string_equal(result.refused, refused);
    assert_string_equal(result.unknown, unknown);
}

static void a_current_system_grants_all(void **state)
{
    static const struct {
        int policy;
        DWORD flags;
    } wanted[] = {{DYNAMIC_CODE, 0x1}, {EXTENSION_POINTS, 0x1}, {IMAGE_LOAD, 0x7}, {CHILD_PROCESS, 0x1}};

    (void)state;
    assert_lockdown("", "");
    assert_int_equal(windows.count, COUNT_OF(wanted));
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        assert_int_equal(windows.calls[i].policy, wanted[i].policy);
        assert_int_equal(windows.calls[i].flags, wanted[i].flags);
    }
}

/* 8.1 and Server 2012 R2: nothing that an administrator could do anything about. */
static void an_old_system_refuses_nothing(void **state)
{
    (void)state;
    windows.known[IMAGE_LOAD] = windows.known[CHILD_PROCESS] = 0;
    assert_lockdown("", "no remote or low-integrity images, System32 first, no child processes");
}

/* The first Windows 10 with that policy: what it does know is set. */
static void flags_that_are_known_are_set_without_newer_ones(void **state)
{
    (void)state;
    windows.known[IMAGE_LOAD] = 0x3;
    assert_lockdown("", "System32 first");
    assert_int_equal(windows.count, 5);
    assert_int_equal(windows.calls[3].policy, IMAGE_LOAD);
    assert_int_equal(windows.calls[3].flags, 0x3);
}

static void what_is_known_and_refused_is_told_as_such(void **state)
{
    (void)state;
    windows.denied = CHILD_PROCESS;
    assert_lockdown("no child processes", "");
    make_current(NULL);
    windows.denied = IMAGE_LOAD;
    windows.known[IMAGE_LOAD] = 0x3;
    assert_lockdown("no remote or low-integrity images, System32 first", "");
}

static void a_system_without_the_function_knows_none(void **state)
{
    (void)state;
    windows.lacks_function = true;
    assert_lockdown("",
                    "no dynamic code, no extension points, no remote or low-integrity images, System32 first, no child "
                    "processes");
    assert_int_equal(windows.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_current_system_grants_all, make_current),
        cmocka_unit_test_setup(an_old_system_refuses_nothing, make_current),
        cmocka_unit_test_setup(flags_that_are_known_are_set_without_newer_ones, make_current),
        cmocka_unit_test_setup(what_is_known_and_refused_is_told_as_such, make_current),
        cmocka_unit_test_setup(a_system_without_the_function_knows_none, make_current),
    };

    return cmocka_run_group_tests_name("lockdown", tests, NULL, NULL) != 0;
}
