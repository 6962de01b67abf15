#include "core/probe/sounding_parts.h"

enum { DOUBLINGS_MAX = 3 };

static const char done_text[] = "Probed; nothing more is wanted";
static const char bad_oack_text[] = "The answer to the options breaks RFC 2347";
static const char stranger_text[] = "Unknown transfer ID";

bool sounding_begin(struct sounding *s, const struct sounding_setup *setup, uint64_t now_ms)
{
    ASSERT(setup->sends_max > 0 && setup->silent_max > 0 && setup->first_ms > 0 && setup->wait_ms > 0);
    ASSERT(setup->blocks_total > 0);
    ASSERT(!setup->is_write || (setup->blocks_max <= 1 && setup->memory != NULL));
    ASSERT(setup->blocks_max == 0 || setup->values[OPTION_WINDOWSIZE] <= SOUNDING_WINDOW_MAX);
    memset(s, 0, sizeof *s);
    s->setup = *setup;
    s->report.blksize = BLKSIZE_DEFAULT;
    s->report.windowsize = 1;
    s->error_text = done_text;
    s->begun_ms = s->moving_since_ms = now_ms;
    s->next_wait_ms = setup->first_ms;
    s->due = DUE_REQUEST;
    if (sounding_encode_request(setup, s->control) > 0)
        return true;
    s->state = SOUNDING_OVER;
    return false;
}

void sounding_finish(struct sounding *s, enum sounding_end end, uint64_t now_ms)
{
    bool is_told = s->tid.port != 0 && end != SOUNDING_ERROR;

    s->report.end = end;
    s->report.moving_ms = now_ms - s->moving_since_ms;
    s->due = is_told ? DUE_ERROR : DUE_NOTHING;
    s->due_line = 0;
    s->state = is_told ? SOUNDING_ENDING : SOUNDING_OVER;
}

void sounding_stop(struct sounding *s, uint64_t now_ms)
{
    if (s->state >= SOUNDING_ENDING)
        return;
    s->report.is_cut = true;
    sounding_finish(s, s->report.blocks > 0 ? SOUNDING_DONE : SOUNDING_UNFINISHED, now_ms);
}

/* For data: longer with each silence. */
static uint32_t data_wait_ms(const struct sounding *s)
{
    uint32_t doublings = s->silent < DOUBLINGS_MAX ? s->silent : DOUBLINGS_MAX;

    return s->setup.wait_ms << doublings;
}

void sounding_owe_ack(struct sounding *s, uint64_t now_ms)
{
    s->due = DUE_ACK;
    s->due_line = 0;
    s->due_times = 1;
    s->deadline_ms = now_ms + data_wait_ms(s);
}

/* -- what leaves -- */

struct span sounding_request(struct sounding *s)
{
    return span_of(s->control, sounding_encode_request(&s->setup, s->control));
}

static struct span due_bytes(struct sounding *s)
{
    switch (s->due) {
    case DUE_REQUEST: return sounding_request(s);
    case DUE_ACK: return span_of(s->control, packet_encode_ack(s->control, s->base));
    case DUE_ERROR: return span_of(s->control, packet_encode_error(s->control, s->error_code, s->error_text));
    default:
        packet_encode_data_header(s->setup.memory, 1);
        return span_of(s->setup.memory, PACKET_HEADER_SIZE + (size_t)s->report.blksize);
    }
}

bool sounding_next(struct sounding *s, struct sounding_send *send)
{
    if (s->owed_to.port != 0) {
        send->line = 0;
        send->to = s->owed_to;
        send->bytes = span_of(s->control, packet_encode_error(s->control, ERROR_CODE_UNKNOWN_TID, stranger_text));
    } else if (s->due != DUE_NOTHING) {
        send->line = s->due_line;
        send->to = s->due == DUE_REQUEST ? s->setup.server : s->tid;
        send->bytes = due_bytes(s);
    } else {
        return false;
    }
    s->report.wire_bytes += send->bytes.size;
    return true;
}

