#include "guests.h"
#include "unit.h"

static void test_slots(void **state)
{
    (void)state;
    assert_int_equal(admission_slots(TRANSFERS), COUNT_OF(guests.peer_slots));
    assert_int_equal(admission_hosts(TRANSFERS), COUNT_OF(guests.hosts));
    for (uint32_t transfers = 1; transfers <= 100000; transfers += 37) {
        uint32_t slots = admission_slots(transfers), half = transfers + ADMISSION_SPARE;
        CHECK((slots & (slots - 1)) == 0 && slots / 2 >= half && slots / 4 < half, "%u", (unsigned)transfers);
    }
    assert_int_equal(admission_slots(1024), 4096); /* never more than half full */
    assert_int_equal(admission_slots(1025), 8192);
}

static void test_in_and_out(void **state)
{
    struct entry a = guests_entry(1, 1000, NULL, 1);
    struct entry b = guests_entry(1, 1001, NULL, 1);

    (void)state;
    guests_expect_entered(&a);
    guests_expect_entered(&b); /* CLIENTS.md rule 3: from a new port it is a second transfer */
    assert_int_equal(guests.admission.running, 2);
    assert_int_equal(guests.admission.hosts[ADMISSION_OF_ADDRESS].count, 1);
    admission_leave(&guests.admission, &a);
    assert_false(a.is_entered);
    assert_null(peers_find(&guests.admission.peers, &a.peer.at));
    assert_ptr_equal(peers_find(&guests.admission.peers, &b.peer.at), &b.peer);
    admission_leave(&guests.admission, &b);
    guests_expect_empty();
}

/* CLIENTS.md rule 3: nothing acknowledged yet, so it is the same request; otherwise it starts anew. */
static void test_rule_3_repeated_rrq(void **state)
{
    struct entry first = guests_entry(1, 1000, NULL, 7);
    struct entry repeated = first;

    (void)state;
    assert_int_equal(guests_enter(&first).verdict, ADMISSION_ENTERED);
    struct admission_result result = guests_enter(&repeated);
    assert_int_equal(result.verdict, ADMISSION_BEING_OPENED);
    first.is_running = true;
    result = guests_enter(&repeated);
    assert_int_equal(result.verdict, ADMISSION_REPEATED);
    assert_ptr_equal(result.other, &first);
    assert_false(repeated.is_entered);
    assert_int_equal(guests.admission.running, 1);

    /* Answered or not, its worker decides: this may be a late copy that lay in a socket behind a stall. */
    guests_see(STANDING_PROVEN, NOW_MS);
    assert_int_equal(guests_enter(&repeated).verdict, ADMISSION_REPEATED);
    repeated.begins_anew = true;
    result = guests_enter(&repeated);
    assert_int_equal(result.verdict, ADMISSION_ENTERED);
    assert_ptr_equal(result.superseded, &first);
    assert_null(result.other);
    assert_true(first.is_doomed);
    assert_ptr_equal(peers_find(&guests.admission.peers, &first.peer.at), &repeated.peer);
    /* The old one leaves later, and takes nothing of the new one with it. */
    assert_int_equal(guests.admission.running, 2);
    admission_leave(&guests.admission, &first);
    assert_ptr_equal(peers_find(&guests.admission.peers, &repeated.peer.at), &repeated.peer);
    admission_leave(&guests.admission, &repeated);
    guests_expect_empty();
}

/* Another request from the same peer, answered or not, even while the first is being opened. */
static void test_rule_3_another_request_of_the_same_peer(void **state)
{
    (void)state;
    for (int running = 0; running < 2; running++) {
        struct entry first = guests_entry(1, 1000, NULL, 7);
        struct entry second = guests_entry(1, 1000, NULL, 8);
        assert_int_equal(guests_enter(&first).verdict, ADMISSION_ENTERED);
        first.is_running = running;
        struct admission_result result = guests_enter(&second);
        assert_int_equal(result.verdict, ADMISSION_ENTERED);
        assert_ptr_equal(result.superseded, &first);
        assert_true(first.is_doomed);
        admission_leave(&guests.admission, &second);
        admission_leave(&guests.admission, &first);
        guests_expect_empty();
    }
}

