/* Exit codes, which scripts live by, and round trips. */
#include "unit.h"

#include "core/client/cause.h"
#include "core/client/round_trip.h"

static void test_exit_codes(void **state)
{
    static const int codes[CAUSE_COUNT] = {
        [CAUSE_DONE] = 0,          [CAUSE_COMMAND_LINE] = 2, [CAUSE_NAME_TOO_LONG] = 2,  [CAUSE_LOCAL_FILE] = 3,
        [CAUSE_SHRUNK] = 3,        [CAUSE_DISK_FULL] = 4,    [CAUSE_TOO_LARGE] = 4,      [CAUSE_EXISTS] = 5,
        [CAUSE_STDOUT] = 7,        [CAUSE_HOST_NAME] = 10,   [CAUSE_NO_ANSWER] = 11,     [CAUSE_NOTHING_LISTENS] = 12,
        [CAUSE_STOPPED] = 13,      [CAUSE_SOCKET] = 14,      [CAUSE_OTHER_ADDRESS] = 15, [CAUSE_PROTOCOL] = 16,
        [CAUSE_WRONG_SIZE] = 17,   [CAUSE_OTHER_HASH] = 18,  [CAUSE_UNCONFIRMED] = 19,   [CAUSE_SERVER_ERROR] = 20,
        [CAUSE_INTERRUPTED] = 130,
    };

    (void)state;
    for (enum cause cause = 0; cause < CAUSE_COUNT; cause++) {
        assert_int_equal(cause_exit_code(cause, 0), codes[cause]);
        assert_true(cause_text(cause)[0] != 0 && cause_error_text(cause)[0] != 0 && cause_error_code(cause) <= 8);
    }
    for (uint16_t code = 0; code <= 8; code++)
        assert_int_equal(cause_exit_code(CAUSE_SERVER_ERROR, code), 20 + code);
    assert_int_equal(cause_exit_code(CAUSE_SERVER_ERROR, 9), 29);
    assert_int_equal(cause_exit_code(CAUSE_SERVER_ERROR, 65535), 29);
}

/* RFC 6298, section 2: the first sample, then 1/8 and 1/4. */
static void test_round_trip(void **state)
{
    struct round_trip trip = {.is_known = false};

    (void)state;
    assert_int_equal(round_trip_wait_ms(&trip, 1000), 1000);
    round_trip_measure(&trip, 800);
    assert_true(trip.smooth_ms == 800 && trip.variation_ms == 400);
    assert_int_equal(round_trip_wait_ms(&trip, 1000), 2400);
    round_trip_measure(&trip, 1600);
    assert_true(trip.smooth_ms == 900 && trip.variation_ms == 500);
    round_trip_measure(&trip, 100);
    assert_true(trip.smooth_ms == 800 && trip.variation_ms == 575);
    for (int i = 0; i < 100; i++)
        round_trip_measure(&trip, 400);
    assert_in_range(round_trip_wait_ms(&trip, 1000), 400 + ROUND_TRIP_MARGIN_MS_MIN, 410 + ROUND_TRIP_MARGIN_MS_MIN);
    for (int i = 0; i < 100; i++)
        round_trip_measure(&trip, 0);
    assert_int_equal(round_trip_wait_ms(&trip, 1000), ROUND_TRIP_WAIT_MS_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit_codes),
        cmocka_unit_test(test_round_trip),
    };

    return cmocka_run_group_tests_name("client_cause", tests, NULL, NULL);
}
