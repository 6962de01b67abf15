/* link: -Wl,--wrap=NtCreateFile,--wrap=__imp_WSAIoctl,--wrap=__imp_bind,--wrap=__imp_recv,--wrap=__imp_WSAEventSelect,--wrap=__imp_WaitForMultipleObjects */
/* Listening sockets that wait, are taken, break or stay silent. Whom they serve is in test_listener.c. */
#include "caller.h"
#include "house.h"

#include "win32/server/listener.h"

#include <stdio.h>
#include <winternl.h>

enum { BOOT_SIZE = 70000, THREADS = 2 };

#define IMPORTED(name, type)         \
    extern type __real___imp_##name; \
    extern type __wrap___imp_##name

typedef int(WINAPI *ioctl_function)(SOCKET, DWORD, void *, DWORD, void *, DWORD, DWORD *, WSAOVERLAPPED *,
                                    LPWSAOVERLAPPED_COMPLETION_ROUTINE);
typedef int(WINAPI *bind_function)(SOCKET, const SOCKADDR *, int);
typedef int(WINAPI *recv_function)(SOCKET, char *, int, int);
typedef int(WINAPI *select_function)(SOCKET, HANDLE, long);
typedef DWORD(WINAPI *wait_function)(DWORD, const HANDLE *, BOOL, DWORD);
IMPORTED(WSAIoctl, ioctl_function);
IMPORTED(bind, bind_function);
IMPORTED(recv, recv_function);
IMPORTED(WSAEventSelect, select_function);
IMPORTED(WaitForMultipleObjects, wait_function);
NTSTATUS NTAPI __real_NtCreateFile(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, LARGE_INTEGER *,
                                   ULONG, ULONG, ULONG, ULONG, void *, ULONG);
NTSTATUS NTAPI __wrap_NtCreateFile(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, LARGE_INTEGER *,
                                   ULONG, ULONG, ULONG, ULONG, void *, ULONG);

/* What the system is made to answer, and what it was asked. */
static struct {
    volatile SOCKET sick;        /* listens on 127.0.0.1 */
    volatile LONG receive_error; /* of that one, until it is opened again... */
    volatile LONG errors_left;   /* ...or so many were given */
    volatile LONG receives;      /* that failed */
    volatile SOCKET unarmed;     /* has given a datagram, and was not asked by recv since */
    LPFN_WSARECVMSG receive_message;
    volatile LONG bind_error; /* at 10.88.0.1 */
    volatile LONG binds;
    HANDLE deaf;        /* is signalled in place of every socket's event */
    HANDLE slow;        /* the gate before "slow.img" is opened */
    HANDLE before_wait; /* the gate before a listener's thread waits */
    volatile LONG at_gate;
} lab;

static int fail_with(int error)
{
    WSASetLastError(error);
    return SOCKET_ERROR;
}

static int WINAPI lab_receive(SOCKET socket, WSAMSG *message, DWORD *size, WSAOVERLAPPED *overlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    LONG error = lab.receive_error;

    if (socket == lab.sick && error != 0 && InterlockedDecrement(&lab.errors_left) >= 0) {
        InterlockedIncrement(&lab.receives);
        return fail_with(error);
    }
    int result = lab.receive_message(socket, message, size, overlapped, routine);
    if (result == 0)
        lab.unarmed = socket;
    return result;
}

static int WINAPI lab_ioctl(SOCKET socket, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *size,
                            WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    int result = __real___imp_WSAIoctl(socket, code, in, in_size, out, out_size, size, overlapped, routine);

    if (code != SIO_GET_EXTENSION_FUNCTION_POINTER || result != 0 || out_size != sizeof lab.receive_message)
        return result;
    LPFN_WSARECVMSG made_up = lab_receive;
    memcpy(&lab.receive_message, out, out_size);
    memcpy(out, &made_up, out_size);
    return result;
}
ioctl_function __wrap___imp_WSAIoctl = lab_ioctl;

