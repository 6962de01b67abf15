#include "unit.h"

#include "core/admission.h"

enum { TRANSFERS = 40 };

/* One admission with its memory, and who has answered. */
static struct {
    struct admission admission;
    struct config config;
    struct peer *peer_slots[4096];
    struct peer *host_slots[ADMISSION_SCOPES][4096];
    struct host hosts[(TRANSFERS + ADMISSION_SPARE) * ADMISSION_SCOPES];
} house;

/* What is seen of everybody, but of one. */
static struct admission_view view;
static const struct entry *odd_one;
static struct admission_view odd_view;

enum { NOW_MS = 1000000 };

static struct admission_view look(const struct entry *entry)
{
    return entry == odd_one ? odd_view : view;
}

static void see(enum standing standing, uint64_t progress_ms)
{
    view = (struct admission_view){standing, progress_ms};
}

static int set_up(void **state)
{
    struct admission_memory memory = {.peer_slots = house.peer_slots,
                                      .host_slots = {house.host_slots[0], house.host_slots[1]},
                                      .hosts = house.hosts,
                                      .transfers = TRANSFERS,
                                      .seed = 1};

    (void)state;
    memset(&house, 0, sizeof house);
    config_defaults(&house.config);
    house.config.transfers_max = TRANSFERS;
    admission_init(&house.admission, &memory);
    see(STANDING_STRANGER, NOW_MS);
    odd_one = NULL;
    return 0;
}

static struct entry entry_of(uint8_t host, uint16_t port, const char *upload_path, uint32_t fingerprint)
{
    return (struct entry){.peer = {.at = endpoint_ipv4(10, 0, 0, host, port)},
                          .path = upload_path,
                          .is_upload = upload_path != NULL,
                          .fingerprint = fingerprint};
}

static struct admission_result enter(struct entry *entry)
{
    return admission_enter(&house.admission, &house.config, entry, look, NOW_MS);
}

static void expect_entered(struct entry *entry)
{
    struct admission_result result = enter(entry);

    assert_int_equal(result.verdict, ADMISSION_ENTERED);
    assert_null(result.other);
    assert_null(result.superseded);
    assert_null(result.superseded_upload);
    assert_null(result.evicted);
    assert_true(entry->is_entered);
    entry->is_running = true;
}

static void expect_superseding(struct entry *entry, struct entry *old)
{
    struct admission_result result = enter(entry);

    assert_int_equal(result.verdict, ADMISSION_ENTERED);
    assert_ptr_equal(result.superseded, old);
    assert_int_equal(entry->unanswered, 0);
}

static void expect_empty(void)
{
    assert_int_equal(house.admission.running, 0);
    assert_int_equal(house.admission.peers.count, 0);
    for (int scope = 0; scope < ADMISSION_SCOPES; scope++)
        assert_int_equal(house.admission.hosts[scope].count, 0);
    assert_null(house.admission.uploads);
}

static void test_slots(void **state)
{
    (void)state;
    assert_int_equal(admission_slots(TRANSFERS), COUNT_OF(house.peer_slots));
    assert_int_equal(admission_hosts(TRANSFERS), COUNT_OF(house.hosts));
    for (uint32_t transfers = 1; transfers <= 100000; transfers += 37) {
        uint32_t slots = admission_slots(transfers);
        CHECK((slots & (slots - 1)) == 0 && slots / 4 * 3 > transfers + ADMISSION_SPARE, "%u", (unsigned)transfers);
    }
}

static void test_in_and_out(void **state)
{
    struct entry a = entry_of(1, 1000, NULL, 1);
    struct entry b = entry_of(1, 1001, NULL, 1);

    (void)state;
    expect_entered(&a);
    expect_entered(&b); /* CLIENTS.md rule 3: from a new port it is a second transfer */
    assert_int_equal(house.admission.running, 2);
    assert_int_equal(house.admission.hosts[ADMISSION_OF_ADDRESS].count, 1);
    admission_leave(&house.admission, &a);
    assert_false(a.is_entered);
    assert_null(peers_find(&house.admission.peers, &a.peer.at));
    assert_ptr_equal(peers_find(&house.admission.peers, &b.peer.at), &b.peer);
    admission_leave(&house.admission, &b);
    expect_empty();
}

