/*
 * How long an answer takes, and so how long to wait for one (RFC 6298). What was sent twice is not measured, as its answer
 * may belong to either (Karn): that is the caller's to know.
 */
#ifndef CORE_CLIENT_ROUND_TRIP_H
#define CORE_CLIENT_ROUND_TRIP_H

#include <stdbool.h>
#include <stdint.h>

enum {
    ROUND_TRIP_WAIT_MS_MIN = 250,
    ROUND_TRIP_MARGIN_MS_MIN = 100 /* a wait is never so little longer: clocks and timers are coarse */
};

/* All zero: nothing is known. */
struct round_trip {
    bool is_known;
    uint32_t smooth_ms;
    uint32_t variation_ms;
};

void round_trip_measure(struct round_trip *trip, uint32_t sample_ms);
/* The wait that it makes; otherwise_ms where nothing is known. */
uint32_t round_trip_wait_ms(const struct round_trip *trip, uint32_t otherwise_ms);

#endif
