/*
 * The desk: what runs each verb. The only room that knows them all.
 */
#ifndef SERVICE_DESK_H
#define SERVICE_DESK_H

#include "service/words/verbs.h"

/* words are the arguments behind the verb, NULL at the end. Returns the process's exit code. */
int desk_run(enum verb_id id, char **words);

#endif
