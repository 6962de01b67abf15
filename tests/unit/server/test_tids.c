#include "unit.h"

#include "core/server/tids.h"

/* One address in all its places leaves just the spare ones. */
enum { PLACES = 24, CAPACITY = PLACES + TIDS_SPARE, LOCALS = 4 };

static struct tids tids;
static struct tid memory[CAPACITY];

static int set_up(void **state)
{
    (void)state;
    memset(memory, 0, sizeof memory);
    tids_init(&tids, memory, CAPACITY, PLACES);
    return 0;
}

static struct endpoint local_number(uint32_t number)
{
    return endpoint_ipv4(192, 168, 0, (uint8_t)number, 69);
}

static uint32_t draw(uint32_t local, uint32_t random, uint64_t now_ms, enum tids_answer expected)
{
    struct endpoint at = local_number(local);
    uint32_t number = UINT32_MAX;

    CHECK(tids_draw(&tids, &at, random, now_ms, &number) == expected, "address %u, random %u", (unsigned)local,
          (unsigned)random);
    return number;
}

/* A place is opened when it is first drawn; then the same draw leads to the same port, another to another. */
static void test_a_place_has_one_port(void **state)
{
    (void)state;
    uint32_t number = draw(1, 5, 1000, TIDS_TO_OPEN);
    assert_int_equal(memory[number].users, 1);
    assert_int_equal(memory[number].local.port, 0);
    assert_true(draw(1, 5, 1001, TIDS_DRAWN) == number && draw(1, 5 + 7 * PLACES, 1002, TIDS_DRAWN) == number);
    assert_int_equal(memory[number].users, 3);
    assert_int_not_equal(draw(1, 6, 1003, TIDS_TO_OPEN), number);
    assert_int_not_equal(draw(2, 5, 1004, TIDS_TO_OPEN), number);
    assert_int_equal(tids.in_use, 3);
}

/* What random has in all its bits decides, and each place comes up as often as any other. */
static void test_all_places_are_drawn(void **state)
{
    enum { DRAWS = 2400 };
    uint64_t random = 3;
    uint32_t often[CAPACITY] = {0};

    (void)state;
    for (uint32_t i = 0; i < DRAWS; i++) {
        struct endpoint at = local_number(1);
        uint32_t number = UINT32_MAX;
        assert_int_not_equal(tids_draw(&tids, &at, random_next(&random), 1000, &number), TIDS_NONE);
        often[number]++;
    }
    assert_int_equal(tids.in_use, PLACES);
    for (uint32_t i = 0; i < PLACES; i++)
        CHECK(often[i] > DRAWS / PLACES / 2 && often[i] < DRAWS / PLACES * 2, "port %u: %u", (unsigned)i,
              (unsigned)often[i]);
}

static void test_failed(void **state)
{
    (void)state;
    uint32_t number = draw(1, 5, 1000, TIDS_TO_OPEN);
    tids_failed(&tids, number);
    assert_int_equal(tids.in_use, 0);
    assert_int_equal(draw(1, 5, 1000, TIDS_TO_OPEN), number);
}

/* Shared and left as often as taken, and only then idle; from the last leaving on the time counts. */
static void test_users_are_counted(void **state)
{
    uint32_t retired;

    (void)state;
    uint32_t number = draw(1, 5, 1000, TIDS_TO_OPEN);
    tids_share(&tids, number);
    assert_int_equal(draw(1, 5, 2000, TIDS_DRAWN), number);
    for (uint64_t now_ms = 3000; now_ms <= 5000; now_ms += 1000) {
        assert_false(tids_retire(&tids, UINT64_MAX, &retired));
        tids_leave(&tids, number, now_ms);
    }
    assert_int_equal(memory[number].users, 0);
    assert_false(tids_retire(&tids, 5000 + TIDS_IDLE_MS - 1, &retired));
    assert_true(tids_retire(&tids, 5000 + TIDS_IDLE_MS, &retired) && retired == number);
}

