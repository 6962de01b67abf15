/* A process that writes over its stack, or past the end of an object, ends at once; each start has another cookie. */
#include "files.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 16, PAST_ROOM = 64, LAST_OF_TEXT = 48 };
/* STATUS_STACK_BUFFER_OVERRUN, which is the exit code of whoever ended by __fastfail. */
#define ENDED_BY_GUARD 0xc0000409u
/* What the cookie is before it is made, folded. */
#define NOT_MADE (0x2b99u ^ 0x2ddfa232u)

extern uintptr_t __stack_chk_guard;

static DWORD folded_cookie(void)
{
    return (DWORD)(__stack_chk_guard >> 32) ^ (DWORD)__stack_chk_guard;
}

/* Nothing that the compiler knows, nor on the stack that is written over. */
static volatile size_t asked;

__attribute__((noinline)) static DWORD fill_stack(void)
{
    char room[ROOM];
    volatile char *at = room;
    size_t count = asked;

    for (size_t i = 0; i < count; i++)
        at[i] = 'x';
    return (DWORD)at[0];
}

__attribute__((noinline)) static DWORD copy_as_asked(void)
{
    static char from[PAST_ROOM], to[ROOM];

    memcpy(to, from, asked);
    return (DWORD)to[0];
}

/* What this program does when it was started by itself; its exit code. */
static DWORD act(const char *what)
{
    SetErrorMode(SEM_NOGPFAULTERRORBOX | SEM_FAILCRITICALERRORS);
    if (strcmp(what, "cookie") == 0)
        return folded_cookie();
    asked = strcmp(what, "fit") == 0 ? ROOM : PAST_ROOM;
    return strcmp(what, "overflow") == 0 ? copy_as_asked() : fill_stack();
}

static DWORD started(const char *what)
{
    char program[MAX_PATH], command[MAX_PATH + 32];
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code = 0;

    assert_true(GetModuleFileNameA(NULL, program, sizeof program) > 0);
    snprintf(command, sizeof command, "\"%s\" %s", program, what);
    assert_true(CreateProcessA(program, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process));
    assert_int_equal(WaitForSingleObject(process.hProcess, PATIENCE_MS), WAIT_OBJECT_0);
    assert_true(GetExitCodeProcess(process.hProcess, &code));
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return code;
}

static void what_fits_harms_nobody(void **state)
{
    (void)state;
    assert_int_equal(started("fit"), 'x');
}

static void a_smashed_stack_ends_the_process(void **state)
{
    (void)state;
    assert_int_equal(started("smash"), ENDED_BY_GUARD);
}

static void a_copy_past_the_end_ends_the_process(void **state)
{
    (void)state;
    assert_int_equal(started("overflow"), ENDED_BY_GUARD);
}

static void each_start_has_its_own_cookie(void **state)
{
    (void)state;
    DWORD one = started("cookie"), two = started("cookie");
    assert_int_not_equal(one, two);
    assert_int_not_equal(one, NOT_MADE);
    assert_int_not_equal(two, NOT_MADE);
}

/* No text reaches across it. */
static void the_cookie_ends_in_zero_bytes(void **state)
{
    (void)state;
    assert_true(__stack_chk_guard >> LAST_OF_TEXT == 0);
    assert_true(__stack_chk_guard != 0);
}

int main(int count, char **words)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_harms_nobody),
        cmocka_unit_test(a_smashed_stack_ends_the_process),
        cmocka_unit_test(a_copy_past_the_end_ends_the_process),
        cmocka_unit_test(each_start_has_its_own_cookie),
        cmocka_unit_test(the_cookie_ends_in_zero_bytes),
    };

    if (count > 1)
        exit((int)act(words[1]));
    return cmocka_run_group_tests_name("stackguard", tests, NULL, NULL) != 0;
}
