/*
 * The transfer machine: the input chooses an agreement, then what the client, the clock, the disk and the owner do.
 */
#include "transfer_model.h"

#include "../unit/wire.h"

#include <stdio.h>
#include <stdlib.h>

enum { DATAGRAM_MAX = 65536, EVENTS_MAX = 256 };

static void send_ack(struct model *m, uint64_t block, int window)
{
    uint8_t bytes[5] = {0, OPCODE_ACK, 0, 0, (uint8_t)window};

    write_u16(bytes + 2, model_wire_number(m, block));
    model_deliver(m, span_of(bytes, window < 0 ? 4 : 5));
}

static void send_data(struct model *m, uint64_t block, size_t size)
{
    static uint8_t bytes[DATAGRAM_MAX];

    /* Enough for several writes. Netascii takes its time. */
    if (m->accepted_size + size > (m->setup.is_netascii ? 3 * TRANSFER_WRITE_SIZE : UPLOAD_MAX / 2))
        return;
    write_u16(bytes, OPCODE_DATA);
    write_u16(bytes + 2, model_wire_number(m, block));
    memcpy(bytes + 4, model_content() + block * 131 % (CONTENT_SIZE / 2), size);
    model_deliver(m, span_of(bytes, size + 4));
}

/* What an honest client would do now, or nearly. */
static void client_speaks(struct model *m, unsigned way, uint8_t detail)
{
    uint32_t blksize = m->setup.agreement.blksize;

    if (m->setup.is_upload) {
        switch (way) {
        case 0: send_data(m, m->received + 1, blksize); break;
        case 1: send_data(m, m->received + 1, detail % blksize); break;
        case 2: send_data(m, m->received, blksize); break;
        case 3: send_data(m, m->received + detail, blksize); break;
        default: send_data(m, detail > 0 ? detail * 257u : m->received + 1, blksize + (detail == 0)); break;
        }
        return;
    }
    switch (way) {
    case 0: send_ack(m, m->high, -1); break;
    case 1: send_ack(m, m->acked + detail % (m->high - m->acked + 1), -1); break;
    case 2: send_ack(m, m->acked, -1); break;
    case 3: send_ack(m, m->high, detail); break;
    default: send_ack(m, m->acked + detail - 8u, detail % 2 ? -1 : detail); break;
    }
}

static void send_error(struct model *m, uint8_t code)
{
    uint8_t bytes[] = {0, OPCODE_ERROR, 0, code, 'n', 'o', 0};

    model_deliver(m, span_of(bytes, sizeof bytes));
}

static void run_event(struct model *m, struct feed *feed)
{
    unsigned op = feed_below(feed, 16);
    uint8_t detail = feed_byte(feed);

    switch (op) {
    case 5: model_come_due(m, detail * 40u); break;
    case 6: model_come_early(m); break;
    case 7: m->now_ms += detail * 8u; break;
    case 8: model_ask_once_more(m); break;
    case 9: model_deliver(m, feed_span(feed, detail)); break;
    case 10: send_error(m, detail); break;
    case 11: model_end(m, detail); break;
    case 12: m->status = detail % (STATUS_BROKEN + 1); break;
    case 13: m->abandon_in = 1 + detail % 8; break;
    case 14:
        m->blocks_shift = detail % 4;
        m->read_max = detail / 4 % 8;
        m->asks_again = detail >= 128;
        break;
    case 15:
        for (unsigned i = 0; i < detail % 32u && !m->is_finished; i++)
            client_speaks(m, 0, 0);
        break;
    default: client_speaks(m, op, detail); break;
    }
}

/* What is believed of whom, and for how long. */
static void read_patience(struct model *m, uint8_t choice)
{
    static const uint16_t silences_s[] = {120, 1, 7, 3600};
    static const uint16_t unproven_s[] = {20, 1, 5, 3600};
    static const uint32_t unproven_bytes[] = {12288, 0, 2000, 1024 * 1024};
    static const uint16_t request_bytes[] = {60, 10, 21, 512};

    m->setup.silence_s = silences_s[choice % 4];
    m->setup.unproven_s = unproven_s[choice / 4 % 4];
    m->setup.unproven_bytes = unproven_bytes[choice / 16 % 4];
    m->setup.request_bytes = request_bytes[choice / 64];
}

static void read_agreement(struct model *m, struct feed *feed)
{
    static const unsigned blksizes[] = {8, 8, 9, 16, 512, 1428, 8192, 65464}; /* the last for octet only, for speed */
    static const unsigned windows[] = {1, 1, 2, 4, 16, 64, 65535, 3};
    static const char *const extras[] = {
        "", "timeout 2", "utimeout 20000", "tsize 100", "msftwindow 31416", "timeout 255", "tsize 40", "tsize 0",
    };
    char options[128] = "";
    uint8_t bytes[WIRE_SIZE_MAX];
    struct packet packet;
    unsigned flags = feed_byte(feed);
    unsigned shape = feed_byte(feed);

    m->setup.is_upload = flags & 1;
    m->setup.is_netascii = flags >> 1 & 1;
    unsigned choices = m->setup.is_netascii ? 7 : 8;
    if (flags & 4)
        snprintf(options, sizeof options, "blksize %u windowsize %u rollover %u %s", blksizes[shape % choices],
                 windows[shape / 8 % 8], flags >> 3 & 1, extras[feed_below(feed, 8)]);
    size_t size = wire_request(bytes, m->setup.is_upload ? OPCODE_WRQ : OPCODE_RRQ, "f", "octet", options);
    MUST(packet_decode(&packet, span_of(bytes, size)) == DECODING_OK);
    struct option_limits limits = {.blksize_max = BLKSIZE_MAX,
                                   .windowsize_max = WINDOWSIZE_MAX,
                                   .window_bytes_max = m->setup.is_upload ? UPLOAD_MAX / 4 : INT32_MAX,
                                   .timeout_ms = 1000};
    unsigned length = feed_u16(feed);
    m->setup.file_size = m->setup.is_netascii ? length % NETASCII_FILE_MAX : (uint64_t)length << (flags >> 4);
    struct option_facts facts = {m->setup.is_upload, m->setup.is_netascii, m->setup.file_size};
    m->setup.agreement = options_agree(&packet, &limits, &facts);
    m->setup.first_sends_max = 1 + feed_below(feed, 4);
    m->setup.upload_bytes_max = shape / 64 == 1 ? 1000 : 0;
    read_patience(m, feed_byte(feed));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static uint8_t wire[2 * NETASCII_FILE_MAX], stored[UPLOAD_MAX], accepted[UPLOAD_MAX];
    struct feed feed = {bytes, size};
    struct model m = {.stored = stored, .accepted = accepted};

    read_agreement(&m, &feed);
    model_begin(&m, wire);
    for (unsigned i = 0; i < EVENTS_MAX && feed.size > 0 && !m.is_finished; i++)
        run_event(&m, &feed);
    /* Whatever happened, it ends when the client says nothing more. */
    while (!m.is_finished)
        model_come_due(&m, 0);
    free(m.setup.memory);
    return 0;
}
