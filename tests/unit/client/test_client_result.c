/* What is told of a file: Windows' words to the letter, reasons and remedies, JSON, the progress line. */
#include "unit.h"

#include "core/client/progress.h"
#include "core/client/result.h"
#include "core/client/trace.h"
#include "wire.h"

#include <stdio.h>

static char text[RESULT_JSON_MAX];

static struct result make(enum cause cause, bool is_put)
{
    static struct job job;

    job = (struct job){.address = {.host = "pxe", .name = "boot.bin", .port = 69}, .local = "local.bin"};
    return (struct result){
        .job = &job,
        .is_put = is_put,
        .report = {.cause = cause, .blksize = 1428, .windowsize = 16, .duration_ms = 2500, .bytes = 12288},
        .server = "10.0.0.1",
        .program = "C:\\p\\tftp.exe",
    };
}

static void test_success(void **state)
{
    static const struct {
        uint64_t bytes;
        uint64_t ms;
        const char *text;
    } rows[] = {
        {12288, 300, "Transfer successful: 12288 bytes in 1 second(s), 12288 bytes/s\n"},
        {0, 0, "Transfer successful: 0 bytes in 1 second(s), 0 bytes/s\n"},
        {341899611, 281000, "Transfer successful: 341899611 bytes in 281 second(s), 1216724 bytes/s\n"},
        {100, 1001, "Transfer successful: 100 bytes in 2 second(s), 50 bytes/s\n"},
    };
    struct result result = make(CAUSE_DONE, false);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        result.report.bytes = rows[i].bytes;
        result.report.duration_ms = rows[i].ms;
        assert_string_equal(result_success(&result, text), rows[i].text);
    }
    assert_string_equal(result_advice(&result, text), "");
    result.report.fallbacks = FALLBACK_BARE | FALLBACK_BLOCKS | FALLBACK_WINDOW;
    result_advice(&result, text);
    assert_true(strstr(text, "-n saves") && strstr(text, "-b 1428") && strstr(text, "-w 16"));
}

static void expect(const struct result *result, const char *begin, const char *part)
{
    result_failure(result, text);
    CHECK(strncmp(text, begin, strlen(begin)) == 0, "%s", text);
    CHECK(strstr(text, part) != NULL, "%s", text);
}

static void test_failures(void **state)
{
    struct result result = make(CAUSE_NO_ANSWER, false);

    (void)state;
    expect(&result, "Timeout occurred\nConnect request failed\ntftp: \"boot.bin\" was not fetched: nobody answered",
           "program=\"C:\\p\\tftp.exe\"\n");
    result.is_this_machine = true;
    expect(&result, "Timeout occurred\nConnect request failed\n", ", 10.0.0.1, port 69, in 3 s\n");
    assert_null(strstr(text, "netsh"));
    result.report.duration_ms = 19010;
    expect(&result, "", " in 19 s\n");
    result.server[0] = 0;
    expect(&result, "", "was not fetched: nobody answered\n");
    result = make(CAUSE_SERVER_ERROR, false);
    result.report.error_code = 1;
    result.report.error_text = span_of_text("File \x1b[31mnot\r\n found");
    expect(&result, "Error on server : File ?[31mnot?? found\ntftp: \"boot.bin\" was not fetched: ERROR 1, there is no",
           "\n");
    result.report.error_text = span_of("a\0b", 3);
    expect(&result, "Error on server : a?b\n", "");
    for (uint16_t code = 0; code < 12; code++) {
        result.report.error_code = code;
        char part[16];
        snprintf(part, sizeof part, "ERROR %u, ", code);
        expect(&result, "Error on server : ", part);
    }
    result = make(CAUSE_LOCAL_FILE, true);
    result.detail = "The system cannot find the file specified.";
    expect(&result, "tftp: can't read from local file 'local.bin'\ntftp: \"local.bin\" was not stored: ",
           "(The system cannot find");
    result.detail = "";
    expect(&result, "tftp: can't read", "the local file cannot be read or written\n");
    result = make(CAUSE_OTHER_ADDRESS, false);
    result.report.stranger = endpoint_ipv4(10, 0, 0, 7, 2000);
    expect(&result, "tftp: \"boot.bin\" was not fetched: only", "ask that address");
    assert_non_null(strstr(text, "10.0.0.7"));
    for (enum cause cause = CAUSE_COMMAND_LINE; cause < CAUSE_COUNT; cause++) {
        result = make(cause, false);
        expect(&result, "", cause == CAUSE_SERVER_ERROR ? "ERROR" : cause_text(cause));
        size_t length = strlen(text);
        assert_true(length > 0 && text[length - 1] == '\n');
    }
}

