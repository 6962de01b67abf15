#include "unit.h"

#include "core/events/event.h"

#include <stdio.h>

static struct event full_event(uint16_t id)
{
    struct event event = event_of(id, "NAME", "DETAIL");

    event.client = endpoint_ipv4(10, 0, 0, 5, 2070);
    event.mac = (struct mac){{0x52, 0x54, 0, 0x12, 0x34, 0x56}, MAC_BY_NEIGHBOUR};
    event.words = "WORDS";
    event.number = 4711;
    event.bytes = 1234567890123u;
    event.duration_ms = 12045;
    event.blocks_resent = 99;
    event.is_netascii = true;
    event.agreement.blksize = 1456;
    event.agreement.granted_count = 1;
    event.agreement.granted[0] = OPTION_BLKSIZE;
    return event;
}

static const struct {
    const char *field, *value;
} fields[] = {
    {"client", "10.0.0.5:2070"},
    {"name", "NAME"},
    {"detail", "DETAIL"},
    {"words", "WORDS"},
    {"mode", "netascii"},
    {"options", "blksize=1456"},
    {"bytes", "1234567890123"},
    {"duration", "12.045 s"},
    {"resent", "99"},
    {"mac", "; MAC 52:54:00:12:34:56"},
    {"number", "4711"},
};

/* The text with its fields filled in here, and the fields in the order of their appearance. */
static size_t fill(const char *text, char *filled, const char *inserts[EVENT_INSERTS_MAX])
{
    size_t count = 0;
    size_t used = 0;

    while (*text != 0) {
        if (*text != '{') {
            filled[used++] = *text++;
            continue;
        }
        size_t length = strcspn(text, "}") + 1;
        size_t i = 0;
        while (i < COUNT_OF(fields) &&
               !(strlen(fields[i].field) == length - 2 && strncmp(text + 1, fields[i].field, length - 2) == 0))
            i++;
        CHECK(i < COUNT_OF(fields), "there is no field %s", text);
        CHECK(count < EVENT_INSERTS_MAX, "too many fields");
        memcpy(filled + used, fields[i].value, strlen(fields[i].value));
        used += strlen(fields[i].value);
        inserts[count++] = fields[i].value;
        text += length;
    }
    filled[used] = 0;
    return count;
}

static void test_every_event(void **state)
{
    (void)state;
    for (size_t i = 0; i < event_kind_count; i++) {
        const struct event_kind *kind = &event_kinds[i];
        struct event event = full_event(kind->id);
        char expected[EVENT_TEXT_MAX], text[EVENT_TEXT_MAX], buffer[EVENT_INSERT_BYTES_MAX];
        const char *wanted[EVENT_INSERTS_MAX];
        const char *inserts[EVENT_INSERTS_MAX];
        size_t count = fill(kind->text, expected, wanted);
        assert_ptr_equal(event_text(&event, text, sizeof text), text);
        assert_string_equal(text, expected);
        assert_int_equal(event_inserts(&event, inserts, buffer), count);
        for (size_t k = 0; k < count; k++)
            assert_string_equal(inserts[k], wanted[k]);
    }
}

static void test_table_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < event_kind_count; i++) {
        CHECK(event_kind(event_kinds[i].id) == &event_kinds[i], "id %u twice", (unsigned)event_kinds[i].id);
        CHECK(i == 0 || event_kinds[i].id > event_kinds[i - 1].id, "id %u out of order", (unsigned)event_kinds[i].id);
        assert_true(event_kinds[i].level <= EVENT_ERROR && strlen(event_kinds[i].name) > 0);
        assert_in_range(event_kinds[i].category, CATEGORY_SERVICE, CATEGORY_END - 1);
        /* A table of Markdown must stay one. */
        assert_null(strchr(event_kinds[i].text, '|'));
        assert_null(strchr(event_kinds[i].advice, '|'));
    }
    for (enum event_category category = CATEGORY_SERVICE; category < CATEGORY_END; category++)
        assert_non_null(event_category_text(category));
    assert_null(event_kind(0));
    assert_null(event_kind(99));
    assert_null(event_kind(65535));
}

