/* link: -Wl,--wrap=udp_send */
#include "caller.h"
#include "house.h"

#include "../unit/wire.h"
#include "win32/net/udp.h"

#include <stdio.h>

enum { BOOT_SIZE = 70000 };

struct udp_sent __real_udp_send(struct udp *, const struct endpoint *, const struct udp_arrival *, const struct span *,
                                size_t);
struct udp_sent __wrap_udp_send(struct udp *, const struct endpoint *, const struct udp_arrival *, const struct span *,
                                size_t);

static HANDLE sent_gate; /* whoever sends waits for it behind the datagram, unless it is NULL */

struct udp_sent __wrap_udp_send(struct udp *udp, const struct endpoint *to, const struct udp_arrival *source,
                                const struct span *parts, size_t count)
{
    HANDLE gate = sent_gate;
    struct udp_sent sent = __real_udp_send(udp, to, source, parts, count);

    if (gate != NULL)
        WaitForSingleObject(gate, PATIENCE_MS);
    return sent;
}

static struct caller caller;
static struct caller second;

static int set_up(void **state)
{
    struct house *house;

    house_setup(state);
    house = *state;
    CreateDirectoryA(house_path(house, "Sub"), NULL);
    files_make(house_path(house, "boot.img"), BOOT_SIZE, 1);
    files_make(house_path(house, "Sub\\Deep.cfg"), 513, 2);
    files_make(house_path(house, "empty"), 0, 0);
    caller_open(&caller, "127.0.0.1", 0);
    caller_open(&second, "127.0.0.1", 0);
    return 0;
}

static int tear_down(void **state)
{
    caller_close(&caller);
    caller_close(&second);
    return house_teardown(state);
}

static void check_fetch(const char *name, const char *options, size_t size, unsigned seed)
{
    const char *answer = caller_fetch(&caller, name, options, size, seed);

    CHECK(answer[0] == 0, "fetching %s with \"%s\": %s %s", name, options, answer, caller_words(&caller));
}

static void sends_files(void **state)
{
    struct house *house = *state;

    check_fetch("boot.img", "", BOOT_SIZE, 1);
    check_fetch("/boot.img", "blksize 1456 tsize 0", BOOT_SIZE, 1);
    check_fetch("\\BOOT.img", "blksize 65464", BOOT_SIZE, 1);
    check_fetch("boot.img", "blksize 700 windowsize 16", BOOT_SIZE, 1);
    check_fetch("sub/deep.cfg", "timeout 2", 513, 2);
    check_fetch("empty", "tsize 0", 0, 0);
    check_fetch("empty", "", 0, 0);
    struct snapshot_totals totals = house_rest(house, 0).totals;
    assert_int_equal(totals.started, 7);
    assert_int_equal(totals.finished, 7);
    assert_int_equal(totals.failed + totals.refused, 0);
    assert_int_equal(totals.bytes_sent, 4 * BOOT_SIZE + 513);
    house_close(house);
    assert_int_equal(house_count(house, EVENT_FETCHED), 7);
}

static void stores_files(void **state)
{
    static const size_t sizes[] = {0, 1, 511, 512, 513, 200000};
    struct house *house = *state;
    char name[32];

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        snprintf(name, sizeof name, "Sub\\new%u", (unsigned)sizes[i]);
        const char *answer = caller_store(&caller, name, i % 2 ? "tsize 0" : "", sizes[i], 3);
        CHECK(answer[0] == 0, "storing %s: %s %s", name, answer, caller_words(&caller));
        assert_true(files_hold(house_path(house, name), sizes[i], 3));
    }
    assert_int_equal(files_count(house_path(house, "Sub")), 1 + COUNT_OF(sizes));
    assert_true(strstr(house_hear(house, EVENT_STORED), "stored \"Sub\\new0\"") != NULL);
}

