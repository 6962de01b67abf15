/* link: -Wl,--wrap=__imp_WSASendTo,--wrap=WSASendMsg,--wrap=udp_receive */
/*
 * What a server tells of datagrams that the system does not let out, or not from where they should leave, and of requests of
 * which it does not know where they were sent. Wine lets everything out, and tells everything.
 */
#include "caller.h"
#include "house.h"

#include "win32/net/udp.h"

#include <ws2ipdef.h>

enum { FILE_SIZE = 20 * 1000 };

typedef int(WINAPI *send_function)(SOCKET, WSABUF *, DWORD, DWORD *, DWORD, const SOCKADDR *, int, WSAOVERLAPPED *,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE);
extern send_function __real___imp_WSASendTo;
extern send_function __wrap___imp_WSASendTo;
int WINAPI __real_WSASendMsg(SOCKET, WSAMSG *, DWORD, DWORD *, WSAOVERLAPPED *, LPWSAOVERLAPPED_COMPLETION_ROUTINE);
int WINAPI __wrap_WSASendMsg(SOCKET, WSAMSG *, DWORD, DWORD *, WSAOVERLAPPED *, LPWSAOVERLAPPED_COMPLETION_ROUTINE);
enum udp_result __real_udp_receive(struct udp *, uint8_t *, size_t, size_t *, struct endpoint *, struct udp_arrival *);
enum udp_result __wrap_udp_receive(struct udp *, uint8_t *, size_t, size_t *, struct endpoint *, struct udp_arrival *);

static struct {
    volatile LONG error;           /* of sends without control data */
    volatile LONG message_error;   /* of those with it */
    volatile LONG interface_index; /* that the last of those named */
    volatile LONG messages;
    volatile LONG hides_arrival;
} lab;

static int fail_with(int error)
{
    WSASetLastError(error);
    return SOCKET_ERROR;
}

static int WINAPI lab_send(SOCKET socket, WSABUF *buffers, DWORD count, DWORD *sent, DWORD flags, const SOCKADDR *to,
                           int length, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    if (lab.error != 0)
        return fail_with(lab.error);
    return __real___imp_WSASendTo(socket, buffers, count, sent, flags, to, length, overlapped, routine);
}
send_function __wrap___imp_WSASendTo = lab_send;

int WINAPI __wrap_WSASendMsg(SOCKET socket, WSAMSG *message, DWORD flags, DWORD *sent, WSAOVERLAPPED *overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSACMSGHDR header;
    IN_PKTINFO info;

    memcpy(&header, message->Control.buf, sizeof header);
    assert_int_equal(header.cmsg_type, IP_PKTINFO);
    memcpy(&info, message->Control.buf + WSA_CMSGDATA_ALIGN(sizeof header), sizeof info);
    lab.interface_index = (LONG)info.ipi_ifindex;
    InterlockedIncrement(&lab.messages);
    if (lab.message_error != 0)
        return fail_with(lab.message_error);
    return __real_WSASendMsg(socket, message, flags, sent, overlapped, routine);
}

enum udp_result __wrap_udp_receive(struct udp *udp, uint8_t *buffer, size_t room, size_t *size, struct endpoint *from,
                                   struct udp_arrival *arrival)
{
    enum udp_result result = __real_udp_receive(udp, buffer, room, size, from, arrival);

    if (lab.hides_arrival && arrival != NULL)
        memset(arrival, 0, sizeof *arrival);
    return result;
}

static struct caller caller;

static int set_up(void **state)
{
    memset(&lab, 0, sizeof lab);
    caller_open(&caller, "127.0.0.1", 0);
    if (house_setup(state) != 0)
        return -1;
    files_make(house_path(*state, "boot.img"), FILE_SIZE, 1);
    return 0;
}

static int tear_down(void **state)
{
    caller_close(&caller);
    return house_teardown(state);
}

static void fetch(void)
{
    assert_string_equal(caller_fetch(&caller, "boot.img", "blksize 1000 windowsize 4", FILE_SIZE, 1), "");
}

static void use_one_port(struct house *house)
{
    house_close(house);
    house_prepare(house);
    house_set(house, "SinglePort", "1");
    assert_int_equal(house_start(house), SERVER_STARTED);
    files_make(house_path(house, "boot.img"), FILE_SIZE, 1);
}

static uint64_t await_unsent(struct house *house, enum unsent reason, uint64_t count)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;

    while (house_look(house).totals.unsent[reason] < count && GetTickCount64() < end_ms)
        Sleep(2);
    return house_look(house).totals.unsent[reason];
}

