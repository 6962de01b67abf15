#include "statistics.h"

static const struct {
    uint32_t up_to; /* datagrams of a thousand, each way */
    uint32_t resent_percent_max;
    const char *text;
} classes[STATISTICS_CLASSES] = {
    {0, 0, "no fault"},       {10, 30, "loss to 1 %"},    {20, 50, "loss to 2 %"},
    {50, 100, "loss to 5 %"}, {100, 150, "loss to 10 %"}, {1000, 100, "all faults"},
};

static const char *const fault_texts[FAULT_COUNT] = {
    [FAULT_LOSS] = "loss",
    [FAULT_DOUBLING] = "duplication",
    [FAULT_REORDERING] = "reordering",
    [FAULT_CORRUPTION] = "corruption",
    [FAULT_TRUNCATION] = "truncation",
    [FAULT_PARTITION] = "partition",
    [FAULT_SLOW_DISK] = "slow disk",
    [FAULT_BROKEN_READ] = "broken read",
    [FAULT_BROKEN_WRITE] = "broken write",
    [FAULT_FULL_DISK] = "full disk",
    [FAULT_NAME_TAKEN] = "name taken",
    [FAULT_FULL_BUFFER] = "full send buffer",
    [FAULT_LOST_SEGMENTS] = "lost segments",
    [FAULT_ADMIN] = "ended by administrator",
    [FAULT_STOP] = "service stop",
};

uint32_t statistics_class(const struct world *w)
{
    uint32_t class = 1;

    if (w->kind != WORLD_LOSSY)
        return w->kind == WORLD_STRICT ? 0 : STATISTICS_CLASSES - 1;
    while (w->faults.loss_to_server > classes[class].up_to || w->faults.loss_to_client > classes[class].up_to)
        class ++;
    return class;
}

const char *statistics_class_text(uint32_t class)
{
    return classes[class].text;
}

uint32_t statistics_resent_percent_max(uint32_t class)
{
    return classes[class].resent_percent_max;
}

const char *statistics_fault_text(enum fault fault)
{
    return fault_texts[fault];
}
