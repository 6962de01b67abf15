#include "win32/worker_parts.h"

static DWORD open_in_range(struct worker *worker, struct udp *udp, const struct endpoint *local)
{
    struct endpoint wanted = *local;
    struct port_range range = worker->port_range;
    uint32_t width = (uint32_t)(range.high - range.low) + 1;
    DWORD error = WSAEADDRINUSE;

    wanted.port = 0;
    if (range.low == 0)
        return udp_open(udp, &wanted, UDP_TRANSFER_BUFFER, worker->event);
    for (uint32_t i = 0; i < width && (error == WSAEADDRINUSE || error == WSAEACCES); i++) {
        wanted.port = (uint16_t)(range.low + (worker->port_offset + i) % width);
        error = udp_open(udp, &wanted, UDP_TRANSFER_BUFFER, worker->event);
    }
    return error;
}

/* The worker's thread sees a socket only once its count says so. */
static struct udp *add_socket(struct worker *worker, const struct worker_socket *socket)
{
    unsigned count = atomic_load(&worker->socket_count);

    worker->sockets[count] = *socket;
    atomic_store(&worker->socket_count, count + 1);
    SetEvent(worker->event);
    return &worker->sockets[count].udp;
}

static struct udp *find_socket(struct worker *worker, const struct endpoint *local)
{
    unsigned count = atomic_load(&worker->socket_count);

    for (unsigned i = 0; i < count; i++) {
        struct udp *udp = &worker->sockets[i].udp;
        if (endpoint_same_address(&udp->local, local) ||
            (worker->is_single_port && endpoint_is_unspecified(&udp->local)))
            return udp;
    }
    return NULL;
}

static const struct outlet *make_outlet(struct worker *worker, const struct endpoint *local, DWORD *error)
{
    struct udp *udp = find_socket(worker, local);

    *error = WSAENOBUFS;
    if (worker->outlet_count == WORKER_OUTLETS_MAX)
        return NULL;
    if (udp == NULL) {
        struct worker_socket socket = {.sink = NULL};
        if (worker->is_single_port || atomic_load(&worker->socket_count) == WORKER_OUTLETS_MAX)
            return NULL;
        *error = open_in_range(worker, &socket.udp, local);
        if (*error != 0)
            return NULL;
        udp = add_socket(worker, &socket);
    }
    struct outlet *outlet = &worker->outlets[worker->outlet_count++];
    *outlet = (struct outlet){.udp = udp, .source = *local};
    outlet->source.port = 0;
    return outlet;
}

const struct outlet *worker_outlet(struct worker *worker, const struct endpoint *local, DWORD *error)
{
    const struct outlet *outlet = NULL;

    AcquireSRWLockExclusive(&worker->outlets_lock);
    for (size_t i = 0; i < worker->outlet_count && outlet == NULL; i++)
        if (endpoint_same_address(&worker->outlets[i].source, local))
            outlet = &worker->outlets[i];
    if (outlet == NULL)
        outlet = make_outlet(worker, local, error);
    ReleaseSRWLockExclusive(&worker->outlets_lock);
    return outlet;
}

HANDLE worker_event(struct worker *worker)
{
    return worker->event;
}

bool worker_adopt(struct worker *worker, const struct udp *listening, worker_request_sink *sink, void *context)
{
    bool has_room;

    AcquireSRWLockExclusive(&worker->outlets_lock);
    has_room = atomic_load(&worker->socket_count) < WORKER_OUTLETS_MAX;
    if (has_room)
        add_socket(worker, &(struct worker_socket){.udp = *listening, .sink = sink, .context = context});
    ReleaseSRWLockExclusive(&worker->outlets_lock);
    return has_room;
}