static void test_names_are_made_harmless(void **state)
{
    struct result result = make(CAUSE_STOPPED, false);
    struct job job = *result.job;

    (void)state;
    snprintf(job.address.name, sizeof job.address.name, "a\x1b]0;\xe2\x80\xae\xff");
    result.job = &job;
    result.detail = "All of it is in C:\\\xe2\x80\xae\xc2\x9b";
    result_failure(&result, text);
    for (const char *c = text; *c != 0; c++)
        CHECK((*c >= ' ' && *c < 0x7f) || *c == '\n', "byte %02x", (unsigned char)*c);
}

static void test_json(void **state)
{
    struct result result = make(CAUSE_DONE, false);

    (void)state;
    result.report.has_tsize = true;
    result.report.tsize = 12288;
    result.report.has_round_trip = true;
    result.report.round_trip_ms = 25;
    result.report.fallbacks = FALLBACK_BARE | FALLBACK_WINDOW;
    snprintf(result.hash, sizeof result.hash, "00ff");
    assert_string_equal(
        result_json(&result, text),
        "{\"op\":\"get\",\"host\":\"pxe\",\"address\":\"10.0.0.1\",\"port\":69,\"remote\":\"boot.bin\","
        "\"local\":\"local.bin\",\"mode\":\"octet\",\"bytes\":12288,\"seconds\":2.500,\"rate\":4915,\"blksize\":1428,"
        "\"windowsize\":16,\"tsize\":12288,\"rtt_ms\":25,\"resent\":0,\"lost\":0,\"doubled\":0,"
        "\"fallback\":[\"no-options\",\"windowsize\"],\"exit\":0,\"reason\":\"done\",\"error_code\":null,"
        "\"error_text\":null,\"sha256\":\"00ff\"}\n");
    result = make(CAUSE_SERVER_ERROR, true);
    result.report.duration_ms = 0;
    result.report.error_code = 2;
    result.report.error_text = span_of_text("no \"way\"\n\xff");
    result_json(&result, text);
    assert_non_null(strstr(text, "\"op\":\"put\""));
    assert_non_null(strstr(text, "\"seconds\":0.000,\"rate\":12288000,"));
    assert_non_null(strstr(text, "\"exit\":22,\"reason\":\"the server refused\",\"error_code\":2,"
                                 "\"error_text\":\"no \\\"way\\\"\\u000a\\ufffd\",\"sha256\":null}\n"));
    assert_non_null(strstr(text, "\"tsize\":null,\"rtt_ms\":null"));
}

/* The longest there can be still fits. */
static void test_json_fits(void **state)
{
    struct result result = make(CAUSE_SERVER_ERROR, false);
    static struct job job;
    static char longest[EXCHANGE_ERROR_TEXT_MAX];

    (void)state;
    memset(job.address.host, 1, sizeof job.address.host - 1);
    memset(job.address.name, 1, sizeof job.address.name - 1);
    memset(job.local, 1, sizeof job.local - 1);
    memset(longest, 1, sizeof longest);
    result.job = &job;
    result.report.error_text = span_of(longest, sizeof longest);
    result_json(&result, text);
    assert_true(strlen(text) < RESULT_JSON_MAX - 1 && text[strlen(text) - 2] == '}');
}

