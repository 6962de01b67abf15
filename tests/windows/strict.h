/*
 * Linked into a second tftpd.exe (build/strict/tftpd.exe) and into tests/windows/test_*.c: stands between the program and Wine,
 * and behaves like Windows where Wine does not, by the rules of rules.h. The shipped program has none of this.
 *
 * The link line (Makefile.mingw) takes the names of the functions that are replaced from the lines IMPORTED(name) and
 * PLAIN(name) of this folder's sources.
 *
 *   STRICT_SEED=n          what is drawn; the same seed draws the same at the n-th opportunity of a rule. 0, or none: only
 *                          what holds always
 *   STRICT_WITHOUT=a,b     rules that do not hold
 *   STRICT_ONLY=a,b        of the drawn rules only these hold, with every seed but 0
 *
 * How often each rule has made itself felt is counted in C:\strict.bin, for all processes: records of a name (32 bytes)
 * and a number (8 bytes).
 */
#ifndef WINDOWS_STRICT_H
#define WINDOWS_STRICT_H

#include "win32/system/windows.h"

#include "rules.h"

#include <stdbool.h>
#include <stdint.h>

#define RULE_CONSTANT(constant, name, how, rate, pace_ms) RULE_##constant,
enum rule { STRICT_RULES(RULE_CONSTANT) RULE_COUNT };

/* Functions that the headers declare as imported, and those that they do not. */
#define IMPORTED(name)                            \
    extern __typeof__(&name) __real___imp_##name; \
    extern __typeof__(&name) __wrap___imp_##name;
#define PLAIN(name)                 \
    __typeof__(name) __real_##name; \
    __typeof__(name) __wrap_##name;
#define REAL(name)          (*__real___imp_##name)
#define REPLACE(name, with) __typeof__(&name) __wrap___imp_##name = with

/* True if the rule was not left out: of ALWAYS. */
bool strict_holds(enum rule rule);
/* True if it bites at this call: of CALL. */
bool strict_draws(enum rule rule);
/* True if it holds for this thing in this world, the same each time: of WORLD. 0: for the process. */
bool strict_is_so(enum rule rule, uint64_t thing);
/* One of count, by the seed; another one each time. */
uint32_t strict_pick(enum rule rule, uint32_t count);
/* The rule has made itself felt. strict_draws counts by itself. */
void strict_count(enum rule rule);
/* How often it has in this process. */
uint64_t strict_counted(enum rule rule);
/* Seed and exceptions are read once; a test calls this after it has changed them. */
void strict_begin(void);

/* Handles and sockets are small multiples of four: the place of what is known of one; 0 if there is none. */
enum { STRICT_HANDLES_MAX = 16384 };
size_t strict_place(const void *handle);

/* -- between rooms -- */

/* By the clock that moves evenly. */
uint64_t strict_now_us(void);
/* How long a wait of that length lasts where it ends at a tick. */
DWORD strict_wait_ms(DWORD wait_ms);
/* True if Windows would not have set this event, although Wine did. */
bool strict_is_silent(HANDLE event);
/* Before somebody sets it by hand. */
void strict_sets(HANDLE event);
/* The event to be set when the socket has room for a send again (FD_WRITE); NULL if nobody asked for it. */
HANDLE strict_event_of_room(SOCKET socket);

#endif
