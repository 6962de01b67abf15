/* Addresses that come and go are told. */
#include "caller.h"

#include "win32/net/netwatch.h"

static void tells_each_change_once_it_is_armed(void **state)
{
    static const char *const changes[] = {"ip addr add 10.88.0.1/24 dev lo", "ip addr del 10.88.0.1/24 dev lo"};
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    struct netwatch watch;

    (void)state;
    assert_true(netwatch_open(&watch, event));
    assert_int_equal(WaitForSingleObject(event, 50), WAIT_TIMEOUT);
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        files_run_unix(changes[i]);
        assert_int_equal(WaitForSingleObject(event, PATIENCE_MS), WAIT_OBJECT_0);
        assert_true(netwatch_arm(&watch));
        assert_int_equal(WaitForSingleObject(event, 50), WAIT_TIMEOUT);
    }
    netwatch_close(&watch);
    /* One that has told, and was not armed again. */
    assert_true(netwatch_open(&watch, event));
    files_run_unix(changes[0]);
    assert_int_equal(WaitForSingleObject(event, PATIENCE_MS), WAIT_OBJECT_0);
    netwatch_close(&watch);
    files_run_unix(changes[1]);
    CloseHandle(event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_each_change_once_it_is_armed),
    };

    return cmocka_run_group_tests_name("netwatch", tests, caller_group_setup, NULL);
}
