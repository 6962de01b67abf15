/* What findings mean: for each kind of them its line, what mends it, its exit code; both reports; who it may be. */
#include "unit.h"

#include "core/probe/fingerprint.h"
#include "core/probe/probe.h"
#include "core/probe/probe_report.h"

#include <stdio.h>

static struct findings f;
static struct verdicts verdicts;
static char text[PROBE_REPORT_MAX];

static void words(struct finding_answer *answer, const char *said)
{
    answer->text_size = strlen(said);
    memcpy(answer->text, said, answer->text_size);
}

/* One that answers "not found", and as it should. */
static void answering(void)
{
    f = (struct findings){
        .server = endpoint_ipv4(10, 0, 0, 1, 69),
        .asked = 3,
        .answered = 3,
        .from = endpoint_ipv4(10, 0, 0, 1, 4000),
        .trip = {true, 2, 1},
        .mtu = 1500,
    };
    f.absent = (struct finding_answer){.is_asked = true, .end = SOUNDING_ERROR, .code = 1};
    words(&f.absent, "File not found");
}

static void grant(enum option option, uint64_t value)
{
    f.together |= 1u << option;
    f.granted[option] = value;
    f.asked_most[option] = option == OPTION_BLKSIZE ? BLKSIZE_MAX : WINDOWSIZE_MAX;
}

/* And serves a file, with all options. */
static void serving(void)
{
    answering();
    f.name = "boot.bin";
    f.file = (struct finding_answer){.is_asked = true, .end = SOUNDING_DONE, .has_oack = true};
    f.has_size = true;
    f.size = 500000;
    grant(OPTION_TSIZE, 500000);
    grant(OPTION_BLKSIZE, 1468);
    grant(OPTION_WINDOWSIZE, 64);
    grant(OPTION_MSFTWINDOW, MSFTWINDOW_GRANTED);
    f.has_blocks = true;
    f.blocks = (struct block_search){.arrived = 1468, .top = 1468};
}

static void window(int i, uint32_t windowsize, uint64_t ms, uint64_t lost)
{
    f.windows[i] = (struct finding_window){
        .is_measured = true,
        .asked = windowsize,
        .windowsize = windowsize,
        .blksize = 1428,
        .blocks = 300,
        .bytes = 300 * 1428,
        .ms = ms,
        .arrived = 300,
        .lost = lost,
        .whole = 300 / windowsize,
    };
}

static const struct verdict *line_of(const char *what)
{
    verdicts_make(&verdicts, &f, "C:\\p\\tftp.exe");
    for (uint32_t i = 0; i < verdicts.count; i++)
        if (strcmp(verdicts.lines[i].what, what) == 0)
            return &verdicts.lines[i];
    return NULL;
}

static void expect(const char *what, enum verdict_state state, const char *meaning, const char *remedy)
{
    const struct verdict *line = line_of(what);

    CHECK(line != NULL, "there is no line %s", what);
    CHECK(line->state == state && strstr(line->meaning, meaning) != NULL, "%s: %s", verdict_state_text(line->state),
          line->meaning);
    CHECK(strstr(line->remedy, remedy) != NULL, "%s: %s", line->meaning, line->remedy);
}

static int code(void)
{
    verdicts_make(&verdicts, &f, "tftp.exe");
    return verdicts_exit_code(&verdicts, &f);
}

static void test_answer(void **state)
{
    (void)state;
    answering();
    expect("answer", VERDICT_OK, "10.0.0.1 answers in 2 ms, 3 of 3 requests", "");
    expect("port", VERDICT_OK, "ports of their own", "");
    expect("file", VERDICT_NOTE, "name a file", "");
    assert_int_equal(code(), 0);
    f.asked = 5;
    f.trip.smooth_ms = 0;
    f.from.port = 69;
    f.stranger = endpoint_ipv4(10, 0, 0, 2, 1);
    expect("answer", VERDICT_WARN, "less than 1 ms, 3 of 5", "");
    expect("port", VERDICT_OK, "port 69 itself", "");
    expect("other", VERDICT_WARN, "10.0.0.2:1 answers as well", "");
    assert_int_equal(code(), VERDICT_EXIT_WARN);
    f.asked = 3;
    f.trip.is_known = false;
    expect("answer", VERDICT_WARN, "answers, later than it was asked again, 3 of 3", "client: -t");
    f.absent.code = 2;
    expect("not found", VERDICT_WARN, "ERROR 2", "");
    f.absent.end = SOUNDING_DONE;
    expect("not found", VERDICT_WARN, "is served", "");
}