/* A request, and the ERROR and event it leads to. */
static const struct {
    const char *name;
    bool is_write;
    const char *options;
    const char *answer;
    enum event_id event;
    const char *told; /* what the event says; NULL: of no matter here */
} refusals[] = {
    {"none", false, "", "ERROR 1", EVENT_NOT_FOUND, NULL},
    {"Sub", false, "", "ERROR 1", EVENT_READ_REFUSED, "that of a folder"},
    {"boot.img/x", false, "", "ERROR 1", EVENT_NOT_FOUND, NULL},
    {"Sub/none", false, "tsize 0", "ERROR 1", EVENT_NOT_FOUND, NULL},
    {"../secret", false, "", "ERROR 2", EVENT_READ_REFUSED, NULL},
    {"tftpd.log", false, "", "ERROR 1", EVENT_READ_REFUSED, NULL},
    {"C:\\windows\\win.ini", false, "", "ERROR 2", EVENT_READ_REFUSED, NULL},
    {"nul", false, "", "ERROR 2", EVENT_READ_REFUSED, NULL},
    {"boot.img/", false, "", "ERROR 1", EVENT_READ_REFUSED, NULL},
    {"boot.img\\.", false, "", "ERROR 1", EVENT_READ_REFUSED, NULL},
    {"new/", true, "", "ERROR 1", EVENT_WRITE_REFUSED, NULL},
    {"locked.img", false, "", "ERROR 0", EVENT_FILE_TROUBLE, NULL},
    {"boot.img", true, "", "ERROR 6", EVENT_WRITE_REFUSED, NULL},
    {"BOOT.IMG", true, "", "ERROR 6", EVENT_WRITE_REFUSED, NULL},
    {"Sub", true, "", "ERROR 6", EVENT_WRITE_REFUSED, "A folder has this name"},
    {"none/new", true, "", "ERROR 1", EVENT_WRITE_REFUSED, "There is no such folder, and none is made: \"none\""},
    {"sub/none/a/new", true, "", "ERROR 1", EVENT_WRITE_REFUSED, "none is made: \"sub\\none\""},
    {"boot.img/new", true, "", "ERROR 1", EVENT_WRITE_REFUSED, "is a file: \"boot.img\""},
    {"tftpd.log", true, "", "ERROR 1", EVENT_WRITE_REFUSED, NULL},
    {"huge", true, "tsize 1000001", "ERROR 3", EVENT_WRITE_REFUSED, NULL},
};

static void refuses_with_error_and_event(void **state)
{
    struct house *house = *state;

    house_set(house, "MaxUploadBytes", "1000000");
    server_reload(house->server, &house->config);
    HANDLE lock = CreateFileA(house_path(house, "locked.img"), GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        unsigned before = (unsigned)house->told;
        if (refusals[i].is_write)
            caller_ask_write(&caller, refusals[i].name, refusals[i].options);
        else
            caller_ask_read(&caller, refusals[i].name, refusals[i].options);
        const char *text = caller_hear(&caller);
        CHECK(strcmp(text, refusals[i].answer) == 0, "%s: %s", refusals[i].name, text);
        journal_flush(house->journal, PATIENCE_MS);
        CHECK((unsigned)house->told == before + 1 && house->events[before].id == refusals[i].event, "%s: event %u",
              refusals[i].name, (unsigned)house->events[before].id);
        const char *told = house->events[before].text;
        CHECK(refusals[i].told == NULL || strstr(told, refusals[i].told) != NULL, "%s: %s", refusals[i].name, told);
        /* The client hears the same, as far as its request pays for it. */
        const char *words = caller_words(&caller);
        CHECK(strstr(told, words) != NULL || refusals[i].event == EVENT_NOT_FOUND, "%s: %s", refusals[i].name, words);
    }
    CloseHandle(lock);
    assert_int_equal(house_look(house).totals.refused, COUNT_OF(refusals));
    house_rest(house, 0);
    assert_int_equal(files_await(house->directory, 4), 4);
}

/* Another server of the segment may have it: who is not asked alone says nothing. */
/* Its thread may be held up right then: the client is not told that it is being served still. */
static void who_was_refused_may_ask_again_at_once(void **state)
{
    struct house *house = *state;

    sent_gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    caller_ask_read(&caller, "none", "");
    caller_must_hear(&caller, "ERROR 1");
    caller_ask_read(&caller, "none", "");
    const char *answer = caller_hear(&caller);
    SetEvent(sent_gate);
    assert_string_equal(answer, "ERROR 1");
    house_rest(house, 0);
    CloseHandle(sent_gate);
    sent_gate = NULL;
}

