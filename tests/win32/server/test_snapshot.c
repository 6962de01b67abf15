/*
 * What `tftpd status` shows, made while transfers run: their progress, the totals, and the one that an administrator ends.
 */
#include "caller.h"
#include "house.h"

enum { MIB = 1024 * 1024, BLOCK = 512 };

static struct caller reader;
static struct caller writer;
static struct snapshot now;
static struct snapshot_transfer list[SNAPSHOT_TRANSFERS_MAX];

static int set_up(void **state)
{
    struct house *house;

    house_setup(state);
    house = *state;
    files_make(house_path(house, "boot.img"), MIB, 1);
    caller_open(&reader, "127.0.0.1", 0);
    caller_open(&writer, "127.0.0.2", 0);
    return 0;
}

static int tear_down(void **state)
{
    caller_close(&reader);
    caller_close(&writer);
    return house_teardown(state);
}

static void look(const struct house *house)
{
    server_look(house->server, &now, list);
}

/* The one of this direction; NULL if there is none. */
static const struct snapshot_transfer *find(bool is_upload)
{
    for (uint32_t i = 0; i < now.transfer_count; i++)
        if (list[i].is_upload == is_upload)
            return &list[i];
    return NULL;
}

static void read_to(uint16_t block)
{
    for (uint16_t number = 1; number <= block; number++) {
        caller_must_hear_block(&reader, number);
        caller_ack(&reader, number);
    }
}

static void shows_running_transfers(void **state)
{
    struct house *house = *state;
    uint8_t block[BLOCK] = {0};
    const struct snapshot_transfer *t;

    caller_ask_read(&reader, "BOOT.img", "tsize 0");
    caller_must_hear(&reader, "OACK tsize=1048576");
    look(house);
    assert_int_equal(now.running, 1);
    assert_int_equal(now.unanswered, 1);
    assert_false(find(false)->has_answered);
    caller_ack(&reader, 0);
    read_to(100);
    caller_ask_write(&writer, "new.cfg", "tsize 5000 blksize 512");
    caller_hear(&writer);
    caller_data(&writer, 1, block, sizeof block);
    caller_must_hear(&writer, "ACK 1");
    do /* the worker has the last acknowledgment only a moment later */
        look(house);
    while (find(false)->bytes < 100 * BLOCK);
    assert_int_equal(now.running, 2);
    assert_int_equal(now.transfer_count, 2);
    assert_int_equal(now.unanswered, 0);
    assert_int_equal(now.totals.started, 2);
    assert_int_equal(now.totals.bytes_sent, 100 * BLOCK);
    assert_int_equal(now.totals.bytes_received, BLOCK);
    assert_true(now.cache_reads >= 1 && now.cache_bytes_read >= 65536);
    t = find(false);
    assert_true(t->has_answered && t->has_size && !t->is_netascii && t->size == MIB && t->blksize == BLOCK);
    assert_string_equal(t->name, "boot.img"); /* as the file system spells it */
    assert_int_equal(t->client.port, caller_own_port(&reader));
    t = find(true);
    assert_true(t->has_size && t->size == 5000 && t->bytes == BLOCK && t->windowsize == 1);
    assert_string_equal(t->name, "new.cfg");
    assert_int_not_equal(t->id, find(false)->id);
}

/* A name may write backwards, and status shows it beside others. */
static void shows_names_without_what_misleads(void **state)
{
    struct house *house = *state;

    caller_ask_write(&writer,
                     "gnp.\xe2\x80\xae"
                     "exe",
                     "timeout 5");
    caller_must_hear(&writer, "OACK timeout=5");
    look(house);
    assert_string_equal(find(true)->name, "gnp.???exe");
}

static void counts_what_has_ended_once(void **state)
{
    struct house *house = *state;

    assert_string_equal(caller_fetch(&reader, "boot.img", "blksize 8192", MIB, 1), "");
    assert_string_equal(caller_store(&writer, "new.bin", "", 1000, 2), "");
    caller_ask_read(&reader, "none", "");
    caller_must_hear(&reader, "ERROR 1");
    caller_ask_read(&reader, "../x", "");
    caller_must_hear(&reader, "ERROR 2");
    house_rest(house, 0);
    look(house);
    assert_int_equal(now.transfer_count, 0);
    assert_int_equal(now.totals.outcomes[OUTCOME_DONE], 2);
    assert_int_equal(now.totals.finished, 2);
    assert_int_equal(now.totals.bytes_sent, MIB);
    assert_int_equal(now.totals.bytes_received, 1000);
    assert_int_equal(now.totals.refused, 2);
    assert_int_equal(now.totals.refusals[REFUSAL_NOT_FOUND], 1);
    assert_int_equal(now.totals.refusals[REFUSAL_READ], 1);
}

static void ends_one_transfer_and_no_other(void **state)
{
    struct house *house = *state;

    caller_ask_read(&reader, "boot.img", "timeout 5");
    caller_must_hear(&reader, "OACK timeout=5");
    caller_ask_write(&writer, "new.cfg", "timeout 5");
    caller_must_hear(&writer, "OACK timeout=5");
    look(house);
    assert_false(server_stop_transfer(house->server, 999999));
    uint32_t id = find(false)->id;
    assert_true(server_stop_transfer(house->server, id));
    caller_must_hear(&reader, "ERROR 0");
    assert_non_null(strstr(house_hear(house, EVENT_FETCH_FAILED), "an administrator ended the transfer"));
    assert_string_equal(caller_hear_for(&writer, 100), "silence");
    house_rest(house, 1);
    look(house);
    assert_int_equal(now.running, 1);
    assert_null(find(false));
    assert_false(server_stop_transfer(house->server, id));
    assert_int_equal(now.totals.outcomes[OUTCOME_ENDED], 1);
    assert_true(server_stop_transfer(house->server, find(true)->id));
    caller_must_hear(&writer, "ERROR 0");
    house_rest(house, 0);
    assert_int_equal(files_await(house->directory, 1), 1);
}

/* More than are told one by one are still counted. */
static void tells_a_bounded_number(void **state)
{
    enum { MORE = SNAPSHOT_TRANSFERS_MAX + 50 };
    struct house *house = *state;

    house_close(house);
    house_set(house, "MaxTransfersPerClient", "2000");
    house_set(house, "FirstSends", "10"); /* so that none is given up meanwhile */
    assert_int_equal(house_start(house), SERVER_STARTED);
    for (unsigned i = 0; i < MORE; i++) {
        uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
        caller_close(&reader);
        caller_open(&reader, "127.0.0.1", (uint16_t)(20000 + i));
        caller_ask_read(&reader, "boot.img", "timeout 200");
        while (i % 10 == 9 && house_look(house).unanswered <= i && GetTickCount64() < end_ms)
            Sleep(0);
    }
    look(house);
    assert_int_equal(now.running, MORE);
    assert_int_equal(now.transfer_count, SNAPSHOT_TRANSFERS_MAX);
    assert_int_equal(now.unanswered, MORE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shows_running_transfers),    TEST(shows_names_without_what_misleads),
        TEST(counts_what_has_ended_once), TEST(ends_one_transfer_and_no_other),
        TEST(tells_a_bounded_number),
    };

    return cmocka_run_group_tests_name("snapshot", tests, caller_group_setup, NULL) != 0;
}
