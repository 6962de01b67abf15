#include "core/probe/verdict_parts.h"

#include <inttypes.h>

enum { ETHERNET_MTU = 1500, DEFAULT_WINDOWSIZE = 16 };

/* -- blocks -- */

static void mend_blocks(struct verdict_book *book, uint32_t blksize)
{
    verdict_mend(book, "client: -b %u", blksize);
    if (book->print.may_be_ours)
        verdict_mend(book, "on a tftpd: Mtu = %u, or MaxBlockSize = %u", blksize + findings_headers(book->f), blksize);
}

static void say_lost_blocks(struct verdict_book *book, const struct block_search *b, const char *what)
{
    const struct findings *f = book->f;
    uint32_t packet = b->arrived + findings_headers(f), mtu = f->mtu != 0 ? f->mtu : ETHERNET_MTU;

    if (b->lost != b->arrived + 1)
        verdict_say(book, VERDICT_WARN, what, "blocks of %u bytes arrive, of %u they are lost; its time was over there",
                    b->arrived, b->lost);
    else if (packet == mtu || packet == ETHERNET_MTU)
        verdict_say(book, VERDICT_WARN, what,
                    "fragments are lost: blocks of %u bytes arrive, as a packet of %u; longer ones are cut, and do not",
                    b->arrived, packet);
    else if (packet < mtu && packet < ETHERNET_MTU)
        verdict_say(
            book, VERDICT_WARN, what,
            "blocks over %u bytes are lost: packets of %u bytes pass and longer ones do not, as in a tunnel or VPN",
            b->arrived, packet);
    else
        verdict_say(book, VERDICT_WARN, what,
                    "blocks over %u bytes are lost: fragments pass, but not so many at once (packets of %u bytes)",
                    b->arrived, packet);
    mend_blocks(book, b->arrived);
}

static void say_blocks(struct verdict_book *book, const struct block_search *b, const char *what)
{
    const struct findings *f = book->f;
    bool is_cut = f->mtu != 0 && b->arrived + findings_headers(f) > f->mtu;
    bool is_open = b->arrived == f->granted[OPTION_BLKSIZE] && !findings_is_limit_told(f, OPTION_BLKSIZE);

    if (b->lost != 0)
        say_lost_blocks(book, b, what);
    else
        verdict_say(book, VERDICT_OK, what, "blocks of %u bytes arrive%s", b->arrived,
                    is_cut    ? ", in fragments"
                    : is_open ? ", and nothing longer was granted"
                              : ", and nothing longer is to be had");
}

static void say_no_block(struct verdict_book *book, const struct block_search *b, const char *what)
{
    if (b->lost == 0)
        return;
    verdict_say(book, VERDICT_FAIL, what, "the options are answered, and no block of data ever arrives");
    verdict_cause(book, CAUSE_STOPPED, 0);
    verdict_mend(book,
                 "something between lets small packets through and drops the others: a firewall that looks into them");
}

void verdict_of_blocks(struct verdict_book *book)
{
    const struct findings *f = book->f;

    if (!f->has_blocks) {
        if (findings_is_served(f) && f->has_size && f->size <= BLKSIZE_DEFAULT)
            verdict_say(book, VERDICT_NOTE, "blocks",
                        "the file is too short to measure blocks and windows: name a larger one");
        return;
    }
    if (!block_search_has_found(&f->blocks))
        say_no_block(book, &f->blocks, "blocks");
    else
        say_blocks(book, &f->blocks, "blocks");
}

/* -- windows -- */

static void say_cut_window(struct verdict_book *book, const struct finding_window *w)
{
    verdict_say(book, VERDICT_WARN, "windows",
                "of a window of %u blocks never more than %u arrive: something on the way holds no more at once",
                w->windowsize, w->longest);
    verdict_mend(book, "client: -w %u", w->longest > 0 ? w->longest : 1);
    if (book->print.may_be_ours)
        verdict_mend(book, "on a tftpd: MaxWindowSize = %u", w->longest > 0 ? w->longest : 1);
}

static void say_loss(struct verdict_book *book)
{
    uint64_t arrived, lost;

    findings_count_loss(book->f, &arrived, &lost);
    if (arrived + lost == 0)
        return;
    uint64_t permille = lost * 1000 / (arrived + lost);
    if (!findings_is_lossy(book->f)) {
        verdict_say(book, VERDICT_OK, "loss", "of %" PRIu64 " blocks %" PRIu64 " were lost", arrived + lost, lost);
        return;
    }
    verdict_say(book, VERDICT_WARN, "loss",
                "%" PRIu64 ".%" PRIu64 " %% of the blocks are lost, %" PRIu64 " of %" PRIu64, permille / 10,
                permille % 10, lost, arrived + lost);
    verdict_mend(book,
                 "a cable, a duplex that differs, Wi-Fi, a line that is full; windows of 4 suffer less (client: -w 4)");
}

