#include "core/transfer/segmentation.h"

bool segmentation_is_well(const struct segmentation *segmentation)
{
    return segmentation->losses == 0 && segmentation->refusals == 0;
}

bool segmentation_hear(struct segmentation *segmentation, enum segmentation_news news)
{
    if (segmentation->is_over)
        return false;
    segmentation->losses += news == SEGMENTATION_LOST;
    segmentation->refusals += news == SEGMENTATION_REFUSED;
    if (news == SEGMENTATION_ARRIVED)
        *segmentation = (struct segmentation){.losses = 0};
    segmentation->is_over =
        segmentation->losses >= SEGMENTATION_LOSSES_MAX || segmentation->refusals >= SEGMENTATION_REFUSALS_MAX;
    return segmentation->is_over;
}
