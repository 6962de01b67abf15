#include "core/probe/verdict_parts.h"

#include "core/base/sheet.h"
#include "core/probe/probe.h"

#include <inttypes.h>
#include <stdio.h>

/* -- does anybody answer -- */

static void say_silence(struct verdict_book *book)
{
    const struct findings *f = book->f;
    uint16_t port = f->server.port;

    if (f->ping == PING_ANSWERED && f->is_this_machine)
        verdict_say(book, VERDICT_FAIL, "answer",
                    "nobody answers on UDP port %u, and this machine does not say that it is closed", port);
    else if (f->ping == PING_ANSWERED)
        verdict_say(
            book, VERDICT_FAIL, "answer",
            "nobody answers on UDP port %u, and the host answers a ping: a firewall drops the request there, or "
            "the answer here",
            port);
    else
        verdict_say(book, VERDICT_FAIL, "answer",
                    "nobody answers on UDP port %u%s: the address is wrong, the host is down, or all is dropped", port,
                    f->ping == PING_SILENT ? ", nor a ping" : "");
    verdict_cause(book, CAUSE_NO_ANSWER, 0);
    if (book->print.may_be_ours)
        verdict_mend(book, "there: is the service started, and does it drop this machine's requests? On a tftpd: "
                           "tftpd check, and tftpd explain get NAME --client ADDRESS (its parameter Clients)");
    if (f->is_this_machine)
        return;
    verdict_mend(book, "here, as the answer comes from another port than %u, in an elevated prompt:", port);
    verdict_mend(book, RESULT_FIREWALL_RULE, book->program);
}

static void say_nobody(struct verdict_book *book)
{
    const struct findings *f = book->f;
    char text[ENDPOINT_TEXT_MAX];

    if (f->absent.end == SOUNDING_UNREACHABLE || f->ping == PING_PORT_CLOSED) {
        verdict_say(book, VERDICT_FAIL, "answer", "nothing listens on UDP port %u: the host itself says so",
                    f->server.port);
        verdict_cause(book, CAUSE_NOTHING_LISTENS, 0);
        verdict_mend(book, "start the service there, or ask another port: host:port");
    } else if (f->stranger.port != 0) {
        verdict_say(book, VERDICT_FAIL, "answer", "only %s answers, which was not asked; clients drop that",
                    endpoint_text(&f->stranger, text));
        verdict_cause(book, CAUSE_OTHER_ADDRESS, 0);
        verdict_mend(book, "ask that address; or have the server answer from the address that was asked");
    } else if (f->is_nonsense_heard) {
        verdict_say(book, VERDICT_FAIL, "answer", "what answers on UDP port %u speaks no TFTP", f->server.port);
        verdict_cause(book, CAUSE_PROTOCOL, 0);
    } else {
        say_silence(book);
    }
    if (f->other.port != 0)
        verdict_mend(book, "the name has another address, %s: %s asks that", endpoint_address_text(&f->other, text),
                     endpoint_is_ipv4(&f->other) ? "-4" : "-6");
}

/* Of a request that was repeated nobody knows which one was answered. */
static const char *time_text(const struct round_trip *trip, char text[32])
{
    if (!trip->is_known)
        return ", later than it was asked again";
    if (trip->smooth_ms == 0)
        return " in less than 1 ms";
    snprintf(text, 32, " in %u ms", trip->smooth_ms);
    return text;
}

static void say_answer(struct verdict_book *book)
{
    const struct findings *f = book->f;
    char at[ENDPOINT_TEXT_MAX], time[32];
    bool is_well = f->asked == f->answered && f->trip.is_known;

    verdict_say(book, is_well ? VERDICT_OK : VERDICT_WARN, "answer", "%s answers%s, %u of %u requests",
                endpoint_address_text(&f->from, at), time_text(&f->trip, time), f->answered, f->asked);
    if (!f->trip.is_known)
        verdict_mend(book, "client: -t 4 waits longer before it asks again");
}

