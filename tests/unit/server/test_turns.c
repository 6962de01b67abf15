#include "unit.h"

#include "core/server/turns.h"

static struct turns turns;

static int set_up(void **state)
{
    (void)state;
    turns_init(&turns);
    return 0;
}

static void test_bucket_of_a_client(void **state)
{
    bool is_used[TURNS_BUCKETS] = {false};
    struct endpoint client = endpoint_ipv4(10, 0, 0, 1, 2070);
    struct endpoint other_port = endpoint_ipv4(10, 0, 0, 1, 2071);
    uint32_t used = 0;

    (void)state;
    assert_int_equal(turns_bucket_of(&client, 1), turns_bucket_of(&other_port, 1));
    for (uint32_t i = 0; i < 4 * TURNS_BUCKETS; i++) {
        client = endpoint_ipv4(10, 0, (uint8_t)(i >> 8), (uint8_t)i, 2070);
        uint8_t bucket = turns_bucket_of(&client, 1);
        used += !is_used[bucket];
        is_used[bucket] = true;
    }
    assert_true(used > TURNS_BUCKETS * 9 / 10);
}

static void test_crowd(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 2 * TURNS_CROWD; i++) {
        turns_enter(&turns, 5);
        CHECK(turns_is_crowd(&turns, 5) == (i >= TURNS_CROWD), "transfer %u", (unsigned)i);
        assert_false(turns_is_crowd(&turns, 6));
    }
    for (uint32_t i = 2 * TURNS_CROWD; i > 0; i--) {
        turns_leave(&turns, 5);
        CHECK(turns_is_crowd(&turns, 5) == (i - 1 >= TURNS_CROWD), "transfer %u", (unsigned)i);
    }
}

/* Once a round, each bucket on its own account, and never past its own queue. */
static void test_goes_at_once(void **state)
{
    struct turn turn;

    (void)state;
    for (int round = 0; round < 3; round++) {
        assert_true(turns_goes_at_once(&turns, 5));
        assert_false(turns_goes_at_once(&turns, 5));
        assert_true(turns_goes_at_once(&turns, 6));
        assert_false(turns_goes_at_once(&turns, 5));
        turns_next_round(&turns);
    }
    turns_put(&turns, &turn, 5);
    assert_false(turns_goes_at_once(&turns, 5));
    assert_true(turns_goes_at_once(&turns, 6));
    /* Who was turned away for the queue has not gone. */
    assert_ptr_equal(turns_take(&turns), &turn);
    assert_true(turns_goes_at_once(&turns, 5));
}

/* Bucket 1 has a crowd, 2 and 3 have one transfer each: they wait for one of the crowd, not for all of it. */
static void test_buckets_take_turns(void **state)
{
    struct turn crowd[4], second, third;
    struct turn *const order[] = {&crowd[0], &second, &third, &crowd[1], &crowd[2], &crowd[3], NULL};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(crowd); i++)
        turns_put(&turns, &crowd[i], 1);
    assert_true(turns_is_alone(&turns, 1));
    assert_false(turns_is_alone(&turns, 2));
    turns_put(&turns, &second, 2);
    assert_false(turns_is_alone(&turns, 1));
    turns_put(&turns, &third, 3);
    assert_int_equal(turns.waiting, 3);
    for (size_t i = 0; i < COUNT_OF(order); i++)
        CHECK(turns_take(&turns) == order[i], "turn %u", (unsigned)i);
    assert_true(turns_is_alone(&turns, 1) && turns.waiting == 0);
}

/* Each bucket passed on without effect is the last then. */
static void test_pass(void **state)
{
    struct turn items[3];

    (void)state;
    for (uint8_t i = 0; i < COUNT_OF(items); i++)
        turns_put(&turns, &items[i], (uint8_t)(10 + i));
    assert_int_equal(turns_next_bucket(&turns), 10);
    turns_pass(&turns);
    assert_int_equal(turns_next_bucket(&turns), 11);
    assert_ptr_equal(turns_take(&turns), &items[1]);
    assert_ptr_equal(turns_take(&turns), &items[2]);
    turns_pass(&turns);
    assert_ptr_equal(turns_take(&turns), &items[0]);
    assert_null(turns_take(&turns));
}

/* Who ends while it waits leaves no trace, whichever place it has, and the others keep their order. */
static void test_remove(void **state)
{
    enum { BUCKETS = 4, EACH = 3, ITEMS = BUCKETS * EACH };
    struct turn items[ITEMS];

    (void)state;
    for (unsigned first = 0; first < ITEMS; first++)
        for (unsigned second = 0; second < ITEMS; second++) {
            bool is_put[ITEMS];
            turns_init(&turns);
            for (unsigned i = 0; i < ITEMS; i++) {
                is_put[i] = i < BUCKETS || i % BUCKETS < 2; /* two of the buckets have one only */
                if (is_put[i])
                    turns_put(&turns, &items[i], (uint8_t)(i % BUCKETS));
            }
            if (!is_put[first] || !is_put[second])
                continue;
            turns_remove(&turns, &items[first], (uint8_t)(first % BUCKETS));
            is_put[first] = false;
            if (second != first)
                turns_remove(&turns, &items[second], (uint8_t)(second % BUCKETS));
            is_put[second] = false;
            unsigned taken[BUCKETS] = {0};
            for (unsigned round = 0; round < EACH; round++)
                for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
                    while (taken[bucket] < EACH && !is_put[taken[bucket] * BUCKETS + bucket])
                        taken[bucket]++;
                    if (taken[bucket] == EACH)
                        continue;
                    CHECK(turns_take(&turns) == &items[taken[bucket] * BUCKETS + bucket], "without %u and %u", first,
                          second);
                    taken[bucket]++;
                }
            assert_null(turns_take(&turns));
        }
}

