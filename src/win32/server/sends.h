/*
 * How datagrams fare on their way out, for the whole process: those that the system refuses are counted by reason and
 * told, an address that it does not let them leave from is told, and segmentation ends where it does harm
 * (core/transfer/segmentation). Any thread; where nothing goes wrong no lock is taken.
 */
#ifndef WIN32_SENDS_H
#define WIN32_SENDS_H

#include "win32/server/shared.h"

/* The parameter, at the start and whenever it may have changed; a change forgets what was learnt. */
void sends_configure(struct shared *shared, bool is_segmentation_wanted);

/* Whether new blocks may leave in one call. */
bool sends_may_segment(struct shared *shared);
void sends_hear_of_segmentation(struct shared *shared, enum segmentation_news news);

/* What became of datagrams to this client; source is where they were to leave, or NULL. */
void sends_hear(struct shared *shared, const struct endpoint *to, const struct udp_arrival *source,
                const struct udp_sent *sent);

/* The reason that a Winsock error means. */
enum unsent sends_reason(int error);

#endif
