/* Each rule of receives.c, sends.c and clock.c is seen to bite. */
#include "unit.h"

#include "strict.h"
#include "world.h"

#ifndef SIO_UDP_CONNRESET
#define SIO_UDP_CONNRESET _WSAIOW(IOC_VENDOR, 12)
#endif
#ifndef SIO_UDP_NETRESET
#define SIO_UDP_NETRESET _WSAIOW(IOC_VENDOR, 15)
#endif
#ifndef UDP_SEND_MSG_SIZE
#define UDP_SEND_MSG_SIZE 2
#endif

/* MinGW's WSA_CMSG_ macros mix long and SIZE_T. */
#pragma GCC diagnostic ignored "-Wsign-conversion"

enum { SOON_MS = 5000, QUIET_MS = 200, TRIES = 5000, SEEDS = 40, CONTROL_BYTES = 128 };

/* A socket with its event, and one that sends to it. */
static struct {
    SOCKET socket, peer;
    SOCKADDR_IN at;
    HANDLE event;
    LPFN_WSARECVMSG receive_message;
} lab;

static SOCKET open_socket(void)
{
    SOCKADDR_IN any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    SOCKET opened = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);

    assert_int_equal(bind(opened, (SOCKADDR *)&any, sizeof any), 0);
    return opened;
}

