/*
 * What sounding*.c share. Nobody else includes this.
 */
#ifndef CORE_PROBE_SOUNDING_PARTS_H
#define CORE_PROBE_SOUNDING_PARTS_H

#include "core/probe/sounding.h"

/* sounding.c */

/* It is over as soon as the server was told, if that has answered. */
void sounding_finish(struct sounding *s, enum sounding_end end, uint64_t now_ms);
void sounding_owe_ack(struct sounding *s, uint64_t now_ms);

/* sounding_request.c */

/* The size, or 0: it does not fit. */
size_t sounding_encode_request(const struct sounding_setup *setup, uint8_t *bytes);
/* False: the OACK breaks RFC 2347, 2348, 2349 or 7440. */
bool sounding_take_options(struct sounding *s, const struct packet *packet);

/* sounding_receive.c */

void sounding_receive_begin(struct sounding *s, const struct packet *answer, uint64_t now_ms);
void sounding_receive_data(struct sounding *s, const struct packet *packet, uint64_t now_ms);
void sounding_receive_timer(struct sounding *s, uint64_t now_ms);

/* sounding_manners.c */

void sounding_play(struct sounding *s, uint64_t now_ms);
void sounding_watch(struct sounding *s, uint8_t line, const struct packet *packet, uint64_t now_ms);

#endif
