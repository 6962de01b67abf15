/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free,--wrap=NtCreateFile,--wrap=__imp_CreateFileW,--wrap=__imp_CreateEventW,--wrap=__imp_CreateThread,--wrap=__imp_WSASocketW */
/* link: -Wl,--wrap=udp_send_run,--wrap=udp_receive,--wrap=worker_look_at_repeats */
/*
 * What workers promise beside serving: a stranger disturbs nobody, a packet costs no memory and no handle, and nothing
 * piles up of clients that never come back.
 */
#include "caller.h"
#include "counts.h"
#include "house.h"

#include "../unit/wire.h"

#include "core/wire/packet.h"
#include "win32/net/outlets.h"
#include "win32/net/udp.h"
#include "win32/server/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <winternl.h>

enum {
    MIB = 1024 * 1024,
    BLKSIZE = 512,
    FROM_BLOCK = 100,
    TO_BLOCK = 1900,
    ABANDONED = 1000,
    ROUNDS = 3,
    FIRST_PORT = 20000
};

/* Whatever makes something: counted, and passed on. */
static volatile LONG made;
static volatile LONG allocated; /* and not freed */

#define IMPORTED(name, type)         \
    extern type __real___imp_##name; \
    extern type __wrap___imp_##name

typedef HANDLE(WINAPI *create_file)(LPCWSTR, DWORD, DWORD, SECURITY_ATTRIBUTES *, DWORD, DWORD, HANDLE);
typedef HANDLE(WINAPI *create_event)(SECURITY_ATTRIBUTES *, BOOL, BOOL, LPCWSTR);
typedef HANDLE(WINAPI *create_thread)(SECURITY_ATTRIBUTES *, SIZE_T, LPTHREAD_START_ROUTINE, void *, DWORD, DWORD *);
typedef SOCKET(WINAPI *create_socket)(int, int, int, WSAPROTOCOL_INFOW *, GROUP, DWORD);
IMPORTED(CreateFileW, create_file);
IMPORTED(CreateEventW, create_event);
IMPORTED(CreateThread, create_thread);
IMPORTED(WSASocketW, create_socket);

static HANDLE WINAPI count_file(LPCWSTR name, DWORD access, DWORD sharing, SECURITY_ATTRIBUTES *security,
                                DWORD disposition, DWORD flags, HANDLE template)
{
    InterlockedIncrement(&made);
    return __real___imp_CreateFileW(name, access, sharing, security, disposition, flags, template);
}
create_file __wrap___imp_CreateFileW = count_file;

static HANDLE WINAPI count_event(SECURITY_ATTRIBUTES *security, BOOL is_manual, BOOL is_set, LPCWSTR name)
{
    InterlockedIncrement(&made);
    return __real___imp_CreateEventW(security, is_manual, is_set, name);
}
create_event __wrap___imp_CreateEventW = count_event;

static HANDLE WINAPI count_thread(SECURITY_ATTRIBUTES *security, SIZE_T stack, LPTHREAD_START_ROUTINE run,
                                  void *context, DWORD flags, DWORD *id)
{
    InterlockedIncrement(&made);
    return __real___imp_CreateThread(security, stack, run, context, flags, id);
}
create_thread __wrap___imp_CreateThread = count_thread;

static SOCKET WINAPI count_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags)
{
    InterlockedIncrement(&made);
    return __real___imp_WSASocketW(family, type, protocol, info, group, flags);
}
create_socket __wrap___imp_WSASocketW = count_socket;

NTSTATUS NTAPI __real_NtCreateFile(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, LARGE_INTEGER *,
                                   ULONG, ULONG, ULONG, ULONG, void *, ULONG);
NTSTATUS NTAPI __wrap_NtCreateFile(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, LARGE_INTEGER *,
                                   ULONG, ULONG, ULONG, ULONG, void *, ULONG);

