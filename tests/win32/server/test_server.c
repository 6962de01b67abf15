/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "caller.h"
#include "counts.h"
#include "house.h"

#include "win32/disk/root.h"

#include <stdio.h>
#include <stdlib.h>

enum { BOOT_SIZE = 70000, ATTEMPTS_MAX = 500, ROUNDS = 5 };

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *memory);

static volatile LONG allocated;             /* and not freed */
static volatile LONG until_empty = 1 << 30; /* allocations before one fails, and only that one */
static volatile LONG refused;

static bool is_refused(void)
{
    if (InterlockedDecrement(&until_empty) != 0)
        return false;
    InterlockedIncrement(&refused);
    return true;
}

static void *count_in(void *memory)
{
    if (memory != NULL)
        InterlockedIncrement(&allocated);
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return is_refused() ? NULL : count_in(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : count_in(__real_calloc(count, size));
}

void __wrap_free(void *memory)
{
    if (memory != NULL)
        InterlockedDecrement(&allocated);
    __real_free(memory);
}

static struct caller caller;
static struct caller second;

static int set_up(void **state)
{
    struct house *house;

    house_setup(state);
    house = *state;
    files_make(house_path(house, "boot.img"), BOOT_SIZE, 1);
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

static void check_fetch(struct caller *c, const char *name, size_t size, unsigned seed)
{
    const char *answer = caller_fetch(c, name, "blksize 1000", size, seed);

    CHECK(answer[0] == 0, "%s: %s %s", name, answer, caller_words(c));
}

static void begin_download(struct caller *c)
{
    caller_ask_read(c, "boot.img", "blksize 1000");
    caller_must_hear(c, "OACK blksize=1000");
    caller_ack(c, 0);
    caller_must_hear(c, "DATA 1");
}

/* The rest of a download that has its first block. */
static void finish_download(struct caller *c)
{
    for (uint16_t block = 1;; block++) {
        if (block > 1)
            caller_must_hear_block(c, block);
        assert_true(files_match(c->bytes + 4, c->size - 4, 1, (uint64_t)(block - 1) * 1000));
        caller_ack(c, block);
        if (c->size < 1004)
            return;
    }
}

static void begin_upload(struct caller *c)
{
    uint8_t block[512];

    files_fill(block, sizeof block, 5, 0);
    caller_ask_write(c, "new", "");
    caller_must_hear(c, "ACK 0");
    caller_data(c, 1, block, sizeof block);
    caller_must_hear(c, "ACK 1");
}

static void a_stop_tells_clients_and_leaves_nothing(void **state)
{
    struct house *house = *state;

    begin_download(&caller);
    begin_upload(&second);
    house_close(house);
    caller_must_hear(&caller, "ERROR 0");
    assert_non_null(strstr(caller_words(&caller), "stopping"));
    caller_must_hear(&second, "ERROR 0");
    assert_int_equal(files_count(house->directory), 1);
    assert_int_equal(house_count(house, EVENT_FETCH_FAILED), 1);
    assert_int_equal(house_count(house, EVENT_STORE_FAILED), 1);
}

static void starts_and_stops_again_and_again(void **state)
{
    struct house *house = *state;
    unsigned handles = 0;
    unsigned threads = 0;
    LONG memory = 0;

    for (int round = 0; round < ROUNDS; round++) {
        check_fetch(&caller, "boot.img", BOOT_SIZE, 1);
        begin_download(&second);
        caller_ask_read(&caller, "boot.img", ""); /* on its way while it stops */
        house_close(house);
        while (strcmp(caller_hear_for(&caller, 20), "silence") != 0)
            ;
        while (strcmp(caller_hear_for(&second, 20), "silence") != 0)
            ;
        if (round == 0) {
            handles = counts_handles();
            threads = counts_threads();
            memory = allocated;
        }
        assert_int_equal(counts_handles(), handles);
        assert_int_equal(counts_threads(), threads);
        assert_int_equal(allocated, memory);
        assert_int_equal(house_start(house), SERVER_STARTED);
    }
}

static void drains_what_runs(void **state)
{
    struct house *house = *state;

    begin_download(&caller);
    assert_false(server_drain(house->server, 50));
    caller_ask_read(&second, "boot.img", "");
    assert_string_equal(caller_hear_for(&second, 100), "silence");
    finish_download(&caller);
    assert_true(server_drain(house->server, PATIENCE_MS));
    assert_int_equal(house_look(house).totals.finished, 1);
}

static void new_access_holds_for_new_transfers(void **state)
{
    struct house *house = *state;

    begin_download(&caller);
    house_set(house, "Clients", "10.0.0.0/8");
    house_set(house, "Masters", "");
    server_reload(house->server, &house->config);
    caller_ask_read(&second, "boot.img", "");
    caller_must_hear(&second, "ERROR 2");
    finish_download(&caller);
    house_set(house, "Clients", "127.0.0.1");
    server_reload(house->server, &house->config);
    check_fetch(&second, "boot.img", BOOT_SIZE, 1);
}

static void a_new_directory_holds_for_new_transfers(void **state)
{
    struct house *house = *state;
    const char *other = files_directory();
    uint8_t block[100];

    files_make(files_path(other, "boot.img"), 3000, 2);
    begin_download(&caller);
    begin_upload(&second);
    house_set(house, "Directory", other);
    server_reload(house->server, &house->config);
    files_fill(block, sizeof block, 5, 512);
    caller_data(&second, 2, block, sizeof block);
    caller_must_hear(&second, "ACK 2");
    assert_true(files_hold(house_path(house, "new"), 612, 5));
    check_fetch(&second, "boot.img", 3000, 2);
    finish_download(&caller);
    house_rest(house, 0);
    check_fetch(&caller, "boot.img", 3000, 2);
    assert_int_equal(files_await(other, 1), 1);
}

static void a_bad_directory_changes_nothing(void **state)
{
    struct house *house = *state;

    house_set(house, "Directory", "C:\\no\\such");
    house_set(house, "Masters", "");
    server_reload(house->server, &house->config);
    assert_non_null(strstr(house_hear(house, EVENT_DIRECTORY_FAILED), "C:\\no\\such"));
    check_fetch(&caller, "boot.img", BOOT_SIZE, 1);
    caller_ask_write(&caller, "new", ""); /* the other parameters are in force */
    caller_must_hear(&caller, "ERROR 2");
}

static void what_needs_a_restart_waits_for_it(void **state)
{
    struct house *house = *state;

    house_set(house, "Port", "6969");
    house_set(house, "MaxTransfers", "1");
    assert_true(server_reload(house->server, &house->config));
    assert_int_equal(house->config.port, 69);
    begin_download(&caller);
    check_fetch(&second, "boot.img", BOOT_SIZE, 1);
    house_close(house);
    house_set(house, "Port", "6969");
    house_set(house, "MaxTransfers", "1");
    assert_int_equal(house_start(house), SERVER_STARTED);
    second.service = caller_address("127.0.0.1", 6969);
    check_fetch(&second, "boot.img", BOOT_SIZE, 1);
}

/* One allocation fails, then the next, until all were tried: it starts nevertheless, or leaves nothing behind. */
static void starts_or_leaves_nothing_when_memory_runs_out(void **state)
{
    struct house *house = *state;
    unsigned failures = 0;

    server_stop(house->server, NULL, NULL);
    house->server = NULL;
    unsigned handles = counts_handles();
    unsigned threads = counts_threads();
    LONG memory = allocated;
    for (LONG attempt = 1; attempt < ATTEMPTS_MAX; attempt++) {
        refused = 0;
        until_empty = attempt;
        enum server_failure failure = house_start(house);
        until_empty = 1 << 30;
        CHECK(failure == SERVER_STARTED || refused == 1, "attempt %ld failed with %d", attempt, failure);
        failures += failure != SERVER_STARTED;
        if (failure == SERVER_STARTED) {
            check_fetch(&caller, "boot.img", BOOT_SIZE, 1); /* it is not deaf */
            server_stop(house->server, NULL, NULL);
        }
        house->server = NULL;
        journal_flush(house->journal, PATIENCE_MS);
        CHECK(allocated == memory, "attempt %ld leaves %ld blocks", attempt, allocated - memory);
        CHECK(counts_handles() == handles, "attempt %ld leaves %u handles", attempt, counts_handles() - handles);
        CHECK(counts_threads() == threads, "attempt %ld leaves %u threads", attempt, counts_threads() - threads);
        if (failure == SERVER_STARTED && refused == 0)
            break;
    }
    assert_true(failures > 10);
}

/* The same for each allocation of a request and its transfer: the client is told, or serves itself the next time. */
static void serves_on_when_memory_was_out(void **state)
{
    struct house *house = *state;

    for (LONG attempt = 1; attempt <= 12; attempt++) {
        until_empty = attempt;
        caller_ask_read(&caller, "boot.img", attempt % 2 ? "" : "blksize 1000");
        caller_hear_for(&caller, 300);
        caller_send(&caller, &caller.server, "\0\5\0\0", 5);
        caller_ask_write(&second, "new", "");
        caller_hear_for(&second, 300);
        caller_send(&second, &second.server, "\0\5\0\0", 5);
        until_empty = 1 << 30;
        house_rest(house, 0);
        check_fetch(&caller, "boot.img", BOOT_SIZE, 1);
    }
    house_close(house);
    assert_int_equal(files_count(house->directory), 1);
}

/* To the shell: the start directory, and a place beside it. */
static void move_directory(const struct house *house, const char *command)
{
    char line[3 * FILES_PATH_MAX];
    const char *here = files_unix_path(house->directory);

    snprintf(line, sizeof line, "here='%s'; there='%s-gone'; %s", here, here, command);
    files_run_unix(line);
    Sleep(ROOT_DOUBT_MS); /* so that whoever misses a name has it looked at */
}

static void serves_a_directory_that_was_put_in_its_place(void **state)
{
    struct house *house = *state;

    begin_download(&second);
    move_directory(house, "mv $here $there && mkdir $here");
    files_make(house_path(house, "new.img"), 3000, 2);
    check_fetch(&caller, "new.img", 3000, 2);
    caller_ask_read(&caller, "boot.img", "");
    caller_must_hear(&caller, "ERROR 1");
    finish_download(&second); /* what runs keeps what it has */
    assert_non_null(strstr(house_hear(house, EVENT_DIRECTORY_FOUND), "another directory is in its place"));
    house_close(house);
    assert_int_equal(house_count(house, EVENT_DIRECTORY_FOUND), 1);
    assert_int_equal(house_count(house, EVENT_DIRECTORY_LOST), 0);
}

static void a_lost_directory_comes_back_by_a_reload_too(void **state)
{
    struct house *house = *state;

    for (unsigned round = 1; round <= 2; round++) {
        move_directory(house, "mv $here $there");
        for (int i = 0; i < 3; i++) {
            caller_ask_read(&caller, "boot.img", "");
            caller_must_hear(&caller, "ERROR 0");
            assert_string_equal(caller_words(&caller), status_text(STATUS_ROOT_LOST));
        }
        caller_ask_write(&caller, "new.img", "");
        caller_must_hear(&caller, "ERROR 0");
        move_directory(house, "mv $there $here");
        server_reload(house->server, &house->config);
        check_fetch(&caller, "boot.img", BOOT_SIZE, 1);
        journal_flush(house->journal, PATIENCE_MS);
        assert_int_equal(house_count(house, EVENT_DIRECTORY_LOST), round);
        assert_int_equal(house_count(house, EVENT_DIRECTORY_FOUND), round);
    }
    assert_non_null(strstr(house_hear(house, EVENT_DIRECTORY_LOST), house->directory));
    server_reload(house->server, &house->config);
    house_close(house);
    assert_int_equal(house_count(house, EVENT_DIRECTORY_FOUND), 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stop_tells_clients_and_leaves_nothing),
        TEST(starts_and_stops_again_and_again),
        TEST(drains_what_runs),
        TEST(new_access_holds_for_new_transfers),
        TEST(a_new_directory_holds_for_new_transfers),
        TEST(a_bad_directory_changes_nothing),
        TEST(serves_a_directory_that_was_put_in_its_place),
        TEST(a_lost_directory_comes_back_by_a_reload_too),
        TEST(what_needs_a_restart_waits_for_it),
        TEST(starts_or_leaves_nothing_when_memory_runs_out),
        TEST(serves_on_when_memory_was_out),
    };

    return cmocka_run_group_tests_name("server", tests, caller_group_setup, NULL) != 0;
}
