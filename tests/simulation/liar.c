#include "liar.h"

#include "core/client/exchange.h"
#include "errand.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_TID = 3000, TIMEOUT_MS = 1000, REPEATS_MAX = 5, OTHER_HOST = 2, PORT_69 = 69 };

const struct lie lies[] = {
    {.name = "an honest server", .kind = LIE_NONE},
    {.name = "an honest server with two transfers", .kind = LIE_TWO_ANSWERS},
    {.name = "options are ignored", .kind = LIE_NO_OPTIONS},
    {.name = "options draw ERROR 0", .kind = LIE_REFUSES_OPTIONS, .fallbacks = FALLBACK_BARE},
    {.name = "options draw ERROR 4", .kind = LIE_REFUSES_OPTIONS, .number = 4, .fallbacks = FALLBACK_BARE},
    {.name = "options draw ERROR 8", .kind = LIE_REFUSES_OPTIONS, .number = 8, .fallbacks = FALLBACK_BARE},
    {.name = "options draw silence", .kind = LIE_DROPS_OPTIONS, .fallbacks = FALLBACK_BARE},
    {.name = "OACK with a larger blksize", .kind = LIE_OACK, .text = "blksize 65464", .fallbacks = FALLBACK_BARE},
    {.name = "OACK with blksize 7", .kind = LIE_OACK, .text = "blksize 7", .fallbacks = FALLBACK_BARE},
    {.name = "OACK with windowsize 0", .kind = LIE_OACK, .text = "windowsize 0", .fallbacks = FALLBACK_BARE},
    {.name = "OACK with an option that was not asked",
     .kind = LIE_OACK,
     .text = "timeout 5",
     .fallbacks = FALLBACK_BARE},
    {.name = "OACK with blksize twice",
     .kind = LIE_OACK,
     .text = "blksize 512 blksize 512",
     .fallbacks = FALLBACK_BARE},
    {.name = "OACK with no number", .kind = LIE_OACK, .text = "blksize large", .fallbacks = FALLBACK_BARE},
    {.name = "OACK to a bare request",
     .kind = LIE_OACK_ALWAYS,
     .text = "blksize 65464",
     .get = RESULT_CAUSE,
     .put = RESULT_CAUSE,
     .get_cause = CAUSE_PROTOCOL,
     .put_cause = CAUSE_PROTOCOL},
    {.name = "tsize one too small", .kind = LIE_SIZE, .number = -1, .get = RESULT_CAUSE, .get_cause = CAUSE_WRONG_SIZE},
    {.name = "tsize one too large", .kind = LIE_SIZE, .number = 1, .get = RESULT_CAUSE, .get_cause = CAUSE_WRONG_SIZE},
    {.name = "silence",
     .kind = LIE_SILENT,
     .get = RESULT_CAUSE,
     .put = RESULT_CAUSE,
     .get_cause = CAUSE_NO_ANSWER,
     .put_cause = CAUSE_NO_ANSWER},
    {.name = "silence after 1",
     .kind = LIE_SILENT_AFTER,
     .number = 1,
     .get = RESULT_CAUSE,
     .put = RESULT_EITHER,
     .get_cause = CAUSE_STOPPED},
    {.name = "silence after 3", .kind = LIE_SILENT_AFTER, .number = 3, .get = RESULT_EITHER, .put = RESULT_EITHER},
    {.name = "silence after 20", .kind = LIE_SILENT_AFTER, .number = 20, .get = RESULT_EITHER, .put = RESULT_EITHER},
    {.name = "no last ACK", .kind = LIE_NO_LAST_ACK, .put = RESULT_CAUSE, .put_cause = CAUSE_UNCONFIRMED},
    {.name = "ERROR 1",
     .kind = LIE_ERROR,
     .number = 1,
     .get = RESULT_CAUSE,
     .put = RESULT_CAUSE,
     .get_cause = CAUSE_SERVER_ERROR,
     .put_cause = CAUSE_SERVER_ERROR,
     .code = 1},
    {.name = "ERROR 2",
     .kind = LIE_ERROR,
     .number = 2,
     .get = RESULT_CAUSE,
     .put = RESULT_CAUSE,
     .get_cause = CAUSE_SERVER_ERROR,
     .put_cause = CAUSE_SERVER_ERROR,
     .code = 2},
    {.name = "ERROR 3",
     .kind = LIE_ERROR,
     .number = 3,
     .get = RESULT_CAUSE,
     .put = RESULT_CAUSE,
     .get_cause = CAUSE_SERVER_ERROR,
     .put_cause = CAUSE_SERVER_ERROR,
     .code = 3},
    {.name = "ERROR 6",
     .kind = LIE_ERROR,
     .number = 6,
     .get = RESULT_CAUSE,
     .put = RESULT_CAUSE,
     .get_cause = CAUSE_SERVER_ERROR,
     .put_cause = CAUSE_SERVER_ERROR,
     .code = 6},
    {.name = "ERROR 99",
     .kind = LIE_ERROR,
     .number = 99,
     .get = RESULT_CAUSE,
     .put = RESULT_CAUSE,
     .get_cause = CAUSE_SERVER_ERROR,
     .put_cause = CAUSE_SERVER_ERROR,
     .code = 99},
    {.name = "ERROR 0, whatever is asked",
     .kind = LIE_ERROR,
     .get = RESULT_CAUSE,
     .put = RESULT_CAUSE,
     .get_cause = CAUSE_SERVER_ERROR,
     .put_cause = CAUSE_SERVER_ERROR},
    {.name = "ERROR 0 in the middle", .kind = LIE_ERROR_AFTER, .get = RESULT_EITHER, .put = RESULT_EITHER},
    {.name = "each packet twice", .kind = LIE_DOUBLES, .number = 2},
    {.name = "each packet five times", .kind = LIE_DOUBLES, .number = 5},
    {.name = "every third block is skipped", .kind = LIE_SKIPS, .number = 3},
    {.name = "packets are swapped", .kind = LIE_SWAPS},
    {.name = "every fourth block has a wrong number", .kind = LIE_NUMBERS, .number = 4},
    {.name = "every fourth packet has no opcode",
     .kind = LIE_OPCODES,
     .number = 4,
     .get = RESULT_EITHER,
     .put = RESULT_EITHER},
    {.name = "every fifth packet comes from another port",
     .kind = LIE_OTHER_PORT,
     .number = 5,
     .get = RESULT_EITHER,
     .put = RESULT_EITHER},
    {.name = "it moves to another port", .kind = LIE_MOVES, .number = 3, .get = RESULT_EITHER, .put = RESULT_EITHER},
    {.name = "another host answers",
     .kind = LIE_OTHER_HOST,
     .get = RESULT_CAUSE,
     .put = RESULT_CAUSE,
     .get_cause = CAUSE_OTHER_ADDRESS,
     .put_cause = CAUSE_OTHER_ADDRESS},
    {.name = "block 1 is too long",
     .kind = LIE_TOO_LONG,
     .number = 1,
     .get = RESULT_CAUSE,
     .get_cause = CAUSE_PROTOCOL},
    {.name = "block 3 is too long", .kind = LIE_TOO_LONG, .number = 3, .get = RESULT_EITHER},
    {.name = "the file never ends", .kind = LIE_ENDLESS, .get = RESULT_EITHER},
    {.name = "block 2 is cut", .kind = LIE_CUTS, .number = 2, .get = RESULT_EITHER},
    {.name = "each answer takes 700 ms", .kind = LIE_SLOW, .number = 700},
    {.name = "each answer takes 1900 ms", .kind = LIE_SLOW, .number = 1900},
    {.name = "more than 1400 bytes are lost", .kind = LIE_BLOCKS_LOST, .number = 1400, .fallbacks = FALLBACK_BLOCKS},
    {.name = "more than 1000 bytes are lost", .kind = LIE_BLOCKS_LOST, .number = 1000, .fallbacks = FALLBACK_BLOCKS},
    {.name = "of a burst four arrive", .kind = LIE_WINDOW_LOST, .number = 4, .fallbacks = FALLBACK_WINDOW},
    {.name = "of a burst one arrives", .kind = LIE_WINDOW_LOST, .number = 1, .fallbacks = FALLBACK_WINDOW},
    {.name = "1 follows 65535", .kind = LIE_ROLLOVER_1},
    {.name = "the OACK again before each block", .kind = LIE_OACK_AGAIN},
    {.name = "ACKs of what was not sent", .kind = LIE_ACKS_AHEAD},
    {.name = "an ACK of each block", .kind = LIE_ACKS_EACH},
    {.name = "noise", .kind = LIE_NOISE},
};
const uint32_t lie_count = sizeof lies / sizeof lies[0];

