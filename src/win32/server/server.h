/*
 * The whole data plane: sockets, listeners, workers, files. It starts, takes new parameters, pauses and stops; the
 * keepers above (service, console) need nothing else. Its calls come from one control thread.
 */
#ifndef WIN32_SERVER_H
#define WIN32_SERVER_H

#include "core/settings/config.h"
#include "win32/boot/companion.h"
#include "win32/log/journal.h"
#include "win32/server/snapshot.h"
#include "win32/system/progress.h"

struct server;

/* Which start-up step failed; also the service-specific exit code, so the numbers never change. */
enum server_failure {
    SERVER_STARTED = 0,
    SERVER_FAILED_DIRECTORY = 10,
    SERVER_FAILED_WINSOCK = 11,
    SERVER_FAILED_PORT_TAKEN = 12,
    SERVER_FAILED_LISTEN = 13,
    SERVER_FAILED_RESOURCES = 14
};

/*
 * Starts serving. On failure the reason has been put into the journal and nothing is left behind. error receives the
 * Win32 error of the failing call. config is copied.
 */
enum server_failure server_start(struct server **server, const struct config *config, struct journal *journal,
                                 DWORD *error);
/*
 * New transfers follow the new parameters. config becomes what they follow: those that need a restart keep their old value,
 * and so does Directory, with an event, where it cannot be opened. False without memory: nothing has changed.
 */
bool server_reload(struct server *server, struct config *config);
/* While paused, requests are not answered; running transfers go on. */
void server_pause(struct server *server, bool is_paused);

/* What is going on; list as in snapshot_take. Any thread, from server_start to server_stop. */
void server_look(struct server *server, struct snapshot *snapshot, struct snapshot_transfer *list);
/* Ends one transfer, telling its client. False if there is none with this id. Any thread. */
bool server_stop_transfer(struct server *server, uint32_t id);

/* The boot companion's part of it; list as in companion_look. Any thread. */
void server_look_boot(struct server *server, struct companion_state *state, struct companion_machine *list);
/* As companion_approve. Any thread. */
enum companion_approval server_approve(struct server *server, const char *who);

/* No new transfers from here on. Returns true when none runs any more; call again until then or until patience ends. */
bool server_drain(struct server *server, DWORD wait_ms);
/*
 * Ends what still runs, telling its clients, then everything else. It waits for whatever is at a disk, without end
 * where that does not answer: progress tells another thread how far it has come. last receives how it ended. Either may
 * be NULL.
 */
void server_stop(struct server *server, struct snapshot *last, struct progress *progress);

#endif
