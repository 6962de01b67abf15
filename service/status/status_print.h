/*
 * A reply of the service as text for people, and as JSON.
 */
#ifndef SERVICE_STATUS_PRINT_H
#define SERVICE_STATUS_PRINT_H

#include "service/pipe/pipe_client.h"

/*
 * Text, its lines at most columns wide and rows in number (0: as many as there are). before may be NULL: an earlier reply
 * of the same service, so that rates are those of the time in between; else they are the average of each transfer. To be
 * freed by the caller; NULL when memory is out. Sorts the list.
 */
char *status_print_text(struct pipe_conversation *now, const struct pipe_conversation *before, unsigned columns,
                        unsigned rows);
/* An object; the same ownership. */
char *status_print_json(struct pipe_conversation *now);

#endif