static bool is(const struct liar *liar, enum lie_kind kind)
{
    return liar->lie->kind == kind;
}

void liar_make(struct liar *liar, const struct lie *lie, struct span file, struct span expected)
{
    memset(liar, 0, sizeof *liar);
    liar->lie = lie;
    liar->file = file;
    liar->expected = expected;
}

void liar_free(struct world *w, struct liar *liar)
{
    for (uint32_t i = 0; i < liar->talk_count; i++)
        world_free(w, liar->talks[i].stored);
    world_free(w, liar->kept);
}

/* -- what leaves -- */

static struct endpoint source_of(const struct liar *liar, const struct talk *t)
{
    struct endpoint from = t->tid;
    uint32_t number = (uint32_t)liar->lie->number;

    if (is(liar, LIE_OTHER_HOST))
        from = world_address(OTHER_HOST, t->tid.port);
    if (is(liar, LIE_OTHER_PORT) && liar->packets % number == number - 1)
        from.port += 1000;
    if (is(liar, LIE_MOVES) && liar->packets >= number)
        from.port += 1000;
    return from;
}

/* What the network loses of a burst, or for its length; the same for what the client sends. */
static bool is_swallowed(const struct world *w, const struct liar *liar, size_t size, uint32_t *burst, uint64_t *at_ms)
{
    if (*at_ms != w->now_ms)
        *burst = 0;
    *at_ms = w->now_ms;
    (*burst)++;
    if (is(liar, LIE_BLOCKS_LOST))
        return size > (size_t)liar->lie->number;
    return is(liar, LIE_WINDOW_LOST) && *burst > (uint32_t)liar->lie->number;
}

