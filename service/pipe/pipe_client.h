/*
 * The other end: one question to the running service, answered.
 */
#ifndef SERVICE_PIPE_CLIENT_H
#define SERVICE_PIPE_CLIENT_H

#include "service/pipe/pipe.h"

enum { PIPE_REASON_MAX = 512 };

struct pipe_conversation {
    struct pipe_reply reply;
    struct snapshot_transfer list[SNAPSHOT_TRANSFERS_MAX];
    struct companion_machine machines[COMPANION_MACHINES_MAX];
    DWORD error;                  /* of the last question; 0: it was answered */
    char reason[PIPE_REASON_MAX]; /* why not, and what to do */
};

/* Asks the service of that name. False with error and reason. */
bool pipe_client_ask(struct pipe_conversation *conversation, const char *service, enum pipe_verb verb, uint32_t id);
/* The same with PIPE_APPROVE; machine is a MAC or a GUID. */
bool pipe_client_approve(struct pipe_conversation *conversation, const char *service, const char *machine);

/* Whether the last question failed because nobody is there: no service at all, or one that ended while it was asked.
 * DisconnectNamedPipe gives its client ERROR_PIPE_NOT_CONNECTED, a closed handle ERROR_BROKEN_PIPE or ERROR_NO_DATA. */
bool pipe_client_finds_nobody(const struct pipe_conversation *conversation);

#endif
