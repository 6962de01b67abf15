/* link: -Wl,--wrap=WSASendMsg,--wrap=__imp_getsockopt,--wrap=__imp_WSASendTo */
/*
 * Segmentation offload with a system of our own: it has UDP_SEND_MSG_SIZE, cuts what it is given as Windows does and
 * sends the pieces, or fails. Wine has no such thing.
 */
#include "caller.h"
#include "house.h"

#include "win32/net/udp.h"

#include <stdio.h>

enum { UDP_SEND_MSG_SIZE_OF_WINDOWS = 2, FILE_SIZE = 150 * 1000, MESSAGE_MAX = 65507 };

typedef int(WINAPI *option_function)(SOCKET, int, int, char *, int *);
extern option_function __real___imp_getsockopt;
extern option_function __wrap___imp_getsockopt;
typedef int(WINAPI *send_function)(SOCKET, WSABUF *, DWORD, DWORD *, DWORD, const SOCKADDR *, int, WSAOVERLAPPED *,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE);
extern send_function __real___imp_WSASendTo;
extern send_function __wrap___imp_WSASendTo;
int WINAPI __wrap_WSASendMsg(SOCKET, WSAMSG *, DWORD, DWORD *, WSAOVERLAPPED *, LPWSAOVERLAPPED_COMPLETION_ROUTINE);

static struct {
    bool has_segmentation;
    int error;           /* of the next calls with a segment size */
    int error_count;     /* so many of them */
    bool swallows;       /* it takes them, and nothing arrives */
    LONG full_every;     /* one of so many sends finds no room; 0: none */
    volatile LONG sends; /* asked for, of both kinds */
    volatile LONG full;  /* of these, that found none */
    volatile LONG drops; /* of the pieces of the next message, the first so many */
    volatile LONG messages;
    volatile LONG plain;
    volatile LONG pieces;
    volatile LONG longest; /* message, in pieces */
    volatile LONG faults;  /* what Windows would refuse */
} lab;

static int WINAPI lab_option(SOCKET socket, int level, int name, char *value, int *length)
{
    if (level != IPPROTO_UDP || name != UDP_SEND_MSG_SIZE_OF_WINDOWS)
        return __real___imp_getsockopt(socket, level, name, value, length);
    if (lab.has_segmentation) {
        memset(value, 0, sizeof(DWORD));
        return 0;
    }
    WSASetLastError(WSAEINVAL);
    return SOCKET_ERROR;
}
option_function __wrap___imp_getsockopt = lab_option;

/* As Windows does where the adapter is slower than the sender. */
static bool finds_no_room(void)
{
    if (lab.full_every == 0 || InterlockedIncrement(&lab.sends) % lab.full_every != 0)
        return false;
    InterlockedIncrement(&lab.full);
    WSASetLastError(WSAEWOULDBLOCK);
    return true;
}

static int WINAPI lab_send(SOCKET socket, WSABUF *buffers, DWORD count, DWORD *sent, DWORD flags, const SOCKADDR *to,
                           int length, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    if (finds_no_room())
        return SOCKET_ERROR;
    InterlockedIncrement(&lab.plain);
    return __real___imp_WSASendTo(socket, buffers, count, sent, flags, to, length, overlapped, routine);
}
send_function __wrap___imp_WSASendTo = lab_send;

/* The segment size that the message carries, 0 for none. */
static DWORD segment_size(WSAMSG *message)
{
    WSACMSGHDR header;
    DWORD size = 0;

    if (message->Control.len < sizeof header)
        return 0;
    memcpy(&header, message->Control.buf, sizeof header);
    if (header.cmsg_level != IPPROTO_UDP || header.cmsg_type != UDP_SEND_MSG_SIZE_OF_WINDOWS)
        return 0;
    memcpy(&size, message->Control.buf + WSA_CMSGDATA_ALIGN(sizeof header), sizeof size);
    return size;
}

