#include "unit.h"

#include "core/server/errors.h"

enum { RATE = 5 };

static struct errors errors;

static int set_up(void **state)
{
    (void)state;
    errors_init(&errors, RATE, 1);
    return 0;
}

/* What a refused request and a stray packet get comes out of one purse. */
static void test_one_allowance_for_all(void **state)
{
    struct endpoint peer = endpoint_ipv4(10, 0, 0, 5, 2000);
    unsigned allowed = 0;

    (void)state;
    for (unsigned i = 0; i < 20; i++, peer.port++)
        allowed += i % 2 ? errors_allow(&errors, &peer, RATE, 100) : errors_allow_stray(&errors, &peer, RATE, 100);
    assert_int_equal(allowed, RATE);
}

/* A client that acknowledges every ERROR, an ERROR 5 too, hears no more than one a second. */
static void test_one_stray_a_peer_and_second(void **state)
{
    struct endpoint peer = endpoint_ipv4(10, 0, 0, 5, 2000);
    struct endpoint other = endpoint_ipv4(10, 0, 0, 5, 2001);
    unsigned allowed = 0;

    (void)state;
    for (uint64_t now_ms = 5000; now_ms < 8000; now_ms++)
        allowed += errors_allow_stray(&errors, &peer, RATE, now_ms);
    assert_int_equal(allowed, 3);
    assert_true(errors_allow_stray(&errors, &other, RATE, 7999));
}

/* It is heard again as soon as it may have another ERROR; it is told of once a minute. */
static void test_who_has_spent_all_is_not_heard(void **state)
{
    struct endpoint source = endpoint_ipv4(10, 0, 0, 5, 2000);
    struct endpoint other = endpoint_ipv4(10, 0, 0, 6, 2000);
    unsigned told = 0;

    (void)state;
    assert_int_equal(errors_hear(&errors, &source, RATE, 100), ERRORS_HEARD);
    for (int i = 0; i < RATE; i++)
        assert_true(errors_allow(&errors, &source, RATE, 100));
    source.port++;
    assert_int_equal(errors_hear(&errors, &source, RATE, 100), ERRORS_UNHEARD_TELL);
    assert_int_equal(errors_hear(&errors, &source, RATE, 299), ERRORS_UNHEARD);
    assert_int_equal(errors_hear(&errors, &other, RATE, 299), ERRORS_HEARD);
    assert_int_equal(errors_hear(&errors, &source, RATE, 300), ERRORS_HEARD);
    for (uint64_t now_ms = 300; now_ms < 300 + 3 * 60 * 1000; now_ms += 20) {
        errors_allow(&errors, &source, RATE, now_ms);
        told += errors_hear(&errors, &source, RATE, now_ms) == ERRORS_UNHEARD_TELL;
    }
    assert_int_equal(told, 3);
}

/* Once, whenever it is. */
static void test_is_told_once(void **state)
{
    struct endpoint source = endpoint_ipv4(10, 0, 0, 5, 2000);

    (void)state;
    for (uint64_t now_ms = 0; now_ms < 60 * 1000; now_ms += 500) {
        errors_init(&errors, RATE, 1);
        while (errors_allow(&errors, &source, RATE, now_ms))
            ;
        CHECK(errors_hear(&errors, &source, RATE, now_ms) == ERRORS_UNHEARD_TELL, "%u ms", (unsigned)now_ms);
        CHECK(errors_hear(&errors, &source, RATE, now_ms + 1) == ERRORS_UNHEARD, "%u ms", (unsigned)now_ms);
    }
}

/* Whatever was in the memory, nobody has been told of yet, and everybody has an ERROR to come. */
static void test_begins_anew(void **state)
{
    (void)state;
    memset(&errors, 0xEE, sizeof errors);
    errors_init(&errors, RATE, 1);
    for (size_t i = 0; i < COUNT_OF(errors.told_s); i++)
        assert_int_equal(errors.told_s[i], 0);
    for (size_t i = 0; i < COUNT_OF(errors.strays); i++)
        assert_true(bucket_has(&errors.strays[i], ERRORS_STRAYS, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_one_allowance_for_all, set_up),
        cmocka_unit_test_setup(test_one_stray_a_peer_and_second, set_up),
        cmocka_unit_test_setup(test_is_told_once, set_up),
        cmocka_unit_test(test_begins_anew),
        cmocka_unit_test_setup(test_who_has_spent_all_is_not_heard, set_up),
    };

    return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