/* CLIENTS.md rule 4. */
static void test_rule_4_repeated_wrq(void **state)
{
    struct entry first = guests_entry(1, 1000, "cfg\\router.cfg", 7);
    struct entry repeated = first;

    (void)state;
    guests_expect_entered(&first);
    struct admission_result result = guests_enter(&repeated);
    assert_int_equal(result.verdict, ADMISSION_REPEATED);
    assert_ptr_equal(result.other, &first);
    admission_leave(&guests.admission, &first);
    guests_expect_empty();
}

static void test_rule_4_wrq_from_a_new_port_supersedes(void **state)
{
    struct entry first = guests_entry(1, 1000, "cfg\\router.cfg", 7);
    struct entry again = guests_entry(1, 1001, "CFG\\Router.cfg", 7);
    struct entry third = guests_entry(1, 1002, "cfg\\router.cfg", 7);

    (void)state;
    guests_expect_entered(&first);
    struct admission_result result = guests_enter(&again);
    assert_int_equal(result.verdict, ADMISSION_ENTERED);
    assert_null(result.superseded);
    assert_ptr_equal(result.superseded_upload, &first);
    assert_true(first.is_doomed && !again.is_doomed);
    assert_null(peers_find(&guests.admission.peers, &first.peer.at));
    /* The doomed one is not found a second time, although it has not left yet. */
    result = guests_enter(&third);
    assert_ptr_equal(result.superseded_upload, &again);
    admission_leave(&guests.admission, &again);
    admission_leave(&guests.admission, &first);
    admission_leave(&guests.admission, &third);
    guests_expect_empty();
}

static void test_rule_4_only_the_clients_own_upload(void **state)
{
    struct entry first = guests_entry(1, 1000, "a.log", 7);
    struct entry other_client = guests_entry(2, 1000, "a.log", 7);
    struct entry other_name = guests_entry(1, 1001, "b.log", 7);
    struct entry download = guests_entry(1, 1002, NULL, 7);

    (void)state;
    guests_expect_entered(&first);
    guests_expect_entered(&other_client);
    guests_expect_entered(&other_name);
    guests_expect_entered(&download);
    assert_false(first.is_doomed);
    admission_leave(&guests.admission, &other_client);
    admission_leave(&guests.admission, &first);
    admission_leave(&guests.admission, &download);
    admission_leave(&guests.admission, &other_name);
    guests_expect_empty();
}

/* The same peer writes the same name anew: it is named once, as superseded. */
static void test_rule_4_same_port_other_request(void **state)
{
    struct entry first = guests_entry(1, 1000, "a.log", 7);
    struct entry second = guests_entry(1, 1000, "a.log", 8);

    (void)state;
    guests_expect_entered(&first);
    struct admission_result result = guests_enter(&second);
    assert_ptr_equal(result.superseded, &first);
    assert_null(result.superseded_upload);
    admission_leave(&guests.admission, &first);
    admission_leave(&guests.admission, &second);
    guests_expect_empty();
}

/* One request may end two: whatever the peer did before, and its own upload from another port. */
static void test_two_superseded_at_once(void **state)
{
    struct entry download = guests_entry(1, 1000, NULL, 1);
    struct entry upload = guests_entry(1, 1001, "a.log", 2);
    struct entry both = guests_entry(1, 1000, "a.log", 3);

    (void)state;
    guests_expect_entered(&download);
    guests_expect_entered(&upload);
    struct admission_result result = guests_enter(&both);
    assert_ptr_equal(result.superseded, &download);
    assert_ptr_equal(result.superseded_upload, &upload);
    admission_leave(&guests.admission, &both);
    admission_leave(&guests.admission, &upload);
    admission_leave(&guests.admission, &download);
    guests_expect_empty();
}