static void test_nobody(void **state)
{
    (void)state;
    answering();
    f.answered = 0;
    f.absent = (struct finding_answer){.is_asked = true, .end = SOUNDING_SILENT};
    f.ping = PING_ANSWERED;
    expect("answer", VERDICT_FAIL, "a firewall drops the request there, or the answer here",
           "program=\"C:\\p\\tftp.exe\"");
    assert_int_equal(code(), 11);
    f.ping = PING_SILENT;
    expect("answer", VERDICT_FAIL, "nor a ping", "netsh");
    f.ping = PING_UNKNOWN;
    f.other = endpoint_ipv4(10, 0, 0, 9, 69);
    expect("answer", VERDICT_FAIL, "the address is wrong", "10.0.0.9: -4 asks that");
    f.is_this_machine = true;
    f.ping = PING_ANSWERED;
    f.other.address[0] = 0xfd;
    expect("answer", VERDICT_FAIL, "this machine does not say", "-6 asks that");
    assert_null(strstr(line_of("answer")->remedy, "netsh"));
    f.ping = PING_PORT_CLOSED;
    expect("answer", VERDICT_FAIL, "nothing listens", "");
    assert_int_equal(code(), 12);
    f.absent.end = SOUNDING_UNFINISHED;
    f.ping = PING_NOT_ASKED;
    f.is_interrupted = true;
    expect("end", VERDICT_NOTE, "interrupted", "");
    assert_int_equal(code(), 130);
}

static void test_file(void **state)
{
    (void)state;
    serving();
    expect("file", VERDICT_OK, "\"boot.bin\" is served, 500000 bytes", "");
    f.has_size = false;
    expect("file", VERDICT_OK, "its size is not told", "");
    f.file = (struct finding_answer){.is_asked = true, .end = SOUNDING_ERROR, .code = 2};
    words(&f.file, "no\x1b[2J");
    expect("file", VERDICT_FAIL, "ERROR 2, \"no?[2J\"", "tftpd explain");
    assert_int_equal(code(), 22);
    f.file.end = SOUNDING_BROKEN;
    expect("file", VERDICT_FAIL, "breaks RFC 2347", "");
    assert_int_equal(code(), 16);
    f.file.end = SOUNDING_STOPPED;
    expect("file", VERDICT_FAIL, "nothing comes", "");
    assert_int_equal(code(), 13);
}

static void test_options(void **state)
{
    (void)state;
    serving();
    expect("options", VERDICT_OK, "are granted", "");
    grant(OPTION_TIMEOUT, 3);
    expect("options", VERDICT_OK, "and timeout", "");
    f.is_oack_broken = true;
    expect("OACK", VERDICT_WARN, "breaks the rules", "-n");
    f.together = 0;
    assert_null(line_of("blksize"));
    f.is_oack_broken = false;
    f.file.has_oack = false;
    expect("options", VERDICT_WARN, "ignores options", "-n");
    expect("flags", VERDICT_NOTE, "tftp -n", "");
    f.bare = f.file;
    f.file.end = SOUNDING_SILENT;
    expect("options", VERDICT_WARN, "is not answered at all", "-n");
    f.file.end = SOUNDING_ERROR;
    f.file.code = 4;
    expect("options", VERDICT_WARN, "refused with ERROR 4", "-n");
    serving();
    f.together &= ~(1u << OPTION_WINDOWSIZE);
    expect("options", VERDICT_WARN, "no windowsize", "DisableOptions");
    f.together = 1u << OPTION_WINDOWSIZE;
    expect("options", VERDICT_WARN, "no blksize", "DisableOptions");
    f.has_size = false;
    f.together = 1u << OPTION_BLKSIZE | 1u << OPTION_WINDOWSIZE;
    expect("options", VERDICT_WARN, "no tsize", "");
}