/* -- against plain lists -- */

enum { ITEMS = 24, BUCKETS = 6 };

static struct {
    struct turn items[ITEMS];
    int waiting[ITEMS]; /* in the order they came */
    unsigned waiting_count;
    int ring[BUCKETS];
    unsigned ring_count;
    bool has_gone[BUCKETS];
    unsigned members[BUCKETS];
} naive;

static int naive_bucket(int item)
{
    return item % BUCKETS;
}

static unsigned naive_queued(int bucket)
{
    unsigned count = 0;

    for (unsigned i = 0; i < naive.waiting_count; i++)
        count += naive_bucket(naive.waiting[i]) == bucket;
    return count;
}

static bool naive_is_waiting(int item)
{
    for (unsigned i = 0; i < naive.waiting_count; i++)
        if (naive.waiting[i] == item)
            return true;
    return false;
}

static void cut_out(int *list, unsigned *count, int value)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < *count; i++)
        if (list[i] != value)
            list[kept++] = list[i];
    *count = kept;
}

static void naive_put(int item)
{
    if (naive_queued(naive_bucket(item)) == 0)
        naive.ring[naive.ring_count++] = naive_bucket(item);
    naive.waiting[naive.waiting_count++] = item;
}

static void naive_remove(int item)
{
    cut_out(naive.waiting, &naive.waiting_count, item);
    if (naive_queued(naive_bucket(item)) == 0)
        cut_out(naive.ring, &naive.ring_count, naive_bucket(item));
}

static void naive_pass(void)
{
    int bucket = naive.ring[0];

    cut_out(naive.ring, &naive.ring_count, bucket);
    naive.ring[naive.ring_count++] = bucket;
}

static struct turn *naive_take(void)
{
    int item = -1;

    if (naive.ring_count == 0)
        return NULL;
    for (unsigned i = 0; i < naive.waiting_count && item < 0; i++)
        if (naive_bucket(naive.waiting[i]) == naive.ring[0])
            item = naive.waiting[i];
    naive_pass();
    naive_remove(item);
    return &naive.items[item];
}

static void put_or_remove(int item, uint8_t bucket)
{
    if (naive_is_waiting(item)) {
        naive_remove(item);
        turns_remove(&turns, &naive.items[item], bucket);
    } else {
        naive_put(item);
        turns_put(&turns, &naive.items[item], bucket);
    }
}

static void random_event(uint64_t *random, int round)
{
    int item = (int)random_below(random, ITEMS);
    uint8_t bucket = (uint8_t)naive_bucket(item);
    bool may_go;

    switch (random_below(random, 10)) {
    case 0:
        turns_next_round(&turns);
        memset(naive.has_gone, 0, sizeof naive.has_gone);
        break;
    case 1:
    case 2:
        may_go = naive_queued(bucket) == 0 && !naive.has_gone[bucket];
        naive.has_gone[bucket] |= may_go;
        CHECK(turns_goes_at_once(&turns, bucket) == may_go, "round %d", round);
        break;
    case 3:
        if (naive.ring_count > 0) {
            naive_pass();
            turns_pass(&turns);
        }
        break;
    case 4:
        naive.members[bucket]++;
        turns_enter(&turns, bucket);
        break;
    case 5:
        if (naive.members[bucket] > 0) {
            naive.members[bucket]--;
            turns_leave(&turns, bucket);
        }
        break;
    case 6:
    case 7: CHECK(turns_take(&turns) == naive_take(), "round %d", round); break;
    default: put_or_remove(item, bucket);
    }
}

static void test_against_lists(void **state)
{
    uint64_t random = 17;

    (void)state;
    memset(&naive, 0, sizeof naive);
    for (int round = 0; round < 200000; round++) {
        random_event(&random, round);
        CHECK(turns.waiting == naive.ring_count, "round %d", round);
        if (naive.ring_count > 0)
            CHECK(turns_next_bucket(&turns) == naive.ring[0], "round %d", round);
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            bool is_alone = naive.ring_count == (naive_queued(bucket) > 0 ? 1 : 0);
            CHECK(turns_is_alone(&turns, (uint8_t)bucket) == is_alone, "round %d", round);
            CHECK(turns_is_crowd(&turns, (uint8_t)bucket) == (naive.members[bucket] >= TURNS_CROWD), "round %d", round);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_bucket_of_a_client, set_up),
        cmocka_unit_test_setup(test_crowd, set_up),
        cmocka_unit_test_setup(test_goes_at_once, set_up),
        cmocka_unit_test_setup(test_buckets_take_turns, set_up),
        cmocka_unit_test_setup(test_pass, set_up),
        cmocka_unit_test_setup(test_remove, set_up),
        cmocka_unit_test_setup(test_against_lists, set_up),
    };

    return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
