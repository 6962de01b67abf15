/* link: -Wl,--wrap=file_open,--wrap=file_read,--wrap=upload_write,--wrap=upload_commit,--wrap=cache_pin,--wrap=cache_unpin */
/*
 * Transfers whose disk is slow or fails: only they notice.
 */
#include "caller.h"
#include "house.h"

#include "../unit/wire.h"

#include "win32/disk/cache.h"

#include <stdio.h>
#include <stdlib.h>

enum { IMAGE_SIZE = 5 * CACHE_CHUNK_SIZE + 100, CROWD = 100, HOLD_MS = 3 * PATIENCE_MS };

enum status __real_file_open(struct root *root, const char *path, struct opened_file *opened);
enum status __wrap_file_open(struct root *root, const char *path, struct opened_file *opened);
enum status __real_file_read(HANDLE handle, uint64_t offset, void *bytes, uint32_t size, uint32_t *got);
enum status __wrap_file_read(HANDLE handle, uint64_t offset, void *bytes, uint32_t size, uint32_t *got);
enum status __real_upload_write(struct upload *upload, uint64_t offset, const void *bytes, uint32_t size);
enum status __wrap_upload_write(struct upload *upload, uint64_t offset, const void *bytes, uint32_t size);
enum status __real_upload_commit(struct upload *upload);
enum status __wrap_upload_commit(struct upload *upload);

/* What the disk is made to do to the files "slow*" and to uploads. */
static struct {
    HANDLE gate; /* what they do waits for it */
    bool holds_opens;
    bool holds_reads;
    uint64_t holds_from; /* reads at this offset and behind it */
    bool holds_writes;
    volatile LONG held;
    volatile LONG writes;    /* that came, held or not */
    volatile LONG forgotten; /* waited for a gate that did not open in time: somebody was stalled */
    enum status read_status;
    enum status write_status;
    enum status commit_status;
    DWORD commit_error;
} disk;

static void hold(bool is_held)
{
    if (!is_held)
        return;
    InterlockedIncrement(&disk.held);
    if (WaitForSingleObject(disk.gate, HOLD_MS) != WAIT_OBJECT_0)
        InterlockedIncrement(&disk.forgotten);
    InterlockedDecrement(&disk.held);
}

enum status __wrap_file_open(struct root *root, const char *path, struct opened_file *opened)
{
    hold(disk.holds_opens && strncmp(path, "slow", 4) == 0);
    return __real_file_open(root, path, opened);
}

enum cache_answer __real_cache_pin(struct cache *, struct cached_file *, uint32_t, struct chunk_hint *,
                                   enum cache_reader, struct cache_waiter *, enum status *);
enum cache_answer __wrap_cache_pin(struct cache *, struct cached_file *, uint32_t, struct chunk_hint *,
                                   enum cache_reader, struct cache_waiter *, enum status *);
void __real_cache_unpin(const struct chunk_hint *hint);
void __wrap_cache_unpin(const struct chunk_hint *hint);

static volatile LONG pins; /* and not let go */

enum cache_answer __wrap_cache_pin(struct cache *cache, struct cached_file *file, uint32_t number,
                                   struct chunk_hint *hint, enum cache_reader reader, struct cache_waiter *waiter,
                                   enum status *status)
{
    enum cache_answer answer = __real_cache_pin(cache, file, number, hint, reader, waiter, status);

    if (answer == CACHE_PINNED)
        InterlockedIncrement(&pins);
    return answer;
}

void __wrap_cache_unpin(const struct chunk_hint *hint)
{
    InterlockedDecrement(&pins);
    __real_cache_unpin(hint);
}

static bool is_slow(HANDLE handle)
{
    char path[FILES_PATH_MAX];

    return GetFinalPathNameByHandleA(handle, path, sizeof path, 0) > 0 && strstr(path, "slow") != NULL;
}

enum status __wrap_file_read(HANDLE handle, uint64_t offset, void *bytes, uint32_t size, uint32_t *got)
{
    bool is_hit = is_slow(handle);

    hold(disk.holds_reads && is_hit && offset >= disk.holds_from);
    *got = 0;
    return is_hit && disk.read_status != STATUS_OK ? disk.read_status
                                                   : __real_file_read(handle, offset, bytes, size, got);
}