static void say_port(struct verdict_book *book)
{
    const struct findings *f = book->f;

    if (f->from.port == f->server.port)
        verdict_say(book, VERDICT_OK, "port", "answers come from port %u itself, so no firewall rule is needed here%s",
                    f->server.port, book->print.may_be_ours ? " (on a tftpd: SinglePort = 1)" : "");
    else
        verdict_say(book, VERDICT_OK, "port", "answers come from ports of their own, and get through%s",
                    book->print.may_be_ours ? " (on a tftpd: SinglePort = 0)" : "");
}

static void say_absent(struct verdict_book *book)
{
    const struct findings *f = book->f;
    char words[SOUNDING_TEXT_MAX + 1];

    verdict_words(&f->absent, words);
    if (f->absent.end != SOUNDING_ERROR)
        verdict_say(book, VERDICT_WARN, "not found",
                    "a name that nobody has is served: loaders that try one name after the other take the first");
    else if (f->absent.code == ERROR_CODE_NOT_FOUND)
        verdict_say(book, VERDICT_OK, "not found", "a name that is not there is ERROR 1, \"%s\"", words);
    else
        verdict_say(book, VERDICT_WARN, "not found",
                    "a name that is not there is ERROR %u, \"%s\": some loaders that try several names stop at all but "
                    "ERROR 1",
                    f->absent.code, words);
}

void verdict_of_answer(struct verdict_book *book)
{
    const struct findings *f = book->f;
    char at[ENDPOINT_TEXT_MAX];

    if (f->asked == 0)
        return;
    if (f->answered == 0 && f->absent.end == SOUNDING_UNFINISHED)
        return;
    if (f->answered == 0) {
        say_nobody(book);
        return;
    }
    say_answer(book);
    if (f->stranger.port != 0) {
        verdict_say(book, VERDICT_WARN, "other", "%s answers as well, which was not asked",
                    endpoint_text(&f->stranger, at));
        verdict_mend(book, "are there two servers, or one with two addresses that answers from both?");
    }
    say_port(book);
    say_absent(book);
    if (book->print.name != NULL)
        verdict_say(book, VERDICT_NOTE, "server", "perhaps %s: a guess, by what it says", book->print.name);
}

/* -- the file -- */

static void say_unserved(struct verdict_book *book)
{
    const struct findings *f = book->f;
    const struct finding_answer *last = findings_of_file(f);
    char words[SOUNDING_TEXT_MAX + 1];

    if (last->end == SOUNDING_ERROR) {
        verdict_say(book, VERDICT_FAIL, "file", "\"%s\" is refused: ERROR %u, \"%s\"", f->name, last->code,
                    verdict_words(last, words));
        verdict_cause(book, CAUSE_SERVER_ERROR, last->code);
        if (book->print.may_be_ours)
            verdict_mend(book, "on a tftpd: tftpd explain get NAME --client ADDRESS says which rule decides");
    } else if (last->end == SOUNDING_BROKEN) {
        verdict_say(book, VERDICT_FAIL, "file", "\"%s\" is answered with an OACK that breaks RFC 2347", f->name);
        verdict_cause(book, CAUSE_PROTOCOL, 0);
    } else {
        verdict_say(
            book, VERDICT_FAIL, "file",
            "a name that is not there is refused, and for \"%s\" nothing comes: its first block does not pass, or a "
            "rule drops the request",
            f->name);
        verdict_cause(book, CAUSE_STOPPED, 0);
        verdict_mend(book, "try another file, and look at the log of the server");
    }
}

void verdict_of_file(struct verdict_book *book)
{
    const struct findings *f = book->f;

    if (f->answered > 0 && f->name == NULL)
        verdict_say(book, VERDICT_NOTE, "file",
                    "name a file that the server has, to have options, blocks and windows measured");
    if (f->answered == 0 || !f->file.is_asked || f->file.end == SOUNDING_UNFINISHED)
        return;
    if (!findings_is_served(f))
        say_unserved(book);
    else if (f->has_size)
        verdict_say(book, VERDICT_OK, "file", "\"%s\" is served, %" PRIu64 " bytes", f->name, f->size);
    else
        verdict_say(book, VERDICT_OK, "file", "\"%s\" is served; its size is not told", f->name);
}