static void hand_over(struct world *w, const struct endpoint *from, const struct endpoint *to, const uint8_t *bytes,
                      size_t size)
{
    network_send(w, from, to, span_of(bytes, size), span_of(NULL, 0));
}

static void swap(struct world *w, struct liar *liar, const struct endpoint *from, const struct endpoint *to,
                 const uint8_t *bytes, size_t size)
{
    struct datagram *kept = liar->kept;

    liar->kept = NULL;
    if (kept == NULL) {
        liar->kept = network_copy(w, from, to, span_of(bytes, size), span_of(NULL, 0));
        return;
    }
    hand_over(w, from, to, bytes, size);
    hand_over(w, &kept->from, &kept->to, kept->bytes, kept->size);
    world_free(w, kept);
}

static void send(struct world *w, struct liar *liar, struct talk *t, uint8_t *bytes, size_t size)
{
    struct endpoint from = source_of(liar, t);
    uint32_t number = (uint32_t)liar->lie->number;

    liar->packets++;
    if (is(liar, LIE_SILENT_AFTER) && liar->packets > number)
        return;
    if (is(liar, LIE_OPCODES) && liar->packets % number == 0)
        bytes[1] = (uint8_t)(7 + world_random(w, 200));
    if (is_swallowed(w, liar, size, &t->burst, &t->burst_ms))
        return;
    if (is(liar, LIE_NOISE)) {
        uint8_t noise[32];
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)world_random(w, i < 2 ? 2 : 256);
        /* No ERROR, and no block that is awaited: that would be no noise. */
        noise[1] = (uint8_t)(world_random(w, 2) ? 0 : 9);
        hand_over(w, &from, &t->client, noise, world_random(w, sizeof noise));
    }
    if (is(liar, LIE_SWAPS)) {
        swap(w, liar, &from, &t->client, bytes, size);
        return;
    }
    for (uint32_t copies = is(liar, LIE_DOUBLES) ? number : 1; copies > 0; copies--)
        hand_over(w, &from, &t->client, bytes, size);
}

static void send_error(struct world *w, struct liar *liar, struct talk *t, uint16_t code)
{
    uint8_t bytes[] = {0, 5, (uint8_t)(code >> 8), (uint8_t)code, 'n', 'o', 0};

    send(w, liar, t, bytes, sizeof bytes);
    t->is_over = true;
}

