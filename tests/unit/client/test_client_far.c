/* Files beyond 4 GiB, which are nowhere but in their numbers; and what a window is worth where the server is far away. */
#include "unit.h"

#include "asker.h"
#include "client.h"
#include "driver.h"

#include <stdio.h>

enum {
    BLKSIZE = 65464,
    BLOCKS = 65700, /* their numbers begin anew, and so do 32 bits of their bytes */
    LAST = 12345,   /* bytes of the last one */
    ROUND_TRIP_MS = 25,
    WINDOWS = 60
};

static const uint64_t huge = (uint64_t)(BLOCKS - 1) * BLKSIZE + LAST;
static uint8_t memory[BLKSIZE + 4];
static uint8_t datagram[BLKSIZE + 4];

/* What is in the file at this offset, its first bytes. */
static void stamp(uint8_t *bytes, uint64_t offset)
{
    memcpy(bytes, &offset, sizeof offset);
}

static bool is_stamped(const uint8_t *bytes, uint64_t offset)
{
    return memcmp(bytes, &offset, sizeof offset) == 0;
}

static struct exchange_setup setup(bool is_put)
{
    return (struct exchange_setup){
        .server = endpoint_ipv4(10, 0, 0, 1, 69),
        .is_put = is_put,
        .name = "f",
        .blksize = BLKSIZE,
        .windowsize = 1,
        .wants_tsize = true,
        .timeout_ms = 1000,
        .retries = 5,
        .has_size = is_put,
        .size = huge,
        .memory = memory,
    };
}

static size_t oack(void)
{
    char options[64];

    snprintf(options, sizeof options, "tsize %llu blksize %d", (unsigned long long)huge, BLKSIZE);
    return asker_make_oack(datagram, options);
}

static void test_a_get_beyond_4_gib(void **state)
{
    static struct exchange x;
    static struct exchange_action action;
    struct exchange_setup how = setup(false);
    uint64_t written = 0;
    uint32_t block = 0;

    (void)state;
    exchange_begin(&x, &how, 0, &action);
    while (action.kind != EXCHANGE_COMMIT) {
        switch (action.kind) {
        case EXCHANGE_WRITE:
            assert_true(action.write.offset == written && is_stamped(action.write.bytes.bytes, written));
            written += action.write.bytes.size;
            exchange_answer(&x, CAUSE_DONE, 0, &action);
            break;
        case EXCHANGE_WAIT: {
            size_t size = oack();
            if (block > 0) {
                size = 4 + (block < BLOCKS ? BLKSIZE : LAST);
                write_u16(datagram, OPCODE_DATA);
                write_u16(datagram + 2, (uint16_t)block);
                stamp(datagram + 4, (uint64_t)(block - 1) * BLKSIZE);
            }
            block++;
            exchange_on_datagram(&x, 0, &asker_server, span_of(datagram, size), 0, &action);
            break;
        }
        default: assert_true(action.kind != EXCHANGE_FINISH); exchange_answer(&x, CAUSE_DONE, 0, &action);
        }
    }
    assert_true(action.size == huge && written == huge);
    assert_int_equal(block, BLOCKS + 1);
}