static void test_trace(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *text;
    } rows[] = {
        {"\0\3\0\5abc", 7, "DATA 5, 3 bytes"},
        {"\0\4\1\0", 4, "ACK 256"},
        {"\0\5\0\1no\x1b", 7, "ERROR 1 \"no?\""},
        {"\0\6blksize\0"
         "1428\0",
         15, "OACK blksize=1428"},
        {"\0\6", 2, "OACK"},
        {"\0\7xx", 4, "4 bytes that are no TFTP"},
        {"", 0, "0 bytes that are no TFTP"},
    };
    char shown[TRACE_TEXT_MAX];
    uint8_t request[WIRE_SIZE_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(trace_text(span_of(rows[i].bytes, rows[i].size), shown), rows[i].text);
    size_t size = wire_request(request, 1, "a\xff", "octet", "tsize 0 x ~");
    assert_string_equal(trace_text(span_of(request, size), shown), "RRQ \"a?\" octet tsize=0 x=");
    /* A text that is too long leaves room for what is behind it. */
    uint8_t longest[2 + TRACE_TEXT_MAX + sizeof "\0octet"] = {0, 1};
    memset(longest + 2, 'n', TRACE_TEXT_MAX);
    memcpy(longest + 2 + TRACE_TEXT_MAX, "\0octet", sizeof "\0octet");
    trace_text(span_of(longest, sizeof longest), shown);
    assert_int_equal(strspn(shown + strlen("RRQ \""), "n"), TRACE_TEXT_MAX / 2 - 1);
    assert_string_equal(strrchr(shown, 'n') + 1, "\" octet");
    size = wire_request(request, 2, "b", "mail", "");
    assert_string_equal(trace_text(span_of(request, size), shown), "WRQ \"b\" mail");
}

static void test_when_progress_is_shown(void **state)
{
    struct progress progress;

    (void)state;
    progress_begin(&progress, "fw.bin", 5000);
    assert_int_equal(progress_due_ms(&progress, PROGRESS_EVERY_MS), 6000);
    assert_int_equal(progress_due_ms(&progress, PROGRESS_LINE_MS), 15000);
    assert_false(progress_is_due(&progress, PROGRESS_EVERY_MS, 5999));
    assert_true(progress_is_due(&progress, PROGRESS_EVERY_MS, 6000));
    assert_false(progress_is_due(&progress, PROGRESS_EVERY_MS, 6099));
    assert_true(progress_is_due(&progress, PROGRESS_EVERY_MS, 6100));
    assert_false(progress_is_due(&progress, PROGRESS_LINE_MS, 7000));
    assert_int_equal(progress_due_ms(&progress, PROGRESS_LINE_MS), 16100);
    assert_true(progress_is_due(&progress, PROGRESS_LINE_MS, 16100));
}

