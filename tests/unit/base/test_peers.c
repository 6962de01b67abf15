#include "unit.h"

#include "core/base/peers.h"

#include <stdlib.h>

enum { CAPACITY = 64, HOSTS = 100 };

static void test_add_find_remove(void **state)
{
    struct peer *slots[16];
    struct peers peers;
    struct peer a = {.at = endpoint_ipv4(10, 0, 0, 1, 1000)};
    struct peer b = {.at = endpoint_ipv4(10, 0, 0, 1, 1001)};
    struct peer twin = a;

    (void)state;
    peers_init(&peers, slots, 16, 1);
    assert_null(peers_find(&peers, &a.at));
    assert_false(peers_remove(&peers, &a));
    assert_true(peers_add(&peers, &a));
    assert_int_equal(a.hash, endpoint_hash(&a.at, 1));
    assert_ptr_equal(peers_find(&peers, &a.at), &a);
    assert_null(peers_find(&peers, &b.at));
    assert_false(peers_add(&peers, &a));
    assert_false(peers_add(&peers, &twin));
    assert_int_equal(peers.count, 1);
    assert_true(peers_add(&peers, &b));
    /* Another one of the same address does not stand in the table. */
    assert_false(peers_remove(&peers, &twin));
    assert_ptr_equal(peers_find(&peers, &a.at), &a);
    assert_true(peers_remove(&peers, &a));
    assert_false(peers_remove(&peers, &a));
    assert_null(peers_find(&peers, &a.at));
    assert_ptr_equal(peers_find(&peers, &b.at), &b);
    assert_int_equal(peers.count, 1);
}

static void test_full_at_three_quarters(void **state)
{
    struct peer *slots[CAPACITY];
    struct peer items[CAPACITY];
    struct peers peers;

    (void)state;
    peers_init(&peers, slots, CAPACITY, 1);
    for (unsigned i = 0; i < CAPACITY; i++) {
        items[i].at = endpoint_ipv4(10, 0, 0, (uint8_t)i, 2070);
        CHECK(peers_add(&peers, &items[i]) == (i < CAPACITY / 4 * 3), "item %u", i);
    }
    assert_int_equal(peers.count, CAPACITY / 4 * 3);
    assert_true(peers_remove(&peers, &items[5]));
    assert_true(peers_add(&peers, &items[CAPACITY - 1]));
}

/* Against a plain list: added and removed at random in a crowded table, so that runs wrap and holes close. */
static void test_against_a_list(void **state)
{
    struct peer *slots[CAPACITY];
    struct peer items[HOSTS];
    bool is_in[HOSTS] = {false};
    struct peers peers;
    uint64_t random = 9;
    unsigned count = 0;

    (void)state;
    peers_init(&peers, slots, CAPACITY, 1);
    for (unsigned i = 0; i < HOSTS; i++)
        items[i].at = endpoint_ipv4(10, 0, (uint8_t)(i / 10), 1, (uint16_t)(2000 + i % 10));
    for (int round = 0; round < 200000; round++) {
        unsigned i = random_below(&random, HOSTS);
        if (is_in[i]) {
            CHECK(peers_remove(&peers, &items[i]), "round %d", round);
            is_in[i] = false;
            count--;
        } else {
            bool is_added = peers_add(&peers, &items[i]);
            CHECK(is_added == (count < CAPACITY / 4 * 3), "round %d", round);
            is_in[i] = is_added;
            count += is_added;
        }
        assert_int_equal(peers.count, count);
        for (unsigned k = 0; k < HOSTS && round % 16 == 0; k++)
            CHECK(peers_find(&peers, &items[k].at) == (is_in[k] ? &items[k] : NULL), "round %d item %u", round, k);
    }
}

static int by_hash(const void *a, const void *b)
{
    uint32_t x = ((const struct peer *)a)->hash, y = ((const struct peer *)b)->hash;

    return (x > y) - (x < y);
}

/* Two peers of one hash: so many that there are some, with 32 bits. */
static void test_the_same_hash_is_not_the_same_peer(void **state)
{
    enum { MANY = 200000, SEED = 1 };
    struct peer *slots[16];
    struct peer *many = calloc(MANY, sizeof many[0]);
    struct peers peers;
    unsigned pairs = 0;

    (void)state;
    assert_non_null(many);
    for (uint32_t i = 0; i < MANY; i++) {
        many[i].at = endpoint_ipv4(10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i, 2070);
        many[i].hash = endpoint_hash(&many[i].at, SEED);
    }
    qsort(many, MANY, sizeof many[0], by_hash);
    for (struct peer *a = many, *b = many + 1; b < many + MANY; a++, b++) {
        if (a->hash != b->hash)
            continue;
        pairs++;
        peers_init(&peers, slots, 16, SEED);
        assert_true(peers_add(&peers, a));
        assert_null(peers_find(&peers, &b->at));
        assert_true(peers_add(&peers, b));
        assert_ptr_equal(peers_find(&peers, &a->at), a);
        assert_ptr_equal(peers_find(&peers, &b->at), b);
        assert_true(peers_remove(&peers, a));
        assert_ptr_equal(peers_find(&peers, &b->at), b);
    }
    assert_true(pairs > 0);
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_find_remove),
        cmocka_unit_test(test_full_at_three_quarters),
        cmocka_unit_test(test_against_a_list),
        cmocka_unit_test(test_the_same_hash_is_not_the_same_peer),
    };

    return cmocka_run_group_tests_name("peers", tests, NULL, NULL);
}
