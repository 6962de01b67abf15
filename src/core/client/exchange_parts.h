/*
 * What exchange*.c share. Nobody else includes this.
 */
#ifndef CORE_CLIENT_EXCHANGE_PARTS_H
#define CORE_CLIENT_EXCHANGE_PARTS_H

#include "core/client/exchange.h"

/* exchange.c */

/* Ends it; the server is told with an ERROR, if one has answered. */
void exchange_fail(struct exchange *x, enum cause cause);
/* An ERROR leaves before anything else. */
void exchange_owe_error(struct exchange *x, uint8_t line, const struct endpoint *to, uint16_t code, const char *text);
/* All data is on its other side. */
void exchange_end(struct exchange *x, uint64_t now_ms);
void exchange_ask_control(struct exchange_action *action, uint8_t line, const struct endpoint *to, size_t size);

/* exchange_request.c: what is asked, what the server makes of it, and with how much less it is tried again */

void request_begin(struct exchange *x, uint64_t now_ms);
/* False: there is nothing to do but wait. */
bool request_next(struct exchange *x, struct exchange_action *action);
/* There is no port for what was to be asked. True: something is asked from the one that is there. */
bool request_without_port(struct exchange *x);
void request_on_sent(struct exchange *x, uint64_t now_ms);
void request_on_timer(struct exchange *x, uint64_t now_ms);
void request_on_unreachable(struct exchange *x);
/* A datagram from the server's address while no attempt is answered. */
void request_on_packet(struct exchange *x, uint8_t line, const struct endpoint *from, const struct packet *packet,
                       uint64_t now_ms);
/* The server's last word. */
void request_on_error(struct exchange *x, const struct endpoint *from, const struct packet *packet);
/* Writes the request into bytes, of EXCHANGE_REQUEST_MAX; returns its size, or 0 if it is too long. */
size_t request_encode(const struct exchange *x, bool is_bare, uint8_t *bytes);
/* An attempt before this one was answered, so the server is there. */
bool request_is_begun_anew(const struct exchange *x);
/*
 * A wait was in vain, or a window did not arrive whole. True if that was once too often: the next shorter blocks, or the next
 * smaller window, are asked for in an attempt of its own. False where there is nothing smaller, too.
 */
bool request_after_silence(struct exchange *x, uint64_t now_ms);
bool request_after_torn_window(struct exchange *x, uint64_t now_ms);

/* exchange_get.c */

void get_begin(struct exchange *x, const struct packet *answer, uint64_t now_ms);
void get_on_packet(struct exchange *x, const struct packet *packet, uint64_t now_ms);
void get_on_opened(struct exchange *x, uint64_t now_ms);
void get_on_written(struct exchange *x, uint64_t now_ms);
void get_on_sent(struct exchange *x, uint64_t now_ms);
void get_on_timer(struct exchange *x, uint64_t now_ms);
bool get_next(struct exchange *x, struct exchange_action *action);

/* exchange_put.c */

void put_begin(struct exchange *x, uint64_t now_ms);
void put_on_packet(struct exchange *x, const struct packet *packet, uint64_t now_ms);
void put_on_read(struct exchange *x, struct span bytes);
void put_on_sent(struct exchange *x, uint64_t now_ms);
void put_on_timer(struct exchange *x, uint64_t now_ms);
bool put_next(struct exchange *x, struct exchange_action *action);
/* Nothing but ACKs is missing, as far as is known here; the server may have it all, and have closed the file. */
bool put_has_sent_all(const struct exchange *x);

/* exchange_wait.c */

/* As long as the repetitions of a request take. */
uint64_t wait_patience_ms(const struct exchange *x);
/* As long as an answer takes, and no longer than a wait that was backed off: one late answer says little of the next. */
uint32_t wait_of_trip_ms(const struct exchange *x);
/* Before repetition number `repeats` of a request. */
uint32_t wait_of_request_ms(const struct exchange *x, uint32_t repeats);
/* The server moved on. */
void wait_progress(struct exchange *x, uint64_t now_ms);
/* From now on; patience bounds it. */
void wait_arm(struct exchange *x, uint64_t now_ms);
/* A wait was in vain: the next is twice as long. False: patience is at its end. */
bool wait_again(struct exchange *x, uint64_t now_ms);
void wait_sample(struct exchange *x, uint64_t since_ms, uint64_t now_ms);

#endif
