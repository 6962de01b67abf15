/*
 * The original's arguments, wherever they come from (ImagePath, `sc start`, the console): -dDIRECTORY, -e, -f, and the
 * console's --set NAME=VALUE.
 */
#ifndef SERVICE_ARGUMENTS_H
#define SERVICE_ARGUMENTS_H

#include "registry/registry.h"

enum { ARGUMENTS_SET_MAX = 64 };

struct arguments {
    char directory[CONFIG_DIRECTORY_MAX]; /* empty: not given */
    bool wants_event_log;
    bool wants_log_file;
    size_t set_count;
    char *set[ARGUMENTS_SET_MAX]; /* "NAME=VALUE" as given, owned by the caller of arguments_read */
};

/*
 * Reads one argument (behind the verb, if there is one) into arguments. "-dD:\images" and "-d D:\images" are both
 * taken (next is the following argument or NULL). Returns how many of the two were used, or 0 with a problem in words
 * that do not repeat the argument.
 */
int arguments_read(struct arguments *arguments, char *argument, char *next, struct config_problem *problem);

/*
 * Lays the directory and the --set values over a config that the registry filled. One that would change what a policy
 * sets has to make sense, too, but has no effect; report hears of it.
 */
bool arguments_apply(const struct arguments *arguments, struct config *config, const struct registry_report *report,
                     struct config_problem *problem);

#endif
