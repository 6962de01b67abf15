/*
 * One file on its way: performs what the exchange asks, with sockets, files and the clock.
 */
#ifndef CLIENT_ERRAND_H
#define CLIENT_ERRAND_H

#include "client/console.h"
#include "core/client/result.h"

/* Runs it to its end. result->job is given; the rest is filled in. */
void errand_run(const struct command *command, struct console *console, struct result *result);
/* What result points at is the errand's until then. */
void errand_free(void);

#endif
