/* link: -Wl,--wrap=__imp_WaitForSingleObject */
/*
 * A second lasts as long as the test needs it to: what counts is how often the watchdog has looked.
 */
#include "files.h"

#include "service/keep/watchdog.h"

typedef DWORD(WINAPI *wait_for)(HANDLE, DWORD);
extern wait_for __real___imp_WaitForSingleObject;
extern wait_for __wrap___imp_WaitForSingleObject;

static DWORD WINAPI wait_shortly(HANDLE handle, DWORD milliseconds)
{
    return __real___imp_WaitForSingleObject(handle, milliseconds == WATCHDOG_LOOK_MS ? 1 : milliseconds);
}
wait_for __wrap___imp_WaitForSingleObject = wait_shortly;

static struct progress progress;
static unsigned looks, bites, looks_at_bite, step_every;
static HANDLE enough;
static unsigned looks_wanted;

static void look(void *context)
{
    assert_ptr_equal(context, &progress);
    looks++;
    if (step_every > 0 && looks % step_every == 0)
        progress_step(&progress);
    if (looks == looks_wanted)
        SetEvent(enough);
}

static void bite(void *context)
{
    assert_ptr_equal(context, &progress);
    bites++;
    looks_at_bite = looks;
    SetEvent(enough);
}

static void watch(unsigned every, unsigned wanted)
{
    struct watchdog dog = {.progress = &progress, .look = look, .bite = bite, .context = &progress};

    looks = bites = 0;
    step_every = every;
    looks_wanted = wanted;
    enough = CreateEventW(NULL, TRUE, FALSE, NULL);
    watchdog_begin(&dog);
    assert_int_equal(WaitForSingleObject(enough, PATIENCE_MS), WAIT_OBJECT_0);
    watchdog_end(&dog);
    CloseHandle(enough);
}

static void bites_once_when_nothing_gets_done(void **state)
{
    (void)state;
    watch(0, 0);
    assert_int_equal(bites, 1);
    assert_int_equal(looks_at_bite, WATCHDOG_PATIENCE_S);
}

/* Nobody is told for ever that something goes on which does not. */
static void looks_no_more_where_there_is_nothing_to_bite(void **state)
{
    struct watchdog dog = {.progress = &progress, .look = look, .context = &progress};

    (void)state;
    looks = step_every = looks_wanted = 0;
    watchdog_begin(&dog);
    assert_int_equal(WaitForSingleObject(dog.thread, PATIENCE_MS), WAIT_OBJECT_0);
    watchdog_end(&dog);
    assert_int_equal(looks, WATCHDOG_PATIENCE_S);
}

static void leaves_alone_what_gets_on_however_slowly(void **state)
{
    (void)state;
    watch(WATCHDOG_PATIENCE_S, 5 * WATCHDOG_PATIENCE_S);
    assert_int_equal(bites, 0);
}

static void is_called_off(void **state)
{
    struct watchdog dog = {.progress = &progress, .look = look, .bite = bite, .context = &progress};

    (void)state;
    looks = bites = step_every = looks_wanted = 0;
    watchdog_begin(&dog);
    watchdog_end(&dog);
    unsigned before = looks;
    Sleep(50);
    assert_int_equal(looks, before);
    assert_int_equal(bites, 0);
}

static void says_what_is_awaited(void **state)
{
    struct progress other = {.steps = 5};

    (void)state;
    progress_await(&other, "a file");
    assert_string_equal(atomic_load(&other.awaited), "a file");
    assert_int_equal(atomic_load(&other.steps), 6);
    progress_await(NULL, "nobody looks");
    progress_step(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bites_once_when_nothing_gets_done),
        cmocka_unit_test(looks_no_more_where_there_is_nothing_to_bite),
        cmocka_unit_test(leaves_alone_what_gets_on_however_slowly),
        cmocka_unit_test(is_called_off),
        cmocka_unit_test(says_what_is_awaited),
    };

    return cmocka_run_group_tests_name("watchdog", tests, NULL, NULL) != 0;
}
