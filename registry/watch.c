#include "registry/watch.h"

#include "registry/registry.h"
#include "win32/system/text.h"

#include <stdlib.h>

/* Where the system tells of one kind of change. The event of a place left is heard by nobody: closing a key signals it. */
struct place {
    HKEY key;
    HANDLE event;
};

enum { PLACE_SERVICE, PLACE_ABOVE_POLICY, PLACE_POLICY };

struct watch {
    wchar_t service[REGISTRY_KEY_MAX];
    wchar_t policy[REGISTRY_KEY_MAX];
    struct place places[WATCH_EVENTS_MAX];
};

static void leave(struct place *place)
{
    if (place->key)
        RegCloseKey(place->key);
    if (place->event)
        CloseHandle(place->event);
    *place = (struct place){NULL, NULL};
}

/*
 * Afresh each time, for the key may be another one by now. ERROR_FILE_NOT_FOUND: there is no such key; the place is then
 * left as it was.
 */
static DWORD take(struct place *place, const wchar_t *path, BOOL is_tree, DWORD what)
{
    struct place next = {NULL, CreateEventW(NULL, FALSE, FALSE, NULL)};
    DWORD error = next.event ? 0 : GetLastError();

    if (error == 0)
        error = (DWORD)RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_NOTIFY, &next.key);
    if (error == 0)
        error = (DWORD)RegNotifyChangeKeyValue(next.key, is_tree, what | REG_NOTIFY_THREAD_AGNOSTIC, next.event, TRUE);
    leave(error == 0 ? place : &next);
    if (error == 0)
        *place = next;
    return error == ERROR_KEY_DELETED ? ERROR_FILE_NOT_FOUND : error;
}

static bool take_if_there(struct place *place, const wchar_t *path, BOOL is_tree)
{
    leave(place);
    DWORD error = take(place, path, is_tree, REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET);
    return error == 0 || error == ERROR_FILE_NOT_FOUND;
}

/*
 * The nearest key above the policies that is there tells when they come or go. From above: what comes into being behind
 * our back comes below a key that is watched already.
 */
static bool take_above_policy(struct place *place)
{
    static const wchar_t *const paths[] = {L"SOFTWARE", L"SOFTWARE\\Policies"};
    DWORD error = 0;

    leave(place);
    for (size_t i = 0; error == 0 && i < sizeof paths / sizeof paths[0]; i++)
        error = take(place, paths[i], FALSE, REG_NOTIFY_CHANGE_NAME);
    return error == 0 || (error == ERROR_FILE_NOT_FOUND && place->key);
}

struct watch *watch_open(const char *service)
{
    struct watch *watch = calloc(1, sizeof *watch);

    if (!watch)
        return NULL;
    if (!text_print_wide(watch->service, REGISTRY_KEY_MAX, "SYSTEM\\CurrentControlSet\\Services\\%s", service) ||
        !registry_path(service, CONFIG_FROM_POLICY, watch->policy) || !watch_arm(watch)) {
        watch_close(watch);
        return NULL;
    }
    return watch;
}

size_t watch_events(const struct watch *watch, HANDLE events[WATCH_EVENTS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < WATCH_EVENTS_MAX; i++)
        if (watch->places[i].event)
            events[count++] = watch->places[i].event;
    return count;
}

bool watch_arm(struct watch *watch)
{
    return take_if_there(&watch->places[PLACE_SERVICE], watch->service, TRUE) &&
           take_above_policy(&watch->places[PLACE_ABOVE_POLICY]) &&
           take_if_there(&watch->places[PLACE_POLICY], watch->policy, FALSE);
}

void watch_close(struct watch *watch)
{
    for (size_t i = 0; i < WATCH_EVENTS_MAX; i++)
        leave(&watch->places[i]);
    free(watch);
}