/* CLIENTS.md rule 3: nothing acknowledged yet, so it is the same request; otherwise it starts anew. */
static void test_rule_3_repeated_rrq(void **state)
{
    struct entry first = entry_of(1, 1000, NULL, 7);
    struct entry repeated = first;

    (void)state;
    assert_int_equal(enter(&first).verdict, ADMISSION_ENTERED);
    struct admission_result result = enter(&repeated);
    assert_int_equal(result.verdict, ADMISSION_BEING_OPENED);
    first.is_running = true;
    result = enter(&repeated);
    assert_int_equal(result.verdict, ADMISSION_REPEATED);
    assert_ptr_equal(result.other, &first);
    assert_false(repeated.is_entered);
    assert_int_equal(house.admission.running, 1);

    /* Answered or not, its worker decides: this may be a late copy that lay in a socket behind a stall. */
    see(STANDING_PROVEN, NOW_MS);
    assert_int_equal(enter(&repeated).verdict, ADMISSION_REPEATED);
    repeated.begins_anew = true;
    result = enter(&repeated);
    assert_int_equal(result.verdict, ADMISSION_ENTERED);
    assert_ptr_equal(result.superseded, &first);
    assert_null(result.other);
    assert_true(first.is_doomed);
    assert_ptr_equal(peers_find(&house.admission.peers, &first.peer.at), &repeated.peer);
    /* The old one leaves later, and takes nothing of the new one with it. */
    assert_int_equal(house.admission.running, 2);
    admission_leave(&house.admission, &first);
    assert_ptr_equal(peers_find(&house.admission.peers, &repeated.peer.at), &repeated.peer);
    admission_leave(&house.admission, &repeated);
    expect_empty();
}

/* Another request from the same peer, answered or not, even while the first is being opened. */
static void test_rule_3_another_request_of_the_same_peer(void **state)
{
    (void)state;
    for (int running = 0; running < 2; running++) {
        struct entry first = entry_of(1, 1000, NULL, 7);
        struct entry second = entry_of(1, 1000, NULL, 8);
        assert_int_equal(enter(&first).verdict, ADMISSION_ENTERED);
        first.is_running = running;
        struct admission_result result = enter(&second);
        assert_int_equal(result.verdict, ADMISSION_ENTERED);
        assert_ptr_equal(result.superseded, &first);
        assert_true(first.is_doomed);
        admission_leave(&house.admission, &second);
        admission_leave(&house.admission, &first);
        expect_empty();
    }
}

/* CLIENTS.md rule 4. */
static void test_rule_4_repeated_wrq(void **state)
{
    struct entry first = entry_of(1, 1000, "cfg\\router.cfg", 7);
    struct entry repeated = first;

    (void)state;
    expect_entered(&first);
    struct admission_result result = enter(&repeated);
    assert_int_equal(result.verdict, ADMISSION_REPEATED);
    assert_ptr_equal(result.other, &first);
    admission_leave(&house.admission, &first);
    expect_empty();
}

static void test_rule_4_wrq_from_a_new_port_supersedes(void **state)
{
    struct entry first = entry_of(1, 1000, "cfg\\router.cfg", 7);
    struct entry again = entry_of(1, 1001, "CFG\\Router.cfg", 7);
    struct entry third = entry_of(1, 1002, "cfg\\router.cfg", 7);

    (void)state;
    expect_entered(&first);
    struct admission_result result = enter(&again);
    assert_int_equal(result.verdict, ADMISSION_ENTERED);
    assert_null(result.superseded);
    assert_ptr_equal(result.superseded_upload, &first);
    assert_true(first.is_doomed && !again.is_doomed);
    assert_null(peers_find(&house.admission.peers, &first.peer.at));
    /* The doomed one is not found a second time, although it has not left yet. */
    result = enter(&third);
    assert_ptr_equal(result.superseded_upload, &again);
    admission_leave(&house.admission, &again);
    admission_leave(&house.admission, &first);
    admission_leave(&house.admission, &third);
    expect_empty();
}

static void test_rule_4_only_the_clients_own_upload(void **state)
{
    struct entry first = entry_of(1, 1000, "a.log", 7);
    struct entry other_client = entry_of(2, 1000, "a.log", 7);
    struct entry other_name = entry_of(1, 1001, "b.log", 7);
    struct entry download = entry_of(1, 1002, NULL, 7);

    (void)state;
    expect_entered(&first);
    expect_entered(&other_client);
    expect_entered(&other_name);
    expect_entered(&download);
    assert_false(first.is_doomed);
    admission_leave(&house.admission, &other_client);
    admission_leave(&house.admission, &first);
    admission_leave(&house.admission, &download);
    admission_leave(&house.admission, &other_name);
    expect_empty();
}

