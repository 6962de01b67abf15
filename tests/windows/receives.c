/*
 * Receives: when the event of a socket is set, and what may come in place of a datagram.
 *
 * Wine keeps the rule of FD_READ but for one thing: there WSARecvMsg counts as a receive too. So only sockets on which that was
 * called are watched; of their events a wait hears only what Windows would have told (waits.c asks here).
 */
#include "strict.h"

#include <stdlib.h>
#include <string.h>

#ifndef SIO_UDP_CONNRESET
#define SIO_UDP_CONNRESET _WSAIOW(IOC_VENDOR, 12)
#endif
#ifndef SIO_UDP_NETRESET
#define SIO_UDP_NETRESET _WSAIOW(IOC_VENDOR, 15)
#endif

enum { WATCHED_MAX = 64, ERRORS_MAX = 4 };

IMPORTED(WSAEventSelect)
IMPORTED(WSAIoctl)
IMPORTED(recv)
IMPORTED(recvfrom)
IMPORTED(closesocket)

static LPFN_WSARECVMSG real_receive_message;

/* Of every socket that has an event. */
static struct {
    HANDLE event;
    long wanted;                 /* FD_READ and its like */
    bool hides_port_unreachable; /* SIO_UDP_CONNRESET */
    bool hides_ttl_exceeded;     /* SIO_UDP_NETRESET */
} sockets[STRICT_HANDLES_MAX];

static struct {
    volatile LONG is_set_by_hand;
    volatile LONG has_told; /* a wait has ended by it */
} events[STRICT_HANDLES_MAX];

static struct {
    SRWLOCK lock;
    size_t count;
    struct watched {
        SOCKET socket;
        HANDLE event;
        bool is_armed; /* the next datagram sets the event */
        bool is_set;   /* one has, and no wait has heard of it */
    } all[WATCHED_MAX];
} watch = {.lock = SRWLOCK_INIT};

static size_t place_of(SOCKET socket)
{
    return strict_place((HANDLE)socket);
}

/* -- which events are set --------------------------------------------------------------------------------------------- */

static bool has_datagram(SOCKET socket)
{
    char byte;

    return REAL(recv)(socket, &byte, sizeof byte, MSG_PEEK) >= 0 || WSAGetLastError() == WSAEMSGSIZE;
}

/* Under the lock. */
static struct watched *find_watched(SOCKET socket)
{
    for (size_t i = 0; i < watch.count; i++)
        if (watch.all[i].socket == socket)
            return &watch.all[i];
    return NULL;
}

/* Under the lock. If there is something it has been told of, where anything was told. */
static void add_watched(SOCKET socket, HANDLE event)
{
    bool is_told = events[strict_place(event)].has_told && has_datagram(socket);

    if (watch.count == WATCHED_MAX)
        abort();
    watch.all[watch.count++] = (struct watched){.socket = socket, .event = event, .is_armed = !is_told};
}

static void begin_to_watch(SOCKET socket)
{
    HANDLE event = sockets[place_of(socket)].event;

    if (event == NULL || !strict_holds(RULE_FD_READ))
        return;
    AcquireSRWLockExclusive(&watch.lock);
    if (find_watched(socket) == NULL)
        add_watched(socket, event);
    ReleaseSRWLockExclusive(&watch.lock);
}

static void watch_no_more(SOCKET socket)
{
    AcquireSRWLockExclusive(&watch.lock);
    struct watched *watched = find_watched(socket);
    if (watched != NULL)
        *watched = watch.all[--watch.count];
    ReleaseSRWLockExclusive(&watch.lock);
}

/* One of the functions was called that make the event be set again. */
static void arm(SOCKET socket)
{
    AcquireSRWLockExclusive(&watch.lock);
    struct watched *watched = find_watched(socket);
    if (watched != NULL)
        watched->is_armed = true;
    ReleaseSRWLockExclusive(&watch.lock);
}

/* Something was taken without them: if it came while the event was armed, it has set it. */
static void take_armed(SOCKET socket, bool is_set)
{
    AcquireSRWLockExclusive(&watch.lock);
    struct watched *watched = find_watched(socket);
    if (watched != NULL && watched->is_armed) {
        watched->is_armed = false;
        watched->is_set |= is_set;
    }
    ReleaseSRWLockExclusive(&watch.lock);
}

/* Under the lock. What has come since the event was armed sets it now. */
static bool would_be_set(struct watched *watched)
{
    bool is_set = watched->is_set || (watched->is_armed && has_datagram(watched->socket));

    if (is_set)
        watched->is_armed = watched->is_set = false;
    return is_set;
}

void strict_sets(HANDLE event)
{
    InterlockedExchange(&events[strict_place(event)].is_set_by_hand, TRUE);
}

bool strict_is_silent(HANDLE event)
{
    size_t place = strict_place(event);
    bool is_heard = InterlockedExchange(&events[place].is_set_by_hand, FALSE);
    bool is_watched = false;

    AcquireSRWLockExclusive(&watch.lock);
    for (size_t i = 0; i < watch.count; i++) {
        if (watch.all[i].event != event)
            continue;
        is_watched = true;
        is_heard |= would_be_set(&watch.all[i]);
    }
    ReleaseSRWLockExclusive(&watch.lock);
    if (is_watched && !is_heard) {
        strict_count(RULE_FD_READ);
        return true;
    }
    events[place].has_told = TRUE;
    return false;
}

