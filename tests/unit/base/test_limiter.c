#include "unit.h"

#include "core/base/limiter.h"

static struct limiter limiter;
static uint32_t rate;

static void begin(uint32_t per_second)
{
    rate = per_second;
    limiter_init(&limiter, rate, 1);
}

static unsigned burst(const struct endpoint *source, uint64_t now_ms, unsigned tries)
{
    unsigned allowed = 0;

    for (unsigned i = 0; i < tries; i++)
        allowed += limiter_allows(&limiter, source, rate, now_ms);
    return allowed;
}

static void test_burst_then_rate(void **state)
{
    struct endpoint source = endpoint_ipv4(10, 0, 0, 5, 2070);

    (void)state;
    begin(100);
    assert_int_equal(burst(&source, 5000, 1000), 100);
    assert_int_equal(burst(&source, 5009, 1000), 0);
    assert_int_equal(burst(&source, 5010, 1000), 1);
    assert_int_equal(burst(&source, 5510, 1000), 50);
    assert_int_equal(burst(&source, 6510, 1000), 100);
    assert_int_equal(burst(&source, 3606510, 1000), 100); /* never more than a burst */
}

/* Fractions of a token are kept: asking often must not starve a slow rate. */
static void test_fractions_add_up(void **state)
{
    struct endpoint source = endpoint_ipv4(10, 0, 0, 5, 2070);
    unsigned allowed = 0;

    (void)state;
    begin(3);
    assert_int_equal(burst(&source, 0, 10), 3);
    for (uint64_t now = 1; now <= 10000; now++)
        allowed += burst(&source, now, 1);
    assert_in_range(allowed, 29, 30);
}

static void test_by_address_not_by_port(void **state)
{
    struct endpoint source = endpoint_ipv4(10, 0, 0, 5, 2070);
    struct endpoint other = endpoint_ipv4(10, 0, 0, 6, 2070);

    (void)state;
    begin(5);
    assert_int_equal(burst(&source, 100, 10), 5);
    source.port++;
    assert_int_equal(burst(&source, 100, 10), 0);
    assert_int_equal(burst(&other, 100, 10), 5);
}

/* The low 32 bits of the time wrap after 49 days. */
static void test_time_wraps(void **state)
{
    struct endpoint source = endpoint_ipv4(10, 0, 0, 5, 2070);

    (void)state;
    begin(10);
    assert_int_equal(burst(&source, 0xffffffffu - 50, 100), 10);
    assert_int_equal(burst(&source, 0x100000000u + 49, 100), 1);
    begin(UINT32_MAX / 1000);
    assert_int_equal(burst(&source, UINT64_MAX, 10), 10);
}

/* The parameter may change at any time: a lower rate holds from the next call on, a higher one fills up to its size. */
static void test_rate_changes(void **state)
{
    struct endpoint source = endpoint_ipv4(10, 0, 0, 5, 2070);

    (void)state;
    begin(100);
    rate = 10;
    assert_int_equal(burst(&source, 1000, 1000), 10);
    rate = 200;
    assert_int_equal(burst(&source, 1500, 1000), 100);
    assert_int_equal(burst(&source, 9000, 1000), 200);
}

/* A network of many has more than one address, and not as much as all its addresses. */
static void test_by_network_too(void **state)
{
    struct endpoint source = {.address = {0x20, 0x01, 0x0d, 0xb8}, .port = 2070};
    struct endpoint other = {.address = {0x20, 0x01, 0x0d, 0xb9}, .port = 2070};
    struct endpoint link = {.address = {0xfe, 0x80}, .port = 2070};
    unsigned allowed = 0, allowed_on_link = 0;

    (void)state;
    begin(5);
    for (uint8_t host = 1; host < 200; host++) {
        source.address[15] = host;
        unsigned burst_of_one = burst(&source, 100, 10);
        CHECK(burst_of_one <= 5, "host %u: %u", (unsigned)host, burst_of_one);
        allowed += burst_of_one;
    }
    assert_int_equal(allowed, 5 * ENDPOINT_NETWORK_SHARE);
    assert_int_equal(burst(&other, 100, 10), 5);
    for (uint8_t host = 0; host < 40; host++) {
        link.address[15] = host;
        allowed_on_link += burst(&link, 10000, 10);
    }
    assert_true(allowed_on_link > 5 * 30); /* but those of one hash */
}

