#include "unit.h"

#include "core/wire/packet.h"
#include "guard.h"
#include "wire.h"

static enum decoding decode(struct packet *packet, const void *bytes, size_t size)
{
    memset(packet, 0xEE, sizeof *packet);
    return packet_decode(packet, guard_span(bytes, size));
}

#define DECODE(packet, literal) decode(packet, literal, sizeof(literal) - 1)

static void assert_span(struct span span, const char *text)
{
    CHECK(span.size == strlen(text) && memcmp(span.bytes, text, span.size) == 0, "expected \"%s\"", text);
}

static void test_request(void **state)
{
    struct packet p;

    (void)state;
    assert_int_equal(DECODE(&p, "\0\1\\Boot\\BCD\0octet\0tsize\0"
                                "0\0blksize\0"
                                "1456\0"),
                     DECODING_OK);
    assert_int_equal(p.opcode, OPCODE_RRQ);
    assert_span(p.name, "\\Boot\\BCD");
    assert_span(p.mode, "octet");
    assert_int_equal(p.option_count, 2);
    assert_span(p.options[0].name, "tsize");
    assert_span(p.options[0].value, "0");
    assert_span(p.options[1].name, "blksize");
    assert_span(p.options[1].value, "1456");

    assert_int_equal(DECODE(&p, "\0\2name\0NetAscii\0"), DECODING_OK);
    assert_int_equal(p.opcode, OPCODE_WRQ);
    assert_span(p.mode, "NetAscii");
    assert_int_equal(p.option_count, 0);

    /* Empty name and mode are for others to judge. */
    assert_int_equal(DECODE(&p, "\0\1\0\0"), DECODING_OK);
    assert_span(p.name, "");
    assert_span(p.mode, "");
}

/* CLIENTS.md rule 6: empty values, unknown options, NUL padding and trailing garbage do not spoil the request. */
static void test_rule_6_what_follows_the_mode(void **state)
{
    struct packet p;

    (void)state;
    /* iPXE: "multicast" with an empty value; what follows still counts. */
    assert_int_equal(DECODE(&p, "\0\1f\0octet\0multicast\0\0tsize\0"
                                "0\0"),
                     DECODING_OK);
    assert_int_equal(p.option_count, 2);
    assert_span(p.options[0].value, "");
    assert_span(p.options[1].name, "tsize");
    /* NUL padding. */
    assert_int_equal(DECODE(&p, "\0\1f\0octet\0tsize\0"
                                "0\0\0\0\0\0\0blksize\0"
                                "8\0"),
                     DECODING_OK);
    assert_int_equal(p.option_count, 1);
    assert_int_equal(DECODE(&p, "\0\1f\0octet\0\0\0\0"), DECODING_OK);
    assert_int_equal(p.option_count, 0);
    /* Apple OpenFirmware: garbage without an end. */
    assert_int_equal(DECODE(&p, "\0\1f\0octet\0\x01\xff garbage"), DECODING_OK);
    assert_int_equal(p.option_count, 0);
    assert_int_equal(DECODE(&p, "\0\1f\0octet\0tsize\0"
                                "0\0blksize\0"
                                "145"),
                     DECODING_OK);
    assert_int_equal(p.option_count, 1);
    assert_int_equal(DECODE(&p, "\0\1f\0octet\0tsize\0"), DECODING_OK);
    assert_int_equal(p.option_count, 0);
}

static void test_more_options_than_there_is_room_for(void **state)
{
    uint8_t bytes[WIRE_SIZE_MAX];
    struct packet p;
    char options[256] = "";

    (void)state;
    for (int i = 0; i < PACKET_OPTIONS_MAX + 3; i++)
        strcat(options, "a 1 ");
    size_t size = wire_request(bytes, 1, "f", "octet", options);
    assert_int_equal(decode(&p, bytes, size), DECODING_OK);
    assert_int_equal(p.option_count, PACKET_OPTIONS_MAX);
}