enum status __wrap_upload_write(struct upload *upload, uint64_t offset, const void *bytes, uint32_t size)
{
    InterlockedIncrement(&disk.writes);
    hold(disk.holds_writes);
    return disk.write_status ? disk.write_status : __real_upload_write(upload, offset, bytes, size);
}

enum status __wrap_upload_commit(struct upload *upload)
{
    upload->error = disk.commit_error;
    return disk.commit_status ? disk.commit_status : __real_upload_commit(upload);
}

static struct caller caller;
static struct caller second;
static struct caller third;

static int set_up(void **state)
{
    struct house *house;

    memset(&disk, 0, sizeof disk);
    disk.gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    house_setup(state);
    house = *state;
    house_close(house);
    house_set(house, "FileThreads", "4"); /* the one slow file takes two: its chunk, and the one read ahead */
    assert_int_equal(house_start(house), SERVER_STARTED);
    files_make(house_path(house, "fast.img"), IMAGE_SIZE, 1);
    files_make(house_path(house, "slow.img"), IMAGE_SIZE, 2);
    files_make_text(house_path(house, "text"), "one\ntwo\r\n\rthree\n");
    caller_open(&caller, "127.0.0.1", 0);
    caller_open(&second, "127.0.0.1", 0);
    caller_open(&third, "127.0.0.1", 0);
    return 0;
}

static int tear_down(void **state)
{
    SetEvent(disk.gate);
    caller_close(&caller);
    caller_close(&second);
    caller_close(&third);
    house_teardown(state);
    CloseHandle(disk.gate);
    return disk.forgotten != 0 || pins != 0;
}

static void check_fetch(struct caller *c, const char *name, const char *options, unsigned seed)
{
    const char *answer = caller_fetch(c, name, options, IMAGE_SIZE, seed);

    CHECK(answer[0] == 0, "%s with \"%s\": %s %s", name, options, answer, caller_words(c));
}

static void await(const volatile LONG *counter, LONG count)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;

    while (*counter < count && GetTickCount64() < end_ms)
        Sleep(1);
    assert_true(*counter >= count);
}

static void await_held(LONG count)
{
    await(&disk.held, count);
}

/* The caller has the OACK of slow.img and wants its first block, which the disk does not give. */
static void begin_slow(struct caller *c)
{
    disk.holds_reads = true;
    caller_ask_read(c, "slow.img", "blksize 1000");
    caller_must_hear(c, "OACK blksize=1000");
    caller_ack(c, 0);
    await_held(1);
}

/* The disk gives what it held, and the caller takes the whole file. */
static void finish_slow(struct caller *c)
{
    disk.holds_reads = false;
    SetEvent(disk.gate);
    for (uint16_t block = 1;; block++) {
        caller_must_hear_block(c, block);
        assert_true(files_match(c->bytes + 4, c->size - 4, 2, (uint64_t)(block - 1) * 1000));
        caller_ack(c, block);
        if (c->size < 1004)
            return;
    }
}

static void a_slow_disk_stalls_nobody_else(void **state)
{
    struct house *house = *state;

    begin_slow(&caller);
    for (int i = 0; i < 8; i++) /* on every worker and listener */
        check_fetch(&second, "fast.img", i % 2 ? "blksize 1400 windowsize 4" : "", 1);
    assert_string_equal(caller_store(&second, "new", "", 10000, 3), "");
    caller_ask_read(&second, "none", "");
    caller_must_hear(&second, "ERROR 1");
    caller_ack(&caller, 0); /* it asks again meanwhile, which is dropped */
    finish_slow(&caller);
    assert_int_equal(house_rest(house, 0).totals.failed, 0);
}

/* A block that lies in two chunks, of which the second is not there yet. */
static void waits_for_the_second_half_of_a_block(void **state)
{
    (void)state;
    disk.holds_reads = true;
    disk.holds_from = CACHE_CHUNK_SIZE;
    caller_ask_read(&caller, "slow.img", "blksize 40000");
    caller_must_hear(&caller, "OACK blksize=40000");
    caller_ack(&caller, 0);
    caller_must_hear(&caller, "DATA 1");
    caller_ack(&caller, 1);
    await_held(1);
    check_fetch(&second, "fast.img", "blksize 40000", 1);
    SetEvent(disk.gate);
    caller_must_hear_block(&caller, 2);
    assert_true(files_match(caller.bytes + 4, 40000, 2, 40000));
}