static void cut(SOCKET socket, WSAMSG *message, char *bytes, DWORD size, DWORD segment)
{
    LONG pieces = 0;
    DWORD sent;

    for (DWORD at = 0; at < size; at += segment, pieces++) {
        WSABUF piece = {.len = size - at < segment ? size - at : segment, .buf = bytes + at};
        if (pieces < lab.drops)
            continue;
        __real___imp_WSASendTo(socket, &piece, 1, &sent, 0, message->name, message->namelen, NULL, NULL);
    }
    lab.drops = 0;
    InterlockedExchangeAdd(&lab.pieces, pieces);
    if (pieces > lab.longest)
        InterlockedExchange(&lab.longest, pieces);
}

int WINAPI __wrap_WSASendMsg(SOCKET socket, WSAMSG *message, DWORD flags, DWORD *sent, WSAOVERLAPPED *overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    static __thread char bytes[MESSAGE_MAX];
    DWORD segment = segment_size(message);
    DWORD size = 0;

    (void)overlapped;
    (void)routine;
    InterlockedIncrement(&lab.messages);
    for (DWORD i = 0; i < message->dwBufferCount; i++) {
        if (size + message->lpBuffers[i].len > sizeof bytes) {
            InterlockedIncrement(&lab.faults);
            WSASetLastError(WSAEMSGSIZE);
            return SOCKET_ERROR;
        }
        memcpy(bytes + size, message->lpBuffers[i].buf, message->lpBuffers[i].len);
        size += message->lpBuffers[i].len;
    }
    if (flags != 0 || segment == 0 || size <= segment)
        InterlockedIncrement(&lab.faults);
    if (finds_no_room())
        return SOCKET_ERROR;
    if (lab.error_count > 0) {
        lab.error_count--;
        WSASetLastError(lab.error);
        return SOCKET_ERROR;
    }
    *sent = size;
    if (lab.swallows)
        return 0;
    cut(socket, message, bytes, size, segment);
    return 0;
}

static struct caller caller;

static int set_up(void **state)
{
    memset(&lab, 0, sizeof lab);
    lab.has_segmentation = true;
    caller_open(&caller, "127.0.0.1", 0);
    if (house_setup(state) != 0)
        return -1;
    struct house *house = *state;
    house_set(house, "UnprovenBytes", "1048576"); /* the window asked for, at once */
    server_reload(house->server, &house->config);
    files_make(house_path(*state, "image"), FILE_SIZE, 1);
    files_make(house_path(*state, "even"), (size_t)64 * 1024, 2);
    return 0;
}

static int tear_down(void **state)
{
    caller_close(&caller);
    return house_teardown(state);
}

/* The time-out is this test's: what a slow machine makes the service repeat looks like a loss. */
static void fetch_with(const char *options, const char *timeout)
{
    char all[64];

    snprintf(all, sizeof all, "%s%s", options, timeout);
    assert_string_equal(caller_fetch(&caller, "image", all, FILE_SIZE, 1), "");
    assert_int_equal(lab.faults, 0);
}

static void fetch(const char *options)
{
    fetch_with(options, " timeout 60");
}

static LONG blocks(LONG blksize)
{
    return FILE_SIZE / blksize + 1;
}

static void set(struct house *house, const char *name, const char *value)
{
    house_set(house, name, value);
    assert_true(server_reload(house->server, &house->config));
}

/* The messages that a fetch takes. */
static LONG messages_of_fetch(void)
{
    lab.messages = 0;
    fetch("blksize 1000 windowsize 16");
    return lab.messages;
}

static void a_window_leaves_in_one_call(void **state)
{
    (void)state;
    fetch("blksize 1000 windowsize 16");
    /* Every block left as a piece, but for those over the border of two chunks and single ones at either side of it. */
    assert_int_equal(lab.longest, 16);
    assert_true(lab.pieces > blocks(1000) * 9 / 10);
    assert_true(lab.messages + lab.plain < blocks(1000) / 5);
}