static int WINAPI lab_bind(SOCKET socket, const SOCKADDR *address, int length)
{
    SOCKADDR_IN6 first = caller_address("127.0.0.1", 69);
    SOCKADDR_IN6 awaited = caller_address("10.88.0.1", 69);
    const SOCKADDR_IN6 *wanted = (const void *)address;

    if (memcmp(wanted, &first, sizeof first) == 0) {
        lab.sick = socket;
        lab.receive_error = 0;
    }
    if (memcmp(&wanted->sin6_addr, &awaited.sin6_addr, sizeof awaited.sin6_addr) == 0 && lab.bind_error != 0) {
        InterlockedIncrement(&lab.binds);
        return fail_with(lab.bind_error);
    }
    return __real___imp_bind(socket, address, length);
}
bind_function __wrap___imp_bind = lab_bind;

static int WINAPI lab_recv(SOCKET socket, char *bytes, int room, int flags)
{
    if (lab.unarmed == socket)
        lab.unarmed = INVALID_SOCKET;
    return __real___imp_recv(socket, bytes, room, flags);
}
recv_function __wrap___imp_recv = lab_recv;

static int WINAPI lab_select(SOCKET socket, HANDLE event, long events)
{
    return __real___imp_WSAEventSelect(socket, lab.deaf != NULL ? lab.deaf : event, events);
}
select_function __wrap___imp_WSAEventSelect = lab_select;

/* Until the gate is open. */
static DWORD WINAPI lab_wait(DWORD count, const HANDLE *handles, BOOL for_all, DWORD timeout_ms)
{
    if (lab.before_wait != NULL && count == 2) {
        InterlockedIncrement(&lab.at_gate);
        WaitForSingleObject(lab.before_wait, PATIENCE_MS);
    }
    return __real___imp_WaitForMultipleObjects(count, handles, for_all, timeout_ms);
}
wait_function __wrap___imp_WaitForMultipleObjects = lab_wait;

NTSTATUS NTAPI __wrap_NtCreateFile(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes,
                                   IO_STATUS_BLOCK *block, LARGE_INTEGER *size, ULONG file_attributes, ULONG sharing,
                                   ULONG disposition, ULONG options, void *ea, ULONG ea_length)
{
    if (lab.slow != NULL && wcscmp(attributes->ObjectName->Buffer, L"slow.img") == 0)
        WaitForSingleObject(lab.slow, PATIENCE_MS);
    return __real_NtCreateFile(handle, access, attributes, block, size, file_attributes, sharing, disposition, options,
                               ea, ea_length);
}

static struct caller caller;
static struct caller second;

static int set_up(void **state)
{
    static struct house house;

    memset(&lab, 0, sizeof lab);
    lab.unarmed = INVALID_SOCKET;
    *state = &house;
    house_prepare(&house);
    files_make(house_path(&house, "boot.img"), BOOT_SIZE, 1);
    caller_open(&caller, "127.0.0.1", 0);
    caller_open(&second, "127.0.0.1", 0);
    return 0;
}

static int tear_down(void **state)
{
    caller_close(&caller);
    caller_close(&second);
    return house_teardown(state);
}

static void start(struct house *house)
{
    assert_int_equal(house_start(house), SERVER_STARTED);
}

static void check_fetch(const char *address)
{
    struct caller c;

    caller_open(&c, "127.0.0.1", 0);
    c.service = caller_address(address, 69);
    const char *answer = caller_fetch(&c, "boot.img", "", BOOT_SIZE, 1);
    CHECK(answer[0] == 0, "from %s: %s %s", address, answer, caller_words(&c));
    caller_close(&c);
}