/* -- what comes in place of a datagram -------------------------------------------------------------------------------- */

static int pick_icmp_error(size_t place)
{
    int errors[ERRORS_MAX] = {WSAEHOSTUNREACH, WSAENETUNREACH};
    uint32_t count = 2;

    if (!sockets[place].hides_port_unreachable)
        errors[count++] = WSAECONNRESET;
    if (!sockets[place].hides_ttl_exceeded)
        errors[count++] = WSAENETRESET;
    return errors[strict_pick(RULE_ICMP_ERROR, count)];
}

/* 0: none. */
static int draw_error(SOCKET socket)
{
    size_t place = place_of(socket);

    if (sockets[place].event == NULL)
        return 0;
    if (strict_draws(RULE_ICMP_ERROR))
        return pick_icmp_error(place);
    return strict_draws(RULE_INTERFACE_LOST) ? WSAENETDOWN : 0;
}

static int fail(int error)
{
    WSASetLastError(error);
    return SOCKET_ERROR;
}

/* The receive has failed; Wine's own event is armed by it all the same. */
static int fail_and_arm(SOCKET socket, int error)
{
    has_datagram(socket);
    arm(socket);
    return fail(error);
}

static void arm_after(SOCKET socket)
{
    int error = WSAGetLastError();

    arm(socket);
    WSASetLastError(error);
}

static int WINAPI receive(SOCKET socket, char *bytes, int room, int flags)
{
    int error = draw_error(socket);

    if (error != 0)
        return fail_and_arm(socket, error);
    int answer = REAL(recv)(socket, bytes, room, flags);
    arm_after(socket);
    return answer;
}
REPLACE(recv, receive);

static int WINAPI receive_from(SOCKET socket, char *bytes, int room, int flags, SOCKADDR *from, int *length)
{
    int error = draw_error(socket);

    if (error != 0)
        return fail_and_arm(socket, error);
    int answer = REAL(recvfrom)(socket, bytes, room, flags, from, length);
    arm_after(socket);
    return answer;
}
REPLACE(recvfrom, receive_from);

/* Is not among the functions that arm. */
static int WINAPI receive_message(SOCKET socket, WSAMSG *message, DWORD *size, WSAOVERLAPPED *overlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    begin_to_watch(socket);
    int error = draw_error(socket);
    if (error != 0) {
        take_armed(socket, false); /* it was this error that the event told of */
        return fail(error);
    }
    int answer = real_receive_message(socket, message, size, overlapped, routine);
    error = WSAGetLastError();
    if (answer == 0 || error == WSAEMSGSIZE)
        take_armed(socket, true);
    if (answer == 0 && strict_draws(RULE_NO_CONTROL_DATA))
        message->Control.len = 0;
    return answer == 0 ? 0 : fail(error);
}

/* -- sockets ---------------------------------------------------------------------------------------------------------- */

static int WINAPI event_select(SOCKET socket, HANDLE event, long wanted)
{
    sockets[place_of(socket)].event = event;
    sockets[place_of(socket)].wanted = wanted;
    events[strict_place(event)].has_told = FALSE;
    arm(socket);
    return REAL(WSAEventSelect)(socket, event, wanted);
}
REPLACE(WSAEventSelect, event_select);

HANDLE strict_event_of_room(SOCKET socket)
{
    return sockets[place_of(socket)].wanted & FD_WRITE ? sockets[place_of(socket)].event : NULL;
}

static int WINAPI close_socket(SOCKET socket)
{
    watch_no_more(socket);
    memset(&sockets[place_of(socket)], 0, sizeof sockets[0]);
    return REAL(closesocket)(socket);
}
REPLACE(closesocket, close_socket);

/* Hands out WSARecvMsg, which is no import. */
static int hand_out(void *out)
{
    LPFN_WSARECVMSG ours = receive_message;

    memcpy(&real_receive_message, out, sizeof real_receive_message);
    memcpy(out, &ours, sizeof ours);
    return 0;
}

static int WINAPI io_control(SOCKET socket, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size,
                             DWORD *returned, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    static const GUID wanted = WSAID_WSARECVMSG;
    bool is_hidden = in_size >= sizeof(BOOL) && *(BOOL *)in == FALSE;

    if (code == SIO_UDP_CONNRESET)
        sockets[place_of(socket)].hides_port_unreachable = is_hidden;
    if (code == SIO_UDP_NETRESET) {
        sockets[place_of(socket)].hides_ttl_exceeded = is_hidden;
        return 0; /* Wine does not know it */
    }
    int answer = REAL(WSAIoctl)(socket, code, in, in_size, out, out_size, returned, overlapped, routine);
    bool is_receive = code == SIO_GET_EXTENSION_FUNCTION_POINTER && memcmp(in, &wanted, sizeof wanted) == 0;
    return answer == 0 && is_receive ? hand_out(out) : answer;
}
REPLACE(WSAIoctl, io_control);
