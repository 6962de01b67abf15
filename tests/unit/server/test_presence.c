#include "unit.h"

#include "core/server/presence.h"

enum { PACE_MS = 3000 };

static void test_a_thing_that_is_there_is_not_told(void **state)
{
    struct presence presence = {.state = PRESENCE_AWAITED};

    (void)state;
    assert_true(presence_try(&presence, 0, PACE_MS));
    assert_false(presence_becomes(&presence, PRESENCE_OPEN));
    assert_int_equal(presence.state, PRESENCE_OPEN);
}

static void test_each_state_is_told_once_until_it_is_open(void **state)
{
    static const struct {
        enum presence_state state;
        bool is_told;
    } steps[] = {
        {PRESENCE_AWAITED, true},  {PRESENCE_AWAITED, false}, {PRESENCE_TAKEN, true},  {PRESENCE_TAKEN, false},
        {PRESENCE_AWAITED, false}, {PRESENCE_FAILED, true},   {PRESENCE_TAKEN, false}, {PRESENCE_FAILED, false},
        {PRESENCE_OPEN, true},     {PRESENCE_BROKEN, true},   {PRESENCE_TAKEN, true},  {PRESENCE_TAKEN, false},
        {PRESENCE_OPEN, true},     {PRESENCE_OPEN, false},    {PRESENCE_BROKEN, true},
    };
    struct presence presence = {.state = PRESENCE_AWAITED};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        CHECK(presence_becomes(&presence, steps[i].state) == steps[i].is_told, "step %u", (unsigned)i);
        assert_int_equal(presence.state, steps[i].state);
    }
}

static void test_it_is_tried_at_a_pace(void **state)
{
    struct presence presence = {.state = PRESENCE_AWAITED};

    (void)state;
    assert_true(presence_try(&presence, 500, PACE_MS));
    assert_false(presence_try(&presence, 500, PACE_MS)); /* one of several threads does it */
    presence_becomes(&presence, PRESENCE_TAKEN);
    assert_false(presence_try(&presence, 500 + PACE_MS - 1, PACE_MS));
    assert_true(presence_try(&presence, 500 + PACE_MS, PACE_MS));
}

/* What breaks as soon as it is open costs an attempt a pace and no more; what was good for long is had back at once. */
static void test_what_breaks_is_tried_at_once_unless_it_was_just_opened(void **state)
{
    struct presence presence = {.state = PRESENCE_AWAITED};

    (void)state;
    assert_true(presence_try(&presence, 500, PACE_MS));
    presence_becomes(&presence, PRESENCE_OPEN);
    presence_becomes(&presence, PRESENCE_BROKEN);
    assert_false(presence_try(&presence, 500 + PACE_MS - 1, PACE_MS));
    assert_true(presence_try(&presence, 500 + PACE_MS, PACE_MS));
    presence_becomes(&presence, PRESENCE_OPEN);
    presence_becomes(&presence, PRESENCE_BROKEN);
    assert_true(presence_try(&presence, 500 + 2 * PACE_MS, PACE_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thing_that_is_there_is_not_told),
        cmocka_unit_test(test_each_state_is_told_once_until_it_is_open),
        cmocka_unit_test(test_it_is_tried_at_a_pace),
        cmocka_unit_test(test_what_breaks_is_tried_at_once_unless_it_was_just_opened),
    };

    return cmocka_run_group_tests_name("presence", tests, NULL, NULL);
}