/* Another program has had the port of an address that comes up: told once an error, and tried until it opens. */
static void says_when_an_awaited_address_is_taken(void **state)
{
    struct house *house = *state;

    house_set(house, "Addresses", "127.0.0.1;10.88.0.1");
    start(house);
    assert_non_null(strstr(house_hear(house, EVENT_ADDRESS_AWAITED), "10.88.0.1:69"));
    lab.bind_error = WSAEADDRINUSE;
    assert_non_null(strstr(house_hear(house, EVENT_PORT_TAKEN), "10.88.0.1:69"));
    lab.bind_error = WSAENOBUFS;
    assert_non_null(strstr(house_hear(house, EVENT_LISTEN_FAILED), "10.88.0.1:69"));
    lab.bind_error = WSAEACCES;
    for (LONG binds = lab.binds; lab.binds < binds + 2;)
        Sleep(1);
    check_fetch("127.0.0.1");
    files_run_unix("ip addr add 10.88.0.1/24 dev lo");
    lab.bind_error = 0;
    assert_non_null(strstr(house_hear(house, EVENT_ADDRESS_UP), "10.88.0.1:69"));
    check_fetch("10.88.0.1");
    house_close(house);
    files_run_unix("ip addr del 10.88.0.1/24 dev lo");
    assert_int_equal(house_count(house, EVENT_ADDRESS_AWAITED), 1);
    assert_int_equal(house_count(house, EVENT_PORT_TAKEN), 1);
    assert_int_equal(house_count(house, EVENT_LISTEN_FAILED), 1);
    assert_int_equal(house_count(house, EVENT_ADDRESS_UP), 1);
}

static void says_which_addresses_are_left_out(void **state)
{
    struct house *house = *state;
    char list[1024] = "";

    for (unsigned i = 1; i <= LISTENER_ADDRESSES_MAX + 3; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "127.0.1.%u;", i);
    house_set(house, "Addresses", list);
    start(house);
    const char *text = house_hear(house, EVENT_LISTEN_FAILED);
    CHECK(strstr(text, "127.0.1.33:69") != NULL && strstr(text, "3 addresses") != NULL, "%s", text);
    check_fetch("127.0.1.32");
    house_close(house);
    assert_int_equal(house_count(house, EVENT_LISTEN_FAILED), 1);
    house_prepare(house);
    files_make(house_path(house, "boot.img"), BOOT_SIZE, 1);
    strcat(list, "0.0.0.0");
    house_set(house, "Addresses", list);
    start(house);
    check_fetch("127.0.1.35");
    house_close(house);
    assert_int_equal(house_count(house, EVENT_LISTEN_FAILED), 0);
}

/* Errors of a socket, for so many receives unless it is opened again. */
static const struct {
    LONG error;
    LONG receives;
    bool is_broken;
} troubles[] = {
    {WSAEHOSTUNREACH, 3, false}, {WSAENETUNREACH, 3, false},   {WSAECONNRESET, 3, false}, {WSAENETRESET, 3, false},
    {WSAENOBUFS, 100, false},    {WSAENETDOWN, 1 << 30, true}, {WSAEINVAL, 3, false},     {WSAENOBUFS, 1 << 30, true},
    {WSAEACCES, 3, false},       {WSAENETDOWN, 3, false},      {WSAENOTSOCK, 1, true},
};

static void check_trouble(struct house *house, size_t i, const char *single)
{
    house_set(house, "SinglePort", single);
    house_set(house, "Addresses", "127.0.0.1;127.0.0.5");
    start(house);
    check_fetch("127.0.0.5");
    lab.receives = 0;
    lab.errors_left = troubles[i].receives;
    lab.receive_error = troubles[i].error;
    caller_ask_read(&caller, "boot.img", "");
    if (troubles[i].is_broken) {
        const char *text = house_hear(house, EVENT_LISTENER_BROKEN);
        CHECK(strstr(text, "127.0.0.1:69") != NULL, "error %ld, single %s: \"%s\"", troubles[i].error, single, text);
        assert_true(house_hear(house, EVENT_ADDRESS_UP)[0] != 0);
    } else {
        caller_must_hear(&caller, "DATA 1");
        caller_ack(&caller, 1);
    }
    /* A lasting error costs a bounded number of receives, by one thread or by both. */
    CHECK(lab.receives <= UDP_SPOILT_MAX + THREADS, "error %ld: %ld receives", troubles[i].error, lab.receives);
    lab.receive_error = 0;
    check_fetch("127.0.0.1");
    check_fetch("127.0.0.5");
    house_close(house);
    unsigned broken = house_count(house, EVENT_LISTENER_BROKEN);
    CHECK(broken == troubles[i].is_broken, "error %ld, single %s: broken %u times", troubles[i].error, single, broken);
    assert_int_equal(house_count(house, EVENT_ADDRESS_UP), broken);
    assert_int_equal(house_count(house, EVENT_PORT_TAKEN) + house_count(house, EVENT_LISTEN_FAILED), 0);
}

