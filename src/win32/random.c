#include "win32/random.h"

#include "core/bytes.h"
#include "win32/windows.h"

#include <ntsecapi.h>

static void draw(void *bytes, ULONG size)
{
    BOOLEAN is_drawn = RtlGenRandom(bytes, size);

    /* It fails for a bad pointer only. */
    ASSERT(is_drawn);
}

uint32_t random_number(void)
{
    uint32_t number;

    draw(&number, sizeof number);
    return number;
}

uint64_t random_seed(void)
{
    uint64_t seed;

    draw(&seed, sizeof seed);
    return seed;
}
