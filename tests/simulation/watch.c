#include "watch.h"

#include "disk.h"

#include <inttypes.h>

enum {
    NOWHERE = -1,
    HEADERS = 32, /* of IPv4, UDP and DATA */
    DALLY_MS = 1000,
    ECHO_MS = 50 /* no client repeats a block so soon, a network may double it */
};

/* The block that has this number and is nearest to `near`; NOWHERE where there is none. Written apart from the core. */
static int64_t unwrap(const struct watch *watch, uint16_t number, uint64_t near)
{
    if (watch->agreement.rollover == 0)
        return (int64_t)near + (int16_t)(uint16_t)(number - (uint16_t)near);
    if (number == 0)
        return near < 30000 ? 0 : NOWHERE;
    int64_t here = near == 0 ? 0 : (int64_t)((near - 1) % 65535) + 1;
    int64_t step = number - here;
    if (step > 32767)
        step -= 65535;
    if (step < -32767)
        step += 65535;
    int64_t block = (int64_t)near + step;
    return block > 0 ? block : NOWHERE;
}

static uint64_t last_block(const struct watch *watch)
{
    return watch->wire.size / watch->agreement.blksize + 1;
}

static uint32_t window_max(const struct watch *watch)
{
    return watch->agreement.has_msftwindow ? watch->agreement.windowsize_max : watch->agreement.windowsize;
}

static uint64_t clock_ms(const struct world *w)
{
    return w->now_ms - w->now_ms % w->faults.grain_ms;
}

void watch_begin(struct world *w, struct watch *watch, const struct transfer_setup *setup, struct span wire)
{
    *watch = (struct watch){
        .config = &w->config,
        .agreement = setup->agreement,
        .is_upload = setup->is_upload,
        .is_netascii = setup->is_netascii,
        .wire = wire,
        .begun_ms = clock_ms(w),
        .last_news_ms = clock_ms(w),
        .progress_ms = clock_ms(w),
        .taken_ms = clock_ms(w),
    };
    REQUIRE(w, watch->agreement.blksize <= w->config.block_size_max && window_max(watch) <= w->config.window_size_max,
            "blksize %u windowsize %u, which the parameters do not allow", watch->agreement.blksize, window_max(watch));
}

void watch_free(struct world *w, struct watch *watch)
{
    world_free(w, watch->raw);
    watch->raw = NULL;
}

/* How long it may still hold its place, whatever timeout was agreed. */
static uint64_t place_until_ms(const struct watch *watch)
{
    return watch->taken_ms + (watch->is_stored ? DALLY_MS : 0) +
           1000u * (uint64_t)(watch->has_taken ? watch->config->silence_s : watch->config->unproven_s);
}

static void check_place(struct world *w, const struct watch *watch)
{
    const struct faults *f = &w->faults;
    /* While there is a doubt it waits for that to be over. */
    uint64_t doubt_ms = watch->doubts > 0 ? WATCH_DOUBT_MS + WATCH_BROKEN_MS : 0;
    /* The disk may be slow twice: before the client is sent what it is to answer, and when patience ends meanwhile. */
    uint64_t disk_ms = f->slow > 0 ? 2 * f->slow_ms : 0;
    uint64_t late_ms = 2 * f->grain_ms + f->late_ms + disk_ms + doubt_ms;

    REQUIRE(w, clock_ms(w) <= place_until_ms(watch) + late_ms, "rule 3: a place is held for %llu ms %s",
            (unsigned long long)(clock_ms(w) - watch->taken_ms),
            watch->has_taken ? "without progress" : "by a stranger or without data");
}

static void take(const struct world *w, struct watch *watch)
{
    watch->has_taken = true;
    watch->taken_ms = clock_ms(w);
}

void watch_cause(struct world *w, struct watch *watch, enum watch_cause cause)
{
    REQUIRE(w, !watch->has_ended, "an event for a transfer that has ended");
    check_place(w, watch);
    watch->cause = cause;
    watch->caused_ms = clock_ms(w);
    watch->sent = 0;
    watch->sent_data = 0;
    watch->must_answer = false;
    watch->is_stray = false;
    watch->is_copy = false;
}

void watch_cause_unless_over(struct world *w, struct watch *watch, enum watch_cause cause)
{
    if (!watch->has_ended)
        watch_cause(w, watch, cause);
}

void watch_doubt(struct world *w, struct watch *watch)
{
    (void)w;
    watch->doubts++;
    watch->is_doubted = true;
}