static void bears_the_errors_of_a_socket(void **state)
{
    for (int single = 0; single < 2; single++)
        for (size_t i = 0; i < COUNT_OF(troubles); i++) {
            tear_down(state);
            set_up(state);
            check_trouble(*state, i, single ? "1" : "0");
        }
}

/* What nothing tells of is found all the same. */
static void looks_even_if_nothing_tells_it_to(void **state)
{
    struct house *house = *state;

    for (int single = 0; single < 2; single++) {
        lab.deaf = CreateEventW(NULL, FALSE, FALSE, NULL);
        house_set(house, "SinglePort", single ? "1" : "0");
        start(house);
        Sleep(100); /* the threads have had their first look */
        caller_ask_read(&caller, "boot.img", "");
        caller_must_hear(&caller, "DATA 1");
        house_close(house);
        caller_must_hear(&caller, "ERROR 0"); /* it was stopped */
        CloseHandle(lab.deaf);
        lab.deaf = NULL;
    }
}

/* WSARecvMsg is not among the functions after which Windows tells of the next datagram. */
static void asks_to_be_told_of_the_next_datagram(void **state)
{
    static const char *const lists[] = {"127.0.0.1", "127.0.0.1;127.0.0.5"};
    struct house *house = *state;

    for (size_t i = 0; i < 2 * COUNT_OF(lists); i++) {
        house_set(house, "SinglePort", i % 2 ? "1" : "0");
        house_set(house, "Addresses", lists[i / 2]);
        start(house);
        caller_ask_read(&caller, "boot.img", "");
        caller_must_hear(&caller, "DATA 1");
        uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
        while (lab.unarmed != INVALID_SOCKET && GetTickCount64() < end_ms)
            Sleep(1);
        CHECK(lab.unarmed == INVALID_SOCKET, "case %u", (unsigned)i);
        house_close(house);
        caller_must_hear(&caller, "ERROR 0"); /* it was stopped */
    }
}

/* Two datagrams on two sockets while nobody waits are one signal: who takes the first wakes another for the second. */
static void a_slow_file_keeps_no_other_socket_waiting(void **state)
{
    struct house *house = *state;

    files_make(house_path(house, "slow.img"), BOOT_SIZE, 2);
    house_set(house, "Addresses", "127.0.0.1;127.0.0.5");
    lab.slow = CreateEventW(NULL, TRUE, FALSE, NULL);
    lab.before_wait = CreateEventW(NULL, TRUE, FALSE, NULL);
    start(house);
    while (lab.at_gate < THREADS)
        Sleep(1);
    second.service = caller_address("127.0.0.5", 69);
    caller_ask_read(&caller, "slow.img", "");
    caller_ask_read(&second, "boot.img", "");
    Sleep(100); /* both have been signalled */
    SetEvent(lab.before_wait);
    caller_must_hear(&second, "DATA 1");
    SetEvent(lab.slow);
    caller_must_hear(&caller, "DATA 1");
    house_close(house);
    CloseHandle(lab.slow);
    CloseHandle(lab.before_wait);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_when_an_awaited_address_is_taken), TEST(says_which_addresses_are_left_out),
        TEST(bears_the_errors_of_a_socket),          TEST(looks_even_if_nothing_tells_it_to),
        TEST(asks_to_be_told_of_the_next_datagram),  TEST(a_slow_file_keeps_no_other_socket_waiting),
    };

    return cmocka_run_group_tests_name("listener_sockets", tests, caller_group_setup, NULL) != 0;
}
