#include "win32/net/portowner.h"
#include "win32/server/listener_parts.h"
#include "win32/system/text.h"

#include <stdio.h>

/* -- what is told -- */

void listener_tell(struct listener *listener, enum event_id id, const struct endpoint *address, const char *detail)
{
    struct event event = event_of(id, NULL, detail);

    event.client = *address;
    journal_put(listener->shared->journal, &event);
}

/* The caller holds the socket's lock. */
static void become(struct listener *listener, struct listener_socket *socket, enum presence_state state, DWORD error)
{
    static const enum event_id events[PRESENCE_STATES] = {
        [PRESENCE_AWAITED] = EVENT_ADDRESS_AWAITED, [PRESENCE_OPEN] = EVENT_ADDRESS_UP,
        [PRESENCE_TAKEN] = EVENT_PORT_TAKEN,        [PRESENCE_FAILED] = EVENT_LISTEN_FAILED,
        [PRESENCE_BROKEN] = EVENT_LISTENER_BROKEN,
    };
    char detail[EVENT_DETAIL_MAX] = "";

    if (!presence_becomes(&socket->presence, state))
        return;
    if (state == PRESENCE_TAKEN)
        port_owner_text(socket->wanted.port, detail, sizeof detail);
    else if (state == PRESENCE_FAILED || state == PRESENCE_BROKEN)
        snprintf(detail, sizeof detail, "%s", text_of_error(error).text);
    listener_tell(listener, events[state], &socket->wanted, detail);
}

/* -- open and close -- */

static DWORD open_udp(struct listener *listener, struct listener_socket *socket)
{
    HANDLE event = listener->reader != NULL ? worker_event(listener->reader) : listener->ready;
    DWORD error = udp_open(&socket->udp, &socket->wanted, UDP_LISTEN_BUFFER, event);

    if (error != 0 || listener->reader == NULL)
        return error;
    if (worker_adopt(listener->reader, &socket->udp, listener_on_request, listener_on_broken, listener))
        return 0;
    udp_close(&socket->udp);
    return WSAENOBUFS;
}

/* If it is time. The caller holds the socket's lock. */
static DWORD try_to_open(struct listener *listener, struct listener_socket *socket)
{
    if (socket->presence.state == PRESENCE_OPEN ||
        !presence_try(&socket->presence, GetTickCount64(), LISTENER_RETRY_MS))
        return 0;
    DWORD error = open_udp(listener, socket);
    become(listener, socket, udp_presence_after(error), error);
    if (error == 0) {
        socket->openings++;
        atomic_fetch_sub(&listener->missing_count, 1);
    }
    return error;
}

DWORD listener_open_sockets(struct listener *listener)
{
    DWORD error = 0;

    for (size_t i = 0; i < listener->socket_count && error == 0; i++) {
        struct listener_socket *socket = &listener->sockets[i];
        AcquireSRWLockExclusive(&socket->lock);
        error = try_to_open(listener, socket);
        ReleaseSRWLockExclusive(&socket->lock);
        if (error == WSAEADDRNOTAVAIL)
            error = 0;
    }
    return error;
}

void listener_retry(struct listener *listener)
{
    if (atomic_load(&listener->missing_count) == 0)
        return;
    for (size_t i = 0; i < listener->socket_count; i++) {
        struct listener_socket *socket = &listener->sockets[i];
        AcquireSRWLockExclusive(&socket->lock);
        try_to_open(listener, socket);
        ReleaseSRWLockExclusive(&socket->lock);
    }
}

void listener_close_sockets(struct listener *listener)
{
    /* In single-port mode the sockets are the worker's. */
    for (size_t i = 0; i < listener->socket_count && listener->reader == NULL; i++)
        if (listener->sockets[i].presence.state == PRESENCE_OPEN)
            udp_close(&listener->sockets[i].udp);
}

/* -- read -- */

/* Unless another thread, which has seen the same, has closed it already and perhaps opened it again. */
static void give_up(struct listener *listener, struct listener_socket *socket, uint32_t opening, DWORD error)
{
    AcquireSRWLockExclusive(&socket->lock);
    if (socket->presence.state == PRESENCE_OPEN && socket->openings == opening) {
        udp_close(&socket->udp);
        become(listener, socket, PRESENCE_BROKEN, error);
        atomic_fetch_add(&listener->missing_count, 1);
    }
    ReleaseSRWLockExclusive(&socket->lock);
}

