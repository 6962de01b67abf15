/*
 * The whole data plane in this process, in a fresh start directory, with a journal that keeps what it is told.
 */
#ifndef WIN32_TESTS_HOUSE_H
#define WIN32_TESTS_HOUSE_H

#include "files.h"

#include "win32/server/server.h"

enum { HOUSE_EVENTS_MAX = 4096, HOUSE_TEXT_MAX = 400 };

struct house {
    const char *directory;
    struct config config;
    struct journal *journal;
    struct server *server; /* NULL while it does not run */
    DWORD error;           /* of the last start */
    volatile LONG told;
    struct {
        uint16_t id;
        char text[HOUSE_TEXT_MAX];
    } events[HOUSE_EVENTS_MAX];
};

/* Parameters for tests: a fresh directory, everybody may write, one second of timeout, a small cache, few threads. */
void house_prepare(struct house *house);
/* As --set would; fails the test if the value is refused. */
void house_set(struct house *house, const char *name, const char *value);
enum server_failure house_start(struct house *house);
/* house_prepare and house_start. */
void house_open(struct house *house);
/* Stops what runs and closes the journal; from then on its events are complete. */
void house_close(struct house *house);
/* The last two as a test's own setup and teardown; state becomes the one house of the program. */
int house_setup(void **state);
int house_teardown(void **state);

const char *house_path(const struct house *house, const char *name);

unsigned house_count(const struct house *house, enum event_id id);
/* Waits until this event has been told, and returns its text; "" after PATIENCE_MS. */
const char *house_hear(const struct house *house, enum event_id id);
/* How things are now, without the list. */
struct snapshot house_look(const struct house *house);
/*
 * A client hears how its transfer ended, and the journal is told, a moment before it is over: this waits until so many
 * run, and everything that began is either among them or counted as ended. The one picture of that moment; fails the
 * test after PATIENCE_MS.
 */
struct snapshot house_rest(const struct house *house, uint32_t running);

#endif
