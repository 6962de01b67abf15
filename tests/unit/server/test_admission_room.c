/* A full house: who makes room, who is left alone, and who is turned away. */
#include "guests.h"
#include "unit.h"

/* At the limit the oldest that never answered makes room; those that have answered stay, and so do those being opened. */
static void test_the_unanswered_make_room(void **state)
{
    static struct entry entries[TRANSFERS];
    struct entry extra[3] = {guests_entry(200, 1, NULL, 1), guests_entry(201, 1, NULL, 1),
                             guests_entry(202, 1, NULL, 1)};

    (void)state;
    for (uint8_t i = 0; i < TRANSFERS; i++) {
        entries[i] = guests_entry((uint8_t)(i + 10), 1000, NULL, 1);
        guests_expect_entered(&entries[i]);
    }
    entries[0].is_running = false;
    struct admission_result result = guests_enter(&extra[0]);
    assert_int_equal(result.verdict, ADMISSION_ENTERED);
    assert_ptr_equal(result.evicted, &entries[1]);
    assert_true(entries[1].is_doomed);
    assert_int_equal(guests.admission.serving, TRANSFERS);
    assert_int_equal(guests.admission.running, TRANSFERS + 1);
    /* Its worker has not let go of it yet: the next one in line goes. */
    assert_ptr_equal(guests_enter(&extra[1]).evicted, &entries[2]);
    /* The one that is being opened will make room in a moment, so nobody is turned away before. */
    guests_see(STANDING_PROVEN, NOW_MS);
    assert_int_equal(guests_enter(&extra[2]).verdict, ADMISSION_NOT_NOW);
    entries[0].is_running = extra[0].is_running = extra[1].is_running = true;
    assert_int_equal(guests_enter(&extra[2]).verdict, ADMISSION_TOO_MANY);
    guests_see(STANDING_STRANGER, NOW_MS);
    for (uint8_t i = 0; i < TRANSFERS; i++)
        admission_leave(&guests.admission, &entries[i]);
    admission_leave(&guests.admission, &extra[0]);
    admission_leave(&guests.admission, &extra[1]);
    guests_expect_empty();
}

/*
 * Who makes room: who never answered; then who answered and took nothing; then who took data and has stood still. Who goes
 * on stays, and then a request is turned away.
 */
static void test_who_makes_room(void **state)
{
    static const struct {
        enum standing standing;
        uint64_t progress_ms;
        bool makes_room;
    } rows[] = {
        {STANDING_STRANGER, NOW_MS, true},
        {STANDING_ANSWERED, NOW_MS, true},
        {STANDING_PROVEN, NOW_MS - ADMISSION_STALLED_MS, true},
        {STANDING_PROVEN, NOW_MS - ADMISSION_STALLED_MS + 1, false},
    };
    static struct entry entries[TRANSFERS];
    struct entry extra = guests_entry(200, 1, NULL, 1);

    (void)state;
    for (uint8_t i = 0; i < TRANSFERS; i++) {
        entries[i] = guests_entry((uint8_t)(i + 10), 1000, NULL, 1);
        guests_expect_entered(&entries[i]);
    }
    guests.odd_one = &entries[TRANSFERS / 2];
    for (size_t better = 1; better < COUNT_OF(rows); better++)
        for (size_t worse = 0; worse < better; worse++) {
            guests_see(rows[better].standing, rows[better].progress_ms);
            guests.odd_view = (struct admission_view){rows[worse].standing, rows[worse].progress_ms};
            struct admission_result result = guests_enter(&extra);
            CHECK(result.verdict == ADMISSION_ENTERED && result.evicted == guests.odd_one, "row %u for row %u",
                  (unsigned)worse, (unsigned)better);
            admission_leave(&guests.admission, &extra);
            admission_leave(&guests.admission, &entries[TRANSFERS / 2]);
            entries[TRANSFERS / 2] = guests_entry(100, 1000, NULL, 1);
            guests_see(STANDING_STRANGER, NOW_MS);
            guests_expect_entered(&entries[TRANSFERS / 2]);
        }
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        guests.odd_one = NULL;
        guests_see(rows[row].standing, rows[row].progress_ms);
        struct admission_result result = guests_enter(&extra);
        CHECK((result.verdict == ADMISSION_ENTERED) == rows[row].makes_room, "row %u", (unsigned)row);
        if (result.verdict != ADMISSION_ENTERED)
            continue;
        admission_leave(&guests.admission, &extra);
        admission_leave(&guests.admission, result.evicted);
        *result.evicted = guests_entry((uint8_t)(210 + row), 1000, NULL, 1);
        guests_see(STANDING_STRANGER, NOW_MS);
        guests_expect_entered(result.evicted);
    }
    for (uint8_t i = 0; i < TRANSFERS; i++)
        admission_leave(&guests.admission, &entries[i]);
    guests_expect_empty();
}

