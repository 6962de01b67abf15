#include "client.h"
#include "wire.h"

#include <stdlib.h>

void fetcher_init(struct fetcher *f, uint32_t blksize, uint32_t window, unsigned rollover)
{
    memset(f, 0, sizeof *f);
    f->blksize = blksize;
    f->window = window;
    f->rollover = rollover;
}

void fetcher_free(struct fetcher *f)
{
    free(f->bytes);
    f->bytes = NULL;
}

static void reply(struct fetcher *f)
{
    ASSERT(f->reply_count < CLIENT_REPLIES_MAX);
    f->replies[f->reply_count++] = f->last;
    f->since_ack = 0;
}

static void keep(struct fetcher *f, struct span payload)
{
    if (f->size + payload.size > f->capacity) {
        f->capacity = (f->size + payload.size) * 2;
        f->bytes = realloc(f->bytes, f->capacity);
        ASSERT(f->bytes != NULL);
    }
    if (payload.size > 0)
        memcpy(f->bytes + f->size, payload.bytes, payload.size);
    f->size += payload.size;
}

static void take_data(struct fetcher *f, uint16_t block, struct span payload)
{
    bool is_next = block == wire_after(f->last, f->rollover);

    f->has_begun = true;
    if (f->is_done || !is_next) {
        if (f->acks_every_stray || !f->has_acked_gap || f->is_done)
            reply(f);
        f->has_acked_gap = true;
        return;
    }
    ASSERT(payload.size <= f->blksize);
    f->has_acked_gap = false;
    f->last = block;
    keep(f, payload);
    f->is_done = payload.size < f->blksize;
    if (++f->since_ack == f->window || f->is_done)
        reply(f);
}

void fetcher_take(void *fetcher, struct span datagram)
{
    struct fetcher *f = fetcher;
    uint16_t opcode = read_u16(datagram.bytes);

    if (opcode == 6 && !f->has_begun)
        reply(f);
    if (opcode == 3)
        take_data(f, read_u16(datagram.bytes + 2), span_of(datagram.bytes + 4, datagram.size - 4));
}

bool fetcher_next_reply(struct fetcher *f, uint16_t *block)
{
    if (f->reply_count == 0)
        return false;
    *block = f->replies[0];
    f->reply_count--;
    memmove(f->replies, f->replies + 1, f->reply_count * sizeof f->replies[0]);
    return true;
}

void fetcher_timeout(struct fetcher *f)
{
    f->has_acked_gap = false;
    reply(f);
}

void storer_init(struct storer *s, const void *bytes, size_t size, uint32_t blksize, uint32_t window, unsigned rollover)
{
    *s = (struct storer){.bytes = bytes,
                         .size = size,
                         .blksize = blksize,
                         .window = window,
                         .rollover = rollover,
                         .last = size / blksize + 1};
}

static void rewind_to_acked(struct storer *s)
{
    s->sent = s->acked;
    s->sent_number = s->acked_number;
}

void storer_take(void *storer, struct span datagram)
{
    struct storer *s = storer;
    uint16_t opcode = read_u16(datagram.bytes);
    uint16_t number = s->acked_number;

    if (opcode == 6) {
        s->has_begun = true;
        return;
    }
    if (opcode != 4)
        return;
    uint16_t acked = read_u16(datagram.bytes + 2);
    s->has_begun = true;
    for (uint64_t block = s->acked + 1; block <= s->sent; block++) {
        number = wire_after(number, s->rollover);
        if (number != acked)
            continue;
        s->acked = block;
        s->acked_number = number;
        rewind_to_acked(s); /* what was sent beyond it is lost, as far as the server says */
        s->is_done = s->acked == s->last;
        return;
    }
    if (s->window > 1 && acked == s->acked_number)
        rewind_to_acked(s);
}

size_t storer_next(struct storer *s, uint8_t *datagram)
{
    if (!s->has_begun || s->is_done || s->sent == s->last || s->sent - s->acked >= s->window)
        return 0;
    size_t offset = (size_t)s->sent * s->blksize;
    size_t size = s->size - offset < s->blksize ? s->size - offset : s->blksize;
    s->sent++;
    s->sent_number = wire_after(s->sent_number, s->rollover);
    write_u16(datagram, 3);
    write_u16(datagram + 2, s->sent_number);
    if (size > 0)
        memcpy(datagram + 4, s->bytes + offset, size);
    return size + 4;
}

void storer_timeout(struct storer *s)
{
    rewind_to_acked(s);
}
