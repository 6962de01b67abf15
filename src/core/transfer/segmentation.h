/*
 * Whether new blocks leave in one call that the system, or its network adapter, cuts into datagrams. Some refuse that, and
 * some drivers and filters take it and lose everything. Two places learn from it: a transfer, whose blocks leave one by one
 * from the first failure on (core/transfer/transfer), and this, which hears of all transfers and ends it for the process.
 */
#ifndef CORE_SEGMENTATION_H
#define CORE_SEGMENTATION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * In a row, each of another transfer, without one that arrived. A lossy network does that too, seldom, and to be wrong costs
 * processor time only.
 */
enum { SEGMENTATION_LOSSES_MAX = 5, SEGMENTATION_REFUSALS_MAX = 5 };

enum segmentation_news {
    SEGMENTATION_NO_NEWS,
    SEGMENTATION_ARRIVED, /* the client acknowledged blocks that left so */
    SEGMENTATION_LOST,    /* only when they were sent again, one by one, did it acknowledge any */
    SEGMENTATION_REFUSED  /* the system does not do it, and not for the path's sake */
};

/* All zero: nothing is known, and it is done. */
struct segmentation {
    uint32_t losses; /* in a row */
    uint32_t refusals;
    bool is_over;
};

/* True if this ends it, which is to be told. */
bool segmentation_hear(struct segmentation *segmentation, enum segmentation_news news);
/* Nothing has gone wrong since something arrived: to hear of one more that arrived changes nothing. */
bool segmentation_is_well(const struct segmentation *segmentation);

#endif