/* -- options -- */

static void say_unknown_options(struct verdict_book *book)
{
    const struct findings *f = book->f;

    if (f->file.end == SOUNDING_SILENT) {
        verdict_say(
            book, VERDICT_WARN, "options",
            "a request with options is not answered at all, one without is: clients wait for some seconds each time");
        verdict_mend(book, "client: -n saves the wait");
        return;
    }
    if (f->file.end == SOUNDING_ERROR)
        verdict_say(book, VERDICT_WARN, "options",
                    "a request with options is refused with ERROR %u: 512 bytes, one by one, and a request more",
                    f->file.code);
    else
        verdict_say(book, VERDICT_WARN, "options",
                    "the server ignores options, there is no OACK: 512 bytes, one by one, files without a size");
    verdict_mend(book, "client: -n; faster is a server that knows RFC 2348 and 7440");
}

static const char *costs_of(enum option option)
{
    switch (option) {
    case OPTION_BLKSIZE: return "no blksize: 512 bytes in a packet, a third of what fits";
    case OPTION_WINDOWSIZE: return "no windowsize: each block waits for a round trip";
    default: return "no tsize: loaders that reserve memory by it give up, and nobody sees how far it is";
    }
}

void verdict_of_options(struct verdict_book *book)
{
    static const enum option worth[] = {OPTION_BLKSIZE, OPTION_WINDOWSIZE, OPTION_TSIZE};
    const struct findings *f = book->f;
    bool is_any_missing = false;

    if (!findings_is_served(f) || f->answered == 0)
        return;
    if (f->is_oack_broken) {
        verdict_say(
            book, VERDICT_WARN, "OACK",
            "an answer to options breaks the rules: something in it was not asked for, is larger, or no number");
        verdict_mend(book, "client: -n, as strict ones end such a transfer with ERROR 8");
    }
    if ((f->together | f->alone) == 0 && !f->file.has_oack) {
        if (!f->is_oack_broken)
            say_unknown_options(book);
        return;
    }
    for (size_t i = 0; i < sizeof worth / sizeof worth[0]; i++) {
        /* An empty file is not announced, as curl takes 0 for an error. */
        if (findings_is_granted(f, worth[i]) || (worth[i] == OPTION_TSIZE && f->has_size && f->size == 0))
            continue;
        is_any_missing = true;
        verdict_say(book, VERDICT_WARN, "options", "%s", costs_of(worth[i]));
        if (book->print.may_be_ours)
            verdict_mend(book, "on a tftpd: is it in DisableOptions?");
    }
    if (!is_any_missing)
        verdict_say(book, VERDICT_OK, "options", "tsize, blksize and windowsize are granted%s",
                    findings_is_granted(f, OPTION_TIMEOUT) ? ", and timeout" : "");
}

/* -- how far the server goes -- */

/* Nobody has told how far: so much was asked for, and granted. */
static void say_no_limit(struct verdict_book *book, enum option option, const char *what)
{
    const struct findings *f = book->f;
    const char *more = !(f->asked_alone >> option & 1) ? ""
                       : f->unanswered >> option & 1   ? "; more was asked, and not answered"
                                                       : "; more was asked, and not granted";

    verdict_say(book, VERDICT_NOTE, what, "at least %" PRIu64 " is granted%s", f->granted[option], more);
}

static void say_blksize_limit(struct verdict_book *book)
{
    uint32_t blksize = findings_blksize_limit(book->f), mtu = blksize + findings_headers(book->f);
    bool is_small = blksize < 1024, is_mtu = mtu <= UINT16_MAX && blksize < BLKSIZE_MAX;
    char values[96] = "";

    if (book->print.may_be_ours && is_mtu)
        snprintf(values, sizeof values, " (on a tftpd: Mtu = %u, or MaxBlockSize = %u)", mtu, blksize);
    verdict_say(book, is_small ? VERDICT_WARN : VERDICT_OK, "blksize", "up to %u is granted%s", blksize, values);
    if (is_small)
        verdict_mend(book, "longer blocks are faster; 1428 passes most tunnels");
}