static void refuses_broadcasts_in_silence(void **state)
{
    struct house *house = *state;
    struct caller own;

    caller_open(&own, "127.0.0.1", 0);
    caller.service = caller_address("127.255.255.255", 69);
    DWORD on = TRUE;
    setsockopt(caller.socket, SOL_SOCKET, SO_BROADCAST, (const char *)&on, sizeof on);
    caller_ask_read(&caller, "none", "");
    assert_true(house_hear(house, EVENT_NOT_FOUND)[0] != 0);
    caller_ask_read(&caller, "../secret", "");
    assert_true(house_hear(house, EVENT_READ_REFUSED)[0] != 0);
    caller_ask_write(&caller, "boot.img", "");
    assert_true(house_hear(house, EVENT_WRITE_REFUSED)[0] != 0);
    caller_send(&caller, &caller.service, "\0\x09", 2);
    assert_true(house_hear(house, EVENT_REQUEST_ILLEGAL)[0] != 0);
    caller_ask_read(&caller, "boot.img", "");
    caller_must_hear(&caller, "DATA 1"); /* the first thing heard */
    assert_true(caller_heard_from(&caller, "127.0.0.1"));
    caller_ask_read(&own, "none", "");
    caller_must_hear(&own, "ERROR 1");
    caller_close(&own);
    assert_int_equal(house_look(house).totals.refused, 5);
}

static void refuses_whoever_may_not(void **state)
{
    struct house *house = *state;

    house_set(house, "Clients", "127.0.0.2");
    house_set(house, "Masters", "");
    server_reload(house->server, &house->config);
    caller_ask_read(&caller, "boot.img", "");
    caller_must_hear(&caller, "ERROR 2");
    caller_ask_write(&caller, "new", "");
    caller_must_hear(&caller, "ERROR 2");
    struct caller other;
    caller_open(&other, "127.0.0.2", 0);
    assert_string_equal(caller_fetch(&other, "boot.img", "", BOOT_SIZE, 1), "");
    caller_close(&other);
}

static void answers_no_garbage(void **state)
{
    static const struct span junk[] = {
        {(const uint8_t *)"", 0},         {(const uint8_t *)"\0", 1},          {(const uint8_t *)"\0\3\0\1x", 5},
        {(const uint8_t *)"\0\4\0\0", 4}, {(const uint8_t *)"\0\5\0\0x\0", 6}, {(const uint8_t *)"\0\6a\0b\0", 6}};
    static const struct span cut[] = {
        {(const uint8_t *)"\0\1no", 4}, {(const uint8_t *)"\0\1no\0", 5}, {(const uint8_t *)"\0\2no\0octet", 10}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(junk); i++)
        caller_send(&caller, &caller.service, junk[i].bytes, junk[i].size);
    check_fetch("boot.img", "", BOOT_SIZE, 1); /* the first thing heard */
    caller_send(&caller, &caller.service, "\0\x09", 2);
    caller_must_hear(&caller, "ERROR 4");
    for (size_t i = 0; i < COUNT_OF(cut); i++) {
        caller_send(&caller, &caller.service, cut[i].bytes, cut[i].size);
        caller_must_hear(&caller, "ERROR 4");
    }
    uint8_t bytes[WIRE_SIZE_MAX];
    caller_send(&caller, &caller.service, bytes, wire_request(bytes, 1, "boot.img", "mail", ""));
    caller_must_hear(&caller, "ERROR 4");
}

static void answers_from_the_address_that_was_asked(void **state)
{
    static const char *const addresses[] = {"127.0.0.1", "127.0.0.7", "10.77.0.2", "::1", "fd77::2"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct caller from_any;
        caller_open(&from_any, strchr(addresses[i], ':') ? addresses[i] : "127.0.0.1", 0);
        from_any.service = caller_address(addresses[i], 69);
        const char *answer = caller_fetch(&from_any, "boot.img", "blksize 1400", BOOT_SIZE, 1);
        CHECK(answer[0] == 0, "from %s: %s", addresses[i], answer);
        CHECK(caller_heard_from(&from_any, addresses[i]), "another address than %s answered", addresses[i]);
        caller_close(&from_any);
    }
}

static void keeps_blocks_within_the_mtu(void **state)
{
    struct house *house = *state;

    house_set(house, "Mtu", "1500");
    server_reload(house->server, &house->config);
    caller_ask_read(&caller, "boot.img", "blksize 65464");
    caller_must_hear(&caller, "OACK blksize=1468");
    caller_close(&second);
    caller_open(&second, "::1", 0);
    second.service = caller_address("::1", 69);
    caller_ask_read(&second, "boot.img", "blksize 65464");
    caller_must_hear(&second, "OACK blksize=1448");
}

