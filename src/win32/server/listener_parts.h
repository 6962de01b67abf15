/*
 * What listener.c and listener_sockets.c share. Nobody else includes this.
 */
#ifndef WIN32_LISTENER_PARTS_H
#define WIN32_LISTENER_PARTS_H

#include "core/server/presence.h"
#include "win32/server/listener.h"

struct waiting_request {
    struct endpoint from;
    struct udp_arrival arrival;
    uint16_t size;
    uint8_t bytes[LISTENER_REQUEST_SIZE_MAX];
};

struct listener_socket {
    struct endpoint wanted;
    SRWLOCK lock; /* shared by those who read it, and for itself alone by who opens or closes it */
    struct presence presence;
    uint32_t openings; /* tells whoever found it broken whether it is still the same one */
    struct udp udp;
};

struct listener {
    struct intake *intake;
    struct shared *shared;
    HANDLE stop;
    atomic_bool is_stopping;
    HANDLE ready;          /* auto-reset: one datagram, or one queued request, wakes one thread */
    struct worker *reader; /* in single-port mode: the worker that reads the sockets */
    size_t socket_count;
    struct listener_socket sockets[LISTENER_ADDRESSES_MAX];
    atomic_uint missing_count; /* sockets that are not open */
    SRWLOCK queue_lock;
    struct waiting_request *queue; /* a ring of LISTENER_QUEUE_MAX */
    uint32_t queue_first;
    uint32_t queue_count;
    uint8_t *buffers; /* a datagram for each thread */
    volatile LONG running;
    uint32_t thread_count;
    HANDLE threads[MAXIMUM_WAIT_OBJECTS];
};

/* What a socket gave. */
struct listener_datagram {
    struct endpoint from;
    struct udp_arrival arrival;
    size_t size;
    bool is_heard; /* its source has an ERROR left for now */
    bool has_more; /* the same socket has another one, which is asked only of one that is heard */
};

/* listener_sockets.c */

/* Which sockets there are to be, none of them open yet. */
void listener_want(struct listener *listener, const struct config *config);
/* Opens them. An address that is not up is no error, it is awaited; another failure is told, and returned. */
DWORD listener_open_sockets(struct listener *listener);
void listener_close_sockets(struct listener *listener);
/* Opens those that are not, when it is time; by any thread. */
void listener_retry(struct listener *listener);
/* UDP_DATAGRAM_MAX bytes of room. UDP_NOTHING of a socket that is not open; one that turns out to be broken is closed. */
enum udp_result listener_receive(struct listener *listener, struct listener_socket *socket, uint8_t *buffer,
                                 struct listener_datagram *datagram);
void listener_tell(struct listener *listener, enum event_id id, const struct endpoint *address, const char *detail);

/* For the worker that reads the sockets. */
worker_broken_sink listener_on_broken;
worker_request_sink listener_on_request; /* listener.c */

#endif
