#include "win32/net/outlets.h"

#include "win32/system/random.h"

#include <stdlib.h>

enum {
    DYNAMIC_PORTS_FIRST = 49152, /* RFC 6335: 49152 to 65535 */
    DYNAMIC_PORTS = 16384,
    TRIES_MAX = 16, /* of random ports, before the system chooses one */
    LISTENING_MAX = 64
};

struct outlets {
    SRWLOCK lock;
    HANDLE changed;
    HANDLE events[OUTLETS_EVENTS];
    uint32_t top; /* behind the highest number that was ever open */
    struct port_range range;
    uint32_t worker;
    uint32_t workers;
    bool is_single_port;
    uint32_t capacity;
    struct udp listening[LISTENING_MAX]; /* of single-port mode */
    size_t listening_count;
    struct tids tids;
    struct tid *memory;
    struct udp *sockets; /* behind each tid */
    struct outlet *outlets;
};

/* Number n belongs to worker n modulo their number. */
static uint32_t dealt_out(uint32_t ports, uint32_t worker, uint32_t workers)
{
    return (ports + workers - 1 - worker) / workers;
}

static uint32_t places_of(const struct outlets_setup *setup)
{
    uint32_t ports = config_ports(setup->config);

    if (!setup->config->single_port && setup->config->port_range.low == 0 &&
        ports < OUTLETS_PLACES_MIN * setup->workers)
        return OUTLETS_PLACES_MIN;
    return dealt_out(ports, setup->worker, setup->workers);
}