/* The same peer writes the same name anew: it is named once, as superseded. */
static void test_rule_4_same_port_other_request(void **state)
{
    struct entry first = entry_of(1, 1000, "a.log", 7);
    struct entry second = entry_of(1, 1000, "a.log", 8);

    (void)state;
    expect_entered(&first);
    struct admission_result result = enter(&second);
    assert_ptr_equal(result.superseded, &first);
    assert_null(result.superseded_upload);
    admission_leave(&house.admission, &first);
    admission_leave(&house.admission, &second);
    expect_empty();
}

/* One request may end two: whatever the peer did before, and its own upload from another port. */
static void test_two_superseded_at_once(void **state)
{
    struct entry download = entry_of(1, 1000, NULL, 1);
    struct entry upload = entry_of(1, 1001, "a.log", 2);
    struct entry both = entry_of(1, 1000, "a.log", 3);

    (void)state;
    expect_entered(&download);
    expect_entered(&upload);
    struct admission_result result = enter(&both);
    assert_ptr_equal(result.superseded, &download);
    assert_ptr_equal(result.superseded_upload, &upload);
    admission_leave(&house.admission, &both);
    admission_leave(&house.admission, &upload);
    admission_leave(&house.admission, &download);
    expect_empty();
}

static void test_limits(void **state)
{
    static struct entry entries[TRANSFERS + 1];
    struct entry extra = entry_of(1, 9999, "a", 1);

    (void)state;
    house.config.transfers_per_client_max = 3;
    for (uint16_t i = 0; i < 3; i++) {
        entries[i] = entry_of(1, (uint16_t)(1000 + i), NULL, 1);
        expect_entered(&entries[i]);
    }
    assert_int_equal(enter(&extra).verdict, ADMISSION_TOO_MANY_OF_CLIENT);
    assert_false(extra.is_entered);
    assert_null(house.admission.uploads);
    admission_leave(&house.admission, &entries[1]);
    expect_entered(&extra);
    admission_leave(&house.admission, &extra);
    expect_entered(&entries[1]);

    for (uint8_t i = 3; i < TRANSFERS; i++) {
        entries[i] = entry_of((uint8_t)(i + 10), 1000, NULL, 1);
        expect_entered(&entries[i]);
    }
    extra = entry_of(200, 1000, NULL, 1);
    see(STANDING_PROVEN, NOW_MS);
    assert_int_equal(enter(&extra).verdict, ADMISSION_TOO_MANY);
    admission_leave(&house.admission, &entries[7]);
    expect_entered(&extra);
    admission_leave(&house.admission, &extra);
    for (unsigned i = 0; i < TRANSFERS; i++)
        if (i != 7)
            admission_leave(&house.admission, &entries[i]);
    expect_empty();
}

