/* link: -Wl,--wrap=__imp_recv,--wrap=__imp_recvfrom,--wrap=__imp_WSASocketW,--wrap=__imp_WSASendTo,--wrap=WSASendMsg,--wrap=__imp_WSAEventSelect,--wrap=__imp_getsockname */
#include "udp_lab.h"

static struct script {
    const int *errors; /* one after the other, up to 0 */
    unsigned at;
    LPFN_WSARECVMSG real;
} script;

static int message_error;

static INT WSAAPI fail_message(SOCKET socket, WSAMSG *message, DWORD *size, WSAOVERLAPPED *overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    (void)socket;
    (void)message;
    (void)size;
    (void)overlapped;
    (void)routine;
    return fail_with(message_error);
}

static void tells_a_spoilt_datagram_from_a_broken_socket(void **state)
{
    static const struct {
        int error;
        enum udp_result result;
    } cases[] = {
        {WSAEWOULDBLOCK, UDP_NOTHING}, {WSAECONNRESET, UDP_SPOILT},  {WSAENETRESET, UDP_SPOILT},
        {WSAEMSGSIZE, UDP_SPOILT},     {WSAENOBUFS, UDP_SPOILT},     {WSAENOTSOCK, UDP_BROKEN},
        {WSAEHOSTUNREACH, UDP_SPOILT}, {WSAENETUNREACH, UDP_SPOILT}, {WSAEHOSTDOWN, UDP_SPOILT},
        {WSAECONNREFUSED, UDP_SPOILT}, {WSAETIMEDOUT, UDP_SPOILT},   {WSAENETDOWN, UDP_SPOILT},
        {WSAEACCES, UDP_SPOILT},       {WSAEINVAL, UDP_SPOILT},      {WSAEADDRNOTAVAIL, UDP_SPOILT},
    };
    struct udp udp = open_at("127.0.0.1", 0);
    struct udp_arrival arrival;
    struct endpoint from;
    size_t size;

    (void)state;
    udp.receive_message = fail_message;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        lab.receive_error = message_error = cases[i].error;
        CHECK(udp_receive(&udp, received, sizeof received, &size, &from, NULL) == cases[i].result, "error %d, plain",
              cases[i].error);
        CHECK(udp_receive(&udp, received, sizeof received, &size, &from, &arrival) == cases[i].result, "error %d",
              cases[i].error);
    }
    udp_close(&udp);
}

/* Errors and nothing else: it would keep its reader busy for ever. Whatever else comes of it in between tells that it is well. */
static void takes_nothing_but_errors_for_the_end(void **state)
{
    struct udp udp = open_at("127.0.0.1", 0);
    struct udp_arrival arrival;
    struct endpoint from;
    size_t size;

    (void)state;
    udp.receive_message = fail_message;
    for (int round = 0; round < 2; round++) {
        message_error = WSAENOBUFS;
        for (int i = 0; i < UDP_SPOILT_MAX; i++)
            assert_int_equal(udp_receive(&udp, received, sizeof received, &size, &from, &arrival), UDP_SPOILT);
        if (round == 0) {
            message_error = WSAEWOULDBLOCK;
            assert_int_equal(udp_receive(&udp, received, sizeof received, &size, &from, &arrival), UDP_NOTHING);
        }
    }
    assert_int_equal(udp_receive(&udp, received, sizeof received, &size, &from, &arrival), UDP_BROKEN);
    assert_int_equal(WSAGetLastError(), WSAENOBUFS);
    udp_close(&udp);
}

/* Something is there and another thread is at it: no error of the socket's, however often it is met. */
static void takes_no_quarrel_of_threads_for_the_end(void **state)
{
    struct udp udp = open_at("127.0.0.1", 0);
    struct udp_arrival arrival;
    struct endpoint from;
    size_t size;
    LPFN_WSARECVMSG receive_message = udp.receive_message;

    (void)state;
    assert_true(send_text(&udp, "127.0.0.1", udp.local.port, "there"));
    assert_int_equal(WaitForSingleObject(event, PATIENCE_MS), WAIT_OBJECT_0);
    udp.receive_message = fail_message;
    message_error = WSAEWOULDBLOCK;
    for (int i = 0; i < 2 * UDP_SPOILT_MAX; i++)
        assert_int_equal(udp_receive(&udp, received, sizeof received, &size, &from, &arrival), UDP_SPOILT);
    udp.receive_message = receive_message;
    receive(&udp, &arrival);
    assert_string_equal((char *)received, "there");
    udp_close(&udp);
}

