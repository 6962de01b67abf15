/*
 * How many events are told, so that nobody can fill the logs: of what may be forged (event_is_forgeable) so many a second in
 * all, and of one source half as many, so that others' refusals are told beside a flood; of transfers so many a second and
 * source. Their owner guards them with a lock.
 */
#ifndef CORE_EVENT_LIMITS_H
#define CORE_EVENT_LIMITS_H

#include "core/base/limiter.h"
#include "core/events/event.h"

/* More than a machine that boots fetches in a second: GRUB asks for some twenty modules in one go. */
enum { EVENT_LIMITS_TRANSFERS = 50 };

struct event_rates {
    uint32_t forgeable; /* a second: the parameter RefusalEventsPerSecond, 1 to 1,000,000 */
    uint32_t transfers; /* a second and source: EVENT_LIMITS_TRANSFERS, or as many for tests */
};

struct event_limits {
    struct event_rates rates;
    struct bucket forgeable;
    struct limiter forgeable_of_source;
    struct limiter transfers_of_source;
};

enum event_limits_answer {
    EVENT_LIMITS_TELL,
    EVENT_LIMITS_LEAVE_OUT,         /* to be counted in EVENT_REFUSALS_LEFT_OUT */
    EVENT_LIMITS_LEAVE_OUT_TRANSFER /* in EVENT_TRANSFERS_LEFT_OUT */
};

/* seed is that of endpoint_hash. */
void event_limits_init(struct event_limits *limits, const struct event_rates *rates, uint64_t seed);
/* Other rates from now on; those that stay as they are keep what has been used of them. */
void event_limits_set(struct event_limits *limits, const struct event_rates *rates);
enum event_limits_answer event_limits_judge(struct event_limits *limits, const struct event *event, uint64_t now_ms);

#endif