/* At the limit the oldest that never answered makes room; those that have answered stay, and so do those being opened. */
static void test_the_unanswered_make_room(void **state)
{
    static struct entry entries[TRANSFERS];
    struct entry extra[3] = {entry_of(200, 1, NULL, 1), entry_of(201, 1, NULL, 1), entry_of(202, 1, NULL, 1)};

    (void)state;
    for (uint8_t i = 0; i < TRANSFERS; i++) {
        entries[i] = entry_of((uint8_t)(i + 10), 1000, NULL, 1);
        expect_entered(&entries[i]);
    }
    entries[0].is_running = false;
    struct admission_result result = enter(&extra[0]);
    assert_int_equal(result.verdict, ADMISSION_ENTERED);
    assert_ptr_equal(result.evicted, &entries[1]);
    assert_true(entries[1].is_doomed);
    assert_int_equal(house.admission.serving, TRANSFERS);
    assert_int_equal(house.admission.running, TRANSFERS + 1);
    /* Its worker has not let go of it yet: the next one in line goes. */
    assert_ptr_equal(enter(&extra[1]).evicted, &entries[2]);
    /* The one that is being opened will make room in a moment, so nobody is turned away before. */
    see(STANDING_PROVEN, NOW_MS);
    assert_int_equal(enter(&extra[2]).verdict, ADMISSION_NOT_NOW);
    entries[0].is_running = extra[0].is_running = extra[1].is_running = true;
    assert_int_equal(enter(&extra[2]).verdict, ADMISSION_TOO_MANY);
    see(STANDING_STRANGER, NOW_MS);
    for (uint8_t i = 0; i < TRANSFERS; i++)
        admission_leave(&house.admission, &entries[i]);
    admission_leave(&house.admission, &extra[0]);
    admission_leave(&house.admission, &extra[1]);
    expect_empty();
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
    struct entry extra = entry_of(200, 1, NULL, 1);

    (void)state;
    for (uint8_t i = 0; i < TRANSFERS; i++) {
        entries[i] = entry_of((uint8_t)(i + 10), 1000, NULL, 1);
        expect_entered(&entries[i]);
    }
    odd_one = &entries[TRANSFERS / 2];
    for (size_t better = 1; better < COUNT_OF(rows); better++)
        for (size_t worse = 0; worse < better; worse++) {
            see(rows[better].standing, rows[better].progress_ms);
            odd_view = (struct admission_view){rows[worse].standing, rows[worse].progress_ms};
            struct admission_result result = enter(&extra);
            CHECK(result.verdict == ADMISSION_ENTERED && result.evicted == odd_one, "row %u for row %u",
                  (unsigned)worse, (unsigned)better);
            admission_leave(&house.admission, &extra);
            admission_leave(&house.admission, &entries[TRANSFERS / 2]);
            entries[TRANSFERS / 2] = entry_of(100, 1000, NULL, 1);
            see(STANDING_STRANGER, NOW_MS);
            expect_entered(&entries[TRANSFERS / 2]);
        }
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        odd_one = NULL;
        see(rows[row].standing, rows[row].progress_ms);
        struct admission_result result = enter(&extra);
        CHECK((result.verdict == ADMISSION_ENTERED) == rows[row].makes_room, "row %u", (unsigned)row);
        if (result.verdict != ADMISSION_ENTERED)
            continue;
        admission_leave(&house.admission, &extra);
        admission_leave(&house.admission, result.evicted);
        *result.evicted = entry_of((uint8_t)(210 + row), 1000, NULL, 1);
        see(STANDING_STRANGER, NOW_MS);
        expect_entered(result.evicted);
    }
    for (uint8_t i = 0; i < TRANSFERS; i++)
        admission_leave(&house.admission, &entries[i]);
    expect_empty();
}

/* One forged packet ends nobody's transfer: what a request means for one that goes on, its worker has to find out. */
static void test_no_request_ends_one_that_goes_on(void **state)
{
    struct entry first = entry_of(1, 1000, NULL, 7);
    struct entry other = entry_of(1, 1000, NULL, 8);
    struct entry upload = entry_of(1, 1001, "a.log", 9);
    struct entry same_name = entry_of(1, 1002, "a.log", 10);

    (void)state;
    expect_entered(&first);
    expect_entered(&upload);
    for (enum standing standing = STANDING_ANSWERED; standing < STANDING_COUNT; standing++) {
        see(standing, NOW_MS);
        struct admission_result result = enter(&other);
        assert_int_equal(result.verdict, ADMISSION_REPEATED);
        assert_ptr_equal(result.other, &first);
        result = enter(&same_name);
        assert_int_equal(result.verdict, ADMISSION_REPEATED);
        assert_ptr_equal(result.other, &upload);
        assert_false(first.is_doomed || upload.is_doomed);
    }
    /* Its worker has found the client silent. */
    same_name.begins_anew = true;
    assert_ptr_equal(enter(&same_name).superseded_upload, &upload);
    /* Who may have all he asked for asks for the next file, and is not held up; but a late copy is no such request. */
    admission_end_soon(&house.admission, &first);
    assert_ptr_equal(enter(&other).superseded, &first);
    admission_leave(&house.admission, &first);
    other.is_running = true;
    admission_end_soon(&house.admission, &other);
    struct entry copy = entry_of(1, 1000, NULL, 7);
    assert_int_equal(enter(&copy).verdict, ADMISSION_REPEATED);
    admission_leave(&house.admission, &other);
    admission_leave(&house.admission, &upload);
    admission_leave(&house.admission, &same_name);
    expect_empty();
}

