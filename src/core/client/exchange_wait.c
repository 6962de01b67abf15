#include "core/client/exchange_parts.h"

static uint32_t longest_ms(const struct exchange *x)
{
    return x->setup.timeout_ms > EXCHANGE_WAIT_MS_MAX ? x->setup.timeout_ms : EXCHANGE_WAIT_MS_MAX;
}

static uint32_t doubled_ms(const struct exchange *x, uint32_t wait_ms)
{
    uint32_t longest = longest_ms(x);

    if (wait_ms >= longest)
        return wait_ms;
    return wait_ms <= longest / 2 ? wait_ms * 2 : longest;
}

uint32_t wait_of_request_ms(const struct exchange *x, uint32_t repeats)
{
    uint32_t wait_ms = x->setup.timeout_ms;

    /* Who is not awake yet, and then listens for two seconds, is asked each second. */
    for (uint32_t i = 0; i < repeats && x->setup.wait_ms == 0 && wait_ms < longest_ms(x); i++)
        wait_ms = doubled_ms(x, wait_ms);
    return wait_ms;
}

uint64_t wait_patience_ms(const struct exchange *x)
{
    uint64_t patience_ms = 0;
    uint32_t wait_ms = x->setup.timeout_ms;

    for (uint32_t i = 0; i <= x->setup.retries; i++, wait_ms = doubled_ms(x, wait_ms))
        patience_ms += wait_ms;
    return patience_ms;
}

void wait_sample(struct exchange *x, uint64_t since_ms, uint64_t now_ms)
{
    round_trip_measure(&x->trip, now_ms > since_ms ? (uint32_t)(now_ms - since_ms) : 0);
    x->is_backed_off = false;
}

uint32_t wait_of_trip_ms(const struct exchange *x)
{
    uint32_t wait_ms = round_trip_wait_ms(&x->trip, x->setup.timeout_ms), longest = longest_ms(x);

    return wait_ms < longest ? wait_ms : longest;
}

/*
 * The first data may have to be fetched from a slow disk, whatever the request's round trip was. And after a repetition the
 * answer may have been late rather than lost: were the wait short again at once, a longer round trip would never be seen.
 */
static uint32_t learnt_ms(const struct exchange *x)
{
    bool is_learnt = x->is_data_seen && !x->is_backed_off;

    return is_learnt ? wait_of_trip_ms(x) + x->window_ms : x->setup.timeout_ms;
}

void wait_arm(struct exchange *x, uint64_t now_ms)
{
    uint64_t ends_ms = x->progress_ms + x->patience_ms;

    x->deadline_ms = now_ms + x->wait_ms;
    if (x->deadline_ms > ends_ms)
        x->deadline_ms = ends_ms;
}

void wait_progress(struct exchange *x, uint64_t now_ms)
{
    x->progress_ms = now_ms;
    x->silent = 0;
    x->wait_ms = learnt_ms(x);
    wait_arm(x, now_ms);
}

bool wait_again(struct exchange *x, uint64_t now_ms)
{
    if (now_ms >= x->progress_ms + x->patience_ms)
        return false;
    x->silent++;
    x->is_backed_off = true;
    x->wait_ms = doubled_ms(x, x->wait_ms);
    wait_arm(x, now_ms);
    return true;
}
