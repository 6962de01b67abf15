/*
 * What the service and the console have in common: the parameters (registry, then arguments over them), the journal
 * with its sinks, the server; started, reloaded and stopped in the right order. All calls come from one thread.
 */
#ifndef SERVICE_HOST_H
#define SERVICE_HOST_H

#include "registry/registry.h"
#include "service/tell/exitcodes.h"
#include "service/words/arguments.h"

struct host;

/*
 * Everything pointed at lives until host_stop has returned. screen is NULL in a service: then the event log is the
 * place, unless -f says otherwise. progress is called each second of host_start and of host_stop, but no more once nothing
 * got done for WATCHDOG_PATIENCE_S; also on a thread of its own, though never on two at a time. given_up is called by
 * that one before it ends the process, because a stop hangs at a disk or share that does not answer. Both may be NULL.
 */
struct host_setup {
    const char *service; /* the parameters are read from its key */
    const struct arguments *arguments;
    const struct journal_sink *screen;
    void (*progress)(void *context);
    void (*given_up)(void *context);
    void *context;
};

/*
 * EXIT_OK, or why it failed as an exit code (enum exit_code, enum server_failure). Then the reason was told in the logs
 * and nothing is left behind.
 */
int host_start(struct host **started, const struct host_setup *setup);
/* Reads the parameters again. A value that was refused stays as it was. */
void host_reload(struct host *host);
/*
 * Waits until asked is signalled, and takes care of everything else meanwhile: changes of the registry, questions of
 * `tftpd status`. HOST_DRAINED: somebody wanted it drained, and the last transfer has ended; then stop it.
 */
enum host_wake { HOST_ASKED, HOST_DRAINED };
enum host_wake host_wait(struct host *host, HANDLE asked);
/* To go on takes back a draining. */
void host_pause(struct host *host, bool is_paused);
/* Returns when all that was told so far is in the logs. */
void host_flush(struct host *host);
/*
 * Lets transfers finish for at most patience_s, or as long as the parameter DrainSeconds says if that is less. Where nothing
 * gets done for WATCHDOG_PATIENCE_S behind that, it is told (event 108) and the process ends with EXIT_STUCK.
 */
void host_stop(struct host *host, uint32_t patience_s);

#endif