static void progress(const struct world *w, struct watch *watch)
{
    watch->last_news_ms = clock_ms(w);
    watch->progress_ms = clock_ms(w);
    watch->taken_ms = clock_ms(w); /* once more for whoever has answered and took nothing yet */
    watch->has_answered = true;
    watch->is_heard = false;
    watch->timer_sends = 0;
    watch->gap_ms = 0;
}

static void on_ack(const struct world *w, struct watch *watch, uint16_t number)
{
    int64_t block = unwrap(watch, number, watch->high);

    watch->is_stray = block < (int64_t)watch->acked || block > (int64_t)watch->high;
    if (watch->is_stray)
        return;
    bool accepts_offer = watch->high == 0 && watch->agreement.granted_count > 0;
    if (block > (int64_t)watch->acked || accepts_offer)
        progress(w, watch);
    if (block > (int64_t)watch->acked)
        take(w, watch);
    watch->acked = (uint64_t)block;
}

static void keep(struct world *w, struct watch *watch, struct span payload)
{
    if (watch->raw_size + payload.size > watch->raw_capacity) {
        uint8_t *before = watch->raw;
        watch->raw_capacity = (watch->raw_size + payload.size) * 2;
        watch->raw = world_allocate(w, watch->raw_capacity);
        if (watch->raw_size > 0)
            memcpy(watch->raw, before, watch->raw_size);
        world_free(w, before);
    }
    if (payload.size > 0)
        memcpy(watch->raw + watch->raw_size, payload.bytes, payload.size);
    watch->raw_size += payload.size;
}

static void on_data(struct world *w, struct watch *watch, uint16_t number, struct span payload)
{
    int64_t block = unwrap(watch, number, watch->high);

    if (payload.size > watch->agreement.blksize) {
        if (block == (int64_t)watch->high + 1 && !watch->has_short)
            progress(w, watch);
        return;
    }
    watch->is_copy = block == (int64_t)watch->high;
    if (block == (int64_t)watch->high + 1 && !watch->has_short) {
        keep(w, watch, payload);
        watch->high++;
        watch->has_short = payload.size < watch->agreement.blksize;
        progress(w, watch);
        take(w, watch);
    } else if (block == (int64_t)watch->high && watch->is_stored) {
        watch->must_answer = true;
    } else if (!watch->has_answered && watch->agreement.windowsize > 1 && block > 1 &&
               block <= 1 + 2 * (int64_t)watch->agreement.windowsize) {
        progress(w, watch);
    }
}

void watch_datagram(struct world *w, struct watch *watch, struct span datagram)
{
    uint16_t opcode = read_u16(datagram.bytes);
    uint16_t number = read_u16(datagram.bytes + 2);

    watch->is_heard = true;
    if (opcode == 5)
        watch->has_error_from_client = true;
    else if (opcode == 4 && !watch->is_upload)
        on_ack(w, watch, number);
    else if (opcode == 3 && watch->is_upload)
        on_data(w, watch, number, span_of(datagram.bytes + 4, datagram.size - 4));
}

void watch_action(struct world *w, struct watch *watch, const struct action *action)
{
    REQUIRE(w, !watch->has_ended, "action %d after FINISH", action->kind);
    REQUIRE(w, action->kind != ACTION_COMMIT || !watch->is_stored, "a second COMMIT");
}

/* Who has answered is sent to for as long as patience lasts. */
static uint32_t timer_sends_max(const struct watch *watch)
{
    return watch->has_answered ? UINT32_MAX : watch->config->first_sends_max - 1;
}

static void check_timer_send(struct world *w, struct watch *watch)
{
    const struct agreement *agreement = &watch->agreement;
    uint32_t grain_ms = w->faults.grain_ms;
    uint64_t gap_ms = watch->caused_ms - watch->last_news_ms + grain_ms;
    uint64_t least_ms = agreement->has_client_timeout ? agreement->timeout_ms : 250;
    uint64_t most_ms = agreement->timeout_ms > 16000 ? agreement->timeout_ms : 16000;
    uint32_t allowed = timer_sends_max(watch);

    if (watch->gap_ms > w->faults.late_ms + grain_ms)
        least_ms = (watch->gap_ms - w->faults.late_ms - grain_ms) * 2;
    if (least_ms > most_ms)
        least_ms = most_ms;
    if (!watch->has_answered && least_ms > 6000)
        least_ms = 6000;
    REQUIRE(w, gap_ms >= least_ms, "sent again after %u ms, not before %u ms", (unsigned)gap_ms, (unsigned)least_ms);
    /* A wait that a doubt made longer says nothing about the next. */
    watch->gap_ms = watch->is_doubted ? 0 : gap_ms - grain_ms;
    watch->is_doubted = false;
    REQUIRE(w, ++watch->timer_sends <= allowed, "sent again %u times without an answer, %u are allowed",
            watch->timer_sends, allowed);
}