/* Idle ones are drawn again, which puts the time off. A retired one is nobody's, until it is closed and free. */
static void test_retired(void **state)
{
    uint32_t retired;

    (void)state;
    uint32_t number = draw(1, 5, 1000, TIDS_TO_OPEN);
    tids_leave(&tids, number, 1000);
    assert_int_equal(draw(1, 5, 200000, TIDS_DRAWN), number);
    tids_leave(&tids, number, 200000);
    assert_false(tids_retire(&tids, 1000 + TIDS_IDLE_MS, &retired));
    assert_true(tids_retire(&tids, 200000 + TIDS_IDLE_MS, &retired) && retired == number);
    assert_false(tids_retire(&tids, UINT64_MAX, &retired));
    assert_int_equal(tids.in_use, 1);
    assert_int_not_equal(draw(1, 5, 600000, TIDS_TO_OPEN), number);
    tids_closed(&tids, number);
    assert_int_equal(tids.in_use, 1);
    assert_int_equal(draw(1, 6, 600000, TIDS_TO_OPEN), number);
}

/* Where few are free, the longest unused makes room at once, and never one in use. */
static void test_spare(void **state)
{
    uint32_t retired;

    (void)state;
    for (uint32_t i = 0; i < PLACES; i++)
        draw(1, i, 1000 + i, TIDS_TO_OPEN);
    tids_leave(&tids, 7, 5000);
    tids_leave(&tids, 3, 5001);
    tids_leave(&tids, 9, 5002);
    assert_false(tids_retire(&tids, 5002, &retired)); /* TIDS_SPARE are free */
    draw(2, 0, 5002, TIDS_TO_OPEN);
    assert_true(tids_retire(&tids, 5002, &retired) && retired == 7);
    /* It is not free before it is closed. */
    assert_true(tids_retire(&tids, 5002, &retired) && retired == 3);
    tids_closed(&tids, 7);
    assert_false(tids_retire(&tids, 5002, &retired));
    for (uint32_t i = 1; i < 4; i++)
        draw(2, i, 5002, TIDS_TO_OPEN);
    assert_true(tids_retire(&tids, 5002, &retired) && retired == 9);
    assert_false(tids_retire(&tids, 5002, &retired)); /* the others have users */
}

/* Everything is in use: an address shares what it has, from the drawn place on, and another has nothing. */
static void test_all_in_use(void **state)
{
    (void)state;
    uint32_t low = draw(1, 3, 1000, TIDS_TO_OPEN);
    uint32_t high = draw(1, 20, 1000, TIDS_TO_OPEN);
    for (uint32_t i = 0; i < CAPACITY - 2; i++)
        draw(2 + i / PLACES, i % PLACES, 1000, TIDS_TO_OPEN);
    assert_int_equal(tids.in_use, CAPACITY);
    draw(9, 0, 1000, TIDS_NONE);
    for (uint32_t place = 0; place < PLACES; place++) {
        uint32_t expected = place > 3 && place <= 20 ? high : low;
        CHECK(draw(1, place, 1000, TIDS_DRAWN) == expected, "place %u", (unsigned)place);
    }
    assert_int_equal(memory[low].users, 1 + 7);
    assert_int_equal(memory[high].users, 1 + 17);
}

/* -- against a list of what was opened -- */

static struct {
    enum tid_state state;
    uint32_t local;
    uint32_t place;
    uint32_t users;
    uint64_t used_ms;
} naive[CAPACITY];

static uint32_t naive_count(enum tid_state state)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < CAPACITY; i++)
        count += naive[i].state == state;
    return count;
}

/* The number that stands for the address's place, or for the next one behind it that is open; CAPACITY if none is. */
static uint32_t naive_find(uint32_t local, uint32_t place, uint32_t places)
{
    for (uint32_t behind = 0; behind < places; behind++)
        for (uint32_t i = 0; i < CAPACITY; i++)
            if (naive[i].state == TID_OPEN && naive[i].local == local && naive[i].place == (place + behind) % PLACES)
                return i;
    return CAPACITY;
}

