/*
 * What a reply says of the boot companion: as lines, and as a member of a JSON object.
 */
#ifndef SERVICE_STATUS_BOOT_H
#define SERVICE_STATUS_BOOT_H

#include "service/pipe/pipe_client.h"
#include "service/status/lines.h"

/* Nothing while it is off. There are rows lines at most, if that is not 0. */
void status_boot_text(struct lines *lines, const struct pipe_conversation *now, unsigned rows);
/* "boot": {...}. */
void status_boot_json(struct json *json, const struct pipe_conversation *now);

#endif