/*
 * Silence repeats a window once for a client that has taken data, then a block; before that a block. And before data was
 * acknowledged no more leaves than three times UnprovenBytes, or a window and FirstSends blocks.
 */
static void check_unproven(struct world *w, struct watch *watch, size_t size)
{
    uint64_t block = (uint64_t)watch->agreement.blksize + HEADERS;
    uint64_t most = 3u * (uint64_t)w->config.unproven_bytes;
    uint64_t least = ((uint64_t)window_max(watch) + w->config.first_sends_max) * block;

    most = most > least ? most : least;
    if (watch->cause == CAUSE_TIMER)
        REQUIRE(w, watch->sent_data <= 1 || (watch->acked > 0 && watch->timer_sends <= 1),
                "%u blocks for the %u. silence", watch->sent_data, watch->timer_sends);
    if (watch->acked > 0)
        return;
    watch->unproven_bytes += size + HEADERS;
    watch->is_spent = watch->unproven_bytes + block > most;
    REQUIRE(w, watch->unproven_bytes <= most, "%u bytes for a client that has proven nothing",
            (unsigned)watch->unproven_bytes);
}

static void check_data(struct world *w, struct watch *watch, uint16_t number, struct span payload)
{
    int64_t block = unwrap(watch, number, watch->high);
    bool is_again = block <= (int64_t)watch->high;

    watch->data_sent++;
    watch->data_resent += is_again;
    REQUIRE(w, !watch->is_stray, "an ACK of another window makes DATA %lld be sent", (long long)block);
    if (watch->is_upload || block <= (int64_t)watch->acked || block > (int64_t)last_block(watch) ||
        block > (int64_t)watch->high + 1 || block > (int64_t)(watch->acked + window_max(watch))) {
        world_fail(w, "DATA %lld where %llu of %llu are sent, %llu acknowledged and windowsize is %u", (long long)block,
                   (unsigned long long)watch->high, (unsigned long long)last_block(watch),
                   (unsigned long long)watch->acked, window_max(watch));
        return;
    }
    size_t offset = (size_t)(block - 1) * watch->agreement.blksize;
    size_t left = watch->wire.size - offset;
    size_t size = left < watch->agreement.blksize ? left : watch->agreement.blksize;
    REQUIRE(w, payload.size == size && (size == 0 || memcmp(payload.bytes, watch->wire.bytes + offset, size) == 0),
            "DATA %lld has %u bytes and should have %u, or others", (long long)block, (unsigned)payload.size,
            (unsigned)size);
    /* RFC 1123 4.2.3.1, RFC 7440 section 4: a datagram makes go back only within windows, and once to each place. */
    if (watch->cause == CAUSE_DATAGRAM && block <= (int64_t)watch->position) {
        REQUIRE(w, window_max(watch) > 1, "a datagram makes DATA %lld be sent again", (long long)block);
        REQUIRE(w, block > (int64_t)watch->gone_back_to, "once more back to DATA %lld for a datagram",
                (long long)block);
        watch->gone_back_to = (uint64_t)block;
    }
    watch->position = (uint64_t)block;
    watch->sent_data++;
    if (!is_again) {
        watch->high = (uint64_t)block;
        watch->progress_ms = clock_ms(w);
        watch->taken_ms = clock_ms(w); /* the time to answer it begins when it is sent */
    }
    check_unproven(w, watch, size);
    REQUIRE(w, watch->sent_data <= window_max(watch), "%u DATA for one event", watch->sent_data);
}

static void check_ack(struct world *w, struct watch *watch, uint16_t number)
{
    REQUIRE(w, watch->is_upload && unwrap(watch, number, watch->high) == (int64_t)watch->high,
            "ACK %u, but %llu blocks have come", number, (unsigned long long)watch->high);
    REQUIRE(w, !watch->has_short || watch->is_stored, "the last ACK, and the upload is not stored");
    bool is_echo = watch->is_copy && watch->high > 0 && !watch->is_stored;
    REQUIRE(w, !is_echo || clock_ms(w) >= watch->acked_ms + ECHO_MS,
            "ACK %u again at once: each copy of a block makes more of them", number);
    if (watch->acked != watch->high)
        watch->taken_ms = clock_ms(w);
    watch->acked = watch->high;
    watch->acked_ms = clock_ms(w);
}