static void test_an_event_of_nothing(void **state)
{
    char text[EVENT_TEXT_MAX], buffer[EVENT_INSERT_BYTES_MAX];
    const char *inserts[EVENT_INSERTS_MAX];

    (void)state;
    for (size_t i = 0; i < event_kind_count; i++) {
        struct event event = event_of((enum event_id)event_kinds[i].id, NULL, NULL);
        assert_string_equal(event.name, "");
        assert_true(strlen(event_text(&event, text, sizeof text)) > 0);
        event_inserts(&event, inserts, buffer);
    }
}

/* The longest texts fit; every smaller room gets the beginning. */
static void test_cut_to_size(void **state)
{
    char name[EVENT_NAME_MAX + 20];
    char text[EVENT_TEXT_MAX], cut[EVENT_TEXT_MAX], buffer[EVENT_INSERT_BYTES_MAX];
    const char *inserts[EVENT_INSERTS_MAX];

    (void)state;
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = 0;
    struct event event = full_event(EVENT_FETCH_FAILED);
    event.agreement.granted_count = 7;
    for (uint8_t i = 0; i < 7; i++)
        event.agreement.granted[i] = i;
    struct event longest = event_of(EVENT_FETCH_FAILED, name, name);
    memcpy(event.name, longest.name, sizeof event.name);
    memcpy(event.detail, longest.detail, sizeof event.detail);
    assert_int_equal(strlen(event.name), EVENT_NAME_MAX - 1);
    assert_int_equal(strlen(event.detail), EVENT_DETAIL_MAX - 1);
    event_text(&event, text, sizeof text);
    assert_non_null(strstr(text, "99 blocks resent"));
    for (size_t size = 1; size < strlen(text) + 2; size++) {
        memset(cut, 'x', sizeof cut);
        event_text(&event, cut, size);
        CHECK(strlen(cut) < size && strncmp(cut, text, strlen(cut)) == 0 &&
                  strlen(cut) + 1 >= size - (size > strlen(text)),
              "size %u", (unsigned)size);
        assert_int_equal(cut[size], 'x');
    }
    assert_int_equal(event_inserts(&event, inserts, buffer), 10);
    assert_string_equal(inserts[8], "99");
    assert_string_equal(inserts[9], "; MAC 52:54:00:12:34:56");
}

static void test_no_half_character(void **state)
{
    char name[EVENT_NAME_MAX + 2];

    (void)state;
    for (size_t before = EVENT_NAME_MAX - 5; before < EVENT_NAME_MAX; before++) {
        memset(name, 'n', sizeof name);
        memcpy(name + before, "\xe2\x82\xac", 2 + (before < EVENT_NAME_MAX - 1));
        name[before + 3 < sizeof name - 1 ? before + 3 : sizeof name - 1] = 0;
        struct event event = event_of(EVENT_STARTED, name, NULL);
        size_t expected = before + 3 < EVENT_NAME_MAX ? before + 3 : before;
        CHECK(strlen(event.name) == expected, "%u: %u", (unsigned)before, (unsigned)strlen(event.name));
    }
}

static struct event of_transfer(enum transfer_outcome outcome, bool is_upload, const char *client_text,
                                uint32_t blksize)
{
    struct endpoint client = endpoint_ipv4(10, 0, 0, 5, 2070);
    struct agreement agreement = {.blksize = blksize};
    struct transfer_report report = {.outcome = outcome,
                                     .status = STATUS_FULL,
                                     .client_code = 3,
                                     .client_text = span_of_text(client_text),
                                     .bytes = 77,
                                     .blocks_resent = 2,
                                     .duration_ms = 5};

    return event_of_transfer("f", &client, is_upload, false, &agreement, &report, false);
}

