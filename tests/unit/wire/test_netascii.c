#include "unit.h"

#include "core/wire/netascii.h"
#include "guard.h"

enum { BYTES_MAX = 512 };

struct text {
    uint8_t bytes[BYTES_MAX];
    size_t size;
};

/* The whole input, lent in pieces of at most `lent`, into outputs of at most `room` bytes. */
static struct text encode(struct span input, size_t lent, size_t room)
{
    struct text out = {.size = 0};
    struct netascii state = {.has_seen_cr = false};
    size_t at = 0;

    while (at < input.size) {
        size_t piece = input.size - at < lent ? input.size - at : lent;
        uint8_t *output = guard_room(room);
        struct netascii_step step = netascii_encode(&state, guard_span(input.bytes + at, piece), output, room);
        assert_true(step.read <= piece && step.written <= room);
        assert_true(step.read > 0 || step.written > 0);
        memcpy(out.bytes + out.size, output, step.written);
        out.size += step.written;
        at += step.read;
    }
    for (;;) {
        uint8_t *output = guard_room(room);
        size_t written = netascii_encode_end(&state, output, room);
        if (written == 0)
            return out;
        memcpy(out.bytes + out.size, output, written);
        out.size += written;
    }
}

static struct text decode(struct span input, size_t piece_max)
{
    struct text out = {.size = 0};
    struct netascii state = {.has_seen_cr = false};

    for (size_t at = 0; at < input.size;) {
        size_t piece = input.size - at < piece_max ? input.size - at : piece_max;
        uint8_t *output = guard_room(piece + 1);
        size_t written = netascii_decode(&state, guard_span(input.bytes + at, piece), output);
        assert_true(written <= piece + 1);
        memcpy(out.bytes + out.size, output, written);
        out.size += written;
        at += piece;
    }
    uint8_t *output = guard_room(1);
    size_t written = netascii_decode_end(&state, output);
    memcpy(out.bytes + out.size, output, written);
    out.size += written;
    assert_int_equal(netascii_decode_end(&state, output), 0);
    return out;
}

/* clang-format off */
#define ROW(local, wire) {local, sizeof(local) - 1, wire, sizeof(wire) - 1}
/* clang-format on */
static const struct {
    const char *local;
    size_t local_size;
    const char *wire;
    size_t wire_size;
} encodings[] = {
    ROW("", ""),
    ROW("a", "a"),
    ROW("a\r\nb", "a\r\nb"),
    ROW("\r\n", "\r\n"),
    ROW("\r\n\r\n", "\r\n\r\n"),
    ROW("\n", "\r\n"),
    ROW("\n\n\n", "\r\n\r\n\r\n"),
    ROW("a\nb", "a\r\nb"),
    ROW("\r", "\r\0"),
    ROW("\r\r", "\r\0\r\0"),
    ROW("\r\r\n", "\r\0\r\n"),
    ROW("\r\n\r", "\r\n\r\0"),
    ROW("a\rb", "a\r\0b"),
    ROW("\ra\n", "\r\0a\r\n"),
    ROW("\0", "\0"),
    ROW("\r\0", "\r\0\0"),
    ROW("\xff\xfe\x80", "\xff\xfe\x80"),
    ROW("one\r\ntwo\nthree\rfour", "one\r\ntwo\r\nthree\r\0four"),
};

static const struct {
    const char *wire;
    size_t wire_size;
    const char *local;
    size_t local_size;
} decodings[] = {
    ROW("", ""),
    ROW("a\r\nb", "a\r\nb"),
    ROW("\r\0", "\r"),
    ROW("\r\0\n", "\r\n"),
    ROW("\r\0\0", "\r\0"),
    ROW("\n", "\n"),
    ROW("\0", "\0"),
    ROW("\r", "\r"),
    ROW("\r\r", "\r\r"),
    ROW("\r\r\0", "\r\r"),
    ROW("\r\r\n", "\r\r\n"),
    ROW("\ra", "\ra"),
    ROW("a\r", "a\r"),
    ROW("one\r\ntwo\r\0three", "one\r\ntwo\rthree"),
#undef ROW
};

/* A pair may be split anywhere: over what is lent, and over the blocks. */
static void test_encode_in_all_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(encodings); i++)
        for (size_t lent = 1; lent <= encodings[i].local_size + 1; lent++)
            for (size_t room = 1; room <= encodings[i].wire_size + 1; room++) {
                struct text out = encode(span_of(encodings[i].local, encodings[i].local_size), lent, room);
                CHECK(out.size == encodings[i].wire_size && memcmp(out.bytes, encodings[i].wire, out.size) == 0,
                      "row %u lent %u room %u", (unsigned)i, (unsigned)lent, (unsigned)room);
            }
}

static void test_decode_in_all_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(decodings); i++)
        for (size_t piece = 1; piece <= decodings[i].wire_size + 1; piece++) {
            struct text out = decode(span_of(decodings[i].wire, decodings[i].wire_size), piece);
            CHECK(out.size == decodings[i].local_size && memcmp(out.bytes, decodings[i].local, out.size) == 0,
                  "row %u piece %u", (unsigned)i, (unsigned)piece);
        }
}

/* Windows text comes back as it was; only a bare LF is different, which becomes CR LF. */
static void test_there_and_back(void **state)
{
    static const uint8_t letters[] = {'a', '\r', '\n', 0, 0xff};
    uint64_t random = 3;

    (void)state;
    for (int round = 0; round < 5000; round++) {
        struct text local = {.size = random_below(&random, 40)};
        struct text expected = {.size = 0};
        for (size_t i = 0; i < local.size; i++) {
            uint8_t byte = letters[random_below(&random, sizeof letters)];
            local.bytes[i] = byte;
            if (byte == '\n' && (i == 0 || local.bytes[i - 1] != '\r'))
                expected.bytes[expected.size++] = '\r';
            expected.bytes[expected.size++] = byte;
        }
        struct text wire =
            encode(span_of(local.bytes, local.size), 1 + random_below(&random, 9), 1 + random_below(&random, 9));
        struct text back = decode(span_of(wire.bytes, wire.size), 1 + random_below(&random, 9));
        CHECK(back.size == expected.size && memcmp(back.bytes, expected.bytes, back.size) == 0, "round %d", round);
    }
}

static void test_the_carry_waits_for_room(void **state)
{
    struct netascii netascii = {.has_seen_cr = false};
    uint8_t output[2];

    (void)state;
    struct netascii_step step = netascii_encode(&netascii, span_of("\n", 1), output, 1);
    assert_int_equal(step.read, 1);
    assert_int_equal(step.written, 1);
    assert_int_equal(output[0], '\r');
    assert_int_equal(netascii_encode_end(&netascii, output, 0), 0);
    step = netascii_encode(&netascii, span_of("x", 1), output, 1);
    assert_int_equal(step.read, 0);
    assert_int_equal(output[0], '\n');
    assert_int_equal(netascii_encode_end(&netascii, output, 2), 0);
    /* So does the NUL behind a last CR. */
    netascii_encode(&netascii, span_of("\r", 1), output, 1);
    assert_int_equal(netascii_encode_end(&netascii, output, 0), 0);
    assert_int_equal(netascii_encode_end(&netascii, output, 1), 1);
    assert_int_equal(output[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode_in_all_pieces),
        cmocka_unit_test(test_decode_in_all_pieces),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_the_carry_waits_for_room),
    };

    return cmocka_run_group_tests_name("netascii", tests, NULL, NULL);
}