static uint16_t wire(const struct liar *liar, uint64_t block)
{
    if (!is(liar, LIE_ROLLOVER_1) || block == 0)
        return (uint16_t)block;
    return (uint16_t)((block - 1) % 65535 + 1);
}

static uint64_t last_block(const struct liar *liar, const struct talk *t)
{
    return is(liar, LIE_ENDLESS) ? UINT64_MAX : liar->file.size / t->blksize + 1;
}

static void send_block(struct world *w, struct liar *liar, struct talk *t, uint64_t block)
{
    static uint8_t bytes[4 + LIAR_BLKSIZE_MAX + 1];
    uint64_t offset = (block - 1) * t->blksize;
    uint64_t left = offset < liar->file.size ? liar->file.size - offset : 0;
    size_t size = left < t->blksize ? (size_t)left : t->blksize;
    int32_t number = liar->lie->number;
    bool is_first = block > t->skipped;
    uint16_t block_number = wire(liar, block);

    if (is(liar, LIE_ENDLESS))
        size = t->blksize;
    if (is(liar, LIE_ENDLESS))
        memset(bytes + 4, 'x', size);
    else if (size > 0)
        memcpy(bytes + 4, liar->file.bytes + offset, size);
    if (is(liar, LIE_TOO_LONG) && block == (uint64_t)number)
        size = t->blksize + 1;
    /* Where no size was told nobody can know. */
    if (is(liar, LIE_CUTS) && t->has_oack && block == (uint64_t)number && size > 0)
        size--;
    if (is_first)
        t->skipped = block;
    if (is(liar, LIE_SKIPS) && is_first && block % (uint64_t)number == 0)
        return;
    if (is(liar, LIE_NUMBERS) && is_first && block % (uint64_t)number == 0)
        block_number = (uint16_t)(block_number + 1000);
    bytes[0] = 0;
    bytes[1] = 3;
    write_u16(bytes + 2, block_number);
    send(w, liar, t, bytes, size + 4);
}

static void send_ack(struct world *w, struct liar *liar, struct talk *t)
{
    uint8_t bytes[4] = {0, 4};

    write_u16(bytes + 2, (uint16_t)(t->received + (is(liar, LIE_ACKS_AHEAD) && world_chance(w, 300) ? 500 : 0)));
    t->answered = t->received;
    send(w, liar, t, bytes, sizeof bytes);
}

static void arm(struct world *w, struct liar *liar, struct talk *t, uint32_t ms)
{
    t->due_ms = w->now_ms + ms;
    world_at(w, t->due_ms, MOMENT_WORKER, (uint32_t)(t - liar->talks), NULL);
}

/* -- requests -- */

/* The OACK, and what it agrees to; 0: there is none. */
static size_t answer_options(const struct liar *liar, struct talk *t, const struct packet *request, uint8_t *bytes)
{
    size_t used = 2;
    char text[64];

    bytes[0] = 0;
    bytes[1] = 6;
    for (unsigned i = 0; i < request->option_count && !is(liar, LIE_NO_OPTIONS); i++) {
        const char *name = (const char *)request->options[i].name.bytes;
        unsigned long value = strtoul((const char *)request->options[i].value.bytes, NULL, 10);
        if (strcmp(name, "msftwindow") == 0)
            continue;
        if (strcmp(name, "tsize") == 0)
            value = t->is_put ? value : liar->file.size + (uint64_t)(is(liar, LIE_SIZE) ? liar->lie->number : 0);
        else if (strcmp(name, "blksize") == 0)
            t->blksize = (uint32_t)(value < LIAR_BLKSIZE_MAX ? value : LIAR_BLKSIZE_MAX);
        else if (strcmp(name, "windowsize") == 0)
            t->window = (uint32_t)(value < LIAR_WINDOW_MAX ? value : LIAR_WINDOW_MAX);
        if (strcmp(name, "blksize") == 0)
            value = t->blksize;
        if (strcmp(name, "windowsize") == 0)
            value = t->window;
        used += (size_t)snprintf((char *)bytes + used, 64, "%s", name) + 1;
        snprintf(text, sizeof text, "%lu", value);
        used += (size_t)snprintf((char *)bytes + used, 64, "%s", text) + 1;
    }
    return used > 2 ? used : 0;
}