/* A request looks at so many that go on, and the next one goes on from there. */
static void test_looks_are_bounded(void **state)
{
    enum { MANY = 2 * ADMISSION_LOOKS };
    static struct host hosts[MANY * ADMISSION_SCOPES];
    static struct entry entries[MANY];
    struct admission_memory memory = {.peer_slots = guests.peer_slots,
                                      .host_slots = {guests.host_slots[0], guests.host_slots[1]},
                                      .hosts = hosts,
                                      .transfers = MANY};
    struct entry extra = guests_entry(250, 1, NULL, 1);

    (void)state;
    for (unsigned stalled = ADMISSION_LOOKS - 1; stalled <= ADMISSION_LOOKS; stalled++) {
        admission_init(&guests.admission, &memory);
        guests.config.transfers_max = MANY;
        guests_see(STANDING_STRANGER, NOW_MS);
        for (uint8_t i = 0; i < MANY; i++) {
            entries[i] = guests_entry(i, 1000, NULL, 1);
            guests_expect_entered(&entries[i]);
        }
        guests_see(STANDING_PROVEN, NOW_MS);
        guests.odd_one = &entries[stalled];
        guests.odd_view = (struct admission_view){STANDING_PROVEN, NOW_MS - ADMISSION_STALLED_MS};
        if (stalled == ADMISSION_LOOKS)
            assert_int_equal(guests_enter(&extra).verdict, ADMISSION_TOO_MANY);
        assert_ptr_equal(guests_enter(&extra).evicted, &entries[stalled]);
    }
}

