#include "win32/listener.h"

#include <stdlib.h>

enum { REQUESTS_PER_TURN = 16 };

struct waiting_request {
    struct endpoint from;
    struct udp_arrival arrival;
    uint16_t size;
    uint8_t bytes[LISTENER_REQUEST_SIZE_MAX];
};

struct listener_socket {
    struct endpoint wanted;
    struct udp udp;
    bool is_open;
    bool is_told; /* that it is being waited for */
};

struct listener {
    struct intake *intake;
    struct shared *shared;
    HANDLE stop;
    atomic_bool is_stopping;
    HANDLE ready;          /* auto-reset: one datagram, or one queued request, wakes one thread */
    struct worker *reader; /* in single-port mode: the worker that reads the sockets */
    SRWLOCK sockets_lock;  /* held while one is opened, not while it is read */
    size_t socket_count;
    struct listener_socket sockets[LISTENER_ADDRESSES_MAX];
    atomic_uint awaited_count;
    _Atomic uint64_t retry_at_ms;
    SRWLOCK queue_lock;
    struct waiting_request *queue; /* a ring of LISTENER_QUEUE_MAX */
    uint32_t queue_first;
    uint32_t queue_count;
    uint8_t *buffers; /* a datagram for each thread */
    volatile LONG running;
    uint32_t thread_count;
    HANDLE threads[MAXIMUM_WAIT_OBJECTS];
};

/* -- taking requests -- */

static void take(struct listener *listener, const struct endpoint *from, const struct udp_arrival *arrival,
                 struct span datagram)
{
    if (!listener->shared->is_paused)
        intake_take(listener->intake, from, arrival, datagram);
}

/* Returns true if one was there. */
static bool take_from_socket(struct listener *listener, const struct udp *udp, uint8_t *buffer)
{
    struct endpoint from;
    struct udp_arrival arrival;
    size_t size;
    enum udp_result result = udp_receive(udp, buffer, UDP_DATAGRAM_MAX, &size, &from, &arrival);

    if (result == UDP_RECEIVED) {
        /* Judging may wait for a slow share: the next request must wake another thread now, not then. */
        if (udp_has_more(udp))
            SetEvent(listener->ready);
        take(listener, &from, &arrival, span_of(buffer, size));
    }
    return result == UDP_RECEIVED || result == UDP_SPOILT;
}

static bool take_from_queue(struct listener *listener, struct waiting_request *request)
{
    AcquireSRWLockExclusive(&listener->queue_lock);
    bool has_one = listener->queue_count > 0;
    if (has_one) {
        *request = listener->queue[listener->queue_first];
        listener->queue_first = (listener->queue_first + 1) % LISTENER_QUEUE_MAX;
        listener->queue_count--;
    }
    bool has_more = listener->queue_count > 0;
    ReleaseSRWLockExclusive(&listener->queue_lock);
    if (has_more)
        SetEvent(listener->ready);
    if (has_one)
        take(listener, &request->from, &request->arrival, span_of(request->bytes, request->size));
    return has_one;
}

/* On the reading worker's thread: a full queue drops the request, as a network may; its client repeats it. */
static void on_request(void *context, const struct udp *udp, const struct endpoint *from,
                       const struct udp_arrival *arrival, struct span datagram)
{
    struct listener *listener = context;

    (void)udp;
    /* Who is not heard must not fill the queue either. */
    if (datagram.size > LISTENER_REQUEST_SIZE_MAX || !shared_hears(listener->shared, from))
        return;
    AcquireSRWLockExclusive(&listener->queue_lock);
    if (listener->queue_count < LISTENER_QUEUE_MAX) {
        uint32_t place = (listener->queue_first + listener->queue_count++) % LISTENER_QUEUE_MAX;
        struct waiting_request *request = &listener->queue[place];
        request->from = *from;
        request->arrival = *arrival;
        request->size = (uint16_t)datagram.size;
        memcpy(request->bytes, datagram.bytes, datagram.size);
    }
    ReleaseSRWLockExclusive(&listener->queue_lock);
    SetEvent(listener->ready);
}

