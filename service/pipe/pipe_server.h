/*
 * The service's end of the pipe: one thread that answers one client at a time. Only administrators and the system reach it,
 * and whoever runs `tftpd run` his own; remote clients are rejected by the system.
 */
#ifndef SERVICE_PIPE_SERVER_H
#define SERVICE_PIPE_SERVER_H

#include "service/pipe/pipe.h"

struct pipe_server;

/* What is asked is done by these, on the pipe's thread. */
struct pipe_server_setup {
    const char *service;
    bool is_console; /* then its user may ask, too */
    void *context;
    /* Fills in all but magic, sizes, version and answer; list has room for SNAPSHOT_TRANSFERS_MAX. */
    void (*describe)(void *context, struct pipe_reply *reply, struct snapshot_transfer *list);
    /* The same for reply->boot; machines has room for COMPANION_MACHINES_MAX. */
    void (*describe_boot)(void *context, struct companion_state *boot, struct companion_machine *machines);
    bool (*stop_transfer)(void *context, uint32_t id);
    enum companion_approval (*approve)(void *context, const char *machine);
    void (*drain)(void *context);
};

/* NULL with the Win32 error; ERROR_ACCESS_DENIED means that another process has a pipe of this name. */
struct pipe_server *pipe_server_open(const struct pipe_server_setup *setup, DWORD *error);
/* Does not wait for clients. */
void pipe_server_close(struct pipe_server *server);

#endif