static size_t make_oack(const char *text, uint8_t *bytes)
{
    size_t size = 2 + strlen(text) + 1;

    bytes[0] = 0;
    bytes[1] = 6;
    memcpy(bytes + 2, text, size - 2);
    for (size_t i = 2; i < size; i++)
        if (bytes[i] == ' ')
            bytes[i] = 0;
    return size;
}

static void send_oack(struct world *w, struct liar *liar, struct talk *t, const struct packet *request)
{
    uint8_t bytes[256];
    size_t size = answer_options(liar, t, request, bytes);

    t->has_oack = size > 0;
    if ((is(liar, LIE_OACK) && size > 0) || is(liar, LIE_OACK_ALWAYS)) {
        t->has_oack = true;
        size = make_oack(liar->lie->text, bytes);
    }
    if (t->has_oack)
        send(w, liar, t, bytes, size);
}

static void fill_window(struct world *w, struct liar *liar, struct talk *t)
{
    uint64_t last = last_block(liar, t);

    while (t->sent < t->acked + t->window && t->sent < last) {
        t->sent++;
        if (t->sent > t->high)
            t->high = t->sent;
        if (is(liar, LIE_OACK_AGAIN) && t->has_oack) {
            uint8_t oack[64];
            send(w, liar, t, oack, make_oack("blksize 512", oack));
        }
        send_block(w, liar, t, t->sent);
    }
    arm(w, liar, t, TIMEOUT_MS << (t->repeats < 3 ? t->repeats : 3));
}

static void begin(struct world *w, struct liar *liar, struct talk *t, const struct packet *request)
{
    const struct lie *lie = liar->lie;
    bool has_options = request->option_count > 0;

    if (is(liar, LIE_SILENT) || (is(liar, LIE_DROPS_OPTIONS) && has_options)) {
        t->is_over = true;
        return;
    }
    if (is(liar, LIE_ERROR) || (is(liar, LIE_REFUSES_OPTIONS) && has_options)) {
        send_error(w, liar, t, (uint16_t)lie->number);
        return;
    }
    if (t->is_put && t->stored == NULL)
        t->stored = world_allocate(w, liar->expected.size + 1);
    send_oack(w, liar, t, request);
    if (t->has_oack)
        arm(w, liar, t, TIMEOUT_MS);
    else if (t->is_put)
        send_ack(w, liar, t);
    else
        fill_window(w, liar, t);
}

static void on_request(struct world *w, struct liar *liar, const struct datagram *datagram)
{
    struct packet packet;

    if (packet_decode(&packet, span_of(datagram->bytes, datagram->size)) != DECODING_OK || packet.opcode > OPCODE_WRQ)
        return;
    for (uint32_t i = 0; i < liar->talk_count && !is(liar, LIE_TWO_ANSWERS); i++) {
        struct talk *t = &liar->talks[i];
        /* Who has but one port asks for something else from it. */
        bool is_other = t->is_over && errand_has_one_port(w);
        if (is_other || !endpoint_equal(&t->client, &datagram->from))
            continue;
        /* The request again: the first answer once more, if there was one; or the other request of who has one port. */
        if (t->acked == 0 && t->received == 0 && !t->is_over) {
            t->sent = 0;
            t->blksize = 512;
            t->window = 1;
            t->has_oack = false;
            begin(w, liar, t, &packet);
        }
        return;
    }
    if (liar->talk_count == LIAR_TALKS_MAX)
        return;
    uint32_t number = liar->talk_count++;
    struct talk *t = &liar->talks[number];
    *t = (struct talk){.client = datagram->from,
                       .tid = world_address(NETWORK_SERVER, (uint16_t)(FIRST_TID + number)),
                       .is_put = packet.opcode == OPCODE_WRQ,
                       .blksize = 512,
                       .window = 1};
    begin(w, liar, t, &packet);
}

/* -- the transfer -- */

