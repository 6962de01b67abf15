/*
 * What host.c, host_reload.c, host_stop.c and host_pipe.c share. Nobody else includes this.
 */
#ifndef SERVICE_HOST_PARTS_H
#define SERVICE_HOST_PARTS_H

#include "service/keep/counters.h"
#include "service/keep/host.h"
#include "service/pipe/pipe_server.h"
#include "service/tell/logs.h"
#include "service/words/parameters.h"

#include <stdatomic.h>

enum {
    HOST_REASON_MAX = PARAMETERS_REASON_MAX,
    HOST_FLUSH_MS = 5000,
    HOST_POLICY_DOUBT_MS = 2000, /* so long a policy that has gone is taken for one that is being written anew */
    HOST_VALUE_MAX = 200         /* of a value that is told */
};

struct host {
    struct host_setup setup;
    SRWLOCK config_lock;   /* held while config changes: the pipe's thread reads it */
    struct config config;  /* in force; the control thread's */
    struct config awaited; /* as last read: what needs a restart may differ from what is in force */
    struct logs *logs;
    struct journal *journal; /* of the logs */
    struct server *server;
    struct watch *watch;       /* NULL: the registry cannot tell of changes */
    struct pipe_server *pipe;  /* NULL: nobody can ask */
    struct counters *counters; /* NULL: the system offers none */
    HANDLE drain;              /* set when somebody wants it drained */
    uint64_t started_ms;
    uint64_t doubt_ends_ms; /* when policies that have gone are to be read once more; 0: none has */
    bool is_paused;
    atomic_bool is_draining;
};

/* host.c */
void host_tell(struct host *host, enum event_id id, const char *name, const char *detail);
/* Lets the keeper above know that it goes on. */
void host_step(const struct host *host);
/*
 * As parameters_load, and tells what there is to say; refused counts the values that were. Without last_good the host
 * starts.
 */
int host_load_and_tell(struct host *host, struct config *config, const struct config *last_good, unsigned *refused);
/* Rules that match nothing are kept, and told. */
void host_tell_doubts(struct host *host, const struct config *config, const struct config_parameter *parameter);
/* As the parameters in force want it. */
void host_limit_journal(struct host *host);
/* What is left when the server is not there, or no more: the logs and what watches the registry. */
void host_close_all(struct host *host);

/*
 * host_reload.c: reads the parameters again. Nothing is told where nothing has changed and nobody asked. Policies that have
 * gone are believed to only by the reading when doubt_ends_ms has come.
 */
enum host_reading { HOST_READS_ASKED, HOST_READS_CHANGE, HOST_READS_POLICIES_GONE };
void host_read_again(struct host *host, enum host_reading why);

/* host_pipe.c: lets `tftpd status` and Performance Monitor ask; where that is not possible the service does without. */
void host_open_pipe(struct host *host);
void host_close_pipe(struct host *host);

#endif