static int set_up(void **state)
{
    GUID wanted = WSAID_WSARECVMSG;
    DWORD is_on = TRUE, returned;
    int length = sizeof lab.at;

    (void)state;
    world(0, "", "");
    lab.socket = open_socket();
    lab.peer = open_socket();
    lab.event = CreateEventW(NULL, FALSE, FALSE, NULL);
    getsockname(lab.socket, (SOCKADDR *)&lab.at, &length);
    setsockopt(lab.socket, IPPROTO_IP, IP_PKTINFO, (char *)&is_on, sizeof is_on);
    assert_int_equal(WSAIoctl(lab.socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &wanted, sizeof wanted,
                              &lab.receive_message, sizeof lab.receive_message, &returned, NULL, NULL),
                     0);
    assert_int_equal(WSAEventSelect(lab.socket, lab.event, FD_READ), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    closesocket(lab.socket);
    closesocket(lab.peer);
    CloseHandle(lab.event);
    return 0;
}

/* 0, or the error. */
static int send_bytes(SOCKET from, const char *bytes, size_t size)
{
    WSABUF buffer = {.len = (ULONG)size, .buf = (char *)bytes};
    DWORD sent;

    return WSASendTo(from, &buffer, 1, &sent, 0, (SOCKADDR *)&lab.at, sizeof lab.at, NULL, NULL) == 0
               ? 0
               : WSAGetLastError();
}

static void send_some(void)
{
    assert_int_equal(send_bytes(lab.peer, "\0\4\0\1", 4), 0);
}

/* The error of recvfrom, 0 for a datagram. */
static int receive(void)
{
    char bytes[2000];

    return recvfrom(lab.socket, bytes, sizeof bytes, 0, NULL, NULL) >= 0 ? 0 : WSAGetLastError();
}

static int receive_with_control(DWORD *control_size)
{
    static char bytes[2000], control[CONTROL_BYTES];
    WSABUF buffer = {.len = sizeof bytes, .buf = bytes};
    SOCKADDR_IN from;
    WSAMSG message = {.name = (SOCKADDR *)&from,
                      .namelen = sizeof from,
                      .lpBuffers = &buffer,
                      .dwBufferCount = 1,
                      .Control = {.len = sizeof control, .buf = control}};
    DWORD size;

    if (lab.receive_message(lab.socket, &message, &size, NULL, NULL) != 0)
        return WSAGetLastError();
    *control_size = message.Control.len;
    return 0;
}

static int take_message(void)
{
    DWORD control_size;

    return receive_with_control(&control_size);
}

static bool is_set_within(DWORD wait_ms)
{
    return WaitForSingleObject(lab.event, wait_ms) == WAIT_OBJECT_0;
}

/* -- FD_READ ---------------------------------------------------------------------------------------------------------- */

static void a_message_taken_arms_no_event(void **state)
{
    char byte;

    (void)state;
    send_some();
    assert_true(is_set_within(SOON_MS));
    assert_int_equal(take_message(), 0);
    send_some();
    assert_false(is_set_within(QUIET_MS));
    assert_true(strict_counted(RULE_FD_READ) > 0);
    recv(lab.socket, &byte, 1, MSG_PEEK);
    assert_true(is_set_within(SOON_MS));
    assert_int_equal(take_message(), 0);
}

static void a_receive_that_fails_arms_it(void **state)
{
    (void)state;
    send_some();
    assert_true(is_set_within(SOON_MS));
    assert_int_equal(take_message(), 0);
    assert_int_equal(take_message(), WSAEWOULDBLOCK); /* arms nothing either */
    send_some();
    assert_false(is_set_within(QUIET_MS));
    assert_int_equal(receive(), 0);
    assert_int_equal(receive(), WSAEWOULDBLOCK);
    send_some();
    assert_true(is_set_within(SOON_MS));
}

/* Here Wine keeps the rule by itself. */
static void a_socket_that_nobody_reads_tells_once(void **state)
{
    (void)state;
    send_some();
    assert_true(is_set_within(SOON_MS));
    send_some();
    assert_false(is_set_within(QUIET_MS));
    assert_int_equal(receive(), 0);
    assert_true(is_set_within(SOON_MS)); /* there is more */
}

static void what_came_before_the_wait_is_told(void **state)
{
    (void)state;
    send_some();
    while (take_message() != 0)
        Sleep(1);
    assert_true(is_set_within(SOON_MS));
}

static void an_event_set_by_hand_is_heard(void **state)
{
    HANDLE events[] = {lab.event};

    (void)state;
    assert_int_equal(take_message(), WSAEWOULDBLOCK);
    SetEvent(lab.event);
    assert_int_equal(WaitForMultipleObjects(1, events, FALSE, SOON_MS), WAIT_OBJECT_0);
    assert_false(is_set_within(QUIET_MS));
}

static void without_the_rule_wine_tells_of_each(void **state)
{
    (void)state;
    world(0, "", "fd-read");
    send_some();
    assert_true(is_set_within(SOON_MS));
    assert_int_equal(take_message(), 0);
    send_some();
    assert_true(is_set_within(SOON_MS));
}

/* -- what comes in place of a datagram -------------------------------------------------------------------------------- */

/* How many of so many receives gave each of two errors. */
static void count_errors(int one, int other, unsigned counts[2])
{
    counts[0] = counts[1] = 0;
    for (unsigned i = 0; i < TRIES; i++) {
        int error = receive();
        counts[0] += error == one;
        counts[1] += error == other;
    }
}

static void icmp_is_heard_unless_it_is_switched_off(void **state)
{
    unsigned counts[2];
    DWORD is_reported = FALSE, returned;

    (void)state;
    world(1, "icmp-error", "");
    count_errors(WSAEHOSTUNREACH, WSAENETUNREACH, counts);
    assert_true(counts[0] > 0 && counts[1] > 0);
    count_errors(WSAECONNRESET, WSAENETRESET, counts);
    assert_true(counts[0] > 0 && counts[1] > 0);
    WSAIoctl(lab.socket, SIO_UDP_CONNRESET, &is_reported, sizeof is_reported, NULL, 0, &returned, NULL, NULL);
    WSAIoctl(lab.socket, SIO_UDP_NETRESET, &is_reported, sizeof is_reported, NULL, 0, &returned, NULL, NULL);
    count_errors(WSAECONNRESET, WSAENETRESET, counts);
    assert_true(counts[0] == 0 && counts[1] == 0);
}

/* After the error that a message receive gave, the datagram lies there and nothing tells of it. */
static void an_error_leaves_the_datagram_untold(void **state)
{
    (void)state;
    world(1, "icmp-error", "");
    for (;;) {
        send_some();
        assert_true(is_set_within(SOON_MS));
        if (take_message() != 0)
            break;
        while (receive() != WSAEWOULDBLOCK)
            ;
    }
    assert_false(is_set_within(QUIET_MS));
    while (receive() != 0)
        ;
}

static void an_interface_is_lost_now_and_then(void **state)
{
    unsigned counts[2];

    (void)state;
    world(1, "interface-lost", "");
    count_errors(WSAENETDOWN, WSAENETUNREACH, counts);
    assert_true(counts[0] > 0 && counts[1] == 0);
}

static void control_data_is_missing_now_and_then(void **state)
{
    DWORD control_size = 1;
    unsigned with = 0;

    (void)state;
    world(1, "no-control-data", "");
    for (unsigned i = 0; i < TRIES && control_size > 0; i++) {
        send_some();
        while (receive_with_control(&control_size) != 0)
            Sleep(1);
        with += control_size > 0;
    }
    assert_int_equal(control_size, 0);
    assert_true(with > 0);
}

/* -- sends ------------------------------------------------------------------------------------------------------------ */

static void sends_fail(void **state)
{
    static const int errors[] = {WSAENOBUFS, WSAEACCES, WSAEADDRNOTAVAIL, WSAEMSGSIZE};
    unsigned counts[COUNT_OF(errors)] = {0}, failures = 0;

    (void)state;
    for (uint64_t seed = 1; failures < SEEDS; seed++) {
        world(seed, "send-error", "");
        int error = 0;
        for (unsigned i = 0; i < TRIES && error == 0; i++)
            error = send_bytes(lab.peer, "\0\3\0\1", 4);
        assert_int_not_equal(error, 0);
        failures++;
        for (size_t i = 0; i < COUNT_OF(errors); i++)
            counts[i] += error == errors[i];
    }
    for (size_t i = 0; i < COUNT_OF(errors); i++)
        assert_true(counts[i] > 0);
}

static void an_error_packet_is_spared(void **state)
{
    (void)state;
    world(1, "send-error,buffer-full", "");
    for (unsigned i = 0; i < TRIES; i++)
        assert_int_equal(send_bytes(lab.peer, "\0\5\0\1", 4), 0);
}

/* This test may be held up for longer than that once. */
static void a_full_buffer_is_full_for_a_moment(void **state)
{
    unsigned refused = 0;

    (void)state;
    world(1, "buffer-full", "");
    while (refused == 0) {
        while (send_bytes(lab.peer, "\0\3\0\1", 4) == 0)
            ;
        while (send_bytes(lab.peer, "\0\3\0\1", 4) == WSAEWOULDBLOCK)
            refused++;
    }
    assert_true(strict_counted(RULE_BUFFER_FULL) > 0);
}

static int send_with_control(int level, int type, const void *info, size_t size, size_t bytes)
{
    static char payload[4000];
    union {
        WSACMSGHDR header;
        char bytes[CONTROL_BYTES];
    } control;
    WSABUF buffer = {.len = (ULONG)bytes, .buf = payload};
    WSAMSG message = {.name = (SOCKADDR *)&lab.at,
                      .namelen = sizeof lab.at,
                      .lpBuffers = &buffer,
                      .dwBufferCount = 1,
                      .Control = {.len = (ULONG)WSA_CMSG_SPACE(size), .buf = control.bytes}};
    DWORD sent;

    memset(&control, 0, sizeof control);
    control.header = (WSACMSGHDR){.cmsg_len = WSA_CMSG_LEN(size), .cmsg_level = level, .cmsg_type = type};
    memcpy(WSA_CMSG_DATA(&control.header), info, size);
    return WSASendMsg(lab.peer, &message, 0, &sent, NULL, NULL) == 0 ? 0 : WSAGetLastError();
}

static int send_segments(void)
{
    DWORD size = 1000;

    return send_with_control(IPPROTO_UDP, UDP_SEND_MSG_SIZE, &size, sizeof size, 2500);
}

static bool knows_segments(void)
{
    DWORD size;
    int length = sizeof size;

    return getsockopt(lab.peer, IPPROTO_UDP, UDP_SEND_MSG_SIZE, (char *)&size, &length) == 0;
}

/* How many datagrams have come by now. */
static unsigned arrivals(void)
{
    unsigned count = 0;

    Sleep(20);
    while (receive() == 0)
        count++;
    return count;
}

static void a_window_is_cut_lost_or_refused_by_the_seed(void **state)
{
    unsigned cut = 0, lost = 0, refused = 0, broken = 0, unknown = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        world(seed, "segments,segments-refused,segments-lost,segments-broken", "");
        int error = send_segments();
        unsigned count = arrivals();
        assert_int_equal(send_segments(), error); /* the path stays as it is */
        assert_int_equal(arrivals(), count);
        unknown += !knows_segments();
        cut += error == 0 && count == 3;
        lost += error == 0 && count == 0;
        refused += error == WSAEMSGSIZE;
        broken += knows_segments() && error == WSAEINVAL;
    }
    assert_true(cut > 0 && lost > 0 && refused > 0 && broken > 0 && unknown > 0);
    assert_true(cut + lost + refused + broken + unknown == SEEDS);
}

