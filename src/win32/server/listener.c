#include "win32/server/listener_parts.h"
#include "win32/system/text.h"

#include <stdlib.h>

enum {
    REQUESTS_PER_TURN = 16,
    FLOOD_PAUSE_MS =
        1 /* of a thread that met nobody but those who are not heard: the next ones cost one wake-up together */
};

/* -- taking requests -- */

static void take(struct listener *listener, const struct endpoint *from, const struct udp_arrival *arrival,
                 struct span datagram)
{
    if (!listener->shared->is_paused)
        intake_take(listener->intake, from, arrival, datagram);
}

/* What a turn has met. */
struct turn_story {
    bool has_heard;
    bool has_unheard;
};

/* Returns true if one was there. */
static bool take_from_socket(struct listener *listener, struct listener_socket *socket, uint8_t *buffer,
                             struct turn_story *story)
{
    struct listener_datagram datagram;
    enum udp_result result = listener_receive(listener, socket, buffer, &datagram);

    /* Who is not heard costs the receive and nothing else. */
    story->has_unheard |= result == UDP_RECEIVED && !datagram.is_heard;
    if (result == UDP_RECEIVED && datagram.is_heard) {
        story->has_heard = true;
        /*
         * Judging may wait for a slow share: the next request must wake another thread now, not then. One on another
         * socket may have had the very signal that woke this thread.
         */
        if (datagram.has_more || listener->socket_count > 1)
            SetEvent(listener->ready);
        take(listener, &datagram.from, &datagram.arrival, span_of(buffer, datagram.size));
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
void listener_on_request(void *context, const struct udp *udp, const struct endpoint *from,
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

/* -- the threads -- */

/* One turn over all sources. Returns true if any gave something. */
static bool take_turn(struct listener *listener, uint8_t *buffer)
{
    bool has_any = false;
    struct turn_story story = {.has_heard = false};

    /* Here, not after an idle wait: under steady traffic none ever times out. */
    listener_retry(listener);
    if (listener->reader != NULL)
        return take_from_queue(listener, (struct waiting_request *)(void *)buffer);
    for (size_t i = 0; i < listener->socket_count; i++) {
        for (int k = 0; k < REQUESTS_PER_TURN; k++) {
            if (!take_from_socket(listener, &listener->sockets[i], buffer, &story))
                break;
            has_any = true;
        }
    }
    if (story.has_unheard && !story.has_heard)
        Sleep(FLOOD_PAUSE_MS);
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
        bool is_any_missing = atomic_load(&listener->missing_count) > 0;
        woken = WaitForMultipleObjects(2, handles, FALSE, is_any_missing ? LISTENER_RETRY_MS : UDP_LOOK_MS);
    }
    return 0;
}

/* -- open and close -- */

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

static DWORD make_parts(struct listener *listener, const struct config *config)
{
    InitializeSRWLock(&listener->queue_lock);
    listener->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    listener->ready = CreateEventW(NULL, FALSE, FALSE, NULL);
    listener->queue = listener->reader != NULL ? calloc(LISTENER_QUEUE_MAX, sizeof listener->queue[0]) : NULL;
    if (listener->stop == NULL || listener->ready == NULL || (listener->reader != NULL && listener->queue == NULL))
        return ERROR_NOT_ENOUGH_MEMORY;
    listener_want(listener, config);
    return 0;
}

DWORD listener_open(struct listener **listener, struct intake *intake, const struct config *config)
{
    struct listener *made = calloc(1, sizeof *made);

    if (made == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    *listener = made;
    made->intake = intake;
    made->shared = intake->shared;
    made->reader = config->single_port ? intake->workers[0] : NULL;
    DWORD error = make_parts(made, config);
    if (error == 0) {
        error = listener_open_sockets(made);
        if (error != 0)
            return error;
        error = start_threads(made, config->listeners);
    }
    if (error != 0)
        listener_tell(made, EVENT_LISTEN_FAILED, &made->sockets[0].wanted, text_of_error(error).text);
    return error;
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
    listener_close_sockets(listener);
    if (listener->stop != NULL)
        CloseHandle(listener->stop);
    if (listener->ready != NULL)
        CloseHandle(listener->ready);
    free(listener->buffers);
    free(listener->queue);
    free(listener);
}
