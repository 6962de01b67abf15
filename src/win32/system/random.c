#include "win32/system/random.h"

#include "core/base/bytes.h"
#include "win32/system/delayload.h"

#include <bcrypt.h>

/* RtlGenRandom of advapi32 would be shorter, but is a forwarder to cryptbase.dll, which is no KnownDLL. */
static void draw(void *bytes, ULONG size)
{
    DELAYLOAD(L"bcrypt.dll", BCryptGenRandom);

    bool is_drawn =
        BCryptGenRandom_late != NULL && BCryptGenRandom_late(NULL, bytes, size, BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0;

    /* Every Windows has it, and it fails for bad parameters only. */
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
