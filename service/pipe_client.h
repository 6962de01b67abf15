/*
 * The other end: one question to the running service, answered.
 */
#ifndef SERVICE_PIPE_CLIENT_H
#define SERVICE_PIPE_CLIENT_H

#include "service/pipe.h"

enum { PIPE_REASON_MAX = 512 };

struct pipe_conversation {
    struct pipe_reply reply;
    struct snapshot_transfer list[SNAPSHOT_TRANSFERS_MAX];
    DWORD error;                  /* of the last question; 0: it was answered */
    char reason[PIPE_REASON_MAX]; /* why not, and what to do */
};

/* Asks the service of that name. False with error and reason. */
bool pipe_client_ask(struct pipe_conversation *conversation, const char *service, enum pipe_verb verb, uint32_t id);

#endif
