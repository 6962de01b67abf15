/* A disk whose flush takes FLUSH_MS (50): Wine flushes a file by fsync, and this, loaded before, takes its time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int fsync(int file);
int fdatasync(int file);

static int flush_slowly(const char *name, int file)
{
    const char *text = getenv("FLUSH_MS");
    long ms = text != NULL ? strtol(text, NULL, 10) : 50;
    struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
    int (*flush)(int) = NULL;

    *(void **)&flush = dlsym(RTLD_NEXT, name);
    nanosleep(&wait, NULL);
    return flush(file);
}

int fsync(int file)
{
    return flush_slowly("fsync", file);
}

int fdatasync(int file)
{
    return flush_slowly("fdatasync", file);
}