static void draw_one(uint64_t *random, uint64_t now_ms, int round)
{
    uint32_t local = random_below(random, LOCALS);
    uint32_t drawn = random_next(random);
    struct endpoint at = local_number(local);
    uint32_t expected = naive_find(local, drawn % PLACES, 1);
    uint32_t number = UINT32_MAX;
    enum tids_answer answer = tids_draw(&tids, &at, drawn, now_ms, &number);

    if (expected == CAPACITY && naive_count(TID_FREE) > 0) {
        CHECK(answer == TIDS_TO_OPEN && number < CAPACITY && naive[number].state == TID_FREE, "round %d", round);
        if (random_below(random, 8) == 0) {
            tids_failed(&tids, number);
            return;
        }
        naive[number].state = TID_OPEN;
        naive[number].local = local;
        naive[number].place = drawn % PLACES;
    } else {
        expected = naive_find(local, drawn % PLACES, PLACES);
        CHECK(answer == (expected == CAPACITY ? TIDS_NONE : TIDS_DRAWN), "round %d", round);
        if (expected == CAPACITY)
            return;
        CHECK(number == expected, "round %d", round);
    }
    naive[number].users++;
    naive[number].used_ms = now_ms;
}

static void retire_one(uint64_t now_ms, int round)
{
    uint64_t longest_ms = UINT64_MAX;
    uint32_t number = UINT32_MAX;

    for (uint32_t i = 0; i < CAPACITY; i++)
        if (naive[i].state == TID_OPEN && naive[i].users == 0 && naive[i].used_ms < longest_ms)
            longest_ms = naive[i].used_ms;
    bool is_due =
        longest_ms != UINT64_MAX && (naive_count(TID_FREE) < TIDS_SPARE || now_ms >= longest_ms + TIDS_IDLE_MS);
    CHECK(tids_retire(&tids, now_ms, &number) == is_due, "round %d", round);
    if (!is_due)
        return;
    CHECK(number < CAPACITY && naive[number].state == TID_OPEN && naive[number].users == 0 &&
              naive[number].used_ms == longest_ms,
          "round %d", round);
    naive[number].state = TID_RETIRED;
}

static void use_one(uint64_t *random, uint64_t now_ms)
{
    uint32_t number = random_below(random, CAPACITY);

    if (naive[number].state == TID_RETIRED && random_below(random, 2)) {
        tids_closed(&tids, number);
        memset(&naive[number], 0, sizeof naive[number]);
    } else if (naive[number].users > 0 && random_below(random, 4) == 0) {
        tids_share(&tids, number);
        naive[number].users++;
    } else if (naive[number].users > 0) {
        tids_leave(&tids, number, now_ms);
        naive[number].users--;
        naive[number].used_ms = now_ms;
    }
}

static void test_against_a_list(void **state)
{
    uint64_t random = 29;
    uint64_t now_ms = 1000;
    uint32_t fullest = 0;

    (void)state;
    memset(naive, 0, sizeof naive);
    for (int round = 0; round < 200000; round++) {
        bool is_rush = round / 1000 % 2 == 0;
        now_ms += random_below(&random, TIDS_IDLE_MS / 100);
        switch (random_below(&random, 8)) {
        case 0: retire_one(now_ms, round); break;
        case 1:
        case 2: draw_one(&random, now_ms, round); break;
        case 3:
            if (is_rush)
                draw_one(&random, now_ms, round);
            break;
        default: use_one(&random, now_ms);
        }
        uint32_t in_use = CAPACITY - naive_count(TID_FREE);
        fullest = in_use > fullest ? in_use : fullest;
        CHECK(tids.in_use == in_use, "round %d", round);
        for (uint32_t i = 0; i < CAPACITY; i++)
            CHECK(memory[i].state == naive[i].state && memory[i].users == naive[i].users, "round %d, port %u", round,
                  (unsigned)i);
    }
    assert_int_equal(fullest, CAPACITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_place_has_one_port, set_up),
        cmocka_unit_test_setup(test_all_places_are_drawn, set_up),
        cmocka_unit_test_setup(test_failed, set_up),
        cmocka_unit_test_setup(test_users_are_counted, set_up),
        cmocka_unit_test_setup(test_retired, set_up),
        cmocka_unit_test_setup(test_spare, set_up),
        cmocka_unit_test_setup(test_all_in_use, set_up),
        cmocka_unit_test_setup(test_against_a_list, set_up),
    };

    return cmocka_run_group_tests_name("tids", tests, NULL, NULL);
}
