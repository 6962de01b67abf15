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

static const char with_options[] = "RRQ f octet tsize=0 blksize=1428 windowsize=16";

/* --local-port P: there is no port but that of the options. */
static void begin_with_one_port(struct asker *a)
{
    asker_get(a, GET, 1428, 16, "");
    a->port_cause = CAUSE_SOCKET;
}

/* It goes on with options, and silence is what is told. */
static void test_one_port(void **state)
{
    static struct asker a;

    (void)state;
    begin_with_one_port(&a);
    asker_timeout(&a);
    EXPECT(&a, with_options);
    asker_timeout(&a);
    EXPECT(&a, "PORT 1 RRQ f octet tsize=0 blksize=1428 windowsize=16");
    for (int i = 0; i < 3; i++) {
        asker_timeout(&a);
        EXPECT(&a, with_options);
        assert_int_equal(a.sent_line, 0);
    }
    asker_timeout(&a);
    EXPECT(&a, "FINISH 11");
    assert_int_equal(a.now_ms, ASKER_START_MS + 19000);
    asker_free(&a);
    /* A server that ignores options has taught nothing of a request without. */
    begin_with_one_port(&a);
    asker_timeout(&a);
    asker_timeout(&a);
    asker_data(&a, 1, driver_content(512), 512);
    EXPECT(&a, "OPEN 0 WRITE 0+512 ACK 1");
    assert_int_equal(a.exchange.report.fallbacks, 0);
    asker_free(&a);
}

/* Refused options: what is refused next is the file. */
static void test_one_port_is_refused(void **state)
{
    static struct asker a;

    (void)state;
    for (int is_late = 0; is_late < 2; is_late++) {
        begin_with_one_port(&a);
        for (int i = 0; i < 2 * is_late; i++)
            asker_timeout(&a);
        asker_error(&a, 8, "no options");
        EXPECT(&a, is_late ? "RRQ f octet" : "PORT 1 RRQ f octet");
        asker_timeout(&a);
        EXPECT(&a, "RRQ f octet");
        asker_error(&a, 0, "no such file");
        EXPECT(&a, "FINISH 20");
        asker_free(&a);
    }
    /* An OACK that breaks the rules, and comes again. */
    begin_with_one_port(&a);
    asker_oack(&a, "blksize 1429");
    EXPECT(&a, "ERROR 8 PORT 1 RRQ f octet");
    asker_oack(&a, "blksize 1429");
    EXPECT(&a, "");
    asker_data(&a, 1, "hello", 5);
    EXPECT(&a, "OPEN 0 WRITE 0+5 COMMIT 5 ACK 1");
    assert_int_equal(a.exchange.report.fallbacks, FALLBACK_BARE);
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
        cmocka_unit_test(test_one_port),
        cmocka_unit_test(test_one_port_is_refused),
    };

    return cmocka_run_group_tests_name("client_refused", tests, NULL, NULL);
}