static void test_progress(void **state)
{
    struct progress progress;
    char shown[PROGRESS_TEXT_MAX];

    (void)state;
    progress_begin(&progress, "fw.bin", 0);
    for (uint64_t ms = 0; ms <= 10000; ms += 100)
        progress_note(&progress, ms * 1000, ms);
    assert_string_equal(progress_text(&progress, 20000000, 100, 10000, shown),
                        "fw.bin   50 %  [==========          ]  10.0 MB  1.0 MB/s  10 s left");
    assert_string_equal(progress_text(&progress, 0, 100, 10000, shown), "fw.bin  10.0 MB  1.0 MB/s");
    assert_string_equal(progress_text(&progress, 10000000, 100, 10000, shown),
                        "fw.bin  100 %  [====================]  10.0 MB  1.0 MB/s  0 s left");
    assert_string_equal(progress_text(&progress, 20000000, 100, 15000, shown),
                        "fw.bin   50 %  [==========          ]  10.0 MB  stalled");
    assert_string_equal(progress_text(&progress, 20000000, 22, 10000, shown), "fw.bin   50 %  [======");
    assert_string_equal(progress_text(&progress, 1000000000, 100, 10000, shown),
                        "fw.bin    1 %  [                    ]  10.0 MB  1.0 MB/s  16:30 left");
    assert_string_equal(progress_text(&progress, 10010000000, 100, 10000, shown),
                        "fw.bin    0 %  [                    ]  10.0 MB  1.0 MB/s  2 h left");
    assert_string_equal(progress_text(&progress, 10100000, 100, 10000, shown),
                        "fw.bin   99 %  [=================== ]  10.0 MB  1.0 MB/s  1 s left");
    assert_string_equal(progress_text(&progress, 69000000, 100, 10000, shown),
                        "fw.bin   14 %  [==                  ]  10.0 MB  1.0 MB/s  59 s left");
    assert_string_equal(progress_text(&progress, 70000000, 100, 10000, shown),
                        "fw.bin   14 %  [==                  ]  10.0 MB  1.0 MB/s  1:00 left");
    assert_string_equal(progress_text(&progress, 6009000000, 100, 10000, shown),
                        "fw.bin    0 %  [                    ]  10.0 MB  1.0 MB/s  99:59 left");
    assert_string_equal(progress_text(&progress, 6010000000, 100, 10000, shown),
                        "fw.bin    0 %  [                    ]  10.0 MB  1.0 MB/s  1 h left");
    assert_string_equal(progress_text(&progress, 360009000000, 100, 10000, shown),
                        "fw.bin    0 %  [                    ]  10.0 MB  1.0 MB/s  99 h left");
    assert_string_equal(progress_text(&progress, 360010000000, 100, 10000, shown),
                        "fw.bin    0 %  [                    ]  10.0 MB  1.0 MB/s");
    /* More than was announced is no percentage. */
    assert_string_equal(progress_text(&progress, 5, 100, 10000, shown), "fw.bin  10.0 MB  1.0 MB/s");
    /* Begun anew: what was there before tells nothing of the rate. */
    progress_note(&progress, 500, 10100);
    assert_string_equal(progress_text(&progress, 1000, 100, 10100, shown),
                        "fw.bin   50 %  [==========          ]  500 B  0 B/s");
    progress_begin(&progress,
                   "\x1b"
                   "a very long name, longer than there is room for",
                   0);
    assert_string_equal(progress_text(&progress, 0, 100, 0, shown), "?a very long name, longe  0 B  0 B/s");
    /* So many columns, of which a wide letter takes two, whatever bytes it has. */
    char longest[4 * 25 + 1] = "";
    for (int i = 0; i < 25; i++)
        strcat(longest, "\xf0\x9f\x98\x80");
    progress_begin(&progress, longest, 0);
    progress_text(&progress, 0, 100, 0, shown);
    assert_int_equal(strspn(shown, "\xf0\x9f\x98\x80"), 4 * 12);
    progress_begin(&progress, "\xe6\x98\xa0\xe6\x98\xa0x\xe6\x98\xa0 and what comes behind it", 0);
    assert_string_equal(progress_text(&progress, 1000, 40, 0, shown),
                        "\xe6\x98\xa0\xe6\x98\xa0x\xe6\x98\xa0 and what comes b    0 %  [      ");
    progress_begin(&progress, "\xff", 0);
    assert_string_equal(progress_text(&progress, 0, 10, 0, shown), "?  0 B  0 B/s");
}

/* The rate is that of some seconds, however often it is noted: a moment's silence does not make it 0. */
static void test_rate(void **state)
{
    struct progress progress;
    char shown[PROGRESS_TEXT_MAX];

    (void)state;
    progress_begin(&progress, "f", 0);
    for (uint64_t ms = 0; ms <= 10400; ms += 100)
        progress_note(&progress, (ms < 10000 ? ms : 10000) * 1000, ms);
    assert_string_equal(progress_text(&progress, 0, 100, 10400, shown), "f  10.0 MB  882.3 kB/s");
    for (uint64_t ms = 10500; ms < 14900; ms += 100)
        progress_note(&progress, 10000000, ms);
    assert_string_equal(progress_text(&progress, 0, 100, 14900, shown), "f  10.0 MB  0 B/s");
}

static void test_amounts(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } rows[] = {
        {0, "f  0 B  0 B/s"},
        {999, "f  999 B  0 B/s"},
        {1000, "f  1.0 kB  0 B/s"},
        {1100, "f  1.1 kB  0 B/s"},
        {12345, "f  12.3 kB  0 B/s"},
        {999999, "f  999.9 kB  0 B/s"},
        {1234567890, "f  1.2 GB  0 B/s"},
        {UINT64_MAX, "f  18.4 EB  0 B/s"},
    };
    char shown[PROGRESS_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct progress progress;
        progress_begin(&progress, "f", 0);
        progress_note(&progress, rows[i].bytes, 0);
        assert_string_equal(progress_text(&progress, 0, 100, 0, shown), rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_success),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_names_are_made_harmless),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_fits),
        cmocka_unit_test(test_trace),
        cmocka_unit_test(test_when_progress_is_shown),
        cmocka_unit_test(test_progress),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_amounts),
    };

    return cmocka_run_group_tests_name("client_result", tests, NULL, NULL);
}