/* Whoever gives up a transfer for another is within its limits, be it the peer's or the client's own upload. */
static void test_who_begins_anew_is_within_the_limits(void **state)
{
    (void)state;
    guests.config.transfers_per_client_max = 1;
    for (int is_upload = 0; is_upload < 2; is_upload++) {
        struct entry first = guests_entry(1, 1000, is_upload ? "a.log" : NULL, 7);
        struct entry again = guests_entry(1, (uint16_t)(1000 + is_upload), is_upload ? "a.log" : NULL, 8);
        struct entry more = guests_entry(1, 1002, NULL, 9);
        guests_expect_entered(&first);
        assert_int_equal(guests_enter(&more).verdict, ADMISSION_TOO_MANY_OF_CLIENT);
        struct admission_result result = guests_enter(&again);
        assert_int_equal(result.verdict, ADMISSION_ENTERED);
        assert_ptr_equal(is_upload ? result.superseded_upload : result.superseded, &first);
        admission_leave(&guests.admission, &first);
        admission_leave(&guests.admission, &again);
        guests_expect_empty();
    }
}

static void test_limits(void **state)
{
    static struct entry entries[TRANSFERS + 1];
    struct entry extra = guests_entry(1, 9999, "a", 1);

    (void)state;
    guests.config.transfers_per_client_max = 3;
    for (uint16_t i = 0; i < 3; i++) {
        entries[i] = guests_entry(1, (uint16_t)(1000 + i), NULL, 1);
        guests_expect_entered(&entries[i]);
    }
    assert_int_equal(guests_enter(&extra).verdict, ADMISSION_TOO_MANY_OF_CLIENT);
    assert_false(extra.is_entered);
    assert_null(guests.admission.uploads);
    admission_leave(&guests.admission, &entries[1]);
    guests_expect_entered(&extra);
    admission_leave(&guests.admission, &extra);
    guests_expect_entered(&entries[1]);

    for (uint8_t i = 3; i < TRANSFERS; i++) {
        entries[i] = guests_entry((uint8_t)(i + 10), 1000, NULL, 1);
        guests_expect_entered(&entries[i]);
    }
    extra = guests_entry(200, 1000, NULL, 1);
    guests_see(STANDING_PROVEN, NOW_MS);
    assert_int_equal(guests_enter(&extra).verdict, ADMISSION_TOO_MANY);
    admission_leave(&guests.admission, &entries[7]);
    guests_expect_entered(&extra);
    admission_leave(&guests.admission, &extra);
    for (unsigned i = 0; i < TRANSFERS; i++)
        if (i != 7)
            admission_leave(&guests.admission, &entries[i]);
    guests_expect_empty();
}

/* Every transfer from an address and a network of its own: as many as there is memory for, twice. */
static void test_as_many_hosts_as_transfers(void **state)
{
    static struct entry entries[TRANSFERS];
    struct entry extra = guests_entry(200, 1000, NULL, 1);

    (void)state;
    guests.config.transfers_max = TRANSFERS + 1; /* what was asked for since counts after a restart */
    for (int round = 0; round < 2; round++) {
        for (uint8_t i = 0; i < TRANSFERS; i++) {
            entries[i] = guests_entry((uint8_t)(10 + i), 1000, NULL, 1);
            guests_expect_entered(&entries[i]);
        }
        for (int scope = 0; scope < ADMISSION_SCOPES; scope++)
            assert_int_equal(guests.admission.hosts[scope].count, TRANSFERS);
        guests_see(STANDING_PROVEN, NOW_MS);
        assert_int_equal(guests_enter(&extra).verdict, ADMISSION_TOO_MANY);
        guests_see(STANDING_STRANGER, NOW_MS);
        for (unsigned i = 0; i < TRANSFERS; i++)
            admission_leave(&guests.admission, &entries[i]);
        guests_expect_empty();
    }
}

/* MaxTransfers that was lowered counts at once, MaxTransfers that was raised as far as there is memory. */
static void test_limit_in_all(void **state)
{
    static const uint32_t limits[] = {1, TRANSFERS - 1, TRANSFERS, TRANSFERS + 1};
    static struct entry entries[TRANSFERS + 1];

    (void)state;
    for (size_t k = 0; k < COUNT_OF(limits); k++) {
        uint32_t most = limits[k] < TRANSFERS ? limits[k] : TRANSFERS;
        guests.config.transfers_max = limits[k];
        for (uint8_t i = 0; i <= most; i++) {
            entries[i] = guests_entry((uint8_t)(10 + i), 1000, NULL, 1);
            guests_see(i < most ? STANDING_STRANGER : STANDING_PROVEN, NOW_MS);
            CHECK(guests_enter(&entries[i]).verdict == (i < most ? ADMISSION_ENTERED : ADMISSION_TOO_MANY), "%u of %u",
                  (unsigned)i, (unsigned)limits[k]);
            entries[i].is_running = true;
        }
        for (uint32_t i = 0; i < most; i++)
            admission_leave(&guests.admission, &entries[i]);
        guests_expect_empty();
    }
}