/* -- sockets -- */

static void tell_address(struct listener *listener, enum event_id id, const struct endpoint *address)
{
    struct event event = event_of(id, NULL, NULL);

    event.client = *address;
    journal_put(listener->shared->journal, &event);
}

/* An address that is not up is not an error; it is tried again. */
static DWORD open_socket(struct listener *listener, struct listener_socket *socket)
{
    HANDLE event = listener->reader != NULL ? worker_event(listener->reader) : listener->ready;
    struct udp udp;
    DWORD error = udp_open(&udp, &socket->wanted, UDP_LISTEN_BUFFER, event);

    if (error == WSAEADDRNOTAVAIL) {
        if (!socket->is_told)
            tell_address(listener, EVENT_ADDRESS_AWAITED, &socket->wanted);
        socket->is_told = true;
        return 0;
    }
    if (error != 0)
        return error;
    socket->udp = udp;
    if (listener->reader != NULL && !worker_adopt(listener->reader, &udp, on_request, listener)) {
        udp_close(&udp);
        return WSAENOBUFS;
    }
    socket->is_open = true;
    atomic_fetch_sub(&listener->awaited_count, 1);
    if (socket->is_told)
        tell_address(listener, EVENT_ADDRESS_UP, &socket->wanted);
    return 0;
}

static void retry_sockets(struct listener *listener)
{
    AcquireSRWLockExclusive(&listener->sockets_lock);
    for (size_t i = 0; i < listener->socket_count; i++)
        if (!listener->sockets[i].is_open)
            open_socket(listener, &listener->sockets[i]);
    ReleaseSRWLockExclusive(&listener->sockets_lock);
    SetEvent(listener->ready);
}

/* By the clock, not by an idle wait: under steady traffic no wait ever times out. True for one thread only. */
static bool is_retry_due(struct listener *listener)
{
    uint64_t now_ms = GetTickCount64();
    uint64_t due_ms = atomic_load(&listener->retry_at_ms);

    return now_ms >= due_ms &&
           atomic_compare_exchange_strong(&listener->retry_at_ms, &due_ms, now_ms + LISTENER_RETRY_MS);
}

static const struct udp *open_udp(struct listener *listener, size_t i)
{
    AcquireSRWLockShared(&listener->sockets_lock);
    const struct udp *udp = listener->sockets[i].is_open ? &listener->sockets[i].udp : NULL;
    ReleaseSRWLockShared(&listener->sockets_lock);
    return udp;
}

/* One turn over all sources. Returns true if any gave something. */
static bool take_turn(struct listener *listener, uint8_t *buffer)
{
    bool has_any = false;

    if (listener->reader != NULL)
        return take_from_queue(listener, (struct waiting_request *)(void *)buffer);
    for (size_t i = 0; i < listener->socket_count; i++) {
        const struct udp *udp = open_udp(listener, i);
        for (int k = 0; udp != NULL && k < REQUESTS_PER_TURN; k++) {
            if (!take_from_socket(listener, udp, buffer))
                break;
            has_any = true;
        }
    }
    return has_any;
}

static DWORD WINAPI run(void *context)
{
    struct listener *listener = context;
    HANDLE handles[] = {listener->stop, listener->ready};
    uint8_t *buffer = listener->buffers + (size_t)(InterlockedIncrement(&listener->running) - 1) * UDP_DATAGRAM_MAX;
    DWORD woken = WAIT_OBJECT_0 + 1;

    /* The first turn may find what came before the threads did. */
    while (woken != WAIT_OBJECT_0) {
        while (!atomic_load(&listener->is_stopping) && take_turn(listener, buffer))
            ;
        bool is_waiting_for_address = atomic_load(&listener->awaited_count) > 0;
        woken = WaitForMultipleObjects(2, handles, FALSE, is_waiting_for_address ? LISTENER_RETRY_MS : INFINITE);
        if (is_waiting_for_address && is_retry_due(listener))
            retry_sockets(listener);
    }
    return 0;
}