static void test_data_and_ack(void **state)
{
    struct packet p;

    (void)state;
    assert_int_equal(DECODE(&p, "\0\3\x12\x34payload"), DECODING_OK);
    assert_int_equal(p.opcode, OPCODE_DATA);
    assert_int_equal(p.block, 0x1234);
    assert_span(p.data, "payload");
    assert_int_equal(DECODE(&p, "\0\3\xff\xff"), DECODING_OK);
    assert_int_equal(p.block, 0xffff);
    assert_int_equal(p.data.size, 0);
    assert_int_equal(DECODE(&p, "\0\4\0\7"), DECODING_OK);
    assert_int_equal(p.opcode, OPCODE_ACK);
    assert_int_equal(p.block, 7);
    assert_int_equal(p.data.size, 0);
    /* CLIENTS.md rule 13: an ACK of five bytes is one. */
    assert_int_equal(DECODE(&p, "\0\4\0\7\x10"), DECODING_OK);
    assert_int_equal(p.data.size, 1);
    assert_int_equal(p.data.bytes[0], 0x10);
}

static void test_error(void **state)
{
    struct packet p;

    (void)state;
    assert_int_equal(DECODE(&p, "\0\5\0\10User aborted the transfer\0"), DECODING_OK);
    assert_int_equal(p.opcode, OPCODE_ERROR);
    assert_int_equal(p.code, 8);
    assert_span(p.data, "User aborted the transfer");
    assert_int_equal(DECODE(&p, "\0\5\0\0TFTP Aborted"), DECODING_OK);
    assert_span(p.data, "TFTP Aborted");
    assert_int_equal(DECODE(&p, "\0\5\1\2"), DECODING_OK);
    assert_int_equal(p.code, 0x102);
    assert_span(p.data, "");
    assert_int_equal(DECODE(&p, "\0\5\0\0text\0garbage"), DECODING_OK);
    assert_span(p.data, "text");
}

static void test_oack(void **state)
{
    struct packet p;

    (void)state;
    assert_int_equal(DECODE(&p, "\0\6blksize\0"
                                "1456\0"),
                     DECODING_OK);
    assert_int_equal(p.opcode, OPCODE_OACK);
    assert_int_equal(p.option_count, 1);
    assert_int_equal(DECODE(&p, "\0\6"), DECODING_OK);
    assert_int_equal(p.option_count, 0);
}

static void test_malformed(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        enum decoding decoding;
    } rows[] = {
        {"", 0, DECODING_MALFORMED},
        {"\0", 1, DECODING_MALFORMED},
        {"\0\1", 2, DECODING_NO_NAME},
        {"\0\1name", 6, DECODING_NO_NAME},
        {"\0\2name", 6, DECODING_NO_NAME},
        {"\0\1name\0", 7, DECODING_NO_MODE},
        {"\0\1name\0octet", 12, DECODING_NO_MODE},
        {"\0\2name\0octet", 12, DECODING_NO_MODE},
        {"\0\3", 2, DECODING_MALFORMED},
        {"\0\3\0", 3, DECODING_MALFORMED},
        {"\0\4", 2, DECODING_MALFORMED},
        {"\0\4\0", 3, DECODING_MALFORMED},
        {"\0\5", 2, DECODING_MALFORMED},
        {"\0\5\0", 3, DECODING_MALFORMED},
        {"\0\0", 2, DECODING_UNKNOWN_OPCODE},
        {"\0\7", 2, DECODING_UNKNOWN_OPCODE},
        {"\0\xff", 2, DECODING_UNKNOWN_OPCODE},
        {"\1\1name\0octet\0", 13, DECODING_UNKNOWN_OPCODE},
        {"\xff\xff garbage", 10, DECODING_UNKNOWN_OPCODE},
    };
    struct packet p;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(decode(&p, rows[i].bytes, rows[i].size) == rows[i].decoding, "row %u", (unsigned)i);
        CHECK(rows[i].decoding != DECODING_NO_NAME || p.name.size + p.mode.size == 0, "row %u has a name", (unsigned)i);
    }
}