static void a_slow_open_stalls_nobody_else(void **state)
{
    struct house *house = *state;

    journal_set_limits(house->journal, EVENT_DETAIL, &(struct event_rates){1000, 1000});
    disk.holds_opens = true;
    caller_ask_read(&caller, "slow.img", "blksize 1000 timeout 60");
    await_held(1);
    for (int i = 0; i < 5; i++)
        check_fetch(&second, "fast.img", "", 1);
    caller_ask_read(&caller, "slow.img", "blksize 1000 timeout 60"); /* its answer is on its way */
    assert_true(house_hear(house, EVENT_REQUEST_REPEATED)[0] != 0);
    disk.holds_opens = false;
    SetEvent(disk.gate);
    caller_must_hear(&caller, "OACK blksize=1000 timeout=60");
    assert_string_equal(caller_hear_for(&caller, 100), "silence");
}

static void what_was_superseded_while_it_was_opened_never_answers(void **state)
{
    struct house *house = *state;

    disk.holds_opens = true;
    caller_ask_read(&caller, "slow.img", "blksize 1000");
    await_held(1);
    check_fetch(&caller, "fast.img", "blksize 1200", 1);
    disk.holds_opens = false;
    SetEvent(disk.gate);
    uint64_t started = house_rest(house, 0).totals.started;
    assert_string_equal(caller_hear_for(&caller, 100), "silence");
    assert_int_equal(started, 1);
}

static void what_is_superseded_while_it_waits_ends_quietly(void **state)
{
    struct house *house = *state;

    begin_slow(&caller);
    check_fetch(&caller, "fast.img", "", 1);
    disk.holds_reads = false;
    SetEvent(disk.gate);
    house_rest(house, 0);
    assert_true(house_hear(house, EVENT_ENDED_EARLY)[0] != 0);
    assert_string_equal(caller_hear_for(&caller, 100), "silence");
}

static void tells_the_client_that_reading_failed(void **state)
{
    struct house *house = *state;

    disk.read_status = STATUS_BROKEN;
    caller_ask_read(&caller, "slow.img", "blksize 1000");
    caller_must_hear(&caller, "OACK blksize=1000");
    caller_ack(&caller, 0);
    caller_must_hear(&caller, "ERROR 0");
    assert_non_null(strstr(house_hear(house, EVENT_FETCH_FAILED), "cannot read"));
    caller_ask_read(&caller, "slow.img", ""); /* read before the first answer */
    caller_must_hear(&caller, "ERROR 0");
    disk.read_status = STATUS_CHANGED;
    caller_ask_read(&caller, "slow.img", "tsize 0");
    caller_must_hear(&caller, "OACK tsize=327780");
    caller_ack(&caller, 0);
    caller_must_hear(&caller, "ERROR 0");
    assert_non_null(strstr(caller_words(&caller), "shorter"));
    disk.read_status = STATUS_OK;
    check_fetch(&caller, "slow.img", "", 2);
}

/* Nothing of it has begun: one event, one count, and the words of what failed. */
static void a_first_read_that_fails_is_one_refusal(void **state)
{
    static const struct {
        enum status status;
        const char *words;
    } rows[] = {{STATUS_BROKEN, "cannot read"}, {STATUS_CHANGED, "shorter"}};
    struct house *house = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        disk.read_status = rows[i].status;
        caller_ask_read(&caller, "slow.img", "");
        caller_must_hear(&caller, "ERROR 0");
        assert_non_null(strstr(caller_words(&caller), rows[i].words));
        house_rest(house, 0);
    }
    struct snapshot now = house_look(house);
    assert_int_equal(now.totals.refused, COUNT_OF(rows));
    assert_int_equal(now.totals.refusals[REFUSAL_FILE], COUNT_OF(rows));
    assert_int_equal(now.totals.started + now.totals.failed, 0);
    house_close(house);
    assert_int_equal(house_count(house, EVENT_FILE_TROUBLE), COUNT_OF(rows));
    assert_int_equal(house_count(house, EVENT_FETCH_FAILED), 0);
}

static void begin_upload(const char *options, const char *answer)
{
    uint8_t block[512] = {0};

    caller_ask_write(&caller, "new", options);
    caller_must_hear(&caller, answer);
    caller_data(&caller, 1, block, 100);
}