static void on_request_sent(struct sounding *s, uint64_t now_ms)
{
    s->report.sends++;
    s->sent_ms = now_ms;
    s->deadline_ms = now_ms + s->next_wait_ms;
    s->next_wait_ms *= 2;
}

void sounding_on_sent(struct sounding *s, uint64_t now_ms)
{
    enum sounding_due due = s->due;

    s->report.datagrams++;
    if (s->owed_to.port != 0) {
        s->owed_to.port = 0;
        return;
    }
    ASSERT(due != DUE_NOTHING);
    if (due == DUE_ACK && --s->due_times > 0)
        return;
    s->due = DUE_NOTHING;
    if (due == DUE_REQUEST)
        on_request_sent(s, now_ms);
    else if (due == DUE_ERROR)
        s->state = SOUNDING_OVER;
    else if (s->state == SOUNDING_WATCHING || s->seen == 0)
        s->deadline_ms = now_ms + data_wait_ms(s);
}

/* -- what comes -- */

/* Cut in front of a letter of UTF-8, not inside; of what is none, as many bytes as a letter may have are lost at most. */
static size_t text_size(struct span text)
{
    enum { TRAIL_MAX = 3 };
    size_t size = SOUNDING_TEXT_MAX;

    if (text.size <= size)
        return text.size;
    while (size > SOUNDING_TEXT_MAX - TRAIL_MAX && (text.bytes[size] & 0xc0) == 0x80)
        size--;
    return size;
}

static void on_error(struct sounding *s, const struct packet *packet, uint64_t now_ms)
{
    struct sounding_report *r = &s->report;

    r->code = packet->code;
    r->text_size = text_size(packet->data);
    if (r->text_size > 0)
        memcpy(r->text, packet->data.bytes, r->text_size);
    sounding_finish(s, SOUNDING_ERROR, now_ms);
}

static bool is_answer(const struct sounding *s, const struct packet *packet)
{
    switch (packet->opcode) {
    case OPCODE_ERROR: return true;
    case OPCODE_OACK: return s->setup.asked != 0;
    case OPCODE_DATA: return !s->setup.is_write && packet->block == 1;
    case OPCODE_ACK: return s->setup.is_write && packet->block == 0;
    default: return false;
    }
}

static void begin_moving(struct sounding *s, const struct packet *packet, uint64_t now_ms)
{
    s->state = SOUNDING_MOVING;
    s->moving_since_ms = now_ms;
    if (s->setup.is_write) {
        s->due = DUE_DATA;
        s->deadline_ms = now_ms + s->setup.wait_ms;
    } else {
        sounding_receive_begin(s, packet, now_ms);
    }
}

static void on_answer(struct sounding *s, const struct endpoint *from, const struct packet *packet, uint64_t now_ms)
{
    struct sounding_report *r = &s->report;

    s->tid = r->from = *from;
    s->due = DUE_NOTHING;
    r->has_round_trip = r->sends == 1;
    r->round_trip_ms = (uint32_t)(now_ms - s->sent_ms);
    if (packet->opcode == OPCODE_ERROR) {
        on_error(s, packet, now_ms);
        return;
    }
    r->has_oack = packet->opcode == OPCODE_OACK;
    if (r->has_oack && !sounding_take_options(s, packet)) {
        s->error_code = ERROR_CODE_OPTIONS;
        s->error_text = bad_oack_text;
        sounding_finish(s, SOUNDING_BROKEN, now_ms);
        return;
    }
    if (packet->opcode == OPCODE_DATA) {
        r->first_size = (uint32_t)packet->data.size;
        r->is_end_seen = packet->data.size < BLKSIZE_DEFAULT;
    }
    if (s->setup.blocks_max == 0)
        sounding_finish(s, SOUNDING_DONE, now_ms);
    else
        begin_moving(s, packet, now_ms);
}