/* Every cut of a long request, and random bytes: all spans lie inside the datagram, and nothing is read behind it. */
static void check_inside(const struct packet *p, struct span datagram, enum decoding decoding)
{
    const uint8_t *end = datagram.bytes + datagram.size;

    if (decoding != DECODING_OK)
        return;
    if (p->opcode == OPCODE_RRQ || p->opcode == OPCODE_WRQ) {
        assert_true(p->name.bytes >= datagram.bytes && p->name.bytes + p->name.size < end);
        assert_true(p->mode.bytes >= datagram.bytes && p->mode.bytes + p->mode.size < end);
    } else if (p->opcode != OPCODE_OACK) {
        assert_true(p->data.bytes >= datagram.bytes && p->data.bytes + p->data.size <= end);
    }
    assert_true(p->option_count <= PACKET_OPTIONS_MAX);
    for (unsigned i = 0; i < p->option_count; i++) {
        assert_true(p->options[i].name.size > 0 && p->options[i].name.bytes >= datagram.bytes);
        assert_true(p->options[i].value.bytes + p->options[i].value.size < end);
    }
}

static void test_every_cut_and_random_bytes(void **state)
{
    uint8_t bytes[WIRE_SIZE_MAX];
    uint64_t random = 1;
    struct packet p;

    (void)state;
    size_t size = wire_request(bytes, 1, "dir/name", "octet", "tsize 0 blksize 1456 multicast ~ windowsize 4");
    for (size_t cut = 0; cut <= size; cut++) {
        struct span datagram = guard_span(bytes, cut);
        check_inside(&p, datagram, packet_decode(&p, datagram));
    }
    for (int round = 0; round < 50000; round++) {
        size_t length = random_below(&random, 40);
        for (size_t i = 0; i < length; i++)
            bytes[i] = (uint8_t)(random_below(&random, 3) ? random_below(&random, 8) : random_next(&random));
        if (length > 0)
            bytes[0] = 0;
        struct span datagram = guard_span(bytes, length);
        check_inside(&p, datagram, packet_decode(&p, datagram));
    }
}

static void test_encode(void **state)
{
    uint8_t *bytes = guard_room(4);
    char long_text[PACKET_ERROR_TEXT_MAX + 50];

    (void)state;
    assert_int_equal(packet_encode_ack(bytes, 0xfffe), 4);
    assert_memory_equal(bytes, "\0\4\xff\xfe", 4);
    packet_encode_data_header(bytes, 0x0102);
    assert_memory_equal(bytes, "\0\3\1\2", 4);

    bytes = guard_room(19);
    assert_int_equal(packet_encode_error(bytes, 1, "File not found"), 19);
    assert_memory_equal(bytes, "\0\5\0\1File not found\0", 19);
    bytes = guard_room(5);
    assert_int_equal(packet_encode_error(bytes, 0x0300, ""), 5);
    assert_memory_equal(bytes, "\0\5\3\0\0", 5);

    memset(long_text, 'x', sizeof long_text);
    long_text[sizeof long_text - 1] = 0;
    bytes = guard_room(PACKET_HEADER_SIZE + PACKET_ERROR_TEXT_MAX + 1);
    assert_int_equal(packet_encode_error(bytes, 0, long_text), PACKET_HEADER_SIZE + PACKET_ERROR_TEXT_MAX + 1);
    assert_int_equal(bytes[PACKET_HEADER_SIZE + PACKET_ERROR_TEXT_MAX - 1], 'x');
    assert_int_equal(bytes[PACKET_HEADER_SIZE + PACKET_ERROR_TEXT_MAX], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_rule_6_what_follows_the_mode),
        cmocka_unit_test(test_more_options_than_there_is_room_for),
        cmocka_unit_test(test_data_and_ack),
        cmocka_unit_test(test_error),
        cmocka_unit_test(test_oack),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_every_cut_and_random_bytes),
        cmocka_unit_test(test_encode),
    };

    return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