NTSTATUS NTAPI __wrap_NtCreateFile(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes,
                                   IO_STATUS_BLOCK *block, LARGE_INTEGER *size, ULONG file_attributes, ULONG sharing,
                                   ULONG disposition, ULONG options, void *ea, ULONG ea_length)
{
    InterlockedIncrement(&made);
    return __real_NtCreateFile(handle, access, attributes, block, size, file_attributes, sharing, disposition, options,
                               ea, ea_length);
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

void *__wrap_malloc(size_t size)
{
    InterlockedIncrement(&made);
    InterlockedIncrement(&allocated);
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    InterlockedIncrement(&made);
    InterlockedIncrement(&allocated);
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    InterlockedIncrement(&made);
    if (memory == NULL)
        InterlockedIncrement(&allocated);
    return __real_realloc(memory, size);
}

void __wrap_free(void *memory)
{
    if (memory != NULL)
        InterlockedDecrement(&allocated);
    __real_free(memory);
}

struct udp_sent __real_udp_send_run(struct udp *, const struct endpoint *, const struct udp_arrival *,
                                    const struct udp_run *);
struct udp_sent __wrap_udp_send_run(struct udp *, const struct endpoint *, const struct udp_arrival *,
                                    const struct udp_run *);

/* A worker waits for it behind the datagram that begins so; what a slow machine makes it repeat holds nobody. */
static HANDLE sent_gate;
static uint32_t gated;              /* opcode and number */
static volatile DWORD gated_thread; /* that has sent it */

static void hold_behind(uint16_t opcode, uint16_t number)
{
    gated = (uint32_t)opcode << 16 | number;
    sent_gate = CreateEventW(NULL, TRUE, FALSE, NULL);
}

struct udp_sent __wrap_udp_send_run(struct udp *udp, const struct endpoint *to, const struct udp_arrival *source,
                                    const struct udp_run *run)
{
    const uint8_t *bytes = run->parts->bytes;
    struct udp_sent sent = __real_udp_send_run(udp, to, source, run);

    if (((uint32_t)read_u16(bytes) << 16 | read_u16(bytes + 2)) == gated) {
        gated_thread = GetCurrentThreadId();
        if (sent_gate != NULL)
            WaitForSingleObject(sent_gate, PATIENCE_MS);
    }
    return sent;
}

static struct caller caller;
static struct caller stranger;

static int set_up(void **state)
{
    struct house *house;

    house_setup(state);
    house = *state;
    files_make(house_path(house, "boot.img"), MIB, 1);
    caller_open(&caller, "127.0.0.1", 0);
    caller_open(&stranger, "127.0.0.1", 0);
    return 0;
}

static int tear_down(void **state)
{
    caller_close(&caller);
    caller_close(&stranger);
    house_teardown(state);
    if (sent_gate != NULL)
        CloseHandle(sent_gate);
    sent_gate = NULL;
    return 0;
}

static void a_stranger_disturbs_nobody(void **state)
{
    static struct caller another; /* one hears of it once a second */
    uint8_t request[WIRE_SIZE_MAX];

    (void)state;
    caller_open(&another, "127.0.0.1", 0);
    caller_ask_read(&caller, "boot.img", "blksize 512");
    caller_must_hear(&caller, "OACK blksize=512");
    another.server = caller.server;
    caller_ack(&another, 0);
    caller_must_hear(&another, "ERROR 5");
    caller_close(&another);
    stranger.server = caller.server;
    caller_data(&stranger, 1, "x", 1);
    caller_must_hear(&stranger, "ERROR 5");
    caller_send(&stranger, &caller.server, "\0\5\0\0x", 6); /* an ERROR is never answered, nor is what is no TFTP */
    caller_send(&stranger, &caller.server, "\0", 1);
    caller_send(&stranger, &caller.server, request, wire_request(request, 1, "boot.img", "octet", ""));
    assert_string_equal(caller_hear_for(&stranger, 100), "silence");
    for (uint16_t block = 1; block < 50; block++) {
        caller_ack(&caller, (uint16_t)(block - 1));
        caller_must_hear_block(&caller, block);
        assert_true(files_match(caller.bytes + 4, BLKSIZE, 1, (uint64_t)(block - 1) * BLKSIZE));
    }
}

static void an_error_of_the_client_ends_its_transfer_only(void **state)
{
    struct house *house = *state;

    caller_ask_read(&caller, "boot.img", "");
    caller_must_hear(&caller, "DATA 1");
    caller_ask_read(&stranger, "boot.img", "");
    stranger.bytes[0] = 0;
    caller_must_hear(&stranger, "DATA 1");
    caller_send(&stranger, &stranger.server, "\0\5\0\0bored", 10);
    assert_non_null(strstr(house_hear(house, EVENT_FETCH_FAILED), "bored"));
    caller_ack(&caller, 1);
    caller_must_hear(&caller, "DATA 2");
    house_rest(house, 1);
}

static void nothing_is_made_for_a_packet_of_a_download(void **state)
{
    LONG before = 0;

    (void)state;
    assert_string_equal(caller_fetch(&caller, "boot.img", "blksize 8192", MIB, 1), ""); /* the cache is warm now */
    caller_ask_read(&caller, "boot.img", "");
    for (uint16_t block = 1; block <= TO_BLOCK; block++) {
        caller_must_hear_block(&caller, block);
        if (block == FROM_BLOCK)
            before = made;
        caller_ack(&caller, block);
    }
    assert_int_equal(made, before);
}

static void nothing_is_made_for_a_packet_of_an_upload(void **state)
{
    uint8_t block[BLKSIZE] = {0};
    LONG before = 0;

    (void)state;
    caller_ask_write(&caller, "new", "");
    caller_must_hear(&caller, "ACK 0");
    for (uint16_t number = 1; number <= TO_BLOCK; number++) {
        caller_data(&caller, number, block, sizeof block);
        do
            assert_int_equal(strncmp(caller_hear(&caller), "ACK", 3), 0);
        while (caller_block(&caller) < number);
        if (number == FROM_BLOCK)
            before = made;
    }
    assert_int_equal(made, before); /* and it was written to the disk a dozen times */
}

static void await_started(const struct house *house, uint64_t wanted)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;

    while (house_look(house).totals.started < wanted && GetTickCount64() < end_ms)
        Sleep(1);
}