/* A rate whose share for a network would not fit takes what fits. */
static void test_rate_of_a_network(void **state)
{
    enum { RATE_MAX = UINT32_MAX / 1000 };
    static const struct {
        uint32_t rate, of_network;
    } rows[] = {
        {1, ENDPOINT_NETWORK_SHARE},
        {RATE_MAX / ENDPOINT_NETWORK_SHARE, RATE_MAX / ENDPOINT_NETWORK_SHARE * ENDPOINT_NETWORK_SHARE},
        {RATE_MAX / ENDPOINT_NETWORK_SHARE + 1, RATE_MAX},
        {RATE_MAX, RATE_MAX},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin(rows[i].rate);
        assert_int_equal(limiter.addresses[0].tokens_milli, rows[i].rate * 1000);
        assert_int_equal(limiter.networks[0].tokens_milli, rows[i].of_network * 1000);
        assert_int_equal(limiter.networks[LIMITER_BUCKETS - 1].tokens_milli, rows[i].of_network * 1000);
    }
}

/* limiter_has looks where limiter_allows takes: an address that has some left, in a network that has none. */
static void test_looking_by_network(void **state)
{
    struct endpoint source = {.address = {0x20, 0x01, 0x0d, 0xb8}, .port = 2070};

    (void)state;
    begin(2);
    for (uint8_t host = 1; host < 100; host++) {
        source.address[15] = host;
        bool has = limiter_has(&limiter, &source, rate, 100);
        CHECK(limiter_allows(&limiter, &source, rate, 100) == has, "host %u", (unsigned)host);
    }
    source.address[15] = 200;
    assert_false(limiter_has(&limiter, &source, rate, 100));
    assert_true(limiter_has(&limiter, &source, rate, 132)); /* 32 a second: one more after 31.25 ms */
    assert_false(limiter_has(&limiter, &source, rate, 131));
}

static void test_looking_takes_nothing(void **state)
{
    struct endpoint source = endpoint_ipv4(10, 0, 0, 5, 2070);

    (void)state;
    begin(5);
    for (int i = 0; i < 20; i++)
        assert_true(limiter_has(&limiter, &source, rate, 100));
    assert_int_equal(burst(&source, 100, 10), 5);
    assert_false(limiter_has(&limiter, &source, rate, 100));
    assert_false(limiter_has(&limiter, &source, rate, 299));
    assert_true(limiter_has(&limiter, &source, rate, 300));
    assert_int_equal(burst(&source, 300, 10), 1);
}

static void test_bucket_is_for_all(void **state)
{
    struct bucket bucket;
    unsigned taken = 0;

    (void)state;
    bucket_init(&bucket, 7);
    for (unsigned i = 0; i < 20; i++)
        taken += bucket_take(&bucket, 7, 100);
    assert_int_equal(taken, 7);
    assert_true(bucket_take(&bucket, 7, 243));
    assert_false(bucket_take(&bucket, 7, 243));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_burst_then_rate),        cmocka_unit_test(test_fractions_add_up),
        cmocka_unit_test(test_by_address_not_by_port), cmocka_unit_test(test_time_wraps),
        cmocka_unit_test(test_rate_changes),           cmocka_unit_test(test_bucket_is_for_all),
        cmocka_unit_test(test_rate_of_a_network),      cmocka_unit_test(test_looking_by_network),
        cmocka_unit_test(test_by_network_too),         cmocka_unit_test(test_looking_takes_nothing),
    };

    return cmocka_run_group_tests_name("limiter", tests, NULL, NULL);
}