static void tells_what_keeps_answers_in(void **state)
{
    static const struct {
        int error;
        enum unsent reason;
        const char *words;
    } rows[] = {
        {WSAEACCES, UNSENT_DENIED, "a firewall of this machine"},
        {WSAEADDRNOTAVAIL, UNSENT_NO_ADDRESS, "is gone"},
        {WSAENETUNREACH, UNSENT_NO_ROUTE, "no route"},
        {WSAEHOSTUNREACH, UNSENT_NO_ROUTE, NULL}, /* told already */
        {WSAENOBUFS, UNSENT_NO_BUFFERS, "short of memory"},
        {WSAEMSGSIZE, UNSENT_TOO_LONG, "too long"},
        {WSAEFAULT, UNSENT_OTHER, "filter its traffic"},
    };
    struct house *house = *state;
    unsigned told = 0;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t before = house_look(house).totals.unsent[rows[i].reason];
        lab.error = rows[i].error;
        for (uint64_t k = 1; k <= 3; k++) {
            caller_ask_read(&caller, "missing", ""); /* its ERROR does not leave */
            CHECK(await_unsent(house, rows[i].reason, before + k) == before + k, "error %d", rows[i].error);
        }
        assert_true(journal_flush(house->journal, PATIENCE_MS));
        told += rows[i].words != NULL;
        CHECK(house_count(house, EVENT_SEND_FAILED) == told, "error %d", rows[i].error);
        if (rows[i].words == NULL)
            continue;
        const char *text = NULL;
        for (LONG place = 0; place < house->told; place++)
            if (house->events[place].id == EVENT_SEND_FAILED)
                text = house->events[place].text;
        CHECK(text != NULL && strstr(text, rows[i].words) != NULL && strstr(text, "127.0.0.1:") != NULL, "error %d: %s",
              rows[i].error, text);
    }
}

/* Else somebody would look at a client that never was asked. */
static void says_at_the_end_of_a_transfer_that_it_was_not_the_client(void **state)
{
    struct house *house = *state;

    house_set(house, "FirstSends", "2");
    assert_true(server_reload(house->server, &house->config));
    lab.error = WSAEACCES;
    caller_ask_read(&caller, "boot.img", "blksize 1000");
    const char *text = house_hear(house, EVENT_FETCH_FAILED);
    assert_non_null(strstr(text, "never answered"));
    assert_non_null(strstr(text, "; this machine refused to send to it: a firewall of this machine"));
}

static void answers_over_the_interface_that_was_asked(void **state)
{
    use_one_port(*state);
    fetch();
    assert_true(lab.messages > 5); /* the first answer, and each block */
    assert_int_equal(lab.interface_index, 1);
}

static void tells_once_that_a_source_is_refused(void **state)
{
    struct house *house = *state;

    use_one_port(house);
    lab.message_error = WSAEINVAL;
    fetch();
    fetch();
    const char *text = house_hear(house, EVENT_SOURCE_REFUSED);
    assert_non_null(strstr(text, "127.0.0.1"));
    house_rest(house, 0);
    assert_int_equal(house_count(house, EVENT_SOURCE_REFUSED), 1);
    assert_int_equal(house_count(house, EVENT_SEND_FAILED), 0);
    assert_int_equal(house_look(house).totals.blocks_resent, 0);
}

static void drops_what_was_sent_it_does_not_know_where(void **state)
{
    struct house *house = *state;

    for (int single = 0; single < 2; single++) {
        uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
        if (single)
            use_one_port(house);
        lab.hides_arrival = true;
        caller_ask_read(&caller, "boot.img", "");
        caller_ask_read(&caller, "missing", "");
        while (house_look(house).totals.dropped < 2 && GetTickCount64() < end_ms)
            Sleep(2);
        assert_int_equal(house_look(house).totals.dropped, 2);
        assert_string_equal(caller_hear_for(&caller, 50), "silence");
        lab.hides_arrival = false;
        fetch();
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_what_keeps_answers_in),
        TEST(says_at_the_end_of_a_transfer_that_it_was_not_the_client),
        TEST(answers_over_the_interface_that_was_asked),
        TEST(tells_once_that_a_source_is_refused),
        TEST(drops_what_was_sent_it_does_not_know_where),
    };

    return cmocka_run_group_tests_name("sends", tests, caller_group_setup, NULL) != 0;
}