static void gives_each_transfer_a_port_of_its_own(void **state)
{
    uint16_t ports[4];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ports); i++) {
        check_fetch("boot.img", "", BOOT_SIZE, 1);
        ports[i] = caller_port(&caller);
        assert_int_not_equal(ports[i], 69);
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(ports[i], ports[k]);
    }
}

static void repeats_its_answer_to_a_repeated_request(void **state)
{
    struct house *house = *state;

    caller_ask_read(&caller, "boot.img", "blksize 1000");
    caller_must_hear(&caller, "OACK blksize=1000");
    uint16_t port = caller_port(&caller);
    caller_ask_read(&caller, "boot.img", "blksize 1000");
    caller_must_hear(&caller, "OACK blksize=1000");
    assert_int_equal(caller_port(&caller), port);
    assert_int_equal(house_look(house).totals.started, 1);
    caller_ack(&caller, 0);
    caller_must_hear(&caller, "DATA 1");
}

static void begins_anew_once_the_client_had_answered(void **state)
{
    struct house *house = *state;

    caller_ask_read(&caller, "boot.img", "blksize 1000");
    caller_must_hear(&caller, "OACK blksize=1000");
    uint16_t port = caller_port(&caller);
    caller_ack(&caller, 0);
    caller_must_hear(&caller, "DATA 1");
    check_fetch("boot.img", "blksize 1000", BOOT_SIZE, 1);
    assert_int_not_equal(caller_port(&caller), port);
    assert_true(house_hear(house, EVENT_ENDED_EARLY)[0] != 0);
    house_rest(house, 0);
}

/*
 * In a storm a copy of the request lies in the listening socket until long after it was answered, and the client is slow
 * as well. It is no reboot as long as the client goes on within two seconds.
 */
static void a_late_copy_does_not_end_a_transfer_that_is_slow(void **state)
{
    enum { SLOW_MS = 700, CERTAIN_MS = 1500, TRIES = 10 };
    uint64_t silent_ms = CERTAIN_MS + 1;
    uint16_t port = 0;

    (void)state;
    for (int i = 0; i < TRIES && silent_ms > CERTAIN_MS; i++) {
        caller_close(&caller);
        caller_open(&caller, "127.0.0.1", 0);
        caller_ask_read(&caller, "boot.img", "blksize 1000");
        caller_must_hear(&caller, "OACK blksize=1000");
        port = caller_port(&caller);
        caller_ack(&caller, 0);
        caller_must_hear(&caller, "DATA 1");
        uint64_t copied_ms = GetTickCount64();
        for (int copies = 0; copies < 3; copies++)
            caller_ask_read(&caller, "boot.img", "blksize 1000");
        Sleep(SLOW_MS);
        caller_ack(&caller, 1);
        silent_ms = GetTickCount64() - copied_ms; /* longer, and a stalled machine made it a reboot */
    }
    caller_must_hear(&caller, "DATA 2");
    assert_int_equal(caller_port(&caller), port);
    caller_ack(&caller, 2);
    caller_must_hear(&caller, "DATA 3");
    assert_int_equal(caller_port(&caller), port);
}

static void another_request_of_the_same_port_begins_anew(void **state)
{
    struct house *house = *state;

    caller_ask_read(&caller, "boot.img", "blksize 1000");
    caller_must_hear(&caller, "OACK blksize=1000");
    check_fetch("Sub/Deep.cfg", "", 513, 2);
    assert_true(house_hear(house, EVENT_ENDED_EARLY)[0] != 0);
    house_rest(house, 0);
}

static void lets_a_client_begin_its_upload_anew_from_another_port(void **state)
{
    struct house *house = *state;
    uint8_t block[512] = {0};
    char words[64];

    caller_ask_write(&caller, "new", "");
    caller_must_hear(&caller, "ACK 0");
    caller_data(&caller, 1, block, sizeof block);
    caller_must_hear(&caller, "ACK 1");
    assert_string_equal(caller_store(&second, "NEW", "", 3000, 4), "");
    /* The port is that of the upload that goes on. */
    snprintf(words, sizeof words, "127.0.0.1:%u began anew", (unsigned)caller_own_port(&second));
    assert_non_null(strstr(house_hear(house, EVENT_ENDED_EARLY), words));
    assert_true(files_hold(house_path(house, "new"), 3000, 4));
    assert_int_equal(files_await(house->directory, 4), 4);
}