/* Whoever has no part in it hears ERROR 5, once for each sounding (RFC 1350, section 4). */
static void on_stranger(struct sounding *s, const struct endpoint *from, const struct packet *packet)
{
    if (!endpoint_same_address(from, &s->setup.server) && s->report.stranger.port == 0)
        s->report.stranger = *from;
    if (packet->opcode == OPCODE_ERROR || s->is_stranger_told)
        return;
    s->is_stranger_told = true;
    s->owed_to = *from;
}

static void on_own(struct sounding *s, const struct packet *packet, uint64_t now_ms)
{
    if (packet->opcode == OPCODE_ERROR) {
        on_error(s, packet, now_ms);
    } else if (s->setup.is_write && packet->opcode == OPCODE_ACK && packet->block == 1) {
        s->report.blocks = 1;
        s->report.bytes = s->report.blksize;
        sounding_finish(s, SOUNDING_DONE, now_ms);
    } else if (packet->opcode == OPCODE_DATA && !s->setup.is_write) {
        sounding_receive_data(s, packet, now_ms);
    } else if (packet->opcode == OPCODE_OACK && s->report.arrived == 0 && s->seen == 0 && !s->setup.is_write) {
        s->report.doubled++;
        sounding_owe_ack(s, now_ms);
    }
}

void sounding_on_datagram(struct sounding *s, uint8_t line, const struct endpoint *from, struct span datagram,
                          uint64_t now_ms)
{
    bool is_server = endpoint_same_address(from, &s->setup.server);
    bool is_tid = endpoint_equal(from, &s->tid);
    struct packet packet;

    s->report.wire_bytes += datagram.size;
    /* Before the first request has left nobody can answer it. */
    if (s->state >= SOUNDING_ENDING || s->report.sends == 0 || from->port == 0)
        return;
    if (packet_decode(&packet, datagram) != DECODING_OK) {
        s->report.is_nonsense_heard |= s->state == SOUNDING_ASKING && is_server;
        return;
    }
    if (s->state == SOUNDING_WATCHING && is_tid)
        sounding_watch(s, line, &packet, now_ms);
    else if (line != 0)
        return;
    else if (s->state == SOUNDING_MOVING && is_tid)
        on_own(s, &packet, now_ms);
    else if (s->state != SOUNDING_ASKING || !is_server)
        on_stranger(s, from, &packet);
    else if (is_answer(s, &packet))
        on_answer(s, from, &packet, now_ms);
    else
        s->report.is_nonsense_heard = true;
}

/* -- what does not come -- */

static void ask_again(struct sounding *s, uint64_t now_ms)
{
    if (s->report.unreachable >= SOUNDING_UNREACHABLE_MAX)
        sounding_finish(s, SOUNDING_UNREACHABLE, now_ms);
    else if (s->report.sends >= s->setup.sends_max || s->report.stranger.port != 0)
        sounding_finish(s, s->report.unreachable > 0 ? SOUNDING_UNREACHABLE : SOUNDING_SILENT, now_ms);
    else
        s->due = DUE_REQUEST;
}

void sounding_on_timer(struct sounding *s, uint64_t now_ms)
{
    if (s->state >= SOUNDING_ENDING || s->due != DUE_NOTHING)
        return;
    if (now_ms >= s->setup.until_ms)
        sounding_stop(s, now_ms);
    else if (now_ms < s->deadline_ms)
        return;
    else if (s->state == SOUNDING_ASKING)
        ask_again(s, now_ms);
    else if (s->state == SOUNDING_WATCHING)
        sounding_finish(s, SOUNDING_DONE, now_ms);
    else if (s->setup.is_write)
        sounding_finish(s, SOUNDING_STOPPED, now_ms);
    else
        sounding_receive_timer(s, now_ms);
}

void sounding_on_unreachable(struct sounding *s, uint64_t now_ms)
{
    if (s->state != SOUNDING_ASKING || s->due != DUE_NOTHING)
        return;
    s->report.unreachable++;
    if (s->deadline_ms > now_ms + SOUNDING_UNREACHABLE_WAIT_MS)
        s->deadline_ms = now_ms + SOUNDING_UNREACHABLE_WAIT_MS;
}