/* Two requests by turns from one forged peer would draw an answer each, for ever. */
static void test_a_hasty_peer_is_left_unanswered(void **state)
{
    static struct entry entries[ADMISSION_UNANSWERED_MAX + 2];
    size_t count = 0;

    (void)state;
    for (; count < COUNT_OF(entries); count++) {
        entries[count] = entry_of(1, 1000, NULL, (uint32_t)(1 + count % 2));
        if (enter(&entries[count]).verdict != ADMISSION_ENTERED)
            break;
        entries[count].is_running = true;
    }
    assert_int_equal(count, ADMISSION_UNANSWERED_MAX + 1);
    assert_int_equal(enter(&entries[count]).verdict, ADMISSION_TOO_HASTY);
    see(STANDING_PROVEN, NOW_MS);
    entries[count].begins_anew = true;
    expect_superseding(&entries[count], &entries[count - 1]);
    for (size_t i = 0; i <= count; i++)
        admission_leave(&house.admission, &entries[i]);
    expect_empty();
}

/* However fast they come, those on their way out are bounded too. */
static void test_the_doomed_are_bounded(void **state)
{
    static struct entry entries[TRANSFERS + ADMISSION_SPARE + 1];
    size_t count = 0;

    (void)state;
    for (; count < COUNT_OF(entries); count++) {
        entries[count] = entry_of((uint8_t)(count >> 12), (uint16_t)(1 + count), NULL, 1);
        entries[count].peer.at.address[14] = (uint8_t)count;
        if (enter(&entries[count]).verdict != ADMISSION_ENTERED)
            break;
        entries[count].is_running = true;
    }
    assert_int_equal(count, TRANSFERS + ADMISSION_SPARE);
    assert_int_equal(house.admission.serving, TRANSFERS);
    while (count > 0)
        admission_leave(&house.admission, &entries[--count]);
    expect_empty();
}

static struct entry entry_of_ipv6(uint8_t first, uint8_t network, uint8_t host)
{
    struct entry entry = entry_of(1, 1000, NULL, 1);

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
    house.config.transfers_per_client_max = 1;
    for (uint8_t i = 0; i < COUNT_OF(entries); i++) {
        entries[i] = entry_of_ipv6(0x20, 1, i);
        expect_entered(&entries[i]);
    }
    assert_int_equal(enter(&extra).verdict, ADMISSION_TOO_MANY_OF_CLIENT);
    expect_entered(&elsewhere);
    admission_end_soon(&house.admission, &entries[3]);
    expect_entered(&extra);
    admission_leave(&house.admission, &extra);
    admission_leave(&house.admission, &elsewhere);
    for (size_t i = 0; i < COUNT_OF(entries); i++)
        admission_leave(&house.admission, &entries[i]);
    for (uint8_t i = 0; i < COUNT_OF(on_link); i++) {
        on_link[i] = entry_of_ipv6(0xfe, 1, i);
        expect_entered(&on_link[i]);
    }
    for (size_t i = 0; i < COUNT_OF(on_link); i++)
        admission_leave(&house.admission, &on_link[i]);
    expect_empty();
}