static void tells_the_client_that_writing_failed(void **state)
{
    struct house *house = *state;
    static const struct {
        enum status write;
        enum status commit;
        const char *answer;
    } cases[] = {
        {STATUS_FULL, STATUS_OK, "ERROR 3"},
        {STATUS_BROKEN, STATUS_OK, "ERROR 0"},
        {STATUS_OK, STATUS_EXISTS, "ERROR 6"},
        {STATUS_OK, STATUS_DENIED, "ERROR 2"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        disk.write_status = cases[i].write;
        disk.commit_status = cases[i].commit;
        begin_upload("", "ACK 0");
        caller_must_hear(&caller, cases[i].answer);
        house_rest(house, 0);
    }
    disk.commit_status = STATUS_OK;
    house_close(house);
    assert_int_equal(house_count(house, EVENT_DISK_FULL), 1);
    assert_int_equal(house_count(house, EVENT_STORE_FAILED), COUNT_OF(cases) - 1);
    assert_int_equal(files_count(house->directory), 3);
}

/* "cannot read or write" is not yet why: that is what Windows says. */
static void tells_what_windows_says_of_a_failed_upload(void **state)
{
    struct house *house = *state;

    disk.commit_status = STATUS_BROKEN;
    disk.commit_error = ERROR_CRC;
    begin_upload("", "ACK 0");
    caller_must_hear(&caller, "ERROR 0");
    const char *text = house_hear(house, EVENT_STORE_FAILED);
    assert_non_null(strstr(text, "cannot read or write the file: "));
    assert_non_null(strstr(text, " (23); octet"));
}

static void acknowledges_the_last_block_once_it_is_stored(void **state)
{
    struct house *house = *state;

    disk.holds_writes = true;
    begin_upload("", "ACK 0");
    await_held(1);
    assert_string_equal(caller_hear_for(&caller, 50), "silence");
    assert_false(files_exist(house_path(house, "new")));
    check_fetch(&second, "fast.img", "", 1);
    disk.holds_writes = false;
    SetEvent(disk.gate);
    caller_must_hear(&caller, "ACK 1");
    assert_true(files_exist(house_path(house, "new")));
    /* At once for everybody, though the server still waits for a repeated last block. */
    caller_ask_read(&second, "new", "");
    caller_must_hear(&second, "DATA 1");
    assert_int_equal(second.size, 104);
}

static DWORD WINAPI open_gate_later(void *context)
{
    (void)context;
    Sleep(100);
    SetEvent(disk.gate);
    return 0;
}

static void stops_while_the_disk_is_slow(void **state)
{
    struct house *house = *state;

    begin_slow(&caller);
    disk.holds_writes = true;
    caller_ask_write(&second, "new", "");
    caller_must_hear(&second, "ACK 0");
    caller_data(&second, 1, "x", 1);
    await(&disk.writes, 1);
    HANDLE opener = CreateThread(NULL, 0, open_gate_later, NULL, 0, NULL);
    house_close(house);
    WaitForSingleObject(opener, PATIENCE_MS);
    CloseHandle(opener);
    while (caller_hear(&caller)[0] == 'D') /* a block that was under way */
        ;
    assert_string_equal(caller.text, "ERROR 0");
    assert_non_null(strstr(caller_words(&caller), "stopping"));
    caller_must_hear(&second, "ACK 1"); /* it was complete */
    assert_true(files_exist(house_path(house, "new")));
}

static void await_full_cache(const struct house *house)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;
    struct snapshot now = house_look(house);

    for (; now.cache_bytes_held < now.cache_bytes_max && GetTickCount64() < end_ms; Sleep(1))
        now = house_look(house);
    assert_int_equal(now.cache_bytes_held, now.cache_bytes_max);
}

/* What comes again is acknowledged again: the ACK may have come while the block was read once more to be repeated. */
static bool await_end_of(const struct house *house, struct caller *crowd)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;

    for (; house_look(house).running > 0 && GetTickCount64() < end_ms; Sleep(10))
        for (int i = 0; i < CROWD; i++)
            if (strcmp(caller_hear_for(&crowd[i], 0), "silence") != 0)
                caller_ack(&crowd[i], caller_block(&crowd[i]));
    return house_look(house).running == 0;
}