static void test_limits(void **state)
{
    (void)state;
    serving();
    expect("blksize", VERDICT_OK, "up to 1468 is granted (on a tftpd: Mtu = 1500, or MaxBlockSize = 1468)", "");
    expect("windowsize", VERDICT_OK, "up to 64 is granted (on a tftpd: MaxWindowSize = 64)", "");
    f.server = endpoint_of_ipv6((const uint8_t[16]){0xfd, 1}, 0, 69);
    expect("blksize", VERDICT_OK, "Mtu = 1520", "");
    grant(OPTION_BLKSIZE, 65464);
    expect("blksize", VERDICT_OK, "up to 65464 is granted", "");
    assert_null(strstr(line_of("blksize")->meaning, "Mtu"));
    grant(OPTION_BLKSIZE, 600);
    expect("blksize", VERDICT_WARN, "up to 600", "longer blocks");
    words(&f.absent, "Illegal operation error.");
    f.absent.code = 4;
    assert_null(strstr(line_of("windowsize")->meaning, "MaxWindowSize"));
}

/* A limit is what the server has granted of more, not what the probe has asked. */
static void test_limits_not_told(void **state)
{
    (void)state;
    serving();
    f.granted[OPTION_BLKSIZE] = f.asked_most[OPTION_BLKSIZE] = 1428;
    f.granted[OPTION_WINDOWSIZE] = f.asked_most[OPTION_WINDOWSIZE] = 16;
    f.blocks = (struct block_search){.arrived = 1428, .top = 1428};
    expect("blksize", VERDICT_NOTE, "at least 1428 is granted", "");
    assert_null(strstr(line_of("blksize")->meaning, ";"));
    f.asked_alone = f.unanswered = 1u << OPTION_BLKSIZE | 1u << OPTION_WINDOWSIZE;
    expect("blksize", VERDICT_NOTE, "at least 1428 is granted; more was asked, and not answered", "");
    expect("windowsize", VERDICT_NOTE, "at least 16 is granted; more was asked, and not answered", "");
    expect("blocks", VERDICT_OK, "blocks of 1428 bytes arrive, and nothing longer was granted", "");
    f.unanswered = 0;
    expect("windowsize", VERDICT_NOTE, "at least 16 is granted; more was asked, and not granted", "");
    for (uint32_t i = 0; i < verdicts.count; i++)
        CHECK(strstr(verdicts.lines[i].meaning, "MaxBlockSize") == NULL, "%s", verdicts.lines[i].meaning);
    assert_null(strstr(line_of("windowsize")->meaning, "MaxWindowSize"));
}

static void test_blocks(void **state)
{
    static const struct {
        uint32_t mtu, arrived, lost;
        const char *meaning;
    } rows[] = {
        {1500, 1468, 1469, "fragments are lost"},
        {1400, 1368, 1369, "fragments are lost"},
        {0, 1468, 1469, "fragments are lost"},
        {65536, 1468, 1469, "fragments are lost"},
        {1500, 1000, 1001, "blocks over 1000 bytes are lost: packets of 1032 bytes pass"},
        {9000, 1000, 1001, "as in a tunnel"},
        {1500, 20000, 20001, "fragments pass, but not so many"},
        {1500, 512, 1428, "its time was over"},
    };

    (void)state;
    serving();
    expect("blocks", VERDICT_OK, "blocks of 1468 bytes arrive, and nothing longer", "");
    f.mtu = 1400;
    expect("blocks", VERDICT_OK, "in fragments", "");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        f.mtu = rows[i].mtu;
        f.blocks = (struct block_search){.arrived = rows[i].arrived, .lost = rows[i].lost, .top = 65464};
        expect("blocks", VERDICT_WARN, rows[i].meaning, "client: -b ");
    }
    expect("flags", VERDICT_NOTE, "-b 512", "");
    f.blocks = (struct block_search){.arrived = BLKSIZE_MIN - 1, .lost = BLKSIZE_MIN, .top = 1468};
    expect("blocks", VERDICT_FAIL, "no block of data ever arrives", "");
    assert_int_equal(code(), 13);
    f.blocks.lost = 0;
    assert_null(line_of("blocks"));
    f.has_blocks = false;
    f.size = 100;
    expect("blocks", VERDICT_NOTE, "too short", "");
}

