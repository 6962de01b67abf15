#include "core/transfer/transfer_parts.h"

bool transfer_spend(struct transfer *t, const struct action *action)
{
    uint32_t bytes = STANDING_HEADERS + (uint32_t)action->send.bytes.size;

    if (t->standing != STANDING_STRANGER)
        return true;
    if (bytes > t->credit)
        return false;
    t->credit -= bytes;
    return true;
}

/*
 * A request has come and pays for answers to a stranger. The first block of a request without options is owed whatever it
 * measures (RFC 1350, section 4), so many times.
 */
void transfer_pay(struct transfer *t, uint32_t blocks)
{
    bool is_bare = !t->is_upload && t->agreement.granted_count == 0;
    uint32_t block = STANDING_HEADERS + PACKET_HEADER_SIZE + t->agreement.blksize;

    t->credit += is_bare ? blocks * block : (uint32_t)(STANDING_REPLY_FACTOR * (STANDING_HEADERS + t->request_bytes));
}

/* Never less than a window and some repetitions, or the block that proves the client could not be sent again. */
uint32_t transfer_budget(const struct transfer *t, uint32_t unproven_bytes)
{
    uint64_t block = STANDING_HEADERS + PACKET_HEADER_SIZE + (uint64_t)t->agreement.blksize;
    uint64_t most = (uint64_t)unproven_bytes * STANDING_BUDGET_WINDOWS;
    uint32_t window = t->agreement.has_msftwindow ? t->agreement.windowsize_max : t->agreement.windowsize;
    uint64_t least = block * ((uint64_t)window + t->first_sends_max);

    if (most < least)
        most = least;
    return most < UINT32_MAX ? (uint32_t)most : UINT32_MAX;
}
