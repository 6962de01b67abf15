#include "core/probe/block_search.h"

static const uint32_t common[] = {BLKSIZE_DEFAULT, 1428, 1468, 8192, BLKSIZE_MAX};

void block_search_begin(struct block_search *search, uint32_t top)
{
    ASSERT(top >= BLKSIZE_MIN && top <= BLKSIZE_MAX);
    *search = (struct block_search){.arrived = BLKSIZE_MIN - 1, .top = top};
}

static uint32_t common_above(uint32_t blksize, uint32_t top)
{
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
        if (common[i] > blksize)
            return common[i] < top ? common[i] : top;
    return top;
}

bool block_search_next(struct block_search *search, uint32_t *blksize)
{
    uint32_t above = search->arrived + 1;

    if (search->tries > 0) {
        *blksize = search->asking;
        return true;
    }
    if (search->arrived >= search->top || above == search->lost)
        return false;
    if (search->lost == 0)
        search->asking = common_above(search->arrived, search->top);
    else if (!search->is_edge_known)
        search->asking = above;
    else
        search->asking = search->arrived + (search->lost - search->arrived) / 2;
    search->is_edge_known = search->lost != 0;
    *blksize = search->asking;
    return true;
}

void block_search_arrived(struct block_search *search, uint32_t blksize)
{
    search->tries = 0;
    if (blksize > search->arrived)
        search->arrived = blksize;
    if (search->lost != 0 && search->lost <= search->arrived)
        search->lost = 0;
}

void block_search_lost(struct block_search *search, uint32_t blksize)
{
    if (++search->tries < BLOCK_SEARCH_TRIES)
        return;
    search->tries = 0;
    if (blksize > search->arrived && (search->lost == 0 || blksize < search->lost))
        search->lost = blksize;
}

void block_search_limit(struct block_search *search, uint32_t top)
{
    if (top < search->top)
        search->top = top;
}
