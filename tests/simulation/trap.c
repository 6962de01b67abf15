#include "trap.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* What a signal handler may know has to be static. */
static volatile uint64_t running;

static void on_trap(int signal)
{
    printf("# Seed %" PRIu64 " fails: signal %d, from an ASSERT or a sanitizer.\n", running, signal);
    printf("# To see all of it: make -f Makefile.mingw simulate REPLAY=%" PRIu64 "\n", running);
    fflush(stdout);
    _Exit(1);
}

#ifdef __SANITIZE_ADDRESS__
/* Then a finding of theirs comes here as SIGABRT. Looked for by the sanitizers under these names. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
    return "abort_on_error=1";
}

const char *__ubsan_default_options(void)
{
    return "abort_on_error=1:print_stacktrace=1";
}
#endif

void trap_seed(uint64_t seed)
{
    running = seed;
    signal(SIGILL, on_trap);
    signal(SIGABRT, on_trap);
#ifndef __SANITIZE_ADDRESS__
    signal(SIGSEGV, on_trap);
#endif
}