static void a_source_is_refused_by_the_seed(void **state)
{
    IN_PKTINFO info = {.ipi_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned refused = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        world(seed, "source-refused", "");
        refused += send_with_control(IPPROTO_IP, IP_PKTINFO, &info, sizeof info, 4) == WSAEINVAL;
    }
    assert_in_range(refused, 1, SEEDS - 1);
}

static void the_same_seed_draws_the_same(void **state)
{
    char drawn[2][1000];

    (void)state;
    for (int k = 0; k < 2; k++) {
        world(7, "", "");
        for (size_t i = 0; i < sizeof drawn[0]; i++)
            drawn[k][i] = (char)strict_draws(RULE_READ_PENDS);
    }
    assert_memory_equal(drawn[0], drawn[1], sizeof drawn[0]);
}

/* -- time ------------------------------------------------------------------------------------------------------------- */

static double precise_ms(void)
{
    LARGE_INTEGER now, per_second;

    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&per_second);
    return (double)now.QuadPart * 1000 / (double)per_second.QuadPart;
}

static void the_clock_moves_in_steps(void **state)
{
    ULONGLONG before = GetTickCount64(), now;
    FILETIME time;
    ULARGE_INTEGER units;

    (void)state;
    for (int i = 0; i < 5; i++) {
        while ((now = GetTickCount64()) == before)
            ;
        assert_true(now - before >= 15);
        before = now;
    }
    GetSystemTimeAsFileTime(&time);
    units.u.LowPart = time.dwLowDateTime;
    units.u.HighPart = time.dwHighDateTime;
    assert_int_equal(units.QuadPart % 156250, 0);
}

