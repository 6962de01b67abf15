#include "core/probe/block_search.h"

/* The last one is the largest that there is. */
static const uint32_t common[] = {BLKSIZE_DEFAULT, 1428, 1468, 8192, BLKSIZE_MAX};

void block_search_begin(struct block_search *search, uint32_t top)
{
    ASSERT(top >= BLKSIZE_MIN && top <= BLKSIZE_MAX);
    *search = (struct block_search){.arrived = BLKSIZE_MIN - 1, .top = top};
}

static uint32_t common_above(uint32_t blksize, uint32_t top)
{
    size_t i = 0;

    while (common[i] <= blksize)
        i++;
    return common[i] < top ? common[i] : top;
}

/* It stands between two neighbours. */
static bool is_at_limit(const struct block_search *search)
{
    return search->lost == search->arrived + 1;
}

bool block_search_next(struct block_search *search, uint32_t *blksize)
{
    if (search->losses == 0) {
        if (search->arrived >= search->top || (is_at_limit(search) && search->lost == search->proved))
            return false;
        if (is_at_limit(search))
            search->asking = search->lost;
        else if (search->lost == 0)
            search->asking = common_above(search->arrived, search->top);
        else if (!search->is_edge_known)
            search->asking = search->arrived + 1;
        else
            search->asking = search->arrived + (search->lost - search->arrived) / 2;
        search->is_edge_known = search->lost != 0;
    }
    *blksize = search->asking;
    return true;
}

/* The one that led there was the first. */
static uint32_t losses_before(const struct block_search *search)
{
    return is_at_limit(search) ? search->losses + 1 : search->losses;
}

bool block_search_is_last_try(const struct block_search *search)
{
    return (search->lost == 0 || is_at_limit(search)) && losses_before(search) + 1 == BLOCK_SEARCH_TRIES;
}

void block_search_arrived(struct block_search *search, uint32_t blksize)
{
    search->losses = 0;
    if (blksize > search->arrived)
        search->arrived = blksize;
    if (search->proved <= search->arrived)
        search->proved = 0;
    if (search->lost <= search->arrived)
        search->lost = search->proved;
}

void block_search_lost(struct block_search *search, uint32_t blksize)
{
    bool is_proof = search->lost == 0 || is_at_limit(search), is_last = block_search_is_last_try(search);

    if (is_proof && !is_last) {
        search->losses++;
        return;
    }
    search->losses = 0;
    if (blksize <= search->arrived || (search->lost != 0 && blksize > search->lost))
        return;
    search->lost = blksize;
    if (is_proof)
        search->proved = blksize;
}

void block_search_limit(struct block_search *search, uint32_t top)
{
    if (top < search->top)
        search->top = top;
}
