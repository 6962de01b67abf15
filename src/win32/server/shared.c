#include "win32/server/shared.h"

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

static bool has_contention(struct shared *shared, uint64_t now_ms)
{
    return now_ms < atomic_load_explicit(&shared->contended_until_ms, memory_order_relaxed);
}

bool shared_is_contended(struct shared *shared, uint8_t bucket)
{
    uint64_t now_ms = GetTickCount64();
    uint64_t used_ms = atomic_load_explicit(&shared->turn_used_ms, memory_order_relaxed);

    /* Written only when they change, for all workers read them. */
    if (atomic_load_explicit(&shared->turn_bucket, memory_order_relaxed) != bucket) {
        atomic_store_explicit(&shared->turn_bucket, bucket, memory_order_relaxed);
        if (now_ms < used_ms + SHARED_CONTENTION_MS)
            atomic_store_explicit(&shared->contended_until_ms, now_ms + SHARED_CONTENTION_MS, memory_order_relaxed);
    }
    if (used_ms != now_ms)
        atomic_store_explicit(&shared->turn_used_ms, now_ms, memory_order_relaxed);
    return has_contention(shared, now_ms);
}

bool shared_begin_turn(struct shared *shared, uint8_t bucket)
{
    bool is_taken = atomic_fetch_add(&shared->turns[bucket], 1) > 0;

    if (!is_taken || !has_contention(shared, GetTickCount64()))
        return true;
    atomic_fetch_sub(&shared->turns[bucket], 1);
    return false;
}

void shared_end_turn(struct shared *shared, uint8_t bucket)
{
    atomic_fetch_sub(&shared->turns[bucket], 1);
}

typedef bool error_judge(struct errors *errors, const struct endpoint *to, uint32_t per_second, uint64_t now_ms);

static bool may_send_error(struct shared *shared, error_judge *judge, const struct endpoint *to, uint64_t now_ms)
{
    AcquireSRWLockExclusive(&shared->errors_lock);
    bool may_send = judge(&shared->errors, to, atomic_load(&shared->errors_per_second), now_ms);
    ReleaseSRWLockExclusive(&shared->errors_lock);
    if (!may_send)
        InterlockedIncrement64(&shared->counts.errors_withheld);
    return may_send;
}

bool shared_may_refuse(struct shared *shared, const struct endpoint *to)
{
    return may_send_error(shared, errors_allow, to, GetTickCount64());
}

bool shared_may_refuse_stray(struct shared *shared, const struct endpoint *to, uint64_t now_ms)
{
    return may_send_error(shared, errors_allow_stray, to, now_ms);
}

struct mac shared_who(struct shared *shared, const struct config *config, const struct endpoint *from,
                      uint32_t interface_index)
{
    bool is_needed = config->client_directories == CLIENT_DIRECTORIES_MAC;
    struct mac mac = (is_needed ? neighbours_ask : neighbours_find)(shared->neighbours, from, interface_index);

    return mac.source != MAC_UNKNOWN ? mac : companion_who(&shared->companion, from);
}

bool shared_hears(struct shared *shared, const struct endpoint *from)
{
    uint32_t per_second = atomic_load(&shared->errors_per_second);

    AcquireSRWLockExclusive(&shared->errors_lock);
    enum errors_hearing hearing = errors_hear(&shared->errors, from, per_second, GetTickCount64());
    ReleaseSRWLockExclusive(&shared->errors_lock);
    if (hearing == ERRORS_HEARD)
        return true;
    InterlockedIncrement64(&shared->counts.dropped);
    if (hearing == ERRORS_UNHEARD_TELL) {
        struct event event = event_of(EVENT_UNHEARD, NULL, NULL);
        event.client = *from;
        journal_put(shared->journal, &event);
    }
    return false;
}
