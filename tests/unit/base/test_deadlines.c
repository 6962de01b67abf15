#include "unit.h"

#include "core/base/deadlines.h"

enum { CAPACITY = 64 };

static void test_earliest_first(void **state)
{
    static const uint64_t times[] = {50, 10, 40, 10, 30, 20, 60};
    struct deadline *heap[COUNT_OF(times)];
    struct deadline items[COUNT_OF(times)] = {{0, 0, 0}};
    struct deadlines deadlines;
    uint64_t previous = 0;

    (void)state;
    deadlines_init(&deadlines, heap, COUNT_OF(times));
    assert_true(deadlines_next(&deadlines) == UINT64_MAX);
    assert_null(deadlines_take_due(&deadlines, UINT64_MAX));
    for (size_t i = 0; i < COUNT_OF(times); i++)
        deadlines_set(&deadlines, &items[i], times[i]);
    assert_int_equal(deadlines_next(&deadlines), 10);
    assert_null(deadlines_take_due(&deadlines, 9));
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        struct deadline *due = deadlines_take_due(&deadlines, 60);
        assert_non_null(due);
        assert_true(due->due_ms >= previous && due->place == 0);
        previous = due->due_ms;
    }
    assert_null(deadlines_take_due(&deadlines, UINT64_MAX));
}

static void test_put_off_and_brought_forward(void **state)
{
    struct deadline *heap[2];
    struct deadline a = {0, 0, 0}, b = {0, 0, 0};
    struct deadlines deadlines;

    (void)state;
    deadlines_init(&deadlines, heap, 2);
    deadlines_set(&deadlines, &a, 100);
    deadlines_set(&deadlines, &b, 150);
    deadlines_set(&deadlines, &a, 200);
    assert_true(deadlines_next(&deadlines) <= 150);
    assert_null(deadlines_take_due(&deadlines, 120));
    assert_ptr_equal(deadlines_take_due(&deadlines, 150), &b);
    assert_null(deadlines_take_due(&deadlines, 199));
    deadlines_set(&deadlines, &a, 50);
    assert_int_equal(deadlines_next(&deadlines), 50);
    assert_ptr_equal(deadlines_take_due(&deadlines, 50), &a);
    deadlines_clear(&deadlines, &a); /* not in it: nothing happens */
    deadlines_set(&deadlines, &a, 10);
    deadlines_clear(&deadlines, &a);
    assert_true(deadlines_next(&deadlines) == UINT64_MAX);
}

/* A plain array of due times is what the heap has to agree with, whatever happens in which order. */
static void test_against_an_array(void **state)
{
    struct deadline *heap[CAPACITY];
    struct deadline items[CAPACITY];
    uint64_t due[CAPACITY]; /* UINT64_MAX: not set */
    struct deadlines deadlines;
    uint64_t random = 13;
    uint64_t now = 1000;

    (void)state;
    memset(items, 0, sizeof items);
    memset(due, 0xff, sizeof due);
    deadlines_init(&deadlines, heap, CAPACITY);
    for (int round = 0; round < 300000; round++) {
        uint32_t i = random_below(&random, CAPACITY);
        switch (random_below(&random, 8)) {
        case 0:
            deadlines_clear(&deadlines, &items[i]);
            due[i] = UINT64_MAX;
            break;
        case 1: {
            now += random_below(&random, 20);
            struct deadline *taken = deadlines_take_due(&deadlines, now);
            uint64_t earliest = UINT64_MAX;
            for (size_t k = 0; k < CAPACITY; k++)
                earliest = due[k] < earliest ? due[k] : earliest;
            CHECK((taken != NULL) == (earliest <= now), "round %d", round);
            if (taken != NULL) {
                CHECK(due[taken - items] <= now && taken->due_ms == due[taken - items], "round %d", round);
                due[taken - items] = UINT64_MAX;
            }
            break;
        }
        default: due[i] = now + random_below(&random, 200); deadlines_set(&deadlines, &items[i], due[i]);
        }
        uint64_t next = deadlines_next(&deadlines);
        uint32_t count = 0;
        for (size_t k = 0; k < CAPACITY; k++) {
            CHECK(next <= due[k], "round %d", round);
            CHECK((items[k].place != 0) == (due[k] != UINT64_MAX), "round %d", round);
            count += due[k] != UINT64_MAX;
        }
        assert_int_equal(deadlines.count, count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_earliest_first),
        cmocka_unit_test(test_put_off_and_brought_forward),
        cmocka_unit_test(test_against_an_array),
    };

    return cmocka_run_group_tests_name("deadlines", tests, NULL, NULL);
}
