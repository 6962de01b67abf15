#include "win32/shared.h"

#include <stdlib.h>

struct settings *settings_create(const struct config *config, struct root *root)
{
    struct settings *settings = malloc(sizeof *settings);

    if (settings == NULL)
        return NULL;
    settings->references = 1;
    settings->root = root;
    settings->config = *config;
    return settings;
}

struct settings *settings_acquire(struct shared *shared)
{
    AcquireSRWLockShared(&shared->settings_lock);
    struct settings *settings = shared->settings;
    InterlockedIncrement(&settings->references);
    ReleaseSRWLockShared(&shared->settings_lock);
    return settings;
}

void settings_release(struct settings *settings)
{
    if (settings == NULL || InterlockedDecrement(&settings->references) > 0)
        return;
    root_release(settings->root);
    free(settings);
}

void settings_publish(struct shared *shared, struct settings *settings)
{
    AcquireSRWLockExclusive(&shared->settings_lock);
    struct settings *old = shared->settings;
    shared->settings = settings;
    ReleaseSRWLockExclusive(&shared->settings_lock);
    settings_release(old);
}