static bool make_events(struct outlets *outlets)
{
    for (uint32_t i = 0; i < OUTLETS_EVENTS; i++) {
        outlets->events[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
        if (outlets->events[i] == NULL)
            return false;
    }
    return true;
}

struct outlets *outlets_open(const struct outlets_setup *setup)
{
    uint32_t places = places_of(setup);
    struct outlets *outlets = calloc(1, sizeof *outlets);

    if (outlets == NULL)
        return NULL;
    InitializeSRWLock(&outlets->lock);
    outlets->changed = setup->changed;
    outlets->range = setup->config->port_range;
    outlets->worker = setup->worker;
    outlets->workers = setup->workers;
    outlets->is_single_port = setup->config->single_port != 0;
    outlets->capacity = places + OUTLETS_MAX;
    ASSERT(outlets->capacity <= OUTLETS_EVENTS * OUTLETS_SHARE_MAX);
    outlets->memory = calloc(outlets->capacity, sizeof outlets->memory[0]);
    outlets->sockets = calloc(outlets->capacity, sizeof outlets->sockets[0]);
    outlets->outlets = calloc(outlets->capacity, sizeof outlets->outlets[0]);
    bool has_events = make_events(outlets);
    if (!has_events || outlets->memory == NULL || outlets->sockets == NULL || outlets->outlets == NULL) {
        outlets_close(outlets);
        return NULL;
    }
    tids_init(&outlets->tids, outlets->memory, outlets->capacity, places);
    return outlets;
}

void outlets_close(struct outlets *outlets)
{
    uint32_t count = outlets->is_single_port || outlets->memory == NULL ? 0 : outlets->tids.capacity;

    for (uint32_t i = 0; i < count; i++)
        if (outlets->memory[i].state != TID_FREE)
            udp_close(&outlets->sockets[i]);
    for (size_t i = 0; i < outlets->listening_count; i++)
        udp_close(&outlets->listening[i]);
    for (uint32_t i = 0; i < OUTLETS_EVENTS; i++)
        if (outlets->events[i] != NULL)
            CloseHandle(outlets->events[i]);
    free(outlets->memory);
    free(outlets->sockets);
    free(outlets->outlets);
    free(outlets);
}

/* In place: others may be about to send through it. */
static void replace(struct udp *udp, const struct udp *by)
{
    AcquireSRWLockExclusive(&udp->send_lock);
    udp->socket = by->socket;
    udp->family = by->family;
    udp->event = by->event;
    udp->receive_message = by->receive_message;
    udp->has_segmentation = by->has_segmentation;
    udp->spoilt_in_row = 0;
    ReleaseSRWLockExclusive(&udp->send_lock);
}

static bool put_listening(struct outlets *outlets, const struct udp *listening)
{
    for (size_t i = 0; i < outlets->listening_count; i++) {
        struct udp *udp = &outlets->listening[i];
        if (udp->socket != INVALID_SOCKET || !endpoint_equal(&udp->local, &listening->local))
            continue;
        replace(udp, listening);
        return true;
    }
    if (outlets->listening_count == LISTENING_MAX)
        return false;
    outlets->listening[outlets->listening_count++] = *listening;
    return true;
}

bool outlets_adopt(struct outlets *outlets, const struct udp *listening)
{
    AcquireSRWLockExclusive(&outlets->lock);
    bool has_room = put_listening(outlets, listening);
    ReleaseSRWLockExclusive(&outlets->lock);
    return has_room;
}

void outlets_break(struct outlets *outlets, struct udp *listening)
{
    AcquireSRWLockExclusive(&outlets->lock);
    AcquireSRWLockExclusive(&listening->send_lock);
    udp_close(listening);
    ReleaseSRWLockExclusive(&listening->send_lock);
    ReleaseSRWLockExclusive(&outlets->lock);
}

/*
 * The ports of this worker's share of the range, until one is free: from any of those on that belong to the place,
 * which of a wide range has several.
 */
static DWORD open_in_range(const struct outlets *outlets, struct udp *udp, struct endpoint wanted, uint32_t place,
                           HANDLE event)
{
    uint32_t ports = (uint32_t)(outlets->range.high - outlets->range.low) + 1;
    uint32_t shares = dealt_out(ports, outlets->worker, outlets->workers);
    uint32_t of_place = shares / outlets->tids.places;
    uint32_t first = place * of_place + random_number() % of_place;
    DWORD error = WSAEADDRINUSE;

    for (uint32_t i = 0; i < shares && udp_presence_after(error) == PRESENCE_TAKEN; i++) {
        uint32_t share = (first + i) % shares;
        wanted.port = (uint16_t)(outlets->range.low + outlets->worker + share * outlets->workers);
        error = udp_open(udp, &wanted, UDP_TRANSFER_BUFFER, event);
    }
    return error;
}

/* Not as the system would give them, which on some versions is one after the other. */
static DWORD open_at_random(struct udp *udp, struct endpoint wanted, HANDLE event)
{
    DWORD error = WSAEADDRINUSE;

    for (int i = 0; i < TRIES_MAX && udp_presence_after(error) == PRESENCE_TAKEN; i++) {
        wanted.port = (uint16_t)(DYNAMIC_PORTS_FIRST + random_number() % DYNAMIC_PORTS);
        error = udp_open(udp, &wanted, UDP_TRANSFER_BUFFER, event);
    }
    if (udp_presence_after(error) != PRESENCE_TAKEN)
        return error;
    wanted.port = 0;
    return udp_open(udp, &wanted, UDP_TRANSFER_BUFFER, event);
}

static struct udp *find_listening(struct outlets *outlets, const struct endpoint *local)
{
    for (size_t i = 0; i < outlets->listening_count; i++) {
        const struct endpoint *bound = &outlets->listening[i].local;
        if (endpoint_same_address(bound, local) || endpoint_is_unspecified(bound))
            return &outlets->listening[i];
    }
    return NULL;
}

/* Puts a socket behind a TID that has just been drawn for the first time. */
static DWORD open_socket(struct outlets *outlets, const struct udp_arrival *asked, uint32_t number)
{
    const struct tid *tid = &outlets->memory[number];
    struct udp *udp = &outlets->sockets[number];
    HANDLE event = outlets->events[number % OUTLETS_EVENTS];
    DWORD error = 0;

    if (outlets->is_single_port) {
        udp = find_listening(outlets, &tid->local);
        error = udp == NULL ? WSAEADDRNOTAVAIL : 0;
    } else if (outlets->range.low != 0) {
        error = open_in_range(outlets, udp, tid->local, tid->place, event);
    } else {
        error = open_at_random(udp, tid->local, event);
    }
    outlets->outlets[number] = (struct outlet){.udp = udp, .source = *asked};
    outlets->outlets[number].source.local.port = 0;
    if (number >= outlets->top) {
        outlets->top = number + 1;
        if (number < OUTLETS_EVENTS)
            SetEvent(outlets->changed);
    }
    return error;
}

const struct outlet *outlets_draw(struct outlets *outlets, const struct udp_arrival *asked, DWORD *error)
{
    uint32_t number;

    *error = 0;
    AcquireSRWLockExclusive(&outlets->lock);
    enum tids_answer answer = tids_draw(&outlets->tids, &asked->local, random_number(), GetTickCount64(), &number);
    if (answer == TIDS_TO_OPEN) {
        *error = open_socket(outlets, asked, number);
        if (*error != 0)
            tids_failed(&outlets->tids, number);
    } else if (answer == TIDS_DRAWN && outlets->memory[number].users == 1) {
        /* The address may have moved to another interface meanwhile; who else used it would be reading this. */
        outlets->outlets[number].source.interface_index = asked->interface_index;
    }
    ReleaseSRWLockExclusive(&outlets->lock);
    return answer == TIDS_NONE || *error != 0 ? NULL : &outlets->outlets[number];
}

void outlets_share(struct outlets *outlets, const struct outlet *outlet)
{
    AcquireSRWLockExclusive(&outlets->lock);
    tids_share(&outlets->tids, (uint32_t)(outlet - outlets->outlets));
    ReleaseSRWLockExclusive(&outlets->lock);
}

void outlets_leave(struct outlets *outlets, const struct outlet *outlet)
{
    AcquireSRWLockExclusive(&outlets->lock);
    tids_leave(&outlets->tids, (uint32_t)(outlet - outlets->outlets), GetTickCount64());
    ReleaseSRWLockExclusive(&outlets->lock);
}

uint32_t outlets_events(struct outlets *outlets, uint32_t first, HANDLE *handles)
{
    AcquireSRWLockShared(&outlets->lock);
    uint32_t count = outlets->top < OUTLETS_EVENTS ? outlets->top : OUTLETS_EVENTS;
    ReleaseSRWLockShared(&outlets->lock);
    if (outlets->is_single_port)
        return 0;
    for (uint32_t i = 0; i < count; i++)
        handles[i] = outlets->events[(first + i) % count];
    return count;
}

size_t outlets_of_event(struct outlets *outlets, uint32_t event, struct udp *sockets[OUTLETS_SHARE_MAX],
                        size_t *with_transfers)
{
    size_t count = 0;

    *with_transfers = 0;
    AcquireSRWLockShared(&outlets->lock);
    for (uint32_t i = event; i < outlets->top && count < OUTLETS_SHARE_MAX; i += OUTLETS_EVENTS) {
        if (outlets->memory[i].state != TID_OPEN)
            continue;
        sockets[count++] = &outlets->sockets[i];
        if (outlets->memory[i].users == 0)
            continue;
        struct udp *first = sockets[*with_transfers];
        sockets[(*with_transfers)++] = sockets[count - 1];
        sockets[count - 1] = first;
    }
    ReleaseSRWLockShared(&outlets->lock);
    return count;
}

struct udp *outlets_next_in_use(struct outlets *outlets, uint32_t *number)
{
    struct udp *found = NULL;

    AcquireSRWLockShared(&outlets->lock);
    for (uint32_t i = 1; i <= outlets->top && found == NULL; i++) {
        uint32_t next = (*number + i) % outlets->top;
        if (outlets->memory[next].state != TID_OPEN || outlets->memory[next].users == 0)
            continue;
        *number = next;
        found = &outlets->sockets[next];
    }
    ReleaseSRWLockShared(&outlets->lock);
    return found;
}

void outlets_look(struct outlets *outlets, const struct outlet *outlet)
{
    struct udp *udp = outlet->udp;

    if (!udp->is_passed_over)
        return;
    udp->is_passed_over = false;
    if (udp_has_more(udp))
        SetEvent(outlets->events[(size_t)(outlet - outlets->outlets) % OUTLETS_EVENTS]);
}

size_t outlets_listening(struct outlets *outlets, struct udp **sockets, size_t most)
{
    size_t count = 0;

    AcquireSRWLockShared(&outlets->lock);
    for (size_t i = 0; i < outlets->listening_count && count < most; i++)
        if (outlets->listening[i].socket != INVALID_SOCKET)
            sockets[count++] = &outlets->listening[i];
    ReleaseSRWLockShared(&outlets->lock);
    return count;
}

void outlets_retire(struct outlets *outlets, uint64_t now_ms)
{
    uint32_t number;

    AcquireSRWLockExclusive(&outlets->lock);
    while (tids_retire(&outlets->tids, now_ms, &number)) {
        struct udp udp = outlets->sockets[number];
        ReleaseSRWLockExclusive(&outlets->lock);
        if (!outlets->is_single_port)
            udp_close(&udp);
        AcquireSRWLockExclusive(&outlets->lock);
        tids_closed(&outlets->tids, number);
    }
    ReleaseSRWLockExclusive(&outlets->lock);
}
