/*
 * The parameters as a service has them: the registry, and over it the arguments of its ImagePath or of the console.
 */
#ifndef SERVICE_PARAMETERS_H
#define SERVICE_PARAMETERS_H

#include "service/words/arguments.h"

enum { PARAMETERS_REASON_MAX = 256 };

/*
 * service is whose key is read; last_good and report are those of registry_load. The start directory's %variables% are
 * expanded. Returns EXIT_OK, or EXIT_REGISTRY or EXIT_USAGE with the reason in words (PARAMETERS_REASON_MAX).
 */
int parameters_load(struct config *config, const char *service, const struct arguments *arguments,
                    const struct config *last_good, const struct registry_report *report, char *reason);

#endif