void watch_send(struct world *w, struct watch *watch, struct span head, struct span tail)
{
    uint16_t number = read_u16(head.bytes + 2);
    struct span payload = tail.size > 0 ? tail : span_of(head.bytes + 4, head.size - 4);

    watch->sent++;
    watch->sent_in_all++;
    if (watch->cause == CAUSE_TIMER && watch->sent == 1 && read_u16(head.bytes) != 5)
        check_timer_send(w, watch);
    switch (read_u16(head.bytes)) {
    case 3: check_data(w, watch, number, payload); break;
    case 4: check_ack(w, watch, number); break;
    case 5:
        REQUIRE(w, !watch->has_sent_error && !watch->is_stored, "an ERROR too many");
        watch->has_sent_error = true;
        break;
    default:
        REQUIRE(w, watch->agreement.granted_count > 0 && watch->high == 0 && watch->acked == 0,
                "an OACK in the middle of the transfer");
        break;
    }
    REQUIRE(w, w->config.mtu == 0 || head.size + tail.size + 28 <= w->config.mtu, "a datagram of %u bytes",
            (unsigned)(head.size + tail.size));
    REQUIRE(w, !watch->is_upload || watch->sent == 1 || watch->has_sent_error, "two answers to one event");
    REQUIRE(w, watch->has_answered || watch->sent_in_all <= 2 * w->config.first_sends_max || watch->has_sent_error,
            "%u datagrams for somebody who never answered", watch->sent_in_all);
    watch->last_news_ms = clock_ms(w);
}

void watch_commit(struct world *w, struct watch *watch, struct span bytes)
{
    REQUIRE(w, watch->has_short, "an upload is stored before its last block has come");
    REQUIRE(w, watch->config->upload_bytes_max == 0 || bytes.size <= watch->config->upload_bytes_max,
            "an upload of %u bytes is too large", (unsigned)bytes.size);
    bool is_announced = watch->agreement.has_tsize && watch->agreement.tsize != 0 && !watch->is_netascii;
    REQUIRE(w, !is_announced || bytes.size == watch->agreement.tsize, "%u bytes are to be stored, %u were announced",
            (unsigned)bytes.size, (unsigned)watch->agreement.tsize);
    if (watch->is_netascii)
        watch->raw_size = disk_from_netascii(watch->raw, watch->raw_size, watch->raw);
    REQUIRE(w, bytes.size == watch->raw_size && (bytes.size == 0 || memcmp(bytes.bytes, watch->raw, bytes.size) == 0),
            "%u bytes are to be stored, %u have come, or others", (unsigned)bytes.size, (unsigned)watch->raw_size);
}

void watch_stored(struct world *w, struct watch *watch)
{
    watch->is_stored = true;
    watch->stored_ms = clock_ms(w);
}

void watch_settled(struct world *w, struct watch *watch, uint64_t until_ms)
{
    uint64_t longest_ms = watch->agreement.timeout_ms > 16000 ? watch->agreement.timeout_ms : 16000;

    REQUIRE(w, until_ms <= clock_ms(w) + longest_ms, "it would wait for %llu ms",
            (unsigned long long)(until_ms - clock_ms(w)));
    if (watch->is_superseded)
        return;
    REQUIRE(w, !watch->must_answer || watch->sent == 1, "the last block came again and is not acknowledged");
    if (watch->is_upload)
        REQUIRE(w, watch->high - watch->acked < watch->agreement.windowsize, "a window has come, and no ACK leaves");
    if (watch->is_upload)
        REQUIRE(w, !watch->has_short || watch->is_stored, "the last block has come, and nothing is stored");
}

static bool took_data(const struct watch *watch)
{
    return watch->has_taken;
}

