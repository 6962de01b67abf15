/*
 * tftp probe and tftp size: performs what the probe asks, with sockets, the clock and the console.
 */
#ifndef CLIENT_DOCTOR_H
#define CLIENT_DOCTOR_H

#include "client/console.h"

/* Runs it to its end, and tells what it has found. Returns the exit code. program: the path of this one. */
int doctor_run(const struct command *command, struct console *console, const struct job *job, const char *program);

#endif