static void on_ack(struct world *w, struct liar *liar, struct talk *t, uint16_t number)
{
    uint64_t block = t->acked;

    while (block <= t->high && wire(liar, block) != number)
        block++;
    bool is_first = t->acked == 0 && number == 0 && t->sent == 0;
    bool is_gap = t->window > 1 && block == t->acked && t->sent > t->acked;
    if (block > t->high || (block == t->acked && !is_first && !is_gap))
        return;
    t->repeats = 0;
    t->acked = block;
    t->sent = block;
    if (is(liar, LIE_ERROR_AFTER) && block >= 3) {
        send_error(w, liar, t, (uint16_t)liar->lie->number);
        return;
    }
    if (block == last_block(liar, t)) {
        t->is_over = true;
        return;
    }
    if (!is(liar, LIE_SLOW))
        fill_window(w, liar, t);
    else if (!t->is_slow)
        arm(w, liar, t, (uint32_t)liar->lie->number);
    t->is_slow = is(liar, LIE_SLOW);
}

static void on_data(struct world *w, struct liar *liar, struct talk *t, const struct packet *packet)
{
    uint64_t next = t->received + 1;

    if (packet->block != (uint16_t)next) {
        send_ack(w, liar, t);
        return;
    }
    if (packet->data.size > t->blksize || t->stored_size + packet->data.size > liar->expected.size) {
        send_error(w, liar, t, 4);
        world_fail(w, "the client sends %u bytes behind %u of %u", (unsigned)packet->data.size,
                   (unsigned)t->stored_size, (unsigned)liar->expected.size);
        return;
    }
    if (packet->data.size > 0)
        memcpy(t->stored + t->stored_size, packet->data.bytes, packet->data.size);
    t->stored_size += packet->data.size;
    t->received = next;
    t->repeats = 0;
    arm(w, liar, t, TIMEOUT_MS);
    bool is_last = packet->data.size < t->blksize;
    if (is_last)
        liar->is_stored_whole = t->stored_size == liar->expected.size &&
                                (t->stored_size == 0 || memcmp(t->stored, liar->expected.bytes, t->stored_size) == 0);
    if (is(liar, LIE_ERROR_AFTER) && next >= 3)
        send_error(w, liar, t, (uint16_t)liar->lie->number);
    else if (is_last && is(liar, LIE_NO_LAST_ACK))
        t->is_over = true;
    else if (is(liar, LIE_SKIPS) && !is_last && next % 3 == 0 && t->window == 1 && next > t->skipped)
        t->skipped = next;
    else if (is_last || is(liar, LIE_ACKS_EACH) || t->received - t->answered >= t->window)
        send_ack(w, liar, t);
}

static struct talk *find(struct liar *liar, const struct datagram *datagram)
{
    for (uint32_t i = 0; i < liar->talk_count; i++)
        if (endpoint_equal(&liar->talks[i].client, &datagram->from) && datagram->to.port == liar->talks[i].tid.port)
            return &liar->talks[i];
    return NULL;
}

void liar_on_datagram(struct world *w, struct liar *liar, const struct datagram *datagram)
{
    struct packet packet;

    if (datagram->to.port == PORT_69) {
        on_request(w, liar, datagram);
        return;
    }
    struct talk *t = find(liar, datagram);
    if (t == NULL || t->is_over || packet_decode(&packet, span_of(datagram->bytes, datagram->size)) != DECODING_OK ||
        is_swallowed(w, liar, datagram->size, &t->heard_burst, &t->heard_ms))
        return;
    if (packet.opcode == OPCODE_ERROR)
        t->is_over = true;
    else if (packet.opcode == OPCODE_ACK && !t->is_put)
        on_ack(w, liar, t, packet.block);
    else if (packet.opcode == OPCODE_DATA && t->is_put)
        on_data(w, liar, t, &packet);
}

void liar_on_timer(struct world *w, struct liar *liar, uint32_t number)
{
    struct talk *t = &liar->talks[number];

    if (t->is_over || w->now_ms != t->due_ms)
        return;
    if (t->is_slow) {
        t->is_slow = false;
        fill_window(w, liar, t);
        return;
    }
    if (++t->repeats > REPEATS_MAX) {
        t->is_over = true;
        return;
    }
    if (t->is_put) {
        if (t->received > 0)
            send_ack(w, liar, t);
        arm(w, liar, t, TIMEOUT_MS << t->repeats);
        return;
    }
    t->sent = t->acked;
    /* An OACK that was not acknowledged comes again with the request. */
    if (t->has_oack && t->acked == 0 && t->high == 0)
        arm(w, liar, t, TIMEOUT_MS << t->repeats);
    else
        fill_window(w, liar, t);
}