static void check_outcome(struct world *w, const struct watch *watch, const struct transfer_report *report)
{
    bool is_all_sent = watch->high == last_block(watch);

    switch (report->outcome) {
    case OUTCOME_DONE:
        REQUIRE(w, watch->is_upload ? watch->is_stored : watch->acked == last_block(watch), "done, and it is not");
        break;
    case OUTCOME_UNCONFIRMED:
        REQUIRE(w, !watch->is_upload && is_all_sent && watch->acked < watch->high, "unconfirmed, and it is not");
        break;
    case OUTCOME_PROBE: REQUIRE(w, watch->high == 0 && watch->has_error_from_client, "no probe"); break;
    case OUTCOME_NEVER_ANSWERED: REQUIRE(w, !watch->is_heard, "never answered, and something came"); break;
    case OUTCOME_SILENT: REQUIRE(w, !watch->is_heard, "silent, and something came"); break;
    case OUTCOME_MISUNDERSTOOD:
    case OUTCOME_STUCK: REQUIRE(w, watch->is_heard, "something came, it says, and nothing did"); break;
    case OUTCOME_CLIENT_ERROR: REQUIRE(w, watch->has_error_from_client, "there was no ERROR"); break;
    case OUTCOME_TOO_LARGE:
    case OUTCOME_WRONG_SIZE:
    case OUTCOME_FILE_ERROR:
    case OUTCOME_STOPPED:
    case OUTCOME_ENDED:
        /* Who never answered may have had all that his request pays for. */
        REQUIRE(w, watch->has_sent_error || !watch->has_answered, "it fails and the client is not told");
        break;
    default: break;
    }
    bool is_silence = report->outcome == OUTCOME_UNCONFIRMED || report->outcome == OUTCOME_NEVER_ANSWERED ||
                      report->outcome == OUTCOME_NEVER_TOOK_DATA || report->outcome == OUTCOME_SILENT ||
                      report->outcome == OUTCOME_MISUNDERSTOOD || report->outcome == OUTCOME_STUCK;
    uint64_t silent_ms = clock_ms(w) - watch->progress_ms;
    uint64_t patience_s = took_data(watch) ? watch->config->silence_s : watch->config->unproven_s;
    REQUIRE(w, !is_silence || !watch->has_answered || silent_ms >= patience_s * 1000,
            "given up after %" PRIu64 " ms, where %" PRIu64 " s are promised", silent_ms, patience_s);
    REQUIRE(w, watch->timer_sends <= timer_sends_max(watch), "%u repetitions to a stranger, where %u are allowed",
            watch->timer_sends, timer_sends_max(watch));
}

static void check_dally(struct world *w, const struct watch *watch)
{
    uint64_t dallied_ms = clock_ms(w) - watch->stored_ms;

    if (watch->cause == CAUSE_TIMER) {
        uint64_t least_ms = DALLY_MS;
        REQUIRE(w, dallied_ms >= least_ms, "gone %u ms after it was stored", (unsigned)dallied_ms);
        uint64_t longest_ms = least_ms + watch->doubts * (least_ms + WATCH_DOUBT_MS + WATCH_BROKEN_MS);
        REQUIRE(w, dallied_ms <= longest_ms + w->faults.late_ms + w->faults.grain_ms,
                "still there %u ms after it was stored", (unsigned)dallied_ms);
    } else {
        REQUIRE(w, watch->cause == CAUSE_ABORT || watch->has_error_from_client, "gone as soon as it was stored");
    }
}

void watch_finish(struct world *w, struct watch *watch, const struct transfer_report *report)
{
    uint64_t bytes = watch->is_upload                    ? watch->raw_size
                     : watch->acked == last_block(watch) ? watch->wire.size
                                                         : watch->acked * watch->agreement.blksize;

    check_place(w, watch);
    watch->has_ended = true;
    world_note(w, "finish: %s", transfer_outcome_text(report->outcome));
    check_outcome(w, watch, report);
    if (watch->is_stored) {
        REQUIRE(w, report->outcome == OUTCOME_DONE, "stored, and said to have failed");
        check_dally(w, watch);
    }
    if (report->outcome != OUTCOME_DONE)
        return;
    REQUIRE(w, watch->is_netascii || report->bytes == bytes, "%llu bytes are told, %llu were sent",
            (unsigned long long)report->bytes, (unsigned long long)bytes);
    REQUIRE(
        w, watch->is_upload || (report->blocks_sent == watch->data_sent && report->blocks_resent == watch->data_resent),
        "%llu blocks and %llu resent are told, it were %llu and %llu", (unsigned long long)report->blocks_sent,
        (unsigned long long)report->blocks_resent, (unsigned long long)watch->data_sent,
        (unsigned long long)watch->data_resent);
}