static void serves_no_more_at_once_than_it_may(void **state)
{
    struct house *house = *state;
    struct caller other;

    house_set(house, "MaxTransfersPerClient", "1");
    server_reload(house->server, &house->config);
    caller_ask_read(&caller, "boot.img", "blksize 1000");
    caller_must_hear(&caller, "OACK blksize=1000");
    caller_ask_read(&second, "boot.img", "blksize 1000");
    caller_must_hear(&second, "ERROR 0");
    assert_non_null(strstr(caller_words(&second), "MaxTransfersPerClient"));
    caller_open(&other, "127.0.0.2", 0); /* somebody else */
    assert_string_equal(caller_fetch(&other, "boot.img", "", BOOT_SIZE, 1), "");
    caller_ack(&caller, 0);
    caller_must_hear(&caller, "DATA 1");
    caller_send(&caller, &caller.server, "\0\5\0\0", 5); /* it gives up, so there is room again */
    house_rest(house, 0);
    assert_string_equal(caller_fetch(&second, "boot.img", "", BOOT_SIZE, 1), "");
    house_close(house);

    house_set(house, "MaxTransfersPerClient", "256");
    house_set(house, "MaxTransfers", "1");
    assert_int_equal(house_start(house), SERVER_STARTED);
    caller_ask_read(&caller, "boot.img", "blksize 1000");
    caller_must_hear(&caller, "OACK blksize=1000");
    caller_ack(&caller, 0);
    caller_must_hear(&caller, "DATA 1");
    caller_ack(&caller, 1);
    caller_must_hear(&caller, "DATA 2");
    caller_ask_read(&other, "boot.img", "blksize 1000");
    caller_must_hear(&other, "ERROR 0");
    assert_non_null(strstr(caller_words(&other), "(MaxTransfers)"));
    caller_close(&other);
}

/* A client asks for the next file before the server has read that it has the last one. */
static void one_after_the_other_is_one_at_once(void **state)
{
    enum { FILES = 100, FILE_SIZE = 513 };
    struct house *house = *state;
    char name[16];

    house_set(house, "MaxTransfersPerClient", "1");
    server_reload(house->server, &house->config);
    for (int i = 0; i < FILES; i++) {
        struct caller *c = i % 2 ? &caller : &second;
        const char *answer = caller_fetch(c, "Sub/Deep.cfg", "", FILE_SIZE, 2);
        CHECK(answer[0] == 0, "fetching file %d: %s %s", i, answer, caller_words(c));
        snprintf(name, sizeof name, "new%d", i);
        answer = caller_store(c, name, "", FILE_SIZE, 3);
        CHECK(answer[0] == 0, "storing file %d: %s %s", i, answer, caller_words(c));
    }
}

static void who_never_answered_makes_room(void **state)
{
    struct house *house = *state;

    house_close(house);
    house_set(house, "MaxTransfers", "1");
    assert_int_equal(house_start(house), SERVER_STARTED);
    caller_ask_read(&caller, "boot.img", "blksize 1000");
    caller_must_hear(&caller, "OACK blksize=1000");
    assert_string_equal(caller_fetch(&second, "boot.img", "blksize 1000", BOOT_SIZE, 1), "");
    assert_int_equal(house_look(house).totals.gave_way, 1);
    house_close(house);
    assert_int_equal(house_count(house, EVENT_EVICTED), 1);
    assert_int_equal(house_count(house, EVENT_ENDED_EARLY), 0); /* it did not begin anew */
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sends_files),
        TEST(stores_files),
        TEST(refuses_with_error_and_event),
        TEST(who_was_refused_may_ask_again_at_once),
        TEST(refuses_broadcasts_in_silence),
        TEST(refuses_whoever_may_not),
        TEST(answers_no_garbage),
        TEST(answers_from_the_address_that_was_asked),
        TEST(keeps_blocks_within_the_mtu),
        TEST(gives_each_transfer_a_port_of_its_own),
        TEST(repeats_its_answer_to_a_repeated_request),
        TEST(begins_anew_once_the_client_had_answered),
        TEST(a_late_copy_does_not_end_a_transfer_that_is_slow),
        TEST(another_request_of_the_same_port_begins_anew),
        TEST(lets_a_client_begin_its_upload_anew_from_another_port),
        TEST(serves_no_more_at_once_than_it_may),
        TEST(one_after_the_other_is_one_at_once),
        TEST(who_never_answered_makes_room),
    };

    return cmocka_run_group_tests_name("intake", tests, caller_group_setup, NULL) != 0;
}