static void loses_only_the_datagram_that_is_too_long(void **state)
{
    struct udp server = open_at("127.0.0.1", 0);
    struct udp_arrival arrival;
    struct udp_arrival *wanted[] = {NULL, &arrival};
    struct endpoint from;
    size_t size;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        send_text(&server, "127.0.0.1", server.local.port, "far too long");
        send_text(&server, "127.0.0.1", server.local.port, "short");
        enum udp_result result = UDP_NOTHING;
        for (int k = 0; k < 1000 && result == UDP_NOTHING; k++, Sleep(1))
            result = udp_receive(&server, received, 8, &size, &from, wanted[i]);
        assert_int_equal(result, UDP_SPOILT);
        receive(&server, wanted[i]);
        assert_string_equal((char *)received, "short");
    }
    udp_close(&server);
}

/*
 * Of Windows: after WSARecvMsg, which is not on WSAEventSelect's list, the event is set again only once recv was called.
 */
static INT WSAAPI fail_first(SOCKET socket, WSAMSG *message, DWORD *size, WSAOVERLAPPED *overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    int error = script.errors[script.at];

    if (error == 0)
        return script.real(socket, message, size, overlapped, routine);
    script.at++;
    return fail_with(error);
}

static void has_the_event_set_again_after_each_error(void **state)
{
    static const int errors[] = {WSAEHOSTUNREACH, WSAENETUNREACH, WSAENETDOWN, WSAEINVAL, WSAEACCES, WSAENETRESET, 0};
    struct udp udp = open_at("127.0.0.1", 0);
    struct udp_arrival arrival;
    struct endpoint from;
    size_t size;

    (void)state;
    script = (struct script){.errors = errors, .real = udp.receive_message};
    udp.receive_message = fail_first;
    for (unsigned i = 0; errors[i] != 0; i++) {
        CHECK(udp_receive(&udp, received, sizeof received, &size, &from, &arrival) == UDP_SPOILT, "error %d",
              errors[i]);
        CHECK(lab.peeks == i + 1, "%u peeks after error %d", lab.peeks, errors[i]);
    }
    assert_int_equal(udp_receive(&udp, received, sizeof received, &size, &from, &arrival), UDP_NOTHING);
    WaitForSingleObject(event, 0);
    assert_true(send_text(&udp, "127.0.0.1", udp.local.port, "behind"));
    assert_int_equal(WaitForSingleObject(event, PATIENCE_MS), WAIT_OBJECT_0);
    receive(&udp, &arrival);
    assert_string_equal((char *)received, "behind");
    udp_close(&udp);
}

/* Of Windows, when it is short of memory: the datagram comes without where it was sent to. */
static INT WSAAPI leave_out_control(SOCKET socket, WSAMSG *message, DWORD *size, WSAOVERLAPPED *overlapped,
                                    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    int answer = script.real(socket, message, size, overlapped, routine);

    message->Control.len = 0;
    return answer;
}

static void knows_where_it_is_bound_to_where_the_system_does_not_tell(void **state)
{
    static const char *const bound[] = {"127.0.0.1", "::1", "::"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bound); i++) {
        struct udp udp = open_at(bound[i], 0);
        struct udp_arrival arrival;
        script = (struct script){.real = udp.receive_message};
        udp.receive_message = leave_out_control;
        assert_true(send_text(&udp, i == 0 ? "127.0.0.1" : "::1", udp.local.port, "x"));
        receive(&udp, &arrival);
        check_same(&arrival.local, bound[i], 0);
        assert_int_equal(endpoint_is_unspecified(&arrival.local), i == 2);
        assert_int_equal(arrival.interface_index, 0);
        udp_close(&udp);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_a_spoilt_datagram_from_a_broken_socket),
        TEST(takes_nothing_but_errors_for_the_end),
        TEST(takes_no_quarrel_of_threads_for_the_end),
        TEST(loses_only_the_datagram_that_is_too_long),
        TEST(has_the_event_set_again_after_each_error),
        TEST(knows_where_it_is_bound_to_where_the_system_does_not_tell),
    };

    return cmocka_run_group_tests_name("udp_receive", tests, start_winsock, NULL) != 0;
}
