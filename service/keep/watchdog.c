#include "service/keep/watchdog.h"

static DWORD WINAPI run(void *context)
{
    struct watchdog *dog = context;
    unsigned seen = atomic_load(&dog->progress->steps);
    unsigned idle = 0;

    /* Looks are counted, not time: while the machine sleeps nobody gets anything done. */
    while (WaitForSingleObject(dog->over, WATCHDOG_LOOK_MS) == WAIT_TIMEOUT) {
        dog->look(dog->context);
        unsigned steps = atomic_load(&dog->progress->steps);
        idle = steps == seen ? idle + 1 : 0;
        seen = steps;
        if (idle * (WATCHDOG_LOOK_MS / 1000) < WATCHDOG_PATIENCE_S)
            continue;
        if (dog->bite != NULL)
            dog->bite(dog->context);
        break;
    }
    return 0;
}

void watchdog_begin(struct watchdog *dog)
{
    dog->thread = NULL;
    dog->over = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (dog->over != NULL)
        dog->thread = CreateThread(NULL, 0, run, dog, 0, NULL);
}

void watchdog_end(struct watchdog *dog)
{
    if (dog->thread != NULL) {
        SetEvent(dog->over);
        WaitForSingleObject(dog->thread, INFINITE);
        CloseHandle(dog->thread);
    }
    if (dog->over != NULL)
        CloseHandle(dog->over);
}