static struct entry entry_of_ipv6(uint8_t first, uint8_t network, uint8_t host)
{
    struct entry entry = guests_entry(1, 1000, NULL, 1);

    entry.peer.at = (struct endpoint){.address = {first, 0x80, [7] = network, [15] = host}, .port = 1000};
    return entry;
}

/* Who owns a /64 has more than one client, and less than 2^64; a link-local address shares its /64 with everybody. */
static void test_limit_of_a_network(void **state)
{
    static struct entry entries[ENDPOINT_NETWORK_SHARE];
    struct entry extra = entry_of_ipv6(0x20, 1, 200);
    struct entry elsewhere = entry_of_ipv6(0x20, 2, 200);
    struct entry on_link[ENDPOINT_NETWORK_SHARE + 1];

    (void)state;
    guests.config.transfers_per_client_max = 1;
    for (uint8_t i = 0; i < COUNT_OF(entries); i++) {
        entries[i] = entry_of_ipv6(0x20, 1, i);
        guests_expect_entered(&entries[i]);
    }
    assert_int_equal(guests_enter(&extra).verdict, ADMISSION_TOO_MANY_OF_CLIENT);
    guests_expect_entered(&elsewhere);
    admission_end_soon(&guests.admission, &entries[3]);
    guests_expect_entered(&extra);
    admission_leave(&guests.admission, &extra);
    admission_leave(&guests.admission, &elsewhere);
    for (size_t i = 0; i < COUNT_OF(entries); i++)
        admission_leave(&guests.admission, &entries[i]);
    for (uint8_t i = 0; i < COUNT_OF(on_link); i++) {
        on_link[i] = entry_of_ipv6(0xfe, 1, i);
        guests_expect_entered(&on_link[i]);
    }
    for (size_t i = 0; i < COUNT_OF(on_link); i++)
        admission_leave(&guests.admission, &on_link[i]);
    guests_expect_empty();
}

/* Who may have all it asked for may ask for the next file, but not for ever more. */
static void test_limit_of_a_client_that_goes_on(void **state)
{
    static struct entry entries[6];
    struct entry extra = guests_entry(1, 9999, NULL, 1);
    struct entry again = guests_entry(1, 1000, NULL, 2);

    (void)state;
    guests.config.transfers_per_client_max = 2;
    for (uint16_t i = 0; i < 4; i++) {
        entries[i] = guests_entry(1, (uint16_t)(1000 + i), NULL, 1);
        guests_expect_entered(&entries[i]);
        if (i < 2)
            admission_end_soon(&guests.admission, &entries[i]);
    }
    assert_int_equal(guests_enter(&extra).verdict, ADMISSION_TOO_MANY_OF_CLIENT);
    admission_end_soon(&guests.admission, &entries[2]);
    admission_end_soon(&guests.admission, &entries[2]);
    assert_int_equal(guests_enter(&extra).verdict, ADMISSION_TOO_MANY_OF_CLIENT); /* twice as many there are never */
    admission_leave(&guests.admission, &entries[0]);
    guests_expect_entered(&extra);
    assert_int_equal(guests_enter(&entries[0]).verdict, ADMISSION_TOO_MANY_OF_CLIENT);
    admission_leave(&guests.admission, &extra);

    /* One that ends and is superseded makes no more room than it took. */
    again.peer.at = entries[1].peer.at;
    assert_int_equal(guests_enter(&again).verdict, ADMISSION_ENTERED);
    admission_end_soon(&guests.admission, &entries[1]); /* its worker has not heard yet */
    admission_leave(&guests.admission, &entries[1]);
    assert_int_equal(guests_enter(&entries[0]).verdict, ADMISSION_TOO_MANY_OF_CLIENT);
    admission_leave(&guests.admission, &again);
    admission_leave(&guests.admission, &entries[2]);
    admission_leave(&guests.admission, &entries[3]);
    guests_expect_empty();
}

