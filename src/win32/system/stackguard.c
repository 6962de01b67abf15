/*
 * What protected functions of GCC need (-fstack-protector-strong, -D_FORTIFY_SOURCE), in place of libssp: that draws the
 * cookie from CryptGenRandom before main, which loads further DLLs from wherever they are found first
 * (win32/system/delayload.h). Ours is made as Microsoft's start-up code makes its own (__security_init_cookie).
 */
#include "win32/system/windows.h"

#include <stdint.h>

/* FAST_FAIL_STACK_COOKIE_CHECK_FAILURE, FAST_FAIL_RANGE_CHECK_FAILURE of winnt.h */
enum { FAST_FAIL_COOKIE = 2, FAST_FAIL_RANGE = 8 };

/* Nobody's stack looks so by chance, whoever runs before the cookie is made. */
#define COOKIE_BEFORE 0x00002b992ddfa232u
/* The two bytes at its end are 0, so that no text can be read or written across it. */
#define COOKIE_MASK 0x0000ffffffffffffu

/* NOLINTBEGIN(readability-identifier-naming): GCC's names */
extern uintptr_t __stack_chk_guard;
__attribute__((noreturn)) void __stack_chk_fail(void);
__attribute__((noreturn)) void __chk_fail(void);
/* NOLINTEND(readability-identifier-naming) */

uintptr_t __stack_chk_guard = COOKIE_BEFORE;

/*
 * The first of all constructors, and the first of our code that runs: no protected function is active whose cookie it
 * would change. Its own must not be looked at either.
 */
__attribute__((constructor(101), no_stack_protector)) static void make_cookie(void)
{
    FILETIME time;
    LARGE_INTEGER ticks;

    GetSystemTimeAsFileTime(&time);
    QueryPerformanceCounter(&ticks);
    uint64_t cookie = (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
    cookie ^= (uint64_t)GetCurrentThreadId() << 24 ^ GetCurrentProcessId();
    cookie ^= (uint64_t)ticks.QuadPart << 32 ^ (uint64_t)ticks.QuadPart;
    cookie ^= (uintptr_t)&ticks; /* the stack's place is random */
    cookie &= COOKIE_MASK;
    __stack_chk_guard = cookie != 0 ? cookie : COOKIE_BEFORE;
}

/* Ends the process at once, by the kernel: no handler runs that somebody who wrote over the stack may have put there. */
__attribute__((noreturn)) static void fail_fast(unsigned reason)
{
    __asm__ volatile("int $0x29" : : "c"(reason) : "memory");
    __builtin_unreachable();
}

void __stack_chk_fail(void)
{
    fail_fast(FAST_FAIL_COOKIE);
}

void __chk_fail(void)
{
    fail_fast(FAST_FAIL_RANGE);
}