static void begin_many(struct house *house, unsigned round)
{
    for (unsigned i = 0; i < ABANDONED; i++) {
        char name[16];
        caller_close(&caller);
        /* A port of its own each: the same request from the same port would be the same transfer. */
        caller_open(&caller, i % 2 ? "127.0.0.2" : "127.0.0.1", (uint16_t)(FIRST_PORT + round * ABANDONED + i));
        snprintf(name, sizeof name, "new%u", i);
        if (i % 4 == 3)
            caller_ask_write(&caller, name, "");
        else
            caller_ask_read(&caller, "boot.img", i % 4 ? "blksize 1400 tsize 0" : "");
        if (i % 50 == 49) /* so that no request is lost */
            await_started(house, (uint64_t)round * ABANDONED + i + 1);
    }
}

/* Clients that never come back: the second and third thousand leave nothing that the first did not. */
static void clients_that_never_come_back_leave_nothing(void **state)
{
    struct house *house = *state;
    unsigned handles = 0;
    unsigned threads = 0;
    LONG memory = 0;

    house_close(house);
    house_set(house, "FirstSends", "1");
    house_set(house, "MaxTransfersPerClient", "2000");
    house_set(house, "TransferPorts", "8"); /* all are drawn in the first round */
    assert_int_equal(house_start(house), SERVER_STARTED);
    for (unsigned round = 0; round < ROUNDS; round++) {
        begin_many(house, round);
        assert_int_equal(house_look(house).totals.started, (round + 1) * ABANDONED);
        house_rest(house, 0);
        if (round == 0) {
            Sleep(100); /* files are closed a moment later */
            handles = counts_handles();
            threads = counts_threads();
            memory = allocated;
        }
    }
    assert_true(counts_await_handles(handles));
    assert_int_equal(counts_threads(), threads);
    for (int i = 0; allocated > memory && i < 1000; i++)
        Sleep(1);
    assert_true(allocated <= memory);
    assert_int_equal(house_look(house).totals.failed, ROUNDS * ABANDONED);
    assert_int_equal(files_count(house->directory), 1);
}

/* A storm of forged requests must not become a storm of repetitions that the honest wait behind. */
static void only_so_many_first_answers_are_repeated(void **state)
{
    enum { FORGED = 20 };
    struct house *house = *state;

    house_close(house);
    house_set(house, "FirstSends", "2");
    house_set(house, "FirstResendsPerSecond", "1");
    house_set(house, "Workers", "1");
    assert_int_equal(house_start(house), SERVER_STARTED);
    for (unsigned i = 0; i < FORGED; i++) {
        caller_close(&caller);
        caller_open(&caller, "127.0.0.1", (uint16_t)(FIRST_PORT + i));
        caller_ask_read(&caller, "boot.img", "tsize 0");
    }
    assert_string_equal(caller_fetch(&stranger, "boot.img", "blksize 8192", MIB, 1), "");
    struct snapshot_totals totals = house_rest(house, 0).totals;
    assert_int_equal(totals.failed, FORGED);
    assert_in_range(totals.resends_withheld, 1, FORGED - 1);
}

/* Also if the next request comes before the worker has done more than send what the client acknowledged. */
static void who_takes_data_makes_no_room(void **state)
{
    struct house *house = *state;

    house_close(house);
    house_set(house, "MaxTransfers", "1");
    assert_int_equal(house_start(house), SERVER_STARTED);
    caller_ask_read(&caller, "boot.img", "blksize 1000");
    caller_must_hear(&caller, "OACK blksize=1000");
    caller_ack(&caller, 0);
    caller_must_hear(&caller, "DATA 1");
    hold_behind(OPCODE_DATA, 2);
    caller_ack(&caller, 1);
    caller_must_hear(&caller, "DATA 2");
    caller_ask_read(&stranger, "boot.img", "blksize 1000");
    const char *answer = caller_hear(&stranger);
    SetEvent(sent_gate);
    assert_string_equal(answer, "ERROR 0");
    assert_int_equal(house_look(house).totals.gave_way, 0);
}

