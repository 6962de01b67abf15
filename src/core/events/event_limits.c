#include "core/events/event_limits.h"

enum { SOURCE_SHARE = 2 };

static uint32_t rate_of_source(const struct event_limits *limits)
{
    uint32_t rate = limits->rates.forgeable / SOURCE_SHARE;

    return rate > 0 ? rate : 1;
}

void event_limits_init(struct event_limits *limits, const struct event_rates *rates, uint64_t seed)
{
    memset(limits, 0, sizeof *limits);
    limits->forgeable_of_source.seed = seed;
    limits->transfers_of_source.seed = seed;
    event_limits_set(limits, rates);
}

void event_limits_set(struct event_limits *limits, const struct event_rates *rates)
{
    struct event_rates old = limits->rates;

    limits->rates = *rates;
    if (rates->forgeable != old.forgeable) {
        bucket_init(&limits->forgeable, rates->forgeable);
        limiter_init(&limits->forgeable_of_source, rate_of_source(limits), limits->forgeable_of_source.seed);
    }
    if (rates->transfers != old.transfers)
        limiter_init(&limits->transfers_of_source, rates->transfers, limits->transfers_of_source.seed);
}

enum event_limits_answer event_limits_judge(struct event_limits *limits, const struct event *event, uint64_t now_ms)
{
    if (event_is_forgeable(event)) {
        /* The source's share first: what is over it must not use up what is left for others. */
        bool may = limiter_allows(&limits->forgeable_of_source, &event->client, rate_of_source(limits), now_ms) &&
                   bucket_take(&limits->forgeable, limits->rates.forgeable, now_ms);
        return may ? EVENT_LIMITS_TELL : EVENT_LIMITS_LEAVE_OUT;
    }
    if (event_kind(event->id)->category != CATEGORY_TRANSFER ||
        limiter_allows(&limits->transfers_of_source, &event->client, limits->rates.transfers, now_ms))
        return EVENT_LIMITS_TELL;
    return EVENT_LIMITS_LEAVE_OUT_TRANSFER;
}