static void each_size_and_border_arrives_whole(void **state)
{
    static const char *const options[] = {
        "windowsize 7",
        "blksize 99 windowsize 64",
        "blksize 1024 windowsize 64", /* divides a chunk */
        "blksize 1448 windowsize 64",
        "blksize 1456 windowsize 64", /* Windows Boot Manager */
        "blksize 1468 windowsize 64", /* EDK2, U-Boot: a packet of Ethernet's length */
        "blksize 1469 windowsize 64", /* longer than a segment may be */
        "blksize 8192 windowsize 4",
        "blksize 65464 windowsize 2",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        lab.messages = 0;
        fetch(options[i]);
        assert_int_equal(lab.messages > 0, i < 6);
    }
    assert_string_equal(caller_fetch(&caller, "even", "blksize 1024 windowsize 64", (size_t)64 * 1024, 2), "");
    assert_int_equal(lab.faults, 0);
}

/* Two datagrams to this address: 1 if they left in one call. */
static LONG calls_to(const char *address, size_t datagram_size)
{
    static const uint8_t bytes[MESSAGE_MAX];
    struct span parts[] = {span_of(bytes, datagram_size), span_of(bytes, datagram_size)};
    struct endpoint to;
    struct udp_run run = {
        .parts = parts, .count = COUNT_OF(parts), .datagram_size = datagram_size, .may_segment = true};
    struct udp udp;
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);

    assert_true(endpoint_parse_address(&to, span_of_text(address)));
    assert_int_equal(udp_open(&udp, &to, UDP_TRANSFER_BUFFER, event), 0);
    to.port = udp.local.port;
    lab.messages = lab.plain = 0;
    udp_send_run(&udp, &to, NULL, &run);
    udp_close(&udp);
    CloseHandle(event);
    return lab.messages + lab.plain;
}

/* 1500 bytes of Ethernet, less 20 for IPv4 or 40 for IPv6, less 8 for UDP. */
static void each_family_may_fill_a_packet_of_ethernet(void **state)
{
    (void)state;
    assert_int_equal(calls_to("127.0.0.1", 1472), 1);
    assert_int_equal(calls_to("127.0.0.1", 1473), 2);
    assert_int_equal(calls_to("::1", 1452), 1);
    assert_int_equal(calls_to("::1", 1453), 2);
    assert_int_equal(lab.faults, 0);
}

/* Nothing is lost by it, and one peer whose path is narrow takes it from nobody else. */
static void a_narrow_path_ends_it_for_its_transfer(void **state)
{
    struct house *house = *state;

    for (int i = 0; i < 2 * SEGMENTATION_REFUSALS_MAX; i++) {
        lab.error = WSAEMSGSIZE;
        lab.error_count = 1;
        lab.plain = 0;
        assert_int_equal(messages_of_fetch(), 1);
        assert_true(lab.plain >= blocks(1000));
    }
    assert_true(messages_of_fetch() > 5);
    house_rest(house, 0);
    assert_int_equal(house_count(house, EVENT_SEGMENTATION_OFF), 0);
}

static void what_passes_ends_it_for_one_call(void **state)
{
    static const int errors[] = {WSAEWOULDBLOCK, WSAENOBUFS, WSAENETUNREACH, WSAEHOSTUNREACH, WSAEACCES};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        lab.error = errors[i];
        lab.error_count = 2;
        CHECK(messages_of_fetch() > 5, "error %d", errors[i]);
    }
}

/* WSAEINVAL may be the path's, too: so not the first one decides, nor the second. */
static void a_system_that_refuses_is_asked_a_few_times(void **state)
{
    static const int errors[] = {WSAEINVAL, WSAEOPNOTSUPP, WSAENOPROTOOPT};
    struct house *house = *state;

    for (int i = 0; i < 2 * SEGMENTATION_REFUSALS_MAX; i++) {
        lab.error = errors[(size_t)i % COUNT_OF(errors)];
        lab.error_count = 1;
        assert_int_equal(messages_of_fetch(), i < SEGMENTATION_REFUSALS_MAX ? 1 : 0);
    }
    assert_string_not_equal(house_hear(house, EVENT_SEGMENTATION_OFF), "");
    house_rest(house, 0);
    assert_int_equal(house_count(house, EVENT_SEGMENTATION_OFF), 1);
}