static void test_each_outcome(void **state)
{
    static const struct {
        enum transfer_outcome outcome;
        uint16_t download, upload;
    } rows[] = {
        {OUTCOME_DONE, EVENT_FETCHED, EVENT_STORED},
        {OUTCOME_UNCONFIRMED, EVENT_FETCHED_UNCONFIRMED, 0},
        {OUTCOME_PROBE, EVENT_PROBED, 0}, /* CLIENTS.md rule 2: a probe is no failure */
        {OUTCOME_CLIENT_ERROR, EVENT_FETCH_FAILED, EVENT_STORE_FAILED},
        {OUTCOME_NEVER_ANSWERED, EVENT_FETCH_FAILED, EVENT_STORE_FAILED},
        {OUTCOME_NEVER_TOOK_DATA, EVENT_FETCH_FAILED, 0},
        {OUTCOME_MISUNDERSTOOD, EVENT_FETCH_FAILED, EVENT_STORE_FAILED},
        {OUTCOME_SILENT, EVENT_FETCH_FAILED, EVENT_STORE_FAILED},
        {OUTCOME_STUCK, EVENT_FETCH_FAILED, EVENT_STORE_FAILED},
        {OUTCOME_OVERSIZED, 0, EVENT_STORE_FAILED},
        {OUTCOME_TOO_LARGE, 0, EVENT_STORE_FAILED},
        {OUTCOME_WRONG_SIZE, 0, EVENT_STORE_FAILED},
        {OUTCOME_FILE_ERROR, EVENT_FETCH_FAILED, EVENT_DISK_FULL},
        {OUTCOME_STOPPED, EVENT_FETCH_FAILED, EVENT_STORE_FAILED},
        {OUTCOME_ENDED, EVENT_FETCH_FAILED, EVENT_STORE_FAILED},
        {OUTCOME_SUPERSEDED, EVENT_ENDED_EARLY, EVENT_ENDED_EARLY},
        {OUTCOME_EVICTED, EVENT_EVICTED, EVENT_EVICTED},
    };

    (void)state;
    assert_int_equal(COUNT_OF(rows), OUTCOME_COUNT);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct event event = of_transfer(rows[i].outcome, false, "", 512);
        CHECK(rows[i].download == 0 || event.id == rows[i].download, "row %u", (unsigned)i);
        assert_string_equal(event.words, rows[i].outcome == OUTCOME_FILE_ERROR
                                             ? status_text(STATUS_FULL)
                                             : transfer_outcome_text(rows[i].outcome));
        assert_true(event.bytes == 77 && event.blocks_resent == 2 && event.duration_ms == 5);
        event = of_transfer(rows[i].outcome, true, "", 512);
        CHECK(rows[i].upload == 0 || event.id == rows[i].upload, "row %u", (unsigned)i);
    }
}

/* What the client wrote reaches the log without control characters, and cut. */
static void test_the_clients_words(void **state)
{
    char long_text[400];

    (void)state;
    struct event event = of_transfer(OUTCOME_CLIENT_ERROR, false, "File too large", 512);
    assert_string_equal(event.detail, " 3 \"File too large\"");
    /* It ends where its quotation mark says so, and reads from left to right. */
    event = of_transfer(OUTCOME_CLIENT_ERROR, false, "x\"; octet, no options, 100 bytes \xe2\x80\xae", 512);
    assert_string_equal(event.detail, " 3 \"x?; octet, no options, 100 bytes ???\"");
    event = of_transfer(OUTCOME_CLIENT_ERROR, false, "a\nb\x01\xff", 512);
    assert_string_equal(event.detail, " 3 \"a?b??\"");
    memset(long_text, 'x', sizeof long_text);
    long_text[sizeof long_text - 1] = 0;
    event = of_transfer(OUTCOME_CLIENT_ERROR, true, long_text, 512);
    /* Of a text without end 127 bytes. */
    assert_int_equal(strlen(event.detail), strlen(" 3 \"\"") + 127);
    event = of_transfer(OUTCOME_DONE, true, "text", 512);
    assert_string_equal(event.detail, "");
}

/* Whatever the client's request was about: an administrator looks for the disk. */
static void test_a_full_disk_is_its_own_event(void **state)
{
    struct endpoint client = endpoint_ipv4(10, 0, 0, 5, 2070);
    struct agreement agreement = {.blksize = 512};
    struct transfer_report report = {.outcome = OUTCOME_FILE_ERROR, .status = STATUS_BROKEN};

    (void)state;
    assert_int_equal(event_of_transfer("f", &client, true, false, &agreement, &report, false).id, EVENT_STORE_FAILED);
    report.status = STATUS_FULL;
    assert_int_equal(event_of_transfer("f", &client, true, false, &agreement, &report, false).id, EVENT_DISK_FULL);
    assert_int_equal(event_of_transfer("f", &client, false, false, &agreement, &report, false).id, EVENT_FETCH_FAILED);
}