/* A copy of an old request: it is left to a transfer that goes on, never to one being opened, nor to a stored upload. */
static void test_a_late_copy(void **state)
{
    static const struct {
        bool is_running, is_ending, is_upload;
        enum admission_verdict verdict;
    } rows[] = {
        {true, false, false, ADMISSION_REPEATED}, {true, true, false, ADMISSION_REPEATED},
        {false, false, false, ADMISSION_ENTERED}, {false, false, true, ADMISSION_ENTERED},
        {true, false, true, ADMISSION_REPEATED},  {true, true, true, ADMISSION_ENTERED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct entry before = guests_entry(1, 1000, NULL, 7);
        struct entry other = guests_entry(1, 1000, rows[i].is_upload ? "a.log" : NULL, 8);
        struct entry copy = guests_entry(1, 1000, NULL, 7);
        guests_expect_entered(&before);
        admission_leave(&guests.admission, &before);
        guests_expect_entered(&other);
        other.is_running = rows[i].is_running;
        if (rows[i].is_ending)
            admission_end_soon(&guests.admission, &other);
        struct admission_result result = guests_enter(&copy);
        CHECK(result.verdict == rows[i].verdict, "row %u", (unsigned)i);
        CHECK(result.verdict != ADMISSION_REPEATED || result.likeness == REQUEST_LATE, "row %u", (unsigned)i);
        if (copy.is_entered)
            admission_leave(&guests.admission, &copy);
        admission_leave(&guests.admission, &other);
        guests_expect_empty();
    }
}

/* One forged packet ends nobody's transfer: what a request means for one that goes on, its worker has to find out. */
static void test_no_request_ends_one_that_goes_on(void **state)
{
    struct entry first = guests_entry(1, 1000, NULL, 7);
    struct entry other = guests_entry(1, 1000, NULL, 8);
    struct entry upload = guests_entry(1, 1001, "a.log", 9);
    struct entry same_name = guests_entry(1, 1002, "a.log", 10);

    (void)state;
    guests_expect_entered(&first);
    guests_expect_entered(&upload);
    for (enum standing standing = STANDING_ANSWERED; standing < STANDING_COUNT; standing++) {
        guests_see(standing, NOW_MS);
        struct admission_result result = guests_enter(&other);
        assert_int_equal(result.verdict, ADMISSION_REPEATED);
        assert_ptr_equal(result.other, &first);
        result = guests_enter(&same_name);
        assert_int_equal(result.verdict, ADMISSION_REPEATED);
        assert_ptr_equal(result.other, &upload);
        assert_false(first.is_doomed || upload.is_doomed);
    }
    /* Its worker has found the client silent. */
    same_name.begins_anew = true;
    assert_ptr_equal(guests_enter(&same_name).superseded_upload, &upload);
    /* Who may have all he asked for asks for the next file, and is not held up; but a late copy is no such request. */
    admission_end_soon(&guests.admission, &first);
    assert_ptr_equal(guests_enter(&other).superseded, &first);
    admission_leave(&guests.admission, &first);
    other.is_running = true;
    admission_end_soon(&guests.admission, &other);
    struct entry copy = guests_entry(1, 1000, NULL, 7);
    assert_int_equal(guests_enter(&copy).verdict, ADMISSION_REPEATED);
    admission_leave(&guests.admission, &other);
    admission_leave(&guests.admission, &upload);
    admission_leave(&guests.admission, &same_name);
    guests_expect_empty();
}

/* Two requests by turns from one forged peer would draw an answer each, for ever. */
static void test_a_hasty_peer_is_left_unanswered(void **state)
{
    static struct entry entries[ADMISSION_UNANSWERED_MAX + 2];
    size_t count = 0;

    (void)state;
    for (; count < COUNT_OF(entries); count++) {
        entries[count] = guests_entry(1, 1000, NULL, (uint32_t)(1 + count % 2));
        if (guests_enter(&entries[count]).verdict != ADMISSION_ENTERED)
            break;
        entries[count].is_running = true;
    }
    assert_int_equal(count, ADMISSION_UNANSWERED_MAX + 1);
    assert_int_equal(guests_enter(&entries[count]).verdict, ADMISSION_TOO_HASTY);
    guests_see(STANDING_PROVEN, NOW_MS);
    entries[count].begins_anew = true;
    guests_expect_superseding(&entries[count], &entries[count - 1]);
    for (size_t i = 0; i <= count; i++)
        admission_leave(&guests.admission, &entries[i]);
    guests_expect_empty();
}

/* However fast they come, those on their way out are bounded too. */
static void test_the_doomed_are_bounded(void **state)
{
    static struct entry entries[TRANSFERS + ADMISSION_SPARE + 1];
    size_t count = 0;

    (void)state;
    for (; count < COUNT_OF(entries); count++) {
        entries[count] = guests_entry((uint8_t)(count >> 12), (uint16_t)(1 + count), NULL, 1);
        entries[count].peer.at.address[14] = (uint8_t)count;
        if (guests_enter(&entries[count]).verdict != ADMISSION_ENTERED)
            break;
        entries[count].is_running = true;
    }
    assert_int_equal(count, TRANSFERS + ADMISSION_SPARE);
    assert_int_equal(guests.admission.serving, TRANSFERS);
    while (count > 0)
        admission_leave(&guests.admission, &entries[--count]);
    guests_expect_empty();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_unanswered_make_room, guests_set_up),
        cmocka_unit_test_setup(test_who_makes_room, guests_set_up),
        cmocka_unit_test_setup(test_no_request_ends_one_that_goes_on, guests_set_up),
        cmocka_unit_test_setup(test_looks_are_bounded, guests_set_up),
        cmocka_unit_test_setup(test_a_late_copy, guests_set_up),
        cmocka_unit_test_setup(test_a_hasty_peer_is_left_unanswered, guests_set_up),
        cmocka_unit_test_setup(test_the_doomed_are_bounded, guests_set_up),
    };

    return cmocka_run_group_tests_name("admission_room", tests, NULL, NULL);
}
