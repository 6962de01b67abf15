/*
 * The files that * and ? of a put match: cmd matches none, and neither does the C runtime here.
 */
#ifndef CLIENT_PATTERN_H
#define CLIENT_PATTERN_H

#include "core/client/command.h"

/* In place of each name with a pattern, the files that match it. False: see command->problem. */
bool pattern_expand(struct command *command);

#endif