static void test_levels(void **state)
{
    (void)state;
    assert_int_equal(event_lowest_level(0), EVENT_ERROR);
    assert_int_equal(event_lowest_level(1), EVENT_WARNING);
    assert_int_equal(event_lowest_level(2), EVENT_INFORMATION);
    assert_int_equal(event_lowest_level(3), EVENT_DETAIL);
    assert_int_equal(event_lowest_level(UINT32_MAX), EVENT_DETAIL);
}

/* What a stranger can cause as often as he likes; what an administrator waits for is none of it. */
static void test_what_is_forgeable(void **state)
{
    static const struct {
        enum event_id id;
        bool is_forgeable;
    } rows[] = {
        {EVENT_NOT_FOUND, true}, {EVENT_READ_REFUSED, true}, {EVENT_REQUEST_ILLEGAL, true},
        {EVENT_TOO_BUSY, true},  {EVENT_FETCHED, false},     {EVENT_STORED, false},
        {EVENT_STARTED, false},  {EVENT_DISK_FULL, false},   {EVENT_STORE_FAILED, false},
        {EVENT_NO_ROOM, true},   {EVENT_UNHEARD, true},      {EVENT_FETCH_FAILED, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct event event = event_of(rows[i].id, NULL, NULL);
        CHECK(event_is_forgeable(&event) == rows[i].is_forgeable, "event %u", (unsigned)rows[i].id);
    }
    /* However a transfer ends: what counts is whether its client has shown that it is there. */
    struct endpoint client = endpoint_ipv4(10, 0, 0, 5, 2070);
    struct agreement agreement = {.blksize = 512};
    for (int outcome = 0; outcome < 2 * OUTCOME_COUNT; outcome++) {
        struct transfer_report report = {.outcome = (enum transfer_outcome)(outcome / 2), .status = STATUS_FULL};
        struct event event = event_of_transfer("f", &client, true, false, &agreement, &report, outcome % 2);
        CHECK(event_is_forgeable(&event) == (outcome % 2 == 1), "outcome %d", outcome / 2);
    }
    struct event event = event_of_beginning("f", &client, false, false, &agreement);
    assert_true(event_is_forgeable(&event));
}

static void test_a_transfer_begins(void **state)
{
    struct endpoint client = endpoint_ipv4(10, 0, 0, 5, 2070);
    struct agreement agreement = {.blksize = 1468};

    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct event event = event_of_beginning("f", &client, kind & 1, kind & 2, &agreement);
        assert_int_equal(event.id, kind & 1 ? EVENT_STORE_BEGUN : EVENT_FETCH_BEGUN);
        assert_string_equal(event.name, "f");
        assert_true(endpoint_equal(&event.client, &client));
        assert_int_equal(event.is_netascii, (kind & 2) != 0);
        assert_int_equal(event.agreement.blksize, 1468);
    }
}

static void test_json(void **state)
{
    struct event event = full_event(EVENT_FETCH_FAILED);
    char json[EVENT_JSON_MAX];
    static const char expected[] =
        "{\"time\":\"2026-11-25T18:43:00.123Z\",\"id\":210,\"level\":\"warning\",\"category\":\"transfer\","
        "\"event\":\"fetch_failed\",\"name\":\"a\\\\b \\\"c\\\"\",\"client\":\"10.0.0.5\",\"port\":2070,"
        "\"words\":\"WORDS\",\"detail\":\"DETAIL\",\"mode\":\"netascii\",\"options\":\"blksize=1456\","
        "\"bytes\":1234567890123,\"duration_ms\":12045,\"resent\":99,\"mac\":\"52:54:00:12:34:56\",\"mac_source\":\"neighbour\",\"text\":\"sending \\\"a\\\\b \\\"c\\\"\\\" to "
        "10.0.0.5:2070 failed: WORDSDETAIL; netascii, blksize=1456, 1234567890123 bytes acknowledged in 12.045 s, 99 "
        "blocks resent; MAC 52:54:00:12:34:56\"}";

    (void)state;
    snprintf(event.name, sizeof event.name, "a\\b \"c\"");
    size_t length = event_json(&event, "2026-11-25T18:43:00.123Z", json);
    assert_string_equal(json, expected);
    assert_int_equal(length, strlen(expected));
    event.mac.source = MAC_UNKNOWN;
    event_json(&event, "2026-11-25T18:43:00.123Z", json);
    assert_null(strstr(json, "mac"));
    assert_non_null(strstr(json, "blocks resent\"}"));
}