/* As drivers and filters do: it costs some transfers a time-out each, and then nobody anything. */
static void an_adapter_that_loses_windows_is_noticed(void **state)
{
    struct house *house = *state;

    lab.swallows = true;
    for (LONG i = 1; i <= SEGMENTATION_LOSSES_MAX; i++) {
        fetch_with("blksize 1000 windowsize 16", "");
        assert_int_equal(lab.messages, i);
    }
    assert_string_not_equal(house_hear(house, EVENT_SEGMENTATION_OFF), "");
    for (int i = 0; i < 3; i++)
        assert_int_equal(messages_of_fetch(), 0);
    house_rest(house, 0);
    assert_int_equal(house_count(house, EVENT_SEGMENTATION_OFF), 1);
    /* A new driver: the administrator lets it try again. */
    lab.swallows = false;
    set(house, "Segmentation", "0");
    assert_int_equal(messages_of_fetch(), 0);
    set(house, "Segmentation", "1");
    assert_true(messages_of_fetch() > 5);
}

static void check_nothing_was_lost(struct house *house)
{
    struct snapshot after = house_rest(house, 0);

    assert_true(lab.full > 0);
    assert_int_equal(after.totals.blocks_resent, 0);
    assert_int_equal(after.totals.failed, 0);
}

/* It goes on where it stopped, without a time-out. */
static void a_full_buffer_loses_nothing(void **state)
{
    static const char *const options[] = {"windowsize 1", "blksize 1000 windowsize 16", "blksize 1000 windowsize 64",
                                          "blksize 1469 windowsize 32"};
    struct house *house = *state;

    for (LONG every = 2; every < 8; every += 2) {
        lab.full_every = every;
        for (size_t i = 0; i < COUNT_OF(options); i++)
            fetch(options[i]);
        check_nothing_was_lost(house);
    }
    set(house, "Segmentation", "0");
    lab.full_every = 3;
    fetch("blksize 1000 windowsize 16");
    assert_string_equal(caller_store(&caller, "stored", "timeout 60", FILE_SIZE, 3), "");
    check_nothing_was_lost(house);
}

static void what_is_sent_again_leaves_one_by_one(void **state)
{
    (void)state;
    caller_ask_read(&caller, "image", "blksize 1000 windowsize 8");
    caller_hear(&caller);
    caller_ack(&caller, 0);
    for (int i = 1; i <= 8; i++)
        assert_string_not_equal(caller_hear(&caller), "silence");
    lab.drops = 8;
    caller_ack(&caller, 8); /* answered by a window that never comes; the timer sends it again */
    LONG before = lab.plain;
    for (int i = 9; i <= 16; i++) {
        assert_string_not_equal(caller_hear(&caller), "silence");
        assert_int_equal(caller.bytes[3], i);
    }
    assert_int_equal(lab.messages, 2);
    assert_true(lab.plain >= before + 8);
}

static void without_it_every_block_leaves_by_itself(void **state)
{
    struct house *house = *state;

    house_close(house);
    lab.has_segmentation = false;
    house_open(house);
    files_make(house_path(house, "image"), FILE_SIZE, 1);
    fetch("blksize 1000 windowsize 16");
    assert_int_equal(lab.messages, 0);
    assert_true(lab.plain >= blocks(1000));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_window_leaves_in_one_call),
        TEST(each_size_and_border_arrives_whole),
        TEST(each_family_may_fill_a_packet_of_ethernet),
        TEST(a_narrow_path_ends_it_for_its_transfer),
        TEST(what_passes_ends_it_for_one_call),
        TEST(a_system_that_refuses_is_asked_a_few_times),
        TEST(an_adapter_that_loses_windows_is_noticed),
        TEST(a_full_buffer_loses_nothing),
        TEST(what_is_sent_again_leaves_one_by_one),
        TEST(without_it_every_block_leaves_by_itself),
    };

    return cmocka_run_group_tests_name("segments", tests, caller_group_setup, NULL) != 0;
}
