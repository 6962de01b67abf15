/*
 * What session.c and session_send.c share. Nobody else includes this.
 */
#ifndef WIN32_SESSION_PARTS_H
#define WIN32_SESSION_PARTS_H

#include "win32/disk/cache.h"
#include "win32/server/session.h"

/* Datagrams on their way; sizes and parts as udp_send_run has them. */
struct run {
    struct span *parts;
    size_t count;
    size_t datagram_size;
    uint32_t datagrams;
    bool is_new; /* blocks that were never sent before */
};

/*
 * Into the answer if there is one to fill, else to the client, if the session may speak. Returns how many are done
 * with, from the first on: the next one found no room, and is neither sent nor lost. One that the system refuses for
 * good is lost.
 */
uint32_t session_emit(struct session *session, const struct run *run, struct first_answer *answer);
/*
 * There was no room. True: the same is asked again when it is the session's turn. False: it has been so for long, and counts
 * as sent and lost.
 */
bool session_waits_for_room(struct session *session);

/* Pins the chunk with this number. Not CACHE_PINNED: the session is parked or starves, or status says what is wrong. */
enum cache_answer session_pin(struct session *session, uint32_t number, bool may_block, enum status *status);
/* What that could not give: who waits for a disk or for room, and who has failed. */
enum life_performed session_performed_of(enum cache_answer answer);

/* PERFORMED_WAITS: the transfer has its answer, and action what follows. */
enum life_performed session_send_blocks(struct session *session, struct action *action, uint64_t now_ms,
                                        struct first_answer *answer);

#endif