/* The timer of a block is due, but its ACK came while the worker was busy with somebody else. */
static void what_has_been_answered_is_not_sent_again(void **state)
{
    enum { PAST_TIMEOUT_MS = 1200 };
    static struct snapshot_transfer list[SNAPSHOT_TRANSFERS_MAX];
    struct house *house = *state;
    struct snapshot now;

    house_close(house);
    house_set(house, "Workers", "1");
    assert_int_equal(house_start(house), SERVER_STARTED);
    caller_ask_read(&stranger, "boot.img", "");
    caller_must_hear(&stranger, "DATA 1");
    server_look(house->server, &now, list);
    assert_int_equal(now.transfer_count, 1);
    caller_ask_read(&caller, "boot.img", "blksize 1000");
    caller_must_hear(&caller, "OACK blksize=1000");
    caller_ack(&caller, 0);
    caller_must_hear(&caller, "DATA 1");
    hold_behind(OPCODE_ERROR, 0);
    assert_true(server_stop_transfer(house->server, list[0].id));
    caller_must_hear(&stranger, "ERROR 0");                     /* and behind it the worker is held */
    while (strcmp(caller_hear_for(&caller, 0), "silence") != 0) /* what a slow machine made it repeat before */
        ;
    caller_ack(&caller, 1);
    Sleep(PAST_TIMEOUT_MS);
    SetEvent(sent_gate);
    assert_string_equal(caller_hear(&caller), "DATA 2");
}

/* Between what a worker finds in its sockets and its mail: held once, while the gate is set, in the turn that sent what is gated. */
static HANDLE volatile mail_gate;

void __real_worker_look_at_repeats(struct worker *worker, bool has_more, uint64_t now_ms);
void __wrap_worker_look_at_repeats(struct worker *worker, bool has_more, uint64_t now_ms);

void __wrap_worker_look_at_repeats(struct worker *worker, bool has_more, uint64_t now_ms)
{
    HANDLE gate =
        gated_thread == GetCurrentThreadId() ? InterlockedExchangePointer((void *volatile *)&mail_gate, NULL) : NULL;

    if (gate != NULL)
        WaitForSingleObject(gate, PATIENCE_MS);
    __real_worker_look_at_repeats(worker, has_more, now_ms);
}

/* The last ACK and the next request come when the sockets have been read and the mail has not: the ACK was first. */
static void what_has_come_counts_before_what_supersedes_it(void **state)
{
    struct house *house = *state;
    HANDLE gate = CreateEventW(NULL, TRUE, FALSE, NULL);

    files_make(house_path(house, "small.bin"), BLKSIZE + 1, 2);
    house_close(house);
    house_set(house, "Workers", "2"); /* the next transfer gets the other one */
    assert_int_equal(house_start(house), SERVER_STARTED);
    caller_ask_read(&caller, "small.bin", "");
    caller_must_hear(&caller, "DATA 1");
    gated = (uint32_t)OPCODE_DATA << 16 | 2;
    gated_thread = 0;
    mail_gate = gate;
    caller_ack(&caller, 1);
    caller_must_hear(&caller, "DATA 2");
    for (int turn = 0; mail_gate != NULL; turn++) {
        assert_int_not_equal(turn, PATIENCE_MS);
        Sleep(1);
    }
    caller_ack(&caller, 2);
    caller_ask_read(&caller, "boot.img", "");
    caller_must_hear(&caller, "DATA 1");
    SetEvent(gate);
    assert_string_not_equal(house_hear(house, EVENT_FETCHED), "");
    assert_int_equal(house_rest(house, 1).totals.outcomes[OUTCOME_DONE], 1);
    CloseHandle(gate);
}

/* Of transfers' sockets only: listeners ask where a datagram arrived. */
static volatile LONG is_broken;
static volatile LONG broken_reads;

enum udp_result __real_udp_receive(struct udp *, uint8_t *, size_t, size_t *, struct endpoint *, struct udp_arrival *);
enum udp_result __wrap_udp_receive(struct udp *, uint8_t *, size_t, size_t *, struct endpoint *, struct udp_arrival *);

