/* Its declaration depends on this. */
#define _CRT_RAND_S

#include "win32/random.h"

#include "core/bytes.h"

#include <stdlib.h>

uint32_t random_number(void)
{
    unsigned number;
    bool is_drawn = rand_s(&number) == 0;

    /* It fails for a NULL pointer only. */
    ASSERT(is_drawn);
    return number;
}
