/*
 * The listening sockets and the threads that take requests from them. A socket has one state at a time
 * (core/server/presence): an address that is not up yet is awaited, one that breaks is closed, and both are tried again
 * until they are open. In single-port mode a worker reads the sockets and hands requests on; everything else is the same.
 */
#ifndef WIN32_LISTENER_H
#define WIN32_LISTENER_H

#include "win32/server/intake.h"

enum {
    LISTENER_ADDRESSES_MAX = 32,
    LISTENER_RETRY_MS = 3000,
    LISTENER_QUEUE_MAX = 1024,       /* requests waiting in single-port mode */
    LISTENER_REQUEST_SIZE_MAX = 1024 /* of those; no client sends longer ones */
};

struct listener;

/*
 * Opens the sockets of config (addresses, port) and starts to take requests. A failure has been told in the journal; it is a
 * Winsock error, WSAEADDRINUSE or WSAEACCES if another program has the port. *listener, unless it stays NULL, is to be
 * stopped and closed then too: a worker may have its sockets already and call it.
 */
DWORD listener_open(struct listener **listener, struct intake *intake, const struct config *config);
/* No request is taken any more. */
void listener_stop(struct listener *listener);
/* In single-port mode the worker that reads the sockets has been stopped before. */
void listener_close(struct listener *listener);

#endif
