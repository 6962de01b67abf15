#include "unit.h"

#include "core/transfer/standing.h"
#include "core/wire/packet.h"

static struct known known;

static int set_up(void **state)
{
    (void)state;
    memset(&known, 0, sizeof known);
    return 0;
}

/* What all who compare rely on. */
static void test_order(void **state)
{
    (void)state;
    assert_true(STANDING_STRANGER < STANDING_ANSWERED && STANDING_ANSWERED < STANDING_PROVEN);
}

/* Headers counted on both sides, the answer is three times the request at most, and not a byte less is allowed. */
static void test_reply_is_paid_for(void **state)
{
    (void)state;
    for (size_t request = 0; request <= PACKET_CONTROL_SIZE_MAX; request++) {
        size_t most = standing_reply_max(request);
        CHECK(most + 28 == 3 * (request + 28), "request of %u bytes: %u", (unsigned)request, (unsigned)most);
    }
    assert_int_equal(standing_reply_max(2), 62); /* the shortest that is answered at all */
}

/* 192 bytes for each port that would have to be guessed, or what the parameter says. */
static void test_window_by_ports(void **state)
{
    static const struct {
        uint32_t unproven_bytes, ports, window_bytes;
    } rows[] = {
        {12288, 1, 12288}, {12288, 64, 12288}, {12288, 65, 12480},  {12288, 512, 98304},    {1048576, 512, 1048576},
        {512, 1, 512},     {512, 3, 576},      {512, 4096, 786432}, {512, 65535, 12582720},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(standing_window_bytes(rows[i].unproven_bytes, rows[i].ports) == rows[i].window_bytes, "row %u",
              (unsigned)i);
}

static struct endpoint host_number(uint32_t number)
{
    return endpoint_ipv4(10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number, (uint16_t)(number + 1));
}

static void test_known_for_a_while(void **state)
{
    static const struct {
        uint64_t now_ms;
        bool is_known;
    } rows[] = {{5000, true}, {5000 + 600 * 1000 - 1, true}, {5000 + 600 * 1000, false}, {UINT64_MAX, false}};
    struct endpoint host = host_number(7);

    (void)state;
    assert_false(standing_knows(&known, &host, 0));
    standing_learn(&known, &host, 5000);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(standing_knows(&known, &host, rows[i].now_ms) == rows[i].is_known, "row %u", (unsigned)i);
    /* Once more, and the time counts anew. */
    standing_learn(&known, &host, 300 * 1000);
    assert_true(standing_knows(&known, &host, 700 * 1000));
    assert_false(standing_knows(&known, &host, 900 * 1000));
}

static void test_address_counts_and_not_the_port(void **state)
{
    struct endpoint host = host_number(7);
    struct endpoint other_port = host;
    struct endpoint other_host = host_number(8);
    struct endpoint link_local, other_zone;

    (void)state;
    other_port.port = 9999;
    other_host.port = host.port;
    standing_learn(&known, &host, 1);
    assert_true(standing_knows(&known, &other_port, 2));
    assert_false(standing_knows(&known, &other_host, 2));
    assert_true(endpoint_parse_address(&link_local, span_of_text("fe80::1%3")));
    assert_true(endpoint_parse_address(&other_zone, span_of_text("fe80::1%4")));
    standing_learn(&known, &link_local, 1);
    assert_true(standing_knows(&known, &link_local, 2));
    assert_false(standing_knows(&known, &other_zone, 2));
}

static uint32_t set_of(struct endpoint host)
{
    host.port = 0;
    return endpoint_hash(&host, 0) % STANDING_KNOWN_SETS;
}

/* So many hosts of one set. */
static void find_of_one_set(struct endpoint *hosts, size_t count)
{
    uint32_t number = 1;

    hosts[0] = host_number(0);
    for (size_t i = 1; i < count; number++)
        if (set_of(host_number(number)) == set_of(hosts[0]))
            hosts[i++] = host_number(number);
}

/* A set that is full forgets who finished longest ago; who comes again takes no second place. */
static void test_least_lately_seen_gives_way(void **state)
{
    struct endpoint hosts[STANDING_KNOWN_WAYS + 1];

    (void)state;
    find_of_one_set(hosts, COUNT_OF(hosts));
    for (unsigned i = 0; i < STANDING_KNOWN_WAYS; i++)
        standing_learn(&known, &hosts[i], 100 + i);
    for (unsigned again = 0; again < 3; again++) {
        standing_learn(&known, &hosts[0], 200);
        standing_learn(&known, &hosts[2], 200);
    }
    for (unsigned i = 0; i < STANDING_KNOWN_WAYS; i++)
        CHECK(standing_knows(&known, &hosts[i], 200), "host %u", i);
    standing_learn(&known, &hosts[STANDING_KNOWN_WAYS], 300);
    for (unsigned i = 0; i <= STANDING_KNOWN_WAYS; i++)
        CHECK(standing_knows(&known, &hosts[i], 300) == (i != 1), "host %u", i);
}

/* A flood of addresses pushes out, but nobody is known who was not learnt. */
static void test_many_hosts(void **state)
{
    enum { HOSTS = 3 * STANDING_KNOWN_SETS * STANDING_KNOWN_WAYS };
    uint32_t count = 0;

    (void)state;
    for (uint32_t i = 0; i < HOSTS; i++) {
        struct endpoint host = host_number(2 * i);
        standing_learn(&known, &host, i);
        assert_true(standing_knows(&known, &host, i));
    }
    for (uint32_t i = 0; i < 2 * HOSTS; i++) {
        struct endpoint host = host_number(i);
        bool is_known = standing_knows(&known, &host, HOSTS);
        count += is_known;
        CHECK(!is_known || i % 2 == 0, "host %u was never learnt", (unsigned)i);
    }
    /* Each set was filled up, or nearly each. */
    assert_in_range(count, STANDING_KNOWN_SETS * STANDING_KNOWN_WAYS * 9 / 10,
                    STANDING_KNOWN_SETS * STANDING_KNOWN_WAYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_order, set_up),
        cmocka_unit_test_setup(test_reply_is_paid_for, set_up),
        cmocka_unit_test_setup(test_window_by_ports, set_up),
        cmocka_unit_test_setup(test_known_for_a_while, set_up),
        cmocka_unit_test_setup(test_address_counts_and_not_the_port, set_up),
        cmocka_unit_test_setup(test_least_lately_seen_gives_way, set_up),
        cmocka_unit_test_setup(test_many_hosts, set_up),
    };

    return cmocka_run_group_tests_name("standing", tests, NULL, NULL);
}