static void say_windowsize_limit(struct verdict_book *book)
{
    const struct findings *f = book->f;
    uint32_t windowsize = findings_windowsize_limit(f);
    char values[64] = "";

    /* Where all transfers have one port, what strangers may be sent at once is bounded by UnprovenBytes, too. */
    if (book->print.may_be_ours && f->from.port != f->server.port)
        snprintf(values, sizeof values, " (on a tftpd: MaxWindowSize = %u)", windowsize);
    verdict_say(book, VERDICT_OK, "windowsize", "up to %u is granted%s", windowsize, values);
}

void verdict_of_limits(struct verdict_book *book)
{
    static const struct {
        enum option option;
        const char *what;
        void (*say)(struct verdict_book *book);
    } rows[] = {
        {OPTION_BLKSIZE, "blksize", say_blksize_limit},
        {OPTION_WINDOWSIZE, "windowsize", say_windowsize_limit},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!findings_is_granted(book->f, rows[i].option))
            continue;
        if (findings_is_limit_told(book->f, rows[i].option))
            rows[i].say(book);
        else
            say_no_limit(book, rows[i].option, rows[i].what);
    }
}

/* -- manners -- */

static void say_rollover(struct verdict_book *book)
{
    switch (book->f->rollover) {
    case ROLLOVER_0:
        verdict_say(book, VERDICT_OK, "numbers", "block 0 follows block 65535, as most clients expect");
        break;
    case ROLLOVER_1:
        verdict_say(book, VERDICT_WARN, "numbers",
                    "block 1 follows block 65535: most clients expect 0, and stop at 65535 times the block's length");
        verdict_mend(book, "client: longer blocks; ours follows either");
        break;
    case ROLLOVER_NOTHING:
        verdict_say(book, VERDICT_WARN, "numbers",
                    "nothing follows block 65535: no file is fetched that is longer than 65535 blocks");
        verdict_mend(book, "client: longer blocks, -b 1428 for 90 MB");
        break;
    default: break;
    }
}

static void say_timer(struct verdict_book *book)
{
    const struct finding_trick *trick = &book->f->tricks[TRICK_WITHHELD];

    if (trick->is_repeated)
        verdict_say(book, VERDICT_OK, "timer", "a block that is not acknowledged comes again after %u.%03u s",
                    trick->repeated_ms / 1000, trick->repeated_ms % 1000);
    else if (trick->plays >= PROBE_WITHHELD_PLAYS)
        verdict_say(book, VERDICT_WARN, "timer",
                    "a block that is not acknowledged did not come again within 6 s: a lost packet ends a transfer");
}

static void say_doubled_ack(struct verdict_book *book)
{
    uint32_t answers = findings_answers_to_doubled_ack(book->f);

    if (answers > 1) {
        verdict_say(book, VERDICT_WARN, "doubled ACK",
                    "an ACK that comes twice is answered twice: once doubled, all blocks to the end are");
        verdict_mend(book, "RFC 1123, 4.2.3.1, is how old: a newer server");
    } else if (answers > 0) {
        verdict_say(book, VERDICT_OK, "doubled ACK", "an ACK that comes twice is answered once");
    }
}

static void say_stranger(struct verdict_book *book)
{
    const struct finding_trick *trick = &book->f->tricks[TRICK_STRANGER];

    if (trick->is_taken_as_ours)
        verdict_say(book, VERDICT_WARN, "stranger",
                    "an ACK from another port moves the transfer: anybody may disturb it");
    else if (trick->is_refused || trick->plays >= PROBE_STRANGER_PLAYS)
        verdict_say(book, VERDICT_OK, "stranger", "an ACK from another port changes nothing%s",
                    trick->is_refused ? ", and hears ERROR 5" : "");
}

void verdict_of_manners(struct verdict_book *book)
{
    say_timer(book);
    say_doubled_ack(book);
    say_rollover(book);
    say_stranger(book);
}
