/*
 * The sockets that one worker's transfers answer from: a pool (core/server/tids) with a socket behind each TID, opened
 * when it is first drawn and closed when it is retired. In single-port mode the listening socket stands behind all of
 * them.
 *
 * Any thread draws and leaves; only the worker's thread closes, so that it may read a socket without holding the lock.
 */
#ifndef WIN32_OUTLETS_H
#define WIN32_OUTLETS_H

#include "core/server/tids.h"
#include "core/settings/config.h"
#include "win32/net/udp.h"

enum {
    OUTLETS_MAX = 1024, /* of one worker, whatever their addresses */
    OUTLETS_PLACES_MIN = 4,
    OUTLETS_EVENTS = MAXIMUM_WAIT_OBJECTS - 1, /* one place is left for the worker's own */
    OUTLETS_SHARE_MAX = (CONFIG_TRANSFER_PORTS_MAX + OUTLETS_MAX) / OUTLETS_EVENTS + 1 /* sockets of one event */
};

/* Where a transfer's datagrams leave. */
struct outlet {
    struct udp *udp;
    struct udp_arrival source; /* the local address, port 0, and its interface */
};

struct outlets_setup {
    HANDLE changed; /* is set when there is an event more to wait for */
    const struct config *config;
    uint32_t worker; /* which of them, from 0 */
    uint32_t workers;
};

struct outlets;

/* NULL when memory is out. */
struct outlets *outlets_open(const struct outlets_setup *setup);
void outlets_close(struct outlets *outlets);

/*
 * From now on this socket stands behind all of them (single-port mode), in place of one of its address that broke; it is
 * closed with them. False: there are too many.
 */
bool outlets_adopt(struct outlets *outlets, const struct udp *listening);
/* Closes a listening socket that is of no use any more: what is sent through it is lost. By the worker's thread. */
void outlets_break(struct outlets *outlets, struct udp *listening);

/*
 * One for a transfer whose client asked this local address. NULL with a Winsock error if there is none to be had: of a taken
 * port, or 0 when all are in use, which lasts a moment.
 */
const struct outlet *outlets_draw(struct outlets *outlets, const struct udp_arrival *asked, DWORD *error);
/* For one more user, so that it stays open until both have left. */
void outlets_share(struct outlets *outlets, const struct outlet *outlet);
void outlets_leave(struct outlets *outlets, const struct outlet *outlet);

/*
 * Which socket has something is told by an event that a few of them share, for a read that finds nothing costs as much
 * as one that does. handles receives so many of these events, of OUTLETS_EVENTS; the first is number `first` modulo
 * their count.
 */
uint32_t outlets_events(struct outlets *outlets, uint32_t first, HANDLE *handles);
/* The sockets of one event, those with transfers first; with_transfers receives their number. By the worker's thread. */
size_t outlets_of_event(struct outlets *outlets, uint32_t event, struct udp *sockets[OUTLETS_SHARE_MAX],
                        size_t *with_transfers);
/* The next socket with transfers behind *number, going round; NULL if there is none. By the worker's thread. */
struct udp *outlets_next_in_use(struct outlets *outlets, uint32_t *number);
/*
 * Somebody is about to wait for what comes to this one. If it was passed over while it had no transfers, what came late
 * may lie in it, of which its event is not told again: it is told now. By the worker's thread.
 */
void outlets_look(struct outlets *outlets, const struct outlet *outlet);
/* In single-port mode, whose sockets set the worker's event. By the worker's thread. */
size_t outlets_listening(struct outlets *outlets, struct udp **sockets, size_t most);
/* Closes what is retired. By the worker's thread. */
void outlets_retire(struct outlets *outlets, uint64_t now_ms);

#endif
