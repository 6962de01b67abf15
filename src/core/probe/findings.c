#include "core/probe/findings.h"

enum {
    TORN_MIN = 3,      /* windows: less may be chance */
    LOST_MIN = 2,      /* blocks: one is no rate */
    LOST_PART = 100,   /* one in so many is a lossy way */
    BEST_PERCENT = 95, /* of the fastest: what is gained beyond that is noise */
    SMALL_WINDOW = 4   /* passes everywhere, so what is lost of it is lost by chance */
};

uint32_t findings_headers(const struct findings *f)
{
    return endpoint_is_ipv4(&f->server) ? 20 + 8 + PACKET_HEADER_SIZE : 40 + 8 + PACKET_HEADER_SIZE;
}

bool findings_is_limit_told(const struct findings *f, enum option option)
{
    uint64_t largest = option == OPTION_BLKSIZE ? BLKSIZE_MAX : WINDOWSIZE_MAX;

    return findings_is_granted(f, option) &&
           (f->granted[option] < f->asked_most[option] || f->granted[option] >= largest);
}

uint32_t findings_blksize_limit(const struct findings *f)
{
    return findings_is_granted(f, OPTION_BLKSIZE) ? (uint32_t)f->granted[OPTION_BLKSIZE] : BLKSIZE_DEFAULT;
}

uint32_t findings_windowsize_limit(const struct findings *f)
{
    return findings_is_granted(f, OPTION_WINDOWSIZE) ? (uint32_t)f->granted[OPTION_WINDOWSIZE] : 1;
}

uint32_t findings_blksize(const struct findings *f)
{
    uint32_t blksize = findings_blksize_limit(f);

    if (f->has_blocks && block_search_has_found(&f->blocks) && blksize > f->blocks.arrived)
        blksize = f->blocks.arrived;
    return blksize < FINDINGS_BLKSIZE ? blksize : FINDINGS_BLKSIZE;
}

static bool is_much(uint64_t lost, uint64_t arrived)
{
    return lost >= LOST_MIN && lost * LOST_PART >= arrived + lost;
}

uint32_t findings_cut_window(const struct findings *f)
{
    uint64_t arrived = 0, lost = 0;
    bool is_smaller_whole = false;

    for (uint32_t i = 0; i < FINDINGS_WINDOWS; i++) {
        const struct finding_window *w = &f->windows[i];
        if (!w->is_measured)
            continue;
        if (w->whole == 0 && w->torn >= TORN_MIN && is_smaller_whole && !is_much(lost, arrived))
            return i;
        is_smaller_whole |= w->whole > 0;
        if (w->windowsize > SMALL_WINDOW)
            continue;
        arrived += w->arrived;
        lost += w->lost;
    }
    return FINDINGS_WINDOWS;
}

void findings_count_loss(const struct findings *f, uint64_t *arrived, uint64_t *lost)
{
    uint32_t count = findings_cut_window(f);

    *arrived = *lost = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!f->windows[i].is_measured)
            continue;
        *arrived += f->windows[i].arrived;
        *lost += f->windows[i].lost;
    }
}

bool findings_is_lossy(const struct findings *f)
{
    uint64_t arrived, lost;

    findings_count_loss(f, &arrived, &lost);
    return is_much(lost, arrived);
}

uint32_t findings_answers_to_doubled_ack(const struct findings *f)
{
    const struct finding_trick *trick = &f->tricks[TRICK_DOUBLED];

    if (trick->plays == 0)
        return 0;
    return trick->doubles * 2 > trick->plays ? 2 : 1;
}

uint64_t findings_rate(const struct finding_window *window)
{
    if (!window->is_measured)
        return 0;
    return window->bytes * 1000 / (window->ms > 0 ? window->ms : 1);
}

uint32_t findings_best_window(const struct findings *f)
{
    uint64_t fastest = 0;

    for (uint32_t i = 0; i < FINDINGS_WINDOWS; i++)
        if (findings_rate(&f->windows[i]) > fastest)
            fastest = findings_rate(&f->windows[i]);
    for (uint32_t i = 0; i < FINDINGS_WINDOWS && fastest > 0; i++)
        if (findings_rate(&f->windows[i]) * 100 >= fastest * BEST_PERCENT)
            return i;
    return FINDINGS_WINDOWS;
}