static void test_windows(void **state)
{
    (void)state;
    serving();
    window(0, 1, 300, 0);
    window(1, 4, 100, 0);
    window(2, 16, 50, 0);
    window(3, 64, 49, 0);
    expect("windows", VERDICT_OK, "16 blocks at once are as fast as any: 8568 KB/s", "");
    expect("loss", VERDICT_OK, "of 1200 blocks 0 were lost", "");
    expect("flags", VERDICT_NOTE, "tftp -b 1428 -w 16", "");
    assert_null(line_of("order"));
    f.windows[0].doubled = 3;
    expect("order", VERDICT_NOTE, "3 twice", "");
    f.windows[2].whole = f.windows[3].whole = 0;
    f.windows[2].torn = f.windows[3].torn = 70;
    f.windows[2].longest = f.windows[3].longest = 4;
    f.windows[2].lost = 800;
    expect("windows", VERDICT_WARN, "of a window of 16 blocks never more than 4 arrive", "MaxWindowSize = 4");
    expect("loss", VERDICT_OK, "of 600 blocks 0 were lost", "");
    expect("flags", VERDICT_NOTE, "-w 4", "");
    f.windows[2].longest = 0;
    expect("windows", VERDICT_WARN, "never more than 0", "client: -w 1");
    /* With losses everywhere it is not the window's. */
    f.windows[0].lost = 15;
    expect("loss", VERDICT_WARN, " % of the blocks are lost", "-w 4");
    assert_int_equal(findings_cut_window(&f), FINDINGS_WINDOWS);
    f.windows[0].disordered = 1;
    expect("order", VERDICT_NOTE, "1 blocks came out of order", "");
    serving();
    expect("flags", VERDICT_NOTE, "-w 16", "");
    grant(OPTION_WINDOWSIZE, 8);
    expect("flags", VERDICT_NOTE, "-w 8", "");
    window(0, 1, 0, 0);
    assert_int_equal(findings_rate(&f.windows[0]), 300 * 1428 * 1000);
    f.together &= ~(1u << OPTION_WINDOWSIZE);
    assert_null(line_of("windows"));
}

/* One lost block is chance; two are not a window's fault, and 1 % is a lossy way. */
static void test_loss(void **state)
{
    (void)state;
    serving();
    window(0, 1, 300, 1);
    assert_false(findings_is_lossy(&f));
    f.windows[0].lost = 2;
    assert_false(findings_is_lossy(&f));
    f.windows[0].lost = 4;
    assert_true(findings_is_lossy(&f));
    expect("loss", VERDICT_WARN, "1.3 % of the blocks are lost, 4 of 304", "");
}

