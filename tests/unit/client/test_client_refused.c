/* What the system refuses: a port, or to send. */
#include "unit.h"

#include "asker.h"
#include "driver.h"

static void test_no_socket(void **state)
{
    static struct asker a;

    (void)state;
    asker_init(&a, GET, NULL, 0);
    a.port_cause = CAUSE_SOCKET;
    asker_begin(&a);
    EXPECT(&a, "PORT 0 FINISH 14");
    assert_false(exchange_is_answered(&a.exchange));
    asker_free(&a);
}

/* An ERROR for a stranger to whom there is no way changes nothing. */
static void test_stranger_without_a_way(void **state)
{
    static struct asker a;
    struct endpoint other = endpoint_ipv4(172, 16, 0, 9, 4000);
    static const uint8_t data[] = {0, 3, 0, 1, 'x'};

    (void)state;
    for (int is_answered = 0; is_answered < 2; is_answered++) {
        asker_get(&a, GET, 512, 1, is_answered ? "tsize 5" : "");
        a.send_cause = CAUSE_SOCKET;
        asker_datagram_from(&a, 0, &other, span_of(data, sizeof data));
        EXPECT(&a, "ERROR 5");
        a.send_cause = CAUSE_DONE;
        if (is_answered)
            asker_data(&a, 1, "hello", 5);
        while (!a.is_finished)
            asker_timeout(&a);
        EXPECT(&a, is_answered ? "FINISH 0" : "FINISH 15");
        assert_true(endpoint_equal(&a.action.finish.stranger, &other));
        asker_free(&a);
    }
}

/* The first request that does not leave is told at once; nobody waits for a firewall of his own. */
static void test_nothing_ever_leaves(void **state)
{
    static struct asker a;

    (void)state;
    asker_init(&a, GET, NULL, 0);
    a.send_cause = CAUSE_SOCKET;
    asker_begin(&a);
    EXPECT(&a, "PORT 0 RRQ f octet FINISH 14");
    asker_free(&a);
}

/* --wait: the link of the device comes up with it; or it does not, and that is what is told. */
static void test_waits_for_a_link(void **state)
{
    static struct asker a;

    (void)state;
    for (int comes_up = 0; comes_up < 2; comes_up++) {
        asker_init(&a, GET, NULL, 0);
        a.setup.wait_ms = 60000;
        a.send_cause = CAUSE_SOCKET;
        asker_begin(&a);
        for (int i = 0; i < 10; i++) {
            asker_timeout(&a);
            EXPECT(&a, "RRQ f octet");
        }
        a.send_cause = comes_up ? CAUSE_DONE : CAUSE_SOCKET;
        while (!a.is_finished)
            asker_timeout(&a);
        EXPECT(&a, comes_up ? "FINISH 11" : "FINISH 14");
        assert_int_equal(a.now_ms, ASKER_START_MS + 60000);
        asker_free(&a);
    }
}

/* In the middle a moment without a link is a loss, and one that lasts is told as what it is, after the same patience. */
static void test_link_is_lost_in_the_middle(void **state)
{
    static struct asker a;

    (void)state;
    for (int comes_back = 0; comes_back < 2; comes_back++) {
        asker_get(&a, GET, 8, 1, "blksize 8");
        a.send_cause = CAUSE_SOCKET;
        asker_blocks(&a, 1, 1, 8);
        EXPECT(&a, "WRITE 0+8 ACK 1");
        asker_timeout(&a);
        EXPECT(&a, "ACK 1");
        if (comes_back) {
            a.send_cause = CAUSE_DONE;
            asker_timeout(&a);
            asker_data(&a, 2, "end", 3);
            EXPECT(&a, "WRITE 8+3 COMMIT 11 ACK 2");
        }
        while (!a.is_finished)
            asker_timeout(&a);
        EXPECT(&a, comes_back ? "FINISH 0" : "ERROR 0 FINISH 14");
        asker_free(&a);
    }
    asker_init(&a, PUT, driver_content(20), 20);
    a.setup.blksize = 8;
    asker_begin(&a);
    a.send_cause = CAUSE_SOCKET;
    asker_oack(&a, "blksize 8");
    EXPECT(&a, "DATA 1");
    while (!a.is_finished)
        asker_timeout(&a);
    EXPECT(&a, "ERROR 0 FINISH 14");
    asker_free(&a);
    /* It may have the file: that is worth more than why nothing more could be asked. */
    asker_init(&a, PUT, driver_content(5), 5);
    asker_begin(&a);
    asker_ack(&a, 0);
    EXPECT(&a, "DATA 1");
    a.send_cause = CAUSE_SOCKET;
    while (!a.is_finished)
        asker_timeout(&a);
    EXPECT(&a, "ERROR 0 FINISH 19");
    asker_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_socket),
        cmocka_unit_test(test_stranger_without_a_way),
        cmocka_unit_test(test_nothing_ever_leaves),
        cmocka_unit_test(test_waits_for_a_link),
        cmocka_unit_test(test_link_is_lost_in_the_middle),
    };

    return cmocka_run_group_tests_name("client_refused", tests, NULL, NULL);
}