/* Who may have all it asked for may ask for the next file, but not for ever more. */
static void test_limit_of_a_client_that_goes_on(void **state)
{
    static struct entry entries[6];
    struct entry extra = entry_of(1, 9999, NULL, 1);
    struct entry again = entry_of(1, 1000, NULL, 2);

    (void)state;
    house.config.transfers_per_client_max = 2;
    for (uint16_t i = 0; i < 4; i++) {
        entries[i] = entry_of(1, (uint16_t)(1000 + i), NULL, 1);
        expect_entered(&entries[i]);
        if (i < 2)
            admission_end_soon(&house.admission, &entries[i]);
    }
    assert_int_equal(enter(&extra).verdict, ADMISSION_TOO_MANY_OF_CLIENT);
    admission_end_soon(&house.admission, &entries[2]);
    admission_end_soon(&house.admission, &entries[2]);
    assert_int_equal(enter(&extra).verdict, ADMISSION_TOO_MANY_OF_CLIENT); /* twice as many there are never */
    admission_leave(&house.admission, &entries[0]);
    expect_entered(&extra);
    assert_int_equal(enter(&entries[0]).verdict, ADMISSION_TOO_MANY_OF_CLIENT);
    admission_leave(&house.admission, &extra);

    /* One that ends and is superseded makes no more room than it took. */
    again.peer.at = entries[1].peer.at;
    assert_int_equal(enter(&again).verdict, ADMISSION_ENTERED);
    admission_end_soon(&house.admission, &entries[1]); /* its worker has not heard yet */
    admission_leave(&house.admission, &entries[1]);
    assert_int_equal(enter(&entries[0]).verdict, ADMISSION_TOO_MANY_OF_CLIENT);
    admission_leave(&house.admission, &again);
    admission_leave(&house.admission, &entries[2]);
    admission_leave(&house.admission, &entries[3]);
    expect_empty();
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
    house.config.transfers_per_client_max = 3;
    for (int round = 0; round < 100000; round++) {
        struct entry *entry = &entries[random_below(&random, COUNT_OF(entries))];
        if (entry->is_entered && random_below(&random, 2)) {
            admission_end_soon(&house.admission, entry);
        } else if (entry->is_entered) {
            admission_leave(&house.admission, entry);
            inside--;
        } else {
            *entry = entry_of((uint8_t)random_below(&random, 10), (uint16_t)(1 + random_below(&random, 5)),
                              paths[random_below(&random, COUNT_OF(paths))], random_below(&random, 3));
            see((enum standing)random_below(&random, STANDING_COUNT), random_below(&random, 2) * NOW_MS);
            struct admission_result result = enter(entry);
            inside += result.verdict == ADMISSION_ENTERED;
            entry->is_running = random_below(&random, 2);
            assert_true((result.verdict == ADMISSION_ENTERED) == entry->is_entered);
            assert_true(result.superseded == NULL || result.superseded != result.superseded_upload);
        }
        assert_int_equal(house.admission.running, inside);
        assert_true(house.admission.serving <= TRANSFERS && inside <= TRANSFERS + ADMISSION_SPARE);
        expect_limits_of_clients(entries, COUNT_OF(entries), house.config.transfers_per_client_max);
    }
    for (size_t i = 0; i < COUNT_OF(entries); i++)
        if (entries[i].is_entered)
            admission_leave(&house.admission, &entries[i]);
    expect_empty();
}

static void test_bogus_sources(void **state)
{
    static const struct {
        const char *address;
        uint16_t port;
        bool is_bogus;
    } rows[] = {
        {"10.0.0.5", 2070, false}, {"10.0.0.5", 1, false},          {"10.0.0.5", 0, true},  {"0.0.0.0", 2070, true},
        {"::", 2070, true},        {"255.255.255.255", 2070, true}, {"224.0.0.1", 9, true}, {"239.1.1.1", 9, true},
        {"ff02::1", 9, true},      {"fe80::1%3", 9, false},         {"::1", 9, false},      {"127.0.0.1", 9, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint from;
        assert_true(endpoint_parse_address(&from, span_of_text(rows[i].address)));
        from.port = rows[i].port;
        CHECK(admission_is_bogus_source(&from) == rows[i].is_bogus, "%s", rows[i].address);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_slots, set_up),
        cmocka_unit_test_setup(test_in_and_out, set_up),
        cmocka_unit_test_setup(test_rule_3_repeated_rrq, set_up),
        cmocka_unit_test_setup(test_rule_3_another_request_of_the_same_peer, set_up),
        cmocka_unit_test_setup(test_rule_4_repeated_wrq, set_up),
        cmocka_unit_test_setup(test_rule_4_wrq_from_a_new_port_supersedes, set_up),
        cmocka_unit_test_setup(test_rule_4_only_the_clients_own_upload, set_up),
        cmocka_unit_test_setup(test_rule_4_same_port_other_request, set_up),
        cmocka_unit_test_setup(test_two_superseded_at_once, set_up),
        cmocka_unit_test_setup(test_limits, set_up),
        cmocka_unit_test_setup(test_limit_of_a_client_that_goes_on, set_up),
        cmocka_unit_test_setup(test_limit_of_a_network, set_up),
        cmocka_unit_test_setup(test_the_unanswered_make_room, set_up),
        cmocka_unit_test_setup(test_who_makes_room, set_up),
        cmocka_unit_test_setup(test_no_request_ends_one_that_goes_on, set_up),
        cmocka_unit_test_setup(test_a_hasty_peer_is_left_unanswered, set_up),
        cmocka_unit_test_setup(test_the_doomed_are_bounded, set_up),
        cmocka_unit_test_setup(test_random_comings_and_goings, set_up),
        cmocka_unit_test(test_bogus_sources),
    };

    return cmocka_run_group_tests_name("admission", tests, NULL, NULL);
}