static void test_manners_and_put(void **state)
{
    (void)state;
    serving();
    f.tricks[TRICK_WITHHELD] = (struct finding_trick){.plays = 1, .is_repeated = true, .repeated_ms = 1005};
    f.tricks[TRICK_DOUBLED] = (struct finding_trick){.plays = 3, .doubles = 1};
    f.tricks[TRICK_STRANGER] = (struct finding_trick){.plays = 1, .is_refused = true};
    expect("timer", VERDICT_OK, "after 1.005 s", "");
    expect("doubled ACK", VERDICT_OK, "once", "");
    expect("stranger", VERDICT_OK, "hears ERROR 5", "");
    f.tricks[TRICK_WITHHELD].is_repeated = false;
    assert_null(line_of("timer")); /* one repetition may be lost */
    f.tricks[TRICK_WITHHELD].plays = PROBE_WITHHELD_PLAYS;
    f.tricks[TRICK_DOUBLED].doubles = 2;
    f.tricks[TRICK_STRANGER].is_refused = false;
    assert_null(line_of("stranger")); /* one packet may be lost */
    f.tricks[TRICK_STRANGER].plays = PROBE_STRANGER_PLAYS;
    expect("stranger", VERDICT_OK, "changes nothing", "");
    f.tricks[TRICK_STRANGER].is_taken_as_ours = true;
    expect("timer", VERDICT_WARN, "did not come again", "");
    expect("doubled ACK", VERDICT_WARN, "answered twice", "");
    expect("stranger", VERDICT_WARN, "anybody may disturb", "");
    assert_null(line_of("numbers"));
    f.rollover = ROLLOVER_0;
    expect("numbers", VERDICT_OK, "block 0 follows", "");
    f.rollover = ROLLOVER_1;
    expect("numbers", VERDICT_WARN, "block 1 follows", "longer blocks");
    f.rollover = ROLLOVER_NOTHING;
    expect("numbers", VERDICT_WARN, "nothing follows", "longer blocks");
    f.put_name = "up.bin";
    f.put = (struct finding_answer){.is_asked = true, .end = SOUNDING_DONE};
    f.put_blocks = (struct block_search){.arrived = 1428, .lost = 1429, .top = 1468};
    expect("put", VERDICT_OK, "may be stored", "");
    expect("put blocks", VERDICT_WARN, "packets of 1460 bytes pass", "-b 1428");
    f.put_blocks.arrived = 7;
    f.put.end = SOUNDING_STOPPED;
    expect("put", VERDICT_FAIL, "not acknowledged", "");
    f.put.end = SOUNDING_SILENT;
    expect("put", VERDICT_FAIL, "the request to store is not answered: the server takes none, or a rule drops it", "");
    assert_int_equal(code(), 13);
    f.put.end = SOUNDING_BROKEN;
    expect("put", VERDICT_FAIL, "breaks RFC 2347", "");
    assert_int_equal(code(), 16);
    f.put.end = SOUNDING_UNREACHABLE;
    expect("put", VERDICT_FAIL, "nothing listens", "");
    assert_int_equal(code(), 12);
    f.put.end = SOUNDING_UNFINISHED;
    assert_null(line_of("put"));
    f.put.end = SOUNDING_ERROR;
    f.put.code = 2;
    expect("put", VERDICT_FAIL, "ERROR 2", "Masters");
    assert_int_equal(code(), 22);
}

static void test_ends(void **state)
{
    (void)state;
    answering();
    f.unfinished = 1u << STEP_BLOCKS | 1u << STEP_WINDOWS;
    expect("unfinished", VERDICT_NOTE, "not all was seen of: blocks, windows", "");
    assert_int_equal(code(), 0);
    f.is_out_of_time = true;
    expect("end", VERDICT_WARN, "30 s were over", "");
    f.is_out_of_time = false;
    f.is_out_of_bytes = true;
    expect("end", VERDICT_WARN, "16 MiB had passed", "");
    f.is_socket_lost = true;
    assert_int_equal(code(), 14);
    f.is_name_too_long = true;
    assert_int_equal(code(), 2);
}

