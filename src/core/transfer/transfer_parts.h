/*
 * What transfer*.c, download.c and upload.c share. Nobody else includes this.
 */
#ifndef CORE_TRANSFER_PARTS_H
#define CORE_TRANSFER_PARTS_H

#include "core/transfer/transfer.h"

/* A netascii upload may hold back one CR from each of the last two windows until the next byte decides. */
enum { UPLOAD_SPARE_BYTES = 2 };
/* A block that comes again so soon after its ACK was doubled on its way; no client repeats so fast (busybox: 100 ms). */
enum { UPLOAD_ECHO_MS = 50 };

/* How far a netascii download has been translated. */
struct netascii_cursor {
    uint64_t offset; /* of the file, before the next byte to translate */
    uint64_t block;  /* blocks made so far */
    struct netascii state;
};

/* The memory of a netascii download. */
struct netascii_work {
    struct netascii_cursor cursor;
    struct netascii_cursor checkpoint; /* not behind the last acknowledged block */
    uint8_t datagram[];                /* one block with its header */
};

/* Facts that end a transfer: with an ERROR owed to the client, or silently. */
void transfer_refuse(struct transfer *t, enum transfer_outcome outcome, enum status status);
void transfer_finish(struct transfer *t, enum transfer_outcome outcome);
/* The client moved on: retries start from zero, the wait from what is known of the round trip; so far it is believed. */
void transfer_progress(struct transfer *t, enum standing standing, uint64_t now_ms);

/* transfer_wait.c: how long a client has for its answer */

/* Sets the deadline. */
void transfer_arm(struct transfer *t, uint64_t now_ms);
/* Each repetition is waited for twice as long. */
void transfer_back_off(struct transfer *t);
/* When patience ends, whatever its client's timeout is and however often something was sent again. */
uint64_t transfer_silence_ends_ms(const struct transfer *t);

/* transfer_credit.c: bytes that may leave before a client is proven */

/* A request has come, and pays; a bare one for so many first blocks. */
void transfer_pay(struct transfer *t, uint32_t blocks);
/* False: this would be more than somebody who never answered has paid for. */
bool transfer_spend(struct transfer *t, const struct action *action);
/* What may leave between the first answer and the proof. */
uint32_t transfer_budget(const struct transfer *t, uint32_t unproven_bytes);

/* transfer.c */

/* Asks to send what lies in action->control. */
void transfer_ask_control(struct action *action, size_t size);

/* The block of [from, from + span] that has this number on the wire; UINT64_MAX if there is none. */
uint64_t transfer_block_from_wire(const struct transfer *t, uint64_t from, uint64_t span, uint16_t wire);

/* Each records facts of its direction. */
void download_begin(struct transfer *t);
void download_on_ack(struct transfer *t, const struct packet *packet, uint64_t now_ms);
void download_on_sent(struct transfer *t, uint32_t count, uint64_t now_ms);
void download_on_read(struct transfer *t, struct span bytes);
/* Everything behind the last acknowledged block is to be sent again. */
void download_rewind(struct transfer *t);
uint64_t download_bytes(const struct transfer *t);
enum transfer_outcome download_give_up(const struct transfer *t);

void upload_on_data(struct transfer *t, const struct packet *packet, uint64_t now_ms);
void upload_on_written(struct transfer *t);

/* What the facts lead to; false if there is nothing to do but wait. */
bool download_next(struct transfer *t, struct action *action);
bool upload_next(struct transfer *t, uint64_t now_ms, struct action *action);

#endif
