#include "core/transfer/transfer_parts.h"

static uint32_t learnt_wait_ms(const struct transfer *t)
{
    uint32_t margin_ms = 4 * t->round_trip_variation_ms;
    uint32_t wait_ms = t->round_trip_ms + (margin_ms > TRANSFER_MARGIN_MS_MIN ? margin_ms : TRANSFER_MARGIN_MS_MIN);

    /*
     * After a repetition the answer may have been late rather than lost, and which sending it answers is not known (Karn).
     * Were the wait short again at once, a round trip that has become longer would never be measured any more, and every
     * window be sent twice to the end.
     */
    bool is_known = t->has_round_trip && !t->is_backed_off;
    if (t->agreement.has_client_timeout || !is_known || wait_ms > t->agreement.timeout_ms)
        return t->agreement.timeout_ms;
    return wait_ms < TRANSFER_TIMEOUT_MS_MIN ? TRANSFER_TIMEOUT_MS_MIN : wait_ms;
}

static bool has_taken_data(const struct transfer *t)
{
    return t->standing == STANDING_PROVEN || (t->is_upload && t->sent > 0);
}

/* When patience ends. A client that may be forged must not keep a place for as long as the timeout it names. */
uint64_t transfer_silence_ends_ms(const struct transfer *t)
{
    return t->progress_ms + (has_taken_data(t) ? t->silence_s : t->unproven_s) * (uint64_t)1000;
}

void transfer_arm(struct transfer *t, uint64_t now_ms)
{
    uint32_t wait_ms = t->wait_ms;
    uint64_t ends_ms = transfer_silence_ends_ms(t);

    if (t->standing == STANDING_STRANGER && wait_ms > TRANSFER_FIRST_WAIT_MS_MAX)
        wait_ms = TRANSFER_FIRST_WAIT_MS_MAX;
    t->deadline_ms = now_ms + wait_ms;
    if (t->deadline_ms > ends_ms && t->phase != PHASE_DALLYING)
        t->deadline_ms = ends_ms;
}

void transfer_back_off(struct transfer *t)
{
    uint32_t longest =
        t->agreement.timeout_ms > TRANSFER_TIMEOUT_MS_MAX ? t->agreement.timeout_ms : TRANSFER_TIMEOUT_MS_MAX;

    t->wait_ms = t->wait_ms <= longest / 2 ? t->wait_ms * 2 : longest;
    t->is_backed_off = t->phase == PHASE_SENDING;
}

void transfer_progress(struct transfer *t, enum standing standing, uint64_t now_ms)
{
    if (t->standing == STANDING_STRANGER)
        t->credit = t->unproven_bytes;
    if (standing > t->standing)
        t->standing = (uint8_t)standing;
    t->progress_ms = now_ms;
    t->is_heard = false;
    t->retries = 0;
    t->wait_ms = learnt_wait_ms(t);
    transfer_arm(t, now_ms);
}
