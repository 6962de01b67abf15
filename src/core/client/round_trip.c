#include "core/client/round_trip.h"

void round_trip_measure(struct round_trip *trip, uint32_t sample_ms)
{
    uint32_t error_ms = sample_ms > trip->smooth_ms ? sample_ms - trip->smooth_ms : trip->smooth_ms - sample_ms;

    if (!trip->is_known) {
        *trip = (struct round_trip){true, sample_ms, sample_ms / 2};
        return;
    }
    trip->variation_ms = (3 * trip->variation_ms + error_ms) / 4;
    trip->smooth_ms = (7 * trip->smooth_ms + sample_ms) / 8;
}

uint32_t round_trip_wait_ms(const struct round_trip *trip, uint32_t otherwise_ms)
{
    uint32_t margin_ms = 4 * trip->variation_ms;

    if (!trip->is_known)
        return otherwise_ms;
    if (margin_ms < ROUND_TRIP_MARGIN_MS_MIN)
        margin_ms = ROUND_TRIP_MARGIN_MS_MIN;
    uint32_t wait_ms = trip->smooth_ms + margin_ms;
    return wait_ms > ROUND_TRIP_WAIT_MS_MIN ? wait_ms : ROUND_TRIP_WAIT_MS_MIN;
}
