#include "unit.h"

#include "core/server/unsent.h"

static void test_every_reason_has_its_advice(void **state)
{
    (void)state;
    for (int i = 0; i < UNSENT_REASONS; i++) {
        CHECK(unsent_advice((enum unsent)i) != NULL, "reason %d", i);
        CHECK(strlen(unsent_advice((enum unsent)i)) > 20, "reason %d", i);
        for (int k = 0; k < i; k++)
            CHECK(strcmp(unsent_advice((enum unsent)i), unsent_advice((enum unsent)k)) != 0, "reasons %d and %d", i, k);
    }
}

static void test_each_is_told_now_and_then(void **state)
{
    struct unsent_told told = {{0}};
    uint64_t now_ms = 5;

    (void)state;
    for (int round = 0; round < 3; round++, now_ms += UNSENT_TELL_MS) {
        assert_true(unsent_is_to_be_told(&told, UNSENT_DENIED, now_ms));
        assert_true(unsent_is_to_be_told(&told, UNSENT_NO_ROUTE, now_ms));
        assert_false(unsent_is_to_be_told(&told, UNSENT_DENIED, now_ms));
        assert_false(unsent_is_to_be_told(&told, UNSENT_DENIED, now_ms + UNSENT_TELL_MS - 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_reason_has_its_advice),
        cmocka_unit_test(test_each_is_told_now_and_then),
    };

    return cmocka_run_group_tests_name("unsent", tests, NULL, NULL);
}