static void test_a_put_beyond_4_gib(void **state)
{
    static struct exchange x;
    static struct exchange_action action;
    static uint8_t source[BLKSIZE];
    struct exchange_setup how = setup(true);
    uint64_t sent = 0;
    uint16_t acked = 0;

    (void)state;
    exchange_begin(&x, &how, 0, &action);
    while (action.kind != EXCHANGE_FINISH) {
        switch (action.kind) {
        case EXCHANGE_READ:
            assert_true(action.read.offset == sent && action.read.size <= BLKSIZE);
            stamp(source, sent);
            exchange_answer_read(&x, CAUSE_DONE, span_of(source, action.read.size), 0, &action);
            break;
        case EXCHANGE_SEND:
            if (read_u16(action.send.bytes.bytes) == OPCODE_DATA) {
                acked = read_u16(action.send.bytes.bytes + 2);
                assert_int_equal(acked, (uint16_t)(sent / BLKSIZE + 1));
                assert_true(is_stamped(action.send.bytes.bytes + 4, sent));
                sent += action.send.bytes.size - 4;
            }
            exchange_answer(&x, CAUSE_DONE, 0, &action);
            break;
        case EXCHANGE_WAIT: {
            size_t size = sent == 0 ? oack() : 4;
            if (sent > 0) {
                write_u16(datagram, OPCODE_ACK);
                write_u16(datagram + 2, acked);
            }
            exchange_on_datagram(&x, 0, &asker_server, span_of(datagram, size), 0, &action);
            break;
        }
        default: exchange_answer(&x, CAUSE_DONE, 0, &action);
        }
    }
    assert_int_equal(action.finish.cause, CAUSE_DONE);
    assert_true(action.finish.bytes == huge && sent == huge);
}

/* -- 25 ms away, with what is asked for by itself and with one block at a time -- */

static uint64_t fetch_ms(uint32_t window, const uint8_t *file, size_t size)
{
    static struct asker a;
    static uint8_t data[1428 + 4];
    struct storer storer;
    size_t length;
    char options[64];

    snprintf(options, sizeof options, "blksize 1428 windowsize %u", window);
    storer_init(&storer, file, size, 1428, window, 0);
    asker_get(&a, GET, 1428, window, "");
    a.deliver = storer_take;
    a.context = &storer;
    asker_pass(&a, ROUND_TRIP_MS);
    asker_oack(&a, window > 1 ? options : "blksize 1428");
    storer.has_begun = true;
    while (a.exchange.state == EXCHANGE_MOVING) {
        asker_pass(&a, ROUND_TRIP_MS);
        for (uint32_t i = 0; i < window && (length = storer_next(&storer, data)) > 0; i++)
            asker_datagram(&a, span_of(data, length));
    }
    asker_timeout(&a);
    EXPECT(&a, "FINISH 0");
    assert_true(a.stored_size == size && a.action.finish.resent == 0);
    asker_free(&a);
    return a.action.finish.duration_ms;
}

static uint64_t store_ms(uint32_t window, const uint8_t *file, size_t size)
{
    static struct asker a;
    struct fetcher fetcher;
    char options[64];
    uint16_t block;

    snprintf(options, sizeof options, "blksize 1428 windowsize %u", window);
    fetcher_init(&fetcher, 1428, window, 0);
    asker_init(&a, PUT, file, size);
    a.setup.blksize = 1428;
    a.setup.windowsize = window;
    asker_begin(&a);
    a.deliver = fetcher_take;
    a.context = &fetcher;
    asker_pass(&a, ROUND_TRIP_MS);
    asker_oack(&a, window > 1 ? options : "blksize 1428");
    while (!a.is_finished) {
        asker_pass(&a, ROUND_TRIP_MS);
        assert_true(fetcher_next_reply(&fetcher, &block));
        asker_ack(&a, block);
    }
    EXPECT(&a, "FINISH 0");
    assert_true(fetcher.size == size && a.action.finish.resent == 0);
    fetcher_free(&fetcher);
    asker_free(&a);
    return a.action.finish.duration_ms;
}

static void test_far_away(void **state)
{
    const size_t size = (size_t)WINDOWS * 16 * 1428 - 1;
    const uint8_t *file = driver_content(size);

    (void)state;
    assert_true(fetch_ms(1, file, size) >= 14 * fetch_ms(16, file, size));
    assert_true(store_ms(1, file, size) >= 14 * store_ms(16, file, size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_get_beyond_4_gib),
        cmocka_unit_test(test_a_put_beyond_4_gib),
        cmocka_unit_test(test_far_away),
    };

    return cmocka_run_group_tests_name("client_far", tests, NULL, NULL);
}