/* More transfers than the cache has chunks, all waiting for the same disk. */
static void a_crowd_gets_through_a_small_cache(void **state)
{
    struct house *house = *state;
    static struct caller crowd[CROWD];
    char name[16];

    disk.holds_reads = true;
    for (int i = 0; i < CROWD; i++) {
        snprintf(name, sizeof name, "slow%d", i);
        files_make(house_path(house, name), CACHE_CHUNK_SIZE + 5, 10 + (unsigned)i);
        caller_open(&crowd[i], "127.0.0.1", 0);
        caller_ask_read(&crowd[i], name, "blksize 32768");
        caller_must_hear(&crowd[i], "OACK blksize=32768");
        caller_ack(&crowd[i], 0);
    }
    await_full_cache(house);
    /* Nor is one told that its file cannot be read: it asks again, when there is room. */
    caller_ask_read(&caller, "fast.img", "");
    assert_non_null(strstr(house_hear(house, EVENT_TOO_BUSY), "CacheSize"));
    assert_string_equal(caller_hear_for(&caller, 100), "silence");
    disk.holds_reads = false;
    SetEvent(disk.gate);
    for (unsigned block = 1; block <= 3; block++) {
        for (int i = 0; i < CROWD; i++) {
            caller_must_hear_block(&crowd[i], (uint16_t)block);
            assert_true(files_match(crowd[i].bytes + 4, crowd[i].size - 4, 10 + (unsigned)i, (block - 1) * 32768));
            caller_ack(&crowd[i], (uint16_t)block);
        }
    }
    assert_true(await_end_of(house, crowd));
    for (int i = 0; i < CROWD; i++)
        caller_close(&crowd[i]);
    check_fetch(&caller, "fast.img", "", 1);
    struct snapshot_totals totals = house_rest(house, 0).totals;
    assert_int_equal(totals.finished, CROWD + 1);
    assert_int_equal(totals.refused, 1);
    assert_int_equal(totals.failed, 0);
}

static void ask_in_netascii(struct caller *c, unsigned opcode, const char *name)
{
    uint8_t bytes[WIRE_SIZE_MAX];

    caller_send(c, &c->service, bytes, wire_request(bytes, opcode, name, "NetASCII", "blksize 8"));
}

static void translates_netascii_both_ways(void **state)
{
    static const char wire[] = "one\r\ntwo\r\n\r\0three\r\n";
    struct house *house = *state;
    char text[64] = "";
    size_t size = 0;

    ask_in_netascii(&caller, 1, "text");
    caller_must_hear(&caller, "OACK blksize=8");
    caller_ack(&caller, 0);
    for (uint16_t block = 1;; block++) {
        caller_hear(&caller);
        memcpy(text + size, caller.bytes + 4, caller.size - 4);
        size += caller.size - 4;
        caller_ack(&caller, block);
        if (caller.size < 12)
            break;
    }
    (void)wire; /* what a bare LF or CR becomes is the core's matter, and tested there */
    assert_memory_equal(text, "one\r\ntwo\r\n", 10);

    ask_in_netascii(&caller, 2, "stored");
    caller_must_hear(&caller, "OACK blksize=8");
    caller_data(&caller, 1, "a\r\nb\r\nc\r", 8);
    caller_must_hear(&caller, "ACK 1");
    caller_data(&caller, 2, "\nd", 2);
    caller_must_hear(&caller, "ACK 2");
    FILE *file = fopen(house_path(house, "stored"), "rb");
    assert_non_null(file);
    memset(text, 0, sizeof text);
    fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_string_equal(text, "a\r\nb\r\nc\r\nd");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_slow_disk_stalls_nobody_else),
        TEST(waits_for_the_second_half_of_a_block),
        TEST(a_slow_open_stalls_nobody_else),
        TEST(what_was_superseded_while_it_was_opened_never_answers),
        TEST(what_is_superseded_while_it_waits_ends_quietly),
        TEST(tells_the_client_that_reading_failed),
        TEST(a_first_read_that_fails_is_one_refusal),
        TEST(tells_the_client_that_writing_failed),
        TEST(tells_what_windows_says_of_a_failed_upload),
        TEST(acknowledges_the_last_block_once_it_is_stored),
        TEST(stops_while_the_disk_is_slow),
        TEST(a_crowd_gets_through_a_small_cache),
        TEST(translates_netascii_both_ways),
    };

    return cmocka_run_group_tests_name("session", tests, caller_group_setup, NULL) != 0;
}