enum udp_result __wrap_udp_receive(struct udp *udp, uint8_t *buffer, size_t room, size_t *size, struct endpoint *from,
                                   struct udp_arrival *arrival)
{
    if (arrival != NULL || !is_broken)
        return __real_udp_receive(udp, buffer, room, size, from, arrival);
    InterlockedIncrement(&broken_reads);
    return UDP_BROKEN;
}

/* An interface that is gone fails each receive: that is nothing to go on reading for. */
static void a_socket_that_breaks_does_not_keep_its_worker_busy(void **state)
{
    enum { PAUSE_MS = 300, A_FEW = 20 };
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;

    (void)state;
    caller_ask_read(&caller, "boot.img", "timeout 255 blksize 1000");
    caller_must_hear(&caller, "OACK timeout=255 blksize=1000");
    broken_reads = 0;
    is_broken = true;
    caller_ack(&caller, 0);
    while (broken_reads == 0 && GetTickCount64() < end_ms)
        Sleep(1);
    Sleep(PAUSE_MS); /* a loop would read tens of thousands of times */
    is_broken = false;
    assert_in_range(broken_reads, 1, A_FEW);
}

/* Has DATA 1, on a port that was not drawn before. Such a port has the next number. */
static void ask_at_a_new_port(struct caller *c, uint16_t *ports, size_t count)
{
    for (;;) {
        bool is_new = true;
        caller_open(c, "127.0.0.1", 0);
        caller_ask_read(c, "boot.img", "blksize 512");
        caller_must_hear(c, "OACK blksize=512");
        ports[count] = caller_port(c);
        for (size_t i = 0; i < count; i++)
            is_new &= ports[i] != ports[count];
        if (is_new)
            break;
        caller_send(c, &c->server, "\0\5\0\0x", 6);
        caller_close(c);
    }
    caller_ack(c, 0);
    caller_must_hear_block(c, 1);
}

/*
 * A few ports share an event, and once one with a transfer has something those without are not read: what came late for one of
 * these stays there, and Winsock tells of nothing that comes behind it. Whoever draws the port next is heard all the same.
 */
static void what_came_late_for_an_idle_port_hides_nobody(void **state)
{
    enum { PORTS = OUTLETS_EVENTS + 1, IDLE = 0, HELD = 1, BUSY = OUTLETS_EVENTS };
    static struct caller callers[PORTS];
    static uint16_t ports[PORTS];
    struct house *house = *state;

    house_close(house);
    house_set(house, "Workers", "1");
    house_set(house, "TransferPorts", "64");
    house_set(house, "MaxTransfersPerClient", "2000");
    assert_int_equal(house_start(house), SERVER_STARTED);
    for (size_t i = 0; i < PORTS; i++)
        ask_at_a_new_port(&callers[i], ports, i);
    caller_send(&callers[IDLE], &callers[IDLE].server, "\0\5\0\0x", 6);
    house_rest(house, PORTS - 1);
    hold_behind(OPCODE_DATA, 2);
    caller_ack(&callers[HELD], 1);
    caller_must_hear_block(&callers[HELD], 2);
    caller_ack(&callers[IDLE], 7);
    caller_ack(&callers[BUSY], 1);
    SetEvent(sent_gate);
    caller_must_hear_block(&callers[BUSY], 2);
    do {
        caller_send(&caller, &caller.server, "\0\5\0\0x", 6);
        caller_close(&caller);
        caller_open(&caller, "127.0.0.1", 0);
        caller_ask_read(&caller, "boot.img", "blksize 512");
        caller_must_hear(&caller, "OACK blksize=512");
    } while (caller_port(&caller) != ports[IDLE]);
    caller_ack(&caller, 0);
    caller_must_hear(&caller, "DATA 1");
    for (size_t i = 0; i < PORTS; i++)
        caller_close(&callers[i]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stranger_disturbs_nobody),
        TEST(an_error_of_the_client_ends_its_transfer_only),
        TEST(nothing_is_made_for_a_packet_of_a_download),
        TEST(nothing_is_made_for_a_packet_of_an_upload),
        TEST(clients_that_never_come_back_leave_nothing),
        TEST(only_so_many_first_answers_are_repeated),
        TEST(who_takes_data_makes_no_room),
        TEST(what_has_been_answered_is_not_sent_again),
        TEST(what_has_come_counts_before_what_supersedes_it),
        TEST(what_came_late_for_an_idle_port_hides_nobody),
        TEST(a_socket_that_breaks_does_not_keep_its_worker_busy),
    };

    return cmocka_run_group_tests_name("worker", tests, caller_group_setup, NULL) != 0;
}