/* -- open and close -- */

static void want_address(struct listener *listener, const struct endpoint *address, uint16_t port)
{
    struct listener_socket *socket = &listener->sockets[listener->socket_count];

    /* Two sockets for one address would only take the port from each other. */
    for (size_t i = 0; i < listener->socket_count; i++) {
        struct endpoint *other = &listener->sockets[i].wanted;
        if (endpoint_same_address(other, address))
            return;
        /* All addresses, of both families, are one socket; beside it no other is needed, nor could be bound. */
        if (endpoint_is_unspecified(other) || endpoint_is_unspecified(address)) {
            listener->sockets[0].wanted = (struct endpoint){.port = port};
            listener->socket_count = 1;
            return;
        }
    }
    if (listener->socket_count == LISTENER_ADDRESSES_MAX)
        return;
    socket->wanted = *address;
    socket->wanted.port = port;
    listener->socket_count++;
}

static void want_addresses(struct listener *listener, const struct config *config)
{
    struct endpoint address = {.port = 0};

    for (const char *item = text_list_next(&config->addresses, NULL); item != NULL;
         item = text_list_next(&config->addresses, item))
        if (endpoint_parse_address(&address, span_of_text(item)))
            want_address(listener, &address, (uint16_t)config->port);
    if (listener->socket_count == 0)
        want_address(listener, &address, (uint16_t)config->port);
    atomic_store(&listener->awaited_count, (unsigned)listener->socket_count);
}

static DWORD start_threads(struct listener *listener, uint32_t count)
{
    listener->buffers = malloc((size_t)count * UDP_DATAGRAM_MAX);
    if (listener->buffers == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    while (listener->thread_count < count) {
        HANDLE thread = CreateThread(NULL, 0, run, listener, 0, NULL);
        if (thread == NULL)
            return GetLastError();
        listener->threads[listener->thread_count++] = thread;
    }
    return 0;
}

DWORD listener_open(struct listener **listener, struct intake *intake, const struct config *config,
                    struct endpoint *failed)
{
    DWORD error = ERROR_NOT_ENOUGH_MEMORY;
    struct listener *made = calloc(1, sizeof *made);

    memset(failed, 0, sizeof *failed);
    if (made == NULL)
        return error;
    *listener = made;
    made->intake = intake;
    made->shared = intake->shared;
    made->reader = config->single_port ? intake->workers[0] : NULL;
    InitializeSRWLock(&made->sockets_lock);
    InitializeSRWLock(&made->queue_lock);
    made->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    made->ready = CreateEventW(NULL, FALSE, FALSE, NULL);
    made->queue = made->reader != NULL ? calloc(LISTENER_QUEUE_MAX, sizeof made->queue[0]) : NULL;
    if (made->stop == NULL || made->ready == NULL || (made->reader != NULL && made->queue == NULL))
        return error;
    want_addresses(made, config);
    for (size_t i = 0; i < made->socket_count; i++) {
        *failed = made->sockets[i].wanted;
        error = open_socket(made, &made->sockets[i]);
        if (error != 0)
            return error;
    }
    return start_threads(made, config->listeners);
}

void listener_stop(struct listener *listener)
{
    atomic_store(&listener->is_stopping, true);
    if (listener->stop != NULL)
        SetEvent(listener->stop);
    for (uint32_t i = 0; i < listener->thread_count; i++) {
        WaitForSingleObject(listener->threads[i], INFINITE);
        CloseHandle(listener->threads[i]);
    }
    listener->thread_count = 0;
}

void listener_close(struct listener *listener)
{
    /* In single-port mode the sockets are the worker's. */
    for (size_t i = 0; i < listener->socket_count && listener->reader == NULL; i++)
        if (listener->sockets[i].is_open)
            udp_close(&listener->sockets[i].udp);
    if (listener->stop != NULL)
        CloseHandle(listener->stop);
    if (listener->ready != NULL)
        CloseHandle(listener->ready);
    free(listener->buffers);
    free(listener->queue);
    free(listener);
}
