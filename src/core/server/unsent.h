/*
 * Datagrams that the system refuses to send, by reason: what it likely is, and what to do. To the protocol they are lost; an
 * administrator who is told that a client never answered has to know of them.
 */
#ifndef CORE_UNSENT_H
#define CORE_UNSENT_H

#include <stdbool.h>
#include <stdint.h>

enum { UNSENT_TELL_MS = 60 * 1000 /* one event of a reason in this time */ };

enum unsent {
    UNSENT_DENIED,     /* by a firewall of this machine */
    UNSENT_NO_ADDRESS, /* the local address it was to leave from is gone */
    UNSENT_NO_ROUTE,
    UNSENT_TOO_LONG, /* for the path, or the system */
    UNSENT_NO_BUFFERS,
    UNSENT_OTHER,
    UNSENT_REASONS
};

/* A clause: what it likely is, and what to do. */
const char *unsent_advice(enum unsent reason);

/* When each was told. All zero: never. Its owner guards it with a lock. */
struct unsent_told {
    uint64_t again_ms[UNSENT_REASONS];
};

/* True if an event is due; then the next one is UNSENT_TELL_MS later. */
bool unsent_is_to_be_told(struct unsent_told *told, enum unsent reason, uint64_t now_ms);

#endif