/* The longest of each kind, every byte of it to be escaped as far as it may come here. */
static void test_the_longest_json_fits(void **state)
{
    char json[EVENT_JSON_MAX];

    (void)state;
    for (size_t i = 0; i < event_kind_count; i++) {
        struct event event = full_event(event_kinds[i].id);
        memset(event.name, '"', sizeof event.name - 1);
        memset(event.detail, '\\', sizeof event.detail - 1);
        event.agreement.granted_count = 7;
        for (uint8_t k = 0; k < 7; k++)
            event.agreement.granted[k] = k;
        assert_true(event_json(&event, "2026-11-25T18:43:00.123Z", json) < sizeof json);
        assert_non_null(strstr(json, "\"text\":"));
    }
}

static void test_hint_at_fragments(void **state)
{
    (void)state;
    struct event event = of_transfer(OUTCOME_NEVER_TOOK_DATA, false, "", 1428);
    assert_non_null(strstr(event.detail, "of 1428 bytes"));
    assert_non_null(strstr(event.detail, "MaxBlockSize"));
    event = of_transfer(OUTCOME_NEVER_TOOK_DATA, false, "", 1400);
    assert_string_equal(event.detail, "");
}

static void test_blocks_larger_than_agreed(void **state)
{
    struct endpoint client = endpoint_ipv4(10, 0, 0, 5, 2070);
    struct transfer_report report = {.outcome = OUTCOME_OVERSIZED, .oversize = 1428};
    struct agreement agreement = {.blksize = 1024, .granted_count = 1};

    (void)state;
    struct event event = event_of_transfer("f", &client, true, false, &agreement, &report, false);
    assert_string_equal(event.detail,
                        ", 1428 bytes in place of 1024: the client does not heed what it is granted; raise "
                        "MaxBlockSize, or set the client lower");
    agreement = (struct agreement){.blksize = 512};
    event = event_of_transfer("f", &client, true, false, &agreement, &report, false);
    assert_string_equal(event.detail,
                        ", 1428 bytes in place of 512: the client does not heed that it was granted no block size");
}

static void test_refusals(void **state)
{
    static const struct {
        enum event_id id;
        enum refusal refusal;
    } rows[] = {
        {EVENT_NOT_FOUND, REFUSAL_NOT_FOUND}, {EVENT_READ_REFUSED, REFUSAL_READ},
        {EVENT_WRITE_REFUSED, REFUSAL_WRITE}, {EVENT_REQUEST_ILLEGAL, REFUSAL_ILLEGAL},
        {EVENT_TOO_BUSY, REFUSAL_BUSY},       {EVENT_NO_ROOM, REFUSAL_DISK_FULL},
        {EVENT_FILE_TROUBLE, REFUSAL_FILE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(event_refusal(rows[i].id), rows[i].refusal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_larger_than_agreed),
        cmocka_unit_test(test_every_event),
        cmocka_unit_test(test_a_transfer_begins),
        cmocka_unit_test(test_table_is_sound),
        cmocka_unit_test(test_an_event_of_nothing),
        cmocka_unit_test(test_cut_to_size),
        cmocka_unit_test(test_no_half_character),
        cmocka_unit_test(test_each_outcome),
        cmocka_unit_test(test_the_clients_words),
        cmocka_unit_test(test_hint_at_fragments),
        cmocka_unit_test(test_a_full_disk_is_its_own_event),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_what_is_forgeable),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_the_longest_json_fits),
        cmocka_unit_test(test_refusals),
    };

    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