/* On the reading worker's thread, which has closed it. */
void listener_on_broken(void *context, const struct endpoint *local, DWORD error)
{
    struct listener *listener = context;

    for (size_t i = 0; i < listener->socket_count; i++) {
        struct listener_socket *socket = &listener->sockets[i];
        AcquireSRWLockExclusive(&socket->lock);
        if (socket->presence.state == PRESENCE_OPEN && endpoint_equal(&socket->udp.local, local)) {
            become(listener, socket, PRESENCE_BROKEN, error);
            atomic_fetch_add(&listener->missing_count, 1);
        }
        ReleaseSRWLockExclusive(&socket->lock);
    }
    SetEvent(listener->ready);
}

enum udp_result listener_receive(struct listener *listener, struct listener_socket *socket, uint8_t *buffer,
                                 struct listener_datagram *datagram)
{
    enum udp_result result = UDP_NOTHING;

    AcquireSRWLockShared(&socket->lock);
    uint32_t opening = socket->openings;
    if (socket->presence.state == PRESENCE_OPEN)
        result =
            udp_receive(&socket->udp, buffer, UDP_DATAGRAM_MAX, &datagram->size, &datagram->from, &datagram->arrival);
    DWORD error = (DWORD)WSAGetLastError();
    datagram->is_heard = result == UDP_RECEIVED && shared_hears(listener->shared, &datagram->from);
    datagram->has_more = datagram->is_heard && udp_has_more(&socket->udp);
    ReleaseSRWLockShared(&socket->lock);
    if (result == UDP_BROKEN)
        give_up(listener, socket, opening, error);
    return result;
}

/* -- which there are to be -- */

/* False if there is no room for it. */
static bool want_address(struct listener *listener, const struct endpoint *address, uint16_t port)
{
    struct listener_socket *socket = &listener->sockets[listener->socket_count];

    /* Two sockets for one address would only take the port from each other. */
    for (size_t i = 0; i < listener->socket_count; i++) {
        struct endpoint *other = &listener->sockets[i].wanted;
        if (endpoint_same_address(other, address))
            return true;
        /* All addresses, of both families, are one socket; beside it no other is needed, nor could be bound. */
        if (endpoint_is_unspecified(other) || endpoint_is_unspecified(address)) {
            listener->sockets[0].wanted = (struct endpoint){.port = port};
            listener->socket_count = 1;
            return true;
        }
    }
    if (listener->socket_count == LISTENER_ADDRESSES_MAX)
        return false;
    socket->wanted = *address;
    socket->wanted.port = port;
    InitializeSRWLock(&socket->lock);
    listener->socket_count++;
    return true;
}

void listener_want(struct listener *listener, const struct config *config)
{
    struct endpoint address = {.port = 0};
    struct endpoint left_out = {.port = 0};
    unsigned left_out_count = 0;
    char words[EVENT_DETAIL_MAX];

    for (const char *item = text_list_next(&config->addresses, NULL); item != NULL;
         item = text_list_next(&config->addresses, item)) {
        if (!endpoint_parse_address(&address, span_of_text(item)) ||
            want_address(listener, &address, (uint16_t)config->port))
            continue;
        if (left_out_count++ == 0)
            left_out = address;
    }
    if (listener->socket_count == 0)
        want_address(listener, &address, (uint16_t)config->port);
    atomic_store(&listener->missing_count, (unsigned)listener->socket_count);
    /* Where all addresses came behind them, none is missing. */
    if (left_out_count == 0 || endpoint_is_unspecified(&listener->sockets[0].wanted))
        return;
    left_out.port = (uint16_t)config->port;
    snprintf(words, sizeof words, "it is one of %u addresses that are left out, as no more than %u are listened on",
             left_out_count, (unsigned)LISTENER_ADDRESSES_MAX);
    listener_tell(listener, EVENT_LISTEN_FAILED, &left_out, words);
}