static void test_fingerprints(void **state)
{
    static const struct {
        uint16_t code;
        const char *text;
        unsigned granted;
        const char *name;
        bool may_be_ours;
    } rows[] = {
        {1, "File not found", 1u << OPTION_MSFTWINDOW, "tftpd, of which", true},
        {1, "File not found", 1u << OPTION_WINDOWSIZE, "tftp-hpa 6", true},
        {1, "File not found", 0, "atftpd", true},
        {1, "File not found.", 0, "Enistic", false},
        {4, "Illegal operation error.", 0, "Windows Deployment", false},
        {4, "Could not find file 'C:\\x'", 0, "SolarWinds", false},
        {0, "Invalid TFTP Opcode", 0, "Cisco", false},
        {4, "File not found", 0, NULL, true},
        {1, "file x not found", 0, NULL, true},
        {1, "", 0, NULL, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        answering();
        f.absent.code = rows[i].code;
        words(&f.absent, rows[i].text);
        f.alone = rows[i].granted;
        struct fingerprint print = fingerprint_of(&f);
        CHECK((print.name == NULL) == (rows[i].name == NULL) && print.may_be_ours == rows[i].may_be_ours, "%s",
              rows[i].text);
        CHECK(print.name == NULL || strstr(print.name, rows[i].name) != NULL, "%s: %s", rows[i].text, print.name);
    }
    answering();
    expect("server", VERDICT_NOTE, "a guess", "");
}

static void test_report(void **state)
{
    static const struct address address = {.host = "pxe", .port = 69};

    (void)state;
    serving();
    window(0, 1, 300, 0);
    f.blocks = (struct block_search){.arrived = 1000, .lost = 1001, .top = 1468};
    f.duration_ms = 3210;
    verdicts_make(&verdicts, &f, "p");
    probe_report_text(&f, &verdicts, text);
    assert_non_null(strstr(text, "OK    answer       10.0.0.1 answers in 2 ms, 3 of 3 requests\n"));
    assert_non_null(strstr(text, "-> client: -b 1000\n"));
    assert_non_null(strstr(text, "\nblksize           65464                 1468\n"));
    assert_non_null(strstr(text, "\n1               1428     300      0    300      0     1428\n"));
    assert_non_null(strstr(text, " 3.2 s\n"));
    probe_report_json(&address, &f, &verdicts, text);
    assert_true(strstr(text, "\"op\": \"probe\"") || strstr(text, "\"op\":\"probe\""));
    assert_non_null(strstr(text, "1001"));
    assert_non_null(strstr(text, "\"repeats_after_ms\":null"));
    f.tricks[TRICK_WITHHELD] = (struct finding_trick){.plays = 1, .is_repeated = true, .repeated_ms = 1234};
    f.rollover = ROLLOVER_1;
    probe_report_json(&address, &f, &verdicts, text);
    assert_true(strstr(text, "1234") && strstr(text, "\"after_65535\":1"));
    answering();
    f.answered = 0;
    f.from.port = 0;
    f.absent.end = SOUNDING_SILENT;
    verdicts_make(&verdicts, &f, "p");
    probe_report_text(&f, &verdicts, text);
    assert_null(strstr(text, "granted"));
    probe_report_json(&address, &f, &verdicts, text);
    assert_non_null(strstr(text, "null"));
}

static const struct address sized = {.host = "pxe", .name = "boot.bin", .port = 69};

static const char *size_text(void)
{
    return probe_size_text(&sized, &f, "C:\\p\\tftp.exe", text);
}

static void test_size(void **state)
{
    static const struct {
        enum sounding_end end;
        int code;
        const char *text;
    } rows[] = {
        {SOUNDING_DONE, 1, "tells no size"},
        {SOUNDING_ERROR, 21, "ERROR 1, \"no?such file\""},
        {SOUNDING_BROKEN, 16, "broke the protocol"},
        {SOUNDING_UNREACHABLE, 12, "nothing listens"},
        {SOUNDING_SILENT, 11, "nobody answered, 10.0.0.1, port 69, in 7 s\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        answering();
        f.duration_ms = 7000;
        f.file = (struct finding_answer){.is_asked = true, .end = rows[i].end, .code = 1};
        words(&f.file, "no\x1bsuch file");
        assert_int_equal(probe_size_exit_code(&f), rows[i].code);
        CHECK(strstr(size_text(), rows[i].text) != NULL, "%s", text);
    }
    assert_non_null(strstr(text, "program=\"C:\\p\\tftp.exe\"\n"));
    f.is_this_machine = true;
    assert_null(strstr(size_text(), "netsh"));
    f.is_nonsense_heard = true;
    assert_int_equal(probe_size_exit_code(&f), 16);
    f.stranger = endpoint_ipv4(10, 0, 0, 2, 1);
    assert_int_equal(probe_size_exit_code(&f), 15);
    assert_non_null(strstr(size_text(), "Answers came from 10.0.0.2: ask that address.\n"));
    f.is_socket_lost = true;
    assert_int_equal(probe_size_exit_code(&f), 14);
    f.is_name_too_long = true;
    assert_int_equal(probe_size_exit_code(&f), 2);
    f.is_interrupted = true;
    assert_int_equal(probe_size_exit_code(&f), 130);
    serving();
    assert_int_equal(probe_size_exit_code(&f), 0);
    assert_string_equal(size_text(), "500000\n");
}

static void must_be_printable(void)
{
    for (const char *c = text; *c != 0; c++)
        CHECK(*c == '\n' || ((uint8_t)*c >= ' ' && *c != 0x7f), "%s", text);
}

/* A pasted address has decoded %1B, and no name is too long for what the server says of it. */
static void test_hostile_names(void **state)
{
    static const struct address hostile = {.host = "h\x1b[2J", .name = "\x1b]0;owned\x07", .port = 69};
    static char name[SOUNDING_REQUEST_MAX];

    (void)state;
    serving();
    f.file = (struct finding_answer){.is_asked = true, .end = SOUNDING_ERROR, .code = 1};
    probe_size_text(&hostile, &f, "p", text);
    must_be_printable();
    assert_non_null(strstr(text, "tftp: \"?]0;owned?\" on h?[2J: ERROR 1"));
    f.name = f.put_name = hostile.name;
    f.put = f.file;
    verdicts_make(&verdicts, &f, "p");
    probe_report_text(&f, &verdicts, text);
    must_be_printable();
    memset(name, 'n', sizeof name - 10);
    f.name = f.put_name = name;
    f.put.text_size = f.file.text_size = SOUNDING_TEXT_MAX;
    memset(f.put.text, 't', SOUNDING_TEXT_MAX);
    memset(f.file.text, 't', SOUNDING_TEXT_MAX);
    f.put.text[SOUNDING_TEXT_MAX - 1] = f.file.text[SOUNDING_TEXT_MAX - 1] = 'z';
    expect("file", VERDICT_FAIL, "tttz\"", "");
    expect("put", VERDICT_FAIL, "tttz\"", "");
}

/* As of a get: why, and what the server said. */
static void test_size_json(void **state)
{
    (void)state;
    serving();
    probe_size_json(&sized, &f, text);
    assert_non_null(
        strstr(text, "\"size\":500000,\"exit\":0,\"reason\":\"done\",\"error_code\":null,\"error_text\":null}"));
    f.has_size = false;
    assert_non_null(
        strstr(probe_size_json(&sized, &f, text), "\"reason\":\"it is there, and the server tells no size\""));
    f.file = (struct finding_answer){.is_asked = true, .end = SOUNDING_ERROR, .code = 2};
    words(&f.file, "Access violation");
    probe_size_json(&sized, &f, text);
    assert_non_null(strstr(
        text, "\"exit\":22,\"reason\":\"the server refused\",\"error_code\":2,\"error_text\":\"Access violation\"}"));
    f.file.end = SOUNDING_SILENT;
    assert_non_null(strstr(probe_size_json(&sized, &f, text), "\"reason\":\"nobody answered\",\"error_code\":null"));
    assert_non_null(strstr(probe_failure_json(true, &sized, CAUSE_HOST_NAME, text), cause_text(CAUSE_HOST_NAME)));
    assert_non_null(strstr(text, "\"size\""));
    assert_non_null(strstr(probe_failure_json(false, &sized, CAUSE_SOCKET, text), "\"probe\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),          cmocka_unit_test(test_nobody),  cmocka_unit_test(test_file),
        cmocka_unit_test(test_options),         cmocka_unit_test(test_limits),  cmocka_unit_test(test_limits_not_told),
        cmocka_unit_test(test_blocks),          cmocka_unit_test(test_windows), cmocka_unit_test(test_loss),
        cmocka_unit_test(test_manners_and_put), cmocka_unit_test(test_ends),    cmocka_unit_test(test_fingerprints),
        cmocka_unit_test(test_report),          cmocka_unit_test(test_size),    cmocka_unit_test(test_size_json),
        cmocka_unit_test(test_hostile_names),
    };

    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
