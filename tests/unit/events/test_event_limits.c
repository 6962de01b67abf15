#include "unit.h"

#include "core/events/event_limits.h"

#include <stdio.h>

enum { FORGEABLE = 10, TRANSFERS = 4 };

static struct event_limits limits;

static int set_up(void **state)
{
    (void)state;
    event_limits_init(&limits, &(struct event_rates){FORGEABLE, TRANSFERS}, 1);
    return 0;
}

/* How many of these, of this host and all at once, are told; the others must be left out as `otherwise` says. */
static unsigned told(enum event_id id, bool is_unproven, uint8_t host, unsigned count,
                     enum event_limits_answer otherwise)
{
    unsigned told_count = 0;

    for (unsigned i = 0; i < count; i++) {
        struct event event = event_of(id, NULL, NULL);
        event.client = endpoint_ipv4(10, 0, 0, host, (uint16_t)(2000 + i));
        event.is_unproven = is_unproven;
        enum event_limits_answer answer = event_limits_judge(&limits, &event, 1000);
        assert_true(answer == EVENT_LIMITS_TELL || answer == otherwise);
        told_count += answer == EVENT_LIMITS_TELL;
    }
    return told_count;
}

/* One source gets half, so that another's refusals are told beside a flood. */
static void test_a_flood_leaves_room_for_others(void **state)
{
    (void)state;
    assert_int_equal(told(EVENT_NOT_FOUND, false, 1, 100, EVENT_LIMITS_LEAVE_OUT), FORGEABLE / 2);
    assert_int_equal(told(EVENT_READ_REFUSED, false, 2, 3, EVENT_LIMITS_LEAVE_OUT), 3);
    assert_int_equal(told(EVENT_NOT_FOUND, false, 3, 100, EVENT_LIMITS_LEAVE_OUT), FORGEABLE / 2 - 3);
    assert_int_equal(told(EVENT_NOT_FOUND, false, 4, 100, EVENT_LIMITS_LEAVE_OUT), 0);
}

/* Whatever the outcome of a transfer that may be forged, it draws on the same allowance. */
static void test_forged_transfers(void **state)
{
    static const enum event_id ids[] = {EVENT_ENDED_EARLY, EVENT_EVICTED,     EVENT_FETCH_FAILED, EVENT_STORE_FAILED,
                                        EVENT_DISK_FULL,   EVENT_FETCH_BEGUN, EVENT_NO_ROOM};
    unsigned count = 0;

    (void)state;
    for (uint8_t i = 0; i < 100; i++)
        count += told(ids[i % COUNT_OF(ids)], true, i, 1, EVENT_LIMITS_LEAVE_OUT);
    assert_int_equal(count, FORGEABLE);
}

static void test_transfers_of_one_source(void **state)
{
    (void)state;
    assert_int_equal(told(EVENT_FETCHED, false, 1, 50, EVENT_LIMITS_LEAVE_OUT_TRANSFER), TRANSFERS);
    assert_int_equal(told(EVENT_STORED, false, 1, 50, EVENT_LIMITS_LEAVE_OUT_TRANSFER), 0);
    assert_int_equal(told(EVENT_FETCHED, false, 2, 50, EVENT_LIMITS_LEAVE_OUT_TRANSFER), TRANSFERS);
    assert_int_equal(told(EVENT_NOT_FOUND, false, 1, 2, EVENT_LIMITS_LEAVE_OUT), 2);
}

static void test_the_service_is_always_heard(void **state)
{
    (void)state;
    assert_int_equal(told(EVENT_PARAMETER_CHANGED, false, 0, 200, EVENT_LIMITS_TELL), 200);
    assert_int_equal(told(EVENT_LOG_FAILED, false, 0, 200, EVENT_LIMITS_TELL), 200);
}

/* What has been used stays used while a rate stays as it is; the smallest rate still tells one. */
static void test_other_rates(void **state)
{
    (void)state;
    assert_int_equal(told(EVENT_NOT_FOUND, false, 1, 100, EVENT_LIMITS_LEAVE_OUT), FORGEABLE / 2);
    event_limits_set(&limits, &(struct event_rates){FORGEABLE, TRANSFERS + 1});
    assert_int_equal(told(EVENT_NOT_FOUND, false, 1, 100, EVENT_LIMITS_LEAVE_OUT), 0);
    assert_int_equal(told(EVENT_FETCHED, false, 1, 50, EVENT_LIMITS_LEAVE_OUT_TRANSFER), TRANSFERS + 1);
    event_limits_set(&limits, &(struct event_rates){1, TRANSFERS + 1});
    assert_int_equal(told(EVENT_FETCHED, false, 1, 50, EVENT_LIMITS_LEAVE_OUT_TRANSFER), 0);
    assert_int_equal(told(EVENT_NOT_FOUND, false, 1, 100, EVENT_LIMITS_LEAVE_OUT), 1);
    assert_int_equal(told(EVENT_NOT_FOUND, false, 2, 100, EVENT_LIMITS_LEAVE_OUT), 0);
}

/* The event that tells how many were left out names the number. */
static void test_the_words_are_true(void **state)
{
    char words[64];

    (void)state;
    snprintf(words, sizeof words, "more than %d of them in a second", EVENT_LIMITS_TRANSFERS);
    assert_non_null(strstr(event_kind(EVENT_TRANSFERS_LEFT_OUT)->text, words));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_flood_leaves_room_for_others, set_up),
        cmocka_unit_test_setup(test_forged_transfers, set_up),
        cmocka_unit_test_setup(test_transfers_of_one_source, set_up),
        cmocka_unit_test_setup(test_the_service_is_always_heard, set_up),
        cmocka_unit_test_setup(test_other_rates, set_up),
        cmocka_unit_test(test_the_words_are_true),
    };

    return cmocka_run_group_tests_name("event_limits", tests, NULL, NULL);
}
