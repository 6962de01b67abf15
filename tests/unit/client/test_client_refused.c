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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_socket),
        cmocka_unit_test(test_stranger_without_a_way),
    };

    return cmocka_run_group_tests_name("client_refused", tests, NULL, NULL);
}
