/* MAP_ANONYMOUS is no part of C11. */
#if !defined(_WIN32) && !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE
#endif

#include "guard.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#endif

enum { PAGE = 64 * 1024 }; /* a multiple of every page size we meet */

static uint8_t *make_region(void)
{
#ifdef _WIN32
    DWORD old;
    uint8_t *region = VirtualAlloc(NULL, GUARD_SIZE_MAX + PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    ASSERT(region != NULL && VirtualProtect(region + GUARD_SIZE_MAX, PAGE, PAGE_NOACCESS, &old));
#else
    uint8_t *region = mmap(NULL, GUARD_SIZE_MAX + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT(region != MAP_FAILED && mprotect(region + GUARD_SIZE_MAX, PAGE, PROT_NONE) == 0);
#endif
    return region;
}

struct span guard_span(const void *bytes, size_t size)
{
    static uint8_t *region;

    if (region == NULL)
        region = make_region();
    ASSERT(size <= GUARD_SIZE_MAX);
    uint8_t *place = region + GUARD_SIZE_MAX - size;
    if (size > 0)
        memcpy(place, bytes, size);
    return span_of(place, size);
}

struct span guard_text(const char *text)
{
    return guard_span(text, strlen(text));
}

uint8_t *guard_room(size_t size)
{
    static uint8_t *region;

    if (region == NULL)
        region = make_region();
    ASSERT(size <= GUARD_SIZE_MAX);
    memset(region, 0xA5, GUARD_SIZE_MAX);
    return region + GUARD_SIZE_MAX - size;
}