static void expect_limits_of_clients(const struct entry *entries, size_t count, unsigned most)
{
    for (uint8_t host = 0; host < 10; host++) {
        unsigned all = 0, going = 0;
        for (size_t i = 0; i < count; i++) {
            bool is_one = entries[i].is_entered && !entries[i].is_doomed && entries[i].peer.at.address[15] == host;
            all += is_one;
            going += is_one && !entries[i].is_ending;
        }
        assert_true(all <= 2 * most && going <= most);
    }
}

/* Many clients come, repeat, begin anew and leave in any order; in the end nothing is left over. */
static void test_random_comings_and_goings(void **state)
{
    static struct entry entries[TRANSFERS * 2];
    static const char *const paths[] = {NULL, NULL, "a.log", "A.LOG", "b.log"};
    uint64_t random = 17;
    unsigned inside = 0;

    (void)state;
    guests.config.transfers_per_client_max = 3;
    for (int round = 0; round < 100000; round++) {
        struct entry *entry = &entries[random_below(&random, COUNT_OF(entries))];
        if (entry->is_entered && random_below(&random, 2)) {
            admission_end_soon(&guests.admission, entry);
        } else if (entry->is_entered) {
            admission_leave(&guests.admission, entry);
            inside--;
        } else {
            *entry = guests_entry((uint8_t)random_below(&random, 10), (uint16_t)(1 + random_below(&random, 5)),
                                  paths[random_below(&random, COUNT_OF(paths))], random_below(&random, 3));
            guests_see((enum standing)random_below(&random, STANDING_COUNT), random_below(&random, 2) * NOW_MS);
            struct admission_result result = guests_enter(entry);
            inside += result.verdict == ADMISSION_ENTERED;
            entry->is_running = random_below(&random, 2);
            assert_true((result.verdict == ADMISSION_ENTERED) == entry->is_entered);
            assert_true(result.superseded == NULL || result.superseded != result.superseded_upload);
        }
        assert_int_equal(guests.admission.running, inside);
        assert_true(guests.admission.serving <= TRANSFERS && inside <= TRANSFERS + ADMISSION_SPARE);
        expect_limits_of_clients(entries, COUNT_OF(entries), guests.config.transfers_per_client_max);
    }
    for (size_t i = 0; i < COUNT_OF(entries); i++)
        if (entries[i].is_entered)
            admission_leave(&guests.admission, &entries[i]);
    guests_expect_empty();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_slots, guests_set_up),
        cmocka_unit_test_setup(test_in_and_out, guests_set_up),
        cmocka_unit_test_setup(test_rule_3_repeated_rrq, guests_set_up),
        cmocka_unit_test_setup(test_rule_3_another_request_of_the_same_peer, guests_set_up),
        cmocka_unit_test_setup(test_rule_4_repeated_wrq, guests_set_up),
        cmocka_unit_test_setup(test_rule_4_wrq_from_a_new_port_supersedes, guests_set_up),
        cmocka_unit_test_setup(test_rule_4_only_the_clients_own_upload, guests_set_up),
        cmocka_unit_test_setup(test_rule_4_same_port_other_request, guests_set_up),
        cmocka_unit_test_setup(test_two_superseded_at_once, guests_set_up),
        cmocka_unit_test_setup(test_who_begins_anew_is_within_the_limits, guests_set_up),
        cmocka_unit_test_setup(test_limits, guests_set_up),
        cmocka_unit_test_setup(test_limit_in_all, guests_set_up),
        cmocka_unit_test_setup(test_as_many_hosts_as_transfers, guests_set_up),
        cmocka_unit_test_setup(test_limit_of_a_client_that_goes_on, guests_set_up),
        cmocka_unit_test_setup(test_limit_of_a_network, guests_set_up),
        cmocka_unit_test_setup(test_random_comings_and_goings, guests_set_up),
    };

    return cmocka_run_group_tests_name("admission", tests, NULL, NULL);
}
