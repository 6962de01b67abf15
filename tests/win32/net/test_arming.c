/* link: -Wl,--wrap=__imp_WSAEventSelect,--wrap=__imp_recv,--wrap=__imp_recvfrom,--wrap=intake_take */
/*
 * Wine signals the event of a socket for every datagram. Windows does so once, and then not again until recv or recvfrom
 * was called, which WSARecvMsg is not like. Here Wine is made to behave in the same way.
 */
#include "caller.h"
#include "house.h"

#include "win32/server/intake.h"

enum { BOOT_SIZE = 70000, SOCKETS_MAX = 64 };

#define IMPORTED(name, type)         \
    extern type __real___imp_##name; \
    extern type __wrap___imp_##name

typedef int(WINAPI *select_function)(SOCKET, HANDLE, long);
typedef int(WINAPI *recv_function)(SOCKET, char *, int, int);
typedef int(WINAPI *recvfrom_function)(SOCKET, char *, int, int, SOCKADDR *, int *);
IMPORTED(WSAEventSelect, select_function);
IMPORTED(recv, recv_function);
IMPORTED(recvfrom, recvfrom_function);

/* -- the rule of Windows -- */

static struct {
    SRWLOCK lock;
    HANDLE any; /* Wine's own signal, for all sockets */
    size_t count;
    struct {
        SOCKET socket;
        HANDLE event;
        bool is_armed;
    } sockets[SOCKETS_MAX];
} rule = {.lock = SRWLOCK_INIT};

static bool has_datagram(SOCKET socket)
{
    char byte;

    return __real___imp_recv(socket, &byte, sizeof byte, MSG_PEEK) >= 0 || WSAGetLastError() == WSAEMSGSIZE;
}

/* Under the lock. */
static void signal_if_due(size_t i)
{
    if (!rule.sockets[i].is_armed || !has_datagram(rule.sockets[i].socket))
        return;
    rule.sockets[i].is_armed = false;
    SetEvent(rule.sockets[i].event);
}

static DWORD WINAPI pump(void *nothing)
{
    (void)nothing;
    while (WaitForSingleObject(rule.any, INFINITE) == WAIT_OBJECT_0) {
        AcquireSRWLockExclusive(&rule.lock);
        for (size_t i = 0; i < rule.count; i++)
            signal_if_due(i);
        ReleaseSRWLockExclusive(&rule.lock);
    }
    return 0;
}

static int WINAPI select_once(SOCKET socket, HANDLE event, long events)
{
    size_t i = 0;

    AcquireSRWLockExclusive(&rule.lock);
    while (i < rule.count && rule.sockets[i].socket != socket)
        i++;
    assert_true(i < SOCKETS_MAX);
    rule.count += i == rule.count;
    rule.sockets[i].socket = socket;
    rule.sockets[i].event = event;
    rule.sockets[i].is_armed = true;
    ReleaseSRWLockExclusive(&rule.lock);
    return __real___imp_WSAEventSelect(socket, rule.any, events);
}
select_function __wrap___imp_WSAEventSelect = select_once;

static void arm(SOCKET socket)
{
    DWORD error = (DWORD)WSAGetLastError();

    AcquireSRWLockExclusive(&rule.lock);
    for (size_t i = 0; i < rule.count; i++) {
        if (rule.sockets[i].socket != socket)
            continue;
        rule.sockets[i].is_armed = true;
        signal_if_due(i);
    }
    ReleaseSRWLockExclusive(&rule.lock);
    WSASetLastError((int)error);
}

static int WINAPI recv_and_arm(SOCKET socket, char *bytes, int room, int flags)
{
    int answer = __real___imp_recv(socket, bytes, room, flags);

    arm(socket);
    return answer;
}
recv_function __wrap___imp_recv = recv_and_arm;

static int WINAPI recvfrom_and_arm(SOCKET socket, char *bytes, int room, int flags, SOCKADDR *from, int *length)
{
    int answer = __real___imp_recvfrom(socket, bytes, room, flags, from, length);

    arm(socket);
    return answer;
}
recvfrom_function __wrap___imp_recvfrom = recvfrom_and_arm;

/* -- a slow share -- */

static HANDLE is_waiting; /* a request for "slow" is being judged */
static HANDLE may_go_on;

void __real_intake_take(struct intake *, const struct endpoint *, const struct udp_arrival *, struct span);
void __wrap_intake_take(struct intake *, const struct endpoint *, const struct udp_arrival *, struct span);

void __wrap_intake_take(struct intake *intake, const struct endpoint *from, const struct udp_arrival *arrival,
                        struct span datagram)
{
    if (datagram.size > 6 && memcmp(datagram.bytes + 2, "slow", 5) == 0) {
        SetEvent(is_waiting);
        WaitForSingleObject(may_go_on, INFINITE);
    }
    __real_intake_take(intake, from, arrival, datagram);
}

static struct caller caller;
static struct caller second;

static int set_up(void **state)
{
    rule.count = 0;
    is_waiting = CreateEventW(NULL, TRUE, FALSE, NULL);
    may_go_on = CreateEventW(NULL, TRUE, FALSE, NULL);
    house_setup(state);
    files_make(house_path(*state, "boot.img"), BOOT_SIZE, 1);
    files_make(house_path(*state, "slow"), BOOT_SIZE, 2);
    caller_open(&caller, "127.0.0.1", 0);
    caller_open(&second, "127.0.0.1", 0);
    return 0;
}

static int tear_down(void **state)
{
    SetEvent(may_go_on);
    caller_close(&caller);
    caller_close(&second);
    house_teardown(state);
    CloseHandle(is_waiting);
    CloseHandle(may_go_on);
    return 0;
}

static void check_fetch(struct caller *c)
{
    const char *answer = caller_fetch(c, "boot.img", "blksize 1400 windowsize 4", BOOT_SIZE, 1);

    CHECK(answer[0] == 0, "%s %s", answer, caller_words(c));
}

static void serves_one_after_the_other(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        check_fetch(i % 2 ? &caller : &second);
}

static void a_slow_share_holds_up_one_request_only(void **state)
{
    (void)state;
    caller_ask_read(&caller, "slow", "blksize 1000");
    assert_int_equal(WaitForSingleObject(is_waiting, PATIENCE_MS), WAIT_OBJECT_0);
    check_fetch(&second);
    check_fetch(&second);
    SetEvent(may_go_on);
    caller_must_hear(&caller, "OACK blksize=1000");
}

static int group_set_up(void **state)
{
    rule.any = CreateEventW(NULL, FALSE, FALSE, NULL);
    CloseHandle(CreateThread(NULL, 0, pump, NULL, 0, NULL));
    return caller_group_setup(state);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(serves_one_after_the_other),
        TEST(a_slow_share_holds_up_one_request_only),
    };

    return cmocka_run_group_tests_name("arming", tests, group_set_up, NULL) != 0;
}