static void a_wait_ends_at_a_step(void **state)
{
    (void)state;
    Sleep(1);
    double begun_ms = precise_ms();
    for (int i = 0; i < 20; i++)
        Sleep(1);
    assert_true(precise_ms() - begun_ms > 20 * 15.0);
    begun_ms = precise_ms();
    for (int i = 0; i < 20; i++)
        assert_false(is_set_within(1));
    assert_true(precise_ms() - begun_ms > 20 * 15.0);
}

/* Nobody who waits until a time finds it not come yet. */
static void a_wait_is_never_short_by_its_clock(void **state)
{
    (void)state;
    for (DWORD wait_ms = 1; wait_ms < 40; wait_ms += 3) {
        ULONGLONG begun_ms = GetTickCount64();
        Sleep(wait_ms);
        assert_true(GetTickCount64() >= begun_ms + wait_ms);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_message_taken_arms_no_event),
        TEST(a_receive_that_fails_arms_it),
        TEST(a_socket_that_nobody_reads_tells_once),
        TEST(what_came_before_the_wait_is_told),
        TEST(an_event_set_by_hand_is_heard),
        TEST(without_the_rule_wine_tells_of_each),
        TEST(icmp_is_heard_unless_it_is_switched_off),
        TEST(an_error_leaves_the_datagram_untold),
        TEST(an_interface_is_lost_now_and_then),
        TEST(control_data_is_missing_now_and_then),
        TEST(sends_fail),
        TEST(an_error_packet_is_spared),
        TEST(a_full_buffer_is_full_for_a_moment),
        TEST(a_window_is_cut_lost_or_refused_by_the_seed),
        TEST(a_source_is_refused_by_the_seed),
        TEST(the_same_seed_draws_the_same),
        TEST(the_clock_moves_in_steps),
        TEST(a_wait_ends_at_a_step),
        TEST(a_wait_is_never_short_by_its_clock),
    };
    WSADATA data;

    WSAStartup(MAKEWORD(2, 2), &data);
    return cmocka_run_group_tests_name("sockets", tests, NULL, NULL) != 0;
}