static void say_order(struct verdict_book *book)
{
    uint64_t disordered = 0, doubled = 0;

    for (uint32_t i = 0; i < FINDINGS_WINDOWS; i++) {
        disordered += book->f->windows[i].disordered;
        doubled += book->f->windows[i].doubled;
    }
    /* Behind a loss the server sends again what came already: that says nothing of the way. */
    if (disordered == 0 &&
        (doubled == 0 || findings_is_lossy(book->f) || findings_cut_window(book->f) < FINDINGS_WINDOWS))
        return;
    verdict_say(book, VERDICT_NOTE, "order", "%" PRIu64 " blocks came out of order, %" PRIu64 " twice", disordered,
                doubled);
}

void verdict_of_windows(struct verdict_book *book)
{
    const struct findings *f = book->f;
    uint32_t cut = findings_cut_window(f), best = findings_best_window(f);

    if (best == FINDINGS_WINDOWS)
        return;
    if (cut < FINDINGS_WINDOWS)
        say_cut_window(book, &f->windows[cut]);
    else if (findings_windowsize_limit(f) > 1)
        verdict_say(book, VERDICT_OK, "windows", "%u blocks at once are as fast as any: %" PRIu64 " KB/s",
                    f->windows[best].windowsize, findings_rate(&f->windows[best]) / 1000);
    say_loss(book);
    say_order(book);
}

/* -- a put -- */

static void say_put_refused(struct verdict_book *book)
{
    const struct finding_answer *put = &book->f->put;
    char words[SOUNDING_TEXT_MAX + 1];

    verdict_say(book, VERDICT_FAIL, "put", "\"%s\" may not be stored: ERROR %u, \"%s\"", book->f->put_name, put->code,
                verdict_words(put, words));
    verdict_cause(book, CAUSE_SERVER_ERROR, put->code);
    if (book->print.may_be_ours)
        verdict_mend(book, "on a tftpd: Masters, Writable; tftpd explain put NAME --client ADDRESS says which decides");
}

static void say_put_failed(struct verdict_book *book)
{
    static const struct {
        enum cause cause;
        const char *why;
    } rows[] = {
        [SOUNDING_SILENT] = {CAUSE_STOPPED,
                             "the request to store is not answered: the server takes none, or a rule drops it"},
        [SOUNDING_UNREACHABLE] = {CAUSE_NOTHING_LISTENS, "nothing listens there any more"},
        [SOUNDING_BROKEN] = {CAUSE_PROTOCOL, "the request to store is answered with an OACK that breaks RFC 2347"},
        [SOUNDING_STOPPED] = {CAUSE_STOPPED, "its blocks are not acknowledged"},
    };
    enum sounding_end end = book->f->put.end;

    ASSERT(end < sizeof rows / sizeof rows[0] && rows[end].why != NULL);
    verdict_say(book, VERDICT_FAIL, "put", "\"%s\" cannot be stored: %s", book->f->put_name, rows[end].why);
    verdict_cause(book, rows[end].cause, 0);
}

void verdict_of_put(struct verdict_book *book)
{
    const struct findings *f = book->f;

    if (!f->put.is_asked || f->put.end == SOUNDING_UNFINISHED)
        return;
    if (f->put.end == SOUNDING_ERROR) {
        say_put_refused(book);
    } else if (block_search_has_found(&f->put_blocks)) {
        verdict_say(book, VERDICT_OK, "put", "\"%s\" may be stored; what was begun was broken off", f->put_name);
        if (f->put_blocks.lost != 0)
            say_lost_blocks(book, &f->put_blocks, "put blocks");
    } else {
        say_put_failed(book);
    }
}

/* -- what to type -- */

void verdict_of_flags(struct verdict_book *book)
{
    const struct findings *f = book->f;
    uint32_t cut = findings_cut_window(f), best = findings_best_window(f), windowsize = 1;

    if (!findings_is_served(f) || f->answered == 0)
        return;
    if ((f->together | f->alone) == 0) {
        verdict_say(book, VERDICT_NOTE, "flags", "for this server: tftp -n");
        return;
    }
    if (best < FINDINGS_WINDOWS)
        windowsize = f->windows[best].windowsize;
    else if (findings_windowsize_limit(f) > 1)
        windowsize =
            findings_windowsize_limit(f) < DEFAULT_WINDOWSIZE ? findings_windowsize_limit(f) : DEFAULT_WINDOWSIZE;
    if (cut < FINDINGS_WINDOWS && windowsize > f->windows[cut].longest)
        windowsize = f->windows[cut].longest > 0 ? f->windows[cut].longest : 1;
    verdict_say(book, VERDICT_NOTE, "flags", "for this way: tftp -b %u -w %u", findings_blksize(f), windowsize);
}
