# shellcheck shell=bash
# A disk whose flush takes FLUSH_MS: Wine flushes a file by fsync, and $WORK/slow-disk.so, loaded before, takes its time.
cat >"$WORK/slow-disk.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static int flush(const char *name, int file)
{
    struct timespec wait = {FLUSH_MS / 1000, FLUSH_MS % 1000 * 1000000L};
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);

    nanosleep(&wait, 0);
    return real(file);
}

int fsync(int file) { return flush("fsync", file); }
int fdatasync(int file) { return flush("fdatasync", file); }
C
build_slow_disk() { # FLUSH_MS
    gcc -std=gnu11 -O2 -Wall -Wextra -Werror -shared -fPIC "-DFLUSH_MS=$1" -o "$WORK/slow-disk.so" "$WORK/slow-disk.c"
}
