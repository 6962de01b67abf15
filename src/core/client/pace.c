#include "core/client/pace.h"

enum { NS_PER_MS = 1000000 };

static const uint64_t ns_per_s = 1000 * (uint64_t)NS_PER_MS;

uint32_t pace_step_bytes(uint64_t rate)
{
    uint64_t steps_per_s = 1000 / PACE_STEP_MS;

    return rate == 0 || rate / steps_per_s > UINT32_MAX ? UINT32_MAX : (uint32_t)(rate / steps_per_s);
}

void pace_spend(struct pace *pace, size_t bytes, uint64_t now_ms)
{
    uint64_t credit_ms = now_ms < PACE_CREDIT_MS ? now_ms : PACE_CREDIT_MS;
    uint64_t from_ns = (now_ms - credit_ms) * NS_PER_MS, most_ns = (now_ms + PACE_STEP_MS) * NS_PER_MS;

    if (pace->rate == 0)
        return;
    if (pace->due_ns < from_ns)
        pace->due_ns = from_ns;
    pace->due_ns += bytes * ns_per_s / pace->rate;
    if (pace->due_ns > most_ns)
        pace->due_ns = most_ns;
}

uint64_t pace_due_ms(const struct pace *pace)
{
    return (pace->due_ns + NS_PER_MS - 1) / NS_PER_MS;
}
